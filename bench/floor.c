/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * floor: the least that a rootless sandbox of sbx's kind costs on this kernel.
 *
 * One clone3 makes all seven namespaces, the child maps its own id, clones the
 * whole tree of / as its new root, pivots into it, drops the old root and
 * execs.  No parsing, no policy, no init, no supervision: what a launcher
 * needs beyond this is its own doing.
 *
 * Usage: floor PATH [ARG...]; the status is the command's own, 128+N when
 * signal N ended it, 125 when floor itself failed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_FLOOR 125

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0)
		err(EXIT_FLOOR, "open %s", path);
	if (write(fd, text, len) != (ssize_t)len)
		err(EXIT_FLOOR, "write %s", path);
	close(fd);
}

static void map_id(const char *path, unsigned int id)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "%u %u 1\n", id, id);
	write_file(path, line);
}

/*
 * The clone of / is mounted on top of / itself: the process' root is still the
 * mount below, so the two differ, as pivot_root demands, and no directory to
 * mount on has to be found or made.  Mounts that were shared came into this
 * less privileged mount namespace as slaves, so nothing needs to be made
 * private first (see mount_namespaces(7)).
 */
static void enter_new_root(void)
{
	int tree = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree < 0)
		err(EXIT_FLOOR, "open_tree /");
	if (move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		err(EXIT_FLOOR, "move_mount /");
	if (fchdir(tree) < 0)
		err(EXIT_FLOOR, "fchdir to the new root");
	close(tree);
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		err(EXIT_FLOOR, "pivot_root");
	/* The old root now lies on top of ".": take it away. */
	if (umount2(".", MNT_DETACH) < 0)
		err(EXIT_FLOOR, "umount of the old root");
	if (chdir("/") < 0)
		err(EXIT_FLOOR, "chdir /");
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
			 CLONE_NEWUTS | CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	/* Asked before the clone: in the new namespace both are unmapped. */
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int status;
	long pid;

	if (argc < 2)
		errx(EXIT_FLOOR, "usage: floor PATH [ARG...]");

	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		err(EXIT_FLOOR, "clone3");
	if (pid == 0) {
		write_file("/proc/self/setgroups", "deny");
		map_id("/proc/self/uid_map", uid);
		map_id("/proc/self/gid_map", gid);
		enter_new_root();
		execv(argv[1], argv + 1);
		err(EXIT_FLOOR, "exec %s", argv[1]);
	}

	if (waitpid((pid_t)pid, &status, 0) < 0)
		err(EXIT_FLOOR, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
