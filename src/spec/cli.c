/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cli.c - see cli.h. */
#include "spec/cli.h"

struct parser {
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	int argc, next;
	char **argv;
	struct sbx_cli *cli;
	struct sbx_cli_directive open; /* prefixes that wait for their directive */
};

static const struct sbx_origin *word_origin(struct parser *p, int i, size_t column)
{
	struct sbx_origin *o = SBX_NEW(p->arena, struct sbx_origin);

	*o = (struct sbx_origin){ .line = (unsigned)i, .column = (unsigned)column + 1 };
	return o;
}

static void push(struct parser *p, const char *text, const struct sbx_origin *at)
{
	SBX_APPEND(p->arena, p->open.words, p->open.n) = (struct sbx_word){ .text = text, .at = at };
}

/* The row of an option as typed; *ret_value is what follows '=', or NULL. */
static const struct sbx_optdef *find_option(struct parser *p, const char *arg, const char **ret_value,
					    const char **ret_name)
{
	const char *eq = sbx_starts_with(arg, "--") ? strchr(arg, '=') : NULL;

	*ret_value = eq ? eq + 1 : NULL;
	if (sbx_streq(arg, "-h"))
		arg = "--help";
	else if (sbx_streq(arg, "-V"))
		arg = "--version";
	*ret_name = eq ? sbx_strndup(p->arena, arg + 2, (size_t)(eq - arg - 2)) : arg + 2;
	return sbx_starts_with(arg, "--") ? sbx_optdef_find(*ret_name) : NULL;
}

static int unknown_option(struct parser *p, const char *arg, const char *name, const struct sbx_origin *at)
{
	const char *near = sbx_starts_with(arg, "--") ? sbx_optdef_nearest(name, F_CLI) : NULL;

	if (near)
		(void)sbx_error(p->diags, -EINVAL, at, "unknown option '%s' (did you mean '--%s'?)", arg, near);
	else
		(void)sbx_error(p->diags, -EINVAL, at, "unknown option '%s'", arg);
	if (!near)
		sbx_hint(p->diags, "`sbx --help` lists the options; a command whose name begins with '-' goes behind --");
	return -EINVAL;
}

/* Options that steer sbx itself and are no part of the spec. True if `def` is one. */
static bool own_option(struct parser *p, const struct sbx_optdef *def, const struct sbx_word *value)
{
	struct sbx_cli *cli = p->cli;

	switch (def->id) {
	case SBX_OPT_HELP:
		cli->help = true;
		return true;
	case SBX_OPT_VERSION:
		cli->version = true;
		return true;
	case SBX_OPT_QUIET:
		cli->quiet = true;
		cli->verbose = false;
		return true;
	case SBX_OPT_VERBOSE:
		cli->verbose = true;
		cli->quiet = false;
		return true;
	case SBX_OPT_NO_PROFILE:
		cli->no_profile = true;
		cli->profile.text = NULL;
		return true;
	case SBX_OPT_PROFILE:
		cli->profile = *value;
		cli->no_profile = false;
		return true;
	case SBX_OPT_DRY_RUN:
		cli->dry_run = value->text ? SBX_DRY_RUN_JSON : SBX_DRY_RUN_TEXT;
		if (value->text && !sbx_streq(value->text, "json"))
			(void)sbx_error(p->diags, -EINVAL, value->at, "dry-run '%s': expected json", value->text);
		return true;
	default:
		return false;
	}
}

/* Arguments of an option into p->open, behind its name. */
static int take_args(struct parser *p, const struct sbx_optdef *def, const char *arg, const char *value, int i)
{
	const struct sbx_origin *at = word_origin(p, i, 0);

	if (value && def->n_args != 1) {
		if (def->n_args == 0)
			return sbx_error(p->diags, -EINVAL, at, "--%s takes no argument", def->name);
		return sbx_error(p->diags, -EINVAL, at, "--%s takes its arguments as words: --%s %s %s", def->name,
				 def->name, def->args[0].name, def->args[1].name);
	}
	if (value) {
		push(p, value, word_origin(p, i, (size_t)(value - arg)));
		return 0;
	}
	if (def->flags & F_OPTARG)
		return 0;
	for (unsigned k = 0; k < def->n_args; k++) {
		if (p->next >= p->argc)
			return sbx_error(p->diags, -EINVAL, at, "--%s is missing its argument %s", def->name,
					 def->args[k].name);
		push(p, p->argv[p->next], word_origin(p, p->next, 0));
		p->next++;
	}
	return 0;
}

