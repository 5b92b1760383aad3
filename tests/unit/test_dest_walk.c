/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk of dest_walk.c finds what openat2(2) finds: each way is looked up with the call and without it. */
#include "unit/support.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "run/dest.h"

/* From here on openat2(2) is not there. Not by architecture: the test makes native calls only. */
static bool forget_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };
	struct open_how how = { .flags = O_PATH };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
	       sys_openat2(AT_FDCWD, "/", &how) < 0 && errno == ENOSYS;
}

struct found {
	int err;
	dev_t dev;
	ino_t ino;
	int flags;
};

static void look(int root_fd, const char *path, enum sbx_dest_links links, struct found *ret)
{
	_cleanup_close_ int fd = sbx_dest_walk(root_fd, path, links);
	struct stat st;

	*ret = (struct found){ .err = fd < 0 ? -fd : 0 };
	if (fd >= 0 && fstat(fd, &st) == 0) {
		ret->dev = st.st_dev;
		ret->ino = st.st_ino;
		ret->flags = fcntl(fd, F_GETFL) & O_PATH ? fcntl(fd, F_GETFD) : -1;
	}
}

/* Looks all of them up twice and compares. */
static void compare(const char *root, const char *const *paths, size_t n)
{
	const size_t size = 2 * n * sizeof(struct found);
	struct found *with = sbx_alloc_array(&t_arena, 2 * n, sizeof *with);
	struct found *without = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	_cleanup_close_ int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int status = 0, fd = sys_openat2(AT_FDCWD, "/", &how);
	pid_t pid;

	if (fd < 0)
		skip();
	(void)close(fd);
	assert_true(root_fd >= 0);
	assert_ptr_not_equal(without, MAP_FAILED);
	for (size_t i = 0; i < 2 * n; i++)
		look(root_fd, paths[i / 2], i % 2 ? SBX_DEST_REFUSE : SBX_DEST_FOLLOW, &with[i]);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (!forget_openat2())
			_exit(77);
		for (size_t i = 0; i < 2 * n; i++)
			look(root_fd, paths[i / 2], i % 2 ? SBX_DEST_REFUSE : SBX_DEST_FOLLOW, &without[i]);
		/* Nothing stays open. */
		fd = dup(0);
		_exit(fd == root_fd + 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
	for (size_t i = 0; i < 2 * n; i++) {
		if (memcmp(&with[i], &without[i], sizeof *with) != 0)
			fail_msg("%s, %s: with openat2 error %d, inode %lu; without %d, %lu", paths[i / 2],
				 i % 2 ? "no links" : "links", with[i].err, (unsigned long)with[i].ino, without[i].err,
				 (unsigned long)without[i].ino);
	}
	(void)munmap(without, size);
}

static void link_to(const char *dir, const char *name, const char *target)
{
	assert_int_equal(symlink(target, sbx_strf(&t_arena, "%s/%s", dir, name)), 0);
}

static void ways(void **state)
{
	char *outer = t_mkdtemp(), *root = sbx_strf(&t_arena, "%s/root", outer);
	static char deep[2 * PATH_MAX], name[300];
	static const char *const fixed[] = {
		"", "/", "//", ".", "/.", "..", "/..", "../..", "/../../a", "a", "/a", "a/", "a/.", "a/..", "a/../a", "a//b",
		"a/b/file", "a/b/file/", "a/b/file/.", "a/b/file/..", "a/b/file/x", "a/b/../b/./file", "missing", "missing/",
		"missing/..", "missing/x", "a/missing", "../a/b", "a/../../../a/b/file", "rel", "rel/", "rel/file", "rel/..",
		"rel/../b", "abs", "abs/", "abs/file", "abs/../b/file", "up", "up/", "up/a", "up/..", "out", "out/x", "hostabs",
		"slash", "slash/a", "slash/../a", "tofile", "tofile/", "tofile/.", "tofile/x", "tofileslash", "dangling",
		"dangling/", "dangling/x", "loop", "loop/x", "self", "self/x", "chain1", "chain40", "chain41", "chain40/file",
		"chain41/file", "a/rel2", "a/rel2/b", "nodir", "nodir/x", "nodir/..", "nodir/.", "a/b/fifo", "a/b/fifo/", "toup/..",
		"sticky/mine", "sticky/mine/b", "dot", "dot/a", "dots/a", "file", "file/..", "/file//", "longlink/x",
	};
	const char *paths[ARRAY_LEN(fixed) + 3];
	size_t n = 0;

	(void)state;
	assert_int_equal(mkdir(root, 0755), 0);
	(void)t_write(root, "a/b/file", "x");
	(void)t_write(root, "file", "x");
	(void)t_write(outer, "a/b/file", "outer");
	(void)t_write(outer, "x", "outer");
	assert_int_equal(mkfifo(sbx_strf(&t_arena, "%s/a/b/fifo", root), 0600), 0);
	link_to(root, "rel", "a/b");
	link_to(root, "abs", "/a/b");
	link_to(root, "up", "../../../..");
	link_to(root, "out", "../a");
	link_to(root, "hostabs", outer);
	link_to(root, "slash", "/");
	link_to(root, "tofile", "a/b/file");
	link_to(root, "tofileslash", "a/b/file/");
	link_to(root, "dangling", "a/none");
	link_to(root, "loop", "loop2");
	link_to(root, "loop2", "loop");
	link_to(root, "self", "self");
	link_to(root, "a/rel2", "../rel/../../a");
	link_to(root, "toup", "a/b/..");
	link_to(root, "dot", ".");
	link_to(root, "dots", "./..//./");
	link_to(root, "chain1", "a/b");
	for (int i = 2; i <= 41; i++)
		link_to(root, sbx_strf(&t_arena, "chain%d", i), sbx_strf(&t_arena, "chain%d", i - 1));
	memset(deep, '/', PATH_MAX - 2);
	memcpy(deep + PATH_MAX - 10, "a/b/file", 8);
	deep[PATH_MAX - 2] = '\0';
	link_to(root, "longlink", deep);
	assert_int_equal(mkdir(sbx_strf(&t_arena, "%s/nodir", root), 0), 0);
	assert_int_equal(mkdir(sbx_strf(&t_arena, "%s/sticky", root), 0700), 0);
	assert_int_equal(chmod(sbx_strf(&t_arena, "%s/sticky", root), 01777), 0);
	link_to(root, "sticky/mine", "../a");
	for (; n < ARRAY_LEN(fixed); n++)
		paths[n] = fixed[n];
	memset(name, 'n', sizeof name - 1);
	paths[n++] = name;
	paths[n++] = sbx_strdup(&t_arena, deep);
	memset(deep, '/', sizeof deep - 1);
	paths[n++] = deep;
	compare(root, paths, n);
	t_remove(outer);
}

/* Links of procfs: those of processes jump, and are refused. Where the root is all of the host's. */
static void proc(void **state)
{
	static const char *const paths[] = {
		"/proc", "/proc/self/exe", "/proc/self/cwd", "/proc/self/cwd/", "/proc/self/root", "/proc/self/root/",
		"/proc/self/root/etc", "/proc/self/fd/0", "/proc/self/ns/mnt", "/proc/self/task/../cwd", "/proc/thread-self/root/x",
		"/proc/mounts/..", "/proc/sys/kernel/../kernel", "/proc/self/exe/..", "/dev/fd/0", "/dev/stdin", "/proc/self/root/..",
		"/proc/sys/kernel/ostype", "/sys/class/net/lo", "/sys/class/net/lo/mtu", "/dev/../etc/passwd",
	};

	(void)state;
	if (access("/proc/self/exe", F_OK) < 0)
		skip();
	compare("/", paths, ARRAY_LEN(paths));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(ways), T(proc) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
