/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spec.c - words to typed values, merge rules; see spec.h. */
#include "spec/spec.h"

#include <limits.h>

const char *const sbx_attr_names[4] = { "noexec", "nosymfollow", "noatime", "nodiratime" };

static int bad_value(
    struct sbx_builder *b, const struct sbx_optdef *def, unsigned i, const struct sbx_word *w, const char *why)
{
	return sbx_error(b->diags, -EINVAL, w->at, "%s: %s '%s': %s", def->name, def->args[i].name, w->text, why);
}

static const char *parse_home(struct sbx_builder *b, const char *text, struct sbx_arg *ret)
{
	if (sbx_streq(text, "tmpfs")) {
		ret->home.kind = SBX_HOME_TMPFS;
	} else if (sbx_streq(text, "host")) {
		ret->home.kind = SBX_HOME_HOST;
	} else if (sbx_streq(text, "persist")) {
		ret->home.kind = SBX_HOME_PERSIST;
	} else if (sbx_starts_with(text, "persist:")) {
		const char *why = sbx_check_name(text + strlen("persist:"));

		if (why)
			return why;
		ret->home.kind = SBX_HOME_PERSIST;
		ret->home.name = sbx_strdup(b->arena, text + strlen("persist:"));
	} else {
		return "expected tmpfs, persist, persist:NAME or host";
	}
	return NULL;
}

/* Whether the word was read from a profile, not from the command line or --args. */
static bool is_in_profile(const struct sbx_word *w)
{
	return w->at->file && w->at->file[0] != '<';
}

static const char *parse_host_path(struct sbx_builder *b, const struct sbx_word *w, struct sbx_arg *ret)
{
	if (!*w->text)
		return "an empty path names nothing";
	if (*w->text != '/') {
		/* In a file "relative" could mean three directories; on the command line and in --args it means one. */
		if (is_in_profile(w))
			return "a profile must name host paths from / (or from a variable such as ${HOME})";
		if (!b->host->cwd)
			return "relative to a current directory that can't be told";
		ret->text = sbx_strf(b->arena, "%s/%s", sbx_streq(b->host->cwd, "/") ? "" : b->host->cwd, w->text);
	}
	return sbx_check_abs_path(ret->text);
}

/* systemd's StandardOutput= has append:PATH too. */
static const char *parse_output(struct sbx_builder *b, const struct sbx_word *w, struct sbx_arg *ret)
{
	size_t skip = sbx_starts_with(w->text, "append:") ? strlen("append:") : 0;
	const struct sbx_word path = { .text = w->text + skip, .at = w->at };
	struct sbx_arg abs = { .text = path.text };
	const char *why = parse_host_path(b, &path, &abs);

	if (!why)
		ret->text = skip ? sbx_strf(b->arena, "append:%s", abs.text) : abs.text;
	return why;
}

/* A path becomes absolute: on the command line from the current directory, in a profile from the profile's own. */
static const char *parse_policy(struct sbx_builder *b, const struct sbx_word *w, struct sbx_arg *ret)
{
	const char *text = w->text, *slash = is_in_profile(w) ? strrchr(w->at->file, '/') : NULL;
	const char *dir = slash		     ? sbx_strndup(b->arena, w->at->file, (size_t)(slash - w->at->file))
			  : is_in_profile(w) ? "."
					     : b->host->cwd;
	uint64_t fd;

	if (sbx_streq(text, "none")) {
		ret->seccomp.kind = SBX_SECCOMP_NONE;
		return NULL;
	}
	if (*text && strspn(text, "0123456789") == strlen(text)) {
		if (is_in_profile(w))
			return "a profile can't know the caller's file descriptors";
		if (sbx_parse_u64(text, 0, INT_MAX, &fd))
			return "expected the number of an open file descriptor";
		ret->seccomp.kind = SBX_SECCOMP_FD;
		ret->seccomp.fd = (int)fd;
		return NULL;
	}
	ret->seccomp.kind = SBX_SECCOMP_POLICY;
	if (!strchr(text, '/'))
		return sbx_check_name(text);
	if (*text != '/') {
		if (!dir)
			return "relative to a current directory that can't be told";
		ret->text = sbx_strf(b->arena, "%s/%s", sbx_streq(dir, "/") ? "" : dir, text);
	}
	return *ret->text == '/' ? sbx_check_abs_path(ret->text) : NULL;
}

