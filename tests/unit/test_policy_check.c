/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy can't mean, what it probably does not, and what the floor under it closes. */
#include "unit/support.h"

#include "policy/floor.h"
#include "policy/load.h"

static const struct sbx_policy *parse(const char *name, const char *text)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;

	if (sbx_policy_parse(&t_arena, &d, name, text, strlen(text), &p) < 0)
		fail_msg("%s\n%s", text, t_said(&d));
	return p;
}

/* What is said of a policy for a kernel of `native`, without the newline at its end. */
static const char *said_of(const char *name, const char *text, enum sbx_abi native)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p = parse(name, text);
	const char *said;
	int e = sbx_policy_check(p, &t_arena, &d, native);

	assert_int_equal(e<0, d.n_errors> 0);
	if (e == 0)
		sbx_policy_lint(p, &t_arena, &d, native);
	assert_int_equal(e<0, d.n_errors> 0);
	said = t_said(&d);
	return *said ? sbx_strndup(&t_arena, said, strlen(said) - 1) : said;
}

struct said_case {
	const char *text, *said;
};

static void all_said(const struct said_case *cases, size_t n, const char *before, const char *after)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = sbx_strf(&t_arena, "sbx-policy 1\n%s%s\n%s", before, cases[i].text, after);
		const char *said = said_of("t.policy", text, SBX_ABI_X86_64);

		if (!sbx_streq(said, cases[i].said))
			fail_msg("%s\nwanted: %s\ngot: %s", text, cases[i].said, said);
	}
}

static const struct said_case comparisons_said[] = {
	{ "allow openat if filename == 5",
	    "t.policy:2:17: error: 'filename' of openat on x86_64: the argument is an address: what it points to "
	    "can't be seen by a filter" },
	{ "allow openat if arg1 == 5",
	    "t.policy:2:17: error: 'arg1' of openat on x86_64: the argument is an address: what it points to "
	    "can't be seen by a filter" },
	{ "allow getpid if arg0 == 1",
	    "t.policy:2:17: error: 'arg0' of getpid on x86_64: the system call has not so many arguments" },
	{ "allow ioctl if cmmd == 5",
	    "t.policy:2:16: error: 'cmmd' of ioctl on x86_64: the system call has no such argument" },
	{ "allow nr:16 if cmd == 5", "" },
	{ "allow nr:16 if arg1 == 0x100000000",
	    "t.policy:2:16: error: 'arg1' of ioctl on x86_64: the value does not fit into the 4 bytes of the "
	    "argument" },
	{ "allow ioctl if cmd == 0x100000000",
	    "t.policy:2:16: error: 'cmd' of ioctl on x86_64: the value does not fit into the 4 bytes of the "
	    "argument" },
	{ "allow ioctl if cmd == -1", "" },
	{ "allow ioctl if cmd == ~0x10", "" },
	{ "allow ioctl if cmd > -1",
	    "t.policy:2:16: error: 'cmd' of ioctl on x86_64: the value does not fit into the 4 bytes of the "
	    "argument (comparisons of order are unsigned)" },
	{ "allow ioctl if cmd <= 0x1ffffffff",
	    "t.policy:2:16: error: 'cmd' of ioctl on x86_64: the value does not fit into the 4 bytes of the "
	    "argument (comparisons of order are unsigned)" },
	{ "allow ioctl if cmd & 0x100000000 == 0",
	    "t.policy:2:16: error: 'cmd' of ioctl on x86_64: the mask does not fit into the 4 bytes of the "
	    "argument" },
	{ "allow ioctl if cmd & 3 == 4",
	    "t.policy:2:16: warning: this is never true: the value has bits that the mask takes away" },
	{ "allow ioctl read if fd & 3 == 4",
	    "t.policy:2:21: warning: this is never true: the value has bits that the mask takes away" },
	{ "arch i386, x32\n"
	  "allow socket if family & 1 == 2",
	    "t.policy:3:17: warning: this is never true: the value has bits that the mask takes away" },
	{ "allow lseek if offset == 0x100000000", "" },
	{ "arch i386\n"
	  "allow lseek if offset == 0x100000000",
	    "t.policy:3:16: error: 'offset' of lseek on i386: the value does not fit into the 4 bytes of the "
	    "argument" },
	{ "arch i386\n"
	  "allow pread64 if pos == 1",
	    "t.policy:3:18: error: 'pos' of pread64 on i386: the argument has 8 bytes and is in two registers "
	    "there" },
	{ "allow socket ioctl if family == AF_INET",
	    "t.policy:2:23: error: 'family' of ioctl on x86_64: the system call has no such argument" },
	{ "allow ioctl if fd == 1 && (cmd == 2 || cmd == 0x1000000000)",
	    "t.policy:2:40: error: 'cmd' of ioctl on x86_64: the value does not fit into the 4 bytes of the "
	    "argument" },
	{ "allow ioctl if !(cmd == 0x1000000000)",
	    "t.policy:2:18: error: 'cmd' of ioctl on x86_64: the value does not fit into the 4 bytes of the "
	    "argument" },
	{ "allow ioctl on aarch64 if nope == 1", "" },
	{ "allow clone if flags & 0x100000000 == 0",
	    "t.policy:2:16: error: 'flags' of clone on x86_64: the mask does not fit into the 4 bytes of the argument" },
	{ "allow lseek if offset & 0x100000000 == 0", "" },
	{ "allow clone if flags & 0x80 == 0",
	    "<default>: warning: user namespaces are allowed, but seccomp and prctl(PR_SET_SECCOMP) are not: inner "
	    "sandboxes will be weaker" },
};

