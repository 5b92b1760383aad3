/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each statement and condition of a policy means; its limits; how it is shown. Mistakes: test_policy_errors.c. */
#include "unit/support.h"

#include "policy/load.h"
#include "policy/show.h"
#include "policy/text.h"

static const struct sbx_policy *parse(const char *text)
{
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;

	if (sbx_policy_parse_shown(&t_arena, &d, "t.policy", text, strlen(text), &p) < 0)
		fail_msg("%s\n%s", text, t_said(&d));
	assert_int_equal(d.n, 0);
	return p;
}

struct said_case {
	const char *text, *said;
};

/* "ACTION LINE" for a call; line 0: nothing said it. */
static const char *says(
    const struct sbx_policy *p, enum sbx_abi native, enum sbx_abi abi, uint32_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t args[6] = { a, b, c };
	struct sbx_verdict v = sbx_policy_eval(p, sbx_policy_abis(p, native), sbx_abi_info(abi)->audit_arch, nr, args);

	return sbx_strf(&t_arena, "%s%s %u", sbx_action_str(&t_arena, v.action), v.action.quiet ? " quiet" : "",
	    v.at ? v.at->line : 0);
}

static const char *says_of(const char *text, const char *call)
{
	return says(parse(text), SBX_ABI_X86_64, SBX_ABI_X86_64,
	    (uint32_t)sbx_syscall_nr(sbx_syscall_find(call), SBX_ABI_X86_64), 0, 0, 0);
}

static void settings(void **unused)
{
	const struct sbx_policy *p = parse("sbx-policy 1\n");
	uint32_t read = 0, none = 600;

	(void)unused;
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, read, 0, 0, 0), "errno(EPERM) 0");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, none, 0, 0, 0), "errno(ENOSYS) quiet 0");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_I386, 3, 0, 0, 0), "kill 0");
	p = parse("sbx-policy 1\ndefault trap\nunknown errno(77)\n\nbadarch kill-thread\n");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, read, 0, 0, 0), "trap 2");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, none, 0, 0, 0), "errno(EBADFD) 3");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_I386, 3, 0, 0, 0), "kill-thread 5");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X32, 0x40000000, 0, 0, 0), "kill-thread 5");
	/* -1 is what a tracer leaves behind, no call of x32. */
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, UINT32_MAX, 0, 0, 0), "errno(EBADFD) 3");
}

