/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.c - system calls that a policy closes, each in a way that shows whether it reached the kernel: with arguments
 * for which the kernel's own answer is another one than the policy's.
 *
 * calls all: "NAME: ok" or "NAME: ERRNO", one line each.
 * calls nr NUMBER: the same of one call by number, without arguments; its result may be the end of the process.
 * calls i386 NUMBER ARG: through int 0x80; ARG is its first argument. Number 102 gets {AF_VSOCK, SOCK_STREAM, 0}.
 * calls readlinkat DFD, calls ioctl CMD, calls socket FAMILY: one call, its argument a number of 64 bits.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT_32 (UINT64_C(1) << 32)
#define call(...) syscall(__VA_ARGS__)

static void tell(const char *name, long r)
{
	printf("%s: %s\n", name, r >= 0 ? "ok" : strerrorname_np(errno));
	fflush(stdout);
}

static void tell_error(const char *name, int e)
{
	printf("%s: %s\n", name, e ? strerrorname_np(e) : "ok");
	fflush(stdout);
}

/* A process made by these flags; it ends at once. */
static void try_clone(const char *name, unsigned long flags)
{
	long pid = call(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

	if (pid == 0)
		_exit(0);
	tell(name, pid);
	if (pid > 0)
		while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
			;
}

static void namespaces(void)
{
	static const struct {
		const char *name;
		unsigned long flag;
	} all[] = {
		{ "clone-user", CLONE_NEWUSER },
		{ "clone-mount", CLONE_NEWNS },
		{ "clone-pid", CLONE_NEWPID },
		{ "clone-net", CLONE_NEWNET },
		{ "clone-ipc", CLONE_NEWIPC },
		{ "clone-uts", CLONE_NEWUTS },
		{ "clone-cgroup", CLONE_NEWCGROUP },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		try_clone(all[i].name, all[i].flag);
	try_clone("clone-user+net", CLONE_NEWUSER | CLONE_NEWNET);
	try_clone("clone-user+2^32", CLONE_NEWUSER | BIT_32);
	try_clone("clone-mount+2^32", CLONE_NEWNS | BIT_32);
	try_clone("clone-user+mount", CLONE_NEWUSER | CLONE_NEWNS);
	/* Its flags are not looked at before its size. */
	tell("clone3", call(SYS_clone3, 0L, 0L));
	tell("setns", call(SYS_setns, -1L, 0L));
	tell("unshare-files", call(SYS_unshare, (long)CLONE_FILES));
	tell("chroot", chroot("/no/such/place"));
}

static void mounts(void)
{
	tell("mount", call(SYS_mount, 0L, 0L, 0L, 0L, 0L));
	tell("umount2", call(SYS_umount2, 0L, 0L));
	tell("pivot_root", call(SYS_pivot_root, 0L, 0L));
	/* The new calls, with flags that do not exist */
	tell("open_tree", call(428, -1L, "", -1L));
	tell("move_mount", call(429, -1L, "", -1L, "", -1L));
	tell("fsopen", call(430, "tmpfs", -1L));
	tell("fsconfig", call(431, -1L, 0L, 0L, 0L, 0L));
	tell("fsmount", call(432, -1L, -1L, -1L));
	tell("fspick", call(433, -1L, "", -1L));
	tell("mount_setattr", call(442, -1L, "", -1L, 0L, 0L));
	tell("open_tree_attr", call(467, -1L, "", -1L, 0L, 0L));
}

static void sockets(void)
{
	static const struct {
		const char *name;
		int family, type, protocol;
	} all[] = {
		{ "unix", AF_UNIX, SOCK_STREAM, 0 },
		{ "inet", AF_INET, SOCK_STREAM, 0 },
		{ "inet6", AF_INET6, SOCK_DGRAM, 0 },
		{ "route", AF_NETLINK, SOCK_RAW, 0 },
		{ "sock_diag", AF_NETLINK, SOCK_RAW, 4 },
		{ "netfilter", AF_NETLINK, SOCK_RAW, 12 },
		{ "generic", AF_NETLINK, SOCK_RAW, 16 },
		{ "uevent", AF_NETLINK, SOCK_RAW, 15 },
		{ "raw", AF_INET, SOCK_RAW, 1 },
		{ "inet_packet", AF_INET, 10, 0x0300 }, /* SOCK_PACKET, ETH_P_ALL */
		{ "sctp", AF_INET, SOCK_STREAM, 132 },
		{ "dccp", AF_INET, 6, 33 },
		{ "packet", AF_PACKET, SOCK_DGRAM, 0 },
		{ "alg", AF_ALG, SOCK_SEQPACKET, 0 },
		{ "vsock", AF_VSOCK, SOCK_STREAM, 0 },
	};
	char name[64];
	int fds[2];

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(name, sizeof name, "socket-%s", all[i].name);
		tell(name, call(SYS_socket, (long)all[i].family, (long)all[i].type, (long)all[i].protocol));
		snprintf(name, sizeof name, "socket-%s+2^32", all[i].name);
		tell(name, call(SYS_socket, all[i].family | BIT_32, all[i].type | BIT_32, all[i].protocol | BIT_32));
	}
	tell("socketpair-unix", call(SYS_socketpair, (long)AF_UNIX, (long)SOCK_STREAM, 0L, fds));
	tell("socketpair-unix+2^32", call(SYS_socketpair, AF_UNIX | BIT_32, SOCK_STREAM | BIT_32, BIT_32, fds));
	tell("socketpair-inet", call(SYS_socketpair, (long)AF_INET, (long)SOCK_STREAM, 0L, fds));
	/* No descriptor: EBADF, if it gets that far. */
	tell("setsockopt", call(SYS_setsockopt, -1L, (long)SOL_SOCKET, 2L, 0L, 0L));
	tell("setsockopt-iptables", call(SYS_setsockopt, -1L, 0L, 64L, 0L, 0L));
	tell("setsockopt-iptables+2^32", call(SYS_setsockopt, -1L, BIT_32, 64 | BIT_32, 0L, 0L));
	tell("setsockopt-ip6tables", call(SYS_setsockopt, -1L, 41L, 64L, 0L, 0L));
}

static void kernel(void)
{
	static const unsigned long long uffd_user_mode_only = 1;
	char name[16];

	tell("io_uring_setup", call(425, 1L, 0L));
	tell("io_uring_enter", call(426, -1L, 0L, 0L, 0L, 0L, 0L));
	tell("io_uring_register", call(427, -1L, 0L, 0L, 0L));
	tell("keyctl", call(SYS_keyctl, 9999L, 0L, 0L, 0L, 0L));
	tell("add_key", call(SYS_add_key, 0L, 0L, 0L, 0L, 0L));
	tell("request_key", call(SYS_request_key, 0L, 0L, 0L, 0L));
	tell("bpf", call(SYS_bpf, 0L, 0L, 1L << 20));
	tell("perf_event_open", call(SYS_perf_event_open, 0L, 0L, -1L, -1L, 0xffffffffUL));
	tell("userfaultfd", call(SYS_userfaultfd, uffd_user_mode_only));
	tell("fanotify_init", call(SYS_fanotify_init, 0xffffffffUL, 0L));
	tell("open_by_handle_at", call(SYS_open_by_handle_at, -1L, 0L, 0L));
	tell("name_to_handle_at", call(SYS_name_to_handle_at, -1L, "", 0L, 0L, 0xffffffffUL));
#ifdef SYS_modify_ldt
	tell("modify_ldt", call(SYS_modify_ldt, 0L, 0L, 0L));
#endif
	tell("clock_settime", call(SYS_clock_settime, 1L, (long[]){ 1, 1 }));
	tell("adjtimex", call(SYS_adjtimex, 0L));
	tell("sethostname", call(SYS_sethostname, 0L, 10000L));
	tell("get_mempolicy", call(SYS_get_mempolicy, 0L, 0L, 0L, 0L, 0xffL));
	tell("vmsplice", call(SYS_vmsplice, -1L, 0L, 0L, 0xffffL));
	/* Confining oneself: no such operation, an address that is none */
	tell("seccomp", call(SYS_seccomp, 9999L, 0L, 0L));
	tell("prctl-seccomp", call(SYS_prctl, (long)PR_SET_SECCOMP, 2L, 1L, 0L, 0L));
	tell("prctl-get-name+2^32", call(SYS_prctl, PR_GET_NAME | BIT_32, name, 0L, 0L, 0L));
	/* Where an address is taken; one that is none */
	tell("prctl-get-tsc", call(SYS_prctl, (long)PR_GET_TSC, 1L, 0L, 0L, 0L));
	tell("prctl-get-tsc+2^32", call(SYS_prctl, PR_GET_TSC | BIT_32, 1L, 0L, 0L, 0L));
	tell("landlock", call(444, 0L, 0L, 9999L));
}

static void processes(void)
{
	tell("ptrace", call(SYS_ptrace, 9999L, 0L, 0L, 0L));
	tell("process_vm_readv", call(SYS_process_vm_readv, (long)getpid(), 0L, 0L, 0L, 0L, 1L));
	tell("process_vm_writev", call(SYS_process_vm_writev, (long)getpid(), 0L, 0L, 0L, 0L, 1L));
	tell("process_madvise", call(440, -1L, 0L, 0L, 0L, 1L));
	tell("pidfd_getfd", call(438, -1L, 0L, 1L));
	tell("kcmp", call(SYS_kcmp, (long)getpid(), (long)getpid(), 9999L, 0L, 0L));
	tell("sched_setscheduler-fifo", call(SYS_sched_setscheduler, -1L, 1L, 0L));
	tell("sched_setscheduler-fifo+2^32", call(SYS_sched_setscheduler, -1L, 1 | BIT_32, 0L));
	tell("sched_setscheduler-batch", call(SYS_sched_setscheduler, -1L, 3L, 0L));
}

static void widths(void)
{
	tell("ioctl-TCGETS", call(SYS_ioctl, -1L, (long)TCGETS, 0L));
	tell("ioctl-TIOCSTI", call(SYS_ioctl, -1L, (long)TIOCSTI, 0L));
	tell("ioctl-TIOCSTI+2^32", call(SYS_ioctl, -1L, TIOCSTI | BIT_32, 0L));
	tell("ioctl-TIOCLINUX", call(SYS_ioctl, -1L, (long)TIOCLINUX, 0L));
	tell("ioctl-TIOCLINUX+2^63", call(SYS_ioctl, -1L, TIOCLINUX | BIT_32 << 31, 0L));
	tell("ioctl-TIOCSETD", call(SYS_ioctl, -1L, (long)TIOCSETD, 0L));
	tell("ioctl-userfaultfd", call(SYS_ioctl, -1L, 0xaa00L, 0L));
	tell("personality-ask", call(SYS_personality, 0xffffffffUL));
	tell("personality-ask-extended", call(SYS_personality, -1L));
	tell("personality-0+2^32", call(SYS_personality, BIT_32));
	tell("personality-exec", call(SYS_personality, (long)READ_IMPLIES_EXEC));
	tell("personality-exec+2^32", call(SYS_personality, READ_IMPLIES_EXEC | BIT_32));
	tell("personality-norandom", call(SYS_personality, (long)ADDR_NO_RANDOMIZE));
	tell("personality-norandom+2^32", call(SYS_personality, ADDR_NO_RANDOMIZE | BIT_32));
	(void)call(SYS_personality, 0L);
}

static void *nothing(void *p)
{
	return p;
}

static void starting(void)
{
	char *const argv[] = { "true", NULL }, *const envp[] = { NULL };
	pthread_t t;
	pid_t pid;
	int e = pthread_create(&t, NULL, nothing, NULL);

	tell_error("thread", e);
	if (e == 0)
		pthread_join(t, NULL);
	try_clone("fork", 0);
	e = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp);
	tell_error("spawn", e);
	if (e == 0)
		waitpid(pid, NULL, 0);
}

