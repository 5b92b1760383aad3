/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* profile.c - see profile.h. */
#include "spec/profile.h"

#include <stdio.h>

#include "spec/lex.h"

/* Value of ${name}; NULL with *why set. */
static const char *variable(struct sbx_reader *r, const char *name, const char **why)
{
	const struct sbx_host *h = r->builder->host;
	struct sbx_arena *a = r->builder->arena;
	const struct {
		const char *name, *value;
	} known[] = {
		{ "HOME", h->home },
		{ "PWD", h->cwd },
		{ "PROFILE", r->profile },
		{ "SBX_ID", h->id },
		{ "XDG_CONFIG_HOME", h->config_home },
		{ "XDG_DATA_HOME", h->data_home },
		{ "XDG_STATE_HOME", h->state_home },
		{ "XDG_CACHE_HOME", h->cache_home },
		{ "XDG_RUNTIME_DIR", h->runtime_dir },
	};
	const char *value = NULL;
	bool is_known = false;

	*why = "is unknown";
	if (sbx_streq(name, "UID"))
		return sbx_strf(a, "%u", h->uid);
	if (sbx_streq(name, "GID"))
		return sbx_strf(a, "%u", h->gid);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (sbx_streq(name, known[i].name)) {
			value = known[i].value;
			is_known = true;
			*why = "has no value here";
		}
	}
	if (sbx_starts_with(name, "env:") && name[4]) {
		value = sbx_host_env(h, name + 4);
		*why = value ? "is empty" : "is not set";
	} else if (!is_known && sbx_starts_with(name, "XDG_") && strlen(name) > 8 &&
		   sbx_streq(name + strlen(name) - 4, "_DIR")) {
		value = sbx_host_user_dir(h, name);
		*why = "has no value here (see user-dirs.dirs(5))";
	}
	return value && *value ? value : NULL;
}

static int expand(struct sbx_reader *r, const struct sbx_lex_word *word, struct sbx_word *ret)
{
	static const char *const names[] = { "HOME", "PWD", "PROFILE", "SBX_ID", "UID", "GID", "XDG_CONFIG_HOME",
		"XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR" };
	struct sbx_buf b = { .arena = r->builder->arena };

	for (size_t i = 0; i < word->n_pieces; i++) {
		const struct sbx_lex_piece *p = &word->pieces[i];
		const char *value = p->text, *why;

		if (p->variable) {
			value = variable(r, p->text, &why);
			if (!value) {
				const char *near = sbx_nearest(p->text, names, ARRAY_LEN(names));

				(void)sbx_error(r->builder->diags, -EINVAL, p->at, "variable ${%s} %s", p->text, why);
				if (near && sbx_streq(why, "is unknown"))
					sbx_hint(r->builder->diags, "did you mean ${%s}?", near);
				else if (sbx_starts_with(p->text, "env:"))
					sbx_hint(r->builder->diags,
					    "write `when %s …` to use the line only if it is set", p->text);
				return -EINVAL;
			}
		}
		if (p->variable && (r->n_expanded += strlen(value)) > SBX_PROFILE_MAX_TEXT)
			return sbx_error(r->builder->diags, -E2BIG, p->at, "variables expand to more than 16 MiB");
		sbx_buf_adds(&b, value);
	}
	ret->text = sbx_buf_str(&b);
	ret->at = word->at;
	return 0;
}

/* 1 if the condition holds, 0 if not. */
static int condition(struct sbx_reader *r, const struct sbx_word *w)
{
	const struct sbx_host *h = r->builder->host;
	const char *text = w->text;
	bool negate = *text == '!', holds;

	text += negate;
	if (sbx_starts_with(text, "exists:") && text[7] == '/') {
		holds = sbx_host_exists(h, text + 7);
	} else if (sbx_starts_with(text, "env:") && text[4]) {
		const char *value = sbx_host_env(h, text + 4);

		holds = value && *value;
	} else if (sbx_starts_with(text, "feature:") && sbx_feature_find(text + 8)) {
		holds = sbx_host_has(h, text + 8);
	} else if (sbx_starts_with(text, "feature:")) {
		(void)sbx_error(r->builder->diags, -EINVAL, w->at, "when: no feature '%s'", text + 8);
		sbx_hint(r->builder->diags, "`sbxctl doctor` lists the features");
		return -EINVAL;
	} else {
		return sbx_error(r->builder->diags, -EINVAL, w->at,
		    "when '%s': expected exists:/PATH, env:VAR or feature:NAME, after an optional '!'", w->text);
	}
	return holds != negate;
}

