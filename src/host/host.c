/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host.c - the facts of host.h. sbx_host_probe() runs at every start, so it makes a dozen system calls and
 * leaves out what costs more: the user database and the subordinate ids are read when they are needed.
 */
#include "host/host.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/value.h"
#include "host/probe.h"

#ifndef SBX_SYSCONFDIR
#define SBX_SYSCONFDIR "/etc/sbx"
#endif
#ifndef SBX_PROFILES_DATADIR
#define SBX_PROFILES_DATADIR "/usr/share/sbx"
#endif
#ifndef SBX_NEWUIDMAP
#define SBX_NEWUIDMAP "/usr/bin/newuidmap"
#endif
#ifndef SBX_NEWGIDMAP
#define SBX_NEWGIDMAP "/usr/bin/newgidmap"
#endif

#define USER_DIRS_FILE_MAX ((size_t)256 * 1024)

const char sbx_host_newuidmap[] = SBX_NEWUIDMAP, sbx_host_newgidmap[] = SBX_NEWGIDMAP;

/* Absolute path without doubled and trailing slashes and without "." parts; ".." is left for the kernel. */
static const char *tidy_path(struct sbx_arena *a, const char *path)
{
	struct sbx_buf b = { .arena = a };

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n > 0 && !(n == 1 && path[0] == '.')) {
			sbx_buf_addc(&b, '/');
			sbx_buf_add(&b, path, n);
		}
		path += n + (path[n] == '/');
	}
	return b.len ? sbx_buf_str(&b) : "/";
}

/* The variable if it holds an absolute path: others do not count (XDG Base Directory specification). */
static const char *env_path(const struct sbx_host *h, const char *name)
{
	const char *value = sbx_host_env(h, name);

	return value && !sbx_check_abs_path(value) ? tidy_path(h->arena, value) : NULL;
}

static const char *xdg_dir(const struct sbx_host *h, const char *name, const char *below_home)
{
	const char *value = env_path(h, name);

	return value ? value : sbx_strf(h->arena, "%s/%s", sbx_streq(h->home, "/") ? "" : h->home, below_home);
}

