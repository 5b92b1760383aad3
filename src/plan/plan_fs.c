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
	} * ro_at_end; /* made read-only once all else is mounted */
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

static struct sbx_op *add_bind(
    struct fs *fs, const struct sbx_origin *at, const char *src, const char *dest, unsigned flags)
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
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
		{ "fd", "/proc/self/fd" },
		{ "ptmx", "pts/ptmx" },
	};
	struct sbx_arena *a = fs->p->arena;
	const char *dev = item->arg[0].text;

	add(fs, SBX_OP_TMPFS, item->at, dev)->mode = 0755;
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
		(void)add_bind(
		    fs, item->at, sbx_strf(a, "/dev/%s", nodes[i]), sbx_strf(a, "%s/%s", dev, nodes[i]), SBX_OP_DEV);
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
			(void)sbx_error(p->diags, -EINVAL, item->at, "home persist: %s",
			    name ? "the profile's name can't be a directory's"
				 : "there is no profile to name it after");
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

	op->mode = item->mods.perms.at ? (mode_t)item->mods.perms.value : 0755;
	op->size = item->mods.size.at ? item->mods.size.value : 0;
}

static void plan_proc(struct fs *fs, const struct sbx_item *item)
{
	struct sbx_op *op = add(fs, SBX_OP_PROC, item->at, item->arg[0].text);
	const struct sbx_plan_fd *pidns = &fs->p->plan->pidns;

	if (pidns->at && !fs->p->plan->userns.at) {
		(void)sbx_error(fs->p->diags, -EPERM, item->at,
		    "proc: the kernel mounts none of a pid namespace that belongs to "
		    "another user namespace than the sandbox's");
		sbx_hint(fs->p->diags, "join that with --userns too, or leave --proc out (pidns: %s)",
		    sbx_origin_str(fs->p->arena, pidns->at));
	}
	/* A procfs of a pid namespace that isn't ours can't be mounted; bubblewrap binds the host's too. */
	if (fs->p->plan->share_at[SBX_SHARE_PID] && !fs->p->plan->pidns.at)
		op->src = "/proc";
}

static void plan_overlay(struct fs *fs, const struct sbx_item *item)
{
	static const struct {
		enum sbx_opt opt;
		size_t least; /* overlay-src it needs */
	} forms[] = { { SBX_OPT_OVERLAY, 1 }, { SBX_OPT_TMP_OVERLAY, 1 }, { SBX_OPT_RO_OVERLAY, 2 } };
	struct sbx_arena *a = fs->p->arena;
	const struct sbx_modifiers *m = &item->mods;
	const char **layers = sbx_alloc_array(a, m->n_layers + 1, sizeof *layers);
	struct sbx_op *op = add(fs, SBX_OP_OVERLAY, item->at, item->arg[item->def->n_args - 1].text);

	for (size_t i = 0; i < m->n_layers; i++)
		layers[i] = m->layers[i].text;
	op->layers = layers;
	if (item->def->id == SBX_OPT_RO_OVERLAY)
		op->flags |= SBX_OP_RO;
	if (item->def->id == SBX_OPT_OVERLAY) {
		op->upper = item->arg[0].text;
		op->work = item->arg[1].text;
	}
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (forms[i].opt == item->def->id && m->n_layers < forms[i].least) {
			(void)sbx_error(fs->p->diags, -EINVAL, item->at,
			    "%s needs at least %zu overlay-src before it, not %zu", item->def->name, forms[i].least,
			    m->n_layers);
			sbx_hint(fs->p->diags, "say `overlay-src DIR`, the bottom one first");
		}
	}
}

/* file, bind-data and ro-bind-data */
static void plan_data(struct fs *fs, const struct sbx_item *item, enum sbx_op_kind kind, mode_t mode)
{
	struct sbx_op *op = add(fs, kind, item->at, item->arg[1].text);

	op->fd = (int)item->arg[0].num;
	op->mode = item->mods.perms.at ? (mode_t)item->mods.perms.value : mode;
	if (item->def->id == SBX_OPT_RO_BIND_DATA)
		op->flags |= SBX_OP_RO;
}

