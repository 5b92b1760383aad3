/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mounts.c - see mounts.h. */
#include "run/mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "run/idmap.h"
#include "run/report.h"

uint64_t sbx_mounts_attrs(const struct sbx_op *op)
{
	static const struct {
		enum sbx_attr attr;
		uint64_t flag;
	} table[] = {
		{ SBX_ATTR_NOEXEC, MOUNT_ATTR_NOEXEC },
		{ SBX_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW },
		{ SBX_ATTR_NOATIME, MOUNT_ATTR_NOATIME },
		{ SBX_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME },
	};
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (op->attrs & table[i].attr)
			flags |= table[i].flag;
	}
	return flags;
}

int sbx_mounts_attach(struct sbx_mounts *m, int mount_fd, int dest_fd, const struct sbx_op *op)
{
	bool root = op->dest[strspn(op->dest, "/")] == '\0';
	int r = root ? 0 : sbx_protect_cover(m, dest_fd);

	if (r == 0)
		r = sbx_mnt_attach(&m->api, mount_fd, dest_fd);

	if (r < 0 || !root)
		return r;
	r = fcntl(mount_fd, F_DUPFD_CLOEXEC, 3);
	if (r < 0)
		return -errno;
	(void)close(m->root.fd);
	m->root.fd = r;
	return 0;
}

/* An empty tmpfs, attached where it becomes the root. */
static int make_root(struct sbx_mounts *m)
{
	static const char *const options[] = { "mode", "0755", NULL };
	_cleanup_close_ int fd = sbx_mnt_new(&m->api, "tmpfs", options, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV);
	int r;

	if (fd < 0)
		return fd;
	/* Unbindable: a recursive copy of the host's / must not contain the half-built root. */
	r = sbx_mnt_set(&m->api, fd, false, 0, MS_UNBINDABLE);
	if (r == 0)
		r = sbx_mnt_stage(&m->api, fd);
	return r < 0 ? r : TAKE_FD(fd);
}

/* dest.h's question, asked with what the guards know. */
static int may_create(struct sbx_root *root, int parent_fd)
{
	struct sbx_mounts *m = (struct sbx_mounts *)(void *)((char *)root - offsetof(struct sbx_mounts, root));

	return sbx_protect_place(m, parent_fd);
}

int sbx_mounts_begin(struct sbx_mounts *m, struct sbx_arena *a, const struct sbx_plan *plan)
{
	int fd;

	*m = (struct sbx_mounts){
		.api = { .workshop_fd = -1, .bench_fd = -1, .why = &m->root.why },
		.idmap_fd = -1,
		.arena = a,
		.plan = plan,
		.root = { .arena = a, .fd = -1, .near_fd = -1, .may_create = may_create },
	};
	fd = make_root(m);
	/* These are all calls of the mount API but open_tree(2): what has made them once does so again. */
	if (fd == -ENOSYS && !m->api.legacy) {
		m->api.legacy = true;
		fd = make_root(m);
	}
	if (fd < 0)
		return fd;
	m->root.fd = fd;
	return sbx_dest_own(&m->root, m->root.fd);
}

/*
 * What a descriptor of the caller is open on, in our own mount namespace: the kernel clones no mount of another.
 * The inode tells whether its name still leads there (CVE-2024-42472); fd or a negative errno.
 */
static int open_same(struct sbx_mounts *m, int fd)
{
	const char *link = sbx_strf(m->arena, "/proc/self/fd/%d", fd);
	char path[PATH_MAX];
	ssize_t n = readlink(link, path, sizeof path - 1);
	_cleanup_close_ int src_fd = -1;
	struct stat wanted, st;

	if (n < 0 || fstat(fd, &wanted) < 0)
		return -errno;
	path[n] = '\0';
	if (path[0] != '/') {
		m->root.why = "the descriptor is open on no file or directory with a name";
		return -EINVAL;
	}
	src_fd = open(path, O_PATH | O_CLOEXEC);
	if (src_fd >= 0 && fstat(src_fd, &st) == 0 && st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino)
		return TAKE_FD(src_fd);
	m->root.why = sbx_strf(m->arena, "what the descriptor is open on is not, or no longer, at '%s'", path);
	return -ESTALE;
}

