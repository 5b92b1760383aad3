/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of constants: its order, its values against this machine's headers and against ABIs known by hand. */
#include "unit/support.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <linux/random.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "policy/consts.h"

static void order(void **state)
{
	size_t n;
	const char *const *names = sbx_const_names(&n);

	(void)state;
	assert_true(n > 2000);
	for (size_t i = 0; i < n; i++) {
		uint64_t v[SBX_N_ABIS];

		assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
		assert_true(sbx_const_find(names[i], v));
		/* Not sign-extended */
		for (int a = 0; a < SBX_N_ABIS; a++)
			assert_true(v[a] < UINT64_C(0xffffffff80000000));
	}
}

static void no_such_name(void **state)
{
	static const char *const bad[] = { "", " ", "AF_", "AF_INE", "af_inet", "AF_INET ", "ZZZ", "\xff", "_" };
	uint64_t v[SBX_N_ABIS] = { 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(sbx_const_find(bad[i], v));
	assert_true(v[0] == 77);
}

static void like_the_headers(void **state)
{
#define C(name) { #name, (uint64_t)(name) }
	static const struct {
		const char *name;
		uint64_t value;
	} want[] = { C(AF_UNSPEC), C(AF_UNIX), C(AF_INET), C(AF_INET6), C(AF_NETLINK), C(AF_PACKET), C(AF_ALG), C(AF_VSOCK),
		C(AF_BLUETOOTH), C(SOCK_STREAM), C(SOCK_DGRAM), C(SOCK_RAW), C(SOCK_SEQPACKET), C(SOCK_CLOEXEC),
		C(SOCK_NONBLOCK), C(IPPROTO_TCP), C(IPPROTO_UDP), C(IPPROTO_ICMP), C(IPPROTO_RAW), C(SOL_SOCKET),
		C(SO_PEERCRED), C(SO_REUSEADDR), C(SO_BINDTODEVICE), C(MSG_NOSIGNAL), C(MSG_CMSG_CLOEXEC), C(SHUT_RDWR),
		C(CLONE_NEWUSER), C(CLONE_NEWNS), C(CLONE_NEWPID), C(CLONE_NEWNET), C(CLONE_NEWIPC), C(CLONE_NEWUTS),
		C(CLONE_NEWCGROUP), C(CLONE_NEWTIME), C(CLONE_VM), C(CLONE_THREAD), C(CLONE_IO), C(CSIGNAL), C(PROT_READ),
		C(PROT_WRITE), C(PROT_EXEC), C(MAP_SHARED), C(MAP_PRIVATE), C(MAP_ANONYMOUS), C(MAP_FIXED),
		C(MAP_NORESERVE), C(MAP_LOCKED), C(MAP_GROWSDOWN), C(MAP_HUGETLB), C(MADV_DONTNEED), C(MADV_HUGEPAGE),
		C(MREMAP_FIXED), C(MFD_CLOEXEC), C(MFD_ALLOW_SEALING), C(O_RDONLY), C(O_WRONLY), C(O_RDWR), C(O_CREAT),
		C(O_EXCL), C(O_TRUNC), C(O_APPEND), C(O_NONBLOCK), C(O_DIRECTORY), C(O_NOFOLLOW), C(O_CLOEXEC), C(O_PATH),
		C(O_TMPFILE), C(O_DIRECT), C(O_SYNC), C(O_ACCMODE), C(AT_EMPTY_PATH), C(AT_SYMLINK_NOFOLLOW),
		C(AT_REMOVEDIR), C(F_DUPFD), C(F_SETFL), C(F_GETLK), C(F_SETOWN), C(F_ADD_SEALS), C(F_SETPIPE_SZ),
		C(F_NOTIFY), C(LOCK_EX), C(LOCK_UN), C(SEEK_SET), C(SEEK_DATA), C(S_IFMT), C(S_IFCHR), C(S_IFBLK),
		C(S_ISUID), C(S_ISGID), C(S_ISVTX), C(PR_SET_SECCOMP), C(PR_SET_NO_NEW_PRIVS), C(PR_SET_DUMPABLE),
		C(PR_CAPBSET_DROP), C(PR_SET_PTRACER), C(PTRACE_TRACEME), C(PTRACE_ATTACH), C(PTRACE_SEIZE), C(PTRACE_CONT),
		C(PTRACE_PEEKDATA), C(SECCOMP_SET_MODE_FILTER), C(SECCOMP_FILTER_FLAG_TSYNC),
		C(SECCOMP_FILTER_FLAG_NEW_LISTENER), C(SECCOMP_GET_ACTION_AVAIL), C(PER_LINUX), C(PER_LINUX32), C(UNAME26),
		C(ADDR_NO_RANDOMIZE), C(READ_IMPLIES_EXEC), C(TIOCSTI), C(TIOCLINUX), C(TIOCSCTTY), C(TIOCNOTTY),
		C(TIOCGWINSZ), C(TIOCSWINSZ), C(TIOCGPGRP), C(TCGETS), C(TCSETS), C(TCSBRK), C(FIONREAD), C(FIONBIO),
		C(FIOCLEX), C(FIONCLEX), C(KEYCTL_JOIN_SESSION_KEYRING), C(KEYCTL_READ), C(FUTEX_WAIT), C(FUTEX_LOCK_PI),
		C(FUTEX_PRIVATE_FLAG), C(SIGKILL), C(SIGCHLD), C(SIGUSR1), C(SIGSYS), C(RLIMIT_NOFILE), C(RLIMIT_NPROC),
		C(PRIO_PROCESS), C(SCHED_FIFO), C(SCHED_OTHER), C(SCHED_DEADLINE), C(CLOCK_REALTIME), C(CLOCK_MONOTONIC),
		C(BPF_PROG_LOAD), C(BPF_MAP_CREATE), C(USERFAULTFD_IOC), C(UFFD_USER_MODE_ONLY), C(GRND_NONBLOCK),
		C(GRND_RANDOM), C(RENAME_NOREPLACE), C(RENAME_EXCHANGE), C(MS_BIND), C(MS_REC), C(MS_RDONLY), C(SHM_EXEC),
		C(SHM_RDONLY), C(IPC_CREAT), C(IPC_RMID), C(EPOLL_CTL_ADD), C(EPOLL_CLOEXEC), C(EFD_SEMAPHORE), C(IN_CLOEXEC),
		C(FS_IOC_SETFLAGS), C(FS_IOC_GETFLAGS), C(FICLONE), C(FIDEDUPERANGE), C(BLKGETSIZE64), C(FIFREEZE) };
#undef C
	uint64_t v[SBX_N_ABIS];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		if (!sbx_const_find(want[i].name, v) || v[sbx_abi_native()] != (want[i].value & UINT32_MAX))
			fail_msg("%s", want[i].name);
	}
}

