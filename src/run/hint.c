/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hint.c - what to do about an error: (operation × errno) → advice. */
#include "run/report.h"

#define ANY (-1)

static const char full[] = "make room there: see `df` and `df -i`; a tmpfs of the sandbox gets more by --size";
static const char quota[] = "the quota of this user is used up: remove files there, or have it raised; see quota(1)";

static const struct {
	int kind; /* enum sbx_op_kind or ANY */
	int err; /* errno or ANY */
	const char *advice;
} op_hints[] = {
	{ SBX_OP_BIND, ENOENT, "check the path; the word with -try skips a source that does not exist" },
	{ SBX_OP_BIND, EACCES, "you have no access to the source on the host, or to a directory on the way to it" },
	{ SBX_OP_BIND, ELOOP, "a symbolic link on the way leads in a circle, or into /proc/PID" },
	{ SBX_OP_BIND, ENOTDIR, "source and destination must both be directories, or both files" },
	{ SBX_OP_BIND, EISDIR, "source and destination must both be directories, or both files" },
	{ SBX_OP_BIND, EINVAL,
	    "the kernel copies no tree that an outer sandbox locked; bind the directories below it one by one" },
	{ SBX_OP_PROC, EPERM,
	    "an outer container covers part of /proc, and the kernel then allows no new one: bind it with "
	    "`--share-pid`, or run the outer container with an unmasked /proc" },
	{ SBX_OP_REMOUNT_RO, EINVAL, "it is not a mount point; bind the directory onto itself first" },
	{ SBX_OP_SYMLINK, EEXIST, "something else is there already" },
	{ SBX_OP_BIND, ESTALE, "open it anew; a file that was renamed or removed can't be mounted" },
	{ SBX_OP_BIND, EOPNOTSUPP, "this kernel or filesystem does not do what a modifier of the bind asks for" },
	{ SBX_OP_OVERLAY, EINVAL,
	    "a layer must hold no mounts and be no overlay itself, RWSRC and WORKDIR must be different "
	    "directories of one filesystem; the kernel's log says more" },
	{ SBX_OP_OVERLAY, EPERM,
	    "the kernel must allow overlays to users: Linux 5.11, and WORKDIR must be the caller's own" },
	{ SBX_OP_OVERLAY, ENODEV, "the kernel has no overlayfs; as root: modprobe overlay" },
	{ SBX_OP_OVERLAY, EBUSY, "RWSRC or WORKDIR is in use by another overlay" },
	{ SBX_OP_OVERLAY, ELOOP, "a layer is inside another one, or overlays are stacked more than two deep" },
	{ SBX_OP_OVERLAY, EXDEV, "RWSRC and WORKDIR must be directories of one mount" },
	{ SBX_OP_OVERLAY, ENOENT, "check the path of each layer, of RWSRC and of WORKDIR" },
	{ SBX_OP_OVERLAY, EACCES, "you have no access to a layer on the host, or to a directory on the way to it" },
	{ SBX_OP_CHMOD, ENOENT, "create it first, by --dir or --file" },
	{ SBX_OP_CHMOD, EPERM, "only its owner may change a mode" },
	{ SBX_OP_MQUEUE, EPERM, "an outer container or a security module forbids it; see `sbxctl doctor`" },
	{ SBX_OP_FILE, EBADF, "the descriptor must be open for reading" },
	{ SBX_OP_DATA, EBADF, "the descriptor must be open for reading" },
	{ SBX_OP_FILE, ENOSPC, full },
	{ SBX_OP_DATA, ENOSPC,
	    "the data is larger than the memory that a tmpfs may take, or too many mounts: fs.mount-max" },
	{ SBX_OP_DIR, ENOSPC, full },
	{ SBX_OP_SYMLINK, ENOSPC, full },
	{ ANY, EDQUOT, quota },
	{ SBX_OP_FILE, EISDIR, "the descriptor, or what is there already, is a directory" },
	{ SBX_OP_DATA, EISDIR, "the descriptor, or what is there already, is a directory" },
	{ SBX_OP_TMPFS, EINVAL,
	    "the kernel did not take the size or mode; or --uid or --gid is not mapped in the "
	    "user namespace that someone else made" },
	{ ANY, ENOSPC, "too many mounts: raise the sysctl fs.mount-max, or user.max_mnt_namespaces if it is 0" },
	{ ANY, EROFS,
	    "the place is read-only in the sandbox: put this directive before the one that makes it so, "
	    "or create the mount point on the host" },
	{ ANY, ENOSYS,
	    "this kernel lacks a call that sbx needs; Linux 5.12 has them all, unless an outer container forbids them" },
	{ ANY, EBUSY,
	    "something uses the mount: a file below it is open for writing, or it is the working directory of a process" },
	{ ANY, ENOMEM, "the machine or the cgroup has no memory left" },
	{ ANY, ENFILE, "the machine has too many open files: raise the sysctl fs.file-max" },
	{ ANY, EMFILE, "too many open files: raise `ulimit -n`" },
	{ ANY, ELOOP, "a symbolic link on the way leads in a circle, or into /proc/PID" },
	{ ANY, EPERM, "an outer container or a security module forbids it; see `sbxctl doctor`" },
};

