/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security.md row 12 for the whole option table: each argument of each row gets each bad value, on the command line
 * and in a profile. It is refused, with a location and without a raw control byte in what is said, unless its kind
 * allows it. The rows come from the table, so new ones are covered; a new kind is held to the rules of words
 * until it stands in `allowed`.
 */
#include "unit/support.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/value.h"
#include "plan/dump.h"
#include "spec/profile.h"

enum { LONG = 1024 * 1024 };

enum bad { EMPTY, LONG_WORD, LONG_PATH, NEGATIVE, P31, P32, P63, P64, HUGE, NOT_UTF8, NEWLINE, CONTROL, DASHES, DOTS, BINARY, N_BAD };

static char long_word[LONG + 1], long_path[LONG + 1];

static const char *const values[N_BAD] = {
	[EMPTY] = "",
	[LONG_WORD] = long_word,
	[LONG_PATH] = long_path,
	[NEGATIVE] = "-1",
	[P31] = "2147483648",
	[P32] = "4294967296",
	[P63] = "9223372036854775808",
	[P64] = "18446744073709551616",
	[HUGE] = "1000000000000000000000000000000",
	[NOT_UTF8] = "\xff\xfe\x80",
	[NEWLINE] = "a\nb",
	[CONTROL] = "\x1b[31mx\r",
	[DASHES] = "--bind",
	[DOTS] = "../x",
	[BINARY] = "\x01\x7f\x80\xc2\x9b\xef\xbf\xbe",
};

#define ALL ((1U << N_BAD) - 1)
#define BIT(x) (1U << (x))
#define WORDS (ALL & ~BIT(EMPTY))

/* What a kind may take; what is not listed takes any word but none at all. */
static const struct {
	enum sbx_arg_kind kind;
	unsigned cli, profile;
} allowed[] = {
	{ SBX_ARG_HOST_PATH, WORDS, BIT(LONG_PATH) },
	{ SBX_ARG_PATH, BIT(LONG_PATH), BIT(LONG_PATH) },
	{ SBX_ARG_TEXT, ALL, ALL },
	{ SBX_ARG_ENV_NAME, WORDS, WORDS },
	{ SBX_ARG_MODE, 0, 0 },
	{ SBX_ARG_UMASK, 0, 0 },
	{ SBX_ARG_SIZE, BIT(P31) | BIT(P32) | BIT(P63), BIT(P31) | BIT(P32) | BIT(P63) },
	{ SBX_ARG_ID, BIT(P31), BIT(P31) },
	{ SBX_ARG_USER, BIT(P31), BIT(P31) },
	{ SBX_ARG_GROUP, BIT(P31), BIT(P31) },
	{ SBX_ARG_RANGE, 0, 0 },
	{ SBX_ARG_CAP, 0, 0 },
	{ SBX_ARG_HOSTNAME, BIT(P31) | BIT(P32) | BIT(P63) | BIT(P64) | BIT(HUGE), BIT(P31) | BIT(P32) | BIT(P63) | BIT(P64) | BIT(HUGE) },
	{ SBX_ARG_DURATION, BIT(P31) | BIT(P32), BIT(P31) | BIT(P32) },
	{ SBX_ARG_RLIMIT, 0, 0 },
	{ SBX_ARG_NICE, BIT(NEGATIVE), BIT(NEGATIVE) },
	{ SBX_ARG_HOME, 0, 0 },
	{ SBX_ARG_PROFILE, 0, 0 },
	{ SBX_ARG_CONDITION, 0, 0 },
	{ SBX_ARG_FEATURE, 0, 0 },
	{ SBX_ARG_VERSION, 0, 0 },
	{ SBX_ARG_FORMAT, 0, 0 },
	{ SBX_ARG_FD, 0, 0 },
	{ SBX_ARG_OUTPUT, WORDS, BIT(LONG_PATH) },
};

static unsigned allowed_of(enum sbx_arg_kind kind, bool profile)
{
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		if (allowed[i].kind == kind)
			return profile ? allowed[i].profile : allowed[i].cli;
	}
	return WORDS;
}

/* A value that the kind takes; it stands where another argument is the bad one. */
static const char *good(enum sbx_arg_kind kind)
{
	return kind == SBX_ARG_ENV_NAME ? "X" : kind == SBX_ARG_TEXT ? "x" : kind == SBX_ARG_MODE ? "0644" :
	       kind == SBX_ARG_FD	? "63" : "/x";
}

/* A directive that takes the modifier */
static const char *const *taker(const struct sbx_optdef *def)
{
	static const char *const bind[] = { "bind", "/x", "/x", NULL }, *const overlay[] = { "tmp-overlay", "/t", NULL };
	static const char *const tmpfs[] = { "tmpfs", "/t", NULL };

	return def->id == SBX_OPT_IDMAP ? bind : def->id == SBX_OPT_OVERLAY_SRC ? overlay : tmpfs;
}

