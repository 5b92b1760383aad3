/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty.c - the supervisor's side of --pty; see pty.h. Nothing here waits but poll(2) in supervise.c: signals and
 * --timeout count at any time. The caller's open files are shared with its other processes, so O_NONBLOCK is never
 * set on them; terminals and pipes are opened anew for that.
 */
#include "run/pty.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "run/control.h"

/*
 * Bytes that are written at once where writing may block; a pipe or terminal that poll(2) finds writable takes
 * them. And bytes that are read after the end: far above what a terminal buffers; someone outside may hold it open.
 */
enum { CAREFUL = 256, LATE_MAX = 1 << 20 };

bool sbx_pty_is_foreground(int fd)
{
	pid_t group = tcgetpgrp(fd);

	/* Of another session, or of none: there is no job control then, as in a sandbox without --pty. */
	return group < 0 ? errno == ENOTTY : group == getpgrp();
}

static int take_end(struct sbx_pty_end *end, int fd, int how)
{
	struct stat st;
	char path[32];

	if (fstat(fd, &st) < 0)
		return -errno;
	end->socket = S_ISSOCK(st.st_mode);
	end->nonblock = S_ISREG(st.st_mode);
	/* A FIFO whose writers are gone would not tell a new reader that it has ended. */
	if (isatty(fd) || (S_ISFIFO(st.st_mode) && how == O_WRONLY)) {
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		end->fd = open(path, how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		end->nonblock = end->fd >= 0;
	}
	if (end->fd < 0)
		end->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return end->fd < 0 ? -errno : 0;
}

int sbx_pty_begin(struct sbx_pty *p)
{
	int r = take_end(&p->from, STDIN_FILENO, O_RDONLY);

	if (r == 0)
		r = take_end(&p->to, STDOUT_FILENO, O_WRONLY);
	if (r < 0)
		return r;
	if (isatty(STDIN_FILENO) && (p->tty_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) < 0)
		return -errno;
	for (int fd = 0; fd <= 2 && p->size_fd < 0; fd++) {
		if (isatty(fd) && (p->size_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0)
			return -errno;
	}
	p->begun = true;
	(void)sbx_pty_resume(p);
	return 0;
}

static void set_raw(struct sbx_pty *p)
{
	struct termios raw;

	if (tcgetattr(p->tty_fd, &p->saved) < 0)
		return;
	raw = p->saved;
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	p->raw = tcsetattr(p->tty_fd, TCSANOW, &raw) == 0;
}

bool sbx_pty_resume(struct sbx_pty *p)
{
	if (!p->begun)
		return p->foreground;
	p->foreground = p->tty_fd < 0 || sbx_pty_is_foreground(p->tty_fd);
	/* Whoever has the terminal now sets its modes; a shell has given it its own back. */
	p->raw = false;
	if (p->foreground && p->tty_fd >= 0)
		set_raw(p);
	sbx_pty_resize(p);
	return p->foreground;
}

void sbx_pty_restore(struct sbx_pty *p)
{
	if (p->raw && sbx_pty_is_foreground(p->tty_fd))
		(void)tcsetattr(p->tty_fd, TCSANOW, &p->saved);
	p->raw = false;
}

void sbx_pty_resize(struct sbx_pty *p)
{
	struct winsize size;

	if (p->size_fd >= 0 && p->master_fd >= 0 && ioctl(p->size_fd, TIOCGWINSZ, &size) == 0)
		(void)ioctl(p->master_fd, TIOCSWINSZ, &size);
}

bool sbx_pty_signal(struct sbx_pty *p, int sig)
{
	return p->master_fd >= 0 && (sig == SIGINT || sig == SIGQUIT || sig == SIGTSTP) &&
	       ioctl(p->master_fd, TIOCSIG, (long)sig) == 0;
}

void sbx_pty_poll(const struct sbx_pty *p, struct pollfd fds[SBX_PTY_FDS])
{
	bool from = p->foreground && !p->from_ended && p->in.len == 0 && !p->finished;
	short events = (short)((p->out.len == 0 ? POLLIN : 0) | (p->in.len > 0 ? POLLOUT : 0));

	/* Not even for POLLHUP, which nothing would be done about. */
	fds[0] = (struct pollfd){ .fd = p->begun && !p->hung_up && events ? p->master_fd : -1, .events = events };
	fds[1] = (struct pollfd){ .fd = p->begun && from ? p->from.fd : -1, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = p->out.len > 0 ? p->to.fd : -1, .events = POLLOUT };
}

static bool would_block(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* From the master, if the buffer has been emptied. True if there is something to write. */
static bool fill_out(struct sbx_pty *p)
{
	ssize_t n;

	if (p->out.len > 0 || p->hung_up)
		return p->out.len > 0;
	n = read(p->master_fd, p->out.data, sizeof p->out.data);
	/* EIO: no process has the terminal open. After the end nothing more can come than what is there. */
	if (n <= 0 && (!would_block(n) || (p->finished && errno == EAGAIN)))
		p->hung_up = true;
	p->out.start = 0;
	p->out.len = n > 0 ? (size_t)n : 0;
	if (p->finished)
		p->late += p->out.len;
	if (p->late > LATE_MAX)
		p->hung_up = true;
	return p->out.len > 0;
}

/* To standard output. 1 if all is written, 0 if it would have to wait, a negative errno if that is gone. */
static int flush_out(struct sbx_pty *p, bool writable)
{
	while (p->out.len > 0) {
		const char *data = p->out.data + p->out.start;
		size_t len = p->out.len;
		ssize_t n;

		if (p->to.socket) {
			n = send(p->to.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		} else if (p->to.nonblock) {
			n = write(p->to.fd, data, len);
		} else {
			if (!writable)
				return 0;
			writable = false;
			n = write(p->to.fd, data, len < CAREFUL ? len : CAREFUL);
		}
		if (would_block(n))
			return 0;
		if (n < 0)
			return -errno;
		p->out.start += (size_t)n;
		p->out.len -= (size_t)n;
	}
	return 1;
}

static void flush_in(struct sbx_pty *p)
{
	while (p->in.len > 0) {
		ssize_t n = write(p->master_fd, p->in.data + p->in.start, p->in.len);

		if (would_block(n))
			return;
		/* No process has the terminal open any more. */
		if (n < 0)
			n = (ssize_t)p->in.len;
		p->in.start += (size_t)n;
		p->in.len -= (size_t)n;
	}
}

/* What ends a terminal's input is a character; behind part of a line it only sends that off. */
static void type_end(struct sbx_pty *p)
{
	struct termios modes;
	char end = 4;

	p->from_ended = true;
	if (tcgetattr(p->master_fd, &modes) == 0 && modes.c_cc[VEOF] != _POSIX_VDISABLE)
		end = (char)modes.c_cc[VEOF];
	p->in.start = 0;
	p->in.len = p->typed && p->last != '\n' ? 2 : 1;
	p->in.data[0] = p->in.data[1] = end;
}

static void fill_in(struct sbx_pty *p)
{
	ssize_t n;

	if (p->tty_fd >= 0 && !sbx_pty_is_foreground(p->tty_fd)) {
		p->foreground = false;
		return;
	}
	n = p->from.socket ? recv(p->from.fd, p->in.data, sizeof p->in.data, MSG_DONTWAIT)
			   : read(p->from.fd, p->in.data, sizeof p->in.data);
	if (would_block(n))
		return;
	if (n <= 0) {
		type_end(p);
		return;
	}
	p->in.start = 0;
	p->in.len = (size_t)n;
	p->typed = true;
	p->last = p->in.data[n - 1];
}

int sbx_pty_relay(struct sbx_pty *p, const struct pollfd fds[SBX_PTY_FDS])
{
	int r = flush_out(p, fds[2].revents != 0);

	if (r > 0 && fds[0].revents & (POLLIN | POLLHUP | POLLERR) && fill_out(p))
		r = flush_out(p, false);
	if (fds[1].revents)
		fill_in(p);
	flush_in(p);
	if (r >= 0)
		return 0;
	/* As when a terminal's window is closed. */
	p->out.len = p->in.len = 0;
	p->hung_up = true;
	sbx_close_p(&p->master_fd);
	sbx_pty_restore(p);
	p->begun = false;
	return r;
}

void sbx_pty_flush(struct sbx_pty *p)
{
	/* As much as a terminal may have buffered, not as long as someone writes. */
	for (size_t done = 0; p->begun && done < (size_t)1 << 17; done += sizeof p->out.data) {
		struct pollfd to = { .fd = p->to.fd, .events = POLLOUT };

		if (!fill_out(p) || flush_out(p, poll(&to, 1, 0) > 0) <= 0)
			return;
	}
}

void sbx_pty_finish(struct sbx_pty *p)
{
	struct termios modes = p->saved;

	p->finished = true;
	p->in.len = 0;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	if (p->raw && sbx_pty_is_foreground(p->tty_fd))
		(void)tcsetattr(p->tty_fd, TCSANOW, &modes);
}

bool sbx_pty_pending(struct sbx_pty *p)
{
	return p->begun && fill_out(p);
}

void sbx_pty_end(struct sbx_pty *p)
{
	sbx_pty_restore(p);
	sbx_close_p(&p->master_fd);
	sbx_close_p(&p->from.fd);
	sbx_close_p(&p->to.fd);
	sbx_close_p(&p->tty_fd);
	sbx_close_p(&p->size_fd);
	p->begun = false;
}
