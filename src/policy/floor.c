/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* floor.c - see floor.h. */
#include "policy/floor.h"

enum { TIOCSTI_NR = 0x5412, TIOCLINUX_NR = 0x541c }; /* the same on all ABIs of abi.h */
enum { NEW_LISTENER = 8 }; /* SECCOMP_FILTER_FLAG_NEW_LISTENER */

#define VALUE(v) { .of = { [0 ... SBX_N_ABIS - 1] = (v) } }

/* CVE-2017-5226, CVE-2023-28100, CVE-2023-1523: both put text into the terminal of the caller's shell. */
static const struct sbx_cond is_sti = {
	.kind = SBX_COND_EQ, .arg = 1, .mask = VALUE(UINT64_MAX), .value = VALUE(TIOCSTI_NR)
};
static const struct sbx_cond is_linux = {
	.kind = SBX_COND_EQ, .arg = 1, .mask = VALUE(UINT64_MAX), .value = VALUE(TIOCLINUX_NR)
};
static const struct sbx_cond types_for_the_user = { .kind = SBX_COND_OR, .a = &is_sti, .b = &is_linux };

static const struct sbx_cond wants_listener = {
	.kind = SBX_COND_EQ, .arg = 1, .mask = VALUE(NEW_LISTENER), .value = VALUE(NEW_LISTENER)
};

#define MAX_RULES 5
struct floor_rules {
	struct sbx_rule rules[MAX_RULES];
	size_t n;
};

static void add(struct floor_rules *f, struct sbx_action action, const struct sbx_cond *cond, const int *ids, size_t n)
{
	struct sbx_rule *r = &f->rules[f->n++];

	*r = (struct sbx_rule){ .action = action, .abis = (1U << SBX_N_ABIS) - 1, .cond = cond };
	for (size_t i = 0; i < n; i++)
		sbx_calls_add(&r->calls, ids[i]);
}

static struct floor_rules make_rules(struct sbx_floor open, bool io_uring)
{
	static const int ioctl_calls[] = { SBX_SYSCALL_ioctl };
	static const int keyring[] = { SBX_SYSCALL_add_key, SBX_SYSCALL_request_key, SBX_SYSCALL_keyctl };
	static const int uring[] = { SBX_SYSCALL_io_uring_setup, SBX_SYSCALL_io_uring_enter,
		SBX_SYSCALL_io_uring_register };
	static const int clone3[] = { SBX_SYSCALL_clone3 };
	static const int seccomp_calls[] = { SBX_SYSCALL_seccomp };
	struct sbx_action taken = { .kind = SBX_ACT_ERRNO, .err = EBUSY, .quiet = true };
	struct sbx_action denied = { .kind = SBX_ACT_ERRNO, .err = EPERM };
	struct sbx_action absent = { .kind = SBX_ACT_ERRNO, .err = ENOSYS, .quiet = true };
	struct floor_rules f = { .n = 0 };

	if (open.no_listener)
		add(&f, taken, &wants_listener, seccomp_calls, ARRAY_LEN(seccomp_calls));
	if (open.all)
		return f;
	add(&f, denied, &types_for_the_user, ioctl_calls, ARRAY_LEN(ioctl_calls));
	/* The kernel's keyrings are not in any namespace (CVE-2016-0728). */
	add(&f, denied, NULL, keyring, ARRAY_LEN(keyring));
	/* It opens, connects and sends without a filter being asked. */
	if (!io_uring)
		add(&f, absent, NULL, uring, ARRAY_LEN(uring));
	/* Its flags are in memory, where no filter sees them (CVE-2021-41133); glibc goes on with clone at ENOSYS only. */
	if (!open.clone3)
		add(&f, absent, NULL, clone3, ARRAY_LEN(clone3));
	return f;
}

static bool intersect(struct sbx_calls *ret, const struct sbx_calls *a, const struct sbx_calls *b)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(ret->bits); i++) {
		ret->bits[i] = a->bits[i] & b->bits[i];
		any = any || ret->bits[i];
	}
	return any;
}

static const struct sbx_cond *both(struct sbx_arena *a, const struct sbx_cond *x, const struct sbx_cond *y)
{
	struct sbx_cond *c;

	if (!x || !y)
		return x ? x : y;
	c = SBX_NEW(a, struct sbx_cond);
	*c = (struct sbx_cond){ .kind = SBX_COND_AND, .at = x->at, .a = x, .b = y };
	return c;
}

static void append(struct sbx_arena *a, struct sbx_policy *p, struct sbx_rule rule)
{
	SBX_APPEND(a, p->rules, p->n_rules) = rule;
}

