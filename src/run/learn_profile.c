/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn_profile.c - from what was seen to the lines of a profile; see learn.h. */
#include <stdio.h>

#include "run/learn.h"

/* So many names of a directory, and the directory itself is taken. */
enum { MANY_NAMES = 8 };

/* What is needed of one path. */
struct item {
	const char *path, *host;
	const struct sbx_seen_path *seen; /* NULL: the working directory */
	bool dir, link, write, read; /* read: also that it is there, of what is no directory */
	bool device;
};

struct writer {
	const struct sbx_learn_facts *f;
	struct sbx_arena *arena;
	struct sbx_buf *out, notes; /* lines; lines that are left to a person */
	struct item *items;
	size_t n, n_lines;
	bool uses_etc;
};

/* What lies below the home that no sandbox should be given without a thought. */
static const char *const secrets[] = {
	".ssh",
	".gnupg",
	".password-store",
	".local/share/keyrings",
	".local/share/kwalletd",
	".pki",
	".netrc",
	".git-credentials",
	".config/git/credentials",
	".config/gh",
	".aws",
	".azure",
	".config/gcloud",
	".kube",
	".docker/config.json",
	".npmrc",
	".pypirc",
	".cargo/credentials",
	".cargo/credentials.toml",
	".mozilla",
	".thunderbird",
	".config/google-chrome",
	".config/chromium",
	".config/BraveSoftware",
	".config/microsoft-edge",
	".config/vivaldi",
	".bash_history",
	".zsh_history",
};

/* Whether `path` is `dir` or below it. */
static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

const char *sbx_learn_word(struct sbx_arena *a, const char *path, const char *home)
{
	struct sbx_buf b = { .arena = a };
	bool in_home = home && home[0] == '/' && home[1] && is_below(path, home);
	const char *rest = in_home ? path + strlen(home) : path;

	if (!*path)
		return "\"\"";
	if (in_home)
		sbx_buf_adds(&b, "${HOME}");
	for (const char *p = rest; *p;) {
		size_t n = sbx_utf8_char(p);
		unsigned char c = (unsigned char)*p;

		if (c == '\n' || c == '\t' || c < ' ' || c == 0x7f || n == 0) {
			sbx_buf_addf(&b, "\\x%02x", c);
			p++;
			continue;
		}
		if (strchr(" \\\"'$#", c))
			sbx_buf_addc(&b, '\\');
		sbx_buf_add(&b, p, n);
		p += n;
	}
	return sbx_buf_str(&b);
}

/* What a person may write about a program: names are whatever the program wants. */
static const char *plain(struct sbx_arena *a, const char *name)
{
	char *s = sbx_strdup(a, name ? name : "?");

	for (char *p = s; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return s;
}

static bool is_mount(enum sbx_op_kind kind)
{
	return kind == SBX_OP_BIND || kind == SBX_OP_TMPFS || kind == SBX_OP_PROC || kind == SBX_OP_DEVPTS ||
	       kind == SBX_OP_MQUEUE || kind == SBX_OP_OVERLAY || kind == SBX_OP_DATA || kind == SBX_OP_CONSOLE ||
	       kind == SBX_OP_HIDE;
}

/* The operation that a path of the sandbox comes from, or NULL. */
static const struct sbx_op *op_of(const struct sbx_plan *plan, const char *path)
{
	const struct sbx_op *found = NULL;

	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct sbx_op *op = &plan->ops[i];

		if (is_mount(op->kind) && is_below(path, op->dest))
			found = op;
	}
	return found;
}

static const char *host_path(struct sbx_arena *a, const struct sbx_op *op, const char *path)
{
	size_t n = strlen(op->dest);
	const char *src = sbx_streq(op->src, "/") ? "" : op->src;

	while (n > 0 && op->dest[n - 1] == '/')
		n--;
	return path[n] || *src ? sbx_strf(a, "%s%s", src, path + n) : "/";
}

/* Whether `plan` already gives what the item needs. */
static bool has(struct sbx_arena *a, const struct sbx_plan *plan, const struct item *item)
{
	const struct sbx_op *op = op_of(plan, item->path);

	if (op && op->kind == SBX_OP_BIND && op->src && sbx_streq(host_path(a, op, item->path), item->host))
		return !item->write || !(op->flags & SBX_OP_RO);
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct sbx_op *o = &plan->ops[i];

		if (o->kind == SBX_OP_SYMLINK && item->link && sbx_streq(o->dest, item->path))
			return true;
		/* A directory that need only be there. */
		if (item->dir && !item->read && !item->write && o->dest && o->kind != SBX_OP_REMOUNT_RO &&
		    is_below(o->dest, item->path))
			return true;
	}
	return false;
}

