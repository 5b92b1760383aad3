/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spawn: times how long commands take from start to end, side by side.
 *
 * Every round starts each variant once, in an order shuffled anew (a network
 * namespace is torn down by a kernel thread after its last process is gone, so
 * the next variant pays a little of it; no variant may always be that one).
 * Ratios are taken within a round and their median is reported, so a machine
 * that slows down for a while slows both sides of a ratio.
 *
 * Usage: spawn [OPTION VALUE]... FILE
 *   --case NAME       what the table and the JSON object are called
 *   --rounds N        measured rounds (20)
 *   --warmup N        rounds before them that do not count (1)
 *   --parallel N      start N at once; the time is that until the last ended (1)
 *   --timeout N       seconds after which a variant counts as failed (120)
 *   --seed N          of the shuffle (1)
 *   --base NAME       a column with each variant's ratio to NAME; repeatable
 *   --ratio A:B[:MAX] A's ratio to B beside A's row, MAX being what it may be
 *                     at most; repeatable
 *   --json-fd FD      write one JSON object there as well
 *   --check           exit status 3 if a MAX is exceeded or can't be judged
 *
 * FILE has a paragraph per variant, a blank line between them: the variant's
 * name, then its argument vector, one argument a line, the first a path.  The
 * single line "NAME: REASON" stands for a variant that can't be run here.
 *
 * A variant that does not exit with status 0, or that leaves a process running,
 * is reported with what it wrote to stderr, and is left out of the rounds that
 * follow.
 *
 * Exit status: 0 all measured, 1 a variant failed, 3 see --check, 2 spawn
 * itself failed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "spawn.h"

struct sample {
	double wall, cpu;
};

static volatile sig_atomic_t alarm_rang;

static void on_alarm(int sig)
{
	(void)sig;
	alarm_rang = 1;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		err(EXIT_SPAWN, "out of memory");
	return p;
}

/* ---- measuring -------------------------------------------------------- */

