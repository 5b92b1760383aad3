/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter.c - see filter.h. */
#include "run/filter.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/sys.h"
#include "run/control.h"

/* Linux 5.19: once the supervisor has seen a call, only a signal that kills interrupts it. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int load(const struct sbx_bpf *bpf, unsigned long flags)
{
	const struct sock_fprog program = { .len = (unsigned short)bpf->n, .filter = (struct sock_filter *)bpf->insns };
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

	_Static_assert(sizeof(struct sock_filter) == sizeof(struct sbx_insn), "the same thing");
	return r < 0 ? -errno : (int)r;
}

/* A process with the command's descriptors and without its filter: what it sends, the filter can't forbid. */
static _noreturn_ void send_listener(const struct sbx_child *c, int from_fd)
{
	const struct sbx_control_status text = { .kind = SBX_CONTROL_LISTENER };
	sigset_t all;
	int fd;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	if (sbx_read_all(from_fd, &fd, sizeof fd) != (ssize_t)sizeof fd)
		_exit(SBX_EXIT_FAILURE);
	_exit(fd < 0 || sbx_send_fd(c->control_fd, &text, sizeof text, fd) == 0 ? 0 : SBX_EXIT_FAILURE);
}

/*
 * The listener of a filter belongs to who loads it, and the filter may forbid to send it: so the descriptors are shared
 * with a helper that has no filter, until execve(2) parts them. pidfd_getfd(2) is no way: an ordinary user's
 * supervisor may not look into a process that is not dumpable. *ret_fd: where to write the listener's number.
 */
static int start_helper(const struct sbx_child *c, int *ret_fd)
{
	/* Init's child, so that the command has none that it does not know; a process 1 must know how to reap. */
	unsigned long flags = CLONE_FILES | (c->plan->as_pid_1 ? 0 : CLONE_PARENT);
	int fds[2];
	pid_t pid;

	/*
	 * The helper is born so that nobody of its user id can take its descriptors: the command may run before it does.
	 * execve(2) undoes it for the command.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = sys_clone(flags, SIGCHLD);
	if (pid < 0)
		return -errno;
	if (pid == 0)
		send_listener(c, fds[0]);
	*ret_fd = fds[1];
	return 0;
}

static void load_reporting(const struct sbx_child *c)
{
	const struct sbx_seccomp *s = &c->plan->seccomp;
	int helper_fd = -1, fd, r = start_helper(c, &helper_fd);

	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_FILTER, -1, r, NULL);
	fd = load(&s->reporting, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (fd == -EINVAL)
		fd = load(&s->reporting, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	/* There can be one listener in a tree of processes, and somebody outside has it. */
	if (fd == -EBUSY && c->plan->learn.path)
		sbx_child_fail(c, SBX_STAGE_LISTENER, -1, -EBUSY, NULL);
	if (fd == -EBUSY) {
		sbx_child_report(c, SBX_REPORT_SKIPPED, SBX_STAGE_LISTENER, -1, EBUSY, NULL);
		r = load(&s->plain, 0);
	}
	if (fd < 0 && (fd != -EBUSY || r < 0))
		sbx_child_fail(c, SBX_STAGE_FILTER, -1, fd != -EBUSY ? fd : r, NULL);
	/* Without a listener each denial would be ENOSYS. */
	if (sbx_write_all(helper_fd, &fd, sizeof fd) < 0)
		_exit(SBX_EXIT_FAILURE);
}

static void load_own(const struct sbx_child *c)
{
	const struct sbx_seccomp *s = &c->plan->seccomp;
	int r = 0;

	if (s->plain.n == 0)
		return;
	if (s->listen)
		load_reporting(c);
	else
		r = load(&s->plain, 0);
	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_FILTER, -1, r, NULL);
}

void sbx_filter_load(const struct sbx_child *c)
{
	const struct sbx_seccomp *s = &c->plan->seccomp;

	/* The floor leaves seccomp(2) alone; a policy may not. */
	if (!s->name)
		load_own(c);
	for (size_t i = 0; i < s->n_raw; i++) {
		int r = load(&s->raw[i].bpf, 0);

		if (r < 0)
			sbx_child_fail(c, SBX_STAGE_FILTER, (int)i, r, NULL);
	}
	if (s->name)
		load_own(c);
}
