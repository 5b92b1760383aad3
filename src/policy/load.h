/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load.h - from a policy's name to struct sbx_policy.
 *
 * Names are looked for as profiles are (spec/search.h), in seccomp-policies/NAME.policy. Drop-ins,
 * NAME.policy.d/NAME.conf, are read before the file: the first rule that matches decides.
 */
#ifndef SBX_POLICY_LOAD_H
#define SBX_POLICY_LOAD_H

#include "host/host.h"
#include "policy/policy.h"

/*
 * Reads policy `name`: a name of the search path, or a path if it contains a slash; a path that ends in .json is a
 * profile of Docker's (oci.h), for a command with the capabilities `caps`, bits (1 << CAP_…). `at` is the word that
 * named it. 0 and *ret, or a negative errno with all errors added to `d`.
 */
_must_check_ int sbx_policy_load(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const char *name,
    const struct sbx_origin *at, uint64_t caps, const struct sbx_policy **ret);

/* The same of text in memory, without includes of files; for tests, fuzzing and what sbx has itself. */
_must_check_ int sbx_policy_parse(struct sbx_arena *a, struct sbx_diags *d, const char *file, const char *text,
    size_t len, const struct sbx_policy **ret);

/* The same two with the statements as they were written kept in the policy, for those who show it (show.h). */
_must_check_ int sbx_policy_load_shown(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d,
    const char *name, const struct sbx_policy **ret);
_must_check_ int sbx_policy_parse_shown(struct sbx_arena *a, struct sbx_diags *d, const char *file, const char *text,
    size_t len, const struct sbx_policy **ret);

/* A value as a policy writes it (numbers and constants, |, ~), given on a command line. */
_must_check_ int sbx_policy_value(struct sbx_arena *a, struct sbx_diags *d, const char *text, struct sbx_operand *ret);

/*
 * What can't be meant, for the ABIs of `native`: a comparison that a call can't have, a program that could not start.
 * A few microseconds; before every start.
 */
_must_check_ int sbx_policy_check(
    const struct sbx_policy *p, struct sbx_arena *a, struct sbx_diags *d, enum sbx_abi native);

/* What is probably not meant, as warnings: a rule that never matches, a denial that another call gets around. */
void sbx_policy_lint(const struct sbx_policy *p, struct sbx_arena *a, struct sbx_diags *d, enum sbx_abi native);

#endif
