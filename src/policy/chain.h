/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chain.h - a policy turned round: for each number of one ABI the steps that decide about it. Inside this room only.
 */
#ifndef SBX_POLICY_CHAIN_H
#define SBX_POLICY_CHAIN_H

#include "policy/bpf.h"

/* "If `cond` holds, return `ret`"; the last step of a chain has no condition. */
struct sbx_step {
	const struct sbx_cond *cond;
	uint32_t ret; /* SECCOMP_RET_… */
	const struct sbx_step *next;
};

/* Numbers from `first` up to the next range's `first` share a chain. */
struct sbx_range {
	uint32_t first; /* without the ABI's nr_flag */
	int id; /* for names of arguments; -1 */
	const struct sbx_step *steps;
};

struct sbx_ranges {
	struct sbx_range *items; /* the first one begins at 0 */
	size_t n;
};

/* The ranges of one ABI, in order; `ret_of` gives the SECCOMP_RET_… of an action. */
struct sbx_ranges sbx_policy_ranges(
    struct sbx_arena *a, const struct sbx_policy *p, enum sbx_abi abi, uint32_t (*ret_of)(struct sbx_action action));

#endif
