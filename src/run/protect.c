/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protect.c - sbx's own directories on the host are never writable from inside: a profile planted there would
 * decide what the next sandbox is (firejail#7154).
 *
 * In a writable bind that holds such a directory it is covered by a read-only mount of itself. Each directory
 * on the way gets a mount of itself too: a mount point can't be renamed, so nobody can move the guarded place
 * away and make another. That holds in this mount namespace only, so the command may have no other:
 * limit_userns() in child.c. A directory that does not exist yet is made first, on the host; it is sbx's own.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/mountinfo.h"
#include "run/mounts.h"

/* Nothing that the caller could reach is there. Any other error must not end in a directory without a guard. */
static bool is_absent(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES || err == ELOOP || err == ENAMETOOLONG;
}

/* The real path of what may not exist: real path of the deepest part that does, and the rest as it is. Or NULL. */
static const char *real_path(struct sbx_arena *a, const char *path)
{
	char *head = sbx_strdup(a, path), buf[PATH_MAX];
	const char *rest = "";

	for (;;) {
		char *slash;

		if (realpath(head, buf))
			return sbx_strf(a, "%s%s", sbx_streq(buf, "/") ? "" : buf, rest);
		if (!is_absent(errno))
			return NULL;
		slash = strrchr(head, '/');
		if (!slash || slash == head)
			return path;
		rest = path + (slash - head);
		*slash = '\0';
	}
}

static void add_guard(
    struct sbx_mounts *m, const char *path, mode_t mode, const char *rest, const char *link, const struct stat *st)
{
	SBX_APPEND(m->arena, m->guards, m->n_guards) = (struct sbx_guard){
		.path = path, .mode = mode, .rest = rest, .link = link, .dev = st->st_dev, .ino = st->st_ino
	};
}

/*
 * Every existing directory from / down to `path`, with what remains of it below. A link on the way that the
 * caller could replace ends it; the directory that the link is in then gets a guard that can't hold.
 */
static int read_guard(struct sbx_mounts *m, const char *path, mode_t mode)
{
	for (const char *rest = path;; rest = strchrnul(rest + 1, '/')) {
		const char *dir = rest == path ? "/" : sbx_strndup(m->arena, path, (size_t)(rest - path));
		const char *next =
		    *rest ? sbx_strndup(m->arena, path, (size_t)(strchrnul(rest + 1, '/') - path)) : NULL;
		struct stat st, link;

		if (stat(dir, &st) < 0)
			return is_absent(errno) ? 0 : -errno;
		if (!S_ISDIR(st.st_mode))
			return 0;
		link.st_mode = 0;
		if (next && lstat(next, &link) < 0 && !is_absent(errno))
			return -errno;
		if (next && S_ISLNK(link.st_mode)) {
			if (st.st_uid == geteuid() || access(dir, W_OK) == 0)
				add_guard(m, path, mode, rest, next, &st);
			return 0;
		}
		add_guard(m, path, mode, rest, NULL, &st);
		if (!*rest)
			return 0;
	}
}

/* Whether `path` is `dir` or lies below it; then what follows `dir`, else NULL. */
static const char *below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0') ? path + n : NULL;
}

/* The deepest part of `path` that exists, opened; *ret_rest is what follows it. fd or a negative errno. */
static int open_existing(struct sbx_mounts *m, const char *path, const char **ret_rest)
{
	for (size_t len = strlen(path);;) {
		int fd = open(len ? sbx_strndup(m->arena, path, len) : "/", O_PATH | O_CLOEXEC);

		*ret_rest = path + len;
		if (fd >= 0 || !is_absent(errno) || len == 0)
			return fd < 0 ? -errno : fd;
		do
			len--;
		while (len > 0 && path[len] != '/');
	}
}

static const char *without_slash(const char *dir)
{
	return sbx_streq(dir, "/") ? "" : dir;
}

/* `path`, or what lies in it, at another mount of the same filesystem: there it needs a guard of its own. */
static int read_alias(struct sbx_mounts *m, const struct sbx_mount *mount, const char *in_fs, size_t rest_len,
    const struct stat *head, mode_t mode)
{
	const char *root = without_slash(mount->root), *tail = below(in_fs, root), *alias;
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!tail && (!below(root, in_fs) || sbx_starts_with(below(root, in_fs), "/homes/")))
		return 0;
	alias = sbx_strf(m->arena, "%s%s", without_slash(mount->path), tail ? tail : "");
	/* What is covered there is not reached. */
	fd = open(tail && strlen(alias) > rest_len ? sbx_strndup(m->arena, alias, strlen(alias) - rest_len) : alias,
	    O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return is_absent(errno) ? 0 : -errno;
	if (sbx_mnt_id(fd) != mount->id || (tail && (st.st_dev != head->st_dev || st.st_ino != head->st_ino)))
		return 0;
	return read_guard(m, alias, mode);
}

