/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deadlines, and how long poll(2) may wait for them. */
#include "unit/support.h"

#include "base/clock.h"

/* A machine that stands still for so long between two calls is not tested on. */
enum { HOUR = 3600 * 1000 };

static void now(void **state)
{
	int64_t a = sbx_now_ms(), b = sbx_now_ms();
	struct timespec ts;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	assert_true(a > 0 && b >= a);
	assert_true(ts.tv_sec * 1000LL + ts.tv_nsec / 1000000 - a < HOUR);
}

static void past(void **state)
{
	(void)state;
	assert_true(sbx_is_past(0));
	assert_int_equal(sbx_ms_until(0), 0);
	assert_true(sbx_is_past(sbx_now_ms()));
	assert_int_equal(sbx_ms_until(sbx_now_ms()), 0);
	assert_true(sbx_is_past(sbx_now_ms() - 1));
	assert_int_equal(sbx_ms_until(sbx_now_ms() - 1), 0);
}

static void to_come(void **state)
{
	int64_t deadline = sbx_now_ms() + 2 * HOUR;
	int left = sbx_ms_until(deadline);

	(void)state;
	assert_false(sbx_is_past(deadline));
	assert_true(left > HOUR && left <= 2 * HOUR);
}

/* More than poll(2) can be told is not cut to a short or a negative time. */
static void far(void **state)
{
	(void)state;
	assert_int_equal(sbx_ms_until(sbx_now_ms() + INT_MAX + HOUR), INT_MAX);
	assert_int_equal(sbx_ms_until(sbx_now_ms() + UINT32_MAX + HOUR), INT_MAX);
	assert_int_equal(sbx_ms_until(INT64_MAX), INT_MAX);
	assert_false(sbx_is_past(INT64_MAX));
}

static void none(void **state)
{
	(void)state;
	assert_false(sbx_is_past(-1));
	assert_int_equal(sbx_ms_until(-1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(now), T(past), T(to_come), T(far), T(none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
