/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn.c - see learn.h. */
#include "policy/learn.h"

#include "policy/consts.h"
#include "policy/load.h"

const char sbx_learn_always[] =
    "allow exit exit_group brk munmap mremap madvise arch_prctl set_thread_area get_thread_area set_tls get_tls\n"
    "allow set_tid_address set_robust_list get_robust_list rseq rt_sigreturn sigreturn restart_syscall\n"
    "allow rt_sigaction rt_sigprocmask rt_sigsuspend sigaction sigprocmask sigsuspend sigaltstack\n"
    "allow read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek\n"
    "allow close close_range dup dup2 dup3 fstat fstat64 getdents getdents64\n"
    "allow futex futex_time64 sched_yield getrandom poll ppoll ppoll_time64 select _newselect pselect6\n"
    "allow pselect6_time64 epoll_wait epoll_pwait clock_gettime clock_gettime64 gettimeofday time nanosleep\n"
    "allow clock_nanosleep clock_nanosleep_time64 getpid gettid getppid getuid geteuid getgid getegid\n"
    "allow getuid32 geteuid32 getgid32 getegid32 wait4 waitid waitpid recvfrom recvmsg\n"
    "allow mmap mmap2 mprotect pkey_mprotect if !(prot has PROT_WRITE|PROT_EXEC)\n";

static bool names(const struct sbx_rule *r, int id)
{
	if (sbx_calls_has(&r->calls, id))
		return true;
	for (size_t i = 0; i < r->n_numbers; i++) {
		for (enum sbx_abi abi = 0; abi < SBX_N_ABIS; abi++) {
			if ((r->abis >> abi & 1) && sbx_syscall_nr(id, abi) == (r->numbers[i] | sbx_abi_info(abi)->nr_flag))
				return true;
		}
	}
	return false;
}

/* Whether every rule that could decide about the call allows it, and nothing is to be told of it. */
static bool is_open(const struct sbx_policy *p, int id)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct sbx_rule *r = &p->rules[i];

		if (!names(r, id))
			continue;
		if (r->action.kind != SBX_ACT_ALLOW)
			return false;
		if (!r->cond && sbx_calls_has(&r->calls, id) && r->abis == (1U << SBX_N_ABIS) - 1)
			return true;
	}
	return p->otherwise.action.kind == SBX_ACT_ALLOW;
}

static const struct sbx_policy *parse_always(struct sbx_arena *a)
{
	struct sbx_diags d = { .arena = a };
	const char *text = sbx_strf(a, "sbx-policy 1\n%s", sbx_learn_always);
	const struct sbx_policy *always;
	int r = sbx_policy_parse(a, &d, "<learn>", text, strlen(text), &always);

	assert(r == 0);
	return always;
}

bool sbx_learn_lacks_always(struct sbx_arena *a, const struct sbx_policy *old, enum sbx_abi abi)
{
	const struct sbx_policy *always = parse_always(a);
	static const uint64_t args[6] = { 0 };

	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		int64_t nr = sbx_syscall_nr(id, abi);
		struct sbx_verdict v;
		bool is = false;

		for (size_t i = 0; i < always->n_rules; i++)
			is = is || sbx_calls_has(&always->rules[i].calls, id);
		if (!is || nr < 0)
			continue;
		v = sbx_policy_eval(old, sbx_policy_abis(old, abi), sbx_abi_info(abi)->audit_arch, (uint32_t)nr, args);
		if (v.by != SBX_BY_RULE && v.action.kind > SBX_ACT_NOTIFY)
			return true;
	}
	return false;
}

const struct sbx_policy *sbx_policy_for_learning(struct sbx_arena *a, const struct sbx_policy *p)
{
	const struct sbx_policy *always = parse_always(a);
	struct sbx_policy *ret = SBX_NEW(a, struct sbx_policy);

	*ret = *p;
	ret->rules = NULL;
	ret->n_rules = 0;
	for (size_t i = 0; i < always->n_rules; i++) {
		struct sbx_rule rule = always->rules[i];

		for (int id = 0; id < SBX_N_SYSCALLS; id++) {
			if (sbx_calls_has(&rule.calls, id) && !is_open(p, id))
				sbx_calls_remove(&rule.calls, id);
		}
		rule.at = NULL;
		rule.action.quiet = true;
		SBX_APPEND(a, ret->rules, ret->n_rules) = rule;
	}
	for (size_t i = 0; i < p->n_rules; i++)
		SBX_APPEND(a, ret->rules, ret->n_rules) = p->rules[i];
	return ret;
}

#define NAMESPACES 0x7e020000 /* CLONE_NEW… */
#define MASK_WX "(PROT_WRITE|PROT_EXEC)"

#define NO_ARG                      \
	{                           \
		NULL, NULL, 0, NULL \
	}

