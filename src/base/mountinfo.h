/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountinfo.h - /proc/PID/mountinfo as a table, proc_pid_mountinfo(5), and questions about the tree in it. Pure:
 * what is read and what is done about it is run/mnt_legacy.c's and run/protect.c's.
 */
#ifndef SBX_BASE_MOUNTINFO_H
#define SBX_BASE_MOUNTINFO_H

#include "base/mem.h"

struct sbx_mount {
	int id, parent;
	const char *dev; /* of the filesystem, "MAJOR:MINOR" */
	const char *root; /* what of the filesystem is mounted, unescaped; "" if that can't be told */
	const char *path; /* mount point as seen from the process's root, unescaped */
	unsigned long
	    flags; /* MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW and atime's, of the mount alone */
	bool unknown; /* it has an option besides that this parser doesn't know */
};

struct sbx_mount_table {
	struct sbx_mount *items; /* sorted by id */
	size_t n;
};

/*
 * Parses the whole text; strings of the table are in the arena. -EINVAL for what the kernel does not write: missing
 * fields, numbers with signs, other escapes than three octal digits, a relative path, an id twice, a half last line.
 */
_must_check_ int sbx_mountinfo_parse(struct sbx_arena *a, const char *text, size_t len, struct sbx_mount_table *ret);

/* The mount with that id, or NULL. */
const struct sbx_mount *sbx_mountinfo_find(const struct sbx_mount_table *t, int id);

/* Whether `mount` is the mount `top` or below it. */
bool sbx_mountinfo_is_below(const struct sbx_mount_table *t, const struct sbx_mount *mount, int top);

/* Whether another mount lies over `mount`, or over a directory on the way to it, so that its path leads elsewhere. */
bool sbx_mountinfo_is_covered(const struct sbx_mount_table *t, const struct sbx_mount *mount);

/* The value of the line "mnt_id:" in the text of /proc/PID/fdinfo/FD (Linux 3.15), or -EINVAL. */
_must_check_ int sbx_mountinfo_parse_fdinfo(const char *text);

#endif
