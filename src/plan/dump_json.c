/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dump_json.c - plans and specs as JSON; names are those of the option table. See dump.h. */
#include <sched.h>

#include "base/json.h"
#include "base/sys.h"
#include "plan/dump.h"

static void origin(struct sbx_json *j, const struct sbx_origin *at)
{
	sbx_json_str(j, "origin", at ? sbx_origin_str(j->out->arena, at) : NULL);
}

static void namespaces(struct sbx_json *j, const struct sbx_plan *plan)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} names[] = {
		{ CLONE_NEWUSER, "user" },
		{ CLONE_NEWNS, "mount" },
		{ CLONE_NEWNET, "net" },
		{ CLONE_NEWPID, "pid" },
		{ CLONE_NEWIPC, "ipc" },
		{ CLONE_NEWUTS, "uts" },
		{ CLONE_NEWCGROUP, "cgroup" },
		{ CLONE_NEWTIME, "time" },
	};

	sbx_json_open(j, "namespaces", '[');
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (plan->namespaces & names[i].flag)
			sbx_json_str(j, NULL, names[i].name);
	}
	sbx_json_close(j, ']');
}

static void id_map(struct sbx_json *j, const char *key, const struct sbx_id_map *map)
{
	sbx_json_open(j, key, '[');
	for (size_t i = 0; i < map->n; i++) {
		sbx_json_open(j, NULL, '{');
		sbx_json_num(j, "inner", map->extents[i].inner);
		sbx_json_num(j, "outer", map->extents[i].outer);
		sbx_json_num(j, "count", map->extents[i].count);
		sbx_json_close(j, '}');
	}
	sbx_json_close(j, ']');
}

static void strings(struct sbx_json *j, const char *key, const char *const *list)
{
	sbx_json_open(j, key, '[');
	for (; list && *list; list++)
		sbx_json_str(j, NULL, *list);
	sbx_json_close(j, ']');
}

static void attrs(struct sbx_json *j, unsigned bits)
{
	sbx_json_open(j, "flags", '[');
	for (size_t i = 0; i < ARRAY_LEN(sbx_attr_names); i++) {
		if (bits >> i & 1)
			sbx_json_str(j, NULL, sbx_attr_names[i]);
	}
	sbx_json_close(j, ']');
}

static void ops(struct sbx_json *j, const struct sbx_plan *plan)
{
	sbx_json_open(j, "mounts", '[');
	for (size_t i = 0; i < plan->n_ops; i++) {
		const struct sbx_op *op = &plan->ops[i];

		sbx_json_open(j, NULL, '{');
		sbx_json_str(j, "op", sbx_op_name(op));
		if (op->src)
			sbx_json_str(j, "src", op->src);
		if (op->dest)
			sbx_json_str(j, "dest", op->dest);
		if (op->layers)
			strings(j, "layers", op->layers);
		if (op->upper) {
			sbx_json_str(j, "upper", op->upper);
			sbx_json_str(j, "work", op->work);
		}
		if (op->flags & SBX_OP_FROM_FD || op->kind == SBX_OP_FILE || op->kind == SBX_OP_DATA)
			sbx_json_int(j, "fd", op->fd);
		if (op->attrs)
			attrs(j, op->attrs);
		if (op->flags & SBX_OP_IDMAP)
			sbx_json_bool(j, "idmap", true);
		if (sbx_op_has_mode(op))
			sbx_json_str(j, "perms", sbx_strf(j->out->arena, "%04o", op->mode));
		if (op->size)
			sbx_json_num(j, "size", op->size);
		if (op->kind == SBX_OP_BIND)
			sbx_json_bool(j, "missing-ok", op->flags & SBX_OP_TRY);
		sbx_json_bool(j, "try", op->flags & SBX_OP_MAY_FAIL);
		origin(j, op->at);
		sbx_json_close(j, '}');
	}
	sbx_json_close(j, ']');
}

