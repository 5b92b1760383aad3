/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan_ids.c - id maps of the user namespace and the ids of the command.
 *
 * The caller's own id is always mapped, to `inner`; ranges of subordinate ids come beside it, with a hole
 * where they would cover `inner`. Without ranges the sandbox writes its one-id map itself and no helper runs.
 */
#include "plan/plan_parts.h"

/* What differs between users and groups. */
struct side {
	const char *word; /* "user" or "group" */
	const char *file; /* where ranges are configured */
	enum sbx_opt map_ranges;
	uint32_t outer; /* the caller's id */
	uint32_t inner; /* what it becomes */
	const struct sbx_subid *subids;
	size_t n_subids;
	struct sbx_id_map *map;
};

static const char *describe_subids(struct sbx_planner *p, const struct side *s)
{
	struct sbx_buf b = { .arena = p->arena };

	for (size_t i = 0; i < s->n_subids; i++)
		sbx_buf_addf(
		    &b, "%s%u-%u", i ? ", " : "", s->subids[i].start, s->subids[i].start + s->subids[i].count - 1);
	return s->n_subids ? sbx_buf_str(&b) : "none";
}

/* An error with its remedy; a notice if the directive may be skipped. */
static _printf_(4, 5) void refuse(
    struct sbx_planner *p, const struct sbx_item *item, const char *hint, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = sbx_vstrf(p->arena, fmt, ap);
	va_end(ap);
	if (item->try) {
		sbx_notice(p->diags, item->at, "skipped: %s: %s", item->def->name, text);
		return;
	}
	(void)sbx_error(p->diags, -EPERM, item->at, "%s: %s", item->def->name, text);
	sbx_hint(p->diags, "%s", hint);
}

static void no_subids(struct sbx_planner *p, const struct side *s, const struct sbx_item *item)
{
	const char *user = p->host->user ? p->host->user : sbx_strf(p->arena, "%u", p->host->uid);

	refuse(p, item,
	    sbx_strf(p->arena, "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s", user),
	    "%s has no subordinate %s ids in %s", user, s->word, s->file);
}

static bool owns(const struct side *s, const struct sbx_id_range *r)
{
	if (r->outer == s->outer && r->count == 1)
		return true;
	for (size_t i = 0; i < s->n_subids; i++) {
		if (r->outer >= s->subids[i].start && r->count <= s->subids[i].count &&
		    r->outer - s->subids[i].start <= s->subids[i].count - r->count)
			return true;
	}
	return false;
}

static void add_extent(struct sbx_planner *p, struct side *s, uint32_t inner, uint32_t outer, uint32_t count)
{
	if (count > 0)
		SBX_APPEND(p->arena, s->map->extents, s->map->n) = (struct sbx_id_extent){ inner, outer, count };
}

/* Adds a range, without the id `inner` that the caller itself takes. */
static void add_range(
    struct sbx_planner *p, struct side *s, const struct sbx_item *item, uint32_t inner, uint32_t outer, uint32_t count)
{
	uint32_t before = s->inner - inner;

	if (!s->map->at)
		s->map->at = item->at;
	if (s->inner < inner || before >= count) {
		add_extent(p, s, inner, outer, count);
		return;
	}
	add_extent(p, s, inner, outer, before);
	add_extent(p, s, s->inner + 1, outer + before + 1, count - before - 1);
}

static void plan_all(struct sbx_planner *p, struct side *s, const struct sbx_item *item)
{
	if (p->host->uid != 0) {
		refuse(p, item,
		    sbx_strf(
			p->arena, "`%s auto` maps your subordinate ids (%s)", item->def->name, describe_subids(p, s)),
		    "only root can map every id");
		return;
	}
	p->plan->map_writer = SBX_MAP_PARENT;
	s->map->at = item->at;
	s->map->n = 0;
	add_extent(p, s, 0, 0, UINT32_MAX);
}

static void plan_ids_range(
    struct sbx_planner *p, struct side *s, const struct sbx_item *item, const struct sbx_id_range *r)
{
	/* The caller's own id as a range of one is where it goes: plan_side() has seen that. */
	if (r->outer == s->outer && r->count == 1)
		return;
	if (owns(s, r))
		add_range(p, s, item, r->inner, r->outer, r->count);
	else if (s->n_subids == 0)
		no_subids(p, s, item);
	else
		refuse(p, item, sbx_strf(p->arena, "%s gives you %s", s->file, describe_subids(p, s)),
		    "%u-%u is not within your subordinate %s ids", r->outer, r->outer + (r->count - 1), s->word);
}

