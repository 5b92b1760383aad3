/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reader: files, includes, drop-ins, prefixes, variables, and what is said of mistakes. */
#include "unit/support.h"

#include <stdio.h>
#include <sys/stat.h>

#include "spec/profile.h"

static char *top;
static struct sbx_host host;
static struct sbx_diags diags;

static int setup(void **state)
{
	(void)state;
	top = t_mkdtemp();
	host = t_host();
	host.uid = getuid();
	host.search_dirs[1] = top;
	(void)mkdir(sbx_strf(&t_arena, "%s/profiles", top), 0755);
	diags = t_diags();
	return 0;
}

static int teardown(void **state)
{
	t_remove(top);
	return t_forget(state);
}

static void profile(const char *name, const char *text)
{
	(void)t_write(
	    top, sbx_strf(&t_arena, "profiles/%s.profile", name), sbx_strf(&t_arena, "sbx-profile 1\n%s", text));
}

static void raw(const char *name, const char *text)
{
	(void)t_write(top, sbx_strf(&t_arena, "profiles/%s", name), text);
}

/* `text` without the test's own directory. */
static const char *without_top(const char *text)
{
	struct sbx_buf b = { .arena = &t_arena };
	const char *hit;

	while ((hit = strstr(text, top))) {
		sbx_buf_add(&b, text, (size_t)(hit - text));
		sbx_buf_addc(&b, '@');
		text = hit + strlen(top);
	}
	sbx_buf_adds(&b, text);
	return sbx_buf_str(&b);
}

/* The directives of profile `name` as "NAME ARG…" lines; or what is said of it, behind "!". */
static const char *read_profile(const char *name)
{
	struct sbx_builder b = { .arena = &t_arena, .host = &host, .diags = &diags };
	struct sbx_reader r = { .builder = &b, .profile = name };
	struct sbx_buf out = { .arena = &t_arena };
	const struct sbx_spec *s;
	int e;

	diags = t_diags();
	e = sbx_reader_profile(&r, name, NULL, NULL);
	assert_int_equal(e<0, diags.n_errors> 0);
	assert_int_equal(r.depth, 0);
	if (e < 0)
		return sbx_strf(&t_arena, "!%s", without_top(t_said(&diags)));
	s = sbx_builder_seal(&b);
	for (size_t i = 0; i < s->n_items; i++) {
		sbx_buf_addf(&out, "%s%s", s->items[i].try ? "try " : "", s->items[i].def->name);
		for (unsigned k = 0; k < s->items[i].def->n_args; k++)
			sbx_buf_addf(&out, " %s", s->items[i].arg[k].text);
		sbx_buf_addc(&out, '\n');
	}
	return sbx_buf_str(&out);
}

/* The same of a profile `p` with this text behind the version line. */
static const char *text(const char *s)
{
	profile("p", s);
	return read_profile("p");
}

static void version_line(void **state)
{
	(void)state;
	assert_string_equal(text(""), "");
	raw("a.profile", "\n# comment\n  sbx-profile '1' # so\nuid 1\n");
	assert_string_equal(read_profile("a"), "uid 1\n");
	raw("a.profile", "uid 1\nuid x\n");
	/* One error, not a flood. */
	assert_string_equal(read_profile("a"),
	    "!@/profiles/a.profile:1:1: error: the first directive must be `sbx-profile 1`, not 'uid'\n");
	raw("a.profile", "sbx-profile 2\nfrobnicate\n");
	assert_string_equal(read_profile("a"),
	    "!@/profiles/a.profile:1:13: error: profile language '2' is not known to this "
	    "sbx; it reads version 1\n  hint: a newer sbx may read it\n");
	raw("a.profile", "sbx-profile\n");
	assert_string_equal(
	    read_profile("a"), "!@/profiles/a.profile:1:1: error: sbx-profile takes 1 argument: sbx-profile 1\n");
	raw("a.profile", "sbx-profile 1 2\n");
	assert_true(
	    sbx_starts_with(read_profile("a"), "!@/profiles/a.profile:1:1: error: sbx-profile takes 1 argument"));
	raw("a.profile", "${NOPE} 1\n");
	assert_true(
	    sbx_starts_with(read_profile("a"), "!@/profiles/a.profile:1:1: error: variable ${NOPE} is unknown"));
	raw("a.profile", "# nothing\n");
	assert_string_equal(read_profile("a"),
	    "!<default>: error: '@/profiles/a.profile' has no directive; it must begin with `sbx-profile 1`\n");
	raw("a.profile", "\"sbx\nsbx-profile 1\n");
	assert_string_equal(read_profile("a"), "!@/profiles/a.profile:1:1: error: missing closing \"\n");
	assert_string_equal(text("uid 1\nsbx-profile 1\n"),
	    "!@/profiles/p.profile:3:1: error: sbx-profile must be the first directive of a file\n");
	assert_string_equal(text("try sbx-profile 1\n"),
	    "!@/profiles/p.profile:2:5: error: sbx-profile must be the first directive of a file\n");
	/* A drop-in is a file, too. */
	raw("p.profile.d/1.conf", "uid 3\n");
	assert_string_equal(text(""), "!@/profiles/p.profile.d/1.conf:1:1: error: the first directive must be "
				      "`sbx-profile 1`, not 'uid'\n");
}

