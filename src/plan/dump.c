/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dump.c - plans and specs as text; see dump.h. */
#include "plan/dump.h"

#include <sched.h>

#include "base/sys.h"
#include "base/value.h"

const char *sbx_quote_word(struct sbx_arena *a, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%^~";
	struct sbx_buf b = { .arena = a };

	if (*word && strspn(word, plain) == strlen(word))
		return word;
	sbx_buf_addc(&b, '"');
	while (*word) {
		size_t n = sbx_utf8_char(word);
		unsigned char c = (unsigned char)*word;

		if (c == '\n')
			sbx_buf_adds(&b, "\\n");
		else if (c == '\t')
			sbx_buf_adds(&b, "\\t");
		else if (n == 0 || c < 0x20 || c == 0x7f)
			sbx_buf_addf(&b, "\\x%02x", c);
		else if (c == 0xc2 && (unsigned char)word[1] < 0xa0) /* U+0080..U+009F, controls too: see log.c */
			sbx_buf_addf(&b, "\\x%02x\\x%02x", c, (unsigned char)word[1]);
		else if (c == '"' || c == '\\' || c == '$')
			sbx_buf_addf(&b, "\\%c", c);
		else
			sbx_buf_add(&b, word, n);
		word += n ? n : 1;
	}
	sbx_buf_addc(&b, '"');
	return sbx_buf_str(&b);
}

/* Ends a line with its origin in one column, where that fits. */
static void end_line(struct sbx_buf *out, size_t start, const struct sbx_origin *at)
{
	size_t width = 0;

	/* Characters, not bytes. */
	for (size_t i = start; i < out->len; i++)
		width += ((unsigned char)out->data[i] & 0xc0) != 0x80;
	sbx_buf_addf(out, "%*s# %s\n", width < 56 ? (int)(56 - width) : 1, "",
	    at ? sbx_quote_word(out->arena, sbx_origin_str(out->arena, at)) : "sbx's own rule");
}

/* A path with what would break the line escaped. */
static const char *q(struct sbx_buf *out, const char *s)
{
	return sbx_quote_word(out->arena, s);
}

static void dump_namespaces(struct sbx_buf *out, const struct sbx_plan *plan)
{
	static const struct {
		uint64_t flag;
		const char *name;
		int share;
	} names[] = {
		{ CLONE_NEWUSER, "user", -1 },
		{ CLONE_NEWNS, "mount", -1 },
		{ CLONE_NEWNET, "net", SBX_SHARE_NET },
		{ CLONE_NEWPID, "pid", SBX_SHARE_PID },
		{ CLONE_NEWIPC, "ipc", SBX_SHARE_IPC },
		{ CLONE_NEWUTS, "uts", SBX_SHARE_UTS },
		{ CLONE_NEWCGROUP, "cgroup", SBX_SHARE_CGROUP },
		{ CLONE_NEWTIME, "time", -1 },
	};

	sbx_buf_adds(out, "new namespaces:");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (plan->namespaces & names[i].flag)
			sbx_buf_addf(out, " %s", names[i].name);
	}
	sbx_buf_addc(out, '\n');
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t start = out->len;

		if (names[i].share < 0 || !plan->share_at[names[i].share])
			continue;
		sbx_buf_addf(out, "  %s: %s",
		    plan->pidns.at && names[i].share == SBX_SHARE_PID ? "joined" : "shared with the host",
		    names[i].name);
		end_line(out, start, plan->share_at[names[i].share]);
	}
}

static void dump_map(struct sbx_buf *out, const char *name, const struct sbx_id_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct sbx_id_extent *e = &map->extents[i];
		size_t start = out->len;

		sbx_buf_addf(out, "  %s %u is %u outside", name, e->inner, e->outer);
		if (e->count > 1)
			sbx_buf_addf(out, ", %u ids", e->count);
		if (map->at)
			end_line(out, start, map->at);
		else
			sbx_buf_addc(out, '\n');
	}
}

static void dump_ids(struct sbx_buf *out, const struct sbx_plan *plan)
{
	static const char *const writers[] = {
		[SBX_MAP_SELF] = "written by the sandbox, setgroups denied",
		[SBX_MAP_HELPER] = "written by newuidmap and newgidmap",
		[SBX_MAP_PARENT] = "written by sbx as root",
		[SBX_MAP_OTHER] = "written by someone else, who is waited for",
		[SBX_MAP_JOINED] = "those of the user namespace that is joined",
	};

	sbx_buf_addf(out, "id maps, %s:\n", writers[plan->map_writer]);
	dump_map(out, "uid", &plan->uid_map);
	dump_map(out, "gid", &plan->gid_map);
}

