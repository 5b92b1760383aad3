/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* supervise.c - see supervise.h. */
#include "run/supervise.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "run/control.h"
#include "run/idmap.h"
#include "run/init.h"
#include "run/notify.h"
#include "run/pty.h"
#include "run/report.h"
#include "run/seal.h"
#include "run/userns.h"

enum { STOP_WAIT_MS = 500 };

/* Neither the command's time nor signals to us may wait for a terminal that the command has stopped. */
enum { WRITE_MS = 100, LAST_WRITE_MS = 2000 };

struct state {
	struct sbx_supervisor *s;
	bool reports_open; /* the command has not been executed yet, or could not be */
	bool exec_reported; /* execve(2) was the next thing */
	bool running;
	int failed; /* exit status of a failed start, or 0 */
	int interrupted; /* signal that ended the start, or 0 */
	bool ended; /* the first process has gone */
	bool idmap_open; /* the set-up may ask for idmapped binds */
	bool ended_by_signal; /* SIGCHLD said so, as there is no pidfd */
	bool control_open; /* init may still send the status */
	bool have_status;
	int status; /* wait status of the command */
	int64_t deadline; /* of the next step of --timeout, or -1 */
	bool timed_out;
	bool killed; /* by us */
	struct sbx_pty pty; /* of --pty */
	bool tty_background; /* what init was told last */
	struct sbx_notify notify; /* of --report-denials */
};

static void on_control(struct state *st);
static void on_report(struct state *st);

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0;
}

static void kill_sandbox(struct state *st)
{
	st->killed = true;
	sbx_process_kill(&st->s->first, SIGKILL);
}

