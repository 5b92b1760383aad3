/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * show_bpf.c - a program for people: see show.h. What an instruction compares is found by following the jumps, which
 * go forward only, so one pass from the beginning knows of each what every way to it has in common.
 */
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "policy/show.h"
#include "policy/text.h"

enum content { CONTENT_NONE, CONTENT_NR, CONTENT_ARCH, CONTENT_ARG };

/* What is known before an instruction. */
struct known {
	bool reached;
	enum content in; /* the accumulator */
	unsigned arg; /* CONTENT_ARG */
	int abi; /* -1: several, or not looked at yet */
	uint32_t first, last; /* the call's number is one of these */
};

static void reach(struct known *to, struct known from)
{
	if (!to->reached) {
		*to = from;
		return;
	}
	if (to->in != from.in || to->arg != from.arg)
		to->in = CONTENT_NONE;
	if (to->abi != from.abi)
		to->abi = -1;
	to->first = from.first < to->first ? from.first : to->first;
	to->last = from.last > to->last ? from.last : to->last;
}

static int abi_of_arch(uint32_t arch)
{
	for (int i = 0; i < SBX_N_ABIS; i++) {
		if (sbx_abi_info(i)->audit_arch == arch)
			return i;
	}
	return -1;
}

/* What a jump that is taken, or is not, tells of the call. */
static struct known after_jump(struct known k, const struct sbx_insn *i, bool taken)
{
	uint16_t op = BPF_OP(i->code);

	if (k.in == CONTENT_ARCH && op == BPF_JEQ)
		k.abi = taken ? abi_of_arch(i->k) : -1;
	if (k.in != CONTENT_NR)
		return k;
	if (op == BPF_JSET && taken && k.abi == SBX_ABI_X86_64)
		k.abi = SBX_ABI_X32;
	if (op == BPF_JEQ && taken)
		k.first = k.last = i->k;
	if (op == BPF_JGE && taken && i->k > k.first)
		k.first = i->k;
	if (op == BPF_JGE && !taken && i->k <= k.last)
		k.last = i->k - 1;
	return k;
}

static void follow(struct known *all, const struct sbx_bpf *bpf)
{
	all[0] = (struct known){ .reached = true, .abi = -1, .last = UINT32_MAX };
	for (size_t n = 0; n < bpf->n; n++) {
		const struct sbx_insn *i = &bpf->insns[n];
		struct known k = all[n];

		switch (BPF_CLASS(i->code)) {
		case BPF_RET:
			continue;
		case BPF_LD:
			k.in = i->k == 0    ? CONTENT_NR
			       : i->k == 4  ? CONTENT_ARCH
			       : i->k >= 16 ? CONTENT_ARG
					    : CONTENT_NONE;
			k.arg = i->k >= 16 ? (i->k - 16) / 8 : 0;
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA) {
				if (i->k < bpf->n - n - 1)
					reach(&all[n + 1 + i->k], k);
				continue;
			}
			if (n + 1 + i->jt < bpf->n)
				reach(&all[n + 1 + i->jt], after_jump(k, i, true));
			if (n + 1 + i->jf < bpf->n)
				reach(&all[n + 1 + i->jf], after_jump(k, i, false));
			continue;
		}
		if (n + 1 < bpf->n)
			reach(&all[n + 1], k);
	}
}

static const char *ret_text(struct sbx_arena *a, uint32_t k)
{
	switch (k & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return "allow";
	case SECCOMP_RET_LOG:
		return "log";
	case SECCOMP_RET_USER_NOTIF:
		return "ask the supervisor";
	case SECCOMP_RET_ERRNO:
		return sbx_action_str(
		    a, (struct sbx_action){ .kind = SBX_ACT_ERRNO, .err = (uint16_t)(k & SECCOMP_RET_DATA) });
	case SECCOMP_RET_TRAP:
		return "trap";
	case SECCOMP_RET_KILL_THREAD:
		return "kill-thread";
	case SECCOMP_RET_KILL_PROCESS:
		return "kill";
	}
	return "?";
}

