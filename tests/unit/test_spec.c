/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The builder: typed values, modifiers, and what replaces what. */
#include "unit/support.h"

#include <linux/capability.h>
#include <sys/resource.h>

#include "plan/dump.h"

/* The sealed directives of a text, "NAME ARG…" separated by "; ", with perms, size and try in front. */
static const char *show(const struct sbx_spec *s)
{
	struct sbx_buf b = { .arena = &t_arena };

	for (size_t i = 0; s && i < s->n_items; i++) {
		const struct sbx_item *item = &s->items[i];

		sbx_buf_adds(&b, b.len ? "; " : "");
		if (item->mods.perms.at)
			sbx_buf_addf(&b, "%04llo:", (unsigned long long)item->mods.perms.value);
		if (item->mods.size.at)
			sbx_buf_addf(&b, "%llu:", (unsigned long long)item->mods.size.value);
		sbx_buf_addf(&b, "%s%s", item->try ? "try " : "", item->def->name);
		for (unsigned k = 0; k < item->def->n_args; k++)
			sbx_buf_addf(&b, " %s", item->arg[k].text);
	}
	return sbx_buf_str(&b);
}

static const char *spec(const char *text)
{
	struct sbx_host h = t_host();

	return show(t_good_spec(&h, text));
}

static const char *errors(const char *text)
{
	struct sbx_host h = t_host();
	struct sbx_diags d = t_diags();

	assert_null(t_spec(&h, &d, text));
	return t_said(&d);
}

/* The one value of a directive. */
static struct sbx_arg value(const char *text)
{
	struct sbx_host h = t_host();
	const struct sbx_spec *s = t_good_spec(&h, text);

	assert_int_equal(s->n_items, 1);
	return s->items[0].arg[0];
}

static void typed_values(void **state)
{
	struct sbx_arg v;

	(void)state;
	assert_int_equal(value("uid 1234").num, 1234);
	assert_int_equal(value("umask 027").num, 027);
	assert_int_equal(value("timeout 1m30s").num, 90000);
	assert_int_equal(value("nice -20").i, -20);
	assert_int_equal(value("cap-add net_admin").num, CAP_NET_ADMIN);
	assert_true(value("cap-drop ALL").num == SBX_CAP_ALL);
	v = value("rlimit nofile=1:2");
	assert_true(v.rlimit.resource == RLIMIT_NOFILE && v.rlimit.soft == 1 && v.rlimit.hard == 2);
	v = value("map-users 1:100000:10");
	assert_true(v.range.kind == SBX_RANGE_IDS && v.range.outer == 100000);
	assert_int_equal(value("home tmpfs").home.kind, SBX_HOME_TMPFS);
	assert_int_equal(value("home host").home.kind, SBX_HOME_HOST);
	v = value("home persist");
	assert_true(v.home.kind == SBX_HOME_PERSIST && !v.home.name);
	v = value("home persist:x1");
	assert_true(v.home.kind == SBX_HOME_PERSIST);
	assert_string_equal(v.home.name, "x1");
	assert_int_equal(value("map-user 0").num, 0);
	assert_int_equal(value("map-user root").num, 0);
	assert_int_equal(value("map-group root").num, 0);
	assert_string_equal(value("chdir /x").text, "/x");
	assert_string_equal(value("argv0 ''").text, "");
	assert_string_equal(value("hostname a-b").text, "a-b");
}

