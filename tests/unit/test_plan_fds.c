/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File descriptors of the caller: what each word makes of its number, and which may not stand together. */
#include "unit/support.h"

#include <sched.h>

#include "plan/dump.h"

static struct sbx_host host;

static int setup(void **state)
{
	(void)state;
	host = t_host();
	return 0;
}

/* The plan of words up to NULL, or NULL; *ret_said is what was said. */
static const struct sbx_plan *plan(const char **ret_said, ...) __attribute__((sentinel));
static const struct sbx_plan *plan(const char **ret_said, ...)
{
	char **argv = sbx_alloc_array(&t_arena, 64, sizeof *argv);
	struct sbx_diags d = t_diags();
	const struct sbx_plan *p = NULL;
	const struct sbx_spec *spec;
	const char *arg, *notice;
	struct sbx_cli cli;
	int argc = 2, r;
	va_list ap;

	argv[0] = sbx_strdup(&t_arena, "sbx");
	argv[1] = sbx_strdup(&t_arena, "--no-profile");
	va_start(ap, ret_said);
	while ((arg = va_arg(ap, const char *)))
		argv[argc++] = sbx_strdup(&t_arena, arg);
	va_end(ap);
	argv[argc++] = sbx_strdup(&t_arena, "true");
	r = sbx_cli_parse(&t_arena, &d, argc, argv, &cli);
	if (r == 0)
		r = sbx_cli_spec(&t_arena, &host, &d, &cli, &spec, &notice);
	if (r == 0)
		r = sbx_plan_build(&t_arena, spec, NULL, &host, &d, &p);
	*ret_said = t_said(&d);
	assert_int_equal(r < 0, p == NULL);
	assert_int_equal(r<0, d.n_errors> 0);
	return p;
}

static const char *said;
#define PLAN(...) plan(&said, __VA_ARGS__, NULL)

/* "3 4 9", the descriptors that stay open. */
static const char *fds(const struct sbx_plan *p)
{
	struct sbx_buf b = { .arena = &t_arena };

	if (!p)
		return sbx_strf(&t_arena, "!%s", said);
	for (size_t i = 0; i < p->n_fds; i++)
		sbx_buf_addf(&b, "%s%d", i ? " " : "", p->fds[i].fd);
	return sbx_buf_str(&b);
}

static void places(void **state)
{
	const struct sbx_plan *p;

	(void)state;
	p = PLAN("--block-fd", "9", "--info-fd", "3", "--json-status-fd", "4", "--sync-fd", "8", "--sync-fd", "7",
	    "--keep-fd", "5", "--keep-fd", "1000000");
	assert_string_equal(fds(p), "3 4 5 7 8 9 1000000");
	assert_int_equal(p->block.fd, 9);
	assert_int_equal(p->info.fd, 3);
	assert_int_equal(p->status.fd, 4);
	assert_int_equal(p->n_sync_fds, 2);
	assert_int_equal(p->sync_fds[0].fd, 8);
	assert_int_equal(p->sync_fds[1].fd, 7);
	assert_int_equal(p->n_keep_fds, 2);
	assert_int_equal(p->keep_fds[1].fd, 1000000);
	assert_string_equal(sbx_origin_str(&t_arena, p->block.at), "<command-line>:2:1");
	assert_string_equal(sbx_origin_str(&t_arena, p->sync_fds[1].at), "<command-line>:10:1");
	assert_null(p->userns.at);
	p = PLAN("--bind-fd", "3", "/a", "--ro-bind-fd", "4", "/b", "--file", "5", "/c", "--bind-data", "6", "/d",
	    "--ro-bind-data", "2147483647", "/e");
	assert_string_equal(fds(p), "3 4 5 6 2147483647");
	assert_string_equal(fds(PLAN("--quiet")), "");
	/* Of a word that stands once the last one is it, and the others' descriptors are closed. */
	assert_string_equal(fds(PLAN("--block-fd", "9", "--block-fd", "3")), "3");
	assert_string_equal(fds(PLAN("--block-fd", "3", "--block-fd", "3")), "3");
}