static void limits(struct sbx_json *j, const struct sbx_plan *plan)
{
	sbx_json_open(j, "rlimit", '[');
	for (size_t i = 0; i < plan->n_rlimits; i++) {
		const struct sbx_rlimit *l = &plan->rlimits[i].limit;

		sbx_json_open(j, NULL, '{');
		sbx_json_str(j, "name", l->name);
		if (l->soft == UINT64_MAX)
			sbx_json_str(j, "soft", "unlimited");
		else
			sbx_json_num(j, "soft", l->soft);
		if (l->hard == UINT64_MAX)
			sbx_json_str(j, "hard", "unlimited");
		else
			sbx_json_num(j, "hard", l->hard);
		origin(j, plan->rlimits[i].at);
		sbx_json_close(j, '}');
	}
	sbx_json_close(j, ']');
	if (plan->set_nice)
		sbx_json_int(j, "nice", plan->nice);
	if (plan->set_umask)
		sbx_json_str(j, "umask", sbx_strf(j->out->arena, "%04o", plan->umask));
	if (plan->timeout_ms) {
		sbx_json_num(j, "timeout-ms", plan->timeout_ms);
		sbx_json_num(j, "kill-after-ms", plan->kill_after_ms);
	}
	sbx_json_bool(j, "die-with-parent", plan->die_with_parent);
	sbx_json_bool(j, "pty", plan->pty);
	sbx_json_bool(j, "new-session", plan->new_session);
}

static void environment(struct sbx_json *j, const struct sbx_plan *plan)
{
	sbx_json_open(j, "env", '[');
	for (size_t i = 0; i < plan->n_env; i++) {
		sbx_json_open(j, NULL, '{');
		sbx_json_str(j, "name", plan->env[i].name);
		/* The caller's own values may be secrets and belong to no directive. */
		if (plan->env[i].at)
			sbx_json_str(j, "value", plan->env[i].value);
		origin(j, plan->env[i].at);
		sbx_json_close(j, '}');
	}
	sbx_json_close(j, ']');
}

/* Descriptors of the caller, those of mounts apart: their word, number and origin. */
static void fds(struct sbx_json *j, const struct sbx_plan *plan)
{
	const struct {
		const char *name;
		const struct sbx_plan_fd *fds;
		size_t n;
	} lists[] = {
		{ "userns", &plan->userns, 1 },
		{ "userns2", &plan->userns2, 1 },
		{ "pidns", &plan->pidns, 1 },
		{ "block-fd", &plan->block, 1 },
		{ "info-fd", &plan->info, 1 },
		{ "userns-block-fd", &plan->userns_block, 1 },
		{ "json-status-fd", &plan->status, 1 },
		{ "keep-fd", plan->keep_fds, plan->n_keep_fds },
		{ "sync-fd", plan->sync_fds, plan->n_sync_fds },
	};

	sbx_json_open(j, "fds", '[');
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (size_t k = 0; k < lists[i].n; k++) {
			if (!lists[i].fds[k].at)
				continue;
			sbx_json_open(j, NULL, '{');
			sbx_json_str(j, "name", lists[i].name);
			sbx_json_int(j, "fd", lists[i].fds[k].fd);
			origin(j, lists[i].fds[k].at);
			sbx_json_close(j, '}');
		}
	}
	sbx_json_close(j, ']');
}

static void seccomp(struct sbx_json *j, const struct sbx_plan *plan)
{
	const struct sbx_seccomp *s = &plan->seccomp;

	sbx_json_open(j, "seccomp", '{');
	sbx_json_str(j, "policy", s->name);
	if (s->name) {
		sbx_json_str(j, "path", s->policy ? s->policy->path : NULL);
		origin(j, s->at);
	}
	sbx_json_bool(j, "floor", s->floor);
	sbx_json_bool(j, "report-denials", s->report);
	if (plan->learn.path) {
		sbx_json_open(j, "learn", '{');
		sbx_json_str(j, "file", plan->learn.path);
		sbx_json_bool(j, "merge", plan->learn.merge);
		origin(j, plan->learn.at);
		sbx_json_close(j, '}');
	}
	sbx_json_num(j, "instructions", s->plain.n);
	sbx_json_open(j, "programs", '[');
	for (size_t i = 0; i < s->n_raw; i++) {
		sbx_json_open(j, NULL, '{');
		sbx_json_int(j, "fd", s->raw[i].fd);
		sbx_json_num(j, "instructions", s->raw[i].bpf.n);
		origin(j, s->raw[i].at);
		sbx_json_close(j, '}');
	}
	sbx_json_close(j, ']');
	sbx_json_close(j, '}');
}

static void outputs(struct sbx_json *j, const struct sbx_plan *plan)
{
	static const char *const names[] = { "stdout", "stderr" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!plan->out[i].path)
			continue;
		sbx_json_open(j, names[i], '{');
		sbx_json_str(j, "file", plan->out[i].path);
		sbx_json_bool(j, "append", plan->out[i].append);
		origin(j, plan->out[i].at);
		sbx_json_close(j, '}');
	}
}

