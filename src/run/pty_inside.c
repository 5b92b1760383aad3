/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pty_inside.c - the sandbox's side of --pty; see pty.h. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "run/control.h"
#include "run/pty.h"

/* As the caller's terminal is; without one nobody types, and what is sent in need not be shown. */
static int set_up(const struct sbx_plan *plan, int tty_fd)
{
	struct termios modes;
	struct winsize size;

	if (tcgetattr(STDIN_FILENO, &modes) < 0) {
		if (tcgetattr(tty_fd, &modes) < 0)
			return -errno;
		modes.c_lflag &= ~(tcflag_t)ECHO;
	}
	if (tcsetattr(tty_fd, TCSANOW, &modes) < 0)
		return -errno;
	for (int fd = 0; fd <= 2; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
			(void)ioctl(tty_fd, TIOCSWINSZ, &size);
			break;
		}
	}
	/* The command opens it by its name too. */
	if ((plan->uid != plan->caller_uid || plan->gid != plan->caller_gid) &&
	    fchown(tty_fd, plan->uid, plan->gid) < 0)
		return -errno;
	return 0;
}

int sbx_pty_open(const struct sbx_plan *plan, int control_fd, int *ret_tty_fd)
{
	/* Non-blocking for the supervisor; and what is there may be anything that was mounted. */
	_cleanup_close_ int master_fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), tty_fd = -1;
	const struct sbx_control_status text = { .kind = SBX_CONTROL_PTY };
	const int unlock = 0;
	struct stat st;
	int r;

	if (master_fd < 0 || fstat(master_fd, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
		return -ENOTTY;
	if (ioctl(master_fd, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	/* Not by name: in this mount namespace the name could be another's (Linux 4.13). */
	tty_fd = ioctl(master_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty_fd < 0)
		return -errno;
	r = set_up(plan, tty_fd);
	if (r < 0)
		return r;
	if (setsid() < 0 || ioctl(tty_fd, TIOCSCTTY, 0) < 0)
		return -errno;
	r = sbx_send_fd(control_fd, &text, sizeof text, master_fd);
	if (r < 0)
		return r;
	*ret_tty_fd = TAKE_FD(tty_fd);
	return 0;
}

int sbx_pty_enter(int tty_fd, bool background)
{
	if (setpgid(0, 0) < 0 || (!background && tcsetpgrp(tty_fd, getpid()) < 0))
		return -errno;
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(tty_fd, fd) < 0)
			return -errno;
	}
	return 0;
}

void sbx_pty_set_foreground(int tty_fd, pid_t command, bool foreground)
{
	(void)tcsetpgrp(tty_fd, foreground ? command : getpgrp());
}