static void includes(void **state)
{
	(void)state;
	profile("a", "uid 1\ninclude b\nsetenv A 3\n");
	profile("b", "setenv A 2\n");
	assert_string_equal(read_profile("a"), "uid 1\nsetenv A 2\nsetenv A 3\n");
	/* The same file twice is no loop. */
	profile("a", "include b\ninclude b\n");
	assert_string_equal(read_profile("a"), "setenv A 2\nsetenv A 2\n");
	/* Drop-ins come behind their own profile. */
	raw("b.profile.d/2.conf", "sbx-profile 1\nsetenv B 2\n");
	raw("b.profile.d/1.conf", "sbx-profile 1\nsetenv B 1\n");
	profile("a", "include b\nuid 9\n");
	assert_string_equal(read_profile("a"), "setenv A 2\nsetenv B 1\nsetenv B 2\nuid 9\n");
	assert_string_equal(
	    text("include\n"), "!@/profiles/p.profile:2:1: error: include takes 1 argument, not 0: include NAME\n");
	assert_true(sbx_starts_with(
	    text("include a b\n"), "!@/profiles/p.profile:2:1: error: include takes 1 argument, not 2"));
	assert_true(sbx_starts_with(text("include nope\n"), "!@/profiles/p.profile:2:9: error: no profile 'nope'\n"));
	assert_true(sbx_starts_with(text("include ../x y\n"), "!@/profiles/p.profile:2:1: error: include takes"));
	profile("masked", "uid 1\n");
	raw("masked.profile", "");
	assert_true(
	    sbx_starts_with(text("include masked\n"), "!@/profiles/p.profile:2:9: error: profile 'masked' is masked"));
	/* The name may come of a variable. */
	profile("x-p", "uid 5\n");
	assert_string_equal(text("include x-${PROFILE}\n"), "uid 5\n");
}

static void includes_beside(void **state)
{
	(void)state;
	raw("sub/one.inc", "sbx-profile 1\nuid 1\ninclude ./two.inc\ninclude ../three.inc\n");
	raw("sub/two.inc", "sbx-profile 1\nuid 2\n");
	raw("three.inc", "sbx-profile 1\ngid 3\n");
	assert_string_equal(text("include sub/one.inc\n"), "uid 2\ngid 3\n");
	assert_string_equal(text("include ./sub/one.inc\n"), "uid 2\ngid 3\n");
	assert_string_equal(text(sbx_strf(&t_arena, "include %s/profiles/three.inc\n", top)), "gid 3\n");
	assert_string_equal(
	    text("include ./one.inc\n"), "!@/profiles/p.profile:2:9: error: no file '@/profiles/./one.inc'\n");
	/* Beside the file that says so, not beside the caller; its name is searched all the same. */
	raw("sub/one.inc", "sbx-profile 1\ninclude p2\n");
	profile("p2", "uid 7\n");
	assert_string_equal(text("include sub/one.inc\n"), "uid 7\n");
}

