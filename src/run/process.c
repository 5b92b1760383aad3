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

bool sbx_process_ended(struct sbx_process *p)
{
	pid_t r = p->pid > 0 ? waitpid(p->pid, NULL, WNOHANG) : -1;

	if (r == 0 || (r < 0 && errno == EINTR))
		return false;
	p->pid = 0;
	return true;
}

void sbx_process_wait(struct sbx_process *p)
{
	siginfo_t info;
	int r = -1;

	if (p->pid <= 0)
		return;
	while (p->pidfd >= 0 && (r = waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED)) < 0 && errno == EINTR)
		;
	/* P_PIDFD is of Linux 5.4. */
	while (r < 0 && waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}
