/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Namespaces, command, capabilities, limits, times and directory of a plan. */
#include "unit/support.h"

#include <sched.h>
#include <linux/capability.h>
#include <sys/resource.h>

#include "base/sys.h"

static struct sbx_host host;

static int setup(void **state)
{
	(void)state;
	host = t_host();
	return 0;
}

static const struct sbx_plan *plan(const char *text)
{
	return t_good_plan(&host, text);
}

static void namespaces(void **state)
{
	const uint64_t all =
	    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	static const struct {
		const char *name;
		uint64_t flag;
		enum sbx_share share;
	} kinds[] = {
		{ "net", CLONE_NEWNET, SBX_SHARE_NET },
		{ "pid", CLONE_NEWPID, SBX_SHARE_PID },
		{ "ipc", CLONE_NEWIPC, SBX_SHARE_IPC },
		{ "uts", CLONE_NEWUTS, SBX_SHARE_UTS },
		{ "cgroup", CLONE_NEWCGROUP, SBX_SHARE_CGROUP },
	};

	(void)state;
	assert_true(plan("")->namespaces == all);
	assert_true(plan("unshare-all")->namespaces == all);
	assert_true(plan("unshare-user\nunshare-user-try\nunshare-cgroup-try")->namespaces == all);
	assert_true(plan("unshare-time")->namespaces == (all | CLONE_NEWTIME));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct sbx_plan *p = plan(sbx_strf(&t_arena, "share-%s", kinds[i].name));

		assert_true(p->namespaces == (all & ~kinds[i].flag));
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			assert_int_equal(p->share_at[kinds[k].share] != NULL, i == k);
		assert_string_equal(sbx_origin_str(&t_arena, p->share_at[kinds[i].share]), "/p/t.profile:2:1");
		assert_true(
		    plan(sbx_strf(&t_arena, "share-%s\nunshare-%s", kinds[i].name, kinds[i].name))->namespaces == all);
		assert_true(plan(sbx_strf(&t_arena, "share-%s\nunshare-all", kinds[i].name))->namespaces == all);
		assert_true(plan(sbx_strf(&t_arena, "unshare-all\nshare-%s", kinds[i].name))->namespaces ==
			    (all & ~kinds[i].flag));
	}
	/* User and mount namespaces are never shared. */
	assert_true(plan("share-net\nshare-pid\nshare-ipc\nshare-uts\nshare-cgroup")->namespaces ==
		    (CLONE_NEWUSER | CLONE_NEWNS));
}

static void hostname(void **state)
{
	struct sbx_diags d = t_diags();
	const struct sbx_plan *p = plan("hostname a\nhostname b");

	(void)state;
	assert_string_equal(p->hostname, "b");
	assert_string_equal(sbx_origin_str(&t_arena, p->hostname_at), "/p/t.profile:3:1");
	assert_null(plan("")->hostname);
	assert_string_equal(t_plan_errors(&host, "share-uts\nhostname a"),
	    "/p/t.profile:3:1: error: hostname would change the host's: the UTS namespace is shared\n"
	    "  hint: drop share-uts (/p/t.profile:2:1)\n");
	assert_string_equal(plan("share-uts\nhostname a\nunshare-all")->hostname, "a");
	p = t_plan(&host, &d, "try hostname a\nshare-uts");
	assert_null(p->hostname);
	assert_string_equal(t_said(&d), "/p/t.profile:2:5: notice: hostname skipped: the UTS namespace is shared\n");
}

static void user_namespaces(void **state)
{
	struct sbx_host root = host;

	(void)state;
	root.real_root = true;
	assert_false(plan("")->enable_userns);
	assert_true(plan("")->limit_cgroupns);
	assert_null(plan("")->userns_at);
	assert_true(plan("enable-userns")->enable_userns);
	assert_false(plan("enable-userns")->limit_cgroupns);
	assert_true(t_good_plan(&root, "enable-userns")->limit_cgroupns);
	assert_false(plan("enable-userns\ndisable-userns")->enable_userns);
	assert_non_null(plan("cap-add SYS_ADMIN")->userns_at);
	/* What covers part of a writable bind could be moved away. */
	(void)plan("bind /a /b\nro-bind /a /b/c\nhide /b/d");
	(void)plan("enable-userns\nro-bind /a /b\nro-bind /a /b/c");
	(void)plan("enable-userns\nro-bind /a /b\nbind /a /b/c\nro-bind /a /bb");
	assert_string_equal(t_plan_errors(&host, "enable-userns\nbind /a /b\nro-bind /a /b/c"),
	    "/p/t.profile:2:1: error: with user namespaces of its own the command could move '/b/c' away, which is "
	    "read-only in a writable bind (/p/t.profile:4:1)\n"
	    "  hint: make the bind around it read-only, or do without enable-userns\n");
	assert_string_equal(t_plan_errors(&host, "bind /a /\nhide /x\ncap-add ALL"),
	    "/p/t.profile:4:1: error: with CAP_SYS_ADMIN the command could move '/x' away, which is hidden in a "
	    "writable bind (/p/t.profile:3:1)\n"
	    "  hint: make the bind around it read-only, or do without the capability\n");
}

