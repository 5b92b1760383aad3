/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans and specs as text and JSON: every line has its origin, a spec's text is a profile again, nothing leaks. */
#include "unit/support.h"

#include "base/value.h"
#include "plan/dump.h"
#include "spec/lex.h"

static struct sbx_host host;

static int setup(void **state)
{
	static struct sbx_subid ids[] = { { 100000, 65536 } };

	(void)state;
	host = t_host();
	host.subuids = host.subgids = ids;
	host.n_subuids = host.n_subgids = 1;
	return 0;
}

/* A profile with every directive that a spec can hold, in a form that plans. */
static const char all[] =
    "bind /a /b\nbind-try /a /b\nro-bind /a /b\nro-bind-try /a /b\ndev-bind /a /b\ndev-bind-try '/a b' /b\n"
    "perms 1777\nsize 1M\ntmpfs /t\nproc /proc\ndev /dev\nperms 0700\ndir /d\nsymlink usr/bin /bin\nremount-ro /t\n"
    "hide /h\nmqueue /m\nlock-file /h\nchmod 0640 /h\noverlay-src /a\noverlay-src /b\nro-overlay /o\n"
    "overlay-src '/a b'\nnoexec\noverlay /u /w /o\nnosymfollow\noverlay-src /a\ntmp-overlay /o\nnoexec\nnoatime\n"
    "nodiratime\nro-bind /a /b\nassert-userns-disabled\nsummary\nstdout /out\nstderr append:/err\n"
    "home persist:x\nclearenv\nsetenv A \"b c\"\nunsetenv B\nunshare-all\nunshare-user\nunshare-user-try\n"
    "unshare-net\nunshare-pid\nunshare-ipc\nunshare-uts\nunshare-cgroup\ndisable-userns\nunshare-time\nhostname h\nuid 5\ngid 6\n"
    "map-root-user\nmap-user 7\nmap-group 8\nmap-auto\ncap-add CHOWN\ncap-drop KILL\nrlimit nofile=1:unlimited\n"
    "try rlimit core=0\nnice -5\ntimeout 1m\nkill-after 2s\nchdir /t\nargv0 -x\numask 027\nnew-session\n"
    "die-with-parent\npty\nseccomp p\nno-seccomp-floor\nreport-denials\n";

static const char shares[] =
    "share-net\nshare-pid\nshare-ipc\nshare-uts\nshare-cgroup\nmap-current-user\n"
    "map-users 1:100000:5\nmap-groups 1:100000:5\nunshare-cgroup-try\nenable-userns\nhome tmpfs\n";

/* What contradicts some of the above. */
static const char others[] = "as-pid-1\nidmap\nbind /a /b\n";

static const char *plan_text(const char *text)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_dump_plan_text(&b, t_good_plan(&host, text));
	return sbx_buf_str(&b);
}

static const char *plan_json(const char *text)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_dump_plan_json(&b, t_good_plan(&host, text));
	return sbx_buf_str(&b);
}

static const char *spec_text(const struct sbx_spec *s)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_dump_spec_text(&b, s);
	return sbx_buf_str(&b);
}

static const char *spec_json(const struct sbx_spec *s)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_dump_spec_json(&b, s);
	return sbx_buf_str(&b);
}

/* The text without its comments and version line. */
static const char *without_origins(const char *text)
{
	struct sbx_buf b = { .arena = &t_arena };

	assert_true(sbx_starts_with(text, "sbx-profile 1\n"));
	for (text = strchr(text, '\n') + 1; *text; text = strchr(text, '\n') + 1) {
		size_t len = strcspn(text, "\n"), end = len;

		/* The origin is the last word, behind "# ". */
		for (size_t i = 0; i + 2 < len; i++) {
			if (strncmp(text + i, " # ", 3) == 0)
				end = i;
		}
		assert_true(end < len);
		while (end > 0 && text[end - 1] == ' ')
			end--;
		sbx_buf_add(&b, text, end);
		sbx_buf_addc(&b, '\n');
	}
	return sbx_buf_str(&b);
}

/* OpenSSH's -T idea: what is shown is a configuration that gives the same again. */
static void same_again(const struct sbx_host *h, const struct sbx_spec *s)
{
	const char *first = without_origins(spec_text(s)), *second;

	second = without_origins(spec_text(t_good_spec(h, first)));
	assert_string_equal(first, second);
}

