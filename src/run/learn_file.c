/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn_file.c - the files of --learn: looked at before the run, written behind it. See learn.h. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "policy/load.h"
#include "run/learn_see.h"
#include "spec/profile.h"

static const char suffix[] = ".profile", policy_suffix[] = ".policy";

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static const char *dir_name(struct sbx_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? "/" : sbx_strndup(a, path, (size_t)(slash - path));
}

static bool ends_with(const char *s, const char *end)
{
	return strlen(s) > strlen(end) && sbx_streq(s + strlen(s) - strlen(end), end);
}

/* FILE without ".profile". */
static const char *stem(struct sbx_arena *a, const char *path)
{
	return ends_with(base_name(path), suffix) ? sbx_strndup(a, path, strlen(path) - strlen(suffix)) : path;
}

/* A sealed supervisor of root has no capability: the modes hold for it. */
static bool may_write(const char *dir, const struct stat *st)
{
	mode_t mine = st->st_uid == geteuid() ? S_IWUSR : st->st_gid == getegid() ? S_IWGRP : S_IWOTH;

	return access(dir, W_OK | X_OK) == 0 && (geteuid() != 0 || st->st_mode & mine);
}

/* Where a file is to be written, and whether it can be. `o->path` is where it was said to be. */
static int claim(
    struct sbx_arena *a, struct sbx_diags *d, const struct sbx_plan *plan, struct sbx_learn_output *o, bool *ret_exists)
{
	const struct sbx_origin *at = plan->learn.at;
	const char *dir;
	struct stat st;
	char *real;
	int r;

	*ret_exists = lstat(o->path, &st) == 0;
	if (*ret_exists && S_ISLNK(st.st_mode)) {
		if (st.st_uid != geteuid())
			return sbx_error(d, -EPERM, at, "learn: '%s' is a link of someone else's", o->path);
		real = realpath(o->path, NULL);
		if (!real || stat(real, &st) < 0)
			return sbx_error(d, -ENOENT, at, "learn: '%s' is a link that leads nowhere", o->path);
		o->path = sbx_strdup(a, real);
		free(real);
	}
	if (*ret_exists && !S_ISREG(st.st_mode))
		return sbx_error(d, -EINVAL, at, "learn: '%s' is %s, not a file", o->path,
		    S_ISDIR(st.st_mode) ? "a directory" : "a special file");
	if (*ret_exists && !plan->learn.merge) {
		(void)sbx_error(d, -EEXIST, at, "learn: '%s' exists", o->path);
		sbx_hint(d, "--merge adds to it; otherwise say another name, or remove it");
		return -EEXIST;
	}
	dir = dir_name(a, o->path);
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
		r = S_ISDIR(st.st_mode) ? -errno : -ENOTDIR;
		return sbx_error(d, r, at, "learn: there is no directory '%s'", dir);
	}
	if (!may_write(dir, &st))
		return sbx_error(d, -EACCES, at, "learn: no file can be made in '%s'", dir);
	o->dir_dev = st.st_dev;
	o->dir_ino = st.st_ino;
	return 0;
}

static const char header[] = "sbx-profile 1\n\n"
			     "include base-system\n"
			     "include base-tmp\n"
			     "include base-env\n"
			     "home tmpfs\n";

/* The plan of a profile's text. Its errors go to `d`, what else is said of it is not about this run. */
static int plan_of(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_host *h, const struct sbx_found *found,
    const struct sbx_plan **ret_plan, bool *ret_seccomp)
{
	struct sbx_diags own = { .arena = a };
	struct sbx_host host = *h;
	struct sbx_builder b = { .arena = a, .host = &host, .diags = &own };
	struct sbx_reader r = { .builder = &b, .profile = "learn" };
	struct sbx_spec *spec;
	int e = sbx_reader_found(&r, found, NULL);

	if (e == 0)
		e = sbx_builder_end(&b);
	if (e == 0 && own.n_errors == 0) {
		spec = sbx_builder_seal(&b);
		spec->profile = r.profile;
		*ret_seccomp = sbx_spec_get(spec, SBX_OPT_SECCOMP) != NULL;
		e = sbx_plan_needs_subids(spec) ? sbx_host_load_subids(&host, &own) : 0;
		if (e == 0)
			e = sbx_plan_build(a, spec, NULL, &host, &own, ret_plan);
	}
	for (size_t i = 0; i < own.n && own.n_errors; i++) {
		if (own.items[i].severity == SBX_ERROR) {
			(void)sbx_error(d, own.items[i].code, own.items[i].at, "%s", own.items[i].text);
			if (own.items[i].hint)
				sbx_hint(d, "%s", own.items[i].hint);
		}
	}
	return e < 0 ? e : own.n_errors ? -EINVAL : 0;
}

static int read_profile(
    struct sbx_arena *a, struct sbx_diags *d, const struct sbx_host *h, struct sbx_learn *l, bool exists)
{
	static const char etc[] = "sbx-profile 1\ninclude base-etc\n";
	const struct sbx_found base = { .main = { "/<base-etc>", etc, sizeof etc - 1 } };
	struct sbx_found found = { .main = { l->profile.path, header, sizeof header - 1 } };
	bool names_policy = false, ignored;
	int r = 0;

