/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fd.c - see fd.h. */
#include "base/fd.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/sys.h"

int sbx_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t sbx_read_all(int fd, void *data, size_t len)
{
	char *p = data;
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, p + done, len - done);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int sbx_read_file(struct sbx_arena *a, int fd, size_t max, char **ret_data, size_t *ret_len)
{
	size_t cap = 4096, len = 0;
	char *data;
	struct stat st;

	/* The size is a guess only: files of /proc say 0. */
	if (fstat(fd, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size <= max)
		cap = (size_t)st.st_size + 1;
	data = sbx_alloc(a, cap + 1);
	for (;;) {
		ssize_t n = sbx_read_all(fd, data + len, cap - len);

		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		if (len < cap)
			break;
		char *bigger = sbx_alloc(a, cap * 2 + 1);

		memcpy(bigger, data, len);
		data = bigger;
		cap *= 2;
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	return 0;
}

int sbx_read_path(struct sbx_arena *a, int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_len)
{
	_cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	return sbx_read_file(a, fd, max, ret_data, ret_len);
}

int sbx_repair_stdio(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free number is `fd`, since all below it are open. */
		if (open("/dev/null", O_RDWR | O_NOCTTY) != fd)
			return errno ? -errno : -EBADF;
	}
	return 0;
}

static void close_one(int fd)
{
	(void)close(fd);
}

static void cloexec_one(int fd)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

struct dirent64 {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

/* False if there is no list. The kernel keeps its place in the list by number, so closing while reading is no harm. */
static bool each_listed(unsigned first, unsigned last, void (*act)(int fd))
{
	_cleanup_close_ int dir_fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent64) char buf[4096];
	struct statfs fs;
	long n;

	if (dir_fd < 0 || fstatfs(dir_fd, &fs) < 0 || (unsigned long)fs.f_type != PROC_SUPER_MAGIC)
		return false;
	while ((n = syscall(SYS_getdents64, dir_fd, buf, sizeof buf)) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64 *e = (const struct dirent64 *)(const void *)(buf + at);
			int fd = e->name[0] == '.' ? -1 : atoi(e->name);

			if (fd >= 0 && (unsigned)fd >= first && (unsigned)fd <= last && fd != dir_fd)
				act(fd);
			at += e->reclen;
		}
	}
	return n == 0;
}

static int each(unsigned first, unsigned last, void (*act)(int fd))
{
	/* A limit may have been lowered below the numbers that are in use already. */
	rlim_t end = 4096;
	struct rlimit limit;

	if (each_listed(first, last, act))
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	if (limit.rlim_max > end)
		end = limit.rlim_max < INT_MAX ? limit.rlim_max : INT_MAX;
	for (unsigned fd = first; fd < end && fd <= last; fd++)
		act((int)fd);
	return 0;
}

int sbx_close_range(unsigned first, unsigned last)
{
	if (sys_close_range(first, last, 0) == 0)
		return 0;
	return errno == ENOSYS ? each(first, last, close_one) : -errno;
}

int sbx_cloexec_from(unsigned first)
{
	if (sys_close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	/* EINVAL: Linux 5.9 and 5.10 do not know the flag. */
	return errno == ENOSYS || errno == EINVAL ? each(first, ~0U, cloexec_one) : -errno;
}

int sbx_null_fd(int fd)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (null < 0 || dup2(null, fd) < 0)
		return -errno;
	return 0;
}

int sbx_fd_above_stdio(int fd)
{
	int moved;

	if (fd > 2)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (moved < 0)
		return -errno;
	(void)close(fd);
	return moved;
}

union fd_message {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int sbx_send_fd(int socket, const void *data, size_t len, int fd)
{
	union fd_message control = { 0 };
	struct iovec io = { .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	memcpy(&io.iov_base, &data, sizeof data); /* sendmsg(2) does not write through it */
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t sbx_recv_fd(int socket, void *data, size_t len, int *ret_fd)
{
	union fd_message control = { 0 };
	struct iovec io = { .iov_base = data, .iov_len = len };
	/* All of `control`, padded as it is, would hold a second descriptor; the kernel drops what has no room. */
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(int))
	};
	ssize_t n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);

	*ret_fd = -1;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(c), sizeof *ret_fd);
	return n < 0 ? -errno : n;
}
