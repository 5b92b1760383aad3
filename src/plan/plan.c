/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan.c - the whole plan: namespaces, process, limits here; ids, mounts and environment in their own files. */
#include "plan/plan.h"

#include <linux/capability.h>
#include <sched.h>

#include "base/sys.h"
#include "plan/plan_parts.h"

static const struct {
	enum sbx_opt share, unshare;
	uint64_t flag;
} shares[] = {
	[SBX_SHARE_NET] = { SBX_OPT_SHARE_NET, SBX_OPT_UNSHARE_NET, CLONE_NEWNET },
	[SBX_SHARE_PID] = { SBX_OPT_SHARE_PID, SBX_OPT_UNSHARE_PID, CLONE_NEWPID },
	[SBX_SHARE_IPC] = { SBX_OPT_SHARE_IPC, SBX_OPT_UNSHARE_IPC, CLONE_NEWIPC },
	[SBX_SHARE_UTS] = { SBX_OPT_SHARE_UTS, SBX_OPT_UNSHARE_UTS, CLONE_NEWUTS },
	[SBX_SHARE_CGROUP] = { SBX_OPT_SHARE_CGROUP, SBX_OPT_UNSHARE_CGROUP, CLONE_NEWCGROUP },
};

bool sbx_plan_needs_subids(const struct sbx_spec *spec)
{
	return sbx_spec_get(spec, SBX_OPT_MAP_AUTO) || sbx_spec_get(spec, SBX_OPT_MAP_USERS) ||
	       sbx_spec_get(spec, SBX_OPT_MAP_GROUPS);
}

const char *sbx_op_name(const struct sbx_op *op)
{
	static const char *const names[SBX_OP_COUNT] = {
		[SBX_OP_TMPFS] = "tmpfs",
		[SBX_OP_PROC] = "proc",
		[SBX_OP_DEVPTS] = "devpts",
		[SBX_OP_CONSOLE] = "console",
		[SBX_OP_DIR] = "dir",
		[SBX_OP_SYMLINK] = "symlink",
		[SBX_OP_HIDE] = "hide",
		[SBX_OP_PROTECT] = "protect",
		[SBX_OP_REMOUNT_RO] = "remount-ro",
		[SBX_OP_MQUEUE] = "mqueue",
		[SBX_OP_FILE] = "file",
		[SBX_OP_CHMOD] = "chmod",
	};

	if (op->kind == SBX_OP_BIND && op->flags & SBX_OP_FROM_FD)
		return op->flags & SBX_OP_RO ? "ro-bind-fd" : "bind-fd";
	if (op->kind == SBX_OP_BIND)
		return op->flags & SBX_OP_RO ? "ro-bind" : op->flags & SBX_OP_DEV ? "dev-bind" : "bind";
	if (op->kind == SBX_OP_DATA)
		return op->flags & SBX_OP_RO ? "ro-bind-data" : "bind-data";
	if (op->kind == SBX_OP_OVERLAY)
		return op->flags & SBX_OP_RO ? "ro-overlay" : op->upper ? "overlay" : "tmp-overlay";
	return names[op->kind];
}

static void plan_namespaces(struct sbx_planner *p)
{
	const struct sbx_item *hostname = sbx_spec_get(p->spec, SBX_OPT_HOSTNAME);
	struct sbx_plan *plan = p->plan;

	plan->namespaces = CLONE_NEWNS | (plan->userns.at ? 0 : CLONE_NEWUSER);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		const struct sbx_item *share = sbx_spec_get(p->spec, shares[i].share);

		if (share)
			plan->share_at[i] = share->at;
		else
			plan->namespaces |= shares[i].flag;
	}
	if (plan->pidns.at) {
		plan->share_at[SBX_SHARE_PID] = plan->pidns.at;
		plan->namespaces &= ~(uint64_t)CLONE_NEWPID;
	}
	if (sbx_spec_get(p->spec, SBX_OPT_UNSHARE_TIME))
		plan->namespaces |= CLONE_NEWTIME;
	if (!hostname)
		return;
	if (plan->share_at[SBX_SHARE_UTS] && !hostname->try) {
		(void)sbx_error(
		    p->diags, -EINVAL, hostname->at, "hostname would change the host's: the UTS namespace is shared");
		sbx_hint(p->diags, "drop share-uts (%s)", sbx_origin_str(p->arena, plan->share_at[SBX_SHARE_UTS]));
	} else if (plan->share_at[SBX_SHARE_UTS]) {
		sbx_notice(p->diags, hostname->at, "hostname skipped: the UTS namespace is shared");
	} else {
		plan->hostname = hostname->arg[0].text;
		plan->hostname_at = hostname->at;
	}
}

