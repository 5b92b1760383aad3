/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * status.h - what programs and people are told about a sandbox's life: --info-fd, --json-status-fd, --summary.
 * The first line has bubblewrap's keys (child-pid, mnt-namespace, …), the last one its exit-code.
 */
#ifndef SBX_RUN_STATUS_H
#define SBX_RUN_STATUS_H

#include <sys/resource.h>
#include <time.h>

#include "plan/plan.h"
#include "run/denials.h"

enum sbx_reason {
	SBX_REASON_EXIT,
	SBX_REASON_SIGNAL,
	SBX_REASON_TIMEOUT,
	SBX_REASON_OOM, /* the kernel was out of memory */
	SBX_REASON_SECCOMP, /* a filter of system calls */
	SBX_REASON_SETUP, /* nothing of the command ran */
};

struct sbx_status {
	const struct sbx_plan *plan;
	struct sbx_diags *diags;
	struct timespec begin; /* CLOCK_MONOTONIC */
	struct timespec running; /* when execve(2) had succeeded; 0 before */
	uint64_t oom_kills; /* of the machine, at the beginning */
};

struct sbx_ending {
	bool ran; /* the command's execve(2) had succeeded */
	bool timed_out, killed_by_us;
	int exit_status; /* of sbx */
	int wait_status; /* of the command, as waitpid(2) gives it, or -1 if nobody knows */
	const struct sbx_denials *denials; /* NULL if they were not counted */
	struct rusage usage; /* of all that ran in the sandbox and was waited for */
};

/* Costs nothing unless someone asked for status or summary. */
void sbx_status_begin(struct sbx_status *s, const struct sbx_plan *plan, struct sbx_diags *d);
/* The first process exists, and is in its namespaces: first lines to info-fd, which is closed, and json-status-fd. */
void sbx_status_made(struct sbx_status *s, pid_t pid);
void sbx_status_running(struct sbx_status *s);
void sbx_status_ended(struct sbx_status *s, const struct sbx_ending *e);

/* Why it ended; pure. `oom` says that the kernel killed for lack of memory meanwhile. */
enum sbx_reason sbx_status_reason(const struct sbx_ending *e, bool oom);
const char *sbx_status_reason_name(enum sbx_reason reason);

#endif