static int open_source(struct sbx_mounts *m, const struct sbx_op *op)
{
	int fd;

	if (op->flags & SBX_OP_FROM_FD)
		return open_same(m, op->fd);
	fd = open(op->src, O_PATH | O_CLOEXEC);
	if (fd < 0)
		m->root.why = sbx_at_source;
	return fd < 0 ? -errno : fd;
}

static int do_bind(struct sbx_mounts *m, const struct sbx_op *op)
{
	struct sbx_dest_want want = { .type = SBX_DEST_FILE, .mode = 0444 };
	_cleanup_close_ int src_fd = open_source(m, op), tree_fd = -1, dest_fd = -1;
	uint64_t attrs = SBX_MNT_ALWAYS | sbx_mounts_attrs(op);
	struct stat st;
	int r;

	if (src_fd < 0)
		return (op->flags & SBX_OP_TRY) && (src_fd == -ENOENT || src_fd == -ENOTDIR) ? 1 : src_fd;
	if (fstat(src_fd, &st) < 0)
		return -errno;
	/* The tree of the very inode that was opened: nothing can be swapped in between (CVE-2024-42472). */
	tree_fd = sbx_mnt_clone(&m->api, src_fd, true);
	if (tree_fd < 0)
		return tree_fd;
	if (!(op->flags & SBX_OP_DEV))
		attrs |= MOUNT_ATTR_NODEV;
	if (op->flags & SBX_OP_RO)
		attrs |= MOUNT_ATTR_RDONLY;
	if (!(op->flags & SBX_OP_RO) && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))) {
		r = sbx_protect_note(m, op, src_fd, tree_fd, &st);
		if (r < 0)
			return r;
	}
	/* Private: a mount made on the host later would arrive here without these attributes. */
	r = sbx_mnt_set(&m->api, tree_fd, true, attrs, MS_PRIVATE);
	if (r < 0)
		return r;
	if (op->flags & SBX_OP_IDMAP) {
		r = sbx_idmap_ask(m->idmap_fd, tree_fd);
		if (r == -EINVAL)
			m->root.why = "this filesystem, or one mounted below it, maps no owners";
		if (r < 0)
			return r;
	}
	if (S_ISDIR(st.st_mode))
		want = (struct sbx_dest_want){ .type = SBX_DEST_DIR, .mode = 0755 };
	dest_fd = sbx_dest_ensure(&m->root, op->dest, &want);
	if (dest_fd < 0)
		return dest_fd;
	if (op->flags & SBX_OP_OWN_HOME) {
		r = sbx_dest_own_mount(&m->root, tree_fd);
		if (r < 0)
			return r;
	}
	return sbx_mounts_attach(m, tree_fd, dest_fd, op);
}

static int mount_new(struct sbx_mounts *m, const struct sbx_op *op, const char *type, const char *const *options,
    uint64_t attrs, bool own)
{
	static const struct sbx_dest_want want = { .type = SBX_DEST_DIR, .mode = 0755 };
	_cleanup_close_ int fd = -1, dest_fd = sbx_dest_ensure(&m->root, op->dest, &want);
	int r;

	if (dest_fd < 0)
		return dest_fd;
	fd = sbx_mnt_new(&m->api, type, options, attrs);
	if (fd < 0)
		return fd;
	if (own) {
		r = sbx_dest_own(&m->root, fd);
		if (r < 0)
			return r;
	}
	return sbx_mounts_attach(m, fd, dest_fd, op);
}