#ifdef __x86_64__
static long int80(long nr, long arg, long arg2)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(arg), "c"(arg2), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	if (r > -4096L && r < 0) {
		errno = (int)-r;
		return -1;
	}
	return r;
}

static int i386(long nr, long arg)
{
	long arg2 = 0;

	if (nr == 102) {
		int *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

		if (args == MAP_FAILED)
			return 2;
		args[0] = AF_VSOCK;
		args[1] = SOCK_STREAM;
		arg2 = (long)args;
	}
	tell("i386", int80(nr, arg, arg2));
	return 0;
}
#else
static int i386(long nr, long arg)
{
	return (int)(nr + arg) ? 77 : 77;
}
#endif

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	char link[100];
	uint64_t value = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;

	if (!strcmp(verb, "all")) {
		starting();
		namespaces();
		mounts();
		sockets();
		kernel();
		processes();
		widths();
		/* The last: what comes after would run in it. */
		tell("unshare-uts", call(SYS_unshare, (long)CLONE_NEWUTS));
		tell("unshare-time", call(SYS_unshare, 0x80L));
		tell("unshare-user", call(SYS_unshare, (long)CLONE_NEWUSER));
		return 0;
	}
	if (argc < 3)
		return 2;
	if (!strcmp(verb, "nr"))
		tell(verb, call((long)value, 0L, 0L, 0L, 0L, 0L, 0L));
	else if (!strcmp(verb, "i386"))
		return i386((long)value, argc > 3 ? atol(argv[3]) : 0);
	else if (!strcmp(verb, "readlinkat"))
		tell(verb, call(SYS_readlinkat, value, "/proc/self/exe", link, sizeof link));
	else if (!strcmp(verb, "ioctl"))
		tell(verb, call(SYS_ioctl, -1L, value, 0L));
	else if (!strcmp(verb, "socket"))
		tell(verb, call(SYS_socket, value, (long)SOCK_STREAM, 0L));
	else
		return 2;
	return 0;
}
