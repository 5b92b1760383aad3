/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty.c - sits at a terminal: runs a program as leader of a session on a new one, types, waits for what is to appear,
 * and looks at the terminal's modes and foreground group.
 *
 *   pty CMD...     reads what to do from standard input, one step a line; \r \n \e \\ \OOO stand for themselves:
 *
 *   size ROWS COLUMNS   of the terminal
 *   send TEXT           type it
 *   wait TEXT           until it is printed, behind what was waited for before
 *   never TEXT          it was not printed, from the start on
 *   foreground self     until the foreground process group is that of CMD; `other`: until it is not
 *   save                the modes of the terminal now; `same`: until they are those again
 *   raw, cooked         until ICANON is off, on
 *   pause MS
 *   close               the terminal's window: a hang-up
 *   status N            until CMD ends, with exit status N, 128+N if signal N ended it
 *
 * Exit status 0 if all came true within TIMEOUT s each; else the step and all that was printed go to stderr.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MS = 10000, MAX = 1 << 22 };

static char seen[MAX + 1];
static size_t len, matched;
static int master, status = -1;
static pid_t child;
static struct termios saved;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void take(int timeout)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	ssize_t n;

	if (master < 0 || poll(&p, 1, timeout) <= 0) {
		if (master < 0)
			poll(NULL, 0, timeout);
		return;
	}
	n = read(master, seen + len, MAX - len);
	if (n > 0)
		len += (size_t)n;
	else
		poll(NULL, 0, timeout);
}

static size_t unescape(char *s)
{
	char *to = s, *start = s;

	while (*s) {
		if (*s != '\\') {
			*to++ = *s++;
			continue;
		}
		s++;
		if (*s == 'r') {
			*to++ = '\r', s++;
		} else if (*s == 'n') {
			*to++ = '\n', s++;
		} else if (*s == 'e') {
			*to++ = 27, s++;
		} else if (*s >= '0' && *s <= '7') {
			int c = 0;

			for (int i = 0; i < 3 && *s >= '0' && *s <= '7'; i++)
				c = c * 8 + (*s++ - '0');
			*to++ = (char)c;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
	return (size_t)(to - start);
}

static bool found(const char *text, size_t n)
{
	char *at = memmem(seen + matched, len - matched, text, n);

	if (at)
		matched = (size_t)(at - seen) + n;
	return at;
}

static bool ended(int want)
{
	int st;

	if (status < 0 && waitpid(child, &st, WNOHANG) == child)
		status = WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
	return status == want;
}

static bool modes(const char *word)
{
	struct termios t;

	if (tcgetattr(master, &t) < 0)
		return false;
	if (strcmp(word, "same") == 0)
		return t.c_iflag == saved.c_iflag && t.c_oflag == saved.c_oflag && t.c_lflag == saved.c_lflag &&
		       t.c_cflag == saved.c_cflag && memcmp(t.c_cc, saved.c_cc, sizeof t.c_cc) == 0;
	return !(t.c_lflag & ICANON) == (strcmp(word, "raw") == 0);
}

/* Whether a step has come true; 2 if the step is unknown. */
static int step(char *word, char *arg)
{
	size_t n;

	if (strcmp(word, "wait") == 0)
		return n = unescape(arg), found(arg, n);
	if (strcmp(word, "foreground") == 0)
		return (tcgetpgrp(master) == child) == (strcmp(arg, "self") == 0);
	if (strcmp(word, "same") == 0 || strcmp(word, "raw") == 0 || strcmp(word, "cooked") == 0)
		return modes(word);
	if (strcmp(word, "status") == 0)
		return ended(atoi(arg));
	if (strcmp(word, "never") == 0) {
		n = unescape(arg);
		take(50);
		return memmem(seen, len, arg, n) ? -1 : 1;
	}
	if (strcmp(word, "size") == 0) {
		struct winsize w = { 0 };

		if (sscanf(arg, "%hu %hu", &w.ws_row, &w.ws_col) != 2)
			return 2;
		return ioctl(master, TIOCSWINSZ, &w) == 0;
	}
	if (strcmp(word, "send") == 0) {
		n = unescape(arg);
		return write(master, arg, n) == (ssize_t)n;
	}
	if (strcmp(word, "save") == 0)
		return tcgetattr(master, &saved) == 0;
	if (strcmp(word, "pause") == 0) {
		for (int64_t end = now_ms() + atoi(arg); now_ms() < end;)
			take(10);
		return 1;
	}
	if (strcmp(word, "close") == 0) {
		close(master);
		master = -1;
		return 1;
	}
	return 2;
}

static int run(void)
{
	char line[4096], text[4096];

	while (fgets(line, sizeof line, stdin)) {
		int64_t end = now_ms() + TIMEOUT_MS;
		char *word = line + strspn(line, " \t"), *arg;
		int r;

		word[strcspn(word, "\n")] = '\0';
		if (!*word || *word == '#')
			continue;
		arg = word + strcspn(word, " ");
		if (*arg)
			*arg++ = '\0';
		do {
			strcpy(text, arg);
			r = step(word, text);
			if (r == 0)
				take(20);
		} while (r == 0 && now_ms() < end && status <= 0);
		/* What was printed last may come after the end. */
		for (int i = 0; r == 0 && status > 0 && i < 50; i++) {
			take(20);
			strcpy(text, arg);
			r = step(word, text);
		}
		if (r == 1)
			continue;
		fprintf(stderr, "%s: %s %s; exit status %d, foreground %d, child %d; printed, the last bytes not waited for:\n",
			r == 2 ? "unknown step" : "not come true", word, arg, status, (int)tcgetpgrp(master), (int)child);
		fwrite(seen, 1, matched, stderr);
		fprintf(stderr, "\n--------\n");
		fwrite(seen + matched, 1, len - matched, stderr);
		fprintf(stderr, "\n");
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int slave, r;

	if (argc < 2)
		return 2;
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return perror("pty"), 2;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return perror("pty"), 2;
	child = fork();
	if (child == 0) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (int fd = 0; fd <= 2; fd++)
			dup2(slave, fd);
		for (int sig = 1; sig < 32; sig++)
			signal(sig, SIG_DFL);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	close(slave);
	r = run();
	if (status < 0) {
		kill(child, SIGHUP);
		kill(child, SIGKILL);
		if (master >= 0)
			close(master);
		waitpid(child, &status, 0);
	}
	return r;
}