static void plan_command(struct sbx_planner *p)
{
	const struct sbx_item *argv0 = sbx_spec_get(p->spec, SBX_OPT_ARGV0);
	const char *const *command = p->spec->command;
	const char **argv;
	size_t n = 0;

	if (!command)
		return;
	while (command[n])
		n++;
	argv = sbx_alloc_array(p->arena, n + 1, sizeof *argv);
	memcpy(argv, command, n * sizeof *argv);
	p->plan->file = command[0];
	if (argv0) {
		argv[0] = argv0->arg[0].text;
		p->plan->argv0_at = argv0->at;
	}
	p->plan->argv = argv;
	if (!*command[0])
		(void)sbx_error(p->diags, -EINVAL, NULL, "the command is an empty word");
}

static void plan_caps(struct sbx_planner *p)
{
	p->plan->caps = sbx_spec_caps(p->spec);
	/*
	 * Over the mounts' own namespace CAP_SYS_ADMIN would lift every read-only mount and every hide, and
	 * CAP_SYS_RESOURCE the limit on namespaces.
	 */
	p->plan->nested = (p->plan->caps >> CAP_SYS_ADMIN & 1) || (p->plan->caps >> CAP_SYS_RESOURCE & 1);
	if (p->plan->nested)
		p->plan->late_namespaces = p->plan->namespaces & (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
}

/* Whether `path` lies below `dir`. */
static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && path[n] == '/' && path[n + 1];
}

/* A cover in a writable bind, which the command could move away on the host once it has a mount namespace. */
static const struct sbx_op *find_movable(const struct sbx_plan *plan)
{
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct sbx_op *cover = &plan->ops[i];

		if (!((cover->kind == SBX_OP_BIND || cover->kind == SBX_OP_DATA || cover->kind == SBX_OP_OVERLAY) &&
			cover->flags & SBX_OP_RO) &&
		    cover->kind != SBX_OP_HIDE && (cover->kind != SBX_OP_REMOUNT_RO || !cover->at))
			continue;
		for (size_t k = 0; k < i; k++) {
			const struct sbx_op *op = &plan->ops[k];

			if ((op->kind == SBX_OP_BIND || (op->kind == SBX_OP_OVERLAY && op->upper)) &&
			    !(op->flags & SBX_OP_RO) && is_below(cover->dest, op->dest))
				return cover;
		}
	}
	return NULL;
}

static void plan_userns(struct sbx_planner *p)
{
	const struct sbx_item *enable = sbx_spec_get(p->spec, SBX_OPT_ENABLE_USERNS);
	const struct sbx_item *proof = sbx_spec_get(p->spec, SBX_OPT_ASSERT_USERNS_DISABLED);
	struct sbx_plan *plan = p->plan;
	const struct sbx_op *cover;

	/* The limit would hold for all that is in the joined namespace, so it is not set there. */
	if (enable || plan->userns.at) {
		plan->enable_userns = true;
		plan->userns_at = enable ? enable->at : plan->userns.at;
	}
	if (proof) {
		plan->assert_userns = true;
		plan->assert_at = proof->at;
	}
	if (proof && enable)
		(void)sbx_error(p->diags, -EINVAL, proof->at, "assert-userns-disabled contradicts enable-userns (%s)",
		    sbx_origin_str(p->arena, enable->at));
	for (size_t i = 0; i < p->spec->n_items && plan->caps >> CAP_SYS_ADMIN & 1 && !plan->userns_at; i++) {
		if (p->spec->items[i].def->id == SBX_OPT_CAP_ADD)
			plan->userns_at = p->spec->items[i].at;
	}
	plan->limit_cgroupns = !plan->enable_userns || p->host->real_root;
	cover = plan->userns_at ? find_movable(plan) : NULL;
	if (!cover)
		return;
	(void)sbx_error(p->diags, -EINVAL, plan->userns_at,
	    "with %s the command could move '%s' away, which is %s in a writable bind (%s)",
	    enable ? "user namespaces of its own" : "CAP_SYS_ADMIN", cover->dest,
	    cover->kind == SBX_OP_HIDE ? "hidden" : "read-only", sbx_origin_str(p->arena, cover->at));
	sbx_hint(p->diags, "make the bind around it read-only, or do without %s",
	    enable ? "enable-userns" : "the capability");
}

