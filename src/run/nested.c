/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nested.c - see nested.h. */
#include "run/nested.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/fd.h"

int sbx_nested_prepare(struct sbx_nested *n)
{
	int fds[2];

	n->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->proc_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	n->command_fd = fds[0];
	n->init_fd = fds[1];
	return 0;
}

int sbx_nested_enter(struct sbx_nested *n, const struct sbx_plan *plan)
{
	char pid[32] = { 0 };
	int result;

	(void)close(n->init_fd);
	if (unshare((int)(CLONE_NEWUSER | CLONE_NEWNS | plan->late_namespaces)) < 0)
		return -errno;
	/* Our number as the host's /proc knows it. */
	if (readlinkat(n->proc_fd, "self", pid, sizeof pid - 1) < 0 ||
	    send(n->command_fd, pid, sizeof pid, MSG_NOSIGNAL) < 0)
		return -errno;
	if (recv(n->command_fd, &result, sizeof result, 0) != (ssize_t)sizeof result)
		return -EPIPE;
	(void)close(n->command_fd);
	(void)close(n->proc_fd);
	return result;
}

static int write_map(int proc_fd, const char *pid, const char *file, const struct sbx_id_map *map)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	struct sbx_buf text = { .arena = &a };
	_cleanup_close_ int fd = openat(proc_fd, sbx_strf(&a, "%s/%s", pid, file), O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < map->n; i++)
		sbx_buf_addf(&text, "%u %u %u\n", map->extents[i].inner, map->extents[i].inner, map->extents[i].count);
	return sbx_write_all(fd, text.data, text.len);
}

void sbx_nested_map(struct sbx_nested *n, const struct sbx_plan *plan)
{
	char pid[32];
	int result = -EPIPE;

	(void)close(n->command_fd);
	/* Nothing comes if the command failed before; it has said so itself. */
	if (recv(n->init_fd, pid, sizeof pid, 0) == (ssize_t)sizeof pid) {
		pid[sizeof pid - 1] = '\0';
		result = write_map(n->proc_fd, pid, "uid_map", &plan->uid_map);
		if (result == 0)
			result = write_map(n->proc_fd, pid, "gid_map", &plan->gid_map);
		(void)send(n->init_fd, &result, sizeof result, MSG_NOSIGNAL);
	}
	(void)close(n->init_fd);
	(void)close(n->proc_fd);
}
