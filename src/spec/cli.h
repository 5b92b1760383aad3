/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cli.h - the command line of sbx: options from the table, then the command. */
#ifndef SBX_SPEC_CLI_H
#define SBX_SPEC_CLI_H

#include "spec/profile.h"

enum sbx_dry_run { SBX_DRY_RUN_NO, SBX_DRY_RUN_TEXT, SBX_DRY_RUN_JSON };

struct sbx_cli {
	bool help, version, quiet, verbose, no_profile, level_prefix;
	bool learn; /* --learn is among the directives */
	enum sbx_dry_run dry_run;
	struct sbx_word profile; /* text NULL: not given */
	const char *const *command; /* NULL-terminated, part of argv; NULL if there is none */
	/* Directives for the builder, in order: each a name with its prefixes and arguments. */
	struct sbx_cli_directive {
		struct sbx_word *words;
		size_t n;
	} * directives;
	size_t n_directives;
};

/*
 * Splits argv into options and the command. Words after the first one that is no option, or after `--`, are
 * the command and are never looked at (CVE-2024-32462, CVE-2020-17367). Reads and closes the descriptors of
 * --args. 0 or a negative errno with errors added.
 */
int sbx_cli_parse(struct sbx_arena *a, struct sbx_diags *d, int argc, char **argv, struct sbx_cli *ret);

/*
 * The spec of a parsed command line: its profile first, then its directives. Without --profile it is the
 * profile called like the command, else `default`; *ret_notice then says which, else it is NULL.
 */
int sbx_cli_spec(struct sbx_arena *a, const struct sbx_host *h, struct sbx_diags *d, const struct sbx_cli *cli,
    const struct sbx_spec **ret, const char **ret_notice);

#endif
