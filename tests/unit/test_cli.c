/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line: where options end, what they take, and which profile stands behind them. */
#include "unit/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"

static struct sbx_diags diags;

/* Fills argv from the arguments up to NULL. */
static int parse(struct sbx_cli *ret, ...) __attribute__((sentinel));
static int parse(struct sbx_cli *ret, ...)
{
	char **argv = sbx_alloc_array(&t_arena, 64, sizeof *argv);
	const char *arg;
	va_list ap;
	int argc = 1;

	diags = t_diags();
	argv[0] = sbx_strdup(&t_arena, "sbx");
	va_start(ap, ret);
	while ((arg = va_arg(ap, const char *)))
		argv[argc++] = sbx_strdup(&t_arena, arg);
	va_end(ap);
	return sbx_cli_parse(&t_arena, &diags, argc, argv, ret);
}

/* "DIRECTIVE WORD…; … | COMMAND ARG…", or "!" and what is said. */
static const char *show(int r, const struct sbx_cli *cli)
{
	struct sbx_buf b = { .arena = &t_arena };

	assert_int_equal(r<0, diags.n_errors> 0);
	if (r < 0)
		return sbx_strf(&t_arena, "!%s", t_said(&diags));
	for (size_t i = 0; i < cli->n_directives; i++) {
		for (size_t k = 0; k < cli->directives[i].n; k++)
			sbx_buf_addf(&b, "%s%s", k ? " " : i ? "; " : "", cli->directives[i].words[k].text);
	}
	if (cli->command)
		sbx_buf_adds(&b, " |");
	for (const char *const *c = cli->command; c && *c; c++)
		sbx_buf_addf(&b, " %s", *c);
	return sbx_buf_str(&b);
}

static struct sbx_cli last;
#define PARSE(...) show(parse(&last, __VA_ARGS__, NULL), &last)

/* security.md row 13: CVE-2024-32462 (flatpak), CVE-2020-17367 (firejail). */
static void command_words_are_no_options(void **state)
{
	(void)state;
	assert_string_equal(PARSE("--", "--bind", "/", "/"), " | --bind / /");
	assert_string_equal(PARSE("--", "--"), " | --");
	assert_string_equal(PARSE("--", "--", "--bind"), " | -- --bind");
	assert_string_equal(PARSE("ls", "--bind", "/", "/"), " | ls --bind / /");
	assert_string_equal(PARSE("ls", "--", "--share-net"), " | ls -- --share-net");
	assert_string_equal(PARSE("--clearenv", "ls", "--no-profile", "-h"), "clearenv | ls --no-profile -h");
	assert_false(last.no_profile || last.help);
	/* A lone dash is no option. */
	assert_string_equal(PARSE("-", "--share-net"), " | - --share-net");
	assert_string_equal(PARSE("", "--share-net"), " |  --share-net");
	/* Values that look like options are values. */
	assert_string_equal(PARSE("--setenv", "--share-net", "--", "a"), "setenv --share-net -- | a");
	assert_string_equal(PARSE("--argv0=--share-net", "a"), "argv0 --share-net | a");
	assert_string_equal(PARSE("--profile", "--no-profile", "a"), " | a");
	assert_string_equal(last.profile.text, "--no-profile");
	assert_false(last.no_profile);
	/* Single letters are not bundled, and an abbreviation is no option. */
	assert_true(*PARSE("-vq", "a") == '!');
	assert_true(*PARSE("--share-n", "a") == '!');
	/* The command is part of argv itself, untouched. */
	assert_string_equal(PARSE("--", "\x1b\xff\n"), " | \x1b\xff\n");
}

static void no_words(void **state)
{
	char *argv[] = { NULL };

	(void)state;
	diags = t_diags();
	assert_int_equal(sbx_cli_parse(&t_arena, &diags, 0, argv, &last), 0);
	assert_null(last.command);
	assert_int_equal(parse(&last, NULL), 0);
	assert_null(last.command);
	assert_string_equal(PARSE("--"), "");
	assert_null(last.command);
	assert_string_equal(PARSE("--clearenv", "--"), "clearenv");
	assert_null(last.command);
}

