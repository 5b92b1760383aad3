/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mnt.h - mounts as file descriptors, in the calling process's own mount namespace: a mount is made detached,
 * gets its attributes, and is then attached where another descriptor points; no path is looked up twice.
 * open_tree(2), mount_setattr(2), move_mount(2), fsopen(2), fsmount(2): Linux 5.12. The first of them that answers
 * ENOSYS makes all go by mount(2) from then on, with the same results: mnt_legacy.h. No call is made to find out.
 *
 * All return 0 or an fd that the caller owns, or a negative errno.
 */
#ifndef SBX_RUN_MNT_H
#define SBX_RUN_MNT_H

#include "base/base.h"

struct sbx_mnt {
	int workshop_fd; /* root of the workshop, -1 until it is asked for */
	bool legacy; /* by mount(2) */
	int bench_fd; /* where detached mounts lie then, -1 until there is one */
	unsigned n_bench; /* names used there */
	const char **why; /* gets a constant sentence about an error that errno says too little about */
};

/* Mount attributes that every mount of the sandbox has. */
#define SBX_MNT_ALWAYS ((uint64_t)MOUNT_ATTR_NOSUID)

/*
 * A detached copy of the mount at `fd` (any O_PATH descriptor), with all mounts below it if `recursive`. This is the
 * one call that may find out late that all has to go by mount(2): attach what sbx_mnt_new() has made before it.
 */
_must_check_ int sbx_mnt_clone(struct sbx_mnt *m, int fd, bool recursive);

/*
 * A detached mount of a new filesystem. `options` are key, value, … NULL, or NULL; a flag's
 * value is NULL. `attrs` are MOUNT_ATTR_….
 */
_must_check_ int sbx_mnt_new(struct sbx_mnt *m, const char *type, const char *const *options, uint64_t attrs);

/*
 * Adds MOUNT_ATTR_… to the mount `fd`, and below it; `propagation` is MS_PRIVATE, MS_UNBINDABLE or 0. -EINVAL if `fd`
 * is not the root of a mount. -ENOSYS is for the caller, who makes the mount again once `legacy` is set: a detached
 * one can't be changed otherwise.
 */
_must_check_ int sbx_mnt_set(struct sbx_mnt *m, int fd, bool recursive, uint64_t attrs, uint64_t propagation);

/* Attaches a detached mount on `dest_fd`; -ENOSYS as above. */
_must_check_ int sbx_mnt_attach(struct sbx_mnt *m, int mount_fd, int dest_fd);

/*
 * The root of a tmpfs that is attached outside of the new root and goes with the host's: a place for files that
 * only their mounts show. Not the caller's to close.
 */
_must_check_ int sbx_mnt_workshop(struct sbx_mnt *m);

/*
 * Attaches the new root until pivot_root(2): to a directory that is on every host, holds nothing that anyone
 * binds and is on no symbolic link's way. Not to / itself: "../run" in a link would lead into it.
 */
_must_check_ int sbx_mnt_stage(struct sbx_mnt *m, int mount_fd);

/*
 * The id of the mount that `fd` is on, as in mountinfo: by statx(2) of Linux 5.8, else from /proc/self/fdinfo. Or a
 * negative errno.
 */
_must_check_ int sbx_mnt_id(int fd);

#endif
