/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe_kernel.c - probes of system calls and file systems. What needs rights in a user namespace is tried in a
 * child that makes one for itself: a version number does not tell what a container's filter lets through.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"
#include "host/probe.h"

#define SMALL_FILE_MAX ((size_t)64 * 1024)

/* How far a child came. */
enum trial_at { AT_FORK, AT_CLONE, AT_MAP, AT_WORK, AT_END };
struct trial {
	enum trial_at at;
	int err;
};

static int write_path(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : sbx_write_all(fd, text, strlen(text));
}

static int map_one_id(const char *uid_map, const char *gid_map)
{
	int r = write_path("/proc/self/setgroups", "deny");

	/* Linux before 3.19 has no such file, and needs none. */
	if (r < 0 && r != -ENOENT)
		return r;
	r = write_path("/proc/self/uid_map", uid_map);
	return r < 0 ? r : write_path("/proc/self/gid_map", gid_map);
}

static struct trial try_here(const char *uid_map, const char *gid_map, int (*work)(void))
{
	int r;

	if (unshare(CLONE_NEWUSER) < 0)
		return (struct trial){ AT_CLONE, errno };
	r = map_one_id(uid_map, gid_map);
	if (r < 0)
		return (struct trial){ AT_MAP, -r };
	r = work();
	return r < 0 ? (struct trial){ AT_WORK, -r } : (struct trial){ AT_END, 0 };
}

/* Runs `work` (0 or a negative errno) in a child with a user namespace of its own. */
static struct trial try_in_userns(const struct sbx_host *h, int (*work)(void))
{
	_cleanup_close_ int from = -1, to = -1;
	char uid_map[32], gid_map[32];
	struct trial t = { AT_FORK, 0 };
	int fds[2];
	pid_t pid;

	(void)snprintf(uid_map, sizeof uid_map, "0 %u 1", (unsigned)h->uid);
	(void)snprintf(gid_map, sizeof gid_map, "0 %u 1", (unsigned)h->gid);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return (struct trial){ AT_FORK, errno };
	from = fds[0];
	to = fds[1];
	pid = fork();
	if (pid < 0)
		return (struct trial){ AT_FORK, errno };
	if (pid == 0) {
		t = try_here(uid_map, gid_map, work);
		_exit(sbx_write_all(to, &t, sizeof t) < 0);
	}
	sbx_close_p(&to);
	/* No answer: a filter that kills ended the child. */
	if (sbx_read_all(from, &t, sizeof t) != (ssize_t)sizeof t)
		t = (struct trial){ AT_CLONE, EPERM };
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return t;
}

/* AppArmor's restriction may show only here: the namespace exists, and nothing is allowed in it. */
static int make_mount_namespace(void)
{
	return unshare(CLONE_NEWNS) < 0 ? -errno : 0;
}

static bool explain_userns(const struct sbx_host *h, const struct trial *t, struct sbx_why *ret)
{
	struct sbx_userns_facts f;

	if (t->at == AT_FORK)
		return sbx_answer(ret, false, sbx_strf(h->arena, "cannot fork: %s", strerror(t->err)));
	if (t->at == AT_WORK && t->err == ENOSPC) {
		ret->remedy = "as root: sysctl user.max_mnt_namespaces=15000";
		return sbx_answer(ret, false, "no mount namespace: user.max_mnt_namespaces is 0 or used up");
	}
	sbx_host_userns_facts(&f);
	*ret = sbx_userns_why(&f, t->err, t->at != AT_CLONE);
	return false;
}

bool sbx_probe_userns(const struct sbx_host *h, struct sbx_why *ret)
{
	struct trial t = try_in_userns(h, make_mount_namespace);

	return t.at == AT_END ? sbx_answer(ret, true, "tried: works") : explain_userns(h, &t, ret);
}

const char sbx_why_older_way[] = "the kernel lacks it, or a filter hides it (ENOSYS); sbx goes an older way";

static bool call_there(const struct sbx_host *h, struct sbx_why *ret, const char *name, int err)
{
	if (err == 0)
		return sbx_answer(ret, true, "tried: works");
	if (err == ENOSYS)
		return sbx_answer(ret, false, sbx_why_older_way);
	return sbx_answer(ret, false, sbx_strf(h->arena, "%s: %s", name, strerror(err)));
}

bool sbx_probe_clone3(const struct sbx_host *h, struct sbx_why *ret)
{
	/* A size of 0 is EINVAL to every kernel that has the call; nothing is cloned. */
	long r = syscall(SYS_clone3, NULL, 0);

	return call_there(h, ret, "clone3", r < 0 && errno == EINVAL ? 0 : errno);
}

