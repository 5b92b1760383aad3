/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.c - what a policy can't mean, and what it probably does not; see load.h. */
#include "policy/load.h"

struct checking {
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	const struct sbx_policy *policy;
	unsigned abis;
	enum sbx_abi native;
};

static const char *where(struct checking *c, const struct sbx_origin *at)
{
	return sbx_origin_str(c->arena, at);
}

/* Once is enough: what is said of a comparison is said of it for each call and each ABI. */
static bool said_at(struct checking *c, const struct sbx_origin *at)
{
	for (size_t i = 0; i < c->diags->n; i++) {
		if (c->diags->items[i].at == at)
			return true;
	}
	return false;
}

/* The comparisons of `cond` for one call; the first that can't be made is told. */
static int check_cond(struct checking *c, const struct sbx_cond *cond, int id, enum sbx_abi abi)
{
	struct sbx_atom atom;
	const char *why;
	int e;

	switch (cond->kind) {
	case SBX_COND_AND:
	case SBX_COND_OR:
		e = check_cond(c, cond->a, id, abi);
		return e < 0 ? e : check_cond(c, cond->b, id, abi);
	case SBX_COND_NOT:
		return check_cond(c, cond->a, id, abi);
	case SBX_COND_EQ:
	case SBX_COND_GT:
	case SBX_COND_GE:
		break;
	}
	why = sbx_cond_atom(cond, id, abi, &atom);
	if (why) {
		const char *arg = cond->arg_name ? cond->arg_name : sbx_strf(c->arena, "arg%u", cond->arg);

		return sbx_error(c->diags, -EINVAL, cond->at, "'%s' of %s on %s: %s", arg,
		    id < 0 ? "a call by number" : sbx_syscall_name(id), sbx_abi_info(abi)->name, why);
	}
	/* After so many nobody reads them, and they are looked for in all that was said. */
	if (cond->kind == SBX_COND_EQ && (atom.value & ~atom.mask) && c->diags->n_warnings < SBX_DIAGS_MAX_ERRORS &&
	    !said_at(c, cond->at))
		sbx_warning(c->diags, cond->at, "this is never true: the value has bits that the mask takes away");
	return 0;
}

/* For each call and ABI of a rule: fn; stops at an error. */
static int each_call(struct checking *c, const struct sbx_rule *r,
    int (*fn)(struct checking *c, const struct sbx_rule *r, int id, enum sbx_abi abi, uint32_t nr, void *data), void *data)
{
	int e = 0;

	for (int abi = 0; abi < SBX_N_ABIS && e == 0; abi++) {
		if (!(r->abis & c->abis & 1U << abi))
			continue;
		for (int id = 0; id < SBX_N_SYSCALLS && e == 0; id++) {
			int64_t nr = sbx_calls_has(&r->calls, id) ? sbx_syscall_nr(id, abi) : -1;

			if (nr >= 0)
				e = fn(c, r, id, abi, (uint32_t)nr, data);
		}
		for (size_t i = 0; i < r->n_numbers && e == 0; i++) {
			uint32_t nr = r->numbers[i] | sbx_abi_info(abi)->nr_flag;

			e = fn(c, r, sbx_syscall_by_nr(abi, nr), abi, nr, data);
		}
	}
	return e;
}

static int check_call(struct checking *c, const struct sbx_rule *r, int id, enum sbx_abi abi, uint32_t nr, void *data)
{
	(void)nr;
	(void)data;
	return check_cond(c, r->cond, id, abi);
}

/* Whether an earlier rule without a condition takes each call of this one. */
struct shadow {
	size_t rule;
	const struct sbx_rule *by;
	bool free, any;
};

static int look_for_shadow(
    struct checking *c, const struct sbx_rule *r, int id, enum sbx_abi abi, uint32_t nr, void *data)
{
	struct shadow *s = data;

	(void)r;
	s->any = true;
	for (size_t i = 0; i < s->rule; i++) {
		const struct sbx_rule *o = &c->policy->rules[i];
		bool named = id >= 0 && sbx_calls_has(&o->calls, id);

		for (size_t k = 0; k < o->n_numbers && !named; k++)
			named = o->numbers[k] == (nr & ~sbx_abi_info(abi)->nr_flag);
		if (!o->cond && (o->abis >> abi & 1) && named) {
			s->by = o;
			return 0;
		}
	}
	s->free = true;
	return -ECANCELED;
}

