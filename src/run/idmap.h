/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * idmap.h - idmapped binds (mount_setattr(2), MOUNT_ATTR_IDMAP, Linux 5.12): owners on disk are taken for ids of the
 * sandbox. The kernel asks for CAP_SYS_ADMIN over the filesystem, which only root outside has: so the sandbox's
 * first process hands the detached mount to the supervisor, and waits. The wire exists during the set-up only.
 */
#ifndef SBX_RUN_IDMAP_H
#define SBX_RUN_IDMAP_H

#include "plan/plan.h"

/* Whether the plan has such a bind. */
bool sbx_idmap_wanted(const struct sbx_plan *plan);

/* In the first process: 0 or a negative errno, also if the supervisor has gone. */
_must_check_ int sbx_idmap_ask(int wire, int tree_fd);

/* In the supervisor: answers one request of `pid`. False at the end of the wire. */
bool sbx_idmap_serve(int wire, pid_t pid);

#endif
