/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* learn_see.c - looks at a process that waits: its memory, its directories, the files it names. See learn.h. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/sys.h"
#include "run/learn_see.h"

enum {
	PATH_BUF = PATH_MAX, /* the kernel takes no longer ones */
	MAX_LINKS = 40, /* as the kernel */
};

/* What lies at a path; directories and links are remembered. */
struct known {
	enum sbx_file_kind kind;
	const char *target;
};

/* Up to `len` bytes of the caller's memory, page by page; the number that could be read. */
static size_t read_memory(pid_t tid, uint64_t addr, void *buf, size_t len, bool to_nul)
{
	size_t done = 0;

	while (done < len) {
		size_t n = 4096 - (addr + done) % 4096;
		struct iovec local = { (char *)buf + done, n < len - done ? n : len - done };
		struct iovec remote = { (void *)(uintptr_t)(addr + done), local.iov_len };

		if (process_vm_readv(tid, &local, 1, &remote, 1, 0) != (ssize_t)local.iov_len)
			break;
		done += local.iov_len;
		if (to_nul && memchr(local.iov_base, '\0', local.iov_len))
			break;
	}
	return done;
}

static bool read_string(pid_t tid, uint64_t addr, char *buf, size_t size)
{
	size_t n = read_memory(tid, addr, buf, size, true);

	return n > 0 && memchr(buf, '\0', n);
}

/* Where a magic link of /proc leads, as the process sees it; false if that is no path. */
static bool read_proc_link(pid_t tid, const char *name, char *buf, size_t size)
{
	static const char gone[] = " (deleted)";
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", tid, name);
	n = readlink(path, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	if (n <= 0 || buf[0] != '/')
		return false;
	return (size_t)n < sizeof gone || !sbx_streq(buf + n - (sizeof gone - 1), gone);
}

/* Whether the process has the sandbox's root, and no other that it made itself: its paths would mean something else. */
static bool has_our_root(struct sbx_learn_see *s, pid_t tid)
{
	char path[64];
	struct stat st;

	(void)snprintf(path, sizeof path, "/proc/%d/root", tid);
	if (stat(path, &st) < 0)
		return false;
	if (s->root_fd < 0) {
		s->root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		s->root_dev = st.st_dev;
		s->root_ino = st.st_ino;
	}
	return s->root_fd >= 0 && st.st_dev == s->root_dev && st.st_ino == s->root_ino;
}

/* What is at `path` of the sandbox, itself without links on the way. */
static struct known look(struct sbx_learn *l, const char *path)
{
	struct sbx_learn_see *s = l->see;
	const struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	struct known *cached = sbx_seen_find(&s->links, path), k = { SBX_FILE_MISSING, NULL };
	char target[PATH_MAX];
	_cleanup_close_ int fd = -1;
	struct stat st;
	ssize_t n;

	if (cached)
		return *cached;
	fd = sys_openat2(s->root_fd, path, &how);
	if (fd < 0 || fstat(fd, &st) < 0)
		return k;
	k.kind = S_ISDIR(st.st_mode) ? SBX_FILE_DIR : S_ISLNK(st.st_mode) ? SBX_FILE_LINK : SBX_FILE_OTHER;
	if (S_ISSOCK(st.st_mode))
		k.kind = SBX_FILE_SOCKET;
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		k.kind = SBX_FILE_DEVICE;
	if (k.kind == SBX_FILE_LINK) {
		n = readlinkat(fd, "", target, sizeof target - 1);
		if (n <= 0)
			return (struct known){ SBX_FILE_MISSING, NULL };
		target[n] = '\0';
		k.target = sbx_strdup(l->recording.arena, target);
	}
	if ((k.kind == SBX_FILE_DIR || k.kind == SBX_FILE_LINK) && s->links.n < SBX_LEARN_MAX_PATHS) {
		cached = SBX_NEW(l->recording.arena, struct known);
		*cached = k;
		sbx_seen_add(l->recording.arena, &s->links, sbx_strdup(l->recording.arena, path), cached);
	}
	return k;
}

struct walked {
	char path[PATH_BUF]; /* without links; what follows a name that is missing is as it was said */
	struct known at;
	bool parent; /* the directory that it is in exists */
};

/* Follows `path`, absolute, in the sandbox, and records the links on the way. False if it leads nowhere of ours. */
static bool walk(struct sbx_learn *l, const char *path, bool follow, const char *program, struct walked *w)
{
	char rest[PATH_BUF];
	size_t len = 0;
	int links = 0;

	if (strlen(path) >= sizeof rest)
		return false;
	memcpy(rest, path, strlen(path) + 1);
	w->path[0] = '\0';
	w->at = (struct known){ SBX_FILE_DIR, NULL };
	w->parent = true;
	for (char *p = rest; *(p += strspn(p, "/"));) {
		size_t n = strcspn(p, "/");
		bool last = p[n + strspn(p + n, "/")] == '\0';

		if (len + n + 2 > PATH_MAX)
			return false;
		if (n == 1 && *p == '.') {
			p += n;
			continue;
		}
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			while (len > 0 && w->path[--len] != '/')
				;
			w->path[len] = '\0';
			w->at.kind = SBX_FILE_DIR;
			p += n;
			continue;
		}
		w->path[len] = '/';
		memcpy(w->path + len + 1, p, n);
		w->path[len + 1 + n] = '\0';
		/* A process's own; and its links are magic. */
		if (sbx_streq(w->path, "/proc"))
			return false;
		w->at = look(l, w->path);
		if (w->at.kind == SBX_FILE_LINK && (!last || follow)) {
			size_t target = strlen(w->at.target), tail = strlen(p + n) + 1;

			if (++links > MAX_LINKS || target + tail > sizeof rest)
				return false;
			sbx_learn_path(&l->recording, w->path, SBX_FILE_LINK, w->at.target, SBX_NEED_LOOK, program);
			memmove(rest + target, p + n, tail);
			memcpy(rest, w->at.target, target);
			p = rest;
			len = *rest == '/' ? 0 : len;
			w->path[len] = '\0';
			w->at.kind = SBX_FILE_DIR;
			continue;
		}
		w->parent = last;
		if (w->at.kind != SBX_FILE_DIR)
			return last || w->at.kind == SBX_FILE_MISSING;
		len += 1 + n;
		p += n;
	}
	if (len == 0)
		memcpy(w->path, "/", 2);
	w->parent = true;
	return true;
}

