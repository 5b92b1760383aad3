/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * child.c - inside the new namespaces, in the order of a start: ids, network, host name, mounts, new root; then
 * the fork into init and command, and the command's seal and execve(2).
 */
#include "run/child.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "run/command.h"
#include "run/control.h"
#include "run/dest.h"
#include "run/fds.h"
#include "run/init.h"
#include "run/mounts.h"
#include "run/nested.h"
#include "run/pty.h"
#include "run/seal.h"
#include "run/userns.h"

int sbx_child_report(
    const struct sbx_child *c, enum sbx_report_kind kind, enum sbx_stage stage, int op, int err, const char *detail)
{
	struct sbx_report r = { .kind = kind, .stage = stage, .op = op, .err = err };

	/* Each wakes the supervisor, and a profile has many binds that may be missing. */
	if (kind == SBX_REPORT_NOTED && !sbx_log_has(SBX_LOG_INFO))
		return 0;
	if (detail)
		(void)snprintf(r.detail, sizeof r.detail, "%s", detail);
	return sbx_write_all(c->report_fd, &r, sizeof r);
}

_noreturn_ void sbx_child_fail(const struct sbx_child *c, enum sbx_stage stage, int op, int r, const char *detail)
{
	sbx_child_report(c, SBX_REPORT_FAILED, stage, op, -r, detail);
	_exit(SBX_EXIT_FAILURE);
}

static void wait_for_maps(struct sbx_child *c)
{
	struct sbx_control_signal go;

	/* End of file: the supervisor failed or died, and has said so itself. */
	if (recv(c->control_fd, &go, sizeof go, 0) != (ssize_t)sizeof go)
		_exit(SBX_EXIT_FAILURE);
}

static int loopback_up(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
		return -errno;
	ifr.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &ifr) < 0 ? -errno : 0;
}

static void run_ops(struct sbx_child *c, struct sbx_mounts *m)
{
	for (size_t i = 0; i < c->plan->n_ops; i++) {
		const struct sbx_op *op = &c->plan->ops[i];
		int r = sbx_mounts_do(m, op);

		/* A -try word whose source does not exist. */
		if (r > 0)
			sbx_child_report(c, SBX_REPORT_NOTED, SBX_STAGE_OP, (int)i, ENOENT, sbx_at_source);
		if (r >= 0)
			continue;
		if (!(op->flags & SBX_OP_MAY_FAIL))
			sbx_child_fail(c, SBX_STAGE_OP, (int)i, r, m->root.why);
		sbx_child_report(c, SBX_REPORT_SKIPPED, SBX_STAGE_OP, (int)i, -r, m->root.why);
	}
}

static int write_limit(const char *path, const char *limit)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, limit, 1) != 1 ? -errno : 0;
}

/*
 * A mount point can't be renamed in its own mount namespace only. In one of a nested user namespace the command
 * could leave our mounts behind and move what they cover away, on the host: guards, read-only binds in writable
 * ones, hides. It could also mount the host's cgroups. The limit counts for all namespaces below, and needs a
 * capability to be raised (user.max_user_namespaces, namespaces(7)).
 */
static void limit_userns(struct sbx_child *c)
{
	int r = 0;

	if (!c->plan->enable_userns)
		r = write_limit("/proc/sys/user/max_user_namespaces", c->plan->nested ? "1" : "0");
	if (r == 0 && c->plan->limit_cgroupns)
		r = write_limit("/proc/sys/user/max_cgroup_namespaces", "0");
	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_USERNS_LIMIT, -1, r, NULL);
}

/*
 * Never by a link of /proc/PID: a project's own link to /proc/self/fd/N would lead to a directory of the host that is
 * open here still, and out of the sandbox (CVE-2024-21626).
 */
static int enter_directory(int root_fd, const char *path)
{
	_cleanup_close_ int fd = sbx_dest_walk(root_fd, path, SBX_DEST_FOLLOW);

	if (fd < 0)
		return fd;
	return fchdir(fd) < 0 ? -errno : 0;
}

static void change_directory(struct sbx_child *c)
{
	_cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root_fd < 0)
		sbx_child_fail(c, SBX_STAGE_CHDIR, -1, -errno, NULL);
	for (size_t i = 0; i < ARRAY_LEN(c->plan->chdir) && c->plan->chdir[i]; i++) {
		int r = enter_directory(root_fd, c->plan->chdir[i]);

		if (r == 0)
			return;
		if (i == 0 && c->plan->chdir_at && !c->plan->chdir[1])
			sbx_child_fail(c, SBX_STAGE_CHDIR, -1, r, NULL);
		if (i == 0 && c->plan->chdir_at)
			sbx_child_report(c, SBX_REPORT_SKIPPED, SBX_STAGE_CHDIR, -1, -r, NULL);
		else if (i == 0)
			sbx_child_report(c, SBX_REPORT_NOTED, SBX_STAGE_CHDIR, -1, -r, NULL);
	}
}

