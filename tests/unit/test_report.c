/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of the sandbox's processes as sentences, each with the origin of what asked, and what to do about it. */
#include "unit/support.h"

#include <stdio.h>

#include "run/report.h"

static struct sbx_host host;

static int setup(void **state)
{
	(void)state;
	host = t_host();
	host.tty = "/dev/pts/3";
	return 0;
}

static const char *explain(const struct sbx_plan *p, struct sbx_report r)
{
	struct sbx_diags d = t_diags();

	sbx_report_explain(p, &r, &d);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.n_errors, r.kind == SBX_REPORT_FAILED);
	if (r.kind == SBX_REPORT_FAILED)
		assert_int_equal(d.items[0].code, r.err ? -r.err : -EINVAL);
	return t_said(&d);
}

/* The plan of a profile's text with directives of the command line behind it. */
static const struct sbx_plan *plan_of(const char *text, ...) __attribute__((sentinel));
static const struct sbx_plan *plan_of(const char *text, ...)
{
	char **argv = sbx_alloc_array(&t_arena, 32, sizeof *argv);
	struct sbx_diags d = t_diags();
	struct sbx_builder b = { .arena = &t_arena, .host = &host, .diags = &d };
	struct sbx_reader r = { .builder = &b, .profile = "t" };
	struct sbx_found found = { .main = { .path = "/p/t.profile",
				       .text = sbx_strf(&t_arena, "sbx-profile 1\n%s", text) } };
	const struct sbx_plan *plan = NULL;
	struct sbx_spec *spec;
	struct sbx_cli cli;
	const char *arg;
	va_list ap;
	int argc = 1;

	argv[0] = sbx_strdup(&t_arena, "sbx");
	va_start(ap, text);
	while ((arg = va_arg(ap, const char *)))
		argv[argc++] = sbx_strdup(&t_arena, arg);
	va_end(ap);
	found.main.len = strlen(found.main.text);
	assert_int_equal(sbx_reader_found(&r, &found, NULL), 0);
	assert_int_equal(sbx_cli_parse(&t_arena, &d, argc, argv, &cli), 0);
	for (size_t i = 0; i < cli.n_directives; i++)
		assert_int_equal(sbx_reader_directive(&r, cli.directives[i].words, cli.directives[i].n, F_CLI, "/"), 0);
	spec = sbx_builder_seal(&b);
	spec->command = cli.command;
	assert_int_equal(sbx_plan_build(&t_arena, spec, NULL, &host, &d, &plan), 0);
	assert_string_equal(t_said(&d), "");
	return plan;
}

/* The first operation of a kind in a plan that has all of them. */
static const char *op_failed(enum sbx_op_kind kind, int err)
{
	const struct sbx_plan *p =
	    plan_of("ro-bind /a /b\ntmpfs /t\nproc /proc\ndev /dev\ndir /d\nsymlink x /y\nremount-ro /z\n"
		    "hide /h\nmqueue /m\nchmod 0600 /d\noverlay-src /a\ntmp-overlay /o\n",
		"--file", "7", "/f", "--bind-data", "8", "/g", "true", NULL);

	for (size_t i = 0; i < p->n_ops; i++) {
		if (p->ops[i].kind == kind)
			return explain(p, (struct sbx_report){ .stage = SBX_STAGE_OP, .op = (int)i, .err = err });
	}
	fail_msg("no operation of kind %d", (int)kind);
	return NULL;
}