static void plan_rlimits(struct sbx_planner *p)
{
	struct sbx_plan *plan = p->plan;

	for (size_t i = 0; i < p->spec->n_items; i++) {
		const struct sbx_item *item = &p->spec->items[i];
		size_t k = 0;

		if (item->def->id != SBX_OPT_RLIMIT)
			continue;
		/* The last one of a resource stands. */
		while (k < plan->n_rlimits && plan->rlimits[k].limit.resource != item->arg[0].rlimit.resource)
			k++;
		if (k == plan->n_rlimits)
			(void)SBX_APPEND(p->arena, plan->rlimits, plan->n_rlimits);
		plan->rlimits[k].limit = item->arg[0].rlimit;
		plan->rlimits[k].at = item->at;
		plan->rlimits[k].try = item->try;
	}
}

static void plan_limits(struct sbx_planner *p)
{
	const struct sbx_item *nice = sbx_spec_get(p->spec, SBX_OPT_NICE);
	const struct sbx_item *mask = sbx_spec_get(p->spec, SBX_OPT_UMASK);
	const struct sbx_item *timeout = sbx_spec_get(p->spec, SBX_OPT_TIMEOUT);
	const struct sbx_item *kill_after = sbx_spec_get(p->spec, SBX_OPT_KILL_AFTER);
	struct sbx_plan *plan = p->plan;

	plan_rlimits(p);
	if (nice) {
		plan->set_nice = true;
		plan->nice_try = nice->try;
		plan->nice = (int)nice->arg[0].i;
		plan->nice_at = nice->at;
	}
	if (mask) {
		plan->set_umask = true;
		plan->umask = (mode_t)mask->arg[0].num;
		plan->umask_at = mask->at;
	}
	if (timeout) {
		plan->timeout_ms = timeout->arg[0].num;
		plan->timeout_at = timeout->at;
		plan->kill_after_ms = SBX_KILL_AFTER_DEFAULT_MS;
	}
	if (kill_after && !timeout) {
		(void)sbx_error(p->diags, -EINVAL, kill_after->at, "kill-after without a timeout");
		sbx_hint(p->diags, "add a timeout, for instance `timeout 5m`");
	} else if (kill_after) {
		plan->kill_after_ms = kill_after->arg[0].num;
		plan->kill_after_at = kill_after->at;
	}
}

static void plan_output(struct sbx_output *out, const struct sbx_item *item)
{
	if (!item)
		return;
	out->append = sbx_starts_with(item->arg[0].text, "append:");
	out->path = item->arg[0].text + (out->append ? strlen("append:") : 0);
	out->at = item->at;
}

/* What init does besides its work, and whether there is one. */
static void plan_init(struct sbx_planner *p)
{
	const struct sbx_item *alone = sbx_spec_get(p->spec, SBX_OPT_AS_PID_1);
	struct sbx_plan *plan = p->plan;
	const char **files = NULL;
	const struct sbx_origin **at = NULL;
	size_t n = 0, n_at = 0;
	const char *why = NULL;

	for (size_t i = 0; i < p->spec->n_items; i++) {
		if (p->spec->items[i].def->id != SBX_OPT_LOCK_FILE)
			continue;
		SBX_APPEND(p->arena, files, n) = p->spec->items[i].arg[0].text;
		SBX_APPEND(p->arena, at, n_at) = p->spec->items[i].at;
	}
	SBX_APPEND(p->arena, files, n) = NULL;
	plan->lock_files = files;
	plan->lock_at = at;
	if (!alone)
		return;
	plan->as_pid_1 = true;
	if (plan->share_at[SBX_SHARE_PID])
		why = "the pid namespace is not its own";
	else if (n_at > 0)
		why = "there is no init that could hold a lock-file";
	else if (plan->pty)
		why = "there is no init that could lead the session of a terminal (pty)";
	else if (plan->nested)
		why = "there is no init that could map the ids of a command with CAP_SYS_ADMIN or CAP_SYS_RESOURCE";
	if (why)
		(void)sbx_error(p->diags, -EINVAL, alone->at, "as-pid-1: %s", why);
}

