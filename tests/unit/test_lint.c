/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doubts about valid plans. */
#include "unit/support.h"

#include "plan/lint.h"

/* What is doubted, without the profile's path. */
static const char *lint(const char *text)
{
	struct sbx_host h = t_host();
	struct sbx_diags d = t_diags();

	sbx_lint_plan(t_good_plan(&h, text), &h, &d);
	assert_int_equal(d.n_errors, 0);
	assert_int_equal(d.n_warnings, d.n);
	return t_said(&d);
}

static void nothing_to_say(void **state)
{
	(void)state;
	assert_string_equal(lint(""), "");
	assert_string_equal(
	    lint("ro-bind /usr /usr\nproc /proc\ndev /dev\ntmpfs /tmp\nhome tmpfs\nbind ${PWD} ${PWD}"), "");
	assert_string_equal(lint("home persist:x"), "");
	/* A mount within a mount is what one wants. */
	assert_string_equal(lint("tmpfs /a\nro-bind /usr /a/usr\ntmpfs /ab"), "");
	assert_string_equal(lint("ro-bind / /\ntmpfs /tmp"), "");
}

static void missing_sources(void **state)
{
	(void)state;
	assert_string_equal(lint("ro-bind /nope /x"), "/p/t.profile:2:1: warning: '/nope' does not exist here\n"
						      "  hint: ro-bind-try skips a source that does not exist\n");
	assert_non_null(strstr(lint("bind /nope /x"), "hint: bind-try skips"));
	assert_non_null(strstr(lint("dev-bind /nope /x"), "hint: dev-bind-try skips"));
	assert_string_equal(lint("ro-bind-try /nope /x\ntry bind /nope /y\nbind-try /nope /z"), "");
}

static void writable_home(void **state)
{
	static const char want[] = "warning: the whole home directory is writable in the sandbox\n";

	(void)state;
	assert_non_null(strstr(lint("bind / /host"), want));
	assert_non_null(strstr(lint("bind /home/alice /home/alice"), want));
	assert_non_null(strstr(lint("home host"), want));
	assert_non_null(strstr(lint("try dev-bind / /"), want));
	assert_null(strstr(lint("ro-bind / /"), want));
	assert_null(strstr(lint("bind /home/alice/project /x"), want));
	assert_null(strstr(lint("bind-try /home/al /x"), want));
}

static void covered_mounts(void **state)
{
	(void)state;
	assert_string_equal(lint("tmpfs /a/b\ntmpfs /a"),
	    "/p/t.profile:3:1: warning: tmpfs covers what is mounted on '/a/b' (/p/t.profile:2:1)\n");
	assert_non_null(strstr(lint("ro-bind /usr /a\nbind /tmp /a"), "bind covers what is mounted on '/a'"));
	assert_non_null(strstr(lint("tmpfs /a\nro-bind / /"), "ro-bind covers what is mounted on '/a'"));
	assert_string_equal(lint("dir /a/b\nsymlink x /a/c\ntmpfs /a"), "");
	/* One warning a mount. */
	assert_int_equal(t_count(lint("tmpfs /a/1\ntmpfs /a/2\ntmpfs /a/3\ntmpfs /a"), "warning:"), 1);
}

/* A program's plan of very many mounts is not compared pair by pair. */
static void many(void **state)
{
	struct sbx_buf b = { .arena = &t_arena };

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		sbx_buf_addf(&b, "ro-bind /usr /m/%u\n", i);
	assert_string_equal(lint(b.data), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(nothing_to_say), T(missing_sources), T(writable_home), T(covered_mounts),
		T(many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
