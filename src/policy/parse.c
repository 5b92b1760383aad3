/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parse.c - the statements of a policy; the grammar is in sbx-policy(5). */
#include "policy/consts.h"
#include "policy/load.h"
#include "policy/read.h"

static const char *const action_names[] = { "allow", "log", "notify", "deny", "errno", "trap", "kill-thread", "kill" };
static const char *const statements[] = { "sbx-policy", "default", "unknown", "badarch", "arch", "include", "set", "allow",
	"log", "notify", "deny", "errno", "trap", "kill-thread", "kill" };

/* errno(ENAME), errno(NUMBER); behind `errno`. */
static int parse_errno(struct sbx_policy_reader *r, uint16_t *ret)
{
	const struct sbx_token *t;
	uint64_t v;

	if (!sbx_token_take(r, "(")) {
		int e = sbx_token_error(r, "'('");

		sbx_hint(r->diags, "write errno(EPERM), or deny, which is the same");
		return e;
	}
	t = sbx_token(r);
	if (t->kind != SBX_TOKEN_WORD)
		return sbx_token_error(r, "the name of an error, such as ENOSYS");
	if (!sbx_policy_number(t->text, &v))
		v = sbx_errno_find(t->text);
	else if (v == 0)
		return sbx_error(r->diags, -EINVAL, t->at, "errno(0) would pretend that the call was made");
	if (v == 0)
		return sbx_error(r->diags, -EINVAL, t->at, "unknown error '%s' (see errno(3))", t->text);
	/* What the C library takes for an error at all */
	if (v > 4095)
		return sbx_error(r->diags, -EINVAL, t->at, "%s is no error: these are 1 to 4095", t->text);
	r->pos++;
	if (!sbx_token_take(r, ")"))
		return sbx_token_error(r, "')'");
	*ret = (uint16_t)v;
	return 0;
}

static int parse_action(struct sbx_policy_reader *r, struct sbx_action *ret)
{
	static const struct sbx_action meanings[] = {
		{ .kind = SBX_ACT_ALLOW },
		{ .kind = SBX_ACT_LOG },
		{ .kind = SBX_ACT_NOTIFY },
		{ .kind = SBX_ACT_ERRNO, .err = EPERM },
		{ .kind = SBX_ACT_ERRNO },
		{ .kind = SBX_ACT_TRAP },
		{ .kind = SBX_ACT_KILL_THREAD },
		{ .kind = SBX_ACT_KILL },
	};
	int e = 0;

	for (size_t i = 0; i < ARRAY_LEN(action_names); i++) {
		if (!sbx_token_take(r, action_names[i]))
			continue;
		*ret = meanings[i];
		if (ret->kind == SBX_ACT_ERRNO && ret->err == 0)
			e = parse_errno(r, &ret->err);
		if (e == 0 && sbx_token_is(r, "quiet")) {
			if (ret->kind != SBX_ACT_ERRNO)
				return sbx_error(r->diags, -EINVAL, sbx_token(r)->at,
				    "'quiet' is for deny and errno: nothing is told of '%s'", action_names[i]);
			ret->quiet = true;
			r->pos++;
		}
		return e;
	}
	return sbx_token_error(r, "an action (allow, log, notify, deny, errno(NAME), trap, kill-thread, kill)");
}

static const struct sbx_named_set *find_set(const struct sbx_policy_reader *r, const char *name)
{
	for (size_t i = 0; i < r->n_sets; i++) {
		if (sbx_streq(r->sets[i].name, name))
			return &r->sets[i];
	}
	return NULL;
}

static int unknown_set(struct sbx_policy_reader *r, const struct sbx_token *t, const char *name)
{
	const char **names = sbx_alloc_array(r->arena, r->n_sets + 1, sizeof *names);
	const char *near;

	for (size_t i = 0; i < r->n_sets; i++)
		names[i] = r->sets[i].name;
	near = sbx_nearest(name, names, r->n_sets);
	(void)sbx_error(r->diags, -EINVAL, t->at, "unknown set '@%s'", name);
	if (near)
		sbx_hint(r->diags, "did you mean '@%s'?", near);
	else
		sbx_hint(r->diags, "a set is made by `set @%s = …`, above its use, or in a policy that is included", name);
	return -EINVAL;
}

