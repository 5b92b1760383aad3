/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inject.c - lets system calls of a starting sandbox fail, one a start, and looks at what comes of it.
 *
 *   inject [-amv] [-s STEP] [-t SECONDS] [-w DIR] COMMAND [ARG…]      COMMAND ends in a call of lib/fingerprint.c
 *
 * strace -e inject counts calls of one name in one process; this counts all calls of each process of the start, which
 * is the same in every start, so each call can be named: (process, number). A first start without any failure tells
 * which calls there are. Then, for each call and errno, there is one start in which it fails. Right is either exit
 * status 125 with an error on standard error and a command that never ran, or a command that ran and printed the
 * same fingerprint, to the letter. Never right: a signal that means a crash in any process, a start that does not
 * end, processes, mounts or files (below DIR) that stay.
 *
 * With -m calls for memory are left alone: a sanitizer of addresses ends a program at the first that fails.
 * With -a each call is taken; without it the first of each name in each process and every STEPth. The tracer lets go
 * of a process at its execve(2), so what runs in the sandbox is not traced. newuidmap(1) is let go before that: a
 * traced program gains no privilege.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/keyctl.h>
#include <linux/ptrace.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The C library has its own, older enum of these. */
#define PT_GET_SYSCALL_INFO 0x420e
long ptrace(int request, ...);

enum { MAX_PROCS = 32, MAX_CALLS = 20000 };

static const char *const syscall_names[] = {
#include "syscalls.h"
};

struct call {
	int proc, index, nr;
	uint64_t args[6];
};

struct proc {
	pid_t pid;
	int role;   /* number in the order of birth, -1 until its parent's event came */
	bool early; /* stopped before that */
	bool ended;
	bool parent;
	bool active; /* runs sbx's own code: dynamic linking is over */
	int calls;
	long fake; /* the call that it is in gets this result, if not 0 */
	uint64_t address; /* the argument of the brk(2) that it is in was this, if not 0 */
};

struct run {
	const struct call *target; /* what fails with `err`, or NULL */
	int err;
	bool hit;
	bool executed; /* the command was */
	bool hung, left;
	int crashed; /* signal */
	int crashed_role;
	int status;
	char *out, *errs; /* what was printed; `out` has the seals of supervisor and init at the end */
};

static struct proc procs[MAX_PROCS];
static int n_procs, n_roles;
static struct call *calls;
static int n_calls;
static bool recording, verbose, all_calls, keep_memory;
static int step = 10, seconds = 20;
static const char *watched;
static volatile sig_atomic_t alarmed;

static void die(const char *what)
{
	printf("Bail out! inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void on_alarm(int sig)
{
	(void)sig;
	alarmed = 1;
}

static const char *name_of(int nr)
{
	static char number[16];

	if (nr >= 0 && nr < (int)(sizeof syscall_names / sizeof *syscall_names) && syscall_names[nr])
		return syscall_names[nr];
	snprintf(number, sizeof number, "%d", nr);
	return number;
}

static bool is(int nr, const char *names)
{
	const char *name = name_of(nr), *p = names;
	size_t n = strlen(name);

	for (; (p = strstr(p, name)); p++) {
		if ((p == names || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	}
	return false;
}

/* Skips the call that `pid` is about to make. */
static void skip_call(pid_t pid)
{
#if defined(__x86_64__)
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof regs };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) == 0) {
		regs.orig_rax = (unsigned long long)-1;
		ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v);
	}
#elif defined(__aarch64__)
	int nr = -1;
	struct iovec v = { &nr, sizeof nr };

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v);
#endif
}

static void set_first_argument(pid_t pid, uint64_t value)
{
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof regs };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) != 0)
		return;
#if defined(__x86_64__)
	regs.rdi = value;
#elif defined(__aarch64__)
	regs.regs[0] = value;
#endif
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v);
}

static void set_result(pid_t pid, long result)
{
#if defined(__x86_64__)
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof regs };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) == 0) {
		regs.rax = (unsigned long long)result;
		ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v);
	}
#elif defined(__aarch64__)
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof regs };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) == 0) {
		regs.regs[0] = (unsigned long long)result;
		ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v);
	}
