/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* help.c - see help.h. */
#include "spec/help.h"

#include "base/value.h"

/* "NAME ARG ARG" with `dash` before the name. */
static const char *form(struct sbx_arena *a, const struct sbx_optdef *def, const char *dash)
{
	struct sbx_buf b = { .arena = a };

	sbx_buf_addf(&b, "%s%s", dash, def->name);
	for (unsigned i = 0; i < def->n_args; i++) {
		if (def->flags & F_OPTARG)
			sbx_buf_addf(&b, "[=%s]", def->args[i].name);
		else
			sbx_buf_addf(&b, " %s", def->args[i].name);
	}
	return sbx_buf_str(&b);
}

/* Adds `text` wrapped to 80 columns behind `indent` blanks; the first line is at column `at` already. */
static void wrap(struct sbx_buf *out, const char *text, size_t indent, size_t at)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (at > indent && at + 1 + len > 79) {
			sbx_buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			sbx_buf_addc(out, ' ');
			at++;
		}
		sbx_buf_add(out, text, len);
		at += len;
		text += len;
		while (*text == ' ')
			text++;
	}
	sbx_buf_addc(out, '\n');
}

void sbx_help_text(struct sbx_buf *out)
{
	enum { INDENT = 30 };

	sbx_buf_adds(out, "Usage: sbx [OPTION…] [--] COMMAND [ARG…]\n"
			  "Run COMMAND in a sandbox, as an ordinary user. Without --profile it is the\n"
			  "profile called like the command, else the profile `default`.\n");
	for (unsigned g = 0; g < SBX_GROUP_COUNT; g++) {
		sbx_buf_addf(out, "\n%s:\n", sbx_group_titles[g]);
		for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
			const struct sbx_optdef *def = &sbx_optdefs[i];
			const char *f;

			if (def->group != g || !(def->flags & F_CLI))
				continue;
			f = form(out->arena, def, "--");
			if (strlen(f) + 4 > INDENT)
				sbx_buf_addf(out, "  %s\n%*s", f, INDENT, "");
			else
				sbx_buf_addf(out, "  %-*s", INDENT - 2, f);
			wrap(out, def->help, INDENT, INDENT);
		}
	}
	sbx_buf_adds(out, "\nExit status: the command's own; 128+N if signal N ended it; 124 after --timeout;\n"
			  "125 if sbx failed and nothing ran; 126 if COMMAND can't be executed; 127 if it\n"
			  "is not found. See sbx(1), sbx-profile(5) and `sbxctl doctor`.\n");
}

/* What fits at an argument, as one word that the completion scripts map to their shell's way. */
static const char *completes(const struct sbx_argdef *arg)
{
	switch (arg->kind) {
	case SBX_ARG_HOST_PATH:
	case SBX_ARG_PATH:
	case SBX_ARG_OUTPUT:
		return "path";
	case SBX_ARG_PROFILE:
		return "profile";
	case SBX_ARG_POLICY:
		return "policy";
	case SBX_ARG_CAP:
		return "cap";
	case SBX_ARG_ENV_NAME:
		return "env";
	case SBX_ARG_USER:
		return "user";
	case SBX_ARG_GROUP:
		return "group";
	case SBX_ARG_RLIMIT:
		return "rlimit";
	case SBX_ARG_HOME:
		return "home";
	case SBX_ARG_RANGE:
		return "range";
	case SBX_ARG_CONDITION:
		return "condition";
	case SBX_ARG_FEATURE:
		return "feature";
	case SBX_ARG_TEXT:
	case SBX_ARG_MODE:
	case SBX_ARG_UMASK:
	case SBX_ARG_SIZE:
	case SBX_ARG_ID:
	case SBX_ARG_HOSTNAME:
	case SBX_ARG_DURATION:
	case SBX_ARG_NICE:
	case SBX_ARG_VERSION:
	case SBX_ARG_FORMAT:
	case SBX_ARG_FD:
		break;
	}
	return "none";
}

