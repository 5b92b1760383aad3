/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts of host.h and the features that are decided from facts alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/host.h"
#include "host/probe.h"

static struct sbx_arena arena;

static int forget(void **state)
{
	(void)state;
	sbx_arena_free(&arena);
	return 0;
}

/* A host probed with these variables only; `env` is a NULL-terminated list. */
static struct sbx_host probe(const char *const *env)
{
	struct sbx_diags d = { .arena = &arena };
	struct sbx_host h;
	char *copy[16] = { NULL };

	for (size_t i = 0; env[i]; i++)
		copy[i] = sbx_strdup(&arena, env[i]);
	assert_int_equal(sbx_host_probe(&arena, copy, &d, &h), 0);
	assert_int_equal(d.n, 0);
	return h;
}
#define PROBE(...) probe((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void identity(void **state)
{
	struct sbx_host h = PROBE("HOME=/home/alice", "A=1", "AB=2", "EMPTY=", "A=3"), other = PROBE("A=");

	(void)state;
	assert_int_equal(h.uid, getuid());
	assert_int_equal(h.gid, getgid());
	assert_int_equal(strlen(h.id), 12);
	for (const char *p = h.id; *p; p++)
		assert_true(isdigit((unsigned char)*p) || (*p >= 'a' && *p <= 'f'));
	assert_string_not_equal(h.id, other.id);
	assert_string_equal(sbx_host_env(&h, "A"), "1");
	assert_string_equal(sbx_host_env(&h, "AB"), "2");
	assert_string_equal(sbx_host_env(&h, "EMPTY"), "");
	assert_null(sbx_host_env(&h, "HOM"));
	assert_null(sbx_host_env(&h, "HOME=/home"));
	assert_null(h.env[5]);
	assert_null(h.user);
}

static void homes(void **state)
{
	struct sbx_host h;

	(void)state;
	assert_string_equal(PROBE("HOME=/home/alice").home, "/home/alice");
	assert_string_equal(PROBE("HOME=//home/./alice//").home, "/home/alice");
	assert_string_equal(PROBE("HOME=/").home, "/");
	assert_string_equal(PROBE("HOME=/home/.alice").home, "/home/.alice");
	assert_string_equal(PROBE("HOME=/").config_home, "/.config");
	/* Relative, empty and absent: the user database answers. */
	h = PROBE("HOME=alice");
	assert_int_equal(h.home[0], '/');
	assert_string_not_equal(h.home, "/alice");
	assert_string_equal(PROBE("HOME=").home, h.home);
	assert_string_equal(PROBE().home, h.home);
}

static void xdg(void **state)
{
	struct sbx_host h = PROBE("HOME=/home/alice", "XDG_CONFIG_HOME=conf", "XDG_DATA_HOME=", "XDG_RUNTIME_DIR=run");

	(void)state;
	/* Relative and empty values do not count. */
	assert_string_equal(h.config_home, "/home/alice/.config");
	assert_string_equal(h.data_home, "/home/alice/.local/share");
	assert_string_equal(h.state_home, "/home/alice/.local/state");
	assert_string_equal(h.cache_home, "/home/alice/.cache");
	assert_null(h.runtime_dir);
	assert_string_equal(h.search_dirs[0], "/home/alice/.config/sbx");
	assert_string_equal(h.search_dirs[2], "/run/sbx");
	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++)
		assert_int_equal(h.search_dirs[i][0], '/');

	h = PROBE("HOME=/h", "XDG_CONFIG_HOME=/c/", "XDG_DATA_HOME=/d", "XDG_STATE_HOME=/s", "XDG_CACHE_HOME=/x",
		  "XDG_RUNTIME_DIR=/run/user/7");
	assert_string_equal(h.config_home, "/c");
	assert_string_equal(h.data_home, "/d");
	assert_string_equal(h.state_home, "/s");
	assert_string_equal(h.cache_home, "/x");
	assert_string_equal(h.runtime_dir, "/run/user/7");
	assert_string_equal(h.search_dirs[0], "/c/sbx");
}

