/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * abi.h - the system call ABIs that a policy can speak of: how a filter tells them apart (struct seccomp_data of
 * seccomp(2)), and how wide their registers are. All of them compile on any host; a host loads those of its family.
 */
#ifndef SBX_POLICY_ABI_H
#define SBX_POLICY_ABI_H

#include "base/base.h"

enum sbx_abi {
	SBX_ABI_NONE = -1, /* what sbx_abi_of() answers; and an int is the same type for every compiler */
	SBX_ABI_X86_64,
	SBX_ABI_I386,
	SBX_ABI_X32,
	SBX_ABI_AARCH64,
	SBX_ABI_ARM,
	SBX_ABI_RISCV64,
	SBX_ABI_PPC64LE,
	SBX_ABI_S390X,
	SBX_N_ABIS,
};

struct sbx_abi_info {
	const char *name;
	uint32_t audit_arch; /* AUDIT_ARCH_… */
	uint32_t nr_flag; /* set in each number: __X32_SYSCALL_BIT, otherwise 0 */
	unsigned word; /* bytes of a register as the kernel takes it: 4 or 8 */
	bool big_endian;
};

const struct sbx_abi_info *sbx_abi_info(enum sbx_abi abi);

/* An ABI by its name or one of its aliases (amd64, x86, arm64 …); -EINVAL if there is none. */
int sbx_abi_parse(const char *name);
/* Their names, for "did you mean"; SBX_N_ABIS of them. */
const char *const *sbx_abi_names(void);

/* That of this program. */
enum sbx_abi sbx_abi_native(void);

/* Bits (1 << abi) of all ABIs that a kernel of `abi` runs, itself among them. */
unsigned sbx_abi_family(enum sbx_abi abi);

/* The ABI of a call in struct seccomp_data, or -1. */
int sbx_abi_of(uint32_t audit_arch, uint32_t nr);

#endif
