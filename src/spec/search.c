/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* search.c - finding and reading profiles and policies; the rules are in search.h. */
#include "spec/search.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/value.h"
#include "spec/lex.h"

const struct sbx_search_kind sbx_search_profiles = { "profile", "profiles", ".profile" };
const struct sbx_search_kind sbx_search_policies = { "policy", "seccomp-policies", ".policy" };

struct finder {
	const struct sbx_search_kind *kind;
	const struct sbx_host *host;
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	const struct sbx_origin *at;
};

/*
 * Inside a user namespace files of unmapped ids, root's among them, show the overflow id. They can't be told
 * apart there, so such owners count as root's for system directories only, never for the user's own.
 */
static bool owner_trusted(const struct finder *f, const struct stat *st, const char *path)
{
	enum { OVERFLOW_ID = 65534 };

	if (st->st_uid == 0 || st->st_uid == f->host->uid)
		return true;
	return st->st_uid == OVERFLOW_ID &&
	       (sbx_starts_with(path, "/usr/") || sbx_starts_with(path, "/etc/") || sbx_starts_with(path, "/run/") ||
		   sbx_streq(path, "/usr") || sbx_streq(path, "/etc") || sbx_streq(path, "/run") ||
		   sbx_streq(path, "/"));
}

static int cant_read(struct finder *f, const char *what, const char *path, int err)
{
	(void)sbx_error(f->diags, -err, f->at, "can't read %s'%s': %s", what, path, strerror(err));
	if (err == EMFILE || err == ENFILE)
		sbx_hint(f->diags, "too many open files: raise `ulimit -n`");
	return -err;
}

static int untrusted(struct finder *f, const char *what, const char *path, const struct stat *st, const char *file)
{
	if (!owner_trusted(f, st, path)) {
		(void)sbx_error(f->diags, -EPERM, f->at,
		    "%s '%s' belongs to user %u, neither root nor you; '%s' is not used", what, path, st->st_uid, file);
		sbx_hint(f->diags, "check where it came from; `chown` it if it is yours");
	} else {
		(void)sbx_error(f->diags, -EPERM, f->at,
		    "%s '%s' can be written by others (mode %04o); '%s' is not used", what, path, st->st_mode & 07777,
		    file);
		sbx_hint(f->diags, "chmod go-w '%s'", path);
	}
	return -EPERM;
}

/* Checks the directories from the file's real place up to the root. */
static int check_parents(struct finder *f, int fd, const char *file)
{
	char link[64], path[PATH_MAX];
	ssize_t n;
	char *slash;

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n < 0 || path[0] != '/')
		return sbx_error(
		    f->diags, -EPERM, f->at, "can't tell where '%s' really is: there is no procfs on /proc", file);
	path[n] = '\0';
	while ((slash = strrchr(path, '/'))) {
		const char *dir = path;
		struct stat st;

		slash[slash == path] = '\0';
		if (stat(dir, &st) < 0)
			return sbx_error(f->diags, -errno, f->at, "can't look at '%s': %s", dir, strerror(errno));
		/* In a sticky directory nobody else can replace what is ours or root's. */
		if (!owner_trusted(f, &st, dir) || ((st.st_mode & 0022) && !(st.st_mode & S_ISVTX)))
			return untrusted(f, "directory", dir, &st, file);
		if (slash == path)
			break;
	}
	return 0;
}

/* A link to /dev/null takes something away; only who may write profiles may do that. 1, or an error. */
static int check_mask(struct finder *f, const char *path)
{
	const char *dir = sbx_strndup(f->arena, path, (size_t)(strrchr(path, '/') - path));
	struct stat st;

	if (stat(dir, &st) < 0)
		return sbx_error(f->diags, -errno, f->at, "can't look at '%s': %s", dir, strerror(errno));
	/* A sticky bit does not help: the link itself may be anyone's. */
	if (!owner_trusted(f, &st, dir) || (st.st_mode & 0022))
		return untrusted(f, "directory", dir, &st, path);
	return 1;
}

/*
 * Reads one file. 1 if it masks, 0 with *ret filled, -ENOENT without a message if there is none.
 */
