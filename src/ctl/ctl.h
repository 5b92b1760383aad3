/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ctl.h - the verbs of sbxctl; one file a verb. Each returns the exit status. */
#ifndef SBX_CTL_CTL_H
#define SBX_CTL_CTL_H

#include "host/host.h"
#include "spec/search.h"

/* argv[0] is the verb. Messages go through base/log.h, results to stdout. */
int sbx_ctl_profile(const struct sbx_host *h, int argc, char **argv);
int sbx_ctl_seccomp(const struct sbx_host *h, int argc, char **argv);
int sbx_ctl_doctor(const struct sbx_host *h, int argc, char **argv);

/* What a file of the search path is for: its first comment, without the line of its licence; "" if it has none. */
const char *sbx_ctl_describe(
    const struct sbx_host *h, struct sbx_arena *a, const struct sbx_search_kind *kind, const char *name);

/* Writes a result to stdout. 0, or 125 after a message if that fails. */
int sbx_ctl_print(const struct sbx_buf *text);

#endif