/* ALL and the names of the capabilities, without CAP_. */
static const char *caps(struct sbx_arena *a)
{
	struct sbx_buf b = { .arena = a };

	sbx_buf_adds(&b, "ALL");
	for (unsigned cap = 0; cap < 64; cap++) {
		const char *name = sbx_cap_name(cap);

		if (name)
			sbx_buf_addf(&b, " %s", name + strlen("CAP_"));
	}
	return sbx_buf_str(&b);
}

static const char limits[] = "as= core= cpu= data= fsize= locks= memlock= msgqueue= nice= nofile= nproc= rss= rtprio= "
			     "rttime= sigpending= stack=";

void sbx_help_bash(struct sbx_buf *out)
{
	sbx_buf_adds(out, "# bash completion for sbx, made from the option table; do not edit\n"
			  "_sbx()\n{\n"
			  "    local cur i word kinds kind\n"
			  "    cur=${COMP_WORDS[COMP_CWORD]}\n"
			  "    # Walk the words before the cursor: each option says how many words it takes.\n"
			  "    i=1 kinds=()\n"
			  "    while ((i < COMP_CWORD)); do\n"
			  "        word=${COMP_WORDS[i]}\n"
			  "        if ((${#kinds[@]})); then kinds=(\"${kinds[@]:1}\"); ((i += 1)); continue; fi\n"
			  "        case $word in\n"
			  "            --) _command_offset $((i + 1)); return ;;\n");
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		if (!(def->flags & F_CLI) || def->n_args == 0 || (def->flags & F_OPTARG))
			continue;
		sbx_buf_addf(out, "            --%s) kinds=(", def->name);
		for (unsigned k = 0; k < def->n_args; k++)
			sbx_buf_addf(out, "%s%s", k ? " " : "", completes(&def->args[k]));
		sbx_buf_adds(out, ") ;;\n");
	}
	sbx_buf_adds(out,
	    "            -*) ;;\n"
	    "            *) _command_offset \"$i\"; return ;;\n"
	    "        esac\n"
	    "        ((i += 1))\n"
	    "    done\n"
	    "    COMPREPLY=()\n"
	    "    if ((${#kinds[@]})); then\n"
	    "        kind=${kinds[0]}\n"
	    "        case $kind in\n"
	    "            path) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	    "            policy) mapfile -t COMPREPLY < <(compgen -W \"none $(sbxctl seccomp list --names 2>/dev/null)\" -- \"$cur\")\n"
	    "                [[ $cur == */* ]] && { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); } ;;\n"
	    "            profile) mapfile -t COMPREPLY < <(compgen -W \"$(sbxctl profile list --names 2>/dev/null)\" -- \"$cur\")\n"
	    "                [[ $cur == */* ]] && { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); } ;;\n");
	sbx_buf_addf(
	    out, "            cap) mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\") ;;\n", caps(out->arena));
	sbx_buf_adds(out, "            env) mapfile -t COMPREPLY < <(compgen -v -- \"$cur\") ;;\n"
			  "            user) mapfile -t COMPREPLY < <(compgen -u -- \"$cur\") ;;\n"
			  "            group) mapfile -t COMPREPLY < <(compgen -g -- \"$cur\") ;;\n");
	sbx_buf_addf(out,
	    "            rlimit) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\") ;;\n",
	    limits);
	sbx_buf_adds(out,
	    "            home) mapfile -t COMPREPLY < <(compgen -W \"tmpfs persist host\" -- \"$cur\") ;;\n"
	    "            range) mapfile -t COMPREPLY < <(compgen -W \"auto subids all\" -- \"$cur\") ;;\n"
	    "            condition) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -W \"exists: env: feature:\" -- \"$cur\") ;;\n"
	    "            feature) mapfile -t COMPREPLY < <(compgen -W \"$(sbxctl doctor --names 2>/dev/null)\" -- \"$cur\") ;;\n"
	    "        esac\n"
	    "        return\n"
	    "    fi\n"
	    "    if [[ $cur == -* ]]; then\n"
	    "        mapfile -t COMPREPLY < <(compgen -W \"");
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		if (sbx_optdefs[i].flags & F_CLI)
			sbx_buf_addf(out, "--%s ", sbx_optdefs[i].name);
	}
	sbx_buf_adds(out, "--dry-run=json\" -- \"$cur\")\n"
			  "    else\n"
			  "        compopt -o filenames; mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
			  "    fi\n"
			  "}\n"
			  "complete -F _sbx sbx\n");
}