static int unknown_call(struct sbx_policy_reader *r, const struct sbx_token *t, const char *name)
{
	const char *near = sbx_nearest(name, sbx_syscall_names(), SBX_N_SYSCALLS);

	(void)sbx_error(r->diags, -EINVAL, t->at, "unknown system call '%s'", name);
	if (near)
		sbx_hint(r->diags, "did you mean '%s'? ?%s for one that sbx may not know, nr:N for a number", near, name);
	else
		sbx_hint(r->diags, "write ?%s for one that sbx may not know, nr:N for a number", name);
	return -EINVAL;
}

static int add_number(struct sbx_policy_reader *r, const struct sbx_token *t, struct sbx_rule *rule)
{
	uint32_t *numbers = (uint32_t *)(uintptr_t)rule->numbers;
	uint64_t v;

	if (!sbx_policy_number(t->text + 3, &v) || v > 0x3fffffff)
		return sbx_error(r->diags, -EINVAL, t->at, "'%s' is not nr: and a number below 2^30", t->text);
	SBX_APPEND(r->arena, numbers, rule->n_numbers) = (uint32_t)v;
	rule->numbers = numbers;
	return 0;
}

/* One of NAME ?NAME @NAME -NAME -@NAME nr:NUMBER, added to what the rule has or taken from it. */
static int parse_item(struct sbx_policy_reader *r, struct sbx_rule *rule)
{
	const struct sbx_token *t = sbx_token(r);
	const char *name = t->text;
	bool minus = *name == '-', maybe, is_set;
	int id;

	if (t->kind != SBX_TOKEN_WORD)
		return sbx_token_error(r, "a system call or a @set");
	r->pos++;
	if (sbx_starts_with(name, "nr:"))
		return add_number(r, t, rule);
	name += minus;
	maybe = *name == '?';
	is_set = *name == '@';
	name += maybe || is_set;
	if (sbx_starts_with(name, "nr:"))
		return sbx_error(r->diags, -EINVAL, t->at, "'%s': nr: can't be taken away, and is known to every sbx", t->text);
	if (is_set) {
		const struct sbx_named_set *set = find_set(r, name);

		if (!set)
			return unknown_set(r, t, name);
		for (size_t i = 0; i < ARRAY_LEN(rule->calls.bits); i++) {
			if (minus)
				rule->calls.bits[i] &= ~set->calls.bits[i];
			else
				rule->calls.bits[i] |= set->calls.bits[i];
		}
		return 0;
	}
	id = sbx_syscall_find(name);
	if (id < 0)
		return maybe ? 0 : unknown_call(r, t, name);
	if (minus)
		sbx_calls_remove(&rule->calls, id);
	else
		sbx_calls_add(&rule->calls, id);
	if (id == SBX_SYSCALL_io_uring_setup)
		rule->names_io_uring = !minus;
	return 0;
}

static bool ends_items(const struct sbx_token *t)
{
	if (t->kind == SBX_TOKEN_END)
		return true;
	return (*t->text == 'o' || *t->text == 'i') && (sbx_streq(t->text, "on") || sbx_streq(t->text, "if"));
}

/* Up to `on`, `if` or the end. All unknown names of a list are told at once. */
static int parse_items(struct sbx_policy_reader *r, struct sbx_rule *rule)
{
	int depth = 0, result = 0;
	bool any = false;

	for (;;) {
		const struct sbx_token *t = sbx_token(r);

		if (any && depth == 0 && ends_items(t))
			return result;
		if (t->kind == SBX_TOKEN_WORD) {
			int e = parse_item(r, rule);

			result = e < 0 ? e : result;
			any = true;
		} else if (sbx_token_take(r, "{")) {
			depth++;
		} else if (depth > 0 && sbx_token_take(r, "}")) {
			depth--;
		} else if (!any || !sbx_token_take(r, ",")) {
			return sbx_token_error(r, depth ? "a system call, a @set or '}'" : "a system call or a @set");
		}
	}
}

static int parse_abis(struct sbx_policy_reader *r, unsigned *ret)
{
	unsigned abis = 0;

	do {
		const struct sbx_token *t = sbx_token(r);
		int abi = t->kind == SBX_TOKEN_WORD ? sbx_abi_parse(t->text) : -EINVAL;
		const char *near;

		if (t->kind != SBX_TOKEN_WORD)
			return sbx_token_error(r, "an architecture");
		if (abi < 0) {
			near = sbx_nearest(t->text, sbx_abi_names(), SBX_N_ABIS);
			(void)sbx_error(r->diags, -EINVAL, t->at, "unknown architecture '%s'", t->text);
			sbx_hint(r->diags, "%s%s%sknown are x86_64, i386, x32, aarch64, arm, riscv64, ppc64le and s390x",
			    near ? "did you mean '" : "", near ? near : "", near ? "'? " : "");
			return -EINVAL;
		}
		abis |= 1U << abi;
		r->pos++;
	} while (sbx_token_take(r, ","));
	*ret = abis;
	return 0;
}

