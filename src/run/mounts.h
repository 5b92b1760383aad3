/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounts.h - runs the plan's mount operations in the sandbox's own mount namespace, by file descriptor:
 * open_tree, mount_setattr, move_mount, fsopen (Linux 5.12), destinations by openat2. Each operation costs
 * the same however many came before it; where these calls are missing, see mnt_legacy.h and dest_walk.c.
 */
#ifndef SBX_RUN_MOUNTS_H
#define SBX_RUN_MOUNTS_H

#include "plan/plan.h"
#include "run/dest.h"
#include "run/mnt.h"

/*
 * One of sbx's own directories, seen from a directory above it or from itself. The inode tells that directory
 * from any other, by whatever path or mount a bind reaches it.
 */
struct sbx_guard {
	const char *path; /* real path of the guarded directory; it may not exist */
	const char *rest; /* what of it is below the directory with this inode; "" if that is the guarded one itself */
	mode_t mode; /* of what has to be made of it */
	const char *link; /* a symbolic link in this directory is on the way: such a guard can't hold; or NULL */
	dev_t dev;
	ino_t ino;
};

/* A writable bind from whose source a guarded directory is reached; SBX_OP_PROTECT covers it at the end. */
struct sbx_writable {
	const struct sbx_guard *guard;
	unsigned bind; /* which one: several guards may be reached from one */
	int fd; /* root of the attached mount */
};

/* A directory of the host that has a mount of its own in that bind already. */
struct sbx_covered {
	unsigned bind;
	const char *host;
	bool last; /* read-only */
};

struct sbx_mounts {
	struct sbx_mnt api;
	struct sbx_arena *arena;
	const struct sbx_plan *plan;
	struct sbx_root root;
	int idmap_fd; /* see idmap.h, or -1 */
	unsigned n_work; /* names used in the workshop */
	struct sbx_guard *guards; /* of plan->protect; read at the first writable bind */
	size_t n_guards;
	struct sbx_writable *writable;
	size_t n_writable;
	unsigned n_binds;
	struct sbx_covered *covered;
	size_t n_covered;
};

/* Attaches an empty tmpfs that becomes the new root. 0 or a negative errno. */
_must_check_ int sbx_mounts_begin(struct sbx_mounts *m, struct sbx_arena *a, const struct sbx_plan *plan);

/*
 * One operation. 0 if done, 1 if skipped by its -try word, or a negative errno; m->root.why may explain it.
 */
_must_check_ int sbx_mounts_do(struct sbx_mounts *m, const struct sbx_op *op);

/* Makes the new root the root and lets go of the host's. The working directory is / then. */
_must_check_ int sbx_mounts_enter(struct sbx_mounts *m);

/* The MOUNT_ATTR_… of an operation's modifiers. */
uint64_t sbx_mounts_attrs(const struct sbx_op *op);

/* Attaches a mount at op->dest; one on / becomes the root that later destinations are looked up in. */
_must_check_ int sbx_mounts_attach(struct sbx_mounts *m, int mount_fd, int dest_fd, const struct sbx_op *op);

/* files.c: the operations that make files of what a descriptor gives, and chmod. */
_must_check_ int sbx_files_file(struct sbx_mounts *m, const struct sbx_op *op);
_must_check_ int sbx_files_data(struct sbx_mounts *m, const struct sbx_op *op);
_must_check_ int sbx_files_chmod(struct sbx_mounts *m, const struct sbx_op *op);

/* overlay.c */
_must_check_ int sbx_overlay_mount(struct sbx_mounts *m, const struct sbx_op *op);

/* protect.c */
/* -EACCES if the directory is one of sbx's own or in one: nothing is created or changed there. */
_must_check_ int sbx_protect_place(struct sbx_mounts *m, int dir_fd);
/*
 * -EACCES if what is mounted on `dest_fd` would not stay there: its mount point can be renamed in a writable bind by
 * a command with a mount namespace of its own.
 */
_must_check_ int sbx_protect_cover(struct sbx_mounts *m, int dest_fd);
/* -EACCES if the directory holds, or is in, one of sbx's own: for what can't be guarded. */
_must_check_ int sbx_protect_refuse(struct sbx_mounts *m, int src_fd);

/* Remembers a writable bind if it needs guarding; -EACCES if it would open sbx's own directories. */
_must_check_ int sbx_protect_note(
    struct sbx_mounts *m, const struct sbx_op *op, int src_fd, int tree_fd, const struct stat *st);
/* Covers sbx's directories, existing or not, in every writable bind that was noted. */
_must_check_ int sbx_protect_all(struct sbx_mounts *m);

#endif
