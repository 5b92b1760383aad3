/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ctl_seccomp_explain.c - sbxctl seccomp explain: what a policy says about a system call, and where it says it. */
#include "base/json.h"
#include "base/log.h"
#include "ctl/seccomp.h"
#include "policy/load.h"
#include "policy/show.h"

struct explaining {
	struct sbx_ctl_seccomp *a;
	const struct sbx_policy *p; /* on the floor */
	unsigned abis;
	int id; /* of the call, -1: it has a number only */
	uint32_t nr;
	uint64_t args[6];
	struct sbx_buf *out;
	struct sbx_json *json;
};

static int print_names(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	struct sbx_diags quiet = { .arena = a->arena };
	const struct sbx_policy *p;

	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		if (sbx_syscall_nr(id, a->abi) >= 0)
			sbx_buf_addf(&out, "%s\n", sbx_syscall_name(id));
	}
	if (sbx_policy_load_shown(a->host, a->arena, &quiet, a->policy, &p) == 0) {
		for (size_t i = 0; i < p->n_sets; i++)
			sbx_buf_addf(&out, "@%s\n", p->sets[i].name);
	}
	return sbx_ctl_print(&out);
}

static const char *call_name(const struct explaining *e)
{
	return e->id >= 0 ? sbx_syscall_name(e->id) : sbx_strf(e->a->arena, "nr:%u", e->nr);
}

/* Whether rule `r` is about the call at all. */
static bool is_about(const struct explaining *e, const struct sbx_rule *r)
{
	uint32_t plain = e->nr & ~sbx_abi_info(e->a->abi)->nr_flag;

	if (!(r->abis >> e->a->abi & 1))
		return false;
	if (e->id >= 0 && sbx_calls_has(&r->calls, e->id))
		return true;
	for (size_t i = 0; i < r->n_numbers; i++) {
		if (r->numbers[i] == plain)
			return true;
	}
	return false;
}

/*
 * The condition of a rule as text. One of the floor's before a rule with a condition has that one's and its own; the
 * first is in the policy as somebody wrote it.
 */
static const char *condition(const struct explaining *e, size_t i)
{
	struct sbx_arena *a = e->a->arena;
	const struct sbx_rule *r = &e->p->rules[i];
	struct sbx_rule own = { .cond = r->cond ? r->cond->b : NULL };

	for (size_t k = i + 1; !r->at && r->cond && r->cond->kind == SBX_COND_AND && k < e->p->n_rules; k++) {
		const struct sbx_rule *next = &e->p->rules[k];

		if (next->at && next->cond == r->cond->a)
			return sbx_strf(a, "(%s) && (%s)", sbx_rule_condition(a, e->p, next, e->id, e->a->abi),
			    sbx_rule_condition(a, e->p, &own, e->id, e->a->abi));
	}
	return sbx_rule_condition(a, e->p, r, e->id, e->a->abi);
}

static void add_line(struct explaining *e, struct sbx_action action, const char *cond, const struct sbx_verdict *v)
{
	struct sbx_arena *a = e->a->arena;
	const char *text = sbx_strf(a, "%s%s", sbx_action_str(a, action), action.quiet ? " quiet" : "");
	struct sbx_buf line = { .arena = a };

	if (e->json) {
		sbx_json_open(e->json, NULL, '{');
		sbx_json_str(e->json, "action", sbx_action_str(a, action));
		sbx_json_bool(e->json, "quiet", action.quiet);
		sbx_json_str(e->json, "condition", cond);
		sbx_json_str(e->json, "by",
		    v->by == SBX_BY_RULE      ? v->at ? "rule" : "floor"
		    : v->by == SBX_BY_DEFAULT ? "default"
		    : v->by == SBX_BY_UNKNOWN ? "unknown"
					      : "badarch");
		sbx_json_str(e->json, "origin", v->at ? sbx_origin_str(a, v->at) : NULL);
		sbx_json_close(e->json, '}');
		return;
	}
	sbx_buf_addf(&line, "  %s", text);
	if (cond)
		sbx_buf_addf(&line, " if %s", sbx_escape(a, cond));
	if (v->by != SBX_BY_RULE)
		sbx_buf_addf(&line, " (%s)",
		    v->by == SBX_BY_DEFAULT   ? "default"
		    : v->by == SBX_BY_UNKNOWN ? "unknown number"
					      : "ABI that the policy does not name");
	sbx_buf_addf(e->out, "%s%*s# %s\n", sbx_buf_str(&line), line.len < 56 ? (int)(56 - line.len) : 1, "",
	    sbx_ctl_decider(a, v));
}