/* "noexec ro-bind": modifiers as they would be said. */
static void dump_attrs(struct sbx_buf *out, unsigned attrs, bool idmap)
{
	for (size_t i = 0; i < ARRAY_LEN(sbx_attr_names); i++) {
		if (attrs >> i & 1)
			sbx_buf_addf(out, "%s ", sbx_attr_names[i]);
	}
	if (idmap)
		sbx_buf_adds(out, "idmap ");
}

static void dump_op(struct sbx_buf *out, const struct sbx_plan *plan, const struct sbx_op *op)
{
	size_t start = out->len;

	sbx_buf_addf(out, "  %s", op->flags & SBX_OP_MAY_FAIL ? "try " : "");
	dump_attrs(out, op->attrs, op->flags & SBX_OP_IDMAP);
	sbx_buf_adds(out, sbx_op_name(op));
	if (op->flags & SBX_OP_TRY)
		sbx_buf_adds(out, "-try");
	if (op->kind == SBX_OP_PROTECT) {
		for (const char *const *p = plan->protect; *p; p++)
			sbx_buf_addf(out, " %s", q(out, *p));
	}
	for (const char *const *layer = op->layers; layer && *layer; layer++)
		sbx_buf_addf(out, " %s", q(out, *layer));
	if (op->upper)
		sbx_buf_addf(out, " with changes to %s, work in %s on", q(out, op->upper), q(out, op->work));
	else if (op->layers)
		sbx_buf_adds(out, " on");
	if (op->flags & SBX_OP_FROM_FD || op->kind == SBX_OP_FILE || op->kind == SBX_OP_DATA)
		sbx_buf_addf(out, " %d", op->fd);
	if (op->src)
		sbx_buf_addf(out, " %s", q(out, op->src));
	if (op->dest)
		sbx_buf_addf(out, " %s", q(out, op->dest));
	if (sbx_op_has_mode(op))
		sbx_buf_addf(out, " mode %04o", op->mode);
	if (op->size)
		sbx_buf_addf(out, " size %llu", (unsigned long long)op->size);
	end_line(out, start, op->at);
}

static void dump_caps(struct sbx_buf *out, uint64_t caps)
{
	sbx_buf_adds(out, "capabilities:");
	if (caps == 0)
		sbx_buf_adds(out, " none");
	else if (caps == SBX_CAP_ALL)
		sbx_buf_adds(out, " all");
	for (unsigned cap = 0; cap < 64 && caps != SBX_CAP_ALL; cap++) {
		const char *name = caps >> cap & 1 ? sbx_cap_name(cap) : NULL;

		if (name)
			sbx_buf_addf(out, " %s", name);
		else if (caps >> cap & 1 && cap < 41)
			sbx_buf_addf(out, " %u", cap);
	}
	sbx_buf_addc(out, '\n');
}

static void dump_limits(struct sbx_buf *out, const struct sbx_plan *plan)
{
	for (size_t i = 0; i < plan->n_rlimits; i++) {
		const struct sbx_rlimit *l = &plan->rlimits[i].limit;
		size_t start = out->len;

		sbx_buf_addf(out, "rlimit %s ", l->name);
		for (int k = 0; k < 2; k++) {
			uint64_t v = k ? l->hard : l->soft;

			if (v == UINT64_MAX)
				sbx_buf_addf(out, "%sunlimited", k ? ":" : "");
			else
				sbx_buf_addf(out, "%s%llu", k ? ":" : "", (unsigned long long)v);
		}
		end_line(out, start, plan->rlimits[i].at);
	}
	if (plan->set_nice) {
		size_t start = out->len;

		sbx_buf_addf(out, "nice %d", plan->nice);
		end_line(out, start, plan->nice_at);
	}
	if (plan->set_umask) {
		size_t start = out->len;

		sbx_buf_addf(out, "umask %04o", plan->umask);
		end_line(out, start, plan->umask_at);
	}
}

static void dump_env(struct sbx_buf *out, const struct sbx_plan *plan)
{
	size_t inherited = 0;

	sbx_buf_adds(out, "environment:\n");
	for (size_t i = 0; i < plan->n_env; i++) {
		size_t start = out->len;

		/* Values of the caller's environment may be secrets and belong to no directive. */
		if (!plan->env[i].at) {
			inherited++;
			continue;
		}
		sbx_buf_addf(out, "  %s=%s", q(out, plan->env[i].name), q(out, plan->env[i].value));
		end_line(out, start, plan->env[i].at);
	}
	if (inherited)
		sbx_buf_addf(out, "  and %zu of the caller's variables\n", inherited);
}