#endif
}

static struct proc *find(pid_t pid)
{
	for (int i = 0; i < n_procs; i++) {
		if (procs[i].pid == pid)
			return &procs[i];
	}
	if (n_procs == MAX_PROCS)
		die("too many processes");
	procs[n_procs] = (struct proc){ .pid = pid, .role = -1 };
	return &procs[n_procs++];
}

static void read_string(pid_t pid, uint64_t address, char *buf, size_t size)
{
	struct iovec local = { buf, size - 1 }, remote = { (void *)(uintptr_t)address, size - 1 };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	/* Up to the end of its page */
	if (n < 0) {
		local.iov_len = remote.iov_len = 4096 - address % 4096 < size - 1 ? 4096 - address % 4096 : size - 1;
		n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	}
	buf[n < 0 ? 0 : n] = '\0';
}

/* True if the tracer let go of it. */
static bool on_entry(struct proc *p, struct run *r, const struct ptrace_syscall_info *info)
{
	int nr = (int)info->entry.nr;
	bool target;

	/* The first thing main() does; what is before it is the dynamic linker's. */
	if (!p->active && p->role == 0 && nr == SYS_fcntl && info->entry.args[1] == F_GETFD)
		p->active = true;
	if (!p->active)
		return false;
	target = r->target && p->role == r->target->proc && p->calls == r->target->index && nr == r->target->nr;
	if (target && nr == SYS_brk) {
		/* It has no errno: it fails by changing nothing, as for an address of 0. */
		r->hit = true;
		p->address = info->entry.args[0];
		set_first_argument(p->pid, 0);
	} else if (target) {
		r->hit = true;
		p->fake = -r->err;
		skip_call(p->pid);
	}
	if (recording && n_calls < MAX_CALLS) {
		calls[n_calls] = (struct call){ p->role, p->calls, nr, { 0 } };
		memcpy(calls[n_calls++].args, info->entry.args, sizeof info->entry.args);
	}
	p->calls++;
	if (nr == SYS_execve && !p->fake) {
		char path[4096];

		read_string(p->pid, info->entry.args[0], path, sizeof path);
		if (strstr(path, "/newuidmap") || strstr(path, "/newgidmap")) {
			ptrace(PTRACE_DETACH, p->pid, 0, 0);
			return true;
		}
	}
	return false;
}

/* What supervisor and init, which is the parent of the command, have left when they end; the command has said all about itself. */
static void add_seals(struct proc *p, FILE *out)
{
	char path[64], line[512];
	FILE *f;

	if (p->role != 0 && !p->parent)
		return;
	snprintf(path, sizeof path, "/proc/%d/status", p->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f)) {
		if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10))
			fprintf(out, "%s %s", p->role == 0 ? "supervisor" : "init", line);
	}
	if (f)
		fclose(f);
}

static void resume(struct proc *p, int sig)
{
	ptrace(PTRACE_SYSCALL, p->pid, 0, sig);
}

static void on_stop(struct proc *p, int status, struct run *r, FILE *out)
{
	int sig = WSTOPSIG(status), event = status >> 16;
	struct ptrace_syscall_info info;

	if (sig == (SIGTRAP | 0x80)) {
		if (ptrace(PT_GET_SYSCALL_INFO, p->pid, sizeof info, &info) > 0) {
			if (info.op == PTRACE_SYSCALL_INFO_ENTRY && on_entry(p, r, &info))
				return;
			if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->fake) {
				set_result(p->pid, p->fake);
				p->fake = 0;
			}
#if defined(__x86_64__)
			/* The kernel keeps it. */
			if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->address)
				set_first_argument(p->pid, p->address);
#endif
			if (info.op == PTRACE_SYSCALL_INFO_EXIT)
				p->address = 0;
		}
		resume(p, 0);
		return;
	}
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
		unsigned long pid = 0;
		struct proc *child;

		ptrace(PTRACE_GETEVENTMSG, p->pid, 0, &pid);
		child = find((pid_t)pid);
		child->role = n_roles++;
		p = find(p->pid);
		p->parent = true;
		child->active = true;
		if (child->early)
			resume(child, 0);
		resume(p, 0);
	} else if (event == PTRACE_EVENT_EXEC && p->role != 0) {
		r->executed = true;
		ptrace(PTRACE_DETACH, p->pid, 0, 0);
	} else if (event == PTRACE_EVENT_EXIT) {
		add_seals(p, out);
		resume(p, 0);
	} else if (event == PTRACE_EVENT_STOP) {
		if (p->role < 0)
			p->early = true;
		else if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			ptrace(PTRACE_LISTEN, p->pid, 0, 0);
		else
			resume(p, 0);
	} else {
		resume(p, event ? 0 : sig);
	}
}

