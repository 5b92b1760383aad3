/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* supervise.c - see supervise.h. */
#include "run/supervise.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "run/control.h"
#include "run/idmap.h"
#include "run/init.h"
#include "run/report.h"
#include "run/seal.h"
#include "run/userns.h"

struct state {
	struct sbx_supervisor *s;
	bool reports_open;  /* the command has not been executed yet, or could not be */
	bool exec_reported; /* execve(2) was the next thing */
	bool running;
	int failed;         /* exit status of a failed start, or 0 */
	int interrupted;    /* signal that ended the start, or 0 */
	bool ended;         /* the first process has gone */
	bool idmap_open;    /* the set-up may ask for idmapped binds */
	bool ended_by_signal; /* SIGCHLD said so, as there is no pidfd */
	bool control_open;  /* init may still send the status */
	bool have_status;
	int status;         /* wait status of the command */
	int64_t deadline;   /* of the next step of --timeout, or -1 */
	bool timed_out;
	bool killed;        /* by us */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void kill_sandbox(struct state *st)
{
	st->killed = true;
	sbx_process_kill(&st->s->first, SIGKILL);
}

static void send_signal(struct state *st, int sig, bool group)
{
	const struct sbx_control_signal msg = { .signal = sig, .group = group };

	if (st->s->plan->as_pid_1) {
		/* Our own child, not reaped yet; it leads its group since setsid(2). */
		if (!group || kill(-st->s->first.pid, sig) < 0)
			sbx_process_kill(&st->s->first, sig);
		return;
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
	/* Whoever reads the command's output must see its end; stderr stays for our own messages. */
	r = sbx_null_fd(0);
	if (r == 0 && !(st->s->plan->status.at && st->s->plan->status.fd == 1))
		r = sbx_null_fd(1);
	if (r < 0)
		(void)sbx_error(st->s->diags, r, NULL, "can't open /dev/null for sbx itself: %s", strerror(-r));
	else if ((r = sbx_seal_self()) < 0)
		(void)sbx_error(st->s->diags, r, NULL, "can't give up the supervisor's own privileges: %s", strerror(-r));
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
			st->failed = r.stage != SBX_STAGE_EXEC ? SBX_EXIT_FAILURE :
				     r.err == ENOENT	       ? SBX_EXIT_NOT_FOUND :
								 SBX_EXIT_CANNOT_EXEC;
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

/* The terminal stops us: stop what runs in the sandbox, then ourselves; SIGCONT undoes both. */
static void stop_all(struct state *st)
{
	/* SIGTSTP would be ignored there: the group has no parent in its session that could continue it. */
	send_signal(st, SIGSTOP, true);
	(void)kill(getpid(), SIGSTOP);
	send_signal(st, SIGCONT, true);
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
	if (!st->running && !st->exec_reported) {
		/* Nothing of the command has run: end as the signal would have ended it. */
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT) {
			st->interrupted = sig;
			kill_sandbox(st);
		}
		return;
	}
	if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
		stop_all(st);
	else
		/* What the kernel sends comes from the terminal and is meant for the whole group, as Ctrl-C is. */
		send_signal(st, sig, info.ssi_code == SI_KERNEL);
}

static void on_control(struct state *st)
{
	struct sbx_control_status msg;
	ssize_t n = recv(st->s->control_fd, &msg, sizeof msg, MSG_DONTWAIT);

	if (n == (ssize_t)sizeof msg) {
		st->have_status = true;
		st->status = msg.status;
	}
	if (n >= 0 || errno != EAGAIN)
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
		st->deadline = now_ms() + (int64_t)st->s->plan->kill_after_ms;
	}
	st->timed_out = true;
}

static int time_left(const struct state *st)
{
	int64_t left;

	if (st->ended_by_signal)
		return 0;
	if (st->deadline < 0)
		return -1;
	left = st->deadline - now_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
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
		};

		if (poll(fds, ARRAY_LEN(fds), time_left(st)) < 0)
			continue;
		if (st->deadline >= 0 && now_ms() >= st->deadline)
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
		/* Behind all reports: one that waits may say that the command runs, and that the signal is its. */
		if (fds[1].revents && !fds[2].revents)
			on_signal(st);
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
		(void)sbx_error(st->s->diags, -ECHILD, NULL, st->running ? "the sandbox was killed from outside" :
				"the sandbox ended during its set-up");
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
	struct state st = { .s = s, .reports_open = true, .control_open = true, .idmap_open = true, .deadline = -1 };
	struct sbx_ending e = { .wait_status = -1 };

	if (s->plan->timeout_ms)
		st.deadline = now_ms() + (int64_t)s->plan->timeout_ms;
	loop(&st);
	if (!st.have_status)
		on_control(&st);
	reap(&st, &e.usage);
	if (s->proc_fd >= 0)
		sbx_kill_descendants(s->proc_fd);
	e.exit_status = exit_status(&st);
	e.ran = st.running && !st.failed;
	e.timed_out = st.timed_out;
	e.killed_by_us = st.killed;
	if (st.have_status)
		e.wait_status = st.status;
	sbx_status_ended(s->status, &e);
	return e.exit_status;
}
