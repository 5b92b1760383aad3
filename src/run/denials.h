/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* denials.h - what a policy denied in one sandbox, counted; each is told of once. Pure. */
#ifndef SBX_RUN_DENIALS_H
#define SBX_RUN_DENIALS_H

#include <sys/types.h>

#include "policy/policy.h"

enum {
	SBX_DENIALS_MAX = 1000, /* kinds that are counted one by one */
	SBX_DENIALS_MAX_PROGRAMS = 1000, /* names that are kept in all; a program can take on any */
	SBX_DENIALS_MAX_LINES = 100, /* that are printed */
};

/* A call that one line of the policy decides. */
struct sbx_denial {
	const char *call; /* "ptrace", "call 999"; with " (i386)" behind it if the ABI is a foreign one */
	struct sbx_action action;
	enum sbx_decider by;
	const struct sbx_origin *at; /* NULL: of no line */
	uint64_t count;
	const char **programs;
	size_t n_programs;
};

struct sbx_denials {
	struct sbx_arena *arena;
	const struct sbx_policy *policy;
	struct sbx_denial *items;
	size_t n, n_programs, n_lines;
	uint64_t others; /* beyond SBX_DENIALS_MAX kinds */
};

/*
 * Counts one. Returns the sentence to print, or NULL if this line, call and program were told of before. `program` is
 * NULL if nobody knows its name.
 */
const char *sbx_denials_add(struct sbx_denials *d, uint32_t audit_arch, uint32_t nr, struct sbx_verdict verdict,
    const char *program, pid_t pid);

/* "browser.policy:41", "sbx's floor" … */
const char *sbx_denial_where(struct sbx_arena *a, const struct sbx_policy *p, const struct sbx_denial *denial);

/* "ptrace denied by browser.policy:41, 12 times" */
const char *sbx_denial_summary(struct sbx_arena *a, const struct sbx_policy *p, const struct sbx_denial *denial);

#endif
