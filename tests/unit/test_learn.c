/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test_learn.c - from what a run did to the text of a profile and of a policy. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "support.h"

#include "plan/dump.h"
#include "policy/load.h"
#include "run/learn.h"

static const char ran_text[] = "ro-bind / /\ndev /dev\ndev-bind-try /dev/dri /dev/dri\nproc /proc\nbind /tmp /tmp\n"
			       "bind /home/alice /home/alice\nshare-net\n";
static const char have_text[] = "ro-bind /usr /usr\nsymlink usr/bin /bin\ndev /dev\ntmpfs /tmp\ntmpfs /home/alice\n";

static struct sbx_recording r;
static struct sbx_host host;
static struct sbx_diags diags;

static int begin(void **state)
{
	(void)state;
	memset(&r, 0, sizeof r);
	r.arena = &t_arena;
	host = t_host();
	diags = t_diags();
	return 0;
}
#define L(test) cmocka_unit_test_setup_teardown(test, begin, t_forget)

static void file(const char *path, unsigned needs)
{
	sbx_learn_path(&r, path, SBX_FILE_OTHER, NULL, SBX_NEED_LOOK | needs, "prog");
}
static void dir(const char *path, unsigned needs)
{
	sbx_learn_path(&r, path, SBX_FILE_DIR, NULL, SBX_NEED_LOOK | needs, "prog");
}
static void made(const char *path)
{
	sbx_learn_path(&r, path, SBX_FILE_MISSING, NULL, SBX_NEED_MAKE | SBX_NEED_WRITE, "prog");
}

static const char *lines_on(const char *have, const char *cwd)
{
	struct sbx_buf out = { .arena = &t_arena };
	struct sbx_learn_facts f = { .r = &r,
		.ran = t_good_plan(&host, ran_text),
		.have = t_good_plan(&host, have),
		.etc = t_good_plan(&host, "ro-bind /etc/passwd /etc/passwd\n"),
		.home = "/home/alice",
		.cwd = cwd,
		.diags = &diags };

	(void)sbx_learn_profile_lines(&out, &f);
	return sbx_buf_str(&out);
}
static const char *lines(void)
{
	return lines_on(have_text, "/");
}

static void test_read(void **state)
{
	(void)state;
	file("/usr/bin/prog", SBX_NEED_READ | SBX_NEED_RUN);
	file("/opt/tool/bin/x", SBX_NEED_READ | SBX_NEED_RUN);
	file("/home/alice/notes.txt", SBX_NEED_READ);
	file("/home/alice/looked-at", 0);
	sbx_learn_path(&r, "/bin", SBX_FILE_LINK, "usr/bin", SBX_NEED_LOOK, "prog");
	sbx_learn_path(&r, "/home/alice/link", SBX_FILE_LINK, "notes.txt", SBX_NEED_LOOK, "prog");
	sbx_learn_path(&r, "/home/alice/missing", SBX_FILE_MISSING, NULL, SBX_NEED_READ, "prog");
	assert_string_equal(lines(), "symlink notes.txt ${HOME}/link\n"
				     "ro-bind-try ${HOME}/looked-at ${HOME}/looked-at\n"
				     "ro-bind-try ${HOME}/notes.txt ${HOME}/notes.txt\n"
				     "ro-bind-try /opt/tool/bin/x /opt/tool/bin/x\n");
}

static void test_etc(void **state)
{
	(void)state;
	file("/etc/passwd", SBX_NEED_READ);
	file("/etc/odd", SBX_NEED_READ);
	assert_string_equal(lines(), "include base-etc\nro-bind-try /etc/odd /etc/odd\n");
}

