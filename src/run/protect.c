/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protect.c - sbx's own directories on the host are never writable from inside: a profile planted there would
 * decide what the next sandbox is (firejail#7154).
 *
 * In a writable bind that holds such a directory it is covered by a read-only mount of itself. Each directory
 * on the way gets a mount of itself too: a mount point can't be renamed, so nobody can move the guarded place
 * away and make another. A directory that does not exist yet is made first, on the host; it is sbx's own.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "run/mounts.h"

/* The real path of what may not exist: real path of the deepest part that does, and the rest as it is. */
static const char *real_path(struct sbx_arena *a, const char *path)
{
	char *head = sbx_strdup(a, path), buf[PATH_MAX];
	const char *rest = "";

	for (;;) {
		char *slash;

		if (realpath(head, buf))
			return sbx_strf(a, "%s%s", sbx_streq(buf, "/") ? "" : buf, rest);
		slash = strrchr(head, '/');
		if (!slash || slash == head)
			return path;
		rest = path + (slash - head);
		*slash = '\0';
	}
}

/* Every existing directory from / down to the guarded one, with what remains of the path below it. */
static void read_guards(struct sbx_mounts *m)
{
	for (const char *const *p = m->plan->protect; *p; p++) {
		const char *path = real_path(m->arena, *p), *rest = path;
		struct stat st;

		for (;;) {
			const char *dir = rest == path ? "/" : sbx_strndup(m->arena, path, (size_t)(rest - path));

			if (stat(dir, &st) < 0)
				break;
			SBX_APPEND(m->arena, m->guards, m->n_guards) =
				(struct sbx_guard){ .path = path, .rest = rest, .dev = st.st_dev, .ino = st.st_ino };
			if (!*rest)
				break;
			rest = strchrnul(rest + 1, '/');
		}
	}
}

/* Whether `path` is `dir` or lies below it; then what follows `dir`, else NULL. */
static const char *below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0') ? path + n : NULL;
}

int sbx_protect_note(struct sbx_mounts *m, const struct sbx_op *op, int src_fd, const struct stat *st)
{
	char link[64], src[PATH_MAX];
	ssize_t n;

	if (!m->guards)
		read_guards(m);
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", src_fd);
	n = readlink(link, src, sizeof src - 1);
	if (n < 0)
		return -errno;
	src[n] = '\0';
	for (size_t i = 0; i < m->n_guards; i++) {
		const struct sbx_guard *g = &m->guards[i];
		bool same = g->dev == st->st_dev && g->ino == st->st_ino;
		const char *inside = below(src, g->path);

		if (inside && (op->flags & SBX_OP_OWN_HOME) && sbx_starts_with(inside, "/homes/"))
			continue;
		if (inside || (same && !*g->rest)) {
			m->root.why = "the source is in a directory of sbx's own, which is never writable in a sandbox";
			return -EACCES;
		}
		if (same)
			SBX_APPEND(m->arena, m->writable, m->n_writable) =
				(struct sbx_writable){ .guard = g, .dest = op->dest };
	}
	return 0;
}

/* Mounts `path` of the new root on itself, read-only if it is the last. 1 if something else is there. */
static int cover(struct sbx_mounts *m, const char *host, const char *path, bool last)
{
	struct mount_attr attr = { .attr_set = last ? MOUNT_ATTR_RDONLY : 0, .propagation = MS_PRIVATE };
	_cleanup_close_ int fd = sbx_dest_open(&m->root, path), tree_fd = -1;
	struct stat inside, outside;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 1;
	if (fd < 0)
		return fd;
	if (fstat(fd, &inside) < 0 || stat(host, &outside) < 0)
		return -errno;
	if (inside.st_dev != outside.st_dev || inside.st_ino != outside.st_ino)
		return 1;
	tree_fd = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (tree_fd < 0 || mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0 ||
	    move_mount(tree_fd, "", fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* Makes what is missing of the guarded directory, then covers it from the outside in. */
static int protect_one(struct sbx_mounts *m, const struct sbx_writable *w)
{
	const char *path = w->guard->path, *rest = w->guard->rest;

	for (const char *end = rest; *end;) {
		const char *host, *inside;
		int r;

		end = strchrnul(end + 1, '/');
		host = sbx_strndup(m->arena, path, (size_t)(end - path));
		inside = sbx_strf(m->arena, "%s/%.*s", w->dest, (int)(end - rest), rest);
		if (mkdir(host, 0700) < 0 && errno != EEXIST) {
			/* What the user can't create the program inside can't either. */
			if (errno == EACCES || errno == EROFS || errno == EPERM || errno == ENOTDIR)
				return 0;
			m->root.why = "one of sbx's own directories can't be made";
			return -errno;
		}
		r = cover(m, host, inside, !*end);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return 0;
}

int sbx_protect_all(struct sbx_mounts *m)
{
	for (size_t i = 0; i < m->n_writable; i++) {
		int r = protect_one(m, &m->writable[i]);

		if (r < 0)
			return r;
	}
	return 0;
}
