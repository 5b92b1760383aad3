/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * launch.c - a start, in its order. This process never has a capability of its own making; the child has them
 * only over namespaces that are new, and gives them up before the command runs.
 *
 *   here    make sbx's own directories · block signals · pipes · clone3 with all namespaces
 *   child   waits if its ids need newuidmap(1)                                       (child.c)
 *   here    id maps by helper, if ranges were asked for · "go"
 *   child   id map · loopback · host name · mounts · pivot · fork
 *             init      seal, reap, forward                                          (init.c)
 *             command   session · limits · ids · capabilities · no_new_privs · execve (seal.c)
 *   here    reports until the command runs · own seal · supervise to the end         (supervise.c)
 */
#include "run/launch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"
#include "run/child.h"
#include "run/control.h"
#include "run/report.h"
#include "run/supervise.h"
#include "run/userns.h"

/* mkdir -p with mode 0700 for what is missing. */
static int make_dir(struct sbx_launch *l, const char *path)
{
	char *p = sbx_strdup(l->arena, path);

	for (char *slash = strchr(p + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(p, 0700) < 0 && errno != EEXIST)
			return sbx_error(l->diags, -errno, NULL, "can't create '%s': %s", p, strerror(errno));
		if (!slash)
			return 0;
		*slash = '/';
	}
}

/* Dies with the process that started sbx. That it died already is seen by its number. */
static int tie_to_parent(struct sbx_launch *l)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return sbx_error(l->diags, -errno, l->plan->die_at, "die-with-parent: %s", strerror(errno));
	if (getppid() != l->parent)
		return sbx_error(l->diags, -ESRCH, l->plan->die_at, "die-with-parent: the parent has ended already");
	return 0;
}

static int failed(struct sbx_launch *l, const char *what)
{
	int err = errno ? errno : EIO;
	const char *hint = sbx_hint_for_errno(err);

	(void)sbx_error(l->diags, -err, NULL, "can't %s: %s", what, strerror(err));
	if (hint)
		sbx_hint(l->diags, "%s", hint);
	return -err;
}

struct wires {
	int report[2];  /* pipe: child writes */
	int control[2]; /* 0: ours, 1: the child's */
	int signal_fd;
	int proc_fd;
	int pidfd;
};

static void close_wires(struct wires *w)
{
	int *fds[] = { &w->report[0], &w->report[1], &w->control[0], &w->control[1], &w->signal_fd, &w->proc_fd, &w->pidfd };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		sbx_close_p(fds[i]);
}

static int open_wires(struct sbx_launch *l, struct wires *w, sigset_t *ret_mask)
{
	sigset_t all;

	/* Ignored, as some callers leave it, children would be reaped by the kernel and their status lost. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return failed(l, "reset SIGCHLD");
	(void)sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, ret_mask) < 0)
		return failed(l, "block signals");
	w->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd < 0)
		return failed(l, "watch signals");
	if (pipe2(w->report, O_CLOEXEC) < 0)
		return failed(l, "make a pipe");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, w->control) < 0)
		return failed(l, "make a socket pair");
	if (l->plan->share_at[SBX_SHARE_PID]) {
		w->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
		/* Orphans of a sandbox without a pid namespace come to us if its init is killed. */
		if (w->proc_fd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			return failed(l, "watch over processes in a shared pid namespace");
	}
	return 0;
}

/* The child's ids, if they need help; then it may go on. On failure it is killed and reaped. */
static int release(struct sbx_launch *l, struct wires *w, pid_t pid)
{
	static const struct sbx_control_signal go = { 0 };
	int r;

	if (l->plan->map_writer == SBX_MAP_SELF)
		return 0;
	r = sbx_userns_map_child(l->arena, l->plan, pid, l->diags);
	if (r == 0 && send(w->control[0], &go, sizeof go, MSG_NOSIGNAL) < 0)
		r = failed(l, "release the sandbox");
	if (r < 0) {
		(void)sys_pidfd_send_signal(w->pidfd, SIGKILL);
		/* It also ends when it waits for us in vain. */
		sbx_close_p(&w->control[0]);
		(void)waitpid(pid, NULL, 0);
	}
	return r;
}

static int start(struct sbx_launch *l, struct wires *w)
{
	struct sbx_child child = { .arena = l->arena, .plan = l->plan, .args = l->args, .args_len = l->args_len };
	pid_t pid;

	if (open_wires(l, w, &child.command_mask) < 0)
		return -1;
	pid = sbx_userns_clone(l->plan, l->diags, &w->pidfd);
	if (pid < 0)
		return -1;
	if (pid == 0) {
		child.report_fd = TAKE_FD(w->report[1]);
		child.control_fd = TAKE_FD(w->control[1]);
		close_wires(w);
		sbx_child_run(&child);
	}
	sbx_close_p(&w->report[1]);
	sbx_close_p(&w->control[1]);
	return release(l, w, pid) < 0 ? -1 : 0;
}

int sbx_launch_run(struct sbx_launch *l)
{
	struct wires w = { { -1, -1 }, { -1, -1 }, -1, -1, -1 };
	int status = SBX_EXIT_FAILURE;

	for (const char *const *dir = l->plan->make_dirs; *dir; dir++) {
		if (make_dir(l, *dir) < 0)
			return status;
	}
	if (l->plan->die_with_parent && tie_to_parent(l) < 0)
		return status;
	if (start(l, &w) == 0) {
		struct sbx_supervisor s = {
			.plan = l->plan, .diags = l->diags, .started = l->started, .pidfd = w.pidfd,
			.report_fd = w.report[0], .control_fd = w.control[0], .signal_fd = w.signal_fd, .proc_fd = w.proc_fd,
		};

		status = sbx_supervise(&s);
	}
	close_wires(&w);
	return status;
}
