/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* launch.h - does what a plan says. */
#ifndef SBX_RUN_LAUNCH_H
#define SBX_RUN_LAUNCH_H

#include "run/learn.h"

struct sbx_launch {
	struct sbx_arena *arena;
	const struct sbx_plan *plan;
	struct sbx_diags *diags;
	void (*started)(struct sbx_diags *d); /* see supervise.h */
	struct sbx_learn *learn; /* --learn, or NULL; see learn.h */
	pid_t parent; /* parent of sbx when it was started, for --die-with-parent */
	char *args; /* argument strings of this process; init's copy is wiped */
	size_t args_len;
};

/* Runs the plan to its end and returns the exit status of sbx; what a person must know is in `diags`. */
_must_check_ int sbx_launch_run(struct sbx_launch *l);

#endif
