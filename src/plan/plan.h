/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan.h - all that a start will do, decided before anything is done.
 *
 * sbx_plan_build() is pure: it reads a sealed spec and host facts and touches nothing, so "spec + made-up
 * host → list of operations" is a unit test. The launcher obeys the plan and decides nothing.
 */
#ifndef SBX_PLAN_PLAN_H
#define SBX_PLAN_PLAN_H

#include <sys/types.h>

#include "policy/filters.h"

enum sbx_op_kind {
	SBX_OP_BIND, /* clone the host tree at src and attach it at dest */
	SBX_OP_TMPFS, /* new tmpfs at dest; mode, size (0: kernel's default) */
	SBX_OP_PROC, /* new procfs of the sandbox's pid namespace; with src the host's */
	SBX_OP_DEVPTS, /* new devpts instance */
	SBX_OP_MQUEUE, /* message queues of the IPC namespace */
	SBX_OP_OVERLAY, /* new overlayfs of layers; upper and work or, without SBX_OP_RO, thrown away */
	SBX_OP_FILE, /* make the file dest of what fd gives; mode */
	SBX_OP_DATA, /* the same as a file of sbx's own that is mounted on dest */
	SBX_OP_CHMOD, /* change dest's mode */
	SBX_OP_CONSOLE, /* the caller's terminal src as the file dest, skipped if it has gone */
	SBX_OP_DIR, /* make directory dest; mode */
	SBX_OP_SYMLINK, /* make link dest to src */
	SBX_OP_REMOUNT_RO, /* make the mount at dest read-only */
	SBX_OP_HIDE, /* cover dest, if it exists */
	SBX_OP_PROTECT, /* keep the host's sbx directories unwritable wherever they are seen */
	SBX_OP_COUNT
};

enum sbx_op_flags {
	SBX_OP_RO = 1 << 0, /* read-only, all mounts below included */
	SBX_OP_DEV = 1 << 1, /* device files work */
	SBX_OP_TRY = 1 << 2, /* skipped without a word if src does not exist (the -try words) */
	SBX_OP_MAY_FAIL = 1 << 3, /* skipped with a notice if it can't be done (`try`) */
	SBX_OP_FROM_FD = 1 << 5, /* the source is what fd is open on */
	SBX_OP_IDMAP = 1 << 6, /* owners on disk are ids of the sandbox */
	SBX_OP_OWN_HOME =
	    1 << 4, /* src is a kept home of sbx, the one place below its data directory that may be writable */
};

struct sbx_op {
	enum sbx_op_kind kind;
	unsigned flags; /* enum sbx_op_flags */
	const struct sbx_origin *at; /* directive that asked; NULL: sbx's own rule */
	unsigned attrs; /* enum sbx_attr of a mount */
	int fd; /* of the caller: with SBX_OP_FROM_FD, SBX_OP_FILE, SBX_OP_DATA */
	const char *const *layers; /* of an overlay, NULL-terminated host paths, the bottom one first */
	const char *upper, *work; /* of an overlay that is kept */
	const char *src; /* absolute host path; target of a symlink */
	const char *dest; /* absolute path in the sandbox, resolved inside the new root */
	mode_t mode;
	uint64_t size;
};

/* One line of uid_map or gid_map, user_namespaces(7). */
struct sbx_id_extent {
	uint32_t inner, outer, count;
};

enum sbx_map_writer {
	SBX_MAP_SELF, /* one id: the sandbox's first process writes it */
	SBX_MAP_HELPER, /* ranges: newuidmap(1) and newgidmap(1) */
	SBX_MAP_PARENT, /* every id, only root may: the supervisor writes it */
	SBX_MAP_OTHER, /* someone else, who is waited for: userns-block-fd */
	SBX_MAP_JOINED, /* whoever made the user namespace that is joined */
};

/* A file descriptor of the caller; at NULL: none. */
struct sbx_plan_fd {
	int fd;
	const struct sbx_origin *at;
};

/* A file of the host for one of the command's standard streams; path NULL: the caller's stream. */
struct sbx_output {
	const char *path;
	bool append;
	const struct sbx_origin *at;
};

struct sbx_id_map {
	struct sbx_id_extent *extents;
	size_t n;
	const struct sbx_origin *at; /* first directive that asked for ranges, or NULL */
};

struct sbx_env {
	const char *name, *value;
	const struct sbx_origin *at; /* NULL: the caller's */
};

struct sbx_plan {
	const char *profile; /* or NULL */
	const char *const *argv; /* the command; argv[0] as it will see it */
	const char *file; /* what to execute: a path, or a name that is looked up in the sandbox's PATH */
	const struct sbx_origin *argv0_at;

	uint64_t namespaces; /* CLONE_NEW… flags; always user and mount */
	bool nested; /* the command gets a user namespace of its own below the sandbox's: run/nested.h */
	bool enable_userns; /* the command may make user namespaces */
	bool limit_cgroupns; /* it may make no cgroup namespaces, by which the host's cgroups could be mounted */
	const struct sbx_origin *userns_at; /* directive that lets it escape its mounts: enable-userns or cap-add */
	uint64_t late_namespaces; /* those of `namespaces` that are made with it */
	const struct sbx_origin *share_at[5]; /* why net, pid, ipc, uts, cgroup are not new: enum sbx_share */
	struct sbx_plan_fd userns, userns2, pidns; /* namespaces to be joined */
	bool assert_userns; /* prove that the command can make no user namespaces */
	const struct sbx_origin *assert_at;
	const char *hostname; /* or NULL */
	const struct sbx_origin *hostname_at;

