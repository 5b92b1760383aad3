/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ABIs: their names, what struct seccomp_data tells them by, and which ones a kernel has. */
#include "unit/support.h"

#include <linux/audit.h>

#include "policy/abi.h"

static void by_name(void **state)
{
	(void)state;
	for (int i = 0; i < SBX_N_ABIS; i++) {
		assert_string_equal(sbx_abi_names()[i], sbx_abi_info((enum sbx_abi)i)->name);
		assert_int_equal(sbx_abi_parse(sbx_abi_names()[i]), i);
	}
	assert_int_equal(sbx_abi_parse("amd64"), SBX_ABI_X86_64);
	assert_int_equal(sbx_abi_parse("x86"), SBX_ABI_I386);
	assert_int_equal(sbx_abi_parse("arm64"), SBX_ABI_AARCH64);
	assert_int_equal(sbx_abi_parse("SCMP_ARCH_X86"), SBX_ABI_I386);
	assert_int_equal(sbx_abi_parse("X86_64"), -EINVAL);
	assert_int_equal(sbx_abi_parse("mips"), -EINVAL);
	assert_int_equal(sbx_abi_parse(""), -EINVAL);
}

static void facts(void **state)
{
	static const struct {
		uint32_t arch;
		unsigned word;
	} want[SBX_N_ABIS] = { { AUDIT_ARCH_X86_64, 8 }, { AUDIT_ARCH_I386, 4 }, { AUDIT_ARCH_X86_64, 8 },
		{ AUDIT_ARCH_AARCH64, 8 }, { AUDIT_ARCH_ARM, 4 }, { AUDIT_ARCH_RISCV64, 8 }, { AUDIT_ARCH_PPC64LE, 8 },
		{ AUDIT_ARCH_S390X, 8 } };

	(void)state;
	for (int i = 0; i < SBX_N_ABIS; i++) {
		const struct sbx_abi_info *info = sbx_abi_info((enum sbx_abi)i);

		assert_int_equal(info->audit_arch, want[i].arch);
		assert_int_equal(info->word, want[i].word);
		assert_int_equal(info->nr_flag, i == SBX_ABI_X32 ? 0x40000000 : 0);
		assert_int_equal(info->big_endian, !(info->audit_arch & __AUDIT_ARCH_LE));
		assert_int_equal(sbx_abi_of(info->audit_arch, info->nr_flag | 1), i);
	}
}

static void of_a_call(void **state)
{
	(void)state;
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_X86_64, 0x3fffffff), SBX_ABI_X86_64);
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_X86_64, 0x40000000), SBX_ABI_X32);
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_X86_64, 0xfffffffe), SBX_ABI_X32);
	/* A tracer skips a call. */
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_X86_64, 0xffffffff), SBX_ABI_X86_64);
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_X86_64, 0x80000000), SBX_ABI_X86_64);
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_I386, 0x40000001), SBX_ABI_I386);
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_PPC64, 1), -1);
	assert_int_equal(sbx_abi_of(AUDIT_ARCH_ARMEB, 1), -1);
	assert_int_equal(sbx_abi_of(0, 0), -1);
}

static void families(void **state)
{
	(void)state;
	for (int i = 0; i < SBX_N_ABIS; i++) {
		unsigned family = sbx_abi_family((enum sbx_abi)i);

		assert_true(family & 1U << i);
		for (int j = 0; j < SBX_N_ABIS; j++) {
			if (family & 1U << j)
				assert_int_equal(sbx_abi_family((enum sbx_abi)j), family);
		}
	}
	assert_int_equal(sbx_abi_family(SBX_ABI_X32), 7);
	assert_int_equal(sbx_abi_family(SBX_ABI_ARM), 1 << SBX_ABI_ARM | 1 << SBX_ABI_AARCH64);
	assert_int_equal(sbx_abi_family(SBX_ABI_S390X), 1 << SBX_ABI_S390X);
	assert_true(sbx_abi_native() < SBX_N_ABIS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_name), cmocka_unit_test(facts),
		cmocka_unit_test(of_a_call), cmocka_unit_test(families) };

	return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