static void kinds(void **state)
{
	static const struct {
		const char *word;
		enum sbx_op_kind kind;
		unsigned flags;
		mode_t mode;
	} cases[] = {
		{ "--bind-fd", SBX_OP_BIND, SBX_OP_FROM_FD, 0 },
		{ "--ro-bind-fd", SBX_OP_BIND, SBX_OP_FROM_FD | SBX_OP_RO, 0 },
		{ "--file", SBX_OP_FILE, 0, 0666 },
		{ "--bind-data", SBX_OP_DATA, 0, 0600 },
		{ "--ro-bind-data", SBX_OP_DATA, SBX_OP_RO, 0600 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct sbx_plan *p = PLAN(cases[i].word, "7", "/x");
		const struct sbx_op *op = &p->ops[0];

		assert_int_equal(op->kind, cases[i].kind);
		assert_int_equal(op->flags, cases[i].flags);
		assert_int_equal(op->mode, cases[i].mode);
		assert_int_equal(op->fd, 7);
		assert_null(op->src);
		assert_string_equal(op->dest, "/x");
		assert_string_equal(sbx_op_name(op), cases[i].word + 2);
	}
	assert_int_equal(PLAN("--perms", "0640", "--file", "7", "/x")->ops[0].mode, 0640);
	assert_int_equal(PLAN("--perms", "0000", "--bind-data", "7", "/x")->ops[0].mode, 0);
	assert_true(PLAN("--try", "--bind-fd", "7", "/x")->ops[0].flags & SBX_OP_MAY_FAIL);
}

static void twice(void **state)
{
	static const char *const words[] = { "--bind-fd", "--file", "--bind-data", "--block-fd", "--info-fd",
		"--json-status-fd", "--sync-fd", "--keep-fd" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *dest = i < 3 ? "/x" : "--quiet";

		assert_null(PLAN("--ro-bind-data", "7", "/y", words[i], "7", dest));
		assert_string_equal(
		    said, sbx_strf(&t_arena,
			      "<command-line>:5:1: error: %s: file descriptor 7 is used already (<command-line>:2:1)\n"
			      "  hint: open it twice\n",
			      words[i] + 2));
	}
	assert_null(PLAN("--keep-fd", "7", "--keep-fd", "7"));
	assert_null(PLAN("--sync-fd", "7", "--keep-fd", "7"));
	assert_null(PLAN("--info-fd", "7", "--json-status-fd", "7"));
	assert_null(PLAN("--file", "0", "/a", "--bind-data", "0", "/b"));
}

/* Messages may go where the command's go; its input and what it holds may not be taken. */
static void standard_streams(void **state)
{
	(void)state;
	assert_string_equal(fds(PLAN("--info-fd", "1", "--json-status-fd", "2")), "");
	assert_string_equal(fds(PLAN("--info-fd", "2", "--json-status-fd", "2")), "");
	assert_string_equal(fds(PLAN("--block-fd", "0")), "0");
	assert_string_equal(fds(PLAN("--file", "0", "/f")), "0");
	for (int fd = 0; fd <= 2; fd++) {
		const char *number = sbx_strf(&t_arena, "%d", fd);

		assert_null(PLAN("--keep-fd", number));
		assert_string_equal(
		    said, "<command-line>:2:1: error: keep-fd: the command has its standard streams anyway\n");
		assert_null(PLAN("--sync-fd", number));
	}
}

static void numbers(void **state)
{
	static const char *const wrong[] = { "", "-1", "+3", "3 ", " 3", "0x3", "3x", "2147483648", "4294967299",
		"18446744073709551619", "stdout", "3.0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_null(PLAN("--keep-fd", wrong[i]));
		assert_string_equal(said,
		    sbx_strf(&t_arena,
			"<command-line>:3:1: error: keep-fd: FD '%s': expected the number of an open file descriptor\n",
			wrong[i]));
	}
	assert_string_equal(fds(PLAN("--keep-fd=003")), "3");
}

static void joined(void **state)
{
	const struct sbx_plan *p = PLAN("--userns", "3", "--userns2", "4", "--pidns", "5");

	(void)state;
	assert_string_equal(fds(p), "3 4 5");
	assert_int_equal(p->map_writer, SBX_MAP_JOINED);
	assert_false(p->namespaces & (CLONE_NEWUSER | CLONE_NEWPID));
	assert_true(p->namespaces & CLONE_NEWNS && p->namespaces & CLONE_NEWNET);
	assert_int_equal(p->uid_map.n, 0);
	assert_int_equal(p->uid, 1000);
	assert_int_equal(p->caller_uid, 1000);
	/* The limit would hold for all that is there. */
	assert_true(p->enable_userns);
	p = PLAN("--userns", "3", "--uid", "0", "--gid", "5");
	assert_int_equal(p->uid, 0);
	assert_int_equal(p->gid, 5);
	assert_int_equal(p->caller_uid, (uid_t)-1);
	assert_int_equal(p->caller_gid, (gid_t)-1);
	p = PLAN("--userns-block-fd", "3", "--info-fd", "4");
	assert_int_equal(p->map_writer, SBX_MAP_OTHER);
	assert_true(p->namespaces & CLONE_NEWUSER);
	assert_false(p->enable_userns);
	/* A pid namespace that is joined stands in the slot of the others. */
	p = PLAN("--share-pid", "--pidns", "3");
	assert_int_equal(p->pidns.fd, 3);
	p = PLAN("--pidns", "3", "--share-pid");
	assert_null(p->pidns.at);
	assert_string_equal(fds(p), "");
	p = PLAN("--pidns", "3", "--unshare-pid");
	assert_true(p->namespaces & CLONE_NEWPID);
	p = PLAN("--pidns", "3", "--unshare-all");
	assert_true(p->namespaces & CLONE_NEWPID);
}

static void contradictions(void **state)
{
	static const char *const maps[] = { "--map-root-user", "--map-current-user", "--map-user=1", "--map-group=1",
		"--map-auto", "--map-users=auto", "--map-groups=1:2:3" };

	(void)state;
	assert_null(PLAN("--userns2", "3"));
	assert_non_null(strstr(said, "userns2 without userns"));
	assert_null(PLAN("--userns-block-fd", "3"));
	assert_non_null(strstr(said, "userns-block-fd without info-fd"));
	assert_null(PLAN("--userns-block-fd", "3", "--info-fd", "4", "--userns", "5"));
	assert_non_null(strstr(said, "userns-block-fd with userns"));
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		assert_null(PLAN("--userns", "3", maps[i]));
		assert_non_null(strstr(said, ": the id maps are someone else's (<command-line>:2:1)\n"));
		assert_null(PLAN("--userns-block-fd", "3", "--info-fd", "4", maps[i]));
	}
	assert_null(PLAN("--as-pid-1", "--share-pid"));
	assert_string_equal(said, "<command-line>:2:1: error: as-pid-1: the pid namespace is not its own\n");
	assert_null(PLAN("--as-pid-1", "--pidns", "3"));
	assert_null(PLAN("--as-pid-1", "--lock-file", "/l"));
	assert_non_null(strstr(said, "no init that could hold a lock-file"));
	assert_null(PLAN("--as-pid-1", "--cap-add", "SYS_ADMIN"));
	assert_non_null(PLAN("--as-pid-1", "--cap-add", "NET_ADMIN"));
	assert_null(PLAN("--mqueue", "/m", "--share-ipc"));
	assert_string_equal(said, "<command-line>:2:1: error: mqueue needs an IPC namespace of the sandbox's own\n"
				  "  hint: drop share-ipc (<command-line>:4:1)\n");
	assert_null(PLAN("--assert-userns-disabled", "--enable-userns"));
	assert_non_null(PLAN("--assert-userns-disabled"));
	/* Nobody holds what a joined namespace can undo: a read-only mount in a writable bind. */
	assert_null(PLAN("--userns", "3", "--bind", "/a", "/b", "--ro-bind", "/a", "/b/c"));
	assert_null(PLAN("--userns", "3", "--bind", "/a", "/b", "--ro-bind-data", "4", "/b/c"));
	assert_null(
	    PLAN("--userns", "3", "--overlay-src", "/a", "--overlay", "/u", "/w", "/b", "--ro-bind", "/a", "/b/c"));
	assert_non_null(PLAN("--userns", "3", "--overlay-src", "/a", "--tmp-overlay", "/b", "--ro-bind", "/a", "/b/c"));
	host.real_root = true;
	host.uid = host.gid = 0;
	assert_null(PLAN("--userns", "3"));
	assert_non_null(strstr(said, "userns for root"));
}

