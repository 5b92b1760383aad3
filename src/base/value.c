/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value.c - strict parsers of words; see value.h. */
#include "base/value.h"

#include <limits.h>
#include <signal.h>
#include <strings.h>
#include <sys/resource.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits at *p; false if there are none or they overflow. */
static bool take_digits(const char **p, uint64_t *ret)
{
	uint64_t v = 0;
	const char *s = *p;

	if (!is_digit(*s))
		return false;
	for (; is_digit(*s); s++) {
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	}
	*p = s;
	*ret = v;
	return true;
}

const char *sbx_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t v;

	if (!take_digits(&s, &v) || *s || v < min || v > max)
		return "expected a decimal number in range";
	*ret = v;
	return NULL;
}

const char *sbx_parse_id(const char *s, uint64_t *ret)
{
	if (sbx_parse_u64(s, 0, UINT32_MAX - 1, ret))
		return "expected a number from 0 to 4294967294";
	return NULL;
}

const char *sbx_parse_int(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *s == '-';
	const char *p = s + negative;
	uint64_t v;
	int64_t i;

	if (!take_digits(&p, &v) || *p || v > INT64_MAX)
		return "expected a whole number";
	i = negative ? -(int64_t)v : (int64_t)v;
	if (i < min || i > max)
		return "number out of range";
	*ret = i;
	return NULL;
}

const char *sbx_parse_mode(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (sbx_starts_with(s, "0o"))
		s += 2;
	if (!*s || strlen(s) > 6)
		return "expected an octal mode such as 0755";
	for (; *s; s++) {
		if (*s < '0' || *s > '7')
			return "expected an octal mode such as 0755";
		v = v * 8 + (uint64_t)(*s - '0');
	}
	if (v > max)
		return max == 07777 ? "octal mode above 07777" : "octal mode above 0777";
	*ret = v;
	return NULL;
}

/* A number with up to three decimals, in thousandths. */
static bool take_thousandths(const char **p, uint64_t *ret)
{
	uint64_t v;
	unsigned scale = 100;

	if (!take_digits(p, &v) || __builtin_mul_overflow(v, (uint64_t)1000, &v))
		return false;
	if (**p == '.') {
		const char *s = *p + 1;

		if (!is_digit(*s))
			return false;
		for (; is_digit(*s); s++, scale /= 10) {
			if (scale == 0)
				return false;
			v += (uint64_t)(*s - '0') * scale;
		}
		*p = s;
	}
	*ret = v;
	return true;
}

const char *sbx_parse_size(const char *s, uint64_t *ret)
{
	static const char expected[] = "expected a size such as 4096, 512k, 64M or 1GiB";
	static const char units[] = "kmgt";
	unsigned __int128 bytes;
	uint64_t v, unit = 1;
	const char *p = s, *u;

	/* Without a unit: no thousandths, which would leave no room for the largest ones. */
	if (!sbx_parse_u64(s, 1, SIZE_MAX / 2, ret))
		return NULL;
	if (!take_thousandths(&p, &v))
		return expected;
	if (*p && (u = strchr(units, *p | 0x20)) && *u) {
		for (size_t i = 0; i <= (size_t)(u - units); i++)
			unit *= 1024;
		p++;
		if (*p == 'i' || *p == 'I')
			p++;
		if (*p == 'b' || *p == 'B')
			p++;
	} else if (*p == 'b' || *p == 'B') {
		p++;
	}
	if (*p || (unit == 1 && v % 1000))
		return expected;
	if (__builtin_mul_overflow((unsigned __int128)v, unit, &bytes) || bytes / 1000 > SIZE_MAX / 2)
		return "size too large";
	v = (uint64_t)(bytes / 1000);
	if (v == 0)
		return "size must be above 0";
	*ret = v;
	return NULL;
}

