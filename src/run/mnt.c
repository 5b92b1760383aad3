/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mnt.c - see mnt.h. */
#include "run/mnt.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mountinfo.h"
#include "base/sys.h"
#include "run/mnt_legacy.h"

const char *const sbx_mnt_places[4] = { "/proc/fs", "/proc/tty", "/sys/kernel", "/proc/sys" };

int sbx_mnt_clone(struct sbx_mnt *m, int fd, bool recursive)
{
	const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
	int tree_fd = m->legacy ? -1 : open_tree(fd, "", flags);

	if (tree_fd >= 0)
		return tree_fd;
	if (!m->legacy && errno != ENOSYS)
		return -errno;
	m->legacy = true;
	return sbx_mnt_legacy_clone(m, fd, recursive);
}

static int new_mount(const char *type, const char *const *options, uint64_t attrs)
{
	_cleanup_close_ int fs_fd = fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	if (fs_fd < 0)
		return -errno;
	for (; options && *options; options += 2) {
		if (fsconfig(fs_fd, options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[0], options[1], 0) <
		    0)
			return -errno;
	}
	if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, (unsigned)attrs);
	return fd < 0 ? -errno : fd;
}

int sbx_mnt_new(struct sbx_mnt *m, const char *type, const char *const *options, uint64_t attrs)
{
	int fd = m->legacy ? -ENOSYS : new_mount(type, options, attrs);

	if (fd != -ENOSYS)
		return fd;
	m->legacy = true;
	return sbx_mnt_legacy_new(m, type, options, attrs);
}

int sbx_mnt_set(struct sbx_mnt *m, int fd, bool recursive, uint64_t attrs, uint64_t propagation)
{
	struct mount_attr attr = {
		.attr_set = attrs,
		/* Of the access-time flags one replaces another. */
		.attr_clr = attrs & (MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME) ? MOUNT_ATTR__ATIME : 0,
		.propagation = propagation,
	};

	if (m->legacy)
		return sbx_mnt_legacy_set(m, fd, recursive, attrs, propagation);
	return mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U), &attr, sizeof attr) < 0 ? -errno
													      : 0;
}

int sbx_mnt_attach(struct sbx_mnt *m, int mount_fd, int dest_fd)
{
	if (m->legacy)
		return sbx_mnt_legacy_attach(m, mount_fd, dest_fd);
	if (move_mount(mount_fd, "", dest_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* Attaches to the first of these directories that is there, but not to the first `skip`. */
static int stage(struct sbx_mnt *m, int mount_fd, size_t skip)
{
	int r = -ENOENT;

	for (size_t i = skip; i < ARRAY_LEN(sbx_mnt_places); i++) {
		_cleanup_close_ int dir_fd = open(sbx_mnt_places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		r = dir_fd < 0 ? -errno : sbx_mnt_attach(m, mount_fd, dir_fd);
		if (r == 0 || (r != -ENOENT && r != -EACCES))
			break;
	}
	return r;
}

int sbx_mnt_stage(struct sbx_mnt *m, int mount_fd)
{
	return stage(m, mount_fd, 0);
}

/* Attaches a tmpfs that no recursive copy of the host's / contains, and another one in it, whose files can be mounted. */
static int make_workshop(struct sbx_mnt *m)
{
	static const char *const options[] = { "mode", "0700", NULL };
	_cleanup_close_ int outer_fd = sbx_mnt_new(m, "tmpfs", options, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV);
	_cleanup_close_ int place_fd = -1, fd = -1;
	int r = outer_fd < 0 ? outer_fd : sbx_mnt_set(m, outer_fd, false, 0, MS_UNBINDABLE);

	/* The bench is outside of the new root already. */
	if (r == 0 && !m->legacy)
		r = stage(m, outer_fd, 1);
	if (r < 0)
		return r;
	if (mkdirat(outer_fd, "workshop", 0700) < 0)
		return -errno;
	place_fd = openat(outer_fd, "workshop", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place_fd < 0)
		return -errno;
	fd = sbx_mnt_new(m, "tmpfs", options, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV);
	if (fd < 0)
		return fd;
	r = sbx_mnt_attach(m, fd, place_fd);
	return r < 0 ? r : TAKE_FD(fd);
}

int sbx_mnt_workshop(struct sbx_mnt *m)
{
	if (m->workshop_fd < 0) {
		int fd = make_workshop(m);

		if (fd < 0)
			return fd;
		m->workshop_fd = fd;
	}
	return m->workshop_fd;
}

int sbx_mnt_id(int fd)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	struct statx stx;
	char path[64], *text;
	size_t len;
	int r;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) == 0 && (stx.stx_mask & STATX_MNT_ID))
		return (int)stx.stx_mnt_id;
	(void)snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	r = sbx_read_path(&a, AT_FDCWD, path, 65536, &text, &len);
	return r < 0 ? r : sbx_mountinfo_parse_fdinfo(text);
}