static const struct sbx_learn_args with_args[] = {
	{ SBX_SYSCALL_socket, false, { { "family", "AF_", UINT32_MAX, NULL }, { "type", "SOCK_", 0xf, "0xf" } } },
	{ SBX_SYSCALL_socketpair, false, { { "family", "AF_", UINT32_MAX, NULL }, NO_ARG } },
	{ SBX_SYSCALL_ioctl, false, { { "cmd", "T", UINT32_MAX, NULL }, NO_ARG } },
	{ SBX_SYSCALL_prctl, false, { { "option", NULL, UINT32_MAX, NULL }, NO_ARG } },
	{ SBX_SYSCALL_personality, false, { { "persona", NULL, UINT32_MAX, NULL }, NO_ARG } },
	{ SBX_SYSCALL_ptrace, false, { { "request", NULL, UINT64_MAX, NULL }, NO_ARG } },
	{ SBX_SYSCALL_unshare, true, { { "flags", "CLONE_", UINT64_MAX, NULL }, NO_ARG } },
	/* What is not a namespace differs from one C library to the next. */
	{ SBX_SYSCALL_clone, true, { { "flags", "CLONE_", NAMESPACES, NULL }, NO_ARG } },
	{ SBX_SYSCALL_mmap, false, { { "prot", NULL, 6, MASK_WX }, NO_ARG } },
	{ SBX_SYSCALL_mmap2, false, { { "prot", NULL, 6, MASK_WX }, NO_ARG } },
	{ SBX_SYSCALL_mprotect, false, { { "prot", NULL, 6, MASK_WX }, NO_ARG } },
	{ SBX_SYSCALL_pkey_mprotect, false, { { "prot", NULL, 6, MASK_WX }, NO_ARG } },
};

const struct sbx_learn_args *sbx_learn_args(int id)
{
	for (size_t i = 0; i < ARRAY_LEN(with_args); i++) {
		if (with_args[i].id == id)
			return &with_args[i];
	}
	return NULL;
}

void sbx_learn_values(const struct sbx_learn_args *l, enum sbx_abi abi, const uint64_t args[6], uint64_t ret[2])
{
	for (size_t i = 0; i < 2; i++) {
		int at = l->arg[i].name ? sbx_syscall_arg(l->id, abi, l->arg[i].name) : -1;

		ret[i] = at < 0 ? 0 : args[at] & l->arg[i].mask;
	}
}

static const char *value_text(struct sbx_arena *a, const char *prefix, enum sbx_abi abi, uint64_t value)
{
	/* Small numbers have many names that begin alike. */
	bool named = prefix && (!sbx_streq(prefix, "T") || value > 0x5400);
	const char *name = named ? sbx_const_name(prefix, abi, value) : NULL;

	if (!name && named && sbx_streq(prefix, "T"))
		name = sbx_const_name("FIO", abi, value);
	/* The other name of AF_UNIX, and the older one of many others. */
	if (name && sbx_streq(prefix, "AF_") && value == 1)
		name = "AF_UNIX";
	if (name)
		return name;
	return value < 10 ? sbx_strf(a, "%llu", (unsigned long long)value)
			  : sbx_strf(a, "0x%llx", (unsigned long long)value);
}

/* One comparison, or two with &&. */
static void add_pair(struct sbx_buf *out, const struct sbx_learn_args *l, enum sbx_abi abi, const uint64_t v[2])
{
	for (size_t i = 0; i < 2 && l->arg[i].name; i++) {
		if (i > 0)
			sbx_buf_adds(out, " && ");
		sbx_buf_adds(out, l->arg[i].name);
		if (l->arg[i].mask_text)
			sbx_buf_addf(out, " & %s", l->arg[i].mask_text);
		sbx_buf_addf(out, " == %s", value_text(out->arena, l->arg[i].prefix, abi, v[i]));
	}
}

static void add_bits(struct sbx_buf *out, const char *prefix, enum sbx_abi abi, uint64_t bits)
{
	const char *separator = "";

	for (uint64_t bit = 1; bit; bit <<= 1) {
		if (!(bits & bit))
			continue;
		sbx_buf_addf(out, "%s%s", separator, value_text(out->arena, prefix, abi, bit));
		separator = "|";
	}
	if (!bits)
		sbx_buf_addc(out, '0');
}

/* Of the flags that the mask has, none but what was seen. */
static void add_flags(struct sbx_buf *out, const struct sbx_learn_args *l, enum sbx_abi abi, uint64_t seen)
{
	uint64_t unseen = l->arg[0].mask & ~seen;

	if (!unseen)
		return;
	sbx_buf_addf(out, " if %s ", l->arg[0].name);
	if (l->arg[0].mask == UINT64_MAX) {
		sbx_buf_adds(out, "only ");
		add_bits(out, l->arg[0].prefix, abi, seen);
		return;
	}
	sbx_buf_adds(out, "& (");
	add_bits(out, l->arg[0].prefix, abi, unseen);
	sbx_buf_adds(out, ") == 0");
}

