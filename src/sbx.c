/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx.c - the launcher's main: refuse what is unsafe, parse, plan, then dry-run or launch. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/log.h"
#include "plan/dump.h"
#include "run/launch.h"
#include "spec/cli.h"
#include "spec/help.h"

#ifndef SBX_VERSION
#define SBX_VERSION "0"
#endif

/* The strings of a NULL-terminated list, which lie behind one another; see proc(5), /proc/PID/environ. */
static size_t strings_len(char *const *list)
{
	size_t n = 0;

	if (!list[0])
		return 0;
	while (list[n + 1])
		n++;
	return (size_t)(list[n] - list[0]) + strlen(list[n]);
}

/* sbx needs no privilege and must never lend one: CVE-2026-41163 and most of firejail's. */
static int refuse_privilege(struct sbx_diags *d)
{
	if (getuid() == geteuid() && getgid() == getegid() && !getauxval(AT_SECURE))
		return 0;
	(void)sbx_error(d, -EPERM, NULL, "refusing to run setuid, setgid or with file capabilities");
	sbx_hint(d, "sbx needs none of them: chmod ug-s, setcap -r");
	return -EPERM;
}

/* A directory there would be a way to everything below and, by "..", above it. */
static int refuse_directories(struct sbx_diags *d)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode) || fcntl(fd, F_GETFL) & O_PATH) {
			(void)sbx_error(d, -EISDIR, NULL, "standard %s is a directory or can't be read or written",
			    fd == 0   ? "input"
			    : fd == 1 ? "output"
				      : "error");
			sbx_hint(d, "redirect it to a file or to /dev/null; it would lead out of the sandbox");
			return -EISDIR;
		}
	}
	return 0;
}

static int print(struct sbx_diags *d, const struct sbx_buf *text)
{
	int r = sbx_write_all(STDOUT_FILENO, sbx_buf_str(text), text->len);

	return r < 0 ? sbx_error(d, r, NULL, "can't write to standard output: %s", strerror(-r)) : 0;
}

static void print_started(struct sbx_diags *d)
{
	sbx_log_diags(d);
	d->n = 0;
}

/* The words of the command line where nobody wipes them. */
static char **copy_words(struct sbx_arena *a, int argc, char **argv)
{
	char **copy = sbx_alloc_array(a, (size_t)argc + 1, sizeof *copy);

	for (int i = 0; i < argc; i++)
		copy[i] = sbx_strdup(a, argv[i]);
	return copy;
}

static int launch(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_host *host, const struct sbx_plan *plan,
    char **argv, pid_t parent)
{
	struct sbx_launch l = {
		.arena = a,
		.plan = plan,
		.diags = d,
		.started = print_started,
		.parent = parent,
		.args = argv[0],
		.args_len = strings_len(argv),
	};

	if (plan->learn.path && sbx_learn_begin(a, d, host, plan, &l.learn) < 0)
		return SBX_EXIT_FAILURE;
	/* A forked process keeps the strings that execve(2) gave us, for all to see who may read its /proc. */
	if (environ && environ[0])
		memset(environ[0], 0, strings_len(environ));
	environ = NULL;
	return sbx_launch_run(&l);
}

static int run(struct sbx_arena *a, struct sbx_diags *d, int argc, char **argv)
{
	pid_t parent = getppid();
	struct sbx_cli cli;
	struct sbx_host host;
	const struct sbx_spec *spec;
	struct sbx_filters filters;
	const struct sbx_plan *plan;
	const char *notice;
	struct sbx_buf out = { .arena = a };
	int r;

	if (refuse_privilege(d) < 0 || refuse_directories(d) < 0)
		return SBX_EXIT_FAILURE;
	r = sbx_cli_parse(a, d, argc, copy_words(a, argc, argv), &cli);
	sbx_log_set_level_prefix(cli.level_prefix);
	if (r < 0)
		return SBX_EXIT_FAILURE;
	sbx_log_set_level(cli.quiet ? SBX_LOG_WARNING : cli.verbose ? SBX_LOG_INFO : SBX_LOG_NOTICE);
	if (cli.help || cli.version) {
		if (cli.help)
			sbx_help_text(&out);
		else
			sbx_buf_adds(&out, "sbx " SBX_VERSION "\n");
		return print(d, &out) < 0 ? SBX_EXIT_FAILURE : 0;
	}
	if (!cli.command) {
		(void)sbx_error(d, -EINVAL, NULL, "no command given");
		sbx_hint(d, "sbx [OPTION…] COMMAND [ARG…]; `sbx --help` lists the options");
		return SBX_EXIT_FAILURE;
	}
	if (sbx_host_probe(a, environ, d, &host) < 0 || sbx_cli_spec(a, &host, d, &cli, &spec, &notice) < 0)
		return SBX_EXIT_FAILURE;
	if (sbx_plan_needs_subids(spec) && sbx_host_load_subids(&host, d) < 0)
		return SBX_EXIT_FAILURE;
	if (sbx_filters_load(&host, a, d, spec, &filters) < 0)
		return SBX_EXIT_FAILURE;
	filters.report = cli.verbose;
	if (sbx_plan_build(a, spec, &filters, &host, d, &plan) < 0)
		return SBX_EXIT_FAILURE;
	if (cli.dry_run != SBX_DRY_RUN_NO) {
		if (cli.dry_run == SBX_DRY_RUN_JSON)
			sbx_dump_plan_json(&out, plan);
		else
			sbx_dump_plan_text(&out, plan);
		return print(d, &out) < 0 ? SBX_EXIT_FAILURE : 0;
	}
	if (notice)
		sbx_log(SBX_LOG_NOTICE, "%s", notice);
	sbx_log(SBX_LOG_INFO, "profile %s: %zu operations on the root, user %u, group %u, %zu variables",
	    plan->profile ? plan->profile : "none", plan->n_ops, plan->uid, plan->gid, plan->n_env);
	return launch(a, d, &host, plan, argv, parent);
}

int main(int argc, char **argv)
{
	static struct sbx_arena arena; /* the kernel frees it sooner than we could */
	struct sbx_diags diags = { .arena = &arena };
	int status = SBX_EXIT_FAILURE;

	sbx_log_init("sbx", SBX_LOG_NOTICE);
	if (sbx_repair_stdio() < 0 || sbx_cloexec_from(3) < 0)
		sbx_log(SBX_LOG_ERROR, "can't put file descriptors in order: %s", strerror(errno));
	else
		status = run(&arena, &diags, argc, argv);
	sbx_log_diags(&diags);
	return status;
}
