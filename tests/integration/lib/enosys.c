/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enosys.c - a kernel that lacks system calls, or an outer container that forbids them: `enosys CALL[=ERRNO]... --
 * CMD...` runs CMD under a filter that answers each CALL with ERRNO, a name, or with ENOSYS. `enosys -t CALL` makes the
 * call with arguments that no kernel takes and prints the errno's name. Without libseccomp, so that a test needs a
 * compiler only.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#endif

/* The low half of the first argument */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ARG0 (offsetof(struct seccomp_data, args[0]) + 4)
#else
#define ARG0 offsetof(struct seccomp_data, args[0])
#endif

static const struct {
	const char *name;
	int nr;
	int arg0; /* only with this first argument, or -1 */
} calls[] = {
	{ "clone3", SYS_clone3, -1 },
	{ "close_range", SYS_close_range, -1 },
	{ "openat2", SYS_openat2, -1 },
	{ "open_tree", SYS_open_tree, -1 },
	{ "move_mount", SYS_move_mount, -1 },
	{ "mount_setattr", SYS_mount_setattr, -1 },
	{ "fsopen", SYS_fsopen, -1 },
	{ "fsconfig", SYS_fsconfig, -1 },
	{ "fsmount", SYS_fsmount, -1 },
	{ "pidfd_open", SYS_pidfd_open, -1 },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, -1 },
	{ "waitid-pidfd", SYS_waitid, P_PIDFD },
	{ "statx", SYS_statx, -1 },
	{ "faccessat2", SYS_faccessat2, -1 },
	{ "clone", SYS_clone, -1 },
	{ "unshare", SYS_unshare, -1 },
	{ "mount", SYS_mount, -1 },
	{ "umount2", SYS_umount2, -1 },
	{ "pivot_root", SYS_pivot_root, -1 },
	{ "keyctl", SYS_keyctl, -1 },
	{ "sethostname", SYS_sethostname, -1 },
	{ "prlimit64", SYS_prlimit64, -1 },
	{ "setpriority", SYS_setpriority, -1 },
	{ "capset", SYS_capset, -1 },
	{ "socketpair", SYS_socketpair, -1 },
	{ "signalfd4", SYS_signalfd4, -1 },
	{ "mknodat", SYS_mknodat, -1 },
	{ "mkdirat", SYS_mkdirat, -1 },
	{ "symlinkat", SYS_symlinkat, -1 },
	{ "chdir", SYS_chdir, -1 },
	{ "setsid", SYS_setsid, -1 },
};
enum { N_CALLS = sizeof calls / sizeof *calls };

/* "CALL" or "CALL=ERRNO" */
static int find(const char *word)
{
	size_t len = strcspn(word, "=");

	for (int i = 0; i < N_CALLS; i++) {
		if (strlen(calls[i].name) == len && !strncmp(calls[i].name, word, len))
			return i;
	}
	fprintf(stderr, "enosys: unknown call: %s\n", word);
	return -1;
}

static int find_errno(const char *word)
{
	const char *equals = strchr(word, '=');

	if (!equals)
		return ENOSYS;
	for (int i = 1; i < 134; i++) {
		const char *name = strerrorname_np(i);

		if (name && !strcmp(name, equals + 1))
			return i;
	}
	fprintf(stderr, "enosys: unknown errno: %s\n", word);
	return -1;
}

static int try_call(const char *name)
{
	int i = find(name);

	if (i < 0)
		return 2;
	if (syscall(calls[i].nr, calls[i].arg0 < 0 ? -1L : (long)calls[i].arg0, -1L, 0L, -1L, -1L, -1L) >= 0)
		printf("ok\n");
	else
		printf("%s\n", strerrorname_np(errno));
	return 0;
}

int main(int argc, char **argv)
{
	struct sock_filter code[4 * N_CALLS + 8];
	struct sock_fprog program = { 0, code };
	int i, n = 0;

	if (argc == 3 && !strcmp(argv[1], "-t"))
		return try_call(argv[2]);
#ifndef ARCH
	fprintf(stderr, "enosys: unknown machine\n");
	return 77;
#else
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		int call = find(argv[i]), err = find_errno(argv[i]);

		if (call < 0 || err < 0 || n + 6 > (int)(sizeof code / sizeof *code))
			return 2;
		code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[call].nr, 0,
							 calls[call].arg0 < 0 ? 1 : 3);
		if (calls[call].arg0 >= 0) {
			code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG0);
			code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[call].arg0, 0, 1);
		}
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)err);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)n;
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: enosys CALL[=ERRNO]... -- CMD...\n");
		return 2;
	}
	/* Root can do without no_new_privs, and then newuidmap(1) still works. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)) {
		perror("enosys: seccomp");
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
#endif
}
