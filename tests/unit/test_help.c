/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every row of the option table is in --help, in each completion and in the man pages: made and built ones. */
#include "unit/support.h"

#include <ctype.h>
#include <stdio.h>

#include "spec/help.h"

static const char *make(void (*fn)(struct sbx_buf *out))
{
	struct sbx_buf b = { .arena = &t_arena };

	fn(&b);
	return sbx_buf_str(&b);
}

static const char *man(unsigned scope)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_help_man(&b, scope);
	return sbx_buf_str(&b);
}

/* As roff writes a '-'. */
static const char *roff(const char *s)
{
	struct sbx_buf b = { .arena = &t_arena };

	for (; *s; s++)
		sbx_buf_addf(&b, *s == '-' ? "\\-" : "%c", *s);
	return sbx_buf_str(&b);
}

/* Whether `needle` stands in `text` and does not go on as a longer name. */
static bool has_name(const char *text, const char *needle)
{
	for (const char *p = strstr(text, needle); p; p = strstr(p + 1, needle)) {
		char next = p[strlen(needle)];

		if (!isalnum((unsigned char)next) && next != '-' && !(next == '\\' && p[strlen(needle) + 1] == '-'))
			return true;
	}
	return false;
}

/* How each kind of text names an option; %s is the name. */
static const struct {
	const char *what, *before;
	unsigned scope;
	bool roff;
	const char *file; /* in the build tree */
} texts[] = {
	{ "--help", "\n  --", F_CLI, false, NULL },
	{ "bash", "--", F_CLI, false, "completions/sbx" },
	{ "zsh", "--", F_CLI, false, "completions/_sbx" },
	{ "fish", " -l ", F_CLI, false, "completions/sbx.fish" },
	{ "sbx(1)", "\\fB\\-\\-", F_CLI, true, "man/sbx.1" },
	{ "sbx-profile(5)", "\\fB", F_PROFILE, true, "man/sbx-profile.5" },
};

static const char *text_of(size_t i)
{
	switch (i) {
	case 0:
		return make(sbx_help_text);
	case 1:
		return make(sbx_help_bash);
	case 2:
		return make(sbx_help_zsh);
	case 3:
		return make(sbx_help_fish);
	case 4:
		return man(F_CLI);
	default:
		return man(F_PROFILE);
	}
}

static void check_rows(size_t i, const char *text, const char *where)
{
	for (size_t k = 0; k < SBX_OPT_COUNT; k++) {
		const struct sbx_optdef *def = &sbx_optdefs[k];
		const char *name =
		    sbx_strf(&t_arena, "%s%s", texts[i].before, texts[i].roff ? roff(def->name) : def->name);
		bool there = has_name(text, name), wanted = (def->flags & texts[i].scope) != 0;

		if (there != wanted && (wanted || texts[i].scope == F_CLI))
			fail_msg("%s (%s): '%s' is %s", texts[i].what, where, def->name, there ? "there" : "missing");
	}
}

static void generated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_rows(i, text_of(i), "generated");
}

/* What `make` built and `make install` installs; in a tree that has not built it yet there is nothing to check. */
static void built(void **state)
{
	const char *top = getenv("top_builddir");
	bool any = false;

	(void)state;
	for (size_t i = 0; top && i < ARRAY_LEN(texts); i++) {
		const char *text = texts[i].file ? t_read(sbx_strf(&t_arena, "%s/%s", top, texts[i].file)) : NULL;

		if (!text)
			continue;
		any = true;
		check_rows(i, text, texts[i].file);
		/* The whole of it, so that no old file is shipped. */
		if (!strstr(text, text_of(i)))
			fail_msg("%s is out of date: make it anew", texts[i].file);
	}
	if (!any)
		skip();
}

/* What each row says is said whole, whatever the quoting. */
static void help_sentences(void **state)
{
	const char *fish = make(sbx_help_fish), *page = man(F_CLI);

	(void)state;
	for (size_t k = 0; k < SBX_OPT_COUNT; k++) {
		const struct sbx_optdef *def = &sbx_optdefs[k];
		struct sbx_buf b = { .arena = &t_arena };

		if (!(def->flags & F_CLI))
			continue;
		for (const char *p = def->help; *p; p++)
			sbx_buf_addf(&b, *p == '\'' || *p == '\\' ? "\\%c" : "%c", *p);
		assert_non_null(
		    strstr(fish, sbx_strf(&t_arena, "complete -c sbx -l %s -d '%s'", def->name, sbx_buf_str(&b))));
		if (!strpbrk(def->help, "\\\xe2"))
			assert_non_null(strstr(page, sbx_strf(&t_arena, "\n%s.\n", roff(def->help))));
	}
}

static void help_fits_the_screen(void **state)
{
	const char *text = make(sbx_help_text);

	(void)state;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t width = 0;

		for (const char *p = line; *p != '\n'; p++) {
			assert_true(*p);
			width += ((unsigned char)*p & 0xc0) != 0x80;
		}
		if (width > 80)
			fail_msg("%zu columns: %.*s", width, (int)strcspn(line, "\n"), line);
	}
	for (unsigned g = 0; g < SBX_GROUP_COUNT; g++)
		assert_non_null(strstr(text, sbx_strf(&t_arena, "\n%s:\n", sbx_group_titles[g])));
	assert_non_null(strstr(text, "  --dry-run[=json]"));
	assert_non_null(strstr(text, "  --ro-bind SRC DEST"));
}

/* No line of a page is a request that was not meant; a '-' is a hyphen to roff unless escaped. */
static void man_pages(void **state)
{
	const char *pages[] = { man(F_CLI), man(F_PROFILE) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		for (const char *line = pages[i]; *line; line = strchr(line, '\n') + 1) {
			if (*line == '.')
				assert_true(sbx_starts_with(line, ".SS ") || sbx_starts_with(line, ".TP\n"));
			assert_true(*line != '\'' && *line != '\n');
			for (const char *p = line; *p != '\n'; p++) {
				if (*p == '-')
					assert_true(p > line && p[-1] == '\\');
				assert_true((unsigned char)*p < 0x80);
			}
		}
		assert_int_equal(t_count(pages[i], "\\fB"), t_count(pages[i], ".TP\n"));
	}
	/* Directives have no dashes. */
	assert_null(strstr(pages[1], "\\fB\\-"));
}

/* The shells must be able to read their scripts, if they are here. */
static void shells_parse(void **state)
{
	static const struct {
		const char *shell;
		void (*fn)(struct sbx_buf *out);
	} shells[] = { { "bash", sbx_help_bash }, { "zsh", sbx_help_zsh }, { "fish", sbx_help_fish } };
	char *dir = t_mkdtemp();
	bool any = false;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		const char *path = t_write(dir, shells[i].shell, make(shells[i].fn));

		if (system(sbx_strf(&t_arena, "command -v %s >/dev/null 2>&1", shells[i].shell)) != 0)
			continue;
		any = true;
		assert_int_equal(system(sbx_strf(&t_arena, "%s -n '%s'", shells[i].shell, path)), 0);
	}
	t_remove(dir);
	if (!any)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(generated), T(built), T(help_sentences), T(help_fits_the_screen),
		T(man_pages), T(shells_parse) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