/* Directories that hold too much to be given as a whole. */
static bool is_wide(const struct writer *w, const char *dir)
{
	const char *home = w->f->home;

	return !strchr(dir + 1, '/') || sbx_streq(dir, "/var/tmp") || (home && is_below(home, dir)) ||
	       sbx_streq(dir, "/run/user") || (sbx_starts_with(dir, "/run/user/") && !strchr(dir + 10, '/'));
}

static bool is_secret(const struct writer *w, const char *path)
{
	const char *home = w->f->home;
	size_t n = home ? strlen(home) : 0;

	if (!home || !is_below(path, home) || path[n] != '/')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		if (is_below(path + n + 1, secrets[i]))
			return true;
	}
	return false;
}

/* Whether something below the directory must not be given with it. */
static bool holds_secret(const struct writer *w, const char *dir)
{
	const char *const *own = w->f->ran->protect;

	for (size_t i = 0; w->f->home && i < ARRAY_LEN(secrets); i++) {
		if (is_below(sbx_strf(w->arena, "%s/%s", w->f->home, secrets[i]), dir))
			return true;
	}
	for (; own && *own; own++) {
		if (is_below(*own, dir))
			return true;
	}
	return false;
}

static bool is_own(const struct writer *w, const char *host)
{
	for (const char *const *own = w->f->ran->protect; own && *own; own++) {
		if (is_below(host, *own))
			return true;
	}
	return false;
}

static bool below_made(const struct writer *w, const char *path)
{
	char *dir = sbx_strdup(w->arena, path);

	for (char *slash; (slash = strrchr(dir, '/')) && slash != dir;) {
		const struct sbx_seen_path *p;

		*slash = '\0';
		p = sbx_seen_find(&w->f->r->paths, dir);
		if (p && p->made)
			return true;
	}
	return false;
}

static void write_line(struct writer *w, const char *word, const struct item *item, const char *why)
{
	const char *home = w->f->home;

	sbx_buf_addf(w->out, "%s %s %s", word, sbx_learn_word(w->arena, item->host, home),
	    sbx_learn_word(w->arena, item->path, home));
	if (why && item->seen)
		sbx_buf_addf(w->out, "  # %s, first: %s", why, plain(w->arena, item->seen->first));
	sbx_buf_addc(w->out, '\n');
	w->n_lines++;
}

/* A line that a person must take the # from; once, however often the profile is merged. */
static void add_note(struct writer *w, const char *line)
{
	if (!w->f->old || !strstr(w->f->old, line))
		sbx_buf_adds(&w->notes, line);
}

static void note(struct writer *w, const struct item *item, const char *why)
{
	const char *home = w->f->home, *word = item->write ? "bind" : "ro-bind-try";

	add_note(w, sbx_strf(w->arena, "# %s %s %s  # %s, first: %s\n", word,
			sbx_learn_word(w->arena, item->host, home), sbx_learn_word(w->arena, item->path, home), why,
			plain(w->arena, item->seen ? item->seen->first : NULL)));
}

static bool is_temporary(const char *dir)
{
	return sbx_streq(dir, "/tmp") || sbx_streq(dir, "/var/tmp");
}

static void add_item(struct writer *w, const struct sbx_seen_path *p)
{
	struct item item = { .path = p->path, .seen = p };
	const struct sbx_op *op = op_of(w->f->ran, p->path);

	if (p->kind == SBX_FILE_MISSING || p->made || below_made(w, p->path))
		return;
	/* What sbx makes anew for each sandbox. */
	if (!op || op->kind != SBX_OP_BIND || !op->src)
		return;
	item.host = host_path(w->arena, op, p->path);
	item.dir = p->kind == SBX_FILE_DIR;
	item.link = p->kind == SBX_FILE_LINK;
	item.device = op->flags & SBX_OP_DEV && !item.dir && !item.link;
	/* It is always there. */
	if (sbx_streq(p->path, "/") && !(p->needs & SBX_NEED_READ))
		return;
	item.write =
	    p->needs & (item.dir ? SBX_NEED_CHANGE | SBX_NEED_WRITE : SBX_NEED_WRITE) && !(op->flags & SBX_OP_RO);
	item.read = !item.dir || p->needs & SBX_NEED_READ;
	/* Temporary files: a directory of the sandbox's own is as good. */
	if (item.dir && is_temporary(p->path) && op_of(w->f->have, p->path) &&
	    op_of(w->f->have, p->path)->kind == SBX_OP_TMPFS)
		return;
	if (is_own(w, item.host) || has(w->arena, w->f->have, &item))
		return;
	if (w->f->etc && has(w->arena, w->f->etc, &item)) {
		w->uses_etc = true;
		return;
	}
	if (is_secret(w, p->path) || is_secret(w, item.host)) {
		note(w, &item, "a secret");
		return;
	}
	SBX_APPEND(w->arena, w->items, w->n) = item;
}

