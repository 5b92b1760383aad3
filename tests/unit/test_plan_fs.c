/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts and files: what each directive becomes, in which order, and sbx's own rules behind them. */
#include "unit/support.h"

static struct sbx_host host;

static int setup(void **state)
{
	(void)state;
	host = t_host();
	return 0;
}

/* One operation as "NAME[!][?] [SRC] DEST [MODE] [SIZE]": '!' may fail, '?' a missing source is no error. */
static const char *show(const struct sbx_op *op)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_buf_addf(
	    &b, "%s%s%s", sbx_op_name(op), op->flags & SBX_OP_MAY_FAIL ? "!" : "", op->flags & SBX_OP_TRY ? "?" : "");
	if (op->flags & SBX_OP_OWN_HOME)
		sbx_buf_adds(&b, " own");
	if (op->src)
		sbx_buf_addf(&b, " %s", op->src);
	if (op->dest)
		sbx_buf_addf(&b, " %s", op->dest);
	if (op->mode)
		sbx_buf_addf(&b, " %04o", op->mode);
	if (op->size)
		sbx_buf_addf(&b, " %llu", (unsigned long long)op->size);
	return sbx_buf_str(&b);
}

/* The operations that the text asks for, a line each; sbx's own at the end are checked and left out. */
static const char *ops(const char *text)
{
	const struct sbx_plan *p = t_good_plan(&host, text);
	struct sbx_buf b = { .arena = &t_arena };
	size_t i;

	for (i = 0; i < p->n_ops && p->ops[i].kind != SBX_OP_PROTECT; i++) {
		assert_non_null(p->ops[i].at);
		sbx_buf_addf(&b, "%s\n", show(&p->ops[i]));
	}
	assert_true(i < p->n_ops);
	assert_null(p->ops[i].at);
	return sbx_buf_str(&b);
}

/* What comes from the guard on. */
static const char *own_ops(const char *text)
{
	const struct sbx_plan *p = t_good_plan(&host, text);
	struct sbx_buf b = { .arena = &t_arena };
	bool on = false;

	for (size_t i = 0; i < p->n_ops; i++) {
		on = on || p->ops[i].kind == SBX_OP_PROTECT;
		if (on)
			sbx_buf_addf(&b, "%s\n", show(&p->ops[i]));
	}
	return sbx_buf_str(&b);
}

