/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * profile.h - the reader: files, includes, drop-ins, prefixes and variables become directives of a builder.
 * The command line's words go through the same function as a profile's lines, so they mean the same.
 */
#ifndef SBX_SPEC_PROFILE_H
#define SBX_SPEC_PROFILE_H

#include "spec/search.h"
#include "spec/spec.h"

enum {
	SBX_PROFILE_MAX_DEPTH = 16, /* levels of include */
	SBX_PROFILE_MAX_TEXT = 16 * 1024 * 1024, /* bytes that variables may expand to for one start */
	SBX_PROFILE_MAX_FILES = 1024, /* files read for one start: stops includes that multiply */
};

struct sbx_reader {
	struct sbx_builder *builder;
	const char *profile; /* value of ${PROFILE}; NULL: no profile */
	unsigned depth, n_files;
	size_t n_expanded; /* bytes of variables so far */
	const char *open_files[SBX_PROFILE_MAX_DEPTH + 1]; /* for loops */
};

/* Reads profile `name` (a path if it has a slash, relative to `beside`) and its drop-ins. */
int sbx_reader_profile(struct sbx_reader *r, const char *name, const char *beside, const struct sbx_origin *at);

/* Feeds a profile that sbx_search() has found already. */
int sbx_reader_found(struct sbx_reader *r, const struct sbx_found *found, const struct sbx_origin *at);

/*
 * One directive with its prefixes: words[0] is its name or a prefix. `scope` is F_CLI or F_PROFILE.
 * `beside` is the directory that an included path is relative to.
 */
int sbx_reader_directive(
    struct sbx_reader *r, const struct sbx_word *words, size_t n, unsigned scope, const char *beside);

#endif
