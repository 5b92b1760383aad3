/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* userns.h - the first process of the sandbox and the id maps of its user namespace. */
#ifndef SBX_RUN_USERNS_H
#define SBX_RUN_USERNS_H

#include "plan/plan.h"
#include "run/process.h"

/*
 * One clone3(2) with all namespaces of the plan. Returns the pid in the parent, 0 in the child, with *ret filled in
 * both, or a negative errno with the reason added to `d`.
 */
_must_check_ pid_t sbx_userns_clone(const struct sbx_plan *plan, struct sbx_diags *d, struct sbx_process *ret);

/* In the child: writes the one-id maps. 0 or a negative errno. */
_must_check_ int sbx_userns_map_self(const struct sbx_plan *plan);

/*
 * In the parent: writes the maps of `pid`, which waits and is not reaped, so its number can't be reused: by
 * newuidmap(1) and newgidmap(1), or directly when every id is mapped. 0, a negative errno with errors added to `d`, or
 * the exit status if a signal through `signal_fd` ended it.
 */
_must_check_ int sbx_userns_map_child(
    struct sbx_arena *a, const struct sbx_plan *plan, pid_t pid, int signal_fd, struct sbx_diags *d);

/* Adds why no user namespace can be had: `err` from clone3(2), or from the map with at_map. */
int sbx_userns_explain(struct sbx_diags *d, int err, bool at_map);

#endif
