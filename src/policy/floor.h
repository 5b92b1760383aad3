/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * floor.h - what no policy can give: input typed into the caller's terminal, the kernel's keyrings, and what goes
 * around a filter. It is under every policy, `--seccomp none` included, unless --no-seccomp-floor.
 */
#ifndef SBX_POLICY_FLOOR_H
#define SBX_POLICY_FLOOR_H

#include "policy/policy.h"

/* What the floor leaves open; all false: everything is closed. */
struct sbx_floor {
	bool clone3; /* user namespaces are not restricted, so its flags need not be seen */
	bool all; /* there is no floor */
	/*
	 * That is closed besides: denials go to a listener of ours (SBX_BPF_REPORT). A later filter's listener is asked in
	 * place of it, and may let pass what the policy denies. The kernel refuses a second one only as long as ours lives.
	 */
	bool no_listener;
};

/* The floor alone: a policy that allows everything else. */
const struct sbx_policy *sbx_floor_policy(struct sbx_arena *a, struct sbx_floor open);

/*
 * `p` on the floor as one policy: for each call the stricter of what both say, as if both were loaded. io_uring is open
 * if a rule of `p` allows io_uring_setup by name.
 */
const struct sbx_policy *sbx_floor_under(struct sbx_arena *a, const struct sbx_policy *p, struct sbx_floor open);

#endif
