/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole reads and writes, closing, repair of 0-2, descriptors through a socket. */
#include "unit/support.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/fd.h"

static void pipes(void **state)
{
	static char big[300000], back[sizeof big + 10];
	int p[2], status;
	pid_t pid;

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(p[0]);
		_exit(sbx_write_all(p[1], big, sizeof big) ? 1 : 0);
	}
	(void)close(p[1]);
	/* More than a pipe holds: short reads and writes on both sides. */
	assert_int_equal(sbx_read_all(p[0], back, sizeof back), sizeof big);
	assert_memory_equal(big, back, sizeof big);
	assert_int_equal(sbx_read_all(p[0], back, sizeof back), 0);
	(void)close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(sbx_write_all(-1, "x", 1), -EBADF);
	assert_int_equal(sbx_write_all(-1, "", 0), 0);
	assert_int_equal(sbx_read_all(-1, back, 1), -EBADF);
}

static void files(void **state)
{
	char *dir = t_mkdtemp(), *data = NULL;
	const char *path = t_write(dir, "f", "0123456789");
	size_t len = 0;
	int fd;

	(void)state;
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, path, 10, &data, &len), 0);
	assert_int_equal(len, 10);
	assert_string_equal(data, "0123456789");
	data = NULL;
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, path, 9, &data, &len), -EFBIG);
	assert_null(data);
	assert_int_equal(
	    sbx_read_path(&t_arena, AT_FDCWD, sbx_strf(&t_arena, "%s/none", dir), 9, &data, &len), -ENOENT);
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, dir, 9, &data, &len), -EISDIR);
	/* Relative to a directory; the fd stays open. */
	fd = open(dir, O_DIRECTORY | O_PATH | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(sbx_read_path(&t_arena, fd, "f", 100, &data, &len), 0);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	(void)close(fd);
	(void)t_write(dir, "empty", "");
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, sbx_strf(&t_arena, "%s/empty", dir), 0, &data, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(data, "");
	/* A fifo without a writer must not hang the start. */
	assert_int_equal(mkfifo(sbx_strf(&t_arena, "%s/fifo", dir), 0600), 0);
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, sbx_strf(&t_arena, "%s/fifo", dir), 9, &data, &len), 0);
	t_remove(dir);
}

static void sizes_that_lie(void **state)
{
	char *data, *dir = t_mkdtemp();
	char *text = sbx_alloc(&t_arena, 100001);
	size_t len;
	const char *path;

	(void)state;
	/* Files of /proc say 0 bytes. */
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, "/proc/self/status", 1 << 20, &data, &len), 0);
	assert_true(len > 100 && strlen(data) == len);
	memset(text, 'y', 100000);
	path = t_write(dir, "big", text);
	assert_int_equal(sbx_read_path(&t_arena, AT_FDCWD, path, 1 << 20, &data, &len), 0);
	assert_int_equal(len, 100000);
	assert_string_equal(data, text);
	t_remove(dir);
}

/* Runs in a child, whose fds it may close: 0 if all is well, else the number of the failed step. */
static int in_child(int (*run)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool is_null(int fd)
{
	struct stat st, null;

	return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev &&
	       S_ISCHR(st.st_mode);
}

static int repair(void)
{
	(void)close(0);
	(void)close(2);
	if (sbx_repair_stdio() != 0)
		return 1;
	if (!is_null(0) || !is_null(2) || fcntl(1, F_GETFD) < 0)
		return 2;
	/* They must survive execve(2). */
	if (fcntl(0, F_GETFD) != 0 || fcntl(2, F_GETFD) != 0)
		return 3;
	return sbx_repair_stdio() == 0 ? 0 : 4;
}

static int close_from(void)
{
	int a = fcntl(1, F_DUPFD, 50), b = fcntl(1, F_DUPFD, 200);

	if (a < 50 || b < 200 || sbx_close_range(60, ~0U) != 0)
		return 1;
	return fcntl(a, F_GETFD) >= 0 && fcntl(b, F_GETFD) < 0 && fcntl(1, F_GETFD) >= 0 ? 0 : 2;
}

/* From here on these two calls are not there. */
static bool forget(unsigned a, unsigned b)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, a, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, b, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Many descriptors, more than one reading of the list has room for, and one far up. */
static int close_each(void)
{
	int high = fcntl(1, F_DUPFD, 900);

	if (high < 900)
		return 1;
	for (int i = 0; i < 500; i++) {
		if (fcntl(1, F_DUPFD, 300) < 0)
			return 2;
	}
	if (sbx_cloexec_from(500) != 0 || fcntl(499, F_GETFD) != 0 || fcntl(1, F_GETFD) != 0)
		return 3;
	for (int fd = 500; fd < 800; fd++) {
		if (fcntl(fd, F_GETFD) != FD_CLOEXEC)
			return 4;
	}
	if (fcntl(high, F_GETFD) != FD_CLOEXEC || sbx_close_range(400, ~0U) != 0 || fcntl(399, F_GETFD) != 0)
		return 5;
	for (int fd = 400; fd < 1000; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			return 6;
	}
	return fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0 || fcntl(2, F_GETFD) < 0 ? 7 : 0;
}

static int close_by_list(void)
{
	return forget(SYS_close_range, SYS_close_range) ? close_each() : 77;
}

static int close_by_number(void)
{
	return forget(SYS_close_range, SYS_getdents64) ? close_each() : 77;
}

static void without_close_range(void **state)
{
	int r = in_child(close_by_list);

	(void)state;
	if (r == 77)
		skip();
	assert_int_equal(in_child(close_each), 0);
	assert_int_equal(r, 0);
	assert_int_equal(in_child(close_by_number), 0);
}

static int null_fd(void)
{
	return sbx_null_fd(0) == 0 && is_null(0) ? 0 : 1;
}

static int above_stdio(void)
{
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 10), moved;

	if (sbx_fd_above_stdio(fd) != fd)
		return 1;
	moved = sbx_fd_above_stdio(1);
	if (moved <= 2 || fcntl(1, F_GETFD) >= 0 || fcntl(moved, F_GETFD) != FD_CLOEXEC)
		return 2;
	return sbx_fd_above_stdio(1) == -EBADF ? 0 : 3;
}

