/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mem.h - memory that lives as long as one start: an arena, growing arrays and strings in it.
 *
 * Everything a spec or a plan points to is in one arena, so there is one free and no ownership to track.
 * Running out of memory ends the program with status 125: nothing can be decided without memory, and no
 * sandbox has been entered where this is called.
 */
#ifndef SBX_BASE_MEM_H
#define SBX_BASE_MEM_H

#include <stdarg.h>

#include "base/base.h"

struct sbx_arena_block;
struct sbx_arena {
	struct sbx_arena_block *head;
	size_t used; /* bytes used in head */
};

/* Frees all that was allocated in `a`; `a` is empty and usable afterwards. */
void sbx_arena_free(struct sbx_arena *a);

/* Zeroed memory, aligned for any type. Never NULL. */
void *sbx_alloc(struct sbx_arena *a, size_t size) __attribute__((returns_nonnull, malloc));
#define SBX_NEW(arena, type) ((type *)sbx_alloc((arena), sizeof(type)))

/* Zeroed array of n members; an overflow of n * size ends the program like a lack of memory. */
void *sbx_alloc_array(struct sbx_arena *a, size_t n, size_t size) __attribute__((returns_nonnull));

char *sbx_strdup(struct sbx_arena *a, const char *s) __attribute__((returns_nonnull));
char *sbx_strndup(struct sbx_arena *a, const char *s, size_t n) __attribute__((returns_nonnull));
char *sbx_strf(struct sbx_arena *a, const char *fmt, ...) _printf_(2, 3) __attribute__((returns_nonnull));
char *sbx_vstrf(struct sbx_arena *a, const char *fmt, va_list ap) _printf_(2, 0) __attribute__((returns_nonnull));

/*
 * Makes room for one more member in an array that lives in the arena. `items` has `n` members of `size`
 * bytes; capacities are powers of two, so no capacity is stored. Returns the array, moved if it grew.
 */
void *sbx_grow(struct sbx_arena *a, void *items, size_t n, size_t size) __attribute__((returns_nonnull));
#define SBX_APPEND(arena, items, n)                                                 \
	(*({                                                                        \
		(items) = sbx_grow((arena), (void *)(items), (n), sizeof *(items)); \
		&(items)[(n)++];                                                    \
	}))

/* A byte string that grows; always NUL-terminated once something was added. */
struct sbx_buf {
	struct sbx_arena *arena;
	char *data; /* NULL while empty */
	size_t len, cap;
};
void sbx_buf_add(struct sbx_buf *b, const void *data, size_t len);
void sbx_buf_adds(struct sbx_buf *b, const char *s);
void sbx_buf_addc(struct sbx_buf *b, char c);
void sbx_buf_addf(struct sbx_buf *b, const char *fmt, ...) _printf_(2, 3);
const char *sbx_buf_str(const struct sbx_buf *b); /* "" while empty */

#endif