static int compare_values(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	for (size_t i = 0; i < 2; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

static void add_cond(struct sbx_buf *out, const struct sbx_learn_args *l, enum sbx_abi abi, uint64_t (*v)[2], size_t n)
{
	bool list = n > 1 && !l->arg[0].mask_text && !l->arg[1].name;
	uint64_t seen = 0;

	for (size_t i = 0; i < n; i++)
		seen |= v[i][0];
	if (l->bits) {
		add_flags(out, l, abi, seen);
		return;
	}
	qsort(v, n, sizeof *v, compare_values);
	sbx_buf_adds(out, " if ");
	if (list)
		sbx_buf_addf(out, "%s in { ", l->arg[0].name);
	for (size_t i = 0; i < n; i++) {
		if (list) {
			sbx_buf_addf(
			    out, "%s%s", i ? ", " : "", value_text(out->arena, l->arg[0].prefix, abi, v[i][0]));
			continue;
		}
		sbx_buf_adds(out, i ? " || " : "");
		sbx_buf_adds(out, n > 1 ? "(" : "");
		add_pair(out, l, abi, v[i]);
		sbx_buf_adds(out, n > 1 ? ")" : "");
	}
	sbx_buf_adds(out, list ? " }" : "");
}

/* Arguments that have the values, and are 0 otherwise. */
static void make_args(const struct sbx_learn_args *l, enum sbx_abi abi, const uint64_t v[2], uint64_t ret[6])
{
	memset(ret, 0, 6 * sizeof *ret);
	for (size_t i = 0; l && i < 2; i++) {
		int at = l->arg[i].name ? sbx_syscall_arg(l->id, abi, l->arg[i].name) : -1;

		if (at >= 0)
			ret[at] = v[i];
	}
}

/* Whether `old` says something about the call with these values: allows it, or has a line that forbids it. */
static bool is_decided(
    const struct sbx_policy *old, unsigned abis, enum sbx_abi abi, const struct sbx_learn_call *c, const uint64_t v[2])
{
	const struct sbx_learn_args *l = c->id < 0 ? NULL : sbx_learn_args(c->id);
	int64_t nr = c->id < 0 ? (int64_t)c->nr : sbx_syscall_nr(c->id, abi);
	struct sbx_verdict verdict;
	uint64_t args[6];

	if (!old)
		return false;
	make_args(l, abi, v, args);
	verdict = sbx_policy_eval(old, abis, sbx_abi_info(abi)->audit_arch, (uint32_t)nr, args);
	return verdict.by == SBX_BY_RULE || verdict.action.kind <= SBX_ACT_NOTIFY;
}

static void add_comment(struct sbx_buf *out, const struct sbx_learn_call *c)
{
	sbx_buf_addf(out, "  # seen %llu×", (unsigned long long)c->count);
	if (c->first)
		sbx_buf_addf(out, ", first: %s", c->first);
	sbx_buf_addc(out, '\n');
}

static bool add_allowed(
    struct sbx_buf *out, const struct sbx_policy *old, enum sbx_abi abi, unsigned abis, const struct sbx_learn_call *c)
{
	const struct sbx_learn_args *l = c->id < 0 ? NULL : sbx_learn_args(c->id);
	uint64_t none[2] = { 0 }, (*values)[2] = NULL;
	size_t n = 0;

	if (!l && is_decided(old, abis, abi, c, none))
		return false;
	for (size_t i = 0; l && i < c->n_values; i++) {
		if (!is_decided(old, abis, abi, c, c->values[i]))
			memcpy(SBX_APPEND(out->arena, values, n), c->values[i], sizeof *values);
	}
	if (l && n == 0)
		return false;
	if (c->id < 0)
		sbx_buf_addf(out, "allow nr:%u", c->nr & ~sbx_abi_info(abi)->nr_flag);
	else
		sbx_buf_addf(out, "allow %s", sbx_syscall_name(c->id));
	if (l && !c->any)
		add_cond(out, l, abi, values, n);
	add_comment(out, c);
	return true;
}

size_t sbx_learn_rules(struct sbx_buf *out, const struct sbx_policy *old, enum sbx_abi abi, unsigned abis,
    const struct sbx_learn_call *const *calls, size_t n)
{
	static const uint64_t none[2] = { 0 };
	size_t added = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sbx_learn_call *c = calls[i];

		if (c->allowed) {
			added += add_allowed(out, old, abi, abis, c);
		} else if (c->denied && c->denied != EPERM && c->id >= 0 && !sbx_learn_args(c->id) &&
			   !is_decided(old, abis, abi, c, none)) {
			/* Programs take another way at just this error. */
			sbx_buf_addf(out, "errno(%s) quiet %s", sbx_errno_name(c->denied), sbx_syscall_name(c->id));
			add_comment(out, c);
			added++;
		}
	}
	return added;
}