static void plan_process(struct sbx_planner *p)
{
	const struct sbx_item *chdir = sbx_spec_get(p->spec, SBX_OPT_CHDIR);
	const struct sbx_item *die = sbx_spec_get(p->spec, SBX_OPT_DIE_WITH_PARENT);
	const struct sbx_item *pty = sbx_spec_get(p->spec, SBX_OPT_PTY);
	const struct sbx_item *session = sbx_spec_get(p->spec, SBX_OPT_NEW_SESSION);
	struct sbx_plan *plan = p->plan;
	size_t n = 0;

	if (chdir) {
		plan->chdir[n++] = chdir->arg[0].text;
		plan->chdir_at = chdir->at;
	}
	if (!chdir || chdir->try) {
		if (p->host->cwd)
			plan->chdir[n++] = p->host->cwd;
		/* /home/me of the host is nothing when the sandbox has no such place; / always is. */
		if (n < 2 && p->host->home)
			plan->chdir[n++] = p->host->home;
		plan->chdir[n++] = "/";
	}
	if (die) {
		plan->die_with_parent = true;
		plan->die_at = die->at;
	}
	if (pty) {
		plan->pty = true;
		plan->pty_at = pty->at;
	}
	/*
	 * With the caller's session goes its terminal: only the floor keeps the command from typing into it. What is
	 * process 1 itself wants to lead.
	 */
	plan->new_session_at = session ? session->at : plan->seccomp.no_floor_at;
	plan->new_session = session || plan->pty || !plan->seccomp.floor || sbx_spec_get(p->spec, SBX_OPT_AS_PID_1);
	plan->summary = sbx_spec_get(p->spec, SBX_OPT_SUMMARY) != NULL;
	plan_output(&plan->out[0], sbx_spec_get(p->spec, SBX_OPT_STDOUT));
	plan_output(&plan->out[1], sbx_spec_get(p->spec, SBX_OPT_STDERR));
	plan_init(p);
}

/* Programmer's errors that no test of the parts would see. */
static void check_invariants(const struct sbx_plan *plan)
{
	bool sealed = false;

	bool foreign = plan->map_writer == SBX_MAP_OTHER || plan->map_writer == SBX_MAP_JOINED;

	assert(plan->namespaces & CLONE_NEWNS);
	assert(!(plan->namespaces & CLONE_NEWUSER) == (plan->map_writer == SBX_MAP_JOINED));
	assert(foreign == (plan->uid_map.n == 0) && foreign == (plan->gid_map.n == 0));
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct sbx_op *op = &plan->ops[i];

		/* Once sbx's directories are guarded nothing may be mounted over the guard. */
		assert(!sealed || op->kind == SBX_OP_REMOUNT_RO);
		assert(op->kind == SBX_OP_PROTECT || (op->dest && op->dest[0] == '/'));
		assert((op->kind != SBX_OP_BIND && op->kind != SBX_OP_CONSOLE) || op->flags & SBX_OP_FROM_FD ||
		       (op->src && op->src[0] == '/'));
		sealed = sealed || op->kind == SBX_OP_PROTECT;
	}
	assert(sealed);
}

int sbx_plan_build(struct sbx_arena *a, const struct sbx_spec *spec, const struct sbx_filters *filters,
    const struct sbx_host *host, struct sbx_diags *d, const struct sbx_plan **ret)
{
	struct sbx_planner p = {
		.arena = a, .spec = spec, .host = host, .diags = d, .plan = SBX_NEW(a, struct sbx_plan)
	};
	unsigned errors = d->n_errors;

	p.plan->profile = spec->profile;
	plan_command(&p);
	sbx_plan_fds(&p);
	plan_namespaces(&p);
	sbx_plan_ids(&p);
	sbx_plan_fs(&p);
	sbx_plan_env(&p);
	plan_caps(&p);
	plan_userns(&p);
	plan_limits(&p);
	sbx_plan_seccomp(&p, filters);
	plan_process(&p);
	if (d->n_errors > errors)
		return -EINVAL;
	check_invariants(p.plan);
	*ret = p.plan;
	return 0;
}