/* nr:N is no way around: the floor's rule for the call that has this number. */
static void cover_numbers(struct sbx_arena *a, struct sbx_policy *p, const struct sbx_rule *r, const struct sbx_rule *f)
{
	for (size_t i = 0; i < r->n_numbers; i++) {
		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			int id = sbx_syscall_by_nr(abi, r->numbers[i] | sbx_abi_info(abi)->nr_flag);
			struct sbx_rule rule = { .action = f->action, .abis = r->abis & 1U << abi };

			if (!rule.abis || id < 0 || !sbx_calls_has(&f->calls, id))
				continue;
			sbx_calls_add(&rule.calls, id);
			rule.cond = both(a, r->cond, f->cond);
			append(a, p, rule);
		}
	}
}

/*
 * Before Linux 5.4 the numbers that x32 has for itself, 512 to 547, are its calls without its bit too: ioctl and ptrace
 * among them. On x86-64 nobody means them.
 */
enum { X32_FIRST = 512, X32_N = 36 };
static const struct sbx_action never = { .kind = SBX_ACT_ERRNO, .err = ENOSYS, .quiet = true };

static struct sbx_rule x32_rule(const uint32_t *numbers, size_t n, const struct sbx_cond *cond)
{
	return (struct sbx_rule){
		.action = never, .numbers = numbers, .n_numbers = n, .abis = 1U << SBX_ABI_X86_64, .cond = cond
	};
}

static void cover_x32(struct sbx_arena *a, struct sbx_policy *p, const struct sbx_rule *r)
{
	for (size_t i = 0; i < r->n_numbers && r->abis >> SBX_ABI_X86_64 & 1; i++) {
		if (r->numbers[i] >= X32_FIRST && r->numbers[i] < X32_FIRST + X32_N)
			append(a, p, x32_rule(&r->numbers[i], 1, r->cond));
	}
}

static void close_x32(struct sbx_arena *a, struct sbx_policy *p)
{
	uint32_t *numbers = sbx_alloc_array(a, X32_N, sizeof *numbers);

	for (uint32_t i = 0; i < X32_N; i++)
		numbers[i] = X32_FIRST + i;
	append(a, p, x32_rule(numbers, X32_N, NULL));
}

const struct sbx_policy *sbx_floor_policy(struct sbx_arena *a, struct sbx_floor open)
{
	struct floor_rules f = make_rules(open, false);
	struct sbx_policy *p = SBX_NEW(a, struct sbx_policy);

	*p = (struct sbx_policy){ .name = "floor",
		.unknown.action.kind = SBX_ACT_ALLOW,
		.badarch.action.kind = SBX_ACT_KILL };
	for (size_t i = 0; i < f.n; i++)
		append(a, p, f.rules[i]);
	if (!open.all)
		close_x32(a, p);
	return p;
}

const struct sbx_policy *sbx_floor_under(struct sbx_arena *a, const struct sbx_policy *p, struct sbx_floor open)
{
	struct sbx_policy *under = SBX_NEW(a, struct sbx_policy);
	struct floor_rules f;
	bool io_uring = false;

	for (size_t i = 0; i < p->n_rules; i++)
		io_uring = io_uring || (p->rules[i].names_io_uring && p->rules[i].action.kind < SBX_ACT_ERRNO);
	f = make_rules(open, io_uring);
	*under = *p;
	under->rules = NULL;
	under->n_rules = 0;
	if (!open.all && under->badarch.action.kind < SBX_ACT_ERRNO)
		under->badarch.action = (struct sbx_action){ .kind = SBX_ACT_KILL };
	/* Where a rule would give what the floor does not, the floor's comes before it. */
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct sbx_rule *r = &p->rules[i];

		for (size_t k = 0; k < f.n && r->action.kind < SBX_ACT_ERRNO; k++) {
			struct sbx_rule rule = { .action = f.rules[k].action, .abis = r->abis };

			if (intersect(&rule.calls, &r->calls, &f.rules[k].calls)) {
				rule.cond = both(a, r->cond, f.rules[k].cond);
				append(a, under, rule);
			}
			cover_numbers(a, under, r, &f.rules[k]);
		}
		if (!open.all && r->action.kind < SBX_ACT_ERRNO)
			cover_x32(a, under, r);
		append(a, under, *r);
	}
	for (size_t k = 0; k < f.n && p->otherwise.action.kind < SBX_ACT_ERRNO; k++)
		append(a, under, f.rules[k]);
	if (!open.all && p->unknown.action.kind < SBX_ACT_ERRNO)
		close_x32(a, under);
	return under;
}
