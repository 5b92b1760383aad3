/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* init.h - the sandbox's first process once the command runs: reaps, forwards signals, ends with the command. */
#ifndef SBX_RUN_INIT_H
#define SBX_RUN_INIT_H

#include <sys/types.h>

#include "base/base.h"

/* Signals that a terminal sends to its foreground process group, and that the caller's own group is to get as well. */
extern const int sbx_init_typed[3];

struct sbx_init {
	pid_t command; /* leader of its own process group and, without a terminal, session; unless `leads_group` */
	bool leads_group; /* init leads the process group that the command is in, in the caller's session: tty.h */
	int control_fd; /* to the supervisor, see control.h */
	int signal_fd; /* signalfd(2) of SIGCHLD, and if it leads the group of sbx_init_typed; all signals are blocked */
	int proc_fd; /* /proc of the host if the pid namespace is shared, else -1 */
	int tty_fd; /* the command's terminal, whose session leader init then is (pty.h), else -1 */
};

/* Runs until the command or the supervisor ends. With its end the pid namespace dies; a shared one is cleaned first. */
_noreturn_ void sbx_init_run(const struct sbx_init *init);

/* Kills and reaps all descendants of the calling subreaper, through the host's /proc. */
void sbx_kill_descendants(int proc_fd);

#endif
