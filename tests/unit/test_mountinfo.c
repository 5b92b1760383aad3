/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proc_pid_mountinfo(5): what the kernel writes is read, anything else refused; the tree; what covers what. */
#include "unit/support.h"

#include <stdio.h>
#include <sys/mount.h>

#include "base/mountinfo.h"
#include "base/sys.h"

static int parse_len(const char *text, size_t len, struct sbx_mount_table *t)
{
	return sbx_mountinfo_parse(&t_arena, text, len, t);
}

static struct sbx_mount_table table(const char *text)
{
	struct sbx_mount_table t;

	assert_int_equal(parse_len(text, strlen(text), &t), 0);
	return t;
}

static const struct sbx_mount *one(const char *text)
{
	struct sbx_mount_table t = table(text);

	assert_int_equal(t.n, 1);
	return &t.items[0];
}

static void lines(void **state)
{
	const struct sbx_mount *m = one("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n");

	(void)state;
	assert_int_equal(m->id, 36);
	assert_int_equal(m->parent, 35);
	assert_string_equal(m->path, "/mnt2");
	assert_int_equal(m->flags, MS_NOATIME);
	assert_false(m->unknown);
	m = one("1 0 0:2 / / ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow - tmpfs none rw\n");
	assert_int_equal(m->flags, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NODIRATIME | MS_RELATIME | MS_NOSYMFOLLOW);
	assert_false(one("1 0 0:2 / / rw,idmapped - tmpfs none rw\n")->unknown);
	assert_true(one("1 0 0:2 / / rw,undeletable - tmpfs none rw\n")->unknown);
	/* A source may be empty, and the root of a mount of nsfs is no path. */
	assert_string_equal(one("1 0 0:4 net:[4026531840] /run/ns rw unbindable - nsfs  rw\n")->path, "/run/ns");
	assert_int_equal(table("").n, 0);
}