static const struct {
	enum sbx_stage stage;
	int err;
	const char *advice;
} stage_hints[] = {
	{ SBX_STAGE_ROOT, ENOENT, "sbx stages the new root on /proc/fs: there must be a procfs on /proc" },
	{ SBX_STAGE_RLIMIT, EPERM, "the hard limit can't be raised above the caller's own; see `ulimit -Ha`" },
	{ SBX_STAGE_NICE, EACCES, "a nice value below the caller's needs RLIMIT_NICE; see limits.conf(5)" },
	{ SBX_STAGE_NICE, EPERM, "a nice value below the caller's needs RLIMIT_NICE; see limits.conf(5)" },
	{ SBX_STAGE_CHDIR, ENOENT, "the directory must exist inside the sandbox: bind it, or create it with --dir" },
	{ SBX_STAGE_CHDIR, ELOOP, "a symbolic link on the way leads in a circle, or into /proc/PID" },
	{ SBX_STAGE_KEYRING, EDQUOT, "too many keyrings of this user: raise the sysctl kernel.keys.maxkeys" },
	{ SBX_STAGE_USERNS_LIMIT, EROFS,
	    "an outer container made /proc/sys read-only; `enable-userns` does without the limit" },
	{ SBX_STAGE_USERNS_LIMIT, EACCES,
	    "an outer container covers /proc/sys; `enable-userns` does without the limit" },
	{ SBX_STAGE_USERNS_LIMIT, ENOENT,
	    "an outer container covers /proc/sys; `enable-userns` does without the limit" },
	{ SBX_STAGE_USERNS2, EPERM, "it must be below the namespace of --userns, and this user's" },
	{ SBX_STAGE_ASSERT_USERNS, 0,
	    "set user.max_user_namespaces to 0 in the joined namespace, or do without --userns" },
	{ SBX_STAGE_LOCK, ENOENT, "the file must exist inside the sandbox" },
	{ SBX_STAGE_LOCK, EAGAIN, "another process holds a write lock on it" },
	{ SBX_STAGE_LOCK, EACCES, "another process holds a write lock on it, or it can't be read" },
	{ SBX_STAGE_LOCK, EINVAL, "only a regular file can be locked" },
	{ SBX_STAGE_OUTPUT, ENOSPC, full },
	{ SBX_STAGE_OUTPUT, EDQUOT, quota },
	{ SBX_STAGE_PTY, ENOSPC, "too many terminals: raise the sysctl kernel.pty.max" },
	{ SBX_STAGE_PTY, ANY, "it is one of the devpts in the sandbox: `--dev /dev` mounts one" },
	{ SBX_STAGE_INIT, EAGAIN, "the limit on processes of this user is reached: see `ulimit -u`" },
	{ SBX_STAGE_ROOT, ENOSPC,
	    "the limit on mounts is reached: see the sysctls fs.mount-max and user.max_mnt_namespaces" },
	{ SBX_STAGE_FILTER, EINVAL,
	    "the kernel must be built with CONFIG_SECCOMP_FILTER, and a descriptor's program must be one that seccomp(2) takes" },
	{ SBX_STAGE_FILTER, ENOSYS,
	    "the kernel must be built with CONFIG_SECCOMP_FILTER; `--seccomp none --no-seccomp-floor` does without" },
	{ SBX_STAGE_FILTER, ENOMEM,
	    "all filters together may have 32768 instructions, those of outer sandboxes included" },
	{ SBX_STAGE_LISTENER, EBUSY, "of the filters of a process one can ask: start sbx outside of what watches it" },
	{ SBX_STAGE_EXEC, ENOEXEC, "not a program this machine runs, or a script without a #! line" },
	{ SBX_STAGE_EXEC, E2BIG, "arguments and environment are too long together" },
	{ SBX_STAGE_EXEC, ELIBBAD, "its dynamic linker is missing in the sandbox: bind /lib and /lib64" },
};

/* What says the same wherever it comes from */
const char *sbx_hint_for_errno(int err)
{
	if (err != EPERM && err != ENOSYS && err != EMFILE && err != ENFILE && err != ENOMEM && err != EBUSY)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(op_hints); i++) {
		if (op_hints[i].kind == ANY && op_hints[i].err == err)
			return op_hints[i].advice;
	}
	return NULL;
}

const char *sbx_hint_for_op(const struct sbx_op *op, int err)
{
	/* A device of `dev`, which nobody named */
	if (op->kind == SBX_OP_BIND && (op->flags & SBX_OP_DEV) && err == ENOENT && sbx_streq(op->src, op->dest) &&
	    sbx_starts_with(op->src, "/dev/"))
		return "this machine, or the sandbox that sbx runs in, has no such device: give that one a /dev (`--dev /dev`)";
	for (size_t i = 0; i < ARRAY_LEN(op_hints); i++) {
		if ((op_hints[i].kind == ANY || op_hints[i].kind == (int)op->kind) && op_hints[i].err == err)
			return op_hints[i].advice;
	}
	return NULL;
}

const char *sbx_hint_for_stage(enum sbx_stage stage, int err)
{
	for (size_t i = 0; i < ARRAY_LEN(stage_hints); i++) {
		if (stage_hints[i].stage == stage && (stage_hints[i].err == err || stage_hints[i].err == ANY))
			return stage_hints[i].advice;
	}
	return sbx_hint_for_errno(err);
}