static void actions_mean(void **unused)
{
	static const struct said_case cases[] = {
		{ "allow", "allow 2" },
		{ "log", "log 2" },
		{ "notify", "notify 2" },
		{ "deny", "errno(EPERM) 2" },
		{ "deny quiet", "errno(EPERM) quiet 2" },
		{ "errno(ENOSYS)", "errno(ENOSYS) 2" },
		{ "errno ( 38 ) quiet", "errno(ENOSYS) quiet 2" },
		{ "errno(0x26)", "errno(ENOSYS) 2" },
		{ "errno(046)", "errno(ENOSYS) 2" },
		{ "errno(EWOULDBLOCK)", "errno(EAGAIN) 2" },
		{ "errno(4095)", "errno(4095) 2" },
		{ "trap", "trap 2" },
		{ "kill-thread", "kill-thread 2" },
		{ "kill", "kill 2" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(
		    says_of(sbx_strf(&t_arena, "sbx-policy 1\n%s read\n", cases[i].text), "read"), cases[i].said);
}

/* Whether `read` is a member of items, "allow ITEMS" behind sets @a = read write and @b = write openat. */
static bool member(const char *items, const char *call)
{
	const char *text = sbx_strf(&t_arena,
	    "sbx-policy 1\nset @a = read write\nset @b = { write, openat\n\tclose }\nset @a-b_9.x = @a -@b\nallow %s\n",
	    items);

	return sbx_starts_with(says_of(text, call), "allow");
}

static void items_mean(void **unused)
{
	(void)unused;
	assert_true(member("read", "read") && !member("read", "write"));
	assert_true(member("read,write openat", "write") && member("read,write openat", "openat"));
	assert_true(member("@a", "write") && !member("@a", "openat"));
	assert_true(member("@a @b", "close"));
	/* In order: what is taken away can be added again. */
	assert_true(member("@a -write", "read") && !member("@a -write", "write"));
	assert_true(member("@a -write write", "write"));
	assert_true(!member("@a -@b", "write") && member("@a -@b", "read"));
	assert_true(!member("-write @a -@b @b -openat", "openat"));
	assert_true(member("@a-b_9.x", "read") && !member("@a-b_9.x", "write"));
	/* A name that is not known yet, also one to be taken away */
	assert_true(member("?read ?nosuchcall -?nosuchcall", "read") && !member("-?read ?read -?read write", "read"));
	/* Braces, more of them, over lines with comments; commas */
	assert_true(member("{ read }", "read") && member("{ read, { write }\n# openat\n\n\tclose\n} socket", "socket"));
	assert_true(member("{\nread # and\nwrite }", "write") && !member("{ read\n# write\n}", "write"));
	assert_true(member("nr:1", "write") && member("read nr:0x1", "write") && !member("nr:1", "read"));
	/* A backslash joins lines. */
	assert_true(member("read \\\n write", "write"));
}

static void abis(void **unused)
{
	const struct sbx_policy *p =
	    parse("sbx-policy 1\narch i386\narch x32, arm\nallow getpid on x86_64\n"
		  "trap getpid on x86, x32\nlog socketcall\nallow nr:20 on i386\nnotify nr:600\n");

	(void)unused;
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 39, 0, 0, 0), "allow 4");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_I386, 20, 0, 0, 0), "trap 5");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X32, 0x40000000 + 39, 0, 0, 0), "trap 5");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_I386, 102, 0, 0, 0), "log 6");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X32, 0x40000000 + 600, 0, 0, 0), "notify 8");
	/* ARM runs on kernels of aarch64 only. */
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_ARM, 20, 0, 0, 0), "kill 0");
	assert_string_equal(says(p, SBX_ABI_AARCH64, SBX_ABI_ARM, 20, 0, 0, 0), "errno(EPERM) 0");
	assert_string_equal(says(p, SBX_ABI_AARCH64, SBX_ABI_I386, 20, 0, 0, 0), "kill 0");
}

/* Whether a condition about prctl holds: option has 4 bytes, arg1 … 8. */
static bool holds(const char *cond, uint64_t option, uint64_t b, uint64_t c)
{
	const struct sbx_policy *p = parse(sbx_strf(&t_arena, "sbx-policy 1\nkill prctl if %s\n", cond));

	return sbx_streq(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 157, option, b, c), "kill 2");
}

static void operators(void **unused)
{
	static const struct {
		const char *cond;
		uint64_t yes, no;
	} cases[] = {
		{ "arg1 == 5", 5, 6 },
		{ "arg1 != 5", UINT64_C(0x100000005), 5 },
		{ "arg1 < 5", 4, 5 },
		{ "arg1 <= 5", 5, 6 },
		{ "arg1 > 5", 6, 5 },
		{ "arg1 >= 5", 5, 4 },
		/* Unsigned, in 64 bits */
		{ "arg1 > 5", UINT64_MAX, 0 },
		{ "arg1 > 0xffffffff", UINT64_C(0x100000000), UINT32_MAX },
		{ "arg1 < 0x100000005", UINT64_C(0x100000004), UINT64_C(0x200000000) },
		{ "arg1 >= 0x100000005", UINT64_C(0x200000000), UINT64_C(0x100000004) },
		{ "arg1 & 6 == 4", 0xf5, 6 },
		{ "arg1 & 6 != 4", 6, 4 },
		{ "arg1 & 6 != 0", 2, 9 },
		{ "arg1 has 6", 0xf7, 0xf3 },
		{ "arg1 only 6", 2, 8 },
		{ "arg1 only 6", 0, UINT64_C(0x100000000) },
		{ "arg1 in { 1, 3 5, }", 5, 2 },
		{ "!(arg1 in { 1\n3\n})", 2, 3 },
		{ "!arg1 == 5", 6, 5 },
		{ "!!arg1 == 5", 5, 6 },
		{ "!arg1 < 5", 5, 4 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!holds(cases[i].cond, 0, cases[i].yes, 0) || holds(cases[i].cond, 0, cases[i].no, 0))
			fail_msg("%s: case %zu", cases[i].cond, i);
	}
}

