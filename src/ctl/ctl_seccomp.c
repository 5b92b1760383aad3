/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ctl_seccomp.c - sbxctl seccomp: list, show and check; the other verbs are in files of their own. Nothing here loads a
 * filter.
 */
#include "base/json.h"
#include "base/log.h"
#include "ctl/seccomp.h"
#include "plan/dump.h"
#include "policy/floor.h"
#include "policy/load.h"
#include "policy/show.h"

static int usage(const char *text)
{
	sbx_log(SBX_LOG_ERROR, "%s", text);
	sbx_log(SBX_LOG_ERROR, "usage: sbxctl seccomp list|show|check|explain|dump|diff|import …; `sbxctl --help` tells more");
	return SBX_EXIT_FAILURE;
}

const struct sbx_policy *sbx_ctl_policy(struct sbx_ctl_seccomp *a, const char *name, enum sbx_abi native)
{
	const struct sbx_policy *p;

	if (sbx_policy_load_shown(a->host, a->arena, a->diags, name, &p) < 0 ||
	    sbx_policy_check(p, a->arena, a->diags, native) < 0)
		return NULL;
	/* Doubts are for `check`. */
	*a->diags = (struct sbx_diags){ .arena = a->arena };
	return p;
}

const struct sbx_policy *sbx_ctl_on_floor(struct sbx_ctl_seccomp *a, const struct sbx_policy *p)
{
	return a->no_floor ? p : sbx_floor_under(a->arena, p, (struct sbx_floor){ 0 });
}

enum sbx_abi sbx_ctl_kernel(const struct sbx_ctl_seccomp *a)
{
	return sbx_abi_family(sbx_abi_native()) >> a->abi & 1 ? sbx_abi_native() : a->abi;
}

const char *sbx_ctl_decider(struct sbx_arena *a, const struct sbx_verdict *v)
{
	if (v->at)
		return sbx_escape(a, sbx_origin_str(a, v->at));
	switch (v->by) {
	case SBX_BY_RULE:
		return "sbx's floor";
	case SBX_BY_DEFAULT:
		return "no `default` is said";
	case SBX_BY_UNKNOWN:
		return "no `unknown` is said";
	case SBX_BY_BADARCH:
		break;
	}
	return "no `badarch` is said";
}

static void list_json(struct sbx_ctl_seccomp *a, const struct sbx_listed *all, size_t n, struct sbx_buf *out)
{
	struct sbx_json j = { .out = out };

	sbx_json_open(&j, NULL, '[');
	for (size_t i = 0; i < n; i++) {
		sbx_json_open(&j, NULL, '{');
		sbx_json_str(&j, "name", all[i].name);
		sbx_json_str(&j, "path", all[i].path);
		sbx_json_bool(&j, "masked", all[i].masked);
		sbx_json_str(&j, "description", sbx_ctl_describe(a->host, a->arena, &sbx_search_policies, all[i].name));
		sbx_json_close(&j, '}');
	}
	sbx_json_close(&j, ']');
}

static int list(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	struct sbx_listed *all;
	int width = 0;
	size_t n;

	if (sbx_search_list(a->host, a->arena, &sbx_search_policies, &all, &n) < 0)
		return SBX_EXIT_FAILURE;
	if (a->json)
		list_json(a, all, n, &out);
	for (size_t i = 0; i < n && !a->json && !a->names; i++) {
		int len = (int)strlen(sbx_escape(a->arena, all[i].path));

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < n && !a->json; i++) {
		const char *about =
		    all[i].masked ? "(masked)" : sbx_ctl_describe(a->host, a->arena, &sbx_search_policies, all[i].name);

		if (!a->names)
			sbx_buf_addf(&out, "%-12s %-*s %s\n", all[i].name, width, sbx_escape(a->arena, all[i].path),
			    sbx_escape(a->arena, about));
		else if (!all[i].masked)
			sbx_buf_addf(&out, "%s\n", all[i].name);
	}
	return sbx_ctl_print(&out);
}

static void show_json(const struct sbx_policy *p, const struct sbx_shown *all, size_t n, struct sbx_buf *out)
{
	const struct {
		const char *name;
		const struct sbx_setting *s;
	} settings[] = { { "default", &p->otherwise }, { "unknown", &p->unknown }, { "badarch", &p->badarch } };
	struct sbx_json j = { .out = out };

	sbx_json_open(&j, NULL, '{');
	sbx_json_str(&j, "name", p->name);
	sbx_json_str(&j, "path", p->path);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		sbx_json_str(&j, settings[i].name, sbx_action_str(out->arena, settings[i].s->action));
	sbx_json_open(&j, "arch", '[');
	for (int abi = 0; abi < SBX_N_ABIS; abi++) {
		if (p->abis >> abi & 1)
			sbx_json_str(&j, NULL, sbx_abi_info(abi)->name);
	}
	sbx_json_close(&j, ']');
	sbx_json_open(&j, "statements", '[');
	for (size_t i = 0; i < n; i++) {
		sbx_json_open(&j, NULL, '{');
		sbx_json_str(&j, "text", all[i].text);
		sbx_json_str(&j, "origin", all[i].at ? sbx_origin_str(out->arena, all[i].at) : NULL);
		sbx_json_close(&j, '}');
	}
	sbx_json_close(&j, ']');
	sbx_json_close(&j, '}');
}