static void value(const char *name, enum sbx_abi abi, uint64_t want)
{
	uint64_t v[SBX_N_ABIS] = { 0 };

	if (!sbx_const_find(name, v) || v[abi] != want)
		fail_msg("%s is %#llx", name, (unsigned long long)v[abi]);
}

static void by_hand(void **state)
{
	static const enum sbx_abi like_arm[] = { SBX_ABI_ARM, SBX_ABI_AARCH64, SBX_ABI_PPC64LE };
	static const enum sbx_abi like_x86[] = { SBX_ABI_X86_64, SBX_ABI_I386, SBX_ABI_X32, SBX_ABI_RISCV64,
		SBX_ABI_S390X };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(like_arm); i++) {
		value("O_DIRECTORY", like_arm[i], 040000);
		value("O_NOFOLLOW", like_arm[i], 0100000);
		value("O_TMPFILE", like_arm[i], 020040000);
	}
	for (size_t i = 0; i < ARRAY_LEN(like_x86); i++) {
		value("O_DIRECTORY", like_x86[i], 0200000);
		value("O_NOFOLLOW", like_x86[i], 0400000);
		value("O_DIRECT", like_x86[i], 040000);
		value("O_LARGEFILE", like_x86[i], 0100000);
		value("TCGETS", like_x86[i], 0x5401);
		value("TIOCGWINSZ", like_x86[i], 0x5413);
		value("FIOCLEX", like_x86[i], 0x5451);
	}
	value("O_DIRECT", SBX_ABI_AARCH64, 0200000);
	value("O_DIRECT", SBX_ABI_PPC64LE, 0400000);
	value("MAP_NORESERVE", SBX_ABI_PPC64LE, 0x40);
	value("MAP_NORESERVE", SBX_ABI_AARCH64, 0x4000);
	value("TCGETS", SBX_ABI_PPC64LE, 0x402c7413);
	value("TIOCGWINSZ", SBX_ABI_PPC64LE, 0x40087468);
	value("SO_PEERCRED", SBX_ABI_PPC64LE, 21);
	value("FS_IOC_SETFLAGS", SBX_ABI_X86_64, 0x40086602);
	value("FS_IOC_SETFLAGS", SBX_ABI_I386, 0x40046602);
	for (int i = 0; i < SBX_N_ABIS; i++) {
		enum sbx_abi abi = (enum sbx_abi)i;

		value("TIOCSTI", abi, 0x5412);
		value("TIOCLINUX", abi, 0x541c);
		value("AT_FDCWD", abi, 0xffffff9c);
		value("CLONE_NEWUSER", abi, 0x10000000);
		value("CLONE_INTO_CGROUP", abi, UINT64_C(0x200000000));
		value("SYS_SOCKET", abi, 1);
		value("SYS_SENDMMSG", abi, 20);
		value("SEMOP", abi, 1);
		value("SHMCTL", abi, 24);
		value("ARCH_SET_GS", abi, 0x1001);
		value("PR_SET_SECCOMP", abi, 22);
		value("MFD_NOEXEC_SEAL", abi, 8);
	}
}

