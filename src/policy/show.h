/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* show.h - a policy as it was written, and its program, for people: for sbxctl, never at a start. */
#ifndef SBX_POLICY_SHOW_H
#define SBX_POLICY_SHOW_H

#include "policy/bpf.h"

/* A statement as the reader took it, on one line if it fits: without comments, blanks as this writes them. */
const char *sbx_statement_text(struct sbx_arena *a, const struct sbx_statement *s);

/*
 * The statements that make the policy, in their order: what was included is in the place of its include, settings that
 * another file's have replaced are left out. Of a policy that was not text they are made from its rules.
 */
struct sbx_shown {
	const char *text;
	const struct sbx_origin *at; /* NULL: of none */
};
struct sbx_shown *sbx_policy_show(struct sbx_arena *a, const struct sbx_policy *p, size_t *ret_n);

/*
 * What stands behind `if` of a rule, as it was written; of a rule that was not, made with the names of arguments of
 * call `id` (-1: arg0 to arg5) and the values of `abi`. NULL: it has no condition.
 */
const char *sbx_rule_condition(
    struct sbx_arena *a, const struct sbx_policy *p, const struct sbx_rule *r, int id, enum sbx_abi abi);

/* A program, one instruction a line: number, mnemonics as tcpdump(1) -d has them, and what they mean as a comment. */
void sbx_bpf_text(struct sbx_buf *out, const struct sbx_bpf *bpf);

/* The program's bytes as a kernel of `abi` takes them: an array of struct sock_filter. */
void sbx_bpf_bytes(struct sbx_buf *out, const struct sbx_bpf *bpf, enum sbx_abi abi);

#endif
