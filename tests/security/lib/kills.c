/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kills.c - kills a program again and again, at random moments after its start, and counts what outlives it.
 *
 *   kills SEED TIMES MICROSECONDS SIGNAL WHO COMMAND [ARG…]
 *
 * WHO is "program", or "child" for the first child that it has then (the program itself if it has none yet). The
 * moments are from 0 to MICROSECONDS. Orphans come to this process, whatever session or group they are in, so none
 * can hide. Last line: "TIMES kills, N before its first child, N survived, N left something". "Survived" is a program
 * that still runs 10 seconds after the signal; what is left is looked for 5 seconds, and then killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_for(long microseconds)
{
	struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The first child of `pid`, or 0 */
static pid_t first_child(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &child) != 1)
		child = 0;
	if (f)
		fclose(f);
	return child;
}

/* Waits for the program, or for all that is left. False if that takes too long. */
static bool ends(pid_t pid, double seconds)
{
	double end = now() + seconds;

	for (;;) {
		pid_t ended = waitpid(-1, NULL, WNOHANG);

		if (ended == pid || (ended < 0 && errno == ECHILD))
			return true;
		if (ended > 0)
			continue;
		if (now() > end)
			return false;
		pause_for(500);
	}
}

/* Names what was left, kills it and what then comes to us. */
static void clean_up(void)
{
	double end = now() + 10;
	pid_t pid;

	while ((pid = first_child(getpid())) && now() < end) {
		char path[64], args[256] = "";
		int fd;

		snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, args, sizeof args - 1) > 0)
			printf("# left: %d %s\n", pid, args);
		if (fd >= 0)
			close(fd);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	int times, early = 0, survived = 0, left = 0, sig;
	unsigned seed;
	long range;

	if (argc < 7)
		return 2;
	seed = (unsigned)strtoul(argv[1], NULL, 10);
	times = atoi(argv[2]);
	range = atol(argv[3]);
	sig = atoi(argv[4]);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < times; i++) {
		long moment = (long)((double)rand_r(&seed) / RAND_MAX * (double)range);
		pid_t pid = fork(), child;

		if (pid < 0)
			return 2;
		if (pid == 0) {
			/* Whatever the shell has ignored in its background jobs */
			for (int s = 1; s < 32; s++)
				signal(s, SIG_DFL);
			execv(argv[6], argv + 6);
			_exit(127);
		}
		pause_for(moment);
		child = first_child(pid);
		early += child == 0;
		kill(*argv[5] == 'c' && child > 0 ? child : pid, sig);
		if (!ends(pid, 10)) {
			printf("# survived signal %d after %ld microseconds\n", sig, moment);
			survived++;
			kill(pid, SIGKILL);
			ends(pid, 10);
		}
		if (!ends(-1, 5)) {
			printf("# left something: signal %d after %ld microseconds\n", sig, moment);
			left++;
			clean_up();
		}
	}
	printf("%d kills, %d before its first child, %d survived, %d left something\n", times, early, survived, left);
	return survived || left;
}
