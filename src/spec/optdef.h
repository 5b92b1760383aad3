/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* optdef.h - the option table (options.def) as data. */
#ifndef SBX_SPEC_OPTDEF_H
#define SBX_SPEC_OPTDEF_H

#include "base/base.h"

enum sbx_opt {
#define OPT(id, name, group, flags, merge, slot, args, help) SBX_OPT_##id,
#include "spec/options.def"
#undef OPT
	SBX_OPT_COUNT
};

enum sbx_group {
	SBX_GROUP_PROFILES,
	SBX_GROUP_FILESYSTEM,
	SBX_GROUP_ENVIRONMENT,
	SBX_GROUP_NAMESPACES,
	SBX_GROUP_IDENTITY,
	SBX_GROUP_SECCOMP,
	SBX_GROUP_LIMITS,
	SBX_GROUP_PROCESS,
	SBX_GROUP_OUTPUT,
	SBX_GROUP_COUNT
};

/* What an argument is; spec.c turns its text into a value, the completions offer what fits. */
enum sbx_arg_kind {
	SBX_ARG_HOST_PATH, /* path on the host; relative ones count from the current directory, command line only */
	SBX_ARG_PATH, /* absolute path in the sandbox */
	SBX_ARG_TEXT,
	SBX_ARG_ENV_NAME,
	SBX_ARG_MODE,
	SBX_ARG_UMASK,
	SBX_ARG_SIZE,
	SBX_ARG_ID,
	SBX_ARG_USER, /* uid, or a name in the user database */
	SBX_ARG_GROUP, /* gid, or a name in the group database */
	SBX_ARG_RANGE,
	SBX_ARG_CAP,
	SBX_ARG_HOSTNAME,
	SBX_ARG_DURATION,
	SBX_ARG_RLIMIT,
	SBX_ARG_NICE,
	SBX_ARG_HOME,
	SBX_ARG_PROFILE,
	SBX_ARG_CONDITION,
	SBX_ARG_FEATURE,
	SBX_ARG_VERSION,
	SBX_ARG_FORMAT,
	SBX_ARG_FD, /* number of a file descriptor of the caller */
	SBX_ARG_OUTPUT, /* file of the host to be written, perhaps with append: before it */
	SBX_ARG_POLICY, /* name or path of a seccomp policy, descriptor of a program, or none */
};

enum sbx_merge { SBX_MERGE_REPLACE, SBX_MERGE_APPEND, SBX_MERGE_SET };

/* Rows that replace one another; NONE is a slot of the row's own. */
enum sbx_slot {
	SBX_SLOT_NONE,
	SBX_SLOT_NET,
	SBX_SLOT_PID,
	SBX_SLOT_IPC,
	SBX_SLOT_UTS,
	SBX_SLOT_CGROUP,
	SBX_SLOT_USERNS,
	SBX_SLOT_MAP_CALLER,
	SBX_SLOT_MAP_USER,
	SBX_SLOT_MAP_GROUP,
	SBX_SLOT_VERBOSITY,
};

enum sbx_opt_flags {
	F_CLI = 1 << 0,
	F_PROFILE = 1 << 1,
	F_BOTH = F_CLI | F_PROFILE,
	F_PREFIX = 1 << 2,
	F_MODIFIER = 1 << 3,
	F_PERMS = 1 << 4,
	F_SIZE = 1 << 5,
	F_TRY = 1 << 6,
	F_OPTARG = 1 << 7,
	F_ATTRS = 1 << 8, /* takes noexec, nosymfollow, noatime, nodiratime */
	F_LAYERS = 1 << 9, /* takes overlay-src */
	F_IDMAP = 1 << 10, /* takes idmap */
};

#define SBX_MAX_ARGS 3

struct sbx_argdef {
	enum sbx_arg_kind kind;
	const char *name; /* as --help shows it */
};

struct sbx_optdef {
	enum sbx_opt id;
	const char *name;
	enum sbx_group group;
	unsigned flags; /* enum sbx_opt_flags */
	enum sbx_merge merge;
	enum sbx_slot slot;
	unsigned n_args;
	struct sbx_argdef args[SBX_MAX_ARGS];
	const char *help;
};

/* All rows in the order of the file; index with enum sbx_opt. */
extern const struct sbx_optdef sbx_optdefs[SBX_OPT_COUNT];

/* Headings, index with enum sbx_group. */
extern const char *const sbx_group_titles[SBX_GROUP_COUNT];

/* The row called `name`, or NULL. */
const struct sbx_optdef *sbx_optdef_find(const char *name);

/* The name nearest to `name` among rows that have one of `flags`, or NULL. */
const char *sbx_optdef_nearest(const char *name, unsigned flags);

#endif