	if (exists) {
		r = sbx_search(
		    h, a, d, &sbx_search_profiles, l->profile.path, NULL, l->plan->learn.at, SBX_FIND_MUST, &found);
		l->profile.old = found.main.text;
	}
	if (r == 0)
		r = plan_of(a, d, h, &found, &l->facts.have, &names_policy);
	if (r == 0)
		r = plan_of(a, d, h, &base, &l->facts.etc, &ignored);
	if (r == 0 && !names_policy)
		l->facts.policy = sbx_strf(a, "./%s", base_name(l->policy.path));
	return r;
}

static int read_policy(
    struct sbx_arena *a, struct sbx_diags *d, const struct sbx_host *h, struct sbx_learn *l, bool exists)
{
	const struct sbx_origin *at = l->plan->learn.at;
	struct sbx_found found;
	int r;

	if (!exists)
		return 0;
	r = sbx_search(h, a, d, &sbx_search_policies, l->policy.path, NULL, at, SBX_FIND_MUST, &found);
	if (r < 0)
		return r;
	l->policy.old = found.main.text;
	r = sbx_policy_load(h, a, d, l->policy.path, at, l->plan->caps, &l->old_policy);
	return r < 0 ? r : sbx_policy_check(l->old_policy, a, d, sbx_abi_native());
}

static int need_feature(struct sbx_diags *d, const struct sbx_host *h, const struct sbx_plan *plan, const char *name)
{
	struct sbx_why why;

	if (sbx_host_has(h, name))
		return 0;
	(void)sbx_feature_check(h, sbx_feature_find(name), &why);
	(void)sbx_error(d, -EOPNOTSUPP, plan->learn.at, "learn needs %s: %s", name, why.text);
	if (why.remedy)
		sbx_hint(d, "%s", why.remedy);
	return -EOPNOTSUPP;
}

int sbx_learn_begin(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_host *h, const struct sbx_plan *plan,
    struct sbx_learn **ret)
{
	struct sbx_learn *l = SBX_NEW(a, struct sbx_learn);
	bool has_profile, has_policy;
	mode_t mask = umask(0);
	int r;

	(void)umask(mask);
	l->mode = 0644 & ~mask;
	l->plan = plan;
	l->recording.arena = a;
	l->see = SBX_NEW(a, struct sbx_learn_see);
	l->see->root_fd = -1;
	l->profile.path = plan->learn.path;
	if (!*base_name(plan->learn.path) || ends_with(base_name(plan->learn.path), policy_suffix)) {
		(void)sbx_error(
		    d, -EINVAL, plan->learn.at, "learn: '%s' can't be the name of a profile", plan->learn.path);
		sbx_hint(d, "say NAME.profile; the policy is NAME.policy beside it");
		return -EINVAL;
	}
	if (need_feature(d, h, plan, "seccomp-notify") < 0 || need_feature(d, h, plan, "openat2") < 0)
		return -EOPNOTSUPP;
	r = claim(a, d, plan, &l->profile, &has_profile);
	if (r < 0)
		return r;
	l->policy.path = sbx_strf(a, "%s%s", stem(a, l->profile.path), policy_suffix);
	r = claim(a, d, plan, &l->policy, &has_policy);
	if (r == 0)
		r = read_profile(a, d, h, l, has_profile);
	if (r == 0)
		r = read_policy(a, d, h, l, has_policy);
	if (r < 0)
		return r;
	l->facts.r = &l->recording;
	l->facts.ran = plan;
	l->facts.home = h->home;
	l->facts.cwd = h->cwd;
	l->facts.old = l->profile.old;
	l->facts.diags = d;
	*ret = l;
	return 0;
}

/* Writes a new file and gives it the name of the old one. */
static int write_file(const struct sbx_learn *l, const struct sbx_learn_output *o, const struct sbx_buf *text)
{
	struct sbx_arena *a = l->recording.arena;
	const char *name = base_name(o->path), *temp = sbx_strf(a, ".%.200s.%d", name, (int)getpid());
	_cleanup_close_ int dir_fd = open(dir_name(a, o->path), O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	struct stat st;
	int r;

	if (dir_fd < 0 || fstat(dir_fd, &st) < 0)
		return -errno;
	/* The command could have put a link to another directory of its caller's there. */
	if (st.st_dev != o->dir_dev || st.st_ino != o->dir_ino)
		return -ESTALE;
	fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, l->mode);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, l->mode) < 0 ? -errno : 0;
	if (r == 0)
		r = sbx_write_all(fd, sbx_buf_str(text), text->len);
	/* What was not there must not be there now; of what was, its text has been read before the run. */
	if (r == 0 && renameat2(dir_fd, temp, dir_fd, name, o->old ? 0 : RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir_fd, temp, 0);
	return r;
}