static char **copy_env(struct sbx_arena *a, char **env)
{
	size_t n = 0;
	char **copy;

	while (env && env[n])
		n++;
	copy = sbx_alloc_array(a, n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = sbx_strdup(a, env[i]);
	return copy;
}

static void find_home(struct sbx_host *h)
{
	char real[PATH_MAX];
	struct sbx_account who;

	h->home = env_path(h, "HOME");
	if (!h->home) {
		h->home = "/";
		if (sbx_host_account(h->arena, h->uid, &who) == 0 && !sbx_check_abs_path(who.home))
			h->home = tidy_path(h->arena, who.home);
	}
	if (realpath(h->home, real) && !sbx_streq(real, h->home))
		h->real_home = sbx_strdup(h->arena, real);
}

/*
 * The bare system call: glibc's getcwd(3) walks up through ".." when the kernel answers "(unreachable)…",
 * which is slow and gives a name that need not lead back here.
 */
static const char *find_cwd(struct sbx_arena *a)
{
	char path[PATH_MAX];

	if (syscall(SYS_getcwd, path, sizeof path) <= 0 || path[0] != '/')
		return NULL;
	return sbx_strdup(a, path);
}

static const char *find_tty(struct sbx_arena *a)
{
	char path[PATH_MAX];
	ssize_t n;

	if (!isatty(STDOUT_FILENO))
		return NULL;
	n = readlink("/proc/self/fd/1", path, sizeof path - 1);
	if (n <= 0 || (size_t)n >= sizeof path - 1)
		return NULL;
	path[n] = '\0';
	/* A terminal of another mount namespace shows as "/0" or "/dev/pts/0 (deleted)"; neither can be bound. */
	return sbx_starts_with(path, "/dev/") && access(path, F_OK) == 0 ? sbx_strdup(a, path) : NULL;
}

static int make_id(struct sbx_arena *a, const char **ret)
{
	unsigned char b[6];

	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		return errno ? -errno : -EIO;
	*ret = sbx_strf(a, "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
	return 0;
}

int sbx_host_probe(struct sbx_arena *a, char **env, struct sbx_diags *d, struct sbx_host *ret)
{
	struct sbx_host h = { .arena = a, .uid = getuid(), .gid = getgid() };
	char *map;
	size_t map_len;
	int r = make_id(a, &h.id);

	if (r < 0)
		return sbx_error(d, r, NULL, "getrandom: %s", strerror(-r));
	h.env = copy_env(a, env);
	find_home(&h);
	h.cwd = find_cwd(a);
	h.tty = find_tty(a);
	h.config_home = xdg_dir(&h, "XDG_CONFIG_HOME", ".config");
	h.data_home = xdg_dir(&h, "XDG_DATA_HOME", ".local/share");
	h.state_home = xdg_dir(&h, "XDG_STATE_HOME", ".local/state");
	h.cache_home = xdg_dir(&h, "XDG_CACHE_HOME", ".cache");
	h.runtime_dir = env_path(&h, "XDG_RUNTIME_DIR");
	h.search_dirs[0] = sbx_strf(a, "%s/sbx", h.config_home);
	h.search_dirs[1] = SBX_SYSCONFDIR;
	h.search_dirs[2] = "/run/sbx";
	h.search_dirs[3] = SBX_PROFILES_DATADIR;
	/* User 0 of a user namespace has a map of its own; without one to read, assume the worst. */
	if (h.uid == 0)
		h.real_root = sbx_read_path(a, AT_FDCWD, "/proc/self/uid_map", 4096, &map, &map_len) < 0 ||
			      strstr(map, " 4294967295\n");
	h.feature_cache = sbx_alloc(a, sbx_n_features);
	*ret = h;
	return 0;
}

const char *sbx_host_env(const struct sbx_host *h, const char *name)
{
	size_t n = strlen(name);

	for (char **e = h->env; e && *e; e++) {
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	}
	return NULL;
}

bool sbx_host_exists(const struct sbx_host *h, const char *path)
{
	if (!h->fake_paths)
		return access(path, F_OK) == 0;
	for (const char *const *p = h->fake_paths; *p; p++) {
		if (sbx_streq(*p, path))
			return true;
	}
	return false;
}

const char *sbx_host_program(const struct sbx_host *h, const char *name)
{
	static const char *const dirs[] = { "/usr/local/bin", "/usr/bin", "/usr/sbin", "/bin", "/sbin" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		const char *path = sbx_strf(h->arena, "%s/%s", dirs[i], name);

		if (sbx_host_exists(h, path) && (h->fake_paths || access(path, X_OK) == 0))
			return path;
	}
	return NULL;
}

/* The value of `KEY="…"` with its backslashes undone (user-dirs.dirs(5)), or NULL if the line is another. */
static const char *user_dir_value(struct sbx_arena *a, const char *line, const char *key)
{
	struct sbx_buf b = { .arena = a };

	line += strspn(line, " \t");
	if (!sbx_starts_with(line, key))
		return NULL;
	line += strlen(key);
	line += strspn(line, " \t");
	if (*line++ != '=')
		return NULL;
	line += strspn(line, " \t");
	if (*line++ != '"')
		return NULL;
	for (; *line && *line != '"'; line++) {
		if (*line == '\\' && line[1])
			line++;
		sbx_buf_addc(&b, *line);
	}
	return *line == '"' ? sbx_buf_str(&b) : NULL;
}

bool sbx_path_holds(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (sbx_streq(dir, "/"))
		return true;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool has_dotdot(const char *path)
{
	for (const char *p = strstr(path, "/.."); p; p = strstr(p + 1, "/..")) {
		if (p[3] == '/' || p[3] == '\0')
			return true;
	}
	return false;
}

static const char *expand_user_dir(const struct sbx_host *h, const char *value)
{
	if (sbx_starts_with(value, "$HOME") && (value[5] == '/' || value[5] == '\0'))
		value = sbx_strf(h->arena, "%s%s", h->home, value + 5);
	if (sbx_check_abs_path(value) || has_dotdot(value))
		return NULL;
	value = tidy_path(h->arena, value);
	/*
	 * xdg-user-dirs says "no such directory" by naming the home. That, or anything above it, must never
	 * stand for a folder: a profile that shares Downloads would share the whole home.
	 */
	if (sbx_path_holds(value, h->home) || (h->real_home && sbx_path_holds(value, h->real_home)))
		return NULL;
	return value;
}

const char *sbx_host_user_dir(const struct sbx_host *h, const char *key)
{
	/* What is read is dropped again: a profile may name such directories thousands of times. */
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	const char *path = sbx_strf(&a, "%s/user-dirs.dirs", h->config_home), *value = NULL;
	char *text, *save = NULL;
	size_t len;

	if (!sbx_host_exists(h, path) || sbx_read_path(&a, AT_FDCWD, path, USER_DIRS_FILE_MAX, &text, &len) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *found = user_dir_value(&a, line, key);

		/* The file is a shell script to others, so its last word counts. */
		if (found)
			value = found;
	}
	return value ? expand_user_dir(h, value) : NULL;
}
