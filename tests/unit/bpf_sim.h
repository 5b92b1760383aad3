/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bpf_sim.h - runs a seccomp program as the kernel does, for any ABI on any host (net/core/filter.c and
 * kernel/seccomp.c: what a filter may consist of, and struct seccomp_data).
 */
#ifndef SBX_TESTS_UNIT_BPF_SIM_H
#define SBX_TESTS_UNIT_BPF_SIM_H

#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include "policy/bpf.h"

struct bpf_call {
	uint32_t nr, arch;
	uint64_t args[6];
	bool big_endian;
};

/* NULL, or what the kernel would refuse the program for. */
static inline const char *bpf_invalid(const struct sbx_insn *p, size_t n)
{
	if (n == 0 || n > SBX_BPF_MAX)
		return "length";
	for (size_t i = 0; i < n; i++) {
		switch (p[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (p[i].k >= 64 || p[i].k % 4)
				return "load";
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_RET | BPF_K:
			break;
		case BPF_JMP | BPF_JA:
			if (p[i].k >= n - i - 1)
				return "long jump";
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (i + 1 + p[i].jt >= n || i + 1 + p[i].jf >= n)
				return "jump";
			break;
		default:
			return "code";
		}
	}
	return BPF_CLASS(p[n - 1].code) == BPF_RET ? NULL : "no RET at the end";
}

static inline uint32_t bpf_word(const struct bpf_call *c, uint32_t offset)
{
	uint64_t v;

	if (offset == 0)
		return c->nr;
	if (offset == 4)
		return c->arch;
	if (offset < 16)
		return 0; /* the instruction pointer */
	v = c->args[(offset - 16) / 8];
	return (uint32_t)((offset % 8 == 4) != c->big_endian ? v >> 32 : v);
}

/* What a program of that mode must answer where the evaluation of the policy says `v`. */
static inline uint32_t bpf_wanted(const struct sbx_verdict *v, enum sbx_bpf_mode mode)
{
	bool learn = mode == SBX_BPF_LEARN;

	switch (v->action.kind) {
	case SBX_ACT_ALLOW:
		return learn && !v->action.quiet ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
	case SBX_ACT_LOG:
		return learn ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_LOG;
	case SBX_ACT_NOTIFY:
		return SECCOMP_RET_USER_NOTIF;
	case SBX_ACT_ERRNO:
		return learn || (mode == SBX_BPF_REPORT && !v->action.quiet) ? SECCOMP_RET_USER_NOTIF
									     : SECCOMP_RET_ERRNO | v->action.err;
	case SBX_ACT_TRAP:
		return SECCOMP_RET_TRAP;
	case SBX_ACT_KILL_THREAD:
		return SECCOMP_RET_KILL_THREAD;
	case SBX_ACT_KILL:
		break;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

/* SECCOMP_RET_…; *ret_looked: an argument was read, so the kernel's bitmap can't serve this call. */
static inline uint32_t bpf_run(const struct sbx_insn *p, const struct bpf_call *c, bool *ret_looked)
{
	uint32_t a = 0;

	*ret_looked = false;
	for (size_t i = 0;; i++) {
		bool yes;

		switch (BPF_CLASS(p[i].code)) {
		case BPF_LD:
			a = bpf_word(c, p[i].k);
			*ret_looked = *ret_looked || p[i].k >= 8;
			continue;
		case BPF_ALU:
			a &= p[i].k;
			continue;
		case BPF_RET:
			return p[i].k;
		}
		if (BPF_OP(p[i].code) == BPF_JA) {
			i += p[i].k;
			continue;
		}
		yes = BPF_OP(p[i].code) == BPF_JEQ   ? a == p[i].k
		      : BPF_OP(p[i].code) == BPF_JGT ? a > p[i].k
		      : BPF_OP(p[i].code) == BPF_JGE ? a >= p[i].k
						     : (a & p[i].k) != 0;
		i += yes ? p[i].jt : p[i].jf;
	}
}

#endif
