/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy.h - a seccomp policy: an ordered list of rules about system calls, and what it means.
 *
 * The first rule that matches a call decides. If none does, `otherwise` (the statement `default`) decides about calls
 * that the table of system calls knows, `unknown` about other numbers, `badarch` about ABIs that the policy does not
 * name. The text form is sbx-policy(5); Docker's JSON becomes the same thing.
 *
 * All of it lives in one arena and is constant once loaded.
 */
#ifndef SBX_POLICY_POLICY_H
#define SBX_POLICY_POLICY_H

#include "base/err.h"
#include "policy/syscalls.h"

enum sbx_act {
	SBX_ACT_ALLOW,
	SBX_ACT_LOG, /* allowed, and the kernel writes a line to the audit log */
	SBX_ACT_NOTIFY, /* allowed, and the supervisor tells of it */
	SBX_ACT_ERRNO,
	SBX_ACT_TRAP, /* SIGSYS that a handler can catch */
	SBX_ACT_KILL_THREAD,
	SBX_ACT_KILL, /* the process, by SIGSYS */
};

struct sbx_action {
	enum sbx_act kind;
	uint16_t err; /* of SBX_ACT_ERRNO; 0 to 4095 */
	bool quiet; /* not told of by --report-denials; with SBX_ACT_ALLOW: nor asked about by --learn */
};

/* A value as it is written; a constant may have another number in each ABI. */
struct sbx_operand {
	uint64_t of[SBX_N_ABIS];
};

enum sbx_cond_kind {
	SBX_COND_AND, /* a && b */
	SBX_COND_OR,
	SBX_COND_NOT, /* !a */
	SBX_COND_EQ, /* (argument & mask) == value */
	SBX_COND_GT, /* unsigned */
	SBX_COND_GE,
};

struct sbx_cond {
	enum sbx_cond_kind kind;
	const struct sbx_origin *at;
	const struct sbx_cond *a, *b;
	const char *arg_name; /* NULL: the argument is `arg`, 0 to 5 */
	unsigned arg;
	struct sbx_operand mask, value;
};

/*
 * A comparison as one call of one ABI has it: the register and how much of it. What does not count is 0 in `mask` and
 * `value`; comparisons of order have a mask too, of the whole argument.
 */
struct sbx_atom {
	unsigned arg;
	bool wide; /* all 8 bytes count, not 4 */
	uint64_t mask, value;
};

/* One bit for each id of syscalls.h. */
struct sbx_calls {
	uint64_t bits[(SBX_N_SYSCALLS + 63) / 64];
};
static inline bool sbx_calls_has(const struct sbx_calls *c, int id)
{
	return c->bits[id / 64] >> (id % 64) & 1;
}
static inline void sbx_calls_add(struct sbx_calls *c, int id)
{
	c->bits[id / 64] |= UINT64_C(1) << (id % 64);
}
static inline void sbx_calls_remove(struct sbx_calls *c, int id)
{
	c->bits[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

struct sbx_rule {
	const struct sbx_origin *at; /* of its statement; NULL: sbx's own (the floor) */
	struct sbx_action action;
	struct sbx_calls calls;
	const uint32_t *numbers; /* nr:NUMBER */
	size_t n_numbers;
	bool names_io_uring; /* io_uring_setup is said itself, not as a member of a set */
	unsigned abis; /* bits (1 << abi): where it holds */
	const struct sbx_cond *cond; /* NULL: always */
};

/* Far more than SBX_BPF_MAX instructions can hold; a bound on time and memory. */
enum { SBX_POLICY_MAX_RULES = 2000, SBX_POLICY_MAX_COMPARISONS = 4000, SBX_POLICY_MAX_SETS = 500 };

/* `set @NAME = …`; `name` without the @ */
struct sbx_named_set {
	const char *name;
	const struct sbx_origin *at;
	struct sbx_calls calls;
};

/* A statement as it was read, for those who show a policy (show.h). */
struct sbx_token;
struct sbx_statement {
	const struct sbx_origin *at;
	const struct sbx_token *tokens; /* up to the one that ends it */
};

struct sbx_setting {
	struct sbx_action action;
	const struct sbx_origin *at; /* NULL: not said */
};

struct sbx_policy {
	const char *name; /* as it was asked for: "browser", "./my.policy" */
	const char *path; /* of its file; NULL: sbx's own floor */
	struct sbx_setting otherwise, unknown, badarch;
	unsigned abis; /* bits of the ABIs that `arch` names; the native one is always meant */
	struct sbx_rule *rules;
	size_t n_rules;
	/* Not needed for what it means: sets, and if they were kept the statements in the order they were read */
	const struct sbx_named_set *sets;
	size_t n_sets;
	const struct sbx_statement *statements;
	size_t n_statements;
};

/* Which part of a policy decided. */
enum sbx_decider { SBX_BY_RULE, SBX_BY_DEFAULT, SBX_BY_UNKNOWN, SBX_BY_BADARCH };
struct sbx_verdict {
	struct sbx_action action;
	enum sbx_decider by;
	size_t rule; /* SBX_BY_RULE: which */
	const struct sbx_origin *at; /* of the statement, NULL if nothing says it */
};

/*
 * What `p` says about a call, as the kernel hands it to a filter. `abis`: those that are compiled in
 * (sbx_policy_abis()). Pure, and on purpose not made of what bpf.c is made of: the tests hold one against the other.
 */
struct sbx_verdict sbx_policy_eval(
    const struct sbx_policy *p, unsigned abis, uint32_t audit_arch, uint32_t nr, const uint64_t args[6]);

/* The ABIs of a filter for a kernel of `native`: those of its family that the policy names, and itself. */
unsigned sbx_policy_abis(const struct sbx_policy *p, enum sbx_abi native);

/*
 * Resolves a comparison (EQ, GT, GE) for one call: NULL and *ret; or a sentence that says why it can't be made.
 * `id` -1: a call that is known by its number only.
 */
const char *sbx_cond_atom(const struct sbx_cond *c, int id, enum sbx_abi abi, struct sbx_atom *ret);

/* "allow", "errno(ENOSYS)", "kill" …, as a policy says it. */
const char *sbx_action_str(struct sbx_arena *a, struct sbx_action action);

#endif