/* Directory that the test may fill; sbx-test-… below /tmp. */
static char *make_dir(void)
{
	char *dir = sbx_strdup(&arena, "/tmp/sbx-test-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void directories(void **state)
{
	char *dir = make_dir(), *real = sbx_strf(&arena, "%s/real", dir), *link = sbx_strf(&arena, "%s/link", dir);
	int back = open(".", O_PATH | O_CLOEXEC | O_DIRECTORY);
	struct sbx_host h;

	(void)state;
	assert_true(back >= 0);
	assert_int_equal(mkdir(real, 0755), 0);
	assert_int_equal(symlink("real", link), 0);
	assert_int_equal(chdir(link), 0);
	h = PROBE(sbx_strf(&arena, "HOME=%s", link));
	assert_string_equal(h.cwd, real);
	assert_string_equal(h.home, link);
	assert_string_equal(h.real_home, real);
	/* The home by another name is still the home. */
	assert_false(sbx_host_has(&h, "project-dir"));
	assert_true(sbx_host_exists(&h, link));
	assert_int_equal(rmdir(real), 0);
	assert_false(sbx_host_exists(&h, link));
	/* A deleted directory has no name. */
	h = PROBE("HOME=/home/alice");
	assert_null(h.cwd);
	assert_null(h.real_home);
	assert_false(sbx_host_has(&h, "project-dir"));
	assert_false(sbx_host_has(&h, "cwd-in-home"));
	assert_int_equal(fchdir(back), 0);
	(void)close(back);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void user_dirs(void **state)
{
	static const char text[] = "# comment\n"
				   "XDG_DESKTOP_DIR=\"$HOME/Desktop\"\n"
				   "XDG_DOWNLOAD_DIR=\"$HOME/old\"\n"
				   " XDG_DOWNLOAD_DIR = \"$HOME/Down \\\"loads\\\"/\"\n"
				   "XDG_MUSIC_DIR=\"/srv/music\"\n"
				   "XDG_TEMPLATES_DIR=\"$HOME/\"\n"
				   "XDG_PUBLICSHARE_DIR=\"$HOME\"\n"
				   "XDG_A_DIR=\"/home\"\n"
				   "XDG_B_DIR=\"/\"\n"
				   "XDG_C_DIR=\"$HOME/../bob\"\n"
				   "XDG_D_DIR=\"relative\"\n"
				   "XDG_E_DIR=\"$HOMEx/y\"\n"
				   "XDG_F_DIR=\"$HOME/open\n"
				   "XDG_G_DIR=$HOME/bare\n"
				   "XDG_H_DIR=\"$HOME/..x\"\n"
				   "XDG_I_DIR=\"/home/alice/./\"";
	static const char *const none[] = { "TEMPLATES", "PUBLICSHARE", "A", "B", "C", "D", "E", "F", "G", "I", "VIDEOS" };
	char *dir = make_dir(), *path = sbx_strf(&arena, "%s/user-dirs.dirs", dir);
	struct sbx_host h = { .arena = &arena, .home = "/home/alice", .config_home = dir };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(sbx_write_all(fd, text, sizeof text - 1), 0);
	(void)close(fd);
	assert_string_equal(sbx_host_user_dir(&h, "XDG_DESKTOP_DIR"), "/home/alice/Desktop");
	assert_string_equal(sbx_host_user_dir(&h, "XDG_DOWNLOAD_DIR"), "/home/alice/Down \"loads\"");
	assert_string_equal(sbx_host_user_dir(&h, "XDG_MUSIC_DIR"), "/srv/music");
	assert_string_equal(sbx_host_user_dir(&h, "XDG_H_DIR"), "/home/alice/..x");
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_null(sbx_host_user_dir(&h, sbx_strf(&arena, "XDG_%s_DIR", none[i])));
	/* A prefix of a key is another key. */
	assert_null(sbx_host_user_dir(&h, "XDG_DESKTOP"));
	h.real_home = "/srv/music/alice";
	assert_null(sbx_host_user_dir(&h, "XDG_MUSIC_DIR"));
	assert_int_equal(unlink(path), 0);
	assert_null(sbx_host_user_dir(&h, "XDG_DESKTOP_DIR"));
	assert_int_equal(rmdir(dir), 0);
}

static void database(void **state)
{
	static const char *const echo[] = { "/bin/echo", "-n", "a:b", NULL }, *const none[] = { "/nonexistent", NULL };
	struct sbx_host h = { .arena = &arena };
	struct sbx_account who = { .id = 7 };
	struct sbx_buf text;
	uint64_t id = 7;

	(void)state;
	assert_int_equal(sbx_host_account(&arena, 0, &who), 0);
	assert_int_equal(who.id, 0);
	assert_string_equal(who.name, "root");
	assert_string_equal(who.home, "/root");
	assert_int_equal(sbx_host_account(&arena, 4294967293, &who), -ENOENT);
	assert_string_equal(who.name, "root");
	assert_int_equal(sbx_host_user_id(&h, "", &id), -ENOENT);
	assert_int_equal(sbx_host_user_id(&h, "--help", &id), -ENOENT);
	assert_int_equal(sbx_host_user_id(&h, "root:x", &id), -ENOENT);
	assert_int_equal(sbx_host_user_id(&h, "roo", &id), -ENOENT);
	assert_int_equal(sbx_host_ask(&arena, echo, &text), 0);
	assert_string_equal(sbx_buf_str(&text), "a:b");
	assert_int_equal(sbx_host_ask(&arena, none, &text), -ENOENT);
	assert_int_equal(sbx_host_user_id(&h, "root", &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(sbx_host_group_id(&h, "root", &id), 0);
	assert_int_equal(id, 0);
	id = 7;
	assert_int_equal(sbx_host_user_id(&h, "no such user", &id), -ENOENT);
	assert_int_equal(sbx_host_group_id(&h, "no such group", &id), -ENOENT);
	assert_int_equal(id, 7);
}

static void subids(void **state)
{
	struct sbx_host h = { .arena = &arena, .uid = getuid(), .gid = getgid() };
	struct sbx_diags d = { .arena = &arena };

	(void)state;
	assert_int_equal(sbx_host_load_subids(&h, &d), 0);
	assert_int_equal(d.n_errors, 0);
	for (size_t i = 0; i < h.n_subuids; i++)
		assert_true(h.subuids[i].count > 0 && h.subuids[i].count <= UINT32_MAX - h.subuids[i].start);
}

static void fakes(void **state)
{
	static const char *const paths[] = { "/usr/bin/pasta", "/run/user/7/wayland-0", NULL };
	static const char *const features[] = { "userns", NULL };
	static char display[] = "WAYLAND_DISPLAY=wayland-0", *env[] = { display, NULL };
	struct sbx_host h = { .arena = &arena, .env = env, .runtime_dir = "/run/user/7", .fake_paths = paths };

	(void)state;
	assert_true(sbx_host_exists(&h, "/usr/bin/pasta"));
	assert_false(sbx_host_exists(&h, "/"));
	assert_string_equal(sbx_host_program(&h, "pasta"), "/usr/bin/pasta");
	assert_null(sbx_host_program(&h, "nft"));
	assert_true(sbx_host_has(&h, "pasta"));
	assert_false(sbx_host_has(&h, "nft"));
	assert_true(sbx_host_has(&h, "wayland"));
	assert_false(sbx_host_has(&h, "x11"));
	assert_false(sbx_host_has(&h, "dbus-session"));
	h.fake_features = features;
	assert_true(sbx_host_has(&h, "userns"));
	assert_false(sbx_host_has(&h, "pasta"));
}

static void table(void **state)
{
	struct sbx_host h = PROBE("HOME=/home/alice");

	(void)state;
	assert_null(sbx_feature_find(""));
	assert_null(sbx_feature_find("Userns"));
	for (size_t i = 0; i < sbx_n_features; i++) {
		const struct sbx_feature *f = &sbx_features[i];
		struct sbx_why why = { NULL, NULL };

		assert_ptr_equal(sbx_feature_find(f->name), f); /* so names are unique, too */
		assert_int_equal(strspn(f->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(f->name));
		assert_true(*f->summary && !strchr(f->summary, '\n'));
		assert_true(*f->remedy && !strchr(f->remedy, '\n'));
		/* Whatever this machine is: a lack has a reason and a remedy. */
		if (sbx_feature_check(&h, f, &why)) {
			assert_null(why.remedy);
		} else {
			assert_true(*why.text);
			assert_true(*why.remedy);
		}
		assert_int_equal(sbx_host_has(&h, f->name), why.remedy == NULL);
	}
}

static bool has(const char *feature, const char *home, const char *cwd)
{
	struct sbx_host h = { .arena = &arena, .home = home, .cwd = cwd };

	return sbx_host_has(&h, feature);
}

static void project_dirs(void **state)
{
	static const char *const good[] = {
		"/home/alice/src", "/home/alice/.config/x", "/home/alicex/y", "/srv/git", "/tmp/x", "/usr/src/linux",
		"/var/lib/ci",	   "/library/x",	    "/etcetera/x",    "/opt/x/y", "/run/media/alice/stick", "/home/al/x",
	};
	static const char *const bad[] = {
		"/",	    "/home",	  "/home/alice", "/usr",       "/tmp",	   "/srv",	"/etc",	    "/etc/apt",
		"/dev/shm", "/proc/self", "/sys/fs",	 "/boot/grub", "/bin/x",   "/sbin/x",	"/lib/x",   "/lib64/x",
		"/lib32/x", "/libx32/x",  "/run/user/7", "/run/x",     "/run/media",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (!has("project-dir", "/home/alice", good[i]))
			fail_msg("%s is no project-dir", good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (has("project-dir", "/home/alice", bad[i]))
			fail_msg("%s is a project-dir", bad[i]);
	}
	assert_false(has("project-dir", "/home/alice", NULL));
	assert_true(has("project-dir", "/", "/srv/x"));
	assert_false(has("project-dir", "/data/homes/al", "/data/homes"));
	assert_true(has("project-dir", "/data/homes/al", "/data/home"));
	assert_true(has("project-dir", "/root", "/root/x"));
}

static void project_dirs_of_others(void **state)
{
	struct sbx_host h = { .arena = &arena, .home = "/home/a", .real_home = "/srv/homes/a", .runtime_dir = "/var/r/a" };

	(void)state;
	h.cwd = "/srv/homes";
	assert_false(sbx_host_has(&h, "project-dir"));
	h.cwd = "/srv/homes/a/x";
	assert_true(sbx_host_has(&h, "project-dir"));
	assert_true(sbx_host_has(&h, "cwd-in-home"));
	h.cwd = "/var/r";
	assert_false(sbx_host_has(&h, "project-dir"));
	h.cwd = "/var/x";
	assert_true(sbx_host_has(&h, "project-dir"));
}

static void cwd_in_home(void **state)
{
	(void)state;
	assert_true(has("cwd-in-home", "/home/alice", "/home/alice/x"));
	assert_true(has("cwd-in-home", "/root", "/root/x/y"));
	assert_false(has("cwd-in-home", "/home/alice", "/home/alice"));
	assert_false(has("cwd-in-home", "/home/alice", "/home"));
	assert_false(has("cwd-in-home", "/home/alice", "/home/alicex/y"));
	assert_false(has("cwd-in-home", "/home/alice", "/"));
	assert_false(has("cwd-in-home", "/", "/srv/x"));
	assert_false(has("cwd-in-home", "/home/alice", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(identity, forget),
		cmocka_unit_test_teardown(homes, forget),
		cmocka_unit_test_teardown(xdg, forget),
		cmocka_unit_test_teardown(directories, forget),
		cmocka_unit_test_teardown(user_dirs, forget),
		cmocka_unit_test_teardown(database, forget),
		cmocka_unit_test_teardown(subids, forget),
		cmocka_unit_test_teardown(fakes, forget),
		cmocka_unit_test_teardown(table, forget),
		cmocka_unit_test_teardown(project_dirs, forget),
		cmocka_unit_test_teardown(project_dirs_of_others, forget),
		cmocka_unit_test_teardown(cwd_in_home, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
