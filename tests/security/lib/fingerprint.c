/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fingerprint.c - all that makes a sandbox strong or weak, one fact a line, as the command inside sees it. Two starts
 * of the same plan print the same lines. Numbers that differ from start to start are left out; ids of namespaces
 * and of the keyring are compared with those of the caller, which inject.c does.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *answer(long r)
{
	return r >= 0 ? "ok" : strerrorname_np(errno);
}

/* The lines of a file that begin with one of the words, or all. */
static void file(const char *label, const char *path, const char *const *words)
{
	char line[8192];
	FILE *f = fopen(path, "re");

	if (!f) {
		printf("%s: %s\n", label, strerrorname_np(errno));
		return;
	}
	while (fgets(line, sizeof line, f)) {
		for (size_t i = 0; words && words[i]; i++) {
			if (!strncmp(line, words[i], strlen(words[i])))
				printf("%s: %s", label, line);
		}
		if (!words)
			printf("%s: %s", label, line);
	}
	fclose(f);
}

static const char *const status_words[] = { "Cap", "NoNewPrivs", "Seccomp:", "Uid", "Gid", "Groups", "Umask", "SigBlk",
	"SigIgn", "TracerPid", NULL };

/* Without ids and device numbers: mount point, root, options, propagation, type, options of the file system */
static void mounts(void)
{
	char line[8192];
	FILE *f = fopen("/proc/self/mountinfo", "re");

	while (f && fgets(line, sizeof line, f)) {
		char root[4096], point[4096];
		int end = 0;
		char *rest;

		if (sscanf(line, "%*d %*d %*s %4095s %4095s %n", root, point, &end) != 2 || !end)
			continue;
		rest = line + end;
		/* Peer groups have numbers of the whole machine. */
		for (char *p = rest; *p; p++) {
			if (*p == ':' && p[1] >= '0' && p[1] <= '9')
				*p = '#';
		}
		printf("mount: %s %s %s", point, root, rest);
	}
	if (f)
		fclose(f);
}

static void fds(void)
{
	for (int fd = 0; fd < 2048; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0)
			printf("fd: %d %o %s\n", fd, st.st_mode & S_IFMT,
			       fcntl(fd, F_GETFD) & FD_CLOEXEC ? "cloexec" : "open");
	}
}

/* What the command can do to the first process of the sandbox */
static void init(void)
{
	static const char *const files[] = { "environ", "mem", "fd", "root", "maps", "exe" };
	char path[64];

	file("init status", "/proc/1/status", status_words);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "/proc/1/%s", files[i]);
		printf("init %s: %s\n", files[i], answer(open(path, O_RDONLY | O_CLOEXEC)));
	}
	printf("init ptrace: %s\n", answer(ptrace(PTRACE_SEIZE, 1, 0, 0)));
}

static void attempt(const char *name, int (*f)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int r = f();

		printf("may %s: %s\n", name, answer(r));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

static int new_userns(void)
{
	return unshare(CLONE_NEWUSER);
}

static int new_mountns(void)
{
	return unshare(CLONE_NEWNS);
}

static int new_cgroupns(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWCGROUP);
}

static int become_root(void)
{
	return setresuid(0, 0, 0);
}

static int write_root(void)
{
	return mkdir("/fingerprint-was-here", 0700);
}

static void session(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	char text[4096] = "";
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), sig = 0;

	printf("session: %s, group: %s\n", getsid(0) == getpid() ? "own" : "caller's",
	       getpgrp() == getpid() ? "own" : "caller's");
	printf("tty: %s\n", answer(open("/dev/tty", O_RDWR | O_CLOEXEC)));
	printf("lo: %s\n", ioctl(sock, SIOCGIFFLAGS, &ifr) < 0 ? strerrorname_np(errno) : ifr.ifr_flags & IFF_UP ? "up" : "down");
	close(sock);
	printf("cwd: %s\n", getcwd(text, sizeof text) ? text : strerrorname_np(errno));
	gethostname(text, sizeof text);
	printf("host name: %s\n", text);
	prctl(PR_GET_PDEATHSIG, &sig);
	printf("pdeathsig: %d\n", sig);
	printf("securebits: %x\n", prctl(PR_GET_SECUREBITS));
	printf("nice: %d\n", getpriority(PRIO_PROCESS, 0));
	printf("keyring %ld\n", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit l;

		if (getrlimit(i, &l) == 0)
			printf("limit %d: %llx %llx\n", i, (unsigned long long)l.rlim_cur, (unsigned long long)l.rlim_max);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void environment(void)
{
	size_t n = 0;

	while (environ[n])
		n++;
	qsort(environ, n, sizeof *environ, by_text);
	for (size_t i = 0; i < n; i++)
		printf("env: %s\n", environ[i]);
}

static void tree(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);

	if (n < 0)
		printf("dir %s: %s\n", dir, strerrorname_np(errno));
	for (int i = 0; i < n; i++) {
		char path[4096];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && lstat(path, &st) == 0)
			printf("name: %s %o\n", path, st.st_mode);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int main(void)
{
	static const char *const namespaces[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time" };
	char path[64];
	struct stat st;

	printf("fingerprint\n");
	fds();
	file("self", "/proc/self/status", status_words);
	file("uid_map", "/proc/self/uid_map", NULL);
	file("gid_map", "/proc/self/gid_map", NULL);
	file("setgroups", "/proc/self/setgroups", NULL);
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
		snprintf(path, sizeof path, "/proc/self/ns/%s", namespaces[i]);
		printf("ns %s %llu\n", namespaces[i], stat(path, &st) < 0 ? 0ULL : (unsigned long long)st.st_ino);
	}
	mounts();
	init();
	session();
	environment();
	tree("/");
	tree("/dev");
	file("userns limit", "/proc/sys/user/max_user_namespaces", NULL);
	file("cgroupns limit", "/proc/sys/user/max_cgroup_namespaces", NULL);
	fflush(stdout);
	attempt("make a user namespace", new_userns);
	attempt("make a mount namespace", new_mountns);
	attempt("make a cgroup namespace", new_cgroupns);
	attempt("become user 0", become_root);
	attempt("write to the root", write_root);
	printf("end\n");
	return 0;
}
