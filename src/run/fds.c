/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fds.c - see fds.h. */
#include "run/fds.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "run/report.h"

static int check_open(const struct sbx_plan_fd *fd, struct sbx_diags *d)
{
	if (fcntl(fd->fd, F_GETFD) >= 0)
		return 0;
	(void)sbx_error(d, -EBADF, fd->at, "file descriptor %d is not open", fd->fd);
	sbx_hint(d, "whoever starts sbx must hand it over, as the shell does with %d<FILE or %d>FILE", fd->fd, fd->fd);
	return -EBADF;
}

/* `mode` is what the descriptor must not be: O_RDONLY or O_WRONLY. */
static int check_mode(const struct sbx_plan_fd *fd, int mode, struct sbx_diags *d)
{
	int flags = fd->at ? fcntl(fd->fd, F_GETFL) : -1;

	if (!fd->at || (flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != mode))
		return 0;
	return sbx_error(
	    d, -EBADF, fd->at, "file descriptor %d can't be %s", fd->fd, mode == O_RDONLY ? "written" : "read");
}

static int check_namespace(const struct sbx_plan_fd *fd, int type, const char *name, struct sbx_diags *d)
{
	if (!fd->at || ioctl(fd->fd, NS_GET_NSTYPE) == type)
		return 0;
	(void)sbx_error(d, -EINVAL, fd->at, "file descriptor %d is no %s namespace", fd->fd, name);
	sbx_hint(d, "open /proc/PID/ns/%s", name);
	return -EINVAL;
}

/* Whether `path` leads into a directory of sbx's own: what the command writes there would decide what the next sandbox is. */
static bool is_guarded(const struct sbx_plan *plan, const char *path)
{
	char real[PATH_MAX], guard[PATH_MAX];

	if (!realpath(path, real))
		return false;
	for (const char *const *p = plan->protect; *p; p++) {
		size_t n = realpath(*p, guard) ? strlen(guard) : 0;

		if (n > 0 && strncmp(real, guard, n) == 0 && (real[n] == '/' || real[n] == '\0'))
			return true;
	}
	return false;
}

static int refuse_guarded(const struct sbx_origin *at, struct sbx_diags *d)
{
	return sbx_error(
	    d, -EACCES, at, "the file is in a directory of sbx's own, which is never writable in a sandbox");
}

/* A directory would be a way to everything below and, by "..", above it (CVE-2024-21626). */
static int check_kept(const struct sbx_plan *plan, const struct sbx_plan_fd *fd, struct sbx_diags *d)
{
	struct stat st;

	if ((fcntl(fd->fd, F_GETFL) & O_ACCMODE) != O_RDONLY &&
	    is_guarded(plan, sbx_strf(d->arena, "/proc/self/fd/%d", fd->fd)))
		return refuse_guarded(fd->at, d);
	if (fstat(fd->fd, &st) == 0 && !S_ISDIR(st.st_mode) && !(fcntl(fd->fd, F_GETFL) & O_PATH))
		return 0;
	(void)sbx_error(d, -EISDIR, fd->at,
	    "file descriptor %d is a directory or a mere path: it would lead out of the sandbox", fd->fd);
	sbx_hint(d, "mount it: --bind-fd %d DEST", fd->fd);
	return -EISDIR;
}

static int check(const struct sbx_plan *plan, struct sbx_diags *d)
{
	const struct sbx_plan_fd *outputs[] = { &plan->info, &plan->status };
	const struct sbx_plan_fd *inputs[] = { &plan->block, &plan->userns_block };
	int r = 0;

	for (size_t i = 0; i < plan->n_fds && r == 0; i++)
		r = check_open(&plan->fds[i], d);
	for (size_t i = 0; i < ARRAY_LEN(outputs) && r == 0; i++)
		r = check_mode(outputs[i], O_RDONLY, d);
	for (size_t i = 0; i < ARRAY_LEN(inputs) && r == 0; i++)
		r = check_mode(inputs[i], O_WRONLY, d);
	for (size_t i = 0; i < plan->n_keep_fds && r == 0; i++)
		r = check_kept(plan, &plan->keep_fds[i], d);
	for (size_t i = 0; plan->as_pid_1 && i < plan->n_sync_fds && r == 0; i++)
		r = check_kept(plan, &plan->sync_fds[i], d);
	if (r == 0)
		r = check_namespace(&plan->userns, CLONE_NEWUSER, "user", d);
	if (r == 0)
		r = check_namespace(&plan->userns2, CLONE_NEWUSER, "user", d);
	return r < 0 ? r : check_namespace(&plan->pidns, CLONE_NEWPID, "pid", d);
}

int sbx_fds_claim(const struct sbx_plan *plan, struct sbx_diags *d)
{
	unsigned next = 3;
	int r = check(plan, d);

	for (size_t i = 0; i < plan->n_fds && r == 0; i++) {
		unsigned fd = (unsigned)plan->fds[i].fd;

		if (fd > next)
			r = sbx_close_range(next, fd - 1);
		if (fd >= next)
			next = fd + 1;
	}
	if (r == 0)
		r = sbx_close_range(next, ~0U);
	return r < 0 && d->n_errors == 0 ? sbx_error(d, r, NULL, "can't close file descriptors: %s", strerror(-r)) : r;
}

