/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option table: what every row must keep to. */
#include "unit/support.h"

#include <ctype.h>

#include "spec/optdef.h"

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		assert_int_equal(def->id, i);
		assert_true(strlen(def->name) >= 2 && strlen(def->name) <= 24);
		for (const char *p = def->name; *p; p++)
			assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '-');
		assert_true(islower((unsigned char)def->name[0]));
		assert_true(def->group < SBX_GROUP_COUNT);
		assert_true(def->flags & F_BOTH);
		assert_true(def->n_args <= SBX_MAX_ARGS);
		for (unsigned k = 0; k < def->n_args; k++)
			assert_true(def->args[k].name && *def->args[k].name && !strchr(def->args[k].name, ' '));
		/* One sentence without its full stop, which the man page adds. */
		assert_true(strlen(def->help) >= 10 && strlen(def->help) <= 110);
		assert_true(isupper((unsigned char)def->help[0]));
		assert_int_not_equal(def->help[strlen(def->help) - 1], '.');
		assert_null(strchr(def->help, '\n'));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(def->name, sbx_optdefs[k].name);
	}
}

static void flags(void **state)
{
	unsigned prefixes = 0, modifiers = 0, fds;

	(void)state;
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i], *before = &sbx_optdefs[i ? i - 1 : 0];

		prefixes += (def->flags & F_PREFIX) != 0;
		modifiers += (def->flags & F_MODIFIER) != 0;
		/* The -try form stands behind the word it is a form of, with the same arguments. */
		if (def->flags & F_TRY) {
			assert_string_equal(def->name, sbx_strf(&t_arena, "%s-try", before->name));
			assert_int_equal(def->n_args, before->n_args);
			assert_memory_equal(def->args, before->args, sizeof def->args);
		}
		if (def->flags & F_OPTARG)
			assert_int_equal(def->n_args, 1);
		/* Whatever takes a modifier is an ordered thing of the file system. */
		if (def->flags & (F_PERMS | F_SIZE | F_ATTRS | F_LAYERS | F_IDMAP | F_MODIFIER))
			assert_int_equal(def->group, SBX_GROUP_FILESYSTEM);
		/* The values that the builder does not know belong to the reader or the command line. */
		fds = 0;
		for (unsigned k = 0; k < def->n_args; k++) {
			switch (def->args[k].kind) {
			case SBX_ARG_FORMAT:
				assert_int_equal(def->flags & F_BOTH, F_CLI);
				break;
			case SBX_ARG_FD:
				assert_int_equal(k, 0);
				assert_int_equal(def->flags & F_BOTH, F_CLI);
				fds++;
				break;
			case SBX_ARG_VERSION:
				assert_int_equal(def->flags & F_BOTH, F_PROFILE);
				break;
			case SBX_ARG_CONDITION:
				assert_true(def->flags & F_PREFIX);
				break;
			default:
				break;
			}
		}
		/* A row for the command line alone steers sbx itself, or names what only the caller has. */
		if (!(def->flags & F_PROFILE))
			assert_true(def->group == SBX_GROUP_OUTPUT || def->group == SBX_GROUP_PROFILES || fds > 0);
	}
	assert_int_equal(prefixes, 2);
	assert_int_equal(modifiers, 8);
}

static void slots(void **state)
{
	unsigned members[SBX_SLOT_VERBOSITY + 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		assert_true(def->slot < ARRAY_LEN(members));
		members[def->slot]++;
		/* Rows that replace one another take the last, all of them. */
		if (def->slot != SBX_SLOT_NONE)
			assert_int_equal(def->merge, SBX_MERGE_REPLACE);
		/* Saying a row without arguments twice is saying it once, or is an ordered act. */
		if (def->merge == SBX_MERGE_REPLACE && def->slot == SBX_SLOT_NONE)
			assert_true(def->n_args > 0);
	}
	for (size_t i = 1; i < ARRAY_LEN(members); i++)
		assert_true(members[i] >= 1);
	assert_int_equal(members[SBX_SLOT_NET], 2);
	assert_int_equal(members[SBX_SLOT_MAP_CALLER], 2);
}

/* bubblewrap's and unshare(1)'s words that this version has: a profile may rely on them. */
static void vocabulary(void **state)
{
	static const char *const words[] = { "bind", "bind-try", "ro-bind", "ro-bind-try", "dev-bind", "dev-bind-try",
		"tmpfs", "proc", "dev", "dir", "symlink", "remount-ro", "perms", "size", "hide", "setenv", "unsetenv",
		"clearenv", "chdir", "hostname", "argv0", "uid", "gid", "cap-add", "cap-drop", "share-net", "share-pid",
		"share-ipc", "share-uts", "share-cgroup", "unshare-all", "unshare-user", "unshare-user-try",
		"unshare-net", "unshare-pid", "unshare-ipc", "unshare-uts", "unshare-cgroup", "unshare-cgroup-try",
		"unshare-time", "map-root-user", "map-current-user", "map-user", "map-group", "map-auto", "map-users",
		"map-groups", "home", "profile", "no-profile", "quiet", "verbose", "dry-run", "die-with-parent", "pty",
		"new-session", "timeout", "kill-after", "rlimit", "nice", "umask", "include", "try", "when", "requires",
		"help", "version", "sbx-profile", "args", "level-prefix", "disable-userns", "enable-userns",
		"assert-userns-disabled", "userns", "userns2", "userns-block-fd", "pidns", "bind-fd", "ro-bind-fd",
		"mqueue", "overlay-src", "overlay", "tmp-overlay", "ro-overlay", "file", "bind-data", "ro-bind-data",
		"chmod", "lock-file", "sync-fd", "block-fd", "info-fd", "json-status-fd", "as-pid-1", "keep-fd",
		"stdout", "stderr", "summary", "noexec", "nosymfollow", "noatime", "nodiratime", "idmap" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!sbx_optdef_find(words[i]))
			fail_msg("'%s' is no row of options.def", words[i]);
	}
}

static void finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < SBX_OPT_COUNT; i++)
		assert_ptr_equal(sbx_optdef_find(sbx_optdefs[i].name), &sbx_optdefs[i]);
	assert_null(sbx_optdef_find(""));
	assert_null(sbx_optdef_find("--bind"));
	assert_null(sbx_optdef_find("Bind"));
	assert_null(sbx_optdef_find("bin"));
	assert_null(sbx_optdef_find("bind "));
	assert_string_equal(sbx_optdef_nearest("ro-bnid", F_PROFILE), "ro-bind");
	assert_string_equal(sbx_optdef_nearest("dryrun", F_CLI), "dry-run");
	/* What can't be said there is not proposed there. */
	assert_null(sbx_optdef_nearest("dryrun", F_PROFILE));
	assert_string_equal(sbx_optdef_nearest("sbxprofile", F_PROFILE), "sbx-profile");
	assert_null(sbx_optdef_nearest("frobnicate", F_BOTH));
	for (unsigned g = 0; g < SBX_GROUP_COUNT; g++)
		assert_true(*sbx_group_titles[g]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(rows), T(flags), T(slots), T(vocabulary), T(finding) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
