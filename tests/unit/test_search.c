/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From names to files: which directory wins, what masks, what merges, and whose files are refused. */
#include "unit/support.h"

#include <stdio.h>
#include <sys/stat.h>

#include "spec/lex.h"
#include "spec/search.h"

static char *top;
static struct sbx_host host;
static struct sbx_diags diags;
static const struct sbx_search_kind *kind;

static int setup(void **state)
{
	(void)state;
	top = t_mkdtemp();
	kind = &sbx_search_profiles;
	host = t_host();
	host.uid = getuid();
	host.gid = getgid();
	host.fake_paths = NULL;
	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++) {
		host.search_dirs[i] = sbx_strf(&t_arena, "%s/%zu", top, i);
		(void)mkdir(host.search_dirs[i], 0755);
	}
	diags = t_diags();
	return 0;
}

static int teardown(void **state)
{
	t_remove(top);
	return t_forget(state);
}

/* Paths of what is found, without the test's own directory, "MAIN DROPIN…"; or the errno as a number. */
static const char *find_mode(const char *name, const char *beside, enum sbx_find_mode mode)
{
	static const struct sbx_origin at = { .file = "asked", .line = 1, .column = 2 };
	struct sbx_buf b = { .arena = &t_arena };
	struct sbx_found f = { 0 };
	int r;

	diags = t_diags();
	r = sbx_search(&host, &t_arena, &diags, kind, name, beside, &at, mode, &f);
	if (r < 0) {
		assert_null(f.main.path);
		return sbx_strf(&t_arena, "%d", r);
	}
	assert_int_equal(diags.n, 0);
	assert_int_equal(strlen(f.main.text), f.main.len);
	assert_true(sbx_starts_with(f.main.path, top));
	sbx_buf_adds(&b, f.main.path + strlen(top));
	for (size_t i = 0; i < f.n_dropins; i++)
		sbx_buf_addf(&b, " %s", f.dropins[i].path + strlen(top));
	return sbx_buf_str(&b);
}

static const char *find(const char *name)
{
	return find_mode(name, NULL, SBX_FIND_MUST);
}

static const char *path_of(const char *name)
{
	return sbx_strf(&t_arena, "%s/%s", top, name);
}

/* The message and the hint of a search that fails with `code`, without the test's own directory. */
static bool said(const char *text)
{
	const char *all = t_said(&diags);

	if (strstr(all, text))
		return true;
	print_error("'%s' is not in '%s'\n", text, all);
	return false;
}

static void precedence(void **state)
{
	(void)state;
	t_write(top, "3/profiles/a.profile", "3");
	assert_string_equal(find("a"), "/3/profiles/a.profile");
	t_write(top, "1/profiles/a.profile", "1");
	assert_string_equal(find("a"), "/1/profiles/a.profile");
	t_write(top, "0/profiles/a.profile", "0");
	assert_string_equal(find("a"), "/0/profiles/a.profile");
	host.search_dirs[0] = NULL;
	assert_string_equal(find("a"), "/1/profiles/a.profile");
	t_write(top, "2/profiles/b.profile", "2");
	assert_string_equal(find("b"), "/2/profiles/b.profile");
	/* A dangling link is no file. */
	assert_int_equal(symlink("nowhere", path_of("1/profiles/b.profile")), 0);
	assert_string_equal(find("b"), "/2/profiles/b.profile");
	/* A link to a file is that file. */
	assert_int_equal(symlink("a.profile", path_of("1/profiles/c.profile")), 0);
	assert_string_equal(find("c"), "/1/profiles/c.profile");
}

static void masks(void **state)
{
	(void)state;
	t_write(top, "3/profiles/a.profile", "3");
	t_write(top, "3/profiles/b.profile", "3");
	t_write(top, "1/profiles/a.profile", "");
	assert_int_equal(symlink("/dev/null", path_of("1/profiles/b.profile")), 0);
	assert_string_equal(find("a"), "-2");
	assert_true(said(
	    sbx_strf(&t_arena, "asked:1:2: error: profile 'a' is masked by '%s'", path_of("1/profiles/a.profile"))));
	assert_string_equal(find("b"), "-2");
	assert_true(said("is masked by"));
	assert_string_equal(find_mode("a", NULL, SBX_FIND_MAY), "-2");
	assert_int_equal(diags.n, 0);
	/* A more important directory undoes the mask. */
	t_write(top, "0/profiles/a.profile", "0");
	assert_string_equal(find("a"), "/0/profiles/a.profile");
}

