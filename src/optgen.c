/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* optgen.c - build-time program: writes what is made from the option table to stdout. */
#include <stdio.h>

#include "spec/help.h"

int main(int argc, char **argv)
{
	_cleanup_(sbx_arena_free) struct sbx_arena arena = { 0 };
	struct sbx_buf out = { .arena = &arena };
	const char *what = argc == 2 ? argv[1] : "";

	if (sbx_streq(what, "bash")) {
		sbx_help_bash(&out);
	} else if (sbx_streq(what, "zsh")) {
		sbx_help_zsh(&out);
	} else if (sbx_streq(what, "fish")) {
		sbx_help_fish(&out);
	} else if (sbx_streq(what, "man-sbx")) {
		sbx_help_man(&out, F_CLI);
	} else if (sbx_streq(what, "man-profile")) {
		sbx_help_man(&out, F_PROFILE);
	} else if (sbx_streq(what, "names")) {
		for (size_t i = 0; i < SBX_OPT_COUNT; i++)
			sbx_buf_addf(&out, "%s %s\n", sbx_optdefs[i].name,
			    sbx_optdefs[i].flags & F_CLI ? sbx_optdefs[i].flags & F_PROFILE ? "both" : "cli"
							 : "profile");
	} else if (sbx_streq(what, "table")) {
		/* For tests: NAME PLACE ROLE ARGUMENTS */
		for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
			const struct sbx_optdef *def = &sbx_optdefs[i];

			sbx_buf_addf(&out, "%s %s %s %u\n", def->name,
			    def->flags & F_CLI ? def->flags & F_PROFILE ? "both" : "cli" : "profile",
			    def->flags & F_PREFIX     ? "prefix"
			    : def->flags & F_MODIFIER ? "modifier"
			    : def->flags & F_OPTARG   ? "optarg"
						      : "plain",
			    def->n_args);
		}
	} else {
		fputs("usage: optgen bash|zsh|fish|man-sbx|man-profile|names|table\n", stderr);
		return 2;
	}
	if (fputs(sbx_buf_str(&out), stdout) == EOF || fflush(stdout) == EOF)
		return 1;
	return 0;
}
