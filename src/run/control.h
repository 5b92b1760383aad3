/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control.h - the wire between the supervisor and the sandbox's init: a SOCK_SEQPACKET pair. The supervisor sends
 * signals for the command; init sends the command's wait status. End of file means that the other end died,
 * and both take it as the end of the sandbox.
 */
#ifndef SBX_RUN_CONTROL_H
#define SBX_RUN_CONTROL_H

#include <stdbool.h>

struct sbx_control_signal {
	int signal;
	bool group; /* to the command's process group instead of the command alone */
};

struct sbx_control_status {
	int status; /* as waitpid(2) gives it */
};

#endif
