/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz target: the three parsers of subid.c. What they let through must be a range that the kernel takes. */
#include "host/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sbx_subid *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(items[i].count > 0 && items[i].count <= UINT32_MAX - items[i].start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	const char *text = (const char *)data;
	struct sbx_subid *items;
	size_t n;

	if (sbx_subid_parse(&a, text, size, "alice", 1000, &items, &n) == 0)
		check(items, n);
	if (sbx_subid_parse(&a, text, size, NULL, 0, &items, &n) == 0)
		check(items, n);
	if (sbx_subid_parse_listing(&a, text, size, &items, &n) == 0)
		check(items, n);
	assert(*sbx_subid_source(&a, text, size));
	sbx_arena_free(&a);
	return 0;
}
