/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Policies that libseccomp can say, rules about equality of calls that are named once each: its program and ours give the
 * same answer to every call.
 */
#include "unit/support.h"

#include <stdio.h>

#ifdef HAVE_LIBSECCOMP
#include <seccomp.h>
#endif

#include "policy/load.h"
#include "unit/bpf_sim.h"

#ifdef HAVE_LIBSECCOMP
static uint64_t state;
static uint64_t rnd(uint64_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % n;
}

/* All arguments are registers or ints below 2^31, where the widths make no difference. */
static const struct {
	const char *name;
	unsigned args;
} calls[] = { { "socket", 3 }, { "fcntl", 2 }, { "lseek", 1 }, { "prctl", 3 }, { "dup3", 3 }, { "kill", 2 }, { "tgkill", 3 },
	{ "setns", 2 }, { "socketpair", 3 }, { "ioctl", 2 }, { "read", 0 }, { "write", 0 }, { "openat", 0 }, { "futex", 0 },
	{ "getpid", 0 }, { "unlinkat", 0 }, { "exit_group", 0 }, { "getrandom", 0 } };

static uint32_t action_of(unsigned which)
{
	return which == 0 ? SCMP_ACT_ALLOW : which == 1 ? SCMP_ACT_ERRNO(77) : SCMP_ACT_KILL_PROCESS;
}

static const char *add_condition(scmp_filter_ctx ctx, unsigned call, unsigned action, struct sbx_buf *b)
{
	struct scmp_arg_cmp cmp[3];
	unsigned n = (unsigned)rnd(calls[call].args + 1);

	for (unsigned i = 0; i < n; i++) {
		uint64_t mask = rnd(0x8000), value = rnd(16);

		sbx_buf_adds(b, i == 0 ? " if " : " && ");
		if (rnd(2)) {
			cmp[i] = SCMP_CMP(i, SCMP_CMP_MASKED_EQ, mask, value & mask);
			sbx_buf_addf(b, "arg%u & %#jx == %#jx", i, (uintmax_t)mask, (uintmax_t)(value & mask));
		} else {
			cmp[i] = SCMP_CMP(i, SCMP_CMP_EQ, value, 0);
			sbx_buf_addf(b, "arg%u == %#jx", i, (uintmax_t)value);
		}
	}
	assert_int_equal(seccomp_rule_add_array(ctx, action_of(action), seccomp_syscall_resolve_name(calls[call].name), n, cmp), 0);
	return sbx_buf_str(b);
}

static size_t theirs(scmp_filter_ctx ctx, struct sbx_insn *ret, size_t max)
{
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	assert_int_equal(seccomp_export_bpf(ctx, fileno(f)), 0);
	rewind(f);
	n = fread(ret, sizeof *ret, max, f);
	(void)fclose(f);
	return n;
}

static void one_policy(void)
{
	static const char *const actions[] = { "allow", "errno(77)", "kill" };
	static struct sbx_insn insns[SBX_BPF_MAX];
	unsigned otherwise = (unsigned)rnd(3);
	scmp_filter_ctx ctx = seccomp_init(action_of(otherwise));
	struct sbx_buf text = { .arena = &t_arena };
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;
	struct sbx_bpf bpf;

	assert_non_null(ctx);
	assert_int_equal(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), 0);
	sbx_buf_addf(&text, "sbx-policy 1\ndefault %s\nunknown %s\n", actions[otherwise], actions[otherwise]);
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		unsigned action = (unsigned)rnd(3);

		/* libseccomp refuses what is the default anyway. */
		if (action == otherwise || rnd(3) == 0)
			continue;
		sbx_buf_addf(&text, "%s %s", actions[action], calls[i].name);
		(void)add_condition(ctx, i, action, &text);
		sbx_buf_addc(&text, '\n');
	}
	assert_true(theirs(ctx, insns, ARRAY_LEN(insns)) > 0);
	seccomp_release(ctx);
	assert_int_equal(
	    sbx_policy_parse(&t_arena, &d, "t", sbx_buf_str(&text), strlen(sbx_buf_str(&text)), &p), 0);
	assert_int_equal(sbx_bpf_compile(&t_arena, &d, p, sbx_policy_abis(p, sbx_abi_native()), SBX_BPF_PLAIN, &bpf), 0);
	for (int i = 0; i < 500; i++) {
		struct bpf_call c = { .arch = sbx_abi_info(sbx_abi_native())->audit_arch };
		int64_t nr = sbx_syscall_nr(sbx_syscall_find(calls[rnd(ARRAY_LEN(calls))].name), sbx_abi_native());
		bool looked;

		c.nr = rnd(5) ? (uint32_t)nr : (uint32_t)rnd(600);
		if (rnd(50) == 0)
			c.arch ^= 1;
		for (int k = 0; k < 6; k++)
			c.args[k] = rnd(3) ? rnd(16) : rnd(0x8000);
		if (bpf_run(bpf.insns, &c, &looked) != bpf_run(insns, &c, &looked))
			fail_msg("arch %x nr %u args %jx %jx %jx: ours %x, libseccomp's %x\n%s", c.arch, c.nr, (uintmax_t)c.args[0],
			    (uintmax_t)c.args[1], (uintmax_t)c.args[2], bpf_run(bpf.insns, &c, &looked), bpf_run(insns, &c, &looked),
			    sbx_buf_str(&text));
	}
}
#endif

static void like_libseccomp(void **unused)
{
	(void)unused;
#ifdef HAVE_LIBSECCOMP
	state = 1;
	for (int i = 0; i < 1000; i++) {
		one_policy();
		(void)t_forget(NULL);
	}
#else
	print_message("libseccomp-dev was not there when sbx was configured\n");
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(like_libseccomp) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