/* To decide before what is included, or before one's main file, is what an include and a drop-in are for. */
static bool is_override(const struct sbx_rule *by, const struct sbx_rule *r)
{
	if (!by->at || !r->at)
		return true;
	for (const struct sbx_origin *o = r->at->from; o && o->file; o = o->from) {
		if (sbx_streq(o->file, by->at->file))
			return true;
	}
	return strstr(by->at->file, ".policy.d/") && !sbx_streq(by->at->file, r->at->file);
}

static void check_reach(struct checking *c, size_t i)
{
	const struct sbx_rule *r = &c->policy->rules[i];
	struct shadow s = { .rule = i };

	(void)each_call(c, r, look_for_shadow, &s);
	if (s.free || !s.any || is_override(s.by, r))
		return;
	if (s.by->action.kind == r->action.kind && s.by->action.err == r->action.err)
		sbx_warning(c->diags, r->at, "this says again what %s says", where(c, s.by->at));
	else
		sbx_warning(c->diags, r->at, "this never matches: %s decides before", where(c, s.by->at));
}

static struct sbx_verdict ask(struct checking *c, int id, const uint64_t args[6])
{
	int64_t nr = sbx_syscall_nr(id, c->native);

	return sbx_policy_eval(c->policy, c->abis, sbx_abi_info(c->native)->audit_arch, (uint32_t)nr, args);
}

static bool allowed(struct checking *c, int id, const uint64_t args[6])
{
	return sbx_syscall_nr(id, c->native) >= 0 && ask(c, id, args).action.kind < SBX_ACT_ERRNO;
}

/* Without these no program starts, or sbx can't say why. */
static int check_start(struct checking *c)
{
	static const struct {
		int id;
		uint64_t args[6];
	} needed[] = {
		{ SBX_SYSCALL_execve, { 0x10000, 0x10000, 0x10000 } },
		{ SBX_SYSCALL_exit_group, { 0 } },
		{ SBX_SYSCALL_rt_sigreturn, { 0 } },
		{ SBX_SYSCALL_brk, { 0 } },
		{ SBX_SYSCALL_mmap, { 0, 8192, 3, 0x22, UINT64_MAX, 0 } }, /* PROT_READ|WRITE, MAP_PRIVATE|ANONYMOUS */
		{ SBX_SYSCALL_write, { 2, 0x10000, 100 } },
	};
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		struct sbx_verdict v;

		if (sbx_syscall_nr(needed[i].id, c->native) < 0)
			continue;
		v = ask(c, needed[i].id, needed[i].args);
		/* Nobody can be asked yet when the command's own process says where its listener is, and executes. */
		if (v.action.kind == SBX_ACT_NOTIFY &&
		    (needed[i].id == SBX_SYSCALL_execve || needed[i].id == SBX_SYSCALL_write)) {
			result = sbx_error(c->diags, -EINVAL, v.at, "policy '%s' notifies of %s, which sbx needs itself",
			    c->policy->name, sbx_syscall_name(needed[i].id));
			sbx_hint(c->diags, "allow %s above this line", sbx_syscall_name(needed[i].id));
			continue;
		}
		if (v.action.kind < SBX_ACT_ERRNO)
			continue;
		result = sbx_error(c->diags, -EINVAL, v.at, "policy '%s' does not allow %s, so no program could start",
		    c->policy->name, sbx_syscall_name(needed[i].id));
		sbx_hint(c->diags, "allow %s above this line", sbx_syscall_name(needed[i].id));
	}
	return result;
}

/* The rule that decides about a call when its arguments are 0 is told as the one that is got around. */
static const struct sbx_origin *conditional_denial(struct checking *c, int id)
{
	for (size_t i = 0; i < c->policy->n_rules; i++) {
		const struct sbx_rule *r = &c->policy->rules[i];

		if (sbx_calls_has(&r->calls, id) && r->cond)
			return r->at;
		/* What is behind it decides nothing. */
		if (sbx_calls_has(&r->calls, id) && (r->abis >> c->native & 1))
			return NULL;
	}
	return NULL;
}

