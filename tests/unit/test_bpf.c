/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compiled program does what policy_eval says: random policies × every ABI × numbers around those that are named ×
 * arguments around those that are compared with. SBX_SEED=N gives another run, SBX_POLICIES=N another length.
 */
#include "unit/support.h"

#include <stdio.h>

#include "policy/consts.h"
#include "policy/floor.h"
#include "policy/load.h"
#include "policy/text.h"
#include "unit/bpf_sim.h"

static uint64_t state;
static uint64_t rnd(uint64_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % n;
}

static const struct sbx_policy *parse(const char *text)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;

	if (sbx_policy_parse(&t_arena, &d, "t.policy", text, strlen(text), &p) < 0)
		fail_msg("%s\n%s", text, t_said(&d));
	return p;
}

/* One call both ways. */
static void hold(const struct sbx_policy *p, unsigned abis, const struct sbx_bpf *bpf, enum sbx_bpf_mode mode,
    const struct bpf_call *c, const char *text)
{
	struct sbx_verdict v = sbx_policy_eval(p, abis, c->arch, c->nr, c->args);
	bool looked;
	uint32_t got = bpf_run(bpf->insns, c, &looked);

	if (got == bpf_wanted(&v, mode) && !(looked && v.by == SBX_BY_RULE && !p->rules[v.rule].cond && v.rule == 0))
		return;
	fail_msg("arch %x nr %u args %lx %lx %lx %lx %lx %lx: program says %x, policy %x (%s)\n%s", c->arch, c->nr,
	    (long)c->args[0], (long)c->args[1], (long)c->args[2], (long)c->args[3], (long)c->args[4], (long)c->args[5], got,
	    bpf_wanted(&v, mode), looked ? "arguments were read" : "no argument was read", text);
}

/* Every value that a condition names, for the arguments that are tried. */
struct values {
	uint64_t v[512];
	size_t n;
};
static void collect(const struct sbx_cond *c, enum sbx_abi abi, struct values *v)
{
	if (!c)
		return;
	collect(c->a, abi, v);
	collect(c->b, abi, v);
	if (c->kind >= SBX_COND_EQ && v->n + 2 < ARRAY_LEN(v->v)) {
		v->v[v->n++] = c->value.of[abi];
		v->v[v->n++] = c->mask.of[abi];
	}
}

static uint64_t boundary(const struct values *v)
{
	static const uint64_t fixed[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, UINT64_MAX,
		0xffffff9c, 0xffffffffffffff9c, 0x8000000000000000 };
	uint64_t x = v->n && rnd(4) ? v->v[rnd(v->n)] : fixed[rnd(ARRAY_LEN(fixed))];

	switch (rnd(10)) {
	case 0:
		return x + 1;
	case 1:
		return x - 1;
	case 2:
		return x ^ UINT64_C(1) << 32;
	case 3:
		return x ^ 0x80000000;
	case 4:
		return (uint64_t)(int64_t)(int32_t)x;
	case 5:
		return x | UINT64_C(0xdead) << 32;
	case 6:
		return x ^ UINT64_C(1) << rnd(64);
	default:
		return x;
	}
}