static void drop_ins(void **state)
{
	(void)state;
	t_write(top, "2/profiles/a.profile", "2");
	t_write(top, "3/profiles/a.profile.d/20-x.conf", "x");
	t_write(top, "1/profiles/a.profile.d/10-y.conf", "y");
	t_write(top, "0/profiles/a.profile.d/30-z.conf", "z");
	assert_string_equal(find("a"), "/2/profiles/a.profile /1/profiles/a.profile.d/10-y.conf "
				       "/3/profiles/a.profile.d/20-x.conf /0/profiles/a.profile.d/30-z.conf");
	/* Of two with one name the more important directory's. */
	t_write(top, "0/profiles/a.profile.d/20-x.conf", "x");
	assert_string_equal(find("a"), "/2/profiles/a.profile /1/profiles/a.profile.d/10-y.conf "
				       "/0/profiles/a.profile.d/20-x.conf /0/profiles/a.profile.d/30-z.conf");
	/* Masked by name. */
	t_write(top, "0/profiles/a.profile.d/20-x.conf", "");
	assert_int_equal(symlink("/dev/null", path_of("0/profiles/a.profile.d/10-y.conf")), 0);
	assert_string_equal(find("a"), "/2/profiles/a.profile /0/profiles/a.profile.d/30-z.conf");
	/* Other names are none. */
	t_write(top, "0/profiles/a.profile.d/.hidden.conf", "x");
	t_write(top, "0/profiles/a.profile.d/.conf", "x");
	t_write(top, "0/profiles/a.profile.d/40-x.conf~", "x");
	t_write(top, "0/profiles/a.profile.d/README", "x");
	assert_string_equal(find("a"), "/2/profiles/a.profile /0/profiles/a.profile.d/30-z.conf");
	/* Drop-ins alone make no profile; a path has none. */
	t_write(top, "0/profiles/b.profile.d/1.conf", "x");
	assert_string_equal(find("b"), "-2");
	assert_string_equal(find(path_of("2/profiles/a.profile")), "/2/profiles/a.profile");
	/* What is there but can't be read is no mask. */
	assert_int_equal(symlink("nowhere", path_of("0/profiles/a.profile.d/50-gone.conf")), 0);
	assert_string_equal(find("a"), "-2");
	assert_true(said("it has gone, or is a dangling link"));
}