static void plan_range(struct sbx_planner *p, struct side *s, const struct sbx_item *item, const struct sbx_id_range *r)
{
	switch (r->kind) {
	case SBX_RANGE_ALL:
		plan_all(p, s, item);
		return;
	case SBX_RANGE_AUTO:
	case SBX_RANGE_SUBIDS:
		if (s->n_subids == 0)
			no_subids(p, s, item);
		else if (r->kind == SBX_RANGE_AUTO)
			add_range(p, s, item, 0, s->subids[0].start, s->subids[0].count);
		for (size_t i = 0; i < s->n_subids && r->kind == SBX_RANGE_SUBIDS; i++)
			add_range(p, s, item, s->subids[i].start, s->subids[i].start, s->subids[i].count);
		return;
	case SBX_RANGE_IDS:
		plan_ids_range(p, s, item, r);
		return;
	}
}

static bool overlap(uint32_t a, uint32_t na, uint32_t b, uint32_t nb)
{
	return a < b ? b - a < na : a - b < nb;
}

static void check_overlaps(struct sbx_planner *p, const struct side *s)
{
	/* Kernel limit on lines of a map since 4.15, user_namespaces(7). */
	if (s->map->n > 340) {
		(void)sbx_error(
		    p->diags, -E2BIG, s->map->at, "more than 340 %s ranges; the kernel takes no more", s->word);
		return;
	}
	for (size_t i = 0; i < s->map->n; i++) {
		for (size_t k = i + 1; k < s->map->n; k++) {
			const struct sbx_id_extent *x = &s->map->extents[i], *y = &s->map->extents[k];

			if (overlap(x->inner, x->count, y->inner, y->count) ||
			    overlap(x->outer, x->count, y->outer, y->count)) {
				(void)sbx_error(p->diags, -EINVAL, s->map->at,
				    "%s ranges overlap: %u:%u:%u and %u:%u:%u", s->word, x->inner, x->outer, x->count,
				    y->inner, y->outer, y->count);
				return;
			}
		}
	}
}

static void plan_side(struct sbx_planner *p, struct side *s)
{
	static const struct sbx_id_range range_auto = { .kind = SBX_RANGE_AUTO };

	/* A range that is the caller's own id decides `inner`, which the others leave a hole for: first. */
	for (size_t i = 0; i < p->spec->n_items; i++) {
		const struct sbx_item *item = &p->spec->items[i];
		const struct sbx_id_range *r = &item->arg[0].range;

		if (item->def->id == s->map_ranges && r->kind == SBX_RANGE_IDS && r->outer == s->outer && r->count == 1)
			s->inner = r->inner;
	}
	for (size_t i = 0; i < p->spec->n_items; i++) {
		const struct sbx_item *item = &p->spec->items[i];

		if (item->def->id == SBX_OPT_MAP_AUTO)
			plan_range(p, s, item, &range_auto);
		else if (item->def->id == s->map_ranges)
			plan_range(p, s, item, &item->arg[0].range);
	}
	if (p->plan->map_writer == SBX_MAP_PARENT && s->map->n == 1 && s->map->extents[0].count == UINT32_MAX) {
		s->inner = s->outer;
		return;
	}
	SBX_APPEND(p->arena, s->map->extents, s->map->n) = (struct sbx_id_extent){ s->inner, s->outer, 1 };
	check_overlaps(p, s);
}

/* The caller's id inside: the last of map-root-user, map-current-user and map-user. */
static uint32_t caller_inner(struct sbx_planner *p, enum sbx_opt single, uint32_t outer, bool *ret_said)
{
	const struct sbx_item *one = sbx_spec_get(p->spec, single);
	const struct sbx_item *root = sbx_spec_get(p->spec, SBX_OPT_MAP_ROOT_USER);
	const struct sbx_item *current = sbx_spec_get(p->spec, SBX_OPT_MAP_CURRENT_USER);

	/* Sealing keeps a map-user that stands before map-root-user out of the spec, not one behind it. */
	*ret_said = one || root || current;
	if (one)
		return (uint32_t)one->arg[0].num;
	return root ? 0 : outer;
}