static void send_signal(struct state *st, int sig, bool group)
{
	struct sbx_control_signal msg = { .signal = sig, .group = group };

	if (st->s->plan->as_pid_1) {
		/* Our own child, not reaped yet; it leads its group since setsid(2). */
		if (!group || kill(-st->s->first.pid, sig) < 0)
			sbx_process_kill(&st->s->first, sig);
		return;
	}
	/* The terminal inside follows the caller's: what needs it stops there, too, while we are in the background. */
	if (st->pty.begun && st->tty_background == st->pty.foreground) {
		msg.tty = true;
		msg.foreground = st->pty.foreground;
		st->tty_background = !st->pty.foreground;
	}
	/* Never wait for init: a command that shares our pid namespace may have stopped it. */
	(void)send(st->s->control_fd, &msg, sizeof msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The command runs: from now on this process only waits, and holds as little as it can. */
static void on_running(struct state *st)
{
	int r;

	st->running = true;
	sbx_status_running(st->s->status);
	st->s->started(st->s->diags);
	sbx_log_set_patience(WRITE_MS);
	/* The terminal was sent before the report. */
	if (st->s->plan->pty && st->pty.master_fd < 0)
		on_control(st);
	if (st->s->plan->pty && (r = sbx_pty_begin(&st->pty)) < 0) {
		(void)sbx_error(st->s->diags, r, NULL, "can't pass on the command's terminal: %s", strerror(-r));
		st->failed = SBX_EXIT_FAILURE;
		kill_sandbox(st);
		return;
	}
	/* Whoever reads the command's output must see its end; stderr stays for our own messages. */
	r = sbx_null_fd(0);
	if (r == 0 && !(st->s->plan->status.at && st->s->plan->status.fd == 1))
		r = sbx_null_fd(1);
	if (r < 0)
		(void)sbx_error(st->s->diags, r, NULL, "can't open /dev/null for sbx itself: %s", strerror(-r));
	else if ((r = sbx_seal_self()) < 0)
		(void)sbx_error(
		    st->s->diags, r, NULL, "can't give up the supervisor's own privileges: %s", strerror(-r));
	if (r < 0) {
		st->failed = SBX_EXIT_FAILURE;
		kill_sandbox(st);
	}
}

static void on_report(struct state *st)
{
	struct sbx_report r;
	ssize_t n = read(st->s->report_fd, &r, sizeof r);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n == (ssize_t)sizeof r && r.kind == SBX_REPORT_EXEC) {
		st->exec_reported = true;
		return;
	}
	if (n == (ssize_t)sizeof r) {
		r.detail[sizeof r.detail - 1] = '\0';
		if (r.stage == SBX_STAGE_IDMAP && r.kind == SBX_REPORT_FAILED && r.err)
			(void)sbx_userns_explain(st->s->diags, r.err, true);
		else
			sbx_report_explain(st->s->plan, &r, st->s->diags);
		if (r.kind == SBX_REPORT_FAILED && !st->failed)
			st->failed = r.stage != SBX_STAGE_EXEC ? SBX_EXIT_FAILURE
				     : r.err == ENOENT	       ? SBX_EXIT_NOT_FOUND
							       : SBX_EXIT_CANNOT_EXEC;
		return;
	}
	st->reports_open = false;
	if (n != 0) {
		/* Whether the command runs is not known any more; unwatched and with an unsealed supervisor it must not. */
		(void)sbx_error(st->s->diags, n < 0 ? -errno : -EBADMSG, NULL, "can't read the sandbox's reports: %s",
		    strerror(n < 0 ? errno : EBADMSG));
		st->failed = SBX_EXIT_FAILURE;
		kill_sandbox(st);
		return;
	}
	if (st->exec_reported && !st->failed)
		on_running(st);
}

/*
 * Stops this process, or its whole process group, until SIGCONT; --timeout wakes it too. By the signal's default action,
 * for the kernel knows when nobody could continue us and it must have no effect: in an orphaned process group.
 */
static void stop_self(const struct state *st, int sig, bool group)
{
	struct sigevent wake = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	struct itimerspec when = { .it_value = { st->deadline / 1000, st->deadline % 1000 * 1000000 } };
	bool timer = st->deadline >= 0;
	timer_t id;
	sigset_t set;

	timer = timer && timer_create(CLOCK_MONOTONIC, &wake, &id) == 0;
	if (timer)
		(void)timer_settime(id, TIMER_ABSTIME, &when, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)kill(group ? 0 : getpid(), sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	if (timer)
		(void)timer_delete(id);
}

/* Stop what runs in the sandbox, then ourselves; SIGCONT undoes both. */
static void stop_all(struct state *st, int sig, bool from_terminal)
{
	/* SIGTSTP would be ignored there: the group has no parent in its session that could continue it. */
	send_signal(st, SIGSTOP, true);
	/* The shell's next line must not be read inside. Init tells when it has stopped. */
	(void)is_readable(st->s->control_fd, STOP_WAIT_MS);
	stop_self(st, from_terminal ? sig : SIGSTOP, false);
	send_signal(st, SIGCONT, true);
}

/* The command stopped at its own terminal: so do we, and the caller's shell takes its terminal. */
static void on_stopped(struct state *st, int status)
{
	int sig = WSTOPSIG(status);

	sbx_pty_flush(&st->pty);
	/* It waited for a terminal that is ours already. */
	if ((sig != SIGTTIN && sig != SIGTTOU) || !sbx_pty_resume(&st->pty)) {
		sbx_pty_restore(&st->pty);
		/* Ctrl-Z would have stopped all of our group. */
		if (sig == SIGTTIN || sig == SIGTTOU)
			stop_self(st, sig, false);
		else
			stop_self(st, SIGTSTP, sig == SIGTSTP);
		(void)sbx_pty_resume(&st->pty);
	}
	/* Whoever held the terminal inside before, it is the command's now, as with a shell's fg. */
	st->tty_background = st->pty.foreground;
	send_signal(st, SIGCONT, true);
}

/* Not again what has been dealt with. */
static void forget_signal(int sig)
{
	const struct timespec now = { 0 };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	while (sigtimedwait(&set, NULL, &now) == sig)
		;
}

/* The command stopped, in the caller's session: it wants the terminal, or all of us are to stop. */
static void on_stopped_in_session(struct state *st, int status)
{
	struct sbx_tty *tty = &st->s->tty;
	int sig = WSTOPSIG(status);
	bool wants = sig == SIGTTIN || sig == SIGTTOU, had = tty->given;
	pid_t group;

	if (!wants || !sbx_tty_give(tty, st->s->first.pid)) {
		group = sbx_tty_take_back(tty);
		if (wants)
			stop_self(st, sig, false);
		else
			/* The key reached the sandbox only; it would have stopped all of our group. */
			stop_self(st, SIGTSTP, had && sig == SIGTSTP);
		forget_signal(SIGCONT);
		if (had || wants)
			(void)sbx_tty_give(tty, group > 0 ? group : st->s->first.pid);
	}
	send_signal(st, SIGCONT, true);
}

/* A signal to sbx while the command is in its session. True if there is nothing to pass on. */
static bool on_signal_in_session(struct state *st, const struct signalfd_siginfo *info)
{
	struct sbx_tty *tty = &st->s->tty;
	int sig = (int)info->ssi_signo;

	/* Passed on to our group by ourselves. */
	if ((pid_t)info->ssi_pid == getpid() && info->ssi_code == SI_USER)
		return true;
	if ((sig == SIGTTIN || sig == SIGTTOU) && info->ssi_code == SI_KERNEL) {
		tty->wanted = tty->wanted || tty->given;
		return true;
	}
	if (sig == SIGCONT && tty->eager)
		(void)sbx_tty_give(tty, st->s->first.pid);
	return false;
}

/* Ctrl-C reached the sandbox only. */
static void on_typed(struct state *st, int sig)
{
	if (!st->running && !st->exec_reported) {
		st->interrupted = sig;
		kill_sandbox(st);
	}
	(void)kill(0, sig);
}

/* A signal to sbx that concerns the terminals. True if that is all there is to do. */
static bool on_tty_signal(struct state *st, int sig, bool from_terminal)
{
	if (sig == SIGWINCH) {
		sbx_pty_resize(&st->pty);
		return true;
	}
	/* A key tells as well that we have come to the foreground; the command has the terminal inside not yet then. */
	if (sig == SIGCONT || (from_terminal && st->tty_background))
		(void)sbx_pty_resume(&st->pty);
	return from_terminal && !st->tty_background && sbx_pty_signal(&st->pty, sig);
}

static void on_signal(struct state *st)
{
	struct signalfd_siginfo info;
	int sig;

	if (read(st->s->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	sig = (int)info.ssi_signo;
	if (sig == SIGCHLD && st->s->first.pidfd < 0)
		st->ended_by_signal = sbx_process_ended(&st->s->first);
	if (sig == SIGCHLD || sig == SIGPIPE)
		return;
	/* Whoever sent it may have seen the command run before we did. */
	while (st->reports_open && is_readable(st->s->report_fd, 0))
		on_report(st);
	if (!st->running && !st->exec_reported) {
		/* Nothing of the command has run: end as the signal would have ended it. */
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT) {
			st->interrupted = sig;
			kill_sandbox(st);
		}
		return;
	}
	if (st->pty.begun && on_tty_signal(st, sig, info.ssi_code == SI_KERNEL))
		return;
	if (!st->s->plan->new_session && on_signal_in_session(st, &info))
		return;
	if (!st->pty.begun && st->s->plan->new_session && (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU))
		stop_all(st, sig, info.ssi_code == SI_KERNEL);
	else
		/* What the kernel sends comes from the terminal and is meant for the whole group, as Ctrl-C is. */
		send_signal(st, sig, info.ssi_code == SI_KERNEL || (sig == SIGCONT && !st->s->plan->new_session));
}

static void on_control(struct state *st)
{
	struct sbx_control_status msg;
	int fd;
	ssize_t n = sbx_recv_fd(st->s->control_fd, &msg, sizeof msg, &fd);

	if (n == (ssize_t)sizeof msg && msg.kind == SBX_CONTROL_PTY) {
		st->pty.master_fd = fd;
		return;
	}
	if (n == (ssize_t)sizeof msg && msg.kind == SBX_CONTROL_LISTENER) {
		sbx_notify_take(&st->notify, fd);
		return;
	}
	if (n == (ssize_t)sizeof msg && msg.kind == SBX_CONTROL_STOPPED) {
		/* It may have stopped before we saw it run. */
		while (st->reports_open && is_readable(st->s->report_fd, 0))
			on_report(st);
		if (!st->ended && st->pty.begun)
			on_stopped(st, msg.status);
		else if (!st->ended && !st->s->plan->new_session && !st->killed)
			on_stopped_in_session(st, msg.status);
		return;
	}
	if (n == (ssize_t)sizeof msg && msg.kind == SBX_CONTROL_TYPED) {
		while (st->reports_open && is_readable(st->s->report_fd, 0))
			on_report(st);
		on_typed(st, msg.status);
		return;
	}
	if (n == (ssize_t)sizeof msg) {
		st->have_status = true;
		st->status = msg.status;
	}
	/* Once, before what it sent, if init ended with a signal of ours unread. */
	if (n != -EAGAIN && n != -ECONNRESET)
		st->control_open = false;
}

static void on_deadline(struct state *st)
{
	if (!st->timed_out && st->running) {
		send_signal(st, SIGTERM, true);
		send_signal(st, SIGCONT, true);
	}
	if (st->timed_out || !st->running) {
		kill_sandbox(st);
		st->deadline = -1;
	} else {
		st->deadline = sbx_now_ms() + (int64_t)st->s->plan->kill_after_ms;
	}
	st->timed_out = true;
}

static int time_left(const struct state *st)
{
	return st->ended_by_signal ? 0 : sbx_ms_until(st->deadline);
}

/* Not before our notices are printed, and we have given up what we have; but the command's own execve(2) is learned. */
static bool may_serve(const struct state *st)
{
	return st->running || (st->exec_reported && st->s->learn);
}

static void loop(struct state *st)
{
	while (!st->ended) {
		struct pollfd fds[] = {
			{ .fd = st->s->first.pidfd, .events = POLLIN },
			{ .fd = st->s->signal_fd, .events = POLLIN },
			{ .fd = st->reports_open ? st->s->report_fd : -1, .events = POLLIN },
			{ .fd = st->control_open ? st->s->control_fd : -1, .events = POLLIN },
			{ .fd = st->idmap_open ? st->s->idmap_fd : -1, .events = POLLIN },
			{ .fd = may_serve(st) ? st->notify.fd : -1, .events = POLLIN },
			{ .fd = -1 },
			{ .fd = -1 },
			{ .fd = -1 },
		};

		sbx_pty_poll(&st->pty, fds + 6);
		if (poll(fds, ARRAY_LEN(fds), time_left(st)) < 0)
			continue;
		if (sbx_is_past(st->deadline))
			on_deadline(st);
		/* Reports first: they tell whether the end that follows is a failed start. */
		if (fds[2].revents)
			on_report(st);
		else if (fds[0].revents || st->ended_by_signal)
			st->ended = true;
		if (fds[3].revents)
			on_control(st);
		if (fds[4].revents)
			st->idmap_open = sbx_idmap_serve(st->s->idmap_fd, st->s->first.pid);
		if (fds[5].revents)
			sbx_notify_serve(&st->notify, fds[5].revents);
		/* Behind all reports: one that waits may say that the command runs, and that the signal is its. */
		if (fds[1].revents && !fds[2].revents)
			on_signal(st);
		/* The reader of our output has gone; the command is told as when a terminal's window is closed. */
		if (st->pty.begun && sbx_pty_relay(&st->pty, fds + 6) < 0)
			send_signal(st, SIGHUP, true);
	}
}

/* All are dead; what the command wrote before is still to be written, if its reader is slow. */
static void drain(struct state *st)
{
	st->ended_by_signal = false;
	sbx_pty_finish(&st->pty);
	while (sbx_pty_pending(&st->pty)) {
		struct pollfd fds[1 + SBX_PTY_FDS] = { { .fd = st->s->signal_fd, .events = POLLIN } };
		struct signalfd_siginfo info;

		sbx_pty_poll(&st->pty, fds + 1);
		if (poll(fds, ARRAY_LEN(fds), time_left(st)) < 0)
			continue;
		if (sbx_is_past(st->deadline))
			break;
		if (fds[0].revents && read(st->s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
			int sig = (int)info.ssi_signo;

			if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT)
				break;
			if (sig == SIGTSTP)
				stop_self(st, sig, false);
		}
		if (sbx_pty_relay(&st->pty, fds + 1) < 0)
			break;
	}
}

static int exit_status(struct state *st)
{
	if (st->failed)
		return st->failed;
	if (st->timed_out)
		return SBX_EXIT_TIMEOUT;
	if (st->interrupted)
		return SBX_EXIT_SIGNAL + st->interrupted;
	/* What init says of a command that was never executed is not the command's own. */
	if (!st->have_status || !st->running) {
		(void)sbx_error(st->s->diags, -ECHILD, NULL,
		    st->running ? "the sandbox was killed from outside" : "the sandbox ended during its set-up");
		/* 125 says that nothing of the command ran. */
		return st->running ? SBX_EXIT_SIGNAL + SIGKILL : SBX_EXIT_FAILURE;
	}
	return WIFSIGNALED(st->status) ? SBX_EXIT_SIGNAL + WTERMSIG(st->status) : WEXITSTATUS(st->status);
}

/* The end of the first process, with the resources of all that were waited for in the sandbox. */
static void reap(struct state *st, struct rusage *usage)
{
	struct sbx_process *first = &st->s->first;

	sbx_process_wait(first);
	*usage = first->usage;
	if (st->s->plan->as_pid_1 && st->running) {
		st->have_status = true;
		st->status = first->status;
	}
}

int sbx_supervise(struct sbx_supervisor *s)
{
	struct state st = { .s = s,
		.reports_open = true,
		.control_open = true,
		.idmap_open = true,
		.deadline = -1,
		.pty = SBX_PTY_NONE,
		.tty_background = s->tty_background };
	struct sbx_ending e = { .wait_status = -1 };

	if (s->plan->timeout_ms)
		st.deadline = sbx_now_ms() + (int64_t)s->plan->timeout_ms;
	sbx_notify_begin(&st.notify, s->diags->arena, s->plan, s->learn);
	loop(&st);
	/* It may be behind others. */
	for (int n = 0; !st.have_status && st.control_open && n < 1000; n++)
		on_control(&st);
	reap(&st, &e.usage);
	if (s->proc_fd >= 0)
		sbx_kill_descendants(s->proc_fd);
	drain(&st);
	sbx_tty_end(&s->tty);
	sbx_pty_end(&st.pty);
	if (st.running)
		sbx_log_set_patience(LAST_WRITE_MS);
	e.exit_status = exit_status(&st);
	e.ran = st.running && !st.failed;
	e.timed_out = st.timed_out;
	e.killed_by_us = st.killed;
	if (s->learn && e.ran && sbx_learn_end(s->learn, s->diags) < 0)
		e.exit_status = SBX_EXIT_FAILURE;
	if (s->plan->seccomp.report)
		e.denials = &st.notify.denials;
	sbx_close_p(&st.notify.fd);
	if (st.have_status)
		e.wait_status = st.status;
	sbx_status_ended(s->status, &e);
	return e.exit_status;
}