static void spec_is_a_profile(void **state)
{
	struct sbx_diags d = t_diags();
	const struct sbx_spec *s;

	(void)state;
	same_again(&host, t_good_spec(&host, ""));
	same_again(&host, t_good_spec(&host, all));
	same_again(&host, t_good_spec(&host, shares));
	same_again(&host, t_good_spec(&host, others));
	/* Every directive of the table that stays in a spec was there. */
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];
		const char *line = sbx_strf(&t_arena, "\n%s", def->name);

		if (!(def->flags & F_PROFILE) || (def->flags & F_PREFIX) || def->id == SBX_OPT_SBX_PROFILE ||
		    def->id == SBX_OPT_INCLUDE || def->id == SBX_OPT_REQUIRES)
			continue;
		if (!strstr(all, line) && !strstr(shares, line) && !strstr(others, line) && i != SBX_OPT_BIND &&
		    i != SBX_OPT_SHARE_NET && i != SBX_OPT_AS_PID_1)
			fail_msg("this test has no line for the new directive '%s'", def->name);
	}
	/* From the command line: relative paths, words with everything in them. */
	s = t_cli_spec(&host, &d, "--no-profile", "--bind", "rel ative", "/x", "--setenv", "A",
	    "a\nb\t\"'\\$#{ } \x01\xff\xc2\x9b\xc3\xa9", "--argv0", "", "--try", "--perms=0700", "--try", "--dir",
	    "/a#b", "--symlink", "# no comment", "/y", "--", "c", NULL);
	assert_string_equal(t_said(&d), "");
	same_again(&host, s);
	assert_non_null(strstr(spec_text(s), "bind \"/home/alice/project/rel ative\" /x "));
	assert_non_null(strstr(spec_text(s), "# \"<command-line>:2:1\"\n"));
	assert_non_null(strstr(spec_text(s), "try dir \"/a#b\""));
}

static void spec_lines(void **state)
{
	const struct sbx_spec *s = t_good_spec(&host, "perms 0700\nsize 1M\ntry tmpfs /t\nro-bind /a /b\n");

	(void)state;
	assert_string_equal(spec_text(s),
	    "sbx-profile 1\n"
	    "perms 0700                                              # /p/t.profile:2:1\n"
	    "size 1048576                                            # /p/t.profile:3:1\n"
	    "try tmpfs /t                                            # /p/t.profile:4:5\n"
	    "ro-bind /a /b                                           # /p/t.profile:5:1\n");
}

static void quoting(void **state)
{
	static const char *const words[][2] = {
		{ "", "\"\"" },
		{ "/usr/lib.so-1_2+3=4:5,6@7%8^9~", "/usr/lib.so-1_2+3=4:5,6@7%8^9~" },
		{ "a b", "\"a b\"" },
		{ "#", "\"#\"" },
		{ "a\nb\tc", "\"a\\nb\\tc\"" },
		{ "\"\\$", "\"\\\"\\\\\\$\"" },
		{ "'", "\"'\"" },
		{ "\x1b[2J", "\"\\x1b[2J\"" },
		{ "\x7f\xff", "\"\\x7f\\xff\"" },
		{ "\xc3\xa9", "\"\xc3\xa9\"" },
		{ "\xc2\x9bJ2", "\"\\xc2\\x9bJ2\"" },
		{ "!x", "\"!x\"" },
		{ "\xe2\x82", "\"\\xe2\\x82\"" },
		{ "${HOME}", "\"\\${HOME}\"" },
		{ "\r", "\"\\x0d\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *quoted = sbx_quote_word(&t_arena, words[i][0]);
		struct sbx_diags d = t_diags();
		struct sbx_lex_line line;
		struct sbx_lex lx;

		assert_string_equal(quoted, words[i][1]);
		/* The lexer takes it back, as one word. */
		assert_int_equal(sbx_lex_init(&lx, &t_arena, &d, "q", NULL, quoted, strlen(quoted)), 0);
		assert_int_equal(sbx_lex_next(&lx, &line), 1);
		assert_int_equal(line.n_words, 1);
		if (*words[i][0]) {
			assert_int_equal(line.words[0].n_pieces, 1);
			assert_false(line.words[0].pieces[0].variable);
			assert_string_equal(line.words[0].pieces[0].text, words[i][0]);
		} else {
			assert_int_equal(line.words[0].n_pieces, 0);
		}
	}
}

static void every_line_has_its_origin(void **state)
{
	const char *text = plan_text(all);
	const struct sbx_plan *p = t_good_plan(&host, all);

	(void)state;
	/* All that a directive asked for: mounts, limits, identity, times, variables. */
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *l = sbx_strndup(&t_arena, line, strcspn(line, "\n"));

		if (sbx_starts_with(l, "  ") && !strstr(l, " # "))
			fail_msg("no origin: '%s'", l);
	}
	assert_int_equal(t_count(text, "# \"sbx's own rule\"") + t_count(text, "# sbx's own rule"), 2);
	for (size_t i = 0; i < p->n_ops; i++) {
		if (p->ops[i].at)
			assert_non_null(strstr(text, sbx_origin_str(&t_arena, p->ops[i].at)));
	}
	assert_non_null(strstr(text, "\nhost name h "));
	assert_non_null(strstr(text, "\nrlimit nofile 1:unlimited "));
	assert_non_null(strstr(text, "\nrlimit core 0:0 "));
	assert_non_null(strstr(text, "\nnice -5 "));
	assert_non_null(strstr(text, "\numask 0027 "));
	assert_non_null(strstr(text, "\nSIGTERM after 60000 ms "));
	assert_non_null(strstr(text, "\nSIGKILL 2000 ms later "));
	assert_non_null(strstr(text, "\nkilled when the process that started sbx ends "));
	assert_non_null(strstr(text, "\ncapabilities: CAP_CHOWN\n"));
	assert_non_null(strstr(text, "\nuser 5, group 6, no other groups\n"));
	assert_non_null(strstr(text, "  tmpfs /t mode 1777 size 1048576 "));
	assert_non_null(strstr(text, "  ro-bind-try /a /b "));
	assert_non_null(strstr(text, "\nseccomp p "));
	assert_non_null(strstr(text, "\nno floor of closed system calls "));
	assert_non_null(strstr(text, "\ndenials are told of "));
	assert_non_null(strstr(text, "\nrun true as -x\n"));
	assert_non_null(strstr(text, "make the directory /home/alice/.local/share/sbx/homes/x on the host\n"));
}

