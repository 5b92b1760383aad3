/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostics, origins and "did you mean". */
#include "unit/support.h"

static void origins(void **state)
{
	struct sbx_origin file = { .file = "/a/b.profile", .line = 3, .column = 7 };
	struct sbx_origin cli = { .line = 2, .column = 1 };

	(void)state;
	assert_string_equal(sbx_origin_str(&t_arena, &file), "/a/b.profile:3:7");
	assert_string_equal(sbx_origin_str(&t_arena, &cli), "<command-line>:2:1");
	assert_string_equal(sbx_origin_str(&t_arena, NULL), "<default>");
}

static void collecting(void **state)
{
	struct sbx_origin outer = { .file = "a", .line = 1, .column = 9 };
	struct sbx_origin inner = { .file = "b", .line = 2, .column = 1, .from = &outer };
	struct sbx_diags d = t_diags();

	(void)state;
	sbx_hint(&d, "nothing to add this to");
	assert_int_equal(sbx_error(&d, -ENOENT, &inner, "no %s", "x"), -ENOENT);
	sbx_hint(&d, "make %s", "it");
	sbx_warning(&d, NULL, "odd");
	sbx_notice(&d, &outer, "by the way");
	sbx_info(&d, NULL, "if you %s", "care");
	assert_string_equal(t_said(&d), "b:2:1: error: no x\n  hint: make it\n  from: a:1:9\n"
					"<default>: warning: odd\na:1:9: notice: by the way\n"
					"<default>: info: if you care\n");
	assert_int_equal(d.n, 4);
	assert_int_equal(d.n_errors, 1);
	assert_int_equal(d.n_warnings, 1);
	assert_int_equal(d.items[0].code, -ENOENT);
	assert_int_equal(d.items[1].code, 0);
}

/* What is wrong is still to be seen when a word is 1 MiB long. */
static void long_text(void **state)
{
	struct sbx_diags d = t_diags();
	char *word = sbx_alloc(&t_arena, 100001);

	(void)state;
	for (size_t i = 0; i < 100000; i += 2)
		memcpy(word + i, "\xc3\xa4", 3);
	(void)sbx_error(&d, -EINVAL, NULL, "bad word x%s: no such thing", word);
	assert_true(strlen(d.items[0].text) < 1200);
	assert_true(sbx_starts_with(d.items[0].text, "bad word x\xc3\xa4"));
	assert_non_null(strstr(d.items[0].text, "\xc3\xa4[\xe2\x80\xa6 99002 bytes \xe2\x80\xa6]\xc3\xa4"));
	assert_non_null(strstr(d.items[0].text, "\xc3\xa4: no such thing"));
	sbx_hint(&d, "not %s", word);
	assert_true(strlen(d.items[0].hint) < 1200);
}

static void at_most_twenty(void **state)
{
	struct sbx_diags d = t_diags();

	(void)state;
	for (int i = 0; i < 25; i++) {
		assert_int_equal(sbx_error(&d, -EINVAL, NULL, "error %d", i), -EINVAL);
		sbx_hint(&d, "hint %d", i);
	}
	assert_int_equal(d.n_errors, 25);
	assert_int_equal(d.n, SBX_DIAGS_MAX_ERRORS);
	assert_string_equal(d.items[19].text, "error 19");
	/* The hint of an error that was not kept must not stick to another one. */
	assert_string_equal(d.items[19].hint, "hint 19");
	/* Warnings are kept all the same. */
	sbx_warning(&d, NULL, "warning");
	assert_int_equal(d.n, SBX_DIAGS_MAX_ERRORS + 1);
	assert_string_equal(d.items[0].hint, "hint 0");
}

static const char *near(const char *word)
{
	static const char *const names[] = { "bind", "ro-bind", "tmpfs", "proc", "dev", "chdir", "clearenv", "setenv",
		"uid" };
	const char *n = sbx_nearest(word, names, ARRAY_LEN(names));

	return n ? n : "";
}

static void nearest(void **state)
{
	char longest[200];

	(void)state;
	assert_string_equal(near("bidn"), "bind");
	assert_string_equal(near("ro-bnd"), "ro-bind");
	assert_string_equal(near("robind"), "ro-bind");
	assert_string_equal(near("tmpf"), "tmpfs");
	assert_string_equal(near("setnev"), "setenv");
	assert_string_equal(near("bind"), "bind");
	assert_string_equal(near("xyzzy"), "");
	assert_string_equal(near("completely-different"), "");
	assert_string_equal(near(""), "");
	/* One letter of three in common is no likeness. */
	assert_string_equal(near("q"), "");
	assert_null(sbx_nearest("bind", NULL, 0));
	memset(longest, 'b', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_string_equal(near(longest), "");
	assert_string_equal(near("\xff\xfe"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(origins), T(collecting), T(at_most_twenty),
		T(long_text), T(nearest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