static void record_parent(struct sbx_learn *l, char *path, const char *program)
{
	char *slash = strrchr(path, '/');

	*slash = '\0';
	sbx_learn_path(&l->recording, slash == path ? "/" : path, SBX_FILE_DIR, NULL, SBX_NEED_CHANGE, program);
	*slash = '/';
}

/* A path that a call names, with what it does to it. */
struct use {
	unsigned needs;
	bool follow;
	bool changes; /* the directory it is in, also if it exists */
};

/* Whether it is there. */
static __attribute__((noinline)) bool record(struct sbx_learn *l, const char *path, struct use u, const char *program)
{
	struct walked w;

	if (!walk(l, path, u.follow, program, &w))
		return false;
	if (w.at.kind == SBX_FILE_MISSING && (!(u.needs & SBX_NEED_MAKE) || !w.parent))
		return false;
	if (u.changes || w.at.kind == SBX_FILE_MISSING)
		record_parent(l, w.path, program);
	sbx_learn_path(&l->recording, w.path, w.at.kind, w.at.target, u.needs, program);
	return w.at.kind != SBX_FILE_MISSING;
}

/* `path` as the process means it, from the root. */
static bool make_absolute(const struct sbx_learn_event *e, int dir, const char *path, char *ret, size_t size)
{
	char name[32] = "cwd";
	size_t len;

	if (*path == '/')
		return snprintf(ret, size, "%s", path) < (int)size;
	if (dir >= 0 && (int)e->args[dir] != AT_FDCWD)
		(void)snprintf(name, sizeof name, "fd/%d", (int)e->args[dir]);
	if (!*path || !read_proc_link(e->tid, name, ret, size))
		return false;
	len = strlen(ret);
	return snprintf(ret + len, size - len, "/%s", path) < (int)(size - len);
}

static struct use use_of(const struct sbx_learn_event *e, const struct sbx_path_arg *p)
{
	uint64_t flags = p->flags < 0 ? 0 : e->args[p->flags];
	struct use u = { .needs = SBX_NEED_LOOK, .follow = true };

