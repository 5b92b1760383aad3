/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filters.h - what a spec says about system calls, read: its policy, and the ready programs that descriptors give. */
#ifndef SBX_POLICY_FILTERS_H
#define SBX_POLICY_FILTERS_H

#include "policy/bpf.h"
#include "policy/policy.h"
#include "spec/spec.h"

struct sbx_raw_filter {
	int fd;
	const struct sbx_origin *at;
	struct sbx_bpf bpf;
};

struct sbx_filters {
	const struct sbx_policy *policy; /* NULL: none */
	const struct sbx_raw_filter *raw; /* in the order they were said */
	size_t n_raw;
	bool report; /* denials are told of though the spec does not say so: --verbose */
};

/*
 * The name or path of the spec's policy, or NULL. *ret_at is the directive, NULL if none says it: `default`, or
 * `nested` where namespaces are to be made, unless add-seccomp-fd gives programs of the caller's own.
 */
const char *sbx_filters_policy_name(const struct sbx_spec *spec, const struct sbx_origin **ret_at);

/* Reads and checks them all. 0, or a negative errno with errors added; descriptors stay open. */
_must_check_ int sbx_filters_load(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d,
    const struct sbx_spec *spec, struct sbx_filters *ret);

#endif