static void hold_calls(const struct sbx_policy *p, enum sbx_abi native, const char *text, size_t tries, bool all_numbers)
{
	unsigned abis = sbx_policy_abis(p, native);
	enum sbx_bpf_mode mode = (enum sbx_bpf_mode)rnd(3);
	struct sbx_diags d = t_diags();
	struct values values = { .n = 0 };
	struct sbx_bpf bpf;

	if (sbx_bpf_compile(&t_arena, &d, p, abis, mode, &bpf) < 0)
		fail_msg("%s\n%s", text, t_said(&d));
	if (bpf_invalid(bpf.insns, bpf.n))
		fail_msg("%s\nthe kernel refuses it: %s", text, bpf_invalid(bpf.insns, bpf.n));
	for (size_t i = 0; i < p->n_rules; i++)
		collect(p->rules[i].cond, native, &values);
	for (int abi = 0; abi < SBX_N_ABIS; abi++) {
		const struct sbx_abi_info *info = sbx_abi_info(abi);
		size_t n = all_numbers ? 1000 : tries;

		for (size_t i = 0; i < n; i++) {
			struct bpf_call c = { .arch = info->audit_arch, .big_endian = info->big_endian };
			const struct sbx_rule *r = p->n_rules ? &p->rules[rnd(p->n_rules)] : NULL;
			int64_t nr = -1;

			/* Mostly what a rule names, or its neighbour. */
			for (int k = 0; r && k < 20 && nr < 0; k++) {
				int id = (int)rnd(SBX_N_SYSCALLS);

				if (sbx_calls_has(&r->calls, id))
					nr = sbx_syscall_nr(id, abi);
			}
			if (nr < 0)
				nr = rnd(8) ? (int64_t)rnd(600) : (int64_t)(rnd(2) ? 0xf0000 + rnd(8) : rnd(UINT32_MAX));
			c.nr = all_numbers ? (uint32_t)i | info->nr_flag : (uint32_t)nr + (rnd(6) ? 0 : (rnd(2) ? 1 : -1U));
			if (rnd(100) == 0)
				c.nr = UINT32_MAX - (uint32_t)rnd(2);
			if (rnd(20) == 0)
				c.nr ^= 0x40000000;
			for (int k = 0; k < 6; k++)
				c.args[k] = boundary(&values);
			hold(p, abis, &bpf, mode, &c, text);
		}
	}
}

static const char *const pool[] = { "read", "write", "openat", "ioctl", "socket", "clone", "prctl", "mmap", "mprotect",
	"personality", "kill", "lseek", "fcntl", "dup3", "unshare", "io_uring_setup", "clone3", "keyctl", "add_key", "set_tls",
	"socketcall", "futex", "futex_time64", "mseal", "getpid", "exit_group" };
static const char *const actions[] = { "allow", "log", "notify", "deny", "deny quiet", "errno(ENOSYS)", "errno(77)", "trap",
	"kill-thread", "kill" };

/* An argument of the call that can be compared on all ABIs of the family; -1 if it has none. */
static int comparable(int id, enum sbx_abi native)
{
	int start = (int)rnd(6);

	for (int i = 0; i < 6; i++) {
		unsigned arg = (unsigned)(start + i) % 6;
		bool ok = true;

		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			enum sbx_sysarg_kind kind = sbx_syscall_arg_kind(id, abi, arg);

			if (sbx_abi_family(native) >> abi & 1)
				ok = ok && (kind == SBX_ARG_INT || kind == SBX_ARG_LONG);
		}
		if (ok)
			return (int)arg;
	}
	return -1;
}

static void add_value(struct sbx_buf *b, bool narrow)
{
	static const uint64_t interesting[] = { 0, 1, 2, 0x5412, 0x7fffffff, 0x80000000, 0xffffffff, 0x7e020000, 16 };
	uint64_t v = rnd(3) ? interesting[rnd(ARRAY_LEN(interesting))] : rnd(1 << 20);

	if (!narrow && rnd(2))
		v |= rnd(16) << 32;
	sbx_buf_addf(b, "%#lx", (unsigned long)v);
}

static void add_atom(struct sbx_buf *b, unsigned arg, bool narrow)
{
	static const char *const order[] = { "==", "!=", "<", "<=", ">", ">=" };

	sbx_buf_addf(b, "%sarg%u ", rnd(6) ? "" : "!", arg);
	switch (rnd(6)) {
	case 0:
		sbx_buf_adds(b, rnd(2) ? "has " : "only ");
		break;
	case 1:
		sbx_buf_adds(b, "& ");
		add_value(b, narrow);
		sbx_buf_adds(b, rnd(2) ? " == " : " != ");
		break;
	case 2:
		sbx_buf_adds(b, "in { ");
		for (size_t i = rnd(4); i > 0; i--) {
			add_value(b, narrow);
			sbx_buf_adds(b, ", ");
		}
		add_value(b, narrow);
		sbx_buf_adds(b, " }");
		return;
	default:
		sbx_buf_addf(b, "%s ", order[rnd(ARRAY_LEN(order))]);
	}
	add_value(b, narrow);
}

