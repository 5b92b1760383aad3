/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* support.c - see support.h. */
#include "unit/support.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "policy/load.h"
#include "strict_json.h"

struct sbx_arena t_arena;

int t_forget(void **state)
{
	(void)state;
	sbx_arena_free(&t_arena);
	return 0;
}

const char *const t_paths[] = { "/", "/bin", "/sbin", "/lib", "/lib64", "/usr", "/usr/bin", "/etc/passwd", "/dev",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/tmp", "/proc",
	"/home/alice", "/home/alice/project", NULL };

struct sbx_host t_host(void)
{
	static const char *const features[] = { "merged-usr", "project-dir", "cwd-in-home", NULL };
	static const char *const vars[] = { "PATH=/usr/bin:/bin", "HOME=/home/alice", "USER=alice", "LOGNAME=alice",
		"LANG=C.UTF-8", "TERM=xterm", "EMPTY=", "SECRET=hunter2" };
	char **env = sbx_alloc_array(&t_arena, ARRAY_LEN(vars) + 1, sizeof *env);

	for (size_t i = 0; i < ARRAY_LEN(vars); i++)
		env[i] = sbx_strdup(&t_arena, vars[i]);
	return (struct sbx_host){
		.arena = &t_arena,
		.uid = 1000,
		.gid = 1000,
		.user = "alice",
		.home = "/home/alice",
		.cwd = "/home/alice/project",
		.config_home = "/home/alice/.config",
		.data_home = "/home/alice/.local/share",
		.state_home = "/home/alice/.local/state",
		.cache_home = "/home/alice/.cache",
		.runtime_dir = "/run/user/1000",
		.id = "0123456789ab",
		.env = env,
		.fake_paths = t_paths,
		.fake_features = features,
	};
}

struct sbx_diags t_diags(void)
{
	return (struct sbx_diags){ .arena = &t_arena };
}

const char *t_said(const struct sbx_diags *d)
{
	static const char *const severities[] = {
		[SBX_ERROR] = "error", [SBX_WARNING] = "warning", [SBX_NOTICE] = "notice", [SBX_INFO] = "info"
	};
	struct sbx_buf b = { .arena = &t_arena };

	for (size_t i = 0; i < d->n; i++) {
		const struct sbx_diag *x = &d->items[i];

		sbx_buf_addf(&b, "%s: %s: %s\n", sbx_origin_str(&t_arena, x->at), severities[x->severity], x->text);
		if (x->hint)
			sbx_buf_addf(&b, "  hint: %s\n", x->hint);
		for (const struct sbx_origin *o = x->at ? x->at->from : NULL; o; o = o->from)
			sbx_buf_addf(&b, "  from: %s\n", sbx_origin_str(&t_arena, o));
	}
	if (d->n_errors > SBX_DIAGS_MAX_ERRORS)
		sbx_buf_addf(&b, "%u more\n", d->n_errors - SBX_DIAGS_MAX_ERRORS);
	return sbx_buf_str(&b);
}

static const char *const command[] = { "true", NULL };

const struct sbx_spec *t_spec(const struct sbx_host *h, struct sbx_diags *d, const char *text)
{
	struct sbx_builder b = { .arena = &t_arena, .host = h, .diags = d };
	struct sbx_reader r = { .builder = &b, .profile = "t" };
	struct sbx_found found = { .main = { .path = "/p/t.profile" } };
	struct sbx_spec *spec;

	found.main.text = sbx_strf(&t_arena, "sbx-profile 1\n%s", text);
	found.main.len = strlen(found.main.text);
	if (sbx_reader_found(&r, &found, NULL) < 0) {
		assert_true(d->n_errors > 0);
		return NULL;
	}
	assert_int_equal(d->n_errors, 0);
	assert_int_equal(sbx_builder_end(&b), 0);
	spec = sbx_builder_seal(&b);
	spec->profile = "t";
	spec->command = command;
	return spec;
}

const struct sbx_plan *t_plan(const struct sbx_host *h, struct sbx_diags *d, const char *text)
{
	const struct sbx_spec *spec = t_spec(h, d, text);
	const struct sbx_plan *plan = NULL;

	if (!spec || sbx_plan_build(&t_arena, spec, NULL, h, d, &plan) < 0) {
		assert_true(d->n_errors > 0);
		assert_null(plan);
		return NULL;
	}
	assert_int_equal(d->n_errors, 0);
	return plan;
}

const struct sbx_spec *t_good_spec(const struct sbx_host *h, const char *text)
{
	struct sbx_diags d = t_diags();
	const struct sbx_spec *spec = t_spec(h, &d, text);

	assert_string_equal(t_said(&d), "");
	assert_non_null(spec);
	return spec;
}

const struct sbx_plan *t_good_plan(const struct sbx_host *h, const char *text)
{
	struct sbx_diags d = t_diags();
	const struct sbx_plan *plan = t_plan(h, &d, text);

	assert_string_equal(t_said(&d), "");
	assert_non_null(plan);
	return plan;
}

const char *t_plan_errors(const struct sbx_host *h, const char *text)
{
	struct sbx_diags d = t_diags();

	assert_null(t_plan(h, &d, text));
	return t_said(&d);
}

const struct sbx_spec *t_cli_spec(const struct sbx_host *h, struct sbx_diags *d, ...)
{
	char **argv = sbx_alloc_array(&t_arena, 64, sizeof *argv);
	const struct sbx_spec *spec = NULL;
	const char *arg, *notice;
	struct sbx_cli cli;
	va_list ap;
	int argc = 1;

	argv[0] = sbx_strdup(&t_arena, "sbx");
	va_start(ap, d);
	while ((arg = va_arg(ap, const char *))) {
		assert_true(argc < 63);
		argv[argc++] = sbx_strdup(&t_arena, arg);
	}
	va_end(ap);
	if (sbx_cli_parse(&t_arena, d, argc, argv, &cli) < 0 ||
	    sbx_cli_spec(&t_arena, h, d, &cli, &spec, &notice) < 0) {
		assert_true(d->n_errors > 0);
		assert_null(spec);
	}
	return spec;
}

char *t_mkdtemp(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = sbx_strf(&t_arena, "%s/sbx-test-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void t_remove(const char *dir)
{
	assert_true(strstr(dir, "sbx-test-") != NULL);
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *t_write(const char *dir, const char *name, const char *text)
{
	const char *path = sbx_strf(&t_arena, "%s/%s", dir, name);
	int fd;

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *parent = sbx_strf(&t_arena, "%s/%.*s", dir, (int)(slash - name), name);

		if (mkdir(parent, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		else
			assert_int_equal(chmod(parent, 0755), 0);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(sbx_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(close(fd), 0);
	return path;
}

const char *t_read(const char *path)
{
	char *text;
	size_t len;

	if (sbx_read_path(&t_arena, AT_FDCWD, path, 16 * 1024 * 1024, &text, &len) < 0)
		return NULL;
	return text;
}

size_t t_count(const char *text, const char *needle)
{
	size_t n = 0;

	for (const char *p = strstr(text, needle); p; p = strstr(p + 1, needle))
		n++;
	return n;
}

const char *t_bad_json(const char *text)
{
	return strict_json_bad(text);
}

const char *t_policy_errors(const char *text)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p = NULL;
	const char *said;
	bool failed = sbx_policy_parse(&t_arena, &d, "t.policy", text, strlen(text), &p) < 0;

	said = t_said(&d);
	assert_int_equal(failed, d.n_errors > 0);
	assert_int_equal(failed, !p);
	return *said ? sbx_strndup(&t_arena, said, strlen(said) - 1) : said;
}
