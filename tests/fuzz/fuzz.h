/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz.h - what the fuzz targets of the language share: a made-up host with a private search path, and what must
 * hold of every spec and plan, whatever words they came from.
 */
#ifndef SBX_TESTS_FUZZ_FUZZ_H
#define SBX_TESTS_FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/value.h"
#include "plan/dump.h"
#include "plan/lint.h"
#include "spec/cli.h"
#include "spec/lex.h"
#include "strict_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char fuzz_top[] = "/tmp/sbx-fuzz-XXXXXX";

static const struct {
	const char *name, *text;
} fuzz_files[] = {
	{ "a.profile", "sbx-profile 1\nro-bind /usr /usr\nperms 0700\ndir /a\n" },
	{ "b.profile", "sbx-profile 1\ninclude a\ninclude ./c.inc\nhome tmpfs\n" },
	{ "c.inc", "sbx-profile 1\nsetenv C ${PROFILE}\n" },
	{ "d.profile", "sbx-profile 1\ninclude d\n" },
	{ "e.profile", "sbx-profile 1\nbnid x\ninclude nope\n" },
	{ "default.profile", "sbx-profile 1\ndev /dev\nproc /proc\n" },
	{ "f.profile", "" },
};

static inline void fuzz_clean_up(void)
{
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(fuzz_files); i++) {
		(void)snprintf(path, sizeof path, "%s/profiles/%s", fuzz_top, fuzz_files[i].name);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof path, "%s/profiles", fuzz_top);
	(void)rmdir(path);
	(void)rmdir(fuzz_top);
}

/* Makes the search path, once. */
static inline void fuzz_set_up(void)
{
	static bool done;
	char path[128];

	if (done)
		return;
	done = true;
	if (!mkdtemp(fuzz_top))
		abort();
	(void)snprintf(path, sizeof path, "%s/profiles", fuzz_top);
	if (mkdir(path, 0700) < 0 || atexit(fuzz_clean_up) != 0)
		abort();
	for (size_t i = 0; i < ARRAY_LEN(fuzz_files); i++) {
		int fd;

		(void)snprintf(path, sizeof path, "%s/profiles/%s", fuzz_top, fuzz_files[i].name);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || sbx_write_all(fd, fuzz_files[i].text, strlen(fuzz_files[i].text)) < 0)
			abort();
		(void)close(fd);
	}
}

static inline struct sbx_host fuzz_host(struct sbx_arena *a)
{
	static const char *const paths[] = { "/", "/usr", "/bin", "/home/alice", NULL };
	/* All that a profile may require, so that no machine is asked why something is missing. */
	static const char *features[64];
	static char home[] = "HOME=/home/alice", odd[] = "ODD=a \"b' #${HOME}\\\n\xff\x1b", empty[] = "EMPTY=";
	static char *env[] = { home, odd, empty, NULL };
	static struct sbx_subid ids[] = { { 100000, 65536 }, { 1000000, 1 } };

	for (size_t i = 0; i < sbx_n_features && i < ARRAY_LEN(features) - 1; i++)
		features[i] = sbx_features[i].name;
	fuzz_set_up();
	return (struct sbx_host){
		.arena = a,
		.uid = getuid(),
		.gid = 1000,
		.user = "alice",
		.home = "/home/alice",
		.cwd = "/home/alice/project",
		.config_home = "/home/alice/.config",
		.data_home = "/home/alice/.local/share",
		.state_home = "/home/alice/.local/state",
		.cache_home = "/home/alice/.cache",
		.id = "0123456789ab",
		.tty = "/dev/pts/0",
		.env = env,
		.search_dirs = { NULL, fuzz_top },
		.subuids = ids,
		.subgids = ids,
		.n_subuids = ARRAY_LEN(ids),
		.n_subgids = ARRAY_LEN(ids),
		.fake_paths = paths,
		.fake_features = features,
	};
}

/* Text that is shown: UTF-8 without a control character but newlines. */
static inline void fuzz_check_shown(const char *text)
{
	assert(sbx_utf8_span(text, strlen(text)) == strlen(text));
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		assert((*p >= 0x20 || *p == '\n') && *p != 0x7f && !(*p == 0xc2 && p[1] < 0xa0));
}

/* Errors have codes, counts and text; a failure says why. */
static inline void fuzz_check_diags(const struct sbx_diags *d, bool failed)
{
	unsigned errors = 0;

	assert(!failed || d->n_errors > 0);
	for (size_t i = 0; i < d->n; i++) {
		assert(*d->items[i].text);
		assert((d->items[i].severity == SBX_ERROR) == (d->items[i].code < 0));
		errors += d->items[i].severity == SBX_ERROR;
		for (const struct sbx_origin *o = d->items[i].at; o; o = o->from)
			assert(o->line > 0 && o->column > 0);
	}
	assert(errors == d->n_errors || (errors == SBX_DIAGS_MAX_ERRORS && d->n_errors > errors));
}

/* Reads `text` as the profile `path`. NULL after errors. */
static inline const struct sbx_spec *fuzz_read(struct sbx_arena *a, const struct sbx_host *h, struct sbx_diags *d,
    const char *path, const char *name, const char *text, size_t len)
{
	struct sbx_builder b = { .arena = a, .host = h, .diags = d };
	struct sbx_reader r = { .builder = &b, .profile = name };
	struct sbx_found found = { .main = { .path = path, .text = text, .len = len } };
	struct sbx_spec *s;
	int e = sbx_reader_found(&r, &found, NULL);

	assert(r.depth == 0);
	assert((e < 0) == (d->n_errors > 0));
	fuzz_check_diags(d, e < 0);
	if (e < 0)
		return NULL;
	assert(sbx_builder_end(&b) == 0);
	s = sbx_builder_seal(&b);
	s->profile = name;
	return s;
}