/* Parents before what is in them, and that together. */
static int compare_items(const void *a, const void *b)
{
	const unsigned char *x = (const void *)((const struct item *)a)->path,
			    *y = (const void *)((const struct item *)b)->path;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	if (*x == *y)
		return 0;
	if (!*x || !*y)
		return *x ? 1 : -1;
	if (*x == '/' || *y == '/')
		return *x == '/' ? -1 : 1;
	return *x < *y ? -1 : 1;
}

/* The end of the items from `i` on that are in the same child of a directory whose path has `len` bytes. */
static size_t group_end(const struct writer *w, size_t i, size_t end, size_t len, size_t *ret_len)
{
	const char *first = w->items[i].path;
	size_t n = len + 1 + strcspn(first + len + 1, "/");

	*ret_len = n;
	while (
	    i < end && strncmp(w->items[i].path, first, n) == 0 && (!w->items[i].path[n] || w->items[i].path[n] == '/'))
		i++;
	return i;
}

/* What one path itself needs. Returns whether it covers what is below it, readable. */
static bool write_own(struct writer *w, const struct item *item, bool alone, bool readable)
{
	bool wide = item->dir && (item->read || item->write) && (is_wide(w, item->path) || holds_secret(w, item->path));

	if (wide) {
		note(w, item, item->write ? "files come and go in it" : "its names are read");
		return readable;
	}
	if (item->write)
		write_line(w, item->device ? "dev-bind" : "bind", item, item->device ? "a device" : NULL);
	else if (readable)
		return true;
	else if (item->link)
		sbx_buf_addf(w->out, "symlink %s %s\n", sbx_learn_word(w->arena, item->seen->target, NULL),
		    sbx_learn_word(w->arena, item->path, w->f->home));
	else if (item->read && item->seen && item->seen->kind == SBX_FILE_SOCKET)
		write_line(w, "ro-bind-try", item, "a socket");
	else if (item->read && item->device)
		write_line(w, "dev-bind-try", item, "a device");
	else if (item->read)
		write_line(w, "ro-bind-try", item, NULL);
	else if (alone)
		sbx_buf_addf(w->out, "dir %s\n", sbx_learn_word(w->arena, item->path, w->f->home));
	w->n_lines += item->link || (!item->read && !item->write && alone);
	return item->read || item->write;
}

/* The items from `i` to `end` are all `dir`, whose path has `len` bytes, or below it. */
static void write_below(struct writer *w, size_t i, size_t end, size_t len, bool readable)
{
	size_t names = 0, n;

	if (i < end && strlen(w->items[i].path) == len) {
		const struct item *own = &w->items[i++];
		bool covers = write_own(w, own, i == end, readable);

		/* Writable with all that is in it. */
		if (covers && own->write && own->dir)
			return;
		readable = covers;
	}
	for (size_t k = i; k < end; k = group_end(w, k, end, len, &n))
		names++;
	if (!readable && names >= MANY_NAMES && len > 0) {
		const struct item *any = &w->items[i];
		size_t tail = strlen(any->path) - len, host = strlen(any->host);
		struct item dir = { .path = sbx_strndup(w->arena, any->path, len) };

		/* If it has the same name on the host. */
		if (!is_wide(w, dir.path) && !holds_secret(w, dir.path) && host > tail && !any->device &&
		    sbx_streq(any->host + host - tail, any->path + len)) {
			dir.host = sbx_strndup(w->arena, any->host, host - tail);
			write_line(w, "ro-bind", &dir, NULL);
			readable = true;
		}
	}
	while (i < end) {
		size_t next = group_end(w, i, end, len, &n);

		write_below(w, i, next, n, readable);
		i = next;
	}
}