static const char *parse_user(struct sbx_builder *b, const char *text, bool group, uint64_t *ret)
{
	int r;

	if (*text >= '0' && *text <= '9')
		return sbx_parse_id(text, ret);
	r = group ? sbx_host_group_id(b->host, text, ret) : sbx_host_user_id(b->host, text, ret);
	if (r < 0)
		return group ? "no such group" : "no such user";
	return NULL;
}

/* Turns the text of one argument into its value. NULL, or what is wrong. */
static const char *parse_arg(
    struct sbx_builder *b, enum sbx_arg_kind kind, const struct sbx_word *w, struct sbx_arg *ret)
{
	const char *text = w->text;

	ret->text = text;
	switch (kind) {
	case SBX_ARG_HOST_PATH:
		return parse_host_path(b, w, ret);
	case SBX_ARG_PATH:
		return sbx_check_abs_path(text);
	case SBX_ARG_TEXT:
		return NULL;
	case SBX_ARG_ENV_NAME:
		return sbx_check_env_name(text);
	case SBX_ARG_MODE:
		return sbx_parse_mode(text, 07777, &ret->num);
	case SBX_ARG_UMASK:
		return sbx_parse_mode(text, 0777, &ret->num);
	case SBX_ARG_SIZE:
		return sbx_parse_size(text, &ret->num);
	case SBX_ARG_ID:
		return sbx_parse_id(text, &ret->num);
	case SBX_ARG_USER:
		return parse_user(b, text, false, &ret->num);
	case SBX_ARG_GROUP:
		return parse_user(b, text, true, &ret->num);
	case SBX_ARG_RANGE:
		return sbx_parse_id_range(text, &ret->range);
	case SBX_ARG_CAP:
		return sbx_parse_cap(text, &ret->num);
	case SBX_ARG_HOSTNAME:
		return sbx_check_hostname(text);
	case SBX_ARG_DURATION:
		return sbx_parse_duration(text, &ret->num);
	case SBX_ARG_RLIMIT:
		return sbx_parse_rlimit(text, &ret->rlimit);
	case SBX_ARG_NICE:
		return sbx_parse_int(text, -20, 19, &ret->i) ? "expected a nice value from -20 to 19" : NULL;
	case SBX_ARG_HOME:
		return parse_home(b, text, ret);
	case SBX_ARG_FEATURE:
		return sbx_feature_find(text) ? NULL : "no such feature; `sbxctl doctor` lists them";
	case SBX_ARG_FD:
		return sbx_parse_u64(text, 0, INT_MAX, &ret->num) ? "expected the number of an open file descriptor"
								  : NULL;
	case SBX_ARG_OUTPUT:
		return parse_output(b, w, ret);
	case SBX_ARG_POLICY:
		return parse_policy(b, w, ret);
	case SBX_ARG_PROFILE:
	case SBX_ARG_CONDITION:
	case SBX_ARG_VERSION:
	case SBX_ARG_FORMAT:
		return "not a value of the sandbox"; /* the reader's and the command line's own */
	}
	return "unknown kind of value";
}

const struct sbx_item *sbx_spec_get(const struct sbx_spec *s, enum sbx_opt opt)
{
	for (size_t i = s->n_items; i > 0; i--) {
		if (s->items[i - 1].def->id == opt)
			return &s->items[i - 1];
	}
	return NULL;
}

uint64_t sbx_spec_caps(const struct sbx_spec *s)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < s->n_items; i++) {
		const struct sbx_item *item = &s->items[i];
		uint64_t bits = item->arg[0].num == SBX_CAP_ALL ? SBX_CAP_ALL : UINT64_C(1) << (item->arg[0].num & 63);

		if (item->def->id == SBX_OPT_CAP_ADD)
			caps |= bits;
		else if (item->def->id == SBX_OPT_CAP_DROP)
			caps &= ~bits;
	}
	return caps;
}

