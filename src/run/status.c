/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status.c - see status.h. */
#include "run/status.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"

/* How long a reader that does not read is waited for. */
enum { PATIENCE_MS = 2000 };

static bool wanted(const struct sbx_plan *plan)
{
	return plan->status.at || plan->summary;
}

/* oom_kill in /proc/vmstat counts the processes that the kernel killed (Linux 4.13). */
static uint64_t read_oom_kills(void)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	const char *line;
	char *text;
	size_t len;

	if (sbx_read_path(&a, AT_FDCWD, "/proc/vmstat", 1 << 20, &text, &len) < 0)
		return 0;
	line = strstr(text, "\noom_kill ");
	return line ? strtoull(line + strlen("\noom_kill "), NULL, 10) : 0;
}

void sbx_status_begin(struct sbx_status *s, const struct sbx_plan *plan, struct sbx_diags *d)
{
	*s = (struct sbx_status){ .plan = plan, .diags = d };
	if (!wanted(plan))
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &s->begin);
	s->oom_kills = read_oom_kills();
}

/* Whole, or not at all: a reader that stopped reading must not hold the sandbox. */
static void put(struct sbx_status *s, const struct sbx_plan_fd *fd, const struct sbx_buf *text)
{
	struct pollfd p = { .fd = fd->fd, .events = POLLOUT };
	int r = poll(&p, 1, PATIENCE_MS) > 0 && p.revents & POLLOUT
		    ? sbx_write_all(fd->fd, sbx_buf_str(text), text->len)
		    : -EAGAIN;

	if (r < 0)
		sbx_warning(s->diags, fd->at, "can't write to file descriptor %d: %s", fd->fd,
		    r == -EAGAIN ? "nobody reads it" : strerror(-r));
}

/* The number in "mnt:[4026531840]". */
static bool read_namespace(struct sbx_arena *a, pid_t pid, const char *name, uint64_t *ret)
{
	char link[64];
	ssize_t n = readlink(sbx_strf(a, "/proc/%d/ns/%s", pid, name), link, sizeof link - 1);
	const char *number;

	if (n < 0)
		return false;
	link[n] = '\0';
	number = strchr(link, '[');
	*ret = number ? strtoull(number + 1, NULL, 10) : 0;
	return number != NULL;
}

/* bubblewrap's object: the mount namespace always, others if they are new. `gap` stands between its members. */
static void first_object(struct sbx_buf *out, const struct sbx_plan *plan, pid_t pid, const char *gap, const char *end)
{
	static const struct {
		const char *name;
		uint64_t flag;
	} names[] = { { "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "mnt", CLONE_NEWNS },
		{ "net", CLONE_NEWNET }, { "pid", CLONE_NEWPID }, { "uts", CLONE_NEWUTS } };
	uint64_t id;

	sbx_buf_addf(out, "{%s\"child-pid\": %d", gap, pid);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if ((plan->namespaces & ~plan->late_namespaces) & names[i].flag &&
		    read_namespace(out->arena, pid, names[i].name, &id))
			sbx_buf_addf(out, ",%s\"%s-namespace\": %llu", gap, names[i].name, (unsigned long long)id);
	}
	sbx_buf_addf(out, "%s}\n", end);
}

void sbx_status_made(struct sbx_status *s, pid_t pid)
{
	struct sbx_buf text = { .arena = s->diags->arena };

	if (s->plan->info.at) {
		first_object(&text, s->plan, pid, "\n    ", "\n");
		put(s, &s->plan->info, &text);
		if (s->plan->info.fd > 2)
			(void)close(s->plan->info.fd);
	}
	text = (struct sbx_buf){ .arena = s->diags->arena };
	if (s->plan->status.at) {
		first_object(&text, s->plan, pid, " ", " ");
		put(s, &s->plan->status, &text);
	}
}

