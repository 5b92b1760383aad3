/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lint.h - doubts about a plan that is valid: what `sbxctl profile check` warns of. */
#ifndef SBX_PLAN_LINT_H
#define SBX_PLAN_LINT_H

#include "plan/plan.h"

/* Adds warnings: sources that do not exist, mounts that cover earlier ones, a home that is writable as a whole. */
void sbx_lint_plan(const struct sbx_plan *plan, const struct sbx_host *host, struct sbx_diags *d);

#endif
