/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ctl_seccomp_diff.c - sbxctl seccomp diff: the calls about which two policies say different things. Arguments that
 * are tried are 0 and the values that a condition of either names, with their neighbours and single bits.
 */
#include "base/json.h"
#include "base/log.h"
#include "ctl/seccomp.h"
#include "policy/text.h"

enum { MAX_VALUES = 256, MAX_TRIES = 200000 };

struct values {
	uint64_t v[MAX_VALUES];
	size_t n;
};

struct side {
	const struct sbx_policy *p;
	unsigned abis;
};

struct diff {
	struct sbx_ctl_seccomp *a;
	struct side side[2];
	struct values values[6];
	struct sbx_buf *out;
	struct sbx_json *json;
	size_t n;
	/* Pairs of decisions that were told of the call */
	struct sbx_verdict (*told)[2];
	size_t n_told;
};

static void add(struct values *v, uint64_t x)
{
	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i] == x)
			return;
	}
	if (v->n < MAX_VALUES)
		v->v[v->n++] = x;
}

static void collect(struct diff *d, const struct sbx_cond *c, int id)
{
	struct sbx_atom atom;
	struct values *v;

	if (!c)
		return;
	if (c->kind < SBX_COND_EQ) {
		collect(d, c->a, id);
		collect(d, c->b, id);
		return;
	}
	if (sbx_cond_atom(c, id, d->a->abi, &atom))
		return;
	v = &d->values[atom.arg];
	add(v, atom.value);
	if (c->kind == SBX_COND_EQ && atom.mask == (atom.wide ? UINT64_MAX : UINT32_MAX)) {
		/* One that nobody names */
		add(v, atom.value ^ 1);
		return;
	}
	add(v, atom.value - 1);
	add(v, atom.value + 1);
	add(v, atom.mask);
	for (unsigned bit = 0; bit < (atom.wide ? 64 : 32); bit++) {
		if (atom.mask >> bit & 1)
			add(v, atom.value ^ UINT64_C(1) << bit);
	}
}

static bool same_action(struct sbx_action x, struct sbx_action y)
{
	return x.kind == y.kind && (x.kind != SBX_ACT_ERRNO || x.err == y.err);
}

static bool same_verdict(const struct sbx_verdict *x, const struct sbx_verdict *y)
{
	return x->by == y->by && x->rule == y->rule;
}

/* In the place of a rule: the rules of the policy for that ABI, whatever they are */
enum { RULES = INT32_MAX };

static const char *decision(struct sbx_arena *a, const struct sbx_verdict *v)
{
	if (v->rule == RULES)
		return "has rules for it";
	return sbx_strf(a, "%s (%s)", sbx_action_str(a, v->action), sbx_ctl_decider(a, v));
}

static void tell(struct diff *d, const char *name, uint32_t nr, const char *args, const struct sbx_verdict v[2])
{
	struct sbx_arena *a = d->a->arena;
	static const char *const keys[] = { "a", "b" };

	d->n++;
	if (d->json) {
		sbx_json_open(d->json, NULL, '{');
		sbx_json_str(d->json, "syscall", name);
		sbx_json_num(d->json, "number", nr);
		sbx_json_str(d->json, "arguments", args);
		for (int i = 0; i < 2; i++) {
			sbx_json_open(d->json, keys[i], '{');
			sbx_json_str(d->json, "action", v[i].rule == RULES ? NULL : sbx_action_str(a, v[i].action));
			sbx_json_str(d->json, "origin", v[i].at ? sbx_origin_str(a, v[i].at) : NULL);
			sbx_json_close(d->json, '}');
		}
		sbx_json_close(d->json, '}');
		return;
	}
	sbx_buf_addf(
	    d->out, "%-28s %s | %s\n", sbx_strf(a, "%s%s", name, args), decision(a, &v[0]), decision(a, &v[1]));
}

/* The arguments that are not 0, by their names: "(family=16, type=3)". */
static const char *arguments(const struct diff *d, int id, const uint64_t args[6])
{
	struct sbx_buf b = { .arena = d->a->arena };

	for (unsigned i = 0; i < 6; i++) {
		if (d->values[i].n < 2)
			continue;
		sbx_buf_addf(&b, "%s%s=", b.len ? ", " : "(", sbx_arg_text(d->a->arena, id, d->a->abi, i));
		sbx_buf_addf(&b, args[i] < 4096 ? "%lu" : "%#lx", (unsigned long)args[i]);
	}
	if (b.len)
		sbx_buf_addc(&b, ')');
	return sbx_buf_str(&b);
}

static void try_call(struct diff *d, int id, uint32_t nr, const uint64_t args[6])
{
	struct sbx_verdict v[2];

	for (int i = 0; i < 2; i++)
		v[i] = sbx_policy_eval(d->side[i].p, d->side[i].abis, sbx_abi_info(d->a->abi)->audit_arch, nr, args);
	if (same_action(v[0].action, v[1].action))
		return;
	for (size_t i = 0; i < d->n_told; i++) {
		if (same_verdict(&d->told[i][0], &v[0]) && same_verdict(&d->told[i][1], &v[1]))
			return;
	}
	d->told = sbx_grow(d->a->arena, d->told, d->n_told, sizeof *d->told);
	memcpy(d->told[d->n_told++], v, sizeof v);
	tell(d, id >= 0 ? sbx_syscall_name(id) : sbx_strf(d->a->arena, "nr:%u", nr), nr, arguments(d, id, args), v);
}

