/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parsers of words: what they take, what they refuse, and that a refused word leaves the value alone. */
#include "unit/support.h"

#include <limits.h>
#include <signal.h>
#include <linux/capability.h>
#include <sys/resource.h>

#include "base/value.h"

#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)

/* What no parser of a number takes, whatever its units. */
static const char *const never[] = { "", " ", " 1", "1 ", "1\n", "\t1", "+1", "-1", "--1", "1-", "0x10", "1e3", "1,000",
	"1_000", "one", ".", ".5", "1.", "1..5", "1.2.3", "\xd9\xa1", "1\xc2\xa0", "\xff", "1\xff", "1/2", "1;", "NaN",
	"inf", "1:", "=1", "18446744073709551616", "99999999999999999999999999999999", "184467440737095516160" };

static void u64_good(const char *s, uint64_t want)
{
	uint64_t v = UNTOUCHED;

	assert_null(sbx_parse_u64(s, 0, UINT64_MAX, &v));
	assert_true(v == want);
}

static void u64(void **state)
{
	uint64_t v = UNTOUCHED;

	(void)state;
	u64_good("0", 0);
	u64_good("00", 0);
	u64_good("007", 7);
	u64_good("18446744073709551615", UINT64_MAX);
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_non_null(sbx_parse_u64(never[i], 0, UINT64_MAX, &v));
	assert_non_null(sbx_parse_u64("9", 10, 20, &v));
	assert_non_null(sbx_parse_u64("21", 10, 20, &v));
	assert_non_null(sbx_parse_u64("1.5", 0, 20, &v));
	assert_true(v == UNTOUCHED);
	assert_null(sbx_parse_u64("10", 10, 20, &v));
	assert_null(sbx_parse_u64("20", 10, 20, &v));
	assert_true(v == 20);
}

static void ids(void **state)
{
	uint64_t v = UNTOUCHED;

	(void)state;
	/* CVE of the kind: 4294967296 is 0 to who casts, 4294967295 is "no change" to setresuid(2). */
	assert_non_null(sbx_parse_id("4294967295", &v));
	assert_non_null(sbx_parse_id("4294967296", &v));
	assert_non_null(sbx_parse_id("18446744073709551616", &v));
	assert_non_null(sbx_parse_id("-1", &v));
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_non_null(sbx_parse_id(never[i], &v));
	assert_true(v == UNTOUCHED);
	assert_null(sbx_parse_id("4294967294", &v));
	assert_true(v == 4294967294);
	assert_null(sbx_parse_id("0", &v));
	assert_true(v == 0);
}

static void signed_numbers(void **state)
{
	int64_t v = 77;

	(void)state;
	assert_non_null(sbx_parse_int("20", -20, 19, &v));
	assert_non_null(sbx_parse_int("-21", -20, 19, &v));
	assert_non_null(sbx_parse_int("", -20, 19, &v));
	assert_non_null(sbx_parse_int("-", -20, 19, &v));
	assert_non_null(sbx_parse_int("--1", -20, 19, &v));
	assert_non_null(sbx_parse_int("+1", -20, 19, &v));
	assert_non_null(sbx_parse_int("- 1", -20, 19, &v));
	assert_non_null(sbx_parse_int("1 ", -20, 19, &v));
	assert_non_null(sbx_parse_int("1.0", -20, 19, &v));
	assert_non_null(sbx_parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &v));
	assert_non_null(sbx_parse_int("-18446744073709551615", INT64_MIN, INT64_MAX, &v));
	assert_true(v == 77);
	assert_null(sbx_parse_int("-20", -20, 19, &v));
	assert_true(v == -20);
	assert_null(sbx_parse_int("-0", -20, 19, &v));
	assert_true(v == 0);
	assert_null(sbx_parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MAX);
}

static void modes(void **state)
{
	static const struct {
		const char *s;
		uint64_t v;
	} good[] = { { "0", 0 }, { "755", 0755 }, { "0755", 0755 }, { "0o755", 0755 }, { "1777", 01777 },
		{ "7777", 07777 }, { "000000", 0 }, { "0o0", 0 } };
	static const char *const bad[] = { "", "8", "789", "10000", "07778", "0o", "0o0o7", "0x1ff", "u+x", "-1",
		"+755", " 755", "755 ", "0O755", "0b1", "0000000", "77777777777777777777777" };
	uint64_t v = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_non_null(sbx_parse_mode(bad[i], 07777, &v));
	assert_non_null(sbx_parse_mode("1000", 0777, &v));
	assert_true(v == UNTOUCHED);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_null(sbx_parse_mode(good[i].s, 07777, &v));
		assert_true(v == good[i].v);
	}
	assert_null(sbx_parse_mode("0777", 0777, &v));
}

