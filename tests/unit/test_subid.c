/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* subuid(5), what getsubids(1) prints, and the `subid` line of nsswitch.conf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "host/host.h"

static struct sbx_arena arena;

static int forget(void **state)
{
	(void)state;
	sbx_arena_free(&arena);
	return 0;
}

/* The ranges as "START+COUNT …". */
static const char *show(const struct sbx_subid *items, size_t n)
{
	struct sbx_buf b = { .arena = &arena };

	for (size_t i = 0; i < n; i++)
		sbx_buf_addf(&b, "%s%u+%u", i ? " " : "", items[i].start, items[i].count);
	return sbx_buf_str(&b);
}

static const char *parse_len(const char *text, size_t len)
{
	struct sbx_subid *items;
	size_t n;

	assert_int_equal(sbx_subid_parse(&arena, text, len, "alice", 1000, &items, &n), 0);
	return show(items, n);
}

static const char *parse(const char *text)
{
	return parse_len(text, strlen(text));
}

static const char *listing(const char *text)
{
	struct sbx_subid *items;
	size_t n;

	assert_int_equal(sbx_subid_parse_listing(&arena, text, strlen(text), &items, &n), 0);
	return show(items, n);
}

static void owners(void **state)
{
	(void)state;
	assert_string_equal(parse(""), "");
	assert_string_equal(parse("alice:100000:65536\n"), "100000+65536");
	assert_string_equal(parse("alice:100000:65536"), "100000+65536");
	assert_string_equal(parse("1000:100000:65536\n"), "100000+65536");
	assert_string_equal(parse("bob:1:2\nalice:3:4\nalicex:5:6\nali:7:8\n1000:9:10\n10000:11:12\n"), "3+4 9+10");
	assert_string_equal(parse("Alice:100000:65536\n alice:1:1\nalice :1:1\n:1:1\n"), "");
}

static void user_without_name(void **state)
{
	static const char text[] = ":5:5\nalice:1:2\n1000:3:4\n";
	struct sbx_subid *items;
	size_t n;

	(void)state;
	assert_int_equal(sbx_subid_parse(&arena, text, sizeof text - 1, NULL, 1000, &items, &n), 0);
	assert_string_equal(show(items, n), "3+4");
	assert_int_equal(sbx_subid_parse(&arena, text, sizeof text - 1, "", 1001, &items, &n), 0);
	assert_string_equal(show(items, n), "");
	assert_int_equal(sbx_subid_parse(&arena, NULL, 0, "alice", 1000, &items, &n), 0);
	assert_string_equal(show(items, n), "");
}

static void bad_lines(void **state)
{
	static const char *const bad[] = {
		"alice", "alice:", "alice:1", "alice:1:", "alice::1", "alice:1:1:", "alice:1:1:1", "alice:-1:1",
		"alice:+1:1", "alice: 1:1", "alice:1:1 ", "alice:1:1\r", "alice:0x10:1", "alice:1:0", "alice:1:1e3",
		/* Octal to newuidmap: it would not mean the same. */
		"alice:0100000:65536", "alice:100000:010", "#alice:1:1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *text = sbx_strf(&arena, "%s\nalice:100000:65536\n", bad[i]);

		if (strcmp(parse(text), "100000+65536") != 0)
			fail_msg("'%s' gives %s", bad[i], parse(text));
	}
	assert_string_equal(parse_len("alice:1\0:1\nalice:2:2\n", 21), "2+2");
}

static void ends_of_the_number_space(void **state)
{
	(void)state;
	assert_string_equal(parse("alice:0:4294967295\n"), "0+4294967295");
	assert_string_equal(parse("alice:4294967294:1\n"), "4294967294+1");
	/* 4294967295 is no id, so no range may hold it. */
	assert_string_equal(parse("alice:4294967295:1\nalice:4294967294:2\nalice:1:4294967295\n"), "");
	assert_string_equal(parse("alice:0:4294967296\nalice:4294967296:1\nalice:99999999999999999999:1\n"), "");
}

static void many_ranges(void **state)
{
	struct sbx_buf b = { .arena = &arena };
	struct sbx_subid *items;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		sbx_buf_addf(&b, "alice:%u:10\nbob:%u:10\n", 100000 + i * 10, 500000 + i * 10);
	assert_int_equal(sbx_subid_parse(&arena, b.data, b.len, "alice", 1000, &items, &n), 0);
	assert_int_equal(n, 1000);
	assert_int_equal(items[999].start, 109990);
}

static void listings(void **state)
{
	(void)state;
	assert_string_equal(listing("0: alice 231072 65536\n"), "231072+65536");
	assert_string_equal(listing("0: alice 231072 65536\n1: alice 400000 10\n"), "231072+65536 400000+10");
	assert_string_equal(listing(""), "");
	assert_string_equal(listing("Error fetching ranges\n0 alice 1 1\n: alice 1 1\n0:  1 1\n0: alice 1\n"
				    "0: alice 1 1 1\n0: alice -1 1\n0: alice 4294967295 1\n"),
			    "");
}

static const char *source(const char *text)
{
	return sbx_subid_source(&arena, text, strlen(text));
}

static void sources(void **state)
{
	(void)state;
	assert_string_equal(source(""), "files");
	assert_string_equal(source("passwd: files sss\n"), "files");
	assert_string_equal(source("passwd: files\nsubid: sss\n"), "sss");
	assert_string_equal(source("SUBID:\t sss files"), "sss");
	assert_string_equal(source("subid: files sss\n"), "files");
	assert_string_equal(source("#subid: sss\n subid: sss\n"), "files");
	assert_string_equal(source("subid:\nsubid: sss\n"), "sss");
	assert_string_equal(source("subid:sss#comment\n"), "sss");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(owners, forget),
		cmocka_unit_test_teardown(user_without_name, forget),
		cmocka_unit_test_teardown(bad_lines, forget),
		cmocka_unit_test_teardown(ends_of_the_number_space, forget),
		cmocka_unit_test_teardown(many_ranges, forget),
		cmocka_unit_test_teardown(listings, forget),
		cmocka_unit_test_teardown(sources, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
