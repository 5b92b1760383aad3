/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: a whole command line with real options of the table, and a profile, through parser, reader, planner and
 * dumps. fuzz_cli.c has to guess each name; here a byte is an option, so that the fuzzer spends its time on how
 * options meet one another.
 *
 *   byte                    an option, SBX_OPT_COUNT of them in turn; 0xff ends the options
 *   byte for each argument  a word of the pool, or 0xff and a word of its own up to NUL
 *   the rest                the text of the profile behind `sbx-profile 1`
 */
#include "fuzz/fuzz.h"

enum { MAX_WORDS = 400 };

static const char *const pool[] = {
	"/", "/usr", "/bin", "/home/alice", "/home/alice/project", "/home/alice/.config/sbx", "/home/alice/.config", "/home",
	"/a", "/a/b", "/a/../b", "//", "/proc", "/dev", "/dev/pts", "/tmp", "x", "../x", "a/b", "/x\n\x1b", "\xff\xfe", "",
	"A", "A=B", "HOME", "PATH", "PWD", "0", "1", "3", "10", "1000", "65534", "65535", "65536", "4294967294", "4294967295",
	"4294967296", "-1", "-20", "19", "18446744073709551615", "0:0:1", "0:100000:65536", "1:100000:65535", "1000:1000:1",
	"5:1000000:1", "4294967294:0:2", "auto", "subids", "all", "ALL", "CAP_SYS_ADMIN", "sys_resource", "net_admin", "chown",
	"alice", "root", "nofile=10", "nofile=10:5", "nproc=unlimited", "core=0:0", "10s", "1.5", "2h", "0", "512k", "64M",
	"16EiB", "0700", "07777", "022", "tmpfs", "persist", "persist:x", "persist:../x", "host", "exists:/usr", "!exists:/x",
	"feature:merged-usr", "!feature:x", "env:HOME", "merged-usr", "project-dir", "default", "./a", "b", "json", "sbx",
	"${HOME}", "--", "--bind", "auto:x", "off", "on", "strict", "1:2:3",
};

struct reader {
	const uint8_t *p, *end;
};

static int next(struct reader *in)
{
	return in->p < in->end ? *in->p++ : -1;
}

static char *next_word(struct sbx_arena *a, struct reader *in)
{
	int c = next(in);
	size_t len;
	char *word;

	if (c != 0xff)
		return sbx_strdup(a, pool[(size_t)(c < 0 ? 0 : c) % ARRAY_LEN(pool)]);
	len = strnlen((const char *)in->p, (size_t)(in->end - in->p));
	word = sbx_strndup(a, (const char *)in->p, len);
	in->p += len;
	if (in->p < in->end)
		in->p++;
	return word;
}

static int words(struct sbx_arena *a, struct reader *in, char **argv)
{
	int argc = 0, c;

	argv[argc++] = sbx_strdup(a, "sbx");
	while (argc < MAX_WORDS - SBX_MAX_ARGS - 2 && (c = next(in)) >= 0 && c != 0xff) {
		const struct sbx_optdef *def = &sbx_optdefs[c % SBX_OPT_COUNT];

		/* Half of the options with one argument as --name=word, and what must be one word */
		if (def->n_args == 1 && (c >= 128 || (def->flags & F_OPTARG))) {
			argv[argc++] = sbx_strf(a, "--%s=%s", def->name, next_word(a, in));
			continue;
		}
		argv[argc++] = sbx_strf(a, "--%s", def->name);
		for (unsigned i = 0; i < def->n_args; i++)
			argv[argc++] = next_word(a, in);
	}
	argv[argc++] = sbx_strdup(a, "--");
	argv[argc++] = sbx_strdup(a, "true");
	return argc;
}

/* As sbx_cli_spec() does it, but for the file of the profile. */
static const struct sbx_spec *make_spec(struct sbx_arena *a, const struct sbx_host *h, struct sbx_diags *d,
					const struct sbx_cli *cli, const char *text)
{
	struct sbx_builder b = { .arena = a, .host = h, .diags = d };
	struct sbx_reader r = { .builder = &b, .profile = "start" };
	struct sbx_found found = { .main = { .path = "/p/start.profile", .text = text, .len = strlen(text) } };
	struct sbx_spec *s;
	int e = sbx_reader_found(&r, &found, NULL);

	for (size_t i = 0; i < cli->n_directives; i++) {
		int e2 = sbx_reader_directive(&r, cli->directives[i].words, cli->directives[i].n, F_CLI, fuzz_top);

		e = e < 0 ? e : e2;
	}
	if (sbx_builder_end(&b) < 0 || e < 0) {
		assert(d->n_errors > 0);
		return NULL;
	}
	assert(d->n_errors == 0);
	s = sbx_builder_seal(&b);
	s->profile = "start";
	s->command = cli->command;
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	struct sbx_host h = fuzz_host(&a);
	struct reader in = { data, data + size };
	const struct sbx_spec *s;
	char *argv[MAX_WORDS + 1] = { NULL };
	int argc = words(&a, &in, argv), r;
	size_t left = (size_t)(in.end - in.p);
	struct sbx_cli cli;

	h.cwd = fuzz_top;
	r = sbx_cli_parse(&a, &d, argc, argv, &cli);
	assert((r < 0) == (d.n_errors > 0));
	fuzz_check_diags(&d, r < 0);
	if (r == 0) {
		assert(cli.command && sbx_streq(cli.command[0], "true") && !cli.command[1]);
		s = make_spec(&a, &h, &d, &cli,
			      sbx_strf(&a, "sbx-profile 1\n%s\n", sbx_strndup(&a, (const char *)in.p, left)));
		fuzz_check_diags(&d, !s);
		if (s) {
			fuzz_check_spec(&a, &h, s);
			fuzz_check_plan(&a, &h, s);
		}
	}
	sbx_arena_free(&a);
	return 0;
}