static void write_net(struct writer *w)
{
	const struct sbx_recording *r = w->f->r;
	const struct sbx_seen_address *out = NULL;
	unsigned port = 0;

	if (w->f->have->share_at[SBX_SHARE_NET])
		return;
	for (size_t i = 0; i < r->addresses.size; i++) {
		const struct sbx_seen_address *a = r->addresses.slots[i].value;

		if (a && a->outside && (!out || strcmp(a->text, out->text) < 0))
			out = a;
		else if (a && !a->outside && sbx_starts_with(a->text, "connect"))
			add_note(w, sbx_strf(w->arena, "# share-net  # %s, an abstract socket of the host, first: %s\n",
					plain(w->arena, a->text), plain(w->arena, a->first)));
	}
	if (out) {
		sbx_buf_addf(
		    w->out, "share-net  # %s, first: %s\n", plain(w->arena, out->text), plain(w->arena, out->first));
		w->n_lines++;
		return;
	}
	for (port = 1; port < 65536 && !r->bound_any; port++) {
		if (r->called[port / 64] & ~r->bound[port / 64] & UINT64_C(1) << port % 64) {
			add_note(
			    w, sbx_strf(w->arena,
				   "# share-net  # port %u of the loopback was called, not the run's own\n", port));
			return;
		}
	}
}

static void write_env(struct writer *w)
{
	const struct sbx_plan *ran = w->f->ran, *have = w->f->have;

	for (size_t i = 0; i < ran->n_env; i++) {
		const struct sbx_env *e = &ran->env[i];
		bool same = !e->at;

		for (size_t k = 0; k < have->n_env && !same; k++)
			same = sbx_streq(e->name, have->env[k].name) && sbx_streq(e->value, have->env[k].value);
		if (same)
			continue;
		sbx_buf_addf(w->out, "setenv %s %s\n", sbx_learn_word(w->arena, e->name, NULL),
		    sbx_learn_word(w->arena, e->value, w->f->home));
		w->n_lines++;
	}
	if (ran->enable_userns && !have->enable_userns) {
		sbx_buf_adds(w->out, "enable-userns\n");
		w->n_lines++;
	}
	if (ran->chdir_at && !have->chdir_at) {
		sbx_buf_addf(w->out, "chdir %s\n", sbx_learn_word(w->arena, ran->chdir[0], w->f->home));
		w->n_lines++;
	}
}

size_t sbx_learn_profile_lines(struct sbx_buf *out, const struct sbx_learn_facts *f)
{
	struct sbx_buf mounts = { .arena = out->arena };
	struct writer w = { .f = f, .arena = out->arena, .out = &mounts, .notes = { .arena = out->arena } };
	struct item cwd = { .path = f->cwd, .host = f->cwd, .dir = true };
	bool has_cwd = !f->cwd || sbx_streq(f->cwd, "/") || has(w.arena, f->have, &cwd);

	for (size_t i = 0; i < f->r->paths.size; i++) {
		if (f->r->paths.slots[i].value)
			add_item(&w, f->r->paths.slots[i].value);
	}
	for (size_t i = 0; i < w.n && !has_cwd; i++)
		has_cwd = sbx_streq(w.items[i].path, f->cwd);
	if (!has_cwd)
		SBX_APPEND(w.arena, w.items, w.n) = cwd;
	if (w.n > 0)
		qsort(w.items, w.n, sizeof *w.items, compare_items);
	write_below(&w, 0, w.n, 0, false);
	if (w.uses_etc) {
		sbx_buf_adds(out, "include base-etc\n");
		w.n_lines++;
	}
	w.out = out;
	write_env(&w);
	sbx_buf_adds(out, sbx_buf_str(&mounts));
	write_net(&w);
	if (f->policy) {
		sbx_buf_addf(out, "seccomp %s\n", sbx_learn_word(w.arena, f->policy, NULL));
		w.n_lines++;
	}
	if (w.notes.len) {
		w.n_lines++;
		sbx_buf_adds(out, "# What the run did and this does not give it; think before you take a # away.\n");
		sbx_buf_adds(out, sbx_buf_str(&w.notes));
		sbx_notice(f->diags, NULL, "some of what the run did is in the profile as a comment only; read it");
	}
	return w.n_lines;
}
