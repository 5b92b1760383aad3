/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.c - see json.h. */
#include "base/json.h"

#include <inttypes.h>

#include "base/value.h"

void sbx_json_quote(struct sbx_buf *b, const char *s)
{
	sbx_buf_addc(b, '"');
	while (*s) {
		size_t n = sbx_utf8_char(s);
		unsigned char c = (unsigned char)*s;

		if (n == 0) {
			sbx_buf_addf(b, "\\udc%02x", c);
			n = 1;
		} else if (c == '"' || c == '\\') {
			sbx_buf_addf(b, "\\%c", c);
		} else if (c < 0x20 || c == 0x7f) {
			sbx_buf_addf(b, "\\u%04x", c);
		} else if (c == 0xc2 && (unsigned char)s[1] < 0xa0) { /* U+0080..U+009F steer terminals, too */
			sbx_buf_addf(b, "\\u%04x", (unsigned char)s[1]);
		} else {
			sbx_buf_add(b, s, n);
		}
		s += n;
	}
	sbx_buf_addc(b, '"');
}

static void indent(struct sbx_json *j)
{
	sbx_buf_addc(j->out, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		sbx_buf_adds(j->out, "  ");
}

static void begin(struct sbx_json *j, const char *key)
{
	if (j->comma)
		sbx_buf_addc(j->out, ',');
	if (j->depth > 0)
		indent(j);
	if (key) {
		sbx_json_quote(j->out, key);
		sbx_buf_adds(j->out, ": ");
	}
	j->comma = true;
}

void sbx_json_open(struct sbx_json *j, const char *key, char bracket)
{
	begin(j, key);
	sbx_buf_addc(j->out, bracket);
	j->depth++;
	j->comma = false;
}

void sbx_json_close(struct sbx_json *j, char bracket)
{
	j->depth--;
	if (j->comma)
		indent(j);
	sbx_buf_addc(j->out, bracket);
	j->comma = true;
	if (j->depth == 0)
		sbx_buf_addc(j->out, '\n');
}

void sbx_json_str(struct sbx_json *j, const char *key, const char *value)
{
	begin(j, key);
	if (value)
		sbx_json_quote(j->out, value);
	else
		sbx_buf_adds(j->out, "null");
}

void sbx_json_num(struct sbx_json *j, const char *key, uint64_t value)
{
	begin(j, key);
	sbx_buf_addf(j->out, "%" PRIu64, value);
}

void sbx_json_int(struct sbx_json *j, const char *key, int64_t value)
{
	begin(j, key);
	sbx_buf_addf(j->out, "%" PRId64, value);
}

void sbx_json_bool(struct sbx_json *j, const char *key, bool value)
{
	begin(j, key);
	sbx_buf_adds(j->out, value ? "true" : "false");
}
