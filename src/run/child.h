/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* child.h - the sandbox's first process from clone3(2) to its life as init, and the command up to execve(2). */
#ifndef SBX_RUN_CHILD_H
#define SBX_RUN_CHILD_H

#include <signal.h>

#include "plan/plan.h"
#include "run/report.h"

struct sbx_child {
	struct sbx_arena *arena;
	const struct sbx_plan *plan;
	int report_fd; /* write end, see report.h */
	int control_fd; /* see control.h; its first message says that the id maps are written */
	int idmap_fd; /* see idmap.h, or -1 */
	int out_fd[2]; /* files for standard output and error, or -1; see fds.h */
	sigset_t command_mask; /* signal mask that the caller gave sbx */
	uint64_t later_namespaces; /* see process.h */
	char *args; /* the argument strings that execve(2) gave the process; they are wiped here */
	size_t args_len;
	bool tty_background; /* --pty: the caller's terminal is not ours now */
	bool take_tty; /* the command takes the caller's terminal, which is standard input: tty.h */
	int tty_fd; /* --pty: the command's terminal, else -1; set by sbx_child_run() */
};

_noreturn_ void sbx_child_run(struct sbx_child *c);

/* Sends a report; `detail` may be NULL. 0 or a negative errno, which matters for SBX_REPORT_EXEC alone. */
int sbx_child_report(
    const struct sbx_child *c, enum sbx_report_kind kind, enum sbx_stage stage, int op, int err, const char *detail);

/* Reports the negative errno `r` and ends the process: the start has failed. */
_noreturn_ void sbx_child_fail(const struct sbx_child *c, enum sbx_stage stage, int op, int r, const char *detail);

/* What belongs to new network and UTS namespaces: loopback up, host name. */
void sbx_child_set_up_namespaces(struct sbx_child *c);

/* Its ids need nobody else. */
static inline bool sbx_child_maps_itself(const struct sbx_plan *plan)
{
	return plan->map_writer == SBX_MAP_SELF || plan->map_writer == SBX_MAP_JOINED;
}

/* Whether the first process must be told to go on: its ids are written by others, or its namespaces are looked at. */
static inline bool sbx_child_waits(const struct sbx_plan *plan)
{
	return !sbx_child_maps_itself(plan) || plan->info.at || plan->status.at;
}

#endif
