/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * userns_why.c - tells apart why user namespaces and newuidmap(1) fail; see host.h. The kernel says little more
 * than EPERM for six causes, so the facts around it decide. Rules: user_namespaces(7), kernel/user_namespace.c.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "base/fd.h"
#include "base/value.h"
#include "host/host.h"

#define SYSCTL_REMEDY(name, value)                                        \
	"as root: echo '" name " = " value "' >/etc/sysctl.d/60-sbx.conf" \
	" && sysctl --system"

#define APPARMOR_REMEDY                                                                               \
	"as root: install an AppArmor profile that grants `userns,` to sbx (sbx's Debian package has" \
	" /etc/apparmor.d/sbx), then apparmor_parser -r /etc/apparmor.d/sbx;"                         \
	" or for every program: sysctl kernel.apparmor_restrict_unprivileged_userns=0"

static const struct sbx_why why_unsupported = {
	"this kernel has no user namespaces",
	"boot a kernel with CONFIG_USER_NS=y (every kernel of Debian has it)",
};
static const struct sbx_why why_limit_zero = {
	"user namespaces are switched off: user.max_user_namespaces is 0",
	SYSCTL_REMEDY("user.max_user_namespaces", "15000") "; in a sandbox of sbx: give the outer one --enable-userns",
};
static const struct sbx_why why_quota = {
	"this user has as many user namespaces as user.max_user_namespaces allows, or they are nested more than 32 deep",
	"end sandboxes that are no longer needed (lsns -t user lists them), or raise user.max_user_namespaces;"
	" in a sandbox: let the outer one allow user namespaces (no --disable-userns)",
};

/* The limits of the other kinds give the same ENOSPC. */
#define ZERO_LIMIT(kind, instead)                                                               \
	{                                                                                       \
		kind,                                                                           \
		{                                                                               \
			kind " namespaces are switched off: user.max_" kind "_namespaces is 0", \
			    instead SYSCTL_REMEDY("user.max_" kind "_namespaces", "15000")      \
		}                                                                               \
	}

static const struct {
	const char *kind;
	struct sbx_why why;
} why_zero[] = {
	ZERO_LIMIT("mnt", ""),
	ZERO_LIMIT("pid", "do without (`--share-pid`), or "),
	ZERO_LIMIT("net", "do without (`--share-net`), or "),
	ZERO_LIMIT("ipc", "do without (`--share-ipc`), or "),
	ZERO_LIMIT("uts", "do without (`--share-uts`), or "),
	ZERO_LIMIT("cgroup", "do without (`--share-cgroup`), or "),
	ZERO_LIMIT("time", "do without (no `--unshare-time`), or "),
};

static const struct sbx_why why_clone_sysctl = {
	"ordinary users may not create user namespaces: kernel.unprivileged_userns_clone is 0",
	SYSCTL_REMEDY("kernel.unprivileged_userns_clone", "1"),
};
static const struct sbx_why why_apparmor = {
	"AppArmor keeps user namespaces from programs without a profile that grants them"
	" (kernel.apparmor_restrict_unprivileged_userns is 1)",
	APPARMOR_REMEDY,
};
static const struct sbx_why why_lsm = {
	"a security module (AppArmor, SELinux) refuses user namespaces to this program",
	"as root, look for the denial: journalctl -k -g denied; then allow sbx in the policy that is named there",
};
static const struct sbx_why why_chroot = {
	"sbx runs in a chroot, and the kernel creates no user namespace in one",
	"enter the directory in another way than chroot(2): systemd-nspawn, a container, or sbuild's unshare mode",
};
static const struct sbx_why why_seccomp = {
	"a seccomp filter that was on sbx before it started (a container, a sandbox, a service) forbids it",
	"allow clone3, clone and unshare in the outer filter: systemd RestrictNamespaces=no;"
	" podman run --security-opt seccomp=unconfined",
};
static const struct sbx_why why_unmapped = {
	"the kernel refuses a user namespace without saying why; usual causes: a chroot, an outer container or sandbox,"
	" a user id that the outer user namespace does not map, a security module",
	"as root, look for a denial: journalctl -k -g denied; in a container, allow nested user namespaces",
};
static const struct sbx_why why_old_clone3 = {
	"this kernel has no clone3",
	"boot Linux 5.9 or newer",
};
static const struct sbx_why why_nproc = {
	"the user has as many processes as RLIMIT_NPROC or the cgroup's pids.max allows",
	"end processes, or raise the limit (ulimit -u, TasksMax=)",
};
static const struct sbx_why why_memory = {
	"the kernel has no memory left for a namespace",
	"free memory, or raise the memory limit of the cgroup",
};
static const struct sbx_why why_files = {
	"there is no file descriptor left for it",
	"raise the limit on open files: `ulimit -n`, or the sysctl fs.file-max",
};
static const struct sbx_why why_flags = {
	"this kernel has no namespace of one of the wanted kinds",
	"see sbxctl doctor; time namespaces need Linux 5.6",
};
static const struct sbx_why why_map = {
	"the kernel refused the id map; usual causes: an AppArmor or SELinux rule for user namespaces, an outer sandbox"
	" that has dropped the right to map this id",
	"as root, look for a denial: journalctl -k -g denied",
};
static const struct sbx_why why_setfcap = {
	"user 0 may map itself only with CAP_SETFCAP, which an outer container, sandbox or service has taken",
	"run sbx as another user, or leave the capability: docker run --cap-add SETFCAP,"
	" systemd CapabilityBoundingSet=CAP_SETFCAP",
};
static const struct sbx_why why_proc_read_only = {
	"the id map can't be written: /proc is read-only here",
	"let the outer container or sandbox mount /proc writable; the kernel itself guards what is in it",
};
static const struct sbx_why why_proc_missing = {
	"the id map can't be written: there is no procfs on /proc",
	"mount one: mount -t proc proc /proc, or --proc /proc of the outer sandbox",
};
static const struct sbx_why why_other = {
	"the kernel refused a user namespace",
	"see sbxctl doctor",
};

