/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Id maps: who the caller is inside, ranges with their holes, who writes the map, and every refusal. */
#include "unit/support.h"

static struct sbx_host host;

static int setup(void **state)
{
	static struct sbx_subid uids[] = { { 100000, 65536 }, { 300000, 10 } };
	static struct sbx_subid gids[] = { { 200000, 65536 } };

	(void)state;
	host = t_host();
	host.gid = 1001;
	host.subuids = uids;
	host.n_subuids = ARRAY_LEN(uids);
	host.subgids = gids;
	host.n_subgids = ARRAY_LEN(gids);
	return 0;
}

static void add_map(struct sbx_buf *b, const struct sbx_id_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		sbx_buf_addf(b, " %u:%u:%u", map->extents[i].inner, map->extents[i].outer, map->extents[i].count);
}

/* "WRITER UID/GID caller UID/GID u INNER:OUTER:COUNT… g … [nogroups]" */
static const char *ids(const char *text)
{
	static const char *const writers[] = {
		[SBX_MAP_SELF] = "self", [SBX_MAP_HELPER] = "helper", [SBX_MAP_PARENT] = "root"
	};
	const struct sbx_plan *p = t_good_plan(&host, text);
	struct sbx_buf b = { .arena = &t_arena };

	sbx_buf_addf(
	    &b, "%s %u/%u caller %u/%u u", writers[p->map_writer], p->uid, p->gid, p->caller_uid, p->caller_gid);
	add_map(&b, &p->uid_map);
	sbx_buf_adds(&b, " g");
	add_map(&b, &p->gid_map);
	sbx_buf_adds(&b, p->drop_groups ? " nogroups" : "");
	return sbx_buf_str(&b);
}

static void one_id(void **state)
{
	(void)state;
	assert_string_equal(ids(""), "self 1000/1001 caller 1000/1001 u 1000:1000:1 g 1001:1001:1");
	assert_string_equal(ids("map-current-user"), ids(""));
	assert_string_equal(ids("map-root-user"), "self 0/0 caller 0/0 u 0:1000:1 g 0:1001:1");
	assert_string_equal(ids("map-user 5"), "self 5/1001 caller 5/1001 u 5:1000:1 g 1001:1001:1");
	assert_string_equal(ids("map-group 6"), "self 1000/6 caller 1000/6 u 1000:1000:1 g 6:1001:1");
	assert_string_equal(ids("map-user root\nmap-group root"), ids("map-root-user"));
	assert_string_equal(ids("map-root-user\nmap-user 5"), "self 5/0 caller 5/0 u 5:1000:1 g 0:1001:1");
	assert_string_equal(ids("map-user 5\nmap-root-user"), ids("map-root-user"));
	/* bubblewrap's words. */
	assert_string_equal(ids("uid 7\ngid 8"), "self 7/8 caller 7/8 u 7:1000:1 g 8:1001:1");
	assert_string_equal(ids("uid 0"), "self 0/1001 caller 0/1001 u 0:1000:1 g 1001:1001:1");
	assert_string_equal(ids("map-root-user\nuid 0"), ids("map-root-user"));
	assert_string_equal(
	    ids("uid 4294967294"), "self 4294967294/1001 caller 4294967294/1001 u 4294967294:1000:1 g 1001:1001:1");
}