static inline const char *fuzz_spec_text(struct sbx_arena *a, const struct sbx_spec *s)
{
	struct sbx_buf b = { .arena = a };

	sbx_dump_spec_text(&b, s);
	return sbx_buf_str(&b);
}

/* What is shown of a spec is a profile that gives the same spec, but for the origins. */
static inline void fuzz_check_spec(struct sbx_arena *a, const struct sbx_host *h, const struct sbx_spec *s)
{
	const char *text = fuzz_spec_text(a, s);
	struct sbx_diags d = { .arena = a };
	struct sbx_buf json = { .arena = a };
	const struct sbx_spec *again;

	fuzz_check_shown(text);
	sbx_dump_spec_json(&json, s);
	fuzz_check_shown(json.data);
	assert(!strict_json_bad(json.data));
	/* A descriptor of the caller can't be named in a profile. */
	for (size_t i = 0; i < s->n_items; i++) {
		const struct sbx_item *item = &s->items[i];

		if (!(item->def->flags & F_PROFILE) ||
		    (item->def->id == SBX_OPT_SECCOMP && item->arg[0].seccomp.kind == SBX_SECCOMP_FD))
			return;
	}
	/* Escapes can lengthen a line or a file beyond what a profile may hold. */
	if (strlen(text) > SBX_LEX_MAX_FILE)
		return;
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		if (strcspn(p, "\n") > SBX_LEX_MAX_LINE)
			return;
	}
	again = fuzz_read(a, h, &d, "/again.profile", s->profile, text, strlen(text));
	assert(again && again->n_items == s->n_items);
	for (size_t i = 0; i < s->n_items; i++) {
		const struct sbx_item *x = &s->items[i], *y = &again->items[i];

		assert(x->def == y->def && x->try == y->try);
		assert(!x->mods.perms.at == !y->mods.perms.at && x->mods.perms.value == y->mods.perms.value);
		assert(!x->mods.size.at == !y->mods.size.at && x->mods.size.value == y->mods.size.value);
		assert(x->mods.attrs.value == y->mods.attrs.value && !x->mods.idmap == !y->mods.idmap);
		assert(x->mods.n_layers == y->mods.n_layers);
		for (size_t k = 0; k < x->mods.n_layers; k++)
			assert(sbx_streq(x->mods.layers[k].text, y->mods.layers[k].text));
		for (unsigned k = 0; k < x->def->n_args; k++)
			assert(sbx_streq(x->arg[k].text, y->arg[k].text));
	}
}

/* `root` may map any id, also groups that are not its own. */
static inline void fuzz_check_map(const struct sbx_id_map *map, uint32_t own, bool root)
{
	bool mapped = false;

	assert(map->n >= 1 && map->n <= 340);
	for (size_t i = 0; i < map->n; i++) {
		const struct sbx_id_extent *e = &map->extents[i];

		assert(e->count > 0 && e->count <= UINT32_MAX - e->inner && e->count <= UINT32_MAX - e->outer);
		/* Nobody else's id. */
		assert(root || (e->outer == own && e->count == 1) ||
		       (e->outer >= 100000 && e->outer + e->count <= 165536) || (e->outer == 1000000 && e->count == 1));
		mapped = mapped || (own >= e->outer && own - e->outer < e->count);
		for (size_t k = 0; k < i; k++) {
			const struct sbx_id_extent *o = &map->extents[k];

			assert(e->inner >= o->inner + o->count || o->inner >= e->inner + e->count);
			assert(e->outer >= o->outer + o->count || o->outer >= e->outer + e->count);
		}
	}
	assert(mapped);
}

/* Plans, checks and shows a spec. */
static inline void fuzz_check_plan(struct sbx_arena *a, const struct sbx_host *h, const struct sbx_spec *s)
{
	struct sbx_diags d = { .arena = a }, again = { .arena = a };
	struct sbx_buf text = { .arena = a }, same = { .arena = a }, json = { .arena = a };
	const struct sbx_plan *p, *q;
	int r = sbx_plan_build(a, s, NULL, h, &d, &p);

	(void)sbx_plan_needs_subids(s);
	fuzz_check_diags(&d, r < 0);
	assert((r < 0) == (d.n_errors > 0));
	if (r < 0)
		return;
	if (p->map_writer != SBX_MAP_OTHER && p->map_writer != SBX_MAP_JOINED) {
		fuzz_check_map(&p->uid_map, h->uid, h->uid == 0);
		fuzz_check_map(&p->gid_map, h->gid, h->uid == 0);
	}
	for (size_t i = 1; i < p->n_fds; i++)
		assert(p->fds[i - 1].fd < p->fds[i].fd);
	assert(p->chdir[0] && p->chdir[0][0] == '/' && !p->chdir[ARRAY_LEN(p->chdir) - 1]);
	for (size_t i = 0; i < p->n_ops; i++)
		assert(*sbx_op_name(&p->ops[i]));
	for (size_t i = 0; i < p->n_env; i++)
		assert(*p->env[i].name && !strchr(p->env[i].name, '='));
	sbx_dump_plan_text(&text, p);
	fuzz_check_shown(text.data);
	sbx_dump_plan_json(&json, p);
	fuzz_check_shown(json.data);
	assert(!strict_json_bad(json.data));
	/* Pure: the same again. */
	assert(sbx_plan_build(a, s, NULL, h, &again, &q) == 0);
	sbx_dump_plan_text(&same, q);
	assert(sbx_streq(text.data, same.data));
	sbx_lint_plan(p, h, &d);
	fuzz_check_diags(&d, false);
}

#endif
