/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dest_walk.c - one look-up below a root: by openat2(2), or where that is missing (before Linux 5.6, or by a filter)
 * by a walk of its own with the same results, component by component, each opened as O_PATH|O_NOFOLLOW from the
 * directory before. Links are read and their words walked here. The directories that were passed stay open: ".."
 * goes back to one of them, never up by itself, so that no rename meanwhile opens a way out of the root.
 *
 * Three things are stricter than openat2(2): in procfs only links of its top directory are followed (/proc/self,
 * /proc/mounts…), all others count as magic; whether fs.protected_symlinks is on is not asked; and an owner that the
 * user namespace does not map is nobody's friend.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/sys.h"
#include "run/dest.h"

#define OVERFLOW_ID 65534U /* what owners without a map look like, user_namespaces(7) */
#define FS_NOSYMFOLLOW 0x2000 /* ST_NOSYMFOLLOW in f_flags, statfs(2), Linux 5.10 */

struct walk {
	struct sbx_arena arena;
	enum sbx_dest_links links;
	unsigned n_links;
	int *fds; /* the root, and each directory that was entered */
	size_t n;
	const char *rest; /* what remains to be walked */
};

static void walk_done(struct walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		sbx_close_p(&w->fds[i]);
	sbx_arena_free(&w->arena);
}

static int push(struct walk *w, int fd)
{
	if (fd < 0)
		return -errno;
	SBX_APPEND(&w->arena, w->fds, w->n) = fd;
	return 0;
}

static int top(const struct walk *w)
{
	return w->fds[w->n - 1];
}

static void back_to(struct walk *w, size_t n)
{
	while (w->n > n)
		sbx_close_p(&w->fds[--w->n]);
}

/* Procfs's own links lie in its top directory, where "self" is one; those of processes jump without a path. */
static bool is_magic(const struct walk *w, const struct statfs *fs)
{
	struct stat st;

	return (unsigned long)fs->f_type == PROC_SUPER_MAGIC &&
	       (fstatat(top(w), "self", &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(st.st_mode));
}

/* fs.protected_symlinks, proc_sys_fs(5), for the last link of a way in a directory like /tmp. */
static bool is_planted(const struct walk *w, const struct stat *link)
{
	struct stat dir;

	if (fstat(top(w), &dir) < 0)
		return true;
	if ((dir.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) || link->st_uid == geteuid())
		return false;
	return link->st_uid != dir.st_uid || link->st_uid == OVERFLOW_ID;
}

/* What the link says goes before the rest. */
static int follow(struct walk *w, int fd, const struct stat *link)
{
	bool last = w->rest[strspn(w->rest, "/")] == '\0';
	char target[PATH_MAX];
	struct statfs fs;
	ssize_t n;

	if (w->links == SBX_DEST_REFUSE || w->n_links++ >= SBX_DEST_MAX_LINKS)
		return -ELOOP;
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	if ((fs.f_flags & FS_NOSYMFOLLOW) || is_magic(w, &fs))
		return -ELOOP;
	if (last && is_planted(w, link))
		return -EACCES;
	n = readlinkat(fd, "", target, sizeof target);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ENOENT;
	if ((size_t)n >= sizeof target)
		return -ENAMETOOLONG;
	target[n] = '\0';
	if (target[0] == '/')
		back_to(w, 1);
	w->rest = sbx_strf(&w->arena, "%s%s%s", target, *w->rest && *w->rest != '/' ? "/" : "", w->rest);
	return 0;
}

static int step(struct walk *w, const char *name, bool must_be_dir)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (sbx_streq(name, ".") || sbx_streq(name, "..")) {
		/* As the kernel does: only from a directory that may be searched. */
		fd = openat(top(w), ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		if (name[1] && w->n > 1)
			back_to(w, w->n - 1);
		return 0;
	}
	/* As a directory first: that lets autofs mount what is wanted, as any look-up through it would. */
	if (must_be_dir)
		fd = openat(top(w), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (!must_be_dir || (fd < 0 && (errno == ENOTDIR || errno == ELOOP)))
		fd = openat(top(w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow(w, fd, &st);
	if (must_be_dir && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	return push(w, TAKE_FD(fd));
}

static int walk(int root_fd, const char *path, enum sbx_dest_links links)
{
	_cleanup_(walk_done) struct walk w = { .links = links, .rest = path };
	int r;

	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = push(&w, fcntl(root_fd, F_DUPFD_CLOEXEC, 3));
	while (r == 0) {
		char name[NAME_MAX + 1];
		size_t n;

		w.rest += strspn(w.rest, "/");
		n = strcspn(w.rest, "/");
		if (n == 0)
			break;
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, w.rest, n);
		name[n] = '\0';
		w.rest += n;
		r = step(&w, name, *w.rest == '/');
	}
	return r < 0 ? r : TAKE_FD(w.fds[w.n - 1]);
}

int sbx_dest_walk(int root_fd, const char *path, enum sbx_dest_links links)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | (links == SBX_DEST_FOLLOW ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS),
	};

	for (unsigned tries = 0;; tries++) {
		int fd = sys_openat2(root_fd, path, &how);

		if (fd >= 0)
			return fd;
		if (errno == ENOSYS)
			return walk(root_fd, path, links);
		/* EAGAIN: a ".." met a rename or mount elsewhere on the machine, openat2(2). */
		if (errno != EAGAIN || tries == 100)
			return -errno;
	}
}