static void dump_fd(struct sbx_buf *out, const char *what, const struct sbx_plan_fd *fd)
{
	size_t start = out->len;

	if (!fd->at)
		return;
	sbx_buf_addf(out, "%s file descriptor %d", what, fd->fd);
	end_line(out, start, fd->at);
}

static void dump_output(struct sbx_buf *out, const char *name, const struct sbx_output *o)
{
	size_t start = out->len;

	if (!o->path)
		return;
	sbx_buf_addf(out, "%s %s %s", name, o->append ? "at the end of" : "to", q(out, o->path));
	end_line(out, start, o->at);
}

static void dump_session(struct sbx_buf *out, const struct sbx_plan *plan)
{
	size_t start = out->len;

	if (!plan->new_session) {
		sbx_buf_adds(out, "process group of its own in the caller's session\n");
		return;
	}
	sbx_buf_adds(out, plan->pty ? "session and terminal of its own" : "session of its own");
	if (plan->pty || plan->new_session_at)
		end_line(out, start, plan->pty ? plan->pty_at : plan->new_session_at);
	else
		sbx_buf_addc(out, '\n');
}

static void dump_seccomp(struct sbx_buf *out, const struct sbx_plan *plan)
{
	const struct sbx_seccomp *s = &plan->seccomp;
	size_t start = out->len;

	if (s->name || s->at) {
		sbx_buf_addf(out, "seccomp %s", s->name ? q(out, s->name) : "none");
		if (s->name && s->policy && s->policy->path)
			sbx_buf_addf(out, " (%s)", q(out, s->policy->path));
		end_line(out, start, s->at);
	}
	start = out->len;
	if (!s->floor) {
		sbx_buf_adds(out, "no floor of closed system calls");
		end_line(out, start, s->no_floor_at);
	} else {
		sbx_buf_addf(
		    out, "typing into terminals, keyrings, io_uring%s closed\n", plan->enable_userns ? "" : ", clone3");
	}
	if (s->plain.n > 0)
		sbx_buf_addf(out, "filter of %zu instructions\n", s->plain.n);
	start = out->len;
	if (s->report) {
		sbx_buf_adds(out, "denials are told of");
		if (s->report_at)
			end_line(out, start, s->report_at);
		else
			sbx_buf_addc(out, '\n');
	}
	start = out->len;
	if (plan->learn.path) {
		sbx_buf_addf(out, "what the command does is %s %s", plan->learn.merge ? "added to" : "written to",
		    q(out, plan->learn.path));
		end_line(out, start, plan->learn.at);
	}
	for (size_t i = 0; i < s->n_raw; i++) {
		start = out->len;
		sbx_buf_addf(
		    out, "seccomp program of file descriptor %d, %zu instructions", s->raw[i].fd, s->raw[i].bpf.n);
		end_line(out, start, s->raw[i].at);
	}
}

static void dump_supervision(struct sbx_buf *out, const struct sbx_plan *plan)
{
	dump_fd(out, "pid and namespaces as JSON to", &plan->info);
	dump_fd(out, "status as JSON to", &plan->status);
	if (plan->summary)
		sbx_buf_adds(out, "a summary at the end\n");
	if (plan->die_with_parent) {
		size_t start = out->len;

		sbx_buf_adds(out, "killed when the process that started sbx ends");
		end_line(out, start, plan->die_at);
	}
	if (plan->timeout_ms) {
		size_t start = out->len;

		sbx_buf_addf(out, "SIGTERM after %llu ms", (unsigned long long)plan->timeout_ms);
		end_line(out, start, plan->timeout_at);
		start = out->len;
		sbx_buf_addf(out, "SIGKILL %llu ms later", (unsigned long long)plan->kill_after_ms);
		end_line(out, start, plan->kill_after_at);
	}
}

