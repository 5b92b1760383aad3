/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ctl_profile.c - sbxctl profile list|show|check|path. Nothing here starts a sandbox or needs a namespace. */
#include "base/json.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "plan/dump.h"
#include "plan/lint.h"
#include "spec/cli.h"

struct args {
	const struct sbx_host *host;
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	bool json, names, werror;
	const char *name; /* first word that is no option */
	char **words; /* all of them */
	int n_words;
};

static int usage(const char *text)
{
	sbx_log(SBX_LOG_ERROR, "%s", text);
	sbx_log(SBX_LOG_ERROR,
	    "usage: sbxctl profile list [--names|--json] | show [--json] NAME | check [--werror] [NAME…] | path NAME");
	return SBX_EXIT_FAILURE;
}

static int finish(struct args *a, int status)
{
	sbx_log_diags(a->diags);
	return a->diags->n_errors ? SBX_EXIT_FAILURE : status;
}

static const char *describe(const struct args *a, const char *name)
{
	return sbx_ctl_describe(a->host, a->arena, &sbx_search_profiles, name);
}

static int list(struct args *a)
{
	struct sbx_buf out = { .arena = a->arena };
	struct sbx_json j = { .out = &out };
	struct sbx_listed *all;
	size_t n;

	if (sbx_search_list(a->host, a->arena, &sbx_search_profiles, &all, &n) < 0)
		return finish(a, SBX_EXIT_FAILURE);
	if (a->json)
		sbx_json_open(&j, NULL, '[');
	for (size_t i = 0; i < n; i++) {
		if (a->json) {
			sbx_json_open(&j, NULL, '{');
			sbx_json_str(&j, "name", all[i].name);
			sbx_json_str(&j, "path", all[i].path);
			sbx_json_bool(&j, "masked", all[i].masked);
			sbx_json_str(&j, "description", describe(a, all[i].name));
			sbx_json_close(&j, '}');
		} else if (a->names) {
			if (!all[i].masked)
				sbx_buf_addf(&out, "%s\n", all[i].name);
		} else {
			sbx_buf_addf(&out, "%-20s %s\n", all[i].name,
			    all[i].masked ? "(masked)" : sbx_escape(a->arena, describe(a, all[i].name)));
		}
	}
	if (a->json)
		sbx_json_close(&j, ']');
	return sbx_ctl_print(&out);
}

static const struct sbx_spec *load(struct args *a, const char *name)
{
	struct sbx_cli cli = { 0 };
	const struct sbx_spec *spec;
	const char *notice;

	cli.profile.text = name;
	if (sbx_cli_spec(a->arena, a->host, a->diags, &cli, &spec, &notice) < 0)
		return NULL;
	return spec;
}

static int show(struct args *a)
{
	struct sbx_buf out = { .arena = a->arena };
	const struct sbx_spec *spec = load(a, a->name);

	if (!spec)
		return finish(a, SBX_EXIT_FAILURE);
	if (a->json)
		sbx_dump_spec_json(&out, spec);
	else
		sbx_dump_spec_text(&out, spec);
	return finish(a, sbx_ctl_print(&out));
}

static int path(struct args *a)
{
	struct sbx_buf out = { .arena = a->arena };
	struct sbx_found found;

	if (sbx_search(a->host, a->arena, a->diags, &sbx_search_profiles, a->name, a->host->cwd, NULL, SBX_FIND_MUST,
		&found) < 0)
		return finish(a, SBX_EXIT_FAILURE);
	sbx_buf_addf(&out, "%s\n", found.main.path);
	for (size_t i = 0; i < found.n_dropins; i++)
		sbx_buf_addf(&out, "%s\n", found.dropins[i].path);
	return finish(a, sbx_ctl_print(&out));
}

static bool check_one(struct args *a, const char *name)
{
	struct sbx_diags d = { .arena = a->arena };
	struct sbx_host host = *a->host;
	struct args one = *a;
	const struct sbx_spec *spec;
	struct sbx_filters filters;
	const struct sbx_plan *plan;

	one.diags = &d;
	spec = load(&one, name);
	if (spec && sbx_plan_needs_subids(spec) && sbx_host_load_subids(&host, &d) < 0)
		spec = NULL;
	if (spec && sbx_filters_load(&host, a->arena, &d, spec, &filters) < 0)
		spec = NULL;
	if (spec && sbx_plan_build(a->arena, spec, &filters, &host, &d, &plan) == 0)
		sbx_lint_plan(plan, &host, &d);
	sbx_log_diags(&d);
	return d.n_errors == 0 && !(a->werror && d.n_warnings);
}

static int check(struct args *a)
{
	struct sbx_listed *all;
	bool ok = true;
	size_t n;

	for (int i = 0; i < a->n_words; i++)
		ok = check_one(a, a->words[i]) && ok;
	if (a->n_words == 0) {
		if (sbx_search_list(a->host, a->arena, &sbx_search_profiles, &all, &n) < 0)
			return finish(a, SBX_EXIT_FAILURE);
		for (size_t i = 0; i < n; i++) {
			if (!all[i].masked)
				ok = check_one(a, all[i].name) && ok;
		}
	}
	return ok ? 0 : SBX_EXIT_FAILURE;
}

int sbx_ctl_profile(const struct sbx_host *h, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct args *);
		int min, max;
		bool json, names, werror;
	} verbs[] = {
		{ "list", list, 0, 0, true, true, false },
		{ "show", show, 1, 1, true, false, false },
		{ "check", check, 0, INT32_MAX, false, false, true },
		{ "path", path, 1, 1, false, false, false },
	};
	_cleanup_(sbx_arena_free) struct sbx_arena arena = { 0 };
	struct sbx_diags diags = { .arena = &arena };
	struct args a = { .host = h, .arena = &arena, .diags = &diags };
	bool options = true;

	a.words = sbx_alloc_array(&arena, (size_t)argc + 1, sizeof *a.words);
	for (int i = 2; i < argc; i++) {
		if (options && sbx_streq(argv[i], "--"))
			options = false;
		else if (options && sbx_streq(argv[i], "--json"))
			a.json = true;
		else if (options && sbx_streq(argv[i], "--names"))
			a.names = true;
		else if (options && sbx_streq(argv[i], "--werror"))
			a.werror = true;
		else if (options && argv[i][0] == '-')
			return usage(sbx_strf(&arena, "unknown option '%s'", argv[i]));
		else
			a.words[a.n_words++] = argv[i];
	}
	a.name = a.words[0];
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(verbs); i++) {
		if (!sbx_streq(argv[1], verbs[i].name))
			continue;
		if ((a.json && !verbs[i].json) || (a.names && !verbs[i].names) || (a.werror && !verbs[i].werror))
			return usage(sbx_strf(&arena, "profile %s does not take that option", argv[1]));
		if (a.n_words < verbs[i].min || a.n_words > verbs[i].max)
			return usage(sbx_strf(&arena, "profile %s takes %s", argv[1],
			    verbs[i].max ? "the name of one profile" : "no name"));
		return verbs[i].run(&a);
	}
	return usage(
	    argc > 1 ? sbx_strf(&arena, "unknown verb 'profile %s'", argv[1]) : "profile: list, show, check or path?");
}