static int write_output(
    const struct sbx_learn *l, const struct sbx_learn_output *o, const struct sbx_buf *text, struct sbx_diags *d)
{
	int r = write_file(l, o, text);

	if (r == -ESTALE)
		return sbx_error(d, r, l->plan->learn.at,
		    "learn: nothing is written: the directory of '%s' was replaced during the run", o->path);
	if (r < 0)
		return sbx_error(d, r, l->plan->learn.at, "learn: can't write '%s': %s", o->path, strerror(-r));
	return 0;
}

/* "# Learned by …" with the command, in which nothing can end the comment. */
static void add_title(struct sbx_buf *out, const struct sbx_learn *l, const char *what)
{
	size_t start = out->len;

	sbx_buf_addf(out, "# %s by sbx --learn from:", what);
	for (const char *const *arg = l->plan->argv; *arg && out->len - start < 200; arg++)
		sbx_buf_addf(out, " %.100s", *arg);
	for (size_t i = start; i < out->len; i++) {
		if (out->data[i] < ' ' || out->data[i] > '~')
			out->data[i] = '?';
	}
	sbx_buf_addc(out, '\n');
}

static void begin_addition(struct sbx_buf *out, const struct sbx_learn *l, const char *old)
{
	sbx_buf_adds(out, old);
	if (out->len && out->data[out->len - 1] != '\n')
		sbx_buf_addc(out, '\n');
	sbx_buf_addc(out, '\n');
	add_title(out, l, "Learned in addition");
}

static size_t make_policy(struct sbx_buf *out, const struct sbx_learn *l)
{
	const struct sbx_recording *r = &l->recording;
	const struct sbx_learn_call **calls = NULL;
	struct sbx_buf rules = { .arena = out->arena };
	const struct sbx_policy *old = l->old_policy;
	enum sbx_abi native = sbx_abi_native();
	unsigned abis = old ? sbx_policy_abis(old, native) : 1U << native;
	size_t n = 0, n_rules = 0;

	for (int abi = 0; abi < SBX_N_ABIS; abi++) {
		if (r->abis & ~abis & 1U << abi) {
			sbx_buf_addf(&rules, "arch %s\n", sbx_abi_info((enum sbx_abi)abi)->name);
			n_rules++;
		}
	}
	if (!old || sbx_learn_lacks_always(out->arena, old, native)) {
		sbx_buf_addf(
		    &rules, "\n# What every program calls; not counted\n%s\n# What was seen\n", sbx_learn_always);
		n_rules++;
	}
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		if (r->calls[id])
			SBX_APPEND(out->arena, calls, n) = r->calls[id];
	}
	for (size_t i = 0; i < r->n_others; i++)
		SBX_APPEND(out->arena, calls, n) = r->others[i];
	n_rules += sbx_learn_rules(&rules, old, native, abis, calls, n);
	if (old) {
		begin_addition(out, l, l->policy.old);
	} else {
		add_title(out, l, "Learned");
		sbx_buf_adds(out,
		    "# What was not seen is forbidden. sbx --report-denials tells what that is; --learn FILE --merge adds.\n"
		    "sbx-policy 1\n\ndefault errno(EPERM)\n");
	}
	sbx_buf_adds(out, sbx_buf_str(&rules));
	return n_rules;
}

static size_t make_profile(struct sbx_buf *out, const struct sbx_learn *l)
{
	struct sbx_buf lines = { .arena = out->arena };
	size_t n = sbx_learn_profile_lines(&lines, &l->facts);

	if (l->profile.old) {
		begin_addition(out, l, l->profile.old);
	} else {
		add_title(out, l, "Learned");
		sbx_buf_adds(out,
		    "# It gives what the run was seen to use. Read it before you rely on it: a run under --learn is not confined.\n");
		sbx_buf_adds(out, header);
		sbx_buf_addc(out, '\n');
	}
	sbx_buf_adds(out, sbx_buf_str(&lines));
	return n;
}

int sbx_learn_end(struct sbx_learn *l, struct sbx_diags *d)
{
	struct sbx_arena *a = l->recording.arena;
	struct sbx_buf policy = { .arena = a }, profile = { .arena = a };
	size_t rules, lines;

	sbx_close_p(&l->see->root_fd);
	rules = make_policy(&policy, l);
	lines = make_profile(&profile, l);
	if (l->recording.unreadable)
		sbx_warning(d, NULL, "learn: %llu arguments could not be read, and are not in the profile",
		    (unsigned long long)l->recording.unreadable);
	if (l->recording.truncated)
		sbx_warning(d, NULL, "learn: the run did more than is kept, the profile is not whole");
	if (!l->facts.policy && !l->policy.old && l->profile.old)
		sbx_warning(d, NULL, "learn: '%s' names another policy; '%s' is not used by it", l->profile.path,
		    l->policy.path);
	if (rules && write_output(l, &l->policy, &policy, d) < 0)
		return -EIO;
	if (lines && write_output(l, &l->profile, &profile, d) < 0)
		return -EIO;
	sbx_notice(d, NULL, "learned from %llu calls: %zu lines of '%s', %zu rules of '%s'",
	    (unsigned long long)l->recording.total, lines, l->profile.path, rules, l->policy.path);
	return 0;
}
