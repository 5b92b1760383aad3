/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arena, growing arrays and byte strings. */
#include "unit/support.h"

#include <sys/wait.h>

static void blocks(void **state)
{
	(void)state;
	for (size_t size = 0; size < 100000; size = size * 3 / 2 + 1) {
		unsigned char *p = sbx_alloc(&t_arena, size), *q = sbx_alloc(&t_arena, size);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_true(p[i] == 0 && q[i] == 0);
		memset(p, 0xff, size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(q[i], 0);
	}
	sbx_arena_free(&t_arena);
	sbx_arena_free(&t_arena);
	/* Memory that is handed out again is zeroed again. */
	assert_int_equal(*(char *)sbx_alloc(&t_arena, 1), 0);
}

static void strings(void **state)
{
	char *s = sbx_strndup(&t_arena, "abcdef", 3);

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(sbx_strndup(&t_arena, "", 0), "");
	assert_string_equal(sbx_strdup(&t_arena, "\xff x"), "\xff x");
	assert_string_equal(sbx_strf(&t_arena, "%s-%05d", "a", 42), "a-00042");
	assert_int_equal(strlen(sbx_strf(&t_arena, "%100000d", 1)), 100000);
}

static void arrays(void **state)
{
	unsigned *items = NULL;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		SBX_APPEND(&t_arena, items, n) = i;
	assert_int_equal(n, 10000);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(items[i], i);
	/* Shrinking and growing again stays within what was allocated. */
	n = 8;
	for (unsigned i = 0; i < 100; i++)
		SBX_APPEND(&t_arena, items, n) = i;
	assert_int_equal(items[7], 7);
	assert_int_equal(items[107], 99);
	assert_non_null(sbx_alloc_array(&t_arena, 0, 8));
}

static void buffers(void **state)
{
	struct sbx_buf b = { .arena = &t_arena };

	(void)state;
	assert_string_equal(sbx_buf_str(&b), "");
	sbx_buf_adds(&b, "");
	assert_string_equal(sbx_buf_str(&b), "");
	sbx_buf_addc(&b, 'x');
	sbx_buf_add(&b, "y\0z", 3);
	sbx_buf_addf(&b, "%d", 7);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "xy\0z7", 6);
	for (unsigned i = 0; i < 100000; i++)
		sbx_buf_addc(&b, 'a');
	assert_int_equal(b.len, 100005);
	assert_int_equal(strlen(b.data + 4), 100001);
}

/* The exit status of a process that asks for too much. */
static int status_of(void (*run)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void too_large(void)
{
	(void)sbx_alloc(&t_arena, SIZE_MAX - 1);
}

static void overflow(void)
{
	(void)sbx_alloc_array(&t_arena, SIZE_MAX / 8 + 2, 8);
}

static void out_of_memory(void **state)
{
	(void)state;
	assert_int_equal(status_of(too_large), SBX_EXIT_FAILURE);
	assert_int_equal(status_of(overflow), SBX_EXIT_FAILURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(blocks), T(strings), T(arrays), T(buffers), T(out_of_memory) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