static void operations(void **state)
{
	static const char *const want[SBX_OP_COUNT] = {
		[SBX_OP_BIND] = "/p/t.profile:2:1: error: can't mount '/a' on '/b': Input/output error\n",
		[SBX_OP_TMPFS] = "/p/t.profile:3:1: error: can't mount a tmpfs on '/t': Input/output error\n",
		[SBX_OP_PROC] = "/p/t.profile:4:1: error: can't mount a procfs on '/proc': Input/output error\n",
		[SBX_OP_DEVPTS] = "/p/t.profile:5:1: error: can't mount a devpts on '/dev/pts': Input/output error\n",
		[SBX_OP_CONSOLE] =
		    "/p/t.profile:5:1: error: can't mount the terminal '/dev/pts/3' on '/dev/console': Input/output error\n",
		[SBX_OP_DIR] = "/p/t.profile:6:1: error: can't create the directory '/d': Input/output error\n",
		[SBX_OP_SYMLINK] =
		    "/p/t.profile:5:1: error: can't create the symbolic link '/dev/stdin': Input/output error\n",
		[SBX_OP_REMOUNT_RO] = "/p/t.profile:8:1: error: can't make '/z' read-only: Input/output error\n",
		[SBX_OP_HIDE] = "/p/t.profile:9:1: error: can't hide '/h': Input/output error\n",
		[SBX_OP_MQUEUE] = "/p/t.profile:10:1: error: can't mount message queues on '/m': Input/output error\n",
		[SBX_OP_CHMOD] = "/p/t.profile:11:1: error: can't change the mode of '/d': Input/output error\n",
		[SBX_OP_OVERLAY] = "/p/t.profile:13:1: error: can't mount an overlay on '/o': Input/output error\n",
		[SBX_OP_FILE] =
		    "<command-line>:1:1: error: can't create the file '/f' from file descriptor 7: Input/output error\n",
		[SBX_OP_DATA] =
		    "<command-line>:4:1: error: can't mount what file descriptor 8 gives on '/g': Input/output error\n",
		[SBX_OP_PROTECT] = "<default>: error: can't protect sbx's own directories: Input/output error\n",
	};

	(void)state;
	for (unsigned k = 0; k < SBX_OP_COUNT; k++) {
		assert_non_null(want[k]);
		assert_string_equal(op_failed((enum sbx_op_kind)k, EIO), want[k]);
	}
}

