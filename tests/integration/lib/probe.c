/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe.c - what tests do that a shell can't, inside a sandbox and outside. One verb a call; results on standard
 * output. tests/integration/lib/lib.sh compiles it where a test asks for it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	return 2;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* "NAME: ok" or "NAME: EPERM" */
static void tell(const char *name, long r)
{
	printf("%s: %s\n", name, r >= 0 ? "ok" : strerrorname_np(errno));
	fflush(stdout);
}

/* fds: the numbers of all open file descriptors, in one line */
static int verb_fds(char **argv)
{
	(void)argv;
	for (int fd = 0; fd < 70000; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	}
	printf("\n");
	return 0;
}

/* leak FILE LAST CMD...: FILE opened as every descriptor from 3 to LAST, then CMD */
static int verb_leak(char **argv)
{
	int fd = open(argv[0], O_RDWR), last = atoi(argv[1]);

	if (fd < 0)
		return die(argv[0]);
	for (int to = 3; to <= last; to++) {
		if (to != fd && dup2(fd, to) < 0)
			return die("dup2");
	}
	execvp(argv[2], argv + 2);
	return die(argv[2]);
}

static char needle[256];
static size_t needle_len;

static int grep_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static char buf[1 << 22];
	const char *base = path + ftw->base;
	size_t len = 0;
	ssize_t n;
	int fd;

	(void)st;
	if (type == FTW_SL) {
		n = readlink(path, buf, sizeof buf);
		if (n > 0 && memmem(buf, (size_t)n, needle, needle_len))
			printf("%s (link)\n", path);
		return 0;
	}
	/* Endless, of the whole machine, or of no process. */
	if (type != FTW_F || !strcmp(base, "kcore") || !strcmp(base, "kmsg") || !strncmp(base, "kpage", 5) ||
	    !strcmp(base, "pagemap") || !strcmp(base, "mem"))
		return 0;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return 0;
	while (len < sizeof buf && (n = read(fd, buf + len, sizeof buf - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (memmem(buf, len, needle, needle_len))
		printf("%s\n", path);
	return 0;
}

/* grep-proc DIR TXET: files and links below DIR that hold TEXT; it is given backwards so as not to be found itself */
static int verb_grep_proc(char **argv)
{
	needle_len = strlen(argv[1]);
	if (needle_len >= sizeof needle)
		return 2;
	for (size_t i = 0; i < needle_len; i++)
		needle[i] = argv[1][needle_len - 1 - i];
	return nftw(argv[0], grep_one, 64, FTW_PHYS) < 0 ? die("nftw") : 0;
}

/* tiocsti: try to type into the terminal of standard input in every way there is */
static int verb_tiocsti(char **argv)
{
	char c = 'X', linux_paste[2] = { 3, 0 };
	int fd;

	(void)argv;
	tell("TIOCSTI", ioctl(0, TIOCSTI, &c));
	tell("TIOCSTI+2^32", syscall(SYS_ioctl, 0, (unsigned long)TIOCSTI | 1UL << 32, &c));
	tell("TIOCLINUX", ioctl(0, TIOCLINUX, linux_paste));
	fd = open("/dev/tty", O_RDWR);
	tell("/dev/tty", fd);
	if (fd >= 0)
		tell("TIOCSTI /dev/tty", ioctl(fd, TIOCSTI, &c));
	/* A session of our own could take the terminal over. */
	if (getsid(0) != getpid() && setsid() < 0 && fork() == 0)
		setsid();
	tell("TIOCSCTTY", ioctl(0, TIOCSCTTY, 0));
	tell("TIOCSCTTY steal", ioctl(0, TIOCSCTTY, 1));
	tell("TIOCSTI again", ioctl(0, TIOCSTI, &c));
	return 0;
}

/* attack PID: what an enemy would do to the process */
static int verb_attack(char **argv)
{
	pid_t pid = atoi(argv[0]);
	char path[64], byte = 0;
	struct iovec local = { &byte, 1 }, remote = { (void *)(uintptr_t)0x400000, 1 };
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	tell("mem", fd);
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	tell("exe write", open(path, O_WRONLY));
	tell("exe truncate", truncate(path, 0));
	tell("exe read", open(path, O_RDONLY));
	snprintf(path, sizeof path, "/proc/%d/root/etc", pid);
	tell("root", open(path, O_RDONLY));
	/* The list itself is open to root of the host, what is behind it to nobody. */
	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, i);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (fd >= 0)
			break;
	}
	tell("fd", fd);
	snprintf(path, sizeof path, "/proc/%d/environ", pid);
	tell("environ", open(path, O_RDONLY));
	/* EFAULT means that only the address was wrong. */
	if (process_vm_writev(pid, &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT)
		tell("process_vm_writev", 0);
	else
		tell("process_vm_writev", -1);
	tell("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, pid, 0, 0));
	(void)ptrace(PTRACE_DETACH, pid, 0, 0);
	return 0;
}

static int open_pty(int *ret_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char *name;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -1;
	name = ptsname(master);
	*ret_slave = name ? open(name, O_RDWR | O_NOCTTY) : -1;
	return *ret_slave < 0 ? -1 : master;
}

/* openpty: a terminal pair that works */
static int verb_openpty(char **argv)
{
	char buf[8] = "";
	int slave, master = open_pty(&slave);

	(void)argv;
	if (master < 0 || write(master, "a\n", 2) != 2 || read(slave, buf, sizeof buf) != 2 || buf[0] != 'a')
		return die("pty");
	printf("ok %s\n", ttyname(slave) ? "named" : "without a name");
	return 0;
}

/*
 * pty WAIT SEND CMD...: CMD with a new terminal as its controlling one; SEND is typed once WAIT was printed.
 * The terminal's output goes to standard output; exit status as a shell gives it, 99 after 30 seconds.
 */
static int verb_pty(char **argv)
{
	const char *wait_for = argv[0], *text = argv[1];
	static char seen[1 << 16];
	size_t len = 0;
	bool sent = !*wait_for && !*text;
	int slave, status, master = open_pty(&slave);
	int64_t end = now_ms() + 30000;
	pid_t pid;

	if (master < 0)
		return die("pty");
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		setsid();
		if (ioctl(slave, TIOCSCTTY, 0) < 0)
			_exit(die("TIOCSCTTY"));
		dup2(slave, 0);
		dup2(slave, 1);
		dup2(slave, 2);
		if (slave > 2)
			close(slave);
		execvp(argv[2], argv + 2);
		_exit(die(argv[2]));
	}
	close(slave);
	while (now_ms() < end) {
		struct pollfd p = { .fd = master, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, 100) <= 0)
			continue;
		n = read(master, seen + len, sizeof seen - 1 - len);
		if (n <= 0)
			break;
		if (write(1, seen + len, (size_t)n) < 0)
			break;
		len += (size_t)n;
		seen[len] = '\0';
		if (!sent && strstr(seen, wait_for) && write(master, text, strlen(text)) > 0)
			sent = true;
	}
	if (now_ms() >= end) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return 99;
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* exchange A B: swap two names as fast as possible, until killed or orphaned */
static int verb_exchange(char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, argv[1], 2 /* RENAME_EXCHANGE */) < 0)
			return die("renameat2");
		sched_yield();
	}
}

