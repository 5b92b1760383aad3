/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lex.c - the lexer of profiles; the rules are in lex.h. */
#include "spec/lex.h"

#include "base/value.h"

struct word_builder {
	struct sbx_lex_piece *pieces;
	size_t n_pieces;
	struct sbx_buf text; /* the literal piece being read */
	const struct sbx_origin *text_at;
	bool any; /* something was read, "" included */
};

static const struct sbx_origin *here(const struct sbx_lex *lx, size_t pos)
{
	struct sbx_origin *o = SBX_NEW(lx->arena, struct sbx_origin);

	*o = (struct sbx_origin){
		.file = lx->file,
		.line = lx->line,
		.column = (unsigned)(pos - lx->line_start) + 1,
		.from = lx->from,
	};
	return o;
}

static int peek(const struct sbx_lex *lx)
{
	return lx->pos < lx->len ? (unsigned char)lx->text[lx->pos] : -1;
}

static void newline(struct sbx_lex *lx)
{
	lx->pos++;
	lx->line++;
	lx->line_start = lx->pos;
}

int sbx_lex_init(struct sbx_lex *lx, struct sbx_arena *a, struct sbx_diags *d, const char *file,
    const struct sbx_origin *from, const char *text, size_t len)
{
	size_t bad;

	*lx =
	    (struct sbx_lex){ .arena = a, .diags = d, .text = text, .len = len, .file = file, .from = from, .line = 1 };
	if (len > SBX_LEX_MAX_FILE)
		return sbx_error(d, -EFBIG, here(lx, 0), "file is larger than 1 MiB");
	bad = sbx_utf8_span(text, len);
	if (memchr(text, '\0', bad))
		bad = (size_t)((const char *)memchr(text, '\0', bad) - text);
	if (bad < len) {
		for (size_t i = 0; i < bad; i++) {
			if (text[i] == '\n') {
				lx->line++;
				lx->line_start = i + 1;
			}
		}
		return sbx_error(d, -EILSEQ, here(lx, bad),
		    text[bad] ? "text is not UTF-8 (write other bytes as \\xHH)" : "NUL byte");
	}
	return 0;
}

static void end_literal(struct sbx_lex *lx, struct word_builder *w)
{
	if (w->text.len == 0)
		return;
	SBX_APPEND(lx->arena, w->pieces, w->n_pieces) =
	    (struct sbx_lex_piece){ .text = sbx_buf_str(&w->text), .at = w->text_at };
	w->text = (struct sbx_buf){ .arena = lx->arena };
}

static void add_byte(struct sbx_lex *lx, struct word_builder *w, char c)
{
	if (w->text.len == 0)
		w->text_at = here(lx, lx->pos);
	sbx_buf_addc(&w->text, c);
	w->any = true;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* At a backslash. Reads the escape and what it stands for. */
static int lex_escape(struct sbx_lex *lx, struct word_builder *w)
{
	size_t start = lx->pos;
	int c, hi, lo;

	lx->pos++;
	c = peek(lx);
	if (c < 0)
		return sbx_error(lx->diags, -EINVAL, here(lx, start), "backslash at the end of the file");
	if (c == '\n') {
		newline(lx);
		return 0;
	}
	if (c == 'x') {
		hi = lx->pos + 1 < lx->len ? hex_digit(lx->text[lx->pos + 1]) : -1;
		lo = lx->pos + 2 < lx->len ? hex_digit(lx->text[lx->pos + 2]) : -1;
		if (hi < 0 || lo < 0 || hi + lo == 0)
			return sbx_error(
			    lx->diags, -EINVAL, here(lx, start), "\\x needs two hexadecimal digits, not 00");
		add_byte(lx, w, (char)(hi * 16 + lo));
		lx->pos += 3;
		return 0;
	}
	if (c == 'n' || c == 't') {
		add_byte(lx, w, c == 'n' ? '\n' : '\t');
	} else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
		return sbx_error(lx->diags, -EINVAL, here(lx, start), "unknown escape '\\%c'", c);
	} else {
		add_byte(lx, w, (char)c);
	}
	lx->pos++;
	return 0;
}