static void bad_values(void **state)
{
	static const char *const bad[][2] = {
		{ "uid 4294967295",
		    "t.profile:2:5: error: uid: UID '4294967295': expected a number from 0 to 4294967294\n" },
		{ "uid -1", "t.profile:2:5: error: uid: UID '-1': expected" },
		{ "uid root", "t.profile:2:5: error: uid: UID 'root': expected" },
		{ "bind a /b", "t.profile:2:6: error: bind: SRC 'a': a profile must name host paths from /" },
		{ "bind /a b", "t.profile:2:9: error: bind: DEST 'b': expected an absolute path" },
		{ "bind '' /b", "t.profile:2:6: error: bind: SRC '': an empty path" },
		{ "tmpfs ''", "t.profile:2:7: error: tmpfs: DEST '': expected an absolute path" },
		{ "home", "t.profile:2:1: error: home takes 1 argument, not 0: home tmpfs|persist[:NAME]|host" },
		{ "home tmpfs x", "t.profile:2:12: error: home takes 1 argument, not 2" },
		{ "home persist:", "expected a name" },
		{ "home persist:../x", "expected a name" },
		{ "home persist:a/b", "expected a name" },
		{ "home Tmpfs", "expected tmpfs, persist, persist:NAME or host" },
		{ "bind /a", "t.profile:2:1: error: bind takes 2 arguments, not 1: bind SRC DEST" },
		{ "clearenv x", "t.profile:2:10: error: clearenv takes 0 arguments, not 1: clearenv" },
		{ "setenv A=B c", "setenv: VAR 'A=B': expected the name of an environment variable" },
		{ "setenv '' c", "expected the name of an environment variable" },
		{ "nice 20", "expected a nice value from -20 to 19" },
		{ "timeout 0", "time must be at least 1ms" },
		{ "rlimit nofile", "expected NAME=SOFT[:HARD]" },
		{ "cap-add CAP_NONE", "expected the name of a capability" },
		{ "hostname a/b", "expected a host name" },
		{ "map-user no-such-user-here", "no such user" },
		{ "map-group no-such-group-here", "no such group" },
		{ "map-user 1x", "expected a number" },
		{ "map-users 1:2", "expected INNER:OUTER:COUNT" },
		{ "perms 8\ndir /a", "expected an octal mode" },
		{ "size 0\ntmpfs /a", "size must be above 0" },
		{ "umask 1000", "octal mode above 0777" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!strstr(errors(bad[i][0]), bad[i][1]))
			fail_msg("'%s' gives %s", bad[i][0], errors(bad[i][0]));
	}
	/* Both arguments are looked at. */
	assert_int_equal(t_count(errors("bind a b"), "error:"), 2);
}

static void relative_paths(void **state)
{
	struct sbx_host h = t_host();
	struct sbx_diags d = t_diags();

	(void)state;
	assert_string_equal(show(t_cli_spec(&h, &d, "--no-profile", "--bind", "sub/x", "/x", "a", NULL)),
	    "bind /home/alice/project/sub/x /x");
	h.cwd = "/";
	assert_string_equal(
	    show(t_cli_spec(&h, &d, "--no-profile", "--ro-bind", ".", "/x", "a", NULL)), "ro-bind /. /x");
	assert_int_equal(d.n, 0);
	h.cwd = NULL;
	assert_null(t_cli_spec(&h, &d, "--no-profile", "--ro-bind", ".", "/x", "a", NULL));
	assert_non_null(
	    strstr(t_said(&d), "<command-line>:3:1: error: ro-bind: SRC '.': relative to a current directory"));
}

static void modifiers(void **state)
{
	(void)state;
	assert_string_equal(spec("perms 0700\ntmpfs /a"), "0700:tmpfs /a");
	assert_string_equal(spec("perms 1777\nsize 1k\ntmpfs /a"), "1777:1024:tmpfs /a");
	assert_string_equal(spec("size 1k\nperms 0\ntmpfs /a"), "0000:1024:tmpfs /a");
	assert_string_equal(spec("perms 0711\ndir /a\ndir /b"), "0711:dir /a; dir /b");
	/* The last of two is what holds. */
	assert_string_equal(spec("perms 0711\nperms 0700\ndir /a"), "0700:dir /a");
	assert_string_equal(spec("perms 0700\ntry tmpfs /a"), "0700:try tmpfs /a");
}

