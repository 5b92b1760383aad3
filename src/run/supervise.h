/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervise.h - the process outside: it reads the sandbox's reports, passes signals on, minds the time and
 * turns the end of the command into an exit status.
 */
#ifndef SBX_RUN_SUPERVISE_H
#define SBX_RUN_SUPERVISE_H

#include "run/learn.h"
#include "run/process.h"
#include "run/status.h"
#include "run/tty.h"

struct sbx_supervisor {
	const struct sbx_plan *plan;
	struct sbx_diags *diags;
	/* Called once the command runs, with the notices so far; prints them. */
	void (*started)(struct sbx_diags *d);
	struct sbx_status *status;
	struct sbx_process first; /* the sandbox's first process, our child */
	int report_fd; /* read end, see report.h */
	int control_fd; /* see control.h */
	int idmap_fd; /* see idmap.h; -1 if the plan needs none */
	int signal_fd; /* signalfd(2) of all signals, which are blocked */
	int proc_fd; /* /proc if the pid namespace is shared, else -1 */
	struct sbx_tty tty; /* taken over */
	struct sbx_learn *learn; /* --learn, or NULL */
	bool tty_background; /* --pty: the command's process group began in the background of its terminal */
};

/* Runs until the sandbox has ended with all that was in it. Returns the exit status of sbx. */
_must_check_ int sbx_supervise(struct sbx_supervisor *s);

#endif
