/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe.h - what the files of host/ share among themselves: the probes of the table in feature.c, and helpers.
 * A probe leaves nothing behind, needs no root and tells in ret->text what it saw.
 */
#ifndef SBX_HOST_PROBE_H
#define SBX_HOST_PROBE_H

#include "host/host.h"

struct sbx_account {
	uint64_t id;
	const char *name;
	const char *home; /* NULL for a group */
};

/* The entry of the user database, in the arena. 0, or -ENOENT. About 0.1 ms; 2 ms if no file has it. */
_must_check_ int sbx_host_account(struct sbx_arena *a, uid_t uid, struct sbx_account *ret);

/*
 * Runs argv[0], an absolute path, with a clean environment, for 5 seconds at most. 0 and what it wrote to its
 * standard output, whatever its exit status was; or a negative errno, -ETIMEDOUT and -EFBIG (256 KiB) among them.
 */
_must_check_ int sbx_host_ask(struct sbx_arena *a, const char *const *argv, struct sbx_buf *ret);

/* Whether `path` is `dir` or lies below it; both absolute and tidy. */
bool sbx_path_holds(const char *dir, const char *path);

/* Writes the answer of a probe and returns `yes`. */
static inline bool sbx_answer(struct sbx_why *ret, bool yes, const char *text)
{
	ret->text = text;
	return yes;
}

#define SBX_PROBE(name) bool sbx_probe_##name(const struct sbx_host *h, struct sbx_why *ret)

/* probe_kernel.c: system calls and file systems. */
SBX_PROBE(userns);
SBX_PROBE(clone3);
SBX_PROBE(openat2);
SBX_PROBE(mount_api);
SBX_PROBE(pidfd);
SBX_PROBE(timens);
SBX_PROBE(overlay);
SBX_PROBE(fuse);
SBX_PROBE(net_tun);

/* probe_lsm.c: seccomp and the security modules. */
SBX_PROBE(landlock);
SBX_PROBE(seccomp);
SBX_PROBE(seccomp_notify);
SBX_PROBE(apparmor);
SBX_PROBE(selinux);

/* probe_cgroup.c */
SBX_PROBE(cgroup_v2);
SBX_PROBE(cgroup_memory);
SBX_PROBE(cgroup_pids);
SBX_PROBE(cgroup_cpu);
SBX_PROBE(systemd_user);

/* probe_user.c: programs, the session and the directories of the caller. */
SBX_PROBE(newuidmap);
SBX_PROBE(newgidmap);
SBX_PROBE(subuid);
SBX_PROBE(subgid);
SBX_PROBE(fuse_overlayfs);
SBX_PROBE(slirp4netns);
SBX_PROBE(pasta);
SBX_PROBE(nft);
SBX_PROBE(dbus_session);
SBX_PROBE(tty);
SBX_PROBE(wayland);
SBX_PROBE(x11);
SBX_PROBE(merged_usr);
SBX_PROBE(project_dir);
SBX_PROBE(cwd_in_home);

#endif
