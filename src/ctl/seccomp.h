/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* seccomp.h - what the verbs of `sbxctl seccomp` share. */
#ifndef SBX_CTL_SECCOMP_H
#define SBX_CTL_SECCOMP_H

#include "ctl/ctl.h"
#include "policy/policy.h"

struct sbx_ctl_seccomp {
	const struct sbx_host *host;
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	bool json, names, werror, all_archs, no_floor, report, raw;
	const char *policy; /* --policy */
	enum sbx_abi abi; /* --arch; that of this host */
	char **words;
	int n_words;
};

/* Each returns the exit status; diagnostics are printed by sbx_ctl_seccomp(). */
int sbx_ctl_seccomp_explain(struct sbx_ctl_seccomp *a);
int sbx_ctl_seccomp_diff(struct sbx_ctl_seccomp *a);
int sbx_ctl_seccomp_dump(struct sbx_ctl_seccomp *a);
int sbx_ctl_seccomp_import(struct sbx_ctl_seccomp *a);

/* A policy as it is loaded: with what a program can't mean refused. NULL after errors. */
const struct sbx_policy *sbx_ctl_policy(struct sbx_ctl_seccomp *a, const char *name, enum sbx_abi native);
/* `p` on the floor, or itself with --no-floor. */
const struct sbx_policy *sbx_ctl_on_floor(struct sbx_ctl_seccomp *a, const struct sbx_policy *p);
/* The kernel that runs programs of --arch: this host's if it does. */
enum sbx_abi sbx_ctl_kernel(const struct sbx_ctl_seccomp *a);
/* "FILE:LINE", escaped, or who else decided. */
const char *sbx_ctl_decider(struct sbx_arena *a, const struct sbx_verdict *v);

#endif