/* What is printed for a person: short, UTF-8, no control character but newlines, and where it was said. */
static void check_said(const struct sbx_diags *d, const char *where)
{
	int fd = memfd_create("stderr", MFD_CLOEXEC), old = dup(STDERR_FILENO);
	static char text[65536];
	ssize_t n;

	assert_true(fd >= 0 && old >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	sbx_log_diags(d);
	assert_true(dup2(old, STDERR_FILENO) >= 0);
	(void)close(old);
	n = pread(fd, text, sizeof text - 1, 0);
	(void)close(fd);
	if (n <= 0 || n == (ssize_t)sizeof text - 1)
		fail_msg("%zd bytes said: %.200s", n, d->n ? d->items[0].text : "");
	text[n] = '\0';
	assert_int_equal(sbx_utf8_span(text, (size_t)n), n);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		assert_true((*p >= 0x20 || *p == '\n') && *p != 0x7f && !(*p == 0xc2 && p[1] < 0xa0));
	for (size_t i = 0; i < d->n; i++) {
		if (d->items[i].severity == SBX_ERROR)
			assert_non_null(d->items[i].at);
	}
	assert_true(sbx_starts_with(text, where));
	assert_non_null(strstr(text, ": error: "));
}

static unsigned refused, taken;

/* `r` and what is said are right for a value that is `legal` or not. Whatever was taken can be planned and shown. */
static void check_result(const char *what, int r, bool legal, struct sbx_diags *d, const struct sbx_host *h,
			 const struct sbx_spec *s, const char *where)
{
	const struct sbx_plan *plan = NULL;
	struct sbx_buf text = { .arena = &t_arena };

	if ((r < 0) != (d->n_errors > 0) || (r == 0 && !legal))
		fail_msg("%s: taken", what);
	refused += r < 0;
	taken += r == 0;
	if (r == 0) {
		sbx_dump_spec_text(&text, s);
		r = sbx_plan_build(&t_arena, s, NULL, h, d, &plan);
	}
	if (r == 0)
		sbx_dump_plan_text(&text, plan);
	else
		check_said(d, where);
}

/* Most messages are for people to read, so the search for users and profiles stays away from the machine's. */
static struct sbx_host host(void)
{
	struct sbx_host h = t_host();

	h.subuids = h.subgids = (struct sbx_subid[]){ { 100000, 65536 } };
	h.n_subuids = h.n_subgids = 0;
	return h;
}

static void try_cli(const struct sbx_optdef *def, unsigned k, const char *value, bool legal, bool equals)
{
	struct sbx_host h = host();
	struct sbx_diags d = t_diags();
	const struct sbx_spec *s = NULL;
	struct sbx_cli cli;
	const char *notice;
	char *argv[16] = { sbx_strdup(&t_arena, "sbx"), sbx_strdup(&t_arena, "--no-profile") };
	int argc = 2, r;

	if (equals) {
		argv[argc++] = sbx_strf(&t_arena, "--%s=%s", def->name, value);
	} else {
		argv[argc++] = sbx_strf(&t_arena, "--%s", def->name);
		for (unsigned i = 0; i < def->n_args; i++)
			argv[argc++] = sbx_strdup(&t_arena, i == k ? value : good(def->args[i].kind));
	}
	/* What has to follow */
	if (def->flags & F_PREFIX)
		argv[argc++] = sbx_strdup(&t_arena, "--clearenv");
	for (const char *const *word = taker(def); (def->flags & F_MODIFIER) && *word; word++)
		argv[argc++] = sbx_strf(&t_arena, "%s%s", word == taker(def) ? "--" : "", *word);
	argv[argc++] = sbx_strdup(&t_arena, "true");
	r = sbx_cli_parse(&t_arena, &d, argc, argv, &cli);
	if (r == 0)
		r = sbx_cli_spec(&t_arena, &h, &d, &cli, &s, &notice);
	check_result(sbx_strf(&t_arena, "--%s, argument %u", def->name, k + 1), r, legal, &d, &h, s, "<command-line>:");
}

/* The value as "…" with escapes, which can say any byte, or as it is in '…', which the lexer may refuse. */
static void try_profile(const struct sbx_optdef *def, unsigned k, const char *value, bool legal, bool raw)
{
	struct sbx_host h = host();
	struct sbx_diags d = t_diags();
	struct sbx_buf text = { .arena = &t_arena };
	struct sbx_builder b = { .arena = &t_arena, .host = &h, .diags = &d };
	struct sbx_reader reader = { .builder = &b, .profile = "t" };
	struct sbx_found found = { .main = { .path = "/p/t.profile" } };
	static const char *const command[] = { "true", NULL };
	struct sbx_spec *s = NULL;
	int r;

	sbx_buf_addf(&text, "sbx-profile 1\n%s", def->name);
	for (unsigned i = 0; i < def->n_args; i++) {
		if (i != k) {
			sbx_buf_addf(&text, " %s", good(def->args[i].kind));
		} else if (raw) {
			sbx_buf_addf(&text, " '%s'", value);
		} else {
			sbx_buf_adds(&text, " \"");
			for (const char *p = value; *p; p++)
				sbx_buf_addf(&text, "\\x%02x", (unsigned char)*p);
			sbx_buf_adds(&text, "\"");
		}
	}
	if (def->flags & F_PREFIX)
		sbx_buf_adds(&text, " clearenv");
	sbx_buf_addc(&text, '\n');
	for (const char *const *word = taker(def); (def->flags & F_MODIFIER) && *word; word++)
		sbx_buf_addf(&text, "%s ", *word);
	sbx_buf_addc(&text, '\n');
	found.main.text = sbx_buf_str(&text);
	found.main.len = text.len;
	r = sbx_reader_found(&reader, &found, NULL);
	if (r == 0)
		r = sbx_builder_end(&b);
	if (r == 0) {
		s = sbx_builder_seal(&b);
		s->profile = "t";
		s->command = command;
	}
	check_result(sbx_strf(&t_arena, "%s, argument %u, in a profile", def->name, k + 1), r, legal, &d, &h, s, "/p/t.profile:");
}

static void each_value(void **state)
{
	memset(long_word, 'a', LONG);
	memset(long_path, '/', LONG);
	memset(long_path + 1, 'a', LONG - 1);
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		for (unsigned k = 0; k < def->n_args; k++) {
			for (enum bad v = 0; v < N_BAD; v++) {
				unsigned bit = BIT(v);
				bool cli = (allowed_of(def->args[k].kind, false) & bit) != 0;
				bool profile = (allowed_of(def->args[k].kind, true) & bit) != 0;

				if (def->flags & F_CLI) {
					if (!(def->flags & F_OPTARG))
						try_cli(def, k, values[v], cli, false);
					if (def->n_args == 1)
						try_cli(def, k, values[v], cli, true);
				}
				if (def->flags & F_PROFILE) {
					/* Too long for a line in any form; building the escapes takes long. */
					if (v != LONG_WORD && v != LONG_PATH)
						try_profile(def, k, values[v], profile, false);
					try_profile(def, k, values[v], profile, true);
				}
				(void)t_forget(state);
			}
		}
	}
	/* Not everything is taken, nor refused: the test itself would be wrong. */
	assert_true(refused > 1000 && taken > 100);
}