static void loops(void **state)
{
	(void)state;
	assert_string_equal(
	    text("include p\n"), "!@/profiles/p.profile:2:9: error: '@/profiles/p.profile' includes itself\n");
	profile("a", "include b\n");
	profile("b", "include c\n");
	profile("c", "uid 1\ninclude a\n");
	assert_string_equal(read_profile("a"),
	    "!@/profiles/c.profile:3:9: error: '@/profiles/a.profile' includes itself\n"
	    "  from: @/profiles/b.profile:2:9\n  from: @/profiles/a.profile:2:9\n");
	/* A loop that no name shows ends by depth. */
	raw("self.inc", "sbx-profile 1\ninclude ./self.inc\n");
	assert_non_null(strstr(text("include ./self.inc\n"), "error: includes are nested more than 16 deep\n"));
	/* A drop-in that includes its own profile. */
	profile("d", "uid 1\n");
	raw("d.profile.d/1.conf", "sbx-profile 1\ninclude d\n");
	assert_string_equal(
	    read_profile("d"), "!@/profiles/d.profile.d/1.conf:2:9: error: '@/profiles/d.profile' includes itself\n");
}

static void depth(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SBX_PROFILE_MAX_DEPTH; i++)
		profile(sbx_strf(&t_arena, "d%u", i), sbx_strf(&t_arena, "include d%u\n", i + 1));
	profile("d16", "uid 16\n");
	assert_string_equal(read_profile("d0"), "uid 16\n");
	profile("d16", "include d17\n");
	profile("d17", "uid 17\n");
	assert_true(sbx_starts_with(read_profile("d0"),
	    "!@/profiles/d16.profile:2:9: error: includes are nested more than 16 deep\n"
	    "  from: @/profiles/d15.profile:2:9\n"));
	assert_int_equal(t_count(t_said(&diags), "from:"), 16);
	assert_string_equal(read_profile("d1"), "uid 17\n");
}

/* 2^11 files by 11 levels of two includes. */
static void multiplication(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 11; i++)
		profile(sbx_strf(&t_arena, "m%u", i), sbx_strf(&t_arena, "include m%u\ninclude m%u\n", i + 1, i + 1));
	profile("m11", "uid 1\n");
	assert_non_null(strstr(read_profile("m0"), "error: more than 1024 files are read by include\n"));
	assert_string_equal(read_profile("m3"), "uid 1\n");
}

static void conditions(void **state)
{
	static char *env[] = { NULL, NULL, NULL };
	char set[] = "SET=1", empty[] = "EMPTY=";

	(void)state;
	env[0] = set;
	env[1] = empty;
	host.env = env;
	assert_string_equal(text("when exists:/etc/passwd uid 1\nwhen exists:/nope gid 1\n"), "uid 1\n");
	assert_string_equal(text("when !exists:/etc/passwd uid 1\nwhen !exists:/nope gid 1\n"), "gid 1\n");
	assert_string_equal(text("when exists:${HOME} uid 1\n"), "uid 1\n");
	assert_string_equal(text("when env:SET uid 1\nwhen env:UNSET uid 2\nwhen env:EMPTY uid 3\n"), "uid 1\n");
	assert_string_equal(
	    text("when !env:SET uid 1\nwhen !env:UNSET gid 2\nwhen !env:EMPTY umask 3\n"), "gid 2\numask 3\n");
	assert_string_equal(text("when feature:merged-usr uid 1\nwhen feature:landlock uid 2\n"), "uid 1\n");
	assert_string_equal(text("when !feature:merged-usr uid 1\nwhen !feature:landlock uid 2\n"), "uid 2\n");
	assert_string_equal(text("when feature:merged-usr when env:SET uid 1\n"), "uid 1\n");
	assert_string_equal(text("when feature:merged-usr when env:UNSET uid 1\n"), "");
	assert_string_equal(text("when env:UNSET when env:SET uid 1\n"), "");
	/* What is set to nothing is as good as unset, as ${env:…} has it. */
	assert_string_equal(text("when env:EMPTY setenv A ${env:EMPTY}\n"), "");
}