	switch (p->use) {
	case SBX_USE_LOOK:
		u.follow = !(flags & AT_SYMLINK_NOFOLLOW);
		break;
	case SBX_USE_LINK:
		u.follow = false;
		break;
	case SBX_USE_OPEN_HOW:
		if (read_memory(e->tid, e->args[p->flags], &flags, sizeof flags, false) != sizeof flags)
			flags = 0;
		u.needs = sbx_learn_open_needs(flags);
		u.follow = !(flags & O_NOFOLLOW);
		break;
	case SBX_USE_OPEN:
		flags = p->flags < 0 ? O_CREAT | O_WRONLY | O_TRUNC : flags;
		u.needs = sbx_learn_open_needs(flags);
		u.follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
		break;
	case SBX_USE_RUN:
		u.needs |= SBX_NEED_READ | SBX_NEED_RUN;
		break;
	case SBX_USE_WRITE:
		u.needs |= SBX_NEED_WRITE;
		u.follow = !(flags & AT_SYMLINK_NOFOLLOW);
		break;
	case SBX_USE_MAKE:
		u.needs |= SBX_NEED_MAKE;
		u.follow = false;
		/* The others fail where there is something. */
		u.changes =
		    p->id == SBX_SYSCALL_rename || p->id == SBX_SYSCALL_renameat || p->id == SBX_SYSCALL_renameat2;
		break;
	case SBX_USE_REMOVE:
		u.follow = false;
		u.changes = true;
		break;
	}
	return u;
}

static void see_path(struct sbx_learn *l, const struct sbx_learn_event *e, const struct sbx_path_arg *p)
{
	char said[PATH_BUF], key[PATH_BUF + 16], *path = key + 8;
	struct sbx_learn_see *s = l->see;
	struct use u;

	if (!e->args[p->path])
		return;
	if (!read_string(e->tid, e->args[p->path], said, sizeof said)) {
		l->recording.unreadable++;
		return;
	}
	u = use_of(e, p);
	if (!make_absolute(e, p->dir, said, path, PATH_BUF))
		return;
	(void)snprintf(key, 8, "%05x%c", u.needs, (char)('0' + u.follow + 2 * u.changes));
	key[6] = key[7] = ' ';
	if (sbx_seen_find(&s->done, key))
		return;
	if (!has_our_root(s, e->tid) || !e->valid(e->data))
		return;
	/* It was there: that will not be more so. */
	if (record(l, path, u, e->program(e->data)) && s->done.n < SBX_LEARN_MAX_PATHS)
		sbx_seen_add(l->recording.arena, &s->done, sbx_strdup(l->recording.arena, key), s);
}

static void see_address(struct sbx_learn *l, const struct sbx_learn_event *e, bool bind, uint64_t addr, uint64_t len)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_un un;
		char bytes[sizeof(struct sockaddr_storage) + 1];
	} u;
	char path[PATH_BUF];
	struct use use = { .needs = bind ? SBX_NEED_MAKE : SBX_NEED_LOOK | SBX_NEED_CONNECT, .follow = !bind };

	memset(&u, 0, sizeof u);
	len = len > sizeof u.any ? sizeof u.any : len;
	if (!addr || !len)
		return;
	if (read_memory(e->tid, addr, &u, len, false) != len) {
		l->recording.unreadable++;
		return;
	}
	if (!e->valid(e->data))
		return;
	if (u.any.ss_family != AF_UNIX || !u.un.sun_path[0])
		sbx_learn_address(&l->recording, bind, &u, len, e->program(e->data));
	else if (make_absolute(e, -1, u.un.sun_path, path, sizeof path) && has_our_root(l->see, e->tid))
		(void)record(l, path, use, e->program(e->data));
}

/* struct msghdr begins with the address and its length. */
static void see_message(struct sbx_learn *l, const struct sbx_learn_event *e, uint64_t message)
{
	struct {
		uint64_t name;
		uint32_t len;
	} head;

	if (read_memory(e->tid, message, &head, sizeof head, false) == sizeof head)
		see_address(l, e, false, head.name, head.len);
}

