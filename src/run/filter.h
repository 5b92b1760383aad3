/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter.h - loads the filters of system calls into the command, as the last thing before execve(2). */
#ifndef SBX_RUN_FILTER_H
#define SBX_RUN_FILTER_H

#include "run/child.h"

/*
 * Loads them all, or ends the process. The policy, or the floor where there is no policy, is the last or the first: it
 * may forbid seccomp(2), and a program of a descriptor may too. Behind this only execve(2), write(2) of a report
 * and _exit(2) are sure to work.
 */
void sbx_filter_load(const struct sbx_child *c);

#endif