static int do_tmpfs(struct sbx_mounts *m, const struct sbx_op *op)
{
	const struct sbx_plan *plan = m->plan;
	const char *options[9] = { "mode", sbx_strf(m->arena, "%o", op->mode) };
	size_t n = 2;

	if (op->size) {
		options[n++] = "size";
		options[n++] = sbx_strf(m->arena, "%llu", (unsigned long long)op->size);
	}
	/* Belongs to the command, which need not be the caller. */
	if (plan->uid != plan->caller_uid) {
		options[n++] = "uid";
		options[n++] = sbx_strf(m->arena, "%u", plan->uid);
	}
	if (plan->gid != plan->caller_gid) {
		options[n++] = "gid";
		options[n++] = sbx_strf(m->arena, "%u", plan->gid);
	}
	return mount_new(m, op, "tmpfs", options, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | sbx_mounts_attrs(op), true);
}

static int do_devpts(struct sbx_mounts *m, const struct sbx_op *op)
{
	static const char *const options[] = { "ptmxmode", "0666", "mode", "0620", NULL };

	return mount_new(m, op, "devpts", options, SBX_MNT_ALWAYS | MOUNT_ATTR_NOEXEC, false);
}

/* Makes a file or directory of the new root read-only where it is. 0 too if it does not exist. */
static int cover_read_only(struct sbx_mounts *m, const char *path)
{
	_cleanup_close_ int fd = sbx_dest_open(&m->root, path), tree_fd = -1;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	tree_fd = sbx_mnt_clone(&m->api, fd, false);
	if (tree_fd < 0)
		return tree_fd;
	r = sbx_mnt_set(
	    &m->api, tree_fd, false, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY, 0);
	return r < 0 ? r : sbx_mnt_attach(&m->api, tree_fd, fd);
}

