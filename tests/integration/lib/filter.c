/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter.c - the seccomp filter of an outer container: filter CALL=ERRNO… -- COMMAND [ARG…] runs COMMAND with each CALL
 * answered by ERRNO, by name. Without privilege no_new_privs is set too, as seccomp(2) asks.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL(name) { #name, SYS_##name }
static const struct {
	const char *name;
	int nr;
} calls[] = {
	CALL(clone3), CALL(clone), CALL(unshare), CALL(mount), CALL(umount2), CALL(fsopen), CALL(fsconfig), CALL(fsmount),
	CALL(open_tree), CALL(move_mount), CALL(mount_setattr), CALL(pivot_root), CALL(openat2), CALL(keyctl),
	CALL(sethostname), CALL(prlimit64), CALL(setpriority), CALL(capset), CALL(socketpair), CALL(signalfd4), CALL(mknodat),
	CALL(mkdirat), CALL(symlinkat), CALL(chdir), CALL(setsid), CALL(statx),
};

static int errno_of(const char *name)
{
	for (int i = 1; i < 134; i++) {
		const char *n = strerrorname_np(i);

		if (n && !strcmp(n, name))
			return i;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct sock_filter code[256] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
	unsigned short n = 1;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") && n < 250; i++) {
		char *equals = strchr(argv[i], '=');
		int nr = -1, err = equals ? errno_of(equals + 1) : -1;

		for (size_t k = 0; equals && k < sizeof calls / sizeof *calls; k++) {
			if (strlen(calls[k].name) == (size_t)(equals - argv[i]) &&
			    !strncmp(calls[k].name, argv[i], (size_t)(equals - argv[i])))
				nr = calls[k].nr;
		}
		if (nr < 0 || err < 0) {
			fprintf(stderr, "filter: what is %s?\n", argv[i]);
			return 2;
		}
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)err);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { n, code };
	if (i + 1 >= argc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		fprintf(stderr, "filter: %s\n", strerror(errno));
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	fprintf(stderr, "filter: %s: %s\n", argv[i + 1], strerror(errno));
	return 2;
}