static void each_directive(void **state)
{
	static const char *const cases[][2] = {
		{ "bind /a /b", "bind /a /b\n" },
		{ "bind-try /a /b", "bind? /a /b\n" },
		{ "ro-bind /a /b", "ro-bind /a /b\n" },
		{ "ro-bind-try /a /b", "ro-bind? /a /b\n" },
		{ "dev-bind /a /b", "dev-bind /a /b\n" },
		{ "dev-bind-try /a /b", "dev-bind? /a /b\n" },
		{ "tmpfs /t", "tmpfs /t 0755\n" },
		{ "perms 1777\nsize 1M\ntmpfs /t", "tmpfs /t 1777 1048576\n" },
		{ "proc /proc", "proc /proc\n" },
		{ "dir /d", "dir /d 0755\n" },
		{ "perms 0700\ndir /d", "dir /d 0700\n" },
		{ "perms 0\ndir /d", "dir /d\n" },
		{ "symlink usr/bin /bin", "symlink usr/bin /bin\n" },
		{ "remount-ro /x", "remount-ro /x\n" },
		{ "hide /x", "hide /x\n" },
		{ "try hide /x\ntry bind-try /a /b", "hide! /x\nbind!? /a /b\n" },
		{ "home tmpfs", "tmpfs /home/alice 0700\n" },
		{ "home host", "bind /home/alice /home/alice\n" },
		{ "home persist:x", "bind own /home/alice/.local/share/sbx/homes/x /home/alice\n" },
		{ "home persist", "bind own /home/alice/.local/share/sbx/homes/t /home/alice\n" },
		/* As they were said. */
		{ "dir /b\nuid 5\ndir /a\nsetenv A B\ndir /b", "dir /b 0755\ndir /a 0755\ndir /b 0755\n" },
		{ "share-pid\nproc /proc", "proc /proc /proc\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (strcmp(ops(cases[i][0]), cases[i][1]) != 0)
			fail_msg("'%s' gives\n%s", cases[i][0], ops(cases[i][0]));
	}
}

static void devices(void **state)
{
	static const char want[] =
	    "tmpfs /d 0755\n"
	    "dev-bind /dev/null /d/null\ndev-bind /dev/zero /d/zero\ndev-bind /dev/full /d/full\n"
	    "dev-bind /dev/random /d/random\ndev-bind /dev/urandom /d/urandom\ndev-bind /dev/tty /d/tty\n"
	    "symlink /proc/self/fd/0 /d/stdin\nsymlink /proc/self/fd/1 /d/stdout\n"
	    "symlink /proc/self/fd/2 /d/stderr\nsymlink /proc/self/fd /d/fd\nsymlink pts/ptmx /d/ptmx\n"
	    "tmpfs /d/shm 1777\ndevpts /d/pts\n";

	(void)state;
	assert_string_equal(ops("dev /d"), want);
	host.tty = "/dev/pts/3";
	assert_string_equal(ops("dev /d"), sbx_strf(&t_arena, "%sconsole /dev/pts/3 /d/console\n", want));
	/* The command with a terminal of its own is kept from the caller's. */
	assert_string_equal(ops("dev /d\npty"), want);
	/* All of it may fail together. */
	assert_int_equal(t_count(ops("try dev /d"), "!"), 15);
	/* Read-only once all is mounted, but before the root. */
	assert_string_equal(own_ops("dev /d\nbind /a /d/a"), "protect\nremount-ro /d\nremount-ro /\n");
	assert_string_equal(own_ops("dev /d\ndev /e"), "protect\nremount-ro /d\nremount-ro /e\nremount-ro /\n");
}

static void root(void **state)
{
	(void)state;
	assert_string_equal(own_ops(""), "protect\nremount-ro /\n");
	/* Who mounts something on / decides himself. */
	assert_string_equal(own_ops("bind / /"), "protect\n");
	assert_string_equal(own_ops("ro-bind / //"), "protect\n");
	assert_string_equal(own_ops("tmpfs /"), "protect\n");
	assert_string_equal(own_ops("dir /"), "protect\nremount-ro /\n");
	assert_string_equal(own_ops("hide /"), "protect\nremount-ro /\n");
}

static void guarded_directories(void **state)
{
	const struct sbx_plan *p = t_good_plan(&host, "");

	(void)state;
	assert_string_equal(p->protect[0], "/home/alice/.config/sbx");
	assert_string_equal(p->protect[1], "/home/alice/.local/share/sbx");
	assert_string_equal(p->protect[2], "/home/alice/.local/state/sbx");
	assert_string_equal(p->protect[3], "/home/alice/.cache/sbx");
	assert_string_equal(p->protect[4], "/run/user/1000/sbx");
	assert_null(p->protect[5]);
	host.runtime_dir = NULL;
	assert_null(t_good_plan(&host, "")->protect[4]);
	/* The usual places too, for the next start may be without the variable. */
	host.config_home = "/etc/alice";
	p = t_good_plan(&host, "");
	assert_string_equal(p->protect[0], "/etc/alice/sbx");
	assert_string_equal(p->protect[4], "/home/alice/.config/sbx");
	assert_null(p->protect[5]);
	/* Behind everything that was asked for. */
	assert_string_equal(own_ops("bind /home /home\nhome host\nremount-ro /x"), "protect\nremount-ro /\n");
}

static void homes(void **state)
{
	const struct sbx_plan *p = t_good_plan(&host, "home persist:x");

	(void)state;
	assert_string_equal(p->make_dirs[0], "/home/alice/.local/share/sbx/homes/x");
	assert_null(p->make_dirs[1]);
	assert_null(t_good_plan(&host, "home tmpfs")->make_dirs[0]);
	host.home = "/";
	assert_string_equal(t_plan_errors(&host, "home tmpfs"),
	    "/p/t.profile:2:1: error: home: there is no home directory: $HOME is /\n");
	host.home = NULL;
	assert_non_null(strstr(t_plan_errors(&host, "home host"), "$HOME is not known"));
}

static void persist_without_a_name(void **state)
{
	struct sbx_diags d = t_diags();
	const struct sbx_spec *s = t_cli_spec(&host, &d, "--no-profile", "--home", "persist", "a", NULL);
	struct sbx_spec copy = *s;
	const struct sbx_plan *p = NULL;

	(void)state;
	assert_int_equal(sbx_plan_build(&t_arena, s, NULL, &host, &d, &p), -EINVAL);
	assert_string_equal(t_said(&d),
	    "<command-line>:2:1: error: home persist: there is no profile to name it after\n"
	    "  hint: say `home persist:NAME`\n");
	/* The name of a file given as a path may be anything. */
	d = t_diags();
	copy.profile = "../x";
	assert_int_equal(sbx_plan_build(&t_arena, &copy, NULL, &host, &d, &p), -EINVAL);
	assert_non_null(strstr(t_said(&d), "the profile's name can't be a directory's"));
	assert_null(p);
}

static void empty_target(void **state)
{
	(void)state;
	assert_string_equal(
	    t_plan_errors(&host, "symlink '' /x"), "/p/t.profile:2:1: error: symlink: an empty TARGET names nothing\n");
}

static void many(void **state)
{
	struct sbx_buf b = { .arena = &t_arena };
	const struct sbx_plan *p;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		sbx_buf_addf(&b, "ro-bind /usr /m/%u\n", i);
	p = t_good_plan(&host, b.data);
	assert_int_equal(p->n_ops, 10002);
	assert_string_equal(p->ops[9999].dest, "/m/9999");
	assert_string_equal(sbx_origin_str(&t_arena, p->ops[9999].at), "/p/t.profile:10001:1");
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(each_directive), S(devices), S(root), S(guarded_directories), S(homes),
		S(persist_without_a_name), S(empty_target), S(many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