static void test_write(void **state)
{
	(void)state;
	/* An existing file; a directory in which things are made, with all that is below it. */
	file("/home/alice/log", SBX_NEED_WRITE);
	dir("/home/alice/project", SBX_NEED_CHANGE);
	made("/home/alice/project/new");
	dir("/home/alice/project/new/sub", SBX_NEED_CHANGE);
	file("/home/alice/project/old.c", SBX_NEED_READ);
	/* Read-only in the run: nothing was written there. */
	file("/usr/lib/cache", SBX_NEED_WRITE);
	file("/srv/data", SBX_NEED_WRITE);
	assert_string_equal(lines(), "bind ${HOME}/log ${HOME}/log\n"
				     "bind ${HOME}/project ${HOME}/project\n"
				     "ro-bind-try /srv/data /srv/data\n");
}

static void test_temporary(void **state)
{
	(void)state;
	dir("/tmp", SBX_NEED_CHANGE);
	made("/tmp/ccXYZ.o");
	made("/tmp/d");
	dir("/tmp/d/e", SBX_NEED_CHANGE);
	file("/tmp/d/e/f", SBX_NEED_WRITE);
	assert_string_equal(lines(), "");
	file("/tmp/input", SBX_NEED_READ);
	assert_string_equal(lines(), "ro-bind-try /tmp/input /tmp/input\n");
}

static void test_wide(void **state)
{
	(void)state;
	dir("/home/alice", SBX_NEED_CHANGE | SBX_NEED_READ);
	dir("/", SBX_NEED_READ);
	dir("/home", SBX_NEED_READ);
	assert_string_equal(lines(), "# What the run did and this does not give it; think before you take a # away.\n"
				     "# ro-bind-try / /  # its names are read, first: prog\n"
				     "# ro-bind-try /home /home  # its names are read, first: prog\n"
				     "# bind ${HOME} ${HOME}  # files come and go in it, first: prog\n");
	assert_int_equal(diags.n, 1);
}

static void test_many(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++)
		file(sbx_strf(&t_arena, "/home/alice/project/src/%d.c", i), SBX_NEED_READ);
	file("/home/alice/project/src/3.c", SBX_NEED_WRITE);
	file("/home/alice/project/Makefile", SBX_NEED_READ);
	assert_string_equal(lines(), "ro-bind-try ${HOME}/project/Makefile ${HOME}/project/Makefile\n"
				     "ro-bind ${HOME}/project/src ${HOME}/project/src\n"
				     "bind ${HOME}/project/src/3.c ${HOME}/project/src/3.c\n");
}

static void test_secrets(void **state)
{
	(void)state;
	file("/home/alice/.ssh/id_ed25519", SBX_NEED_READ);
	dir("/home/alice/.config", SBX_NEED_READ);
	file("/home/alice/.config/sbx/profiles/x.profile", SBX_NEED_READ);
	dir("/home/alice/.local/share/sbx", SBX_NEED_CHANGE);
	for (int i = 0; i < 20; i++)
		file(sbx_strf(&t_arena, "/home/alice/.config/app%d", i), SBX_NEED_READ);
	assert_null(strstr(lines(), "sbx"));
	assert_non_null(strstr(lines(), "\n# ro-bind-try ${HOME}/.ssh/id_ed25519 ${HOME}/.ssh/id_ed25519  # a secret"));
	/* The directory would bring sbx's own and the browser's with it. */
	assert_non_null(strstr(lines(), "\n# ro-bind-try ${HOME}/.config ${HOME}/.config  # its names are read"));
	assert_non_null(strstr(lines(), "ro-bind-try ${HOME}/.config/app19 ${HOME}/.config/app19\n"));
}

static void test_special(void **state)
{
	(void)state;
	file("/dev/null", SBX_NEED_WRITE);
	sbx_learn_path(&r, "/dev/dri/card0", SBX_FILE_DEVICE, NULL, SBX_NEED_WRITE, "prog");
	sbx_learn_path(&r, "/run/user/1000/bus", SBX_FILE_SOCKET, NULL, SBX_NEED_CONNECT, "prog");
	assert_string_equal(lines(), "dev-bind /dev/dri/card0 /dev/dri/card0  # a device, first: prog\n"
				     "ro-bind-try /run/user/1000/bus /run/user/1000/bus  # a socket, first: prog\n");
}