static int unknown_directive(struct sbx_reader *r, const struct sbx_word *w, unsigned scope)
{
	const char *near = sbx_optdef_nearest(w->text, scope), *dash = scope == F_CLI ? "--" : "";

	if (near)
		return sbx_error(r->builder->diags, -EINVAL, w->at, "unknown %s '%s%s' (did you mean '%s%s'?)",
		    scope == F_CLI ? "option" : "directive", dash, w->text, dash, near);
	return sbx_error(r->builder->diags, -EINVAL, w->at, "unknown %s '%s%s'",
	    scope == F_CLI ? "option" : "directive", dash, w->text);
}

static int requires(struct sbx_reader *r, const struct sbx_word *words, size_t n, const struct sbx_word *name, bool try)
{
	const struct sbx_feature *f = n == 1 ? sbx_feature_find(words[0].text) : NULL;
	struct sbx_why why;

	if (n != 1)
		return sbx_error(
		    r->builder->diags, -EINVAL, name->at, "requires takes 1 argument, not %zu: requires FEATURE", n);
	if (!f) {
		(void)sbx_error(r->builder->diags, -EINVAL, words[0].at, "requires: no feature '%s'", words[0].text);
		sbx_hint(r->builder->diags, "`sbxctl doctor` lists the features");
		return -EINVAL;
	}
	if (sbx_host_has(r->builder->host, f->name))
		return 0;
	(void)sbx_feature_check(r->builder->host, f, &why);
	if (try) {
		sbx_notice(r->builder->diags, words[0].at, "%s is missing: %s", f->name, why.text);
		return 0;
	}
	(void)sbx_error(r->builder->diags, -EOPNOTSUPP, words[0].at, "%s is required: %s", f->name, why.text);
	if (why.remedy || f->remedy)
		sbx_hint(r->builder->diags, "%s", why.remedy ? why.remedy : f->remedy);
	return -EOPNOTSUPP;
}

static int include(struct sbx_reader *r, const struct sbx_word *name, const char *beside, bool try)
{
	struct sbx_builder *b = r->builder;
	/* What can't be a name is a mistake, which `try` does not skip. */
	bool may = try && (strchr(name->text, '/') || !sbx_check_name(name->text));
	struct sbx_found found;
	int e = sbx_search(b->host, b->arena, b->diags, &sbx_search_profiles, name->text, beside, name->at,
	    may ? SBX_FIND_MAY : SBX_FIND_MUST, &found);

	if (e == -ENOENT && may) {
		sbx_notice(b->diags, name->at, "skipped: there is no profile '%s'", name->text);
		return 0;
	}
	return e < 0 ? e : sbx_reader_found(r, &found, name->at);
}

int sbx_reader_directive(
    struct sbx_reader *r, const struct sbx_word *words, size_t n, unsigned scope, const char *beside)
{
	struct sbx_builder *b = r->builder;
	const struct sbx_optdef *def;
	bool try = false;

	for (;;) {
		int holds;

		if (n == 0)
			return 0;
		def = sbx_optdef_find(words[0].text);
		if (!def)
			return unknown_directive(r, &words[0], scope);
		if (!(def->flags & F_PREFIX))
			break;
		if (n < 2 + def->n_args)
			return sbx_error(
			    b->diags, -EINVAL, words[0].at, "%s is not followed by a directive", def->name);
		if (def->id == SBX_OPT_TRY) {
			try = true;
		} else {
			holds = condition(r, &words[1]);
			if (holds <= 0) {
				sbx_builder_forget_modifiers(b);
				return holds;
			}
		}
		words += 1 + def->n_args;
		n -= 1 + def->n_args;
	}
	if (!(def->flags & scope)) {
		(void)sbx_error(b->diags, -EINVAL, words[0].at, "'%s' belongs %s", def->name,
		    scope == F_PROFILE ? "on the command line" : "in a profile");
		if (def->id == SBX_OPT_PROFILE)
			sbx_hint(b->diags, "a profile reads another with `include NAME`");
		return -EINVAL;
	}
	switch (def->id) {
	case SBX_OPT_SBX_PROFILE:
		return sbx_error(b->diags, -EINVAL, words[0].at, "sbx-profile must be the first directive of a file");
	case SBX_OPT_INCLUDE:
		if (n != 2)
			return sbx_error(
			    b->diags, -EINVAL, words[0].at, "include takes 1 argument, not %zu: include NAME", n - 1);
		if (sbx_builder_end(b) < 0)
			return -EINVAL;
		return include(r, &words[1], beside, try);
	case SBX_OPT_REQUIRES:
		return requires(r, words + 1, n - 1, &words[0], try)
		;
	default:
		return sbx_builder_add(b, def, words[0].at, try, words + 1, n - 1);
	}
}

