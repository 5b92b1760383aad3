/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nested.h - a second user namespace for a command that gets CAP_SYS_ADMIN or CAP_SYS_RESOURCE. With the first over the
 * namespace that made the mounts it could undo every read-only mount, every hide and the guard of sbx's own
 * directories. In a mount namespace of a nested user namespace they are locked (mount_namespaces(7)).
 * Its network, IPC and UTS namespaces are made there too, so that its capabilities count in them.
 */
#ifndef SBX_RUN_NESTED_H
#define SBX_RUN_NESTED_H

#include "plan/plan.h"

struct sbx_nested {
	int command_fd, init_fd; /* SOCK_SEQPACKET pair */
	int proc_fd; /* /proc of the host: the sandbox may have none */
};

/* Before the fork: the wires. */
_must_check_ int sbx_nested_prepare(struct sbx_nested *n);

/* In the command: enters new namespaces and waits for init to map its ids. 0 or a negative errno. */
_must_check_ int sbx_nested_enter(struct sbx_nested *n, const struct sbx_plan *plan);

/* In init, while it still has its capabilities: writes the command's maps, each id to itself. */
void sbx_nested_map(struct sbx_nested *n, const struct sbx_plan *plan);

#endif
