/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ctl_doctor.c - sbxctl doctor: what this host can do, and for each lack why and what to do. Exit status 0 if
 * all that every start needs is there, 1 if not.
 */
#include <stdio.h>
#include <sys/utsname.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "host/host.h"

/* Without these no sandbox starts, unless there is an older way. */
static const char *const basics[] = { "userns", "clone3", "openat2", "new-mount-api" };

struct finding {
	const struct sbx_feature *feature;
	struct sbx_why why;
	bool there;
};

static bool is_basic(const struct sbx_feature *f)
{
	for (size_t i = 0; i < ARRAY_LEN(basics); i++) {
		if (sbx_streq(basics[i], f->name))
			return true;
	}
	return false;
}

/* Whether no sandbox starts for want of it. */
static bool is_missed(const struct finding *f)
{
	return !f->there && is_basic(f->feature) && f->why.text != sbx_why_older_way;
}

/* Probes everything; true if the basics are there. */
static bool examine(const struct sbx_host *h, struct finding *findings)
{
	bool ready = true;

	for (size_t i = 0; i < sbx_n_features; i++) {
		struct finding *f = &findings[i];

		f->feature = &sbx_features[i];
		f->there = sbx_feature_check(h, f->feature, &f->why);
		if (is_missed(f))
			ready = false;
	}
	return ready;
}

static void print_text(
    const struct sbx_host *h, const struct utsname *u, const struct finding *findings, bool ready, struct sbx_buf *out)
{
	int width = 0;

	sbx_buf_addf(out, "%s %s %s, uid %u, gid %u\n\n", u->sysname, u->release, u->machine, (unsigned)h->uid,
	    (unsigned)h->gid);
	for (size_t i = 0; i < sbx_n_features; i++) {
		int n = (int)strlen(findings[i].feature->name);

		width = n > width ? n : width;
	}
	for (size_t i = 0; i < sbx_n_features; i++) {
		const struct finding *f = &findings[i];

		/* Paths and variables of the caller are in these texts: nothing of them may steer the terminal. */
		sbx_buf_addf(out, "%-*s  %-3s  %s\n", width, f->feature->name, f->there ? "yes" : "no",
		    sbx_escape(h->arena, f->why.text));
		if (f->there)
			continue;
		sbx_buf_addf(out, "%*s  for: %s\n", width + 5, "", f->feature->summary);
		if (f->why.remedy)
			sbx_buf_addf(out, "%*s  to do: %s\n", width + 5, "", sbx_escape(h->arena, f->why.remedy));
	}
	sbx_buf_adds(out, ready ? "\nSandboxes can start here.\n" : "\nNo sandbox can start here:");
	for (size_t i = 0; i < sbx_n_features; i++) {
		if (is_missed(&findings[i]))
			sbx_buf_addf(out, " %s", findings[i].feature->name);
	}
	if (!ready)
		sbx_buf_adds(out, " missing.\n");
}

static void print_ranges(struct sbx_json *j, const char *key, const struct sbx_subid *items, size_t n)
{
	sbx_json_open(j, key, '[');
	for (size_t i = 0; i < n; i++) {
		sbx_json_open(j, NULL, '{');
		sbx_json_num(j, "start", items[i].start);
		sbx_json_num(j, "count", items[i].count);
		sbx_json_close(j, '}');
	}
	sbx_json_close(j, ']');
}

static void print_json(
    const struct sbx_host *h, const struct utsname *u, const struct finding *findings, bool ready, struct sbx_buf *out)
{
	struct sbx_json j = { .out = out };

	sbx_json_open(&j, NULL, '{');
	sbx_json_bool(&j, "ready", ready);
	sbx_json_str(&j, "kernel", u->release);
	sbx_json_str(&j, "machine", u->machine);
	sbx_json_num(&j, "uid", h->uid);
	sbx_json_num(&j, "gid", h->gid);
	sbx_json_str(&j, "user", h->user);
	sbx_json_str(&j, "home", h->home);
	sbx_json_str(&j, "cwd", h->cwd);
	sbx_json_str(&j, "tty", h->tty);
	sbx_json_str(&j, "runtime_dir", h->runtime_dir);
	print_ranges(&j, "subuids", h->subuids, h->n_subuids);
	print_ranges(&j, "subgids", h->subgids, h->n_subgids);
	sbx_json_open(&j, "features", '[');
	for (size_t i = 0; i < sbx_n_features; i++) {
		const struct finding *f = &findings[i];

		sbx_json_open(&j, NULL, '{');
		sbx_json_str(&j, "name", f->feature->name);
		sbx_json_bool(&j, "available", f->there);
		sbx_json_bool(&j, "required", is_basic(f->feature) && f->why.text != sbx_why_older_way);
		sbx_json_str(&j, "detail", f->why.text);
		sbx_json_str(&j, "summary", f->feature->summary);
		sbx_json_str(&j, "remedy", f->why.remedy);
		sbx_json_close(&j, '}');
	}
	sbx_json_close(&j, ']');
	sbx_json_close(&j, '}');
}

int sbx_ctl_doctor(const struct sbx_host *h, int argc, char **argv)
{
	struct sbx_diags d = { .arena = h->arena };
	struct sbx_buf out = { .arena = h->arena };
	struct sbx_host host = *h;
	struct finding *findings = sbx_alloc_array(h->arena, sbx_n_features, sizeof *findings);
	struct utsname u;
	bool json = false, names = false, ready;

	for (int i = 1; i < argc; i++) {
		if (sbx_streq(argv[i], "--json")) {
			json = true;
		} else if (sbx_streq(argv[i], "--names")) {
			names = true;
		} else {
			sbx_log(SBX_LOG_ERROR, "doctor: unknown argument '%s'; it takes --json or --names", argv[i]);
			return SBX_EXIT_FAILURE;
		}
	}
	/* For the completions: nothing is probed. */
	if (names) {
		for (size_t i = 0; i < sbx_n_features; i++)
			sbx_buf_addf(&out, "%s\n", sbx_features[i].name);
		return sbx_ctl_print(&out);
	}
	if (uname(&u) < 0) {
		sbx_log(SBX_LOG_ERROR, "uname: %s", strerror(errno));
		return SBX_EXIT_FAILURE;
	}
	/* What goes wrong here is told by the rows subuid and subgid. */
	(void)!sbx_host_load_subids(&host, &d);
	ready = examine(&host, findings);
	if (json)
		print_json(&host, &u, findings, ready, &out);
	else
		print_text(&host, &u, findings, ready, &out);
	if (sbx_ctl_print(&out) != 0)
		return SBX_EXIT_FAILURE;
	return ready ? 0 : 1;
}