static void by_value(void **state)
{
	(void)state;
	assert_string_equal(sbx_const_name("AF_", SBX_ABI_X86_64, 16), "AF_NETLINK");
	assert_string_equal(sbx_const_name("O_", SBX_ABI_PPC64LE, 040000), "O_DIRECTORY");
	assert_string_equal(sbx_const_name("CLONE_", SBX_ABI_X86_64, 0x10000000), "CLONE_NEWUSER");
	assert_null(sbx_const_name("AF_", SBX_ABI_X86_64, 9999));
	assert_null(sbx_const_name("NONE_", SBX_ABI_X86_64, 0));
}

static void errnos(void **state)
{
	(void)state;
	for (unsigned i = 1; i < 4096; i++) {
		const char *name = sbx_errno_name(i);

		if (name)
			assert_int_equal(sbx_errno_find(name), i);
	}
	assert_string_equal(sbx_errno_name(1), "EPERM");
	assert_int_equal(sbx_errno_find("ENOSYS"), ENOSYS);
	assert_int_equal(sbx_errno_find("EHWPOISON"), EHWPOISON);
	assert_int_equal(sbx_errno_find("EWOULDBLOCK"), EAGAIN);
	assert_int_equal(sbx_errno_find("ENOTSUP"), EOPNOTSUPP);
	assert_int_equal(sbx_errno_find("EOPNOTSUPP"), EOPNOTSUPP);
	assert_int_equal(sbx_errno_find("EDEADLOCK"), EDEADLOCK);
	assert_int_equal(sbx_errno_find("eperm"), 0);
	assert_int_equal(sbx_errno_find(""), 0);
	assert_int_equal(sbx_errno_find("0"), 0);
	assert_null(sbx_errno_name(0));
	assert_null(sbx_errno_name(4096));
	assert_null(sbx_errno_name(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(no_such_name),
		cmocka_unit_test(like_the_headers), cmocka_unit_test(by_hand), cmocka_unit_test(by_value),
		cmocka_unit_test(errnos) };

	return cmocka_run_group_tests_name("consts", tests, NULL, NULL);
}