static void command(void **state)
{
	const char *const words[] = { "/usr/bin/x", "--bind", "", NULL }, *const empty[] = { "", NULL };
	struct sbx_spec s = *t_good_spec(&host, "");
	struct sbx_diags d = t_diags();
	const struct sbx_plan *p = NULL;

	(void)state;
	s.command = words;
	assert_int_equal(sbx_plan_build(&t_arena, &s, NULL, &host, &d, &p), 0);
	assert_string_equal(p->file, "/usr/bin/x");
	assert_string_equal(p->argv[0], "/usr/bin/x");
	assert_string_equal(p->argv[1], "--bind");
	assert_string_equal(p->argv[2], "");
	assert_null(p->argv[3]);
	assert_string_equal(p->profile, "t");
	p = plan("argv0 -sh");
	assert_string_equal(p->file, "true");
	assert_string_equal(p->argv[0], "-sh");
	assert_string_equal(sbx_origin_str(&t_arena, p->argv0_at), "/p/t.profile:2:1");
	/* sbxctl profile check has none. */
	s.command = NULL;
	assert_int_equal(sbx_plan_build(&t_arena, &s, NULL, &host, &d, &p), 0);
	assert_null(p->argv);
	assert_null(p->file);
	s.command = empty;
	assert_int_equal(sbx_plan_build(&t_arena, &s, NULL, &host, &d, &p), -EINVAL);
	assert_string_equal(t_said(&d), "<default>: error: the command is an empty word\n");
}

static void capabilities(void **state)
{
	const uint64_t chown = UINT64_C(1) << CAP_CHOWN, kill = UINT64_C(1) << CAP_KILL;

	(void)state;
	assert_true(plan("")->caps == 0);
	assert_true(plan("cap-add CHOWN")->caps == chown);
	assert_true(plan("cap-add CHOWN\ncap-add CAP_KILL\ncap-drop chown")->caps == kill);
	assert_true(plan("cap-drop CHOWN\ncap-add CHOWN")->caps == chown);
	assert_true(plan("cap-add ALL")->caps == SBX_CAP_ALL);
	assert_true(plan("cap-add ALL\ncap-drop KILL")->caps == ~kill);
	assert_true(plan("cap-add ALL\ncap-drop ALL\ncap-add KILL")->caps == kill);
	assert_true(plan("cap-add CHECKPOINT_RESTORE")->caps == UINT64_C(1) << 40);
	/* CAP_SYS_ADMIN over the mounts would undo them: the command gets it in namespaces of its own. */
	{
		const uint64_t late = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

		assert_true(plan("cap-add SYS_ADMIN")->nested && plan("cap-add SYS_ADMIN")->late_namespaces == late);
		assert_true(plan("cap-add ALL")->nested);
		assert_true(plan("cap-add SYS_ADMIN\nshare-net\nunshare-time")->late_namespaces ==
			    (late & ~(uint64_t)CLONE_NEWNET));
		assert_false(plan("cap-add ALL\ncap-drop SYS_ADMIN\ncap-drop SYS_RESOURCE")->nested);
		assert_true(plan("cap-add SYS_RESOURCE")->nested && !plan("cap-add SYS_RESOURCE")->userns_at);
		assert_true(plan("cap-add CHOWN")->late_namespaces == 0);
	}
	/* Another directive's number is no capability. */
	assert_true(plan("uid 5\ntimeout 1\numask 077")->caps == 0);
}

static void limits(void **state)
{
	const struct sbx_plan *p = plan("rlimit nofile=1\ntry rlimit core=0\nrlimit nofile=2:3\nnice -5\numask 027");

	(void)state;
	assert_int_equal(p->n_rlimits, 2);
	assert_int_equal(p->rlimits[0].limit.resource, RLIMIT_NOFILE);
	assert_true(p->rlimits[0].limit.soft == 2 && p->rlimits[0].limit.hard == 3 && !p->rlimits[0].try);
	assert_string_equal(sbx_origin_str(&t_arena, p->rlimits[0].at), "/p/t.profile:4:1");
	assert_int_equal(p->rlimits[1].limit.resource, RLIMIT_CORE);
	assert_true(p->rlimits[1].try);
	assert_true(p->set_nice && p->nice == -5 && !p->nice_try);
	assert_true(p->set_umask && p->umask == 027);
	assert_string_equal(sbx_origin_str(&t_arena, p->nice_at), "/p/t.profile:5:1");
	assert_string_equal(sbx_origin_str(&t_arena, p->umask_at), "/p/t.profile:6:1");
	assert_true(plan("try nice 0")->nice_try);
	assert_true(plan("nice 0")->set_nice);
	assert_true(plan("umask 0")->set_umask);
	p = plan("");
	assert_false(p->set_nice || p->set_umask || p->n_rlimits);
	/* try is the last one's, not the first one's. */
	assert_false(plan("try rlimit core=1\nrlimit core=2")->rlimits[0].try);
}

