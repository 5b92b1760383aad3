/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reaches the terminal: escapes, levels, gcc's form. */
#include "unit/support.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/log.h"

static void escaping(void **state)
{
	char all[256];
	const char *out;

	(void)state;
	assert_string_equal(sbx_escape(&t_arena, ""), "");
	assert_string_equal(
	    sbx_escape(&t_arena, "plain text \xc3\xa9 \xe2\x82\xac"), "plain text \xc3\xa9 \xe2\x82\xac");
	assert_string_equal(sbx_escape(&t_arena, "\x1b]0;owned\x07"), "\\x1b]0;owned\\x07");
	assert_string_equal(sbx_escape(&t_arena, "a\rb\nc\td\x7f"), "a\\x0db\\x0ac\\x09d\\x7f");
	/* C1 controls: U+009B is CSI, also as the two bytes of its UTF-8 form. */
	assert_string_equal(sbx_escape(&t_arena, "\xc2\x9bJ2"), "\\xc2\\x9bJ2");
	assert_string_equal(sbx_escape(&t_arena, "\xc2\xa0"), "\xc2\xa0");
	assert_string_equal(sbx_escape(&t_arena, "\x9bJ2\xff"), "\\x9bJ2\\xff");
	assert_string_equal(sbx_escape(&t_arena, "\xe2\x82"), "\\xe2\\x82");
	for (size_t i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	out = sbx_escape(&t_arena, all);
	for (const char *p = out; *p; p++)
		assert_true((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7f);
	assert_int_equal(sbx_utf8_span(out, strlen(out)), strlen(out));
}

/* What `run` writes to stderr. */
static const char *stderr_of(void (*run)(void))
{
	int saved = dup(STDERR_FILENO), fd = open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	char *text;
	size_t len;

	if (fd < 0) {
		FILE *f = tmpfile();

		assert_non_null(f);
		fd = dup(fileno(f));
		(void)fclose(f);
	}
	assert_true(saved >= 0 && fd >= 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	run();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	(void)close(saved);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(sbx_read_file(&t_arena, fd, 1 << 20, &text, &len), 0);
	(void)close(fd);
	return text;
}

static void say_all(void)
{
	sbx_log(SBX_LOG_ERROR, "one %d\n\x1b[2J", 1);
	sbx_log(SBX_LOG_WARNING, "two");
	sbx_log(SBX_LOG_NOTICE, "three");
	sbx_log(SBX_LOG_INFO, "four");
}

static void levels(void **state)
{
	(void)state;
	sbx_log_init("prog", SBX_LOG_NOTICE);
	assert_string_equal(
	    stderr_of(say_all), "prog: error: one 1\\x0a\\x1b[2J\nprog: warning: two\nprog: notice: three\n");
	sbx_log_set_level(SBX_LOG_WARNING);
	assert_string_equal(stderr_of(say_all), "prog: error: one 1\\x0a\\x1b[2J\nprog: warning: two\n");
	sbx_log_set_level(SBX_LOG_INFO);
	assert_int_equal(t_count(stderr_of(say_all), "\n"), 4);
}

static void say_diags(void)
{
	struct sbx_origin cli = { .line = 2, .column = 1 };
	struct sbx_origin outer = { .file = "/p/a\n.profile", .line = 1, .column = 9, .from = &cli };
	struct sbx_origin inner = { .file = "/p/b.profile", .line = 2, .column = 1, .from = &outer };
	struct sbx_diags d = t_diags();

	(void)sbx_error(&d, -EINVAL, &inner, "bad '%s'", "\x1b");
	sbx_hint(&d, "do better");
	sbx_notice(&d, NULL, "fine");
	sbx_info(&d, NULL, "details");
	sbx_log_diags(&d);
	for (int i = 0; i < 21; i++)
		(void)sbx_error(&d, -EINVAL, NULL, "again");
	sbx_log_diags(&d);
}

static void gcc_form(void **state)
{
	static const char once[] = "/p/b.profile:2:1: error: bad '\\x1b'\n"
				   "/p/b.profile:2:1: hint: do better\n"
				   "/p/a\\x0a.profile:1:9: note: included from here\n"
				   "<command-line>:2:1: note: included from here\n"
				   "prog: notice: fine\n";
	const char *out;

	(void)state;
	sbx_log_init("prog", SBX_LOG_NOTICE);
	out = stderr_of(say_diags);
	assert_memory_equal(out, once, strlen(once));
	assert_int_equal(t_count(out, "prog: error: again\n"), 19);
	assert_non_null(strstr(out, "prog: error: 2 more errors not shown\n"));
	/* Information is for --verbose, notices are not for --quiet. */
	assert_null(strstr(out, "details"));
	sbx_log_set_level(SBX_LOG_INFO);
	assert_int_equal(t_count(stderr_of(say_diags), "prog: info: details\n"), 2);
	sbx_log_set_level(SBX_LOG_WARNING);
	assert_int_equal(t_count(stderr_of(say_diags), "prog: notice: fine\n"), 0);
}

/* Levels as syslog(3) numbers them, at the beginning of each line. */
static void prefixes(void **state)
{
	(void)state;
	sbx_log_init("prog", SBX_LOG_INFO);
	sbx_log_set_level_prefix(true);
	assert_string_equal(stderr_of(say_all),
	    "<3>prog: error: one 1\\x0a\\x1b[2J\n<4>prog: warning: two\n<5>prog: notice: three\n<6>prog: info: four\n");
	assert_true(sbx_starts_with(
	    stderr_of(say_diags), "<3>/p/b.profile:2:1: error: bad '\\x1b'\n<3>/p/b.profile:2:1: hint: "));
	sbx_log_set_level_prefix(false);
	assert_true(sbx_starts_with(stderr_of(say_all), "prog: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(escaping), T(levels), T(gcc_form), T(prefixes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