static void stages(void **state)
{
	const struct sbx_plan *p =
	    plan_of("hostname h\nchdir /c\nrlimit core=0\nrlimit nofile=5\nnice -5\nuid 7\nassert-userns-disabled\n"
		    "lock-file /k\nlock-file /l\nstderr /err\npty\n",
		"--block-fd", "5", "--keep-fd", "6", "true", NULL);
	const struct sbx_plan *joining = plan_of("", "--userns", "3", "--userns2", "4", "--sync-fd", "5", "true", NULL);
	static const struct {
		enum sbx_stage stage;
		const char *want;
	} cases[] = {
		{ SBX_STAGE_IDMAP,
		    "<default>: error: can't write the id maps of the user namespace: Input/output error\n" },
		{ SBX_STAGE_KEYRING,
		    "<default>: error: can't leave the caller's session keyring: Input/output error\n" },
		{ SBX_STAGE_USERNS_LIMIT,
		    "<default>: error: can't forbid user namespaces in the sandbox: Input/output error\n" },
		{ SBX_STAGE_NETWORK, "<default>: error: can't bring up the loopback device: Input/output error\n" },
		{ SBX_STAGE_HOSTNAME, "/p/t.profile:2:1: error: can't set the host name 'h': Input/output error\n" },
		{ SBX_STAGE_TIMENS, "<default>: error: can't make a time namespace: Input/output error\n" },
		{ SBX_STAGE_ROOT, "<default>: error: can't make an empty root: Input/output error\n" },
		{ SBX_STAGE_PIVOT, "<default>: error: can't enter the new root: Input/output error\n" },
		{ SBX_STAGE_ASSERT_USERNS,
		    "/p/t.profile:8:1: error: user namespaces can be made in the sandbox: Input/output error\n" },
		{ SBX_STAGE_LOCK, "/p/t.profile:10:1: error: can't lock '/l': Input/output error\n" },
		{ SBX_STAGE_BLOCK,
		    "<command-line>:1:1: error: can't wait for file descriptor 5: Input/output error\n" },
		{ SBX_STAGE_OUTPUT,
		    "/p/t.profile:11:1: error: can't redirect the command's output: Input/output error\n" },
		{ SBX_STAGE_KEEP_FD,
		    "<command-line>:3:1: error: can't hand over file descriptors: Input/output error\n" },
		{ SBX_STAGE_INIT, "<default>: error: can't start the sandbox's init: Input/output error\n" },
		{ SBX_STAGE_CHDIR,
		    "/p/t.profile:3:1: error: can't change to the directory '/c' in the sandbox: Input/output error\n" },
		{ SBX_STAGE_PTY, "/p/t.profile:12:1: error: can't make a terminal for the command: Input/output error\n"
				 "  hint: it is one of the devpts in the sandbox: `--dev /dev` mounts one\n" },
		{ SBX_STAGE_RLIMIT,
		    "/p/t.profile:5:1: error: can't set the resource limit nofile: Input/output error\n" },
		{ SBX_STAGE_NICE, "/p/t.profile:6:1: error: can't set the nice value -5: Input/output error\n" },
		{ SBX_STAGE_NESTED,
		    "<default>: error: can't make the user namespace of a command with capabilities: Input/output error\n" },
		{ SBX_STAGE_IDS,
		    "<default>: error: can't become user 7, group 1000 of the sandbox: Input/output error\n" },
		{ SBX_STAGE_CAPS, "<default>: error: can't set the capabilities of the command: Input/output error\n" },
		{ SBX_STAGE_LISTENER, "<default>: error: denials can't be told of, something outside this sandbox watches its "
				      "system calls already: Input/output error\n" },
		{ SBX_STAGE_EXEC, "<default>: error: can't run 'true': Input/output error\n" },
	};

	(void)state;
	/* All but that of the operations, of a namespace that is joined, and of filters. */
	assert_int_equal(ARRAY_LEN(cases), SBX_STAGE_EXEC - 2);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sbx_report r = { .stage = cases[i].stage, .op = 1, .err = EIO };

		assert_string_equal(explain(p, r), cases[i].want);
	}
	assert_string_equal(explain(joining, (struct sbx_report){ .stage = SBX_STAGE_USERNS2, .err = EPERM }),
	    "<command-line>:3:1: error: can't join the second user namespace: Operation not permitted\n"
	    "  hint: it must be below the namespace of --userns, and this user's\n");
	assert_true(sbx_starts_with(explain(joining, (struct sbx_report){ .stage = SBX_STAGE_KEEP_FD, .err = EIO }),
	    "<command-line>:5:1: error: can't hand over"));
	assert_string_equal(explain(p, (struct sbx_report){ .stage = SBX_STAGE_ASSERT_USERNS }),
	    "/p/t.profile:8:1: error: user namespaces can be made in the sandbox\n"
	    "  hint: set user.max_user_namespaces to 0 in the joined namespace, or do without --userns\n");
	assert_string_equal(explain(p, (struct sbx_report){ .stage = SBX_STAGE_FILTER, .op = -1, .err = EIO }),
	    "<default>: error: can't load the seccomp policy 'default': Input/output error\n");
	assert_string_equal(explain(plan_of("", "--seccomp", "none", "true", NULL),
				(struct sbx_report){ .stage = SBX_STAGE_FILTER, .op = -1, .err = ENOSYS }),
	    "<command-line>:1:1: error: can't load the floor of system calls: Function not implemented\n"
	    "  hint: the kernel must be built with CONFIG_SECCOMP_FILTER; `--seccomp none --no-seccomp-floor` does without\n");
	/* The maps by helpers have somebody who asked for them. */
	{
		static struct sbx_subid ids[] = { { 100000, 65536 } };

		host.subgids = ids;
		host.n_subgids = 1;
		p = t_good_plan(&host, "uid 5\nmap-groups auto");
		assert_true(sbx_starts_with(explain(p, (struct sbx_report){ .stage = SBX_STAGE_IDMAP, .err = EPERM }),
		    "/p/t.profile:3:1: error: "));
	}
}

