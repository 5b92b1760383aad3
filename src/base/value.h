/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * value.h - strict parsers of words into typed values. All are pure: no file, no environment, no locale.
 *
 * Each takes a NUL-terminated word and returns NULL and the value, or a constant sentence that says what a
 * valid word looks like; the value is untouched then. Signs, blanks, trailing text and overflow are refused
 * everywhere: `bwrap --uid 4294967296` is root because strtol(3) was trusted.
 */
#ifndef SBX_BASE_VALUE_H
#define SBX_BASE_VALUE_H

#include "base/base.h"

/* Decimal number from `min` to `max`. */
const char *sbx_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);

/* User or group id: 0 to 4294967294; 4294967295 is (uid_t)-1, "no id" for the kernel. */
const char *sbx_parse_id(const char *s, uint64_t *ret);

/* Signed decimal number from `min` to `max` with an optional leading '-'. */
const char *sbx_parse_int(const char *s, int64_t min, int64_t max, int64_t *ret);

/* Octal file mode 0 to `max` (07777 for perms, 0777 for umask); a leading 0 or 0o is allowed. */
const char *sbx_parse_mode(const char *s, uint64_t max, uint64_t *ret);

/*
 * Bytes, from 1 to SIZE_MAX / 2: a number with an optional unit. Docker's b, k, m, g, t and the systemd and
 * IEC forms K, M, G, T, Ki, KiB … are powers of 1024; a fraction ("1.5g") is allowed with a unit.
 */
const char *sbx_parse_size(const char *s, uint64_t *ret);

/*
 * A time span in milliseconds, above 0: numbers with units ms, s, m or min, h, d, written together ("1m30s");
 * a number without a unit counts seconds, as in timeout(1). Fractions of up to three digits are allowed.
 */
const char *sbx_parse_duration(const char *s, uint64_t *ret_ms);

/* Capability name with or without CAP_, in any case, or ALL. *ret is the number, or SBX_CAP_ALL. */
#define SBX_CAP_ALL UINT64_MAX
const char *sbx_parse_cap(const char *s, uint64_t *ret);
/* "CAP_CHOWN" …; NULL for a number without a name. */
const char *sbx_cap_name(unsigned cap);

/* Signal name with or without SIG, in any case, or number 1 to 64. */
const char *sbx_parse_signal(const char *s, uint64_t *ret);

/*
 * NAME=SOFT[:HARD] with prlimit(1)'s names (nofile, nproc, core, …); a value is a number, or a size for limits
 * that count bytes, or `unlimited`. A lone value sets both. RLIM_INFINITY is UINT64_MAX.
 */
struct sbx_rlimit {
	int resource; /* RLIMIT_… */
	const char *name;
	uint64_t soft, hard;
};
const char *sbx_parse_rlimit(const char *s, struct sbx_rlimit *ret);

/* Host name: 1 to 64 bytes of letters, digits, '-', '.' and '_', not beginning with '-' or '.'. */
const char *sbx_check_hostname(const char *s);

/* Name of an environment variable: not empty, no '='. */
const char *sbx_check_env_name(const char *s);

/* Absolute path of less than PATH_MAX bytes. */
const char *sbx_check_abs_path(const char *s);

/* Name of a profile, a layer or a home: letters, digits and ._+-@, not beginning with '.' or '-', at most 64 bytes. */
const char *sbx_check_name(const char *s);

/*
 * A range of ids, unshare(1)'s words: INNER:OUTER:COUNT, the older OUTER,INNER,COUNT, or one of the words
 * auto, subids and all.
 */
enum sbx_range_kind { SBX_RANGE_IDS, SBX_RANGE_AUTO, SBX_RANGE_SUBIDS, SBX_RANGE_ALL };
struct sbx_id_range {
	enum sbx_range_kind kind;
	uint32_t inner, outer, count;
};
const char *sbx_parse_id_range(const char *s, struct sbx_id_range *ret);

/* Length of the valid UTF-8 character at `s` (1 to 4), 0 if it is none (or the end of the string). */
size_t sbx_utf8_char(const char *s);
/* Offset of the first byte of s[0..len) that is not UTF-8, or `len`. NUL counts as valid text here. */
size_t sbx_utf8_span(const char *s, size_t len);

#endif