static void arguments(void **state)
{
	(void)state;
	assert_string_equal(PARSE("--bind", "/a", "/b", "--uid", "1", "c"), "bind /a /b; uid 1 | c");
	assert_string_equal(PARSE("--uid=1", "--chdir=/a=b", "--argv0=", "c"), "uid 1; chdir /a=b; argv0  | c");
	assert_string_equal(PARSE("--bind", "/a"), "!<command-line>:1:1: error: --bind is missing its argument DEST\n");
	assert_string_equal(PARSE("--bind"), "!<command-line>:1:1: error: --bind is missing its argument SRC\n");
	assert_string_equal(
	    PARSE("--quiet", "--uid"), "!<command-line>:2:1: error: --uid is missing its argument UID\n");
	assert_string_equal(PARSE("--profile"), "!<command-line>:1:1: error: --profile is missing its argument NAME\n");
	assert_string_equal(PARSE("--bind=/a", "/b", "c"),
	    "!<command-line>:1:1: error: --bind takes its arguments as words: --bind SRC DEST\n");
	assert_string_equal(PARSE("--clearenv=1", "c"), "!<command-line>:1:1: error: --clearenv takes no argument\n");
	assert_string_equal(PARSE("--quiet=", "c"), "!<command-line>:1:1: error: --quiet takes no argument\n");
	assert_string_equal(PARSE("--try=1", "c"), "!<command-line>:1:1: error: --try takes no argument\n");
}

static void places(void **state)
{
	(void)state;
	(void)PARSE("--bind", "/a", "/b", "--uid=12", "c");
	assert_string_equal(sbx_origin_str(&t_arena, last.directives[0].words[0].at), "<command-line>:1:1");
	assert_string_equal(sbx_origin_str(&t_arena, last.directives[0].words[2].at), "<command-line>:3:1");
	assert_string_equal(sbx_origin_str(&t_arena, last.directives[1].words[0].at), "<command-line>:4:1");
	assert_string_equal(sbx_origin_str(&t_arena, last.directives[1].words[1].at), "<command-line>:4:7");
}

static void unknown_options(void **state)
{
	static const char *const odd[] = { "-", "--" };

	(void)state;
	assert_string_equal(PARSE("--ro-bnid", "/a", "/b", "c"),
	    "!<command-line>:1:1: error: unknown option '--ro-bnid' (did you mean '--ro-bind'?)\n");
	assert_string_equal(PARSE("--dryrun=json", "c"),
	    "!<command-line>:1:1: error: unknown option '--dryrun=json' (did you mean '--dry-run'?)\n");
	assert_string_equal(PARSE("--frobnicate", "c"),
	    "!<command-line>:1:1: error: unknown option '--frobnicate'\n"
	    "  hint: `sbx --help` lists the options; a command whose name begins "
	    "with '-' goes behind --\n");
	assert_true(sbx_starts_with(PARSE("-x", "c"), "!<command-line>:1:1: error: unknown option '-x'\n  hint: "));
	/* Nothing behind it is taken for the command. */
	assert_int_equal(parse(&last, "-x", "c", NULL), -EINVAL);
	assert_null(last.command);
	assert_string_equal(PARSE("--sbx-profile", "1", "c"),
	    "!<command-line>:1:1: error: 'sbx-profile' belongs in a profile, not on the command line\n");
	/* Words that are hardly words. */
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		assert_true(*PARSE(sbx_strf(&t_arena, "%s=", odd[i]), "c") == '!');
		assert_true(*PARSE(sbx_strf(&t_arena, "%s=x", odd[i]), "c") == '!');
		assert_true(*PARSE(sbx_strf(&t_arena, "%s\xff", odd[i]), "c") == '!');
	}
	assert_true(*PARSE("-h=x", "c") == '!');
	assert_true(*PARSE("---help", "c") == '!');
	assert_true(*PARSE("-=", "c") == '!');
	assert_true(*PARSE("-=-=-=-=-=-=-=-=-=-=-=-=", "c") == '!');
}

