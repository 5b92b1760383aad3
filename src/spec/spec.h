/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec.h - what was asked for: typed directives in the order they were read, each with its origin.
 *
 * The builder takes words from the command line and from profiles alike, checks them against the option
 * table, and seals the result. A sealed spec is plain constant data without an fd; directives that a later
 * one replaced are gone from it.
 */
#ifndef SBX_SPEC_SPEC_H
#define SBX_SPEC_SPEC_H

#include "base/err.h"
#include "base/value.h"
#include "host/host.h"
#include "spec/optdef.h"

/* A word and the place it was read from. */
struct sbx_word {
	const char *text;
	const struct sbx_origin *at;
};

enum sbx_seccomp_kind { SBX_SECCOMP_POLICY, SBX_SECCOMP_NONE, SBX_SECCOMP_FD };

enum sbx_home_kind { SBX_HOME_TMPFS, SBX_HOME_PERSIST, SBX_HOME_HOST };

struct sbx_arg {
	const char *text; /* as written; host paths are absolute */
	union {
		uint64_t num; /* mode, size, id, capability, milliseconds, file descriptor */
		int64_t i; /* nice */
		struct sbx_rlimit rlimit;
		struct sbx_id_range range;
		struct {
			enum sbx_home_kind kind;
			const char *name; /* of a kept home; NULL: the profile's name */
		} home;
		struct {
			enum sbx_seccomp_kind kind;
			int fd;
		} seccomp;
	};
};

/* Attributes that a modifier gives to the next mount. */
enum sbx_attr {
	SBX_ATTR_NOEXEC = 1 << 0,
	SBX_ATTR_NOSYMFOLLOW = 1 << 1,
	SBX_ATTR_NOATIME = 1 << 2,
	SBX_ATTR_NODIRATIME = 1 << 3,
};

/* Their words; index is the bit. */
extern const char *const sbx_attr_names[4];

/* What modifiers said for the directive behind them. */
struct sbx_modifiers {
	struct {
		uint64_t value;
		const struct sbx_origin *at; /* NULL: not given */
	} perms, size, attrs; /* attrs: enum sbx_attr, at the first of them */
	const struct sbx_origin *idmap; /* NULL: not given */
	struct sbx_word *layers; /* of overlay-src, absolute host paths, the bottom one first */
	size_t n_layers;
};

struct sbx_item {
	const struct sbx_optdef *def;
	const struct sbx_origin *at;
	bool try; /* may be skipped if the host can't do it */
	struct sbx_arg arg[SBX_MAX_ARGS];
	struct sbx_modifiers mods;
};

struct sbx_spec {
	const struct sbx_item *items;
	size_t n_items;
	const char *profile; /* name, or NULL without one */
	const char *const *command; /* NULL-terminated argv; NULL for sbxctl profile show */
};

/* The item of an option that stands once, or NULL. For options that append: the last. */
const struct sbx_item *sbx_spec_get(const struct sbx_spec *s, enum sbx_opt opt);

/* The capabilities that cap-add and cap-drop leave the command, bits (1 << CAP_…); SBX_CAP_ALL for all there are. */
uint64_t sbx_spec_caps(const struct sbx_spec *s);

/* Most directives a spec may hold; a profile that includes its way above it is an error, not a hang. */
enum { SBX_SPEC_MAX_ITEMS = 200000 };

struct sbx_builder {
	struct sbx_arena *arena;
	const struct sbx_host *host;
	struct sbx_diags *diags;
	struct sbx_item *items;
	size_t n_items;
	size_t n_read; /* directives so far, those that were replaced included */
	size_t home; /* index + 1 of the item that a later `home` replaces */
	struct sbx_modifiers mods; /* that wait for their directive */
};

/*
 * Adds a directive. `words` are its arguments, `at` is its name's place. Prefixes (try, when) and the
 * directives that read files are the reader's (profile.c). 0 or a negative errno with errors added.
 */
int sbx_builder_add(struct sbx_builder *b, const struct sbx_optdef *def, const struct sbx_origin *at, bool try,
    const struct sbx_word *words, size_t n_words);

/* End of a file or of the command line: a modifier that nothing took is an error. */
int sbx_builder_end(struct sbx_builder *b);

/* The directive that waiting modifiers were for is skipped by a `when`: they go with it. */
void sbx_builder_forget_modifiers(struct sbx_builder *b);

/* Drops what later directives replaced and returns the finished spec (in the arena). */
struct sbx_spec *sbx_builder_seal(struct sbx_builder *b);

#endif
