/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * read.h - the reader of a policy: what its files have in common while they are read. Inside this room only.
 *
 * token.c makes words into tokens, parse.c reads statements, parse_cond.c what is behind `if`, load.c finds the files.
 */
#ifndef SBX_POLICY_READ_H
#define SBX_POLICY_READ_H

#include "policy/policy.h"
#include "spec/lex.h"

enum sbx_token_kind { SBX_TOKEN_END, SBX_TOKEN_WORD, SBX_TOKEN_SIGN };
struct sbx_token {
	enum sbx_token_kind kind;
	const char *text;
	const struct sbx_origin *at;
};

struct sbx_policy_reader {
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	struct sbx_policy *policy;
	struct sbx_named_set *sets;
	size_t n_sets;
	bool keep; /* statements too, for those who show them */
	struct sbx_statement *statements;
	size_t n_statements;
	/*
	 * How near the file is to the one that was asked for: of two `default` the nearer one stands, a drop-in's
	 * before its file's.
	 */
	unsigned rank, otherwise_rank, unknown_rank, badarch_rank;
	/* Reads an included policy in place; NULL where files can't be read. */
	int (*include)(struct sbx_policy_reader *r, const char *name, const struct sbx_origin *at);
	void *data;
	unsigned all_comparisons;

	/* The file that is read */
	const char *file;
	struct sbx_lex lex;
	bool versioned; /* sbx-policy was said */
	/* The statement that is read */
	struct sbx_token *tokens;
	size_t n_tokens, room, pos; /* room: of the array, which is used again */
	unsigned comparisons;
};

/* Reads one file. 0, or a negative errno; all its errors were added then. */
int sbx_policy_read(
    struct sbx_policy_reader *r, const char *file, const struct sbx_origin *from, const char *text, size_t len);

/* What the reader has beside the policy becomes the policy's; at the end of reading. */
static inline void sbx_policy_keep(const struct sbx_policy_reader *r)
{
	r->policy->sets = r->sets;
	r->policy->n_sets = r->n_sets;
	r->policy->statements = r->statements;
	r->policy->n_statements = r->n_statements;
}

/* The next statement as tokens, closed by SBX_TOKEN_END. 1, 0 at the end of the file, or a negative errno. */
int sbx_policy_tokens(struct sbx_policy_reader *r);

static inline const struct sbx_token *sbx_token(const struct sbx_policy_reader *r)
{
	return &r->tokens[r->pos];
}
static inline bool sbx_token_is(const struct sbx_policy_reader *r, const char *text)
{
	return sbx_token(r)->kind != SBX_TOKEN_END && sbx_streq(sbx_token(r)->text, text);
}
/* Goes on if the next token is `text`. */
static inline bool sbx_token_take(struct sbx_policy_reader *r, const char *text)
{
	bool is = sbx_token_is(r, text);

	r->pos += is;
	return is;
}
/* An error at the next token: "expected WHAT, not 'TOKEN'". */
int sbx_token_error(struct sbx_policy_reader *r, const char *what);

/* Behind `if`, to the end of the statement. */
int sbx_policy_parse_cond(struct sbx_policy_reader *r, const struct sbx_cond **ret);

/* A number as C writes it: decimal, 0x…, 0… for octal, with an optional '-'. */
bool sbx_policy_number(const char *s, uint64_t *ret);

#endif
