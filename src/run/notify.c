/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notify.c - see notify.h. */
#include "run/notify.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum {
	BATCH = 32, /* answers before signals, time and terminals get their turn */
	NAME_MS = 200, /* how long a process is taken to be the program that it was */
};

void sbx_notify_begin(struct sbx_notify *n, struct sbx_arena *a, const struct sbx_plan *plan, struct sbx_learn *learn)
{
	*n = (struct sbx_notify){
		.plan = plan, .learn = learn, .fd = -1, .denials = { .arena = a, .policy = plan->seccomp.policy }
	};
}

void sbx_notify_take(struct sbx_notify *n, int fd)
{
	struct seccomp_notif_sizes sizes = { 0 };

	if (n->fd >= 0 || !n->plan->seccomp.listen ||
	    syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0) {
		sbx_close_p(&fd);
		return;
	}
	/* A newer kernel's may be longer. */
	n->req_size = sizes.seccomp_notif > sizeof *n->req ? sizes.seccomp_notif : sizeof *n->req;
	n->resp_size = sizes.seccomp_notif_resp > sizeof *n->resp ? sizes.seccomp_notif_resp : sizeof *n->resp;
	n->req = sbx_alloc(n->denials.arena, n->req_size);
	n->resp = sbx_alloc(n->denials.arena, n->resp_size);
	n->fd = fd;
	/* Linux 6.6: the two run in turns; half the time of a call where it is known. */
	if (n->learn)
		(void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

static bool read_text(char *buf, size_t size, uint32_t pid, const char *file)
{
	char path[64];
	_cleanup_close_ int fd = -1;
	ssize_t len;

	(void)snprintf(path, sizeof path, "/proc/%u/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : sbx_read_all(fd, buf, size - 1);
	buf[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* The name of the process that thread `tid` belongs to, as we see both; NULL if it can't be told. */
static const char *program_of(struct sbx_notify *n, uint32_t tid)
{
	char status[1024];
	const char *tgid;
	int64_t now = sbx_now_ms();

	if (tid == 0)
		return NULL;
	if (tid == n->last_pid && now - n->last_ms < NAME_MS)
		return n->last_name[0] ? n->last_name : NULL;
	n->last_pid = tid;
	n->last_ms = now;
	n->last_name[0] = '\0';
	if (!read_text(status, sizeof status, tid, "status"))
		return NULL;
	tgid = strstr(status, "\nTgid:");
	if (!tgid || !read_text(n->last_name, sizeof n->last_name, (uint32_t)strtoul(tgid + 6, NULL, 10), "comm"))
		return NULL;
	n->last_name[strlen(n->last_name) - 1] = '\0';
	return n->last_name[0] ? n->last_name : NULL;
}

static bool is_valid(const struct sbx_notify *n)
{
	return ioctl(n->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &n->req->id) == 0;
}

static bool still_waits(void *data)
{
	return is_valid(data);
}

static const char *whose(void *data)
{
	struct sbx_notify *n = data;

	/* Before the command's own execve(2) it is still called after sbx. */
	return n->named ? program_of(n, n->req->pid) : NULL;
}

static void learn(struct sbx_notify *n, const struct sbx_verdict *verdict)
{
	const struct seccomp_data *data = &n->req->data;
	struct sbx_learn_event e = {
		.arch = data->arch,
		.nr = (uint32_t)data->nr,
		.tid = (pid_t)n->req->pid,
		.denied = verdict->action.kind == SBX_ACT_ERRNO ? verdict->action.err : 0,
		.valid = still_waits,
		.program = whose,
		.data = n,
	};

	for (size_t i = 0; i < ARRAY_LEN(e.args); i++)
		e.args[i] = data->args[i];
	sbx_learn_see(n->learn, &e);
	/* Another execve(2) gives another name. */
	if (sbx_learn_is_exec(&e)) {
		n->last_pid = 0;
		n->named = true;
	}
}

/* Counts and tells. Whose name it is has been read between two moments in which the call waited. */
static void record(struct sbx_notify *n, const struct sbx_verdict *verdict)
{
	const struct seccomp_data *data = &n->req->data;
	const char *program = program_of(n, n->req->pid), *line;

	if (program && !is_valid(n))
		program = NULL;
	line = sbx_denials_add(&n->denials, data->arch, (uint32_t)data->nr, *verdict, program, (pid_t)n->req->pid);
	if (line)
		sbx_log(SBX_LOG_NOTICE, "%s", line);
}

/* False if there is nothing to answer. */
static bool answer(struct sbx_notify *n)
{
	const struct sbx_seccomp *s = &n->plan->seccomp;
	struct sbx_verdict verdict;
	uint64_t args[6];

	memset(n->req, 0, n->req_size);
	/* ENOENT: the caller was killed or interrupted meanwhile. */
	if (ioctl(n->fd, SECCOMP_IOCTL_NOTIF_RECV, n->req) < 0)
		return errno == ENOENT || errno == EINTR;
	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		args[i] = n->req->data.args[i];
	verdict = sbx_policy_eval(s->policy, s->abis, n->req->data.arch, (uint32_t)n->req->data.nr, args);
	if (n->learn)
		learn(n, &verdict);
	if ((s->report || verdict.action.kind == SBX_ACT_NOTIFY) && verdict.action.kind >= SBX_ACT_NOTIFY && !verdict.action.quiet)
		record(n, &verdict);
	memset(n->resp, 0, n->resp_size);
	n->resp->id = n->req->id;
	if (verdict.action.kind == SBX_ACT_ERRNO)
		n->resp->error = -(int)verdict.action.err;
	else if (verdict.action.kind <= SBX_ACT_NOTIFY)
		n->resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		n->resp->error = -EPERM;
	(void)ioctl(n->fd, SECCOMP_IOCTL_NOTIF_SEND, n->resp);
	return true;
}

void sbx_notify_serve(struct sbx_notify *n, short revents)
{
	struct pollfd p = { .fd = n->fd, .events = POLLIN, .revents = revents };

	/* RECV waits if there is nothing, so poll(2) is asked each time. */
	for (int i = 0; i < BATCH && p.revents & POLLIN; i++) {
		p.revents = POLLERR;
		if (answer(n))
			(void)poll(&p, 1, 0);
	}
	/* No process has the filter any more. */
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		sbx_close_p(&n->fd);
}
