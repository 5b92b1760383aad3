/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz target: the lexer. Words are where they say they are, one after the other, and each error is one error. */
#include "base/value.h"
#include "spec/lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct place {
	unsigned line, column;
};

/* The place must be in the text, and not before `last`. */
static void check_place(const char *text, size_t len, const struct sbx_origin *at, struct place *last)
{
	size_t start = 0;

	assert(at && at->line >= 1 && at->column >= 1);
	for (unsigned line = 1; line < at->line; line++) {
		const char *nl = memchr(text + start, '\n', len - start);

		assert(nl);
		start = (size_t)(nl - text) + 1;
	}
	assert(start + at->column - 1 <= len);
	assert(!memchr(text + start, '\n', at->column - 1));
	assert(at->line > last->line || (at->line == last->line && at->column >= last->column));
	*last = (struct place){ at->line, at->column };
}

static void check_line(const char *text, size_t len, const struct sbx_lex_line *line, struct place *last)
{
	assert(line->n_words > 0);
	for (size_t i = 0; i < line->n_words; i++) {
		const struct sbx_lex_word *w = &line->words[i];

		check_place(text, len, w->at, last);
		for (size_t k = 0; k < w->n_pieces; k++) {
			check_place(text, len, w->pieces[k].at, last);
			assert(w->pieces[k].variable || *w->pieces[k].text);
			/* Two literals in a row would be one. */
			assert(k == 0 || w->pieces[k].variable || w->pieces[k - 1].variable);
			assert(!w->pieces[k].variable || !strpbrk(w->pieces[k].text, "}\n"));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	const char *text = (const char *)data;
	struct sbx_lex lx;
	struct sbx_lex_line line;
	struct place last = { 1, 1 };
	size_t lines = 0;
	int r = sbx_lex_init(&lx, &a, &d, "f", NULL, text, size);

	assert((r < 0) == (d.n_errors == 1));
	assert((r < 0) == (size > SBX_LEX_MAX_FILE || sbx_utf8_span(text, size) < size || memchr(text, 0, size)));
	while (r == 0) {
		unsigned errors = d.n_errors;
		int e = sbx_lex_next(&lx, &line);

		if (e == 0)
			break;
		assert(d.n_errors == errors + (e < 0));
		if (e > 0)
			check_line(text, size, &line, &last);
		else if (errors < SBX_DIAGS_MAX_ERRORS)
			check_place(text, size, d.items[d.n - 1].at, &(struct place){ last.line, 1 });
		assert(++lines <= size);
	}
	assert(r < 0 || (sbx_lex_next(&lx, &line) == 0 && lx.pos == size));
	sbx_arena_free(&a);
	return 0;
}
