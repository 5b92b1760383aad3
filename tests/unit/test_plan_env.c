/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command's environment. */
#include "unit/support.h"

static struct sbx_host host;

static int setup(void **state)
{
	static char *env[] = { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL };
	static const char *const vars[] = { "A=1", "B=x=y", "EMPTY=", "NOEQUALS", "=nothing", "A=2", "SP ACE=s" };

	(void)state;
	host = t_host();
	for (size_t i = 0; i < ARRAY_LEN(vars); i++)
		env[i] = sbx_strdup(&t_arena, vars[i]);
	host.env = env;
	return 0;
}

/* "NAME=VALUE"… separated by blanks, '*' behind what a directive set. */
static const char *env(const char *text)
{
	const struct sbx_plan *p = t_good_plan(&host, text);
	struct sbx_buf b = { .arena = &t_arena };

	for (size_t i = 0; i < p->n_env; i++)
		sbx_buf_addf(&b, "%s%s=%s%s", i ? " " : "", p->env[i].name, p->env[i].value, p->env[i].at ? "*" : "");
	return sbx_buf_str(&b);
}

static void changes(void **state)
{
	(void)state;
	/* Of two with one name the last, as env(1) shows it; what is no variable is left behind. */
	assert_string_equal(env(""), "A=2 B=x=y EMPTY= SP ACE=s");
	assert_string_equal(env("clearenv"), "");
	assert_string_equal(env("clearenv\nsetenv Z 1\nsetenv Z 2"), "Z=2*");
	assert_string_equal(env("setenv Z 1\nclearenv\nsetenv Y ''"), "Y=*");
	assert_string_equal(env("unsetenv A\nunsetenv NOPE"), "B=x=y EMPTY= SP ACE=s");
	assert_string_equal(env("setenv A 3\nsetenv NEW a=b"), "A=3* B=x=y EMPTY= SP ACE=s NEW=a=b*");
	assert_string_equal(env("setenv A 3\nunsetenv A\nunsetenv B"), "EMPTY= SP ACE=s");
	assert_string_equal(env("unsetenv A\nsetenv A 4"), "B=x=y EMPTY= SP ACE=s A=4*");
	assert_string_equal(env("unsetenv 'SP ACE'\nclearenv\nunsetenv A"), "");
}

static void origins(void **state)
{
	const struct sbx_plan *p = t_good_plan(&host, "clearenv\nsetenv A 1\nsetenv B 2\nsetenv A 3");

	(void)state;
	assert_string_equal(sbx_origin_str(&t_arena, p->env[0].at), "/p/t.profile:5:1");
	assert_string_equal(sbx_origin_str(&t_arena, p->env[1].at), "/p/t.profile:4:1");
}

static void no_environment(void **state)
{
	static char *none[] = { NULL };

	(void)state;
	host.env = none;
	assert_string_equal(env(""), "");
	host.env = NULL;
	assert_string_equal(env("setenv A 1"), "A=1*");
	assert_string_equal(env("unsetenv A"), "");
}

static void many(void **state)
{
	struct sbx_buf b = { .arena = &t_arena };

	(void)state;
	sbx_buf_adds(&b, "clearenv\n");
	for (unsigned i = 0; i < 3000; i++)
		sbx_buf_addf(&b, "setenv V%u %u\n", i, i);
	for (unsigned i = 0; i < 3000; i += 2)
		sbx_buf_addf(&b, "unsetenv V%u\n", i);
	assert_int_equal(t_good_plan(&host, b.data)->n_env, 1500);
	assert_string_equal(t_good_plan(&host, b.data)->env[1499].value, "2999");
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(changes), S(origins), S(no_environment), S(many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