static void add_condition(struct sbx_buf *b, int id, enum sbx_abi native, int depth)
{
	for (size_t i = 0, n = 1 + rnd(3); i < n; i++) {
		int arg = comparable(id, native);
		bool narrow = false;

		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			if (sbx_abi_family(native) >> abi & 1)
				narrow = narrow || sbx_abi_info(abi)->word == 4 ||
					 sbx_syscall_arg_kind(id, abi, (unsigned)arg) == SBX_ARG_INT;
		}
		if (i > 0)
			sbx_buf_adds(b, rnd(2) ? " && " : " || ");
		if (depth < 2 && rnd(4) == 0) {
			sbx_buf_adds(b, rnd(2) ? "( " : "!( ");
			add_condition(b, id, native, depth + 1);
			sbx_buf_adds(b, " )");
		} else {
			add_atom(b, (unsigned)arg, narrow);
		}
	}
}

static const char *random_policy(enum sbx_abi native)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_buf_adds(&b, "sbx-policy 1\n");
	if (rnd(2))
		sbx_buf_addf(&b, "default %s\n", actions[rnd(ARRAY_LEN(actions))]);
	if (rnd(2))
		sbx_buf_addf(&b, "unknown %s\n", actions[rnd(ARRAY_LEN(actions))]);
	if (rnd(2))
		sbx_buf_addf(&b, "badarch %s\n", actions[rnd(ARRAY_LEN(actions))]);
	if (rnd(2))
		sbx_buf_addf(&b, "arch %s, %s\n", sbx_abi_names()[rnd(SBX_N_ABIS)], sbx_abi_names()[rnd(SBX_N_ABIS)]);
	for (size_t i = 0, n = rnd(9); i < n; i++) {
		const char *call = rnd(4) ? pool[rnd(ARRAY_LEN(pool))] : sbx_syscall_name((int)rnd(SBX_N_SYSCALLS));
		int id = sbx_syscall_find(call);

		sbx_buf_addf(&b, "%s %s", actions[rnd(ARRAY_LEN(actions))], call);
		if (rnd(3) && comparable(id, native) >= 0) {
			if (rnd(4) == 0)
				sbx_buf_addf(&b, " on %s", sbx_abi_names()[rnd(SBX_N_ABIS)]);
			sbx_buf_adds(&b, " if ");
			add_condition(&b, id, native, 0);
		} else {
			for (size_t k = rnd(12); k > 0; k--)
				sbx_buf_addf(&b, " %s", sbx_syscall_name((int)rnd(SBX_N_SYSCALLS)));
			if (rnd(8) == 0)
				sbx_buf_addf(&b, " nr:%u", (unsigned)(rnd(2) ? rnd(600) : 0xf0000 + rnd(9)));
		}
		sbx_buf_addc(&b, '\n');
	}
	return sbx_buf_str(&b);
}

static void random_policies(void **unused)
{
	const char *seed = getenv("SBX_SEED"), *count = getenv("SBX_POLICIES");
	long n = count ? atol(count) : 10000;

	(void)unused;
	state = seed ? strtoull(seed, NULL, 0) : 1;
	for (long i = 0; i < n; i++) {
		enum sbx_abi native = (enum sbx_abi)rnd(SBX_N_ABIS);
		const char *text = random_policy(native);
		const struct sbx_policy *p = parse(text);

		if (rnd(3) == 0)
			p = sbx_floor_under(&t_arena, p, (struct sbx_floor){ .clone3 = rnd(2) });
		hold_calls(p, native, text, 40, false);
		(void)t_forget(NULL);
	}
}

