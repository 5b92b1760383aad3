/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* userns.c - see userns.h. The rules are in user_namespaces(7). */
#include "run/userns.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "run/helper.h"

int sbx_userns_explain(struct sbx_diags *d, int err, bool at_map)
{
	struct sbx_userns_facts facts;
	struct sbx_why why;

	sbx_host_userns_facts(&facts);
	why = sbx_userns_why(&facts, err, at_map);
	(void)sbx_error(d, -err, NULL, "can't make a user namespace: %s: %s", why.text, strerror(err));
	if (why.remedy)
		sbx_hint(d, "%s", why.remedy);
	return -err;
}

pid_t sbx_userns_clone(const struct sbx_plan *plan, struct sbx_diags *d, struct sbx_process *ret)
{
	pid_t pid = sbx_process_clone(ret, plan->namespaces & ~plan->late_namespaces);

	return pid < 0 ? sbx_userns_explain(d, errno, false) : pid;
}

/* A map must be written by one write(2). */
static int write_proc(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return errno ? -errno : -EIO;
	return 0;
}

int sbx_userns_map_self(const struct sbx_plan *plan)
{
	const struct sbx_id_extent *u = &plan->uid_map.extents[0], *g = &plan->gid_map.extents[0];
	char text[64];
	int r;

	(void)snprintf(text, sizeof text, "%u %u 1\n", u->inner, u->outer);
	r = write_proc("/proc/self/uid_map", text);
	/* Without CAP_SETGID outside, a gid can be mapped only once setgroups(2) is given up (CVE-2014-8989). */
	if (r == 0)
		r = write_proc("/proc/self/setgroups", "deny");
	(void)snprintf(text, sizeof text, "%u %u 1\n", g->inner, g->outer);
	return r < 0 ? r : write_proc("/proc/self/gid_map", text);
}

static int run_mapper(struct sbx_arena *a, const char *program, const struct sbx_id_map *map, pid_t pid, int signal_fd,
    const struct sbx_origin *at, struct sbx_diags *d)
{
	const char **argv = sbx_alloc_array(a, 3 + 3 * map->n, sizeof *argv);
	struct sbx_helper_result result;
	struct sbx_idmap_facts facts;
	struct sbx_why why;
	size_t n = 0;
	int r;

	argv[n++] = program;
	argv[n++] = sbx_strf(a, "%d", pid);
	for (size_t i = 0; i < map->n; i++) {
		argv[n++] = sbx_strf(a, "%u", map->extents[i].inner);
		argv[n++] = sbx_strf(a, "%u", map->extents[i].outer);
		argv[n++] = sbx_strf(a, "%u", map->extents[i].count);
	}
	sbx_host_idmap_facts(program, &facts);
	r = sbx_helper_run(a, argv, signal_fd, &result);
	if (r == 0 && result.signal)
		return SBX_EXIT_SIGNAL + result.signal;
	if (r == 0 && WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0)
		return 0;
	why = sbx_idmap_why(a, &facts);
	if (why.text)
		r = sbx_error(d, r < 0 ? r : -EPERM, at, "can't map ids: %s", why.text);
	else if (r < 0)
		return sbx_error(d, r, at, "can't run '%s': %s", program, strerror(-r));
	else
		r = sbx_error(d, -EPERM, at, "%s refused the map: %s", program,
		    *result.output ? result.output : "it said nothing");
	sbx_hint(d, "%s",
	    why.remedy ? why.remedy : "compare with the ranges in /etc/subuid and /etc/subgid; see newuidmap(1)");
	return r;
}

static int write_map(
    struct sbx_arena *a, const char *file, const struct sbx_id_map *map, pid_t pid, struct sbx_diags *d)
{
	struct sbx_buf text = { .arena = a };
	const char *path = sbx_strf(a, "/proc/%d/%s", pid, file);
	int r;

	for (size_t i = 0; i < map->n; i++)
		sbx_buf_addf(&text, "%u %u %u\n", map->extents[i].inner, map->extents[i].outer, map->extents[i].count);
	r = write_proc(path, sbx_buf_str(&text));
	if (r < 0) {
		struct sbx_userns_facts facts;

		sbx_host_userns_facts(&facts);
		(void)sbx_error(d, r, map->at, "can't write %s: %s", path, strerror(-r));
		sbx_hint(d, "%s", sbx_userns_why(&facts, r, true).remedy);
	}
	return r;
}

int sbx_userns_map_child(
    struct sbx_arena *a, const struct sbx_plan *plan, pid_t pid, int signal_fd, struct sbx_diags *d)
{
	const struct sbx_origin *at = plan->uid_map.at ? plan->uid_map.at : plan->gid_map.at;
	int r;

	if (plan->map_writer == SBX_MAP_PARENT) {
		r = write_map(a, "uid_map", &plan->uid_map, pid, d);
		return r < 0 ? r : write_map(a, "gid_map", &plan->gid_map, pid, d);
	}
	r = run_mapper(a, sbx_host_newuidmap, &plan->uid_map, pid, signal_fd, at, d);
	return r != 0 ? r : run_mapper(a, sbx_host_newgidmap, &plan->gid_map, pid, signal_fd, at, d);
}