static bool is_outer(const struct sbx_plan *plan, int fd)
{
	return (plan->info.at && plan->info.fd == fd) || (plan->status.at && plan->status.fd == fd) ||
	       (plan->userns_block.at && plan->userns_block.fd == fd);
}

void sbx_fds_close_outer(const struct sbx_plan *plan)
{
	for (size_t i = 0; i < plan->n_fds; i++) {
		if (plan->fds[i].fd > 2 && is_outer(plan, plan->fds[i].fd))
			(void)close(plan->fds[i].fd);
	}
}

static bool is_among(const struct sbx_plan_fd *fds, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i].fd == fd)
			return true;
	}
	return false;
}

/* What is not needed once the root is complete. */
static bool is_for_set_up(const struct sbx_plan *plan, int fd)
{
	return fd > 2 && !is_outer(plan, fd) && !(plan->block.at && plan->block.fd == fd) &&
	       !is_among(plan->keep_fds, plan->n_keep_fds, fd) && !is_among(plan->sync_fds, plan->n_sync_fds, fd);
}

void sbx_fds_close_used(const struct sbx_plan *plan)
{
	for (size_t i = 0; i < plan->n_fds; i++) {
		if (is_for_set_up(plan, plan->fds[i].fd))
			(void)close(plan->fds[i].fd);
	}
}

void sbx_fds_close_inner(const struct sbx_plan *plan, bool init)
{
	for (size_t i = 0; i < plan->n_fds; i++) {
		int fd = plan->fds[i].fd;

		if (fd <= 2 || is_outer(plan, fd))
			continue;
		/* A number that was closed before may be another's by now. */
		if (!init || (!is_for_set_up(plan, fd) && !is_among(plan->sync_fds, plan->n_sync_fds, fd)))
			(void)close(fd);
	}
}

int sbx_fds_hand_over(const struct sbx_plan_fd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fcntl(fds[i].fd, F_SETFD, 0) < 0)
			return -errno;
	}
	return 0;
}

static int output_error(const struct sbx_output *out, int err, struct sbx_diags *d)
{
	const char *hint = sbx_hint_for_stage(SBX_STAGE_OUTPUT, err);

	(void)sbx_error(d, -err, out->at, "can't write '%s': %s", out->path, strerror(err));
	if (hint)
		sbx_hint(d, "%s", hint);
	return -err;
}

static int open_output(const struct sbx_plan *plan, const struct sbx_output *out, struct sbx_diags *d)
{
	const char *dir = sbx_strndup(d->arena, out->path, (size_t)(strrchr(out->path, '/') - out->path) + 1);
	int fd, flags;

	if (is_guarded(plan, dir))
		return refuse_guarded(out->at, d);
	/* A pipe that nobody reads is an error, not a wait without end. */
	flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (out->append ? O_APPEND : 0);
	fd = open(out->path, flags);
	/* Not through a link that leads nowhere: what it would create is not in `dir`. */
	if (fd < 0 && errno == ENOENT)
		fd = open(out->path, flags | O_CREAT | O_EXCL, 0666);
	if (fd < 0)
		return output_error(out, errno, d);
	flags = fcntl(fd, F_GETFL);
	if (is_guarded(plan, sbx_strf(d->arena, "/proc/self/fd/%d", fd))) {
		(void)close(fd);
		return refuse_guarded(out->at, d);
	}
	if (flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0)
		return fd;
	(void)close(fd);
	return sbx_error(d, -EIO, out->at, "can't write '%s'", out->path);
}

static bool is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int sbx_fds_open_output(const struct sbx_plan *plan, struct sbx_diags *d, int ret[2])
{
	for (int i = 0; i < 2; i++) {
		if (!plan->out[i].path)
			continue;
		ret[i] = open_output(plan, &plan->out[i], d);
		if (ret[i] < 0)
			return ret[i];
	}
	if (ret[0] < 0 || ret[1] < 0 || !is_same(ret[0], ret[1]))
		return 0;
	/* The same file twice, by whatever names, is one stream, as 2>&1 is. */
	return dup3(ret[0], ret[1], O_CLOEXEC) < 0
		   ? sbx_error(d, -errno, plan->out[1].at, "can't write '%s': %s", plan->out[1].path, strerror(errno))
		   : 0;
}

int sbx_fds_redirect(const struct sbx_plan *plan, int fds[2])
{
	for (int i = 0; i < 2; i++) {
		struct stat st;

		if (fds[i] < 0)
			continue;
		if (fstat(fds[i], &st) < 0)
			return -errno;
		if (!plan->out[i].append && S_ISREG(st.st_mode) && ftruncate(fds[i], 0) < 0)
			return -errno;
		if (dup2(fds[i], i + 1) < 0)
			return -errno;
	}
	return 0;
}