/* naive DIR: check by name, then use by name, as a launcher must not; "swapped" once both differed */
static int verb_naive(char **argv)
{
	int64_t end = now_ms() + 10000;

	while (now_ms() < end) {
		struct stat check, use;

		if (lstat(argv[0], &check) < 0 || !S_ISDIR(check.st_mode))
			continue;
		sched_yield();
		if (stat(argv[0], &use) == 0 && use.st_ino != check.st_ino) {
			printf("swapped\n");
			return 0;
		}
	}
	printf("never swapped\n");
	return 1;
}

/* tcp: a process that listens on 127.0.0.1 and one that connects */
static int verb_tcp(char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof addr;
	int server = socket(AF_INET, SOCK_STREAM, 0), client;
	char c = 0;

	(void)argv;
	if (server < 0 || bind(server, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(server, 1) < 0 ||
	    getsockname(server, (struct sockaddr *)&addr, &len) < 0)
		return die("listen");
	if (fork() == 0) {
		client = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(client, (struct sockaddr *)&addr, sizeof addr) < 0 || write(client, "x", 1) != 1)
			_exit(die("connect"));
		_exit(0);
	}
	alarm(10);
	client = accept(server, NULL, NULL);
	if (client < 0 || read(client, &c, 1) != 1 || c != 'x')
		return die("accept");
	printf("ok\n");
	return 0;
}

