/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json.h - a writer of JSON into a buffer (RFC 8259). sbx may not link json-c (start time), so it has this.
 * Bytes that are not UTF-8 become U+DC80+byte surrogate escapes (Python's surrogateescape), so nothing is lost.
 */
#ifndef SBX_BASE_JSON_H
#define SBX_BASE_JSON_H

#include "base/mem.h"

struct sbx_json {
	struct sbx_buf *out;
	unsigned depth;
	bool comma; /* the next value at this depth needs a comma before it */
};

/* Values inside an object take their key first; inside an array `key` is NULL. */
void sbx_json_open(struct sbx_json *j, const char *key, char bracket); /* '{' or '[' */
void sbx_json_close(struct sbx_json *j, char bracket);
void sbx_json_str(struct sbx_json *j, const char *key, const char *value); /* NULL value: null */
void sbx_json_num(struct sbx_json *j, const char *key, uint64_t value);
void sbx_json_int(struct sbx_json *j, const char *key, int64_t value);
void sbx_json_bool(struct sbx_json *j, const char *key, bool value);

/* A string alone, for JSON that is to be one line. */
void sbx_json_quote(struct sbx_buf *out, const char *s);

#endif