const char *sbx_parse_duration(const char *s, uint64_t *ret_ms)
{
	static const char expected[] = "expected a time such as 10, 1.5s, 500ms, 1m30s or 2h";
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = { { "ms", 1 }, { "min", 60000 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
		{ "d", 86400000 } };
	const char *start = s;
	uint64_t total = 0;

	if (!*s)
		return expected;
	while (*s) {
		bool first = s == start;
		uint64_t v, ms = 0;

		if (!take_thousandths(&s, &v))
			return expected;
		if (!*s && first)
			ms = 1000;
		for (size_t i = 0; i < ARRAY_LEN(units) && ms == 0; i++) {
			if (sbx_starts_with(s, units[i].name)) {
				ms = units[i].ms;
				s += strlen(units[i].name);
			}
		}
		if (ms == 0)
			return expected;
		if (__builtin_mul_overflow(v, ms, &v) || __builtin_add_overflow(total, v / 1000, &total))
			return "time too long";
	}
	if (total == 0)
		return "time must be at least 1ms";
	if (total > (uint64_t)INT_MAX * 1000)
		return "time too long";
	*ret_ms = total;
	return NULL;
}

/* By number, capabilities(7). One that is newer than this table can't be named, but is dropped all the same. */
static const char *const caps[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

const char *sbx_parse_cap(const char *s, uint64_t *ret)
{
	size_t prefix = strlen("CAP_");

	if (strcasecmp(s, "ALL") == 0) {
		*ret = SBX_CAP_ALL;
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		if (strcasecmp(s, caps[i]) == 0 || strcasecmp(s, caps[i] + prefix) == 0) {
			*ret = i;
			return NULL;
		}
	}
	return "expected the name of a capability such as NET_BIND_SERVICE, or ALL";
}

const char *sbx_cap_name(unsigned cap)
{
	return cap < ARRAY_LEN(caps) ? caps[cap] : NULL;
}

const char *sbx_parse_signal(const char *s, uint64_t *ret)
{
	if (is_digit(*s))
		return sbx_parse_u64(s, 1, 64, ret) ? "expected a signal number from 1 to 64" : NULL;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (int sig = 1; sig < 32; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && strcasecmp(name, s) == 0) {
			*ret = (uint64_t)sig;
			return NULL;
		}
	}
	return "expected the name of a signal such as TERM";
}

static const struct {
	const char *name;
	int resource;
	bool bytes;
} rlimits[] = {
	{ "as", RLIMIT_AS, true },
	{ "core", RLIMIT_CORE, true },
	{ "cpu", RLIMIT_CPU, false },
	{ "data", RLIMIT_DATA, true },
	{ "fsize", RLIMIT_FSIZE, true },
	{ "locks", RLIMIT_LOCKS, false },
	{ "memlock", RLIMIT_MEMLOCK, true },
	{ "msgqueue", RLIMIT_MSGQUEUE, true },
	{ "nice", RLIMIT_NICE, false },
	{ "nofile", RLIMIT_NOFILE, false },
	{ "nproc", RLIMIT_NPROC, false },
	{ "rss", RLIMIT_RSS, true },
	{ "rtprio", RLIMIT_RTPRIO, false },
	{ "rttime", RLIMIT_RTTIME, false },
	{ "sigpending", RLIMIT_SIGPENDING, false },
	{ "stack", RLIMIT_STACK, true },
};

static bool parse_rlimit_value(const char *s, size_t len, bool bytes, uint64_t *ret)
{
	char text[32];

	if (len == 0 || len >= sizeof text)
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (sbx_streq(text, "unlimited") || sbx_streq(text, "infinity")) {
		*ret = UINT64_MAX;
		return true;
	}
	if (!sbx_parse_u64(text, 0, UINT64_MAX - 1, ret))
		return true;
	return bytes && !sbx_parse_size(text, ret);
}

const char *sbx_parse_rlimit(const char *s, struct sbx_rlimit *ret)
{
	const char *eq = strchr(s, '='), *colon;
	struct sbx_rlimit r;

	if (!eq)
		return "expected NAME=SOFT[:HARD], such as nofile=1024:4096";
	for (size_t i = 0; i < ARRAY_LEN(rlimits); i++) {
		if (strlen(rlimits[i].name) != (size_t)(eq - s) || strncmp(s, rlimits[i].name, (size_t)(eq - s)) != 0)
			continue;
		r.name = rlimits[i].name;
		r.resource = rlimits[i].resource;
		colon = strchr(eq + 1, ':');
		if (!parse_rlimit_value(
			eq + 1, colon ? (size_t)(colon - eq - 1) : strlen(eq + 1), rlimits[i].bytes, &r.soft))
			return "expected a limit: a number, a size for limits in bytes, or unlimited";
		r.hard = r.soft;
		if (colon && !parse_rlimit_value(colon + 1, strlen(colon + 1), rlimits[i].bytes, &r.hard))
			return "expected a hard limit: a number, a size for limits in bytes, or unlimited";
		if (r.soft > r.hard)
			return "the soft limit is above the hard limit";
		*ret = r;
		return NULL;
	}
	return "expected one of as, core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, "
	       "rtprio, rttime, sigpending, stack before '='";
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits and the bytes of `more`, not beginning with '.' or '-'. */
static bool is_name(const char *s, const char *more, size_t max)
{
	if (!*s || *s == '.' || *s == '-' || strlen(s) > max)
		return false;
	for (; *s; s++) {
		if (!is_alnum(*s) && !strchr(more, *s))
			return false;
	}
	return true;
}

const char *sbx_check_hostname(const char *s)
{
	/* __NEW_UTS_LEN is 64. */
	return is_name(s, "-._", 64) ? NULL : "expected a host name: 1 to 64 letters, digits, '-', '.' or '_'";
}

const char *sbx_check_name(const char *s)
{
	return is_name(s, "._+-@", 64)
		   ? NULL
		   : "expected a name: 1 to 64 letters, digits and ._+-@, not beginning with '.' or '-'";
}

const char *sbx_check_env_name(const char *s)
{
	return *s && !strchr(s, '=') ? NULL : "expected the name of an environment variable, without '='";
}

const char *sbx_check_abs_path(const char *s)
{
	if (*s != '/')
		return "expected an absolute path";
	return strlen(s) < PATH_MAX ? NULL : "path too long";
}

static bool take_id(const char **p, char end, uint32_t *ret)
{
	uint64_t v;

	if (!take_digits(p, &v) || v > UINT32_MAX || **p != end)
		return false;
	if (end)
		++*p;
	*ret = (uint32_t)v;
	return true;
}

const char *sbx_parse_id_range(const char *s, struct sbx_id_range *ret)
{
	static const char expected[] = "expected INNER:OUTER:COUNT, auto, subids or all";
	struct sbx_id_range r = { 0 };
	const char *p = s;

	if (sbx_streq(s, "auto"))
		r.kind = SBX_RANGE_AUTO;
	else if (sbx_streq(s, "subids"))
		r.kind = SBX_RANGE_SUBIDS;
	else if (sbx_streq(s, "all"))
		r.kind = SBX_RANGE_ALL;
	else if (strchr(s, ',')
		     ? !(take_id(&p, ',', &r.outer) && take_id(&p, ',', &r.inner) && take_id(&p, '\0', &r.count))
		     : !(take_id(&p, ':', &r.inner) && take_id(&p, ':', &r.outer) && take_id(&p, '\0', &r.count)))
		return expected;
	if (r.kind == SBX_RANGE_IDS) {
		if (r.count == 0)
			return "the count of a range must be above 0";
		/* (uid_t)-1 is no id; the kernel refuses ranges that wrap (user_namespaces(7)). */
		if (r.inner > UINT32_MAX - r.count || r.outer > UINT32_MAX - r.count)
			return "the range goes beyond 4294967294";
	}
	*ret = r;
	return NULL;
}

size_t sbx_utf8_char(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t code;
	size_t n;

	if (p[0] == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] < 0xe0) {
		n = 2;
		code = p[0] & 0x1fU;
	} else if ((p[0] & 0xf0) == 0xe0) {
		n = 3;
		code = p[0] & 0x0fU;
	} else if (p[0] >= 0xf0 && p[0] < 0xf5) {
		n = 4;
		code = p[0] & 0x07U;
	} else {
		return 0;
	}
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3fU);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	return n;
}

size_t sbx_utf8_span(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		char tail[5] = { 0 };
		size_t n;

		uint64_t word = UINT64_C(0x8080808080808080);

		/* ASCII, which nearly all text is, NUL included */
		if (len - i >= sizeof word)
			memcpy(&word, s + i, sizeof word);
		if (!(word & UINT64_C(0x8080808080808080))) {
			i += sizeof word;
			continue;
		}
		if ((signed char)s[i] >= 0) {
			i++;
			continue;
		}
		memcpy(tail, s + i, len - i < 4 ? len - i : 4);
		n = sbx_utf8_char(tail);
		if (n == 0)
			return i;
		i += n;
	}
	return len;
}