static void details(void **state)
{
	const struct sbx_plan *p = t_good_plan(&host, "try ro-bind /a /b");
	struct sbx_report r = { .stage = SBX_STAGE_OP, .op = 0, .err = EACCES, .detail = "far away" };

	(void)state;
	/* A detail says what to do itself, but for the place of a bind's failure. */
	assert_string_equal(
	    explain(p, r), "/p/t.profile:2:5: error: can't mount '/a' on '/b': far away: Permission denied\n");
	(void)snprintf(r.detail, sizeof r.detail, "%s", sbx_at_source);
	assert_true(sbx_starts_with(explain(p, r),
	    "/p/t.profile:2:5: error: can't mount '/a' on '/b': the source: Permission denied\n"
	    "  hint: you have no access to the source"));
	r.err = 0;
	assert_string_equal(explain(p, r), "/p/t.profile:2:5: error: can't mount '/a' on '/b': the source\n");
	/* What was done another way is for who wants to know. */
	r.kind = SBX_REPORT_NOTED;
	assert_string_equal(explain(p, r), "/p/t.profile:2:5: info: can't mount '/a' on '/b': the source\n");
	/* What may be skipped is a notice, and needs no advice. */
	r.kind = SBX_REPORT_SKIPPED;
	r.err = ENOENT;
	r.detail[0] = '\0';
	assert_string_equal(
	    explain(p, r), "/p/t.profile:2:5: notice: skipped: can't mount '/a' on '/b': No such file or directory\n");
}

static void advice(void **state)
{
	(void)state;
	assert_non_null(strstr(op_failed(SBX_OP_BIND, ENOENT), "  hint: check the path; the word with -try"));
	assert_non_null(strstr(op_failed(SBX_OP_BIND, ENOTDIR), "must both be directories, or both files"));
	assert_non_null(strstr(op_failed(SBX_OP_PROC, EPERM), "an outer container covers part of /proc"));
	assert_non_null(strstr(op_failed(SBX_OP_REMOUNT_RO, EINVAL), "not a mount point"));
	assert_non_null(strstr(op_failed(SBX_OP_DIR, EROFS), "read-only in the sandbox"));
	assert_non_null(strstr(op_failed(SBX_OP_TMPFS, ENOSYS), "this kernel lacks a call"));
	assert_null(strstr(op_failed(SBX_OP_HIDE, EIO), "hint:"));
}

/* Whatever fails, every errno gives NULL or a sentence, and the common ones a sentence. */
static void every_hint(void **state)
{
	static const int common[] = { ENOSPC, EROFS, ENOSYS, EMFILE, EPERM, ELOOP };

	(void)state;
	for (unsigned k = 0; k < SBX_OP_COUNT; k++) {
		struct sbx_op op = { .kind = (enum sbx_op_kind)k };

		for (size_t i = 0; i < ARRAY_LEN(common); i++)
			assert_non_null(sbx_hint_for_op(&op, common[i]));
		for (int e = -1; e < 200; e++) {
			const char *hint = sbx_hint_for_op(&op, e);

			if (hint)
				assert_true(strlen(hint) > 15 && hint[strlen(hint) - 1] != '.');
		}
		assert_null(sbx_hint_for_op(&op, 0));
	}
	for (unsigned s = 0; s <= SBX_STAGE_EXEC; s++) {
		for (int e = 0; e < 200; e++) {
			const char *hint = sbx_hint_for_stage((enum sbx_stage)s, e);

			if (hint)
				assert_true(strlen(hint) > 15 && hint[strlen(hint) - 1] != '.');
		}
	}
	assert_non_null(strstr(sbx_hint_for_stage(SBX_STAGE_CHDIR, ENOENT), "must exist inside the sandbox"));
	assert_non_null(strstr(sbx_hint_for_stage(SBX_STAGE_RLIMIT, EPERM), "ulimit -Ha"));
	assert_non_null(strstr(sbx_hint_for_stage(SBX_STAGE_NICE, EACCES), "RLIMIT_NICE"));
	assert_non_null(strstr(sbx_hint_for_stage(SBX_STAGE_EXEC, ENOEXEC), "#!"));
	assert_non_null(strstr(sbx_hint_for_stage(SBX_STAGE_PTY, ENOSPC), "kernel.pty.max"));
	assert_non_null(strstr(sbx_hint_for_stage(SBX_STAGE_PTY, ENOENT), "--dev /dev"));
	assert_null(sbx_hint_for_stage(SBX_STAGE_EXEC, ENOENT));
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(operations), S(stages), S(details), S(advice), S(every_hint) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