/* The same of policies, and neither is taken for the other. */
static void policies(void **state)
{
	struct sbx_listed *all;
	size_t n;

	(void)state;
	t_write(top, "3/profiles/a.profile", "3");
	t_write(top, "3/seccomp-policies/b.policy", "3");
	t_write(top, "0/profiles/b.policy", "0");
	t_write(top, "0/seccomp-policies/a.profile", "0");
	assert_string_equal(find("b"), "-2");
	assert_true(said("no profile 'b'"));
	kind = &sbx_search_policies;
	assert_string_equal(find("a"), "-2");
	assert_true(said("no policy 'a'"));
	assert_true(said(path_of("0/seccomp-policies, ")));
	t_write(top, "2/seccomp-policies/browser.policy", "2");
	assert_string_equal(find("brwoser"), "-2");
	assert_true(said("did you mean 'browser'?"));
	assert_string_equal(find("b"), "/3/seccomp-policies/b.policy");
	t_write(top, "1/seccomp-policies/b.policy", "1");
	assert_string_equal(find("b"), "/1/seccomp-policies/b.policy");
	t_write(top, "2/seccomp-policies/b.policy.d/20.conf", "x");
	t_write(top, "0/seccomp-policies/b.policy.d/30.conf", "x");
	t_write(top, "0/seccomp-policies/b.profile.d/10.conf", "x");
	t_write(top, "0/profiles/b.policy.d/10.conf", "x");
	assert_string_equal(find("b"), "/1/seccomp-policies/b.policy /2/seccomp-policies/b.policy.d/20.conf "
				       "/0/seccomp-policies/b.policy.d/30.conf");
	t_write(top, "0/seccomp-policies/b.policy", "");
	assert_string_equal(find("b"), "-2");
	assert_true(said(sbx_strf(&t_arena, "policy 'b' is masked by '%s'", path_of("0/seccomp-policies/b.policy"))));
	assert_string_equal(find(path_of("3/seccomp-policies/b.policy")), "/3/seccomp-policies/b.policy");
	assert_string_equal(find(".b"), "-22");
	assert_true(said("policy '.b': expected a name"));
	assert_int_equal(chmod(path_of("3/seccomp-policies/b.policy"), 0664), 0);
	assert_string_equal(find(path_of("3/seccomp-policies/b.policy")), "-1");
	assert_true(said("can be written by others"));
	assert_int_equal(sbx_search_list(&host, &t_arena, kind, &all, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(all[0].name, "b");
	assert_true(all[0].masked);
	assert_string_equal(all[1].name, "browser");
	assert_false(all[1].masked);
}

static void writable_by_others(void **state)
{
	static const mode_t bad[] = { 0664, 0646, 0666, 0777, 0660, 0602 };
	const char *path = t_write(top, "1/profiles/a.profile", "1");

	(void)state;
	t_write(top, "3/profiles/a.profile", "3");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		/* Not passed over for the next directory's: that would be a surprise, too. */
		assert_string_equal(find("a"), "-1");
		assert_true(said(sbx_strf(&t_arena, "can be written by others (mode %04o)", (unsigned)bad[i])));
		assert_true(said("hint: chmod go-w"));
		assert_string_equal(find(path), "-1");
	}
	assert_int_equal(chmod(path, 0600), 0);
	assert_string_equal(find("a"), "/1/profiles/a.profile");
	/* Directories up to the root; a sticky one is safe. */
	assert_int_equal(chmod(path_of("1"), 0775), 0);
	assert_string_equal(find("a"), "-1");
	assert_true(said(sbx_strf(&t_arena, "directory '%s' can be written by others (mode 0775)", path_of("1"))));
	assert_int_equal(chmod(path_of("1"), 0757), 0);
	assert_string_equal(find("a"), "-1");
	assert_int_equal(chmod(path_of("1"), 01777), 0);
	assert_string_equal(find("a"), "/1/profiles/a.profile");
	assert_int_equal(chmod(path_of("1"), 0755), 0);
	assert_int_equal(chmod(top, 0777), 0);
	assert_string_equal(find("a"), "-1");
	assert_int_equal(chmod(top, 0700), 0);
	assert_string_equal(find("a"), "/1/profiles/a.profile");
	/* A link does not launder what it leads to. */
	t_write(top, "open/x.profile", "x");
	t_write(top, "0/profiles/other.profile", "x");
	assert_int_equal(chmod(path_of("open"), 0777), 0);
	assert_int_equal(symlink("../../open/x.profile", path_of("0/profiles/a.profile")), 0);
	assert_string_equal(find("a"), "-1");
	assert_true(said("/open' can be written by others"));
	/* Drop-ins are looked at in the same way. */
	assert_int_equal(unlink(path_of("0/profiles/a.profile")), 0);
	assert_int_equal(chmod(t_write(top, "2/profiles/a.profile.d/1.conf", "x"), 0666), 0);
	assert_string_equal(find("a"), "-1");
	assert_true(said("1.conf' can be written by others"));
}

static void owned_by_others(void **state)
{
	const char *path = t_write(top, "1/profiles/a.profile", "1");

	(void)state;
	if (getuid() == 0) {
		/* Root's own run: the file of an ordinary user; in a sandbox root may not give files away. */
		if (chown(path, 4711, 4711) < 0)
			skip();
		assert_string_equal(find("a"), "-1");
		assert_true(said("belongs to user 4711, neither root nor you"));
		host.uid = 4711;
		assert_string_equal(find("a"), "/1/profiles/a.profile");
		assert_int_equal(chown(path, 0, 0), 0);
		assert_string_equal(find("a"), "/1/profiles/a.profile");
		assert_int_equal(chown(path_of("1/profiles"), 4712, 0), 0);
		assert_string_equal(find("a"), "-1");
		assert_true(said("directory"));
		assert_true(said("belongs to user 4712"));
	} else {
		/* Seen by somebody else, this file is a stranger's. */
		host.uid = getuid() + 1;
		assert_string_equal(find("a"), "-1");
		assert_true(said(sbx_strf(&t_arena, "belongs to user %u, neither root nor you", getuid())));
		assert_string_equal(find(path), "-1");
	}
}

static void not_files(void **state)
{
	char *text = sbx_alloc(&t_arena, SBX_LEX_MAX_FILE + 2);

	(void)state;
	t_write(top, "0/profiles/dir.profile/x", "x");
	assert_string_equal(find("dir"), "-22");
	assert_true(said("is not a regular file"));
	/* No hang, whoever may write to it. */
	assert_int_equal(mkfifo(path_of("0/profiles/fifo.profile"), 0600), 0);
	assert_string_equal(find("fifo"), "-22");
	assert_int_equal(symlink("loop.profile", path_of("0/profiles/loop.profile")), 0);
	assert_string_equal(find("loop"), sbx_strf(&t_arena, "%d", -ELOOP));
	memset(text, 'x', SBX_LEX_MAX_FILE + 1);
	t_write(top, "0/profiles/big.profile", text);
	assert_string_equal(find("big"), sbx_strf(&t_arena, "%d", -EFBIG));
	assert_true(said("is larger than 1 MiB"));
	text[SBX_LEX_MAX_FILE] = '\0';
	t_write(top, "0/profiles/big.profile", text);
	assert_string_equal(find("big"), "/0/profiles/big.profile");
	/* A file where a directory belongs. */
	t_write(top, "1/x", "x");
	host.search_dirs[0] = path_of("1/x");
	t_write(top, "2/profiles/a.profile", "x");
	assert_string_equal(find("a"), "/2/profiles/a.profile");
}

static void paths(void **state)
{
	(void)state;
	t_write(top, "x/a.profile", "x");
	t_write(top, "x/b", "x");
	t_write(top, "x/empty", "");
	assert_string_equal(find(path_of("x/a.profile")), "/x/a.profile");
	/* Any name is good with a slash; none gets the suffix. */
	assert_string_equal(find_mode("./b", path_of("x"), SBX_FIND_MUST), "/x/./b");
	assert_string_equal(find_mode("../x/b", path_of("x"), SBX_FIND_MUST), "/x/../x/b");
	assert_string_equal(find_mode("x/a.profile", top, SBX_FIND_MUST), "/x/a.profile");
	assert_string_equal(find_mode("./a", path_of("x"), SBX_FIND_MUST), "-2");
	assert_true(said("no file '"));
	assert_string_equal(find_mode("./empty", path_of("x"), SBX_FIND_MUST), "-2");
	assert_true(said("is empty"));
	assert_string_equal(find_mode("./b", NULL, SBX_FIND_MUST), "-2");
	assert_true(said("relative to a current directory that can't be told"));
}

static void never_the_current_directory(void **state)
{
	char *saved = getcwd(NULL, 0);

	(void)state;
	assert_non_null(saved);
	t_write(top, "cwd/profiles/a.profile", "x");
	t_write(top, "cwd/a.profile", "x");
	t_write(top, "cwd/a", "x");
	assert_int_equal(chdir(path_of("cwd")), 0);
	host.cwd = path_of("cwd");
	assert_string_equal(find("a"), "-2");
	assert_string_equal(find_mode("a", path_of("cwd"), SBX_FIND_MUST), "-2");
	assert_string_equal(find_mode("a", path_of("cwd"), SBX_FIND_MAY), "-2");
	assert_int_equal(chdir(saved), 0);
	free(saved);
}

static void names(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".a", "-a", "a b", "a\n", "*", "~", "a:b", "\xff" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_string_equal(find(bad[i]), "-22");
		assert_true(said("expected a name"));
		/* A command may be called anything. */
		assert_string_equal(find_mode(bad[i], NULL, SBX_FIND_MAY), "-2");
		assert_int_equal(diags.n, 0);
	}
}

