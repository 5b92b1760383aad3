/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* join.h - a start in a user or pid namespace that exists: setns(2). */
#ifndef SBX_RUN_JOIN_H
#define SBX_RUN_JOIN_H

#include "plan/plan.h"
#include "run/process.h"

/*
 * Like sbx_userns_clone(), for a plan that joins. A process in between enters the namespaces, so that the supervisor
 * stays where it is, and makes the sandbox's first process as a child of the supervisor (CLONE_PARENT).
 */
_must_check_ pid_t sbx_join_clone(const struct sbx_plan *plan, struct sbx_diags *d, struct sbx_process *ret);

#endif