static void times(void **state)
{
	const struct sbx_plan *p = plan("timeout 90\nkill-after 500ms");

	(void)state;
	assert_true(p->timeout_ms == 90000 && p->kill_after_ms == 500);
	assert_string_equal(sbx_origin_str(&t_arena, p->timeout_at), "/p/t.profile:2:1");
	assert_string_equal(sbx_origin_str(&t_arena, p->kill_after_at), "/p/t.profile:3:1");
	p = plan("timeout 1");
	assert_true(p->timeout_ms == 1000 && p->kill_after_ms == SBX_KILL_AFTER_DEFAULT_MS && !p->kill_after_at);
	p = plan("");
	assert_true(p->timeout_ms == 0 && p->kill_after_ms == 0);
	assert_string_equal(t_plan_errors(&host, "kill-after 5"),
	    "/p/t.profile:2:1: error: kill-after without a timeout\n"
	    "  hint: add a timeout, for instance `timeout 5m`\n");
}

/* The candidates, blank-separated. */
static const char *dirs(const char *text)
{
	const struct sbx_plan *p = plan(text);
	struct sbx_buf b = { .arena = &t_arena };

	for (size_t i = 0; i < ARRAY_LEN(p->chdir) && p->chdir[i]; i++)
		sbx_buf_addf(&b, "%s%s", i ? " " : "", p->chdir[i]);
	return sbx_buf_str(&b);
}

static void start_directory(void **state)
{
	(void)state;
	assert_string_equal(dirs(""), "/home/alice/project /home/alice /");
	assert_null(plan("")->chdir_at);
	assert_string_equal(dirs("chdir /a\nchdir /b"), "/b");
	assert_string_equal(sbx_origin_str(&t_arena, plan("chdir /b")->chdir_at), "/p/t.profile:2:1");
	assert_string_equal(dirs("try chdir /b"), "/b /home/alice/project /");
	host.cwd = NULL;
	assert_string_equal(dirs(""), "/home/alice /");
	assert_string_equal(dirs("try chdir /b"), "/b /home/alice /");
	host.home = NULL;
	assert_string_equal(dirs(""), "/");
}

static void parent(void **state)
{
	(void)state;
	assert_false(plan("")->die_with_parent);
	assert_true(plan("die-with-parent")->die_with_parent);
	assert_string_equal(sbx_origin_str(&t_arena, plan("uid 1\ndie-with-parent")->die_at), "/p/t.profile:3:1");
	assert_false(plan("new-session")->die_with_parent);
}

static void terminal(void **state)
{
	(void)state;
	assert_false(plan("new-session")->pty);
	assert_true(plan("pty\npty")->pty);
	assert_string_equal(sbx_origin_str(&t_arena, plan("uid 1\npty")->pty_at), "/p/t.profile:3:1");
}

/* All contradictions show together; a plan is given out only without any. */
static void several_errors(void **state)
{
	const char *said =
	    t_plan_errors(&host, "share-uts\nhostname a\nmap-auto\nkill-after 1\nsymlink '' /x\nmap-root-user\nuid 9");

	(void)state;
	assert_int_equal(t_count(said, "error:"), 6);
	assert_int_equal(t_count(said, "\n/p/t.profile:"), 5);
}

/* Errors from before are none of the plan's. */
static void earlier_errors(void **state)
{
	const struct sbx_spec *s = t_good_spec(&host, "uid 5");
	struct sbx_diags d = t_diags();
	const struct sbx_plan *p = NULL;

	(void)state;
	(void)sbx_error(&d, -EINVAL, NULL, "before");
	assert_int_equal(sbx_plan_build(&t_arena, s, NULL, &host, &d, &p), 0);
	assert_non_null(p);
}

static void op_names(void **state)
{
	(void)state;
	for (unsigned k = 0; k < SBX_OP_COUNT; k++) {
		struct sbx_op op = { .kind = (enum sbx_op_kind)k };

		assert_non_null(sbx_op_name(&op));
		for (unsigned i = 0; i < k; i++) {
			struct sbx_op other = { .kind = (enum sbx_op_kind)i };

			assert_string_not_equal(sbx_op_name(&op), sbx_op_name(&other));
		}
	}
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(namespaces), S(hostname), S(user_namespaces), S(command), S(capabilities), S(limits),
		S(times), S(start_directory), S(parent), S(terminal), S(several_errors), S(earlier_errors), S(op_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