static const struct said_case starts_said[] = {
	{ "default allow", "" },
	{ "default deny",
	    "t.policy:2:1: error: policy 't.policy' does not allow execve, so no program could start\n"
	    "  hint: allow execve above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow exit_group, so no program could start\n"
	    "  hint: allow exit_group above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow rt_sigreturn, so no program could start\n"
	    "  hint: allow rt_sigreturn above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow brk, so no program could start\n"
	    "  hint: allow brk above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow mmap, so no program could start\n"
	    "  hint: allow mmap above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow write, so no program could start\n"
	    "  hint: allow write above this line" },
	{ "default allow\n"
	  "deny execve",
	    "t.policy:3:1: error: policy 't.policy' does not allow execve, so no program could start\n"
	    "  hint: allow execve above this line" },
	{ "default allow\n"
	  "kill exit_group",
	    "t.policy:3:1: error: policy 't.policy' does not allow exit_group, so no program could start\n"
	    "  hint: allow exit_group above this line" },
	{ "default allow\n"
	  "errno(ENOSYS) rt_sigreturn brk",
	    "t.policy:3:1: error: policy 't.policy' does not allow rt_sigreturn, so no program could start\n"
	    "  hint: allow rt_sigreturn above this line\n"
	    "t.policy:3:1: error: policy 't.policy' does not allow brk, so no program could start\n"
	    "  hint: allow brk above this line" },
	{ "default allow\n"
	  "deny mmap",
	    "t.policy:3:1: error: policy 't.policy' does not allow mmap, so no program could start\n"
	    "  hint: allow mmap above this line" },
	{ "default allow\n"
	  "deny mmap if prot has PROT_EXEC",
	    "" },
	{ "default allow\n"
	  "deny mmap if flags has MAP_ANONYMOUS",
	    "t.policy:3:1: error: policy 't.policy' does not allow mmap, so no program could start\n"
	    "  hint: allow mmap above this line" },
	{ "default allow\n"
	  "trap write",
	    "t.policy:3:1: error: policy 't.policy' does not allow write, so no program could start\n"
	    "  hint: allow write above this line" },
	{ "default allow\n"
	  "deny write if fd == 1",
	    "" },
	{ "default allow\n"
	  "deny write if fd != 1",
	    "t.policy:3:1: error: policy 't.policy' does not allow write, so no program could start\n"
	    "  hint: allow write above this line" },
	{ "default log", "" },
	{ "default kill",
	    "t.policy:2:1: error: policy 't.policy' does not allow execve, so no program could start\n"
	    "  hint: allow execve above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow exit_group, so no program could start\n"
	    "  hint: allow exit_group above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow rt_sigreturn, so no program could start\n"
	    "  hint: allow rt_sigreturn above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow brk, so no program could start\n"
	    "  hint: allow brk above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow mmap, so no program could start\n"
	    "  hint: allow mmap above this line\n"
	    "t.policy:2:1: error: policy 't.policy' does not allow write, so no program could start\n"
	    "  hint: allow write above this line" },
};