static void ranges(void **state)
{
	(void)state;
	/* The caller's own id keeps its place, with a hole in the range around it. */
	assert_string_equal(ids("map-auto"),
	    "helper 1000/1001 caller 1000/1001 u 0:100000:1000 1001:101001:64535 1000:1000:1 "
	    "g 0:200000:1001 1002:201002:64534 1001:1001:1 nogroups");
	assert_string_equal(ids("map-users auto\nmap-groups auto"), ids("map-auto"));
	/* rootless podman's map: root is the caller, the rest follows. */
	assert_string_equal(ids("map-auto\nmap-root-user"), "helper 0/0 caller 0/0 u 1:100001:65535 0:1000:1 "
							    "g 1:200001:65535 0:1001:1 nogroups");
	assert_string_equal(ids("map-root-user\nmap-users 1:100000:65536"),
	    "helper 0/0 caller 0/0 u 1:100000:65536 0:1000:1 g 0:1001:1");
	assert_string_equal(
	    ids("map-users 100000,1,5"), "helper 1000/1001 caller 1000/1001 u 1:100000:5 1000:1000:1 g 1001:1001:1");
	assert_string_equal(ids("map-users subids"),
	    "helper 1000/1001 caller 1000/1001 u 100000:100000:65536 300000:300000:10 "
	    "1000:1000:1 g 1001:1001:1");
	/* The hole at either end of a range, and a range that is nothing but the hole. */
	assert_string_equal(ids("map-users 1000:100000:2"),
	    "helper 1000/1001 caller 1000/1001 u 1001:100001:1 1000:1000:1 g 1001:1001:1");
	assert_string_equal(ids("map-users 999:100000:2"),
	    "helper 1000/1001 caller 1000/1001 u 999:100000:1 1000:1000:1 g 1001:1001:1");
	assert_string_equal(
	    ids("map-users 1000:100000:1"), "helper 1000/1001 caller 1000/1001 u 1000:1000:1 g 1001:1001:1");
	/* The caller's own id as a range of one says where it goes. */
	assert_string_equal(ids("map-users 0:1000:1\nmap-users 1:100000:3"),
	    "helper 0/1001 caller 0/1001 u 1:100000:3 0:1000:1 g 1001:1001:1");
	assert_string_equal(ids("map-users 1:100000:3\nmap-users 0:1000:1"),
	    "helper 0/1001 caller 0/1001 u 1:100000:3 0:1000:1 g 1001:1001:1");
	/* The command as another id than the caller's. */
	assert_string_equal(ids("map-auto\nuid 5\ngid 6"),
	    "helper 5/6 caller 1000/1001 u 0:100000:1000 1001:101001:64535 1000:1000:1 "
	    "g 0:200000:1001 1002:201002:64534 1001:1001:1 nogroups");
	/* Ends of the ranges. */
	assert_string_equal(ids("map-users 2000:165535:1"),
	    "helper 1000/1001 caller 1000/1001 u 2000:165535:1 1000:1000:1 g 1001:1001:1");
}

static void every_id(void **state)
{
	(void)state;
	host.uid = 0;
	host.gid = 0;
	assert_string_equal(
	    ids("map-users all\nmap-groups all"), "root 0/0 caller 0/0 u 0:0:4294967295 g 0:0:4294967295 nogroups");
	assert_string_equal(ids("map-users all"), "root 0/0 caller 0/0 u 0:0:4294967295 g 0:0:1 nogroups");
	assert_string_equal(ids("map-groups all\nuid 4294967294\nmap-users all"),
	    "root 4294967294/0 caller 0/0 u 0:0:4294967295 g 0:0:4294967295 nogroups");
}

