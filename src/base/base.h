/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base.h - attributes, cleanup helpers and small macros that every file uses.
 *
 * Ownership habits: fds are O_CLOEXEC at birth, `_cleanup_*` variables own what they hold and TAKE_FD()
 * or TAKE_PTR() hand it over; out-parameters are called ret_… and are untouched on failure.
 */
#ifndef SBX_BASE_BASE_H
#define SBX_BASE_BASE_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _must_check_ __attribute__((warn_unused_result))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _noreturn_ __attribute__((noreturn))
#define _cleanup_(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Hands an fd or a pointer to someone else and forgets it here. */
#define TAKE_FD(fd)              \
	({                       \
		int *_p = &(fd); \
		int _fd = *_p;   \
		*_p = -1;        \
		_fd;             \
	})
#define TAKE_PTR(ptr)                         \
	({                                    \
		__typeof__(ptr) *_p = &(ptr); \
		__typeof__(ptr) _v = *_p;     \
		*_p = NULL;                   \
		_v;                           \
	})

static inline void sbx_close_p(int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		(void)close(*fd);
		errno = saved;
		*fd = -1;
	}
}

static inline void sbx_free_p(void *p)
{
	void *v;

	memcpy(&v, p, sizeof v);
	free(v);
}

#define _cleanup_close_ _cleanup_(sbx_close_p)
#define _cleanup_free_ _cleanup_(sbx_free_p)

static inline bool sbx_streq(const char *a, const char *b)
{
	return *a == *b && strcmp(a, b) == 0;
}

static inline bool sbx_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Exit statuses of sbx that are not the command's own (env(1), timeout(1) and docker-run(1) use the same). */
enum {
	SBX_EXIT_TIMEOUT = 124, /* --timeout ended the command */
	SBX_EXIT_FAILURE = 125, /* sbx failed; nothing of the command ran */
	SBX_EXIT_CANNOT_EXEC = 126, /* command found but not executable */
	SBX_EXIT_NOT_FOUND = 127, /* command not found */
	SBX_EXIT_SIGNAL = 128, /* + N: killed by signal N */
};

#endif