static void test_words(void **state)
{
	(void)state;
	file("/srv/a b\"$c#'\\\n\x1b\xff", SBX_NEED_READ);
	sbx_learn_path(&r, "/srv/b", SBX_FILE_SOCKET, NULL, SBX_NEED_CONNECT, "evil\nbind / /");
	assert_string_equal(lines(),
	    "ro-bind-try /srv/a\\ b\\\"\\$c\\#\\'\\\\\\x0a\\x1b\\xff /srv/a\\ b\\\"\\$c\\#\\'\\\\\\x0a\\x1b\\xff\n"
	    "ro-bind-try /srv/b /srv/b  # a socket, first: evil?bind / /\n");
	/* And it is read back as what it was. */
	assert_string_equal(t_good_plan(&host, lines())->ops[0].src, "/srv/a b\"$c#'\\\n\x1b\xff");
}

static void test_cwd(void **state)
{
	(void)state;
	assert_string_equal(lines_on(have_text, "/home/alice/project"), "dir ${HOME}/project\n");
	assert_string_equal(lines_on("bind /home/alice /home/alice\n", "/home/alice/project"), "");
	file("/home/alice/project/x", SBX_NEED_READ);
	assert_string_equal(
	    lines_on(have_text, "/home/alice/project"), "ro-bind-try ${HOME}/project/x ${HOME}/project/x\n");
}

static void test_merge(void **state)
{
	const char *first;

	(void)state;
	file("/home/alice/a", SBX_NEED_READ);
	first = lines();
	file("/home/alice/b", SBX_NEED_READ);
	assert_string_equal(
	    lines_on(sbx_strf(&t_arena, "%s%s", have_text, first), "/"), "ro-bind-try ${HOME}/b ${HOME}/b\n");
	/* What was read-only is written now. */
	file("/home/alice/a", SBX_NEED_WRITE);
	first = sbx_strf(&t_arena, "%s%s", have_text, first);
	assert_string_equal(lines_on(first, "/"), "bind ${HOME}/a ${HOME}/a\nro-bind-try ${HOME}/b ${HOME}/b\n");
	assert_string_equal(lines_on(sbx_strf(&t_arena, "%s%s", first, lines_on(first, "/")), "/"), "");
}

static void inet4(bool bind, const char *address, unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
	sbx_learn_address(&r, bind, &in, sizeof in, "prog");
}
static void inet6(bool bind, const char *address, unsigned port)
{
	struct sockaddr_in6 in = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	assert_int_equal(inet_pton(AF_INET6, address, &in.sin6_addr), 1);
	sbx_learn_address(&r, bind, &in, sizeof in, "prog");
}

static void test_loopback(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0name" };

	(void)state;
	inet4(true, "127.0.0.1", 8080);
	inet4(false, "127.0.0.1", 8080);
	inet6(true, "::1", 8081);
	inet6(false, "::ffff:127.0.0.1", 8081);
	inet4(true, "0.0.0.0", 0);
	inet4(false, "127.0.0.1", 5);
	sbx_learn_address(&r, true, &un, sizeof(sa_family_t) + 5, "prog");
	sbx_learn_address(&r, false, &un, sizeof(sa_family_t) + 5, "prog");
	sbx_learn_address(&r, false, &un, 1, "prog");
	sbx_learn_address(&r, false, &un, 0, "prog");
	assert_string_equal(lines(), "");
}

static void test_outside(void **state)
{
	(void)state;
	inet4(false, "127.0.0.1", 631);
	assert_non_null(strstr(lines(), "# share-net  # port 631 of the loopback"));
	inet6(false, "2001:db8::1", 443);
	assert_string_equal(lines(), "share-net  # connect 2001:db8::1 port 443, first: prog\n");
	assert_string_equal(lines_on(sbx_strf(&t_arena, "%sshare-net\n", have_text), "/"), "");
}