static void precedence(void **unused)
{
	(void)unused;
	/* && before || */
	assert_true(holds("option == 1 || arg1 == 1 && arg2 == 1", 1, 0, 0));
	assert_false(holds("(option == 1 || arg1 == 1) && arg2 == 1", 1, 0, 0));
	assert_true(holds("option == 1 && arg1 == 1 || arg2 == 1", 0, 0, 1));
	assert_false(holds("option == 1 && (arg1 == 1 || arg2 == 1)", 0, 0, 1));
	/* ! before both: it is about the next comparison, or what is in parentheses */
	assert_true(holds("!option == 1 || arg1 == 1", 0, 0, 0) && holds("!option == 1 || arg1 == 1", 1, 1, 0));
	assert_false(holds("!(option == 1 || arg1 == 1)", 0, 1, 0));
	assert_false(holds("!option == 1 && arg1 == 1", 0, 0, 0));
	assert_true(holds("!(option == 1 && arg1 == 1)", 1, 0, 0));
	/* In a value | before the comparison, ~ before | */
	assert_true(holds("arg1 & 1|2 == 1|2", 0, 3, 0) && !holds("arg1 & 1|2 == 1|2", 0, 1, 0));
	assert_true(holds("arg1 & ~1|2 == 2", 0, 3, 0) && holds("arg1 & ~(1|2) == 4", 0, 7, 0));
}

static void values(void **unused)
{
	static const struct {
		const char *text;
		uint64_t v;
	} cases[] = {
		{ "10", 10 },
		{ "010", 8 },
		{ "0x10", 16 },
		{ "0XfF", 255 },
		{ "-1", UINT64_MAX },
		{ "-0x10", (uint64_t)-16 },
		{ "-010", (uint64_t)-8 },
		{ "18446744073709551615", UINT64_MAX },
		{ "-9223372036854775808", UINT64_C(1) << 63 },
		{ "~0", UINT64_MAX },
		{ "~(1|2)", ~UINT64_C(3) },
		{ "~1|1", UINT64_MAX },
		{ "((5))", 5 },
		{ "CLONE_NEWUSER|CLONE_NEWNS", 0x10020000 },
		{ "AT_FDCWD", 0xffffff9c },
		{ "PR_SET_SECCOMP", 22 },
		{ "1 | 2|4", 7 },
	};
	struct sbx_diags d = t_diags();
	struct sbx_operand v;

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(sbx_policy_value(&t_arena, &d, cases[i].text, &v), 0);
		assert_int_equal(v.of[SBX_ABI_X86_64], cases[i].v);
		assert_true(holds(sbx_strf(&t_arena, "arg1 == %s", cases[i].text), 0, cases[i].v, 0));
	}
	assert_true(sbx_policy_value(&t_arena, &d, "", &v) < 0);
	assert_true(sbx_policy_value(&t_arena, &d, "1 2", &v) < 0);
	assert_true(sbx_policy_value(&t_arena, &d, "1|", &v) < 0);
	assert_true(sbx_policy_value(&t_arena, &d, "TIOCSTY", &v) < 0);
	assert_true(sbx_policy_value(&t_arena, &d, "{", &v) < 0);
}