static int not_taken(struct sbx_builder *b, const struct sbx_origin *at, const char *name, const char *takers)
{
	return sbx_error(b->diags, -EINVAL, at, "%s is not followed by %s", name, takers);
}

int sbx_builder_end(struct sbx_builder *b)
{
	static const char mounts[] = "a bind, tmpfs or overlay";
	struct sbx_modifiers m = b->mods;
	int r = 0;

	sbx_builder_forget_modifiers(b);
	if (m.perms.at)
		r = not_taken(b, m.perms.at, "perms", "tmpfs, dir, file, bind-data or ro-bind-data");
	if (m.size.at)
		r = not_taken(b, m.size.at, "size", "tmpfs");
	if (m.attrs.at)
		r = not_taken(b, m.attrs.at, sbx_attr_names[__builtin_ctzll(m.attrs.value)], mounts);
	if (m.idmap)
		r = not_taken(b, m.idmap, "idmap", "a bind");
	if (m.n_layers)
		r = not_taken(b, m.layers[0].at, "overlay-src", "overlay, tmp-overlay or ro-overlay");
	return r;
}

void sbx_builder_forget_modifiers(struct sbx_builder *b)
{
	b->mods = (struct sbx_modifiers){ 0 };
}

/* Remembers a modifier for the directive behind it. */
static void add_modifier(struct sbx_builder *b, const struct sbx_item *item)
{
	struct sbx_modifiers *m = &b->mods;

	if (item->def->id == SBX_OPT_PERMS) {
		m->perms.value = item->arg[0].num;
		m->perms.at = item->at;
	} else if (item->def->id == SBX_OPT_SIZE) {
		m->size.value = item->arg[0].num;
		m->size.at = item->at;
	} else if (item->def->id == SBX_OPT_IDMAP) {
		m->idmap = item->at;
	} else if (item->def->id == SBX_OPT_OVERLAY_SRC) {
		SBX_APPEND(b->arena, m->layers, m->n_layers) =
		    (struct sbx_word){ .text = item->arg[0].text, .at = item->at };
	}
	for (size_t i = 0; i < ARRAY_LEN(sbx_attr_names); i++) {
		if (!sbx_streq(item->def->name, sbx_attr_names[i]))
			continue;
		m->attrs.value |= UINT64_C(1) << i;
		if (!m->attrs.at)
			m->attrs.at = item->at;
	}
}

/* Gives waiting modifiers to `item`, and complains of those that it doesn't take. */
static int take_modifiers(struct sbx_builder *b, struct sbx_item *item)
{
	struct sbx_modifiers *m = &b->mods, taken = { 0 };

	if (item->def->flags & F_PERMS) {
		taken.perms = m->perms;
		m->perms.at = NULL;
	}
	if (item->def->flags & F_SIZE) {
		taken.size = m->size;
		m->size.at = NULL;
	}
	if (item->def->flags & F_ATTRS) {
		taken.attrs = m->attrs;
		m->attrs.at = NULL;
	}
	if (item->def->flags & F_IDMAP) {
		taken.idmap = m->idmap;
		m->idmap = NULL;
	}
	if (item->def->flags & F_LAYERS) {
		taken.layers = m->layers;
		taken.n_layers = m->n_layers;
		m->n_layers = 0;
	}
	item->mods = taken;
	return sbx_builder_end(b);
}

static int parse_args(struct sbx_builder *b, struct sbx_item *item, const struct sbx_word *words, size_t n)
{
	const struct sbx_optdef *def = item->def;
	int r = 0;

	if (n != def->n_args) {
		struct sbx_buf form = { .arena = b->arena };

		for (unsigned i = 0; i < def->n_args; i++)
			sbx_buf_addf(&form, " %s", def->args[i].name);
		return sbx_error(b->diags, -EINVAL, n > def->n_args ? words[def->n_args].at : item->at,
		    "%s takes %u argument%s, not %zu: %s%s", def->name, def->n_args, def->n_args == 1 ? "" : "s", n,
		    def->name, sbx_buf_str(&form));
	}
	for (unsigned i = 0; i < def->n_args; i++) {
		const char *why = parse_arg(b, def->args[i].kind, &words[i], &item->arg[i]);

		if (why)
			r = bad_value(b, def, i, &words[i], why);
	}
	return r;
}