static void sizes(void **state)
{
	static const struct {
		const char *s;
		uint64_t v;
	} good[] = {
		{ "1", 1 },
		{ "4096", 4096 },
		{ "4096b", 4096 },
		{ "7B", 7 },
		{ "1k", 1024 },
		{ "1K", 1024 },
		{ "1Ki", 1024 },
		{ "1KiB", 1024 },
		{ "1kb", 1024 },
		{ "512k", 512 * 1024 },
		{ "64M", 64 << 20 },
		{ "1g", 1 << 30 },
		{ "1GiB", 1 << 30 },
		{ "2T", UINT64_C(2) << 40 },
		{ "1.5k", 1536 },
		{ "0.5M", 512 * 1024 },
		{ "0.001k", 1 },
		{ "1.125g", 1207959552 },
		{ "8388607T", UINT64_C(8388607) << 40 },
		{ "9223372036854775807", INT64_MAX },
		{ "21990232555520000", UINT64_C(20000) << 40 },
		{ "0001", 1 },
	};
	static const char *const bad[] = { "0", "0k", "0.0001g", "1.5", "1.5b", "1.1234k", "k", "b", "1kk", "1kib2",
		"1iB", "1 k", "1k ", "1p", "1e", "1Bk", "8388608T", "18446744073709551615k", "9223372036854775808",
		"18446744073709551615", "17179869184g", "1%", "50%" };
	uint64_t v = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_non_null(sbx_parse_size(never[i], &v));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!sbx_parse_size(bad[i], &v))
			fail_msg("size '%s' is taken as %llu", bad[i], (unsigned long long)v);
	}
	assert_true(v == UNTOUCHED);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		v = UNTOUCHED;
		if (sbx_parse_size(good[i].s, &v) || v != good[i].v)
			fail_msg("size '%s' is %llu", good[i].s, (unsigned long long)v);
	}
}

static void durations(void **state)
{
	static const struct {
		const char *s;
		uint64_t ms;
	} good[] = {
		{ "1", 1000 },
		{ "10", 10000 },
		{ "0.5", 500 },
		{ "1.5s", 1500 },
		{ "500ms", 500 },
		{ "1ms", 1 },
		{ "5m", 300000 },
		{ "5min", 300000 },
		{ "2h", 7200000 },
		{ "1d", 86400000 },
		{ "1m30s", 90000 },
		{ "1h1m1s1ms", 3661001 },
		{ "0h5s", 5000 },
		{ "0.001", 1 },
		{ "1.25m", 75000 },
		{ "2147483647", UINT64_C(2147483647000) },
	};
	static const char *const bad[] = { "0", "0s", "0h0m", "0.0001", "0.4ms", "1x", "s", "ms", "1m30", "1 m",
		"1m 30s", "5mins", "5sec", "1M", "1H", "1.", "1.s", "1.2345s", "0s5", "0m5", "2147483648", "25d1",
		"99999999999d", "18446744073709551615ms", "18446744073709551615", "24856d", "1w" };
	uint64_t v = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_non_null(sbx_parse_duration(never[i], &v));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!sbx_parse_duration(bad[i], &v))
			fail_msg("time '%s' is taken as %llu ms", bad[i], (unsigned long long)v);
	}
	assert_true(v == UNTOUCHED);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		v = UNTOUCHED;
		if (sbx_parse_duration(good[i].s, &v) || v != good[i].ms)
			fail_msg("time '%s' is %llu ms", good[i].s, (unsigned long long)v);
	}
}

static void capabilities(void **state)
{
	static const char *const bad[] = { "", "CAP_", "NET", "NET_ADMI", "NET_ADMINX", " NET_ADMIN", "NET_ADMIN ",
		"NET_ADMIN,", "NET_ADMIN=", "CHOWN+ep", "CHOWN,KILL", "CHOWN\n", "0", "12", "CAP_12", "cap_0",
		"CAP_CAP_CHOWN", "ALLX", "CAP_ALL", "all caps", "NET-ADMIN", "CHOWN\xff", "0x1", "-1",
		"CAP_NET_BIND_SERVICE_AND_MUCH_MORE_THAN_THAT_AND_MORE" };
	uint64_t v = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!sbx_parse_cap(bad[i], &v))
			fail_msg("capability '%s' is taken as %llu", bad[i], (unsigned long long)v);
	}
	assert_true(v == UNTOUCHED);
	assert_null(sbx_parse_cap("NET_BIND_SERVICE", &v));
	assert_true(v == CAP_NET_BIND_SERVICE);
	assert_null(sbx_parse_cap("cap_chown", &v));
	assert_true(v == CAP_CHOWN);
	assert_null(sbx_parse_cap("Cap_Sys_Admin", &v));
	assert_true(v == CAP_SYS_ADMIN);
	assert_null(sbx_parse_cap("all", &v));
	assert_true(v == SBX_CAP_ALL);
	/* Every name goes there and back. */
	for (unsigned cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (!sbx_cap_name(cap))
			continue;
		assert_null(sbx_parse_cap(sbx_cap_name(cap), &v));
		assert_int_equal(v, cap);
	}
	assert_string_equal(sbx_cap_name(CAP_CHOWN), "CAP_CHOWN");
	assert_string_equal(sbx_cap_name(CAP_CHECKPOINT_RESTORE), "CAP_CHECKPOINT_RESTORE");
	assert_null(sbx_cap_name(63));
	assert_null(sbx_cap_name(64));
	assert_null(sbx_cap_name(UINT_MAX));
}

