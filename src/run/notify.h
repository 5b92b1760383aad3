/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notify.h - --report-denials in the supervisor: the kernel asks it about each call that the policy denies or notes
 * (SECCOMP_RET_USER_NOTIF, seccomp_unotify(2)). It evaluates the policy again, tells, and answers what the
 * plain filter would have answered; it decides nothing, for the memory of the caller can change meanwhile. With --learn
 * it is asked about what is allowed as well, writes down what it sees, and lets the kernel go on.
 */
#ifndef SBX_RUN_NOTIFY_H
#define SBX_RUN_NOTIFY_H

#include "plan/plan.h"
#include "run/denials.h"
#include "run/learn.h"

struct seccomp_notif;
struct seccomp_notif_resp;

struct sbx_notify {
	const struct sbx_plan *plan;
	struct sbx_denials denials;
	struct sbx_learn *learn; /* is told of all calls; NULL: denials only */
	int fd; /* the filter's listener, or -1 */
	struct seccomp_notif *req;
	struct seccomp_notif_resp *resp;
	size_t req_size, resp_size;
	/* The last that asked: a loop on a denied call must not cost a look into /proc each time. */
	uint32_t last_pid;
	int64_t last_ms;
	char last_name[64];
	bool named; /* the command has its own name */
};

void sbx_notify_begin(struct sbx_notify *n, struct sbx_arena *a, const struct sbx_plan *plan, struct sbx_learn *learn);

/* Takes the listener, which it closes; a second one is refused. */
void sbx_notify_take(struct sbx_notify *n, int fd);

/* When n->fd polls as `revents`: answers what waits, but not for ever. */
void sbx_notify_serve(struct sbx_notify *n, short revents);

#endif