/* Each row names arguments that are what it takes them for. */
static void test_table(void **state)
{
	(void)state;
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		size_t n;
		const struct sbx_path_arg *p = sbx_learn_path_args(id, &n);

		for (size_t i = 0; i < n; i++) {
			for (int abi = 0; abi < SBX_N_ABIS; abi++) {
				if (sbx_syscall_nr(id, abi) < 0)
					continue;
				assert_int_equal(sbx_syscall_arg_kind(id, abi, (unsigned)p[i].path), SBX_ARG_PTR);
				if (p[i].dir >= 0)
					assert_int_equal(
					    sbx_syscall_arg_kind(id, abi, (unsigned)p[i].dir), SBX_ARG_INT);
				if (p[i].flags >= 0)
					assert_int_equal(sbx_syscall_arg_kind(id, abi, (unsigned)p[i].flags),
					    p[i].use == SBX_USE_OPEN_HOW ? SBX_ARG_PTR : SBX_ARG_INT);
			}
		}
	}
}

static void test_open(void **state)
{
	(void)state;
	assert_int_equal(sbx_learn_open_needs(O_RDONLY), SBX_NEED_LOOK | SBX_NEED_READ);
	assert_int_equal(sbx_learn_open_needs(O_PATH | O_RDWR), SBX_NEED_LOOK);
	assert_int_equal(sbx_learn_open_needs(O_WRONLY | O_CREAT), SBX_NEED_LOOK | SBX_NEED_WRITE | SBX_NEED_MAKE);
	assert_int_equal(sbx_learn_open_needs(O_RDONLY | O_TRUNC), SBX_NEED_LOOK | SBX_NEED_READ | SBX_NEED_WRITE);
	assert_int_equal(sbx_learn_open_needs(O_RDWR | O_TMPFILE), SBX_NEED_LOOK | SBX_NEED_CHANGE);
	assert_int_equal(sbx_learn_open_needs(O_RDONLY | O_DIRECTORY), SBX_NEED_LOOK | SBX_NEED_READ);
}

static const char *program(void *data)
{
	return data;
}
static void call(int id, uint64_t arg0, uint64_t arg1, uint16_t denied)
{
	enum sbx_abi abi = sbx_abi_native();
	uint64_t args[6] = { arg0, arg1 };
	char name[] = "prog";

	sbx_learn_call(&r, abi, (uint32_t)sbx_syscall_nr(id, abi), args, denied, program, name);
}
static const char *rules(const char *old_text)
{
	const struct sbx_policy *old = NULL;
	const struct sbx_learn_call *calls[SBX_N_SYSCALLS];
	struct sbx_buf out = { .arena = &t_arena };
	enum sbx_abi abi = sbx_abi_native();
	size_t n = 0;

	if (old_text) {
		old_text = sbx_strf(&t_arena, "sbx-policy 1\ndefault errno(EPERM)\n%s", old_text);
		if (sbx_policy_parse(&t_arena, &diags, "t.policy", old_text, strlen(old_text), &old) < 0)
			fail_msg("%s", t_said(&diags));
	}
	for (int id = 0; id < SBX_N_SYSCALLS; id++) {
		if (r.calls[id])
			calls[n++] = r.calls[id];
	}
	(void)sbx_learn_rules(&out, old, abi, 1U << abi, calls, n);
	return sbx_buf_str(&out);
}

