/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process.c - see process.h. */
#include "run/process.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/sys.h"

pid_t sbx_process_clone(struct sbx_process *p, uint64_t namespaces)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = namespaces | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	*p = (struct sbx_process){ .pidfd = -1 };
	pid = sys_clone3(&args);
	if (pid < 0 && errno == ENOSYS) {
		/*
		 * Without CLONE_PIDFD, though Linux 5.2 has it: clone3(2) and the polling of a pidfd are both of 5.3, and
		 * on the kernel before a pidfd always polls as readable. So there is one way without clone3, not two.
		 */
		p->later = namespaces & CLONE_NEWTIME;
		pid = sys_clone(namespaces & ~p->later, SIGCHLD);
	}
	if (pid > 0) {
		p->pid = pid;
		p->pidfd = pidfd;
	}
	return pid;
}

void sbx_process_kill(const struct sbx_process *p, int sig)
{
	if (p->pid <= 0)
		return;
	if (p->pidfd < 0 || (sys_pidfd_send_signal(p->pidfd, sig) < 0 && errno == ENOSYS))
		(void)kill(p->pid, sig);
}

/* Reaps it; by number, which wait4(2) takes on every kernel. */
static bool reap(struct sbx_process *p, int options)
{
	pid_t r;

	do
		r = p->pid > 0 ? wait4(p->pid, &p->status, options, &p->usage) : -1;
	while (r < 0 && p->pid > 0 && errno == EINTR);
	if (r != 0)
		p->pid = 0;
	return r != 0;
}

bool sbx_process_ended(struct sbx_process *p)
{
	return reap(p, WNOHANG);
}

void sbx_process_wait(struct sbx_process *p)
{
	(void)reap(p, 0);
}