/* Expands and feeds one line. Words of a `when` that does not hold are not expanded, so they may name unset variables. */
static int read_line(struct sbx_reader *r, const struct sbx_lex_line *line, const char *dir)
{
	struct sbx_word *words = sbx_alloc_array(r->builder->arena, line->n_words, sizeof *words);
	size_t first = 0, n;

	for (n = 0; n < line->n_words; n++) {
		int e = expand(r, &line->words[n], &words[n]);

		if (e < 0)
			return e;
		/* "when CONDITION" at the front (perhaps after try): decide before the rest is expanded. */
		if (n == first && sbx_streq(words[n].text, "try")) {
			first++;
		} else if (n == first + 1 && sbx_streq(words[first].text, "when") && n + 1 < line->n_words) {
			int holds = condition(r, &words[n]);

			if (holds <= 0) {
				sbx_builder_forget_modifiers(r->builder);
				return holds;
			}
			first += 2;
		}
	}
	return sbx_reader_directive(r, words, n, F_PROFILE, dir);
}

/* The first directive of a file says its language. */
static int check_version(struct sbx_reader *r, const struct sbx_lex_line *line)
{
	struct sbx_word words[2] = { 0 };

	for (size_t i = 0; i < line->n_words && i < 2; i++) {
		int e = expand(r, &line->words[i], &words[i]);

		if (e < 0)
			return e;
	}
	if (!sbx_streq(words[0].text, "sbx-profile"))
		return sbx_error(r->builder->diags, -EINVAL, words[0].at,
		    "the first directive must be `sbx-profile 1`, not '%s'", words[0].text);
	if (line->n_words != 2)
		return sbx_error(
		    r->builder->diags, -EINVAL, words[0].at, "sbx-profile takes 1 argument: sbx-profile 1");
	if (!sbx_streq(words[1].text, "1")) {
		(void)sbx_error(r->builder->diags, -EINVAL, words[1].at,
		    "profile language '%s' is not known to this sbx; it reads version 1", words[1].text);
		sbx_hint(r->builder->diags, "a newer sbx may read it");
		return -EINVAL;
	}
	return 0;
}

static int read_file(struct sbx_reader *r, const struct sbx_file *file, const struct sbx_origin *from)
{
	struct sbx_builder *b = r->builder;
	struct sbx_lex lx;
	struct sbx_lex_line line;
	const char *dir = sbx_strndup(b->arena, file->path, (size_t)(strrchr(file->path, '/') - file->path));
	bool first = true;
	int result, e;

	if (++r->n_files > SBX_PROFILE_MAX_FILES)
		return sbx_error(
		    b->diags, -E2BIG, from, "more than %d files are read by include", SBX_PROFILE_MAX_FILES);
	result = sbx_lex_init(&lx, b->arena, b->diags, file->path, from, file->text, file->len);
	if (result < 0)
		return result;
	while ((e = sbx_lex_next(&lx, &line)) != 0) {
		if (e > 0)
			e = first ? check_version(r, &line) : read_line(r, &line, dir);
		if (e < 0)
			result = e;
		/* A file in another language would only give a flood of errors. */
		if (first && e < 0)
			return result;
		first = false;
	}
	if (first)
		return sbx_error(b->diags, -EINVAL, lx.from ? lx.from : from,
		    "'%s' has no directive; it must begin with `sbx-profile 1`", file->path);
	e = sbx_builder_end(b);
	return e < 0 ? e : result;
}

int sbx_reader_found(struct sbx_reader *r, const struct sbx_found *found, const struct sbx_origin *at)
{
	struct sbx_builder *b = r->builder;
	int result;

	for (unsigned i = 0; i < r->depth; i++) {
		if (sbx_streq(r->open_files[i], found->main.path))
			return sbx_error(b->diags, -ELOOP, at, "'%s' includes itself", found->main.path);
	}
	if (r->depth > SBX_PROFILE_MAX_DEPTH)
		return sbx_error(b->diags, -ELOOP, at, "includes are nested more than %d deep", SBX_PROFILE_MAX_DEPTH);
	r->open_files[r->depth++] = found->main.path;
	result = read_file(r, &found->main, at);
	for (size_t i = 0; i < found->n_dropins; i++) {
		int e = read_file(r, &found->dropins[i], at);

		if (e < 0)
			result = e;
	}
	r->depth--;
	return result;
}

int sbx_reader_profile(struct sbx_reader *r, const char *name, const char *beside, const struct sbx_origin *at)
{
	struct sbx_found found;
	int e = sbx_search(r->builder->host, r->builder->arena, r->builder->diags, &sbx_search_profiles, name, beside,
	    at, SBX_FIND_MUST, &found);

	return e < 0 ? e : sbx_reader_found(r, &found, at);
}