/* What belongs to new network and UTS namespaces. */
void sbx_child_set_up_namespaces(struct sbx_child *c)
{
	int r = c->plan->share_at[SBX_SHARE_NET] ? 0 : loopback_up();

	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_NETWORK, -1, r, NULL);
	if (c->plan->hostname && sethostname(c->plan->hostname, strlen(c->plan->hostname)) < 0)
		sbx_child_fail(c, SBX_STAGE_HOSTNAME, -1, -errno, NULL);
}

/* `sealed_fd` is -1 if it is sealed; otherwise the command waits for that. */
static _noreturn_ void become_init(struct sbx_child *c, struct sbx_init *init, int sealed_fd)
{
	enum sbx_stage stage = SBX_STAGE_INIT;
	int r = sealed_fd < 0 ? 0 : sbx_seal_init(c->plan, &stage);

	if (r < 0) {
		(void)kill(init->command, SIGKILL);
		sbx_child_fail(c, stage, -1, r, NULL);
	}
	if (sealed_fd >= 0) {
		/* First: its end must be seen no later than anything that the command does. */
		sbx_close_p(&c->report_fd);
		if (write(sealed_fd, "", 1) != 1)
			_exit(SBX_EXIT_FAILURE);
		(void)close(sealed_fd);
	}
	sbx_close_p(&c->report_fd);
	/* Readers of the command's output must see its end when the command closes it. A terminal of its own stays. */
	for (int fd = 0; fd <= 2; fd++)
		(void)close(fd);
	for (int i = 0; i < 2; i++)
		sbx_close_p(&c->out_fd[i]);
	sbx_fds_close_inner(c->plan, true);
	sbx_init_run(init);
}

/* What init holds while the sandbox lives; locks are its own, fcntl_locking(2). */
static void take_locks(struct sbx_child *c)
{
	const struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	for (size_t i = 0; c->plan->lock_files[i]; i++) {
		int fd = open(c->plan->lock_files[i], O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0)
			sbx_child_fail(c, SBX_STAGE_LOCK, (int)i, -errno, NULL);
		if (!S_ISREG(st.st_mode))
			sbx_child_fail(c, SBX_STAGE_LOCK, (int)i, -EINVAL, NULL);
		if (fcntl(fd, F_SETLK, &lock) < 0)
			sbx_child_fail(c, SBX_STAGE_LOCK, (int)i, -errno, NULL);
	}
}