static const struct said_case doubts_said[] = {
	{ "deny read\n"
	  "allow read",
	    "t.policy:4:1: warning: this never matches: t.policy:3:1 decides before" },
	{ "deny read\n"
	  "deny read",
	    "t.policy:4:1: warning: this says again what t.policy:3:1 says" },
	{ "deny read\n"
	  "errno(EPERM) read",
	    "t.policy:4:1: warning: this says again what t.policy:3:1 says" },
	{ "deny read\n"
	  "errno(EIO) read",
	    "t.policy:4:1: warning: this never matches: t.policy:3:1 decides before" },
	{ "deny read if fd == 1\n"
	  "allow read",
	    "" },
	{ "deny read write\n"
	  "allow read\n"
	  "allow read pread64",
	    "t.policy:3:1: error: policy 't.policy' does not allow write, so no program could start\n"
	    "  hint: allow write above this line" },
	{ "deny read on i386\n"
	  "allow read",
	    "" },
	{ "arch i386\n"
	  "deny read on x86_64\n"
	  "allow read on x86_64",
	    "t.policy:5:1: warning: this never matches: t.policy:4:1 decides before" },
	{ "deny nr:0\n"
	  "allow read",
	    "t.policy:4:1: warning: this never matches: t.policy:3:1 decides before" },
	{ "deny read\n"
	  "allow nr:0",
	    "t.policy:4:1: warning: this never matches: t.policy:3:1 decides before" },
	{ "deny ?nosuchcall\n"
	  "allow ?nosuchcall",
	    "" },
	{ "deny clone if flags has CLONE_NEWUSER",
	    "t.policy:2:1: warning: clone3 gets around what t.policy:3:1 says of clone: its flags are in memory, "
	    "where a filter can't see them" },
	{ "deny clone if flags has CLONE_NEWUSER\n"
	  "errno(ENOSYS) clone3",
	    "" },
	{ "deny socket",
	    "t.policy:2:1: warning: io_uring_setup gets around what t.policy:3:1 says of socket: io_uring makes "
	    "sockets without a filter being asked" },
	{ "deny socket\n"
	  "errno(ENOSYS) io_uring_setup",
	    "" },
	{ "deny openat",
	    "t.policy:2:1: warning: io_uring_setup gets around what t.policy:3:1 says of openat: io_uring opens "
	    "files without a filter being asked" },
	{ "deny openat socket io_uring_setup", "" },
	{ "arch i386\n"
	  "deny socket if family == AF_VSOCK\n"
	  "deny io_uring_setup clone3",
	    "t.policy:2:1: warning: socketcall of i386 gets around what t.policy:4:1 says of socket" },
	{ "arch i386\n"
	  "deny socket if family == AF_VSOCK\n"
	  "deny io_uring_setup clone3 socketcall",
	    "" },
	{ "deny seccomp\n"
	  "deny prctl if option == PR_SET_SECCOMP",
	    "t.policy:3:1: warning: user namespaces are allowed, but seccomp and prctl(PR_SET_SECCOMP) are not: "
	    "inner sandboxes will be weaker" },
	{ "deny seccomp", "" },
	{ "deny seccomp\n"
	  "deny prctl if option == PR_SET_SECCOMP\n"
	  "deny clone clone3",
	    "" },
};

static void comparisons(void **unused)
{
	(void)unused;
	all_said(
	    comparisons_said, ARRAY_LEN(comparisons_said), "", "allow execve exit_group rt_sigreturn brk mmap write\n");
}

static void starts(void **unused)
{
	(void)unused;
	all_said(starts_said, ARRAY_LEN(starts_said), "", "");
}