/* Every rule that can decide, in order, up to what decides in any case. */
static void add_rules(struct explaining *e)
{
	struct sbx_verdict v;

	for (size_t i = 0; i < e->p->n_rules && e->abis >> e->a->abi & 1; i++) {
		const struct sbx_rule *r = &e->p->rules[i];

		if (!is_about(e, r))
			continue;
		v = (struct sbx_verdict){ .action = r->action, .by = SBX_BY_RULE, .rule = i, .at = r->at };
		add_line(e, r->action, condition(e, i), &v);
		if (!r->cond)
			return;
	}
	if (!(e->abis >> e->a->abi & 1))
		v = (struct sbx_verdict){
			.action = e->p->badarch.action, .by = SBX_BY_BADARCH, .at = e->p->badarch.at
		};
	else if (e->id < 0)
		v = (struct sbx_verdict){
			.action = e->p->unknown.action, .by = SBX_BY_UNKNOWN, .at = e->p->unknown.at
		};
	else
		v = (struct sbx_verdict){
			.action = e->p->otherwise.action, .by = SBX_BY_DEFAULT, .at = e->p->otherwise.at
		};
	add_line(e, v.action, NULL, &v);
}

/* VALUE or NAME=VALUE */
static int parse_arg(struct explaining *e, const char *word, unsigned *next)
{
	struct sbx_ctl_seccomp *a = e->a;
	const char *equals = strchr(word, '=');
	struct sbx_operand v;
	unsigned arg = *next;

	if (equals) {
		const char *name = sbx_strndup(a->arena, word, (size_t)(equals - word));
		int found = e->id >= 0 ? sbx_syscall_arg(e->id, a->abi, name) : -1;

		if (sbx_starts_with(name, "arg") && name[3] >= '0' && name[3] <= '5' && !name[4])
			found = name[3] - '0';
		if (found < 0)
			return sbx_error(a->diags, -EINVAL, NULL, "%s has no argument '%s'", call_name(e), name);
		arg = (unsigned)found;
		word = equals + 1;
	}
	if (arg > 5 || (e->id >= 0 && sbx_syscall_arg_kind(e->id, a->abi, arg) == SBX_ARG_NONE))
		return sbx_error(a->diags, -EINVAL, NULL, "%s has not so many arguments", call_name(e));
	if (sbx_policy_value(a->arena, a->diags, word, &v) < 0)
		return -EINVAL;
	e->args[arg] = sbx_abi_info(a->abi)->word == 4 ? v.of[a->abi] & UINT32_MAX : v.of[a->abi];
	*next = arg + 1;
	return 0;
}

static int explain_arguments(struct explaining *e)
{
	struct sbx_ctl_seccomp *a = e->a;
	struct sbx_verdict v;
	unsigned next = 0;

	for (int i = 1; i < a->n_words; i++) {
		if (parse_arg(e, a->words[i], &next) < 0)
			return SBX_EXIT_FAILURE;
	}
	v = sbx_policy_eval(e->p, e->abis, sbx_abi_info(a->abi)->audit_arch, e->nr, e->args);
	if (!e->json) {
		sbx_buf_addf(e->out, "%s(", call_name(e));
		for (int i = 1; i < a->n_words; i++)
			sbx_buf_addf(e->out, "%s%s", i > 1 ? ", " : "", sbx_escape(a->arena, a->words[i]));
		sbx_buf_addf(e->out, "), number %u of %s, policy %s:\n", e->nr, sbx_abi_info(a->abi)->name,
		    sbx_escape(a->arena, e->p->name));
	}
	add_line(e, v.action, v.by == SBX_BY_RULE ? condition(e, v.rule) : NULL, &v);
	return 0;
}

static int explain_call(struct explaining *e)
{
	struct sbx_ctl_seccomp *a = e->a;
	int status = 0;

	if (e->json) {
		sbx_json_open(e->json, NULL, '{');
		sbx_json_str(e->json, "syscall", e->id >= 0 ? sbx_syscall_name(e->id) : NULL);
		sbx_json_num(e->json, "number", e->nr);
		sbx_json_str(e->json, "arch", sbx_abi_info(a->abi)->name);
		sbx_json_str(e->json, "policy", e->p->name);
		sbx_json_open(e->json, "rules", '[');
	}
	if (a->n_words > 1) {
		status = explain_arguments(e);
	} else {
		if (!e->json)
			sbx_buf_addf(e->out, "%s, number %u of %s, policy %s:\n", call_name(e), e->nr,
			    sbx_abi_info(a->abi)->name, sbx_escape(a->arena, e->p->name));
		add_rules(e);
	}
	if (e->json) {
		sbx_json_close(e->json, ']');
		sbx_json_close(e->json, '}');
	}
	return status;
}

