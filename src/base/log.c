/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* log.c - messages to stderr; see log.h. */
#include "base/log.h"

#include "base/fd.h"
#include "base/value.h"

static const char *program_name = "sbx";
static enum sbx_log_level max_level = SBX_LOG_NOTICE;
static bool level_prefix;
static int patience_ms = -1;

static const char *const level_names[] = {
	[SBX_LOG_ERROR] = "error",
	[SBX_LOG_WARNING] = "warning",
	[SBX_LOG_NOTICE] = "notice",
	[SBX_LOG_INFO] = "info",
};

void sbx_log_init(const char *program, enum sbx_log_level level)
{
	program_name = program;
	max_level = level;
}

void sbx_log_set_level(enum sbx_log_level level)
{
	max_level = level;
}

void sbx_log_set_level_prefix(bool on)
{
	level_prefix = on;
}

void sbx_log_set_patience(int ms)
{
	patience_ms = ms;
}

bool sbx_log_has(enum sbx_log_level level)
{
	return level <= max_level;
}

const char *sbx_escape(struct sbx_arena *a, const char *s)
{
	struct sbx_buf b = { .arena = a };

	while (*s) {
		size_t n = sbx_utf8_char(s);
		unsigned char c = (unsigned char)*s;

		/* U+0080..U+009F are control characters too (CSI is U+009B). */
		if (n == 0 || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0)) {
			sbx_buf_addf(&b, "\\x%02x", c);
			s++;
			if (n == 2) {
				sbx_buf_addf(&b, "\\x%02x", (unsigned char)*s);
				s++;
			}
			continue;
		}
		sbx_buf_add(&b, s, n);
		s += n;
	}
	return sbx_buf_str(&b);
}

static void write_line(struct sbx_arena *a, enum sbx_log_level level, const char *line)
{
	/* syslog(3): LOG_ERR is 3, and the levels are in the same order. */
	const char *prefix = level_prefix ? sbx_strf(a, "<%d>", 3 + (int)level) : "";
	const char *text = sbx_strf(a, "%s%s\n", prefix, sbx_escape(a, line));

	if (patience_ms < 0)
		(void)sbx_write_all(STDERR_FILENO, text, strlen(text));
	else if (patience_ms > 0 && sbx_write_within(STDERR_FILENO, text, strlen(text), (unsigned)patience_ms) < 0)
		patience_ms = 0;
}

void sbx_log(enum sbx_log_level level, const char *fmt, ...)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };
	const char *text;
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	text = sbx_vstrf(&a, fmt, ap);
	va_end(ap);
	write_line(&a, level, sbx_strf(&a, "%s: %s: %s", program_name, level_names[level], text));
}

static void write_diag(struct sbx_arena *a, const struct sbx_diag *d)
{
	static const enum sbx_log_level levels[] = {
		[SBX_ERROR] = SBX_LOG_ERROR,
		[SBX_WARNING] = SBX_LOG_WARNING,
		[SBX_NOTICE] = SBX_LOG_NOTICE,
		[SBX_INFO] = SBX_LOG_INFO,
	};
	enum sbx_log_level level = levels[d->severity];
	const char *where = d->at ? sbx_origin_str(a, d->at) : program_name;

	if (level > max_level)
		return;
	write_line(a, level, sbx_strf(a, "%s: %s: %s", where, level_names[level], d->text));
	if (d->hint)
		write_line(a, level, sbx_strf(a, "%s: hint: %s", where, d->hint));
	for (const struct sbx_origin *from = d->at ? d->at->from : NULL; from; from = from->from)
		write_line(a, level, sbx_strf(a, "%s: note: included from here", sbx_origin_str(a, from)));
}

void sbx_log_diags(const struct sbx_diags *d)
{
	_cleanup_(sbx_arena_free) struct sbx_arena a = { 0 };

	for (size_t i = 0; i < d->n; i++)
		write_diag(&a, &d->items[i]);
	if (d->n_errors > SBX_DIAGS_MAX_ERRORS)
		sbx_log(SBX_LOG_ERROR, "%u more errors not shown", d->n_errors - SBX_DIAGS_MAX_ERRORS);
}
