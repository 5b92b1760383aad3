/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: a command line, its words ended by NUL, through parser, reader, planner and both dumps. The command is
 * argv's own tail, and nothing of it is looked at (security.md, row 13).
 */
#include "fuzz/fuzz.h"

enum { MAX_WORDS = 200 };

static int split(struct sbx_arena *a, const uint8_t *data, size_t size, char **argv)
{
	char *text = sbx_strndup(a, (const char *)data, size);
	int argc = 0;

	argv[argc++] = sbx_strdup(a, "sbx");
	for (size_t i = 0; i < size && argc < MAX_WORDS; i += strlen(text + i) + 1)
		argv[argc++] = text + i;
	return argc;
}

/* --args reads and closes descriptors of this very process. */
static bool reads_args(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (sbx_starts_with(argv[i], "--args"))
			return true;
	}
	return false;
}

/* Everything before the command begins with a dash or is an argument; the command is the rest. */
static void check_command(const struct sbx_cli *cli, int argc, char **argv)
{
	if (argc > 1 && (argv[1][0] != '-' || !argv[1][1]))
		assert(cli->command == (const char *const *)argv + 1);
	if (argc > 2 && sbx_streq(argv[1], "--"))
		assert(cli->command == (const char *const *)argv + 2);
	if (cli->command)
		assert(cli->command > (const char *const *)argv && cli->command < (const char *const *)argv + argc);
	for (size_t i = 0; i < cli->n_directives; i++) {
		assert(cli->directives[i].n > 0);
		for (size_t k = 0; k < cli->directives[i].n; k++) {
			const struct sbx_origin *at = cli->directives[i].words[k].at;

			assert(!at->file && at->line >= 1 && at->line < (unsigned)argc && at->column >= 1);
			assert(at->column <= strlen(argv[at->line]) + 1);
			/* No word of the command is a word of an option. */
			assert(!cli->command || (const char *const *)argv + at->line < cli->command);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	struct sbx_host h = fuzz_host(&a);
	const struct sbx_spec *s;
	const char *notice;
	struct sbx_cli cli, shorter;
	char *argv[MAX_WORDS + 1] = { NULL };
	int argc = split(&a, data, size, argv), r;

	/* A file beside the caller is looked for in the private directory. */
	h.cwd = fuzz_top;
	if (reads_args(argc, argv)) {
		sbx_arena_free(&a);
		return 0;
	}
	r = sbx_cli_parse(&a, &d, argc, argv, &cli);
	assert((r < 0) == (d.n_errors > 0));
	fuzz_check_diags(&d, r < 0);
	if (r == 0) {
		check_command(&cli, argc, argv);
		/* The options are what they are without the words of the command. */
		if (cli.command) {
			assert(
			    sbx_cli_parse(&a, &d, (int)(cli.command - (const char *const *)argv), argv, &shorter) == 0);
			assert(!shorter.command && shorter.n_directives == cli.n_directives);
			assert(shorter.profile.text == cli.profile.text && shorter.dry_run == cli.dry_run);
		}
		r = sbx_cli_spec(&a, &h, &d, &cli, &s, &notice);
		fuzz_check_diags(&d, r < 0);
		if (r == 0) {
			assert(s->command == cli.command);
			fuzz_check_spec(&a, &h, s);
			fuzz_check_plan(&a, &h, s);
		}
	}
	sbx_arena_free(&a);
	return 0;
}
