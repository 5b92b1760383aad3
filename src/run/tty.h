/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tty.h - the caller's terminal, shared with a command that has no session of its own. Init leads a process group in
 * the caller's session, the command is in it: what the caller typed into sbx is not the command's to signal (kill(2) with
 * pid 0 asks for no pid namespace), and job control sees two groups, of which one has the terminal.
 *
 * The supervisor gives it to the command's group when sbx is in the foreground and the command asks for it, by
 * stopping with SIGTTIN or SIGTTOU; and at the start if standard input and output are the terminal, as programs look
 * whether they are in the foreground. Otherwise sbx may be in a pipeline with others that need it: `sbx git log | less`.
 */
#ifndef SBX_RUN_TTY_H
#define SBX_RUN_TTY_H

#include <sys/types.h>

#include "base/base.h"

struct sbx_tty {
	int fd; /* the controlling terminal, or -1 */
	bool eager; /* standard input and output are it */
	bool given; /* the sandbox has it: it was ours, and we have not taken it back */
	bool wanted; /* meanwhile another of our group asked for it */
};

#define SBX_TTY_NONE     \
	{                \
		.fd = -1 \
	}

/* Looks at the terminal. Afterwards t->given says that the command shall take it as it starts. */
void sbx_tty_begin(struct sbx_tty *t);

/* Whether our process group is in the foreground. */
bool sbx_tty_is_ours(const struct sbx_tty *t);

/* Gives the terminal to process group `group` if it is ours. True if the sandbox has it now. */
bool sbx_tty_give(struct sbx_tty *t, pid_t group);

/* Takes it back if it was given. Returns the group of the sandbox that had it, 0 if none. */
pid_t sbx_tty_take_back(struct sbx_tty *t);

/* At the end: no dead process group stays in the foreground. */
void sbx_tty_end(struct sbx_tty *t);

#endif
