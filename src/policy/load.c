/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load.c - the files of a policy; see load.h. */
#include "policy/load.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "policy/oci.h"
#include "policy/read.h"
#include "spec/search.h"

enum { MAX_INCLUDE_DEPTH = 8, MAX_FILES = 100 };

struct loading {
	const struct sbx_host *host;
	const char *open_files[MAX_INCLUDE_DEPTH + 1];
	const char *beside; /* directory of the file that is read */
	unsigned depth, n_files;
};

static int load(struct sbx_policy_reader *r, const char *name, const struct sbx_origin *at);

static const char *directory(struct sbx_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? sbx_strndup(a, path, (size_t)(slash - path)) : ".";
}

static int read_found(struct sbx_policy_reader *r, const struct sbx_file *f, const struct sbx_origin *at, unsigned rank)
{
	struct loading *l = r->data;
	const char *beside = l->beside;
	unsigned outer = r->rank;
	int e;

	if (++l->n_files > MAX_FILES)
		return sbx_error(r->diags, -E2BIG, at, "more than %d files are read by include", MAX_FILES);
	l->beside = directory(r->arena, f->path);
	r->rank = rank;
	e = sbx_policy_read(r, f->path, at, f->text, f->len);
	l->beside = beside;
	r->rank = outer;
	return e;
}

static int load(struct sbx_policy_reader *r, const char *name, const struct sbx_origin *at)
{
	struct loading *l = r->data;
	struct sbx_found found;
	int result = 0, e;

	e = sbx_search(l->host, r->arena, r->diags, &sbx_search_policies, name, l->beside, at, SBX_FIND_MUST, &found);
	if (e < 0)
		return e;
	for (unsigned i = 0; i < l->depth; i++) {
		if (sbx_streq(l->open_files[i], found.main.path))
			return sbx_error(r->diags, -ELOOP, at, "'%s' includes itself", found.main.path);
	}
	if (l->depth > MAX_INCLUDE_DEPTH)
		return sbx_error(r->diags, -ELOOP, at, "includes are nested more than %d deep", MAX_INCLUDE_DEPTH);
	if (!r->policy->path)
		r->policy->path = found.main.path;
	l->open_files[l->depth++] = found.main.path;
	/* What is included has an origin of its own; the word of the command line is not one. */
	for (size_t i = 0; i < found.n_dropins; i++) {
		e = read_found(r, &found.dropins[i], at, l->depth * 2);
		result = e < 0 ? e : result;
	}
	e = read_found(r, &found.main, at, l->depth * 2 + 1);
	l->depth--;
	return e < 0 ? e : result;
}

static void complete(struct sbx_policy *p)
{
	if (!p->otherwise.at)
		p->otherwise.action = (struct sbx_action){ .kind = SBX_ACT_ERRNO, .err = EPERM };
	if (!p->unknown.at)
		p->unknown.action = (struct sbx_action){ .kind = SBX_ACT_ERRNO, .err = ENOSYS, .quiet = true };
	if (!p->badarch.at)
		p->badarch.action = (struct sbx_action){ .kind = SBX_ACT_KILL };
}

static bool is_json(const char *name)
{
	size_t n = strlen(name);

	return strchr(name, '/') && n > strlen(".json") && sbx_streq(name + n - strlen(".json"), ".json");
}

static int load_json(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const char *name,
    const struct sbx_origin *at, uint64_t caps, const struct sbx_policy **ret)
{
	struct sbx_oci_for target = { .native = sbx_abi_native(), .caps = caps };
	struct sbx_found found;
	struct utsname u;
	int e;

	e = sbx_search(h, a, d, &sbx_search_policies, name, h->cwd, at, SBX_FIND_MUST, &found);
	if (e < 0)
		return e;
	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &target.kernel_major, &target.kernel_minor) != 2)
		return sbx_error(d, -EINVAL, at, "can't tell the kernel's version, which '%s' may ask for", name);
	return sbx_policy_parse_oci(a, d, found.main.path, at, found.main.text, found.main.len, &target, ret);
}

static int load_policy(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const char *name,
    const struct sbx_origin *at, uint64_t caps, bool keep, const struct sbx_policy **ret)
{
	struct loading l = { .host = h, .beside = h->cwd };
	struct sbx_policy *p = SBX_NEW(a, struct sbx_policy);
	struct sbx_policy_reader r = { .arena = a, .diags = d, .policy = p, .include = load, .data = &l, .keep = keep };
	int e;

	if (is_json(name))
		return load_json(h, a, d, name, at, caps, ret);
	p->name = name;
	e = load(&r, name, at);
	if (e < 0)
		return e;
	sbx_policy_keep(&r);
	complete(p);
	*ret = p;
	return 0;
}

int sbx_policy_load(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const char *name,
    const struct sbx_origin *at, uint64_t caps, const struct sbx_policy **ret)
{
	return load_policy(h, a, d, name, at, caps, false, ret);
}

int sbx_policy_load_shown(const struct sbx_host *h, struct sbx_arena *a, struct sbx_diags *d, const char *name,
    const struct sbx_policy **ret)
{
	return load_policy(h, a, d, name, NULL, 0, true, ret);
}

static int parse_policy(struct sbx_arena *a, struct sbx_diags *d, const char *file, const char *text, size_t len, bool keep,
    const struct sbx_policy **ret)
{
	struct sbx_policy *p = SBX_NEW(a, struct sbx_policy);
	struct sbx_policy_reader r = { .arena = a, .diags = d, .policy = p, .keep = keep };
	int e;

	p->name = p->path = file;
	e = sbx_policy_read(&r, file, NULL, text, len);
	if (e < 0)
		return e;
	sbx_policy_keep(&r);
	complete(p);
	*ret = p;
	return 0;
}

int sbx_policy_parse(
    struct sbx_arena *a, struct sbx_diags *d, const char *file, const char *text, size_t len, const struct sbx_policy **ret)
{
	return parse_policy(a, d, file, text, len, false, ret);
}

int sbx_policy_parse_shown(
    struct sbx_arena *a, struct sbx_diags *d, const char *file, const char *text, size_t len, const struct sbx_policy **ret)
{
	return parse_policy(a, d, file, text, len, true, ret);
}