static void overlays(void **state)
{
	const struct sbx_plan *p =
	    PLAN("--overlay-src", "/1", "--overlay-src", "2", "--noexec", "--overlay", "rw", "/w", "/d");
	const struct sbx_op *op = &p->ops[0];

	(void)state;
	assert_int_equal(op->kind, SBX_OP_OVERLAY);
	assert_string_equal(sbx_op_name(op), "overlay");
	assert_string_equal(op->layers[0], "/1");
	assert_string_equal(op->layers[1], "/home/alice/project/2");
	assert_null(op->layers[2]);
	assert_string_equal(op->upper, "/home/alice/project/rw");
	assert_string_equal(op->work, "/w");
	assert_string_equal(op->dest, "/d");
	assert_int_equal(op->attrs, SBX_ATTR_NOEXEC);
	op = &PLAN("--overlay-src", "/1", "--tmp-overlay", "/d")->ops[0];
	assert_string_equal(sbx_op_name(op), "tmp-overlay");
	assert_false(op->flags & SBX_OP_RO);
	assert_null(op->upper);
	op = &PLAN("--overlay-src", "/1", "--overlay-src", "/2", "--ro-overlay", "/d")->ops[0];
	assert_string_equal(sbx_op_name(op), "ro-overlay");
	/* Layers are the next one's only. */
	assert_null(PLAN("--overlay-src", "/1", "--tmp-overlay", "/d", "--tmp-overlay", "/e"));
	assert_non_null(strstr(said, "tmp-overlay needs at least 1 overlay-src before it, not 0"));
	assert_null(PLAN("--overlay", "/u", "/w", "/d"));
	assert_null(PLAN("--overlay-src", "/1", "--ro-overlay", "/d"));
	assert_string_equal(said,
	    "<command-line>:4:1: error: ro-overlay needs at least 2 overlay-src before it, not 1\n"
	    "  hint: say `overlay-src DIR`, the bottom one first\n");
}