/* Top to bottom in the order things happen. */
static void order(void **state)
{
	static const char *const stages[] = { "profile t\n", "new namespaces: user mount net pid ipc uts cgroup\n",
		"id maps, written by the sandbox", "loopback device up\n", "in an empty root", "  ro-bind /a /b",
		"  dir /c", "  protect ", "  remount-ro /  ", "enter the new root",
		"directory /home/alice/project, else", "process group of its own in the caller's session\n", "user 1000, group 1000\n",
		"capabilities: none\n", "no new privileges\n", "seccomp default ",
		"typing into terminals, keyrings, io_uring, clone3 closed\n", "environment:\n", "  X=1",
		"  and 8 of the caller's variables\n", "run true as true\n" };
	const char *text = plan_text("ro-bind /a /b\ndir /c\nsetenv X 1");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		text = strstr(text, stages[i]);
		if (!text)
			fail_msg("'%s' is missing or too early", stages[i]);
	}
}

static void shared_namespaces(void **state)
{
	const char *text = plan_text(shares);

	(void)state;
	assert_non_null(strstr(text, "new namespaces: user mount cgroup\n"));
	assert_int_equal(t_count(text, "  shared with the host: "), 4);
	assert_null(strstr(text, "loopback device up"));
	assert_non_null(strstr(text, "id maps, written by newuidmap and newgidmap:\n"));
	assert_non_null(strstr(text, "  uid 1 is 100000 outside, 5 ids"));
	assert_non_null(strstr(text, "\nuser 1000, group 1000, no other groups\n"));
	assert_null(strstr(text, "where the mounts are locked"));
	assert_non_null(strstr(plan_text("cap-add SYS_ADMIN"),
	    "\na user and a mount namespace of the command's own, where the mounts are locked\n"));
	assert_non_null(strstr(plan_json("cap-add SYS_ADMIN"), "\"nested\": true"));
	host.uid = 0;
	assert_non_null(strstr(plan_text("map-users all"), "id maps, written by sbx as root:\n"));
	assert_non_null(strstr(plan_text("cap-add ALL"), "\ncapabilities: all\n"));
	assert_non_null(
	    strstr(plan_text("cap-add SYS_ADMIN\ncap-add KILL"), "\ncapabilities: CAP_KILL CAP_SYS_ADMIN\n"));
}

