/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz target: a profile's text through reader, builder, planner and both dumps. */
#include "fuzz/fuzz.h"

/* Origins that name the profile are places in it. */
static void check_origins(const char *path, const char *text, size_t len, const struct sbx_spec *s)
{
	for (size_t i = 0; i < s->n_items; i++) {
		const struct sbx_origin *at = s->items[i].at;
		size_t start = 0;

		assert(at && at->file && at->line > 0 && at->column > 0);
		if (!sbx_streq(at->file, path))
			continue;
		assert(!at->from);
		for (unsigned line = 1; line < at->line; line++) {
			const char *nl = memchr(text + start, '\n', len - start);

			assert(nl);
			start = (size_t)(nl - text) + 1;
		}
		assert(start + at->column - 1 < len);
		assert(!memchr(text + start, '\n', at->column - 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const command[] = { "true", "--bind", NULL };
	struct sbx_arena a = { 0 };
	struct sbx_diags d = { .arena = &a };
	struct sbx_host h = fuzz_host(&a);
	/* Paths in includes count from the private directory. */
	const char *path = sbx_strf(&a, "%s/profiles/fuzz.profile", fuzz_top);
	const struct sbx_spec *s = fuzz_read(&a, &h, &d, path, "fuzz", (const char *)data, size);

	if (s) {
		struct sbx_spec with_command = *s;

		check_origins(path, (const char *)data, size, s);
		fuzz_check_spec(&a, &h, s);
		fuzz_check_plan(&a, &h, s);
		with_command.command = command;
		fuzz_check_plan(&a, &h, &with_command);
	}
	sbx_arena_free(&a);
	return 0;
}
