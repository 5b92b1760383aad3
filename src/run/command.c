/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.c - see command.h. */
#include "run/command.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"
#include "run/fds.h"
#include "run/filter.h"
#include "run/process.h"
#include "run/pty.h"
#include "run/seal.h"

/* The environment with PWD, as execve(2) takes it. */
static char **make_env(struct sbx_child *c, const char **ret_path)
{
	const struct sbx_plan *plan = c->plan;
	char **env = sbx_alloc_array(c->arena, plan->n_env + 2, sizeof *env);
	size_t n = 0;
	char *cwd = getcwd(NULL, 0);

	*ret_path = NULL;
	for (size_t i = 0; i < plan->n_env; i++) {
		if (sbx_streq(plan->env[i].name, "PWD") || sbx_streq(plan->env[i].name, "OLDPWD"))
			continue;
		if (sbx_streq(plan->env[i].name, "PATH"))
			*ret_path = plan->env[i].value;
		env[n++] = sbx_strf(c->arena, "%s=%s", plan->env[i].name, plan->env[i].value);
	}
	if (cwd)
		env[n++] = sbx_strf(c->arena, "PWD=%s", cwd);
	free(cwd);
	return env;
}

/* What may be executed, and what it says if there is nothing. */
struct candidates {
	const char **paths;
	size_t n;
	int err;
};

/*
 * Looks the command up in the sandbox's PATH, before the filter, which may forbid all but execve(2). What is there but
 * can't run counts more than what is not there.
 */
static struct candidates look_up(struct sbx_child *c, const char *path)
{
	const char *file = c->plan->file, *dir;
	struct candidates found = { .err = ENOENT };

	if (strchr(file, '/')) {
		SBX_APPEND(c->arena, found.paths, found.n) = file;
		return found;
	}
	for (dir = path ? path : "/usr/local/bin:/usr/bin:/bin";; dir++) {
		size_t len = strcspn(dir, ":");

		/* An empty entry is the current directory, execvp(3); in a sandbox that is never meant. */
		if (len > 0) {
			const char *candidate = sbx_strf(c->arena, "%.*s/%s", (int)len, dir, file);

			if (access(candidate, F_OK) == 0)
				SBX_APPEND(c->arena, found.paths, found.n) = candidate;
			else if (errno == EACCES)
				found.err = EACCES;
			else if (errno != ENOENT && errno != ENOTDIR && found.n == 0)
				found.err = errno;
		}
		dir += len;
		if (!*dir)
			return found;
	}
}

/* Returns the errno that describes the failure best. */
static int exec_command(const struct sbx_child *c, const struct candidates *found, char **env)
{
	int err = found->err;
	char **args;

	memcpy(&args, &c->plan->argv, sizeof args); /* execve(2) does not write through it */
	for (size_t i = 0; i < found->n; i++) {
		(void)execve(found->paths[i], args, env);
		if (errno != EACCES)
			return errno;
		err = EACCES;
	}
	return err;
}

static void limit_skipped(void *data, enum sbx_stage stage, int index, int err)
{
	const struct sbx_child *c = data;

	sbx_child_report(c, SBX_REPORT_SKIPPED, stage, index, err, NULL);
}

/* Not a proof by limits: an attempt, which any reason may refuse. */
static void assert_no_userns(struct sbx_child *c)
{
	struct sbx_process p;
	pid_t pid = sbx_process_clone(&p, CLONE_NEWUSER);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return;
	sbx_process_wait(&p);
	sbx_child_fail(c, SBX_STAGE_ASSERT_USERNS, -1, 0, NULL);
}

/*
 * Not before init has given up what it has; without its word it is dead, and we are as good as. Without an init
 * it is the supervisor that may have died before PR_SET_PDEATHSIG, which a change of ids also undoes.
 */
static void wait_for_init(struct sbx_child *c, int sealed_fd)
{
	struct pollfd p = { .fd = c->control_fd };

	/* Sealed with init already. */
	if (!c->plan->as_pid_1 && sealed_fd < 0)
		return;
	if (!c->plan->as_pid_1) {
		ssize_t n = read(sealed_fd, &(char){ 0 }, 1);

		if (n < 0)
			sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
		if (n == 0)
			_exit(SBX_EXIT_FAILURE);
		return;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	if (poll(&p, 1, 0) > 0 && p.revents & POLLHUP)
		_exit(SBX_EXIT_FAILURE);
}

void sbx_command_run(struct sbx_child *c, struct sbx_nested *nested, int sealed_fd, mode_t caller_umask)
{
	struct candidates found;
	enum sbx_stage stage;
	int index, r;
	const char *path;
	char **env;
	bool missing;

	/*
	 * A session of its own has no controlling terminal, and only the controlling terminal takes TIOCSTI
	 * (CVE-2017-5226), which the floor forbids otherwise. The group that it leads is what signals from the terminal
	 * go to. With a terminal of its own, or in the caller's session, init leads the one or the other.
	 */
	if (c->plan->new_session && c->tty_fd < 0 && setsid() < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	if (c->tty_fd >= 0 && (r = sbx_pty_enter(c->tty_fd, c->tty_background)) < 0)
		sbx_child_fail(c, SBX_STAGE_PTY, -1, r, NULL);
	if (c->plan->nested) {
		r = sbx_nested_enter(nested, c->plan);
		if (r < 0)
			sbx_child_fail(c, SBX_STAGE_NESTED, -1, r, NULL);
		sbx_child_set_up_namespaces(c);
	}
	if (c->plan->assert_userns)
		assert_no_userns(c);
	(void)umask(c->plan->set_umask ? c->plan->umask : caller_umask);
	r = sbx_seal_command(c->plan, limit_skipped, c, &stage, &index);
	if (r < 0)
		sbx_child_fail(c, stage, index, r, NULL);
	/* While SIGTTOU is blocked. If it fails, the first read stops the command, and the supervisor helps. */
	if (c->take_tty)
		(void)tcsetpgrp(STDIN_FILENO, getpgrp());
	if (sigprocmask(SIG_SETMASK, &c->command_mask, NULL) < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	/* All are close-on-exec by birth; this holds for what a library may have opened too. */
	r = sbx_cloexec_from(3);
	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, r, NULL);
	r = sbx_fds_hand_over(c->plan->keep_fds, c->plan->n_keep_fds);
	if (r == 0 && c->plan->as_pid_1)
		r = sbx_fds_hand_over(c->plan->sync_fds, c->plan->n_sync_fds);
	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_KEEP_FD, -1, r, NULL);
	r = sbx_fds_redirect(c->plan, c->out_fd);
	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_OUTPUT, -1, r, NULL);
	wait_for_init(c, sealed_fd);
	env = make_env(c, &path);
	found = look_up(c, path);
	missing = found.n == 0 || access(found.paths[0], F_OK) < 0;
	/* A supervisor that does not hear of it would neither seal itself nor mind the time. */
	if (sbx_child_report(c, SBX_REPORT_EXEC, SBX_STAGE_EXEC, -1, 0, NULL) < 0)
		_exit(SBX_EXIT_FAILURE);
	if (found.n > 0)
		sbx_filter_load(c);
	r = exec_command(c, &found, env);
	if (r == ENOENT && !missing)
		r = ELIBBAD;
	sbx_child_report(c, SBX_REPORT_FAILED, SBX_STAGE_EXEC, -1, r,
	    r == ELIBBAD ? "its interpreter or dynamic linker is missing in the sandbox" : NULL);
	_exit(r == ENOENT ? SBX_EXIT_NOT_FOUND : SBX_EXIT_CANNOT_EXEC);
}
