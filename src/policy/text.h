/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.h - a policy as a file of sbx-policy(5): includes and sets resolved, one statement a line. */
#ifndef SBX_POLICY_TEXT_H
#define SBX_POLICY_TEXT_H

#include "policy/policy.h"

/*
 * The text of `p`, which reads as the same policy; constants are numbers, those of `abi` where ABIs differ. `places`:
 * behind each rule a comment says where it is from.
 */
const char *sbx_policy_text(struct sbx_arena *a, const struct sbx_policy *p, enum sbx_abi abi, bool places);

/* One rule of it, without a newline at its end; "" if it is about no call. */
const char *sbx_rule_text(struct sbx_arena *a, const struct sbx_rule *r, enum sbx_abi abi);

/* A condition about call `id` (-1: of several) for people: values by name where the argument tells what they are. */
const char *sbx_cond_text(struct sbx_arena *a, const struct sbx_cond *c, int id, enum sbx_abi abi);

/*
 * The name of an argument, or argN. prctl(2) calls its second argument arg2, which in a policy is the third: that is no
 * name here.
 */
const char *sbx_arg_text(struct sbx_arena *a, int id, enum sbx_abi abi, unsigned index);

#endif