void sbx_dump_plan_text(struct sbx_buf *out, const struct sbx_plan *plan)
{
	if (plan->profile)
		sbx_buf_addf(out, "profile %s\n", q(out, plan->profile));
	for (const char *const *dir = plan->make_dirs; *dir; dir++)
		sbx_buf_addf(out, "make the directory %s on the host\n", q(out, *dir));
	dump_namespaces(out, plan);
	dump_fd(out, "join the user namespace of", &plan->userns);
	dump_fd(out, "join the pid namespace of", &plan->pidns);
	dump_ids(out, plan);
	dump_fd(out, "  wait for", &plan->userns_block);
	if (!plan->share_at[SBX_SHARE_NET])
		sbx_buf_adds(out, "loopback device up\n");
	if (plan->hostname) {
		size_t start = out->len;

		sbx_buf_addf(out, "host name %s", q(out, plan->hostname));
		end_line(out, start, plan->hostname_at);
	}
	sbx_buf_adds(out, "in an empty root, all nosuid, nodev unless dev-bind:\n");
	for (size_t i = 0; i < plan->n_ops; i++)
		dump_op(out, plan, &plan->ops[i]);
	if (!plan->enable_userns)
		sbx_buf_adds(out, "no user namespaces inside\n");
	sbx_buf_adds(out, "enter the new root, leave the host's\n");
	dump_fd(out, "move on to the user namespace of", &plan->userns2);
	dump_supervision(out, plan);
	{
		size_t start = out->len;

		sbx_buf_addf(out, "directory %s", q(out, plan->chdir[0]));
		for (size_t i = 1; i < ARRAY_LEN(plan->chdir) && plan->chdir[i]; i++)
			sbx_buf_addf(out, ", else %s", q(out, plan->chdir[i]));
		if (plan->chdir_at)
			end_line(out, start, plan->chdir_at);
		else
			sbx_buf_addc(out, '\n');
	}
	for (size_t i = 0; plan->lock_files[i]; i++) {
		size_t start = out->len;

		sbx_buf_addf(out, "lock %s", q(out, plan->lock_files[i]));
		end_line(out, start, plan->lock_at[i]);
	}
	dump_fd(out, "wait for", &plan->block);
	if (plan->as_pid_1)
		sbx_buf_adds(out, "no init: the command is process 1\n");
	if (plan->nested)
		sbx_buf_adds(out, "a user and a mount namespace of the command's own, where the mounts are locked\n");
	dump_session(out, plan);
	dump_limits(out, plan);
	sbx_buf_addf(out, "user %u, group %u%s\n", plan->uid, plan->gid, plan->drop_groups ? ", no other groups" : "");
	dump_caps(out, plan->caps);
	sbx_buf_adds(out, "no new privileges\n");
	if (plan->assert_userns) {
		size_t start = out->len;

		sbx_buf_adds(out, "prove that no user namespace can be made");
		end_line(out, start, plan->assert_at);
	}
	dump_seccomp(out, plan);
	for (size_t i = 0; i < plan->n_sync_fds; i++)
		dump_fd(out, "hold", &plan->sync_fds[i]);
	for (size_t i = 0; i < plan->n_keep_fds; i++)
		dump_fd(out, "keep", &plan->keep_fds[i]);
	dump_output(out, "standard output", &plan->out[0]);
	dump_output(out, "standard error", &plan->out[1]);
	dump_env(out, plan);
	if (plan->argv) {
		sbx_buf_addf(out, "run %s as", q(out, plan->file));
		for (const char *const *arg = plan->argv; *arg; arg++)
			sbx_buf_addf(out, " %s", q(out, *arg));
		sbx_buf_addc(out, '\n');
	}
}

/* Each on a line of its own, as a profile has them. */
static void dump_modifiers(struct sbx_buf *out, const struct sbx_modifiers *m)
{
	size_t start = out->len;

	if (m->perms.at) {
		sbx_buf_addf(out, "perms %04llo", (unsigned long long)m->perms.value);
		end_line(out, start, m->perms.at);
	}
	start = out->len;
	if (m->size.at) {
		sbx_buf_addf(out, "size %llu", (unsigned long long)m->size.value);
		end_line(out, start, m->size.at);
	}
	for (size_t i = 0; i < ARRAY_LEN(sbx_attr_names); i++) {
		start = out->len;
		if (!(m->attrs.value >> i & 1))
			continue;
		sbx_buf_adds(out, sbx_attr_names[i]);
		end_line(out, start, m->attrs.at);
	}
	start = out->len;
	if (m->idmap) {
		sbx_buf_adds(out, "idmap");
		end_line(out, start, m->idmap);
	}
	for (size_t i = 0; i < m->n_layers; i++) {
		start = out->len;
		sbx_buf_addf(out, "overlay-src %s", q(out, m->layers[i].text));
		end_line(out, start, m->layers[i].at);
	}
}

void sbx_dump_spec_text(struct sbx_buf *out, const struct sbx_spec *spec)
{
	sbx_buf_adds(out, "sbx-profile 1\n");
	for (size_t i = 0; i < spec->n_items; i++) {
		const struct sbx_item *item = &spec->items[i];
		size_t start;

		dump_modifiers(out, &item->mods);
		start = out->len;
		sbx_buf_addf(out, "%s%s", item->try ? "try " : "", item->def->name);
		for (unsigned k = 0; k < item->def->n_args; k++)
			sbx_buf_addf(out, " %s", q(out, item->arg[k].text));
		end_line(out, start, item->at);
	}
}
