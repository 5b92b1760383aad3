/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mem.c - the arena and what grows in it; see mem.h. */
#include "base/mem.h"

#include <stdio.h>
#include <sys/mman.h>

#define BLOCK_SIZE ((size_t)32 * 1024)
#define ALIGNMENT ((size_t)16)

struct sbx_arena_block {
	struct sbx_arena_block *next;
	size_t size;
	_Alignas(16) unsigned char data[];
};

static _noreturn_ void out_of_memory(void)
{
	static const char text[] = "sbx: error: out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(SBX_EXIT_FAILURE);
}

/* Zeroed. A sanitizer must see the ends of a block; otherwise the kernel maps it whole, sparing a fault for each page. */
static void *get_block(size_t size)
{
#ifdef SBX_INSTRUMENTED
	return calloc(1, size);
#else
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
#endif
}

static void put_block(struct sbx_arena_block *b)
{
#ifdef SBX_INSTRUMENTED
	free(b);
#else
	(void)munmap(b, sizeof *b + b->size);
#endif
}

void sbx_arena_free(struct sbx_arena *a)
{
	struct sbx_arena_block *b = a->head;

	while (b) {
		struct sbx_arena_block *next = b->next;

		put_block(b);
		b = next;
	}
	*a = (struct sbx_arena){ 0 };
}

void *sbx_alloc(struct sbx_arena *a, size_t size)
{
	struct sbx_arena_block *b = a->head;
	void *p;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!b || b->size - a->used < size) {
		size_t want = size > BLOCK_SIZE - sizeof *b ? size : BLOCK_SIZE - sizeof *b;

		b = get_block(sizeof *b + want);
		if (!b)
			out_of_memory();
		b->size = want;
		b->next = a->head;
		a->head = b;
		a->used = 0;
	}
	p = b->data + a->used;
	a->used += size;
	return p;
}

void *sbx_alloc_array(struct sbx_arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		out_of_memory();
	return sbx_alloc(a, bytes);
}

char *sbx_strndup(struct sbx_arena *a, const char *s, size_t n)
{
	char *p = sbx_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *sbx_strdup(struct sbx_arena *a, const char *s)
{
	return sbx_strndup(a, s, strlen(s));
}

char *sbx_vstrf(struct sbx_arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		out_of_memory();
	p = sbx_alloc(a, (size_t)n + 1);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *sbx_strf(struct sbx_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = sbx_vstrf(a, fmt, ap);
	va_end(ap);
	return p;
}

void *sbx_grow(struct sbx_arena *a, void *items, size_t n, size_t size)
{
	void *bigger;

	if (items && (n < 2 || (n & (n - 1)) != 0))
		return items;
	bigger = sbx_alloc_array(a, n < 2 ? 2 : n * 2, size);
	if (n)
		memcpy(bigger, items, n * size);
	return bigger;
}

void sbx_buf_add(struct sbx_buf *b, const void *data, size_t len)
{
	size_t need = b->len + len + 1;

	if (need > b->cap) {
		size_t cap = b->cap ? b->cap : 32;
		char *p;

		while (cap < need)
			cap *= 2;
		p = sbx_alloc(b->arena, cap);
		if (b->len)
			memcpy(p, b->data, b->len);
		b->data = p;
		b->cap = cap;
	}
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void sbx_buf_adds(struct sbx_buf *b, const char *s)
{
	sbx_buf_add(b, s, strlen(s));
}

void sbx_buf_addc(struct sbx_buf *b, char c)
{
	sbx_buf_add(b, &c, 1);
}

void sbx_buf_addf(struct sbx_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sbx_buf_adds(b, sbx_vstrf(b->arena, fmt, ap));
	va_end(ap);
}

const char *sbx_buf_str(const struct sbx_buf *b)
{
	return b->data ? b->data : "";
}