/* The program that runs now, its loader, and whatever else of a file can be executed already. */
static void see_program(struct sbx_learn *l, const struct sbx_learn_event *e)
{
	char path[PATH_BUF], text[4096], *line = text;
	_cleanup_close_ int fd = -1;
	ssize_t n;

	if (!has_our_root(l->see, e->tid))
		return;
	if (read_proc_link(e->tid, "exe", path, sizeof path))
		(void)record(l, path, (struct use){ .needs = SBX_NEED_LOOK | SBX_NEED_READ | SBX_NEED_RUN }, NULL);
	(void)snprintf(path, sizeof path, "/proc/%d/maps", e->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : sbx_read_all(fd, text, sizeof text - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	for (char *end; (end = strchr(line, '\n')); line = end + 1) {
		char *file, *perms;

		*end = '\0';
		file = strchr(line, '/');
		perms = strchr(line, ' ');
		if (file && perms && perms[3] == 'x')
			(void)record(l, file, (struct use){ .needs = SBX_NEED_LOOK | SBX_NEED_READ }, NULL);
	}
}

/* The command's own execve(2): its memory was ours, and nobody may look into that. */
static bool see_command(struct sbx_learn *l, const struct sbx_learn_event *e)
{
	const struct use u = { .needs = SBX_NEED_LOOK | SBX_NEED_READ | SBX_NEED_RUN, .follow = true };
	const char *file = l->plan->file, *path = "/usr/local/bin:/usr/bin:/bin";
	char cwd[PATH_MAX], buf[PATH_BUF];

	if (!has_our_root(l->see, e->tid) || !read_proc_link(e->tid, "cwd", cwd, sizeof cwd))
		return false;
	if (strchr(file, '/')) {
		const char *beside = *file == '/' ? "" : cwd;

		if (snprintf(buf, sizeof buf, "%s/%s", beside, file) < (int)sizeof buf)
			(void)record(l, buf, u, NULL);
		return true;
	}
	for (size_t i = 0; i < l->plan->n_env; i++) {
		if (sbx_streq(l->plan->env[i].name, "PATH"))
			path = l->plan->env[i].value;
	}
	for (;;) {
		size_t len = strcspn(path, ":");

		(void)snprintf(buf, sizeof buf, "%.*s/%s", (int)len, path, file);
		(void)record(l, buf, u, NULL);
		path += len;
		if (!*path++)
			return true;
	}
}

static void see_pending(struct sbx_learn *l, const struct sbx_learn_event *e)
{
	struct sbx_learn_see *s = l->see;

	for (size_t i = 0; i < s->n_pending; i++) {
		if (s->pending[i] != e->tid)
			continue;
		s->pending[i] = s->pending[--s->n_pending];
		s->begun = s->begun || see_command(l, e);
		see_program(l, e);
		return;
	}
}

static void begin_exec(struct sbx_learn_see *s, pid_t tid)
{
	if (s->n_pending == SBX_LEARN_PENDING)
		memmove(s->pending, s->pending + 1, --s->n_pending * sizeof *s->pending);
	s->pending[s->n_pending++] = tid;
}

bool sbx_learn_is_exec(const struct sbx_learn_event *e)
{
	int abi = sbx_abi_of(e->arch, e->nr), id = abi < 0 ? -1 : sbx_syscall_by_nr((enum sbx_abi)abi, e->nr);

	return id == SBX_SYSCALL_execve || id == SBX_SYSCALL_execveat;
}

void sbx_learn_see(struct sbx_learn *l, const struct sbx_learn_event *e)
{
	int abi = sbx_abi_of(e->arch, e->nr);
	int id = abi < 0 ? -1 : sbx_syscall_by_nr((enum sbx_abi)abi, e->nr);
	const struct sbx_path_arg *paths;
	size_t n;

	if (abi < 0)
		return;
	sbx_learn_call(&l->recording, (enum sbx_abi)abi, e->nr, e->args, e->denied, e->program, e->data);
	see_pending(l, e);
	if (e->denied || id < 0)
		return;
	/* Before the command's own nothing can be looked at. */
	if (sbx_learn_is_exec(e))
		begin_exec(l->see, e->tid);
	if (!l->see->begun)
		return;
	paths = sbx_learn_path_args(id, &n);
	for (size_t i = 0; i < n; i++)
		see_path(l, e, &paths[i]);
	if (id == SBX_SYSCALL_connect || id == SBX_SYSCALL_bind)
		see_address(l, e, id == SBX_SYSCALL_bind, e->args[1], (uint32_t)e->args[2]);
	else if (id == SBX_SYSCALL_sendto)
		see_address(l, e, false, e->args[4], (uint32_t)e->args[5]);
	else if ((id == SBX_SYSCALL_sendmsg || id == SBX_SYSCALL_sendmmsg) &&
		 sbx_abi_info((enum sbx_abi)abi)->word == 8)
		see_message(l, e, e->args[1]);
}
