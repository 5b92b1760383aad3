/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.c - a record of the sandbox's processes becomes a sentence; see report.h. */
#include "run/report.h"

const char sbx_at_source[] = "the source";

static const char *op_sentence(struct sbx_arena *a, const struct sbx_op *op)
{
	switch (op->kind) {
	case SBX_OP_BIND:
		return sbx_strf(a, "can't mount '%s' on '%s'", op->src, op->dest);
	case SBX_OP_TMPFS:
		return sbx_strf(a, "can't mount a tmpfs on '%s'", op->dest);
	case SBX_OP_PROC:
		return sbx_strf(a, "can't mount a procfs on '%s'", op->dest);
	case SBX_OP_DEVPTS:
		return sbx_strf(a, "can't mount a devpts on '%s'", op->dest);
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

static const char *sentence(struct sbx_arena *a, const struct sbx_plan *plan, const struct sbx_report *r,
			    const struct sbx_origin **ret_at)
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
	case SBX_STAGE_ROOT:
		return "can't make an empty root";
	case SBX_STAGE_OP:
		*ret_at = plan->ops[r->op].at;
		return op_sentence(a, &plan->ops[r->op]);
	case SBX_STAGE_PIVOT:
		return "can't enter the new root";
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
	case SBX_STAGE_EXEC:
		return sbx_strf(a, "can't run '%s'", plan->file);
	}
	return "can't start";
}

void sbx_report_explain(const struct sbx_plan *plan, const struct sbx_report *r, struct sbx_diags *d)
{
	const struct sbx_origin *at;
	const char *text = sentence(d->arena, plan, r, &at);
	const char *detail = r->detail[0] ? r->detail : NULL;
	const char *hint;

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
	hint = r->stage == SBX_STAGE_OP ? sbx_hint_for_op(&plan->ops[r->op], r->err) : sbx_hint_for_stage(r->stage, r->err);
	if (hint)
		sbx_hint(d, "%s", hint);
}