/* A statement, and behind its first line where it is from. */
static void show_one(struct sbx_buf *out, const struct sbx_shown *s)
{
	size_t first = strcspn(s->text, "\n");

	sbx_buf_addf(out, "%.*s%*s# %s%s\n", (int)first, s->text, first < 56 ? (int)(56 - first) : 1, "",
	    s->at ? sbx_quote_word(out->arena, sbx_origin_str(out->arena, s->at)) : "not said", s->text + first);
}

static int show(struct sbx_ctl_seccomp *a)
{
	struct sbx_buf out = { .arena = a->arena };
	const struct sbx_policy *p;
	struct sbx_shown *all;
	size_t n;

	/* Also one that is only there to be included, and no policy by itself. */
	if (sbx_policy_load_shown(a->host, a->arena, a->diags, a->words[0], &p) < 0)
		return SBX_EXIT_FAILURE;
	all = sbx_policy_show(a->arena, p, &n);
	if (a->json) {
		show_json(p, all, n, &out);
		return sbx_ctl_print(&out);
	}
	sbx_buf_adds(&out, "sbx-policy 1\n");
	for (size_t i = 0; i < n; i++)
		show_one(&out, &all[i]);
	return sbx_ctl_print(&out);
}

static bool same_at(const struct sbx_origin *x, const struct sbx_origin *y)
{
	return x == y || (x && y && x->line == y->line && x->column == y->column && sbx_streq(x->file, y->file));
}

/* Adds what is new in `more`: most of what is said of one architecture is said of the next as well. */
static void add_new(struct sbx_diags *d, const struct sbx_diags *more)
{
	for (size_t i = 0; i < more->n; i++) {
		const struct sbx_diag *m = &more->items[i];
		bool known = false;

		for (size_t k = 0; k < d->n && !known; k++)
			known = same_at(d->items[k].at, m->at) && sbx_streq(d->items[k].text, m->text);
		if (known)
			continue;
		if (m->severity == SBX_ERROR)
			d->n_errors++;
		if (m->severity == SBX_WARNING)
			d->n_warnings++;
		SBX_APPEND(d->arena, d->items, d->n) = *m;
	}
}

/* One kernel; adds "NAME NUMBER" of its program to `out`. */
static void check_for(struct sbx_ctl_seccomp *a, const struct sbx_policy *p, enum sbx_abi native, struct sbx_diags *d,
    struct sbx_buf *out)
{
	struct sbx_diags mine = { .arena = a->arena };
	struct sbx_bpf bpf;

	if (sbx_policy_check(p, a->arena, &mine, native) == 0) {
		sbx_policy_lint(p, a->arena, &mine, native);
		if (sbx_bpf_compile(
			a->arena, &mine, sbx_ctl_on_floor(a, p), sbx_policy_abis(p, native), SBX_BPF_PLAIN, &bpf) == 0)
			sbx_buf_addf(out, "%s%s %zu", out->len ? ", " : "", sbx_abi_info(native)->name, bpf.n);
	}
	add_new(d, &mine);
}

static bool check_one(struct sbx_ctl_seccomp *a, const char *name)
{
	struct sbx_diags d = { .arena = a->arena };
	struct sbx_buf sizes = { .arena = a->arena }, out = { .arena = a->arena };
	const struct sbx_policy *p = NULL;
	bool ok;

	if (sbx_policy_load_shown(a->host, a->arena, &d, name, &p) == 0 && (p->n_rules || p->otherwise.at)) {
		for (int abi = 0; abi < SBX_N_ABIS; abi++) {
			if (a->all_archs || abi == (int)sbx_ctl_kernel(a))
				check_for(a, p, (enum sbx_abi)abi, &d, &sizes);
		}
	}
	sbx_log_diags(&d);
	ok = d.n_errors == 0 && !(a->werror && d.n_warnings);
	if (d.n_errors > 0 || !p)
		return false;
	if (sizes.len)
		sbx_buf_addf(&out, "%s: %zu rule%s; instructions: %s\n", sbx_escape(a->arena, name), p->n_rules,
		    p->n_rules == 1 ? "" : "s", sbx_buf_str(&sizes));
	else
		sbx_buf_addf(
		    &out, "%s: %zu sets, for other policies to include\n", sbx_escape(a->arena, name), p->n_sets);
	return sbx_ctl_print(&out) == 0 && ok;
}

static int check(struct sbx_ctl_seccomp *a)
{
	struct sbx_listed *all;
	bool ok = true;
	size_t n;

	for (int i = 0; i < a->n_words; i++)
		ok = check_one(a, a->words[i]) && ok;
	if (a->n_words == 0) {
		if (sbx_search_list(a->host, a->arena, &sbx_search_policies, &all, &n) < 0)
			return SBX_EXIT_FAILURE;
		for (size_t i = 0; i < n; i++) {
			if (!all[i].masked)
				ok = check_one(a, all[i].name) && ok;
		}
	}
	return ok ? 0 : SBX_EXIT_FAILURE;
}

