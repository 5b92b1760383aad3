/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * launch.c - a start, in its order. This process never has a capability of its own making; the child has them
 * only over namespaces that are new, and gives them up before the command runs.
 *
 *   here    named descriptors kept, others closed · make sbx's own directories · files for the output · block
 *           signals · pipes · clone3 with all namespaces, or in some that exist (join.c) · first line of the status
 *   child   waits if its ids need newuidmap(1)                                       (child.c)
 *   here    id maps by helper, if ranges were asked for, or by someone else · "go"
 *   child   id map · loopback · host name · mounts · pivot · fork
 *             init      seal, reap, forward                                          (init.c)
 *             command   session · limits · ids · capabilities · no_new_privs · execve (seal.c)
 *   here    reports until the command runs · own seal · supervise to the end         (supervise.c)
 */
#include "run/launch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "run/child.h"
#include "run/control.h"
#include "run/fds.h"
#include "run/idmap.h"
#include "run/join.h"
#include "run/pty.h"
#include "run/report.h"
#include "run/status.h"
#include "run/supervise.h"
#include "run/tty.h"
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
	int report[2]; /* pipe: child writes */
	int control[2]; /* 0: ours, 1: the child's */
	int idmap[2]; /* the same, see idmap.h; -1 if not needed */
	int signal_fd;
	int proc_fd;
	struct sbx_process first;
	int out[2]; /* files for the command's standard output and error */
	bool tty_background; /* --pty: the caller's terminal is not ours now */
	struct sbx_tty tty;
};

static void close_wires(struct wires *w)
{
	int *fds[] = { &w->report[0], &w->report[1], &w->control[0], &w->control[1], &w->idmap[0], &w->idmap[1],
		&w->signal_fd, &w->proc_fd, &w->first.pidfd, &w->out[0], &w->out[1], &w->tty.fd };

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
	if (sbx_idmap_wanted(l->plan) && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, w->idmap) < 0)
		return failed(l, "make a socket pair");
	if (l->plan->share_at[SBX_SHARE_PID]) {
		w->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
		/* Orphans of a sandbox without a pid namespace come to us if its init is killed. */
		if (w->proc_fd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			return failed(l, "watch over processes in a shared pid namespace");
	}
	return 0;
}

/* userns-block-fd: until it can be read, or is closed. 0, the exit status if sbx shall end, or a negative errno. */
static int wait_for_others(struct sbx_launch *l, struct wires *w)
{
	int64_t end = l->plan->timeout_ms ? sbx_now_ms() + (int64_t)l->plan->timeout_ms : -1;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = l->plan->userns_block.fd, .events = POLLIN },
			{ .fd = w->signal_fd, .events = POLLIN },
			{ .fd = w->first.pidfd, .events = POLLIN },
		};
		struct signalfd_siginfo info;

		switch (poll(fds, ARRAY_LEN(fds), sbx_ms_until(end))) {
		case -1:
			continue;
		case 0:
			if (sbx_is_past(end))
				return SBX_EXIT_TIMEOUT;
			continue;
		default:
			break;
		}
		if (fds[2].revents)
			return sbx_error(l->diags, -ECHILD, l->plan->userns_block.at,
			    "the sandbox ended while its id maps were waited for");
		if (fds[1].revents && read(w->signal_fd, &info, sizeof info) == (ssize_t)sizeof info &&
		    (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP ||
			info.ssi_signo == SIGQUIT))
			return SBX_EXIT_SIGNAL + (int)info.ssi_signo;
		if (fds[0].revents)
			return 0;
	}
}