static int parse_option(struct parser *p, const char *arg, int i)
{
	const struct sbx_origin *at = word_origin(p, i, 0);
	const char *value, *name;
	const struct sbx_optdef *def = find_option(p, arg, &value, &name);
	size_t before = p->open.n;
	int r;

	if (!def)
		return unknown_option(p, arg, name, at);
	if (!(def->flags & F_CLI))
		return sbx_error(p->diags, -EINVAL, at, "'%s' belongs in a profile, not on the command line", def->name);
	push(p, def->name, at);
	r = take_args(p, def, arg, value, i);
	if (r < 0)
		return r;
	if (def->flags & F_PREFIX)
		return 0;
	if (!(def->flags & F_PROFILE)) {
		struct sbx_word none = { .at = at };

		if (before > 0)
			return sbx_error(p->diags, -EINVAL, at, "--%s can't follow %s", def->name, p->open.words[0].text);
		(void)own_option(p, def, p->open.n > 1 ? &p->open.words[1] : &none);
	} else {
		SBX_APPEND(p->arena, p->cli->directives, p->cli->n_directives) = p->open;
	}
	p->open = (struct sbx_cli_directive){ 0 };
	return 0;
}

int sbx_cli_parse(struct sbx_arena *a, struct sbx_diags *d, int argc, char **argv, struct sbx_cli *ret)
{
	struct parser p = { .arena = a, .diags = d, .argc = argc, .argv = argv, .next = 1, .cli = ret };

	*ret = (struct sbx_cli){ 0 };
	while (p.next < argc) {
		int i = p.next++;
		const char *arg = argv[i];

		if (sbx_streq(arg, "--"))
			break;
		if (arg[0] != '-' || arg[1] == '\0') {
			p.next--;
			break;
		}
		/* After a wrong option the rest can't be split with any certainty. */
		if (parse_option(&p, arg, i) < 0)
			return -EINVAL;
	}
	if (p.open.n > 0)
		return sbx_error(d, -EINVAL, p.open.words[0].at, "--%s is not followed by an option", p.open.words[0].text);
	if (p.next < argc)
		ret->command = (const char *const *)argv + p.next;
	return d->n_errors ? -EINVAL : 0;
}

/* The profile called like the command, else `default`. */
static int implicit_profile(struct sbx_reader *r, const struct sbx_cli *cli, const char **ret_notice)
{
	struct sbx_builder *b = r->builder;
	const char *command = cli->command ? cli->command[0] : "default";
	const char *slash = strrchr(command, '/');
	struct sbx_found found;
	int e;

	r->profile = slash ? slash + 1 : command;
	e = sbx_search(b->host, b->arena, b->diags, r->profile, NULL, NULL, SBX_FIND_MAY, &found);
	if (e == -ENOENT) {
		r->profile = "default";
		e = sbx_search(b->host, b->arena, b->diags, r->profile, NULL, NULL, SBX_FIND_MUST, &found);
	}
	if (e < 0)
		return e;
	*ret_notice = sbx_strf(b->arena, "profile %s (%s)", r->profile, found.main.path);
	return sbx_reader_found(r, &found, NULL);
}

int sbx_cli_spec(struct sbx_arena *a, const struct sbx_host *h, struct sbx_diags *d, const struct sbx_cli *cli,
		 const struct sbx_spec **ret, const char **ret_notice)
{
	struct sbx_builder b = { .arena = a, .host = h, .diags = d };
	struct sbx_reader r = { .builder = &b };
	struct sbx_spec *spec;

	*ret_notice = NULL;
	if (cli->profile.text) {
		const char *slash = strrchr(cli->profile.text, '/');

		r.profile = slash ? slash + 1 : cli->profile.text;
		(void)sbx_reader_profile(&r, cli->profile.text, h->cwd, cli->profile.at);
	} else if (!cli->no_profile) {
		(void)implicit_profile(&r, cli, ret_notice);
	}
	for (size_t i = 0; i < cli->n_directives; i++)
		(void)sbx_reader_directive(&r, cli->directives[i].words, cli->directives[i].n, F_CLI, h->cwd);
	(void)sbx_builder_end(&b);
	if (d->n_errors)
		return -EINVAL;
	spec = sbx_builder_seal(&b);
	spec->profile = r.profile;
	spec->command = cli->command;
	*ret = spec;
	return 0;
}
