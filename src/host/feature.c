/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * feature.c - the table of what a host can or can't do; see host.h. One row a feature: `when feature:NAME`,
 * `requires NAME` and sbxctl doctor read it. Names are part of the profile language, so they stay.
 */
#include "host/probe.h"

#define UIDMAP_REMEDY "Debian: apt install uidmap"
#define SUBID_REMEDY "as root: usermod --add-subuids FIRST-LAST --add-subgids FIRST-LAST USER (a range that nobody has)"
#define KERNEL_REMEDY(version) "boot Linux " version " or newer; in a container, allow the call in its seccomp filter"
#define DELEGATE_REMEDY                                                                                        \
	"as root: mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io " \
	"memory pids\\n' >/etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload; "      \
	"then log in again"

const struct sbx_feature sbx_features[] = {
	{ "userns", "user namespaces, which everything that sbx does needs", "see user_namespaces(7)",
	    sbx_probe_userns },
	{ "clone3", "all namespaces made by one call", KERNEL_REMEDY("5.9"), sbx_probe_clone3 },
	{ "openat2", "paths resolved inside the sandbox's root only", KERNEL_REMEDY("5.9"), sbx_probe_openat2 },
	{ "new-mount-api", "mounts by file descriptor: open_tree, move_mount, mount_setattr, fsopen",
	    KERNEL_REMEDY("5.12"), sbx_probe_mount_api },
	{ "pidfd", "processes signalled and waited for without a race", KERNEL_REMEDY("5.9"), sbx_probe_pidfd },
	{ "time-namespace", "--unshare-time", "boot a kernel of 5.6 or newer with CONFIG_TIME_NS=y", sbx_probe_timens },
	{ "newuidmap", "more than one user id in the sandbox", UIDMAP_REMEDY, sbx_probe_newuidmap },
	{ "newgidmap", "more than one group id in the sandbox", UIDMAP_REMEDY, sbx_probe_newgidmap },
	{ "subuid", "subordinate user ids of the caller, for --map-auto and --map-users", SUBID_REMEDY,
	    sbx_probe_subuid },
	{ "subgid", "subordinate group ids of the caller, for --map-auto and --map-groups", SUBID_REMEDY,
	    sbx_probe_subgid },
	{ "overlay", "writable layers made by the kernel", "boot Linux 5.11 or newer and, as root: modprobe overlay",
	    sbx_probe_overlay },
	{ "fuse", "file systems made by programs", "as root: modprobe fuse && chmod 666 /dev/fuse", sbx_probe_fuse },
	{ "fuse-overlayfs", "writable layers where the kernel's overlay does not work",
	    "Debian: apt install fuse-overlayfs", sbx_probe_fuse_overlayfs },
	{ "slirp4netns", "a network of its own that reaches the outside", "Debian: apt install slirp4netns",
	    sbx_probe_slirp4netns },
	{ "pasta", "the same by another program", "Debian: apt install passt", sbx_probe_pasta },
	{ "net-tun", "the device that slirp4netns and pasta need", "as root: modprobe tun && chmod 666 /dev/net/tun",
	    sbx_probe_net_tun },
	{ "nft", "rules for what the sandbox's network may reach", "Debian: apt install nftables", sbx_probe_nft },
	{ "landlock", "a second fence around files and ports",
	    "boot Linux 5.13 or newer with landlock in the list of lsm= (see /sys/kernel/security/lsm)",
	    sbx_probe_landlock },
	{ "seccomp", "filters of system calls", "boot a kernel with CONFIG_SECCOMP_FILTER=y", sbx_probe_seccomp },
	{ "seccomp-notify", "system calls decided by the supervisor", KERNEL_REMEDY("5.9"), sbx_probe_seccomp_notify },
	{ "apparmor", "AppArmor profiles", "boot with apparmor=1 security=apparmor, and apt install apparmor",
	    sbx_probe_apparmor },
	{ "selinux", "SELinux contexts", "boot with selinux=1 security=selinux, and set up a policy",
	    sbx_probe_selinux },
	{ "cgroup-v2", "the hierarchy of control groups that limits need",
	    "boot with systemd.unified_cgroup_hierarchy=1", sbx_probe_cgroup_v2 },
	{ "cgroup-memory", "memory limits", DELEGATE_REMEDY, sbx_probe_cgroup_memory },
	{ "cgroup-pids", "limits of the number of processes", DELEGATE_REMEDY, sbx_probe_cgroup_pids },
	{ "cgroup-cpu", "CPU limits and weights", DELEGATE_REMEDY, sbx_probe_cgroup_cpu },
	{ "systemd-user", "control groups and units by the user's own systemd",
	    "log in by ssh or a display manager, or as root: loginctl enable-linger USER; "
	    "Debian: apt install dbus-user-session",
	    sbx_probe_systemd_user },
	{ "dbus-session", "the session bus, filtered or not",
	    "Debian: apt install dbus-user-session, then log in again", sbx_probe_dbus_session },
	{ "tty", "standard output is a terminal", "start sbx in a terminal", sbx_probe_tty },
	{ "wayland", "windows by Wayland", "start sbx in a Wayland session", sbx_probe_wayland },
	{ "x11", "windows by X11", "start sbx in an X session", sbx_probe_x11 },
	{ "merged-usr", "/bin, /sbin and /lib are links into /usr", "Debian: apt install usrmerge",
	    sbx_probe_merged_usr },
	{ "project-dir", "the current directory is a place where a project can live",
	    "change into the directory of the project", sbx_probe_project_dir },
	{ "cwd-in-home", "the current directory lies in the home directory", "change into a directory below the home",
	    sbx_probe_cwd_in_home },
};
const size_t sbx_n_features = ARRAY_LEN(sbx_features);

const struct sbx_feature *sbx_feature_find(const char *name)
{
	for (size_t i = 0; i < sbx_n_features; i++) {
		if (sbx_streq(sbx_features[i].name, name))
			return &sbx_features[i];
	}
	return NULL;
}

bool sbx_feature_check(const struct sbx_host *h, const struct sbx_feature *f, struct sbx_why *ret)
{
	struct sbx_why why = { "", NULL };
	bool there = f->probe(h, &why);

	if (there)
		why.remedy = NULL;
	else if (!why.remedy)
		why.remedy = f->remedy;
	*ret = why;
	return there;
}

bool sbx_host_has(const struct sbx_host *h, const char *name)
{
	const struct sbx_feature *f = sbx_feature_find(name);
	struct sbx_why why;

	assert(f);
	if (!h->fake_features) {
		/* Some answers cost a process; a profile may ask thousands of times. */
		signed char *known = h->feature_cache ? &h->feature_cache[f - sbx_features] : NULL;

		if (known && *known == 0)
			*known = sbx_feature_check(h, f, &why) ? 1 : -1;
		return known ? *known > 0 : sbx_feature_check(h, f, &why);
	}
	for (const char *const *p = h->fake_features; *p; p++) {
		if (sbx_streq(*p, name))
			return true;
	}
	return false;
}
