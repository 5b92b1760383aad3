/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mnt_legacy.h - the calls of mnt.h by mount(2), for kernels before Linux 5.12 and for filters that hide the mount
 * API; what mnt.c turns to once struct sbx_mnt says `legacy`.
 *
 * A detached mount is one that lies in the bench: an unbindable tmpfs of this mount namespace on a directory that
 * nobody binds, which goes with the host's root. Its descriptor is opened when the mount is there, so it means the
 * mount's root, and still does when MS_MOVE has attached it. Paths are those of /proc/self/fd only: what a descriptor
 * means can't be changed by anyone else.
 *
 * Meanings and errors are mnt.h's; -EOPNOTSUPP is what mount(2) can't express.
 */
#ifndef SBX_RUN_MNT_LEGACY_H
#define SBX_RUN_MNT_LEGACY_H

#include "run/mnt.h"

/* Directories on every host that hold nothing anyone binds. The first is the new root's, the others are for tmpfs. */
extern const char *const sbx_mnt_places[4];

_must_check_ int sbx_mnt_legacy_clone(struct sbx_mnt *m, int fd, bool recursive);
_must_check_ int sbx_mnt_legacy_new(struct sbx_mnt *m, const char *type, const char *const *options, uint64_t attrs);
_must_check_ int sbx_mnt_legacy_set(struct sbx_mnt *m, int fd, bool recursive, uint64_t attrs, uint64_t propagation);
_must_check_ int sbx_mnt_legacy_attach(struct sbx_mnt *m, int mount_fd, int dest_fd);

#endif