enum option {
	JSON = 1 << 0,
	NAMES = 1 << 1,
	WERROR = 1 << 2,
	ALL_ARCHS = 1 << 3,
	NO_FLOOR = 1 << 4,
	REPORT = 1 << 5,
	RAW = 1 << 6,
	ARCH = 1 << 7,
	POLICY = 1 << 8,
};

static const struct verb {
	const char *name;
	int (*run)(struct sbx_ctl_seccomp *);
	int min, max;
	const char *takes;
	unsigned options;
} verbs[] = {
	{ "list", list, 0, 0, "no name", JSON | NAMES },
	{ "show", show, 1, 1, "the name of one policy", JSON },
	{ "check", check, 0, INT32_MAX, "names of policies", WERROR | ALL_ARCHS | ARCH },
	{ "explain", sbx_ctl_seccomp_explain, 0, 7, "a system call and up to 6 arguments",
	    JSON | NAMES | NO_FLOOR | ARCH | POLICY },
	{ "dump", sbx_ctl_seccomp_dump, 1, 1, "the name of one policy", NO_FLOOR | REPORT | RAW | ARCH },
	{ "diff", sbx_ctl_seccomp_diff, 2, 2, "the names of two policies", JSON | NO_FLOOR | ARCH },
	{ "import", sbx_ctl_seccomp_import, 1, 1, "one FILE.json", 0 },
};

static int wrong(const char *text)
{
	(void)usage(text);
	return -1;
}

/* An option and, for --arch and --policy, the word behind it. 0 if `argv[*i]` is none, -1 after a message. */
static int take_option(struct sbx_ctl_seccomp *a, unsigned *seen, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		unsigned bit;
		bool *flag;
	} flags[] = {
		{ "--json", JSON, &a->json },
		{ "--names", NAMES, &a->names },
		{ "--werror", WERROR, &a->werror },
		{ "--all-archs", ALL_ARCHS, &a->all_archs },
		{ "--no-floor", NO_FLOOR, &a->no_floor },
		{ "--report", REPORT, &a->report },
		{ "--raw", RAW, &a->raw },
	};
	const char *word = argv[*i];
	bool arch = sbx_streq(word, "--arch");
	int abi;

	/* -100 is an argument of a system call. */
	if (word[0] != '-' || (word[1] >= '0' && word[1] <= '9'))
		return 0;
	for (size_t k = 0; k < ARRAY_LEN(flags); k++) {
		if (!sbx_streq(word, flags[k].name))
			continue;
		*flags[k].flag = true;
		*seen |= flags[k].bit;
		return 1;
	}
	if (!arch && !sbx_streq(word, "--policy"))
		return wrong(sbx_strf(a->arena, "unknown option '%s'", word));
	if (++*i >= argc)
		return wrong(sbx_strf(a->arena, "%s takes a word", word));
	*seen |= arch ? ARCH : POLICY;
	if (!arch) {
		a->policy = argv[*i];
		return 1;
	}
	abi = sbx_abi_parse(argv[*i]);
	if (abi < 0) {
		const char *near = sbx_nearest(argv[*i], sbx_abi_names(), SBX_N_ABIS);

		return wrong(sbx_strf(a->arena, "unknown architecture '%s'%s%s%s", argv[*i],
		    near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : ""));
	}
	a->abi = (enum sbx_abi)abi;
	return 1;
}

int sbx_ctl_seccomp(const struct sbx_host *h, int argc, char **argv)
{
	_cleanup_(sbx_arena_free) struct sbx_arena arena = { 0 };
	struct sbx_diags diags = { .arena = &arena };
	struct sbx_ctl_seccomp a = {
		.host = h, .arena = &arena, .diags = &diags, .policy = "default", .abi = sbx_abi_native()
	};
	const struct verb *verb = NULL;
	bool options = true;
	unsigned seen = 0;
	int status;

	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(verbs); i++) {
		if (sbx_streq(argv[1], verbs[i].name))
			verb = &verbs[i];
	}
	if (!verb)
		return usage(argc > 1 ? sbx_strf(&arena, "unknown verb 'seccomp %s'", argv[1])
				      : "seccomp: list, show, check, explain, dump, diff or import?");
	a.words = sbx_alloc_array(&arena, (size_t)argc + 1, sizeof *a.words);
	for (int i = 2; i < argc; i++) {
		int r = options && !sbx_streq(argv[i], "--") ? take_option(&a, &seen, argc, argv, &i) : 0;

		if (r < 0)
			return SBX_EXIT_FAILURE;
		if (options && sbx_streq(argv[i], "--"))
			options = false;
		else if (r == 0)
			a.words[a.n_words++] = argv[i];
	}
	if (seen & ~verb->options)
		return usage(sbx_strf(&arena, "seccomp %s does not take that option", verb->name));
	if (a.n_words < verb->min || a.n_words > verb->max)
		return usage(sbx_strf(&arena, "seccomp %s takes %s", verb->name, verb->takes));
	status = verb->run(&a);
	sbx_log_diags(&diags);
	return diags.n_errors ? SBX_EXIT_FAILURE : status;
}
