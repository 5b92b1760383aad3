/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.c - a record of the sandbox's processes becomes a sentence; see report.h. */
#include "run/report.h"

const char sbx_at_source[] = "the source";

static const char *op_sentence(struct sbx_arena *a, const struct sbx_op *op)
{
	switch (op->kind) {
	case SBX_OP_BIND:
		if (op->flags & SBX_OP_FROM_FD)
			return sbx_strf(a, "can't mount file descriptor %d on '%s'", op->fd, op->dest);
		return sbx_strf(a, "can't mount '%s' on '%s'", op->src, op->dest);
	case SBX_OP_TMPFS:
		return sbx_strf(a, "can't mount a tmpfs on '%s'", op->dest);
	case SBX_OP_PROC:
		return sbx_strf(a, "can't mount a procfs on '%s'", op->dest);
	case SBX_OP_DEVPTS:
		return sbx_strf(a, "can't mount a devpts on '%s'", op->dest);
	case SBX_OP_MQUEUE:
		return sbx_strf(a, "can't mount message queues on '%s'", op->dest);
	case SBX_OP_OVERLAY:
		return sbx_strf(a, "can't mount an overlay on '%s'", op->dest);
	case SBX_OP_FILE:
		return sbx_strf(a, "can't create the file '%s' from file descriptor %d", op->dest, op->fd);
	case SBX_OP_DATA:
		return sbx_strf(a, "can't mount what file descriptor %d gives on '%s'", op->fd, op->dest);
	case SBX_OP_CHMOD:
		return sbx_strf(a, "can't change the mode of '%s'", op->dest);
	case SBX_OP_CONSOLE:
		return sbx_strf(a, "can't mount the terminal '%s' on '%s'", op->src, op->dest);
	case SBX_OP_DIR:
		return sbx_strf(a, "can't create the directory '%s'", op->dest);
	case SBX_OP_SYMLINK:
		return sbx_strf(a, "can't create the symbolic link '%s'", op->dest);
	case SBX_OP_REMOUNT_RO:
		return sbx_strf(a, "can't make '%s' read-only", op->dest);
	case SBX_OP_HIDE:
		return sbx_strf(a, "can't hide '%s'", op->dest);
	case SBX_OP_PROTECT:
		return "can't protect sbx's own directories";
	case SBX_OP_COUNT:
		break;
	}
	return "can't do an unknown operation";
}

#define LISTENED(what) what ", something outside this sandbox watches its system calls already"

static const char *sentence(
    struct sbx_arena *a, const struct sbx_plan *plan, const struct sbx_report *r, const struct sbx_origin **ret_at)
{
	const struct sbx_origin *none = NULL;

	*ret_at = none;
	switch (r->stage) {
	case SBX_STAGE_IDMAP:
		*ret_at = plan->uid_map.at ? plan->uid_map.at : plan->gid_map.at;
		return "can't write the id maps of the user namespace";
	case SBX_STAGE_KEYRING:
		return "can't leave the caller's session keyring";
	case SBX_STAGE_USERNS_LIMIT:
		return "can't forbid user namespaces in the sandbox";
	case SBX_STAGE_NETWORK:
		return "can't bring up the loopback device";
	case SBX_STAGE_HOSTNAME:
		*ret_at = plan->hostname_at;
		return sbx_strf(a, "can't set the host name '%s'", plan->hostname);
	case SBX_STAGE_TIMENS:
		return "can't make a time namespace";
	case SBX_STAGE_ROOT:
		return "can't make an empty root";
	case SBX_STAGE_OP:
		*ret_at = plan->ops[r->op].at;
		return op_sentence(a, &plan->ops[r->op]);
	case SBX_STAGE_PIVOT:
		return "can't enter the new root";
	case SBX_STAGE_USERNS2:
		*ret_at = plan->userns2.at;
		return "can't join the second user namespace";
	case SBX_STAGE_ASSERT_USERNS:
		*ret_at = plan->assert_at;
		return "user namespaces can be made in the sandbox";
	case SBX_STAGE_LOCK:
		*ret_at = plan->lock_at[r->op];
		return sbx_strf(a, "can't lock '%s'", plan->lock_files[r->op]);
	case SBX_STAGE_BLOCK:
		*ret_at = plan->block.at;
		return sbx_strf(a, "can't wait for file descriptor %d", plan->block.fd);
	case SBX_STAGE_OUTPUT:
		*ret_at = plan->out[0].at ? plan->out[0].at : plan->out[1].at;
		return "can't redirect the command's output";
	case SBX_STAGE_KEEP_FD:
		*ret_at = plan->n_keep_fds ? plan->keep_fds[0].at : plan->n_sync_fds ? plan->sync_fds[0].at : NULL;
		return "can't hand over file descriptors";
	case SBX_STAGE_INIT:
		return "can't start the sandbox's init";
	case SBX_STAGE_CHDIR:
		*ret_at = plan->chdir_at;
		return sbx_strf(a, "can't change to the directory '%s' in the sandbox", plan->chdir[0]);
	case SBX_STAGE_PTY:
		*ret_at = plan->pty_at;
		return "can't make a terminal for the command";
	case SBX_STAGE_RLIMIT:
		*ret_at = plan->rlimits[r->op].at;
		return sbx_strf(a, "can't set the resource limit %s", plan->rlimits[r->op].limit.name);
	case SBX_STAGE_NICE:
		*ret_at = plan->nice_at;
		return sbx_strf(a, "can't set the nice value %d", plan->nice);
	case SBX_STAGE_NESTED:
		return "can't make the user namespace of a command with capabilities";
	case SBX_STAGE_IDS:
		return sbx_strf(a, "can't become user %u, group %u of the sandbox", plan->uid, plan->gid);
	case SBX_STAGE_CAPS:
		return "can't set the capabilities of the command";
	case SBX_STAGE_FILTER:
		if (r->op >= 0) {
			*ret_at = plan->seccomp.raw[r->op].at;
			return sbx_strf(a, "can't load the filter of file descriptor %d", plan->seccomp.raw[r->op].fd);
		}
		*ret_at = plan->seccomp.at;
		return plan->seccomp.name ? sbx_strf(a, "can't load the seccomp policy '%s'", plan->seccomp.name)
					  : "can't load the floor of system calls";
	case SBX_STAGE_LISTENER:
		*ret_at = plan->learn.path ? plan->learn.at : plan->seccomp.report_at;
		return plan->learn.path ? LISTENED("can't learn") : LISTENED("denials can't be told of");
	case SBX_STAGE_EXEC:
		return sbx_strf(a, "can't run '%s'", plan->file);
	}
	return "can't start";
}

