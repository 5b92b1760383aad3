/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control.h - the wire between the supervisor and the sandbox's init: a SOCK_SEQPACKET pair. The supervisor sends
 * signals for the command; init sends the command's wait status, also that it stopped, and before all
 * that the terminal's master side. End of file means that the other end died,
 * and both take it as the end of the sandbox.
 */
#ifndef SBX_RUN_CONTROL_H
#define SBX_RUN_CONTROL_H

#include <stdbool.h>

struct sbx_control_signal {
	int signal;
	bool group; /* to the command's process group instead of the command alone */
	bool tty; /* --pty: before that, who has the terminal inside changes, */
	bool foreground; /* to the command's process group, or to nobody */
};

enum sbx_control_kind {
	SBX_CONTROL_ENDED, /* the last message */
	SBX_CONTROL_STOPPED, /* it stopped, by SIGSTOP from us or, with --pty, at its terminal */
	SBX_CONTROL_PTY, /* --pty, before all: comes with a descriptor, see pty.h */
	SBX_CONTROL_LISTENER, /* --report-denials, once: comes with a descriptor, see notify.h */
	SBX_CONTROL_TYPED, /* `status` is a signal that the caller's terminal sent to the command's process group */
};

struct sbx_control_status {
	int status; /* as waitpid(2) gives it */
	enum sbx_control_kind kind;
};

#endif
