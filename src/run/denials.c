/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* denials.c - see denials.h. */
#include "run/denials.h"

static const char *call_name(struct sbx_arena *a, uint32_t audit_arch, uint32_t nr)
{
	int abi = sbx_abi_of(audit_arch, nr);
	int id = abi < 0 ? -1 : sbx_syscall_by_nr((enum sbx_abi)abi, nr);
	const char *name = id < 0 ? sbx_strf(a, "call %u", nr) : sbx_syscall_name(id);

	if (abi == (int)sbx_abi_native())
		return name;
	return sbx_strf(a, "%s (%s)", name, abi < 0 ? "of an unknown ABI" : sbx_abi_info((enum sbx_abi)abi)->name);
}

const char *sbx_denial_where(struct sbx_arena *a, const struct sbx_policy *p, const struct sbx_denial *denial)
{
	const char *file = denial->at ? denial->at->file : NULL, *slash = file ? strrchr(file, '/') : NULL;

	if (file)
		return sbx_strf(a, "%s:%u", slash ? slash + 1 : file, denial->at->line);
	if (denial->by == SBX_BY_RULE || !p->path)
		return "sbx's floor";
	return sbx_strf(a, "the policy %s, which does not name it", p->name);
}

static const char *verb(const struct sbx_denial *d)
{
	return d->action.kind == SBX_ACT_NOTIFY ? "noted" : "denied";
}

const char *sbx_denial_summary(struct sbx_arena *a, const struct sbx_policy *p, const struct sbx_denial *denial)
{
	return sbx_strf(a, "%s %s by %s, %llu time%s", denial->call, verb(denial), sbx_denial_where(a, p, denial),
	    (unsigned long long)denial->count, denial->count == 1 ? "" : "s");
}

static struct sbx_denial *find(struct sbx_denials *d, const char *call, const struct sbx_verdict *v)
{
	struct sbx_denial *new;

	for (size_t i = 0; i < d->n; i++) {
		if (d->items[i].at == v->at && d->items[i].by == v->by && sbx_streq(d->items[i].call, call))
			return &d->items[i];
	}
	if (d->n >= SBX_DENIALS_MAX)
		return NULL;
	new = &SBX_APPEND(d->arena, d->items, d->n);
	*new = (struct sbx_denial){ .call = sbx_strdup(d->arena, call), .action = v->action, .by = v->by, .at = v->at };
	return new;
}

/* Whether it is new. */
static bool add_program(struct sbx_denials *d, struct sbx_denial *denial, const char *program)
{
	for (size_t i = 0; i < denial->n_programs; i++) {
		if (sbx_streq(denial->programs[i], program))
			return false;
	}
	if (d->n_programs >= SBX_DENIALS_MAX_PROGRAMS)
		return false;
	d->n_programs++;
	SBX_APPEND(d->arena, denial->programs, denial->n_programs) = sbx_strdup(d->arena, program);
	return true;
}

const char *sbx_denials_add(
    struct sbx_denials *d, uint32_t audit_arch, uint32_t nr, struct sbx_verdict verdict, const char *program, pid_t pid)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	struct sbx_denial *denial = find(d, call_name(&a, audit_arch, nr), &verdict);

	if (!denial) {
		d->others++;
		return NULL;
	}
	denial->count++;
	if (!add_program(d, denial, program ? program : "") || d->n_lines > SBX_DENIALS_MAX_LINES)
		return NULL;
	if (d->n_lines++ == SBX_DENIALS_MAX_LINES)
		return "more calls are denied; from here on they are counted only";
	return sbx_strf(d->arena, "%s %s by %s (%s%spid %d)", denial->call, verb(denial),
	    sbx_denial_where(&a, d->policy, denial), program ? program : "", program ? ", " : "", pid);
}
