/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parse_cond.c - the condition behind `if`; its grammar is in sbx-policy(5). */
#include "policy/consts.h"
#include "policy/load.h"
#include "policy/read.h"

enum { MAX_DEPTH = 50, MAX_COMPARISONS = 500 }; /* what recursion bears, and far above SBX_BPF_MAX */

static int parse_or(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond **ret);
static int parse_value(struct sbx_policy_reader *r, unsigned depth, struct sbx_operand *ret);

static struct sbx_cond *node(struct sbx_policy_reader *r, enum sbx_cond_kind kind, const struct sbx_origin *at,
    const struct sbx_cond *a, const struct sbx_cond *b)
{
	struct sbx_cond *c = SBX_NEW(r->arena, struct sbx_cond);

	*c = (struct sbx_cond){ .kind = kind, .at = at, .a = a, .b = b };
	return c;
}

static struct sbx_operand all_bits(void)
{
	struct sbx_operand v;

	memset(&v, 0xff, sizeof v);
	return v;
}

static int parse_constant(struct sbx_policy_reader *r, struct sbx_operand *ret)
{
	const struct sbx_token *t = sbx_token(r);
	const char *const *names;
	const char *near;
	size_t n;
	uint64_t v;

	if (t->kind != SBX_TOKEN_WORD)
		return sbx_token_error(r, "a number or a constant");
	if (sbx_policy_number(t->text, &v)) {
		for (int i = 0; i < SBX_N_ABIS; i++)
			ret->of[i] = v;
		r->pos++;
		return 0;
	}
	if (*t->text == '-' || (*t->text >= '0' && *t->text <= '9'))
		return sbx_error(r->diags, -EINVAL, t->at, "'%s' is not a number of 64 bits", t->text);
	if (!sbx_const_find(t->text, ret->of)) {
		(void)sbx_error(r->diags, -EINVAL, t->at, "unknown constant '%s'", t->text);
		names = sbx_const_names(&n);
		near = sbx_token_nearest(r, t->text, names, n);
		if (near)
			sbx_hint(r->diags, "did you mean '%s'?", near);
		return -EINVAL;
	}
	r->pos++;
	return 0;
}

static int parse_part(struct sbx_policy_reader *r, unsigned depth, struct sbx_operand *ret)
{
	bool invert = sbx_token_take(r, "~");
	int e;

	if (depth > MAX_DEPTH)
		return sbx_error(r->diags, -E2BIG, sbx_token(r)->at, "parentheses are nested too deep");
	if (sbx_token_take(r, "(")) {
		e = parse_value(r, depth + 1, ret);
		if (e == 0 && !sbx_token_take(r, ")"))
			e = sbx_token_error(r, "')'");
	} else {
		e = parse_constant(r, ret);
	}
	for (int i = 0; e == 0 && invert && i < SBX_N_ABIS; i++)
		ret->of[i] = ~ret->of[i];
	return e;
}

static int parse_value(struct sbx_policy_reader *r, unsigned depth, struct sbx_operand *ret)
{
	int e = parse_part(r, depth, ret);

	while (e == 0 && sbx_token_take(r, "|")) {
		struct sbx_operand v;

		e = parse_part(r, depth, &v);
		for (int i = 0; e == 0 && i < SBX_N_ABIS; i++)
			ret->of[i] |= v.of[i];
	}
	return e;
}

static int count(struct sbx_policy_reader *r)
{
	if (++r->comparisons > MAX_COMPARISONS)
		return sbx_error(r->diags, -E2BIG, sbx_token(r)->at, "more than %d comparisons in one statement", MAX_COMPARISONS);
	if (++r->all_comparisons > SBX_POLICY_MAX_COMPARISONS)
		return sbx_error(
		    r->diags, -E2BIG, sbx_token(r)->at, "more than %d comparisons in a policy", SBX_POLICY_MAX_COMPARISONS);
	return 0;
}

/* ARG in { VALUE, … } */
static int parse_in(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond *atom, struct sbx_cond **ret)
{
	struct sbx_cond *all = NULL;

	if (!sbx_token_take(r, "{"))
		return sbx_token_error(r, "'{'");
	do {
		struct sbx_cond *one = node(r, SBX_COND_EQ, atom->at, NULL, NULL);
		int e = count(r);

		if (e < 0)
			return e;
		*one = *atom;
		e = parse_value(r, depth, &one->value);
		if (e < 0)
			return e;
		all = all ? node(r, SBX_COND_OR, atom->at, all, one) : one;
		(void)sbx_token_take(r, ",");
	} while (!sbx_token_take(r, "}"));
	*ret = all;
	return 0;
}

/* ARG & VALUE == VALUE */
static int parse_masked(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond *atom, struct sbx_cond **ret)
{
	bool equal;
	int e = parse_value(r, depth, &atom->mask);

	if (e < 0)
		return e;
	equal = sbx_token_take(r, "==");
	if (!equal && !sbx_token_take(r, "!=")) {
		e = sbx_token_error(r, "'==' or '!='");
		sbx_hint(r->diags, "ARG & MASK != 0 is: any of these bits; ARG has MASK: all of them");
		return e;
	}
	e = parse_value(r, depth, &atom->value);
	if (e == 0)
		*ret = equal ? atom : node(r, SBX_COND_NOT, atom->at, atom, NULL);
	return e;
}

