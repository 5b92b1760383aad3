/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan_parts.h - what plan.c calls in the other files of this room, in the order of a start. */
#ifndef SBX_PLAN_PLAN_PARTS_H
#define SBX_PLAN_PLAN_PARTS_H

#include "plan/plan.h"

struct sbx_planner {
	struct sbx_arena *arena;
	const struct sbx_spec *spec;
	const struct sbx_host *host;
	struct sbx_diags *diags;
	struct sbx_plan *plan;
};

void sbx_plan_ids(struct sbx_planner *p); /* id maps, uid and gid of the command */
void sbx_plan_fs(struct sbx_planner *p); /* mounts and files */
void sbx_plan_env(struct sbx_planner *p); /* environment */
void sbx_plan_fds(struct sbx_planner *p); /* file descriptors of the caller and what they are for */


/* plan_seccomp.c */
void sbx_plan_seccomp(struct sbx_planner *p, const struct sbx_filters *filters);

#endif