/* Someone outside says when the command may run; end of file says it too. */
static void wait_for_block(struct sbx_child *c)
{
	ssize_t n;

	if (!c->plan->block.at)
		return;
	do
		n = read(c->plan->block.fd, &(char){ 0 }, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		sbx_child_fail(c, SBX_STAGE_BLOCK, -1, -errno, NULL);
}

/*
 * One seal for both, then a fork that copies no memory: we stand still until the command has executed, or failed
 * to. Both are undumpable by then; execve(2) makes the command what it always is.
 */
static _noreturn_ void part_sealed(struct sbx_child *c, struct sbx_init *init, mode_t caller_umask)
{
	int r = sbx_seal_shared();

	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_CAPS, -1, r, NULL);
	init->command = vfork();
	if (init->command < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	if (init->command == 0) {
		/* Its own copy: the path of what it executes may lead through /proc/self/fd. */
		if (init->proc_fd >= 0)
			(void)close(init->proc_fd);
		sbx_command_run(c, NULL, -1, caller_umask);
	}
	become_init(c, init, -1);
}

/* Each has a seal of its own, or a user namespace: the command's may need what init must not keep. */
static _noreturn_ void part(struct sbx_child *c, struct sbx_nested *nested, struct sbx_init *init, mode_t caller_umask)
{
	int sealed[2];

	if (pipe2(sealed, O_CLOEXEC) < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	init->command = fork();
	if (init->command < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	if (init->command == 0) {
		(void)close(sealed[1]);
		sbx_close_p(&init->proc_fd);
		sbx_command_run(c, nested, sealed[0], caller_umask);
	}
	(void)close(sealed[0]);
	if (c->plan->nested)
		sbx_nested_map(nested, c->plan);
	become_init(c, init, sealed[1]);
}

/* Ids as they will be, and nobody outlives the supervisor. */
static void set_up_process(struct sbx_child *c)
{
	int r;

	c->tty_fd = -1;
	/* /proc/1/cmdline is for all to read. */
	memset(c->args, 0, c->args_len);
	(void)snprintf(c->args, c->args_len, "sbx-init");
	(void)prctl(PR_SET_NAME, "sbx-init");
	/*
	 * With a pid namespace the kernel ends all of it with us, so dying with the supervisor is enough. In a
	 * shared one we have to clean up, even if the command has stopped us.
	 */
	(void)prctl(PR_SET_PDEATHSIG, c->plan->share_at[SBX_SHARE_PID] ? SIGCONT : SIGKILL);
	/* Of all that runs in the sandbox, unless that gets a session of its own: see tty.h. */
	if (!c->plan->new_session && setpgid(0, 0) < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	/*
	 * The caller's session keyring holds its Kerberos and disk keys, keyrings(7). A filter of an outer sandbox may
	 * forbid to leave it; our own floor will forbid the command to use it.
	 */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
	    !(errno == EPERM && c->plan->seccomp.floor))
		sbx_child_fail(c, SBX_STAGE_KEYRING, -1, -errno, NULL);
	if (sbx_child_waits(c->plan))
		wait_for_maps(c);
	if (c->plan->map_writer == SBX_MAP_SELF) {
		r = sbx_userns_map_self(c->plan);
		if (r < 0)
			sbx_child_fail(c, SBX_STAGE_IDMAP, -1, r, NULL);
	}
}

static void set_up_root(struct sbx_child *c)
{
	struct sbx_mounts mounts;
	int r = sbx_mounts_begin(&mounts, c->arena, c->plan);

	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_ROOT, -1, r, mounts.root.why);
	mounts.idmap_fd = c->idmap_fd;
	run_ops(c, &mounts);
	sbx_close_p(&c->idmap_fd);
	limit_userns(c);
	r = sbx_mounts_enter(&mounts);
	if (r < 0)
		sbx_child_fail(c, SBX_STAGE_PIVOT, -1, r, NULL);
}

void sbx_child_run(struct sbx_child *c)
{
	struct sbx_init init = { .control_fd = c->control_fd, .proc_fd = -1 };
	struct sbx_nested nested = { -1, -1, -1 };
	mode_t caller_umask = umask(0);
	int r;
	sigset_t chld;

	sbx_fds_close_outer(c->plan);
	set_up_process(c);
	if (!c->plan->nested)
		sbx_child_set_up_namespaces(c);
	else if ((r = sbx_nested_prepare(&nested)) < 0)
		sbx_child_fail(c, SBX_STAGE_NESTED, -1, r, NULL);
	if (c->plan->share_at[SBX_SHARE_PID]) {
		init.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (init.proc_fd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	}
	/* Of a time namespace only children are members, and the command is one. */
	if (c->later_namespaces && unshare((int)c->later_namespaces) < 0)
		sbx_child_fail(c, SBX_STAGE_TIMENS, -1, -errno, NULL);
	set_up_root(c);
	if (c->plan->userns2.at && setns(c->plan->userns2.fd, CLONE_NEWUSER) < 0)
		sbx_child_fail(c, SBX_STAGE_USERNS2, -1, -errno, NULL);
	sbx_fds_close_used(c->plan);
	change_directory(c);
	take_locks(c);
	wait_for_block(c);
	if (c->plan->as_pid_1)
		sbx_command_run(c, &nested, -1, caller_umask);
	if (c->plan->pty && (r = sbx_pty_open(c->plan, c->control_fd, &c->tty_fd)) < 0)
		sbx_child_fail(c, SBX_STAGE_PTY, -1, r, NULL);
	init.tty_fd = c->tty_fd;
	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	init.leads_group = !c->plan->new_session;
	for (size_t i = 0; i < ARRAY_LEN(sbx_init_typed) && init.leads_group; i++)
		(void)sigaddset(&chld, sbx_init_typed[i]);
	init.signal_fd = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	if (init.signal_fd < 0)
		sbx_child_fail(c, SBX_STAGE_INIT, -1, -errno, NULL);
	if (sbx_seal_is_shared(c->plan))
		part_sealed(c, &init, caller_umask);
	part(c, &nested, &init, caller_umask);
}
