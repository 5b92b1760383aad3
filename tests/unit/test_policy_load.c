/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a policy: includes, drop-ins, masks, and which of their settings stand. */
#include "unit/support.h"

#include <sys/stat.h>

#include "policy/load.h"
#include "policy/show.h"

static char *top;
static struct sbx_host host;

static int setup(void **state)
{
	(void)state;
	top = t_mkdtemp();
	host = t_host();
	host.uid = getuid();
	host.gid = getgid();
	host.fake_paths = NULL;
	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++) {
		host.search_dirs[i] = sbx_strf(&t_arena, "%s/%zu", top, i);
		(void)mkdir(host.search_dirs[i], 0755);
	}
	return 0;
}

static int teardown(void **state)
{
	t_remove(top);
	return t_forget(state);
}

/* A file of the search path, behind its version. */
static void put(const char *name, const char *text)
{
	t_write(top, name, sbx_strf(&t_arena, "sbx-policy 1\n%s", text));
}

/* Messages without the test's own directory. */
static const char *plain(const char *text)
{
	struct sbx_buf b = { .arena = &t_arena };

	for (; *text; text++) {
		if (sbx_starts_with(text, top))
			text += strlen(top);
		sbx_buf_addc(&b, *text);
	}
	return sbx_buf_str(&b);
}

static const struct sbx_policy *load(const char *name)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;

	if (sbx_policy_load_shown(&host, &t_arena, &d, name, &p) < 0)
		fail_msg("%s: %s", name, t_said(&d));
	return p;
}

static const char *errors(const char *name)
{
	static const struct sbx_origin at = { .file = "asked", .line = 1, .column = 2 };
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p = NULL;

	if (sbx_policy_load(&host, &t_arena, &d, name, &at, 0, &p) == 0)
		return "none";
	assert_null(p);
	return plain(t_said(&d));
}

/* "ACTION FILE:LINE" of a call on x86-64. */
static const char *says(const char *name, uint32_t nr)
{
	const struct sbx_policy *p = load(name);
	uint64_t args[6] = { 0 };
	struct sbx_verdict v = sbx_policy_eval(p, 1, sbx_abi_info(SBX_ABI_X86_64)->audit_arch, nr, args);

	return v.at ? plain(sbx_strf(&t_arena, "%s %s:%u", sbx_action_str(&t_arena, v.action), v.at->file, v.at->line))
		    : sbx_action_str(&t_arena, v.action);
}
enum { READ = 0, WRITE = 1, GETPID = 39, NO_CALL = 700 };

static void includes(void **state)
{
	(void)state;
	put("3/seccomp-policies/sets.policy", "set @io = read write\n");
	put("3/seccomp-policies/base.policy", "include sets\nallow @io\n");
	put("1/seccomp-policies/mine.policy", "kill write\ninclude base\n\ntrap @io getpid\n");
	assert_string_equal(says("mine", WRITE), "kill /1/seccomp-policies/mine.policy:2");
	assert_string_equal(says("mine", READ), "allow /3/seccomp-policies/base.policy:3");
	assert_string_equal(says("mine", GETPID), "trap /1/seccomp-policies/mine.policy:5");
	assert_string_equal(load("mine")->name, "mine");
	assert_string_equal(plain(load("mine")->path), "/1/seccomp-policies/mine.policy");
	/* Relative to the file that includes, not to the caller. */
	put("1/x/a.policy", "include ./sub/b.inc\n");
	put("1/x/sub/b.inc", "include ../c.inc\n");
	put("1/x/c.inc", "log read\n");
	assert_string_equal(says(sbx_strf(&t_arena, "%s/1/x/a.policy", top), READ), "log /1/x/./sub/../c.inc:2");
	assert_int_equal(load(sbx_strf(&t_arena, "%s/1/x/a.policy", top))->n_statements, 6);
}

