/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON writer; and the strict reader of the tests, which the other tests rely on. */
#include "unit/support.h"

#include "base/json.h"

static void reader(void **state)
{
	static const char *const good[] = { "{}", "[]", " [ ] ", "null", "true", "false", "0", "-0", "12.5e+3", "\"\"",
		"\"\\u00e9\\n\\\"\"", "{\"a\": [1, {\"b\": null}], \"c\": \"d\"}", "[1,2]\n" };
	static const char *const bad[] = { "", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "01", "+1", "1.",
		".5", "\"", "\"\\x\"", "\"\\u12\"", "\"\n\"", "nul", "nulll", "[]]", "{}{}", "'a'", "{\"a\":1,}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (t_bad_json(good[i]))
			fail_msg("'%s' is JSON", good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!t_bad_json(bad[i]))
			fail_msg("'%s' is not JSON", bad[i]);
	}
}

static void writer(void **state)
{
	struct sbx_buf b = { .arena = &t_arena };
	struct sbx_json j = { .out = &b };

	(void)state;
	sbx_json_open(&j, NULL, '{');
	sbx_json_str(&j, "text", "a");
	sbx_json_str(&j, "none", NULL);
	sbx_json_num(&j, "max", UINT64_MAX);
	sbx_json_int(&j, "min", INT64_MIN);
	sbx_json_bool(&j, "yes", true);
	sbx_json_open(&j, "empty", '[');
	sbx_json_close(&j, ']');
	sbx_json_open(&j, "list", '[');
	sbx_json_bool(&j, NULL, false);
	sbx_json_open(&j, NULL, '{');
	sbx_json_close(&j, '}');
	sbx_json_close(&j, ']');
	sbx_json_close(&j, '}');
	assert_null(t_bad_json(b.data));
	assert_string_equal(b.data, "{\n  \"text\": \"a\",\n  \"none\": null,\n  \"max\": 18446744073709551615,\n"
				    "  \"min\": -9223372036854775808,\n  \"yes\": true,\n  \"empty\": [],\n"
				    "  \"list\": [\n    false,\n    {}\n  ]\n}\n");
}

static const char *quoted(const char *s)
{
	struct sbx_buf b = { .arena = &t_arena };
	struct sbx_json j = { .out = &b };

	sbx_json_str(&j, NULL, s);
	assert_null(t_bad_json(sbx_buf_str(&b)));
	return sbx_buf_str(&b);
}

static void quoting(void **state)
{
	char all[256];

	(void)state;
	assert_string_equal(quoted(""), "\"\"");
	assert_string_equal(quoted("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
	assert_string_equal(quoted("\n\t\x01\x1f\x7f"), "\"\\u000a\\u0009\\u0001\\u001f\\u007f\"");
	assert_string_equal(
	    quoted("h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	assert_string_equal(quoted("\xc2\x9b\xc2\x80\xc2\xa0"), "\"\\u009b\\u0080\xc2\xa0\"");
	/* Bytes that are not UTF-8: surrogate escapes, so that no two names look the same. */
	assert_string_equal(quoted("a\xff\xc3"), "\"a\\udcff\\udcc3\"");
	assert_string_equal(quoted("\xed\xa0\x80"), "\"\\udced\\udca0\\udc80\"");
	assert_string_equal(quoted("\xe2\x82"), "\"\\udce2\\udc82\"");
	for (size_t i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	assert_int_equal(sbx_utf8_span(quoted(all), strlen(quoted(all))), strlen(quoted(all)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(reader), T(writer), T(quoting) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