/* The other places where mounts of the host, such as /data/home on /home, show the same directory. */
static int read_aliases(struct sbx_mounts *m, const struct sbx_mount_table *t, const char *path, mode_t mode)
{
	const char *rest, *in_fs;
	_cleanup_close_ int fd = open_existing(m, path, &rest);
	int r = fd < 0 ? fd : sbx_mnt_id(fd), new_root = sbx_mnt_id(m->root.fd),
	    bench = m->api.bench_fd < 0 ? -1 : sbx_mnt_id(m->api.bench_fd);
	const struct sbx_mount *own;
	struct stat head;

	if (r < 0)
		return r;
	if (fstat(fd, &head) < 0)
		return -errno;
	own = sbx_mountinfo_find(t, r);
	if (!own || !*own->root)
		return 0;
	r = 0;
	in_fs = below(path, without_slash(own->path));
	if (!in_fs)
		return 0;
	in_fs = sbx_strf(m->arena, "%s%s", without_slash(own->root), in_fs);
	for (size_t i = 0; i < t->n && r == 0; i++) {
		const struct sbx_mount *mount = &t->items[i];

		/* What sbx has mounted itself is no place of the host. */
		if (mount != own && *mount->root && sbx_streq(mount->dev, own->dev) &&
		    !sbx_mountinfo_is_below(t, mount, new_root) && !sbx_mountinfo_is_below(t, mount, bench))
			r = read_alias(m, mount, in_fs, strlen(rest), &head, mode);
	}
	return r;
}

/* The profiles may be elsewhere, by a link in the guarded directory, which nobody can change inside. */
static int read_linked(struct sbx_mounts *m, const struct sbx_mount_table *t, const char *dir, mode_t mode)
{
	const char *profiles = real_path(m->arena, sbx_strf(m->arena, "%s/profiles", dir));
	int r;

	if (!profiles)
		return -errno;
	if (below(profiles, dir))
		return 0;
	r = read_guard(m, profiles, mode);
	return r < 0 ? r : read_aliases(m, t, profiles, mode);
}

static int read_guards(struct sbx_mounts *m)
{
	struct sbx_mount_table t;
	char *text;
	size_t len;
	int r = sbx_read_path(m->arena, AT_FDCWD, "/proc/self/mountinfo", (size_t)1 << 26, &text, &len);

	if (r == 0)
		r = sbx_mountinfo_parse(m->arena, text, len, &t);

	for (const char *const *p = m->plan->protect; *p && r == 0; p++) {
		const char *real = real_path(m->arena, *p);
		/* An /etc/sbx that only root can read would keep sbx from everyone else. */
		mode_t mode = (size_t)(p - m->plan->protect) < m->plan->n_protect_own ? 0700 : 0755;

		if (!real)
			return -errno;
		r = read_guard(m, real, mode);
		if (r == 0 && !sbx_streq(real, *p))
			r = read_guard(m, *p, mode);
		if (r == 0)
			r = read_aliases(m, &t, real, mode);
		if (r == 0)
			r = read_linked(m, &t, real, mode);
	}
	return r;
}

static int know_guards(struct sbx_mounts *m)
{
	int r = m->guards ? 0 : read_guards(m);

	if (r == 0)
		return 0;
	/* Half a list would be taken for the whole one by the next operation, after a `try`. */
	m->guards = NULL;
	m->n_guards = 0;
	m->root.why = "can't tell where sbx's own directories are";
	return r;
}

int sbx_protect_note(struct sbx_mounts *m, const struct sbx_op *op, int src_fd, int tree_fd, const struct stat *st)
{
	char link[64], src[PATH_MAX];
	ssize_t n;

	n = know_guards(m);
	if (n < 0)
		return (int)n;
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
		if (!same)
			continue;
		if (g->link) {
			m->root.why = sbx_strf(m->arena,
			    "'%s' is a symbolic link on the way to sbx's own files, which can't be "
			    "guarded in a writable bind; bind less, or make it a directory",
			    g->link);
			return -EACCES;
		}
		if (m->plan->userns_at) {
			m->root.why =
			    "the source holds sbx's own directories, which can't be guarded from a command that may "
			    "make user namespaces or has CAP_SYS_ADMIN";
			return -EACCES;
		}
		n = fcntl(tree_fd, F_DUPFD_CLOEXEC, 3);
		if (n < 0)
			return -errno;
		SBX_APPEND(m->arena, m->writable, m->n_writable) =
		    (struct sbx_writable){ .guard = g, .bind = m->n_binds, .fd = (int)n };
	}
	m->n_binds++;
	return 0;
}

/* Whether a directory is one of sbx's own or in one: by all that are above it, up to the root of the sandbox. */
static bool is_inside(const struct sbx_mounts *m, int dir_fd)
{
	_cleanup_close_ int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
	struct stat st, last = { 0 };

	/* What can't be told counts as inside. */
	for (;;) {
		int parent_fd;

		if (fd < 0 || fstat(fd, &st) < 0)
			return true;
		if (st.st_dev == last.st_dev && st.st_ino == last.st_ino)
			return false;
		for (size_t i = 0; i < m->n_guards; i++) {
			if (!*m->guards[i].rest && m->guards[i].dev == st.st_dev && m->guards[i].ino == st.st_ino)
				return true;
		}
		last = st;
		parent_fd = openat(fd, "..", O_PATH | O_CLOEXEC);
		if (parent_fd < 0)
			return true;
		(void)close(fd);
		fd = parent_fd;
	}
}

