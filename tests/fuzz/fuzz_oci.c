/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: a seccomp profile of Docker. The first byte chooses the machine it is for. What it comes to must be a policy
 * whose program the kernel takes and that says what policy_eval says.
 */
#include "fuzz/fuzz.h"
#include "policy/bpf.h"
#include "policy/load.h"
#include "policy/oci.h"
#include "policy/text.h"
#include "unit/bpf_sim.h"

static void hold(const struct sbx_policy *p, unsigned abis, const struct sbx_bpf *bpf, enum sbx_abi abi)
{
	for (uint32_t nr = 0; nr < 480; nr += 7) {
		for (uint64_t v = 0; v < 3; v++) {
			struct bpf_call c = { .nr = nr | sbx_abi_info(abi)->nr_flag,
				.arch = sbx_abi_info(abi)->audit_arch,
				.big_endian = sbx_abi_info(abi)->big_endian,
				.args = { v, v << 32, ~v, v, v, v } };
			struct sbx_verdict verdict = sbx_policy_eval(p, abis, c.arch, c.nr, c.args);
			bool looked;
			uint32_t ret = bpf_run(bpf->insns, &c, &looked);

			assert((ret == SECCOMP_RET_ALLOW) == (verdict.action.kind == SBX_ACT_ALLOW));
			assert((ret == SECCOMP_RET_KILL_PROCESS) == (verdict.action.kind == SBX_ACT_KILL));
			if (verdict.action.kind == SBX_ACT_ERRNO)
				assert(ret == (SECCOMP_RET_ERRNO | verdict.action.err));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	uint8_t how = size ? data[0] : 0;
	struct sbx_oci_for target = { .native = how % SBX_N_ABIS,
		.caps = how & 0x80 ? UINT64_MAX : 0,
		.kernel_major = how & 0x40 ? 4 : 6,
		.kernel_minor = 1 };
	const struct sbx_policy *p = NULL;
	int r = size ? sbx_policy_parse_oci(&a, &d, "/fuzz.json", NULL, (const char *)data + 1, size - 1, &target, &p)
		     : -EINVAL;

	if (size)
		fuzz_check_diags(&d, r < 0);
	assert((r < 0) == !p);
	if (p && sbx_policy_check(p, &a, &d, target.native) == 0) {
		unsigned abis = sbx_policy_abis(p, target.native);
		const struct sbx_policy *again;
		const char *text;
		struct sbx_bpf bpf;

		sbx_policy_lint(p, &a, &d, target.native);
		if (sbx_bpf_compile(&a, &d, p, abis, SBX_BPF_PLAIN, &bpf) == 0) {
			assert(!bpf_invalid(bpf.insns, bpf.n));
			for (enum sbx_abi abi = 0; abi < SBX_N_ABIS; abi++)
				hold(p, abis, &bpf, abi);
		}
		/* What is imported reads again, unless it is too much for a policy. */
		text = sbx_policy_text(&a, p, target.native, false);
		if (p->n_rules < 100)
			assert(sbx_policy_parse(&a, &(struct sbx_diags){ .arena = &a }, "/again", text, strlen(text), &again) == 0);
	}
	sbx_arena_free(&a);
	return 0;
}
