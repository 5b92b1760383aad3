/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log.h - the only writer to stderr. Every byte that could steer a terminal is escaped, because names of
 * files and words of profiles reach messages (CVE-2003-0063 and its kin).
 */
#ifndef SBX_BASE_LOG_H
#define SBX_BASE_LOG_H

#include "base/err.h"

enum sbx_log_level {
	SBX_LOG_ERROR, /* the start fails */
	SBX_LOG_WARNING, /* doubtful, but done as asked */
	SBX_LOG_NOTICE, /* something a person should know once; silenced by --quiet */
	SBX_LOG_INFO, /* only with --verbose */
};

/* Sets the program's name ("sbx") and the most talkative level that is printed. */
void sbx_log_init(const char *program, enum sbx_log_level level);
void sbx_log_set_level(enum sbx_log_level level);

/* Begins every line with its level as "<3>", which the journal understands, sd-daemon(3). */
void sbx_log_set_level_prefix(bool on);

/*
 * How long a line waits for whoever reads stderr (a terminal may be stopped, a pipe full): -1 is for ever, as it is at
 * first. After one that was not read in time none is printed, until this is called again.
 */
void sbx_log_set_patience(int ms);

/* Whether messages of this level are printed. */
bool sbx_log_has(enum sbx_log_level level);

/* One line to stderr: "PROGRAM: LEVEL: text". */
void sbx_log(enum sbx_log_level level, const char *fmt, ...) _printf_(2, 3);

/*
 * Prints diagnostics in gcc's form, each with its remedy and its chain of includes:
 *     FILE:LINE:COLUMN: error: text
 *     FILE:LINE:COLUMN: note: included from here
 * Diagnostics without a place begin with the program's name instead.
 */
void sbx_log_diags(const struct sbx_diags *d);

/* Escapes control bytes, DEL and bytes that are not UTF-8 as \xHH, so that the text is safe on a terminal. */
const char *sbx_escape(struct sbx_arena *a, const char *s);

#endif