/* EPERM has the most causes. The order is that of the kernel's checks, the surest fact first. */
static struct sbx_why why_eperm(const struct sbx_userns_facts *f)
{
	if (f->unprivileged_userns_clone == 0)
		return why_clone_sysctl;
	if (f->in_chroot)
		return why_chroot;
	if (f->apparmor_restrict > 0)
		return why_apparmor;
	if (f->seccomp)
		return why_seccomp;
	return why_unmapped;
}

static struct sbx_why why_enospc(const struct sbx_userns_facts *f)
{
	if (f->max_user_namespaces == 0)
		return why_limit_zero;
	for (size_t i = 0; f->zero_limit && i < ARRAY_LEN(why_zero); i++) {
		if (sbx_streq(f->zero_limit, why_zero[i].kind))
			return why_zero[i].why;
	}
	return why_quota;
}

struct sbx_why sbx_userns_why(const struct sbx_userns_facts *f, int err, bool at_map)
{
	if (err < 0)
		err = -err;
	if (!f->supported)
		return why_unsupported;
	if (at_map) {
		/* Ubuntu 24.04 lets the namespace be made, then denies every capability in it. */
		if ((err == EPERM || err == EACCES) && f->apparmor_restrict > 0)
			return why_apparmor;
		if (err == EROFS)
			return why_proc_read_only;
		if (err == ENOENT || err == ENOTDIR)
			return why_proc_missing;
		return err == EPERM && f->no_setfcap ? why_setfcap : why_map;
	}
	switch (err) {
	case EPERM:
		return why_eperm(f);
	case EACCES:
		return f->apparmor_restrict > 0 ? why_apparmor : why_lsm;
	case ENOSPC:
	case EUSERS: /* until Linux 4.9 */
		return why_enospc(f);
	case ENOSYS:
		return f->seccomp ? why_seccomp : why_old_clone3;
	case EINVAL:
		return why_flags;
	case EAGAIN:
		return why_nproc;
	case ENOMEM:
		return why_memory;
	case EMFILE:
	case ENFILE:
		return why_files;
	default:
		return why_other;
	}
}

static int64_t read_number(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32];
	uint64_t v;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = sbx_read_all(fd, text, sizeof text - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return sbx_parse_u64(text, 0, INT64_MAX, &v) ? -1 : (int64_t)v;
}

/*
 * The kernel compares the root directory with the root of the mount namespace. From outside: a root that is not
 * the root of a mount is a chroot for sure. One on a mount point of its own is seen only by who may look at
 * pid 1, or not at all; false then.
 */
