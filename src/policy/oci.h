/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oci.h - seccomp profiles of Docker and of OCI's runtime-spec (config-linux.md, "Seccomp") as a policy.
 *
 * What Docker means by them holds: rules of one call with the same action are alternatives, `includes` and `excludes`
 * choose by capability, architecture and kernel, numbers above the highest that is named answer ENOSYS if the default
 * is an error. Arguments are compared at the kernel's width, not at 64 bits. Where a call has rules with and without
 * a condition, these with one come first; Docker lets the others decide alone.
 */
#ifndef SBX_POLICY_OCI_H
#define SBX_POLICY_OCI_H

#include "policy/policy.h"

/* What `includes` and `excludes` are about. */
struct sbx_oci_for {
	enum sbx_abi native;
	uint64_t caps; /* bits (1 << CAP_…) that the command gets */
	unsigned kernel_major, kernel_minor;
};

_must_check_ int sbx_policy_parse_oci(struct sbx_arena *a, struct sbx_diags *d, const char *file,
    const struct sbx_origin *from, const char *text, size_t len, const struct sbx_oci_for *target,
    const struct sbx_policy **ret);

#endif
