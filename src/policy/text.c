/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.c - see text.h. */
#include "policy/text.h"

#include "base/log.h"
#include "policy/consts.h"

enum { WIDTH = 100 };

struct writing {
	struct sbx_buf out;
	enum sbx_abi abi;
	int id; /* of the only call of the rule, for the names of its arguments; or -1 */
	bool constants; /* values by their names, where the argument tells what they are */
};

static const char *constant(const struct writing *w, const char *arg, uint64_t v)
{
	static const struct {
		const char *arg, *prefix;
	} kinds[] = { { "cmd", "TIOC" }, { "family", "AF_" }, { "resource", "RLIMIT_" } };

	for (size_t i = 0; w->constants && i < ARRAY_LEN(kinds); i++) {
		if (sbx_streq(arg, kinds[i].arg))
			return sbx_const_name(kinds[i].prefix, w->abi, v);
	}
	return NULL;
}

static void write_operand(struct writing *w, const char *arg, const struct sbx_operand *o)
{
	uint64_t v = o->of[w->abi];
	const char *name = constant(w, arg, v);

	if (name)
		sbx_buf_adds(&w->out, name);
	else if (v > 9)
		sbx_buf_addf(&w->out, "%#jx", (uintmax_t)v);
	else
		sbx_buf_addf(&w->out, "%ju", (uintmax_t)v);
}

const char *sbx_arg_text(struct sbx_arena *a, int id, enum sbx_abi abi, unsigned index)
{
	const char *name = id >= 0 ? sbx_syscall_arg_name(id, abi, index) : NULL;

	/* What the kernel calls arg2 of prctl is arg1 here. */
	return name && !sbx_starts_with(name, "arg") ? name : sbx_strf(a, "arg%u", index);
}

static void write_comparison(struct writing *w, const struct sbx_cond *c, bool negate)
{
	static const char *const signs[][2] = {
		[SBX_COND_EQ] = { "==", "!=" }, [SBX_COND_GT] = { ">", "<=" }, [SBX_COND_GE] = { ">=", "<" }
	};
	const char *arg = c->arg_name ? c->arg_name : sbx_arg_text(w->out.arena, w->id, w->abi, c->arg);

	sbx_buf_adds(&w->out, arg);
	if (c->kind == SBX_COND_EQ && c->mask.of[w->abi] != UINT64_MAX) {
		sbx_buf_adds(&w->out, " & ");
		write_operand(w, arg, &c->mask);
	}
	sbx_buf_addf(&w->out, " %s ", signs[c->kind][negate]);
	write_operand(w, arg, &c->value);
}

static void write_cond(struct writing *w, const struct sbx_cond *c, bool inner)
{
	if (c->kind >= SBX_COND_EQ) {
		write_comparison(w, c, false);
	} else if (c->kind == SBX_COND_NOT && c->a->kind >= SBX_COND_EQ) {
		write_comparison(w, c->a, true);
	} else if (c->kind == SBX_COND_NOT) {
		sbx_buf_adds(&w->out, "!( ");
		write_cond(w, c->a, false);
		sbx_buf_adds(&w->out, " )");
	} else {
		/* Only an OR in an AND needs them, but nobody should have to know. */
		sbx_buf_adds(&w->out, inner ? "( " : "");
		write_cond(w, c->a, c->a->kind != c->kind);
		sbx_buf_adds(&w->out, c->kind == SBX_COND_AND ? " && " : " || ");
		write_cond(w, c->b, true);
		sbx_buf_adds(&w->out, inner ? " )" : "");
	}
}

static void write_action(struct writing *w, struct sbx_action action)
{
	bool denied = action.kind == SBX_ACT_ERRNO && action.err == EPERM;

	sbx_buf_adds(&w->out, denied ? "deny" : sbx_action_str(w->out.arena, action));
	if (action.quiet)
		sbx_buf_adds(&w->out, " quiet");
}