/* At a '$'. */
static int lex_variable(struct sbx_lex *lx, struct word_builder *w)
{
	const struct sbx_origin *at = here(lx, lx->pos);
	size_t start = lx->pos + 2;
	size_t end = start;

	if (lx->pos + 1 >= lx->len || lx->text[lx->pos + 1] != '{') {
		(void)sbx_error(lx->diags, -EINVAL, at, "'$' begins no variable");
		sbx_hint(lx->diags, "write ${NAME} for a variable, \\$ for a dollar sign");
		return -EINVAL;
	}
	while (end < lx->len && lx->text[end] != '}' && lx->text[end] != '\n')
		end++;
	if (end >= lx->len || lx->text[end] == '\n')
		return sbx_error(lx->diags, -EINVAL, at, "missing '}' behind '${'");
	end_literal(lx, w);
	SBX_APPEND(lx->arena, w->pieces, w->n_pieces) = (struct sbx_lex_piece){
		.variable = true, .text = sbx_strndup(lx->arena, lx->text + start, end - start), .at = at
	};
	w->any = true;
	lx->pos = end + 1;
	return 0;
}

/* At an opening quote. */
static int lex_quoted(struct sbx_lex *lx, struct word_builder *w)
{
	const struct sbx_origin *at = here(lx, lx->pos);
	int quote = peek(lx);

	lx->pos++;
	w->any = true;
	for (;;) {
		int c = peek(lx), r = 0;

		if (c < 0 || c == '\n')
			return sbx_error(lx->diags, -EINVAL, at, "missing closing %c", quote);
		if (c == quote)
			break;
		if (c == '\\' && quote == '"') {
			r = lex_escape(lx, w);
		} else if (c == '$' && quote == '"') {
			r = lex_variable(lx, w);
		} else {
			add_byte(lx, w, (char)c);
			lx->pos++;
		}
		if (r < 0)
			return r;
	}
	lx->pos++;
	return 0;
}

/* Bytes that stand for themselves wherever they are: not blank, quote, backslash, dollar sign or control character. */
static const bool plain[256] = {
	['!'] = true, ['#'] = true, ['%' ... '&'] = true, ['(' ... '['] = true, [']' ... '~'] = true, [0x80 ... 0xff] = true
};

/* Length of what stands for itself at the current place. */
static size_t plain_run(const struct sbx_lex *lx)
{
	const unsigned char *text = (const unsigned char *)lx->text;
	size_t pos = lx->pos, end = lx->len;

	if (end - lx->start > SBX_LEX_MAX_LINE + 1)
		end = lx->start + SBX_LEX_MAX_LINE + 1;
	while (pos < end && plain[text[pos]])
		pos++;
	return pos - lx->pos;
}

static bool at_end_of_word(const struct sbx_lex *lx, size_t pos)
{
	return pos >= lx->len || lx->text[pos] == ' ' || lx->text[pos] == '\t' || lx->text[pos] == '\n';
}

/* Most words: no quote, no escape, no variable. */
static void whole_word(struct sbx_lex *lx, size_t len, struct sbx_lex_word *ret)
{
	struct {
		struct sbx_origin at;
		struct sbx_lex_piece piece;
		char text[];
	} *w = sbx_alloc(lx->arena, sizeof *w + len + 1);

	w->at = (struct sbx_origin){ lx->file, lx->line, (unsigned)(lx->pos - lx->line_start) + 1, lx->from };
	w->piece = (struct sbx_lex_piece){ .text = w->text, .at = &w->at };
	memcpy(w->text, lx->text + lx->pos, len);
	*ret = (struct sbx_lex_word){ .pieces = &w->piece, .n_pieces = 1, .at = &w->at };
	lx->pos += len;
}

