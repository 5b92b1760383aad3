/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* idmap.c - see idmap.h. */
#include "run/idmap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/sys.h"

bool sbx_idmap_wanted(const struct sbx_plan *plan)
{
	for (size_t i = 0; i < plan->n_ops; i++) {
		if (plan->ops[i].flags & SBX_OP_IDMAP)
			return true;
	}
	return false;
}

int sbx_idmap_ask(int wire, int tree_fd)
{
	int result, r = sbx_send_fd(wire, "", 1, tree_fd);

	if (r < 0)
		return r;
	return recv(wire, &result, sizeof result, 0) == (ssize_t)sizeof result ? result : -EPIPE;
}

static int map_mount(int tree_fd, pid_t pid)
{
	char path[64];
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	_cleanup_close_ int userns_fd = -1;

	(void)snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
	userns_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (userns_fd < 0)
		return -errno;
	attr.userns_fd = (unsigned)userns_fd;
	return mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0 ? -errno : 0;
}

bool sbx_idmap_serve(int wire, pid_t pid)
{
	_cleanup_close_ int tree_fd = -1;
	ssize_t n = sbx_recv_fd(wire, &(char){ 0 }, 1, &tree_fd);
	int result;

	if (n <= 0 || tree_fd < 0)
		return n == -EAGAIN || n == -EINTR;
	result = map_mount(tree_fd, pid);
	(void)send(wire, &result, sizeof result, MSG_NOSIGNAL | MSG_DONTWAIT);
	return true;
}
