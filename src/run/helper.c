/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* helper.c - see helper.h. */
#include "run/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"

enum { MAX_OUTPUT = 4096, MAX_MS = 30000 };

static int spawn(const char *const *argv, int out_fd, pid_t *ret)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	static char *const env[] = { path, locale, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	char **args;
	int r;

	memcpy(&args, &argv, sizeof args); /* posix_spawn(3) does not write through it */
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (r == 0)
		r = posix_spawnattr_setsigmask(&attr, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(&attr, &all);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, out_fd, 2);
	if (r == 0)
		r = posix_spawn(ret, argv[0], &actions, &attr, args, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* The signal that came and ends a start, or 0. */
static int take_signal(int signal_fd)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return 0;
	return info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP ||
		       info.ssi_signo == SIGQUIT
		   ? (int)info.ssi_signo
		   : 0;
}

/* Reads until the program closes its output, the time is up or a signal comes. */
static bool collect(int fd, int signal_fd, char *buf, size_t *len, int *ret_signal)
{
	int64_t end = sbx_now_ms() + MAX_MS;

	for (;;) {
		struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = signal_fd, .events = POLLIN } };
		char drop[256];
		ssize_t n;

		if (sbx_is_past(end))
			return false;
		if (poll(p, ARRAY_LEN(p), sbx_ms_until(end)) <= 0)
			continue;
		if (p[1].revents && (*ret_signal = take_signal(signal_fd)) != 0)
			return false;
		if (!p[0].revents)
			continue;
		n = *len < MAX_OUTPUT ? read(fd, buf + *len, MAX_OUTPUT - *len) : read(fd, drop, sizeof drop);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		if (*len < MAX_OUTPUT)
			*len += (size_t)n;
	}
}

int sbx_helper_run(struct sbx_arena *a, const char *const *argv, int signal_fd, struct sbx_helper_result *ret)
{
	_cleanup_close_ int read_fd = -1, write_fd = -1;
	char *buf = sbx_alloc(a, MAX_OUTPUT + 1);
	size_t len = 0;
	int fds[2], status, r, signal = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	read_fd = fds[0];
	write_fd = fds[1];
	r = spawn(argv, write_fd, &pid);
	if (r < 0)
		return r;
	sbx_close_p(&write_fd);
	if (!collect(read_fd, signal_fd, buf, &len, &signal))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	while (len > 0 && (buf[len - 1] == '\n' || buf[len - 1] == ' '))
		len--;
	buf[len] = '\0';
	*ret = (struct sbx_helper_result){ .status = status, .signal = signal, .output = buf };
	return 0;
}
