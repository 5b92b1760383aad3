/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fd.h - file descriptors: whole reads and writes, closing, repair of 0-2. */
#ifndef SBX_BASE_FD_H
#define SBX_BASE_FD_H

#include "base/base.h"
#include "base/mem.h"

/* Writes all of it, through EINTR and short writes. 0 or a negative errno. */
int sbx_write_all(int fd, const void *data, size_t len);

/* Reads up to `len` bytes until end of file. Returns the count or a negative errno. */
ssize_t sbx_read_all(int fd, void *data, size_t len);

/*
 * Reads a whole file of at most `max` bytes into the arena, with a NUL behind it. `fd` is not closed.
 * -EFBIG when there is more.
 */
_must_check_ int sbx_read_file(struct sbx_arena *a, int fd, size_t max, char **ret_data, size_t *ret_len);

/* The same by path, relative to the directory `dirfd`; for small files of the kernel and of the system. */
_must_check_ int sbx_read_path(
    struct sbx_arena *a, int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_len);

/* Opens /dev/null on each of 0, 1 and 2 that is closed, so that no later open() becomes someone's stdout. */
_must_check_ int sbx_repair_stdio(void);

/*
 * Closes every fd from `first` to `last`: by close_range(2) (Linux 5.9), else by the list in /proc/self/fd, else, where
 * /proc is not there, each number below the hard limit on open files. 0 or a negative errno.
 */
_must_check_ int sbx_close_range(unsigned first, unsigned last);

/* From `first` up, they are closed by the next execve(2). CLOSE_RANGE_CLOEXEC is of Linux 5.11. */
_must_check_ int sbx_cloexec_from(unsigned first);

/* Points `fd` (0, 1 or 2) to /dev/null. */
_must_check_ int sbx_null_fd(int fd);

/* Sends `len` bytes and a descriptor over a socket that keeps messages apart, unix(7). 0 or a negative errno. */
_must_check_ int sbx_send_fd(int socket, const void *data, size_t len, int fd);

/*
 * Receives a message of at most `len` bytes without waiting: its length, 0 at the end, or a negative errno. *ret_fd is
 * the descriptor that came with it, close-on-exec, or -1; of several the first, the others are dropped.
 */
_must_check_ ssize_t sbx_recv_fd(int socket, void *data, size_t len, int *ret_fd);

/* Moves `fd` to a number above 2 if need be (close-on-exec); the old number is closed. Returns the new fd. */
_must_check_ int sbx_fd_above_stdio(int fd);

#endif
