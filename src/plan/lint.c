/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lint.c - see lint.h. */
#include "plan/lint.h"

/* Above this many operations pairs are not compared: such plans are made by programs. */
enum { MAX_PAIRS_OPS = 2000 };

static bool is_mount(const struct sbx_op *op)
{
	return op->kind == SBX_OP_BIND || op->kind == SBX_OP_TMPFS || op->kind == SBX_OP_PROC ||
	       op->kind == SBX_OP_DEVPTS || op->kind == SBX_OP_OVERLAY || op->kind == SBX_OP_MQUEUE ||
	       op->kind == SBX_OP_DATA;
}

/* Whether `path` is `dir` or lies below it. Both are as written; doubled slashes are not looked through. */
static bool within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static void check_covers(const struct sbx_plan *plan, struct sbx_diags *d)
{
	for (size_t i = 0; i < plan->n_ops && plan->n_ops <= MAX_PAIRS_OPS; i++) {
		const struct sbx_op *later = &plan->ops[i];

		if (!is_mount(later) || !later->at)
			continue;
		for (size_t k = 0; k < i; k++) {
			const struct sbx_op *op = &plan->ops[k];

			if (!is_mount(op) || !op->at || op->at == later->at || !within(op->dest, later->dest))
				continue;
			sbx_warning(d, later->at, "%s covers what is mounted on '%s' (%s)", sbx_op_name(later),
			    op->dest, sbx_origin_str(d->arena, op->at));
			break;
		}
	}
}

void sbx_lint_plan(const struct sbx_plan *plan, const struct sbx_host *host, struct sbx_diags *d)
{
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct sbx_op *op = &plan->ops[i];

		if (op->kind != SBX_OP_BIND || !op->src || !op->at)
			continue;
		if (!(op->flags & (SBX_OP_TRY | SBX_OP_MAY_FAIL | SBX_OP_OWN_HOME)) &&
		    !sbx_host_exists(host, op->src)) {
			sbx_warning(d, op->at, "'%s' does not exist here", op->src);
			sbx_hint(d, "%s-try skips a source that does not exist", sbx_op_name(op));
		}
		if (!(op->flags & (SBX_OP_RO | SBX_OP_OWN_HOME)) && host->home && within(host->home, op->src))
			sbx_warning(d, op->at, "the whole home directory is writable in the sandbox");
	}
	check_covers(plan, d);
}