bool sbx_probe_openat2(const struct sbx_host *h, struct sbx_why *ret)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_cleanup_close_ int fd = sys_openat2(AT_FDCWD, "/", &how);

	return call_there(h, ret, "openat2", fd < 0 ? errno : 0);
}

bool sbx_probe_pidfd(const struct sbx_host *h, struct sbx_why *ret)
{
	_cleanup_close_ int fd = sys_pidfd_open(getpid(), 0);

	return call_there(h, ret, "pidfd_open", fd < 0 ? errno : 0);
}

/*
 * Each call with arguments it must refuse in its own way: ENOSYS is a kernel without it, EPERM (which the owner
 * of a mount namespace never gets) a filter.
 */
static int call_mount_api(void)
{
	unsigned bad = ~0U;
	int r = make_mount_namespace(), fd;

	if (r < 0)
		return r;
	fd = (int)syscall(SYS_fsopen, "tmpfs", 1U /* FSOPEN_CLOEXEC */);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/", (unsigned)O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	if (syscall(SYS_move_mount, -1, "", -1, "", bad) < 0 && errno != EINVAL)
		return -errno;
	if (syscall(SYS_mount_setattr, -1, "", bad, NULL, (size_t)0) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

bool sbx_probe_mount_api(const struct sbx_host *h, struct sbx_why *ret)
{
	struct trial t = try_in_userns(h, call_mount_api);

	if (t.at == AT_END)
		return sbx_answer(ret, true, "tried: works");
	if (t.at == AT_WORK && t.err == ENOSYS)
		return sbx_answer(ret, false, sbx_why_older_way);
	if (t.at == AT_WORK)
		return sbx_answer(ret, false, sbx_strf(h->arena, "one of the calls fails: %s", strerror(t.err)));
	ret->remedy = "first make user namespaces work";
	return sbx_answer(ret, false, "cannot be tried without a user namespace");
}

bool sbx_probe_timens(const struct sbx_host *h, struct sbx_why *ret)
{
	(void)h;
	if (access("/proc/self/ns/time", F_OK) == 0)
		return sbx_answer(ret, true, "/proc/self/ns/time exists");
	return sbx_answer(ret, false, "no /proc/self/ns/time");
}

/* "6.1.0-13-amd64" is at least 5.11? */
static bool release_at_least(const char *release, unsigned major, unsigned minor)
{
	char *end;
	unsigned long a = strtoul(release, &end, 10), b = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return a > major || (a == major && b >= minor);
}

static bool in_proc_filesystems(const struct sbx_host *h, const char *name)
{
	char *text, *save = NULL;
	size_t len;

	if (sbx_read_path(h->arena, AT_FDCWD, "/proc/filesystems", SMALL_FILE_MAX, &text, &len) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *tab = strchr(line, '\t');

		if (tab && sbx_streq(tab + 1, name))
			return true;
	}
	return false;
}

/* A module that is not loaded yet is loaded by the first mount, even one in a user namespace. */
static bool overlay_module(const struct sbx_host *h, const char *release)
{
	static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (access(sbx_strf(h->arena, "/lib/modules/%s/kernel/fs/overlayfs/overlay.ko%s", release, suffixes[i]),
			F_OK) == 0)
			return true;
	}
	return false;
}

bool sbx_probe_overlay(const struct sbx_host *h, struct sbx_why *ret)
{
	struct utsname u;

	if (uname(&u) < 0)
		return sbx_answer(ret, false, "uname failed");
	/* 5.11 brought both overlay in user namespaces and `userxattr`, without which it loses files there. */
	if (!release_at_least(u.release, 5, 11))
		return sbx_answer(
		    ret, false, sbx_strf(h->arena, "Linux %s has none in user namespaces (5.11 has)", u.release));
	if (in_proc_filesystems(h, "overlay"))
		return sbx_answer(ret, true, sbx_strf(h->arena, "Linux %s, with userxattr", u.release));
	if (overlay_module(h, u.release))
		return sbx_answer(ret, true, "a module that is loaded when it is needed");
	return sbx_answer(ret, false, "overlay is not in /proc/filesystems");
}

static bool device(const struct sbx_host *h, const char *path, struct sbx_why *ret)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return sbx_answer(ret, false, sbx_strf(h->arena, "%s: %s", path, strerror(errno)));
	return sbx_answer(ret, true, sbx_strf(h->arena, "%s can be opened", path));
}

bool sbx_probe_fuse(const struct sbx_host *h, struct sbx_why *ret)
{
	return device(h, "/dev/fuse", ret);
}

bool sbx_probe_net_tun(const struct sbx_host *h, struct sbx_why *ret)
{
	return device(h, "/dev/net/tun", ret);
}