static int read_one(struct finder *f, const char *path, struct sbx_file *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *text;
	size_t len;
	int r;

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return -ENOENT;
		return cant_read(f, "", path, errno);
	}
	if (fstat(fd, &st) < 0)
		return cant_read(f, "", path, errno);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return check_mask(f, path);
	if (!S_ISREG(st.st_mode))
		return sbx_error(f->diags, -EINVAL, f->at, "'%s' is not a regular file", path);
	if (!owner_trusted(f, &st, path) || (st.st_mode & 0022))
		return untrusted(f, "file", path, &st, path);
	r = check_parents(f, fd, path);
	if (r < 0)
		return r;
	r = sbx_read_file(f->arena, fd, SBX_LEX_MAX_FILE, &text, &len);
	if (r == -EFBIG)
		return sbx_error(f->diags, r, f->at, "'%s' is larger than 1 MiB", path);
	if (r < 0)
		return cant_read(f, "", path, -r);
	if (len == 0)
		return 1;
	*ret = (struct sbx_file){ .path = path, .text = text, .len = len };
	return 0;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && sbx_streq(s + n - m, suffix);
}

static int by_file_name(const void *a, const void *b)
{
	const struct sbx_file *x = a, *y = b;
	int c = strcmp(strrchr(x->path, '/'), strrchr(y->path, '/'));

	/* Same name: the one found first, in the more important directory, stays before the other. */
	return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Adds the paths of one drop-in directory; `len` holds the directory's rank until the file is read. */
static int list_dropins(struct finder *f, const char *dir, size_t rank, struct sbx_found *found)
{
	DIR *stream = opendir(dir);
	struct dirent *e;

	if (!stream) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return cant_read(f, "the directory ", dir, errno);
	}
	while ((e = readdir(stream))) {
		if (e->d_name[0] == '.' || !ends_with(e->d_name, ".conf"))
			continue;
		SBX_APPEND(f->arena, found->dropins, found->n_dropins) =
		    (struct sbx_file){ .path = sbx_strf(f->arena, "%s/%s", dir, e->d_name), .len = rank };
	}
	(void)closedir(stream);
	return 0;
}

static int read_dropins(struct finder *f, const char *name, struct sbx_found *found)
{
	size_t kept = 0;
	const char *last = NULL;

	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++) {
		const char *dir = f->host->search_dirs[i];
		int r;

		if (!dir)
			continue;
		r = list_dropins(
		    f, sbx_strf(f->arena, "%s/%s/%s%s.d", dir, f->kind->dir, name, f->kind->suffix), i, found);
		if (r < 0)
			return r;
	}
	if (found->n_dropins > 1)
		qsort(found->dropins, found->n_dropins, sizeof *found->dropins, by_file_name);
	for (size_t i = 0; i < found->n_dropins; i++) {
		const char *base = strrchr(found->dropins[i].path, '/');
		struct sbx_file file;
		int r;

		if (last && sbx_streq(last, base))
			continue;
		last = base;
		r = read_one(f, found->dropins[i].path, &file);
		if (r < 0)
			return r == -ENOENT
				   ? sbx_error(f->diags, r, f->at,
					 "can't read '%s': it has gone, or is a dangling link", found->dropins[i].path)
				   : r;
		if (r == 0)
			found->dropins[kept++] = file;
	}
	found->n_dropins = kept;
	return 0;
}

static int not_found(struct finder *f, const char *name)
{
	struct sbx_listed *all;
	struct sbx_buf dirs = { .arena = f->arena };
	size_t n;
	const char *near = NULL;

	if (sbx_search_list(f->host, f->arena, f->kind, &all, &n) == 0) {
		const char **names = sbx_alloc_array(f->arena, n + 1, sizeof *names);

		for (size_t i = 0; i < n; i++)
			names[i] = all[i].name;
		near = sbx_nearest(name, names, n);
	}
	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++) {
		if (f->host->search_dirs[i])
			sbx_buf_addf(&dirs, "%s%s/%s", dirs.len ? ", " : "", f->host->search_dirs[i], f->kind->dir);
	}
	(void)sbx_error(f->diags, -ENOENT, f->at, "no %s '%s'", f->kind->what, name);
	if (near)
		sbx_hint(f->diags, "did you mean '%s'? Searched: %s", near, sbx_buf_str(&dirs));
	else
		sbx_hint(f->diags, "searched: %s", sbx_buf_str(&dirs));
	return -ENOENT;
}

