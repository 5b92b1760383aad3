/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What spawn_input.c reads, spawn.c measures and spawn_report.c prints. */
#pragma once

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define EXIT_FAILED 1
#define EXIT_SPAWN 2
#define EXIT_UNMET 3

#define MAX_VARIANTS 64
#define MAX_BASES 4
#define MAX_RATIOS 64
#define STDERR_KEPT 2048 /* bytes of a failed command's stderr */
#define JSON_ARGS 32 /* arguments of a variant that the JSON shows */

struct variant {
	char *name;
	char *absent; /* why it can't be run here, or NULL */
	char **argv; /* NULL-terminated */
	size_t argc;
	double *wall, *cpu; /* milliseconds, by round */
	bool failed;
	char reason[160]; /* how it failed */
	char output[STDERR_KEPT + 1];
};

struct ratio {
	char *spec; /* owns the strings that the two names point to */
	const char *of_name, *to_name;
	const struct variant *of, *to;
	double max; /* 0: for information only */
};

struct bench {
	const char *title;
	long rounds, warmup, parallel, timeout, seed;
	long json_fd;
	bool check;
	struct variant variants[MAX_VARIANTS];
	size_t n_variants;
	const char *base_names[MAX_BASES];
	const struct variant *bases[MAX_BASES];
	size_t n_bases;
	struct ratio ratios[MAX_RATIOS];
	size_t n_ratios;
	char *text; /* the variant file; the variants point into it */
	pid_t *pids; /* of the starts under way, 0 once waited for */
	int null_fd, stderr_fd;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
};

/* calloc that ends the program when there is no memory. */
void *xcalloc(size_t n, size_t size);

/* Fills B's options; returns the variant file's name.  All input errors end the program. */
const char *parse_options(struct bench *b, int argc, char **argv);

/* Reads B's variants; after parse_options, for the number of rounds. */
void read_variants(struct bench *b, const char *path);

/* Turns the names of --base and --ratio into variants. */
void resolve_names(struct bench *b);

/*
 * Median over the rounds of V's wall time by BASE's in the same round; 0 if one
 * of them was not measured.
 */
double paired_ratio(const struct bench *b, const struct variant *v, const struct variant *base);

/* "met", "not met" or "not measured", VALUE being R's paired ratio. */
const char *verdict(const struct ratio *r, double value);

/* A row per variant on stdout. */
void print_table(const struct bench *b);

/* One object on b->json_fd, which is closed. */
void print_json(const struct bench *b);