/* The kernel takes 4 bytes of an int: what is above them is not there. */
static void widths(void **unused)
{
	(void)unused;
	assert_true(holds("option == 22", UINT64_C(0x100000016), 0, 0));
	assert_true(holds("option == -100", 0xffffff9c, 0, 0) && holds("option == -100", (uint64_t)-100, 0, 0));
	assert_true(holds("option == ~0x10", 0xffffffef, 0, 0));
	assert_true(
	    holds("option > 5", UINT64_C(0x700000006), 0, 0) && !holds("option > 5", UINT64_C(0x700000005), 0, 0));
	assert_true(holds("option only 6", UINT64_C(0xff00000006), 0, 0));
	assert_false(holds("arg1 == 22", 0, UINT64_C(0x100000016), 0));
	/* An argument by its place is the same argument. */
	assert_true(holds("arg0 == 22", UINT64_C(0x100000016), 0, 0));
}

/* And 2 of a mode, and of the ids of the old calls. */
static void two_bytes(void **unused)
{
	const char *text = "sbx-policy 1\narch i386\ndefault allow\nkill chmod if mode == 04755\nkill setuid if uid == 0\n"
			   "trap chmod if mode > 0x8000\n";
	const struct sbx_policy *p = parse(text);

	(void)unused;
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 90, 0, 04755, 0), "kill 4");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 90, 0, 0x10000 | 04755, 0), "kill 4");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 90, 0, 0x18000, 0), "allow 3");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 90, 0, 0x18001, 0), "trap 6");
	/* setuid is 105, and of i386 23, which takes 2 bytes. */
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_X86_64, 105, 0x10000, 0, 0), "allow 3");
	assert_string_equal(says(p, SBX_ABI_X86_64, SBX_ABI_I386, 23, 0x10000, 0, 0), "kill 5");
}

static void first_match_decides(void **unused)
{
	const char *text = "sbx-policy 1\nallow read\nkill read write\nlog socket if family == 1\ntrap socket\n";

	(void)unused;
	assert_string_equal(says_of(text, "read"), "allow 2");
	assert_string_equal(says_of(text, "write"), "kill 3");
	assert_string_equal(says_of(text, "socket"), "trap 5");
	assert_string_equal(says_of(text, "openat"), "errno(EPERM) 0");
	assert_string_equal(says(parse(text), SBX_ABI_X86_64, SBX_ABI_X86_64, 41, 1, 0, 0), "log 4");
}

static const char *repeat(const char *before, const char *text, int n, const char *after)
{
	struct sbx_buf b = { .arena = &t_arena };

	sbx_buf_adds(&b, before);
	for (int i = 0; i < n; i++)
		sbx_buf_adds(&b, text);
	sbx_buf_adds(&b, after);
	return sbx_buf_str(&b);
}

