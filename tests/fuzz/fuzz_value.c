/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz target: the parsers of value.h, and what quotes words. What is taken is in range and goes both ways. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/value.h"
#include "plan/dump.h"
#include "spec/lex.h"
#include "strict_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)

static void numbers(struct sbx_arena *a, const char *s)
{
	uint64_t v = UNTOUCHED, w = UNTOUCHED;
	int64_t i = -77, k;

	if (!sbx_parse_u64(s, 0, UINT64_MAX, &v))
		assert(!sbx_parse_u64(sbx_strf(a, "%" PRIu64, v), v, v, &w) && w == v &&
		       strspn(s, "0123456789") == strlen(s));
	else
		assert(v == UNTOUCHED);
	v = UNTOUCHED;
	if (!sbx_parse_id(s, &v))
		assert(v < UINT32_MAX);
	else
		assert(v == UNTOUCHED);
	if (!sbx_parse_int(s, INT64_MIN, INT64_MAX, &i))
		assert(!sbx_parse_int(sbx_strf(a, "%" PRId64, i), i, i, &k) && k == i);
	else
		assert(i == -77);
	v = UNTOUCHED;
	if (!sbx_parse_mode(s, 07777, &v))
		assert(v <= 07777 && !sbx_parse_mode(sbx_strf(a, "%04" PRIo64, v), 07777, &w) && w == v);
	else
		assert(v == UNTOUCHED);
	v = UNTOUCHED;
	if (!sbx_parse_size(s, &v))
		assert(v > 0 && v <= SIZE_MAX / 2 && !sbx_parse_size(sbx_strf(a, "%" PRIu64, v), &w) && w == v);
	else
		assert(v == UNTOUCHED);
	v = UNTOUCHED;
	if (!sbx_parse_duration(s, &v))
		assert(v > 0 && v <= (uint64_t)INT_MAX * 1000 &&
		       !sbx_parse_duration(sbx_strf(a, "%" PRIu64 "ms", v), &w) && w == v);
	else
		assert(v == UNTOUCHED);
}

static void names(struct sbx_arena *a, const char *s)
{
	struct sbx_rlimit r = { .resource = -7 };
	struct sbx_id_range g = { .count = 77 };
	uint64_t v = UNTOUCHED, w;

	if (!sbx_parse_cap(s, &v))
		assert(v == SBX_CAP_ALL || (v < 64 && sbx_cap_name((unsigned)v) &&
					       !sbx_parse_cap(sbx_cap_name((unsigned)v), &w) && w == v));
	else
		assert(v == UNTOUCHED);
	v = UNTOUCHED;
	if (!sbx_parse_signal(s, &v))
		assert(v >= 1 && v <= 64);
	else
		assert(v == UNTOUCHED);
	if (!sbx_parse_rlimit(s, &r))
		assert(r.resource >= 0 && r.soft <= r.hard && sbx_starts_with(s, sbx_strf(a, "%s=", r.name)));
	else
		assert(r.resource == -7);
	if (!sbx_parse_id_range(s, &g))
		assert(g.kind != SBX_RANGE_IDS ||
		       (g.count > 0 && g.count <= UINT32_MAX - g.inner && g.count <= UINT32_MAX - g.outer));
	else
		assert(g.count == 77);
	if (!sbx_check_name(s))
		assert(*s && strlen(s) <= 64 && !strpbrk(s, "/\n \\\"'$#") && *s != '.' && *s != '-');
	if (!sbx_check_hostname(s))
		assert(!sbx_check_name(s));
	if (!sbx_check_env_name(s))
		assert(*s && !strchr(s, '='));
	if (!sbx_check_abs_path(s))
		assert(*s == '/' && strlen(s) < PATH_MAX);
}

static void check_shown(const char *text)
{
	assert(sbx_utf8_span(text, strlen(text)) == strlen(text));
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		assert(*p >= 0x20 && *p != 0x7f && !(*p == 0xc2 && p[1] < 0xa0));
}

static void quoting(struct sbx_arena *a, const char *s)
{
	static const char *const words[] = { "bind", "ro-bind", "tmpfs", "unshare-cgroup-try" };
	const char *quoted = sbx_quote_word(a, s);
	struct sbx_buf out = { .arena = a };
	struct sbx_json j = { .out = &out };
	struct sbx_diags d = { .arena = a };
	struct sbx_lex_line line;
	struct sbx_lex lx;

	check_shown(sbx_escape(a, s));
	check_shown(quoted);
	sbx_json_str(&j, NULL, s);
	assert(!strict_json_bad(out.data));
	assert(sbx_utf8_span(out.data, out.len) == out.len);
	(void)sbx_nearest(s, words, ARRAY_LEN(words));
	if (strlen(quoted) > SBX_LEX_MAX_LINE)
		return;
	assert(sbx_lex_init(&lx, a, &d, "q", NULL, quoted, strlen(quoted)) == 0);
	assert(sbx_lex_next(&lx, &line) == 1 && line.n_words == 1);
	if (*s)
		assert(line.words[0].n_pieces == 1 && !line.words[0].pieces[0].variable &&
		       sbx_streq(line.words[0].pieces[0].text, s));
	else
		assert(line.words[0].n_pieces == 0);
	assert(sbx_lex_next(&lx, &line) == 0 && d.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	/* A block of its own, so that a read beyond the end is seen. */
	char *s = malloc(size + 1);

	if (!s)
		abort();
	if (size)
		memcpy(s, data, size);
	s[size] = '\0';
	assert(sbx_utf8_span((const char *)data, size) <= size);
	numbers(&a, s);
	names(&a, s);
	quoting(&a, s);
	free(s);
	sbx_arena_free(&a);
	return 0;
}