/* Quotes text for zsh's _arguments inside single quotes. */
static void add_escaped(struct sbx_buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			sbx_buf_adds(out, "'\\''");
		else if (strchr(special, *text))
			sbx_buf_addf(out, "\\%c", *text);
		else
			sbx_buf_addc(out, *text);
	}
}

static const char *zsh_action(const struct sbx_argdef *arg)
{
	const char *kind = completes(arg);
	static const char *const actions[][2] = {
		{ "path", "_files" },
		{ "profile", "_sbx_profiles" },
		{ "policy", "_sbx_policies" },
		{ "cap", "_sbx_caps" },
		{ "env", "_parameters -g \"*export*\"" },
		{ "user", "_users" },
		{ "group", "_groups" },
		{ "rlimit", "_sbx_rlimits" },
		{ "home", "(tmpfs persist host)" },
		{ "range", "(auto subids all)" },
		{ "condition", "_sbx_conditions" },
		{ "feature", "_sbx_features" },
	};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (sbx_streq(kind, actions[i][0]))
			return actions[i][1];
	}
	return " ";
}

void sbx_help_zsh(struct sbx_buf *out)
{
	sbx_buf_adds(out,
	    "#compdef sbx\n# zsh completion for sbx, made from the option table; do not edit\n"
	    "_sbx_profiles() { compadd -- ${(f)\"$(sbxctl profile list --names 2>/dev/null)\"} || _files }\n"
	    "_sbx_policies() { compadd -- none ${(f)\"$(sbxctl seccomp list --names 2>/dev/null)\"} || _files }\n"
	    "_sbx_features() { compadd -- ${(f)\"$(sbxctl doctor --names 2>/dev/null)\"} }\n"
	    "_sbx_conditions() { compadd -S '' -- exists: env: feature: }\n");
	sbx_buf_addf(
	    out, "_sbx_caps() { compadd -- %s }\n_sbx_rlimits() { compadd -S '' -- %s }\n", caps(out->arena), limits);
	sbx_buf_adds(out, "_arguments -S \\\n");
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		if (!(def->flags & F_CLI))
			continue;
		sbx_buf_addf(out, "  '%s--%s%s[",
		    def->merge == SBX_MERGE_APPEND || (def->flags & (F_MODIFIER | F_PREFIX)) ? "*" : "", def->name,
		    def->flags & F_OPTARG ? "=-" : "");
		add_escaped(out, def->help, "[]:\\");
		sbx_buf_adds(out, "]");
		for (unsigned k = 0; k < def->n_args; k++) {
			sbx_buf_adds(out, def->flags & F_OPTARG ? "::" : ":");
			add_escaped(out, def->args[k].name, "[]:\\");
			sbx_buf_addf(out, ":%s", def->flags & F_OPTARG ? "(json)" : zsh_action(&def->args[k]));
		}
		sbx_buf_adds(out, "' \\\n");
	}
	sbx_buf_adds(out, "  '(-):command: _command_names -e' \\\n  '*::arguments: _normal'\n");
}

