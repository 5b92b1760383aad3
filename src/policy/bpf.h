/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bpf.h - a policy as a program for seccomp(2) (classic BPF over struct seccomp_data; Documentation/userspace-api/
 * seccomp_filter.rst). For each ABI a binary search over ranges of numbers with the same rules; calls that are allowed
 * whatever their arguments reach RET without a look at these, so that the kernel's bitmap serves them (since 5.11).
 */
#ifndef SBX_POLICY_BPF_H
#define SBX_POLICY_BPF_H

#include "policy/policy.h"

/* As struct sock_filter of <linux/filter.h>. */
struct sbx_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};
struct sbx_bpf {
	struct sbx_insn *insns;
	size_t n;
};

enum { SBX_BPF_MAX = 4096 }; /* BPF_MAXINSNS, what seccomp(2) takes */

enum sbx_bpf_mode {
	SBX_BPF_PLAIN,
	SBX_BPF_REPORT, /* denials that are not quiet, and `notify`, go to the supervisor (SECCOMP_RET_USER_NOTIF) */
	SBX_BPF_LEARN, /* what is allowed and all that is denied goes there, but for what is allowed quietly */
};

/* `abis` from sbx_policy_abis(); `p` has passed sbx_policy_check(). -E2BIG, with an error, above SBX_BPF_MAX. */
_must_check_ int sbx_bpf_compile(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_policy *p, unsigned abis,
    enum sbx_bpf_mode mode, struct sbx_bpf *ret);

#endif
