/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan_env.c - the command's environment: the caller's, changed by clearenv, unsetenv and setenv in the order
 * they were said. The launcher adds PWD once it knows the directory.
 */
#include "plan/plan_parts.h"

static struct sbx_env *find(struct sbx_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_env; i++) {
		if (sbx_streq(plan->env[i].name, name))
			return &plan->env[i];
	}
	return NULL;
}

static void unset(struct sbx_plan *plan, const char *name)
{
	struct sbx_env *e = find(plan, name);

	if (e) {
		size_t i = (size_t)(e - plan->env);

		memmove(e, e + 1, (plan->n_env - i - 1) * sizeof *e);
		plan->n_env--;
	}
}

/* More variables than any program has; also bounds the search above. */
enum { MAX_VARIABLES = 10000 };

static void set(struct sbx_planner *p, const char *name, const char *value, const struct sbx_origin *at)
{
	struct sbx_env *e = find(p->plan, name);

	if (!e && p->plan->n_env >= MAX_VARIABLES) {
		(void)sbx_error(p->diags, -E2BIG, at, "more than %d environment variables", MAX_VARIABLES);
		return;
	}
	if (!e)
		e = &SBX_APPEND(p->arena, p->plan->env, p->plan->n_env);
	*e = (struct sbx_env){ .name = name, .value = value, .at = at };
}

void sbx_plan_env(struct sbx_planner *p)
{
	for (char **e = p->host->env; e && *e; e++) {
		const char *eq = strchr(*e, '=');

		/* A string without '=' or name is no variable; getenv(3) would not find it either. */
		if (eq && eq != *e)
			set(p, sbx_strndup(p->arena, *e, (size_t)(eq - *e)), eq + 1, NULL);
	}
	for (size_t i = 0; i < p->spec->n_items; i++) {
		const struct sbx_item *item = &p->spec->items[i];

		if (item->def->id == SBX_OPT_CLEARENV)
			p->plan->n_env = 0;
		else if (item->def->id == SBX_OPT_UNSETENV)
			unset(p->plan, item->arg[0].text);
		else if (item->def->id == SBX_OPT_SETENV)
			set(p, item->arg[0].text, item->arg[1].text, item->at);
	}
}