/* What can't be told counts as writable. */
static bool may_write(int fd)
{
	char path[64];

	if (faccessat(fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0)
		return true;
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		return false;
	/* Without faccessat2(2) (Linux 5.8) the C library can't take an empty path, but has its own AT_EACCESS. */
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
		return true;
	return errno != EACCES && errno != EPERM && errno != EROFS;
}

/*
 * When real root starts sbx, what is root's in /proc could be written without any capability: /proc/sys asks for
 * the user id alone, and core_pattern there runs programs on the host. These parts become read-only then. For
 * anyone else nothing is covered, because a covered /proc keeps nested sandboxes from mounting their own.
 */
static int do_proc(struct sbx_mounts *m, const struct sbx_op *op)
{
	static const char *const beyond[] = { "sys", "sysrq-trigger", "irq", "bus", "fs", "scsi", "acpi", "asound",
		"driver", "dynamic_debug", "mtrr", "tty", "latency_stats", "timer_stats" };
	static const char *const probes[] = { "sys/kernel/core_pattern", "sys/kernel/panic", "sys/vm/swappiness",
		"sysrq-trigger" };
	bool writable = false;
	int r = op->src ? do_bind(m, op)
			: mount_new(m, op, "proc", NULL, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, false);

	for (size_t i = 0; i < ARRAY_LEN(probes) && r == 0 && !writable; i++) {
		_cleanup_close_ int fd = sbx_dest_open(&m->root, sbx_strf(m->arena, "%s/%s", op->dest, probes[i]));

		writable = fd >= 0 && may_write(fd);
	}
	for (size_t i = 0; i < ARRAY_LEN(beyond) && r == 0 && writable; i++)
		r = cover_read_only(m, sbx_strf(m->arena, "%s/%s", op->dest, beyond[i]));
	return r;
}

static int do_console(struct sbx_mounts *m, const struct sbx_op *op)
{
	struct sbx_op bind = *op;
	int r;

	bind.kind = SBX_OP_BIND;
	bind.flags |= SBX_OP_DEV | SBX_OP_TRY;
	r = do_bind(m, &bind);
	/* A terminal that went away meanwhile is no reason to fail. */
	return r == -ENXIO ? 1 : r;
}

static int do_dir(struct sbx_mounts *m, const struct sbx_op *op)
{
	const struct sbx_dest_want want = { .type = SBX_DEST_DIR, .mode = op->mode, .on_host = true };
	_cleanup_close_ int fd = sbx_dest_ensure(&m->root, op->dest, &want);

	return fd < 0 ? fd : 0;
}

static int do_remount_ro(struct sbx_mounts *m, const struct sbx_op *op)
{
	_cleanup_close_ int fd = sbx_dest_open(&m->root, op->dest);

	if (fd < 0)
		return fd;
	/* -EINVAL where no mount has its root: both mount_setattr(2) and mount(2) see to that. */
	return sbx_mnt_set(&m->api, fd, false, MOUNT_ATTR_RDONLY, 0);
}

/* A directory is covered by an empty one that nobody may enter, a file by a device that can't be opened. */
static int do_hide(struct sbx_mounts *m, const struct sbx_op *op)
{
	static const char *const options[] = { "mode", "0000", "nr_inodes", "1", "size", "4k", NULL };
	const uint64_t attrs = SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY;
	_cleanup_close_ int fd = sbx_dest_open(&m->root, op->dest), cover_fd = -1;
	struct stat st;
	int r;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return fd;
	r = sbx_protect_cover(m, fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		cover_fd = sbx_mnt_new(&m->api, "tmpfs", options, attrs);
		if (cover_fd < 0)
			return cover_fd;
	} else {
		_cleanup_close_ int null_fd = open("/dev/null", O_PATH | O_CLOEXEC);

		if (null_fd < 0)
			return -errno;
		cover_fd = sbx_mnt_clone(&m->api, null_fd, false);
		if (cover_fd < 0)
			return cover_fd;
		r = sbx_mnt_set(&m->api, cover_fd, false, attrs, MS_PRIVATE);
		if (r < 0)
			return r;
	}
	return sbx_mnt_attach(&m->api, cover_fd, fd);
}

static int do_op(struct sbx_mounts *m, const struct sbx_op *op)
{
	switch (op->kind) {
	case SBX_OP_BIND:
		return do_bind(m, op);
	case SBX_OP_TMPFS:
		return do_tmpfs(m, op);
	case SBX_OP_PROC:
		return do_proc(m, op);
	case SBX_OP_DEVPTS:
		return do_devpts(m, op);
	case SBX_OP_MQUEUE:
		return mount_new(m, op, "mqueue", NULL, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, false);
	case SBX_OP_OVERLAY:
		return sbx_overlay_mount(m, op);
	case SBX_OP_FILE:
		return sbx_files_file(m, op);
	case SBX_OP_DATA:
		return sbx_files_data(m, op);
	case SBX_OP_CHMOD:
		return sbx_files_chmod(m, op);
	case SBX_OP_CONSOLE:
		return do_console(m, op);
	case SBX_OP_DIR:
		return do_dir(m, op);
	case SBX_OP_SYMLINK:
		return sbx_dest_symlink(&m->root, op->src, op->dest);
	case SBX_OP_REMOUNT_RO:
		return do_remount_ro(m, op);
	case SBX_OP_HIDE:
		return do_hide(m, op);
	case SBX_OP_PROTECT:
		return sbx_protect_all(m);
	case SBX_OP_COUNT:
		break;
	}
	return -EINVAL;
}

int sbx_mounts_do(struct sbx_mounts *m, const struct sbx_op *op)
{
	int r;

	m->root.why = NULL;
	m->root.fresh = false;
	r = do_op(m, op);
	if (!m->root.fresh && op->kind != SBX_OP_SYMLINK && op->kind != SBX_OP_DIR)
		sbx_dest_forget(&m->root);
	return r;
}

int sbx_mounts_enter(struct sbx_mounts *m)
{
	int r;

	sbx_dest_forget(&m->root);
	/* Bindable again, so that a sandbox inside this one can copy its root. */
	r = sbx_mnt_set(&m->api, m->root.fd, true, 0, MS_PRIVATE);
	if (r < 0)
		return r;
	/* The old root ends up mounted over the new one, where it can be let go: pivot_root(2), NOTES. */
	if (fchdir(m->root.fd) < 0 || sys_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -errno;
	sbx_close_p(&m->root.fd);
	return 0;
}
