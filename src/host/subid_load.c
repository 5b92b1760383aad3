/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subid_load.c - sbx_host_load_subids(): from the files, or by getsubids(1) where a directory service has the
 * ranges. Linking libsubid would cost more at every start than the whole of sbx.
 */
#include <fcntl.h>

#include "base/fd.h"
#include "host/probe.h"

#ifndef SBX_GETSUBIDS
#define SBX_GETSUBIDS "/usr/bin/getsubids"
#endif

/* Some sites list every user, 30 bytes each. */
#define SUBID_FILE_MAX ((size_t)16 * 1024 * 1024)
#define SMALL_FILE_MAX ((size_t)256 * 1024)

/* getsubids fails for a user without ranges as it does for any error, so its exit status says nothing. */
static int ask_getsubids(struct sbx_arena *a, const char *user, bool groups, struct sbx_subid **ret, size_t *ret_n)
{
	const char *const argv[] = { SBX_GETSUBIDS, groups ? "-g" : user, groups ? user : NULL, NULL };
	struct sbx_buf b;
	int r = sbx_host_ask(a, argv, &b);

	return r < 0 ? r : sbx_subid_parse_listing(a, sbx_buf_str(&b), b.len, ret, ret_n);
}

static int load_file(struct sbx_host *h, struct sbx_diags *d, const char *path, struct sbx_subid **ret, size_t *ret_n)
{
	char *text;
	size_t len;
	int r = sbx_read_path(h->arena, AT_FDCWD, path, SUBID_FILE_MAX, &text, &len);

	if (r == -ENOENT) {
		*ret = NULL;
		*ret_n = 0;
		return 0;
	}
	if (r < 0)
		return sbx_error(d, r, NULL, "%s: %s", path, strerror(-r));
	return sbx_subid_parse(h->arena, text, len, h->user, h->uid, ret, ret_n);
}

static int load_listing(struct sbx_host *h, struct sbx_diags *d, const char *source, bool groups)
{
	struct sbx_subid **items = groups ? &h->subgids : &h->subuids;
	size_t *n = groups ? &h->n_subgids : &h->n_subuids;
	int r;

	if (!h->user)
		return 0;
	r = ask_getsubids(h->arena, h->user, groups, items, n);
	if (r == 0)
		return 0;
	(void)sbx_error(d, r, NULL, "%s: %s; nsswitch.conf says that subordinate ids come from '%s'", SBX_GETSUBIDS,
	    strerror(-r), source);
	sbx_hint(d, "%s",
	    r == -ENOENT ? "install getsubids (Debian: package uidmap)"
			 : "check that the directory service answers: getsubids USER");
	return r;
}

int sbx_host_load_subids(struct sbx_host *h, struct sbx_diags *d)
{
	struct sbx_account who;
	const char *source = "files";
	char *text;
	size_t len;
	int r;

	h->user = sbx_host_account(h->arena, h->uid, &who) == 0 ? who.name : NULL;
	if (sbx_read_path(h->arena, AT_FDCWD, "/etc/nsswitch.conf", SMALL_FILE_MAX, &text, &len) == 0)
		source = sbx_subid_source(h->arena, text, len);
	if (!sbx_streq(source, "files")) {
		r = load_listing(h, d, source, false);
		return r < 0 ? r : load_listing(h, d, source, true);
	}
	r = load_file(h, d, "/etc/subuid", &h->subuids, &h->n_subuids);
	return r < 0 ? r : load_file(h, d, "/etc/subgid", &h->subgids, &h->n_subgids);
}
