/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Docker's seccomp profiles: what they mean, and what is wrong with them. */
#include "unit/support.h"

#include "policy/bpf.h"
#include "policy/load.h"
#include "policy/oci.h"

static struct sbx_oci_for target = { .native = SBX_ABI_X86_64, .kernel_major = 5, .kernel_minor = 15 };

static const struct sbx_policy *parse(const char *text, const char **ret_said)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p = NULL;
	int r = sbx_policy_parse_oci(&t_arena, &d, "t.json", NULL, text, strlen(text), &target, &p);

	*ret_said = t_said(&d);
	assert_int_equal(r < 0, !p);
	return p;
}

/* The rules of "syscalls", with the default EPERM. */
static const struct sbx_policy *rules(const char *list)
{
	const char *said, *text = sbx_strf(&t_arena, "{\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\"syscalls\": [\n%s]}", list);
	const struct sbx_policy *p = parse(text, &said);

	if (!p)
		fail_msg("%s\n%s", text, said);
	return p;
}

static const char *says(const struct sbx_policy *p, enum sbx_abi abi, const char *call, uint64_t a0, uint64_t a1)
{
	uint64_t args[6] = { a0, a1 };
	int64_t nr = sbx_syscall_nr(sbx_syscall_find(call), abi);

	assert_true(nr >= 0);
	return sbx_action_str(&t_arena, sbx_policy_eval(p, sbx_policy_abis(p, target.native), sbx_abi_info(abi)->audit_arch,
	    (uint32_t)nr, args).action);
}
#define SAYS(p, call, a0, a1, what) assert_string_equal(says(p, SBX_ABI_X86_64, call, a0, a1), what)

static void one_action_is_alternatives(void **state)
{
	const struct sbx_policy *p = rules("{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, "
					   "\"value\": 38, \"op\": \"SCMP_CMP_LT\"}]},\n"
					   "{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, "
					   "\"value\": 40, \"op\": \"SCMP_CMP_GT\"}]}");

	(void)state;
	SAYS(p, "socket", 2, 0, "allow");
	SAYS(p, "socket", 38, 0, "errno(EPERM)");
	SAYS(p, "socket", 41, 0, "allow");
	/* The kernel takes 4 bytes: this is AF_VSOCK, which an allow-list by 64 bits lets through. */
	SAYS(p, "socket", 0x100000028, 0, "errno(EPERM)");
	SAYS(p, "socket", 0xffffffff00000002, 0, "allow");
}

static void arguments(void **state)
{
	const struct sbx_policy *p =
	    rules("{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 2114060288, "
		  "\"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}]},\n"
		  "{\"name\": \"fcntl\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 1, \"op\": "
		  "\"SCMP_CMP_EQ\"}, {\"index\": 1, \"value\": 5, \"op\": \"SCMP_CMP_NE\"}]},\n"
		  "{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 1, \"value\": 3, \"op\": "
		  "\"SCMP_CMP_LE\"}, {\"index\": 1, \"value\": 9, \"op\": \"SCMP_CMP_GE\"}]},\n"
		  "{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": "
		  "4294967295, \"op\": \"SCMP_CMP_EQ\"}]}");

	(void)state;
	SAYS(p, "clone", 0x11, 0, "allow");
	SAYS(p, "clone", 0x10000011, 0, "errno(EPERM)");
	SAYS(p, "fcntl", 1, 4, "allow");
	SAYS(p, "fcntl", 1, 5, "errno(EPERM)");
	SAYS(p, "fcntl", 2, 4, "errno(EPERM)");
	/* Two of one argument are alternatives, as runc has it. */
	SAYS(p, "kill", 1, 3, "allow");
	SAYS(p, "kill", 1, 6, "errno(EPERM)");
	SAYS(p, "kill", 1, 9, "allow");
	SAYS(p, "personality", UINT64_MAX, 0, "allow");
	SAYS(p, "personality", UINT32_MAX, 0, "allow");
}

static void actions(void **state)
{
	const struct sbx_policy *p = rules("{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\"},"
					   "{\"names\": [\"write\"], \"action\": \"SCMP_ACT_TRAP\"},"
					   "{\"names\": [\"open\"], \"action\": \"SCMP_ACT_KILL\"},"
					   "{\"names\": [\"close\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"},"
					   "{\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38},"
					   "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\"},"
					   "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1, \"args\": "
					   "[{\"index\": 1, \"value\": 21522, \"op\": \"SCMP_CMP_EQ\"}]}");

	(void)state;
	SAYS(p, "read", 0, 0, "log");
	SAYS(p, "write", 0, 0, "trap");
	SAYS(p, "open", 0, 0, "kill-thread");
	SAYS(p, "close", 0, 0, "kill");
	SAYS(p, "clone3", 0, 0, "errno(ENOSYS)");
	/* With a condition first, whatever the order: libseccomp lets TIOCSTI through here. */
	SAYS(p, "ioctl", 0, 0x5412, "errno(EPERM)");
	SAYS(p, "ioctl", 0, 0x5401, "allow");
	/* Nothing said; but newer than what is said: not there. */
	SAYS(p, "mount", 0, 0, "errno(EPERM)");
	SAYS(p, "mseal", 0, 0, "errno(ENOSYS)");
}

