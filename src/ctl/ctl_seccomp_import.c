/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ctl_seccomp_import.c - sbxctl seccomp import: a seccomp profile of Docker or OCI as a policy to go on with by hand. */
#include "base/log.h"
#include "ctl/seccomp.h"
#include "policy/text.h"

int sbx_ctl_seccomp_import(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	const char *name = a->words[0];
	size_t n = strlen(name);
	enum sbx_abi kernel = sbx_ctl_kernel(a);
	const struct sbx_policy *p;

	if (n < strlen(".json") || !sbx_streq(name + n - strlen(".json"), ".json")) {
		sbx_log(SBX_LOG_ERROR, "'%s' is not named .json; other policies are shown by `sbxctl seccomp show`", name);
		return SBX_EXIT_FAILURE;
	}
	/* What is imported is a file, never a name of the search path. */
	if (!strchr(name, '/'))
		name = sbx_strf(a->arena, "./%s", name);
	p = sbx_ctl_policy(a, name, kernel);
	if (!p)
		return SBX_EXIT_FAILURE;
	sbx_buf_addf(&out, "# From %s, for a command without capabilities, on %s\n", sbx_escape(a->arena, a->words[0]),
	    sbx_abi_info(kernel)->name);
	sbx_buf_adds(&out, sbx_policy_text(a->arena, p, kernel, false));
	return sbx_ctl_print(&out);
}
