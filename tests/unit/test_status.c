/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a sandbox ended: exit status, signal, time, memory, filter, or a start that failed. */
#include "unit/support.h"

#include <signal.h>
#include <sys/wait.h>

#include "run/status.h"

static const char *reason(struct sbx_ending e, bool oom)
{
	return sbx_status_reason_name(sbx_status_reason(&e, oom));
}

#define ENDED(...) ((struct sbx_ending){ .ran = true, __VA_ARGS__ })

static void exits(void **state)
{
	(void)state;
	for (int status = 0; status < 256; status++) {
		assert_string_equal(
		    reason(ENDED(.wait_status = W_EXITCODE(status, 0), .exit_status = status), false), "exit");
		/* That the machine was out of memory is no reason of a command that exits. */
		assert_string_equal(
		    reason(ENDED(.wait_status = W_EXITCODE(status, 0), .exit_status = status), true), "exit");
	}
}

static void signals(void **state)
{
	(void)state;
	for (int sig = 1; sig < 65; sig++) {
		const char *want = sig == SIGSYS ? "seccomp" : "signal";

		assert_string_equal(reason(ENDED(.wait_status = sig, .exit_status = 128 + sig), false), want);
		/* With a core file. */
		assert_string_equal(reason(ENDED(.wait_status = sig | 0x80, .exit_status = 128 + sig), false), want);
		/* Only SIGKILL is the kernel's way. */
		assert_string_equal(reason(ENDED(.wait_status = sig), true), sig == SIGKILL ? "oom" : want);
		assert_string_equal(reason(ENDED(.wait_status = sig, .killed_by_us = true), true), want);
	}
	/* The whole sandbox was killed, and the command's status with it. */
	assert_string_equal(reason(ENDED(.wait_status = -1, .exit_status = 137), false), "signal");
	assert_string_equal(reason(ENDED(.wait_status = -1, .exit_status = 137), true), "oom");
	assert_string_equal(reason(ENDED(.wait_status = -1, .killed_by_us = true), true), "signal");
}

static void times(void **state)
{
	static const int ways[] = { -1, W_EXITCODE(0, 0), W_EXITCODE(3, 0), SIGTERM, SIGKILL, SIGSYS };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		for (int bits = 0; bits < 4; bits++) {
			assert_string_equal(
			    reason(
				ENDED(.wait_status = ways[i], .timed_out = true, .killed_by_us = bits & 1), bits & 2),
			    "timeout");
			/* What never ran can't have timed out, been killed or exited. */
			assert_string_equal(reason((struct sbx_ending){ .wait_status = ways[i],
						       .timed_out = bits & 1,
						       .killed_by_us = bits & 2,
						       .exit_status = 125 },
						bits & 1),
			    "set-up");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(exits), T(signals), T(times) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
