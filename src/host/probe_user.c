/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe_user.c - probes of installed programs, of the session and of the caller's directories. */
#include <inttypes.h>
#include <limits.h>

#include "host/probe.h"

static bool idmap(const struct sbx_host *h, const char *program, struct sbx_why *ret)
{
	struct sbx_idmap_facts f;
	struct sbx_why why;

	sbx_host_idmap_facts(program, &f);
	why = sbx_idmap_why(h->arena, &f);
	if (!why.text)
		return sbx_answer(ret, true, program);
	*ret = why;
	return false;
}

bool sbx_probe_newuidmap(const struct sbx_host *h, struct sbx_why *ret)
{
	return idmap(h, sbx_host_newuidmap, ret);
}

bool sbx_probe_newgidmap(const struct sbx_host *h, struct sbx_why *ret)
{
	return idmap(h, sbx_host_newgidmap, ret);
}

static bool subids(const struct sbx_host *h, bool groups, struct sbx_why *ret)
{
	struct sbx_diags d = { .arena = h->arena };
	struct sbx_host copy = *h;
	const struct sbx_subid *items;
	struct sbx_buf b = { .arena = h->arena };
	size_t n;

	if (!h->n_subuids && !h->n_subgids && sbx_host_load_subids(&copy, &d) < 0) {
		ret->remedy = d.n ? d.items[0].hint : NULL;
		return sbx_answer(ret, false, d.n ? d.items[0].text : "cannot be read");
	}
	items = groups ? copy.subgids : copy.subuids;
	n = groups ? copy.n_subgids : copy.n_subuids;
	if (n == 0) {
		const char *who = copy.user ? copy.user : sbx_strf(h->arena, "user %u", (unsigned)h->uid);

		if (copy.user)
			ret->remedy = sbx_strf(h->arena,
			    "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s"
			    " (or another range that nobody has)",
			    who);
		return sbx_answer(
		    ret, false, sbx_strf(h->arena, "none for %s in /etc/sub%cid", who, groups ? 'g' : 'u'));
	}
	for (size_t i = 0; i < n && i < 4; i++)
		sbx_buf_addf(
		    &b, "%s%" PRIu32 "-%" PRIu32, i ? ", " : "", items[i].start, items[i].start + (items[i].count - 1));
	if (n > 4)
		sbx_buf_adds(&b, ", …");
	return sbx_answer(ret, true, sbx_buf_str(&b));
}

bool sbx_probe_subuid(const struct sbx_host *h, struct sbx_why *ret)
{
	return subids(h, false, ret);
}

bool sbx_probe_subgid(const struct sbx_host *h, struct sbx_why *ret)
{
	return subids(h, true, ret);
}

static bool program(const struct sbx_host *h, const char *name, struct sbx_why *ret)
{
	const char *path = sbx_host_program(h, name);

	return path ? sbx_answer(ret, true, path) : sbx_answer(ret, false, "not installed");
}

bool sbx_probe_fuse_overlayfs(const struct sbx_host *h, struct sbx_why *ret)
{
	return program(h, "fuse-overlayfs", ret);
}

bool sbx_probe_slirp4netns(const struct sbx_host *h, struct sbx_why *ret)
{
	return program(h, "slirp4netns", ret);
}

bool sbx_probe_pasta(const struct sbx_host *h, struct sbx_why *ret)
{
	return program(h, "pasta", ret);
}

bool sbx_probe_nft(const struct sbx_host *h, struct sbx_why *ret)
{
	return program(h, "nft", ret);
}