static void unused_modifiers(void **state)
{
	(void)state;
	assert_string_equal(errors("perms 0700\nbind /a /b"),
	    "/p/t.profile:2:1: error: perms is not followed by tmpfs, dir, file, bind-data or ro-bind-data\n");
	assert_string_equal(errors("size 1k\ndir /b"), "/p/t.profile:2:1: error: size is not followed by tmpfs\n");
	assert_string_equal(errors("perms 0700"),
	    "/p/t.profile:2:1: error: perms is not followed by tmpfs, dir, file, bind-data or ro-bind-data\n");
	assert_string_equal(errors("perms 1\nsize 1\nuid 0"),
	    "/p/t.profile:2:1: error: perms is not followed by tmpfs, dir, file, bind-data or ro-bind-data\n"
	    "/p/t.profile:3:1: error: size is not followed by tmpfs\n");
	/* dir takes the mode and leaves the size. */
	assert_string_equal(
	    errors("perms 1\nsize 1\ndir /a"), "/p/t.profile:3:1: error: size is not followed by tmpfs\n");
	/* Another file's directive is not meant. */
	assert_non_null(strstr(errors("perms 0700\ninclude /no/such/file"), "perms is not followed by"));
}

/* Each modifier goes to the next directive that takes it, and to no other. */
static void modifiers_and_takers(void **state)
{
	static const struct {
		const char *lines; /* said before it */
		unsigned flag; /* which directives take it */
		const char *missing;
	} mods[] = {
		{ "perms 0700\n", F_PERMS, "perms is not followed by tmpfs, dir, file, bind-data or ro-bind-data" },
		{ "size 1M\n", F_SIZE, "size is not followed by tmpfs" },
		{ "noexec\n", F_ATTRS, "noexec is not followed by a bind, tmpfs or overlay" },
		{ "nosymfollow\n", F_ATTRS, "nosymfollow is not followed by a bind, tmpfs or overlay" },
		{ "noatime\n", F_ATTRS, "noatime is not followed by a bind, tmpfs or overlay" },
		{ "nodiratime\n", F_ATTRS, "nodiratime is not followed by a bind, tmpfs or overlay" },
		{ "idmap\n", F_IDMAP, "idmap is not followed by a bind" },
		{ "overlay-src /l\n", F_LAYERS, "overlay-src is not followed by overlay, tmp-overlay or ro-overlay" },
	};
	static const char *const takers[] = { "bind /a /b", "bind-try /a /b", "ro-bind /a /b", "ro-bind-try /a /b",
		"dev-bind /a /b", "dev-bind-try /a /b", "tmpfs /t", "dir /d", "overlay /u /w /o", "tmp-overlay /o",
		"ro-overlay /o", "proc /p", "dev /d", "mqueue /m", "symlink x /y", "chmod 0700 /d", "remount-ro /r",
		"hide /h", "lock-file /l", "home tmpfs", "uid 5" };
	struct sbx_host h = t_host();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mods); i++) {
		assert_string_equal(
		    errors(mods[i].lines), sbx_strf(&t_arena, "/p/t.profile:2:1: error: %s\n", mods[i].missing));
		for (size_t k = 0; k < ARRAY_LEN(takers); k++) {
			const char *text = sbx_strf(&t_arena, "%s%s\n", mods[i].lines, takers[k]);
			const struct sbx_optdef *def =
			    sbx_optdef_find(sbx_strndup(&t_arena, takers[k], strcspn(takers[k], " ")));
			const struct sbx_modifiers *m;
			const struct sbx_spec *s;

			if (!(def->flags & mods[i].flag)) {
				assert_string_equal(
				    errors(text), sbx_strf(&t_arena, "/p/t.profile:2:1: error: %s\n", mods[i].missing));
				continue;
			}
			s = t_good_spec(&h, text);
			assert_int_equal(s->n_items, 1);
			m = &s->items[0].mods;
			assert_int_equal(m->perms.at != NULL, mods[i].flag == F_PERMS);
			assert_int_equal(m->size.at != NULL, mods[i].flag == F_SIZE);
			assert_int_equal(m->attrs.at != NULL, mods[i].flag == F_ATTRS);
			assert_int_equal(m->idmap != NULL, mods[i].flag == F_IDMAP);
			assert_int_equal(m->n_layers, mods[i].flag == F_LAYERS);
			if (mods[i].flag == F_ATTRS)
				assert_int_equal(m->attrs.value, 1 << (i - 2));
			/* Only the next one has it, whatever comes behind. */
			s = t_good_spec(&h, sbx_strf(&t_arena, "%s%s\n", text, takers[k]));
			assert_null(s->items[1].mods.attrs.at);
			assert_int_equal(s->items[1].mods.attrs.value, 0);
			assert_int_equal(s->items[1].mods.n_layers, 0);
		}
	}
}