/* Two ways to one file: its sets and settings are said once, whoever says them. */
static void included_twice(void **state)
{
	struct sbx_shown *all;
	size_t n;

	(void)state;
	put("3/seccomp-policies/sets.policy", "set @io = read write\ndefault trap\nunknown kill\nbadarch trap\n");
	put("3/seccomp-policies/base.policy", "include sets\nallow @io\n");
	put("3/seccomp-policies/mine.policy", "include sets\ninclude sets\nkill @io -read\ninclude base\n");
	assert_string_equal(says("mine", WRITE), "kill /3/seccomp-policies/mine.policy:4");
	assert_string_equal(says("mine", READ), "allow /3/seccomp-policies/base.policy:3");
	assert_string_equal(says("mine", GETPID), "trap /3/seccomp-policies/sets.policy:3");
	all = sbx_policy_show(&t_arena, load("mine"), &n);
	assert_int_equal(n, 6);
	assert_string_equal(all[0].text, "set @io = read write");
	assert_string_equal(all[4].text, "kill @io -read");
	/* Another set of that name is a mistake. */
	put("3/seccomp-policies/other.policy", "set @io = read\ninclude sets\n");
	assert_string_equal(errors("other"),
	    "/3/seccomp-policies/sets.policy:2:5: error: set '@io' is there already (/3/seccomp-policies/other.policy:2:5)\n"
	    "  from: /3/seccomp-policies/other.policy:3:9\n  from: asked:1:2\n");
}

static void settings_by_rank(void **state)
{
	(void)state;
	put("3/seccomp-policies/far.policy", "default kill\nunknown kill\nbadarch trap\n");
	put("3/seccomp-policies/near.policy", "include far\ndefault log\n");
	put("3/seccomp-policies/mine.policy", "include near\nunknown trap\n");
	/* The nearer file's, in whatever order they are read */
	assert_string_equal(says("mine", GETPID), "log /3/seccomp-policies/near.policy:3");
	assert_string_equal(says("mine", NO_CALL), "trap /3/seccomp-policies/mine.policy:3");
	put("3/seccomp-policies/mine.policy", "unknown trap\ninclude near\n");
	assert_string_equal(says("mine", NO_CALL), "trap /3/seccomp-policies/mine.policy:2");
	/* Of two as near the first */
	put("3/seccomp-policies/two.policy", "default trap\n");
	put("3/seccomp-policies/mine.policy", "include near\ninclude two\n");
	assert_string_equal(says("mine", GETPID), "log /3/seccomp-policies/near.policy:3");
	put("3/seccomp-policies/mine.policy", "include two\ninclude near\n");
	assert_string_equal(says("mine", GETPID), "trap /3/seccomp-policies/two.policy:2");
	/* Only what stands is shown. */
	put("3/seccomp-policies/mine.policy", "include near\ndefault deny\n");
	{
		size_t n;
		struct sbx_shown *all = sbx_policy_show(&t_arena, load("mine"), &n);

		assert_int_equal(n, 3);
		assert_string_equal(all[2].text, "default deny");
		assert_string_equal(plain(all[2].at->file), "/3/seccomp-policies/mine.policy");
	}
}

static void drop_ins(void **state)
{
	(void)state;
	put("3/seccomp-policies/a.policy", "kill read write\ndefault kill\n");
	put("3/seccomp-policies/a.policy.d/20.conf", "trap read\nallow write\n");
	put("0/seccomp-policies/a.policy.d/10.conf", "log read\n");
	/* Before the file, by the names of the files: the first rule decides */
	assert_string_equal(says("a", READ), "log /0/seccomp-policies/a.policy.d/10.conf:2");
	assert_string_equal(says("a", WRITE), "allow /3/seccomp-policies/a.policy.d/20.conf:3");
	/* Its settings come before the file's, and the first drop-in's before the next's. */
	put("3/seccomp-policies/a.policy.d/20.conf", "default log\n");
	assert_string_equal(says("a", GETPID), "log /3/seccomp-policies/a.policy.d/20.conf:2");
	put("0/seccomp-policies/a.policy.d/10.conf", "default trap\n");
	assert_string_equal(says("a", GETPID), "trap /0/seccomp-policies/a.policy.d/10.conf:2");
	/* With what is included, but not for a path */
	put("1/seccomp-policies/b.policy", "default allow\ninclude a\n");
	assert_string_equal(says("b", GETPID), "allow /1/seccomp-policies/b.policy:2");
	put("0/seccomp-policies/a.policy.d/10.conf", "log read\n");
	assert_string_equal(says("b", READ), "log /0/seccomp-policies/a.policy.d/10.conf:2");
	assert_string_equal(says(sbx_strf(&t_arena, "%s/3/seccomp-policies/a.policy", top), READ),
	    "kill /3/seccomp-policies/a.policy:2");
	/* One that is masked is left out; one without a version, or that includes its own policy, is an error. */
	t_write(top, "0/seccomp-policies/a.policy.d/20.conf", "");
	t_write(top, "1/seccomp-policies/a.policy.d/30.conf", "allow read\n");
	put("1/seccomp-policies/a.policy.d/40.conf", "include a\n");
	assert_string_equal(errors("a"),
	    "/1/seccomp-policies/a.policy.d/30.conf:1:1: error: the first statement of a policy is `sbx-policy 1`\n"
	    "  from: asked:1:2\n"
	    "/1/seccomp-policies/a.policy.d/40.conf:2:9: error: '/3/seccomp-policies/a.policy' includes itself\n"
	    "  from: asked:1:2\n");
}