static void signals(void **state)
{
	static const char *const bad[] = { "", "SIG", "0", "65", "-1", "+9", "9 ", "TERM ", "SIGTERM1", "SIGSIGTERM",
		"TERMINATE", "SIG9", "RTMIN+1", "\xff" };
	uint64_t v = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_non_null(sbx_parse_signal(bad[i], &v));
	assert_true(v == UNTOUCHED);
	assert_null(sbx_parse_signal("TERM", &v));
	assert_true(v == SIGTERM);
	assert_null(sbx_parse_signal("sigint", &v));
	assert_true(v == SIGINT);
	assert_null(sbx_parse_signal("1", &v));
	assert_true(v == 1);
	assert_null(sbx_parse_signal("64", &v));
	assert_true(v == 64);
}

static void rlimits(void **state)
{
	static const char *const bad[] = { "", "nofile", "nofile=", "nofile=1:", "nofile=:1",
		"nofile=:", "nofile=1:2:3", "=1", "nofile=2:1", "nofile=-1", "nofile=+1", "nofile=1k", "nofile=1.5",
		"NOFILE=1", "nofil=1", "nofilex=1", " nofile=1", "nofile =1", "nofile= 1", "nofile=1 ",
		"nofile=unlimited:1", "core=1x", "core=18446744073709551616", "nofile=18446744073709551615",
		"core=Unlimited", "core=00000000000000000000000000000000000001", "core=\xff" };
	struct sbx_rlimit r = { .resource = 12345 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!sbx_parse_rlimit(bad[i], &r))
			fail_msg("limit '%s' is taken", bad[i]);
	}
	assert_int_equal(r.resource, 12345);
	assert_null(sbx_parse_rlimit("nofile=256", &r));
	assert_int_equal(r.resource, RLIMIT_NOFILE);
	assert_string_equal(r.name, "nofile");
	assert_true(r.soft == 256 && r.hard == 256);
	assert_null(sbx_parse_rlimit("nofile=1024:4096", &r));
	assert_true(r.soft == 1024 && r.hard == 4096);
	assert_null(sbx_parse_rlimit("core=0:unlimited", &r));
	assert_true(r.resource == RLIMIT_CORE && r.soft == 0 && r.hard == UINT64_MAX);
	assert_null(sbx_parse_rlimit("fsize=64M", &r));
	assert_true(r.resource == RLIMIT_FSIZE && r.soft == 64 << 20);
	assert_null(sbx_parse_rlimit("cpu=infinity", &r));
	assert_true(r.resource == RLIMIT_CPU && r.soft == UINT64_MAX && r.hard == UINT64_MAX);
	assert_null(sbx_parse_rlimit("stack=18446744073709551614", &r));
	assert_true(r.soft == UINT64_MAX - 1);
}

static void names(void **state)
{
	static const char long_name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	const char *longer = sbx_strf(&t_arena, "%sa", long_name);
	static const char *const bad[] = { "", ".", "..", "-a", ".a", "a/b", "/a", "a b", "a\n", "a\\b", "a:b", "a=b",
		"a%b", "\xc3\xa9", "a\xff", "a*", "a?", "~a", "a,b" };

	(void)state;
	assert_int_equal(strlen(long_name), 64);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_non_null(sbx_check_name(bad[i]));
		assert_non_null(sbx_check_hostname(bad[i]));
	}
	assert_null(sbx_check_name(long_name));
	assert_null(sbx_check_hostname(long_name));
	assert_non_null(sbx_check_name(longer));
	assert_non_null(sbx_check_hostname(longer));
	assert_null(sbx_check_name("python3.11+x_y-z@1"));
	assert_non_null(sbx_check_hostname("a+b"));
	assert_non_null(sbx_check_hostname("a@b"));
	assert_null(sbx_check_hostname("Host-1.example.com"));
	assert_null(sbx_check_hostname("under_score"));
}

