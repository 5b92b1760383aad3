/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * support.h - what the unit tests share: cmocka with the headers it wants, a made-up host, a profile or a command
 * line given as text, diagnostics as text, private directories, and a strict reader of JSON.
 */
#ifndef SBX_TESTS_UNIT_SUPPORT_H
#define SBX_TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/host.h"
#include "plan/plan.h"
#include "spec/cli.h"

/* Everything that one test makes; t_forget() is the teardown that frees it. */
extern struct sbx_arena t_arena;
int t_forget(void **state);
#define T(test) cmocka_unit_test_teardown(test, t_forget)

/*
 * alice, uid 1000, in /home/alice/project, with the features merged-usr, project-dir and cwd-in-home, the paths of
 * t_paths, a few variables, and no search path.
 */
struct sbx_host t_host(void);
extern const char *const t_paths[];

/* An empty list of diagnostics in t_arena. */
struct sbx_diags t_diags(void);

/*
 * One line a diagnostic, "WHERE: error: TEXT", then "  hint: TEXT" and "  from: WHERE" lines as there are any.
 * A notice of errors that were only counted is the last line.
 */
const char *t_said(const struct sbx_diags *d);

/* The spec of a profile's text without its `sbx-profile 1` line, which is line 1 of `t.profile`; NULL after errors. */
const struct sbx_spec *t_spec(const struct sbx_host *h, struct sbx_diags *d, const char *text);
/* The plan of such a text with the command `true`; NULL after errors. */
const struct sbx_plan *t_plan(const struct sbx_host *h, struct sbx_diags *d, const char *text);
/* The same, which must give no error. */
const struct sbx_spec *t_good_spec(const struct sbx_host *h, const char *text);
const struct sbx_plan *t_good_plan(const struct sbx_host *h, const char *text);
/* What is said of a text whose plan fails. */
const char *t_plan_errors(const struct sbx_host *h, const char *text);

/* What is said of a policy's text, without the newline at its end; it is an error if and only if there is no policy. */
const char *t_policy_errors(const char *text);

/* The spec of a command line, without the program's name; the last argument is NULL. */
const struct sbx_spec *t_cli_spec(const struct sbx_host *h, struct sbx_diags *d, ...) __attribute__((sentinel));

/* A new private directory below $TMPDIR or /tmp; t_remove() removes it with all below it. */
char *t_mkdtemp(void);
void t_remove(const char *dir);
/* Makes the file DIR/NAME with its directories, mode 0644 and 0755. */
const char *t_write(const char *dir, const char *name, const char *text);

/* NULL if `text` is one JSON value as RFC 8259 has it, else where it stops being one. */
const char *t_bad_json(const char *text);

/* The text of a file, or NULL if there is none. */
const char *t_read(const char *path);

/* How often `needle` is in `text`. */
size_t t_count(const char *text, const char *needle);

#endif