static void includes_and_excludes(void **state)
{
	static const char list[] =
	    "{\"names\": [\"bpf\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_BPF\"]}},"
	    "{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"5.20\"}},"
	    "{\"names\": [\"kcmp\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"4.8\"}},"
	    "{\"names\": [\"arch_prctl\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"amd64\", \"x32\"]}},"
	    "{\"names\": [\"modify_ldt\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"arm64\"]}},"
	    "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"caps\": [\"CAP_BPF\"]}},"
	    "{\"names\": [\"mseal\"], \"action\": \"SCMP_ACT_ALLOW\"},"
	    "{\"names\": [\"umount2\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"arches\": [\"amd64\"]}}";
	const struct sbx_policy *p = rules(list);

	(void)state;
	SAYS(p, "bpf", 0, 0, "errno(EPERM)");
	SAYS(p, "ptrace", 0, 0, "errno(EPERM)");
	SAYS(p, "kcmp", 0, 0, "allow");
	SAYS(p, "arch_prctl", 0, 0, "allow");
	SAYS(p, "modify_ldt", 0, 0, "errno(EPERM)");
	SAYS(p, "mount", 0, 0, "allow");
	SAYS(p, "umount2", 0, 0, "errno(EPERM)");
	target.caps = UINT64_C(1) << 39; /* CAP_BPF */
	p = rules(list);
	target.caps = 0;
	SAYS(p, "bpf", 0, 0, "allow");
	SAYS(p, "mount", 0, 0, "errno(EPERM)");
}

static void architectures(void **state)
{
	const char *said;
	const struct sbx_policy *p = rules("{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}");

	(void)state;
	assert_string_equal(says(p, SBX_ABI_I386, "read", 0, 0), "kill");
	p = parse("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"]}", &said);
	assert_string_equal(says(p, SBX_ABI_I386, "read", 0, 0), "allow");
	assert_string_equal(says(p, SBX_ABI_X32, "read", 0, 0), "kill");
	p = parse("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_AARCH64\", "
		  "\"subArchitectures\": [\"SCMP_ARCH_X86\"]}, {\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
		  "[\"SCMP_ARCH_X32\"]}]}", &said);
	assert_string_equal(says(p, SBX_ABI_I386, "read", 0, 0), "kill");
	assert_string_equal(says(p, SBX_ABI_X32, "read", 0, 0), "allow");
}

static void places(void **state)
{
	const struct sbx_policy *p = rules("{\"names\": [\"read\"],\n \"action\": \"SCMP_ACT_ALLOW\"},\n\n"
					   "   {\"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\"}\n");
	const char *said;

	(void)state;
	assert_int_equal(p->rules[0].at->line, 3);
	assert_int_equal(p->rules[1].at->line, 6);
	assert_int_equal(p->rules[1].at->column, 4);
	assert_null(parse("{\"comment\": \"a \\\"syscalls\\\": [{\", \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [\n"
			  "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"},\n{\"names\": [\"read\"]}]}", &said));
	assert_string_equal(said, "t.json:3:1: error: there is no action\n");
}

static void mistakes(void **state)
{
	static const struct {
		const char *text, *said;
	} bad[] = {
		{ "", "t.json:1:1: error: not JSON: unexpected end of data\n" },
		{ "null", "t.json:1:1: error: not JSON: it is null, or has a NUL byte\n" },
		{ "[]", "t.json:1:1: error: a seccomp profile is an object\n" },
		{ "{\n\"defaultAction\": }", "t.json:2:1: error: not JSON: unexpected character\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\"} x", "t.json:1:1: error: not JSON: unexpected character\n" },
		{ "{}", "t.json:1:1: error: there is no action\n" },
		{ "{\"defaultAction\": \"ALLOW\"}", "t.json:1:1: error: action 'ALLOW' is none that sbx has\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}",
		    "t.json:1:1: error: action 'SCMP_ACT_NOTIFY' is none that sbx has\n  hint: it needs an agent that decides; sbx "
		    "never lets anyone decide while a program runs\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5000}",
		    "t.json:1:1: error: errnoRet is not a number from 0 to 4095\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": \"1\"}",
		    "t.json:1:1: error: errnoRet is not a number\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}", "t.json:1:1: error: syscalls is not a list\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [5]}",
		    "t.json:1:1: error: a member of syscalls is not an object\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"action\": \"SCMP_ACT_LOG\"}]}",
		    "t.json:1:50: error: a rule names no system call\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [5], \"action\": \"SCMP_ACT_LOG\"}]}",
		    "t.json:1:50: error: the name of a system call is not a string\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", "
		  "\"args\": [{\"index\": 6, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]}]}",
		    "t.json:1:50: error: the index of an argument is 0 to 5\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", "
		  "\"args\": [{\"index\": 0, \"value\": \"0\", \"op\": \"SCMP_CMP_EQ\"}]}]}",
		    "t.json:1:50: error: the value of an argument is not a number\n" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", "
		  "\"args\": [{\"index\": 0, \"value\": 0, \"op\": \"==\"}]}]}",
		    "t.json:1:50: error: '==' is no comparison\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *said;

		assert_null(parse(bad[i].text, &said));
		assert_string_equal(said, bad[i].said);
	}
}

/* Names that sbx does not know are Docker's for other machines. */
static void unknown_names(void **state)
{
	const struct sbx_policy *p = rules("{\"names\": [\"read\", \"frobnicate\"], \"action\": \"SCMP_ACT_ALLOW\"}");

	(void)state;
	SAYS(p, "read", 0, 0, "allow");
}

/* A comparison that the kernel's call can't have is an error, not a rule that never matches. */
static void pointers(void **state)
{
	const struct sbx_policy *p = rules("{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 1, "
					   "\"value\": 5, \"op\": \"SCMP_CMP_EQ\"}]}");
	struct sbx_diags d = t_diags();

	(void)state;
	assert_int_equal(sbx_policy_check(p, &t_arena, &d, SBX_ABI_X86_64), -EINVAL);
	assert_non_null(strstr(t_said(&d), "t.json:3:1: error: 'arg1' of read on x86_64: the argument is an address"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(one_action_is_alternatives), T(arguments), T(actions), T(includes_and_excludes),
		T(architectures), T(places), T(mistakes), T(unknown_names), T(pointers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