bool sbx_probe_dbus_session(const struct sbx_host *h, struct sbx_why *ret)
{
	const char *address = sbx_host_env(h, "DBUS_SESSION_BUS_ADDRESS"), *path;

	if (address && *address) {
		/* Only an address that is one path can be looked at; others are taken at their word. */
		path = sbx_starts_with(address, "unix:path=") && !strpbrk(address, ",;%") ? address + 10 : NULL;
		if (path && !sbx_host_exists(h, path))
			return sbx_answer(ret, false, sbx_strf(h->arena, "%s does not exist", path));
		return sbx_answer(ret, true, address);
	}
	if (!h->runtime_dir)
		return sbx_answer(ret, false, "neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
	path = sbx_strf(h->arena, "%s/bus", h->runtime_dir);
	if (!sbx_host_exists(h, path))
		return sbx_answer(ret, false, sbx_strf(h->arena, "no %s", path));
	return sbx_answer(ret, true, path);
}

bool sbx_probe_tty(const struct sbx_host *h, struct sbx_why *ret)
{
	return h->tty ? sbx_answer(ret, true, h->tty)
		      : sbx_answer(ret, false, "standard output is no terminal of /dev");
}

bool sbx_probe_wayland(const struct sbx_host *h, struct sbx_why *ret)
{
	const char *name = sbx_host_env(h, "WAYLAND_DISPLAY");

	if (!name || !*name)
		return sbx_answer(ret, false, "WAYLAND_DISPLAY is not set");
	if (*name != '/' && !h->runtime_dir)
		return sbx_answer(ret, false, "XDG_RUNTIME_DIR is not set");
	if (*name != '/')
		name = sbx_strf(h->arena, "%s/%s", h->runtime_dir, name);
	if (!sbx_host_exists(h, name))
		return sbx_answer(ret, false, sbx_strf(h->arena, "no %s", name));
	return sbx_answer(ret, true, name);
}

bool sbx_probe_x11(const struct sbx_host *h, struct sbx_why *ret)
{
	const char *display = sbx_host_env(h, "DISPLAY");

	if (!display || !*display)
		return sbx_answer(ret, false, "DISPLAY is not set");
	return sbx_answer(ret, true, display);
}

bool sbx_probe_merged_usr(const struct sbx_host *h, struct sbx_why *ret)
{
	char to[PATH_MAX];
	ssize_t n = readlink("/bin", to, sizeof to - 1);

	(void)h;
	to[n > 0 ? n : 0] = '\0';
	if (sbx_streq(to, "usr/bin") || sbx_streq(to, "/usr/bin"))
		return sbx_answer(ret, true, "/bin is a link to /usr/bin");
	return sbx_answer(ret, false, "/bin is no link to /usr/bin");
}

/* The directory that a path is or lies in, if no project may: the system's own, and the sockets in /run. */
static const char *system_dir(const char *path)
{
	static const char *const dirs[] = { "/etc", "/dev", "/proc", "/sys", "/boot", "/bin", "/sbin", "/lib", "/lib32",
		"/lib64", "/libx32" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		if (sbx_path_holds(dirs[i], path))
			return dirs[i];
	}
	/* Disks of a desktop session are mounted below /run/media; the rest of /run is sockets and state. */
	if (sbx_path_holds("/run", path) && !sbx_starts_with(path, "/run/media/"))
		return "/run";
	return NULL;
}

bool sbx_probe_project_dir(const struct sbx_host *h, struct sbx_why *ret)
{
	const char *cwd = h->cwd, *system;

	if (!cwd)
		return sbx_answer(ret, false, "the current directory has no name (deleted or unreachable)");
	if (sbx_streq(cwd, "/"))
		return sbx_answer(ret, false, "the current directory is /");
	/* The links of $HOME too: with /home -> /srv/home, cwd is never spelled as $HOME is. */
	if (sbx_path_holds(cwd, h->home) || (h->real_home && sbx_path_holds(cwd, h->real_home)))
		return sbx_answer(ret, false, sbx_strf(h->arena, "%s is the home directory or above it", cwd));
	if (!strchr(cwd + 1, '/'))
		return sbx_answer(ret, false, sbx_strf(h->arena, "%s is a top-level directory", cwd));
	system = system_dir(cwd);
	if (system)
		return sbx_answer(ret, false, sbx_strf(h->arena, "%s lies in %s", cwd, system));
	/* A runtime directory elsewhere than in /run holds the session's sockets just the same. */
	if (h->runtime_dir && sbx_path_holds(cwd, h->runtime_dir))
		return sbx_answer(ret, false, sbx_strf(h->arena, "%s holds the session's sockets", cwd));
	return sbx_answer(ret, true, cwd);
}

static bool strictly_below(const char *dir, const char *path)
{
	return dir && !sbx_streq(dir, "/") && sbx_path_holds(dir, path) && !sbx_streq(dir, path);
}

bool sbx_probe_cwd_in_home(const struct sbx_host *h, struct sbx_why *ret)
{
	if (!h->cwd)
		return sbx_answer(ret, false, "the current directory has no name (deleted or unreachable)");
	/* A home of "/" (services have it) is no home: everything would be in it. */
	if (strictly_below(h->home, h->cwd) || strictly_below(h->real_home, h->cwd))
		return sbx_answer(ret, true, h->cwd);
	return sbx_answer(ret, false, sbx_strf(h->arena, "%s is not below %s", h->cwd, h->home));
}