static bool is_about(const struct sbx_rule *r, int id, uint32_t plain)
{
	bool found = id >= 0 && sbx_calls_has(&r->calls, id);

	for (size_t i = 0; i < r->n_numbers && !found; i++)
		found = r->numbers[i] == plain;
	return found;
}

/* All values of each argument with all of the others, as far as that is not too many. */
static void diff_call(struct diff *d, int id, uint32_t nr)
{
	uint64_t args[6] = { 0 };
	size_t at[6] = { 0 };
	unsigned k = 0;

	d->told = NULL;
	d->n_told = 0;
	for (unsigned i = 0; i < 6; i++)
		d->values[i] = (struct values){ .n = 1 };
	for (int i = 0; i < 2; i++) {
		const struct sbx_policy *p = d->side[i].p;

		for (size_t r = 0; r < p->n_rules; r++) {
			if (is_about(&p->rules[r], id, nr & ~sbx_abi_info(d->a->abi)->nr_flag))
				collect(d, p->rules[r].cond, id);
		}
	}
	for (int tries = 0; tries < MAX_TRIES && k < 6; tries++) {
		for (unsigned i = 0; i < 6; i++)
			args[i] = d->values[i].v[at[i]];
		try_call(d, id, nr, args);
		for (k = 0; k < 6 && ++at[k] == d->values[k].n; k++)
			at[k] = 0;
	}
}

/* Numbers without a name that a rule has by nr: */
static void diff_numbers(struct diff *d)
{
	uint32_t flag = sbx_abi_info(d->a->abi)->nr_flag;

	for (int i = 0; i < 2; i++) {
		const struct sbx_policy *p = d->side[i].p;

		for (size_t r = 0; r < p->n_rules; r++) {
			for (size_t k = 0; k < p->rules[r].n_numbers; k++) {
				uint32_t nr = p->rules[r].numbers[k] | flag;
				bool known = sbx_syscall_by_nr(d->a->abi, nr) >= 0;

				/* Of the other policy too: told once. */
				for (size_t o = 0; i == 1 && o < d->side[0].p->n_rules && !known; o++)
					known = is_about(&d->side[0].p->rules[o], -1, nr & ~flag);
				if (!known)
					diff_call(d, -1, nr);
			}
		}
	}
}

static void diff_settings(struct diff *d)
{
	struct sbx_verdict v[2];

	for (int i = 0; i < 2; i++)
		v[i] = (struct sbx_verdict){
			.action = d->side[i].p->unknown.action, .by = SBX_BY_UNKNOWN, .at = d->side[i].p->unknown.at
		};
	if (!same_action(v[0].action, v[1].action))
		tell(d, "unknown numbers", UINT32_MAX, "", v);
	for (int abi = 0; abi < SBX_N_ABIS; abi++) {
		bool named[2] = { d->side[0].abis >> abi & 1, d->side[1].abis >> abi & 1 };

		if (!(sbx_abi_family(sbx_ctl_kernel(d->a)) >> abi & 1) || (named[0] && named[1]))
			continue;
		for (int i = 0; i < 2; i++)
			v[i] = (struct sbx_verdict){ .action = d->side[i].p->badarch.action,
				.by = SBX_BY_BADARCH,
				.rule = named[i] ? RULES : 0,
				.at = d->side[i].p->badarch.at };
		if (named[0] || named[1] || !same_action(v[0].action, v[1].action))
			tell(d, sbx_strf(d->a->arena, "calls of %s", sbx_abi_info(abi)->name), UINT32_MAX, "", v);
	}
}

int sbx_ctl_seccomp_diff(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	struct sbx_json json = { .out = &out };
	struct diff *d = SBX_NEW(a->arena, struct diff);
	enum sbx_abi kernel = sbx_ctl_kernel(a);

	d->a = a;
	d->out = &out;
	d->json = a->json ? &json : NULL;
	for (int i = 0; i < 2; i++) {
		const struct sbx_policy *p = sbx_ctl_policy(a, a->words[i], kernel);

		if (!p)
			return SBX_EXIT_FAILURE;
		d->side[i] = (struct side){ .p = sbx_ctl_on_floor(a, p), .abis = sbx_policy_abis(p, kernel) };
	}
	if (d->json)
		sbx_json_open(d->json, NULL, '[');
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		int64_t nr = sbx_syscall_nr(id, a->abi);

		if (nr >= 0)
			diff_call(d, id, (uint32_t)nr);
	}
	diff_numbers(d);
	diff_settings(d);
	if (d->json)
		sbx_json_close(d->json, ']');
	return sbx_ctl_print(&out) != 0 ? SBX_EXIT_FAILURE : d->n > 0;
}