static int search_path(
    struct finder *f, const char *name, const char *beside, enum sbx_find_mode mode, struct sbx_found *found)
{
	const char *path = *name == '/' ? name : sbx_strf(f->arena, "%s/%s", beside ? beside : "", name);
	int r;

	if (*name != '/' && !beside)
		return sbx_error(
		    f->diags, -ENOENT, f->at, "'%s' is relative to a current directory that can't be told", name);
	r = read_one(f, path, &found->main);
	if ((r == -ENOENT || r == 1) && mode == SBX_FIND_MAY)
		return -ENOENT;
	if (r == -ENOENT)
		return sbx_error(f->diags, r, f->at, "no file '%s'", path);
	if (r == 1)
		return sbx_error(f->diags, -ENOENT, f->at, "'%s' is empty", path);
	return r;
}

int sbx_search(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const struct sbx_search_kind *kind,
    const char *name, const char *beside, const struct sbx_origin *at, enum sbx_find_mode mode, struct sbx_found *ret)
{
	struct finder f = { .kind = kind, .host = h, .arena = a, .diags = d, .at = at };
	struct sbx_found found = { 0 };
	const char *why;
	int r = -ENOENT;

	if (strchr(name, '/')) {
		r = search_path(&f, name, beside, mode, &found);
		if (r == 0)
			*ret = found;
		return r;
	}
	why = sbx_check_name(name);
	if (why)
		return mode == SBX_FIND_MAY ? -ENOENT : sbx_error(d, -EINVAL, at, "%s '%s': %s", kind->what, name, why);
	for (size_t i = 0; i < SBX_SEARCH_DIRS && r == -ENOENT; i++) {
		const char *path;

		if (!h->search_dirs[i])
			continue;
		path = sbx_strf(a, "%s/%s/%s%s", h->search_dirs[i], kind->dir, name, kind->suffix);
		r = read_one(&f, path, &found.main);
		if (r == 1 && mode == SBX_FIND_MUST)
			return sbx_error(d, -ENOENT, at, "%s '%s' is masked by '%s'", kind->what, name, path);
	}
	if (r == -ENOENT && mode == SBX_FIND_MUST)
		return not_found(&f, name);
	if (r != 0)
		return r == 1 ? -ENOENT : r;
	r = read_dropins(&f, name, &found);
	if (r == 0)
		*ret = found;
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct sbx_listed *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool is_mask(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	       ((S_ISREG(st.st_mode) && st.st_size == 0) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)));
}

static bool listed(const struct sbx_listed *all, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (sbx_streq(all[i].name, name))
			return true;
	}
	return false;
}

int sbx_search_list(const struct sbx_host *h, struct sbx_arena *a, const struct sbx_search_kind *kind,
    struct sbx_listed **ret, size_t *ret_n)
{
	struct sbx_listed *all = NULL;
	size_t n = 0;

	for (size_t i = 0; i < SBX_SEARCH_DIRS; i++) {
		const char *dir = h->search_dirs[i] ? sbx_strf(a, "%s/%s", h->search_dirs[i], kind->dir) : NULL;
		DIR *stream = dir ? opendir(dir) : NULL;
		struct dirent *e;

		while (stream && (e = readdir(stream))) {
			const char *path, *name;

			if (!ends_with(e->d_name, kind->suffix))
				continue;
			name = sbx_strndup(a, e->d_name, strlen(e->d_name) - strlen(kind->suffix));
			if (sbx_check_name(name) || listed(all, n, name))
				continue;
			path = sbx_strf(a, "%s/%s", dir, e->d_name);
			SBX_APPEND(a, all, n) =
			    (struct sbx_listed){ .name = name, .path = path, .masked = is_mask(path) };
		}
		if (stream)
			(void)closedir(stream);
	}
	if (n > 1)
		qsort(all, n, sizeof *all, by_name);
	*ret = all;
	*ret_n = n;
	return 0;
}
