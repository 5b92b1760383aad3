/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ask.c - runs a program of the system, such as getent(1), that answers on its standard output; see probe.h. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "host/probe.h"

#define ANSWER_MAX ((size_t)256 * 1024)
#define TIMEOUT_MS 5000

/* Starts it with a clean environment and no other fd of ours; its output is read from *ret_fd. */
static int spawn(const char *const *argv, pid_t *ret_pid, int *ret_fd)
{
	char path_env[] = "PATH=/usr/bin:/bin", lang[] = "LC_ALL=C", *env[] = { path_env, lang, NULL };
	posix_spawn_file_actions_t fa;
	int r, fds[2];
	char **args;

	memcpy(&args, &argv, sizeof args); /* posix_spawn(3) does not write through it */
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = posix_spawn_file_actions_init(&fa);
	if (r == 0) {
		if (!(r = posix_spawn_file_actions_adddup2(&fa, fds[1], 1)) &&
		    !(r = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0)) &&
		    !(r = posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0)) &&
		    !(r = posix_spawn_file_actions_addclosefrom_np(&fa, 3)))
			r = posix_spawn(ret_pid, argv[0], &fa, NULL, args, env);
		(void)posix_spawn_file_actions_destroy(&fa);
	}
	(void)close(fds[1]);
	if (r != 0) {
		(void)close(fds[0]);
		return -r;
	}
	*ret_fd = fds[0];
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads to the end of file; -ETIMEDOUT if a directory service does not answer. */
static int read_answer(struct sbx_buf *b, int fd)
{
	int64_t deadline = now_ms() + TIMEOUT_MS;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - now_ms();
		char chunk[4096];
		ssize_t n;

		if (left <= 0 || b->len > ANSWER_MAX)
			return left <= 0 ? -ETIMEDOUT : -EFBIG;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0)
			sbx_buf_add(b, chunk, (size_t)n);
	}
}

int sbx_host_ask(struct sbx_arena *a, const char *const *argv, struct sbx_buf *ret)
{
	_cleanup_close_ int fd = -1;
	struct sbx_buf b = { .arena = a };
	pid_t pid;
	int r = spawn(argv, &pid, &fd);

	if (r < 0)
		return r;
	r = read_answer(&b, fd);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r == 0)
		*ret = b;
	return r;
}