static void not_found(void **state)
{
	(void)state;
	t_write(top, "2/profiles/firefox.profile", "x");
	assert_string_equal(find("fierfox"), "-2");
	assert_true(said("asked:1:2: error: no profile 'fierfox'"));
	assert_true(said("did you mean 'firefox'?"));
	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++)
		assert_true(said(sbx_strf(&t_arena, "%s/profiles", host.search_dirs[i])));
	assert_string_equal(find("something-else"), "-2");
	assert_true(said("hint: searched: "));
	assert_string_equal(find_mode("something-else", NULL, SBX_FIND_MAY), "-2");
	assert_int_equal(diags.n, 0);
}

static void listing(void **state)
{
	struct sbx_listed *all;
	struct sbx_buf b = { .arena = &t_arena };
	size_t n;

	(void)state;
	t_write(top, "3/profiles/b.profile", "x");
	t_write(top, "3/profiles/a.profile", "x");
	t_write(top, "1/profiles/b.profile", "");
	t_write(top, "2/profiles/c.profile", "x");
	t_write(top, "0/profiles/a.profile", "x");
	t_write(top, "0/profiles/README", "x");
	t_write(top, "0/profiles/.profile", "x");
	t_write(top, "0/profiles/.x.profile", "x");
	t_write(top, "0/profiles/a.profile.d/x.conf", "x");
	t_write(top, "0/profiles/bad name.profile", "x");
	assert_int_equal(symlink("/dev/null", path_of("0/profiles/d.profile")), 0);
	host.search_dirs[2] = NULL;
	assert_int_equal(sbx_search_list(&host, &t_arena, &sbx_search_profiles, &all, &n), 0);
	for (size_t i = 0; i < n; i++)
		sbx_buf_addf(&b, "%s%s %s\n", all[i].name, all[i].masked ? " masked" : "", all[i].path + strlen(top));
	assert_string_equal(sbx_buf_str(&b), "a /0/profiles/a.profile\n"
					     "b masked /1/profiles/b.profile\n"
					     "d masked /0/profiles/d.profile\n");
	memset(host.search_dirs, 0, sizeof host.search_dirs);
	assert_int_equal(sbx_search_list(&host, &t_arena, &sbx_search_profiles, &all, &n), 0);
	assert_int_equal(n, 0);
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { S(precedence), S(masks), S(drop_ins), S(policies), S(writable_by_others),
		S(owned_by_others), S(not_files), S(paths), S(never_the_current_directory), S(names), S(not_found),
		S(listing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