static void own_options(void **state)
{
	(void)state;
	assert_string_equal(PARSE("-h"), "");
	assert_true(last.help);
	assert_string_equal(PARSE("--help", "x"), " | x");
	assert_true(last.help);
	assert_string_equal(PARSE("-V"), "");
	assert_true(last.version);
	assert_false(last.level_prefix);
	assert_string_equal(PARSE("--level-prefix", "a"), " | a");
	assert_true(last.level_prefix);
	assert_string_equal(PARSE("--verbose", "--quiet", "a"), " | a");
	assert_true(last.quiet && !last.verbose);
	assert_string_equal(PARSE("--quiet", "--verbose", "a"), " | a");
	assert_true(!last.quiet && last.verbose);
	assert_string_equal(PARSE("a"), " | a");
	assert_int_equal(last.dry_run, SBX_DRY_RUN_NO);
	/* Its argument is optional, so the next word is the command. */
	assert_string_equal(PARSE("--dry-run", "json"), " | json");
	assert_int_equal(last.dry_run, SBX_DRY_RUN_TEXT);
	assert_string_equal(PARSE("--dry-run=json", "a"), " | a");
	assert_int_equal(last.dry_run, SBX_DRY_RUN_JSON);
	assert_string_equal(PARSE("--dry-run=json", "--dry-run", "a"), " | a");
	assert_int_equal(last.dry_run, SBX_DRY_RUN_TEXT);
	assert_string_equal(PARSE("--dry-run=xml", "a"), "!<command-line>:1:11: error: dry-run 'xml': expected json\n");
	assert_string_equal(PARSE("--dry-run=", "a"), "!<command-line>:1:11: error: dry-run '': expected json\n");
	assert_string_equal(
	    PARSE("--dry-run=JSON", "a"), "!<command-line>:1:11: error: dry-run 'JSON': expected json\n");
}

static void profiles_in_order(void **state)
{
	(void)state;
	(void)PARSE("--profile", "a", "--profile=b", "c");
	assert_string_equal(last.profile.text, "b");
	assert_string_equal(sbx_origin_str(&t_arena, last.profile.at), "<command-line>:3:11");
	assert_false(last.no_profile);
	(void)PARSE("--profile", "a", "--no-profile", "c");
	assert_null(last.profile.text);
	assert_true(last.no_profile);
	(void)PARSE("--no-profile", "--profile", "a", "c");
	assert_string_equal(last.profile.text, "a");
	assert_false(last.no_profile);
}

static void prefixes(void **state)
{
	(void)state;
	assert_string_equal(PARSE("--try", "--bind", "/a", "/b", "--uid", "1", "c"), "try bind /a /b; uid 1 | c");
	assert_string_equal(PARSE("--when", "exists:/x", "--try", "--uid=1", "c"), "when exists:/x try uid 1 | c");
	assert_string_equal(PARSE("--when=env:A", "--uid", "1", "c"), "when env:A uid 1 | c");
	assert_string_equal(PARSE("--try", "c"), "!<command-line>:1:1: error: --try is not followed by an option\n");
	assert_string_equal(
	    PARSE("--try", "--", "c"), "!<command-line>:1:1: error: --try is not followed by an option\n");
	assert_string_equal(
	    PARSE("--when", "env:A"), "!<command-line>:1:1: error: --when is not followed by an option\n");
	assert_string_equal(PARSE("--when"), "!<command-line>:1:1: error: --when is missing its argument CONDITION\n");
	assert_string_equal(PARSE("--try", "--quiet", "c"), "!<command-line>:2:1: error: --quiet can't follow try\n");
	assert_string_equal(PARSE("--when", "env:A", "--profile", "x", "c"),
	    "!<command-line>:3:1: error: --profile can't follow when\n");
	assert_string_equal(
	    PARSE("--try", "--args", "3", "c"), "!<command-line>:2:1: error: --args can't follow try\n");
	/* What names a descriptor is a directive as others are. */
	assert_string_equal(PARSE("--try", "--bind-fd", "3", "/x", "--when", "env:A", "--keep-fd", "4", "c"),
	    "try bind-fd 3 /x; when env:A keep-fd 4 | c");
}

