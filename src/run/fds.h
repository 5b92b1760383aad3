/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fds.h - file descriptors of the caller that were named by number, and the files of the standard streams. */
#ifndef SBX_RUN_FDS_H
#define SBX_RUN_FDS_H

#include "plan/plan.h"

/*
 * Checks that each descriptor of the plan is open and fit for its use, and closes all others above 2. All of them
 * are close-on-exec already. 0 or a negative errno with an error added.
 */
_must_check_ int sbx_fds_claim(const struct sbx_plan *plan, struct sbx_diags *d);

/* In the sandbox's first process, before anything is opened: what only the supervisor uses. */
void sbx_fds_close_outer(const struct sbx_plan *plan);

/*
 * In the sandbox's first process, once its root is complete: what the set-up alone used. A directory of the host that
 * stayed open would be a way out for whatever follows a link to /proc/self/fd (CVE-2024-21626).
 */
void sbx_fds_close_used(const struct sbx_plan *plan);

/* Closes the rest of what is named, but for what only the supervisor uses and, in `init`, for sync-fd. */
void sbx_fds_close_inner(const struct sbx_plan *plan, bool init);

/* In the command, last: these are inherited by execve(2). 0 or a negative errno. */
_must_check_ int sbx_fds_hand_over(const struct sbx_plan_fd *fds, size_t n);

/*
 * Opens the files for standard output and error with the caller's rights; nothing is truncated yet. ret[i] is -1
 * where the caller's stream stays. 0 or a negative errno with an error added.
 */
_must_check_ int sbx_fds_open_output(const struct sbx_plan *plan, struct sbx_diags *d, int ret[2]);

/* In the command: puts them in place, and empties those that are not appended to. 0 or a negative errno. */
_must_check_ int sbx_fds_redirect(const struct sbx_plan *plan, int fds[2]);

#endif
