/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan_fs.c - mounts and files of the sandbox, in the order they were said. Then sbx's own rules: its
 * directories on the host stay unwritable, /dev and the root tmpfs become read-only.
 */
#include <sched.h>

#include "plan/plan_parts.h"

struct fs {
	struct sbx_planner *p;
	bool root_covered; /* a directive mounts on / itself */
	struct {
		const char *dest;
		const struct sbx_origin *at;
	} *ro_at_end; /* made read-only once all else is mounted */
	size_t n_ro_at_end;
	const char **make_dirs;
	size_t n_make_dirs;
};

static struct sbx_op *add(struct fs *fs, enum sbx_op_kind kind, const struct sbx_origin *at, const char *dest)
{
	struct sbx_op *op = &SBX_APPEND(fs->p->arena, fs->p->plan->ops, fs->p->plan->n_ops);

	*op = (struct sbx_op){ .kind = kind, .at = at, .dest = dest };
	return op;
}

static bool is_root(const char *path)
{
	return path[strspn(path, "/")] == '\0';
}

static struct sbx_op *add_bind(struct fs *fs, const struct sbx_origin *at, const char *src, const char *dest,
			       unsigned flags)
{
	struct sbx_op *op = add(fs, SBX_OP_BIND, at, dest);

	op->src = src;
	op->flags = flags;
	return op;
}

/* bubblewrap's set of devices; tty is /dev/tty, the controlling terminal of whoever opens it. */
static void plan_dev(struct fs *fs, const struct sbx_item *item)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "stdin", "/proc/self/fd/0" },	 { "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
		{ "fd", "/proc/self/fd" },	 { "ptmx", "pts/ptmx" },
	};
	struct sbx_arena *a = fs->p->arena;
	const char *dev = item->arg[0].text;

	add(fs, SBX_OP_TMPFS, item->at, dev)->mode = 0755;
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
		(void)add_bind(fs, item->at, sbx_strf(a, "/dev/%s", nodes[i]), sbx_strf(a, "%s/%s", dev, nodes[i]), SBX_OP_DEV);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		add(fs, SBX_OP_SYMLINK, item->at, sbx_strf(a, "%s/%s", dev, links[i][0]))->src = links[i][1];
	add(fs, SBX_OP_TMPFS, item->at, sbx_strf(a, "%s/shm", dev))->mode = 01777;
	add(fs, SBX_OP_DEVPTS, item->at, sbx_strf(a, "%s/pts", dev));
	/* With a terminal of its own the command is kept from the caller's. */
	if (fs->p->host->tty && !sbx_spec_get(fs->p->spec, SBX_OPT_PTY))
		add(fs, SBX_OP_CONSOLE, item->at, sbx_strf(a, "%s/console", dev))->src = fs->p->host->tty;
	/* What is mounted on the tmpfs stays writable; new names in it do not appear. */
	(void)SBX_APPEND(a, fs->ro_at_end, fs->n_ro_at_end);
	fs->ro_at_end[fs->n_ro_at_end - 1].dest = dev;
	fs->ro_at_end[fs->n_ro_at_end - 1].at = item->at;
}

static void plan_home(struct fs *fs, const struct sbx_item *item)
{
	struct sbx_planner *p = fs->p;
	const char *home = p->host->home, *name = item->arg[0].home.name, *dir;

	if (!home || is_root(home)) {
		(void)sbx_error(p->diags, -EINVAL, item->at, "home: there is no home directory: $HOME is %s",
				home ? "/" : "not known");
		return;
	}
	switch (item->arg[0].home.kind) {
	case SBX_HOME_TMPFS:
		add(fs, SBX_OP_TMPFS, item->at, home)->mode = 0700;
		return;
	case SBX_HOME_HOST:
		(void)add_bind(fs, item->at, home, home, 0);
		return;
	case SBX_HOME_PERSIST:
		if (!name)
			name = p->spec->profile;
		if (!name || sbx_check_name(name)) {
			(void)sbx_error(p->diags, -EINVAL, item->at, "home persist: %s", name ?
					"the profile's name can't be a directory's" : "there is no profile to name it after");
			sbx_hint(p->diags, "say `home persist:NAME`");
			return;
		}
		dir = sbx_strf(p->arena, "%s/sbx/homes/%s", p->host->data_home, name);
		SBX_APPEND(p->arena, fs->make_dirs, fs->n_make_dirs) = dir;
		(void)add_bind(fs, item->at, dir, home, SBX_OP_OWN_HOME);
		return;
	}
}

static void plan_tmpfs(struct fs *fs, const struct sbx_item *item)
{
	struct sbx_op *op = add(fs, SBX_OP_TMPFS, item->at, item->arg[0].text);

	op->mode = item->perms.at ? (mode_t)item->perms.value : 0755;
	op->size = item->size.at ? item->size.value : 0;
}

static void plan_proc(struct fs *fs, const struct sbx_item *item)
{
	struct sbx_op *op = add(fs, SBX_OP_PROC, item->at, item->arg[0].text);

	/* A procfs of a pid namespace that isn't ours can't be mounted; bubblewrap binds the host's too. */
	if (fs->p->plan->share_at[SBX_SHARE_PID])
		op->src = "/proc";
}

