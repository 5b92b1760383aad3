/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mnt_legacy.c - see mnt_legacy.h. */
#include "run/mnt_legacy.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/mountinfo.h"
#include "base/sys.h"

enum { MAX_PASSES = 16, MAX_OPTIONS = 4096 /* a page on the smallest, and mount(2) cuts the rest off */ };

struct fd_path {
	char text[32];
};

static const char *fd_path(struct fd_path *p, int fd)
{
	(void)snprintf(p->text, sizeof p->text, "/proc/self/fd/%d", fd);
	return p->text;
}

static int refuse(struct sbx_mnt *m, int r, const char *why)
{
	*m->why = why;
	return r;
}

static bool is_fs(int fd, unsigned long magic)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

/* A bare mount(2) by descriptors; -1 for none. */
static int mount_fd(int src_fd, int dest_fd, const char *type, unsigned long flags, const char *options)
{
	struct fd_path src, dest;

	return mount(src_fd < 0 ? NULL : fd_path(&src, src_fd), fd_path(&dest, dest_fd), type, flags, options) < 0
		   ? -errno
		   : 0;
}

/* Mounts the bench on a directory of the host, in this mount namespace, and opens it. */
static int make_bench(const char *place)
{
	_cleanup_close_ int dir_fd = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	int r;

	if (dir_fd < 0)
		return -errno;
	r = mount_fd(-1, dir_fd, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
	if (r < 0)
		return r;
	fd = open(place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* No recursive copy of the host's / contains what lies in it. This fails where fd is no mount's root. */
	r = is_fs(fd, TMPFS_MAGIC) ? mount_fd(-1, fd, NULL, MS_UNBINDABLE, NULL) : -EBUSY;
	return r < 0 ? r : TAKE_FD(fd);
}

static int open_bench(struct sbx_mnt *m)
{
	_cleanup_close_ int proc_fd = -1;
	int fd = -ENOENT;

	if (m->bench_fd >= 0)
		return 0;
	proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0 || !is_fs(proc_fd, PROC_SUPER_MAGIC))
		return refuse(m, -ENOSYS,
		    "calls of the mount API are missing here, and the older way needs /proc: mount it, or boot Linux 5.12");
	for (size_t i = 1; i < ARRAY_LEN(sbx_mnt_places) && (fd == -ENOENT || fd == -EACCES); i++)
		fd = make_bench(sbx_mnt_places[i]);
	if (fd < 0)
		return fd;
	m->bench_fd = fd;
	return 0;
}

/* An own name on the bench, as a directory or a file to mount on. The descriptor means what is below the mount. */
static int make_place(struct sbx_mnt *m, bool dir, char name[16])
{
	int r = open_bench(m), fd;

	if (r < 0)
		return r;
	(void)snprintf(name, 16, "%u", m->n_bench++);
	r = dir ? mkdirat(m->bench_fd, name, 0700) : mknodat(m->bench_fd, name, S_IFREG | 0600, 0);
	if (r < 0)
		return -errno;
	fd = openat(m->bench_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Opens what has been mounted there. */
static int open_mounted(struct sbx_mnt *m, const char *name)
{
	int fd = openat(m->bench_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sbx_mnt_legacy_clone(struct sbx_mnt *m, int fd, bool recursive)
{
	_cleanup_close_ int place_fd = -1;
	char name[16];
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	place_fd = make_place(m, S_ISDIR(st.st_mode), name);
	if (place_fd < 0)
		return place_fd;
	r = mount_fd(fd, place_fd, NULL, MS_BIND | (recursive ? MS_REC : 0UL), NULL);
	return r < 0 ? r : open_mounted(m, name);
}

/* "key=value,…" as mount(2) takes it; it knows no way to write a comma. */
static int join(struct sbx_mnt *m, const char *const *options, char text[MAX_OPTIONS])
{
	size_t len = 0;

	text[0] = '\0';
	for (; options && *options; options += 2) {
		const char *value = options[1] ? options[1] : "";
		int n = snprintf(text + len, MAX_OPTIONS - len, "%s%s%s%s", len ? "," : "", options[0],
		    options[1] ? "=" : "", value);

		if (strchr(value, ',') || n < 0 || (size_t)n >= MAX_OPTIONS - 1 - len)
			return refuse(m, -EOPNOTSUPP,
			    "without fsconfig(2) the options of a mount can't hold a comma or be this long");
		len += (size_t)n;
	}
	return 0;
}

/* MOUNT_ATTR_… as MS_…; false if there is one without a counterpart. */
static bool to_flags(uint64_t attrs, unsigned long *ret)
{
	static const struct {
		uint64_t attr;
		unsigned long flag;
	} map[] = {
		{ MOUNT_ATTR_RDONLY, MS_RDONLY },
		{ MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },
		{ MOUNT_ATTR_NOEXEC, MS_NOEXEC },
		{ MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW },
		{ MOUNT_ATTR_NOATIME, MS_NOATIME },
		{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
	};

	*ret = 0;
	for (size_t i = 0; i < ARRAY_LEN(map); i++) {
		if (attrs & map[i].attr)
			*ret |= map[i].flag;
		attrs &= ~map[i].attr;
	}
	return attrs == 0;
}

static int no_such_attribute(struct sbx_mnt *m)
{
	return refuse(
	    m, -EOPNOTSUPP, "this kernel's mount(2) can't give a mount one of the attributes that it must have");
}

int sbx_mnt_legacy_new(struct sbx_mnt *m, const char *type, const char *const *options, uint64_t attrs)
{
	/* MS_RDONLY would make the filesystem itself read-only; a kernel before 5.10 drops the other silently. */
	const uint64_t apart = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW;
	_cleanup_close_ int place_fd = -1, fd = -1;
	char name[16], text[MAX_OPTIONS];
	unsigned long flags;
	int r;

	if (!to_flags(attrs & ~apart, &flags))
		return no_such_attribute(m);
	r = join(m, options, text);
	if (r < 0)
		return r;
	place_fd = make_place(m, true, name);
	if (place_fd < 0)
		return place_fd;
	r = mount_fd(-1, place_fd, type, flags, text);
	if (r < 0)
		return r;
	fd = open_mounted(m, name);
	if (fd < 0)
		return fd;
	r = attrs & apart ? sbx_mnt_legacy_set(m, fd, false, attrs & apart, 0) : 0;
	return r < 0 ? r : TAKE_FD(fd);
}

int sbx_mnt_legacy_attach(struct sbx_mnt *m, int mount_fd_, int dest_fd)
{
	(void)m;
	return mount_fd(mount_fd_, dest_fd, NULL, MS_MOVE, NULL);
}

/* An empty directory that nobody may enter over one that the caller can't enter, and where so nothing can be set. */
static int cover(int dir_fd)
{
	return mount_fd(
	    -1, dir_fd, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "mode=0000,nr_inodes=1,size=4k");
}

/*
 * Opens the root of the mount with that id, `rest` below `top_fd`: by no link, and it must be that mount.
 * 0 with *ret_fd filled; 1 if something was covered instead, or the path leads elsewhere now: look again.
 */
static int open_below(int top_fd, const char *rest, int id, int *ret_fd)
{
	_cleanup_close_ int fd = fcntl(top_fd, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return -errno;
	for (;;) {
		char name[NAME_MAX + 1];
		size_t n;
		int next;

		rest += strspn(rest, "/");
		n = strcspn(rest, "/");
		if (n == 0)
			break;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, rest, n);
		name[n] = '\0';
		rest += n;
		next = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == EACCES) {
			int r = cover(fd);

			return r < 0 ? r : 1;
		}
		if (next < 0)
			return errno == ENOENT || errno == ENOTDIR ? 1 : -errno;
		(void)close(fd);
		fd = next;
	}
	if (sbx_mnt_id(fd) != id)
		return 1;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/*
 * Gives the flags to each mount that lacks them. 0 if none did, 1 if there was something to do.
 *
 * A mount below that lies under another one can't be reached, by nobody: what covers it is of this mount namespace,
 * and the command may unmount nothing here.
 */
static int set_once(struct sbx_mnt *m, int fd, bool recursive, unsigned long flags)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	const unsigned long atime = MS_NOATIME | MS_NODIRATIME | MS_RELATIME;
	const struct sbx_mount *top;
	struct sbx_mount_table t;
	int r, id = sbx_mnt_id(fd), changed = 0;
	size_t len;
	char *text;

	if (id < 0)
		return id;
	r = sbx_read_path(&a, AT_FDCWD, "/proc/self/mountinfo", (size_t)1 << 26, &text, &len);
	if (r == 0)
		r = sbx_mountinfo_parse(&a, text, len, &t);
	if (r < 0)
		return refuse(m, r, "/proc/self/mountinfo can't be read");
	top = sbx_mountinfo_find(&t, id);
	if (!top)
		return refuse(m, -ENOENT, "the mount is not in /proc/self/mountinfo");
	for (size_t i = 0; i < t.n; i++) {
		const struct sbx_mount *mount = &t.items[i];
		_cleanup_close_ int below_fd = -1;

		if (mount != top && (!recursive || !sbx_mountinfo_is_below(&t, mount, id)))
			continue;
		if ((mount->flags & flags) == flags || (mount != top && sbx_mountinfo_is_covered(&t, mount)))
			continue;
		if (mount->unknown)
			return refuse(m, -EOPNOTSUPP, "a mount has an attribute that mount(2) can't keep");
		changed = 1;
		if (mount != top) {
			size_t n = strlen(top->path);

			r = strncmp(mount->path, top->path, n) != 0
				? 1
				: open_below(fd, mount->path + n, mount->id, &below_fd);
			if (r < 0)
				return refuse(m, r, "a mount below the source can't be reached");
			if (r > 0)
				continue;
		}
		/*
		 * All that it has is said again: what is not is taken away, or refused if the host's owner locked it. But
		 * for access times: where none of their flags is said the kernel keeps them (Linux 3.17).
		 */
		r = mount_fd(-1, mount == top ? fd : below_fd, NULL,
		    MS_REMOUNT | MS_BIND | (mount->flags & ~atime) | flags, NULL);
		if (r < 0)
			return r;
	}
	return changed;
}

int sbx_mnt_legacy_set(struct sbx_mnt *m, int fd, bool recursive, uint64_t attrs, uint64_t propagation)
{
	unsigned long flags;
	int r = 0;

	if (!to_flags(attrs, &flags))
		return no_such_attribute(m);
	/* First: from here on nothing can be mounted below from elsewhere. */
	if (propagation)
		r = mount_fd(-1, fd, NULL, (unsigned long)propagation | (recursive ? MS_REC : 0UL), NULL);
	if (r < 0 || !attrs)
		return r;
	/* Until a look shows that each has them: a kernel that does not know a flag says nothing. */
	for (int i = 0; i < MAX_PASSES; i++) {
		r = set_once(m, fd, recursive, flags);
		if (r <= 0)
			return r;
	}
	return no_such_attribute(m);
}