	enum sbx_map_writer map_writer;
	struct sbx_id_map uid_map, gid_map;
	uid_t uid; /* of the command, as seen inside */
	gid_t gid;
	uid_t caller_uid; /* of the caller, as seen inside: owns tmpfs and created files until the seal */
	gid_t caller_gid; /* both are unknown, (uid_t)-1, if uid or gid is said and someone else writes the maps */
	bool drop_groups; /* supplementary groups can be and are dropped (gid ranges) */

	struct sbx_op *ops;
	size_t n_ops;
	const char *const *make_dirs; /* NULL-terminated: host directories of sbx that are made first, mode 0700 */
	const char *const *protect; /* NULL-terminated: host directories that SBX_OP_PROTECT guards */
	size_t n_protect_own; /* the first of them, which are the caller's own; the others are for all to read */

	struct sbx_env *env;
	size_t n_env;
	/* Start directory: the first of these that exists; just one if the user said which. */
	const char *chdir[4];
	const struct sbx_origin *chdir_at;

	uint64_t caps; /* bit set of capabilities of the command; SBX_CAP_ALL for all that the kernel has */
	struct {
		struct sbx_rlimit limit;
		const struct sbx_origin *at;
		bool try;
	} * rlimits;
	size_t n_rlimits;
	bool set_nice, nice_try, set_umask;
	int nice;
	mode_t umask;
	const struct sbx_origin *nice_at, *umask_at;

	const char *const *lock_files; /* NULL-terminated, in the sandbox */
	const struct sbx_origin *const *lock_at;
	struct sbx_output out[2]; /* standard output and error */
	bool as_pid_1; /* no init */

	struct sbx_plan_fd userns_block, block, info, status;
	struct sbx_plan_fd *keep_fds, *sync_fds;
	size_t n_keep_fds, n_sync_fds;
	struct sbx_plan_fd *fds; /* all that are named anywhere, in ascending order */
	size_t n_fds;
	bool summary;

	uint64_t timeout_ms, kill_after_ms; /* 0: no timeout */
	const struct sbx_origin *timeout_at, *kill_after_at, *die_at;
	bool die_with_parent;
	bool pty; /* a terminal of the command's own */
	const struct sbx_origin *pty_at;
	bool new_session; /* a session of its own, or with `pty` of init's; otherwise a process group in the caller's */
	const struct sbx_origin *new_session_at;

	struct sbx_seccomp {
		const char *name; /* of the text policy, NULL: none */
		const struct sbx_origin *at; /* NULL: nobody named it */
		bool floor;
		const struct sbx_origin *no_floor_at;
		bool report;
		const struct sbx_origin *report_at;
		bool listen; /* the supervisor is asked about calls: `report`, or --learn */
		const struct sbx_raw_filter *raw; /* programs of file descriptors */
		size_t n_raw;
		/* The policy on the floor, or the floor alone; NULL: there is no floor either, or policies were not loaded. */
		const struct sbx_policy *policy;
		unsigned abis;
		struct sbx_bpf plain; /* n 0: nothing to load */
		struct sbx_bpf reporting; /* the same with what the supervisor is asked about, if `listen` */
	} seccomp;

	struct {
		const char *path; /* the profile that is written, or NULL */
		const struct sbx_origin *at;
		bool merge;
	} learn;
};

enum sbx_share { SBX_SHARE_NET, SBX_SHARE_PID, SBX_SHARE_IPC, SBX_SHARE_UTS, SBX_SHARE_CGROUP };

/* Time from the --timeout signal to SIGKILL unless --kill-after says else; docker-stop(1) waits as long. */
enum { SBX_KILL_AFTER_DEFAULT_MS = 10000 };

/*
 * Decides everything. `filters` are those of the spec, or NULL to plan without any. Errors (contradictions, ids without a map, …) are added to `d` with the directive that
 * asked; *ret lives in `a`. A spec without a command (sbxctl profile check) gives a plan without one.
 */
int sbx_plan_build(struct sbx_arena *a, const struct sbx_spec *spec, const struct sbx_filters *filters,
    const struct sbx_host *host, struct sbx_diags *d, const struct sbx_plan **ret);

/* Whether the spec needs host->subuids and host->subgids. */
bool sbx_plan_needs_subids(const struct sbx_spec *spec);

/* Whether op->mode counts. */
static inline bool sbx_op_has_mode(const struct sbx_op *op)
{
	return op->kind == SBX_OP_TMPFS || op->kind == SBX_OP_DIR || op->kind == SBX_OP_FILE ||
	       op->kind == SBX_OP_DATA || op->kind == SBX_OP_CHMOD;
}

/* The directive that makes such an op: "ro-bind", "tmpfs", … */
const char *sbx_op_name(const struct sbx_op *op);

#endif