/* The child's ids, if they need help; then it may go on. On failure it is killed and reaped. */
static int release(struct sbx_launch *l, struct wires *w)
{
	static const struct sbx_control_signal go = { 0 };
	int r;

	if (!sbx_child_waits(l->plan))
		return 0;
	r = l->plan->map_writer == SBX_MAP_OTHER ? wait_for_others(l, w)
	    : sbx_child_maps_itself(l->plan)
		? 0
		: sbx_userns_map_child(l->arena, l->plan, w->first.pid, w->signal_fd, l->diags);
	if (l->plan->userns_block.at && l->plan->userns_block.fd > 2)
		(void)close(l->plan->userns_block.fd);
	if (r == 0 && send(w->control[0], &go, sizeof go, MSG_NOSIGNAL) < 0)
		r = failed(l, "release the sandbox");
	if (r != 0) {
		sbx_process_kill(&w->first, SIGKILL);
		/* It also ends when it waits for us in vain. */
		sbx_close_p(&w->control[0]);
		sbx_process_wait(&w->first);
	}
	return r;
}

static int start(struct sbx_launch *l, struct wires *w, struct sbx_status *status)
{
	struct sbx_child child = { .arena = l->arena, .plan = l->plan, .args = l->args, .args_len = l->args_len };
	pid_t pid;

	if (open_wires(l, w, &child.command_mask) < 0)
		return -1;
	child.tty_background = w->tty_background = l->plan->pty && !sbx_pty_is_foreground(STDIN_FILENO);
	if (!l->plan->new_session)
		sbx_tty_begin(&w->tty);
	child.take_tty = w->tty.given;
	pid = l->plan->userns.at || l->plan->pidns.at ? sbx_join_clone(l->plan, l->diags, &w->first)
						      : sbx_userns_clone(l->plan, l->diags, &w->first);
	if (pid < 0)
		return -1;
	if (pid == 0) {
		child.later_namespaces = w->first.later;
		child.report_fd = TAKE_FD(w->report[1]);
		child.control_fd = TAKE_FD(w->control[1]);
		child.idmap_fd = TAKE_FD(w->idmap[1]);
		child.out_fd[0] = TAKE_FD(w->out[0]);
		child.out_fd[1] = TAKE_FD(w->out[1]);
		close_wires(w);
		sbx_child_run(&child);
	}
	sbx_close_p(&w->report[1]);
	sbx_close_p(&w->control[1]);
	sbx_close_p(&w->idmap[1]);
	sbx_close_p(&w->out[0]);
	sbx_close_p(&w->out[1]);
	/* While it waits: one that has sealed itself, or has ended, no longer shows its namespaces. */
	sbx_status_made(status, w->first.pid);
	return release(l, w);
}

int sbx_launch_run(struct sbx_launch *l)
{
	struct wires w = { { -1, -1 }, { -1, -1 }, { -1, -1 }, -1, -1, { .pidfd = -1 }, { -1, -1 }, false,
		SBX_TTY_NONE };
	struct sbx_status status;
	int r, exit_status = SBX_EXIT_FAILURE;

	if (sbx_fds_claim(l->plan, l->diags) < 0)
		return exit_status;
	sbx_status_begin(&status, l->plan, l->diags);
	for (const char *const *dir = l->plan->make_dirs; *dir; dir++) {
		if (make_dir(l, *dir) < 0)
			return exit_status;
	}
	if (l->plan->die_with_parent && tie_to_parent(l) < 0)
		return exit_status;
	r = sbx_fds_open_output(l->plan, l->diags, w.out);
	if (r == 0)
		r = start(l, &w, &status);
	if (r == 0) {
		struct sbx_supervisor s = {
			.plan = l->plan,
			.diags = l->diags,
			.started = l->started,
			.status = &status,
			.first = w.first,
			.report_fd = w.report[0],
			.control_fd = w.control[0],
			.idmap_fd = w.idmap[0],
			.signal_fd = w.signal_fd,
			.proc_fd = w.proc_fd,
			.learn = l->learn,
			.tty_background = w.tty_background,
			.tty = w.tty,
		};

		/* What the sandbox has now; whoever reads the other end must see it close when the sandbox does. */
		sbx_fds_close_inner(l->plan, false);
		exit_status = sbx_supervise(&s);
		w.tty.fd = -1;
	} else {
		const struct sbx_ending e = { .exit_status = r > 0 ? r : SBX_EXIT_FAILURE, .wait_status = -1 };

		exit_status = e.exit_status;
		sbx_status_ended(&status, &e);
	}
	close_wires(&w);
	return exit_status;
}
