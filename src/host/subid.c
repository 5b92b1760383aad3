/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subid.c - parsers of subuid(5) text, of getsubids(1)'s output and of nsswitch.conf's `subid` line; see host.h.
 *
 * A line that shadow's own tools would not take is skipped, as they do: one bad line of another user may not
 * break everyone's start. What is kept must mean the same to newuidmap(1), or it would refuse the map.
 */
#include <stdio.h>
#include <strings.h>

#include "base/value.h"
#include "host/host.h"

/* A piece of the text that is parsed; it may hold any byte. */
struct span {
	const char *p;
	size_t len;
};

/* Takes the bytes before the next `sep`; false if nothing is left. */
static bool take(struct span *from, char sep, struct span *ret)
{
	const char *end;

	if (!from->p)
		return false;
	end = from->len ? memchr(from->p, sep, from->len) : NULL;
	*ret = (struct span){ from->p, end ? (size_t)(end - from->p) : from->len };
	if (end) {
		from->len -= ret->len + 1;
		from->p = end + 1;
	} else {
		*from = (struct span){ NULL, 0 };
	}
	return true;
}

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

/* A leading 0 is octal to shadow's strtoul(3): such a number is refused rather than read in another way. */
static bool number(struct span s, uint64_t min, uint64_t max, uint32_t *ret)
{
	char text[sizeof "4294967295"];
	uint64_t v;

	if (s.len == 0 || s.len >= sizeof text || (s.p[0] == '0' && s.len > 1) || memchr(s.p, '\0', s.len))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	if (sbx_parse_u64(text, min, max, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* A range must end before 4294967295, which is no id (user_namespaces(7)). */
static bool range(struct span start, struct span count, struct sbx_subid *ret)
{
	struct sbx_subid r;

	if (!number(start, 0, UINT32_MAX - 1, &r.start) || !number(count, 1, UINT32_MAX, &r.count))
		return false;
	if (r.count > UINT32_MAX - r.start)
		return false;
	*ret = r;
	return true;
}

int sbx_subid_parse(struct sbx_arena *a, const char *text, size_t len, const char *user, uid_t uid,
    struct sbx_subid **ret, size_t *ret_n)
{
	struct span rest = { text, len }, line;
	struct sbx_subid *items = NULL;
	char number_text[sizeof "4294967295"];
	size_t n = 0;

	(void)snprintf(number_text, sizeof number_text, "%u", (unsigned)uid);
	while (take(&rest, '\n', &line)) {
		struct span owner, start, count;
		struct sbx_subid r;

		if (!take(&line, ':', &owner) || !take(&line, ':', &start) || !take(&line, ':', &count) || line.p)
			continue;
		if (!(user && *user && span_is(owner, user)) && !span_is(owner, number_text))
			continue;
		if (range(start, count, &r))
			SBX_APPEND(a, items, n) = r;
	}
	*ret = items;
	*ret_n = n;
	return 0;
}

int sbx_subid_parse_listing(struct sbx_arena *a, const char *text, size_t len, struct sbx_subid **ret, size_t *ret_n)
{
	struct span rest = { text, len }, line;
	struct sbx_subid *items = NULL;
	size_t n = 0;

	while (take(&rest, '\n', &line)) {
		struct span index, owner, start, count;
		struct sbx_subid r;

		/* The owner is the name that was asked for, so it is not looked at. */
		if (!take(&line, ' ', &index) || !take(&line, ' ', &owner) || !take(&line, ' ', &start) ||
		    !take(&line, ' ', &count) || line.p)
			continue;
		if (index.len < 2 || index.p[index.len - 1] != ':' || owner.len == 0)
			continue;
		if (range(start, count, &r))
			SBX_APPEND(a, items, n) = r;
	}
	*ret = items;
	*ret_n = n;
	return 0;
}

static size_t blanks(struct span s)
{
	size_t n = 0;

	while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* As nss_init() of shadow: the first line that begins with "subid:" and says something decides. */
const char *sbx_subid_source(struct sbx_arena *a, const char *text, size_t len)
{
	static const char key[] = "subid:";
	struct span rest = { text, len }, line;

	while (take(&rest, '\n', &line)) {
		size_t skip, n = 0;

		if (line.len < sizeof key - 1 || strncasecmp(line.p, key, sizeof key - 1) != 0)
			continue;
		line.p += sizeof key - 1;
		line.len -= sizeof key - 1;
		skip = blanks(line);
		line.p += skip;
		line.len -= skip;
		while (n < line.len && line.p[n] && line.p[n] != ' ' && line.p[n] != '\t' && line.p[n] != '#')
			n++;
		if (n > 0)
			return sbx_strndup(a, line.p, n);
	}
	return "files";
}