void sbx_dump_plan_json(struct sbx_buf *out, const struct sbx_plan *plan)
{
	static const char *const writers[] = {
		[SBX_MAP_SELF] = "self",
		[SBX_MAP_HELPER] = "newuidmap",
		[SBX_MAP_PARENT] = "root",
		[SBX_MAP_OTHER] = "other",
		[SBX_MAP_JOINED] = "joined",
	};
	struct sbx_json j = { .out = out };

	sbx_json_open(&j, NULL, '{');
	sbx_json_num(&j, "sbx-plan", 1);
	sbx_json_str(&j, "profile", plan->profile);
	strings(&j, "make-dirs", plan->make_dirs);
	namespaces(&j, plan);
	sbx_json_bool(&j, "nested", plan->nested);
	sbx_json_bool(&j, "enable-userns", plan->enable_userns);
	sbx_json_str(&j, "id-map-writer", writers[plan->map_writer]);
	id_map(&j, "uid-map", &plan->uid_map);
	id_map(&j, "gid-map", &plan->gid_map);
	sbx_json_str(&j, "hostname", plan->hostname);
	ops(&j, plan);
	strings(&j, "protect", plan->protect);
	sbx_json_open(&j, "chdir", '[');
	for (size_t i = 0; i < ARRAY_LEN(plan->chdir) && plan->chdir[i]; i++)
		sbx_json_str(&j, NULL, plan->chdir[i]);
	sbx_json_close(&j, ']');
	limits(&j, plan);
	sbx_json_num(&j, "uid", plan->uid);
	sbx_json_num(&j, "gid", plan->gid);
	sbx_json_open(&j, "capabilities", '[');
	for (unsigned cap = 0; cap < 64; cap++) {
		if (plan->caps >> cap & 1 && sbx_cap_name(cap))
			sbx_json_str(&j, NULL, sbx_cap_name(cap));
	}
	sbx_json_close(&j, ']');
	seccomp(&j, plan);
	environment(&j, plan);
	strings(&j, "lock-files", plan->lock_files);
	fds(&j, plan);
	outputs(&j, plan);
	sbx_json_bool(&j, "as-pid-1", plan->as_pid_1);
	sbx_json_bool(&j, "assert-userns-disabled", plan->assert_userns);
	sbx_json_bool(&j, "summary", plan->summary);
	sbx_json_str(&j, "file", plan->file);
	strings(&j, "argv", plan->argv);
	sbx_json_close(&j, '}');
}

void sbx_dump_spec_json(struct sbx_buf *out, const struct sbx_spec *spec)
{
	struct sbx_json j = { .out = out };

	sbx_json_open(&j, NULL, '{');
	sbx_json_num(&j, "sbx-profile", 1);
	sbx_json_str(&j, "profile", spec->profile);
	sbx_json_open(&j, "directives", '[');
	for (size_t i = 0; i < spec->n_items; i++) {
		const struct sbx_item *item = &spec->items[i];

		sbx_json_open(&j, NULL, '{');
		sbx_json_str(&j, "name", item->def->name);
		sbx_json_open(&j, "args", '[');
		for (unsigned k = 0; k < item->def->n_args; k++)
			sbx_json_str(&j, NULL, item->arg[k].text);
		sbx_json_close(&j, ']');
		if (item->mods.perms.at)
			sbx_json_str(
			    &j, "perms", sbx_strf(out->arena, "%04llo", (unsigned long long)item->mods.perms.value));
		if (item->mods.size.at)
			sbx_json_num(&j, "size", item->mods.size.value);
		if (item->mods.attrs.at)
			attrs(&j, (unsigned)item->mods.attrs.value);
		if (item->mods.idmap)
			sbx_json_bool(&j, "idmap", true);
		if (item->mods.n_layers) {
			sbx_json_open(&j, "layers", '[');
			for (size_t k = 0; k < item->mods.n_layers; k++)
				sbx_json_str(&j, NULL, item->mods.layers[k].text);
			sbx_json_close(&j, ']');
		}
		sbx_json_bool(&j, "try", item->try);
		origin(&j, item->at);
		sbx_json_close(&j, '}');
	}
	sbx_json_close(&j, ']');
	sbx_json_close(&j, '}');
}
