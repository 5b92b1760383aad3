/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain.c - see chain.h. */
#include "policy/chain.h"

struct chain {
	uint32_t nr;
	int id;
	struct sbx_step *first, *last;
	bool closed; /* its last step has no condition: nothing behind it counts */
};

struct turning {
	struct sbx_arena *arena;
	struct chain *chains; /* sorted by number */
	size_t n;
	uint32_t dense; /* chains[nr] is that of nr below this */
};

static void append(struct turning *t, struct chain *c, const struct sbx_cond *cond, uint32_t ret)
{
	struct sbx_step *s;

	if (c->closed)
		return;
	s = SBX_NEW(t->arena, struct sbx_step);
	*s = (struct sbx_step){ .cond = cond, .ret = ret };
	if (c->last)
		c->last->next = s;
	else
		c->first = s;
	c->last = s;
	c->closed = !cond;
}

static int by_number(const void *a, const void *b)
{
	const struct chain *x = a, *y = b;

	return (x->nr > y->nr) - (x->nr < y->nr);
}

static size_t count_numbers(const struct sbx_policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_rules; i++)
		n += p->rules[i].n_numbers;
	return n;
}

/* What is above the dense numbers: the private calls of arm, and nr:NUMBER. */
static void add_sparse(struct turning *t, const struct sbx_policy *p, enum sbx_abi abi)
{
	size_t dense = t->n, kept = t->n;

	for (int id = 0; id < SBX_N_SYSCALLS && abi == SBX_ABI_ARM; id++) {
		int64_t nr = sbx_syscall_nr(id, abi);

		if (nr >= t->dense)
			t->chains[t->n++] = (struct chain){ .nr = (uint32_t)nr, .id = id };
	}
	for (size_t i = 0; i < p->n_rules; i++) {
		for (size_t k = 0; k < p->rules[i].n_numbers; k++) {
			uint32_t nr = p->rules[i].numbers[k];

			if (nr >= t->dense)
				t->chains[t->n++] = (struct chain){ .nr = nr, .id = sbx_syscall_by_nr(abi, nr) };
		}
	}
	if (t->n == dense)
		return;
	qsort(t->chains + dense, t->n - dense, sizeof *t->chains, by_number);
	for (size_t i = dense; i < t->n; i++) {
		if (kept == dense || t->chains[kept - 1].nr != t->chains[i].nr)
			t->chains[kept++] = t->chains[i];
	}
	t->n = kept;
}

/* A chain for each number that the table or a rule names. */
static void make_chains(struct turning *t, const struct sbx_policy *p, enum sbx_abi abi)
{
	size_t sparse = count_numbers(p) + (abi == SBX_ABI_ARM ? SBX_N_SYSCALLS : 0);
	const int16_t *ids = sbx_syscall_numbers(abi, &t->n);

	t->dense = (uint32_t)t->n;
	t->chains = sbx_alloc_array(t->arena, t->n + sparse + 1, sizeof *t->chains);
	for (size_t i = 0; i < t->n; i++)
		t->chains[i] = (struct chain){ .nr = (uint32_t)i, .id = ids[i] };
	if (sparse)
		add_sparse(t, p, abi);
}

static struct chain *find(struct turning *t, uint32_t nr)
{
	struct chain key = { .nr = nr };

	if (nr < t->dense)
		return &t->chains[nr];
	return bsearch(&key, t->chains + t->dense, t->n - t->dense, sizeof key, by_number);
}

static void add_rule(struct turning *t, const struct sbx_rule *r, enum sbx_abi abi, uint32_t ret)
{
	uint32_t flag = sbx_abi_info(abi)->nr_flag;

	for (size_t word = 0; word < ARRAY_LEN(r->calls.bits); word++) {
		for (uint64_t bits = r->calls.bits[word]; bits; bits &= bits - 1) {
			int64_t nr = sbx_syscall_nr((int)word * 64 + __builtin_ctzll(bits), abi);

			if (nr >= 0)
				append(t, find(t, (uint32_t)nr & ~flag), r->cond, ret);
		}
	}
	for (size_t i = 0; i < r->n_numbers; i++) {
		struct chain *c = find(t, r->numbers[i]);

		/* A number beside the name of the same call adds nothing. */
		if (c->id < 0 || !sbx_calls_has(&r->calls, c->id))
			append(t, c, r->cond, ret);
	}
}

/* Steps in front of the last that return what it returns decide nothing. */
static void shorten(struct chain *c)
{
	struct sbx_step *useful = NULL;

	for (struct sbx_step *s = c->first; s != c->last; s = (struct sbx_step *)(uintptr_t)s->next) {
		if (s->ret != c->last->ret)
			useful = s;
	}
	if (useful)
		useful->next = c->last;
	else
		c->first = c->last;
}

static bool same(const struct sbx_step *a, const struct sbx_step *b)
{
	return !a->cond && !b->cond && a->ret == b->ret;
}

struct sbx_ranges sbx_policy_ranges(
    struct sbx_arena *a, const struct sbx_policy *p, enum sbx_abi abi, uint32_t (*ret_of)(struct sbx_action action))
{
	struct turning t = { .arena = a };
	struct sbx_ranges all = { 0 };
	struct sbx_step *unknown = SBX_NEW(a, struct sbx_step);
	uint32_t next = 0;

	make_chains(&t, p, abi);
	for (size_t i = 0; i < p->n_rules; i++) {
		if (p->rules[i].abis >> abi & 1)
			add_rule(&t, &p->rules[i], abi, ret_of(p->rules[i].action));
	}
	unknown->ret = ret_of(p->unknown.action);
	for (size_t i = 0; i < t.n; i++) {
		struct chain *c = &t.chains[i];

		append(&t, c, NULL, ret_of((c->id < 0 ? &p->unknown : &p->otherwise)->action));
		shorten(c);
		if (c->nr > next && (all.n == 0 || !same(all.items[all.n - 1].steps, unknown)))
			SBX_APPEND(a, all.items, all.n) = (struct sbx_range){ .first = next, .id = -1, .steps = unknown };
		if (all.n == 0 || !same(all.items[all.n - 1].steps, c->first))
			SBX_APPEND(a, all.items, all.n) =
			    (struct sbx_range){ .first = c->nr, .id = c->id, .steps = c->first };
		next = c->nr + 1;
	}
	if (all.n == 0 || !same(all.items[all.n - 1].steps, unknown))
		SBX_APPEND(a, all.items, all.n) = (struct sbx_range){ .first = next, .id = -1, .steps = unknown };
	return all;
}
