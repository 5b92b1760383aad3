/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn_see.h - what learn_see.c remembers between two calls. */
#ifndef SBX_RUN_LEARN_SEE_H
#define SBX_RUN_LEARN_SEE_H

#include "run/learn.h"

enum { SBX_LEARN_PENDING = 64 };

struct sbx_learn_see {
	int root_fd; /* of the sandbox, O_PATH; -1 until a process of it was looked at */
	dev_t root_dev;
	ino_t root_ino;
	struct sbx_seen_map links; /* directories and links that were met on the way, to struct known */
	struct sbx_seen_map done; /* what would be recorded once more */
	pid_t pending[SBX_LEARN_PENDING]; /* have called execve(2) and nothing since */
	size_t n_pending;
	bool begun; /* the command has run */
};

#endif
