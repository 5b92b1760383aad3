/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe_cgroup.c - whether limits can be set without root: in our own cgroup if it was delegated to the user, or
 * in a scope that the user's systemd makes. A login session's own cgroup is root's, so there only the second works.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "host/probe.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define SMALL_FILE_MAX ((size_t)64 * 1024)

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

bool sbx_probe_cgroup_v2(const struct sbx_host *h, struct sbx_why *ret)
{
	(void)h;
	if (is_cgroup2(CGROUP_ROOT))
		return sbx_answer(ret, true, CGROUP_ROOT);
	if (is_cgroup2(CGROUP_ROOT "/unified"))
		return sbx_answer(ret, false, "hybrid: the controllers are in version 1 hierarchies");
	if (access(CGROUP_ROOT, F_OK) < 0) {
		ret->remedy = "mount it: mount -t cgroup2 none " CGROUP_ROOT;
		return sbx_answer(ret, false, "no " CGROUP_ROOT);
	}
	return sbx_answer(ret, false, CGROUP_ROOT " is no cgroup2 file system");
}

/* Directory of our own cgroup, or NULL if it is not below the mount (seen from outside a cgroup namespace). */
static const char *own_cgroup(const struct sbx_host *h)
{
	char *text, *save = NULL;
	size_t len;

	if (sbx_read_path(h->arena, AT_FDCWD, "/proc/self/cgroup", SMALL_FILE_MAX, &text, &len) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sbx_starts_with(line, "0::/"))
			return strstr(line, "/..") ? NULL : sbx_strf(h->arena, CGROUP_ROOT "%s", line + 3);
	}
	return NULL;
}

static bool has_controller(const struct sbx_host *h, const char *dir, const char *name)
{
	char *text, *save = NULL;
	size_t len;

	if (sbx_read_path(
		h->arena, AT_FDCWD, sbx_strf(h->arena, "%s/cgroup.controllers", dir), SMALL_FILE_MAX, &text, &len) < 0)
		return false;
	for (char *word = strtok_r(text, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		if (sbx_streq(word, name))
			return true;
	}
	return false;
}

static bool is_delegated(const struct sbx_host *h, const char *dir)
{
	return access(dir, W_OK) == 0 && access(sbx_strf(h->arena, "%s/cgroup.procs", dir), W_OK) == 0 &&
	       access(sbx_strf(h->arena, "%s/cgroup.subtree_control", dir), W_OK) == 0;
}

static bool controller(const struct sbx_host *h, const char *name, struct sbx_why *ret)
{
	const char *own = own_cgroup(h), *user;
	struct sbx_why systemd = { NULL, NULL };

	if (!sbx_probe_cgroup_v2(h, ret)) {
		ret->remedy = "see cgroup-v2";
		return false;
	}
	if (own && is_delegated(h, own) && has_controller(h, own, name))
		return sbx_answer(ret, true, sbx_strf(h->arena, "delegated in %s", own));
	if (!sbx_probe_systemd_user(h, &systemd)) {
		ret->remedy = "see systemd-user";
		return sbx_answer(ret, false, "not delegated here, and no systemd of the user's is reached");
	}
	user = sbx_strf(
	    h->arena, CGROUP_ROOT "/user.slice/user-%u.slice/user@%u.service", (unsigned)h->uid, (unsigned)h->uid);
	if (is_delegated(h, user) && has_controller(h, user, name))
		return sbx_answer(ret, true, sbx_strf(h->arena, "by the user's systemd, in %s", user));
	return sbx_answer(ret, false, sbx_strf(h->arena, "'%s' is not delegated to user %u", name, (unsigned)h->uid));
}

bool sbx_probe_cgroup_memory(const struct sbx_host *h, struct sbx_why *ret)
{
	return controller(h, "memory", ret);
}

bool sbx_probe_cgroup_pids(const struct sbx_host *h, struct sbx_why *ret)
{
	return controller(h, "pids", ret);
}

bool sbx_probe_cgroup_cpu(const struct sbx_host *h, struct sbx_why *ret)
{
	return controller(h, "cpu", ret);
}

bool sbx_probe_systemd_user(const struct sbx_host *h, struct sbx_why *ret)
{
	/* su and cron start programs without the variable, though the directory may be there. */
	const char *dir = h->runtime_dir ? h->runtime_dir : sbx_strf(h->arena, "/run/user/%u", (unsigned)h->uid);
	const char *private = sbx_strf(h->arena, "%s/systemd/private", dir), *bus = sbx_strf(h->arena, "%s/bus", dir);

	if (!sbx_host_exists(h, private))
		return sbx_answer(ret, false, sbx_strf(h->arena, "no %s", private));
	if (!sbx_host_exists(h, bus)) {
		ret->remedy = "Debian: apt install dbus-user-session, then log in again";
		return sbx_answer(ret, false, sbx_strf(h->arena, "no %s", bus));
	}
	return sbx_answer(ret, true, bus);
}
