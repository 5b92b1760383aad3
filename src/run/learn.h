/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * learn.h - --learn: what a run did, recorded by the supervisor, and the profile and the policy that are made of it.
 *
 * The kernel asks the supervisor about each call that the run may make (notify.h); learn_see.c looks at the caller's
 * memory, learn.c records, learn_policy.c and learn_profile.c write text, learn_file.c has to do with FILE. All but
 * learn_see.c and learn_file.c is pure. Nothing is decided here: what a program shows the supervisor it may have
 * changed when the kernel looks, so that a recording tells what a friendly program did, and binds nobody.
 */
#ifndef SBX_RUN_LEARN_H
#define SBX_RUN_LEARN_H

#include <sys/types.h>

#include "plan/plan.h"
#include "policy/learn.h"

enum sbx_need {
	SBX_NEED_LOOK = 1 << 0, /* it is there */
	SBX_NEED_READ = 1 << 1, /* its content; of a directory its names */
	SBX_NEED_WRITE = 1 << 2, /* its content or its mode are changed */
	SBX_NEED_CHANGE = 1 << 3, /* names come and go in this directory */
	SBX_NEED_RUN = 1 << 4,
	SBX_NEED_CONNECT = 1 << 5, /* of a socket */
	SBX_NEED_MAKE = 1 << 6, /* it is made, if it is not there */
};

enum sbx_file_kind { SBX_FILE_MISSING, SBX_FILE_OTHER, SBX_FILE_DIR, SBX_FILE_LINK, SBX_FILE_SOCKET, SBX_FILE_DEVICE };

/* A path as it really is inside: no link is on the way to it. */
struct sbx_seen_path {
	const char *path;
	const char *target; /* of SBX_FILE_LINK */
	const char *first; /* program, or NULL */
	enum sbx_file_kind kind; /* when it was first seen to exist */
	bool made; /* it was not there, and the run made it */
	unsigned needs;
};

struct sbx_seen_map {
	struct sbx_seen_slot {
		const char *key;
		void *value;
	} * slots;
	size_t n, size; /* a power of two, or 0 */
};

/* Where network traffic of the run went. */
struct sbx_seen_address {
	const char *text; /* "connect 192.0.2.1:443", "connect @name" */
	const char *first;
	bool outside; /* the host's network is needed */
};

enum { SBX_LEARN_MAX_PATHS = 200000, SBX_LEARN_MAX_ADDRESSES = 50 };

struct sbx_recording {
	struct sbx_arena *arena;
	struct sbx_learn_call *calls[SBX_N_SYSCALLS];
	struct sbx_learn_call **others; /* numbers without a name */
	size_t n_others;
	unsigned abis; /* bits of those that were seen */
	struct sbx_seen_map paths; /* to struct sbx_seen_path */
	struct sbx_seen_map addresses;
	uint64_t bound[65536 / 64]; /* ports that the run listens on */
	bool bound_any; /* one that the kernel chose */
	uint64_t called[65536 / 64]; /* ports of the loopback that were called */
	uint64_t total, unreadable; /* calls; arguments that could not be read */
	bool truncated;
};

void *sbx_seen_find(const struct sbx_seen_map *m, const char *key);
/* Adds what sbx_seen_find() did not find; the map keeps `key`. */
void sbx_seen_add(struct sbx_arena *a, struct sbx_seen_map *m, const char *key, void *value);

/* Counts a call. `denied` is the errno that it is answered with, or 0. `first` is asked for a name only if need be. */
void sbx_learn_call(struct sbx_recording *r, enum sbx_abi abi, uint32_t nr, const uint64_t args[6], uint16_t denied,
    const char *(*program)(void *data), void *data);
/* A path, resolved. `target` of a link, else NULL. */
void sbx_learn_path(struct sbx_recording *r, const char *path, enum sbx_file_kind kind, const char *target,
    unsigned needs, const char *program);
/* An address that was connected or sent to, or bound; struct sockaddr of `len` bytes, not of AF_UNIX with a path. */
void sbx_learn_address(struct sbx_recording *r, bool bind, const void *addr, size_t len, const char *program);

/* What of an argument of a call is a path, and what is done with it. */
enum sbx_path_use {
	SBX_USE_LOOK,
	SBX_USE_LINK, /* looked at without following a link */
	SBX_USE_OPEN, /* `flags` is the place of open(2)'s */
	SBX_USE_OPEN_HOW, /* `flags` is the place of openat2(2)'s structure */
	SBX_USE_RUN,
	SBX_USE_WRITE,
	SBX_USE_MAKE,
	SBX_USE_REMOVE,
};
struct sbx_path_arg {
	int id;
	int dir, path; /* places; dir -1: the working directory */
	enum sbx_path_use use;
	int flags; /* place of AT_… or of O_… flags, or -1 */
};
/* The paths of a call: *ret_n of them, beginning at the return value. */
const struct sbx_path_arg *sbx_learn_path_args(int id, size_t *ret_n);
/* SBX_NEED_… of an open(2). */
unsigned sbx_learn_open_needs(uint64_t flags);

/* Text, in which the pieces of FILE are made. */
struct sbx_learn_facts {
	const struct sbx_recording *r;
	const struct sbx_plan *ran; /* what the run had */
	const struct sbx_plan *have; /* what the profile has without new lines */
	const struct sbx_plan *etc; /* what base-etc has; NULL if the profile exists */
	const char *home, *cwd;
	const char *old; /* text of the profile, or NULL */
	const char *policy; /* as the profile names it, "./NAME.policy"; NULL: it names one already */
	struct sbx_diags *diags; /* warnings of what is left to a person */
};
/* The directives that `have` lacks; returns how many. */
size_t sbx_learn_profile_lines(struct sbx_buf *out, const struct sbx_learn_facts *f);
/* The path as a word of a profile, with ${HOME} for what is below `home`. */
const char *sbx_learn_word(struct sbx_arena *a, const char *path, const char *home);

/* learn_file.c */
struct sbx_learn {
	struct sbx_recording recording;
	struct sbx_learn_see *see; /* learn_see.c */
	const struct sbx_plan *plan;
	struct sbx_learn_output {
		const char *path; /* what is written: behind links */
		const char *old; /* text that was there, or NULL */
		dev_t dir_dev; /* of its directory, which must be the same at the end */
		ino_t dir_ino;
	} profile, policy;
	mode_t mode;
	struct sbx_learn_facts facts;
	const struct sbx_policy *old_policy; /* or NULL */
};

/*
 * Before the run: whether the files can be written, and what is in them and in the shipped profiles. 0, or a negative
 * errno with errors added.
 */
_must_check_ int sbx_learn_begin(struct sbx_arena *a, struct sbx_diags *d, const struct sbx_host *h,
    const struct sbx_plan *plan, struct sbx_learn **ret);
/* Behind the run: writes both. */
_must_check_ int sbx_learn_end(struct sbx_learn *l, struct sbx_diags *d);

/* A call that waits for the supervisor. */
struct sbx_learn_event {
	uint32_t arch, nr;
	pid_t tid;
	uint64_t args[6];
	uint16_t denied;
	bool (*valid)(void *data); /* whether it still waits: then what was read of it was its own */
	const char *(*program)(void *data);
	void *data;
};
/* Whether it is execve(2) or execveat(2). */
bool sbx_learn_is_exec(const struct sbx_learn_event *e);
void sbx_learn_see(struct sbx_learn *l, const struct sbx_learn_event *e);

#endif