int sbx_protect_place(struct sbx_mounts *m, int dir_fd)
{
	int r = know_guards(m);

	if (r < 0)
		return r;
	if (!is_inside(m, dir_fd))
		return 0;
	m->root.why = "it is in a directory of sbx's own, which is not to be changed from a sandbox";
	return -EACCES;
}

int sbx_protect_cover(struct sbx_mounts *m, int dest_fd)
{
	struct statfs fs;

	if (!m->plan->userns_at || sbx_dest_is_own(&m->root, dest_fd))
		return 0;
	if (fstatfs(dest_fd, &fs) < 0)
		return -errno;
	if (fs.f_flags & ST_RDONLY || fs.f_type == PROC_SUPER_MAGIC || fs.f_type == DEVPTS_SUPER_MAGIC ||
	    fs.f_type == SYSFS_MAGIC)
		return 0;
	m->root.why = "the destination is in a writable bind, and a command that may make user namespaces, or has "
		      "CAP_SYS_ADMIN, could move it away from there";
	return -EACCES;
}

int sbx_protect_refuse(struct sbx_mounts *m, int src_fd)
{
	const struct sbx_op op = { .kind = SBX_OP_OVERLAY };
	size_t before = m->n_writable;
	struct stat st;
	int r = fstat(src_fd, &st) < 0 ? -errno : sbx_protect_note(m, &op, src_fd, src_fd, &st);

	if (r < 0 || m->n_writable == before)
		return r;
	m->root.why = "the directory holds sbx's own ones, which can't be guarded in an overlay";
	return -EACCES;
}

/* Mounts `path`, which is below the mount `mount_fd`, on itself, read-only if it is the last. 1 if something else is there. */
static int cover(struct sbx_mnt *api, int mount_fd, const char *host, const char *path, bool last)
{
	_cleanup_close_ int fd = sbx_dest_walk(mount_fd, path, SBX_DEST_REFUSE), tree_fd = -1;
	struct stat inside, outside;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &inside) < 0 || stat(host, &outside) < 0)
		return -errno;
	if (inside.st_dev != outside.st_dev || inside.st_ino != outside.st_ino)
		return 1;
	tree_fd = sbx_mnt_clone(api, fd, true);
	if (tree_fd < 0)
		return tree_fd;
	r = sbx_mnt_set(api, tree_fd, true, last ? MOUNT_ATTR_RDONLY : 0, MS_PRIVATE);
	return r < 0 ? r : sbx_mnt_attach(api, tree_fd, fd);
}

/* Whether the caller, and so the command, may make `host` one day: its directory is the caller's own. */
static bool could_make(struct sbx_mounts *m, const char *host)
{
	const char *dir = sbx_strndup(m->arena, host, (size_t)(strrchr(host, '/') - host));
	struct stat st;

	return stat(*dir ? dir : "/", &st) < 0 || st.st_uid == geteuid();
}

/* Guards share most of their way. A second mount of a directory would copy all that are below the first. */
static bool is_covered(const struct sbx_mounts *m, unsigned bind, const char *host, bool last)
{
	for (size_t i = 0; i < m->n_covered; i++) {
		if (m->covered[i].bind == bind && sbx_streq(m->covered[i].host, host) && (m->covered[i].last || !last))
			return true;
	}
	return false;
}

/* Makes what is missing of the guarded directory, then covers it from the outside in. */
static int protect_one(struct sbx_mounts *m, const struct sbx_writable *w)
{
	const char *path = w->guard->path, *rest = w->guard->rest;

	for (const char *end = rest; *end;) {
		const char *host;
		int r;

		end = strchrnul(end + 1, '/');
		host = sbx_strndup(m->arena, path, (size_t)(end - path));
		if (mkdir(host, w->guard->mode) < 0 && errno != EEXIST) {
			if ((errno == EACCES || errno == EROFS || errno == EPERM) && !could_make(m, host))
				return 0;
			m->root.why = "one of sbx's own directories can't be made to guard it";
			return -errno;
		}
		if (is_covered(m, w->bind, host, !*end))
			continue;
		r = cover(&m->api, w->fd, host, sbx_strndup(m->arena, rest, (size_t)(end - rest)), !*end);
		if (r != 0)
			return r < 0 ? r : 0;
		SBX_APPEND(m->arena, m->covered, m->n_covered) = (struct sbx_covered){ w->bind, host, !*end };
	}
	return 0;
}

int sbx_protect_all(struct sbx_mounts *m)
{
	for (size_t i = 0; i < m->n_writable; i++) {
		int r = protect_one(m, &m->writable[i]);

		if (r < 0)
			return r;
		sbx_close_p(&m->writable[i].fd);
	}
	return 0;
}