static void outputs(void **state)
{
	const struct sbx_plan *p = PLAN("--stdout", "o", "--stderr=append:/var/e");

	(void)state;
	assert_string_equal(p->out[0].path, "/home/alice/project/o");
	assert_false(p->out[0].append);
	assert_string_equal(p->out[1].path, "/var/e");
	assert_true(p->out[1].append);
	assert_string_equal(PLAN("--stdout", "append:x")->out[0].path, "/home/alice/project/x");
	assert_string_equal(PLAN("--stdout", "./append:x")->out[0].path, "/home/alice/project/./append:x");
	assert_null(PLAN("--stdout", ""));
	assert_null(PLAN("--stdout", "append:"));
	assert_non_null(
	    strstr(said, "<command-line>:3:1: error: stdout: [append:]FILE 'append:': an empty path names nothing"));
	host.cwd = NULL;
	assert_null(PLAN("--stdout", "o"));
}

/* Both forms of the plan say each descriptor. */
static void shown(void **state)
{
	static const char *const lines[] = { "pid and namespaces as JSON to file descriptor 3 ",
		"status as JSON to file descriptor 4 ", "  bind-fd 5 /a ", "  file 6 /f mode 0666 ",
		"  noexec ro-bind-data 7 /g mode 0600 ", "wait for file descriptor 8 ", "hold file descriptor 9 ",
		"keep file descriptor 10 ", "lock /l ", "standard output to /out ",
		"standard error at the end of /err ", "a summary at the end\n", "  chmod /a mode 0700 " };
	const struct sbx_plan *p = PLAN("--info-fd", "3", "--json-status-fd", "4", "--bind-fd", "5", "/a", "--file",
	    "6", "/f", "--noexec", "--ro-bind-data", "7", "/g", "--block-fd", "8", "--sync-fd", "9", "--keep-fd", "10",
	    "--lock-file", "/l", "--stdout", "/out", "--stderr", "append:/err", "--summary", "--chmod", "0700", "/a");
	struct sbx_buf text = { .arena = &t_arena }, json = { .arena = &t_arena };

	(void)state;
	sbx_dump_plan_text(&text, p);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (!strstr(text.data, lines[i]))
			fail_msg("no '%s' in: %s", lines[i], text.data);
	}
	sbx_dump_plan_json(&json, p);
	assert_null(t_bad_json(json.data));
	for (int fd = 3; fd <= 10; fd++) {
		if (!strstr(json.data, sbx_strf(&t_arena, "\"fd\": %d,", fd)) &&
		    !strstr(json.data, sbx_strf(&t_arena, "\"fd\": %d\n", fd)))
			fail_msg("no descriptor %d in: %s", fd, json.data);
	}
	text = json = (struct sbx_buf){ .arena = &t_arena };
	p = PLAN("--userns", "3", "--userns2", "4", "--pidns", "5");
	sbx_dump_plan_text(&text, p);
	assert_non_null(strstr(text.data, "join the user namespace of file descriptor 3 "));
	assert_non_null(strstr(text.data, "move on to the user namespace of file descriptor 4 "));
	assert_non_null(strstr(text.data, "join the pid namespace of file descriptor 5 "));
	assert_non_null(strstr(text.data, "those of the user namespace that is joined"));
	assert_non_null(strstr(text.data, "  joined: pid"));
	sbx_dump_plan_json(&json, p);
	assert_null(t_bad_json(json.data));
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(places), S(kinds), S(twice), S(standard_streams), S(numbers), S(joined),
		S(contradictions), S(overlays), S(outputs), S(shown) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
