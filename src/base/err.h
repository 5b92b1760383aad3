/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * err.h - where a value came from, and what went wrong with it.
 *
 * Functions return 0 or a negative errno and add what a person must read to a struct sbx_diags. Nothing
 * below the mains prints. Errors are collected so that all mistakes of a file show at once.
 */
#ifndef SBX_BASE_ERR_H
#define SBX_BASE_ERR_H

#include "base/mem.h"

/*
 * Where a value came from. `file` NULL is the command line: then `line` counts its words (1 is the first
 * after the program's name) and `column` is the byte within the word. `from` is the include that led here.
 */
struct sbx_origin {
	const char *file;
	unsigned line, column;
	const struct sbx_origin *from;
};

enum sbx_severity { SBX_ERROR, SBX_WARNING, SBX_NOTICE, SBX_INFO };

struct sbx_diag {
	enum sbx_severity severity;
	int code; /* negative errno; 0 for warnings and notices */
	const struct sbx_origin *at; /* NULL: no place to point at */
	const char *text;
	const char *hint; /* what to do about it, or NULL */
};

#define SBX_DIAGS_MAX_ERRORS 20

/* A list of diagnostics; everything lives in `arena`. Errors past SBX_DIAGS_MAX_ERRORS are only counted. */
struct sbx_diags {
	struct sbx_arena *arena;
	struct sbx_diag *items;
	size_t n;
	unsigned n_errors, n_warnings;
};

/* Adds an error and returns `code` (a negative errno), so that callers can `return sbx_error(…)`. */
int sbx_error(struct sbx_diags *d, int code, const struct sbx_origin *at, const char *fmt, ...) _printf_(4, 5);
void sbx_warning(struct sbx_diags *d, const struct sbx_origin *at, const char *fmt, ...) _printf_(3, 4);
void sbx_notice(struct sbx_diags *d, const struct sbx_origin *at, const char *fmt, ...) _printf_(3, 4);

/* Said with --verbose only. */
void sbx_info(struct sbx_diags *d, const struct sbx_origin *at, const char *fmt, ...) _printf_(3, 4);

/* Gives the newest diagnostic a remedy. */
void sbx_hint(struct sbx_diags *d, const char *fmt, ...) _printf_(2, 3);

/* "FILE:LINE:COLUMN", or "<command-line>:WORD:COLUMN"; "<default>" for NULL. */
const char *sbx_origin_str(struct sbx_arena *a, const struct sbx_origin *at);

/* The member of `names` (n of them) nearest to `word` by edit distance, or NULL if none is near. */
const char *sbx_nearest(const char *word, const char *const *names, size_t n);

#endif