static void test_rules(void **state)
{
	const char *text;

	(void)state;
	call(SBX_SYSCALL_openat, 0, 0, 0);
	call(SBX_SYSCALL_openat, 0, 0, 0);
	call(SBX_SYSCALL_socket, 2, 1 | 0x80000, 0);
	call(SBX_SYSCALL_ioctl, 3, 0x5401, 0);
	call(SBX_SYSCALL_ioctl, 3, 0x5413, 0);
	call(SBX_SYSCALL_ptrace, 0, 0, EPERM);
	call(SBX_SYSCALL_clone3, 0, 0, ENOSYS);
	text = rules(NULL);
	assert_string_equal(text,
	    "errno(ENOSYS) quiet clone3  # seen 1×, first: prog\n"
	    "allow ioctl if cmd in { TCGETS, TIOCGWINSZ }  # seen 2×, first: prog\n"
	    "allow openat  # seen 2×, first: prog\n"
	    "allow socket if family == AF_INET && type & 0xf == SOCK_STREAM  # seen 1×, first: prog\n");
	/* It is a policy, and one that needs nothing more. */
	assert_string_equal(rules(text), "");
	call(SBX_SYSCALL_ioctl, 3, 0x5402, 0);
	call(SBX_SYSCALL_socket, 1, 2, 0);
	assert_string_equal(rules(text),
	    "allow ioctl if cmd == TCSETS  # seen 3×, first: prog\n"
	    "allow socket if family == AF_UNIX && type & 0xf == SOCK_DGRAM  # seen 2×, first: prog\n");
	/* A line that someone wrote stands. */
	assert_null(strstr(rules("deny openat\nallow ioctl socket\n"), "openat"));
	assert_string_equal(rules("deny openat\nallow ioctl socket clone3\n"), "");
}

static void test_values(void **state)
{
	(void)state;
	call(SBX_SYSCALL_clone, 0x1200011, 0, 0);
	call(SBX_SYSCALL_clone, 0x3d0f00, 0, 0);
	assert_non_null(
	    strstr(rules(NULL), "allow clone if flags & (CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|"
				"CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET) == 0  #"));
	assert_string_equal(rules(rules(NULL)), "");
	call(SBX_SYSCALL_clone, 0x10000011, 0, 0);
	call(SBX_SYSCALL_unshare, 0x10000000, 0, 0);
	call(SBX_SYSCALL_unshare, 0x20200, 0, 0);
	assert_non_null(strstr(rules(NULL), "CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET) == 0  #"));
	assert_non_null(strstr(rules(NULL), "allow unshare if flags only CLONE_FS|CLONE_NEWNS|CLONE_NEWUSER  #"));
	assert_string_equal(rules(rules(NULL)), "");
	for (unsigned i = 0; i < SBX_LEARN_MAX_VALUES + 1; i++)
		call(SBX_SYSCALL_prctl, i, 0, 0);
	assert_non_null(strstr(rules(NULL), "allow prctl  # seen 65×"));
}

/* What is never asked about must be allowed by what is learned, and only if the policy allows it whatever it is called with. */
static void test_always(void **state)
{
	const char *text = "sbx-policy 1\ndefault allow\ndeny poll\nerrno(EIO) lseek if whence == 3\nallow read\n";
	const struct sbx_policy *p, *learning;
	enum sbx_abi abi = sbx_abi_native();
	static const struct {
		int id;
		bool quiet;
	} want[] = { { SBX_SYSCALL_read, true }, { SBX_SYSCALL_close, true }, { SBX_SYSCALL_ppoll, true },
		{ SBX_SYSCALL_lseek, false }, { SBX_SYSCALL_openat, false } };

	(void)state;
	assert_int_equal(sbx_policy_parse(&t_arena, &diags, "t.policy", text, strlen(text), &p), 0);
	learning = sbx_policy_for_learning(&t_arena, p);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		uint64_t args[6] = { 0 };
		uint32_t nr = (uint32_t)sbx_syscall_nr(want[i].id, abi), arch = sbx_abi_info(abi)->audit_arch;
		struct sbx_verdict v = sbx_policy_eval(learning, 1U << abi, arch, nr, args);

		assert_int_equal(v.action.kind, SBX_ACT_ALLOW);
		assert_int_equal(v.action.quiet, want[i].quiet);
		args[2] = 3;
		v = sbx_policy_eval(learning, 1U << abi, arch, nr, args);
		assert_int_equal(v.action.kind, want[i].id == SBX_SYSCALL_lseek ? SBX_ACT_ERRNO : SBX_ACT_ALLOW);
	}
	assert_true(sbx_learn_lacks_always(&t_arena, learning, abi) == false);
	assert_int_equal(sbx_policy_parse(&t_arena, &diags, "t.policy", "sbx-policy 1\nallow read\n", 24, &p), 0);
	assert_true(sbx_learn_lacks_always(&t_arena, p, abi));
}