/* One directive; those of other rooms are passed over. */
static void plan_item(struct fs *fs, const struct sbx_item *item)
{
	size_t before = fs->p->plan->n_ops;

	switch (item->def->id) {
	case SBX_OPT_BIND:
	case SBX_OPT_BIND_TRY:
	case SBX_OPT_RO_BIND:
	case SBX_OPT_RO_BIND_TRY:
	case SBX_OPT_DEV_BIND:
	case SBX_OPT_DEV_BIND_TRY: {
		unsigned flags = item->def->flags & F_TRY ? SBX_OP_TRY : 0;

		if (item->def->id == SBX_OPT_RO_BIND || item->def->id == SBX_OPT_RO_BIND_TRY)
			flags |= SBX_OP_RO;
		if (item->def->id == SBX_OPT_DEV_BIND || item->def->id == SBX_OPT_DEV_BIND_TRY)
			flags |= SBX_OP_DEV;
		(void)add_bind(fs, item->at, item->arg[0].text, item->arg[1].text, flags);
		break;
	}
	case SBX_OPT_TMPFS:
		plan_tmpfs(fs, item);
		break;
	case SBX_OPT_PROC:
		plan_proc(fs, item);
		break;
	case SBX_OPT_DEV:
		plan_dev(fs, item);
		break;
	case SBX_OPT_DIR:
		add(fs, SBX_OP_DIR, item->at, item->arg[0].text)->mode = item->perms.at ? (mode_t)item->perms.value : 0755;
		break;
	case SBX_OPT_SYMLINK:
		if (!*item->arg[0].text)
			(void)sbx_error(fs->p->diags, -EINVAL, item->at, "symlink: an empty TARGET names nothing");
		else
			add(fs, SBX_OP_SYMLINK, item->at, item->arg[1].text)->src = item->arg[0].text;
		break;
	case SBX_OPT_REMOUNT_RO:
		add(fs, SBX_OP_REMOUNT_RO, item->at, item->arg[0].text);
		break;
	case SBX_OPT_HIDE:
		add(fs, SBX_OP_HIDE, item->at, item->arg[0].text);
		break;
	case SBX_OPT_HOME:
		plan_home(fs, item);
		break;
	default:
		return;
	}
	for (size_t i = before; i < fs->p->plan->n_ops; i++) {
		struct sbx_op *op = &fs->p->plan->ops[i];

		if (item->try)
			op->flags |= SBX_OP_MAY_FAIL;
		if ((op->kind == SBX_OP_BIND || op->kind == SBX_OP_TMPFS) && is_root(op->dest))
			fs->root_covered = true;
	}
}

/* sbx's own directories: whoever writes them decides what the next sandbox is (firejail#7154). */
static void plan_protect(struct fs *fs)
{
	const struct sbx_host *h = fs->p->host;
	struct sbx_arena *a = fs->p->arena;
	/* The places without XDG variables too: the next start may be from another environment. */
	const char *const homes[] = {
		h->config_home, h->data_home, h->state_home, h->cache_home, h->runtime_dir,
		sbx_strf(a, "%s/.config", h->home), sbx_strf(a, "%s/.local/share", h->home),
		sbx_strf(a, "%s/.local/state", h->home), sbx_strf(a, "%s/.cache", h->home),
	};
	const char **list = sbx_alloc_array(a, ARRAY_LEN(homes) + SBX_SEARCH_DIRS + 1, sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		bool known = !homes[i] || homes[i][0] != '/';

		for (size_t k = 0; k < i && !known; k++)
			known = homes[k] && sbx_streq(homes[k], homes[i]);
		if (!known)
			list[n++] = sbx_strf(a, "%s/sbx", homes[i]);
	}
	fs->p->plan->n_protect_own = n;
	/* The system's, for a caller who may write there. The first one is the caller's own. */
	for (size_t i = 1; i < SBX_SEARCH_DIRS && h->real_root; i++) {
		if (h->search_dirs[i])
			list[n++] = h->search_dirs[i];
	}
	fs->p->plan->protect = list;
	add(fs, SBX_OP_PROTECT, NULL, NULL);
}

void sbx_plan_fs(struct sbx_planner *p)
{
	struct fs fs = { .p = p };

	for (size_t i = 0; i < p->spec->n_items; i++)
		plan_item(&fs, &p->spec->items[i]);
	plan_protect(&fs);
	for (size_t i = 0; i < fs.n_ro_at_end; i++)
		add(&fs, SBX_OP_REMOUNT_RO, fs.ro_at_end[i].at, fs.ro_at_end[i].dest);
	if (!fs.root_covered)
		add(&fs, SBX_OP_REMOUNT_RO, NULL, "/");
	SBX_APPEND(p->arena, fs.make_dirs, fs.n_make_dirs) = NULL;
	p->plan->make_dirs = fs.make_dirs;
}
