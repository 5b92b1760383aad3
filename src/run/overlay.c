/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * overlay.c - overlays by the kernel (Documentation/filesystems/overlayfs.rst), always with userxattr, which is
 * what a user namespace may have (Linux 5.11). Layers are given as /proc/self/fd/N: what was opened is what is
 * mounted, no character of a path needs escaping, and many fit into the 255 bytes that fsconfig(2) takes.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "run/mounts.h"
#include "run/report.h"

enum { MAX_STRING = 255 };

struct layers {
	int *fds;
	size_t n;
};

static void close_layers(struct layers *l)
{
	for (size_t i = 0; i < l->n; i++)
		sbx_close_p(&l->fds[i]);
}

static int open_dir(struct sbx_mounts *m, struct layers *l, const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		m->root.why = sbx_strf(m->arena, "'%s'", path);
		return -errno;
	}
	SBX_APPEND(m->arena, l->fds, l->n) = fd;
	return fd;
}

static const char *link_to(struct sbx_mounts *m, int fd)
{
	return sbx_strf(m->arena, "/proc/self/fd/%d", fd);
}

/* A directory of the workshop, with the mode of the top layer if it will be seen as the overlay's root. */
static int work_dir(struct sbx_mounts *m, struct layers *l, const char *name, const struct stat *like)
{
	int workshop = sbx_mnt_workshop(&m->api), fd;

	if (workshop < 0)
		return workshop;
	if (mkdirat(workshop, name, like ? like->st_mode & 07777 : 0700) < 0)
		return -errno;
	fd = openat(workshop, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	SBX_APPEND(m->arena, l->fds, l->n) = fd;
	return fd;
}

/* upperdir and workdir: of the host, or thrown away. */
static int add_upper(struct sbx_mounts *m, const struct sbx_op *op, struct layers *l, const char **options, size_t *n)
{
	int upper, work, r = 0;
	struct stat top;

	if (op->upper) {
		upper = open_dir(m, l, op->upper);
		work = upper < 0 ? upper : open_dir(m, l, op->work);
		if (work >= 0)
			r = sbx_protect_refuse(m, upper);
		if (work >= 0 && r == 0)
			r = sbx_protect_refuse(m, work);
	} else {
		unsigned number = m->n_work++;

		if (fstat(l->fds[l->n - 1], &top) < 0)
			return -errno;
		upper = work_dir(m, l, sbx_strf(m->arena, "upper%u", number), &top);
		work = upper < 0 ? upper : work_dir(m, l, sbx_strf(m->arena, "work%u", number), NULL);
	}
	if (work < 0 || r < 0)
		return work < 0 ? work : r;
	options[(*n)++] = "upperdir";
	options[(*n)++] = link_to(m, upper);
	options[(*n)++] = "workdir";
	options[(*n)++] = link_to(m, work);
	return 0;
}

/* lowerdir, the top one first: as one string, or one by one (Linux 6.5) if that is too long. */
static void add_lower(struct sbx_mounts *m, const struct layers *l, const char **options, size_t *n)
{
	struct sbx_buf text = { .arena = m->arena };

	for (size_t i = l->n; i > 0; i--)
		sbx_buf_addf(&text, "%s%s", i < l->n ? ":" : "", link_to(m, l->fds[i - 1]));
	if (text.len <= MAX_STRING || m->api.legacy) {
		options[(*n)++] = "lowerdir";
		options[(*n)++] = sbx_buf_str(&text);
		return;
	}
	for (size_t i = l->n; i > 0; i--) {
		options[(*n)++] = "lowerdir+";
		options[(*n)++] = link_to(m, l->fds[i - 1]);
	}
}

static int make(struct sbx_mounts *m, const struct sbx_op *op, struct layers *l)
{
	uint64_t attrs = SBX_MNT_ALWAYS | MOUNT_ATTR_NODEV | sbx_mounts_attrs(op);
	const char **options;
	size_t n = 0;
	int r;

	for (const char *const *path = op->layers; *path; path++) {
		r = open_dir(m, l, *path);
		if (r < 0)
			return r;
	}
	options = sbx_alloc_array(m->arena, 2 * l->n + 7, sizeof *options);
	options[n++] = "userxattr";
	options[n++] = NULL;
	add_lower(m, l, options, &n);
	if (op->flags & SBX_OP_RO)
		attrs |= MOUNT_ATTR_RDONLY;
	else if ((r = add_upper(m, op, l, options, &n)) < 0)
		return r;
	return sbx_mnt_new(&m->api, "overlay", options, attrs);
}

int sbx_overlay_mount(struct sbx_mounts *m, const struct sbx_op *op)
{
	static const struct sbx_dest_want want = { .type = SBX_DEST_DIR, .mode = 0755 };
	_cleanup_(close_layers) struct layers l = { 0 };
	_cleanup_close_ int fd = make(m, op, &l), dest_fd = -1;
	int r;

	/* Before Linux 6.5 only mount(2) takes that many; it takes a page. */
	if (fd == -EINVAL && l.n > MAX_STRING / strlen("/proc/self/fd/N:") && !m->api.legacy) {
		close_layers(&l);
		l.n = 0;
		m->api.legacy = true;
		fd = make(m, op, &l);
	}
	if (fd < 0)
		return fd;
	dest_fd = sbx_dest_ensure(&m->root, op->dest, &want);
	if (dest_fd < 0)
		return dest_fd;
	/* What is thrown away may hold mount points that nobody asked for. */
	if (!op->upper && !(op->flags & SBX_OP_RO)) {
		r = sbx_dest_own(&m->root, fd);
		if (r < 0)
			return r;
	}
	return sbx_mounts_attach(m, fd, dest_fd, op);
}
