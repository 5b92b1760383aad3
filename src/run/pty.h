/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty.h - the command's own terminal (--pty). Inside, its session leader is the process that will be init, and the
 * command leads a process group below it: that group is not orphaned, so Ctrl-Z stops it (pty_inside.c). Outside, the
 * supervisor has the master side and copies bytes between it and the caller's standard streams (pty.c). The master
 * is never in a process that runs the command.
 */
#ifndef SBX_RUN_PTY_H
#define SBX_RUN_PTY_H

#include <poll.h>
#include <termios.h>

#include "plan/plan.h"

/* Inside */

/*
 * Makes the caller of this function leader of a new session with a new pseudo terminal of the devpts at /dev/pts,
 * with the modes and size of the terminal on standard input, and sends the master side to the supervisor. *ret_tty_fd
 * is the other side, close-on-exec. A negative errno: there is no devpts, or it is full.
 */
_must_check_ int sbx_pty_open(const struct sbx_plan *plan, int control_fd, int *ret_tty_fd);

/*
 * Gives the calling process, child of the session leader, a process group of its own, the terminal's foreground group
 * unless `background`, and the terminal as standard streams. All signals must be blocked.
 */
_must_check_ int sbx_pty_enter(int tty_fd, bool background);

/* For the session leader: makes the command's process group the foreground group, or its own. */
void sbx_pty_set_foreground(int tty_fd, pid_t command, bool foreground);

/* Outside */

/* Whether this process may read the terminal on `fd` and set its modes; true for what is not our controlling terminal. */
bool sbx_pty_is_foreground(int fd);

enum { SBX_PTY_FDS = 3, SBX_PTY_BUFFER = 4096 };

struct sbx_pty_end {
	int fd; /* of our own, or -1 */
	bool nonblock; /* neither reading nor writing waits */
	bool socket;
};

struct sbx_pty_buffer {
	size_t start, len;
	char data[SBX_PTY_BUFFER];
};

struct sbx_pty {
	int master_fd; /* or -1 */
	int tty_fd; /* the caller's terminal if it is standard input, or -1 */
	int size_fd; /* the terminal whose size is copied, or -1 */
	struct sbx_pty_end from, to; /* the caller's standard input and output */
	bool begun;
	bool foreground; /* we may read the caller's terminal */
	bool raw; /* its modes are ours, `saved` were the caller's */
	struct termios saved;
	bool from_ended; /* end of file on standard input */
	bool typed; /* something was sent ... */
	char last; /* ... of which this was the last byte */
	bool hung_up; /* nothing more comes from the master */
	bool finished; /* all that had the terminal open is dead */
	size_t late; /* bytes since */
	struct sbx_pty_buffer in, out;
};

#define SBX_PTY_NONE                                                                                  \
	{                                                                                             \
		.master_fd = -1, .tty_fd = -1, .size_fd = -1, .from = { .fd = -1 }, .to = {.fd = -1 } \
	}

/*
 * Takes descriptors of its own for standard input and output, so that those can be closed, and sets the caller's
 * terminal to raw mode if we are its foreground. p->master_fd must be set. 0 or a negative errno.
 */
_must_check_ int sbx_pty_begin(struct sbx_pty *p);

/* Looks again whether we are in the foreground; if so sets raw mode and copies the size. Returns p->foreground. */
bool sbx_pty_resume(struct sbx_pty *p);

/* Gives the caller's terminal its modes back, for a stop or for good. Nothing if they were not changed. */
void sbx_pty_restore(struct sbx_pty *p);

/* Copies the size of the caller's terminal; the kernel tells the foreground group inside. */
void sbx_pty_resize(struct sbx_pty *p);

/* Signals the foreground group inside as the key would: SIGINT, SIGQUIT, SIGTSTP only. False if it can't. */
bool sbx_pty_signal(struct sbx_pty *p, int sig);

/* What to wait for, and what to do then. A negative errno: standard output is gone, the terminal was hung up. */
void sbx_pty_poll(const struct sbx_pty *p, struct pollfd fds[SBX_PTY_FDS]);
_must_check_ int sbx_pty_relay(struct sbx_pty *p, const struct pollfd fds[SBX_PTY_FDS]);

/* Copies what the command has written so far, as far as that needs no waiting. */
void sbx_pty_flush(struct sbx_pty *p);

/* All inside are dead: no more input. Ctrl-C at the caller's terminal is a signal again. */
void sbx_pty_finish(struct sbx_pty *p);

/* After sbx_pty_finish(): whether output is left that was not written. */
bool sbx_pty_pending(struct sbx_pty *p);

/* Restores the modes, closes everything. */
void sbx_pty_end(struct sbx_pty *p);

#endif