static void doubts(void **unused)
{
	(void)unused;
	all_said(doubts_said, ARRAY_LEN(doubts_said), "default allow\n", "");
}

/* Firefox and Chromium run without their inner sandbox then, and say nothing. */
static void a_browser_keeps_its_filters(void **unused)
{
	static const char text[] = "sbx-policy 1\ndefault allow\nerrno(ENOSYS) clone3\ndeny seccomp\n"
				   "deny prctl if option == PR_SET_SECCOMP\n";

	(void)unused;
	assert_string_equal(said_of("browser", text, SBX_ABI_X86_64),
	    "browser:4:1: error: seccomp and prctl(PR_SET_SECCOMP) are both denied: a browser would run without its inner "
	    "sandbox");
	assert_non_null(strstr(said_of("t.policy", text, SBX_ABI_X86_64), "warning: user namespaces are allowed"));
	/* Without user namespaces there is no inner sandbox to lose. */
	assert_string_equal(said_of("browser", sbx_strf(&t_arena, "%sdeny clone unshare\n", text), SBX_ABI_X86_64), "");
}

/* The same policy on another machine: another width, another number, no such call. */
static void on_other_machines(void **unused)
{
	static const char text[] =
	    "sbx-policy 1\ndefault allow\ndeny lseek if offset == 0x100000000\ndeny io_uring_setup\n";

	(void)unused;
	for (int abi = 0; abi < SBX_N_ABIS; abi++)
		assert_int_equal(sbx_streq(said_of("t.policy", text, abi), ""), sbx_abi_info(abi)->word == 8);
	/* What is only on other machines is not looked at. */
	assert_string_equal(
	    said_of("t.policy", "sbx-policy 1\ndefault allow\ndeny pread64 on arm if pos == 1\n", SBX_ABI_X86_64), "");
	assert_non_null(
	    strstr(said_of("t.policy", "sbx-policy 1\ndefault allow\ndeny pread64 on arm if pos == 1\n", SBX_ABI_ARM),
		"two registers"));
}

/* For each of 40 calls it is one warning, and of thousands some; each would be looked for in all others. */
static void many_warnings(void **unused)
{
	struct sbx_buf b = { .arena = &t_arena };
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;

	(void)unused;
	sbx_buf_adds(&b, "default allow");
	for (int i = 0; i < 3900; i++)
		sbx_buf_addf(&b, "%s arg0 & 1 == 2", i % 100 ? " ||" : "\nlog close dup dup2 dup3 fchdir fstat if");
	p = parse("t.policy", sbx_strf(&t_arena, "sbx-policy 1\n%s\n", sbx_buf_str(&b)));
	assert_int_equal(sbx_policy_check(p, &t_arena, &d, SBX_ABI_X86_64), 0);
	assert_int_equal(d.n_warnings, 20);
}

/* "ACTION LINE" of a policy on the floor; line 0 is the floor's, or nobody's. */
static const char *on_floor(const char *text, struct sbx_floor open, enum sbx_abi abi, const char *call, uint64_t arg1)
{
	const struct sbx_policy *p = parse("t.policy", sbx_strf(&t_arena, "sbx-policy 1\n%s\n", text));
	uint64_t args[6] = { 0, arg1 };
	int id = sbx_syscall_find(call);
	struct sbx_verdict v;

	assert_true(id >= 0);
	v = sbx_policy_eval(sbx_floor_under(&t_arena, p, open), sbx_policy_abis(p, SBX_ABI_X86_64),
	    sbx_abi_info(abi)->audit_arch, (uint32_t)sbx_syscall_nr(id, abi), args);
	return sbx_strf(&t_arena, "%s %u", sbx_action_str(&t_arena, v.action), v.at ? v.at->line : 0);
}
#define FLOOR(text, call, arg1) on_floor(text, (struct sbx_floor){ 0 }, SBX_ABI_X86_64, call, arg1)

