/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tty.c - see tty.h. All signals are blocked, so a background process may set the foreground group, tcsetpgrp(3). */
#include "run/tty.h"

#include <fcntl.h>
#include <signal.h>

void sbx_tty_begin(struct sbx_tty *t)
{
	t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	t->eager = t->fd >= 0 && tcgetpgrp(STDIN_FILENO) > 0 && tcgetpgrp(STDOUT_FILENO) > 0;
	t->given = t->eager && sbx_tty_is_ours(t);
}

bool sbx_tty_is_ours(const struct sbx_tty *t)
{
	return t->fd >= 0 && tcgetpgrp(t->fd) == getpgrp();
}

bool sbx_tty_give(struct sbx_tty *t, pid_t group)
{
	if (sbx_tty_is_ours(t))
		t->given = tcsetpgrp(t->fd, group) == 0;
	return t->given;
}

pid_t sbx_tty_take_back(struct sbx_tty *t)
{
	pid_t group;

	if (!t->given)
		return 0;
	t->given = false;
	/* A shell inside may have passed it on to a group of its own. */
	group = tcgetpgrp(t->fd);
	if (group == getpgrp())
		return 0;
	(void)tcsetpgrp(t->fd, getpgrp());
	return group;
}

void sbx_tty_end(struct sbx_tty *t)
{
	pid_t group = t->fd < 0 ? -1 : tcgetpgrp(t->fd);

	if (t->given)
		(void)sbx_tty_take_back(t);
	else if (group > 0 && group != getpgrp() && kill(-group, 0) < 0 && errno == ESRCH)
		(void)tcsetpgrp(t->fd, getpgrp());
	if (t->wanted)
		(void)kill(0, SIGCONT);
	sbx_close_p(&t->fd);
}
