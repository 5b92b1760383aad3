/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.h - the command's process from the fork to execve(2): session, seal, environment, PATH. */
#ifndef SBX_RUN_COMMAND_H
#define SBX_RUN_COMMAND_H

#include "run/child.h"
#include "run/nested.h"

/* `sealed_fd` gives a byte once init has sealed itself, or is -1 if it has. `nested` is NULL if the plan has none. */
_noreturn_ void sbx_command_run(struct sbx_child *c, struct sbx_nested *nested, int sealed_fd, mode_t caller_umask);

#endif