/* Too few words, too many, and values for what takes none */
static void number_of_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		for (unsigned n = 0; n <= SBX_MAX_ARGS + 1; n++) {
			struct sbx_diags d = t_diags();
			struct sbx_host h = host();
			struct sbx_buf line = { .arena = &t_arena };

			if (n == def->n_args || !(def->flags & F_PROFILE) || (def->flags & F_PREFIX))
				continue;
			sbx_buf_adds(&line, def->name);
			for (unsigned k = 0; k < n; k++)
				sbx_buf_adds(&line, " /x");
			sbx_buf_adds(&line, "\n");
			assert_null(t_spec(&h, &d, sbx_buf_str(&line)));
			check_said(&d, "/p/t.profile:2:");
		}
		for (unsigned n = 0; n < def->n_args && (def->flags & F_CLI) && !(def->flags & F_OPTARG); n++) {
			struct sbx_diags d = t_diags();
			struct sbx_cli cli;
			char *argv[8] = { sbx_strdup(&t_arena, "sbx"), sbx_strf(&t_arena, "--%s", def->name) };

			for (unsigned k = 0; k < n; k++)
				argv[2 + k] = sbx_strdup(&t_arena, "/x");
			assert_true(sbx_cli_parse(&t_arena, &d, (int)(2 + n), argv, &cli) < 0);
			check_said(&d, "<command-line>:1:");
		}
		if ((def->flags & F_CLI) && def->n_args == 0) {
			struct sbx_diags d = t_diags();
			struct sbx_cli cli;
			char *argv[] = { sbx_strdup(&t_arena, "sbx"), sbx_strf(&t_arena, "--%s=\x1b[31m", def->name), NULL };

			assert_true(sbx_cli_parse(&t_arena, &d, 2, argv, &cli) < 0);
			check_said(&d, "<command-line>:1:");
		}
		(void)t_forget(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_value),
		T(number_of_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
