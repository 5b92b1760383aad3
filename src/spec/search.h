/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search.h - from a profile's or a policy's name to the files that make it (UAPI configuration files specification).
 * What is said of profiles here holds for seccomp-policies/NAME.policy too.
 *
 * Each directory of the search path may hold profiles/NAME.profile and profiles/NAME.profile.d/NAME.conf.
 * The first directory that has NAME.profile wins. Drop-ins of all directories merge, sorted by file name;
 * of two with one name the more important directory's wins. An empty file or a link to /dev/null masks.
 * A name with a slash is a path and has no drop-ins. The current directory is never searched.
 *
 * A file, or a directory on the way to it, that someone other than root or the caller can write is refused:
 * whoever writes a profile decides what the sandbox is.
 */
#ifndef SBX_SPEC_SEARCH_H
#define SBX_SPEC_SEARCH_H

#include "base/err.h"
#include "host/host.h"

struct sbx_file {
	const char *path; /* as found; used in messages */
	const char *text;
	size_t len;
};

struct sbx_found {
	struct sbx_file main;
	struct sbx_file *dropins;
	size_t n_dropins;
};

enum sbx_find_mode {
	SBX_FIND_MUST, /* not found or masked is an error */
	SBX_FIND_MAY, /* not found or masked is -ENOENT without a message */
};

struct sbx_search_kind {
	const char *what; /* in messages */
	const char *dir, *suffix;
};
extern const struct sbx_search_kind sbx_search_profiles, sbx_search_policies;

/*
 * Finds and reads profile `name`. `beside` is the directory that a path is relative to. `at` is the word
 * that named it, for errors.
 */
_must_check_ int sbx_search(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d,
    const struct sbx_search_kind *kind, const char *name, const char *beside, const struct sbx_origin *at,
    enum sbx_find_mode mode, struct sbx_found *ret);

/* One name of `sbxctl profile list`. */
struct sbx_listed {
	const char *name, *path;
	bool masked;
};
/* Every profile of the search path, sorted by name, each once. */
_must_check_ int sbx_search_list(const struct sbx_host *h, struct sbx_arena *a, const struct sbx_search_kind *kind,
    struct sbx_listed **ret, size_t *ret_n);

#endif
