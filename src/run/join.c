/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* join.c - see join.h. */
#include "run/join.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/sys.h"

enum step { JOIN_USER, JOIN_PID, JOIN_CLONE };

/* What the process in between has to say. */
struct result {
	enum step step;
	int err; /* positive errno, 0 if all went well */
	pid_t pid;
};

static _noreturn_ void answer(int fd, enum step step, int err, pid_t pid)
{
	const struct result result = { step, err, pid };

	(void)sbx_write_all(fd, &result, sizeof result);
	_exit(0);
}

/* Returns in the sandbox's first process only. */
static void enter(const struct sbx_plan *plan, int fd, struct sbx_process *ret)
{
	struct clone_args args = { .flags = (plan->namespaces & ~plan->late_namespaces) | CLONE_PARENT };
	pid_t pid;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (plan->userns.at && setns(plan->userns.fd, CLONE_NEWUSER) < 0)
		answer(fd, JOIN_USER, errno, 0);
	if (plan->pidns.at && setns(plan->pidns.fd, CLONE_NEWPID) < 0)
		answer(fd, JOIN_PID, errno, 0);
	pid = sys_clone3(&args);
	if (pid < 0 && errno == ENOSYS) {
		/* As in process.c. The signal at its end is the one of this process, clone(2). */
		ret->later = args.flags & CLONE_NEWTIME;
		pid = sys_clone(args.flags & ~ret->later, 0);
	}
	if (pid != 0)
		answer(fd, JOIN_CLONE, pid < 0 ? errno : 0, pid);
}

static int explain(const struct sbx_plan *plan, const struct result *r, struct sbx_diags *d)
{
	switch (r->step) {
	case JOIN_USER:
		(void)sbx_error(d, -r->err, plan->userns.at, "can't join the user namespace: %s", strerror(r->err));
		if (r->err == EPERM)
			sbx_hint(d, "it must have been made by this user, below the namespace that sbx runs in");
		else if (r->err == EINVAL)
			sbx_hint(d, "sbx is in that namespace already; leave --userns out");
		break;
	case JOIN_PID:
		(void)sbx_error(d, -r->err, plan->pidns.at, "can't join the pid namespace: %s", strerror(r->err));
		if (r->err == EPERM)
			sbx_hint(
			    d, "its owner must be the user namespace of --userns, or one below it; see ioctl_ns(2)");
		else if (r->err == EINVAL)
			sbx_hint(d, "it must be the pid namespace that sbx runs in, or one below it");
		break;
	case JOIN_CLONE:
		(void)sbx_error(d, -r->err, plan->userns.at ? plan->userns.at : plan->pidns.at,
		    "can't make the other namespaces in the joined one: %s", strerror(r->err));
		if (r->err == ENOMEM)
			sbx_hint(d, "the first process of the joined pid namespace has ended");
		break;
	}
	return -r->err;
}

pid_t sbx_join_clone(const struct sbx_plan *plan, struct sbx_diags *d, struct sbx_process *ret)
{
	_cleanup_close_ int read_fd = -1, write_fd = -1;
	struct result result = { JOIN_CLONE, EIO, 0 };
	int fds[2];
	pid_t helper;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return sbx_error(d, -errno, NULL, "can't make a pipe: %s", strerror(errno));
	read_fd = fds[0];
	write_fd = fds[1];
	helper = fork();
	if (helper < 0)
		return sbx_error(d, -errno, NULL, "can't make a process: %s", strerror(errno));
	if (helper == 0) {
		*ret = (struct sbx_process){ .pidfd = -1 };
		enter(plan, write_fd, ret);
		return 0;
	}
	sbx_close_p(&write_fd);
	if (sbx_read_all(read_fd, &result, sizeof result) != (ssize_t)sizeof result)
		result = (struct result){ JOIN_CLONE, EIO, 0 };
	while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
	if (result.err)
		return explain(plan, &result, d);
	/* Our own child, which nobody else can reap: its number can't have become another's. */
	*ret = (struct sbx_process){ .pid = result.pid, .pidfd = sys_pidfd_open(result.pid, 0) };
	if (ret->pidfd >= 0 || errno == ENOSYS)
		return result.pid;
	result.err = errno;
	sbx_process_kill(ret, SIGKILL);
	sbx_process_wait(ret);
	return sbx_error(d, -result.err, NULL, "can't watch the sandbox's first process: %s", strerror(result.err));
}
