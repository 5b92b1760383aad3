/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbxctl.c - the other program's main: everything but launching. */
#include <stdio.h>
#include <sys/auxv.h>

#include "base/fd.h"
#include "base/log.h"
#include "ctl/ctl.h"

#ifndef SBX_VERSION
#define SBX_VERSION "0"
#endif

static const struct {
	const char *name, *args, *help;
	int (*run)(const struct sbx_host *h, int argc, char **argv);
} verbs[] = {
	{ "profile", "list [--names|--json]", "List the profiles of the search path", sbx_ctl_profile },
	{ "profile", "show [--json] NAME", "Show a profile's directives, all includes read, each with its origin",
	    sbx_ctl_profile },
	{ "profile", "check [--werror] [NAME…]", "Check profiles (all if none is named) without starting anything",
	    sbx_ctl_profile },
	{ "profile", "path NAME", "Show the files that make a profile", sbx_ctl_profile },
	{ "seccomp", "list [--names|--json]", "List the policies of the search path", sbx_ctl_seccomp },
	{ "seccomp", "show [--json] NAME", "Show a policy's statements, all includes read, each with its origin",
	    sbx_ctl_seccomp },
	{ "seccomp", "check [--werror] [--all-archs] [NAME…]", "Check policies (all if none is named)", sbx_ctl_seccomp },
	{ "seccomp", "explain [--policy NAME] [--arch ARCH] [--no-floor] [--json] SYSCALL|@SET [ARG…]",
	    "Tell what a policy says about a system call, and which line says it", sbx_ctl_seccomp },
	{ "seccomp", "dump [--arch ARCH] [--no-floor] [--report] [--raw] NAME", "Print the program that a policy makes",
	    sbx_ctl_seccomp },
	{ "seccomp", "diff [--arch ARCH] [--no-floor] [--json] NAME NAME",
	    "List the system calls about which two policies differ", sbx_ctl_seccomp },
	{ "seccomp", "import FILE.json", "Print a seccomp profile of Docker as a policy", sbx_ctl_seccomp },
	{ "doctor", "[--json|--names]", "Tell what this host can do, and what to do about each lack", sbx_ctl_doctor },
};

const char *sbx_ctl_describe(
    const struct sbx_host *h, struct sbx_arena *a, const struct sbx_search_kind *kind, const char *name)
{
	struct sbx_found found;
	struct sbx_diags quiet = { .arena = a };
	const char *hash, *end;

	if (sbx_search(h, a, &quiet, kind, name, NULL, NULL, SBX_FIND_MAY, &found) < 0)
		return "";
	hash = strstr(found.main.text, "# ");
	/* The licence line is not what a reader looks for. */
	while (hash && sbx_starts_with(hash, "# SPDX"))
		hash = strstr(hash + 2, "# ");
	if (!hash)
		return "";
	end = strchr(hash, '\n');
	return end ? sbx_strndup(a, hash + 2, (size_t)(end - hash - 2)) : hash + 2;
}

int sbx_ctl_print(const struct sbx_buf *text)
{
	int r = sbx_write_all(STDOUT_FILENO, sbx_buf_str(text), text->len);

	if (r < 0)
		sbx_log(SBX_LOG_ERROR, "can't write to standard output: %s", strerror(-r));
	return r < 0 ? SBX_EXIT_FAILURE : 0;
}

static int help(struct sbx_arena *a)
{
	struct sbx_buf out = { .arena = a };

	sbx_buf_adds(&out, "Usage: sbxctl VERB [ARG…]\n\n");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		sbx_buf_addf(&out, "  %s %s\n        %s\n", verbs[i].name, verbs[i].args, verbs[i].help);
	sbx_buf_adds(&out, "  --help, --version\n\nSee sbxctl(1).\n");
	return sbx_ctl_print(&out);
}

static int run(struct sbx_arena *a, struct sbx_diags *d, int argc, char **argv)
{
	const char *names[ARRAY_LEN(verbs)], *near;
	struct sbx_host host;

	if (getuid() != geteuid() || getgid() != getegid() || getauxval(AT_SECURE))
		return sbx_error(d, -EPERM, NULL, "refusing to run setuid, setgid or with file capabilities")
			   ? SBX_EXIT_FAILURE
			   : 0;
	if (argc < 2) {
		(void)sbx_error(d, -EINVAL, NULL, "no verb given");
		sbx_hint(d, "`sbxctl --help` lists them");
		return SBX_EXIT_FAILURE;
	}
	if (sbx_streq(argv[1], "--help") || sbx_streq(argv[1], "-h"))
		return help(a);
	if (sbx_streq(argv[1], "--version") || sbx_streq(argv[1], "-V")) {
		struct sbx_buf out = { .arena = a };

		sbx_buf_adds(&out, "sbxctl " SBX_VERSION "\n");
		return sbx_ctl_print(&out);
	}
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		names[i] = verbs[i].name;
		if (!sbx_streq(argv[1], verbs[i].name))
			continue;
		if (sbx_host_probe(a, environ, d, &host) < 0)
			return SBX_EXIT_FAILURE;
		return verbs[i].run(&host, argc - 1, argv + 1);
	}
	(void)sbx_error(d, -EINVAL, NULL, "unknown verb '%s'", argv[1]);
	near = sbx_nearest(argv[1], names, ARRAY_LEN(names));
	if (near)
		sbx_hint(d, "did you mean '%s'?", near);
	else
		sbx_hint(d, "`sbxctl --help` lists them");
	return SBX_EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct sbx_arena arena = { 0 };
	struct sbx_diags diags = { .arena = &arena };
	int status = SBX_EXIT_FAILURE;

	sbx_log_init("sbxctl", SBX_LOG_NOTICE);
	if (sbx_repair_stdio() < 0)
		sbx_log(SBX_LOG_ERROR, "can't put file descriptors in order: %s", strerror(errno));
	else
		status = run(&arena, &diags, argc, argv);
	sbx_log_diags(&diags);
	sbx_arena_free(&arena);
	return status;
}
