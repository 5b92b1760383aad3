/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * learn.h - what --learn has to do with policies: the calls that are made too often to be asked about, and the text
 * of a policy that was learned.
 */
#ifndef SBX_POLICY_LEARN_H
#define SBX_POLICY_LEARN_H

#include "policy/policy.h"

/* Rules, one a line, that every learned policy has: they open nothing that a policy would want closed. */
extern const char sbx_learn_always[];
/* Whether `old` lacks some of them. */
bool sbx_learn_lacks_always(struct sbx_arena *a, const struct sbx_policy *old, enum sbx_abi abi);

/*
 * `p` for SBX_BPF_LEARN: what sbx_learn_always allows is allowed at once, where `p` allows it whatever its arguments.
 * All the rest means the same.
 */
const struct sbx_policy *sbx_policy_for_learning(struct sbx_arena *a, const struct sbx_policy *p);

/* The most values of a call's arguments that are kept apart; a call with more is allowed with any. */
enum { SBX_LEARN_MAX_VALUES = 64 };

/* What a learned policy compares of a call: at most two arguments, masked. */
struct sbx_learn_args {
	int id; /* SBX_SYSCALL_… */
	bool bits; /* arg[0] is of flags: fewer of them than were seen are allowed, too */
	struct {
		const char *name, *prefix; /* of the argument; of the constants that it takes, or NULL */
		uint64_t mask;
		const char *mask_text; /* how the mask is written; NULL: it is all there is of the argument */
	} arg[2]; /* name NULL: none */
};
/* NULL: the call is allowed or not, whatever its arguments. */
const struct sbx_learn_args *sbx_learn_args(int id);
/* The values that matter, of the arguments of a call as a filter sees them. */
void sbx_learn_values(const struct sbx_learn_args *l, enum sbx_abi abi, const uint64_t args[6], uint64_t ret[2]);

/* A call that was seen. */
struct sbx_learn_call {
	int id; /* -1: of no name */
	uint32_t nr; /* as the kernel has it; with id -1 */
	uint64_t count;
	const char *first; /* program, or NULL */
	uint16_t denied; /* the errno that it was answered with, 0: it was allowed each time */
	bool allowed; /* at least once */
	bool any; /* too many values to be kept apart */
	uint64_t (*values)[2];
	size_t n_values;
};

/*
 * The rules for what was seen and `old` does not have, one a line; all of them if `old` is NULL. A line that someone
 * wrote decides what it decides. Returns how many were added.
 */
size_t sbx_learn_rules(struct sbx_buf *out, const struct sbx_policy *old, enum sbx_abi abi, unsigned abis,
    const struct sbx_learn_call *const *calls, size_t n);

#endif
