/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: a policy's text through reader, check, lint, floor and compiler. The first byte chooses the kernel, the
 * mode and the floor. What is compiled must be what the kernel takes, and say what policy_eval says; what is shown
 * must be the same policy again.
 */
#include "fuzz/fuzz.h"
#include "policy/bpf.h"
#include "policy/floor.h"
#include "policy/load.h"
#include "policy/show.h"
#include "policy/text.h"
#include "unit/bpf_sim.h"

enum { MAX_CALLS = 32 };

/* Values around those that a condition compares with. */
struct values {
	uint64_t v[60];
	size_t n;
};

static void collect(struct values *v, const struct sbx_cond *c, enum sbx_abi abi)
{
	if (!c)
		return;
	collect(v, c->a, abi);
	collect(v, c->b, abi);
	if (c->kind < SBX_COND_EQ || v->n + 6 > ARRAY_LEN(v->v))
		return;
	v->v[v->n++] = c->value.of[abi];
	v->v[v->n++] = c->value.of[abi] + 1;
	v->v[v->n++] = c->value.of[abi] - 1;
	v->v[v->n++] = c->value.of[abi] ^ UINT64_C(1) << 32;
	v->v[v->n++] = c->value.of[abi] | ~c->mask.of[abi];
	v->v[v->n++] = c->mask.of[abi];
}

struct subject {
	const struct sbx_policy *policy;
	unsigned abis;
	enum sbx_bpf_mode mode;
	struct sbx_bpf bpf;
};

static void hold(const struct subject *s, const struct bpf_call *c)
{
	struct sbx_verdict v = sbx_policy_eval(s->policy, s->abis, c->arch, c->nr, c->args);
	bool looked;

	assert(bpf_run(s->bpf.insns, c, &looked) == bpf_wanted(&v, s->mode));
}

static void hold_call(const struct subject *s, enum sbx_abi abi, uint32_t nr, const struct values *values)
{
	struct bpf_call c = {
		.nr = nr, .arch = sbx_abi_info(abi)->audit_arch, .big_endian = sbx_abi_info(abi)->big_endian
	};

	hold(s, &c);
	for (size_t i = 0; i < values->n; i++) {
		for (unsigned k = 0; k < 6; k++)
			c.args[k] = values->v[(i + k * 7) % values->n];
		hold(s, &c);
		for (unsigned k = 0; k < 6; k++)
			c.args[k] = values->v[i];
		hold(s, &c);
	}
}

/* Calls that rules name, their neighbours, and numbers at the edges, on every ABI. */
static void hold_all(const struct subject *s)
{
	static const uint32_t edges[] = { 0, 1, 599, 1023, 0xf0001, 0x40000000, UINT32_MAX };

	for (enum sbx_abi abi = 0; abi < SBX_N_ABIS; abi++) {
		for (size_t i = 0; i < ARRAY_LEN(edges); i++)
			hold_call(s, abi, edges[i], &(struct values){ .n = 0 });
	}
	for (size_t i = 0, calls = 0; i < s->policy->n_rules && calls < MAX_CALLS; i++) {
		const struct sbx_rule *r = &s->policy->rules[i];

		for (enum sbx_abi abi = 0; abi < SBX_N_ABIS; abi++) {
			struct values values = { .n = 0 };

			collect(&values, r->cond, abi);
			for (size_t k = 0; k < r->n_numbers && k < 4; k++, calls++)
				hold_call(s, abi, r->numbers[k] | sbx_abi_info(abi)->nr_flag, &values);
			for (int id = 0, n = 0; id < SBX_N_SYSCALLS && n < 4; id++) {
				int64_t nr = sbx_calls_has(&r->calls, id) ? sbx_syscall_nr(id, abi) : -1;

				if (nr < 0)
					continue;
				hold_call(s, abi, (uint32_t)nr, &values);
				hold_call(s, abi, (uint32_t)nr + 1, &values);
				n++;
				calls++;
			}
		}
	}
}

static const struct sbx_policy *read_policy(struct sbx_arena *a, const char *text, size_t len)
{
	struct sbx_diags d = { .arena = a };
	const struct sbx_policy *p = NULL;
	int r = sbx_policy_parse_shown(a, &d, "/fuzz.policy", text, len, &p);

	fuzz_check_diags(&d, r < 0);
	assert((r < 0) == (d.n_errors > 0) && (r < 0) == !p);
	for (size_t i = 0; i < d.n; i++)
		assert(d.items[i].at && d.items[i].at->line > 0 && d.items[i].at->column > 0);
	return p;
}

/* What is shown is a policy that says the same of every call without arguments and has the same rules. */
static void check_shown(struct sbx_arena *a, const struct sbx_policy *p)
{
	struct sbx_buf text = { .arena = a };
	const struct sbx_policy *again;
	struct sbx_shown *all;
	size_t n;

	all = sbx_policy_show(a, p, &n);
	sbx_buf_adds(&text, "sbx-policy 1\n");
	for (size_t i = 0; i < n; i++)
		sbx_buf_addf(&text, "%s\n", all[i].text);
	/* Words and signs of the language, whatever was in the file */
	for (const char *c = sbx_buf_str(&text); *c; c++)
		assert((*c >= ' ' && *c < 0x7f) || *c == '\n' || *c == '\t');
	/* A blank more between two words can make a line or a file too long. */
	if (text.len > SBX_LEX_MAX_LINE)
		return;
	again = read_policy(a, sbx_buf_str(&text), text.len);
	assert(again && again->n_rules == p->n_rules && again->n_sets == p->n_sets && again->abis == p->abis);
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct sbx_rule *x = &p->rules[i], *y = &again->rules[i];

		assert(memcmp(&x->calls, &y->calls, sizeof x->calls) == 0 && x->n_numbers == y->n_numbers);
		assert(x->abis == y->abis && !x->cond == !y->cond && x->names_io_uring == y->names_io_uring);
		assert(x->action.kind == y->action.kind && x->action.err == y->action.err);
		(void)sbx_rule_text(a, x, SBX_ABI_X86_64);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	uint8_t how = size ? data[0] : 0;
	enum sbx_abi native = how % SBX_N_ABIS;
	struct subject s = { .mode = how / SBX_N_ABIS % 3 };
	const struct sbx_policy *p = size ? read_policy(&a, (const char *)data + 1, size - 1) : NULL;
	int r;

	if (p) {
		check_shown(&a, p);
		r = sbx_policy_check(p, &a, &d, native);
		fuzz_check_diags(&d, r < 0);
		assert((r < 0) == (d.n_errors > 0));
	}
	if (p && r == 0) {
		sbx_policy_lint(p, &a, &d, native);
		assert(d.n_errors == 0);
		s.policy = how & 0x80 ? sbx_floor_under(&a, p, (struct sbx_floor){ .clone3 = how & 0x40 }) : p;
		s.abis = sbx_policy_abis(p, native);
		if (sbx_bpf_compile(&a, &d, s.policy, s.abis, s.mode, &s.bpf) == 0) {
			struct sbx_buf text = { .arena = &a };

			assert(!bpf_invalid(s.bpf.insns, s.bpf.n));
			hold_all(&s);
			sbx_bpf_text(&text, &s.bpf);
			fuzz_check_shown(sbx_buf_str(&text));
		}
	}
	sbx_arena_free(&a);
	return 0;
}
