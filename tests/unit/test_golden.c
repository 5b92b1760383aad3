/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The dry run of each shipped profile against a fixed host, compared with tests/golden/NAME.txt and NAME.json, so that
 * a change of a profile shows as a diff. See tests/golden/README.md.
 */
#include "unit/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "plan/dump.h"
#include "plan/lint.h"
#include "spec/search.h"

/*
 * To the reader the profiles are alice's, who is not the user that runs this, and of a tree that may be anybody's: its
 * questions about owners and modes are answered here. test_search.c has the real ones.
 */
static int trusted(int r, struct stat *st)
{
	if (r == 0) {
		st->st_uid = 0;
		st->st_mode &= (mode_t)~0022;
	}
	return r;
}

int stat(const char *restrict path, struct stat *restrict st)
{
	return trusted(fstatat(AT_FDCWD, path, st, 0), st);
}

int fstat(int fd, struct stat *st)
{
	return trusted(fstatat(fd, "", st, AT_EMPTY_PATH), st);
}

static const char *golden; /* directory of the expected texts */

static int setup(void **state)
{
	const char *top = getenv("top_srcdir");

	(void)state;
	if (!top)
		top = ".";
	golden = sbx_strf(&t_arena, "%s/tests/golden", top);
	/* The search path is relative, so that origins are the same in every tree. */
	if (*golden != '/') {
		char *cwd = getcwd(NULL, 0);

		golden = sbx_strf(&t_arena, "%s/%s", cwd, golden);
		free(cwd);
	}
	return chdir(top);
}

static struct sbx_host fixed_host(void)
{
	struct sbx_host h = t_host();

	h.search_dirs[3] = ".";
	return h;
}

static const struct sbx_spec *load(const struct sbx_host *h, struct sbx_diags *d, const char *name)
{
	return t_cli_spec(h, d, "--profile", name, "true", NULL);
}

static void compare(const char *name, const char *suffix, const char *text)
{
	const char *path = sbx_strf(&t_arena, "%s/%s.%s", golden, name, suffix);
	const char *update = getenv("SBX_UPDATE_GOLDEN"), *want;

	if (update && *update && !sbx_streq(update, "0")) {
		(void)t_write(golden, sbx_strf(&t_arena, "%s.%s", name, suffix), text);
		return;
	}
	want = t_read(path);
	if (!want)
		fail_msg("%s is missing: run this with SBX_UPDATE_GOLDEN=1", path);
	if (sbx_streq(want, text))
		return;
	for (unsigned line = 1;; line++) {
		size_t a = strcspn(want, "\n"), b = strcspn(text, "\n");

		if (a != b || strncmp(want, text, a) != 0 || !want[a] || !text[b])
			fail_msg("%s:%u:\n- %.*s\n+ %.*s\nIf that is meant: SBX_UPDATE_GOLDEN=1, and commit the diff",
			    path, line, (int)a, want, (int)b, text);
		want += a + 1;
		text += b + 1;
	}
}

static struct sbx_listed *shipped(size_t *ret_n)
{
	struct sbx_host h = fixed_host();
	struct sbx_listed *all;

	assert_int_equal(sbx_search_list(&h, &t_arena, &sbx_search_profiles, &all, ret_n), 0);
	assert_true(*ret_n >= 3);
	return all;
}

static void dry_runs(void **state)
{
	struct sbx_host h = fixed_host();
	size_t n;
	const struct sbx_listed *all = shipped(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct sbx_buf text = { .arena = &t_arena }, json = { .arena = &t_arena };
		struct sbx_diags d = t_diags();
		const struct sbx_spec *spec = load(&h, &d, all[i].name);
		const struct sbx_plan *plan;

		assert_false(all[i].masked);
		assert_string_equal(t_said(&d), "");
		assert_int_equal(sbx_plan_build(&t_arena, spec, NULL, &h, &d, &plan), 0);
		assert_string_equal(t_said(&d), "");
		sbx_dump_plan_text(&text, plan);
		sbx_dump_plan_json(&json, plan);
		assert_null(t_bad_json(sbx_buf_str(&json)));
		compare(all[i].name, "txt", sbx_buf_str(&text));
		compare(all[i].name, "json", sbx_buf_str(&json));
	}
}

/* A text of a profile that is gone would never be looked at again. */
static void no_leftovers(void **state)
{
	size_t n;
	const struct sbx_listed *all = shipped(&n);
	DIR *dir = opendir(golden);
	struct dirent *e;

	(void)state;
	assert_non_null(dir);
	while ((e = readdir(dir))) {
		const char *dot = strrchr(e->d_name, '.');
		bool known = false;

		if (!dot || (!sbx_streq(dot, ".txt") && !sbx_streq(dot, ".json")))
			continue;
		for (size_t i = 0; i < n; i++)
			known = known ||
				sbx_streq(all[i].name, sbx_strndup(&t_arena, e->d_name, (size_t)(dot - e->d_name)));
		if (!known)
			fail_msg("%s/%s belongs to no profile", golden, e->d_name);
	}
	(void)closedir(dir);
}

/* Each profile as it is shown is a profile that plans the same. */
static void shown_profiles_plan_the_same(void **state)
{
	struct sbx_host h = fixed_host();
	size_t n;
	const struct sbx_listed *all = shipped(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct sbx_buf shown = { .arena = &t_arena };
		struct sbx_diags d = t_diags();
		const struct sbx_spec *spec = load(&h, &d, all[i].name);
		const struct sbx_plan *a, *b;

		sbx_dump_spec_text(&shown, spec);
		assert_int_equal(sbx_plan_build(&t_arena, spec, NULL, &h, &d, &a), 0);
		b = t_good_plan(&h, strchr(shown.data, '\n') + 1);
		assert_int_equal(a->n_ops, b->n_ops);
		assert_int_equal(a->n_env, b->n_env);
		for (size_t k = 0; k < a->n_ops; k++) {
			assert_int_equal(a->ops[k].kind, b->ops[k].kind);
			assert_int_equal(a->ops[k].flags, b->ops[k].flags);
			assert_int_equal(a->ops[k].mode, b->ops[k].mode);
			if (a->ops[k].dest)
				assert_string_equal(a->ops[k].dest, b->ops[k].dest);
		}
	}
}

/* What no shipped profile may do, but the one for --learn, which says so. */
static void promises(void **state)
{
	struct sbx_host h = fixed_host();
	size_t n;
	const struct sbx_listed *all = shipped(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct sbx_diags d = t_diags();
		const struct sbx_plan *plan;

		if (sbx_streq(all[i].name, "learn"))
			continue;
		assert_int_equal(sbx_plan_build(&t_arena, load(&h, &d, all[i].name), NULL, &h, &d, &plan), 0);
		sbx_lint_plan(plan, &h, &d);
		for (size_t k = 0; k < d.n; k++)
			assert_null(strstr(d.items[k].text, "the whole home directory is writable"));
		assert_true(plan->caps == 0);
		/* A service is there to be reached, and there is no other network yet. */
		for (size_t k = 0; k < ARRAY_LEN(plan->share_at); k++)
			assert_true(!plan->share_at[k] || (k == SBX_SHARE_NET && sbx_streq(all[i].name, "service")));
		for (size_t k = 0; k < plan->n_env; k++) {
			if (sbx_streq(all[i].name, "default") || sbx_streq(all[i].name, "build") ||
			    sbx_streq(all[i].name, "service") || sbx_streq(all[i].name, "strict"))
				assert_string_not_equal(plan->env[k].name, "SECRET");
		}
	}
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(dry_runs), S(no_leftovers), S(shown_profiles_plan_the_same),
		S(promises) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