static size_t count_calls(const struct sbx_rule *r, int *ret_last)
{
	size_t n = 0;

	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		if (sbx_calls_has(&r->calls, id)) {
			*ret_last = id;
			n++;
		}
	}
	return n;
}

static void write_item(struct writing *w, const char *item, bool block, size_t *column)
{
	size_t n = strlen(item) + 1;

	if (block && *column + n > WIDTH) {
		sbx_buf_adds(&w->out, "\n\t");
		*column = 8;
	}
	sbx_buf_addf(&w->out, "%s%s", block && *column == 8 ? "" : " ", item);
	*column += n;
}

static void write_items(struct writing *w, const struct sbx_rule *r, bool block)
{
	size_t column = WIDTH;

	if (block)
		sbx_buf_adds(&w->out, " {");
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		if (sbx_calls_has(&r->calls, id))
			write_item(w, sbx_syscall_name(id), block, &column);
	}
	for (size_t i = 0; i < r->n_numbers; i++)
		write_item(w, sbx_strf(w->out.arena, "nr:%u", r->numbers[i]), block, &column);
	if (block)
		sbx_buf_adds(&w->out, "\n}");
}

static void write_abis(struct writing *w, const char *word, unsigned abis)
{
	sbx_buf_adds(&w->out, word);
	for (int i = 0, n = 0; i < SBX_N_ABIS; i++) {
		if (abis >> i & 1)
			sbx_buf_addf(&w->out, "%s%s", n++ ? ", " : " ", sbx_abi_info(i)->name);
	}
}

static void write_rule(struct writing *w, const struct sbx_rule *r, bool places)
{
	int last = -1;
	size_t n = count_calls(r, &last);

	/* What a rule says of no call, nobody needs to read. */
	if (n == 0 && r->n_numbers == 0)
		return;
	w->id = n == 1 && r->n_numbers == 0 ? last : -1;
	if (places)
		sbx_buf_addf(&w->out, "# %s\n", r->at ? sbx_escape(w->out.arena, sbx_origin_str(w->out.arena, r->at)) : "the floor");
	write_action(w, r->action);
	write_items(w, r, n + r->n_numbers > 8);
	if (r->abis != (1U << SBX_N_ABIS) - 1)
		write_abis(w, " on", r->abis);
	if (r->cond) {
		sbx_buf_adds(&w->out, " if ");
		write_cond(w, r->cond, false);
	}
	sbx_buf_addc(&w->out, '\n');
}

static void write_setting(struct writing *w, const char *name, struct sbx_action action)
{
	sbx_buf_adds(&w->out, name);
	write_action(w, action);
	sbx_buf_addc(&w->out, '\n');
}

const char *sbx_policy_text(struct sbx_arena *a, const struct sbx_policy *p, enum sbx_abi abi, bool places)
{
	struct writing w = { .out.arena = a, .abi = abi, .id = -1 };

	sbx_buf_adds(&w.out, "sbx-policy 1\n");
	write_setting(&w, "default ", p->otherwise.action);
	write_setting(&w, "unknown ", p->unknown.action);
	write_setting(&w, "badarch ", p->badarch.action);
	if (p->abis) {
		write_abis(&w, "arch", p->abis);
		sbx_buf_addc(&w.out, '\n');
	}
	for (size_t i = 0; i < p->n_rules; i++)
		write_rule(&w, &p->rules[i], places);
	return sbx_buf_str(&w.out);
}

const char *sbx_rule_text(struct sbx_arena *a, const struct sbx_rule *r, enum sbx_abi abi)
{
	struct writing w = { .out.arena = a, .abi = abi };
	const char *text;

	write_rule(&w, r, false);
	text = sbx_buf_str(&w.out);
	return *text ? sbx_strndup(a, text, w.out.len - 1) : text;
}

const char *sbx_cond_text(struct sbx_arena *a, const struct sbx_cond *c, int id, enum sbx_abi abi)
{
	struct writing w = { .out.arena = a, .abi = abi, .id = id, .constants = true };

	write_cond(&w, c, false);
	return sbx_buf_str(&w.out);
}