static int at_end(struct sbx_policy_reader *r)
{
	return sbx_token(r)->kind == SBX_TOKEN_END ? 0 : sbx_token_error(r, "the end of the line");
}

/* The same statement of a file that is included twice, such as one of sets. */
static bool same_place(const struct sbx_origin *x, const struct sbx_origin *y)
{
	return x->line == y->line && x->column == y->column && sbx_streq(x->file, y->file);
}

static int parse_setting(struct sbx_policy_reader *r, struct sbx_setting *s, unsigned *rank)
{
	const struct sbx_token *t = sbx_token(r);
	struct sbx_action action;
	int e;

	r->pos++;
	e = parse_action(r, &action);
	if (e == 0)
		e = at_end(r);
	if (e < 0)
		return e;
	if (s->at && same_place(s->at, t->at))
		return 0;
	if (s->at && sbx_streq(s->at->file, t->at->file))
		return sbx_error(r->diags, -EINVAL, t->at, "'%s' is said twice; the first is in line %u", t->text, s->at->line);
	if (s->at && *rank <= r->rank)
		return 0;
	*s = (struct sbx_setting){ action, t->at };
	*rank = r->rank;
	return 0;
}

static int parse_set(struct sbx_policy_reader *r)
{
	const struct sbx_token *t;
	const struct sbx_named_set *other;
	struct sbx_rule members = { 0 };
	int e;

	r->pos++;
	t = sbx_token(r);
	if (t->kind != SBX_TOKEN_WORD || *t->text != '@' || !t->text[1])
		return sbx_token_error(r, "@NAME");
	r->pos++;
	if (!sbx_token_take(r, "="))
		return sbx_token_error(r, "'='");
	e = parse_items(r, &members);
	if (e == 0)
		e = at_end(r);
	if (e < 0)
		return e;
	if (members.n_numbers > 0)
		return sbx_error(r->diags, -EINVAL, t->at, "a set is of names: nr: has another meaning on each architecture");
	other = find_set(r, t->text + 1);
	if (other && same_place(other->at, t->at))
		return 0;
	if (other)
		return sbx_error(r->diags, -EEXIST, t->at, "set '%s' is there already (%s)", t->text,
		    sbx_origin_str(r->arena, other->at));
	SBX_APPEND(r->arena, r->sets, r->n_sets) =
	    (struct sbx_named_set){ .name = t->text + 1, .at = t->at, .calls = members.calls };
	return 0;
}

static int parse_rule(struct sbx_policy_reader *r)
{
	struct sbx_rule rule = { .at = sbx_token(r)->at, .abis = (1U << SBX_N_ABIS) - 1 };
	int e = parse_action(r, &rule.action);

	if (e == 0)
		e = parse_items(r, &rule);
	if (e == 0 && sbx_token_take(r, "on"))
		e = parse_abis(r, &rule.abis);
	if (e == 0 && sbx_token_take(r, "if"))
		e = sbx_policy_parse_cond(r, &rule.cond);
	else if (e == 0)
		e = sbx_token(r)->kind == SBX_TOKEN_END ? 0 : sbx_token_error(r, "'on', 'if' or the end of the line");
	if (e == 0 && r->policy->n_rules == SBX_POLICY_MAX_RULES)
		return sbx_error(r->diags, -E2BIG, rule.at, "a policy has at most %d rules", SBX_POLICY_MAX_RULES);
	if (e == 0)
		SBX_APPEND(r->arena, r->policy->rules, r->policy->n_rules) = rule;
	return e;
}

static int parse_version(struct sbx_policy_reader *r)
{
	const struct sbx_token *t = sbx_token(r);

	if (r->versioned)
		return sbx_error(r->diags, -EINVAL, t->at, "sbx-policy is said twice");
	r->pos++;
	if (!sbx_token_take(r, "1")) {
		int e = sbx_token_error(r, "1");

		sbx_hint(r->diags, "this sbx knows version 1 of the policy language");
		return e;
	}
	r->versioned = true;
	return at_end(r);
}