static double seconds(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

static double tv_seconds(const struct timeval *tv)
{
	return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

void sbx_status_running(struct sbx_status *s)
{
	struct sbx_buf text = { .arena = s->diags->arena };
	struct timespec now;
	struct tm tm;
	char when[32];

	if (!wanted(s->plan))
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &s->running);
	if (!s->plan->status.at)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!gmtime_r(&now.tv_sec, &tm) || strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		when[0] = '\0';
	sbx_buf_addf(&text, "{ \"start\": \"%s.%03ldZ\", \"setup-time\": %.6f }\n", when, now.tv_nsec / 1000000,
	    seconds(&s->begin, &s->running));
	put(s, &s->plan->status, &text);
}

enum sbx_reason sbx_status_reason(const struct sbx_ending *e, bool oom)
{
	if (!e->ran)
		return SBX_REASON_SETUP;
	if (e->timed_out)
		return SBX_REASON_TIMEOUT;
	if (e->wait_status >= 0 && WIFEXITED(e->wait_status))
		return SBX_REASON_EXIT;
	/* A filter's SECCOMP_RET_KILL is SIGSYS for whoever waits, seccomp(2). */
	if (e->wait_status >= 0 && WTERMSIG(e->wait_status) == SIGSYS)
		return SBX_REASON_SECCOMP;
	if (oom && !e->killed_by_us && (e->wait_status < 0 || WTERMSIG(e->wait_status) == SIGKILL))
		return SBX_REASON_OOM;
	return SBX_REASON_SIGNAL;
}

const char *sbx_status_reason_name(enum sbx_reason reason)
{
	static const char *const names[] = {
		[SBX_REASON_EXIT] = "exit",
		[SBX_REASON_SIGNAL] = "signal",
		[SBX_REASON_TIMEOUT] = "timeout",
		[SBX_REASON_OOM] = "oom",
		[SBX_REASON_SECCOMP] = "seccomp",
		[SBX_REASON_SETUP] = "set-up",
	};

	return names[reason];
}

/* The signal that ended the command, or 0; without its status somebody killed the whole sandbox. */
static int ending_signal(const struct sbx_ending *e)
{
	if (!e->ran)
		return 0;
	if (e->wait_status < 0)
		return SIGKILL;
	return WIFSIGNALED(e->wait_status) ? WTERMSIG(e->wait_status) : 0;
}

static const char *signal_name(struct sbx_arena *a, int sig)
{
	const char *name = sigabbrev_np(sig);

	return name ? sbx_strf(a, "SIG%s", name) : sbx_strf(a, "signal %d", sig);
}

static void denials(struct sbx_buf *out, const struct sbx_denials *d)
{
	sbx_buf_adds(out, ", \"denials\": [");
	for (size_t i = 0; i < d->n; i++) {
		const struct sbx_denial *x = &d->items[i];

		sbx_buf_addf(out, "%s{ \"call\": ", i ? ", " : " ");
		sbx_json_quote(out, x->call);
		sbx_buf_adds(out, ", \"action\": ");
		sbx_json_quote(out, sbx_action_str(out->arena, x->action));
		sbx_buf_adds(out, ", \"file\": ");
		if (x->at && x->at->file)
			sbx_json_quote(out, x->at->file);
		else
			sbx_buf_adds(out, "null");
		sbx_buf_addf(
		    out, ", \"line\": %u, \"count\": %llu }", x->at ? x->at->line : 0, (unsigned long long)x->count);
	}
	sbx_buf_adds(out, d->n ? " ]" : "]");
}

static void last_object(struct sbx_status *s, const struct sbx_ending *e, enum sbx_reason reason, double wall)
{
	struct sbx_buf text = { .arena = s->diags->arena };
	int sig = ending_signal(e);

	sbx_buf_adds(&text, "{ ");
	if (e->ran)
		sbx_buf_addf(&text, "\"exit-code\": %d, ", e->exit_status);
	sbx_buf_addf(&text, "\"status\": %d, \"reason\": \"%s\"", e->exit_status, sbx_status_reason_name(reason));
	if (sig)
		sbx_buf_addf(&text, ", \"signal\": %d, \"signal-name\": \"%s\"", sig, signal_name(text.arena, sig));
	sbx_buf_addf(&text, ", \"wall-time\": %.6f, \"user-time\": %.6f, \"system-time\": %.6f, \"max-rss\": %llu",
	    wall, tv_seconds(&e->usage.ru_utime), tv_seconds(&e->usage.ru_stime),
	    (unsigned long long)e->usage.ru_maxrss * 1024);
	if (e->denials)
		denials(&text, e->denials);
	sbx_buf_adds(&text, " }\n");
	put(s, &s->plan->status, &text);
}

static void summary(struct sbx_status *s, const struct sbx_ending *e, enum sbx_reason reason, double wall)
{
	struct sbx_arena *a = s->diags->arena;
	int sig = ending_signal(e);
	const char *how = "";

	switch (reason) {
	case SBX_REASON_EXIT:
		how = sbx_strf(a, "ended with status %d", e->exit_status);
		break;
	case SBX_REASON_SIGNAL:
		how = sbx_strf(a, "was ended by %s", signal_name(a, sig));
		break;
	case SBX_REASON_TIMEOUT:
		how = "was ended by --timeout";
		break;
	case SBX_REASON_OOM:
		how = "was killed for lack of memory";
		break;
	case SBX_REASON_SECCOMP:
		how = "was killed by a filter of system calls (SIGSYS)";
		break;
	case SBX_REASON_SETUP:
		how = "did not start";
		break;
	}
	sbx_log(SBX_LOG_NOTICE, "%s %s after %.2f s: %.2f s user, %.2f s system, at most %.1f MiB", s->plan->file, how,
	    wall, tv_seconds(&e->usage.ru_utime), tv_seconds(&e->usage.ru_stime), (double)e->usage.ru_maxrss / 1024);
	for (size_t i = 0; e->denials && i < e->denials->n; i++)
		sbx_log(SBX_LOG_NOTICE, "%s", sbx_denial_summary(a, e->denials->policy, &e->denials->items[i]));
	if (e->denials && e->denials->others)
		sbx_log(SBX_LOG_NOTICE, "%llu more calls were denied", (unsigned long long)e->denials->others);
}

void sbx_status_ended(struct sbx_status *s, const struct sbx_ending *e)
{
	enum sbx_reason reason;
	struct timespec now;
	double wall;

	if (!wanted(s->plan))
		return;
	reason = sbx_status_reason(e, read_oom_kills() > s->oom_kills);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	wall = seconds(e->ran ? &s->running : &s->begin, &now);
	if (s->plan->status.at)
		last_object(s, e, reason, wall);
	if (s->plan->summary)
		summary(s, e, reason, wall);
}
