/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bpf.c - see bpf.h. The program is written from its end to its beginning: jumps go forward only, so what they lead to
 * is there already, and its distance known.
 */
#include "policy/bpf.h"

#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "policy/chain.h"

/* What conditional jumps reach, with room for two more instructions in between. */
enum { REACH = 250 };

/* struct seccomp_data */
enum { AT_NR = 0, AT_ARCH = 4, AT_ARGS = 16 };

/* Where to go on: at an instruction, counted from the end (1 is the last one), or at a RET of a value. */
struct target {
	bool is_ret;
	uint32_t ret;
	size_t pos;
};

struct emitter {
	struct sbx_arena *arena;
	struct sbx_insn *insns; /* the last instruction first */
	size_t n;
	enum sbx_abi abi;
	int id;
	struct {
		uint32_t ret;
		size_t pos;
	} rets[64]; /* where a RET of a value was written last */
	size_t n_rets;
};

static uint32_t ret_plain(struct sbx_action action)
{
	switch (action.kind) {
	case SBX_ACT_ALLOW:
		return SECCOMP_RET_ALLOW;
	case SBX_ACT_LOG:
		return SECCOMP_RET_LOG;
	case SBX_ACT_NOTIFY:
		return SECCOMP_RET_USER_NOTIF;
	case SBX_ACT_ERRNO:
		return SECCOMP_RET_ERRNO | action.err;
	case SBX_ACT_TRAP:
		return SECCOMP_RET_TRAP;
	case SBX_ACT_KILL_THREAD:
		return SECCOMP_RET_KILL_THREAD;
	case SBX_ACT_KILL:
		break;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

static uint32_t ret_report(struct sbx_action action)
{
	return action.kind == SBX_ACT_ERRNO && !action.quiet ? SECCOMP_RET_USER_NOTIF : ret_plain(action);
}

static uint32_t ret_learn(struct sbx_action action)
{
	/* What is denied without a word has an errno that the learned policy needs. */
	bool asked = action.kind == SBX_ACT_LOG || action.kind == SBX_ACT_ERRNO ||
		     (action.kind == SBX_ACT_ALLOW && !action.quiet);

	return asked ? SECCOMP_RET_USER_NOTIF : ret_report(action);
}

static struct target emit(struct emitter *e, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	/* Too long already: nothing of it will be used. */
	if (e->n <= SBX_BPF_MAX)
		SBX_APPEND(e->arena, e->insns, e->n) = (struct sbx_insn){ code, jt, jf, k };
	return (struct target){ .pos = e->n };
}

static struct target to_ret(uint32_t ret)
{
	return (struct target){ .is_ret = true, .ret = ret };
}

/* Position of a RET that a jump written next reaches. */
static size_t ret_pos(struct emitter *e, uint32_t ret)
{
	size_t i = 0;

	while (i < e->n_rets && e->rets[i].ret != ret)
		i++;
	if (i < e->n_rets && e->n - e->rets[i].pos < REACH)
		return e->rets[i].pos;
	(void)emit(e, BPF_RET | BPF_K, 0, 0, ret);
	if (i == ARRAY_LEN(e->rets))
		return e->n;
	e->rets[i].ret = ret;
	e->rets[i].pos = e->n;
	if (i == e->n_rets)
		e->n_rets++;
	return e->n;
}

/* The same for any target: what is too far is reached by a long jump. */
static size_t reach(struct emitter *e, struct target t)
{
	if (t.is_ret)
		return ret_pos(e, t.ret);
	if (e->n - t.pos < REACH)
		return t.pos;
	return emit(e, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(e->n - t.pos)).pos;
}

static bool same_target(struct target a, struct target b)
{
	return a.is_ret == b.is_ret && (a.is_ret ? a.ret == b.ret : a.pos == b.pos);
}

static struct target jump(struct emitter *e, uint16_t op, uint32_t k, struct target yes, struct target no)
{
	size_t y, n;

	if (same_target(yes, no))
		return yes;
	y = reach(e, yes);
	n = reach(e, no);
	return emit(e, BPF_JMP | op | BPF_K, (uint8_t)(e->n - y), (uint8_t)(e->n - n), k);
}

static struct target load(struct emitter *e, uint32_t offset, struct target next)
{
	size_t pos = reach(e, next);

	/* It falls through to the instruction behind it. */
	if (pos != e->n)
		(void)emit(e, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(e->n - pos));
	return emit(e, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

/* Compares one half of an argument: loads, masks, jumps. */
static struct target test_half(struct emitter *e, const struct sbx_atom *atom, bool high, uint16_t op, struct target yes,
    struct target no)
{
	uint32_t mask = (uint32_t)(high ? atom->mask >> 32 : atom->mask);
	uint32_t value = (uint32_t)(high ? atom->value >> 32 : atom->value);
	uint32_t offset = AT_ARGS + 8 * atom->arg + (high != sbx_abi_info(e->abi)->big_endian ? 4 : 0);
	struct target t;

	if (mask == 0)
		return value == 0 ? yes : no;
	t = jump(e, op, value, yes, no);
	if (same_target(yes, no))
		return t;
	if (mask != UINT32_MAX)
		t = emit(e, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	return load(e, offset, t);
}

static struct target test_order(struct emitter *e, const struct sbx_cond *c, const struct sbx_atom *atom, struct target yes,
    struct target no)
{
	uint16_t op = c->kind == SBX_COND_GT ? BPF_JGT : BPF_JGE;
	struct target low = test_half(e, atom, false, op, yes, no), equal;

	if (!atom->wide)
		return low;
	equal = test_half(e, atom, true, BPF_JEQ, low, no);
	return test_half(e, atom, true, BPF_JGT, yes, equal);
}

static struct target test(struct emitter *e, const struct sbx_cond *c, struct target yes, struct target no)
{
	struct sbx_atom atom;

	switch (c->kind) {
	case SBX_COND_AND:
		return test(e, c->a, test(e, c->b, yes, no), no);
	case SBX_COND_OR:
		return test(e, c->a, yes, test(e, c->b, yes, no));
	case SBX_COND_NOT:
		return test(e, c->a, no, yes);
	case SBX_COND_EQ:
	case SBX_COND_GT:
	case SBX_COND_GE:
		break;
	}
	/* sbx_policy_check() has refused what can't be compared. */
	if (sbx_cond_atom(c, e->id, e->abi, &atom))
		return no;
	if (c->kind != SBX_COND_EQ)
		return test_order(e, c, &atom, yes, no);
	yes = test_half(e, &atom, false, BPF_JEQ, yes, no);
	return atom.wide ? test_half(e, &atom, true, BPF_JEQ, yes, no) : yes;
}

static struct target steps(struct emitter *e, const struct sbx_step *s)
{
	if (!s->cond)
		return to_ret(s->ret);
	return test(e, s->cond, to_ret(s->ret), steps(e, s->next));
}

/* A binary search; the number is in the accumulator. */
static struct target search(struct emitter *e, const struct sbx_range *r, size_t n, uint32_t flag)
{
	struct target low, high;

	if (n == 1) {
		e->id = r->id;
		return steps(e, r->steps);
	}
	high = search(e, r + n / 2, n - n / 2, flag);
	low = search(e, r, n / 2, flag);
	return jump(e, BPF_JGE, r[n / 2].first | flag, high, low);
}

static struct target search_abi(
    struct emitter *e, const struct sbx_policy *p, enum sbx_abi abi, uint32_t (*ret_of)(struct sbx_action action))
{
	struct sbx_ranges ranges = sbx_policy_ranges(e->arena, p, abi, ret_of);

	e->abi = abi;
	return search(e, ranges.items, ranges.n, sbx_abi_info(abi)->nr_flag);
}

/* On x86-64, x32 is told from the number only; -1 is what a tracer leaves of a call that it skips. */
static struct target search_x86_64(
    struct emitter *e, const struct sbx_policy *p, unsigned abis, uint32_t (*ret_of)(struct sbx_action action))
{
	uint32_t bit = sbx_abi_info(SBX_ABI_X32)->nr_flag;
	struct target bad = to_ret(ret_of(p->badarch.action)), x32 = bad, native = bad;

	if (abis >> SBX_ABI_X32 & 1)
		x32 = jump(e, BPF_JEQ, UINT32_MAX, bad, search_abi(e, p, SBX_ABI_X32, ret_of));
	if (abis >> SBX_ABI_X86_64 & 1) {
		native = search_abi(e, p, SBX_ABI_X86_64, ret_of);
		x32 = jump(e, BPF_JEQ, UINT32_MAX, to_ret(ret_of(p->unknown.action)), x32);
	}
	return jump(e, BPF_JSET, bit, x32, native);
}

static void reverse(struct emitter *e)
{
	for (size_t i = 0; i < e->n / 2; i++) {
		struct sbx_insn insn = e->insns[i];

		e->insns[i] = e->insns[e->n - 1 - i];
		e->insns[e->n - 1 - i] = insn;
	}
}

int sbx_bpf_compile(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_policy *p, unsigned abis,
    enum sbx_bpf_mode mode, struct sbx_bpf *ret)
{
	uint32_t (*const modes[])(struct sbx_action) = { ret_plain, ret_report, ret_learn };
	uint32_t (*ret_of)(struct sbx_action) = modes[mode];
	unsigned x86_64 = 1U << SBX_ABI_X86_64 | 1U << SBX_ABI_X32;
	struct emitter e = { .arena = a };
	struct target next = to_ret(ret_of(p->badarch.action));

	/* An address differs from start to start; a call of another architecture is never what was meant. */
	for (int abi = SBX_N_ABIS - 1; abi >= 0; abi--) {
		struct target found;

		if (!(abis >> abi & 1) || (abi == SBX_ABI_X32 && (abis >> SBX_ABI_X86_64 & 1)))
			continue;
		found = 1U << abi & x86_64 ? search_x86_64(&e, p, abis, ret_of) : search_abi(&e, p, abi, ret_of);
		/* Whatever its arguments: one instruction, and the arch above. */
		if (found.is_ret)
			found.pos = reach(&e, found), found.is_ret = false;
		found = load(&e, AT_NR, found);
		next = jump(&e, BPF_JEQ, sbx_abi_info(abi)->audit_arch, found, next);
	}
	(void)load(&e, AT_ARCH, next);
	if (e.n > SBX_BPF_MAX)
		return sbx_error(d, -E2BIG, p->otherwise.at, "policy '%s' makes %zu instructions; the kernel takes %d", p->name,
		    e.n, SBX_BPF_MAX);
	reverse(&e);
	*ret = (struct sbx_bpf){ .insns = e.insns, .n = e.n };
	return 0;
}