static bool root_is_chroot(void)
{
	struct statx x;
	struct stat own, init, own_ns, init_ns;

	if (statx(AT_FDCWD, "/", AT_NO_AUTOMOUNT, STATX_TYPE, &x) == 0 &&
	    (x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) && !(x.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return true;
	if (stat("/proc/self/ns/mnt", &own_ns) < 0 || stat("/proc/1/ns/mnt", &init_ns) < 0 ||
	    own_ns.st_ino != init_ns.st_ino || stat("/", &own) < 0 || stat("/proc/1/root", &init) < 0)
		return false;
	return own.st_dev != init.st_dev || own.st_ino != init.st_ino;
}

static const char *zero_limit(void)
{
	for (size_t i = 0; i < ARRAY_LEN(why_zero); i++) {
		char path[64];

		(void)snprintf(path, sizeof path, "/proc/sys/user/max_%s_namespaces", why_zero[i].kind);
		if (read_number(path) == 0)
			return why_zero[i].kind;
	}
	return NULL;
}

/* libcap is not for this room. */
static bool root_lacks_setfcap(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return geteuid() == 0 && syscall(SYS_capget, &head, data) == 0 && !(data[0].effective & 1U << CAP_SETFCAP);
}

void sbx_host_userns_facts(struct sbx_userns_facts *ret)
{
	struct sbx_userns_facts f = {
		.max_user_namespaces = read_number("/proc/sys/user/max_user_namespaces"),
		.unprivileged_userns_clone = read_number("/proc/sys/kernel/unprivileged_userns_clone"),
		.apparmor_restrict = read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
		.zero_limit = zero_limit(),
		.no_setfcap = root_lacks_setfcap(),
		.in_chroot = root_is_chroot(),
		.seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0,
		/* Without /proc nothing can be told, so the kernel is given the benefit of the doubt. */
		.supported = access("/proc/self/ns/user", F_OK) == 0 || access("/proc/self/ns", F_OK) < 0,
	};

	*ret = f;
}

/* Whether the file grants CAP_SETUID or CAP_SETGID: the xattr is struct vfs_cap_data of any revision. */
static bool has_file_capability(const char *program)
{
	struct vfs_ns_cap_data data = { 0 };
	ssize_t n = getxattr(program, "security.capability", &data, sizeof data);

	if (n < (ssize_t)XATTR_CAPS_SZ_1)
		return false;
	return le32toh(data.data[0].permitted) & ((1U << CAP_SETUID) | (1U << CAP_SETGID));
}

void sbx_host_idmap_facts(const char *program, struct sbx_idmap_facts *ret)
{
	struct sbx_idmap_facts f = { .program = program };
	struct statvfs fs;
	struct stat st;

	f.exists = stat(program, &st) == 0 && S_ISREG(st.st_mode) && access(program, X_OK) == 0;
	if (f.exists && geteuid() == 0) {
		/* What root runs keeps root's capabilities, setuid or not. */
		f.privileged = true;
	} else if (f.exists) {
		f.privileged = ((st.st_mode & S_ISUID) && st.st_uid == 0) || has_file_capability(program);
		f.nosuid = statvfs(program, &fs) == 0 && (fs.f_flag & ST_NOSUID);
		f.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	}
	*ret = f;
}

struct sbx_why sbx_idmap_why(struct sbx_arena *a, const struct sbx_idmap_facts *f)
{
	if (!f->exists)
		return (struct sbx_why){ sbx_strf(a, "%s is not there", f->program),
			"install newuidmap and newgidmap (Debian: apt install uidmap)" };
	/* Before the file's own rights: none of them counts under no_new_privs. */
	if (f->no_new_privs)
		return (
		    struct sbx_why){ sbx_strf(a, "%s cannot gain its rights: no_new_privs is set on sbx", f->program),
			"start sbx outside of the sandbox or service that sets it (systemd: NoNewPrivileges=no)" };
	if (f->nosuid)
		return (struct sbx_why){
			sbx_strf(a, "%s cannot gain its rights: it is on a file system mounted nosuid", f->program),
			"mount it without nosuid, or install newuidmap elsewhere and configure sbx with NEWUIDMAP=PATH"
		};
	if (!f->privileged)
		return (struct sbx_why){ sbx_strf(a, "%s has neither the setuid bit of root nor a file capability",
					     f->program),
			sbx_strf(a, "as root: chown root: %s && chmod u+s %s (Debian: apt install --reinstall uidmap)",
			    f->program, f->program) };
	return (struct sbx_why){ NULL, NULL };
}