static void conditions_are_lazy(void **state)
{
	(void)state;
	assert_string_equal(text("when env:UNSET setenv A ${env:UNSET}\n"), "");
	assert_string_equal(text("when !exists:/etc/passwd bind ${NOPE} /x\n"), "");
	assert_string_equal(text("try when env:UNSET setenv A ${env:UNSET}\n"), "");
	assert_string_equal(text("when exists:/etc/passwd try when env:UNSET setenv A ${env:UNSET}\n"), "");
	assert_string_equal(text("when env:UNSET include nope\n"), "");
	assert_string_equal(text("when env:UNSET requires landlock\n"), "");
	/* The condition itself is expanded. */
	assert_string_equal(text("when exists:${env:UNSET} uid 1\n"),
	    "!@/profiles/p.profile:2:13: error: variable ${env:UNSET} is not set\n"
	    "  hint: write `when env:UNSET …` to use the line only if it is set\n");
	/* Modifiers go with their directive. */
	assert_string_equal(text("perms 0700\nwhen env:UNSET dir /a\ndir /b\n"), "dir /b\n");
	assert_string_equal(text("size 1k\nwhen env:UNSET tmpfs ${env:UNSET}\nuid 1\n"), "uid 1\n");
	assert_string_equal(text("perms 0700\nwhen exists:/usr dir /a\n"), "dir /a\n");
}

static void bad_conditions(void **state)
{
	static const char *const bad[] = { "x", "exists", "exists:", "exists:rel", "env", "env:", "Env:A", "feature",
		"!", "!!env:A", "''", "! env:A", "exists:", "env=A", "! exists:/x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *said = text(sbx_strf(&t_arena, "when %s uid 1\n", bad[i]));

		if (!sbx_starts_with(said, "!@/profiles/p.profile:2:6: error: when '"))
			fail_msg("when %s gives %s", bad[i], said);
		assert_int_equal(diags.n_errors, 1);
	}
	assert_string_equal(text("when feature:nope uid 1\n"),
	    "!@/profiles/p.profile:2:6: error: when: no feature 'nope'\n"
	    "  hint: `sbxctl doctor` lists the features\n");
	assert_string_equal(
	    text("when env:A\n"), "!@/profiles/p.profile:2:1: error: when is not followed by a directive\n");
	assert_string_equal(text("when\n"), "!@/profiles/p.profile:2:1: error: when is not followed by a directive\n");
	assert_string_equal(text("try\n"), "!@/profiles/p.profile:2:1: error: try is not followed by a directive\n");
	assert_string_equal(
	    text("when exists:/usr try\n"), "!@/profiles/p.profile:2:18: error: try is not followed by a directive\n");
}

static void try_prefix(void **state)
{
	(void)state;
	assert_string_equal(
	    text("try bind /a /b\ntry when exists:/usr nice 1\nwhen exists:/usr try nice 2\ntry try uid 1\n"),
	    "try bind /a /b\ntry nice 2\ntry uid 1\n");
	/* Not for a syntax error. */
	assert_true(sbx_starts_with(text("try bind /a\n"), "!@/profiles/p.profile:2:5: error: bind takes 2 arguments"));
	assert_true(
	    sbx_starts_with(text("try bnid /a /b\n"), "!@/profiles/p.profile:2:5: error: unknown directive 'bnid'"));
	/* What is not there is skipped; what is there and wrong is not. */
	profile("bad", "uid x\n");
	assert_string_equal(text("try include nope\ntry include ./nope\nuid 1\n"), "uid 1\n");
	assert_string_equal(without_top(t_said(&diags)),
	    "@/profiles/p.profile:2:13: notice: skipped: there is no profile 'nope'\n"
	    "@/profiles/p.profile:3:13: notice: skipped: there is no profile './nope'\n");
	assert_true(*text("try include bad\n") == '!');
	assert_true(*text("try include .bad\n") == '!');
	/* A word in quotes is the word; an argument is never a prefix. */
	assert_string_equal(text("'try' \"uid\" 1\nsetenv try when\n"), "try uid 1\nsetenv try when\n");
}

static void requirements(void **state)
{
	(void)state;
	assert_string_equal(text("requires merged-usr\nuid 1\n"), "uid 1\n");
	/* Why it is missing is the machine's to say. */
	assert_true(sbx_starts_with(
	    text("requires landlock\nuid x\n"), "!@/profiles/p.profile:2:10: error: landlock is required: "));
	assert_non_null(diags.items[0].hint);
	assert_int_equal(diags.items[0].code, -EOPNOTSUPP);
	assert_int_equal(diags.n_errors, 2);
	assert_string_equal(text("try requires landlock\nuid 1\n"), "uid 1\n");
	assert_true(sbx_starts_with(
	    t_said(&diags), sbx_strf(&t_arena, "%s/profiles/p.profile:2:14: notice: landlock is missing: ", top)));
	assert_true(*text("try requires nope\n") == '!');
	assert_true(sbx_starts_with(
	    text("requires nope\n"), "!@/profiles/p.profile:2:10: error: requires: no feature 'nope'\n"));
	assert_true(
	    sbx_starts_with(text("requires\n"), "!@/profiles/p.profile:2:1: error: requires takes 1 argument, not 0"));
	assert_true(sbx_starts_with(
	    text("requires a b\n"), "!@/profiles/p.profile:2:1: error: requires takes 1 argument, not 2"));
}