/* The text of a policy reads as the same policy. */
static void as_text(void **unused)
{
	(void)unused;
	state = 4;
	for (int i = 0; i < 1000; i++) {
		enum sbx_abi native = (enum sbx_abi)rnd(SBX_N_ABIS);
		const char *text = random_policy(native), *again;
		const struct sbx_policy *p = parse(text), *q;
		struct values values = { .n = 0 };

		again = sbx_policy_text(&t_arena, p, native, rnd(2));
		q = parse(again);
		for (size_t k = 0; k < p->n_rules; k++)
			collect(p->rules[k].cond, native, &values);
		for (int k = 0; k < 300; k++) {
			enum sbx_abi abi = (enum sbx_abi)rnd(SBX_N_ABIS);
			uint32_t arch = sbx_abi_info(abi)->audit_arch;
			int64_t nr = sbx_syscall_nr(sbx_syscall_find(pool[rnd(ARRAY_LEN(pool))]), abi);
			struct sbx_verdict v, u;
			uint64_t args[6];

			for (int j = 0; j < 6; j++)
				args[j] = boundary(&values);
			if (nr < 0)
				nr = (int64_t)rnd(600);
			v = sbx_policy_eval(p, sbx_policy_abis(p, native), arch, (uint32_t)nr, args);
			u = sbx_policy_eval(q, sbx_policy_abis(q, native), arch, (uint32_t)nr, args);
			if (bpf_wanted(&v, 0) != bpf_wanted(&u, 0) || v.action.quiet != u.action.quiet)
				fail_msg("nr %ld: %x is %x in\n%s\nof\n%s", (long)nr, bpf_wanted(&v, 0), bpf_wanted(&u, 0), again, text);
		}
		(void)t_forget(NULL);
	}
}

/* Both filters of the kernel, and the stricter of their answers, against the one that is made of both. */
static uint32_t stricter(uint32_t a, uint32_t b)
{
	return (int32_t)(a & SECCOMP_RET_ACTION_FULL) <= (int32_t)(b & SECCOMP_RET_ACTION_FULL) ? a : b;
}

static void on_the_floor(void **unused)
{
	(void)unused;
	state = 2;
	for (int i = 0; i < 2000; i++) {
		enum sbx_abi native = (enum sbx_abi)rnd(SBX_N_ABIS);
		const char *text = random_policy(native);
		struct sbx_floor open = { .clone3 = rnd(2) };
		const struct sbx_policy *p = parse(text), *floor = sbx_floor_policy(&t_arena, open),
					*both = sbx_floor_under(&t_arena, p, open);
		unsigned abis = sbx_policy_abis(p, native);

		if (p->badarch.action.kind < SBX_ACT_ERRNO || strstr(text, "io_uring_setup"))
			continue;
		for (int k = 0; k < 200; k++) {
			enum sbx_abi abi = (enum sbx_abi)rnd(SBX_N_ABIS);
			int64_t nr = sbx_syscall_nr(sbx_syscall_find(pool[rnd(ARRAY_LEN(pool))]), abi);
			struct values none = { .n = 1, .v = { rnd(2) ? 0x5412 : 0x541c } };
			uint64_t args[6];
			struct sbx_verdict v[3];

			for (int j = 0; j < 6; j++)
				args[j] = boundary(&none);
			if (nr < 0)
				nr = (int64_t)rnd(600);
			v[0] = sbx_policy_eval(p, abis, sbx_abi_info(abi)->audit_arch, (uint32_t)nr, args);
			v[1] = sbx_policy_eval(floor, abis, sbx_abi_info(abi)->audit_arch, (uint32_t)nr, args);
			v[2] = sbx_policy_eval(both, abis, sbx_abi_info(abi)->audit_arch, (uint32_t)nr, args);
			/* A policy may close what the floor closes in its own way. */
			if (v[1].by == SBX_BY_BADARCH)
				continue;
			if (bpf_wanted(&v[2], 0) != stricter(bpf_wanted(&v[0], 0), bpf_wanted(&v[1], 0)))
				fail_msg("%s nr %ld arg1 %lx: %x and floor %x make %x\n%s", sbx_abi_info(abi)->name, (long)nr,
				    (long)args[1], bpf_wanted(&v[0], 0), bpf_wanted(&v[1], 0), bpf_wanted(&v[2], 0), text);
		}
		(void)t_forget(NULL);
	}
}