static void loops_and_depth(void **state)
{
	(void)state;
	put("3/seccomp-policies/self.policy", "include self\n");
	assert_string_equal(errors("self"),
	    "/3/seccomp-policies/self.policy:2:9: error: '/3/seccomp-policies/self.policy' includes itself\n"
	    "  from: asked:1:2\n");
	put("3/seccomp-policies/a.policy", "include b\n");
	put("3/seccomp-policies/b.policy", "include a\n");
	assert_non_null(strstr(errors("a"), "b.policy:2:9: error: '/3/seccomp-policies/a.policy' includes itself"));
	for (int i = 0; i < 9; i++)
		put(sbx_strf(&t_arena, "3/seccomp-policies/d%d.policy", i), sbx_strf(&t_arena, "include d%d\n", i + 1));
	put("3/seccomp-policies/d9.policy", "allow read\n");
	assert_string_equal(says("d1", READ), "allow /3/seccomp-policies/d9.policy:2");
	assert_non_null(
	    strstr(errors("d0"), "/3/seccomp-policies/d8.policy:2:9: error: includes are nested more than 8 deep"));
	/* Ten times ten files */
	put("3/seccomp-policies/many.policy",
	    "include ten\ninclude ten\ninclude ten\ninclude ten\ninclude ten\ninclude ten\n"
	    "include ten\ninclude ten\ninclude ten\ninclude ten\n");
	put("3/seccomp-policies/ten.policy",
	    "include one\ninclude one\ninclude one\ninclude one\ninclude one\ninclude one\n"
	    "include one\ninclude one\ninclude one\ninclude one\n");
	put("3/seccomp-policies/one.policy", "log read\n");
	assert_non_null(strstr(errors("many"), "more than 100 files are read by include"));
}

static void not_there(void **state)
{
	(void)state;
	put("3/seccomp-policies/browser.policy", "allow read\n");
	put("3/seccomp-policies/masked.policy", "allow read\n");
	t_write(top, "1/seccomp-policies/masked.policy", "");
	assert_non_null(
	    strstr(errors("brwoser"), "asked:1:2: error: no policy 'brwoser'\n  hint: did you mean 'browser'? "));
	assert_string_equal(
	    errors("masked"), "asked:1:2: error: policy 'masked' is masked by '/1/seccomp-policies/masked.policy'\n");
	assert_non_null(strstr(errors("a b"), "asked:1:2: error: policy 'a b': "));
	t_write(top, "3/seccomp-policies/comment.policy", "# only that\n");
	assert_string_equal(errors("comment"),
	    "/3/seccomp-policies/comment.policy:1:1: error: the policy is empty: its first statement is `sbx-policy 1`\n"
	    "  from: asked:1:2\n");
	/* All mistakes of all files */
	put("3/seccomp-policies/bad.policy", "allow raed\ninclude nope\ninclude bad2\nalow write\n");
	put("3/seccomp-policies/bad2.policy", "deny wrtie\n");
	assert_int_equal(t_count(errors("bad"), "error: "), 4);
}

#define F(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { F(includes), F(included_twice), F(settings_by_rank), F(drop_ins),
		F(loops_and_depth), F(not_there) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