/* Its stage and index name something of the plan; a process that could write anything else is not ours any more. */
static bool is_sound(const struct sbx_plan *plan, const struct sbx_report *r)
{
	size_t n = 0;

	if (r->stage > SBX_STAGE_EXEC || r->kind > SBX_REPORT_EXEC || r->err < 0)
		return false;
	if (r->stage == SBX_STAGE_OP)
		n = plan->n_ops;
	else if (r->stage == SBX_STAGE_RLIMIT)
		n = plan->n_rlimits;
	else if (r->stage == SBX_STAGE_LOCK)
		while (plan->lock_files[n])
			n++;
	else if (r->stage == SBX_STAGE_FILTER && r->op >= 0)
		n = plan->seccomp.n_raw;
	else
		return true;
	return r->op >= 0 && (size_t)r->op < n;
}

void sbx_report_explain(const struct sbx_plan *plan, const struct sbx_report *r, struct sbx_diags *d)
{
	const char *text, *detail = r->detail[0] ? r->detail : NULL, *hint;
	const struct sbx_origin *at;

	if (!is_sound(plan, r)) {
		(void)sbx_error(d, -EPROTO, NULL, "the sandbox sent a report that can't be understood");
		return;
	}
	text = sentence(d->arena, plan, r, &at);
	if (detail || r->err)
		text = sbx_strf(d->arena, "%s: %s%s%s", text, detail ? detail : "", detail && r->err ? ": " : "",
		    r->err ? strerror(r->err) : "");
	if (r->kind == SBX_REPORT_NOTED) {
		sbx_info(d, at, "%s", text);
		return;
	}
	if (r->kind == SBX_REPORT_SKIPPED) {
		sbx_notice(d, at, "skipped: %s", text);
		return;
	}
	(void)sbx_error(d, r->err ? -r->err : -EINVAL, at, "%s", text);
	/* A detail says what to do itself, but for the place of a bind's failure. */
	if (detail && !sbx_streq(detail, sbx_at_source))
		return;
	/* Of what the caller brought only the kernel knows what it forbids. */
	if (r->err == EPERM && plan->seccomp.n_raw && (r->stage == SBX_STAGE_EXEC || r->stage == SBX_STAGE_FILTER)) {
		sbx_hint(d, "a filter of --seccomp FD or --add-seccomp-fd may forbid %s",
		    r->stage == SBX_STAGE_EXEC ? "execve(2)" : "seccomp(2), which is allowed in the last one only");
		return;
	}
	hint = r->stage == SBX_STAGE_OP ? sbx_hint_for_op(&plan->ops[r->op], r->err)
					: sbx_hint_for_stage(r->stage, r->err);
	if (hint)
		sbx_hint(d, "%s", hint);
}