static double now_ms(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		err(EXIT_SPAWN, "clock_gettime");
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double cpu_ms(const struct rusage *ru)
{
	return (double)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1e3 +
	       (double)(ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1e3;
}

/*
 * Rings again each second, so an alarm that fell between the look at
 * alarm_rang and wait4 is not lost.
 */
static void set_alarm(long seconds)
{
	struct itimerval it = { .it_value.tv_sec = seconds, .it_interval.tv_sec = seconds ? 1 : 0 };

	alarm_rang = 0;
	if (setitimer(ITIMER_REAL, &it, NULL) < 0)
		err(EXIT_SPAWN, "setitimer");
}

static void prepare_signals(struct bench *b)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	sigset_t set;

	/* No SA_RESTART: wait4 is to return. */
	if (sigaction(SIGALRM, &sa, NULL) < 0)
		err(EXIT_SPAWN, "sigaction");
	/* A shell that runs spawn in the background has it ignore these. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	if (posix_spawnattr_init(&b->attr) || posix_spawnattr_setsigdefault(&b->attr, &set) ||
	    posix_spawnattr_setflags(&b->attr, POSIX_SPAWN_SETSIGDEF))
		errx(EXIT_SPAWN, "out of memory");
}

static void prepare(struct bench *b)
{
	b->pids = xcalloc((size_t)b->parallel, sizeof(*b->pids));
	b->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (b->null_fd < 0)
		err(EXIT_SPAWN, "/dev/null");
	b->stderr_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (b->stderr_fd < 0)
		err(EXIT_SPAWN, "memfd_create");
	if (b->json_fd >= 0 && fcntl((int)b->json_fd, F_SETFD, FD_CLOEXEC) < 0)
		err(EXIT_SPAWN, "--json-fd %ld", b->json_fd);
	if (posix_spawn_file_actions_init(&b->actions) ||
	    posix_spawn_file_actions_adddup2(&b->actions, b->null_fd, 0) ||
	    posix_spawn_file_actions_adddup2(&b->actions, b->null_fd, 1) ||
	    posix_spawn_file_actions_adddup2(&b->actions, b->stderr_fd, 2))
		errx(EXIT_SPAWN, "out of memory");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		err(EXIT_SPAWN, "prctl");
}

static void kill_all(const struct bench *b)
{
	for (long i = 0; i < b->parallel; i++)
		if (b->pids[i] > 0)
			kill(b->pids[i], SIGKILL);
}

/* False if PID is none of the starts but an orphan of theirs. */
static bool forget_pid(struct bench *b, pid_t pid)
{
	for (long i = 0; i < b->parallel; i++) {
		if (b->pids[i] == pid) {
			b->pids[i] = 0;
			return true;
		}
	}
	return false;
}

static void describe_status(char *buf, size_t size, int status)
{
	if (WIFSIGNALED(status))
		(void)snprintf(buf, size, "killed by signal %d", WTERMSIG(status));
	else
		(void)snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
}

/* Waits for LEFT starts; returns how many failed, first says how the first did. */
static long wait_starts(struct bench *b, long left, struct sample *sample, char *first, size_t size)
{
	long failures = 0;
	bool timed_out = false;
	struct rusage ru;
	int status;
	pid_t pid;

	while (left > 0) {
		pid = wait4(-1, &status, 0, &ru);
		if (pid < 0 && errno != EINTR)
			err(EXIT_SPAWN, "wait4");
		if (alarm_rang) {
			timed_out = true;
			kill_all(b);
		}
		if (pid < 0)
			continue;
		sample->cpu += cpu_ms(&ru);
		if (!forget_pid(b, pid))
			continue;
		left--;
		if (status != 0 && failures++ == 0) {
			if (timed_out)
				(void)snprintf(first, size, "not ended after %ld s", b->timeout);
			else
				describe_status(first, size, status);
		}
	}
	return failures;
}

static void kill_orphans(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	if (!f)
		err(EXIT_SPAWN, "/proc/thread-self/children");
	while (fscanf(f, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(f);
}

/*
 * Waits for what the starts left behind (bwrap ends before its own pid 1), so
 * that it is charged to them and not in the way of the next variant.  False if
 * something was still there when the alarm rang; it is gone then.
 */
static bool wait_orphans(struct sample *sample)
{
	bool in_time = true;
	struct rusage ru;
	int status;

	for (;;) {
		if (wait4(-1, &status, 0, &ru) >= 0) {
			sample->cpu += cpu_ms(&ru);
		} else if (errno == ECHILD) {
			return in_time;
		} else if (errno != EINTR) {
			err(EXIT_SPAWN, "wait4");
		} else if (alarm_rang) {
			/* Rings each second, for what these leave behind in turn. */
			in_time = false;
			kill_orphans();
		}
	}
}

static void mark_failed(struct bench *b, struct variant *v, long failures, const char *first)
{
	ssize_t len = pread(b->stderr_fd, v->output, STDERR_KEPT, 0);

	v->failed = true;
	v->output[len > 0 ? len : 0] = '\0';
	if (b->parallel > 1)
		(void)snprintf(v->reason, sizeof(v->reason),
		    "%ld of %ld starts failed, the first: %s", failures, b->parallel, first);
	else
		(void)snprintf(v->reason, sizeof(v->reason), "%s", first);
}

/* Starts V as often as --parallel says and waits for all; false if V failed. */
static bool run_once(struct bench *b, struct variant *v, struct sample *ret)
{
	struct sample sample = { 0 };
	char first[96] = "";
	long started = 0, failures;
	double begin;
	int r = 0;

	if (ftruncate(b->stderr_fd, 0) < 0 || lseek(b->stderr_fd, 0, SEEK_SET) < 0)
		err(EXIT_SPAWN, "memfd");
	set_alarm(b->timeout);
	begin = now_ms();
	while (started < b->parallel) {
		r = posix_spawn(
		    &b->pids[started], v->argv[0], &b->actions, &b->attr, v->argv, environ);
		if (r) {
			b->pids[started] = 0;
			break;
		}
		started++;
	}
	failures = wait_starts(b, started, &sample, first, sizeof(first));
	sample.wall = now_ms() - begin;
	if (!wait_orphans(&sample) && failures == 0) {
		failures = b->parallel;
		(void)snprintf(first, sizeof(first), "left a process running");
	}
	set_alarm(0);
	if (r) {
		failures += b->parallel - started;
		(void)snprintf(first, sizeof(first), "%.40s: %.40s", v->argv[0], strerror(r));
	}
	if (failures) {
		mark_failed(b, v, failures, first);
		return false;
	}
	*ret = sample;
	return true;
}

static void shuffle(struct variant **list, size_t n, uint64_t *state)
{
	for (size_t i = n; i > 1; i--) {
		struct variant *tmp = list[i - 1];
		size_t j;

		*state ^= *state << 13; /* xorshift64, Marsaglia 2003 */
		*state ^= *state >> 7;
		*state ^= *state << 17;
		j = (size_t)(*state % i);
		list[i - 1] = list[j];
		list[j] = tmp;
	}
}

static void measure(struct bench *b)
{
	struct variant *order[MAX_VARIANTS];
	uint64_t state = (uint64_t)b->seed * 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < b->n_variants; i++)
		order[i] = &b->variants[i];
	for (long round = -b->warmup; round < b->rounds; round++) {
		shuffle(order, b->n_variants, &state);
		for (size_t i = 0; i < b->n_variants; i++) {
			struct variant *v = order[i];
			struct sample sample;

			if (v->absent || v->failed || !run_once(b, v, &sample) || round < 0)
				continue;
			v->wall[round] = sample.wall;
			v->cpu[round] = sample.cpu;
		}
	}
}

static int exit_status(const struct bench *b)
{
	for (size_t i = 0; i < b->n_variants; i++)
		if (b->variants[i].failed)
			return EXIT_FAILED;
	for (size_t i = 0; i < b->n_ratios && b->check; i++) {
		const struct ratio *r = &b->ratios[i];

		if (r->max > 0 && strcmp(verdict(r, paired_ratio(b, r->of, r->to)), "met") != 0)
			return EXIT_UNMET;
	}
	return EXIT_SUCCESS;
}

static void destroy(struct bench *b)
{
	for (size_t i = 0; i < b->n_variants; i++) {
		free(b->variants[i].argv);
		free(b->variants[i].wall);
		free(b->variants[i].cpu);
	}
	for (size_t i = 0; i < b->n_ratios; i++)
		free(b->ratios[i].spec);
	posix_spawn_file_actions_destroy(&b->actions);
	posix_spawnattr_destroy(&b->attr);
	close(b->null_fd);
	close(b->stderr_fd);
	free(b->pids);
	free(b->text);
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.title = "starts",
		.rounds = 20,
		.warmup = 1,
		.parallel = 1,
		.timeout = 120,
		.seed = 1,
		.json_fd = -1,
	};
	int status;

	read_variants(&bench, parse_options(&bench, argc, argv));
	resolve_names(&bench);
	prepare_signals(&bench);
	prepare(&bench);
	measure(&bench);
	print_table(&bench);
	if (fflush(stdout) != 0)
		err(EXIT_SPAWN, "stdout");
	if (bench.json_fd >= 0)
		print_json(&bench);
	status = exit_status(&bench);
	destroy(&bench);
	return status;
}
