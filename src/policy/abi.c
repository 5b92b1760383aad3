/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* abi.c - the ABIs of system calls; see abi.h. */
#include "policy/abi.h"

#include <linux/audit.h>

/* Old headers have no EM_RISCV for AUDIT_ARCH_RISCV64. */
#ifndef EM_RISCV
#define EM_RISCV 243
#endif
#define X32_BIT UINT32_C(0x40000000) /* __X32_SYSCALL_BIT */

#define BIT(abi) (1U << SBX_ABI_##abi)

static const struct sbx_abi_info infos[SBX_N_ABIS] = {
	[SBX_ABI_X86_64] = { "x86_64", AUDIT_ARCH_X86_64, 0, 8, false },
	[SBX_ABI_I386] = { "i386", AUDIT_ARCH_I386, 0, 4, false },
	/* Its registers have 8 bytes, although its longs have 4. */
	[SBX_ABI_X32] = { "x32", AUDIT_ARCH_X86_64, X32_BIT, 8, false },
	[SBX_ABI_AARCH64] = { "aarch64", AUDIT_ARCH_AARCH64, 0, 8, false },
	[SBX_ABI_ARM] = { "arm", AUDIT_ARCH_ARM, 0, 4, false },
	[SBX_ABI_RISCV64] = { "riscv64", AUDIT_ARCH_RISCV64, 0, 8, false },
	[SBX_ABI_PPC64LE] = { "ppc64le", AUDIT_ARCH_PPC64LE, 0, 8, false },
	[SBX_ABI_S390X] = { "s390x", AUDIT_ARCH_S390X, 0, 8, true },
};

static const char *const names[SBX_N_ABIS] = {
	[SBX_ABI_X86_64] = "x86_64",
	[SBX_ABI_I386] = "i386",
	[SBX_ABI_X32] = "x32",
	[SBX_ABI_AARCH64] = "aarch64",
	[SBX_ABI_ARM] = "arm",
	[SBX_ABI_RISCV64] = "riscv64",
	[SBX_ABI_PPC64LE] = "ppc64le",
	[SBX_ABI_S390X] = "s390x",
};

/* What uname(1), Debian, Docker and OCI profiles call them */
static const struct {
	const char *name;
	enum sbx_abi abi;
} aliases[] = {
	{ "amd64", SBX_ABI_X86_64 },
	{ "x86-64", SBX_ABI_X86_64 },
	{ "SCMP_ARCH_X86_64", SBX_ABI_X86_64 },
	{ "x86", SBX_ABI_I386 },
	{ "i686", SBX_ABI_I386 },
	{ "386", SBX_ABI_I386 },
	{ "SCMP_ARCH_X86", SBX_ABI_I386 },
	{ "SCMP_ARCH_X32", SBX_ABI_X32 },
	{ "arm64", SBX_ABI_AARCH64 },
	{ "SCMP_ARCH_AARCH64", SBX_ABI_AARCH64 },
	{ "armhf", SBX_ABI_ARM },
	{ "armel", SBX_ABI_ARM },
	{ "armv7l", SBX_ABI_ARM },
	{ "SCMP_ARCH_ARM", SBX_ABI_ARM },
	{ "SCMP_ARCH_RISCV64", SBX_ABI_RISCV64 },
	{ "ppc64el", SBX_ABI_PPC64LE },
	{ "SCMP_ARCH_PPC64LE", SBX_ABI_PPC64LE },
	{ "SCMP_ARCH_S390X", SBX_ABI_S390X },
};

const struct sbx_abi_info *sbx_abi_info(enum sbx_abi abi)
{
	assert(abi >= 0 && abi < SBX_N_ABIS);
	return &infos[abi];
}

const char *const *sbx_abi_names(void)
{
	return names;
}

int sbx_abi_parse(const char *name)
{
	for (int i = 0; i < SBX_N_ABIS; i++) {
		if (sbx_streq(names[i], name))
			return i;
	}
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		if (sbx_streq(aliases[i].name, name))
			return (int)aliases[i].abi;
	}
	return -EINVAL;
}

enum sbx_abi sbx_abi_native(void)
{
#if defined(__x86_64__) && defined(__ILP32__)
	return SBX_ABI_X32;
#elif defined(__x86_64__)
	return SBX_ABI_X86_64;
#elif defined(__i386__)
	return SBX_ABI_I386;
#elif defined(__aarch64__) && defined(__LP64__) && defined(__AARCH64EL__)
	return SBX_ABI_AARCH64;
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEL__)
	return SBX_ABI_ARM;
#elif defined(__riscv) && __riscv_xlen == 64
	return SBX_ABI_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
	return SBX_ABI_PPC64LE;
#elif defined(__s390x__)
	return SBX_ABI_S390X;
#else
#error "policy/syscalls.def has no numbers of this architecture"
#endif
}

unsigned sbx_abi_family(enum sbx_abi abi)
{
	switch (abi) {
	case SBX_ABI_X86_64:
	case SBX_ABI_I386:
	case SBX_ABI_X32:
		return BIT(X86_64) | BIT(I386) | BIT(X32);
	case SBX_ABI_AARCH64:
	case SBX_ABI_ARM:
		return BIT(AARCH64) | BIT(ARM);
	case SBX_ABI_RISCV64:
	case SBX_ABI_PPC64LE:
	case SBX_ABI_S390X:
	case SBX_ABI_NONE:
	case SBX_N_ABIS:
		break;
	}
	return 1U << abi;
}

int sbx_abi_of(uint32_t audit_arch, uint32_t nr)
{
	/* -1 is what a tracer leaves behind that skips a call; it is not one of x32. */
	if (audit_arch == AUDIT_ARCH_X86_64 && (nr & X32_BIT) && nr != UINT32_MAX)
		return SBX_ABI_X32;
	for (int i = 0; i < SBX_N_ABIS; i++) {
		if (infos[i].audit_arch == audit_arch && infos[i].nr_flag == 0)
			return i;
	}
	return -1;
}