static void escapes(void **state)
{
	(void)state;
	assert_string_equal(one("1 0 0:2 / /a\\040b\\011c\\012d\\134e rw - tmpfs none rw\n")->path, "/a b\tc\nd\\e");
	assert_string_equal(one("1 0 0:2 / /\\134040 rw - tmpfs none rw\n")->path, "/\\040");
	assert_string_equal(one("1 0 0:2 / /\xff\\377 rw - tmpfs none rw\n")->path, "/\xff\xff");
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"\n", "1\n", "1 0 0:2 / / rw - tmpfs none\n", "1 0 0:2 / / rw tmpfs none rw\n", "1 0 0:2 / / rw -\n",
		"1 0 0:2 / / rw - tmpfs none rw", "1 0 0:2 / rw - tmpfs none rw\n", "-1 0 0:2 / / rw - tmpfs none rw\n",
		"+1 0 0:2 / / rw - tmpfs none rw\n", "1 -1 0:2 / / rw - tmpfs none rw\n", "0x1 0 0:2 / / rw - tmpfs none rw\n",
		"4294967297 0 0:2 / / rw - tmpfs none rw\n", "2147483648 0 0:2 / / rw - tmpfs none rw\n",
		"00000000001 0 0:2 / / rw - tmpfs none rw\n", "1  0 0:2 / / rw - tmpfs none rw\n",
		" 1 0 0:2 / / rw - tmpfs none rw\n", "1 0 0:2 / a rw - tmpfs none rw\n", "1 0 0:2 / /\\04 rw - tmpfs none rw\n",
		"1 0 0:2 / /\\ rw - tmpfs none rw\n", "1 0 0:2 / /\\x40 rw - tmpfs none rw\n",
		"1 0 0:2 / /\\000 rw - tmpfs none rw\n", "1 0 0:2 / /\\777 rw - tmpfs none rw\n",
		"1 0 0:2 / /\\048 rw - tmpfs none rw\n", "1 0 0:2 / / , - tmpfs none rw\n",
		"1 0 0:2 / / rw, - tmpfs none rw\n", "1 0 0:2 / / ,rw - tmpfs none rw\n", "1 0 0:2 / / rw,,ro - tmpfs none rw\n",
		"1 0 0:2 / / rw - tmpfs none rw\n1 0 0:2 / /a rw - tmpfs none rw\n",
		"1 0 0:2 / / rw - tmpfs none rw\n\n2 0 0:2 / / rw - tmpfs none rw\n",
	};
	static const char nul[] = "1 0 0:2 / /\0a rw - tmpfs none rw\n";
	struct sbx_mount_table t = { .n = 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (parse_len(bad[i], strlen(bad[i]), &t) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(parse_len(nul, sizeof nul - 1, &t), -EINVAL);
	assert_int_equal(t.n, 77);
}

#define LINE(id, parent, path) #id " " #parent " 0:2 / " path " rw - tmpfs none rw\n"

static bool covered(const struct sbx_mount_table *t, int id)
{
	const struct sbx_mount *m = sbx_mountinfo_find(t, id);

	assert_non_null(m);
	return sbx_mountinfo_is_covered(t, m);
}

static void tree(void **state)
{
	struct sbx_mount_table t = table(LINE(30, 20, "/a/b") LINE(10, 1, "/") LINE(20, 10, "/a") LINE(40, 10, "/ab") LINE(50, 51, "/x")
					 LINE(51, 50, "/x"));

	(void)state;
	for (size_t i = 1; i < t.n; i++)
		assert_true(t.items[i - 1].id < t.items[i].id);
	assert_string_equal(sbx_mountinfo_find(&t, 30)->path, "/a/b");
	assert_null(sbx_mountinfo_find(&t, 31));
	assert_true(sbx_mountinfo_is_below(&t, sbx_mountinfo_find(&t, 30), 30));
	assert_true(sbx_mountinfo_is_below(&t, sbx_mountinfo_find(&t, 30), 20));
	assert_true(sbx_mountinfo_is_below(&t, sbx_mountinfo_find(&t, 30), 10));
	assert_false(sbx_mountinfo_is_below(&t, sbx_mountinfo_find(&t, 40), 20));
	/* Parents in a circle: the kernel has none, the parser does not hang. */
	assert_false(sbx_mountinfo_is_below(&t, sbx_mountinfo_find(&t, 50), 10));
	t = (struct sbx_mount_table){ 0 };
	assert_null(sbx_mountinfo_find(&t, 1));
}

static void covers(void **state)
{
	/* 30 and 31 lie on one another; 41 covers the directory that 40 is in; 50 is beside */
	struct sbx_mount_table t = table(LINE(10, 1, "/") LINE(20, 10, "/a") LINE(30, 20, "/a/b") LINE(31, 30, "/a/b")
					 LINE(40, 20, "/a/c/d") LINE(41, 20, "/a/c") LINE(42, 41, "/a/c/d") LINE(50, 20, "/a/cd"));

	(void)state;
	assert_false(covered(&t, 10));
	assert_false(covered(&t, 20));
	assert_true(covered(&t, 30));
	assert_false(covered(&t, 31));
	assert_true(covered(&t, 40));
	assert_false(covered(&t, 41));
	assert_false(covered(&t, 42));
	assert_false(covered(&t, 50));
}

static void fdinfo(void **state)
{
	(void)state;
	assert_int_equal(sbx_mountinfo_parse_fdinfo("pos:\t0\nflags:\t012100000\nmnt_id:\t29\nino:\t1\n"), 29);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("mnt_id:\t29\n"), 29);
	assert_int_equal(sbx_mountinfo_parse_fdinfo(""), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("pos:\t0\n"), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("xmnt_id:\t1\n"), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("mnt_id:\t29"), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("mnt_id:\t\n"), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("mnt_id:\t-1\n"), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("mnt_id:\t2x\n"), -EINVAL);
	assert_int_equal(sbx_mountinfo_parse_fdinfo("mnt_id:\t99999999999999999999\n"), -EINVAL);
}

/* What this kernel writes. */
static void real(void **state)
{
	const char *text = t_read("/proc/self/mountinfo");
	struct sbx_mount_table t;

	(void)state;
	if (!text)
		skip();
	t = table(text);
	assert_true(t.n > 0);
	assert_int_equal(t.n, t_count(text, "\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(lines), T(escapes), T(refused), T(tree), T(covers), T(fdinfo), T(real) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
