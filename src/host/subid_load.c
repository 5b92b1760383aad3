/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subid_load.c - sbx_host_load_subids(): from the files, or by getsubids(1) where a directory service has the
 * ranges. Linking libsubid would cost more at every start than the whole of sbx.
 */
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "host/probe.h"

#ifndef SBX_GETSUBIDS
#define SBX_GETSUBIDS "/usr/bin/getsubids"
#endif

/* Some sites list every user, 30 bytes each. */
#define SUBID_FILE_MAX ((size_t)16 * 1024 * 1024)
#define SMALL_FILE_MAX ((size_t)256 * 1024)
#define GETSUBIDS_TIMEOUT_MS 5000

/* Starts getsubids with a clean environment and no other fd of ours; its output is read from *ret_fd. */
static int spawn_getsubids(const char *user, bool groups, pid_t *ret_pid, int *ret_fd)
{
	char program[] = SBX_GETSUBIDS, opt[] = "-g", *name = strdup(user);
	char path_env[] = "PATH=/usr/bin:/bin", lang[] = "LC_ALL=C", *env[] = { path_env, lang, NULL };
	char *argv[] = { program, groups ? opt : name, groups ? name : NULL, NULL };
	posix_spawn_file_actions_t fa;
	int r, fds[2];

	if (!name)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC) < 0) {
		r = errno;
		free(name);
		return -r;
	}
	r = posix_spawn_file_actions_init(&fa);
	if (r == 0) {
		if (!(r = posix_spawn_file_actions_adddup2(&fa, fds[1], 1)) &&
		    !(r = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0)) &&
		    !(r = posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0)) &&
		    !(r = posix_spawn_file_actions_addclosefrom_np(&fa, 3)))
			r = posix_spawn(ret_pid, program, &fa, NULL, argv, env);
		(void)posix_spawn_file_actions_destroy(&fa);
	}
	(void)close(fds[1]);
	free(name);
	if (r != 0) {
		(void)close(fds[0]);
		return -r;
	}
	*ret_fd = fds[0];
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads to the end of file; -ETIMEDOUT if a directory service does not answer. */
static int read_answer(struct sbx_buf *b, int fd)
{
	int64_t deadline = now_ms() + GETSUBIDS_TIMEOUT_MS;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - now_ms();
		char chunk[4096];
		ssize_t n;

		if (left <= 0 || b->len > SMALL_FILE_MAX)
			return left <= 0 ? -ETIMEDOUT : -EFBIG;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0)
			sbx_buf_add(b, chunk, (size_t)n);
	}
}

/* getsubids fails for a user without ranges as it does for any error, so its exit status says nothing. */
static int ask_getsubids(struct sbx_arena *a, const char *user, bool groups, struct sbx_subid **ret, size_t *ret_n)
{
	_cleanup_close_ int fd = -1;
	struct sbx_buf b = { .arena = a };
	pid_t pid;
	int r = spawn_getsubids(user, groups, &pid, &fd);

	if (r < 0)
		return r;
	r = read_answer(&b, fd);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r < 0 ? r : sbx_subid_parse_listing(a, sbx_buf_str(&b), b.len, ret, ret_n);
}

static int load_file(struct sbx_host *h, struct sbx_diags *d, const char *path, struct sbx_subid **ret, size_t *ret_n)
{
	char *text;
	size_t len;
	int r = sbx_read_path(h->arena, AT_FDCWD, path, SUBID_FILE_MAX, &text, &len);

	if (r == -ENOENT) {
		*ret = NULL;
		*ret_n = 0;
		return 0;
	}
	if (r < 0)
		return sbx_error(d, r, NULL, "%s: %s", path, strerror(-r));
	return sbx_subid_parse(h->arena, text, len, h->user, h->uid, ret, ret_n);
}

static int load_listing(struct sbx_host *h, struct sbx_diags *d, const char *source, bool groups)
{
	struct sbx_subid **items = groups ? &h->subgids : &h->subuids;
	size_t *n = groups ? &h->n_subgids : &h->n_subuids;
	int r;

	if (!h->user)
		return 0;
	r = ask_getsubids(h->arena, h->user, groups, items, n);
	if (r == 0)
		return 0;
	(void)sbx_error(d, r, NULL, "%s: %s; nsswitch.conf says that subordinate ids come from '%s'", SBX_GETSUBIDS,
			strerror(-r), source);
	sbx_hint(d, "%s", r == -ENOENT ? "install getsubids (Debian: package uidmap)" :
					 "check that the directory service answers: getsubids USER");
	return r;
}

int sbx_host_load_subids(struct sbx_host *h, struct sbx_diags *d)
{
	const struct passwd *pw = sbx_host_passwd(h->arena, h->uid);
	const char *source = "files";
	char *text;
	size_t len;
	int r;

	h->user = pw ? pw->pw_name : NULL;
	if (sbx_read_path(h->arena, AT_FDCWD, "/etc/nsswitch.conf", SMALL_FILE_MAX, &text, &len) == 0)
		source = sbx_subid_source(h->arena, text, len);
	if (!sbx_streq(source, "files")) {
		r = load_listing(h, d, source, false);
		return r < 0 ? r : load_listing(h, d, source, true);
	}
	r = load_file(h, d, "/etc/subuid", &h->subuids, &h->n_subuids);
	return r < 0 ? r : load_file(h, d, "/etc/subgid", &h->subgids, &h->n_subgids);
}
