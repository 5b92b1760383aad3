/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* strict_json.h - a reader of JSON (RFC 8259) that takes nothing else, to check what sbx writes. */
#ifndef SBX_TESTS_STRICT_JSON_H
#define SBX_TESTS_STRICT_JSON_H

#include "base/base.h"

/* Each function moves *p over one thing, or leaves it at what is wrong and returns false. */

static inline void strict_skip_blanks(const char **p)
{
	*p += strspn(*p, " \t\r\n");
}

static inline bool strict_json_string(const char **p)
{
	if (**p != '"')
		return false;
	for (++*p; **p != '"'; ++*p) {
		if ((unsigned char)**p < 0x20)
			return false;
		if (**p != '\\')
			continue;
		++*p;
		if (**p == 'u') {
			if (strspn(*p + 1, "0123456789abcdefABCDEF") < 4)
				return false;
			*p += 4;
		} else if (!**p || !strchr("\"\\/bfnrt", **p)) {
			return false;
		}
	}
	++*p;
	return true;
}

static inline bool strict_json_number(const char **p)
{
	static const char digits[] = "0123456789";
	size_t n;

	*p += **p == '-';
	n = strspn(*p, digits);
	if (n == 0 || (n > 1 && **p == '0'))
		return false;
	*p += n;
	if (**p == '.') {
		n = strspn(++*p, digits);
		if (n == 0)
			return false;
		*p += n;
	}
	if (**p == 'e' || **p == 'E') {
		++*p;
		*p += **p == '+' || **p == '-';
		n = strspn(*p, digits);
		if (n == 0)
			return false;
		*p += n;
	}
	return true;
}

static inline bool strict_json_value(const char **p, unsigned depth);

static inline bool strict_json_list(const char **p, unsigned depth, char close)
{
	++*p;
	strict_skip_blanks(p);
	if (**p == close) {
		++*p;
		return true;
	}
	for (;;) {
		strict_skip_blanks(p);
		if (close == '}') {
			if (!strict_json_string(p))
				return false;
			strict_skip_blanks(p);
			if (**p != ':')
				return false;
			++*p;
		}
		if (!strict_json_value(p, depth + 1))
			return false;
		strict_skip_blanks(p);
		if (**p == close) {
			++*p;
			return true;
		}
		if (**p != ',')
			return false;
		++*p;
	}
}

static inline bool strict_json_value(const char **p, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };

	strict_skip_blanks(p);
	if (depth > 64)
		return false;
	if (**p == '{' || **p == '[')
		return strict_json_list(p, depth, **p == '{' ? '}' : ']');
	if (**p == '"')
		return strict_json_string(p);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (sbx_starts_with(*p, words[i])) {
			*p += strlen(words[i]);
			return true;
		}
	}
	return strict_json_number(p);
}

/* NULL if `text` is one JSON value, else where it stops being one. */
static inline const char *strict_json_bad(const char *text)
{
	const char *p = text;

	if (!strict_json_value(&p, 0))
		return p;
	strict_skip_blanks(&p);
	return *p ? p : NULL;
}

#endif
