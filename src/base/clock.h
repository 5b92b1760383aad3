/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clock.h - deadlines on CLOCK_MONOTONIC, in milliseconds; -1 is none. */
#ifndef SBX_BASE_CLOCK_H
#define SBX_BASE_CLOCK_H

#include <limits.h>
#include <time.h>

#include "base/base.h"

static inline int64_t sbx_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline bool sbx_is_past(int64_t deadline)
{
	return deadline >= 0 && sbx_now_ms() >= deadline;
}

/* As poll(2) takes it; a far one may end the poll before its time. */
static inline int sbx_ms_until(int64_t deadline)
{
	int64_t left = deadline - sbx_now_ms();

	return deadline < 0 ? -1 : left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

#endif