static int parse_include(struct sbx_policy_reader *r)
{
	const struct sbx_token *t;
	int e;

	r->pos++;
	t = sbx_token(r);
	if (t->kind != SBX_TOKEN_WORD)
		return sbx_token_error(r, "the name of a policy");
	r->pos++;
	e = at_end(r);
	if (e < 0)
		return e;
	if (!r->include)
		return sbx_error(r->diags, -EINVAL, t->at, "nothing can be included here");
	return r->include(r, t->text, t->at);
}

static int unknown_statement(struct sbx_policy_reader *r)
{
	const struct sbx_token *t = sbx_token(r);
	const char *near = sbx_nearest(t->text, statements, ARRAY_LEN(statements));

	(void)sbx_error(r->diags, -EINVAL, t->at, "unknown statement '%s'", t->text);
	if (near)
		sbx_hint(r->diags, "did you mean '%s'?", near);
	else if (sbx_syscall_find(t->text) >= 0)
		sbx_hint(r->diags, "an action comes first: allow %s", t->text);
	return -EINVAL;
}

static int parse_statement(struct sbx_policy_reader *r)
{
	struct sbx_policy *p = r->policy;

	if (!r->versioned && !sbx_token_is(r, "sbx-policy")) {
		(void)sbx_error(r->diags, -EINVAL, sbx_token(r)->at, "the first statement of a policy is `sbx-policy 1`");
		return -EINVAL;
	}
	if (sbx_token_is(r, "sbx-policy"))
		return parse_version(r);
	if (sbx_token_is(r, "default"))
		return parse_setting(r, &p->otherwise, &r->otherwise_rank);
	if (sbx_token_is(r, "unknown"))
		return parse_setting(r, &p->unknown, &r->unknown_rank);
	if (sbx_token_is(r, "badarch"))
		return parse_setting(r, &p->badarch, &r->badarch_rank);
	if (sbx_token_is(r, "include"))
		return parse_include(r);
	if (sbx_token_is(r, "set"))
		return parse_set(r);
	if (sbx_token_is(r, "arch")) {
		unsigned abis = 0;
		int e;

		r->pos++;
		e = parse_abis(r, &abis);
		p->abis |= abis;
		return e < 0 ? e : at_end(r);
	}
	for (size_t i = 0; i < ARRAY_LEN(action_names); i++) {
		if (sbx_token_is(r, action_names[i]))
			return parse_rule(r);
	}
	return unknown_statement(r);
}

/* The tokens are the reader's, and used again for the next statement. */
static void keep_statement(struct sbx_policy_reader *r)
{
	struct sbx_token *tokens = sbx_alloc_array(r->arena, r->n_tokens, sizeof *tokens);

	memcpy(tokens, r->tokens, r->n_tokens * sizeof *tokens);
	SBX_APPEND(r->arena, r->statements, r->n_statements) = (struct sbx_statement){ tokens[0].at, tokens };
}

int sbx_policy_read(
    struct sbx_policy_reader *r, const char *file, const struct sbx_origin *from, const char *text, size_t len)
{
	/* An include reads another file in the middle of this one. */
	struct sbx_policy_reader outer = *r;
	int e, result;

	r->file = file;
	r->versioned = false;
	r->tokens = NULL;
	r->room = 0;
	result = sbx_lex_init(&r->lex, r->arena, r->diags, file, from, text, len);
	for (e = result < 0 ? 0 : 1; e != 0;) {
		e = sbx_policy_tokens(r);
		if (e > 0) {
			bool first = !r->versioned;

			if (r->keep)
				keep_statement(r);
			e = parse_statement(r);
			result = e < 0 ? e : result;
			/* A file in another language would only give a flood of errors. */
			e = first && e < 0 ? 0 : 1;
		} else if (e < 0) {
			result = e;
		}
	}
	if (result == 0 && !r->versioned) {
		struct sbx_origin *at = SBX_NEW(r->arena, struct sbx_origin);

		*at = (struct sbx_origin){ .file = file, .line = 1, .column = 1, .from = from };
		result = sbx_error(r->diags, -EINVAL, at, "the policy is empty: its first statement is `sbx-policy 1`");
	}
	r->file = outer.file;
	r->lex = outer.lex;
	r->versioned = outer.versioned;
	r->tokens = outer.tokens;
	r->n_tokens = outer.n_tokens;
	r->room = outer.room;
	r->pos = outer.pos;
	return result;
}
