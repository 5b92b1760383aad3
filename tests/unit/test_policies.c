/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The policies that are shipped: all of them are read, mean something on every ABI, and have nothing in them that the
 * linter finds. What they say of the calls of this machine, tests/security/calls.sh asks the kernel.
 */
#include "unit/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "policy/bpf.h"
#include "policy/load.h"

/* As in test_golden.c: the tree may be anybody's. */
static int trusted(int r, struct stat *st)
{
	if (r == 0) {
		st->st_uid = 0;
		st->st_mode &= (mode_t)~0022;
	}
	return r;
}

int stat(const char *restrict path, struct stat *restrict st)
{
	return trusted(fstatat(AT_FDCWD, path, st, 0), st);
}

int fstat(int fd, struct stat *st)
{
	return trusted(fstatat(fd, "", st, AT_EMPTY_PATH), st);
}

static const char *const names[] = { "default", "browser", "build", "service", "strict", "docker", "nested" };

static int setup(void **state)
{
	const char *top = getenv("top_srcdir");

	(void)state;
	return chdir(top ? top : ".");
}

static const struct sbx_policy *load(const char *name)
{
	struct sbx_host h = t_host();
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p = NULL;
	int e;

	h.search_dirs[3] = ".";
	e = sbx_policy_load(&h, &t_arena, &d, name, NULL, 0, &p);
	assert_string_equal(t_said(&d), "");
	assert_int_equal(e, 0);
	return p;
}

static struct sbx_verdict ask(const struct sbx_policy *p, enum sbx_abi abi, int id, const uint64_t args[6])
{
	return sbx_policy_eval(p, 1U << abi, sbx_abi_info(abi)->audit_arch, (uint32_t)sbx_syscall_nr(id, abi), args);
}

static void each_is_meant(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct sbx_policy p = *load(names[i]);

		/* Also with the 32-bit ABIs, which a drop-in may open. */
		for (int with = 0; with < 2; with++) {
			p.abis = with ? (1U << SBX_N_ABIS) - 1 : 0;
			for (int abi = 0; abi < SBX_N_ABIS; abi++) {
				struct sbx_diags d = t_diags();
				struct sbx_bpf bpf;
				int e = sbx_policy_check(&p, &t_arena, &d, abi);

				sbx_policy_lint(&p, &t_arena, &d, abi);
				/* Docker's own hole, of which its first lines tell */
				if (!sbx_streq(names[i], "docker") || (!with && abi != SBX_ABI_I386))
					assert_string_equal(t_said(&d), "");
				assert_int_equal(e, 0);
				e = sbx_bpf_compile(&t_arena, &d, &p, sbx_policy_abis(&p, abi), SBX_BPF_REPORT, &bpf);
				assert_int_equal(e, 0);
				if (!with && abi == SBX_ABI_X86_64)
					print_message("# %s: %zu instructions\n", names[i], bpf.n);
			}
		}
	}
}

/* A call that sbx knows and nobody thought of would get EPERM, on which programs do not fall back. */
static void default_decides_about_all(void **unused)
{
	static const uint64_t none[6];
	const char *const of[] = { "default", "browser", "build", "service" };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		const struct sbx_policy *p = load(of[i]);

		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			for (int id = 0; id < SBX_N_SYSCALLS; id++) {
				if (sbx_syscall_nr(id, abi) < 0 || ask(p, abi, id, none).by == SBX_BY_RULE)
					continue;
				fail_msg("%s says nothing of %s on %s", of[i], sbx_syscall_name(id),
				    sbx_abi_info(abi)->name);
			}
		}
	}
}

/* What adds to `default` only adds, what takes away only takes away. */
static void relations(void **unused)
{
	static const struct {
		const char *less, *more;
	} pairs[] = { { "default", "browser" }, { "default", "build" }, { "service", "default" },
		{ "strict", "default" } };
	static const uint64_t args[][6] = { { 0 }, { 1, 1, 0 }, { 2, 1, 0 }, { 0x3d0f00 }, { 0x10000011 },
		{ 3, 0x5401 }, { 22, 2 }, { 16, 3, 15 }, { 0xffffffff, 1 }, { 0x40000, 2 } };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const struct sbx_policy *less = load(pairs[i].less), *more = load(pairs[i].more);

		for (int id = 0; id < SBX_N_SYSCALLS; id++) {
			for (size_t k = 0; k < ARRAY_LEN(args); k++) {
				if (sbx_syscall_nr(id, SBX_ABI_X86_64) < 0 ||
				    ask(less, SBX_ABI_X86_64, id, args[k]).action.kind != SBX_ACT_ALLOW ||
				    ask(more, SBX_ABI_X86_64, id, args[k]).action.kind == SBX_ACT_ALLOW)
					continue;
				fail_msg("%s allows %s (%#jx, …), and %s does not", pairs[i].less, sbx_syscall_name(id),
				    (uintmax_t)args[k][0], pairs[i].more);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_is_meant),
		T(default_decides_about_all),
		T(relations),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