static void modifiers_together(void **state)
{
	struct sbx_host h = t_host();
	const struct sbx_spec *s = t_good_spec(&h, "noexec\nsize 1k\nnodiratime\nperms 1\nnoexec\nperms 02\ntmpfs /t\n"
						   "when exists:/no/such noexec\ntmpfs /u\n");

	(void)state;
	assert_int_equal(s->items[0].mods.attrs.value, SBX_ATTR_NOEXEC | SBX_ATTR_NODIRATIME);
	assert_string_equal(sbx_origin_str(&t_arena, s->items[0].mods.attrs.at), "/p/t.profile:2:1");
	assert_int_equal(s->items[0].mods.perms.value, 2);
	assert_int_equal(s->items[0].mods.size.value, 1024);
	/* The modifier that does not hold here is not there, its directive is. */
	assert_int_equal(s->n_items, 2);
	assert_null(s->items[1].mods.attrs.at);
	/* A directive that does not hold takes what was for it along. */
	s = t_good_spec(&h,
	    "noexec\nperms 0700\nwhen exists:/no/such tmpfs /t\ntmpfs /u\noverlay-src /a\noverlay-src /b\nidmap\n"
	    "when !exists:/usr bind /a /b\ntmpfs /v\n");
	assert_int_equal(s->n_items, 2);
	assert_null(s->items[0].mods.attrs.at);
	assert_null(s->items[0].mods.perms.at);
	assert_int_equal(s->items[1].mods.n_layers, 0);
	/* Layers keep their order and count from nowhere but the root. */
	s = t_good_spec(&h, "overlay-src /1\noverlay-src /2\noverlay-src /1\nro-overlay /o\n");
	assert_int_equal(s->items[0].mods.n_layers, 3);
	assert_string_equal(s->items[0].mods.layers[1].text, "/2");
	assert_string_equal(sbx_origin_str(&t_arena, s->items[0].mods.layers[2].at), "/p/t.profile:4:1");
	assert_non_null(strstr(errors("overlay-src rel\nro-overlay /o"), "a profile must name host paths from /"));
}

