/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ctl_seccomp_dump.c - sbxctl seccomp dump: the program of a policy, to read or to load with another tool. */
#include "base/log.h"
#include "ctl/seccomp.h"
#include "policy/show.h"

int sbx_ctl_seccomp_dump(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	enum sbx_abi kernel = sbx_ctl_kernel(a);
	const struct sbx_policy *p = sbx_ctl_policy(a, a->words[0], kernel);
	struct sbx_bpf bpf;

	if (!p || sbx_bpf_compile(a->arena, a->diags, sbx_ctl_on_floor(a, p), sbx_policy_abis(p, kernel),
		      a->report ? SBX_BPF_REPORT : SBX_BPF_PLAIN, &bpf) < 0)
		return SBX_EXIT_FAILURE;
	if (a->raw && isatty(STDOUT_FILENO)) {
		sbx_log(SBX_LOG_ERROR, "a program is no text: redirect it to a file");
		return SBX_EXIT_FAILURE;
	}
	if (a->raw)
		sbx_bpf_bytes(&out, &bpf, kernel);
	else
		sbx_bpf_text(&out, &bpf);
	return sbx_ctl_print(&out);
}
