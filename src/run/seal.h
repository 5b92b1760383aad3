/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seal.h - what is taken away from a process of sbx before it goes on: the command before execve(2), the
 * sandbox's init, the supervisor.
 */
#ifndef SBX_RUN_SEAL_H
#define SBX_RUN_SEAL_H

#include "plan/plan.h"
#include "run/report.h"

/* Tells the supervisor that a `try` limit was skipped. */
typedef void sbx_skipped_fn(void *data, enum sbx_stage stage, int index, int err);

/*
 * The command's seal up to no_new_privs, in the order of doc/architecture.md: limits, ids, securebits, bounding and
 * ambient sets, capset, no_new_privs. 0, or a negative errno with *ret_stage and *ret_index saying where.
 */
_must_check_ int sbx_seal_command(
    const struct sbx_plan *plan, sbx_skipped_fn *skipped, void *data, enum sbx_stage *ret_stage, int *ret_index);

/*
 * Whether the command gives up no less than init: no capability is granted and its ids are the caller's. Then
 * sbx_seal_shared(), before the fork, is the seal of both, and sbx_seal_command() sets the limits only.
 */
bool sbx_seal_is_shared(const struct sbx_plan *plan);
_must_check_ int sbx_seal_shared(void);

/*
 * For an init whose command has a seal of its own: the command's ids first, or it could send it no signal; then the
 * same as for the supervisor. 0, or a negative errno with *ret_stage saying where.
 */
_must_check_ int sbx_seal_init(const struct sbx_plan *plan, enum sbx_stage *ret_stage);

/*
 * For init and supervisor: no capability, no new privileges, not dumpable, so that no process of the same user
 * id in the sandbox can trace it or read its memory (CVE-2019-12499). 0 or a negative errno.
 */
_must_check_ int sbx_seal_self(void);

#endif