static bool is_mapped(const struct sbx_id_map *map, uint32_t id)
{
	for (size_t i = 0; i < map->n; i++) {
		if (id >= map->extents[i].inner && id - map->extents[i].inner < map->extents[i].count)
			return true;
	}
	return false;
}

/* One side: the map, and the id of the command. */
static uint32_t plan_one(struct sbx_planner *p, struct side *s, enum sbx_opt single, enum sbx_opt want)
{
	const struct sbx_item *id = sbx_spec_get(p->spec, want);
	bool said, ranges = sbx_spec_get(p->spec, SBX_OPT_MAP_AUTO) || sbx_spec_get(p->spec, s->map_ranges);

	s->inner = caller_inner(p, single, s->outer, &said);
	/* bubblewrap's --uid: with nothing else said the caller simply is that id. */
	if (id && !said && !ranges)
		s->inner = (uint32_t)id->arg[0].num;
	plan_side(p, s);
	if (!id)
		return s->inner;
	if (s->map->n > 0 && !is_mapped(s->map, (uint32_t)id->arg[0].num)) {
		(void)sbx_error(
		    p->diags, -EINVAL, id->at, "%s %s has no mapping in the sandbox", id->def->name, id->arg[0].text);
		sbx_hint(p->diags, "the caller is %u there; map-auto or map-%ss maps more", s->inner, s->word);
	}
	return (uint32_t)id->arg[0].num;
}

/* Someone else's maps: nothing of ours may be said, and which id the caller has there is not known. */
static bool plan_foreign_ids(struct sbx_planner *p)
{
	static const enum sbx_opt maps[] = { SBX_OPT_MAP_ROOT_USER, SBX_OPT_MAP_CURRENT_USER, SBX_OPT_MAP_USER,
		SBX_OPT_MAP_GROUP, SBX_OPT_MAP_AUTO, SBX_OPT_MAP_USERS, SBX_OPT_MAP_GROUPS };
	const struct sbx_plan_fd *who = p->plan->userns.at ? &p->plan->userns : &p->plan->userns_block;
	const struct sbx_item *uid = sbx_spec_get(p->spec, SBX_OPT_UID), *gid = sbx_spec_get(p->spec, SBX_OPT_GID);
	struct sbx_plan *plan = p->plan;

	if (!who->at)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		const struct sbx_item *map = sbx_spec_get(p->spec, maps[i]);

		if (map)
			(void)sbx_error(p->diags, -EINVAL, map->at, "%s: the id maps are someone else's (%s)",
			    map->def->name, sbx_origin_str(p->arena, who->at));
	}
	plan->map_writer = plan->userns.at ? SBX_MAP_JOINED : SBX_MAP_OTHER;
	plan->uid = uid ? (uid_t)uid->arg[0].num : p->host->uid;
	plan->gid = gid ? (gid_t)gid->arg[0].num : p->host->gid;
	plan->caller_uid = uid ? (uid_t)-1 : plan->uid;
	plan->caller_gid = gid ? (gid_t)-1 : plan->gid;
	return true;
}

void sbx_plan_ids(struct sbx_planner *p)
{
	struct sbx_plan *plan = p->plan;
	struct side users = { .word = "user",
		.file = "/etc/subuid",
		.map_ranges = SBX_OPT_MAP_USERS,
		.outer = p->host->uid,
		.subids = p->host->subuids,
		.n_subids = p->host->n_subuids,
		.map = &plan->uid_map };
	struct side groups = { .word = "group",
		.file = "/etc/subgid",
		.map_ranges = SBX_OPT_MAP_GROUPS,
		.outer = p->host->gid,
		.subids = p->host->subgids,
		.n_subids = p->host->n_subgids,
		.map = &plan->gid_map };

	if (plan_foreign_ids(p))
		return;
	plan->uid = plan_one(p, &users, SBX_OPT_MAP_USER, SBX_OPT_UID);
	plan->gid = plan_one(p, &groups, SBX_OPT_MAP_GROUP, SBX_OPT_GID);
	plan->caller_uid = users.inner;
	plan->caller_gid = groups.inner;
	if (plan->map_writer == SBX_MAP_SELF && (plan->uid_map.at || plan->gid_map.at))
		plan->map_writer = SBX_MAP_HELPER;
	/* newgidmap(1) leaves setgroups(2) allowed only when a range beyond the caller's own gid is mapped. */
	plan->drop_groups = plan->map_writer == SBX_MAP_PARENT || plan->gid_map.n > 1;
}