static void merging(void **state)
{
	static const char *const cases[][2] = {
		/* The last scalar wins, and stands where it was said. */
		{ "uid 1\nchdir /a\nuid 2", "chdir /a; uid 2" },
		{ "timeout 1\ntimeout 2\ntimeout 3", "timeout 3" },
		{ "argv0 a\nargv0 b", "argv0 b" },
		/* Lists append, also the same twice. */
		{ "bind /a /b\nbind /a /b", "bind /a /b; bind /a /b" },
		{ "setenv A 1\nsetenv A 2", "setenv A 1; setenv A 2" },
		{ "rlimit nofile=1\nrlimit nofile=2", "rlimit nofile=1; rlimit nofile=2" },
		{ "cap-add CHOWN\ncap-drop CHOWN\ncap-add KILL", "cap-add CHOWN; cap-drop CHOWN; cap-add KILL" },
		/* Sets. */
		{ "die-with-parent\nnew-session\ndie-with-parent", "new-session; die-with-parent" },
		{ "map-auto\nmap-auto", "map-auto" },
		/* Slots. */
		{ "share-net\nunshare-net", "unshare-net" },
		{ "unshare-net\nshare-net", "share-net" },
		{ "share-net\nshare-pid\nunshare-net", "share-pid; unshare-net" },
		{ "share-cgroup\nunshare-cgroup-try", "unshare-cgroup-try" },
		{ "share-cgroup\nunshare-cgroup", "unshare-cgroup" },
		/* unshare-all undoes what was shared before it, not what is shared behind it. */
		{ "share-net\nshare-pid\nshare-ipc\nshare-uts\nshare-cgroup\nunshare-all", "unshare-all" },
		{ "unshare-all\nshare-net", "unshare-all; share-net" },
		{ "share-net\nunshare-all\nshare-ipc", "unshare-all; share-ipc" },
		{ "unshare-time\nunshare-all", "unshare-time; unshare-all" },
		/* Who the caller is. */
		{ "map-root-user\nmap-current-user", "map-current-user" },
		{ "map-current-user\nmap-root-user", "map-root-user" },
		{ "map-user 5\nmap-group 6\nmap-root-user", "map-root-user" },
		{ "map-root-user\nmap-user 5", "map-root-user; map-user 5" },
		{ "map-user 5\nmap-user 6\nmap-group 7", "map-user 6; map-group 7" },
		/* What replaces a mount takes its place. */
		{ "home tmpfs\nbind /a /home/alice/a\nhome host", "home host; bind /a /home/alice/a" },
		{ "home tmpfs\ndir /x\nhome persist\nhome persist:b", "home persist:b; dir /x" },
		{ "home tmpfs\ntry home host", "try home host" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (strcmp(spec(cases[i][0]), cases[i][1]) != 0)
			fail_msg("'%s' gives '%s'", cases[i][0], spec(cases[i][0]));
	}
	assert_string_equal(spec(""), "");
}

static void many_directives(void **state)
{
	struct sbx_host h = t_host();
	struct sbx_diags d = t_diags();
	struct sbx_builder b = { .arena = &t_arena, .host = &h, .diags = &d };
	const struct sbx_optdef *bind = sbx_optdef_find("bind"), *nice = sbx_optdef_find("nice");
	const struct sbx_origin at = { .line = 1, .column = 1 };
	const struct sbx_word words[] = { { "/a", &at }, { "/b", &at } }, one = { "1", &at };
	const struct sbx_spec *s;

	(void)state;
	/* Linear: this takes no time to speak of. */
	for (size_t i = 0; i < SBX_SPEC_MAX_ITEMS - 2; i++)
		assert_int_equal(sbx_builder_add(&b, bind, &at, false, words, 2), 0);
	assert_int_equal(sbx_builder_add(&b, nice, &at, false, &one, 1), 0);
	assert_int_equal(sbx_builder_add(&b, nice, &at, false, &one, 1), 0);
	assert_int_equal(sbx_builder_add(&b, bind, &at, false, words, 2), -E2BIG);
	assert_string_equal(t_said(&d), "<command-line>:1:1: error: more than 200000 directives\n");
	s = sbx_builder_seal(&b);
	assert_int_equal(s->n_items, SBX_SPEC_MAX_ITEMS - 1);
	assert_ptr_equal(s->items[s->n_items - 1].def, nice);
}

static void getting(void **state)
{
	struct sbx_host h = t_host();
	const struct sbx_spec *s = t_good_spec(&h, "bind /a /b\nbind /c /d\nuid 7\ntry nice 1");

	(void)state;
	assert_string_equal(sbx_spec_get(s, SBX_OPT_BIND)->arg[0].text, "/c");
	assert_int_equal(sbx_spec_get(s, SBX_OPT_UID)->arg[0].num, 7);
	assert_false(sbx_spec_get(s, SBX_OPT_UID)->try);
	assert_true(sbx_spec_get(s, SBX_OPT_NICE)->try);
	assert_null(sbx_spec_get(s, SBX_OPT_GID));
	assert_string_equal(sbx_origin_str(&t_arena, sbx_spec_get(s, SBX_OPT_UID)->at), "/p/t.profile:4:1");
	/* A prefix is not the place: the directive is. */
	assert_string_equal(sbx_origin_str(&t_arena, sbx_spec_get(s, SBX_OPT_NICE)->at), "/p/t.profile:5:5");
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(typed_values), T(bad_values), T(relative_paths), T(modifiers),
		T(unused_modifiers), T(modifiers_and_takers), T(modifiers_together), T(merging), T(many_directives),
		T(getting) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