static const struct sbx_plan *cli_plan(const struct sbx_spec *spec, const struct sbx_filters *filters)
{
	const struct sbx_plan *plan;

	assert_non_null(spec);
	return sbx_plan_build(&t_arena, spec, filters, &host, &diags, &plan) < 0 ? NULL : plan;
}

static void test_options(void **state)
{
	struct sbx_filters none = { 0 }, raw = { .raw = &(struct sbx_raw_filter){ .fd = 3 }, .n_raw = 1 };
	struct sbx_buf text = { .arena = &t_arena }, json = { .arena = &t_arena };
	const struct sbx_plan *p;

	(void)state;
	p = cli_plan(t_cli_spec(&host, &diags, "--no-profile", "--merge", "--learn", "x.profile", "true", NULL), &none);
	assert_string_equal(p->learn.path, "/home/alice/project/x.profile");
	assert_true(p->learn.merge && p->seccomp.listen && !p->seccomp.report);
	assert_true(p->seccomp.reporting.n > 0);
	sbx_dump_plan_text(&text, p);
	assert_non_null(strstr(text.data, "\nwhat the command does is added to /home/alice/project/x.profile "));
	sbx_dump_plan_json(&json, p);
	assert_null(t_bad_json(json.data));
	assert_non_null(strstr(json.data, "\"file\": \"/home/alice/project/x.profile\","));
	assert_non_null(strstr(json.data, "\"merge\": true,"));
	assert_string_equal(t_said(&diags), "");

	assert_null(cli_plan(t_cli_spec(&host, &diags, "--no-profile", "--merge", "true", NULL), &none));
	assert_non_null(
	    strstr(t_said(&diags), "<command-line>:2:1: error: merge: there is nothing to be merged\n  hint"));
	diags = t_diags();
	assert_null(cli_plan(t_cli_spec(&host, &diags, "--no-profile", "--learn", "/x", "true", NULL), &raw));
	assert_non_null(
	    strstr(t_said(&diags), "error: a filter of a file descriptor with --learn (<command-line>:2:1)"));
	diags = t_diags();
	assert_null(cli_plan(
	    t_cli_spec(&host, &diags, "--no-profile", "--no-seccomp-floor", "--learn", "/x", "true", NULL), &none));
	assert_non_null(strstr(t_said(&diags), "<command-line>:2:1: error: no-seccomp-floor with --learn"));
	diags = t_diags();
	assert_null(t_cli_spec(&host, &diags, "--learn", "/x", "--learn", "/y", "true", NULL));
	assert_non_null(strstr(t_said(&diags), "error: --learn twice"));
	diags = t_diags();
	assert_null(t_spec(&host, &diags, "learn /x"));
	assert_non_null(strstr(t_said(&diags), "'learn' belongs on the command line"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		L(test_read),
		L(test_etc),
		L(test_write),
		L(test_temporary),
		L(test_wide),
		L(test_many),
		L(test_secrets),
		L(test_special),
		L(test_words),
		L(test_cwd),
		L(test_merge),
		L(test_loopback),
		L(test_outside),
		L(test_table),
		L(test_open),
		L(test_rules),
		L(test_values),
		L(test_always),
		L(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
