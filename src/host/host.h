/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host.h - what this machine and this caller are: plain facts, read once, that the profile reader and the
 * planner use. Tests write a struct sbx_host by hand.
 */
#ifndef SBX_HOST_HOST_H
#define SBX_HOST_HOST_H

#include <sys/types.h>

#include "base/err.h"

/* One range of subordinate ids, subuid(5). */
struct sbx_subid {
	uint32_t start, count;
};

enum { SBX_SEARCH_DIRS = 4 };

struct sbx_host {
	struct sbx_arena *arena;
	bool real_root; /* user 0 of the host, not of some user namespace */
	uid_t uid; /* real = effective ids; the mains refuse anything else */
	gid_t gid;
	const char *user; /* login name; NULL until sbx_host_load_subids(), or if the user database has none */
	const char *home; /* absolute; $HOME if that is absolute, else of the user database, else "/" */
	const char *real_home; /* home with its links resolved, to compare with cwd; NULL: the same as home */
	const char *cwd; /* absolute, or NULL if it can't be told (deleted, unreachable) */
	const char *config_home, *data_home, *state_home, *cache_home; /* XDG base directories, absolute */
	const char *runtime_dir; /* $XDG_RUNTIME_DIR if absolute, or NULL */
	const char *id; /* 12 hexadecimal digits, new for each run */
	const char *tty; /* path of the terminal on standard output, or NULL */
	char **env; /* NULL-terminated copy of the caller's environment */
	/* Directories with profiles/ in them, most important first; NULL entries are skipped. */
	const char *search_dirs[SBX_SEARCH_DIRS];

	/* Subordinate ids of the user; only after sbx_host_load_subids(). */
	struct sbx_subid *subuids, *subgids;
	size_t n_subuids, n_subgids;

	signed char *feature_cache; /* answers of sbx_host_has(): 0 not asked, 1 yes, -1 no; NULL: no cache */

	/* For tests: NULL-terminated lists that answer instead of the machine when they are not NULL. */
	const char *const *fake_paths;
	const char *const *fake_features;
};

/*
 * Fills `ret` for the calling process, fast: the user database is read only if $HOME is of no use. `env` is copied, nothing of it is trusted but $HOME, the XDG
 * variables and what profiles name. 0 or a negative errno with an error added.
 */
_must_check_ int sbx_host_probe(struct sbx_arena *a, char **env, struct sbx_diags *d, struct sbx_host *ret);

/*
 * Fills h->user and reads the user's ranges where newuidmap(1) looks them up: in /etc/subuid and /etc/subgid,
 * or, if nsswitch.conf names another source for `subid`, by getsubids(1). A user without ranges is no error here.
 */
_must_check_ int sbx_host_load_subids(struct sbx_host *h, struct sbx_diags *d);

/* The programs that write id maps: absolute paths known since configure. */
extern const char sbx_host_newuidmap[], sbx_host_newgidmap[];

/* Absolute path of a program in the system's directories (never the caller's PATH), or NULL. */
const char *sbx_host_program(const struct sbx_host *h, const char *name);

/* The value of an environment variable in h->env, or NULL. */
const char *sbx_host_env(const struct sbx_host *h, const char *name);

/* Whether `path` exists (dangling links do not). */
bool sbx_host_exists(const struct sbx_host *h, const char *path);

/*
 * Ids of a name in the user or group database. 0, or -ENOENT.
 */
_must_check_ int sbx_host_user_id(const struct sbx_host *h, const char *name, uint64_t *ret);
_must_check_ int sbx_host_group_id(const struct sbx_host *h, const char *name, uint64_t *ret);

/*
 * The directory of a user-dirs.dirs(5) key such as "XDG_DOWNLOAD_DIR" (absolute), or NULL if it has none.
 * Reads $XDG_CONFIG_HOME/user-dirs.dirs; no shell runs, only "$HOME/…" and absolute values count.
 */
const char *sbx_host_user_dir(const struct sbx_host *h, const char *key);

/* feature.c: what the host can do, one row a feature; `when feature:X`, `requires X` and sbxctl doctor use it. */
struct sbx_why {
	const char *text, *remedy;
};
/* The text, this very one, of a call that is missing here and without which sbx has an older way. */
extern const char sbx_why_older_way[];
struct sbx_feature {
	const char *name;
	const char *summary; /* what it is good for, one line */
	const char *remedy; /* what to do if it is missing */
	/*
	 * Whether it is there. ret->text (never NULL on return) says which version, or why not; ret->remedy is
	 * set if this machine needs another one than the row's. Call sbx_feature_check().
	 */
	bool (*probe)(const struct sbx_host *h, struct sbx_why *ret);
};
extern const struct sbx_feature sbx_features[];
extern const size_t sbx_n_features;
const struct sbx_feature *sbx_feature_find(const char *name);
/* Asks the machine, not fake_features. ret->remedy is NULL if the feature is there. */
bool sbx_feature_check(const struct sbx_host *h, const struct sbx_feature *f, struct sbx_why *ret);
/* Whether the host has the feature (fake_features answers first). `name` must be in the table. */
bool sbx_host_has(const struct sbx_host *h, const char *name);

/* subid.c: parser of subuid(5) text, pure, for `user` or `uid` as a number. */
_must_check_ int sbx_subid_parse(struct sbx_arena *a, const char *text, size_t len, const char *user, uid_t uid,
    struct sbx_subid **ret, size_t *ret_n);
/* The same for what getsubids(1) prints: lines of "INDEX: OWNER START COUNT". */
_must_check_ int sbx_subid_parse_listing(
    struct sbx_arena *a, const char *text, size_t len, struct sbx_subid **ret, size_t *ret_n);
/* The source that nsswitch.conf's text names for `subid`: the first word, as libsubid reads it; "files" if none. */
const char *sbx_subid_source(struct sbx_arena *a, const char *text, size_t len);

/*
 * userns_why.c: why a user namespace can't be had, from facts that sbx_host_userns_facts() reads. Pure, so
 * that every cause is a unit test. Returns a sentence and its remedy; never NULL.
 */
struct sbx_userns_facts {
	int64_t max_user_namespaces; /* /proc/sys/user/max_user_namespaces, -1 unknown */
	int64_t unprivileged_userns_clone; /* /proc/sys/kernel/unprivileged_userns_clone, -1 absent */
	int64_t apparmor_restrict; /* /proc/sys/kernel/apparmor_restrict_unprivileged_userns, -1 absent */
	const char *zero_limit; /* "net": user.max_net_namespaces is 0; NULL: none of these limits is known to be */
	bool no_setfcap; /* user 0 without CAP_SETFCAP: may not map itself, Linux 5.12 */
	bool in_chroot; /* the root directory is not the root of the mount namespace */
	bool seccomp; /* a seccomp filter is already on us */
	bool supported; /* /proc/self/ns/user exists */
};
void sbx_host_userns_facts(struct sbx_userns_facts *ret);
/* `err` is the errno of clone3(2) or, with at_map, of writing the id map. */
struct sbx_why sbx_userns_why(const struct sbx_userns_facts *f, int err, bool at_map);

/* Why newuidmap or newgidmap can't work. */
struct sbx_idmap_facts {
	bool exists, privileged, nosuid,
	    no_new_privs; /* privileged: setuid root or cap_setuid/cap_setgid as a file capability */
	const char *program; /* absolute path */
};
void sbx_host_idmap_facts(const char *program, struct sbx_idmap_facts *ret);
/* {NULL, NULL} if nothing is wrong with the program itself. */
struct sbx_why sbx_idmap_why(struct sbx_arena *a, const struct sbx_idmap_facts *f);

#endif