static char *contents(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	if (!text || pread(fd, text, (size_t)size, 0) != size)
		die("output");
	close(fd);
	return text;
}

static void kill_all(void)
{
	for (int i = 0; i < n_procs; i++) {
		if (!procs[i].ended)
			kill(procs[i].pid, SIGKILL);
	}
}

/* Orphans of the sandbox come to us. One that is still there after a moment was left behind. */
static bool anything_left(void)
{
	struct timespec pause = { 0, 2000000 };

	for (int i = 0; i < seconds * 250; i++) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return false;
		if (pid == 0)
			nanosleep(&pause, NULL);
		else if (pid > 0 && WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, pid, 0, 0);
	}
	return true;
}

static void start(char **argv, int out, int errs)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), go[2];
	char c;
	pid_t pid;

	if (null < 0 || pipe2(go, O_CLOEXEC) < 0)
		die("start");
	pid = fork();
	if (pid == 0) {
		dup2(null, 0);
		dup2(out, 1);
		dup2(errs, 2);
		close(go[1]);
		if (read(go[0], &c, 1) != 0)
			_exit(99);
		signal(SIGALRM, SIG_DFL);
		execv(argv[0], argv);
		_exit(99);
	}
	if (pid < 0)
		die("fork");
	if (ptrace(PTRACE_SEIZE, pid, 0,
			      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
				      PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) < 0) {
		int e = errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		printf("skip: ptrace: %s\n", strerror(e));
		exit(77);
	}
	/* From its first event on; execve(2) is one. */
	n_procs = 0;
	n_roles = 0;
	find(pid)->role = n_roles++;
	close(go[0]);
	close(go[1]);
	close(null);
}

static void run_once(char **argv, struct run *r)
{
	int out = memfd_create("out", MFD_CLOEXEC), errs = memfd_create("err", MFD_CLOEXEC), status;
	char *seals = NULL;
	size_t seals_len = 0;
	FILE *seals_file = open_memstream(&seals, &seals_len);

	if (out < 0 || errs < 0 || !seals_file)
		die("memfd_create");
	r->status = -1;
	start(argv, out, errs);
	alarmed = 0;
	alarm((unsigned)seconds);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct proc *p;

		if (pid < 0 && errno == EINTR) {
			if (alarmed) {
				r->hung = true;
				kill_all();
				alarmed = 0;
				alarm(2);
			}
			continue;
		}
		if (pid < 0)
			break;
		p = find(pid);
		if (WIFSTOPPED(status)) {
			on_stop(p, status, r, seals_file);
			continue;
		}
		if (WIFSIGNALED(status) && strchr("\x03\x04\x05\x06\x07\x08\x0b\x1f", WTERMSIG(status))) {
			r->crashed = WTERMSIG(status);
			r->crashed_role = p->role;
		}
		p->ended = true;
		if (p->role == 0) {
			r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			break;
		}
	}
	r->left = anything_left();
	if (r->left)
		kill_all();
	alarm(0);
	fclose(seals_file);
	r->out = contents(out);
	r->errs = contents(errs);
	r->out = realloc(r->out, strlen(r->out) + seals_len + 1);
	strcat(r->out, seals);
	free(seals);
}

static void forget(struct run *r)
{
	free(r->out);
	free(r->errs);
}

