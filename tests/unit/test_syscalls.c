/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of system calls: its order, its numbers against libseccomp's, and what it says of arguments. */
#include "unit/support.h"

#ifdef HAVE_LIBSECCOMP
#include <seccomp.h>
#endif
#include <stdio.h>
#include <sys/syscall.h>

#include "policy/syscalls.h"

enum { ARM_PRIVATE = 0xf0000 };

static void order(void **state)
{
	const char *const *names = sbx_syscall_names();

	(void)state;
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		assert_ptr_equal(names[id], sbx_syscall_name(id));
		assert_int_equal(sbx_syscall_find(names[id]), id);
		assert_true(id == 0 || strcmp(names[id - 1], names[id]) < 0);
	}
	assert_string_equal(sbx_syscall_name(SBX_SYSCALL_ioctl), "ioctl");
}

static void no_such_name(void **state)
{
	static const char *const bad[] = { "", " ", "Read", "rea", "reads", "read ", "zzz", "\xff", "sys_read", "x32",
		"a name that is longer than any that a system call has had, or ever will have" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(sbx_syscall_find(bad[i]), -1);
}

/* Each number leads back to its call, so no two have the same one. */
static void numbers(void **state)
{
	(void)state;
	for (int a = 0; a < SBX_N_ABIS; a++) {
		enum sbx_abi abi = (enum sbx_abi)a;
		uint32_t flag = sbx_abi_info(abi)->nr_flag;
		size_t n, listed = 0, have = 0;
		const int16_t *ids = sbx_syscall_numbers(abi, &n);

		for (size_t i = 0; i < n; i++) {
			assert_int_equal(sbx_syscall_by_nr(abi, (uint32_t)i | flag), ids[i]);
			if (ids[i] >= 0) {
				assert_true(sbx_syscall_nr(ids[i], abi) == (int64_t)(i | flag));
				listed++;
			}
		}
		for (int id = 0; id < SBX_N_SYSCALLS; id++) {
			int64_t nr = sbx_syscall_nr(id, abi);

			if (nr < 0)
				continue;
			assert_int_equal(sbx_syscall_by_nr(abi, (uint32_t)nr), id);
			have += nr < ARM_PRIVATE || abi != SBX_ABI_ARM;
		}
		assert_int_equal(have, listed);
		assert_int_equal(sbx_syscall_by_nr(abi, (uint32_t)n | flag), -1);
		assert_int_equal(sbx_syscall_by_nr(abi, UINT32_MAX), -1);
	}
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_X32, 0), -1);
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_X86_64, 0x40000000), -1);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_set_tls, SBX_ABI_ARM), 0xf0005);
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_ARM, 0xf0005), SBX_SYSCALL_set_tls);
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_ARM, 0xf0000), -1);
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_ARM, 0x4005), -1);
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_ARM, 0xf0105), -1);
	assert_int_equal(sbx_syscall_by_nr(SBX_ABI_AARCH64, 0xf0005), -1);
}

static void newest(void **state)
{
	(void)state;
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_cachestat, SBX_ABI_S390X), 451);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_statmount, SBX_ABI_I386), 457);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_mseal, SBX_ABI_X32), 0x40000000 | 462);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_file_setattr, SBX_ABI_RISCV64), 469);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_rseq_slice_yield, SBX_ABI_PPC64LE), 471);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_uretprobe, SBX_ABI_X86_64), 335);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_uretprobe, SBX_ABI_I386), -1);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_ioctl, sbx_abi_native()), SYS_ioctl);
	assert_int_equal(sbx_syscall_nr(SBX_SYSCALL_clone3, sbx_abi_native()), SYS_clone3);
}

