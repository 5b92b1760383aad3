/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dest.c - see dest.h. */
#include "run/dest.h"

#include <fcntl.h>
#include <limits.h>

#include "run/mnt.h"

int sbx_dest_open(struct sbx_root *root, const char *path)
{
	return sbx_dest_walk(root->fd, path, SBX_DEST_FOLLOW);
}

int sbx_dest_own(struct sbx_root *root, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	SBX_APPEND(root->arena, root->own_devs, root->n_own_devs) = st.st_dev;
	return 0;
}

int sbx_dest_own_mount(struct sbx_root *root, int fd)
{
	int id = sbx_mnt_id(fd);

	if (id < 0)
		return id;
	SBX_APPEND(root->arena, root->own_mounts, root->n_own_mounts) = id;
	return 0;
}

static bool is_own_mount(const struct sbx_root *root, int fd)
{
	int id = root->n_own_mounts == 0 ? -1 : sbx_mnt_id(fd);

	if (id < 0)
		return false;
	for (size_t i = 0; i < root->n_own_mounts; i++) {
		if (root->own_mounts[i] == id)
			return true;
	}
	return false;
}

bool sbx_dest_is_own(const struct sbx_root *root, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = root->n_own_devs; i > 0; i--) {
		if (root->own_devs[i - 1] == st.st_dev)
			return true;
	}
	return is_own_mount(root, fd);
}

/* Splits "/a/b//c/" into "/a/b" and "c"; false if the last component names nothing that could be created. */
static bool split(struct sbx_arena *a, const char *path, const char **ret_parent, const char **ret_base)
{
	size_t end = strlen(path), start;

	/* "/a/." is "/a". */
	while (end > 0 && (path[end - 1] == '/' || (path[end - 1] == '.' && (end == 1 || path[end - 2] == '/'))))
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	*ret_base = sbx_strndup(a, path + start, end - start);
	*ret_parent = start > 0 ? sbx_strndup(a, path, start) : "/";
	return end > start && !sbx_streq(*ret_base, ".") && !sbx_streq(*ret_base, "..");
}

static int ensure(struct sbx_root *root, const char *path, const struct sbx_dest_want *want, unsigned links);

/* A link that leads nowhere: what it names is created instead, inside the root. */
static int ensure_link_target(struct sbx_root *root, int parent_fd, const char *parent, const char *base,
    const struct sbx_dest_want *want, unsigned links)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(parent_fd, base, target, sizeof target);

	if (n < 0)
		return -errno;
	if (n == 0 || (size_t)n >= sizeof target)
		return -ENAMETOOLONG;
	if (links >= SBX_DEST_MAX_LINKS)
		return -ELOOP;
	target[n] = '\0';
	return ensure(
	    root, target[0] == '/' ? target : sbx_strf(root->arena, "%s/%s", parent, target), want, links + 1);
}

/* On the host only what was asked for by just that, and never where sbx keeps its own. */
static int may_create(struct sbx_root *root, int parent_fd)
{
	return !root->may_create || sbx_dest_is_own(root, parent_fd) ? 0 : root->may_create(root, parent_fd);
}

