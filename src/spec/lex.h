/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lex.h - text of a profile to lines of words, without reading a file or a variable, so that it can be fuzzed.
 *
 *   word     one or more pieces: bare text, "…", '…'
 *   blanks   space and tab separate words
 *   #        at the start of a word begins a comment
 *   \        bare and in "…": takes the next byte literally; \n \t \xHH are newline, tab and a byte;
 *            before the end of the line it joins the next line
 *   ${NAME}  bare and in "…": a variable, expanded by the reader as one piece: never split, never rescanned
 *   '…'      literal: no escapes, no variables
 *
 * Text is UTF-8, at most SBX_LEX_MAX_FILE bytes, SBX_LEX_MAX_LINE bytes a line. A bare '$' that begins no
 * variable is an error, so that $HOME is not taken for what it isn't.
 */
#ifndef SBX_SPEC_LEX_H
#define SBX_SPEC_LEX_H

#include "base/err.h"

enum { SBX_LEX_MAX_FILE = 1024 * 1024, SBX_LEX_MAX_LINE = 64 * 1024 };

struct sbx_lex_piece {
	bool variable; /* text is the name between ${ and } */
	const char *text;
	const struct sbx_origin *at;
};

struct sbx_lex_word {
	const struct sbx_lex_piece *pieces;
	size_t n_pieces;
	const struct sbx_origin *at;
};

struct sbx_lex_line {
	struct sbx_lex_word *words;
	size_t n_words;
};

struct sbx_lex {
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	const char *text;
	size_t len, pos;
	const char *file; /* for origins */
	const struct sbx_origin *from; /* the include that led to this file */
	unsigned line; /* of pos, from 1 */
	size_t line_start; /* offset of the first byte of that line */
	size_t start; /* offset where the logical line began */
};

/*
 * Begins with `text` (kept by the caller). Text that is too long, not UTF-8 or has a NUL is an error here.
 */
int sbx_lex_init(struct sbx_lex *lx, struct sbx_arena *a, struct sbx_diags *d, const char *file,
    const struct sbx_origin *from, const char *text, size_t len);

/*
 * The next line that has words. 1 with *ret filled; 0 at the end; a negative errno after an error was added:
 * the line is skipped then and the next call goes on behind it.
 */
int sbx_lex_next(struct sbx_lex *lx, struct sbx_lex_line *ret);

#endif