static void env_names(void **state)
{
	(void)state;
	assert_null(sbx_check_env_name("PATH"));
	assert_null(sbx_check_env_name("with blank"));
	assert_null(sbx_check_env_name("\xc3\xa9"));
	assert_non_null(sbx_check_env_name(""));
	assert_non_null(sbx_check_env_name("="));
	assert_non_null(sbx_check_env_name("A="));
	assert_non_null(sbx_check_env_name("A=B"));
}

static void paths(void **state)
{
	char path[PATH_MAX + 1];

	(void)state;
	assert_null(sbx_check_abs_path("/"));
	assert_null(sbx_check_abs_path("/a b/\xff"));
	assert_non_null(sbx_check_abs_path(""));
	assert_non_null(sbx_check_abs_path("a"));
	assert_non_null(sbx_check_abs_path("./a"));
	assert_non_null(sbx_check_abs_path(" /a"));
	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[PATH_MAX] = '\0';
	assert_non_null(sbx_check_abs_path(path));
	path[PATH_MAX - 1] = '\0';
	assert_null(sbx_check_abs_path(path));
}

static void ranges(void **state)
{
	static const char *const bad[] = { "", "1", "1:2", "1:2:", ":2:3", "1:2:0", "1:2:3:4", "1:2:3 ", " 1:2:3",
		"1:2:+3", "1:-2:3", "1,2", "1,2,3,4", "1,2:3", "1:2,3", "Auto", "auto ", "root", "all:", "1:2:3x",
		"0:0:4294967296", "4294967296:0:1", "0:4294967296:1", "4294967295:0:1", "0:4294967295:1",
		"4294967294:0:2", "0:4294967294:2", "1:0:4294967295", "0:1:4294967295", "18446744073709551616:0:1" };
	struct sbx_id_range r = { .count = 12345 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!sbx_parse_id_range(bad[i], &r))
			fail_msg("range '%s' is taken", bad[i]);
	}
	assert_int_equal(r.count, 12345);
	assert_null(sbx_parse_id_range("1:100000:65535", &r));
	assert_true(r.kind == SBX_RANGE_IDS && r.inner == 1 && r.outer == 100000 && r.count == 65535);
	/* util-linux before 2.39 wrote OUTER,INNER,COUNT. */
	assert_null(sbx_parse_id_range("100000,1,65535", &r));
	assert_true(r.kind == SBX_RANGE_IDS && r.inner == 1 && r.outer == 100000 && r.count == 65535);
	assert_null(sbx_parse_id_range("0:0:4294967295", &r));
	assert_true(r.count == 4294967295);
	assert_null(sbx_parse_id_range("4294967294:4294967294:1", &r));
	assert_null(sbx_parse_id_range("auto", &r));
	assert_true(r.kind == SBX_RANGE_AUTO);
	assert_null(sbx_parse_id_range("subids", &r));
	assert_true(r.kind == SBX_RANGE_SUBIDS);
	assert_null(sbx_parse_id_range("all", &r));
	assert_true(r.kind == SBX_RANGE_ALL);
}

static void utf8(void **state)
{
	static const struct {
		const char *s;
		size_t n;
	} chars[] = {
		{ "", 0 },
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\x01", 1 },
		{ "\xc2\x80", 2 },
		{ "\xdf\xbf", 2 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xef\xbf\xbf", 3 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xee\x80\x80", 3 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		/* A lone byte, overlong forms, surrogates, above U+10FFFF, cut short. */
		{ "\x80", 0 },
		{ "\xbf", 0 },
		{ "\xc0\x80", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xed\xbf\xbf", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xff", 0 },
		{ "\xc2", 0 },
		{ "\xe2\x82", 0 },
		{ "\xf0\x9f\x98", 0 },
		{ "\xc2!", 0 },
		{ "\xe2\x82!", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chars); i++) {
		assert_int_equal(sbx_utf8_char(chars[i].s), chars[i].n);
		if (chars[i].n)
			assert_int_equal(sbx_utf8_span(chars[i].s, chars[i].n), chars[i].n);
		else
			assert_int_equal(sbx_utf8_span(chars[i].s, strlen(chars[i].s)), 0);
	}
	assert_int_equal(sbx_utf8_span("", 0), 0);
	assert_int_equal(sbx_utf8_span("a\0b", 3), 3);
	assert_int_equal(sbx_utf8_span("ab\xe2\x82\xac!", 6), 6);
	assert_int_equal(sbx_utf8_span("ab\xe2\x82\xac!", 4), 2);
	assert_int_equal(sbx_utf8_span("ab\xe2\x82\0c", 6), 2);
	assert_int_equal(sbx_utf8_span("abc\xff", 4), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(u64), T(ids), T(signed_numbers), T(modes), T(sizes), T(durations),
		T(capabilities), T(signals), T(rlimits), T(names), T(env_names), T(paths), T(ranges), T(utf8) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