int sbx_builder_add(struct sbx_builder *b, const struct sbx_optdef *def, const struct sbx_origin *at, bool try,
    const struct sbx_word *words, size_t n_words)
{
	struct sbx_item item = { .def = def, .at = at, .try = try };
	int r;

	if (b->n_read++ >= SBX_SPEC_MAX_ITEMS)
		return sbx_error(b->diags, -E2BIG, at, "more than %d directives", SBX_SPEC_MAX_ITEMS);
	r = parse_args(b, &item, words, n_words);
	if (r < 0)
		return r;
	if (def->flags & F_MODIFIER) {
		add_modifier(b, &item);
		return 0;
	}
	r = take_modifiers(b, &item);
	if (r < 0)
		return r;
	/*
	 * Mounts are ordered: what replaces a home takes its place, so that `--home host` does not cover what the
	 * profile put into the home behind its own `home`.
	 */
	if (def->id == SBX_OPT_HOME && b->home) {
		b->items[b->home - 1] = item;
		return 0;
	}
	SBX_APPEND(b->arena, b->items, b->n_items) = item;
	if (def->id == SBX_OPT_HOME)
		b->home = b->n_items;
	return 0;
}

/* Whether `later` undoes `item`. */
static bool replaces(const struct sbx_item *later, const struct sbx_item *item)
{
	enum sbx_slot slot = item->def->slot;

	if (later->def->id == SBX_OPT_UNSHARE_ALL)
		return slot == SBX_SLOT_NET || slot == SBX_SLOT_PID || slot == SBX_SLOT_IPC || slot == SBX_SLOT_UTS ||
		       slot == SBX_SLOT_CGROUP;
	/* map-root-user and map-current-user say the user and the group. */
	if (later->def->slot == SBX_SLOT_MAP_CALLER && (slot == SBX_SLOT_MAP_USER || slot == SBX_SLOT_MAP_GROUP))
		return true;
	if (later->def->id != item->def->id && (slot == SBX_SLOT_NONE || later->def->slot != slot))
		return false;
	return item->def->merge != SBX_MERGE_APPEND;
}

struct sbx_spec *sbx_builder_seal(struct sbx_builder *b)
{
	struct sbx_spec *s = SBX_NEW(b->arena, struct sbx_spec);
	struct sbx_item *kept = sbx_alloc_array(b->arena, b->n_items + 1, sizeof *kept);
	const struct sbx_item **standing;
	size_t n_standing = 0, n = 0;

	/*
	 * Backwards, so that each item meets only the ones that may replace it. There are few such kinds, and
	 * one of each is enough to remember: thousands of binds stay linear.
	 */
	standing = sbx_alloc_array(b->arena, SBX_OPT_COUNT, sizeof *standing);
	for (size_t i = b->n_items; i > 0; i--) {
		const struct sbx_item *item = &b->items[i - 1];
		bool gone = false, known = false;

		for (size_t k = 0; k < n_standing && !gone; k++) {
			gone = replaces(standing[k], item);
			known = known || standing[k]->def == item->def;
		}
		if (gone)
			continue;
		if (!known && (item->def->merge != SBX_MERGE_APPEND || item->def->id == SBX_OPT_UNSHARE_ALL))
			standing[n_standing++] = item;
		kept[n++] = *item;
	}
	for (size_t i = 0; i < n / 2; i++) {
		struct sbx_item swap = kept[i];

		kept[i] = kept[n - 1 - i];
		kept[n - 1 - i] = swap;
	}
	s->items = kept;
	s->n_items = n;
	return s;
}
