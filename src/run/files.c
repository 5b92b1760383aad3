/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files.c - files made of what a descriptor of the caller gives, and chmod; see mounts.h. */
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "run/mounts.h"

/* All that `from` gives until its end. */
static int copy(int from, int to)
{
	char buf[8192];

	for (;;) {
		ssize_t n = read(from, buf, sizeof buf);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = sbx_write_all(to, buf, (size_t)n);
		if (r < 0)
			return r;
	}
}

/* A file of sbx's own belongs to the command, which need not be the caller. */
static int give(const struct sbx_plan *plan, int fd)
{
	uid_t uid = plan->uid == plan->caller_uid ? (uid_t)-1 : plan->uid;
	gid_t gid = plan->gid == plan->caller_gid ? (gid_t)-1 : plan->gid;

	if (uid == (uid_t)-1 && gid == (gid_t)-1)
		return 0;
	return fchown(fd, uid, gid) < 0 ? -errno : 0;
}

static void remove_file(struct sbx_mounts *m, int fd)
{
	char path[PATH_MAX];
	ssize_t n = readlink(sbx_strf(m->arena, "/proc/self/fd/%d", fd), path, sizeof path - 1);

	if (n <= 0)
		return;
	path[n] = '\0';
	(void)unlink(path);
}

/* Where bubblewrap truncates a file of the host, this refuses: nothing of the user's is lost. */
int sbx_files_file(struct sbx_mounts *m, const struct sbx_op *op)
{
	const struct sbx_dest_want want = { .type = SBX_DEST_FILE, .mode = op->mode, .on_host = true };
	_cleanup_close_ int fd = sbx_dest_ensure(&m->root, op->dest, &want), file_fd = -1;
	bool own = fd >= 0 && sbx_dest_is_own(&m->root, fd);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (!m->root.fresh && !own)) {
		m->root.why =
		    "it exists already and is not the sandbox's own; ro-bind-data covers it instead of overwriting it";
		return -EEXIST;
	}
	file_fd = open(sbx_strf(m->arena, "/proc/self/fd/%d", fd), O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (file_fd < 0)
		return -errno;
	r = own ? give(m->plan, file_fd) : 0;
	if (r == 0)
		r = copy(op->fd, file_fd);
	/* Last: to be written or given away costs a file its setuid and setgid bits. */
	if (r == 0 && fchmod(file_fd, op->mode) < 0)
		r = -errno;
	/* No half of a file stays on the host when its disk is full. */
	if (r < 0 && m->root.fresh && !own)
		remove_file(m, fd);
	return r;
}

int sbx_files_data(struct sbx_mounts *m, const struct sbx_op *op)
{
	const struct sbx_dest_want want = { .type = SBX_DEST_FILE, .mode = 0444 };
	const char *name = sbx_strf(m->arena, "data%u", m->n_work++);
	int workshop = sbx_mnt_workshop(&m->api), r;
	_cleanup_close_ int file_fd = -1, path_fd = -1, tree_fd = -1, dest_fd = -1;
	uint64_t attrs = SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | sbx_mounts_attrs(op);

	if (workshop < 0)
		return workshop;
	file_fd = openat(workshop, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, op->mode);
	if (file_fd < 0)
		return -errno;
	r = copy(op->fd, file_fd);
	if (r == 0)
		r = give(m->plan, file_fd);
	if (r == 0 && fchmod(file_fd, op->mode) < 0)
		r = -errno;
	if (r < 0)
		return r;
	path_fd = openat(workshop, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (path_fd < 0)
		return -errno;
	tree_fd = sbx_mnt_clone(&m->api, path_fd, false);
	if (tree_fd < 0)
		return tree_fd;
	if (op->flags & SBX_OP_RO)
		attrs |= MOUNT_ATTR_RDONLY;
	r = sbx_mnt_set(&m->api, tree_fd, false, attrs, MS_PRIVATE);
	if (r < 0)
		return r;
	dest_fd = sbx_dest_ensure(&m->root, op->dest, &want);
	return dest_fd < 0 ? dest_fd : sbx_mounts_attach(m, tree_fd, dest_fd, op);
}

/* The directory that a file, or its own name, is in: by the path that the kernel has for it. */
static int open_parent(struct sbx_mounts *m, int fd)
{
	char path[PATH_MAX];
	ssize_t n = readlink(sbx_strf(m->arena, "/proc/self/fd/%d", fd), path, sizeof path - 1);
	int parent_fd;

	if (n <= 0)
		return n < 0 ? -errno : -ENOENT;
	path[n] = '\0';
	*(strrchr(path, '/') + 1) = '\0';
	parent_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return parent_fd < 0 ? -errno : parent_fd;
}

int sbx_files_chmod(struct sbx_mounts *m, const struct sbx_op *op)
{
	_cleanup_close_ int fd = sbx_dest_open(&m->root, op->dest), dir_fd = -1;
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!sbx_dest_is_own(&m->root, fd)) {
		dir_fd = S_ISDIR(st.st_mode) ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open_parent(m, fd);
		r = dir_fd < 0 ? dir_fd : sbx_protect_place(m, dir_fd);
		if (r < 0)
			return r;
	}
	/* The link leads to the file that was opened, with its mount's flags; proc(5). */
	return chmod(sbx_strf(m->arena, "/proc/self/fd/%d", fd), op->mode) < 0 ? -errno : 0;
}