#ifdef HAVE_LIBSECCOMP
static const uint32_t scmp_arch[SBX_N_ABIS] = {
	[SBX_ABI_X86_64] = SCMP_ARCH_X86_64,
	[SBX_ABI_I386] = SCMP_ARCH_X86,
	[SBX_ABI_X32] = SCMP_ARCH_X32,
	[SBX_ABI_AARCH64] = SCMP_ARCH_AARCH64,
	[SBX_ABI_ARM] = SCMP_ARCH_ARM,
	[SBX_ABI_RISCV64] = SCMP_ARCH_RISCV64,
	[SBX_ABI_PPC64LE] = SCMP_ARCH_PPC64LE,
	[SBX_ABI_S390X] = SCMP_ARCH_S390X,
};

/* What the table has beyond libseccomp 2.5; a libseccomp that has them as well must agree. */
static bool is_newer(int id, int64_t nr)
{
	return nr >= 451 || id == SBX_SYSCALL_uretprobe || id == SBX_SYSCALL_uprobe || id == SBX_SYSCALL_riscv_hwprobe;
}

static void one_number(enum sbx_abi abi, uint32_t nr)
{
	uint32_t bare = nr & ~sbx_abi_info(abi)->nr_flag;
	int id = sbx_syscall_by_nr(abi, nr);
	char *name = seccomp_syscall_resolve_num_arch(scmp_arch[abi], (int)nr);

	if (name && id >= 0)
		assert_string_equal(name, sbx_syscall_name(id));
	else if (name)
		assert_true(bare > 471 && bare < ARM_PRIVATE);
	else if (id >= 0)
		assert_true(is_newer(id, bare));
	free(name);
}
#endif

static void like_libseccomp(void **state)
{
	(void)state;
#ifdef HAVE_LIBSECCOMP
	for (int a = 0; a < SBX_N_ABIS; a++) {
		enum sbx_abi abi = (enum sbx_abi)a;
		uint32_t flag = sbx_abi_info(abi)->nr_flag;

		for (uint32_t nr = 0; nr <= 1100; nr++)
			one_number(abi, nr | flag);
		for (uint32_t nr = ARM_PRIVATE; abi == SBX_ABI_ARM && nr < ARM_PRIVATE + 512; nr++)
			one_number(abi, nr);
		for (int id = 0; id < SBX_N_SYSCALLS; id++) {
			int theirs = seccomp_syscall_resolve_name_arch(scmp_arch[abi], sbx_syscall_name(id));
			int64_t ours = sbx_syscall_nr(id, abi);

			/* Below -1 are its own numbers for what goes through socketcall or ipc as well. */
			if (theirs >= 0 && ours >= 0)
				assert_int_equal(theirs, ours);
			else if (theirs >= 0)
				/* Two names of 341 */
				assert_true(abi == SBX_ABI_ARM && id == SBX_SYSCALL_sync_file_range2);
			else if (theirs == -1 && ours >= 0)
				assert_true(is_newer(id, ours & ~(int64_t)flag));
		}
	}
#else
	print_message("# needs libseccomp-dev at configure time\n");
	skip();
#endif
}

/* "fd:i cmd:i arg:l" of one call */
static void args(const char *call, enum sbx_abi abi, const char *want)
{
	static const char kinds[] = "-ilop";
	char said[256] = "";
	int id = sbx_syscall_find(call);
	size_t n = 0;

	assert_true(id >= 0);
	for (unsigned i = 0; i < 7; i++) {
		const char *name = sbx_syscall_arg_name(id, abi, i);
		enum sbx_sysarg_kind kind = sbx_syscall_arg_kind(id, abi, i);

		if (kind == SBX_ARG_NONE) {
			assert_null(name);
			continue;
		}
		n += (size_t)snprintf(said + n, sizeof said - n, "%s%s:%c", n ? " " : "", name ? name : "", kinds[kind]);
		if (name)
			assert_int_equal(sbx_syscall_arg(id, abi, name), i);
	}
	assert_string_equal(said, want);
}