static void limits(void **unused)
{
	const char *five_hundred = repeat("kill prctl if arg1 == 0", " || arg1 == 1", 499, "\n");

	(void)unused;
	(void)parse(repeat("sbx-policy 1\n", "allow read\n", 2000, ""));
	assert_string_equal(t_policy_errors(repeat("sbx-policy 1\n", "allow read\n", 2001, "")),
	    "t.policy:2002:1: error: a policy has at most 2000 rules");
	(void)parse(sbx_strf(&t_arena, "sbx-policy 1\n%s", five_hundred));
	assert_string_equal(t_policy_errors(repeat("sbx-policy 1\nkill prctl if arg1 == 0", " ||\\\n arg1 == 1", 500, "\n")),
	    "t.policy:502:2: error: more than 500 comparisons in one statement");
	assert_string_equal(t_policy_errors(repeat("sbx-policy 1\nkill prctl if arg1 in {", "\n1", 501, " }\n")),
	    "t.policy:502:1: error: more than 500 comparisons in one statement");
	(void)parse(repeat("sbx-policy 1\n", five_hundred, 8, ""));
	assert_string_equal(t_policy_errors(repeat("sbx-policy 1\n", five_hundred, 8, "kill prctl if arg1 == 1\n")),
	    "t.policy:10:15: error: more than 4000 comparisons in a policy");
	(void)parse(repeat("sbx-policy 1\nkill prctl if ", "(", 50, repeat("arg1 == 1", ")", 50, "\n")));
	assert_string_equal(t_policy_errors(repeat("sbx-policy 1\nkill prctl if ", "(", 51, repeat("arg1 == 1", ")", 51, "\n"))),
	    "t.policy:2:66: error: parentheses are nested too deep");
	(void)parse(repeat("sbx-policy 1\nkill prctl if ", "!", 50, "arg1 == 1\n"));
	assert_non_null(
	    strstr(t_policy_errors(repeat("sbx-policy 1\nkill prctl if ", "!", 51, "arg1 == 1\n")), "nested too deep"));
	(void)parse(repeat("sbx-policy 1\nkill prctl if arg1 == ", "(", 50, repeat("1", ")", 50, "\n")));
	assert_string_equal(t_policy_errors(repeat("sbx-policy 1\nkill prctl if arg1 == ", "(", 51, repeat("1", ")", 51, "\n"))),
	    "t.policy:2:74: error: parentheses are nested too deep");
}

/* What is shown of a policy means the same, and is shown as the same again. */
static void shown(void **unused)
{
	const char *text =
	    "sbx-policy 1\narch i386\ndefault   errno( ENOSYS )quiet\n"
	    "set @long = {write,read openat # comment\n close socket socketpair connect accept4 listen bind "
	    "getsockopt setsockopt } mmap\n"
	    "allow @long -read,-?nope nr:0x10\nkill prctl on x86_64,i386 if !(option in {1 2,3})&&arg2&~(1|2)==0\n";
	struct sbx_buf again = { .arena = &t_arena };
	struct sbx_shown *all, *twice;
	size_t n, m;

	(void)unused;
	all = sbx_policy_show(&t_arena, parse(text), &n);
	assert_int_equal(n, 5);
	assert_string_equal(all[0].text, "arch i386");
	assert_string_equal(all[1].text, "default errno(ENOSYS) quiet");
	assert_int_equal(all[2].at->line, 4);
	assert_string_equal(all[2].text,
	    "set @long = {\n\twrite, read openat close socket socketpair connect accept4 listen bind "
	    "getsockopt setsockopt\n} mmap");
	assert_string_equal(all[3].text, "allow @long -read, -?nope nr:0x10");
	assert_string_equal(all[4].text, "kill prctl on x86_64, i386 if !(option in { 1 2, 3 }) && arg2 & ~(1|2) == 0");
	sbx_buf_adds(&again, "sbx-policy 1\n");
	for (size_t i = 0; i < n; i++)
		sbx_buf_addf(&again, "%s\n", all[i].text);
	twice = sbx_policy_show(&t_arena, parse(sbx_buf_str(&again)), &m);
	assert_int_equal(m, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(twice[i].text, all[i].text);
}

/* Where a rule is from is a comment, whatever the file is called. */
static void places_stay_comments(void **unused)
{
	static const char text[] = "sbx-policy 1\nlog read\n", file[] = "/tmp/a\nkill write\n.policy";
	struct sbx_diags d = t_diags();
	const struct sbx_policy *p;

	(void)unused;
	assert_int_equal(sbx_policy_parse(&t_arena, &d, file, text, strlen(text), &p), 0);
	assert_int_equal(parse(sbx_policy_text(&t_arena, p, SBX_ABI_X86_64, true))->n_rules, 1);
	assert_int_equal(parse(sbx_policy_text(&t_arena, p, SBX_ABI_X86_64, false))->n_rules, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(settings), T(actions_mean), T(items_mean), T(abis), T(operators),
		T(precedence), T(values), T(widths), T(two_bytes), T(first_match_decides), T(limits), T(shown),
		T(places_stay_comments) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
