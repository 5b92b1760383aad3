/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* idmap.c - see idmap.h. */
#include "run/idmap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/sys.h"

bool sbx_idmap_wanted(const struct sbx_plan *plan)
{
	for (size_t i = 0; i < plan->n_ops; i++) {
		if (plan->ops[i].flags & SBX_OP_IDMAP)
			return true;
	}
	return false;
}

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int sbx_idmap_ask(int wire, int tree_fd)
{
	union control control = { 0 };
	struct iovec io = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int result;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof tree_fd);
	memcpy(CMSG_DATA(c), &tree_fd, sizeof tree_fd);
	if (sendmsg(wire, &msg, MSG_NOSIGNAL) < 0)
		return -errno;
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
	union control control;
	struct iovec io = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	ssize_t n = recvmsg(wire, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	_cleanup_close_ int tree_fd = -1;
	int result;

	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof tree_fd))
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	memcpy(&tree_fd, CMSG_DATA(c), sizeof tree_fd);
	result = map_mount(tree_fd, pid);
	(void)send(wire, &result, sizeof result, MSG_NOSIGNAL | MSG_DONTWAIT);
	return true;
}
