/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan_seccomp.c - which filters of system calls there are, in which order of trust, and their programs. */
#include <sched.h>

#include "plan/plan_parts.h"
#include "policy/floor.h"
#include "policy/learn.h"

/* Which line of the policy denies what enable-userns allows; NULL if none does. */
static const struct sbx_origin *denies_userns(const struct sbx_policy *policy)
{
	static const int calls[] = { SBX_SYSCALL_unshare, SBX_SYSCALL_clone };
	enum sbx_abi native = sbx_abi_native();
	const struct sbx_origin *at = NULL;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int flags = sbx_syscall_arg(calls[i], native, "flags");
		uint64_t args[6] = { 0 };
		struct sbx_verdict v;

		if (flags < 0)
			continue;
		args[flags] = CLONE_NEWUSER;
		v = sbx_policy_eval(policy, sbx_policy_abis(policy, native), sbx_abi_info(native)->audit_arch,
		    (uint32_t)sbx_syscall_nr(calls[i], native), args);
		if (v.action.kind < SBX_ACT_ERRNO)
			return NULL;
		at = v.at;
	}
	return at;
}

/* Asked for and not given: the command would only see that something is not permitted. */
static void check_userns(struct sbx_planner *p, const struct sbx_policy *policy)
{
	const struct sbx_item *enable = sbx_spec_get(p->spec, SBX_OPT_ENABLE_USERNS);
	const struct sbx_origin *denies = enable && policy ? denies_userns(policy) : NULL;

	if (!denies)
		return;
	(void)sbx_error(p->diags, -EINVAL, enable->at, "enable-userns, but the seccomp policy '%s' forbids user namespaces (%s)",
	    policy->name, sbx_origin_str(p->arena, denies));
	sbx_hint(p->diags, "say `seccomp nested`, or `seccomp browser` for a browser");
}

static void tell(struct sbx_planner *p)
{
	const struct sbx_plan *plan = p->plan;

	if (!plan->seccomp.floor)
		sbx_notice(p->diags, plan->seccomp.no_floor_at,
		    "no floor: system calls that type into a terminal or go around a filter are open, unless the policy "
		    "forbids them");
}

static void check_words(struct sbx_planner *p)
{
	const struct sbx_item *item = sbx_spec_get(p->spec, SBX_OPT_SECCOMP);
	const struct sbx_item *more = sbx_spec_get(p->spec, SBX_OPT_ADD_SECCOMP_FD);

	if (!item || !more || item->arg[0].seccomp.kind != SBX_SECCOMP_FD)
		return;
	(void)sbx_error(p->diags, -EINVAL, more->at, "add-seccomp-fd with a descriptor for seccomp (%s)",
	    sbx_origin_str(p->arena, item->at));
	sbx_hint(p->diags, "say add-seccomp-fd for each of them");
}

static void plan_learn(struct sbx_planner *p, const struct sbx_filters *filters)
{
	const struct sbx_item *item = sbx_spec_get(p->spec, SBX_OPT_LEARN);
	const struct sbx_item *merge = sbx_spec_get(p->spec, SBX_OPT_MERGE);
	const struct sbx_seccomp *s = &p->plan->seccomp;

	if (merge && !item) {
		(void)sbx_error(p->diags, -EINVAL, merge->at, "merge: there is nothing to be merged");
		sbx_hint(p->diags, "say which profile: --learn FILE");
	}
	if (!item)
		return;
	p->plan->learn.path = item->arg[0].text;
	p->plan->learn.at = item->at;
	p->plan->learn.merge = merge != NULL;
	if (filters && filters->n_raw) {
		(void)sbx_error(p->diags, -EINVAL, filters->raw[0].at,
		    "a filter of a file descriptor with --learn (%s): what it forbids would not be seen",
		    sbx_origin_str(p->arena, item->at));
		sbx_hint(p->diags, "name a policy, or leave it out");
	}
	if (!s->floor) {
		(void)sbx_error(p->diags, -EINVAL, s->no_floor_at, "no-seccomp-floor with --learn (%s)",
		    sbx_origin_str(p->arena, item->at));
		sbx_hint(p->diags, "what the floor closes can't be learned; leave no-seccomp-floor out");
	}
}

/* Rules of `notify` need a listener whoever asks for reports: without one they answer ENOSYS. */
static bool notifies(const struct sbx_policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		if (policy->rules[i].action.kind == SBX_ACT_NOTIFY)
			return true;
	}
	return policy->otherwise.action.kind == SBX_ACT_NOTIFY || policy->unknown.action.kind == SBX_ACT_NOTIFY ||
	       policy->badarch.action.kind == SBX_ACT_NOTIFY;
}

static void compile(struct sbx_planner *p, const struct sbx_policy *policy)
{
	struct sbx_seccomp *s = &p->plan->seccomp;
	/* Namespaces are not restricted: the flags of clone3 need not be seen. */
	struct sbx_floor open = { .clone3 = p->plan->enable_userns };
	unsigned errors = p->diags->n_errors;
	int r;

	if (s->floor)
		policy = policy ? sbx_floor_under(p->arena, policy, open) : sbx_floor_policy(p->arena, open);
	if (!policy)
		return;
	s->policy = policy;
	s->abis = sbx_policy_abis(policy, sbx_abi_native());
	r = sbx_bpf_compile(p->arena, p->diags, policy, s->abis, SBX_BPF_PLAIN, &s->plain);
	s->listen = s->listen || notifies(policy);
	/* Of what goes to our listener nothing may go to another. */
	if (s->listen)
		policy = sbx_floor_under(p->arena, policy, (struct sbx_floor){ .all = true, .no_listener = true });
	if (r == 0 && p->plan->learn.path)
		r = sbx_bpf_compile(p->arena, p->diags, sbx_policy_for_learning(p->arena, policy), s->abis, SBX_BPF_LEARN,
		    &s->reporting);
	else if (r == 0 && s->listen)
		r = sbx_bpf_compile(p->arena, p->diags, policy, s->abis, s->report ? SBX_BPF_REPORT : SBX_BPF_PLAIN,
		    &s->reporting);
	if (r < 0 && p->diags->n_errors == errors)
		(void)sbx_error(
		    p->diags, r, s->at, "seccomp: the policy '%s' makes no program: %s", policy->name, strerror(-r));
}

void sbx_plan_seccomp(struct sbx_planner *p, const struct sbx_filters *filters)
{
	const struct sbx_item *no_floor = sbx_spec_get(p->spec, SBX_OPT_NO_SECCOMP_FLOOR);
	const struct sbx_item *report = sbx_spec_get(p->spec, SBX_OPT_REPORT_DENIALS);
	struct sbx_seccomp *s = &p->plan->seccomp;

	s->name = sbx_filters_policy_name(p->spec, &s->at);
	s->floor = !no_floor;
	s->no_floor_at = no_floor ? no_floor->at : NULL;
	s->report = report || (filters && filters->report);
	s->report_at = report ? report->at : NULL;
	check_words(p);
	plan_learn(p, filters);
	s->listen = s->report || p->plan->learn.path;
	if (filters)
		tell(p);
	if (!filters)
		return;
	check_userns(p, filters->policy);
	s->raw = filters->raw;
	s->n_raw = filters->n_raw;
	compile(p, s->name ? filters->policy : NULL);
}
