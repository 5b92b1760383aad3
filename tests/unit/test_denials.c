/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy denied: counted by line and call, told once a program, and not for ever. */
#include "unit/support.h"

#include "policy/load.h"
#include "run/denials.h"

static const char text[] = "sbx-policy 1\ndefault allow\ndeny ptrace\nnotify uname\nerrno(ENOSYS) swapon\n";

static struct sbx_denials begin(void)
{
	struct sbx_diags d = t_diags();
	struct sbx_denials denials = { .arena = &t_arena };

	assert_int_equal(
	    sbx_policy_parse(&t_arena, &d, "/p/own.policy", text, strlen(text), &denials.policy), 0);
	assert_string_equal(t_said(&d), "");
	return denials;
}

static const char *add(struct sbx_denials *d, const char *call, enum sbx_abi abi, const char *program, pid_t pid)
{
	static const uint64_t args[6];
	uint32_t arch = sbx_abi_info(abi)->audit_arch, nr = (uint32_t)sbx_syscall_nr(sbx_syscall_find(call), abi);
	unsigned abis = 1U << abi;

	return sbx_denials_add(d, arch, nr, sbx_policy_eval(d->policy, abis, arch, nr, args), program, pid);
}

static void sentences(void **state)
{
	enum sbx_abi native = sbx_abi_native();
	struct sbx_denials d = begin();

	(void)state;
	assert_string_equal(add(&d, "ptrace", native, "gdb", 812), "ptrace denied by own.policy:3 (gdb, pid 812)");
	assert_null(add(&d, "ptrace", native, "gdb", 813));
	assert_string_equal(add(&d, "ptrace", native, "strace", 814), "ptrace denied by own.policy:3 (strace, pid 814)");
	assert_string_equal(add(&d, "ptrace", native, NULL, 815), "ptrace denied by own.policy:3 (pid 815)");
	assert_null(add(&d, "ptrace", native, NULL, 816));
	assert_string_equal(add(&d, "uname", native, "gdb", 1), "uname noted by own.policy:4 (gdb, pid 1)");
	assert_int_equal(d.n, 2);
	assert_int_equal(d.items[0].count, 5);
	assert_string_equal(
	    sbx_denial_summary(&t_arena, d.policy, &d.items[0]), "ptrace denied by own.policy:3, 5 times");
	assert_string_equal(sbx_denial_summary(&t_arena, d.policy, &d.items[1]), "uname noted by own.policy:4, 1 time");
	if (native == SBX_ABI_X86_64)
		assert_string_equal(
		    add(&d, "ptrace", SBX_ABI_I386, "gdb", 2), "ptrace (i386) denied by own.policy:3 (gdb, pid 2)");
}

static void no_line(void **state)
{
	struct sbx_verdict v = { .action = { .kind = SBX_ACT_ERRNO, .err = EPERM }, .by = SBX_BY_RULE };
	uint32_t arch = sbx_abi_info(sbx_abi_native())->audit_arch;
	struct sbx_denials d = begin();

	(void)state;
	assert_string_equal(sbx_denials_add(&d, arch, 9999, v, "x", 1), "call 9999 denied by sbx's floor (x, pid 1)");
	v.by = SBX_BY_UNKNOWN;
	assert_string_equal(sbx_denials_add(&d, arch, 9999, v, "x", 1),
	    "call 9999 denied by the policy /p/own.policy, which does not name it (x, pid 1)");
	assert_string_equal(sbx_denials_add(&d, 1, 0, v, "x", 1),
	    "call 0 (of an unknown ABI) denied by the policy /p/own.policy, which does not name it (x, pid 1)");
}

/* A program can take on any name, and make any call: neither lines nor memory without end. */
static void bounds(void **state)
{
	uint32_t arch = sbx_abi_info(sbx_abi_native())->audit_arch;
	struct sbx_verdict v = { .action = { .kind = SBX_ACT_ERRNO, .err = EPERM }, .by = SBX_BY_UNKNOWN };
	struct sbx_denials d = begin();
	size_t told = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		told += add(&d, "ptrace", sbx_abi_native(), sbx_strf(&t_arena, "p%d", i), i) != NULL;
	assert_int_equal(told, SBX_DENIALS_MAX_LINES + 1);
	assert_int_equal(d.items[0].count, 5000);
	assert_int_equal(d.n_programs, SBX_DENIALS_MAX_PROGRAMS);
	for (uint32_t nr = 5000; nr < 8000; nr++)
		assert_null(sbx_denials_add(&d, arch, nr, v, "x", 1));
	assert_int_equal(d.n, SBX_DENIALS_MAX);
	assert_int_equal(d.others, 3000 - (SBX_DENIALS_MAX - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(sentences), T(no_line), T(bounds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
