/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * denied.c - makes calls that a policy of tests/integration/denials.sh denies: denied VERB [N]
 *   once             uname(2); prints its errno
 *   loop N           N times; prints how many failed with EPERM
 *   threads N        in N threads, 100 times each
 *   forever          until it is killed
 *   signals N        N times, while a timer interrupts every 100 us
 *   listener         a filter with a listener of its own
 *   clones           in a new user and pid namespace, once
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static long loop(long n)
{
	struct utsname u;
	long denied = 0;

	for (long i = 0; i < n; i++)
		denied += uname(&u) < 0 && errno == EPERM;
	return denied;
}

static void *thread(void *arg)
{
	prctl(PR_SET_NAME, "worker");
	return (void *)loop((long)arg);
}

static void nothing(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 1, sum = 0;
	struct utsname u;

	if (!strcmp(verb, "once")) {
		printf("%s\n", uname(&u) < 0 ? strerrorname_np(errno) : "ok");
	} else if (!strcmp(verb, "loop")) {
		printf("%ld\n", loop(n));
	} else if (!strcmp(verb, "threads")) {
		pthread_t t[64];

		for (long i = 0; i < n; i++)
			pthread_create(&t[i], NULL, thread, (void *)100L);
		for (long i = 0; i < n; i++) {
			void *result;

			pthread_join(t[i], &result);
			sum += (long)result;
		}
		printf("%ld\n", sum);
	} else if (!strcmp(verb, "forever")) {
		for (;;)
			uname(&u);
	} else if (!strcmp(verb, "signals")) {
		struct sigaction sa = { .sa_handler = nothing };
		struct itimerval every = { { 0, 100 }, { 0, 100 } };

		sigaction(SIGALRM, &sa, NULL);
		setitimer(ITIMER_REAL, &every, NULL);
		for (long i = 0; i < n; i++)
			sum += uname(&u) < 0 && (errno == EPERM || errno == EINTR);
		printf("%ld\n", sum);
	} else if (!strcmp(verb, "listener")) {
		struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
		struct sock_fprog program = { 1, allow };
		long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

		printf("%s\n", r < 0 ? strerrorname_np(errno) : "ok");
	} else if (!strcmp(verb, "clones")) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
			return 2;
		if (fork() == 0) {
			printf("%d %ld\n", getpid(), loop(1));
			return 0;
		}
		wait(NULL);
	} else {
		return 2;
	}
	return 0;
}