static void standard_fds(void **state)
{
	(void)state;
	assert_int_equal(in_child(repair), 0);
	assert_int_equal(in_child(close_from), 0);
	assert_int_equal(in_child(null_fd), 0);
	assert_int_equal(in_child(above_stdio), 0);
}

static int n_open(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void same_file(int fd, int other)
{
	struct stat st, want;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(fstat(other, &want), 0);
	assert_true(st.st_dev == want.st_dev && st.st_ino == want.st_ino);
}

static void sent_fd(void **state)
{
	int s[2], p[2], fd = -2, before = n_open();
	char buf[16] = "";

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	assert_int_equal(pipe(p), 0);
	/* Nothing is there yet: it does not wait. */
	assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), -EAGAIN);
	assert_int_equal(fd, -1);
	/* What was sent is without close-on-exec, what comes has it; two messages stay two. */
	assert_int_equal(sbx_send_fd(s[0], "first", 5, p[0]), 0);
	assert_int_equal(sbx_send_fd(s[0], "2", 1, p[1]), 0);
	assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), 5);
	assert_memory_equal(buf, "first", 5);
	assert_true(fd > 2);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	same_file(fd, p[0]);
	(void)close(fd);
	assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), 1);
	assert_true(fd > 2);
	(void)close(fd);
	/* No descriptor came */
	fd = -2;
	assert_int_equal(send(s[0], "text", 4, 0), 4);
	assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), 4);
	assert_int_equal(fd, -1);
	/* One that is not open can't be sent. */
	(void)close(p[0]);
	assert_int_equal(sbx_send_fd(s[0], "x", 1, p[0]), -EBADF);
	/* The other end is gone: no SIGPIPE. */
	(void)close(s[0]);
	fd = -2;
	assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(sbx_send_fd(s[1], "x", 1, p[1]), -EPIPE);
	(void)close(s[1]);
	(void)close(p[1]);
	fd = -2;
	assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), -EBADF);
	assert_int_equal(fd, -1);
	assert_int_equal(n_open(), before);
}

/* The alignment of control messages leaves room for a second descriptor where one is expected. */
static void sent_too_many(void **state)
{
	int s[2], fd = -2, before = n_open();
	char buf[16];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	for (size_t n = 2; n <= 4; n++) {
		int fds[4] = { 0, 1, 2, 1 };
		union {
			struct cmsghdr header;
			char space[CMSG_SPACE(sizeof fds)];
		} control = { 0 };
		struct iovec io = { .iov_base = buf, .iov_len = 1 };
		struct msghdr msg = { .msg_iov = &io,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = CMSG_SPACE(n * sizeof *fds) };

		control.header = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(n * sizeof *fds)
		};
		memcpy(CMSG_DATA(&control.header), fds, n * sizeof *fds);
		buf[0] = 'x';
		assert_int_equal(sendmsg(s[0], &msg, 0), 1);
		assert_int_equal(sbx_recv_fd(s[1], buf, sizeof buf, &fd), 1);
		/* The first one is there, all others are nowhere. */
		assert_int_equal(n_open(), before + 2 + (fd >= 0));
		assert_true(fd > 2);
		same_file(fd, 0);
		(void)close(fd);
	}
	(void)close(s[0]);
	(void)close(s[1]);
	assert_int_equal(n_open(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(pipes), T(files), T(sizes_that_lie), T(standard_fds),
		T(without_close_range), T(sent_fd), T(sent_too_many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
