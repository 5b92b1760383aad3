/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz target: mountinfo.c. What it lets through must be sorted, absolute, and a tree that can be asked anything. */
#include "base/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_arena a = { 0 };
	char *text = sbx_strndup(&a, (const char *)data, size);
	struct sbx_mount_table t;

	assert(sbx_mountinfo_parse_fdinfo(text) >= -EINVAL);
	if (sbx_mountinfo_parse(&a, (const char *)data, size, &t) == 0) {
		for (size_t i = 0; i < t.n; i++) {
			const struct sbx_mount *m = &t.items[i];

			assert(m->path[0] == '/' && m->id >= 0 && m->parent >= 0);
			assert(i == 0 || t.items[i - 1].id < m->id);
			assert(sbx_mountinfo_find(&t, m->id) == m);
			assert(sbx_mountinfo_is_below(&t, m, m->id));
			(void)sbx_mountinfo_is_below(&t, m, m->parent);
			(void)sbx_mountinfo_is_covered(&t, m);
		}
	}
	sbx_arena_free(&a);
	return 0;
}
