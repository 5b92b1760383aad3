/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* eval.c - what a policy says about one call; see policy.h. */
#include "policy/consts.h"
#include "policy/policy.h"

const char *sbx_action_str(struct sbx_arena *a, struct sbx_action action)
{
	static const char *const names[] = {
		[SBX_ACT_ALLOW] = "allow",
		[SBX_ACT_LOG] = "log",
		[SBX_ACT_NOTIFY] = "notify",
		[SBX_ACT_TRAP] = "trap",
		[SBX_ACT_KILL_THREAD] = "kill-thread",
		[SBX_ACT_KILL] = "kill",
	};
	const char *error;

	if (action.kind != SBX_ACT_ERRNO)
		return names[action.kind];
	error = sbx_errno_name(action.err);
	return error ? sbx_strf(a, "errno(%s)", error) : sbx_strf(a, "errno(%u)", action.err);
}

unsigned sbx_policy_abis(const struct sbx_policy *p, enum sbx_abi native)
{
	return (p->abis | 1U << native) & sbx_abi_family(native);
}

static const char *find_arg(const struct sbx_cond *c, int id, enum sbx_abi abi, unsigned *ret)
{
	int arg;

	if (!c->arg_name) {
		*ret = c->arg;
		return NULL;
	}
	if (id < 0)
		return "a call that is named by its number has no names of arguments: use arg0 to arg5";
	arg = sbx_syscall_arg(id, abi, c->arg_name);
	if (arg < 0)
		return "the system call has no such argument";
	*ret = (unsigned)arg;
	return NULL;
}

/* The low bytes of a value for an argument of `bits`: written as such, or sign-extended (-100, ~0x10). */
static bool narrow(uint64_t *v, unsigned bits)
{
	uint64_t high;

	/* (uid_t)-1, where uids have 2 bytes */
	if (bits < 32 && *v >> 31 == 1)
		*v |= UINT64_MAX << 32;
	high = *v >> bits;
	if (high != 0 && (high != UINT64_MAX >> bits || !(*v >> (bits - 1) & 1)))
		return false;
	*v &= UINT64_MAX >> (64 - bits);
	return true;
}

const char *sbx_cond_atom(const struct sbx_cond *c, int id, enum sbx_abi abi, struct sbx_atom *ret)
{
	struct sbx_atom atom = { .mask = c->mask.of[abi], .value = c->value.of[abi] };
	bool word8 = sbx_abi_info(abi)->word == 8;
	const char *why = find_arg(c, id, abi, &atom.arg);
	bool order = c->kind != SBX_COND_EQ;
	unsigned bits = 32;

	if (why)
		return why;
	switch (id < 0 ? SBX_ARG_LONG : sbx_syscall_arg_kind(id, abi, atom.arg)) {
	case SBX_ARG_NONE:
		return "the system call has not so many arguments";
	case SBX_ARG_PTR:
		return "the argument is an address: what it points to can't be seen by a filter";
	case SBX_ARG_SHORT:
		bits = 16;
		break;
	case SBX_ARG_INT:
		break;
	case SBX_ARG_LONG:
		atom.wide = word8;
		break;
	case SBX_ARG_LOFF:
		if (!word8)
			return "the argument has 8 bytes and is in two registers there";
		atom.wide = true;
		break;
	}
	if (!atom.wide) {
		if (order && atom.value >> bits)
			return bits == 32 ? "the value does not fit into the 4 bytes of the argument (comparisons of order are "
					    "unsigned)"
					  : "the value does not fit into the 2 bytes of the argument (comparisons of order are "
					    "unsigned)";
		if (!narrow(&atom.value, bits))
			return bits == 32 ? "the value does not fit into the 4 bytes of the argument"
					  : "the value does not fit into the 2 bytes of the argument";
		/* ~FLAGS has bits above; MASK of 8 bytes on purpose would be a mistake that hides. */
		if (atom.mask >> bits && atom.mask >> bits != UINT64_MAX >> bits)
			return bits == 32 ? "the mask does not fit into the 4 bytes of the argument"
					  : "the mask does not fit into the 2 bytes of the argument";
		atom.mask &= UINT64_MAX >> (64 - bits);
	}
	*ret = atom;
	return NULL;
}

static bool holds(const struct sbx_cond *c, int id, enum sbx_abi abi, const uint64_t args[6])
{
	struct sbx_atom atom;
	uint64_t v;

	switch (c->kind) {
	case SBX_COND_AND:
		return holds(c->a, id, abi, args) && holds(c->b, id, abi, args);
	case SBX_COND_OR:
		return holds(c->a, id, abi, args) || holds(c->b, id, abi, args);
	case SBX_COND_NOT:
		return !holds(c->a, id, abi, args);
	case SBX_COND_EQ:
	case SBX_COND_GT:
	case SBX_COND_GE:
		break;
	}
	/* sbx_policy_check() has refused what can't be compared. */
	if (sbx_cond_atom(c, id, abi, &atom))
		return false;
	v = args[atom.arg] & atom.mask;
	if (c->kind == SBX_COND_EQ)
		return v == atom.value;
	return c->kind == SBX_COND_GT ? v > atom.value : v >= atom.value;
}

static bool names(const struct sbx_rule *r, int id, uint32_t nr)
{
	if (id >= 0 && sbx_calls_has(&r->calls, id))
		return true;
	for (size_t i = 0; i < r->n_numbers; i++) {
		if (r->numbers[i] == nr)
			return true;
	}
	return false;
}

struct sbx_verdict sbx_policy_eval(
    const struct sbx_policy *p, unsigned abis, uint32_t audit_arch, uint32_t nr, const uint64_t args[6])
{
	int abi = sbx_abi_of(audit_arch, nr);
	int id;

	if (abi < 0 || !(abis >> abi & 1))
		return (struct sbx_verdict){ .action = p->badarch.action, .by = SBX_BY_BADARCH, .at = p->badarch.at };
	id = sbx_syscall_by_nr(abi, nr);
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct sbx_rule *r = &p->rules[i];

		if ((r->abis >> abi & 1) && names(r, id, nr & ~sbx_abi_info(abi)->nr_flag) &&
		    (!r->cond || holds(r->cond, id, abi, args)))
			return (struct sbx_verdict){ .action = r->action, .by = SBX_BY_RULE, .rule = i, .at = r->at };
	}
	if (id < 0)
		return (struct sbx_verdict){ .action = p->unknown.action, .by = SBX_BY_UNKNOWN, .at = p->unknown.at };
	return (struct sbx_verdict){ .action = p->otherwise.action, .by = SBX_BY_DEFAULT, .at = p->otherwise.at };
}
