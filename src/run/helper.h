/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* helper.h - programs that sbx runs: clean file descriptors, a fixed environment, output kept for the message. */
#ifndef SBX_RUN_HELPER_H
#define SBX_RUN_HELPER_H

#include "base/mem.h"

struct sbx_helper_result {
	int status; /* wait status */
	int signal; /* of the caller's that ended it, or 0 */
	const char *output; /* what it wrote to stdout and stderr, at most 4 KiB, without the last newline */
};

/*
 * Runs argv[0] (an absolute path) to its end, at most 30 seconds, and no longer than until SIGINT, SIGTERM, SIGHUP or
 * SIGQUIT comes through `signal_fd`, a non-blocking signalfd(2) of signals that are blocked. 0 with *ret filled, whatever its status was, or a
 * negative errno if it could not be run.
 */
_must_check_ int sbx_helper_run(
    struct sbx_arena *a, const char *const *argv, int signal_fd, struct sbx_helper_result *ret);

#endif