/* A descriptor from which `len` bytes can be read. */
static int fd_of(const void *data, size_t len)
{
	int fd = memfd_create("args", MFD_CLOEXEC);

	assert_true(fd > 2);
	assert_int_equal(sbx_write_all(fd, data, len), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static const char *number(int fd)
{
	return sbx_strf(&t_arena, "%d", fd);
}

/* The text of an array of char, its last NUL included. */
#define FD_OF(text) number(fd_of(text, sizeof text))

static void more_words(void **state)
{
	const char *fd = FD_OF("--bind\0/a\0/b c\n");
	int fds[2];

	(void)state;
	assert_string_equal(PARSE("--uid", "1", "--args", fd, "--gid=2", "c", "--args", fd),
	    sbx_strf(&t_arena, "uid 1; bind /a /b c\n; gid 2 | c --args %s", fd));
	assert_string_equal(
	    sbx_origin_str(&t_arena, last.directives[1].words[2].at), sbx_strf(&t_arena, "<fd %s>:3:1", fd));
	assert_string_equal(sbx_origin_str(&t_arena, last.directives[1].words[2].at->from), "<command-line>:4:1");
	assert_string_equal(sbx_origin_str(&t_arena, last.directives[2].words[0].at), "<command-line>:5:1");
	/* It was closed, so it is not for anyone else. */
	assert_int_equal(fcntl(atoi(fd), F_GETFD), -1);
	assert_string_equal(PARSE("--args", fd, "c"),
	    sbx_strf(&t_arena,
		"!<command-line>:2:1: error: --args: can't read from file descriptor %s: Bad file descriptor\n", fd));
	/* A pipe; a last word without its NUL; words that are empty. */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(sbx_write_all(fds[1],
			     "--setenv\0A\0\0--uid\0"
			     "7",
			     19),
	    0);
	(void)close(fds[1]);
	assert_string_equal(PARSE("--args", number(fds[0]), "c"), "setenv A ; uid 7 | c");
	assert_string_equal(PARSE("--args", number(fd_of("", 0)), "c"), " | c");
	assert_string_equal(
	    PARSE(sbx_strf(&t_arena, "--args=%s", FD_OF("--quiet")), "--args", FD_OF("--clearenv"), "c"),
	    "clearenv | c");
	assert_true(last.quiet);
	assert_string_equal(PARSE("--args",
				FD_OF("--uid\0"
				      "5"),
				"--", "c"),
	    "uid 5 | c");
}

static void wrong_more_words(void **state)
{
	const char *fd = FD_OF("--quiet\0--\0true");

	(void)state;
	/* bubblewrap drops these without a word. */
	assert_string_equal(PARSE("--args", fd, "c"),
	    sbx_strf(&t_arena,
		"!<fd %s>:3:1: error: 'true' is no option: the command belongs on the command line\n"
		"  from: <command-line>:2:1\n",
		fd));
	fd = FD_OF("--quiet\0true\0--quiet");
	assert_non_null(strstr(PARSE("--args", fd, "c"), ":2:1: error: 'true' is no option"));
	assert_true(*PARSE("--args", FD_OF(""), "c") == '!');
	fd = FD_OF("--args\0"
		   "0");
	assert_non_null(
	    strstr(PARSE("--args", fd, "c"), ":2:1: error: --args can't be in the words of another --args"));
	/* A directive does not begin in one place and end in another. */
	assert_non_null(
	    strstr(PARSE("--args", FD_OF("--bind\0/a"), "/b", "c"), "error: --bind is missing its argument DEST"));
	assert_non_null(
	    strstr(PARSE("--args", FD_OF("--try"), "--uid", "1", "c"), "error: --try is not followed by an option"));
	assert_non_null(strstr(PARSE("--args", FD_OF("--frobnicate"), "c"), "error: unknown option '--frobnicate'"));
	assert_non_null(
	    strstr(PARSE("--args", FD_OF("--bind"), "c"), ">:1:1: error: --bind is missing its argument SRC"));
	assert_true(*PARSE("--args", "x", "c") == '!');
	assert_true(*PARSE("--args", "-1", "c") == '!');
	assert_true(*PARSE("--args", "2147483648", "c") == '!');
	assert_non_null(
	    strstr(PARSE("--args", "1000000", "c"), "can't read from file descriptor 1000000: Bad file descriptor"));
	assert_string_equal(PARSE("--args"), "!<command-line>:1:1: error: --args is missing its argument FD\n");
}

/* bubblewrap ends at 9000. */
static void very_many_words(void **state)
{
	static const size_t counts[] = { 3001, 40000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		struct sbx_buf b = { .arena = &t_arena };

		for (size_t k = 0; k < counts[i]; k++)
			sbx_buf_add(&b, "--ro-bind\0/usr\0/usr", sizeof "--ro-bind\0/usr\0/usr");
		assert_int_equal(parse(&last, "--args", number(fd_of(b.data, b.len)), "c", NULL), 0);
		assert_int_equal(last.n_directives, counts[i]);
		assert_string_equal(last.command[0], "c");
	}
}

/* What follows reads files. */

static char *top;
static struct sbx_host host;

static int setup(void **state)
{
	(void)state;
	top = t_mkdtemp();
	host = t_host();
	host.uid = getuid();
	host.cwd = top;
	host.search_dirs[2] = top;
	(void)t_write(top, "profiles/default.profile", "sbx-profile 1\nsetenv P ${PROFILE}\nsetenv FROM default\n");
	(void)t_write(top, "profiles/ls.profile",
	    "sbx-profile 1\nsetenv P ${PROFILE}\nsetenv FROM ls\nuid 5\nperms 0700\ndir /x\n");
	(void)t_write(top, "here.profile", "sbx-profile 1\nsetenv P ${PROFILE}\nsetenv FROM here\n");
	diags = t_diags();
	return 0;
}

static int teardown(void **state)
{
	t_remove(top);
	return t_forget(state);
}

/* "PROFILE FROM uid NOTICE" of a command line's spec. */
static const char *spec(const char *first, const char *second, const char *third)
{
	char *argv[] = { sbx_strdup(&t_arena, "sbx"), sbx_strdup(&t_arena, first),
		second ? sbx_strdup(&t_arena, second) : NULL, third ? sbx_strdup(&t_arena, third) : NULL, NULL };
	const struct sbx_spec *s = NULL;
	const struct sbx_item *item;
	const char *notice = "unset", *p = "-", *from = "-";
	struct sbx_cli cli;

	diags = t_diags();
	assert_int_equal(sbx_cli_parse(&t_arena, &diags, third ? 4 : second ? 3 : 2, argv, &cli), 0);
	if (sbx_cli_spec(&t_arena, &host, &diags, &cli, &s, &notice) < 0) {
		assert_null(s);
		return sbx_strf(&t_arena, "!%s", t_said(&diags));
	}
	assert_int_equal(diags.n, 0);
	assert_ptr_equal(s->command, cli.command);
	for (size_t i = 0; i < s->n_items; i++) {
		item = &s->items[i];
		if (item->def->id == SBX_OPT_SETENV)
			*(sbx_streq(item->arg[0].text, "P") ? &p : &from) = item->arg[1].text;
	}
	item = sbx_spec_get(s, SBX_OPT_UID);
	if (s->profile)
		assert_string_equal(s->profile, p);
	return sbx_strf(&t_arena, "%s %s %s%s%s", s->profile ? s->profile : "none", from,
	    item ? item->arg[0].text : "-", notice ? " " : "", notice ? notice : "");
}

static void implicit_profile(void **state)
{
	const char *notice = sbx_strf(&t_arena, "profile ls (%s/profiles/ls.profile)", top);

	(void)state;
	assert_string_equal(spec("ls", NULL, NULL), sbx_strf(&t_arena, "ls ls 5 %s", notice));
	assert_string_equal(spec("/usr/bin/ls", NULL, NULL), sbx_strf(&t_arena, "ls ls 5 %s", notice));
	assert_string_equal(spec("./ls", "-l", NULL), sbx_strf(&t_arena, "ls ls 5 %s", notice));
	notice = sbx_strf(&t_arena, "profile default (%s/profiles/default.profile)", top);
	assert_string_equal(spec("cat", NULL, NULL), sbx_strf(&t_arena, "default default - %s", notice));
	/* Names that no profile can have. */
	assert_string_equal(spec("--", "-x", NULL), sbx_strf(&t_arena, "default default - %s", notice));
	assert_string_equal(spec("a/", NULL, NULL), sbx_strf(&t_arena, "default default - %s", notice));
	assert_string_equal(spec("/", NULL, NULL), sbx_strf(&t_arena, "default default - %s", notice));
	assert_string_equal(spec("..", NULL, NULL), sbx_strf(&t_arena, "default default - %s", notice));
	assert_string_equal(spec("a\nb", NULL, NULL), sbx_strf(&t_arena, "default default - %s", notice));
	/* A masked one is as good as none. */
	(void)t_write(top, "profiles/ls.profile", "");
	assert_string_equal(spec("ls", NULL, NULL), sbx_strf(&t_arena, "default default - %s", notice));
	/* A wrong one is not passed over. */
	(void)t_write(top, "profiles/ls.profile", "uid 0\n");
	assert_true(*spec("ls", NULL, NULL) == '!');
	assert_int_equal(chmod(sbx_strf(&t_arena, "%s/profiles/ls.profile", top), 0666), 0);
	assert_non_null(strstr(spec("ls", NULL, NULL), "can be written by others"));
	/* Without `default` there is no start. */
	assert_int_equal(unlink(sbx_strf(&t_arena, "%s/profiles/default.profile", top)), 0);
	assert_non_null(strstr(spec("cat", NULL, NULL), "error: no profile 'default'"));
}

static void explicit_profile(void **state)
{
	(void)state;
	assert_string_equal(spec("--profile=ls", "cat", NULL), "ls ls 5");
	assert_string_equal(spec("--profile=default", "ls", NULL), "default default -");
	assert_string_equal(spec("--no-profile", "ls", NULL), "none - -");
	assert_string_equal(spec("--no-profile", "--uid=7", "ls"), "none - 7");
	/* A path counts from the current directory. */
	assert_string_equal(spec("--profile=./here.profile", "ls", NULL), "here.profile here -");
	assert_string_equal(
	    spec(sbx_strf(&t_arena, "--profile=%s/here.profile", top), "ls", NULL), "here.profile here -");
	assert_true(sbx_starts_with(
	    spec("--profile=here.profile", "ls", NULL), "!<command-line>:1:11: error: no profile 'here.profile'"));
	assert_true(sbx_starts_with(
	    spec("--profile=", "ls", NULL), "!<command-line>:1:11: error: profile '': expected a name"));
}

/* Profile first, then the command line. */
static void order(void **state)
{
	(void)state;
	assert_string_equal(
	    spec("--uid=7", "ls", NULL), sbx_strf(&t_arena, "ls ls 7 profile ls (%s/profiles/ls.profile)", top));
	assert_string_equal(spec("--uid=7", "--profile=ls", "x"), "ls ls 7");
	/* Mistakes of both are shown together. */
	(void)t_write(top, "profiles/ls.profile", "sbx-profile 1\nuid x\n");
	assert_int_equal(t_count(spec("--uid=y", "ls", NULL), "error:"), 2);
	/* A modifier waits for nothing beyond the options. */
	assert_string_equal(spec("--no-profile", "--perms=0700", "ls"),
	    "!<command-line>:2:1: error: perms is not followed by tmpfs, dir, file, bind-data or ro-bind-data\n");
	assert_string_equal(spec("--no-profile", "--uid=-1", "ls"),
	    "!<command-line>:2:7: error: uid: UID '-1': expected a "
	    "number from 0 to 4294967294\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(command_words_are_no_options),
		T(no_words),
		T(arguments),
		T(places),
		T(unknown_options),
		T(own_options),
		T(profiles_in_order),
		T(prefixes),
		T(more_words),
		T(wrong_more_words),
		T(very_many_words),
		cmocka_unit_test_setup_teardown(implicit_profile, setup, teardown),
		cmocka_unit_test_setup_teardown(explicit_profile, setup, teardown),
		cmocka_unit_test_setup_teardown(order, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
