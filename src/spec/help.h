/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* help.h - texts that are made from the option table: --help, completions, option lists of the man pages. */
#ifndef SBX_SPEC_HELP_H
#define SBX_SPEC_HELP_H

#include "base/mem.h"
#include "spec/optdef.h"

/* sbx --help: usage and the options, grouped. */
void sbx_help_text(struct sbx_buf *out);

/* Completion scripts of sbx for the three shells. */
void sbx_help_bash(struct sbx_buf *out);
void sbx_help_zsh(struct sbx_buf *out);
void sbx_help_fish(struct sbx_buf *out);

/* Option lists in man(7): of sbx(1) with the rows of the command line, of sbx-profile(5) with the directives. */
void sbx_help_man(struct sbx_buf *out, unsigned scope);

#endif