static void plan_bind(struct fs *fs, const struct sbx_item *item)
{
	unsigned flags = item->def->flags & F_TRY ? SBX_OP_TRY : 0;

	switch (item->def->id) {
	case SBX_OPT_RO_BIND:
	case SBX_OPT_RO_BIND_TRY:
	case SBX_OPT_RO_BIND_FD:
		flags |= SBX_OP_RO;
		break;
	case SBX_OPT_DEV_BIND:
	case SBX_OPT_DEV_BIND_TRY:
		flags |= SBX_OP_DEV;
		break;
	default:
		break;
	}
	if (item->mods.idmap)
		flags |= SBX_OP_IDMAP;
	if (item->mods.idmap && !fs->p->host->real_root) {
		(void)sbx_error(fs->p->diags, -EPERM, item->mods.idmap,
		    "idmap: the kernel lets only root map the owners of a filesystem of the host");
		sbx_hint(fs->p->diags, "map-auto maps the caller's subordinate ids instead; chown the files to them");
	}
	if (item->def->args[0].kind == SBX_ARG_FD) {
		add_bind(fs, item->at, NULL, item->arg[1].text, flags | SBX_OP_FROM_FD)->fd = (int)item->arg[0].num;
		return;
	}
	(void)add_bind(fs, item->at, item->arg[0].text, item->arg[1].text, flags);
}

static void plan_mqueue(struct fs *fs, const struct sbx_item *item)
{
	const struct sbx_origin *share = fs->p->plan->share_at[SBX_SHARE_IPC];

	add(fs, SBX_OP_MQUEUE, item->at, item->arg[0].text);
	if (!share)
		return;
	(void)sbx_error(fs->p->diags, -EINVAL, item->at, "mqueue needs an IPC namespace of the sandbox's own");
	sbx_hint(fs->p->diags, "drop share-ipc (%s)", sbx_origin_str(fs->p->arena, share));
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
	case SBX_OPT_DEV_BIND_TRY:
	case SBX_OPT_BIND_FD:
	case SBX_OPT_RO_BIND_FD:
		plan_bind(fs, item);
		break;
	case SBX_OPT_OVERLAY:
	case SBX_OPT_TMP_OVERLAY:
	case SBX_OPT_RO_OVERLAY:
		plan_overlay(fs, item);
		break;
	case SBX_OPT_FILE:
		plan_data(fs, item, SBX_OP_FILE, 0666);
		break;
	case SBX_OPT_BIND_DATA:
	case SBX_OPT_RO_BIND_DATA:
		plan_data(fs, item, SBX_OP_DATA, 0600);
		break;
	case SBX_OPT_CHMOD:
		add(fs, SBX_OP_CHMOD, item->at, item->arg[1].text)->mode = (mode_t)item->arg[0].num;
		break;
	case SBX_OPT_MQUEUE:
		plan_mqueue(fs, item);
		break;
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
		add(fs, SBX_OP_DIR, item->at, item->arg[0].text)->mode =
		    item->mods.perms.at ? (mode_t)item->mods.perms.value : 0755;
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
		op->attrs = (unsigned)item->mods.attrs.value;
		if ((op->kind == SBX_OP_BIND || op->kind == SBX_OP_TMPFS || op->kind == SBX_OP_OVERLAY) &&
		    is_root(op->dest))
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
		h->config_home,
		h->data_home,
		h->state_home,
		h->cache_home,
		h->runtime_dir,
		sbx_strf(a, "%s/.config", h->home),
		sbx_strf(a, "%s/.local/share", h->home),
		sbx_strf(a, "%s/.local/state", h->home),
		sbx_strf(a, "%s/.cache", h->home),
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
