/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* token.c - the words of a statement as tokens; see read.h. */
#include "policy/read.h"

/* Longest first */
static const char *const signs[] = { "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "&", "|", "~", "(", ")", "{", "}",
	",", "=" };

static bool is_word(char c)
{
	static const bool table[256] = {
		['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['_'] = true
	};

	return table[(unsigned char)c];
}

/* Length of the name or number at `s`, with what may come before it: ?name @set -name -@set -100 nr:5 kill-thread */
static size_t word_length(const char *s)
{
	size_t n = 0;

	if (s[n] == '-')
		n++;
	if (s[n] == '?' || s[n] == '@')
		n++;
	if (!is_word(s[n]))
		return 0;
	while (is_word(s[n]) || s[n] == ':' || s[n] == '.' || (s[n] == '-' && is_word(s[n + 1])))
		n++;
	return n;
}

static const char *sign_at(const char *s)
{
	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		if (s[0] == signs[i][0] && (!signs[i][1] || s[1] == signs[i][1]))
			return signs[i];
	}
	return NULL;
}

static const struct sbx_origin *behind(struct sbx_arena *a, const struct sbx_origin *at, size_t offset)
{
	struct sbx_origin *o;

	if (offset == 0)
		return at;
	o = SBX_NEW(a, struct sbx_origin);
	*o = *at;
	o->column += (unsigned)offset;
	return o;
}

static void add(struct sbx_policy_reader *r, struct sbx_token t)
{
	if (r->n_tokens == r->room) {
		size_t room = r->room ? r->room * 2 : 64;
		struct sbx_token *tokens = sbx_alloc_array(r->arena, room, sizeof *tokens);

		if (r->n_tokens > 0)
			memcpy(tokens, r->tokens, r->n_tokens * sizeof *tokens);
		r->tokens = tokens;
		r->room = room;
	}
	r->tokens[r->n_tokens++] = t;
}

static int split(struct sbx_policy_reader *r, const struct sbx_lex_word *w, int *depth)
{
	const char *text;
	size_t plain = 0;

	if (w->n_pieces != 1 || w->pieces[0].variable)
		return sbx_error(r->diags, -EINVAL, w->at,
		    w->n_pieces == 0 ? "empty word" : "a policy has no variables: it means the same for everyone");
	text = w->pieces[0].text;
	/* Most words are names. */
	while (is_word(text[plain]))
		plain++;
	if (plain > 0 && !text[plain]) {
		add(r, (struct sbx_token){ SBX_TOKEN_WORD, text, w->at });
		return 0;
	}
	for (size_t i = 0; text[i];) {
		size_t n = word_length(text + i);
		const char *sign = n ? NULL : sign_at(text + i);
		struct sbx_token t = { .at = behind(r->arena, w->at, i) };

		if (n) {
			t.kind = SBX_TOKEN_WORD;
			t.text = n == strlen(text) ? text : sbx_strndup(r->arena, text + i, n);
		} else if (sign) {
			t.kind = SBX_TOKEN_SIGN;
			t.text = sign;
			n = strlen(sign);
			*depth += (*sign == '{') - (*sign == '}');
		} else {
			return sbx_error(r->diags, -EINVAL, t.at, "unexpected '%s'", text + i);
		}
		add(r, t);
		i += n;
	}
	return 0;
}

/* `include` takes a name or a path, which is no token of the language. */
static bool is_raw(const struct sbx_policy_reader *r, size_t i)
{
	return i == 1 && r->n_tokens == 1 && sbx_streq(r->tokens[0].text, "include");
}

int sbx_policy_tokens(struct sbx_policy_reader *r)
{
	const struct sbx_origin *last = NULL;
	int depth = 0, result = 1;

	r->n_tokens = r->pos = 0;
	do {
		struct sbx_lex_line line;
		int e = sbx_lex_next(&r->lex, &line);

		if (e == 0 && r->n_tokens > 0) {
			(void)sbx_error(r->diags, -EINVAL, r->tokens[0].at, "missing '}' at the end of the file");
			return -EINVAL;
		}
		if (e == 0 || (e < 0 && depth == 0))
			return e;
		/* What goes on inside of braces after an error is no statement. */
		if (e < 0) {
			result = e;
			continue;
		}
		for (size_t i = 0; i < line.n_words; i++) {
			const struct sbx_lex_word *w = &line.words[i];

			last = w->at;
			if (is_raw(r, i) && w->n_pieces == 1 && !w->pieces[0].variable)
				add(r, (struct sbx_token){ SBX_TOKEN_WORD, w->pieces[0].text, w->at });
			else if ((e = split(r, w, &depth)) < 0)
				result = e;
		}
	} while (depth > 0);
	add(r, (struct sbx_token){ .text = "", .at = last });
	return result;
}

int sbx_token_error(struct sbx_policy_reader *r, const char *what)
{
	const struct sbx_token *t = sbx_token(r);

	if (t->kind == SBX_TOKEN_END)
		return sbx_error(r->diags, -EINVAL, t->at, "expected %s at the end of the line", what);
	return sbx_error(r->diags, -EINVAL, t->at, "expected %s, not '%s'", what, t->text);
}

bool sbx_policy_number(const char *s, uint64_t *ret)
{
	bool minus = *s == '-';
	char *end;
	uint64_t v;

	s += minus;
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	v = strtoull(s, &end, 0);
	if (errno || *end || (minus && v > UINT64_C(1) << 63))
		return false;
	*ret = minus ? -v : v;
	return true;
}
