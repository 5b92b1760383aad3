/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mnt.c - see mnt.h. */
#include "run/mnt.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "base/sys.h"

int sbx_mnt_clone(struct sbx_mnt *m, int fd, bool recursive)
{
	int tree_fd = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U));

	(void)m;
	return tree_fd < 0 ? -errno : tree_fd;
}

int sbx_mnt_new(struct sbx_mnt *m, const char *type, const char *const *options, uint64_t attrs)
{
	_cleanup_close_ int fs_fd = fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	(void)m;
	if (fs_fd < 0)
		return -errno;
	for (; options && *options; options += 2) {
		if (fsconfig(fs_fd, options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[0], options[1], 0) < 0)
			return -errno;
	}
	if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, (unsigned)attrs);
	return fd < 0 ? -errno : fd;
}

int sbx_mnt_set(struct sbx_mnt *m, int fd, bool recursive, uint64_t attrs, uint64_t propagation)
{
	struct mount_attr attr = {
		.attr_set = attrs,
		/* Of the access-time flags one replaces another. */
		.attr_clr = attrs & (MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME) ? MOUNT_ATTR__ATIME : 0,
		.propagation = propagation,
	};

	(void)m;
	return mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U), &attr, sizeof attr) < 0 ? -errno : 0;
}

int sbx_mnt_attach(struct sbx_mnt *m, int mount_fd, int dest_fd)
{
	(void)m;
	if (move_mount(mount_fd, "", dest_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* Attaches to the first of these directories that is there, but not to the first `skip`. */
static int stage(struct sbx_mnt *m, int mount_fd, size_t skip)
{
	static const char *const places[] = { "/proc/fs", "/proc/tty", "/sys/kernel", "/proc/sys" };
	int r = -ENOENT;

	for (size_t i = skip; i < ARRAY_LEN(places); i++) {
		_cleanup_close_ int dir_fd = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

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

int sbx_mnt_workshop(struct sbx_mnt *m)
{
	static const char *const options[] = { "mode", "0700", NULL };
	_cleanup_close_ int fd = -1;
	int r;

	if (m->workshop_fd >= 0)
		return m->workshop_fd;
	fd = sbx_mnt_new(m, "tmpfs", options, SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV);
	if (fd < 0)
		return fd;
	r = stage(m, fd, 1);
	return r < 0 ? r : (m->workshop_fd = TAKE_FD(fd));
}
