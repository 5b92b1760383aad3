/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - what the processes of a starting sandbox tell the supervisor. They can't print once their root
 * is gone, so they send a record down a close-on-exec pipe; end of file behind SBX_REPORT_EXEC means that the
 * command runs.
 */
#ifndef SBX_RUN_REPORT_H
#define SBX_RUN_REPORT_H

#include "plan/plan.h"

enum sbx_stage {
	SBX_STAGE_IDMAP, /* writing the id maps */
	SBX_STAGE_KEYRING, /* leaving the caller's session keyring */
	SBX_STAGE_USERNS_LIMIT, /* no user namespaces inside */
	SBX_STAGE_NETWORK, /* loopback device up */
	SBX_STAGE_HOSTNAME,
	SBX_STAGE_TIMENS, /* the time namespace, where it can't be made with the others */
	SBX_STAGE_ROOT, /* the empty root */
	SBX_STAGE_OP, /* plan->ops[op] */
	SBX_STAGE_PIVOT, /* leaving the host's root */
	SBX_STAGE_USERNS2, /* joining the second user namespace */
	SBX_STAGE_ASSERT_USERNS, /* err 0: a user namespace could be made */
	SBX_STAGE_LOCK, /* plan->lock_files[op] */
	SBX_STAGE_BLOCK, /* waiting for block-fd */
	SBX_STAGE_OUTPUT, /* files of the standard streams */
	SBX_STAGE_KEEP_FD,
	SBX_STAGE_INIT, /* signals, fork, the seal of pid 1 */
	SBX_STAGE_CHDIR,
	SBX_STAGE_PTY, /* the command's own terminal */
	SBX_STAGE_RLIMIT, /* plan->rlimits[op] */
	SBX_STAGE_NICE,
	SBX_STAGE_NESTED, /* the command's own user namespace, see nested.h */
	SBX_STAGE_IDS, /* user, group and groups of the command */
	SBX_STAGE_CAPS,
	SBX_STAGE_FILTER, /* plan->seccomp.raw[op], or -1: the policy on its floor */
	SBX_STAGE_LISTENER, /* denials can't be told of */
	SBX_STAGE_EXEC,
};

enum sbx_report_kind {
	SBX_REPORT_FAILED, /* the start ends */
	SBX_REPORT_SKIPPED, /* a `try` was skipped */
	SBX_REPORT_NOTED, /* done in the second-best way that was asked for: said with --verbose */
	SBX_REPORT_EXEC, /* execve comes next */
};

struct sbx_report {
	enum sbx_report_kind kind;
	enum sbx_stage stage;
	int op; /* index of what failed within its stage, or -1 */
	int err; /* positive errno, 0 if detail says it all */
	char detail[240];
};

/* The detail of a bind that failed at its source on the host. */
extern const char sbx_at_source[];

/* Adds the error or notice of a report to `d`, with the origin of what asked and a remedy. */
void sbx_report_explain(const struct sbx_plan *plan, const struct sbx_report *r, struct sbx_diags *d);

/* hint.c: what to do about `err` at an operation, or NULL. */
const char *sbx_hint_for_op(const struct sbx_op *op, int err);
const char *sbx_hint_for_stage(enum sbx_stage stage, int err);
const char *sbx_hint_for_errno(int err); /* at no operation or stage */

#endif