static int create(struct sbx_root *root, int parent_fd, const char *base, const struct sbx_dest_want *want)
{
	int fd, r = want->on_host ? may_create(root, parent_fd) : 0;

	if (r < 0)
		return r;
	if (!want->on_host && !sbx_dest_is_own(root, parent_fd)) {
		root->why = "the mount point is missing, and creating it would leave it in the host's directory; "
			    "create it there first";
		return -ENOENT;
	}
	r = want->type == SBX_DEST_DIR ? mkdirat(parent_fd, base, want->mode)
				       : mknodat(parent_fd, base, S_IFREG | want->mode, 0);
	if (r < 0 && errno != EEXIST)
		return -errno;
	root->fresh = r == 0;
	fd = openat(parent_fd, base, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void sbx_dest_forget(struct sbx_root *root)
{
	root->near = NULL;
	sbx_close_p(&root->near_fd);
}

/* Most names are created beside the last one: one or two calls instead of seven. -1 if this one is not. */
static int create_near(struct sbx_root *root, const char *parent, const char *base, const struct sbx_dest_want *want)
{
	int fd;

	if (!root->near || !sbx_streq(root->near, parent))
		return -1;
	if (want->type == SBX_DEST_DIR && mkdirat(root->near_fd, base, want->mode) < 0)
		return -1;
	fd = openat(root->near_fd, base,
	    want->type == SBX_DEST_DIR ? O_PATH | O_NOFOLLOW | O_CLOEXEC : O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    want->mode);
	root->fresh = fd >= 0;
	return fd;
}

static int check_type(struct sbx_root *root, int fd, const struct sbx_dest_want *want)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (want->type == SBX_DEST_DIR && !S_ISDIR(st.st_mode)) {
		root->why = "the destination is no directory";
		return -ENOTDIR;
	}
	if (want->type == SBX_DEST_FILE && S_ISDIR(st.st_mode)) {
		root->why = "the destination is a directory";
		return -EISDIR;
	}
	return 0;
}

static int ensure(struct sbx_root *root, const char *path, const struct sbx_dest_want *want, unsigned links)
{
	/* Parents of a private place are private too, as in bubblewrap. */
	const struct sbx_dest_want want_parent = {
		.type = SBX_DEST_DIR,
		.mode = (mode_t)(0755 & ~((want->mode & 0070) ? 0U : 0070U) & ~((want->mode & 0007) ? 0U : 0007U)),
		.on_host = want->on_host,
	};
	_cleanup_close_ int fd = -1, parent_fd = -1;
	const char *parent, *base;
	bool named = strlen(path) < PATH_MAX && split(root->arena, path, &parent, &base);
	struct stat st;
	int r = named ? create_near(root, parent, base, want) : -1;

	if (r >= 0)
		return r;
	fd = sbx_dest_open(root, path);
	if (fd >= 0) {
		r = check_type(root, fd, want);
		return r < 0 ? r : TAKE_FD(fd);
	}
	if (fd != -ENOENT || !named)
		return fd;
	parent_fd = ensure(root, parent, &want_parent, links);
	if (parent_fd < 0)
		return parent_fd;
	if (fstatat(parent_fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return ensure_link_target(root, parent_fd, parent, base, want, links);
	r = create(root, parent_fd, base, want);
	if (r >= 0 && sbx_dest_is_own(root, parent_fd)) {
		sbx_dest_forget(root);
		root->near = parent;
		root->near_fd = TAKE_FD(parent_fd);
	}
	return r;
}

int sbx_dest_ensure(struct sbx_root *root, const char *path, const struct sbx_dest_want *want)
{
	root->why = NULL;
	root->fresh = false;
	return ensure(root, path, want, 0);
}

int sbx_dest_symlink(struct sbx_root *root, const char *target, const char *path)
{
	const struct sbx_dest_want want_parent = { .type = SBX_DEST_DIR, .mode = 0755 };
	_cleanup_close_ int parent_fd = -1;
	const char *parent, *base;
	char old[PATH_MAX];
	ssize_t n;
	int r;

	root->why = NULL;
	if (!split(root->arena, path, &parent, &base))
		return -EINVAL;
	if (root->near && sbx_streq(root->near, parent) && symlinkat(target, root->near_fd, base) == 0)
		return 0;
	parent_fd = ensure(root, parent, &want_parent, 0);
	if (parent_fd < 0)
		return parent_fd;
	r = may_create(root, parent_fd);
	if (r < 0)
		return r;
	if (symlinkat(target, parent_fd, base) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	n = readlinkat(parent_fd, base, old, sizeof old);
	if (n >= 0 && (size_t)n == strlen(target) && memcmp(old, target, (size_t)n) == 0)
		return 0;
	return -EEXIST;
}