static void floor_closes(void **unused)
{
	static const char *const keyring[] = { "add_key", "request_key", "keyctl" };
	static const char *const io_uring[] = { "io_uring_setup", "io_uring_enter", "io_uring_register" };
	const struct sbx_floor report = { .all = true, .no_listener = true };

	(void)unused;
	assert_string_equal(FLOOR("default allow", "ioctl", 0x5412), "errno(EPERM) 0");
	assert_string_equal(FLOOR("default allow", "ioctl", 0x541c), "errno(EPERM) 0");
	assert_string_equal(FLOOR("default allow", "ioctl", UINT64_C(0x100005412)), "errno(EPERM) 0");
	assert_string_equal(FLOOR("default allow", "ioctl", 0x5413), "allow 2");
	assert_string_equal(FLOOR("default allow", "clone3", 0), "errno(ENOSYS) 0");
	assert_string_equal(
	    on_floor("default allow", (struct sbx_floor){ .clone3 = true }, SBX_ABI_X86_64, "clone3", 0), "allow 2");
	/* 514 is ioctl of x32, which older kernels take without its bit. */
	for (uint32_t nr = 511; nr <= 548; nr++) {
		static const uint64_t args[6] = { 0, 0x5412 };
		static const char *const texts[] = { "unknown allow", "allow nr:514 nr:547", "deny read" };
		bool inside = nr >= 512 && nr < 548;

		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			const struct sbx_policy *p = parse("t.policy", sbx_strf(&t_arena, "sbx-policy 1\n%s\n", texts[i]));
			struct sbx_verdict v = sbx_policy_eval(sbx_floor_under(&t_arena, p, (struct sbx_floor){ 0 }), 1,
			    sbx_abi_info(SBX_ABI_X86_64)->audit_arch, nr, args);

			assert_string_equal(sbx_action_str(&t_arena, v.action), inside || i > 0 ? "errno(ENOSYS)" : "allow");
		}
	}
	/* Not part of the floor: no listener beside that of a report. */
	assert_string_equal(FLOOR("default allow", "seccomp", 9), "allow 2");
	assert_string_equal(on_floor("default allow", report, SBX_ABI_X86_64, "seccomp", 9), "errno(EBUSY) 0");
	assert_string_equal(on_floor("allow nr:317", report, SBX_ABI_X86_64, "seccomp", 9), "errno(EBUSY) 0");
	assert_string_equal(on_floor("arch x32\nnotify seccomp", report, SBX_ABI_X32, "seccomp", 8), "errno(EBUSY) 0");
	assert_string_equal(on_floor("kill seccomp", report, SBX_ABI_X86_64, "seccomp", 8), "kill 2");
	assert_string_equal(on_floor("default allow", report, SBX_ABI_X86_64, "seccomp", 1), "allow 2");
	assert_string_equal(on_floor("default allow", report, SBX_ABI_X86_64, "ioctl", 0x5412), "allow 2");
	assert_string_equal(on_floor("badarch allow", report, SBX_ABI_I386, "getpid", 0), "allow 2");
	for (size_t i = 0; i < ARRAY_LEN(keyring); i++) {
		assert_string_equal(FLOOR("default allow", keyring[i], 0), "errno(EPERM) 0");
		assert_string_equal(FLOOR(sbx_strf(&t_arena, "allow %s", keyring[i]), keyring[i], 0), "errno(EPERM) 0");
		assert_string_equal(FLOOR("default log", keyring[i], 0), "errno(EPERM) 0");
		assert_string_equal(FLOOR("default notify", keyring[i], 0), "errno(EPERM) 0");
	}
	for (size_t i = 0; i < ARRAY_LEN(io_uring); i++) {
		assert_string_equal(FLOOR("default allow", io_uring[i], 0), "errno(ENOSYS) 0");
		/* Open if it is allowed by name, not as a member of a set. */
		assert_string_equal(
		    FLOOR("set @x = { io_uring_setup io_uring_enter io_uring_register }\nallow @x", io_uring[i], 0),
		    "errno(ENOSYS) 0");
		assert_string_equal(
		    FLOOR("allow io_uring_setup io_uring_enter io_uring_register", io_uring[i], 0), "allow 2");
	}
	assert_string_equal(FLOOR("default allow", "read", 0), "allow 2");
}

