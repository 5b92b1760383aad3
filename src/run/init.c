/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* init.c - see init.h. A pid 1 must not fail: after the start there is no error that it could act on. */
#include "run/init.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"
#include "run/control.h"
#include "run/pty.h"

/* Never waits for the supervisor: it may be stopped. */
static void tell_stopped(const struct sbx_init *init, int status)
{
	const struct sbx_control_status stop = { .status = status, .kind = SBX_CONTROL_STOPPED };

	(void)send(init->control_fd, &stop, sizeof stop, MSG_NOSIGNAL | MSG_DONTWAIT);
}

const int sbx_init_typed[3] = { SIGINT, SIGQUIT, SIGHUP };

/* No process can claim to be the kernel, sigqueue(3): somebody typed it. */
static void tell_typed(const struct sbx_init *init, const struct signalfd_siginfo *info)
{
	const struct sbx_control_status typed = { .status = (int)info->ssi_signo, .kind = SBX_CONTROL_TYPED };

	if (info->ssi_signo != SIGCHLD && info->ssi_code == SI_KERNEL)
		(void)send(init->control_fd, &typed, sizeof typed, MSG_NOSIGNAL | MSG_DONTWAIT);
}

enum reaped { REAPED_OTHERS, REAPED_COMMAND, REAPED_LOST };

/*
 * Reaps all that ended; that the command stopped is told at once. "Lost" if the kernel does not say any
 * more what ended: the command's end would be waited for in vain.
 */
static enum reaped reap(const struct sbx_init *init, int *ret_status)
{
	enum reaped ended = REAPED_OTHERS;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) != 0) {
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return ended == REAPED_OTHERS ? REAPED_LOST : ended;
		if (pid == init->command && WIFSTOPPED(status)) {
			tell_stopped(init, status);
		} else if (pid == init->command) {
			*ret_status = status;
			ended = REAPED_COMMAND;
		}
	}
	return ended;
}

static void signal_group(const struct sbx_init *init, int sig)
{
	pid_t group = getpgid(init->command);

	/* Our own, where all signals are blocked; and the command's if that, a shell, has made itself another one. */
	if (init->leads_group) {
		(void)kill(0, sig);
		if (group > 0 && group != getpgrp())
			(void)kill(-group, sig);
		return;
	}
	/* A group exists from setsid(2) on; before that the command is still sbx itself. */
	if (kill(-init->command, sig) < 0)
		(void)kill(init->command, sig);
}

/* False if the supervisor is gone. */
static bool take_signal(const struct sbx_init *init)
{
	struct sbx_control_signal msg;
	ssize_t n = recv(init->control_fd, &msg, sizeof msg, MSG_DONTWAIT);

	if (n == (ssize_t)sizeof msg) {
		if (msg.tty && init->tty_fd >= 0)
			sbx_pty_set_foreground(init->tty_fd, init->command, msg.foreground);
		if (msg.group)
			signal_group(init, msg.signal);
		else
			(void)kill(init->command, msg.signal);
		return true;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* By the process's directory in /proc, whose number may be another one in our own pid namespace. */
static void kill_numbered(int proc_fd, long pid)
{
	char name[32];
	int fd;

	(void)snprintf(name, sizeof name, "%ld", pid);
	fd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && sys_pidfd_send_signal(fd, SIGKILL) < 0 && errno == ENOSYS)
		(void)kill((pid_t)pid, SIGKILL);
	sbx_close_p(&fd);
}

void sbx_kill_descendants(int proc_fd)
{
	for (;;) {
		_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
		char *text, *end;
		size_t len;

		if (sbx_read_path(&a, proc_fd, "thread-self/children", (size_t)1 << 20, &text, &len) < 0 || len == 0)
			break;
		for (char *p = text; *p; p = end) {
			long pid = strtol(p, &end, 10);

			if (end == p)
				break;
			kill_numbered(proc_fd, pid);
			while (*end == ' ')
				end++;
		}
		/* Orphans of what was killed become our children; look again until there is none. */
		if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
			break;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

void sbx_init_run(const struct sbx_init *init)
{
	struct sbx_control_status result = { 0 };
	enum reaped ended = reap(init, &result.status);

	while (ended == REAPED_OTHERS) {
		struct pollfd fds[] = {
			{ .fd = init->control_fd, .events = POLLIN },
			{ .fd = init->signal_fd, .events = POLLIN },
		};
		struct signalfd_siginfo info;

		if (poll(fds, ARRAY_LEN(fds), -1) < 0)
			continue;
		if (fds[1].revents && read(init->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
			tell_typed(init, &info);
			ended = reap(init, &result.status);
		}
		if (ended == REAPED_OTHERS && fds[0].revents && !take_signal(init))
			break;
	}
	if (ended == REAPED_COMMAND)
		(void)send(init->control_fd, &result, sizeof result, MSG_NOSIGNAL);
	if (init->proc_fd >= 0)
		sbx_kill_descendants(init->proc_fd);
	_exit(0);
}