static void args_on_x86_64(void **state)
{
	static const struct {
		const char *call, *args;
	} want[] = {
		{ "read", "fd:i buf:p count:l" },
		{ "writev", "fd:i vec:p vlen:l" },
		{ "open", "filename:p flags:i mode:i" },
		{ "openat", "dfd:i filename:p flags:i mode:i" },
		{ "openat2", "dfd:i filename:p how:p usize:l" },
		{ "ioctl", "fd:i cmd:i arg:l" },
		{ "fcntl", "fd:i cmd:i arg:l" },
		{ "socket", "family:i type:i protocol:i" },
		{ "socketpair", "family:i type:i protocol:i usockvec:p" },
		{ "setsockopt", "fd:i level:i optname:i optval:p optlen:i" },
		{ "clone", "clone_flags:i newsp:l parent_tidptr:p child_tidptr:p tls:l" },
		{ "clone3", "uargs:p size:l" },
		{ "unshare", "unshare_flags:l" },
		{ "setns", "fd:i flags:i" },
		{ "personality", "personality:i" },
		{ "prctl", "option:i arg2:l arg3:l arg4:l arg5:l" },
		{ "arch_prctl", "option:i arg2:l" },
		{ "mmap", "addr:l len:l prot:l flags:l fd:i off:l" },
		{ "mprotect", "start:l len:l prot:l" },
		{ "madvise", "start:l len_in:l behavior:i" },
		{ "mremap", "addr:l old_len:l new_len:l flags:l new_addr:l" },
		{ "ptrace", "request:l pid:i addr:l data:l" },
		{ "kill", "pid:i sig:i" },
		{ "tgkill", "tgid:i pid:i sig:i" },
		{ "keyctl", "option:i arg2:l arg3:l arg4:l arg5:l" },
		{ "add_key", "_type:p _description:p _payload:p plen:l ringid:i" },
		{ "mount", "dev_name:p dir_name:p type:p flags:l data:p" },
		{ "umount2", "name:p flags:i" },
		{ "mknodat", "dfd:i filename:p mode:i dev:i" },
		{ "fchmodat", "dfd:i filename:p mode:i" },
		{ "seccomp", "op:i flags:i uargs:p" },
		{ "bpf", "cmd:i uattr:p size:i" },
		{ "userfaultfd", "flags:i" },
		{ "memfd_create", "uname:p flags:i" },
		{ "futex", "uaddr:p op:i val:i utime:p uaddr2:p val3:i" },
		{ "prlimit64", "pid:i resource:i new_rlim:p old_rlim:p" },
		{ "perf_event_open", "attr_uptr:p pid:i cpu:i group_fd:i flags:l" },
		{ "pread64", "fd:i buf:p count:l pos:o" },
		{ "fallocate", "fd:i mode:i offset:o len:o" },
		{ "sync_file_range", "fd:i offset:o nbytes:o flags:i" },
		{ "io_uring_setup", "entries:i params:p" },
		{ "open_by_handle_at", "mountdirfd:i handle:p flags:i" },
		{ "setresuid", "ruid:i euid:i suid:i" },
		{ "execve", "filename:p argv:p envp:p" },
		{ "getpid", "" },
		{ "afs_syscall", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		args(want[i].call, SBX_ABI_X86_64, want[i].args);
}

static void args_of_abis(void **state)
{
	static const enum sbx_abi backwards[] = { SBX_ABI_I386, SBX_ABI_AARCH64, SBX_ABI_ARM, SBX_ABI_RISCV64,
		SBX_ABI_PPC64LE };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(backwards); i++)
		args("clone", backwards[i], "clone_flags:i newsp:l parent_tidptr:p tls:l child_tidptr:p");
	args("clone", SBX_ABI_X32, "clone_flags:i newsp:l parent_tidptr:p child_tidptr:p tls:l");
	args("clone", SBX_ABI_S390X, "newsp:l clone_flags:i parent_tidptr:p child_tidptr:p tls:l");
	args("mmap", SBX_ABI_I386, "arg:p");
	args("mmap", SBX_ABI_S390X, "arg:p");
	args("mmap2", SBX_ABI_I386, "addr:l len:l prot:l flags:l fd:i pgoff:l");
	args("ptrace", SBX_ABI_X32, "request:i pid:i addr:i data:i");
	args("socketcall", SBX_ABI_I386, "call:i args:p");
	args("ipc", SBX_ABI_S390X, "call:i first:i second:l third:l ptr:p fifth:l");
	args("preadv2", SBX_ABI_X86_64, "fd:i vec:p vlen:l pos_l:l pos_h:l flags:i");
	args("preadv2", SBX_ABI_X32, "fd:i vec:p vlen:l pos:o flags:i");
}

/* Two registers for one argument: the first has the name, and nothing behind them has one. */
static void two_registers(void **state)
{
	(void)state;
	args("pread64", SBX_ABI_I386, "fd:i buf:p count:l pos:o :o");
	args("pread64", SBX_ABI_ARM, "fd:i buf:p count:l pos:o :o :o");
	args("pread64", SBX_ABI_X32, "fd:i buf:p count:l pos:o");
	args("fallocate", SBX_ABI_I386, "fd:i mode:i offset:o :o :o :o");
	args("fanotify_mark", SBX_ABI_ARM, "fanotify_fd:i flags:i mask:o :o :i :p");
	args("sync_file_range", SBX_ABI_I386, "fd:i offset:o :o :o :o :i");
	args("readahead", SBX_ABI_ARM, "fd:i offset:o :o :o :l");
	args("readahead", SBX_ABI_I386, "fd:i offset:o :o :l");
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_sync_file_range, SBX_ABI_I386, "flags"), -1);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_sync_file_range, SBX_ABI_X86_64, "flags"), 3);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_fallocate, SBX_ABI_I386, "len"), -1);
}