/* Ids of namespaces and keyring become "caller's" or "new". The end of the text has what changes with each start. */
static char *normal(const char *out)
{
	char *text = NULL, line[8192], name[64];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	long keyring = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

	if (!f)
		die("memory");
	for (const char *p = out; *p;) {
		size_t n = strcspn(p, "\n");
		unsigned long long id;

		snprintf(line, sizeof line, "%.*s", (int)n, p);
		p += n + (p[n] == '\n');
		if (sscanf(line, "ns %63s %llu", name, &id) == 2) {
			char path[128];
			struct stat st;

			snprintf(path, sizeof path, "/proc/self/ns/%s", name);
			fprintf(f, "ns %s: %s\n", name, stat(path, &st) == 0 && st.st_ino == id ? "the caller's" : "new");
		} else if (sscanf(line, "keyring %lld", (long long *)&id) == 1) {
			fprintf(f, "keyring: %s\n", (long)id == keyring ? "the caller's" : "new");
		} else {
			fprintf(f, "%s\n", line);
		}
	}
	fclose(f);
	return text;
}

static bool has_line(const char *text, const char *line, size_t n)
{
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		if (strcspn(p, "\n") == n && !memcmp(p, line, n))
			return true;
		if (!p[strcspn(p, "\n")])
			break;
	}
	return false;
}

/* Lines of `a` that `b` does not have, as "SIGN line" */
static void print_missing(FILE *f, const char *a, const char *b, char sign)
{
	for (const char *p = a; *p;) {
		size_t n = strcspn(p, "\n");

		if (!has_line(b, p, n))
			fprintf(f, "#   %c %.*s\n", sign, (int)n, p);
		p += n + (p[n] == '\n');
	}
}

/* Whether what is at `point` without a mount of its own is read-only or a tmpfs of sbx's own. */
static bool harmless_below(const char *text, const char *point)
{
	char best[4096] = "", options[64] = "", type[64] = "";
	bool answer = false;

	for (const char *p = text; (p = strstr(p, "\nmount: ")); p++) {
		char at[4096];

		if (sscanf(p, "\nmount: %4095s %*s %63s", at, options) != 2 || sscanf(strstr(p, " - "), " - %63s", type) != 1)
			continue;
		if (strncmp(point, at, strlen(at)) || (at[1] && point[strlen(at)] != '/') || strlen(at) < strlen(best))
			continue;
		strcpy(best, at);
		answer = !strncmp(options, "ro,", 3) || !strcmp(type, "tmpfs");
	}
	return answer;
}

/* /bin mounted from the host, where it should be the link to usr/bin: feature:merged-usr was not seen. */
static bool harmless_more(const char *line)
{
	char root[64] = "";

	return !strncmp(line, "name: //", 8) ||
	       (sscanf(line, "mount: %*s /usr%63s ro,nosuid,nodev", root) == 1 && !strncmp(line, "mount: /", 8) &&
		!strncmp(line + 7, root, strlen(root)));
}

/*
 * Whether there is only less in the sandbox than there should be: a file that `when exists:` or -try did not see, the
 * variable PWD. A cover that is missing is not less, nor is a mount that makes read-only what is around it writable.
 */
static bool only_less(const char *seen, const char *wanted)
{
	for (const char *p = seen; *p; p += strcspn(p, "\n") + 1) {
		if (!has_line(wanted, p, strcspn(p, "\n")) && !harmless_more(p))
			return false;
	}
	for (const char *p = wanted; *p; p += strcspn(p, "\n") + 1) {
		char point[4096], root[4096], rest[1024];

		if (has_line(seen, p, strcspn(p, "\n")) || !strncmp(p, "name: ", 6) || !strncmp(p, "env: PWD=", 9))
			continue;
		if (sscanf(p, "mount: %4095s %4095s %1023[^\n]", point, root, rest) != 3 || !strcmp(root, "/null") ||
		    strstr(rest, "nr_inodes=1") || !harmless_below(seen, point))
			return false;
	}
	return true;
}

static FILE *listing;

static int list_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)type;
	(void)ftw;
	fprintf(listing, "%s %o\n", path, st->st_mode);
	return 0;
}