/* Of both answers the stricter one; between two that deny the policy's, which has a line. */
static void floor_stricter(void **unused)
{
	(void)unused;
	assert_string_equal(FLOOR("default allow\nkill keyctl", "keyctl", 0), "kill 3");
	assert_string_equal(FLOOR("deny clone3", "clone3", 0), "errno(EPERM) 2");
	assert_string_equal(FLOOR("default deny", "keyctl", 0), "errno(EPERM) 2");
	assert_string_equal(FLOOR("trap ioctl if cmd == TIOCSTI\nallow ioctl", "ioctl", 0x5412), "trap 2");
	assert_string_equal(FLOOR("trap ioctl if cmd == TIOCSTI\nallow ioctl", "ioctl", 0x541c), "errno(EPERM) 0");
	assert_string_equal(FLOOR("allow ioctl if fd == 0\nkill ioctl", "ioctl", 0x5412), "errno(EPERM) 0");
	assert_string_equal(FLOOR("allow ioctl if fd == 1\nkill ioctl", "ioctl", 0x5412), "kill 3");
	assert_string_equal(FLOOR("allow ioctl if fd == 0 && cmd > 4\nkill ioctl", "ioctl", 5), "allow 2");
}

static void floor_has_no_way_around(void **unused)
{
	(void)unused;
	assert_string_equal(FLOOR("allow nr:250", "keyctl", 0), "errno(EPERM) 0");
	assert_string_equal(FLOOR("allow nr:16", "ioctl", 0x5412), "errno(EPERM) 0");
	assert_string_equal(FLOOR("allow nr:16", "ioctl", 1), "allow 2");
	assert_string_equal(FLOOR("allow nr:425", "io_uring_setup", 0), "errno(ENOSYS) 0");
	/* Another ABI has the call under another number. */
	assert_string_equal(
	    on_floor("arch i386\nallow nr:288", (struct sbx_floor){ 0 }, SBX_ABI_I386, "keyctl", 0), "errno(EPERM) 0");
	assert_string_equal(on_floor("arch i386\nallow nr:54", (struct sbx_floor){ 0 }, SBX_ABI_I386, "ioctl", 0x5412),
	    "errno(EPERM) 0");
	/* An ABI that the policy does not name stays closed. */
	assert_string_equal(on_floor("badarch allow", (struct sbx_floor){ 0 }, SBX_ABI_I386, "getpid", 0), "kill 2");
	assert_string_equal(on_floor("badarch log", (struct sbx_floor){ 0 }, SBX_ABI_X32, "getpid", 0), "kill 2");
	assert_string_equal(
	    on_floor("badarch errno(ENOSYS)", (struct sbx_floor){ 0 }, SBX_ABI_I386, "getpid", 0), "errno(ENOSYS) 2");
}

static void floor_alone(void **unused)
{
	const struct sbx_policy *p = sbx_floor_policy(&t_arena, (struct sbx_floor){ 0 });
	uint64_t args[6] = { 0, 0x5412 };
	uint32_t native = sbx_abi_info(SBX_ABI_X86_64)->audit_arch;

	(void)unused;
	assert_int_equal(sbx_policy_eval(p, 1, native, 0, args).action.kind, SBX_ACT_ALLOW);
	assert_int_equal(sbx_policy_eval(p, 1, native, 700, args).action.kind, SBX_ACT_ALLOW);
	assert_int_equal(sbx_policy_eval(p, 1, native, 16, args).action.err, EPERM);
	assert_int_equal(sbx_policy_eval(p, 1, native, 435, args).action.err, ENOSYS);
	assert_int_equal(
	    sbx_policy_eval(p, 1, sbx_abi_info(SBX_ABI_I386)->audit_arch, 20, args).action.kind, SBX_ACT_KILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(comparisons), T(starts), T(doubts), T(a_browser_keeps_its_filters),
		T(on_other_machines), T(many_warnings),
		T(floor_closes), T(floor_stricter), T(floor_has_no_way_around), T(floor_alone) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