static socklen_t abstract(const char *name, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(addr->sun_path + 1, name, strlen(name));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

/* abstract-listen NAME CMD...: CMD while an abstract socket NAME listens */
static int verb_abstract_listen(char **argv)
{
	struct sockaddr_un addr;
	socklen_t len = abstract(argv[0], &addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	pid_t pid;

	if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, 4) < 0)
		return die("listen");
	pid = fork();
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		_exit(die(argv[1]));
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* abstract-connect NAME */
static int verb_abstract_connect(char **argv)
{
	struct sockaddr_un addr;
	socklen_t len = abstract(argv[0], &addr);

	tell("connect", connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&addr, len));
	return 0;
}

/* open MODE PATH: MODE is r, w or c (create) */
static int verb_open(char **argv)
{
	int flags = *argv[0] == 'r' ? O_RDONLY : *argv[0] == 'w' ? O_WRONLY : O_WRONLY | O_CREAT;

	tell("open", open(argv[1], flags | O_NOCTTY, 0666));
	return 0;
}

/* setid CMD...: become user 0 if that is to be had, then CMD */
static int verb_setid(char **argv)
{
	(void)!setuid(0);
	execvp(argv[0], argv);
	return die(argv[0]);
}

/* parent-exits CMD...: start CMD, let it live for a moment, end without waiting for it; its pid is printed */
static int verb_parent_exits(char **argv)
{
	int fds[2];
	char c;
	pid_t pid;

	if (pipe(fds) < 0)
		return die("pipe");
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		dup2(fds[1], 1);
		execvp(argv[0], argv);
		_exit(die(argv[0]));
	}
	close(fds[1]);
	alarm(20);
	/* Its first output says that it runs. */
	if (read(fds[0], &c, 1) != 1)
		return die("no output");
	printf("%d\n", pid);
	return 0;
}

/* no-clone3 CMD...: CMD under a seccomp filter that refuses clone3 as an outer container might */
static int verb_no_clone3(char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return die("seccomp");
	execvp(argv[0], argv);
	return die(argv[0]);
}

/* kill-by-seccomp: the end of a process that a filter of system calls kills */
static int verb_kill_by_seccomp(char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	(void)argv;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return die("seccomp");
	(void)syscall(SYS_getppid);
	return 0;
}

static const struct {
	const char *name;
	int min_args;
	int (*run)(char **argv);
} verbs[] = {
	{ "fds", 0, verb_fds },
	{ "leak", 3, verb_leak },
	{ "grep-proc", 2, verb_grep_proc },
	{ "tiocsti", 0, verb_tiocsti },
	{ "attack", 1, verb_attack },
	{ "openpty", 0, verb_openpty },
	{ "pty", 3, verb_pty },
	{ "exchange", 2, verb_exchange },
	{ "naive", 1, verb_naive },
	{ "tcp", 0, verb_tcp },
	{ "abstract-listen", 2, verb_abstract_listen },
	{ "abstract-connect", 1, verb_abstract_connect },
	{ "open", 2, verb_open },
	{ "setid", 1, verb_setid },
	{ "kill-by-seccomp", 0, verb_kill_by_seccomp },
	{ "no-clone3", 1, verb_no_clone3 },
	{ "parent-exits", 1, verb_parent_exits },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++) {
		if (!strcmp(argv[1], verbs[i].name) && argc - 2 >= verbs[i].min_args)
			return verbs[i].run(argv + 2);
	}
	fprintf(stderr, "probe: unknown verb or too few arguments\n");
	return 2;
}