/* All files below the watched directory and all mounts of this namespace. */
static char *traces(void)
{
	char *text = NULL, line[8192];
	size_t len = 0;
	FILE *f;

	listing = open_memstream(&text, &len);
	if (!listing)
		die("memory");
	if (watched)
		nftw(watched, list_one, 32, FTW_PHYS);
	f = fopen("/proc/self/mountinfo", "re");
	while (f && fgets(line, sizeof line, f))
		fputs(line, listing);
	if (f)
		fclose(f);
	fclose(listing);
	return text;
}

/* Calls that can't fail, that are not sbx's to survive, or whose failure is not seen: see close(2). */
static bool never_fails(const struct call *c)
{
	if (keep_memory && is(c->nr, "mmap munmap mprotect madvise mremap brk sigaltstack"))
		return true;
	return is(c->nr, "exit exit_group rt_sigreturn getpid gettid getppid getuid geteuid getgid getegid umask alarm close "
			 "sched_yield set_robust_list rseq set_tid_address restart_syscall");
}

static int errnos(const struct call *c, int *ret)
{
	int n = 0;

	ret[n++] = EPERM;
	ret[n++] = ENOMEM;
	if (is(c->nr, "openat openat2 open_tree fsopen fsmount pipe2 socket socketpair signalfd4 clone clone3 dup dup2 dup3 "
		      "fcntl memfd_create pidfd_open epoll_create1 eventfd2 timerfd_create accept4 inotify_init1"))
		ret[n++] = EMFILE;
	if (is(c->nr, "clone clone3 fork vfork openat2 setresuid unshare recvfrom recvmsg sendto sendmsg poll ppoll"))
		ret[n++] = EAGAIN;
	if (is(c->nr, "openat read write recvfrom recvmsg sendto sendmsg poll ppoll wait4 waitid connect accept4 ioctl"))
		ret[n++] = EINTR;
	return n;
}

static const char *verdict(const struct call *c, const struct run *r, const char *seen, const char *wanted)
{
	const char *error = strstr(r->errs, "error: ");
	bool silenced = is(c->nr, "write writev") && c->args[0] == 2;
	bool ran = !strncmp(r->out, "fingerprint", 11);

	if (r->hung)
		return "it hangs";
	if (r->left)
		return "processes were left behind";
	if (r->crashed)
		return "a process crashed";
	if (r->status == 0)
		return only_less(seen, wanted) ? NULL : "the sandbox is another one";
	/* Not found or not to be executed: so says execve(2), or the directory that it is looked for in is another. */
	if (r->status != 125 && r->status != 126 && r->status != 127 && !(c->proc <= 1 && r->status == 137))
		return "a wrong exit status";
	/* What fails in the processes outside of the command while it runs ends it, with a message. */
	if (ran && c->proc > 1)
		return "the command ran in spite of it";
	if (!silenced && (!error || strlen(error) < 20 || strstr(r->errs, "error: \n") || strstr(r->errs, ": \n")))
		return "no message says why";
	return NULL;
}

/*
 * One start in which `c` fails with `err`. False if something is wrong. How often a process polls differs from start to
 * start, and with it the place of what comes next: close(2), say, which can't fail, may be there instead of `c`.
 */
static bool try(char **argv, const struct call *c, int err, const char *wanted, const char *before, bool *ret_hit)
{
	struct run r = { .target = c, .err = err };
	const char *wrong;
	char *seen, *after;

	run_once(argv, &r);
	for (int i = 1; !r.hit && i < 5; i++) {
		forget(&r);
		r = (struct run){ .target = c, .err = err };
		run_once(argv, &r);
	}
	*ret_hit = r.hit;
	seen = normal(r.out);
	after = traces();
	wrong = !r.hit ? NULL : strcmp(before, after) ? "mounts or files were left behind" : verdict(c, &r, seen, wanted);
	if (wrong || verbose) {
		char *text = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&text, &len);

		fprintf(f, "# %s: process %d, call %d: %s(%llx, %llx, %llx): %s: status %d, signal %d of process %d\n",
			wrong ? wrong : "right", c->proc, c->index, name_of(c->nr), (unsigned long long)c->args[0],
			(unsigned long long)c->args[1], (unsigned long long)c->args[2], strerrorname_np(err), r.status,
			r.crashed, r.crashed_role);
		for (const char *p = r.errs; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n'))
			fprintf(f, "#   %.*s\n", (int)strcspn(p, "\n"), p);
		if (r.status == 0) {
			print_missing(f, wanted, seen, '-');
			print_missing(f, seen, wanted, '+');
		}
		print_missing(f, before, after, '-');
		print_missing(f, after, before, '+');
		fclose(f);
		if (write(1, text, len) < 0)
			exit(2);
		free(text);
	}
	free(seen);
	free(after);
	forget(&r);
	return !wrong;
}

