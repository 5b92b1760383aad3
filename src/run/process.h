/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process.h - the sandbox's first process, a child of the supervisor: made, signalled and waited for by pidfd, or
 * by its number where the kernel, or an outer container's filter, lacks clone3(2) (Linux 5.3) or a call that takes a
 * pidfd. The number is as good: it can't be another's before its parent has reaped it, and that is done here only.
 */
#ifndef SBX_RUN_PROCESS_H
#define SBX_RUN_PROCESS_H

#include <sys/resource.h>
#include <sys/types.h>

#include "base/base.h"

struct sbx_process {
	pid_t pid; /* 0 once it is reaped */
	int pidfd; /* readable when it has ended; -1 without clone3: watch for SIGCHLD then */
	uint64_t later; /* namespaces that it must make itself by unshare(2) before it forks: CLONE_NEWTIME */
	int status; /* once it is reaped: as waitpid(2) gives it, and what it and its own used */
	struct rusage usage;
};

/* Like fork(2), with the CLONE_NEW… flags. 0 in the child; -1 and errno on failure. `*p` is filled in both. */
_must_check_ pid_t sbx_process_clone(struct sbx_process *p, uint64_t namespaces);

/* Sends a signal to it, unless it is reaped. */
void sbx_process_kill(const struct sbx_process *p, int sig);

/* For a process without pidfd: whether it has ended; it is reaped then. */
_must_check_ bool sbx_process_ended(struct sbx_process *p);

/* Waits for its end and reaps it. */
void sbx_process_wait(struct sbx_process *p);

#endif
