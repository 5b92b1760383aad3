/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* err.c - collecting diagnostics, "did you mean"; see err.h. */
#include "base/err.h"

/* A word of 1 MiB would bury what is wrong with it: the middle of a long text is left out. */
static _printf_(2, 0) const char *text_of(struct sbx_arena *a, const char *fmt, va_list ap)
{
	enum { MAX = 4096, HEAD = 512, TAIL = 512 };
	const char *text = sbx_vstrf(a, fmt, ap);
	size_t len = strlen(text), head = HEAD, tail = len - TAIL;

	if (len <= MAX)
		return text;
	/* Not within a character of UTF-8 */
	while (head > 0 && ((unsigned char)text[head] & 0xc0) == 0x80)
		head--;
	while (tail < len && ((unsigned char)text[tail] & 0xc0) == 0x80)
		tail++;
	return sbx_strf(a, "%.*s[… %zu bytes …]%s", (int)head, text, tail - head, text + tail);
}

static _printf_(5, 0) void add(
    struct sbx_diags *d, enum sbx_severity severity, int code, const struct sbx_origin *at, const char *fmt, va_list ap)
{
	if (severity == SBX_ERROR && ++d->n_errors > SBX_DIAGS_MAX_ERRORS)
		return;
	if (severity == SBX_WARNING)
		d->n_warnings++;
	SBX_APPEND(d->arena, d->items, d->n) = (struct sbx_diag){
		.severity = severity,
		.code = code,
		.at = at,
		.text = text_of(d->arena, fmt, ap),
	};
}

int sbx_error(struct sbx_diags *d, int code, const struct sbx_origin *at, const char *fmt, ...)
{
	va_list ap;

	assert(code < 0);
	va_start(ap, fmt);
	add(d, SBX_ERROR, code, at, fmt, ap);
	va_end(ap);
	return code;
}

void sbx_warning(struct sbx_diags *d, const struct sbx_origin *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, SBX_WARNING, 0, at, fmt, ap);
	va_end(ap);
}

void sbx_notice(struct sbx_diags *d, const struct sbx_origin *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, SBX_NOTICE, 0, at, fmt, ap);
	va_end(ap);
}

void sbx_info(struct sbx_diags *d, const struct sbx_origin *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, SBX_INFO, 0, at, fmt, ap);
	va_end(ap);
}

void sbx_hint(struct sbx_diags *d, const char *fmt, ...)
{
	va_list ap;

	if (d->n == 0 || d->n_errors > SBX_DIAGS_MAX_ERRORS)
		return;
	va_start(ap, fmt);
	d->items[d->n - 1].hint = text_of(d->arena, fmt, ap);
	va_end(ap);
}

const char *sbx_origin_str(struct sbx_arena *a, const struct sbx_origin *at)
{
	if (!at)
		return "<default>";
	return sbx_strf(a, "%s:%u:%u", at->file ? at->file : "<command-line>", at->line, at->column);
}

/* Damerau-Levenshtein distance (optimal string alignment) of two short words; large when either is long. */
static size_t distance(const char *a, const char *b)
{
	enum { MAX = 40 };
	size_t la = strlen(a), lb = strlen(b);
	size_t d[MAX + 1][MAX + 1];

	if (la > MAX || lb > MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= la; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		for (size_t j = 1; j <= lb; j++) {
			size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[la][lb];
}

const char *sbx_nearest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t limit = strlen(word) / 3 + 1, best_distance = limit + 1;

	for (size_t i = 0; i < n; i++) {
		size_t dist = distance(word, names[i]);

		if (dist < best_distance && dist < strlen(names[i])) {
			best_distance = dist;
			best = names[i];
		}
	}
	return best;
}