static int parse_comparison(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond *atom, struct sbx_cond **ret)
{
	static const struct {
		const char *sign;
		enum sbx_cond_kind kind;
		bool negate;
	} ops[] = {
		{ "==", SBX_COND_EQ, false },
		{ "!=", SBX_COND_EQ, true },
		{ ">", SBX_COND_GT, false },
		{ ">=", SBX_COND_GE, false },
		{ "<", SBX_COND_GE, true },
		{ "<=", SBX_COND_GT, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		int e;

		if (!sbx_token_take(r, ops[i].sign))
			continue;
		atom->kind = ops[i].kind;
		e = parse_value(r, depth, &atom->value);
		if (e == 0)
			*ret = ops[i].negate ? node(r, SBX_COND_NOT, atom->at, atom, NULL) : atom;
		return e;
	}
	return sbx_token_error(r, "one of == != < <= > >= & has only in");
}

static int parse_atom(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond **ret)
{
	const struct sbx_token *t = sbx_token(r);
	struct sbx_cond *atom;
	int e;

	if (depth > MAX_DEPTH)
		return sbx_error(r->diags, -E2BIG, t->at, "parentheses are nested too deep");
	if (sbx_token_take(r, "!")) {
		e = parse_atom(r, depth + 1, &atom);
		if (e == 0)
			*ret = node(r, SBX_COND_NOT, t->at, atom, NULL);
		return e;
	}
	if (sbx_token_take(r, "(")) {
		e = parse_or(r, depth + 1, ret);
		if (e == 0 && !sbx_token_take(r, ")"))
			e = sbx_token_error(r, "')'");
		return e;
	}
	if (t->kind != SBX_TOKEN_WORD || (*t->text >= '0' && *t->text <= '9') || *t->text == '-')
		return sbx_token_error(r, "an argument (its name, or arg0 to arg5)");
	e = count(r);
	if (e < 0)
		return e;
	r->pos++;
	atom = node(r, SBX_COND_EQ, t->at, NULL, NULL);
	atom->mask = all_bits();
	if (sbx_starts_with(t->text, "arg") && t->text[3] >= '0' && t->text[3] <= '5' && !t->text[4])
		atom->arg = (unsigned)(t->text[3] - '0');
	else
		atom->arg_name = t->text;
	if (sbx_token_take(r, "in"))
		return parse_in(r, depth, atom, ret);
	if (sbx_token_take(r, "&"))
		return parse_masked(r, depth, atom, ret);
	if (sbx_token_take(r, "has")) {
		e = parse_value(r, depth, &atom->mask);
		atom->value = atom->mask;
		*ret = atom;
		return e;
	}
	if (sbx_token_take(r, "only")) {
		e = parse_value(r, depth, &atom->mask);
		for (int i = 0; i < SBX_N_ABIS; i++)
			atom->mask.of[i] = ~atom->mask.of[i];
		*ret = atom;
		return e;
	}
	return parse_comparison(r, depth, atom, ret);
}

static int parse_and(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond **ret)
{
	struct sbx_cond *b;
	int e = parse_atom(r, depth, ret);

	while (e == 0 && sbx_token_take(r, "&&")) {
		e = parse_atom(r, depth, &b);
		if (e == 0)
			*ret = node(r, SBX_COND_AND, (*ret)->at, *ret, b);
	}
	return e;
}

static int parse_or(struct sbx_policy_reader *r, unsigned depth, struct sbx_cond **ret)
{
	struct sbx_cond *b;
	int e = parse_and(r, depth, ret);

	while (e == 0 && sbx_token_take(r, "||")) {
		e = parse_and(r, depth, &b);
		if (e == 0)
			*ret = node(r, SBX_COND_OR, (*ret)->at, *ret, b);
	}
	return e;
}

int sbx_policy_parse_cond(struct sbx_policy_reader *r, const struct sbx_cond **ret)
{
	struct sbx_cond *c = NULL;
	int e;

	r->comparisons = 0;
	e = parse_or(r, 0, &c);
	if (e < 0)
		return e;
	if (sbx_token(r)->kind != SBX_TOKEN_END)
		return sbx_token_error(r, "'&&', '||' or the end of the line");
	*ret = c;
	return 0;
}

int sbx_policy_value(struct sbx_arena *a, struct sbx_diags *d, const char *text, struct sbx_operand *ret)
{
	struct sbx_policy_reader r = { .arena = a, .diags = d };
	struct sbx_operand v;
	int e = sbx_lex_init(&r.lex, a, d, NULL, NULL, text, strlen(text));

	if (e == 0)
		e = sbx_policy_tokens(&r);
	if (e < 0)
		return e;
	if (e == 0)
		return sbx_error(d, -EINVAL, NULL, "expected a number or a constant, not '%s'", text);
	e = parse_value(&r, 0, &v);
	if (e == 0 && sbx_token(&r)->kind != SBX_TOKEN_END)
		e = sbx_token_error(&r, "'|' or the end of the word");
	if (e == 0)
		*ret = v;
	return e;
}
