/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* show.c - statements and conditions as somebody wrote them; see show.h. */
#include "policy/show.h"

#include "policy/read.h"
#include "policy/text.h"

enum { WIDTH = 100 };

static bool glues(const char *sign)
{
	return sbx_streq(sign, "(") || sbx_streq(sign, "!") || sbx_streq(sign, "~") || sbx_streq(sign, "|");
}

static bool blank_between(const struct sbx_token *a, const struct sbx_token *b)
{
	bool sign_a = a->kind == SBX_TOKEN_SIGN, sign_b = b->kind == SBX_TOKEN_SIGN;

	if (sign_a && glues(a->text))
		return false;
	if (sign_b && (sbx_streq(b->text, ",") || sbx_streq(b->text, ")") || sbx_streq(b->text, "|")))
		return false;
	return !(sign_b && sbx_streq(b->text, "(") && sbx_streq(a->text, "errno"));
}

/* From `t` to the end of the statement; `lines`: in several, which may end inside of braces only. */
static const char *join(struct sbx_arena *a, const struct sbx_token *t, bool lines)
{
	struct sbx_buf b = { .arena = a };
	size_t line = 0;
	int depth = 0;

	for (const struct sbx_token *last = NULL; t->kind != SBX_TOKEN_END; last = t++) {
		bool opened = last && last->kind == SBX_TOKEN_SIGN && *last->text == '{';
		bool closes = t->kind == SBX_TOKEN_SIGN && *t->text == '}';
		bool full = b.len - line + strlen(t->text) >= WIDTH && last && blank_between(last, t);

		depth -= closes;
		if (lines && (opened || closes || (depth > 0 && full))) {
			sbx_buf_addf(&b, "\n%s", depth > 0 ? "\t" : "");
			line = b.len;
		} else if (last && blank_between(last, t)) {
			sbx_buf_addc(&b, ' ');
		}
		sbx_buf_adds(&b, t->text);
		depth += t->kind == SBX_TOKEN_SIGN && *t->text == '{';
	}
	return sbx_buf_str(&b);
}

const char *sbx_statement_text(struct sbx_arena *a, const struct sbx_statement *s)
{
	const char *one = join(a, s->tokens, false);

	return strlen(one) <= WIDTH ? one : join(a, s->tokens, true);
}

static const struct sbx_statement *statement_of(const struct sbx_policy *p, const struct sbx_rule *r)
{
	for (size_t i = 0; i < p->n_statements && r->at; i++) {
		if (p->statements[i].at == r->at)
			return &p->statements[i];
	}
	return NULL;
}

const char *sbx_rule_condition(
    struct sbx_arena *a, const struct sbx_policy *p, const struct sbx_rule *r, int id, enum sbx_abi abi)
{
	const struct sbx_statement *s = statement_of(p, r);
	const struct sbx_token *t = s ? s->tokens : NULL;

	if (!r->cond)
		return NULL;
	while (t && t->kind != SBX_TOKEN_END) {
		if (t++->kind == SBX_TOKEN_WORD && sbx_streq(t[-1].text, "if"))
			return join(a, t, false);
	}
	return sbx_cond_text(a, r->cond, id, abi);
}

/* Whether a statement is for the one who shows the policy: not what names a file, and no setting that was replaced. */
static bool stands(const struct sbx_policy *p, const struct sbx_statement *s)
{
	static const char *const hidden[] = { "sbx-policy", "include" };
	const struct {
		const char *word;
		const struct sbx_setting *setting;
	} settings[] = { { "default", &p->otherwise }, { "unknown", &p->unknown }, { "badarch", &p->badarch } };

	for (size_t i = 0; i < ARRAY_LEN(hidden); i++) {
		if (sbx_streq(s->tokens->text, hidden[i]))
			return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		if (sbx_streq(s->tokens->text, settings[i].word))
			return settings[i].setting->at == s->at;
	}
	/* One that was included twice is the same set. */
	for (size_t i = 0; sbx_streq(s->tokens->text, "set"); i++) {
		if (i == p->n_sets || p->sets[i].at == s->tokens[1].at)
			return i < p->n_sets;
	}
	return true;
}

static const char *setting_text(struct sbx_arena *a, const char *word, const struct sbx_setting *s)
{
	return sbx_strf(a, "%s %s%s", word, sbx_action_str(a, s->action), s->action.quiet ? " quiet" : "");
}

struct sbx_shown *sbx_policy_show(struct sbx_arena *a, const struct sbx_policy *p, size_t *ret_n)
{
	struct sbx_shown *all = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->n_statements; i++) {
		if (stands(p, &p->statements[i]))
			SBX_APPEND(a, all, n) =
			    (struct sbx_shown){ sbx_statement_text(a, &p->statements[i]), p->statements[i].at };
	}
	if (p->n_statements == 0) {
		SBX_APPEND(a, all, n) =
		    (struct sbx_shown){ setting_text(a, "default", &p->otherwise), p->otherwise.at };
		SBX_APPEND(a, all, n) = (struct sbx_shown){ setting_text(a, "unknown", &p->unknown), p->unknown.at };
		SBX_APPEND(a, all, n) = (struct sbx_shown){ setting_text(a, "badarch", &p->badarch), p->badarch.at };
		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			if (p->abis >> abi & 1)
				SBX_APPEND(a, all, n) =
				    (struct sbx_shown){ sbx_strf(a, "arch %s", sbx_abi_info(abi)->name), NULL };
		}
		for (size_t i = 0; i < p->n_rules; i++)
			SBX_APPEND(a, all, n) =
			    (struct sbx_shown){ sbx_rule_text(a, &p->rules[i], sbx_abi_native()), p->rules[i].at };
	}
	*ret_n = n;
	return all;
}
