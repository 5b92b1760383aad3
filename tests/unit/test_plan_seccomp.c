/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which filters a plan has: the policy on its floor, the floor alone, programs of descriptors; and whose session it is. */
#include "unit/support.h"

#include "policy/load.h"

static struct sbx_host host;

static const struct sbx_plan *plan(const char *text, bool report, const char **ret_said)
{
	static const char policy[] = "sbx-policy 1\ndefault errno(EPERM)\nallow execve, exit_group, write, unshare\n";
	struct sbx_filters filters = { .report = report };
	struct sbx_diags d = t_diags(), quiet = t_diags();
	const struct sbx_plan *p = NULL;

	host = t_host();
	assert_int_equal(
	    sbx_policy_parse(&t_arena, &quiet, "/p/own.policy", policy, strlen(policy), &filters.policy), 0);
	if (sbx_plan_build(&t_arena, t_good_spec(&host, text), &filters, &host, &d, &p) < 0)
		fail_msg("%s", t_said(&d));
	*ret_said = t_said(&d);
	return p;
}

static void policies(void **state)
{
	const struct sbx_plan *p;
	const char *said;
	size_t n;

	(void)state;
	p = plan("", false, &said);
	assert_string_equal(said, "");
	assert_string_equal(p->seccomp.name, "default");
	assert_null(p->seccomp.at);
	assert_true(p->seccomp.floor);
	assert_false(p->seccomp.report);
	assert_int_equal(p->seccomp.reporting.n, 0);
	assert_false(p->new_session);
	n = p->seccomp.plain.n;
	assert_true(n > 0);
	p = plan("seccomp own\nreport-denials", false, &said);
	assert_string_equal(p->seccomp.name, "own");
	assert_non_null(p->seccomp.at);
	assert_true(p->seccomp.report && p->seccomp.report_at);
	assert_true(p->seccomp.reporting.n > 0);
	p = plan("", true, &said);
	assert_true(p->seccomp.report && !p->seccomp.report_at);
	p = plan("seccomp own\nno-seccomp-floor", false, &said);
	assert_non_null(strstr(said, "/p/t.profile:3:1: notice: no floor"));
	assert_true(p->seccomp.plain.n > 0 && !p->seccomp.floor);
	assert_true(p->new_session);
	p = plan("seccomp none", false, &said);
	assert_null(p->seccomp.name);
	assert_string_equal(p->seccomp.policy->name, "floor");
	assert_true(p->seccomp.plain.n > 0);
	assert_false(p->new_session);
	p = plan("seccomp none\nno-seccomp-floor", false, &said);
	assert_null(p->seccomp.policy);
	assert_int_equal(p->seccomp.plain.n, 0);
}

static void implied(void **state)
{
	static const char *const texts[] = { "enable-userns", "cap-add SYS_ADMIN", "cap-add ALL" };
	const char *said;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_string_equal(plan(texts[i], false, &said)->seccomp.name, "nested");
		assert_string_equal(said, "");
	}
	assert_non_null(plan("cap-add CHOWN", false, &said)->seccomp.name);
	assert_string_equal(said, "");
}

static void sessions(void **state)
{
	const char *said;

	(void)state;
	assert_true(plan("new-session", false, &said)->new_session);
	assert_true(plan("pty", false, &said)->new_session);
	assert_true(plan("as-pid-1", false, &said)->new_session);
	assert_false(plan("seccomp own", false, &said)->new_session);
}

static void words(void **state)
{
	struct sbx_diags d = t_diags();
	const struct sbx_spec *s;

	(void)state;
	host = t_host();
	s = t_cli_spec(&host, &d, "--no-profile", "--seccomp", "7", "true", NULL);
	assert_int_equal(sbx_spec_get(s, SBX_OPT_SECCOMP)->arg[0].seccomp.kind, SBX_SECCOMP_FD);
	assert_int_equal(sbx_spec_get(s, SBX_OPT_SECCOMP)->arg[0].seccomp.fd, 7);
	s = t_cli_spec(&host, &d, "--no-profile", "--seccomp", "./7", "true", NULL);
	assert_string_equal(sbx_spec_get(s, SBX_OPT_SECCOMP)->arg[0].text, "/home/alice/project/./7");
	assert_string_equal(t_said(&d), "");
	assert_null(t_spec(&host, &d, "seccomp 7"));
	assert_non_null(strstr(t_said(&d), "/p/t.profile:2:9: error: seccomp: NAME|PATH|FD|none '7': a profile can't know"));
	s = t_good_spec(&host, "seccomp ./x.policy");
	assert_string_equal(sbx_spec_get(s, SBX_OPT_SECCOMP)->arg[0].text, "/p/./x.policy");
	s = t_good_spec(&host, "seccomp /x.json\nseccomp none");
	assert_int_equal(s->n_items, 1);
	assert_int_equal(sbx_spec_get(s, SBX_OPT_SECCOMP)->arg[0].seccomp.kind, SBX_SECCOMP_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(policies), T(implied), T(sessions), T(words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