static const char *fish_action(const struct sbx_argdef *arg)
{
	const char *kind = completes(arg);

	if (sbx_streq(kind, "path"))
		return " -r -F";
	if (sbx_streq(kind, "profile"))
		return " -r -k -a '(sbxctl profile list --names 2>/dev/null; __fish_complete_suffix .profile)'";
	if (sbx_streq(kind, "policy"))
		return " -r -k -a '(echo none; sbxctl seccomp list --names 2>/dev/null; __fish_complete_suffix .policy)'";
	if (sbx_streq(kind, "env"))
		return " -x -a '(set -nx)'";
	if (sbx_streq(kind, "user"))
		return " -x -a '(__fish_complete_users)'";
	if (sbx_streq(kind, "group"))
		return " -x -a '(__fish_complete_groups)'";
	if (sbx_streq(kind, "home"))
		return " -x -a 'tmpfs persist host'";
	if (sbx_streq(kind, "range"))
		return " -x -a 'auto subids all'";
	if (sbx_streq(kind, "condition"))
		return " -x -a 'exists: env: feature:'";
	if (sbx_streq(kind, "feature"))
		return " -x -a '(sbxctl doctor --names 2>/dev/null)'";
	return " -x";
}

void sbx_help_fish(struct sbx_buf *out)
{
	sbx_buf_adds(out, "# fish completion for sbx, made from the option table; do not edit\n"
			  "complete -c sbx -f -a '(__fish_complete_subcommand)'\n");
	for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
		const struct sbx_optdef *def = &sbx_optdefs[i];

		if (!(def->flags & F_CLI))
			continue;
		sbx_buf_addf(out, "complete -c sbx -l %s -d '", def->name);
		for (const char *p = def->help; *p; p++) {
			if (*p == '\'' || *p == '\\')
				sbx_buf_addc(out, '\\');
			sbx_buf_addc(out, *p);
		}
		sbx_buf_addc(out, '\'');
		if (def->flags & F_OPTARG)
			sbx_buf_adds(out, " -a json");
		else if (def->n_args && sbx_streq(completes(&def->args[0]), "cap"))
			sbx_buf_addf(out, " -x -a '%s'", caps(out->arena));
		else if (def->n_args && sbx_streq(completes(&def->args[0]), "rlimit"))
			sbx_buf_addf(out, " -x -a '%s'", limits);
		else if (def->n_args)
			sbx_buf_adds(out, fish_action(&def->args[0]));
		sbx_buf_addc(out, '\n');
	}
}

/* Text for troff: a '-' is a hyphen unless escaped, a leading '.' or '\'' would be a request. */
static void add_roff(struct sbx_buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		sbx_buf_adds(out, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			sbx_buf_adds(out, "\\e");
		else if (*text == '-')
			sbx_buf_adds(out, "\\-");
		else if ((unsigned char)*text == 0xe2 && (unsigned char)text[1] == 0x80 &&
			 (unsigned char)text[2] == 0xa6) {
			sbx_buf_adds(out, "...");
			text += 2;
		} else
			sbx_buf_addc(out, *text);
	}
}

void sbx_help_man(struct sbx_buf *out, unsigned scope)
{
	const char *dash = scope == F_CLI ? "\\-\\-" : "";

	for (unsigned g = 0; g < SBX_GROUP_COUNT; g++) {
		bool title = false;

		for (size_t i = 0; i < SBX_OPT_COUNT; i++) {
			const struct sbx_optdef *def = &sbx_optdefs[i];

			if (def->group != g || !(def->flags & scope))
				continue;
			if (!title)
				sbx_buf_addf(out, ".SS %s\n", sbx_group_titles[g]);
			title = true;
			sbx_buf_addf(out, ".TP\n\\fB%s", dash);
			add_roff(out, def->name);
			sbx_buf_adds(out, "\\fR");
			for (unsigned k = 0; k < def->n_args; k++) {
				sbx_buf_adds(out, def->flags & F_OPTARG ? "[=\\fI" : " \\fI");
				add_roff(out, def->args[k].name);
				sbx_buf_adds(out, def->flags & F_OPTARG ? "\\fR]" : "\\fR");
			}
			sbx_buf_addc(out, '\n');
			add_roff(out, def->help);
			sbx_buf_adds(out, ".\n");
		}
	}
}
