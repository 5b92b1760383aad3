/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cli.c - see cli.h. */
#include "spec/cli.h"

#include <limits.h>

#include "base/fd.h"

/* Most bytes that one --args may give; more than any list of directives that the builder takes. */
enum { MAX_ARGS_BYTES = 64 << 20 };

struct parser {
	struct sbx_arena *arena;
	struct sbx_diags *diags;
	int argc, next;
	char **argv;
	const char *file; /* of origins: NULL for the command line, "<fd N>" for the words of --args */
	const struct sbx_origin *from; /* the --args that is being read, or NULL */
	struct sbx_cli *cli;
	struct sbx_cli_directive open; /* prefixes that wait for their directive */
};

static const struct sbx_origin *word_origin(struct parser *p, int i, size_t column)
{
	struct sbx_origin *o = SBX_NEW(p->arena, struct sbx_origin);

	*o = (struct sbx_origin){
		.file = p->file, .line = (unsigned)i, .column = (unsigned)column + 1, .from = p->from
	};
	return o;
}

static void push(struct parser *p, const char *text, const struct sbx_origin *at)
{
	SBX_APPEND(p->arena, p->open.words, p->open.n) = (struct sbx_word){ .text = text, .at = at };
}

/* The row of an option as typed; *ret_value is what follows '=', or NULL. */
static const struct sbx_optdef *find_option(
    struct parser *p, const char *arg, const char **ret_value, const char **ret_name)
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
		sbx_hint(
		    p->diags, "`sbx --help` lists the options; a command whose name begins with '-' goes behind --");
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
	case SBX_OPT_LEVEL_PREFIX:
		cli->level_prefix = true;
		return true;
	case SBX_OPT_NO_PROFILE:
		cli->no_profile = true;
		cli->profile.text = NULL;
		return true;
	case SBX_OPT_PROFILE:
		cli->profile = *value;
		cli->no_profile = false;
		return true;
	case SBX_OPT_LEARN:
		if (cli->learn)
			(void)sbx_error(p->diags, -EINVAL, value->at, "--learn twice: a run is learned into one file");
		cli->learn = true;
		return false;
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
		struct sbx_buf form = { .arena = p->arena };

		if (def->n_args == 0)
			return sbx_error(p->diags, -EINVAL, at, "--%s takes no argument", def->name);
		for (unsigned k = 0; k < def->n_args; k++)
			sbx_buf_addf(&form, " %s", def->args[k].name);
		return sbx_error(p->diags, -EINVAL, at, "--%s takes its arguments as words: --%s%s", def->name,
		    def->name, sbx_buf_str(&form));
	}
	if (value) {
		push(p, value, word_origin(p, i, (size_t)(value - arg)));
		return 0;
	}
	if (def->flags & F_OPTARG)
		return 0;
	for (unsigned k = 0; k < def->n_args; k++) {
		if (p->next >= p->argc)
			return sbx_error(
			    p->diags, -EINVAL, at, "--%s is missing its argument %s", def->name, def->args[k].name);
		push(p, p->argv[p->next], word_origin(p, p->next, 0));
		p->next++;
	}
	return 0;
}

static int read_args(struct parser *p, const struct sbx_word *value);

/* Of the rows for the command line alone those that name a descriptor are no part of a profile, but of the spec. */
static bool is_directive(const struct sbx_optdef *def)
{
	return def->id != SBX_OPT_ARGS && def->n_args > 0 && def->args[0].kind == SBX_ARG_FD;
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
		return sbx_error(
		    p->diags, -EINVAL, at, "'%s' belongs in a profile, not on the command line", def->name);
	push(p, def->name, at);
	r = take_args(p, def, arg, value, i);
	if (r < 0)
		return r;
	if (def->flags & F_PREFIX)
		return 0;
	if (!(def->flags & F_PROFILE)) {
		struct sbx_word none = { .at = at };
		struct sbx_word *words = p->open.words;
		size_t n = p->open.n;

		if (before > 0 && !is_directive(def))
			return sbx_error(p->diags, -EINVAL, at, "--%s can't follow %s", def->name, words[0].text);
		if (own_option(p, def, n > 1 ? &words[1] : &none) || def->id == SBX_OPT_ARGS) {
			p->open = (struct sbx_cli_directive){ 0 };
			return def->id == SBX_OPT_ARGS ? read_args(p, &words[1]) : 0;
		}
	}
	SBX_APPEND(p->arena, p->cli->directives, p->cli->n_directives) = p->open;
	p->open = (struct sbx_cli_directive){ 0 };
	return 0;
}