static void check_bypass(struct checking *c)
{
	static const uint64_t none[6];
	static const struct {
		int way, of;
		const char *why;
	} ways[] = {
		{ SBX_SYSCALL_clone3, SBX_SYSCALL_clone, "its flags are in memory, where a filter can't see them" },
		{ SBX_SYSCALL_io_uring_setup, SBX_SYSCALL_socket, "io_uring makes sockets without a filter being asked" },
		{ SBX_SYSCALL_io_uring_setup, SBX_SYSCALL_openat, "io_uring opens files without a filter being asked" },
	};
	const struct sbx_origin *at;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (!allowed(c, ways[i].way, none))
			continue;
		at = conditional_denial(c, ways[i].of);
		if (!at && !allowed(c, ways[i].of, none))
			at = ask(c, ways[i].of, none).at;
		if (at)
			sbx_warning(c->diags, ask(c, ways[i].way, none).at, "%s gets around what %s says of %s: %s",
			    sbx_syscall_name(ways[i].way), where(c, at), sbx_syscall_name(ways[i].of), ways[i].why);
	}
	at = conditional_denial(c, SBX_SYSCALL_socket);
	if (at && (c->abis >> SBX_ABI_I386 & 1)) {
		struct sbx_verdict v = sbx_policy_eval(c->policy, c->abis, sbx_abi_info(SBX_ABI_I386)->audit_arch,
		    (uint32_t)sbx_syscall_nr(SBX_SYSCALL_socketcall, SBX_ABI_I386), none);

		if (v.action.kind < SBX_ACT_ERRNO)
			sbx_warning(c->diags, v.at, "socketcall of i386 gets around what %s says of socket", where(c, at));
	}
}

/* A browser that may make user namespaces but no filter in them runs without its inner sandbox, and does not say so. */
static int check_inner_sandbox(struct checking *c)
{
	static const uint64_t new_user[6] = { 0x10000011 }, set_filter[6] = { 1 }, pr_set_seccomp[6] = { 22, 2 };

	if (!allowed(c, SBX_SYSCALL_clone, new_user) || allowed(c, SBX_SYSCALL_seccomp, set_filter) ||
	    allowed(c, SBX_SYSCALL_prctl, pr_set_seccomp))
		return 0;
	if (sbx_streq(c->policy->name, "browser"))
		return sbx_error(c->diags, -EINVAL, ask(c, SBX_SYSCALL_seccomp, set_filter).at,
		    "seccomp and prctl(PR_SET_SECCOMP) are both denied: a browser would run without its inner sandbox");
	sbx_warning(c->diags, ask(c, SBX_SYSCALL_seccomp, set_filter).at,
	    "user namespaces are allowed, but seccomp and prctl(PR_SET_SECCOMP) are not: inner sandboxes will be weaker");
	return 0;
}

int sbx_policy_check(const struct sbx_policy *p, struct sbx_arena *a, struct sbx_diags *d, enum sbx_abi native)
{
	struct checking c = {
		.arena = a, .diags = d, .policy = p, .abis = sbx_policy_abis(p, native), .native = native
	};
	int result = 0, e;

	for (size_t i = 0; i < p->n_rules; i++) {
		if (!p->rules[i].cond)
			continue;
		e = each_call(&c, &p->rules[i], check_call, NULL);
		result = e < 0 ? e : result;
	}
	if (result < 0)
		return result;
	e = check_start(&c);
	return e < 0 ? e : check_inner_sandbox(&c);
}

void sbx_policy_lint(const struct sbx_policy *p, struct sbx_arena *a, struct sbx_diags *d, enum sbx_abi native)
{
	struct checking c = {
		.arena = a, .diags = d, .policy = p, .abis = sbx_policy_abis(p, native), .native = native
	};

	for (size_t i = 0; i < p->n_rules; i++)
		check_reach(&c, i);
	check_bypass(&c);
}
