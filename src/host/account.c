/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * account.c - users and groups: /etc/passwd and /etc/group, then getent(1) for those of a directory service. Not by
 * the C library's NSS: its modules would be loaded into sbx, and can't be into a static program.
 */
#include <fcntl.h>

#include "base/fd.h"
#include "base/value.h"
#include "host/probe.h"

#ifndef SBX_GETENT
#define SBX_GETENT "/usr/bin/getent"
#endif

#define FILE_MAX ((size_t)16 * 1024 * 1024)

/* A line of passwd(5) or group(5): NAME:x:UID:GID:COMMENT:HOME:SHELL or NAME:x:GID:MEMBERS. */
static bool parse(struct sbx_arena *a, const char *line, size_t len, bool group, struct sbx_account *ret)
{
	const char *field[7] = { 0 }, *end = line + len;
	size_t size[7] = { 0 }, n = 0, want = group ? 4 : 7;

	for (const char *p = line; n < want; n++) {
		const char *colon = memchr(p, ':', (size_t)(end - p));

		field[n] = p;
		size[n] = (size_t)((colon ? colon : end) - p);
		if (!colon) {
			n++;
			break;
		}
		p = colon + 1;
	}
	/* "+name" and "-name" speak of another database, nsswitch.conf(5). */
	if (n < want || size[0] == 0 || line[0] == '+' || line[0] == '-' ||
	    sbx_parse_u64(sbx_strndup(a, field[2], size[2]), 0, UINT32_MAX - 1, &ret->id))
		return false;
	ret->name = sbx_strndup(a, field[0], size[0]);
	ret->home = group ? NULL : sbx_strndup(a, field[5], size[5]);
	return true;
}

/* By name, or by id if `name` is NULL. The first line counts, as for the C library. */
static bool find(struct sbx_arena *a, const char *text, size_t len, bool group, const char *name, uint64_t id,
    struct sbx_account *ret)
{
	const char *end = text + len, *next;
	size_t n = name ? strlen(name) : 0;

	for (const char *line = text; line < end; line = next + 1) {
		struct sbx_account found;

		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			next = end;
		if (name && ((size_t)(next - line) <= n || memcmp(line, name, n) != 0 || line[n] != ':'))
			continue;
		if (!parse(a, line, (size_t)(next - line), group, &found) || (!name && found.id != id))
			continue;
		*ret = found;
		return true;
	}
	return false;
}

static int look_up(struct sbx_arena *a, bool group, const char *name, uint64_t id, struct sbx_account *ret)
{
	/* What is read is dropped again: the files may be large. */
	_cleanup_(sbx_arena_free) struct sbx_arena scratch = { 0 };
	const char *database = group ? "group" : "passwd";
	const char *key = name ? name : sbx_strf(&scratch, "%llu", (unsigned long long)id);
	const char *const argv[] = { SBX_GETENT, database, key, NULL };
	struct sbx_account found;
	struct sbx_buf answer;
	char *text;
	size_t len;
	bool ok;

	/* No name of the database, or one that a program would take for an option. */
	if (!*key || *key == '-' || strpbrk(key, ":\n"))
		return -ENOENT;
	ok = sbx_read_path(&scratch, AT_FDCWD, group ? "/etc/group" : "/etc/passwd", FILE_MAX, &text, &len) == 0 &&
	     find(&scratch, text, len, group, name, id, &found);
	if (!ok)
		ok = sbx_host_ask(&scratch, argv, &answer) == 0 &&
		     find(&scratch, sbx_buf_str(&answer), answer.len, group, name, id, &found);
	if (!ok)
		return -ENOENT;
	*ret = (struct sbx_account){
		.id = found.id, .name = sbx_strdup(a, found.name), .home = found.home ? sbx_strdup(a, found.home) : NULL
	};
	return 0;
}

int sbx_host_account(struct sbx_arena *a, uid_t uid, struct sbx_account *ret)
{
	return look_up(a, false, NULL, uid, ret);
}

int sbx_host_user_id(const struct sbx_host *h, const char *name, uint64_t *ret)
{
	struct sbx_account found;
	int r = look_up(h->arena, false, name, 0, &found);

	if (r == 0)
		*ret = found.id;
	return r;
}

int sbx_host_group_id(const struct sbx_host *h, const char *name, uint64_t *ret)
{
	struct sbx_account found;
	int r = look_up(h->arena, true, name, 0, &found);

	if (r == 0)
		*ret = found.id;
	return r;
}