/* Options up to the end of the words, or up to the command's. */
static int parse_options(struct parser *p)
{
	while (p->next < p->argc) {
		int i = p->next++;
		const char *arg = p->argv[i];

		if (sbx_streq(arg, "--"))
			break;
		if (arg[0] != '-' || arg[1] == '\0') {
			p->next--;
			break;
		}
		/* After a wrong option the rest can't be split with any certainty. */
		if (parse_option(p, arg, i) < 0)
			return -EINVAL;
	}
	if (p->open.n > 0)
		return sbx_error(
		    p->diags, -EINVAL, p->open.words[0].at, "--%s is not followed by an option", p->open.words[0].text);
	return 0;
}

/* The words of --args; counted from 1, as those of the command line are behind the program's name. */
static int read_args(struct parser *p, const struct sbx_word *value)
{
	const struct parser outer = *p;
	uint64_t fd;
	char *text;
	size_t len, n = 1;
	int r;

	if (p->from)
		return sbx_error(p->diags, -EINVAL, value->at, "--args can't be in the words of another --args");
	if (sbx_parse_u64(value->text, 0, INT_MAX, &fd))
		return sbx_error(p->diags, -EINVAL, value->at,
		    "args: FD '%s': expected the number of an open file descriptor", value->text);
	r = sbx_read_file(p->arena, (int)fd, MAX_ARGS_BYTES, &text, &len);
	if (r < 0)
		return sbx_error(
		    p->diags, r, value->at, "--args: can't read from file descriptor %d: %s", (int)fd, strerror(-r));
	if (fd > 2)
		(void)close((int)fd);
	p->file = sbx_strf(p->arena, "<fd %d>", (int)fd);
	p->from = value->at;
	for (size_t at = 0; at < len; at += strlen(text + at) + 1)
		n++;
	p->argv = sbx_alloc_array(p->arena, n + 1, sizeof *p->argv);
	p->argc = (int)n;
	n = 1;
	/* A last word without its NUL counts too. */
	for (size_t at = 0; at < len; at += strlen(text + at) + 1)
		p->argv[n++] = text + at;
	p->next = 1;
	r = parse_options(p);
	if (r == 0 && p->next < p->argc)
		r = sbx_error(p->diags, -EINVAL, word_origin(p, p->next, 0),
		    "'%s' is no option: the command belongs on the command line", p->argv[p->next]);
	*p = outer;
	return r;
}

int sbx_cli_parse(struct sbx_arena *a, struct sbx_diags *d, int argc, char **argv, struct sbx_cli *ret)
{
	struct parser p = { .arena = a, .diags = d, .argc = argc, .argv = argv, .next = 1, .cli = ret };

	*ret = (struct sbx_cli){ 0 };
	if (parse_options(&p) < 0)
		return -EINVAL;
	if (p.next < argc)
		ret->command = (const char *const *)argv + p.next;
	return d->n_errors ? -EINVAL : 0;
}

/* The profile called like the command, else `default`; `learn` for --learn. */
static int implicit_profile(struct sbx_reader *r, const struct sbx_cli *cli, const char **ret_notice)
{
	struct sbx_builder *b = r->builder;
	const char *command = cli->command ? cli->command[0] : "default";
	const char *slash = strrchr(command, '/');
	struct sbx_found found;
	int e;

	r->profile = slash ? slash + 1 : command;
	if (cli->learn)
		r->profile = "learn";
	e = sbx_search(b->host, b->arena, b->diags, &sbx_search_profiles, r->profile, NULL, NULL,
	    cli->learn ? SBX_FIND_MUST : SBX_FIND_MAY, &found);
	if (e == -ENOENT) {
		r->profile = "default";
		e = sbx_search(
		    b->host, b->arena, b->diags, &sbx_search_profiles, r->profile, NULL, NULL, SBX_FIND_MUST, &found);
	}
	if (e < 0)
		return e;
	*ret_notice = sbx_strf(b->arena, "profile %s (%s)%s", r->profile, found.main.path,
	    cli->learn ? ": the command is hardly confined while it is learned from" : "");
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