static void second_names(void **state)
{
	(void)state;
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_clone, SBX_ABI_X86_64, "flags"), 0);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_clone, SBX_ABI_S390X, "flags"), 1);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_clone, SBX_ABI_X86_64, "tls"), 4);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_clone, SBX_ABI_AARCH64, "tls"), 3);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_unshare, SBX_ABI_ARM, "flags"), 0);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_ioctl, SBX_ABI_I386, "request"), 1);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_ioctl, SBX_ABI_I386, "op"), 1);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_ioctl, SBX_ABI_I386, "arg"), 2);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_prctl, SBX_ABI_X86_64, "op"), 0);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_socket, SBX_ABI_X86_64, "domain"), 0);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_openat, SBX_ABI_X86_64, "dirfd"), 0);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_ioctl, SBX_ABI_X86_64, ""), -1);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_ioctl, SBX_ABI_X86_64, "flags"), -1);
	assert_int_equal(sbx_syscall_arg(SBX_SYSCALL_getpid, SBX_ABI_X86_64, "fd"), -1);
}

/* No call has more than six registers, nor two arguments of one name. */
static void arguments_are_sound(void **state)
{
	(void)state;
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		for (int a = 0; a < SBX_N_ABIS; a++) {
			enum sbx_abi abi = (enum sbx_abi)a;

			if (sbx_syscall_nr(id, abi) < 0)
				continue;
			assert_int_equal(sbx_syscall_arg_kind(id, abi, 6), SBX_ARG_NONE);
			for (unsigned i = 0; i < 6; i++) {
				const char *name = sbx_syscall_arg_name(id, abi, i);

				if (name)
					assert_int_equal(sbx_syscall_arg(id, abi, name), i);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(no_such_name),
		cmocka_unit_test(numbers), cmocka_unit_test(newest), cmocka_unit_test(like_libseccomp),
		cmocka_unit_test(args_on_x86_64), cmocka_unit_test(args_of_abis), cmocka_unit_test(two_registers),
		cmocka_unit_test(second_names), cmocka_unit_test(arguments_are_sound) };

	return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