static void variables(void **state)
{
	(void)state;
	assert_string_equal(text("setenv A ${HOME}:${PWD}:${PROFILE}:${SBX_ID}\n"),
	    "setenv A /home/alice:/home/alice/project:p:0123456789ab\n");
	assert_string_equal(text("setenv A ${UID}-${GID}\n"), sbx_strf(&t_arena, "setenv A %u-1000\n", getuid()));
	assert_string_equal(
	    text(
		"setenv A ${XDG_CONFIG_HOME}:${XDG_DATA_HOME}:${XDG_STATE_HOME}:${XDG_CACHE_HOME}:${XDG_RUNTIME_DIR}\n"),
	    "setenv A /home/alice/.config:/home/alice/.local/share:/home/alice/.local/state:"
	    "/home/alice/.cache:/run/user/1000\n");
	assert_string_equal(
	    text("setenv A \"${env:USER}\"\nsetenv B x${env:USER}y\n"), "setenv A alice\nsetenv B xalicey\n");
	assert_string_equal(text("setenv A '${HOME}'\nsetenv B \\${HOME}\n"), "setenv A ${HOME}\nsetenv B ${HOME}\n");
	/* One piece: never split, never read again. */
	{
		char odd[] = "ODD=a b # \"c' ${HOME} \\n $(id) \x01";
		static char *env[] = { NULL, NULL };

		env[0] = odd;
		host.env = env;
		assert_string_equal(text("setenv A ${env:ODD}\n"), "setenv A a b # \"c' ${HOME} \\n $(id) \x01\n");
		/* A directive's name may be one, too; its words still count as one. */
		assert_true(sbx_starts_with(
		    text("${env:ODD}\n"), "!@/profiles/p.profile:2:1: error: unknown directive 'a b # "));
	}
}

static void bad_variables(void **state)
{
	(void)state;
	assert_string_equal(text("bind /a ${HOEM}\n"), "!@/profiles/p.profile:2:9: error: variable ${HOEM} is unknown\n"
						       "  hint: did you mean ${HOME}?\n");
	assert_string_equal(
	    text("bind /a x${FROBNICATE}\n"), "!@/profiles/p.profile:2:10: error: variable ${FROBNICATE} is unknown\n");
	assert_true(
	    sbx_starts_with(text("setenv A ${}\n"), "!@/profiles/p.profile:2:10: error: variable ${} is unknown\n"));
	assert_true(sbx_starts_with(
	    text("setenv A ${home}\n"), "!@/profiles/p.profile:2:10: error: variable ${home} is unknown\n"));
	assert_true(sbx_starts_with(
	    text("setenv A ${env:}\n"), "!@/profiles/p.profile:2:10: error: variable ${env:} is unknown\n"));
	assert_true(sbx_starts_with(
	    text("setenv A ${USER}\n"), "!@/profiles/p.profile:2:10: error: variable ${USER} is unknown\n"));
	assert_string_equal(text("setenv A ${env:UNSET}\n"),
	    "!@/profiles/p.profile:2:10: error: variable ${env:UNSET} is not set\n"
	    "  hint: write `when env:UNSET …` to use the line only if it is set\n");
	assert_true(sbx_starts_with(
	    text("setenv A ${env:EMPTY}\n"), "!@/profiles/p.profile:2:10: error: variable ${env:EMPTY} is empty\n"));
	assert_true(sbx_starts_with(text("setenv A ${XDG_DOWNLOAD_DIR}\n"),
	    "!@/profiles/p.profile:2:10: error: variable ${XDG_DOWNLOAD_DIR} has no value here (see user-dirs"));
	host.runtime_dir = NULL;
	host.cwd = NULL;
	assert_string_equal(text("setenv A ${XDG_RUNTIME_DIR}\nsetenv A ${PWD}\n"),
	    "!@/profiles/p.profile:2:10: error: variable ${XDG_RUNTIME_DIR} has no value here\n"
	    "@/profiles/p.profile:3:10: error: variable ${PWD} has no value here\n");
}