static const char *load_meaning(struct sbx_arena *a, const struct sbx_insn *i, const struct known *k)
{
	bool high;
	const char *arg;
	int id;

	if (i->k == 0)
		return k->abi >= 0 ? sbx_strf(a, "%s: number of the call", sbx_abi_info(k->abi)->name)
				   : "number of the call";
	if (i->k == 4)
		return "architecture";
	if (i->k < 16)
		return "instruction pointer";
	high = (i->k % 8 == 4) != (k->abi >= 0 && sbx_abi_info(k->abi)->big_endian);
	id = k->abi >= 0 && k->first == k->last ? sbx_syscall_by_nr(k->abi, k->first) : -1;
	arg = sbx_arg_text(a, id, id >= 0 ? (enum sbx_abi)k->abi : SBX_ABI_X86_64, (i->k - 16) / 8);
	return sbx_strf(
	    a, "%s%s%s, %s half", id >= 0 ? sbx_syscall_name(id) : "", id >= 0 ? ": " : "", arg, high ? "high" : "low");
}

static const char *jump_meaning(struct sbx_arena *a, const struct sbx_insn *i, const struct known *k)
{
	int id;

	if (BPF_OP(i->code) == BPF_JA)
		return "";
	if (k->in == CONTENT_ARCH)
		return abi_of_arch(i->k) >= 0 ? sbx_abi_info(abi_of_arch(i->k))->name : "";
	if (k->in == CONTENT_ARG)
		return sbx_strf(a, "%u", i->k);
	if (k->in != CONTENT_NR || k->abi < 0)
		return "";
	if (BPF_OP(i->code) == BPF_JSET)
		return "x32";
	if (i->k == UINT32_MAX)
		return "-1: left by a tracer";
	id = sbx_syscall_by_nr(k->abi, i->k);
	return id >= 0 ? sbx_syscall_name(id) : sbx_strf(a, "%u, no name", i->k & ~sbx_abi_info(k->abi)->nr_flag);
}

static const char *jump_name(uint16_t op)
{
	switch (op) {
	case BPF_JEQ:
		return "jeq";
	case BPF_JGT:
		return "jgt";
	case BPF_JGE:
		return "jge";
	}
	return "jset";
}

void sbx_bpf_text(struct sbx_buf *out, const struct sbx_bpf *bpf)
{
	struct sbx_arena *a = out->arena;
	struct known *all = sbx_alloc_array(a, bpf->n + 1, sizeof *all);

	follow(all, bpf);
	for (size_t n = 0; n < bpf->n; n++) {
		const struct sbx_insn *i = &bpf->insns[n];
		const char *code = "?", *meaning = "";

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			code = sbx_strf(a, "ld   [%u]", i->k);
			meaning = load_meaning(a, i, &all[n]);
			break;
		case BPF_ALU:
			code = sbx_strf(a, "and  #0x%x", i->k);
			break;
		case BPF_RET:
			code = sbx_strf(a, "ret  #0x%x", i->k);
			meaning = ret_text(a, i->k);
			break;
		case BPF_JMP:
			code = BPF_OP(i->code) == BPF_JA
				   ? sbx_strf(a, "ja   %zu", n + 1 + i->k)
				   : sbx_strf(a, "%-4s #0x%-10x jt %-4zu jf %zu", jump_name(BPF_OP(i->code)), i->k,
					 n + 1 + i->jt, n + 1 + i->jf);
			meaning = jump_meaning(a, i, &all[n]);
			break;
		}
		sbx_buf_addf(out, *meaning ? "%4zu  %-36s ; %s\n" : "%4zu  %s%s\n", n, code, meaning);
	}
}

void sbx_bpf_bytes(struct sbx_buf *out, const struct sbx_bpf *bpf, enum sbx_abi abi)
{
	for (size_t n = 0; n < bpf->n; n++) {
		const struct sbx_insn *i = &bpf->insns[n];
		bool big = sbx_abi_info(abi)->big_endian;

		for (unsigned k = 0; k < 2; k++)
			sbx_buf_addc(out, (char)(i->code >> 8 * (big ? 1 - k : k)));
		sbx_buf_addc(out, (char)i->jt);
		sbx_buf_addc(out, (char)i->jf);
		for (unsigned k = 0; k < 4; k++)
			sbx_buf_addc(out, (char)(i->k >> 8 * (big ? 3 - k : k)));
	}
}
