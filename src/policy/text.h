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

#endif