static void json(void **state)
{
	static const char *const texts[] = { all, shares, "" };
	const char *out;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		out = plan_json(texts[i]);
		if (t_bad_json(out))
			fail_msg("no JSON from here: %s", t_bad_json(out));
		out = spec_json(t_good_spec(&host, texts[i]));
		if (t_bad_json(out))
			fail_msg("no JSON from here: %s", t_bad_json(out));
	}
	out = plan_json(all);
	assert_non_null(strstr(out, "\"sbx-plan\": 1,"));
	assert_non_null(strstr(out, "\"profile\": \"t\","));
	assert_non_null(strstr(out, "\"hostname\": \"h\","));
	assert_non_null(strstr(out, "\"id-map-writer\": \"newuidmap\","));
	assert_non_null(strstr(out, "\"size\": 1048576,"));
	assert_non_null(strstr(out, "\"hard\": \"unlimited\","));
	assert_non_null(strstr(out, "\"nice\": -5,"));
	assert_non_null(strstr(out, "\"umask\": \"0027\","));
	assert_non_null(strstr(out, "\"timeout-ms\": 60000,"));
	assert_non_null(strstr(out, "\"die-with-parent\": true"));
	assert_non_null(strstr(out, "\"pty\": true"));
	assert_non_null(strstr(out, "\"new-session\": true"));
	assert_non_null(strstr(out, "\"policy\": \"p\","));
	assert_non_null(strstr(out, "\"floor\": false,"));
	assert_non_null(strstr(out, "\"report-denials\": true,"));
	assert_non_null(strstr(out, "\"CAP_CHOWN\""));
	assert_non_null(strstr(out, "\"origin\": \"/p/t.profile:2:1\""));
	assert_non_null(strstr(out, "\"origin\": null"));
	/* Names are those of the option table. */
	out = spec_json(t_good_spec(&host, all));
	for (const char *p = strstr(out, "\"name\": \""); p; p = strstr(p + 1, "\"name\": \"")) {
		const char *name = p + strlen("\"name\": \"");

		assert_non_null(sbx_optdef_find(sbx_strndup(&t_arena, name, strcspn(name, "\""))));
	}
	/* Without a command and without a profile. */
	{
		struct sbx_spec s = *t_good_spec(&host, "");
		struct sbx_diags d = t_diags();
		struct sbx_buf b = { .arena = &t_arena };
		const struct sbx_plan *p;

		s.command = NULL;
		s.profile = NULL;
		assert_int_equal(sbx_plan_build(&t_arena, &s, NULL, &host, &d, &p), 0);
		sbx_dump_plan_json(&b, p);
		assert_null(t_bad_json(b.data));
		assert_non_null(strstr(b.data, "\"profile\": null,"));
		assert_non_null(strstr(b.data, "\"argv\": []"));
		b = (struct sbx_buf){ .arena = &t_arena };
		sbx_dump_plan_text(&b, p);
		assert_null(strstr(b.data, "run "));
		assert_false(sbx_starts_with(b.data, "profile"));
	}
}

/* The values of the caller's variables stay out of both, whatever is asked for. */
static void secrets(void **state)
{
	(void)state;
	assert_null(strstr(plan_text(""), "hunter2"));
	assert_null(strstr(plan_json(""), "hunter2"));
	assert_non_null(strstr(plan_json(""), "\"name\": \"SECRET\""));
	/* What a directive sets is shown. */
	assert_non_null(strstr(plan_text("setenv S ${env:SECRET}"), "  S=hunter2 "));
}

/* Nothing in a profile steers the terminal that shows it. */
static void hostile_words(void **state)
{
	struct sbx_diags d = t_diags();
	const struct sbx_spec *s = t_cli_spec(&host, &d, "--no-profile", "--bind", "/\x1b]0;x\x07\xc2\x9b", "/a\nb",
	    "--setenv", "A\r", "\x9b\x7f", "--argv0", "\x1b", "--", "/c\x1b", "\n", NULL);
	const struct sbx_plan *p;
	const char *texts[4];
	struct sbx_buf b[4] = { { .arena = &t_arena }, { .arena = &t_arena }, { .arena = &t_arena },
		{ .arena = &t_arena } };

	(void)state;
	assert_int_equal(sbx_plan_build(&t_arena, s, NULL, &host, &d, &p), 0);
	sbx_dump_spec_text(&b[0], s);
	sbx_dump_spec_json(&b[1], s);
	sbx_dump_plan_text(&b[2], p);
	sbx_dump_plan_json(&b[3], p);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const unsigned char *t = (const unsigned char *)b[i].data;

		for (; *t; t++) {
			assert_true(*t >= 0x20 || *t == '\n');
			assert_true(*t != 0x7f);
			if (i % 2 == 0 && *t == 0xc2)
				assert_true(t[1] >= 0xa0);
		}
		assert_int_equal(sbx_utf8_span(b[i].data, b[i].len), b[i].len);
	}
	assert_null(t_bad_json(b[1].data));
	assert_null(t_bad_json(b[3].data));
	same_again(&host, s);
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(spec_is_a_profile), S(spec_lines), S(quoting),
		S(every_line_has_its_origin), S(order), S(shared_namespaces), S(json), S(secrets), S(hostile_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
