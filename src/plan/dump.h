/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dump.h - a plan or a spec as text for people and as JSON for programs. */
#ifndef SBX_PLAN_DUMP_H
#define SBX_PLAN_DUMP_H

#include "plan/plan.h"

/* What a start does, top to bottom in the order it happens; each line ends in its origin. */
void sbx_dump_plan_text(struct sbx_buf *out, const struct sbx_plan *plan);
void sbx_dump_plan_json(struct sbx_buf *out, const struct sbx_plan *plan);

/* The directives of a spec, quoted so that the profile reader takes them back; each with its origin in a comment. */
void sbx_dump_spec_text(struct sbx_buf *out, const struct sbx_spec *spec);
void sbx_dump_spec_json(struct sbx_buf *out, const struct sbx_spec *spec);

/* A word as the profile language writes it. */
const char *sbx_quote_word(struct sbx_arena *a, const char *word);

#endif
