/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filters: what filters of system calls cost, for bench/run.
 *
 *   filters load sbx|libseccomp|read POLICY N
 *                               N processes that each compile POLICY and load it, which was read before: as sbx does,
 *                               or its rules told to libseccomp; `read`: as sbx does, reading included
 *   filters prepare POLICY N               the same without a filter: what is to be taken off
 *   filters call getppid|ptrace N          N calls; ptrace is one that policies deny
 *
 * POLICY is a path. It is built with sbx's own sources.
 */
#include <err.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "policy/bpf.h"
#include "policy/floor.h"
#include "policy/load.h"

static const struct sbx_policy *read_policy(struct sbx_arena *a, struct sbx_diags *d, const char *path)
{
	struct sbx_host h = { .arena = a, .uid = getuid(), .cwd = "/" };
	const struct sbx_policy *p;
	int r;

	*d = (struct sbx_diags){ .arena = a };
	r = sbx_policy_load(&h, a, d, path, NULL, 0, &p);
	if (r == 0)
		r = sbx_policy_check(p, a, d, sbx_abi_native());
	if (r < 0)
		errx(2, "%s: %s", path, d->n ? d->items[0].text : "?");
	return p;
}

static void load_sbx(const struct sbx_policy *policy)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	const struct sbx_policy *p = sbx_floor_under(&a, policy, (struct sbx_floor){ 0 });
	struct sbx_bpf bpf;
	struct sock_fprog prog;

	if (sbx_bpf_compile(&a, &d, p, sbx_policy_abis(p, sbx_abi_native()), SBX_BPF_PLAIN, &bpf) < 0)
		errx(2, "%s: not compiled", policy->name);
	prog = (struct sock_fprog){ .len = (unsigned short)bpf.n, .filter = (struct sock_filter *)bpf.insns };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		err(2, "seccomp");
}

/* Its rules, numbers and actions, ready before the clock runs. */
struct rule {
	int nr;
	uint32_t action;
	unsigned n;
	struct scmp_arg_cmp cmp[6];
};
static struct rule rules[4096];
static size_t n_rules;
static uint32_t otherwise;

static uint32_t action_of(struct sbx_action action)
{
	return action.kind == SBX_ACT_ALLOW || action.kind == SBX_ACT_LOG ? SCMP_ACT_ALLOW
	       : action.kind == SBX_ACT_ERRNO				  ? SCMP_ACT_ERRNO(action.err)
									  : SCMP_ACT_KILL_PROCESS;
}

/* Comparisons joined by && as libseccomp takes them; another condition becomes one comparison, for the cost of it. */
static void flatten(const struct sbx_cond *c, struct rule *r)
{
	if (c->kind == SBX_COND_AND || c->kind == SBX_COND_OR)
		flatten(c->a, r);
	else if (c->kind == SBX_COND_NOT)
		flatten(c->a, r);
	else if (r->n == 0)
		r->cmp[r->n++] = SCMP_CMP64(c->arg, SCMP_CMP_MASKED_EQ, c->mask.of[0] & UINT32_MAX, c->value.of[0]);
}

static void take_rules(const char *path)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d;
	const struct sbx_policy *p = read_policy(&a, &d, path);

	otherwise = action_of(p->otherwise.action);
	for (size_t i = 0; i < p->n_rules; i++) {
		for (int id = 0; id < SBX_N_SYSCALLS && n_rules < 4096; id++) {
			struct rule *r = &rules[n_rules];

			*r = (struct rule){ .nr = (int)sbx_syscall_nr(id, sbx_abi_native()),
				.action = action_of(p->rules[i].action) };
			if (!sbx_calls_has(&p->rules[i].calls, id) || r->nr < 0 || r->action == otherwise)
				continue;
			if (p->rules[i].cond)
				flatten(p->rules[i].cond, r);
			n_rules++;
		}
	}
	sbx_arena_free(&a);
}

static void load_libseccomp(void)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);

	/* A rule that another one has already is refused: no matter. */
	for (size_t i = 0; i < n_rules; i++)
		(void)seccomp_rule_add_array(ctx, rules[i].action, rules[i].nr, rules[i].n, rules[i].cmp);
	if (seccomp_load(ctx) < 0)
		errx(2, "seccomp_load");
}

static int load(const char *how, const char *path, long n)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d;
	const struct sbx_policy *p = strcmp(how, "sbx") == 0 ? read_policy(&a, &d, path) : NULL;

	if (strcmp(how, "libseccomp") == 0)
		take_rules(path);
	for (long i = 0; i < n; i++) {
		int status;
		pid_t pid = fork();

		if (pid < 0)
			err(2, "fork");
		if (pid == 0) {
			if (strcmp(how, "read") == 0)
				p = read_policy(&a, &d, path);
			if (p)
				load_sbx(p);
			else if (strcmp(how, "libseccomp") == 0)
				load_libseccomp();
			_exit(0);
		}
		if (waitpid(pid, &status, 0) < 0 || status != 0)
			errx(2, "a process failed");
	}
	sbx_arena_free(&a);
	return 0;
}

static int call(const char *what, long n)
{
	for (long i = 0; i < n; i++) {
		if (strcmp(what, "ptrace") == 0)
			(void)ptrace(PTRACE_PEEKUSER, 0, 0, 0);
		else
			(void)syscall(SYS_getppid);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "load") == 0)
		return load(argv[2], argv[3], atol(argv[4]));
	if (argc == 4 && strcmp(argv[1], "prepare") == 0)
		return load("", argv[2], atol(argv[3]));
	if (argc == 4 && strcmp(argv[1], "call") == 0)
		return call(argv[2], atol(argv[3]));
	errx(2, "see the head of filters.c");
}
