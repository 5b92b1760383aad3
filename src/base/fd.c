/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fd.c - see fd.h. */
#include "base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>

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

int sbx_close_range(unsigned first, unsigned last)
{
	return sys_close_range(first, last, 0) < 0 ? -errno : 0;
}

int sbx_cloexec_from(unsigned first)
{
	return sys_close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? -errno : 0;
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
