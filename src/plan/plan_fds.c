/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan_fds.c - file descriptors of the caller by number: what each is for, and that none is for two things. All
 * others above 2 are closed before the start.
 */
#include "plan/plan_parts.h"

/* Rows with one descriptor, and where it goes. */
static const struct {
	enum sbx_opt opt;
	size_t offset; /* of a struct sbx_plan_fd in struct sbx_plan */
} singles[] = {
	{ SBX_OPT_USERNS, offsetof(struct sbx_plan, userns) },
	{ SBX_OPT_USERNS2, offsetof(struct sbx_plan, userns2) },
	{ SBX_OPT_PIDNS, offsetof(struct sbx_plan, pidns) },
	{ SBX_OPT_USERNS_BLOCK_FD, offsetof(struct sbx_plan, userns_block) },
	{ SBX_OPT_BLOCK_FD, offsetof(struct sbx_plan, block) },
	{ SBX_OPT_INFO_FD, offsetof(struct sbx_plan, info) },
	{ SBX_OPT_JSON_STATUS_FD, offsetof(struct sbx_plan, status) },
};

/* The one that is for `fd` already, or its place in the list. */
static size_t place(const struct sbx_plan *plan, int fd)
{
	size_t i = 0;

	while (i < plan->n_fds && plan->fds[i].fd < fd)
		i++;
	return i;
}

static void claim(struct sbx_planner *p, const struct sbx_item *item, int fd)
{
	struct sbx_plan *plan = p->plan;
	size_t i = place(plan, fd);

	if (i < plan->n_fds && plan->fds[i].fd == fd) {
		(void)sbx_error(p->diags, -EINVAL, item->at, "%s: file descriptor %d is used already (%s)",
		    item->def->name, fd, sbx_origin_str(p->arena, plan->fds[i].at));
		sbx_hint(p->diags, "open it twice");
		return;
	}
	(void)SBX_APPEND(p->arena, plan->fds, plan->n_fds);
	memmove(&plan->fds[i + 1], &plan->fds[i], (plan->n_fds - 1 - i) * sizeof *plan->fds);
	plan->fds[i] = (struct sbx_plan_fd){ fd, item->at };
}

/* Messages for a person or a program may share 1 and 2 with the command; nothing else may, and nothing its input. */
static bool may_be_shared(enum sbx_opt opt, int fd)
{
	return fd <= 2 && (opt == SBX_OPT_INFO_FD || opt == SBX_OPT_JSON_STATUS_FD);
}

/* The descriptor that a directive names, or -1. */
static int named_fd(const struct sbx_item *item)
{
	if (item->def->id == SBX_OPT_SECCOMP && item->arg[0].seccomp.kind == SBX_SECCOMP_FD)
		return item->arg[0].seccomp.fd;
	return item->def->n_args > 0 && item->def->args[0].kind == SBX_ARG_FD ? (int)item->arg[0].num : -1;
}

static void plan_fd(struct sbx_planner *p, const struct sbx_item *item)
{
	struct sbx_plan *plan = p->plan;
	const struct sbx_plan_fd fd = { named_fd(item), item->at };

	for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
		if (singles[i].opt == item->def->id)
			memcpy((char *)plan + singles[i].offset, &fd, sizeof fd);
	}
	if (item->def->id == SBX_OPT_KEEP_FD)
		SBX_APPEND(p->arena, plan->keep_fds, plan->n_keep_fds) = fd;
	if (item->def->id == SBX_OPT_SYNC_FD)
		SBX_APPEND(p->arena, plan->sync_fds, plan->n_sync_fds) = fd;
	if (fd.fd <= 2 && (item->def->id == SBX_OPT_KEEP_FD || item->def->id == SBX_OPT_SYNC_FD))
		(void)sbx_error(
		    p->diags, -EINVAL, item->at, "%s: the command has its standard streams anyway", item->def->name);
	else if (!may_be_shared(item->def->id, fd.fd))
		claim(p, item, fd.fd);
}

static void check_joined(struct sbx_planner *p)
{
	struct sbx_plan *plan = p->plan;

	if (plan->userns2.at && !plan->userns.at) {
		(void)sbx_error(p->diags, -EINVAL, plan->userns2.at,
		    "userns2 without userns: it must be below the namespace of the set-up");
		sbx_hint(p->diags, "name the outer one of the two with --userns");
	}
	if (plan->userns_block.at && !plan->info.at) {
		(void)sbx_error(p->diags, -EINVAL, plan->userns_block.at,
		    "userns-block-fd without info-fd: nobody would know whose ids to map");
		sbx_hint(p->diags, "add --info-fd FD and read child-pid from it");
	}
	if (plan->userns_block.at && plan->userns.at)
		(void)sbx_error(p->diags, -EINVAL, plan->userns_block.at,
		    "userns-block-fd with userns: the ids of that namespace are mapped already");
	if (plan->userns.at && p->host->real_root) {
		(void)sbx_error(p->diags, -EINVAL, plan->userns.at,
		    "userns for root: what runs in a namespace that root did not make here "
		    "could mount the host's control groups");
		sbx_hint(p->diags, "run sbx as an ordinary user");
	}
}

void sbx_plan_fds(struct sbx_planner *p)
{
	for (size_t i = 0; i < p->spec->n_items; i++) {
		const struct sbx_item *item = &p->spec->items[i];

		if (named_fd(item) >= 0)
			plan_fd(p, item);
	}
	check_joined(p);
}