static void refusals(void **state)
{
	static const char *const cases[][2] = {
		{ "map-users all",
		    "t.profile:2:1: error: map-users: only root can map every id\n"
		    "  hint: `map-users auto` maps your subordinate ids (100000-165535, 300000-300009)\n" },
		{ "map-users 0:0:1", "t.profile:2:1: error: map-users: 0-0 is not within your subordinate user ids\n"
				     "  hint: /etc/subuid gives you 100000-165535, 300000-300009\n" },
		{ "map-users 0:99999:1", "99999-99999 is not within" },
		{ "map-users 0:99999:2", "99999-100000 is not within" },
		{ "map-users 0:165535:2", "165535-165536 is not within" },
		{ "map-users 0:165536:1", "165536-165536 is not within" },
		{ "map-users 0:100000:65537", "100000-165536 is not within" },
		{ "map-users 0:0:4294967295", "0-4294967294 is not within" },
		/* The caller's own id, but two of them. */
		{ "map-users 0:1000:2", "1000-1001 is not within" },
		{ "map-groups 0:100000:1",
		    "t.profile:2:1: error: map-groups: 100000-100000 is not within your subordinate group ids\n"
		    "  hint: /etc/subgid gives you 200000-265535\n" },
		{ "uid 7\nmap-auto\nuid 70000", "t.profile:4:1: error: uid 70000 has no mapping in the sandbox\n"
						"  hint: the caller is 1000 there; map-auto or map-users maps more\n" },
		{ "map-root-user\nuid 1", "error: uid 1 has no mapping in the sandbox\n  hint: the caller is 0 there" },
		{ "map-current-user\ngid 0", "error: gid 0 has no mapping in the sandbox" },
		{ "map-users 1:100000:5\nmap-users 3:100010:5",
		    "t.profile:2:1: error: user ranges overlap: 1:100000:5 and 3:100010:5" },
		{ "map-users 1:100000:5\nmap-users 11:100004:5", "user ranges overlap: 1:100000:5 and 11:100004:5" },
		{ "map-auto\nmap-users 5:300000:1", "user ranges overlap" },
		{ "map-groups auto\nmap-groups auto", "group ranges overlap" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *said = t_plan_errors(&host, cases[i][0]);

		if (!strstr(said, cases[i][1]))
			fail_msg("'%s' gives %s", cases[i][0], said);
		assert_int_equal(t_count(said, "error:"), 1);
	}
}

static void without_ranges(void **state)
{
	(void)state;
	host.n_subuids = host.n_subgids = 0;
	host.subuids = host.subgids = NULL;
	assert_string_equal(t_plan_errors(&host, "map-auto"),
	    "/p/t.profile:2:1: error: map-auto: alice has no subordinate user ids in /etc/subuid\n"
	    "  hint: as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 alice\n"
	    "/p/t.profile:2:1: error: map-auto: alice has no subordinate group ids in /etc/subgid\n"
	    "  hint: as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 alice\n");
	assert_non_null(strstr(t_plan_errors(&host, "map-users subids"), "alice has no subordinate user ids"));
	assert_non_null(strstr(t_plan_errors(&host, "map-users 0:100000:1"), "alice has no subordinate user ids"));
	assert_non_null(strstr(t_plan_errors(&host, "map-users all"), "(none)"));
	/* No range is needed for one's own id. */
	assert_string_equal(ids("map-users 0:1000:1"), "self 0/1001 caller 0/1001 u 0:1000:1 g 1001:1001:1");
	/* What may be skipped leaves the one-id map. */
	{
		struct sbx_diags d = t_diags();
		const struct sbx_plan *p =
		    t_plan(&host, &d, "try map-users auto\ntry map-groups all\ntry map-users 5:7:1");

		assert_true(p->map_writer == SBX_MAP_SELF && p->uid_map.n == 1 && p->gid_map.n == 1 && !p->drop_groups);
		assert_string_equal(t_said(&d),
		    "/p/t.profile:2:5: notice: skipped: map-users: alice has no subordinate user ids in /etc/subuid\n"
		    "/p/t.profile:4:5: notice: skipped: map-users: alice has no subordinate user ids in /etc/subuid\n"
		    "/p/t.profile:3:5: notice: skipped: map-groups: only root can map every id\n");
	}
	host.user = NULL;
	assert_non_null(strstr(t_plan_errors(&host, "map-auto"), "1000 has no subordinate user ids"));
}

/* More lines than the kernel takes, and no hang over very many. */
static void many_ranges(void **state)
{
	struct sbx_buf b = { .arena = &t_arena };

	(void)state;
	for (unsigned i = 0; i < 339; i++)
		sbx_buf_addf(&b, "map-users %u:%u:1\n", 2000 + 2 * i, 100000 + 2 * i);
	assert_int_equal(t_good_plan(&host, b.data)->uid_map.n, 340);
	sbx_buf_adds(&b, "map-users 5000:110000:1\n");
	assert_string_equal(t_plan_errors(&host, b.data),
	    "/p/t.profile:2:1: error: more than 340 user ranges; the kernel takes no more\n");
	for (unsigned i = 0; i < 20000; i++)
		sbx_buf_addf(&b, "map-users %u:%u:1\n", 200000 + i, 120000 + i);
	assert_non_null(strstr(t_plan_errors(&host, b.data), "more than 340 user ranges"));
}

static void needs_subids(void **state)
{
	(void)state;
	assert_false(sbx_plan_needs_subids(t_good_spec(&host, "map-root-user\nuid 5\nmap-user 7")));
	assert_true(sbx_plan_needs_subids(t_good_spec(&host, "map-auto")));
	assert_true(sbx_plan_needs_subids(t_good_spec(&host, "map-users all")));
	assert_true(sbx_plan_needs_subids(t_good_spec(&host, "map-groups 1:2:3")));
}

static void origins(void **state)
{
	const struct sbx_plan *p =
	    t_good_plan(&host, "map-root-user\nmap-users auto\nmap-users 70000:300000:1\nmap-groups auto");

	(void)state;
	assert_string_equal(sbx_origin_str(&t_arena, p->uid_map.at), "/p/t.profile:3:1");
	assert_string_equal(sbx_origin_str(&t_arena, p->gid_map.at), "/p/t.profile:5:1");
	assert_null(t_good_plan(&host, "map-root-user")->uid_map.at);
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, t_forget)

int main(void)
{
	const struct CMUnitTest tests[] = { S(one_id), S(ranges), S(every_id), S(refusals), S(without_ranges),
		S(many_ranges), S(needs_subids), S(origins) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