static int explain_set(struct explaining *e, const char *name)
{
	struct sbx_ctl_seccomp *a = e->a;
	const struct sbx_named_set *set = NULL;
	const char **names = sbx_alloc_array(a->arena, e->p->n_sets + 1, sizeof *names), *near;

	for (size_t i = 0; i < e->p->n_sets; i++) {
		names[i] = e->p->sets[i].name;
		set = sbx_streq(names[i], name) ? &e->p->sets[i] : set;
	}
	if (!set) {
		near = sbx_nearest(name, names, e->p->n_sets);
		(void)sbx_error(a->diags, -ENOENT, NULL, "policy '%s' has no set '@%s'", e->p->name, name);
		if (near)
			sbx_hint(a->diags, "did you mean '@%s'?", near);
		return SBX_EXIT_FAILURE;
	}
	if (a->n_words > 1) {
		(void)sbx_error(a->diags, -EINVAL, NULL, "a set has no arguments");
		return SBX_EXIT_FAILURE;
	}
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		int64_t nr = sbx_calls_has(&set->calls, id) ? sbx_syscall_nr(id, a->abi) : -1;

		if (nr < 0)
			continue;
		e->id = id;
		e->nr = (uint32_t)nr;
		(void)explain_call(e);
	}
	return 0;
}

/* The call by its name or number. */
static int find_call(struct explaining *e, const char *word)
{
	struct sbx_ctl_seccomp *a = e->a;
	struct sbx_operand v;
	const char *near;
	int64_t nr;

	if (sbx_starts_with(word, "nr:"))
		word += strlen("nr:");
	if (*word >= '0' && *word <= '9') {
		if (sbx_policy_value(a->arena, a->diags, word, &v) < 0)
			return -EINVAL;
		if (v.of[a->abi] > UINT32_MAX)
			return sbx_error(a->diags, -EINVAL, NULL, "'%s' is no number of a system call", word);
		e->nr = (uint32_t)v.of[a->abi] | sbx_abi_info(a->abi)->nr_flag;
		/* With its bit set it is a number of x32, whatever was meant. */
		a->abi = (enum sbx_abi)sbx_abi_of(sbx_abi_info(a->abi)->audit_arch, e->nr);
		e->id = sbx_syscall_by_nr(a->abi, e->nr);
		return 0;
	}
	e->id = sbx_syscall_find(word);
	nr = e->id >= 0 ? sbx_syscall_nr(e->id, a->abi) : -1;
	if (nr >= 0) {
		e->nr = (uint32_t)nr;
		return 0;
	}
	if (e->id >= 0) {
		(void)sbx_error(
		    a->diags, -ENOENT, NULL, "%s has no system call '%s'", sbx_abi_info(a->abi)->name, word);
		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			if (sbx_syscall_nr(e->id, abi) >= 0) {
				sbx_hint(a->diags, "--arch %s has it", sbx_abi_info(abi)->name);
				break;
			}
		}
		return -ENOENT;
	}
	near = sbx_nearest(word, sbx_syscall_names(), SBX_N_SYSCALLS);
	(void)sbx_error(a->diags, -ENOENT, NULL, "unknown system call '%s'", word);
	if (near)
		sbx_hint(a->diags, "did you mean '%s'?", near);
	return -ENOENT;
}

int sbx_ctl_seccomp_explain(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	struct sbx_json json = { .out = &out };
	struct explaining e = { .a = a, .out = &out, .json = a->json ? &json : NULL };
	enum sbx_abi kernel = sbx_ctl_kernel(a);
	const struct sbx_policy *p;
	int status;

	if (a->names)
		return print_names(a);
	if (a->n_words == 0) {
		(void)sbx_error(a->diags, -EINVAL, NULL, "seccomp explain takes a system call or a @set");
		return SBX_EXIT_FAILURE;
	}
	p = sbx_ctl_policy(a, a->policy, kernel);
	if (!p)
		return SBX_EXIT_FAILURE;
	e.p = sbx_ctl_on_floor(a, p);
	e.abis = sbx_policy_abis(p, kernel);
	if (e.json)
		sbx_json_open(e.json, NULL, '[');
	if (*a->words[0] == '@')
		status = explain_set(&e, a->words[0] + 1);
	else
		status = find_call(&e, a->words[0]) < 0 ? SBX_EXIT_FAILURE : explain_call(&e);
	if (e.json)
		sbx_json_close(e.json, ']');
	return status ? status : sbx_ctl_print(&out);
}