static int lex_word(struct sbx_lex *lx, struct sbx_lex_word *ret)
{
	struct word_builder w = { .text = { .arena = lx->arena } };
	const struct sbx_origin *at;
	size_t run = plain_run(lx);

	if (run > 0 && at_end_of_word(lx, lx->pos + run) && lx->pos + run - lx->start <= SBX_LEX_MAX_LINE) {
		whole_word(lx, run, ret);
		return 1;
	}
	at = here(lx, lx->pos);
	for (;;) {
		int c = peek(lx), r = 0;

		if (c < 0 || c == '\n' || c == ' ' || c == '\t')
			break;
		if (lx->pos - lx->start > SBX_LEX_MAX_LINE)
			return sbx_error(lx->diags, -E2BIG, here(lx, lx->pos), "line is longer than 64 KiB");
		if (c == '\\') {
			r = lex_escape(lx, &w);
		} else if (c == '"' || c == '\'') {
			r = lex_quoted(lx, &w);
		} else if (c == '$') {
			r = lex_variable(lx, &w);
		} else if (c < 0x20 || c == 0x7f) {
			r = sbx_error(lx->diags, -EINVAL, here(lx, lx->pos),
			    c == '\r' ? "carriage return: save the file with Unix line ends" : "control character");
		} else {
			add_byte(lx, &w, (char)c);
			lx->pos++;
		}
		if (r < 0)
			return r;
	}
	end_literal(lx, &w);
	*ret = (struct sbx_lex_word){ .pieces = w.pieces, .n_pieces = w.n_pieces, .at = at };
	/* Only line joins were read: no word. */
	return w.any ? 1 : 0;
}

static void skip_line(struct sbx_lex *lx)
{
	const char *end = memchr(lx->text + lx->pos, '\n', lx->len - lx->pos);

	lx->pos = end ? (size_t)(end - lx->text) : lx->len;
}

/* After an error: what is joined to the line is no line of its own. */
static void skip_joined(struct sbx_lex *lx)
{
	for (; peek(lx) >= 0 && peek(lx) != '\n'; lx->pos++) {
		if (peek(lx) != '\\' || lx->pos + 1 >= lx->len)
			continue;
		lx->pos++;
		if (peek(lx) == '\n') {
			newline(lx);
			lx->pos--;
		}
	}
}

static int lex_words(struct sbx_lex *lx, struct sbx_lex_line *line)
{
	for (;;) {
		struct sbx_lex_word word;
		int c = peek(lx), r;

		if (c == '#') {
			skip_line(lx);
			c = peek(lx);
		}
		if (lx->pos - lx->start > SBX_LEX_MAX_LINE)
			return sbx_error(lx->diags, -E2BIG, here(lx, lx->pos), "line is longer than 64 KiB");
		if (c == ' ' || c == '\t') {
			lx->pos++;
			continue;
		}
		/* A join between words is a blank: what follows is at the start of a word. */
		if (c == '\\' && lx->pos + 1 < lx->len && lx->text[lx->pos + 1] == '\n') {
			lx->pos++;
			newline(lx);
			continue;
		}
		if (c < 0 || c == '\n')
			return 0;
		r = lex_word(lx, &word);
		if (r < 0)
			return r;
		if (r > 0)
			SBX_APPEND(lx->arena, line->words, line->n_words) = word;
	}
}

int sbx_lex_next(struct sbx_lex *lx, struct sbx_lex_line *ret)
{
	while (lx->pos < lx->len) {
		struct sbx_lex_line line = { 0 };
		int r;

		lx->start = lx->pos;
		r = lex_words(lx, &line);
		if (r < 0)
			skip_joined(lx);
		if (peek(lx) == '\n')
			newline(lx);
		if (r < 0)
			return r;
		if (line.n_words > 0) {
			*ret = line;
			return 1;
		}
	}
	return 0;
}