/* Without arguments being read: the kernel's bitmap. */
static void constant_calls_stay_constant(void **unused)
{
	const struct sbx_policy *p = parse("sbx-policy 1\ndefault deny\narch i386\n"
					   "allow read write openat futex\nallow ioctl if cmd != TIOCSTI\n"
					   "allow clone if flags & 0x7e020000 == 0\nallow socket if family in { AF_UNIX, AF_INET }\n");
	struct sbx_diags d = t_diags();
	struct sbx_bpf bpf;

	(void)unused;
	assert_int_equal(sbx_bpf_compile(&t_arena, &d, p, sbx_policy_abis(p, SBX_ABI_X86_64), SBX_BPF_PLAIN, &bpf), 0);
	for (uint32_t nr = 0; nr < 1000; nr++) {
		struct bpf_call c = { .nr = nr, .arch = sbx_abi_info(SBX_ABI_X86_64)->audit_arch };
		int id = sbx_syscall_by_nr(SBX_ABI_X86_64, nr);
		bool looked, conditional = id == SBX_SYSCALL_ioctl || id == SBX_SYSCALL_clone || id == SBX_SYSCALL_socket;

		(void)bpf_run(bpf.insns, &c, &looked);
		assert_int_equal(looked, conditional);
	}
}

/* Modes, and the ids of the old calls of i386 and arm */
static void two_bytes(void **unused)
{
	static const char *const texts[] = { "deny chmod if mode == 04755", "deny chmod fchmod if mode & 07000 != 0",
		"deny openat if mode > 0x1ff || flags == 2", "deny mkdir if mode <= 0700 && !(mode has 0700)",
		"deny fchmodat mknodat if mode only 0777", "deny setuid setgid if arg0 == 0", "deny chown if user == 0xffffffff",
		"deny chown if group == -1 || user >= 1000", "deny fchmodat if mode & ~0777 != 0" };

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text = sbx_strf(&t_arena, "sbx-policy 1\narch i386, x32, arm\n%s\nallow read\n", texts[i]);
		const struct sbx_policy *p = parse(text);

		hold_calls(p, SBX_ABI_X86_64, text, 3000, false);
		hold_calls(p, SBX_ABI_ARM, text, 3000, false);
	}
}

static void too_long(void **unused)
{
	struct sbx_buf b = { .arena = &t_arena };
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;
	struct sbx_bpf bpf;

	(void)unused;
	sbx_buf_adds(&b, "sbx-policy 1\ndefault deny\n");
	for (int i = 0; i < 1500; i++)
		sbx_buf_addf(&b, "%s ioctl if cmd == %d && fd > %d\n", i % 2 ? "allow" : "kill", i * 3, i);
	p = parse(sbx_buf_str(&b));
	assert_int_equal(sbx_bpf_compile(&t_arena, &d, p, 1 << SBX_ABI_X86_64, SBX_BPF_PLAIN, &bpf), -E2BIG);
	assert_non_null(strstr(t_said(&d), "the kernel takes 4096"));
	assert_null(strstr(t_said(&d), "4096 instructions"));
}

/* Long chains need long jumps. */
static void long_jumps(void **unused)
{
	struct sbx_buf b = { .arena = &t_arena };
	const char *text;

	(void)unused;
	state = 3;
	sbx_buf_adds(&b, "sbx-policy 1\narch i386, x32\ndefault deny\n");
	for (int i = 0; i < 300; i++)
		sbx_buf_addf(&b, "errno(%d) ioctl if cmd == %d || cmd & 0x%x == 5\n", i % 200 + 1, i * 3, (unsigned)i);
	sbx_buf_adds(&b, "allow ioctl read\nkill write\n");
	text = sbx_buf_str(&b);
	for (int abi = 0; abi < SBX_N_ABIS; abi++)
		hold_calls(parse(text), abi, text, 3000, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(constant_calls_stay_constant), T(two_bytes), T(too_long), T(long_jumps), T(as_text), T(on_the_floor),
		T(random_policies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