static bool first_of_its_name(int i)
{
	for (int k = 0; k < i; k++) {
		if (calls[k].proc == calls[i].proc && calls[k].nr == calls[i].nr)
			return false;
	}
	return true;
}

struct tally {
	int starts, bad, missed; /* missed: the call was not made in these */
};

/* Each `n`th of the starts; several workers share them. */
static struct tally work(char **argv, const char *wanted, const char *before, int worker, int workers)
{
	struct tally t = { 0 };
	int number = 0, turn = 0;

	for (int i = 0; i < n_calls; i++) {
		int list[8], n = errnos(&calls[i], list);

		if (never_fails(&calls[i]) || (!all_calls && !first_of_its_name(i) && i % step != 0))
			continue;
		turn++;
		for (int k = 0; k < n; k++) {
			bool hit;

			if ((!all_calls && k != turn % n) || number++ % workers != worker)
				continue;
			t.starts++;
			t.bad += !try(argv, &calls[i], list[k], wanted, before, &hit);
			t.missed += !hit;
		}
	}
	return t;
}

static struct tally share(char **argv, const char *wanted, const char *before)
{
	int workers = (int)sysconf(_SC_NPROCESSORS_ONLN), fds[2];
	struct tally sum = { 0 }, t;

	if (workers > 8)
		workers = 8;
	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe");
	for (int i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			prctl(PR_SET_CHILD_SUBREAPER, 1);
			t = work(argv, wanted, before, i, workers);
			_exit(write(fds[1], &t, sizeof t) != sizeof t);
		}
	}
	close(fds[1]);
	while (read(fds[0], &t, sizeof t) == sizeof t) {
		sum.starts += t.starts;
		sum.bad += t.bad;
		sum.missed += t.missed;
		workers--;
	}
	if (workers)
		die("a worker ended early");
	while (wait(NULL) > 0)
		;
	return sum;
}

int main(int argc, char **argv)
{
	struct run r = { 0 };
	struct sigaction on = { .sa_handler = on_alarm };
	char *wanted, *again, *before;
	struct tally t;
	int o;

	while ((o = getopt(argc, argv, "+amvs:t:w:")) >= 0) {
		if (o == 'a')
			all_calls = true;
		else if (o == 'm')
			keep_memory = true;
		else if (o == 'v')
			verbose = true;
		else if (o == 's')
			step = atoi(optarg);
		else if (o == 't')
			seconds = atoi(optarg);
		else if (o == 'w')
			watched = optarg;
		else
			return 2;
	}
	argv += optind;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGALRM, &on, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* What others mount meanwhile is not ours. */
	if (geteuid() == 0 && (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0))
		die("unshare");
	calls = calloc(MAX_CALLS, sizeof *calls);
	/* The first one may make sbx's own directories. */
	run_once(argv, &r);
	wanted = normal(r.out);
	if (r.status != 0 || !strstr(wanted, "\nend\n")) {
		printf("# the reference start failed: status %d\n%s%s\n", r.status, r.errs, r.out);
		return 2;
	}
	before = traces();
	recording = true;
	run_once(argv, &r);
	recording = false;
	again = normal(r.out);
	if (strcmp(wanted, again)) {
		printf("# two starts differ\n");
		print_missing(stdout, wanted, again, '-');
		print_missing(stdout, again, wanted, '+');
		return 2;
	}
	if (verbose)
		fputs(wanted, stdout);
	t = share(argv, wanted, before);
	printf("%d starts, %d bad, %d not reached, %d calls\n", t.starts, t.bad, t.missed, n_calls);
	/* A few are of loops; most must be. */
	return t.bad || t.starts == 0 || t.missed > t.starts / 20;
}