static void user_dirs(void **state)
{
	static const char dirs[] = "XDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\nXDG_MUSIC_DIR=\"$HOME\"\n";
	const char *path = t_write(top, "config/user-dirs.dirs", dirs);

	(void)state;
	host.config_home = sbx_strf(&t_arena, "%s/config", top);
	host.fake_paths = (const char *const[]){ path, NULL };
	assert_string_equal(text("setenv A ${XDG_DOWNLOAD_DIR}\n"), "setenv A /home/alice/Downloads\n");
	/* "No such directory" is written as the home itself, which must not be shared for it. */
	assert_true(sbx_starts_with(text("setenv A ${XDG_MUSIC_DIR}\n"),
	    "!@/profiles/p.profile:2:10: error: variable ${XDG_MUSIC_DIR} has no"));
}

static void wrong_words(void **state)
{
	(void)state;
	assert_string_equal(text("ro-bnid /a /b\n"),
	    "!@/profiles/p.profile:2:1: error: unknown directive 'ro-bnid' (did you mean 'ro-bind'?)\n");
	assert_string_equal(text("frobnicate\n"), "!@/profiles/p.profile:2:1: error: unknown directive 'frobnicate'\n");
	assert_string_equal(text("--bind /a /b\n"),
	    "!@/profiles/p.profile:2:1: error: unknown directive '--bind' (did you mean 'bind'?)\n");
	assert_string_equal(text("profile x\n"),
	    "!@/profiles/p.profile:2:1: error: 'profile' belongs on the command line\n"
	    "  hint: a profile reads another with `include NAME`\n");
	assert_string_equal(
	    text("try quiet\n"), "!@/profiles/p.profile:2:5: error: 'quiet' belongs on the command line\n");
	assert_string_equal(
	    text("dry-run\n"), "!@/profiles/p.profile:2:1: error: 'dry-run' belongs on the command line\n");
}

/* Every mistake of every file at once, each with the way that led to it. */
static void all_errors_at_once(void **state)
{
	(void)state;
	profile("inner", "uid x\n\nbind \"a\n  nice 99\n");
	assert_string_equal(text("tmpsf /a\nhide /b\ninclude inner\nchdir rel\n"),
	    "!@/profiles/p.profile:2:1: error: unknown directive 'tmpsf' (did you mean 'tmpfs'?)\n"
	    "@/profiles/inner.profile:2:5: error: uid: UID 'x': expected a number from 0 to 4294967294\n"
	    "  from: @/profiles/p.profile:4:9\n"
	    "@/profiles/inner.profile:4:6: error: missing closing \"\n"
	    "  from: @/profiles/p.profile:4:9\n"
	    "@/profiles/inner.profile:5:8: error: nice: N '99': expected a nice value from -20 to 19\n"
	    "  from: @/profiles/p.profile:4:9\n"
	    "@/profiles/p.profile:5:7: error: chdir: DIR 'rel': expected an absolute path\n");
	/* Twenty are shown, the rest is counted. */
	{
		struct sbx_buf b = { .arena = &t_arena };

		for (unsigned i = 0; i < 30; i++)
			sbx_buf_adds(&b, "uid x\n");
		assert_int_equal(t_count(text(b.data), "error:"), 20);
		assert_non_null(strstr(t_said(&diags), "10 more\n"));
	}
}

/* Whoever can write an included file decides, too. */
static void untrusted_include(void **state)
{
	(void)state;
	profile("open", "uid 1\n");
	assert_int_equal(chmod(sbx_strf(&t_arena, "%s/profiles/open.profile", top), 0666), 0);
	assert_true(sbx_starts_with(text("include open\n"),
	    "!@/profiles/p.profile:2:9: error: file '@/profiles/open.profile' can be written by others"));
	assert_true(sbx_starts_with(text("include ./open.profile\n"),
	    "!@/profiles/p.profile:2:9: error: file '@/profiles/./open.profile' can be written by others"));
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { S(version_line), S(includes), S(includes_beside), S(loops), S(depth),
		S(multiplication), S(conditions), S(conditions_are_lazy), S(bad_conditions), S(try_prefix),
		S(requirements), S(variables), S(bad_variables), S(user_dirs), S(wrong_words), S(all_errors_at_once),
		S(untrusted_include) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
