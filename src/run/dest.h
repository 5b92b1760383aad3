/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dest.h - destinations: paths of the sandbox, looked up in the new root while the host's root is still ours.
 *
 * Every look-up is openat2(2) with RESOLVE_IN_ROOT, so that symbolic links, relative and absolute, are
 * followed inside the new root and none leads to the host (CVE-2026-87766 of bubblewrap). Before Linux 5.6, or where
 * a filter hides the call, dest_walk.c does the same step by step.
 */
#ifndef SBX_RUN_DEST_H
#define SBX_RUN_DEST_H

#include <sys/stat.h>

#include "base/mem.h"

struct sbx_root {
	struct sbx_arena *arena;
	int fd; /* O_PATH or mount fd of the new root; moves when something is mounted on / */
	dev_t *own_devs; /* filesystems that sbx made: names may be created there without a trace on the host */
	size_t n_own_devs;
	int *own_mounts; /* ids of mounts that are sbx's own though their filesystem is the host's */
	size_t n_own_mounts;
	/* Asked before anything is created outside of own_devs and own_mounts: 0, or a negative errno with `why` set. */
	int (*may_create)(struct sbx_root *root, int parent_fd);
	const char *why; /* sentence about the last error, or NULL */
	const char *near; /* as it was spelled: the directory of ours that the last name was created in, or NULL */
	int near_fd;
	bool fresh; /* the last destination did not exist before */
};

/* Opens `path` in the new root as O_PATH, following links inside. fd or a negative errno. */
_must_check_ int sbx_dest_open(struct sbx_root *root, const char *path);

enum { SBX_DEST_MAX_LINKS = 40 }; /* on one way, like the kernel's MAXSYMLINKS */

enum sbx_dest_links {
	SBX_DEST_FOLLOW, /* symbolic links are followed inside, RESOLVE_IN_ROOT; magic ones of /proc are -ELOOP */
	SBX_DEST_REFUSE, /* any is -ELOOP, RESOLVE_NO_SYMLINKS */
};

/* Opens `path` below the directory `root_fd` as O_PATH; neither ".." nor a link leads out. fd or a negative errno. */
_must_check_ int sbx_dest_walk(int root_fd, const char *path, enum sbx_dest_links links);

enum sbx_dest_type { SBX_DEST_DIR, SBX_DEST_FILE };

struct sbx_dest_want {
	enum sbx_dest_type type;
	mode_t mode; /* of what is created */
	bool on_host; /* may create inside a host directory: only where the user asked for just that */
};

/*
 * Opens `path` as O_PATH and creates it and its parents if need be. A mount point is never created in a
 * host directory: it would stay there. fd or a negative errno.
 */
_must_check_ int sbx_dest_ensure(struct sbx_root *root, const char *path, const struct sbx_dest_want *want);

/*
 * To be called after a mount on what was there before (`fresh` is false): it may cover the directory that the next
 * name would be created in. A mount on a new name in that directory can't.
 */
void sbx_dest_forget(struct sbx_root *root);

/* Makes the symbolic link `path` to `target`; one with the same target is left alone. */
_must_check_ int sbx_dest_symlink(struct sbx_root *root, const char *target, const char *path);

/* Whether `fd` is on a filesystem or mount of sbx's own. */
bool sbx_dest_is_own(const struct sbx_root *root, int fd);

/* Remembers the filesystem behind `fd` as one of sbx's own. */
_must_check_ int sbx_dest_own(struct sbx_root *root, int fd);

/* The same for the one mount behind `fd`: a kept home. */
_must_check_ int sbx_dest_own_mount(struct sbx_root *root, int fd);

#endif
