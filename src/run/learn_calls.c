/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn_calls.c - which arguments of which calls are paths; see learn.h. */
#include <fcntl.h>

#include "run/learn.h"

#define P(name, ...)                            \
	{                                       \
		SBX_SYSCALL_##name, __VA_ARGS__ \
	}

/* A call with two paths has two rows, one behind the other. */
static const struct sbx_path_arg table[] = {
	P(open, -1, 0, SBX_USE_OPEN, 1),
	P(openat, 0, 1, SBX_USE_OPEN, 2),
	P(openat2, 0, 1, SBX_USE_OPEN_HOW, 2),
	P(creat, -1, 0, SBX_USE_OPEN, -1),
	P(access, -1, 0, SBX_USE_LOOK, -1),
	P(faccessat, 0, 1, SBX_USE_LOOK, -1),
	P(faccessat2, 0, 1, SBX_USE_LOOK, 3),
	P(stat, -1, 0, SBX_USE_LOOK, -1),
	P(stat64, -1, 0, SBX_USE_LOOK, -1),
	P(lstat, -1, 0, SBX_USE_LINK, -1),
	P(lstat64, -1, 0, SBX_USE_LINK, -1),
	P(newfstatat, 0, 1, SBX_USE_LOOK, 3),
	P(fstatat64, 0, 1, SBX_USE_LOOK, 3),
	P(statx, 0, 1, SBX_USE_LOOK, 2),
	P(statfs, -1, 0, SBX_USE_LOOK, -1),
	P(statfs64, -1, 0, SBX_USE_LOOK, -1),
	P(readlink, -1, 0, SBX_USE_LINK, -1),
	P(readlinkat, 0, 1, SBX_USE_LINK, -1),
	P(getxattr, -1, 0, SBX_USE_LOOK, -1),
	P(lgetxattr, -1, 0, SBX_USE_LINK, -1),
	P(listxattr, -1, 0, SBX_USE_LOOK, -1),
	P(llistxattr, -1, 0, SBX_USE_LINK, -1),
	P(chdir, -1, 0, SBX_USE_LOOK, -1),
	P(chroot, -1, 0, SBX_USE_LOOK, -1),
	P(inotify_add_watch, -1, 1, SBX_USE_LOOK, -1),
	P(name_to_handle_at, 0, 1, SBX_USE_LOOK, -1),
	P(execve, -1, 0, SBX_USE_RUN, -1),
	P(execveat, 0, 1, SBX_USE_RUN, 4),
	P(truncate, -1, 0, SBX_USE_WRITE, -1),
	P(truncate64, -1, 0, SBX_USE_WRITE, -1),
	P(chmod, -1, 0, SBX_USE_WRITE, -1),
	P(fchmodat, 0, 1, SBX_USE_WRITE, -1),
	P(fchmodat2, 0, 1, SBX_USE_WRITE, 3),
	P(chown, -1, 0, SBX_USE_WRITE, -1),
	P(chown32, -1, 0, SBX_USE_WRITE, -1),
	P(lchown, -1, 0, SBX_USE_WRITE, -1),
	P(fchownat, 0, 1, SBX_USE_WRITE, 4),
	P(utime, -1, 0, SBX_USE_WRITE, -1),
	P(utimes, -1, 0, SBX_USE_WRITE, -1),
	P(futimesat, 0, 1, SBX_USE_WRITE, -1),
	P(utimensat, 0, 1, SBX_USE_WRITE, 3),
	P(utimensat_time64, 0, 1, SBX_USE_WRITE, 3),
	P(setxattr, -1, 0, SBX_USE_WRITE, -1),
	P(lsetxattr, -1, 0, SBX_USE_WRITE, -1),
	P(removexattr, -1, 0, SBX_USE_WRITE, -1),
	P(lremovexattr, -1, 0, SBX_USE_WRITE, -1),
	P(mkdir, -1, 0, SBX_USE_MAKE, -1),
	P(mkdirat, 0, 1, SBX_USE_MAKE, -1),
	P(mknod, -1, 0, SBX_USE_MAKE, -1),
	P(mknodat, 0, 1, SBX_USE_MAKE, -1),
	P(symlink, -1, 1, SBX_USE_MAKE, -1),
	P(symlinkat, 1, 2, SBX_USE_MAKE, -1),
	P(link, -1, 0, SBX_USE_LINK, -1),
	P(link, -1, 1, SBX_USE_MAKE, -1),
	P(linkat, 0, 1, SBX_USE_LINK, -1),
	P(linkat, 2, 3, SBX_USE_MAKE, -1),
	P(unlink, -1, 0, SBX_USE_REMOVE, -1),
	P(unlinkat, 0, 1, SBX_USE_REMOVE, -1),
	P(rmdir, -1, 0, SBX_USE_REMOVE, -1),
	P(rename, -1, 0, SBX_USE_REMOVE, -1),
	P(rename, -1, 1, SBX_USE_MAKE, -1),
	P(renameat, 0, 1, SBX_USE_REMOVE, -1),
	P(renameat, 2, 3, SBX_USE_MAKE, -1),
	P(renameat2, 0, 1, SBX_USE_REMOVE, -1),
	P(renameat2, 2, 3, SBX_USE_MAKE, -1),
};

const struct sbx_path_arg *sbx_learn_path_args(int id, size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].id != id)
			continue;
		while (i + n < ARRAY_LEN(table) && table[i + n].id == id)
			n++;
		*ret_n = n;
		return &table[i];
	}
	*ret_n = 0;
	return NULL;
}

unsigned sbx_learn_open_needs(uint64_t flags)
{
	unsigned needs = SBX_NEED_LOOK;

	if (flags & O_PATH)
		return needs;
	if ((flags & O_ACCMODE) != O_WRONLY)
		needs |= SBX_NEED_READ;
	/* Without a name in it, a file is made all the same. */
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return SBX_NEED_LOOK | SBX_NEED_CHANGE;
	if ((flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC)
		needs |= SBX_NEED_WRITE;
	if (flags & O_CREAT)
		needs |= SBX_NEED_MAKE;
	return needs;
}
