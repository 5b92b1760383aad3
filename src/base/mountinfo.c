/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mountinfo.c - see mountinfo.h. */
#include "base/mountinfo.h"

#include <limits.h>
#include <sys/mount.h>

#include "base/sys.h"

static const struct {
	const char *name;
	unsigned long flag; /* 0: nothing to keep; MS_REMOUNT|MS_BIND leaves it alone */
} options[] = {
	{ "rw", 0 },
	{ "ro", MS_RDONLY },
	{ "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },
	{ "noexec", MS_NOEXEC },
	{ "noatime", MS_NOATIME },
	{ "nodiratime", MS_NODIRATIME },
	{ "relatime", MS_RELATIME },
	{ "nosymfollow", MS_NOSYMFOLLOW },
	{ "idmapped", 0 },
};

/* Cuts the text before the first `end` off; NULL if there is none. Whatever is between two blanks may not be empty. */
static char *take(char **p, char end)
{
	char *word = *p, *stop = strchr(word, end);

	if (!stop || stop == word)
		return NULL;
	*stop = '\0';
	*p = stop + 1;
	return word;
}

static bool parse_id(const char *word, int *ret)
{
	long value = 0;

	if (!*word || strlen(word) > 10)
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9')
			return false;
		value = value * 10 + (*word - '0');
	}
	if (value > INT_MAX)
		return false;
	*ret = (int)value;
	return true;
}

/* Blank, tab, newline and backslash are written as \ooo, show_mountinfo() in the kernel; in place. */
static bool unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		unsigned c = (unsigned char)*s;

		if (c == '\\') {
			c = 0;
			for (int i = 1; i <= 3; i++) {
				if (s[i] < '0' || s[i] > '7')
					return false;
				c = c * 8 + (unsigned)(s[i] - '0');
			}
			if (c == 0 || c > 255)
				return false;
			s += 3;
		}
		*to++ = (char)c;
	}
	*to = '\0';
	return true;
}

static bool parse_options(char *list, struct sbx_mount *mount)
{
	char *save = NULL;

	if (*list == ',' || list[strlen(list) - 1] == ',' || strstr(list, ",,"))
		return false;
	for (char *word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (i < ARRAY_LEN(options) && !sbx_streq(options[i].name, word))
			i++;
		if (i < ARRAY_LEN(options))
			mount->flags |= options[i].flag;
		else
			mount->unknown = true;
	}
	return true;
}

/* ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAG…] - TYPE SOURCE OPTIONS */
static bool parse_line(char *line, struct sbx_mount *mount)
{
	char *id = take(&line, ' '), *parent = id ? take(&line, ' ') : NULL, *dev = parent ? take(&line, ' ') : NULL;
	char *root = dev ? take(&line, ' ') : NULL, *path = root ? take(&line, ' ') : NULL;
	char *opts = path ? take(&line, ' ') : NULL, *tag = opts ? take(&line, ' ') : NULL;

	/* The source may be empty, and then two blanks follow one another; no one here reads it. */
	while (tag && !sbx_streq(tag, "-"))
		tag = take(&line, ' ');
	if (!tag || !take(&line, ' ') || !strchr(line, ' '))
		return false;
	mount->path = path;
	mount->dev = dev;
	/* Of some it is no path, such as a namespace's. */
	mount->root = *root == '/' && unescape(root) ? root : "";
	return parse_id(id, &mount->id) && parse_id(parent, &mount->parent) && *path == '/' && unescape(path) &&
	       parse_options(opts, mount);
}

static int by_id(const void *a, const void *b)
{
	const struct sbx_mount *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int sbx_mountinfo_parse(struct sbx_arena *a, const char *text, size_t len, struct sbx_mount_table *ret)
{
	char *copy = sbx_strndup(a, text, len), *p = copy;
	struct sbx_mount_table t = { 0 };

	if (strlen(copy) != len || (len > 0 && copy[len - 1] != '\n'))
		return -EINVAL;
	while (*p) {
		char *line = take(&p, '\n');
		struct sbx_mount mount = { 0 };

		if (!line || !parse_line(line, &mount))
			return -EINVAL;
		SBX_APPEND(a, t.items, t.n) = mount;
	}
	if (t.n > 0)
		qsort(t.items, t.n, sizeof *t.items, by_id);
	for (size_t i = 1; i < t.n; i++) {
		if (t.items[i - 1].id == t.items[i].id)
			return -EINVAL;
	}
	*ret = t;
	return 0;
}

const struct sbx_mount *sbx_mountinfo_find(const struct sbx_mount_table *t, int id)
{
	const struct sbx_mount key = { .id = id };

	return t->n > 0 ? bsearch(&key, t->items, t->n, sizeof *t->items, by_id) : NULL;
}

bool sbx_mountinfo_is_below(const struct sbx_mount_table *t, const struct sbx_mount *mount, int top)
{
	/* No chain is longer than the table, unless it is a circle. */
	for (size_t i = 0; mount && i <= t->n; i++) {
		if (mount->id == top)
			return true;
		mount = sbx_mountinfo_find(t, mount->parent);
	}
	return false;
}

/* Whether `path` is `dir` or lies below it. */
static bool path_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return true;
	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Whether a child of the mount `parent`, but not `mount` itself, lies on `path` or on a directory on the way to it. */
static bool has_cover(const struct sbx_mount_table *t, int parent, const struct sbx_mount *mount, const char *path)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct sbx_mount *other = &t->items[i];

		if (other != mount && other->parent == parent && other->id != parent &&
		    path_is_below(path, other->path))
			return true;
	}
	return false;
}

bool sbx_mountinfo_is_covered(const struct sbx_mount_table *t, const struct sbx_mount *mount)
{
	/* On its own root; then, up to the top, in the way from its parent's root to its mount point. */
	bool covered = has_cover(t, mount->id, NULL, mount->path);

	for (size_t i = 0; mount && !covered && i < t->n; i++) {
		covered = mount->parent != mount->id && has_cover(t, mount->parent, mount, mount->path);
		mount = sbx_mountinfo_find(t, mount->parent);
	}
	return covered;
}

int sbx_mountinfo_parse_fdinfo(const char *text)
{
	static const char key[] = "mnt_id:";
	char number[16];
	size_t n;
	int id;

	for (; !sbx_starts_with(text, key); text++) {
		text = strchr(text, '\n');
		if (!text)
			return -EINVAL;
	}
	text += strlen(key);
	text += strspn(text, "\t ");
	n = strcspn(text, "\n");
	if (n >= sizeof number || text[n] != '\n')
		return -EINVAL;
	memcpy(number, text, n);
	number[n] = '\0';
	return parse_id(number, &id) ? id : -EINVAL;
}
