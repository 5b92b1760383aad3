/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spawn's command line and variant file, as spawn.c describes them. */
#define _GNU_SOURCE
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spawn.h"

/* ---- options ---------------------------------------------------------- */

static long parse_long(const char *opt, const char *word, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(word, &end, 10);
	if (!isdigit((unsigned char)word[0]) || *end != '\0' || errno || n < min || n > max)
		errx(
		    EXIT_SPAWN, "%s: '%s' is no whole number from %ld to %ld", opt, word, min, max);
	return n;
}

static double parse_max(const char *word)
{
	char *end;
	double d = strtod(word, &end);

	/* strspn: no sign, exponent, hexadecimal, infinity. */
	if (word[strspn(word, "0123456789.")] != '\0' || *end != '\0' || !(d > 0))
		errx(EXIT_SPAWN, "--ratio: '%s' is no number above 0", word);
	return d;
}

static void parse_ratio(struct bench *b, const char *word)
{
	struct ratio *r;
	char *colon, *max = NULL;

	if (b->n_ratios == MAX_RATIOS)
		errx(EXIT_SPAWN, "more than %d --ratio", MAX_RATIOS);
	r = &b->ratios[b->n_ratios++];
	r->spec = strdup(word);
	if (!r->spec)
		err(EXIT_SPAWN, "out of memory");
	colon = strchr(r->spec, ':');
	if (!colon)
		errx(EXIT_SPAWN, "--ratio: '%s' is not A:B or A:B:MAX", word);
	*colon = '\0';
	r->of_name = r->spec;
	r->to_name = colon + 1;
	colon = strchr(colon + 1, ':');
	if (colon) {
		*colon = '\0';
		max = colon + 1;
	}
	r->max = max ? parse_max(max) : 0;
}

/* Takes option OPT with its value (NULL at the end of the words). */
static void parse_option(struct bench *b, const char *opt, const char *value)
{
	const struct {
		const char *name;
		long *to, min, max;
	} numbers[] = {
		{ "--rounds", &b->rounds, 1, 1000000 },
		{ "--warmup", &b->warmup, 0, 1000000 },
		{ "--parallel", &b->parallel, 1, 100000 },
		{ "--timeout", &b->timeout, 1, 86400 },
		{ "--seed", &b->seed, 1, INT32_MAX },
		{ "--json-fd", &b->json_fd, 3, 1023 },
	};

	if (!value)
		errx(EXIT_SPAWN, "%s: unknown option, or one that wants a value", opt);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(opt, numbers[i].name) == 0) {
			*numbers[i].to = parse_long(opt, value, numbers[i].min, numbers[i].max);
			return;
		}
	}
	if (strcmp(opt, "--case") == 0) {
		b->title = value;
	} else if (strcmp(opt, "--base") == 0) {
		if (b->n_bases == MAX_BASES)
			errx(EXIT_SPAWN, "more than %d --base", MAX_BASES);
		b->base_names[b->n_bases++] = value;
	} else if (strcmp(opt, "--ratio") == 0) {
		parse_ratio(b, value);
	} else {
		errx(EXIT_SPAWN, "%s: unknown option", opt);
	}
}

const char *parse_options(struct bench *b, int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-') {
		if (strcmp(argv[i], "--check") == 0) {
			b->check = true;
			i++;
			continue;
		}
		parse_option(b, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
		i += 2;
	}
	if (i != argc - 1)
		errx(EXIT_SPAWN, "want one variant file after the options");
	return argv[i];
}

/* ---- variants --------------------------------------------------------- */

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t cap = 0;
	ssize_t len;

	if (!f)
		err(EXIT_SPAWN, "%s", path);
	len = getdelim(&text, &cap, '\0', f);
	if (len <= 0 || text[len - 1] == '\0')
		errx(EXIT_SPAWN, "%s: empty, unreadable or with a NUL in it", path);
	fclose(f);
	return text;
}

static struct variant *find_variant(struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->n_variants; i++)
		if (strcmp(b->variants[i].name, name) == 0)
			return &b->variants[i];
	return NULL;
}

static struct variant *add_variant(struct bench *b, char *line)
{
	struct variant *v;
	char *colon = strstr(line, ": ");

	if (colon)
		*colon = '\0';
	if (line[strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
		errx(EXIT_SPAWN, "variant '%s': a name has a-z, 0-9 and '-' only", line);
	if (find_variant(b, line))
		errx(EXIT_SPAWN, "variant '%s': named twice", line);
	if (b->n_variants == MAX_VARIANTS)
		errx(EXIT_SPAWN, "more than %d variants", MAX_VARIANTS);
	v = &b->variants[b->n_variants++];
	v->name = line;
	v->absent = colon ? colon + 2 : NULL;
	v->wall = xcalloc((size_t)b->rounds, sizeof(double));
	v->cpu = xcalloc((size_t)b->rounds, sizeof(double));
	return v;
}

void read_variants(struct bench *b, const char *path)
{
	struct variant *v = NULL;
	char *rest, *line;

	b->text = read_all(path);
	rest = b->text;
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '\0') {
			v = NULL;
		} else if (!v) {
			v = add_variant(b, line);
		} else {
			/* One more for the NULL; a quadratic copy is cheap enough here. */
			v->argv = reallocarray(v->argv, v->argc + 2, sizeof(char *));
			if (!v->argv)
				err(EXIT_SPAWN, "out of memory");
			v->argv[v->argc++] = line;
			v->argv[v->argc] = NULL;
		}
	}
	if (b->n_variants == 0)
		errx(EXIT_SPAWN, "%s: no variant in it", path);
	for (size_t i = 0; i < b->n_variants; i++)
		if (!b->variants[i].absent == !b->variants[i].argc)
			errx(EXIT_SPAWN, "variant '%s': want a command or a reason, one of them",
			    b->variants[i].name);
}

static const struct variant *must_find(struct bench *b, const char *opt, const char *name)
{
	const struct variant *v = find_variant(b, name);

	if (!v)
		errx(EXIT_SPAWN, "%s: no variant is named '%s'", opt, name);
	return v;
}

void resolve_names(struct bench *b)
{
	for (size_t i = 0; i < b->n_bases; i++)
		b->bases[i] = must_find(b, "--base", b->base_names[i]);
	for (size_t i = 0; i < b->n_ratios; i++) {
		b->ratios[i].of = must_find(b, "--ratio", b->ratios[i].of_name);
		b->ratios[i].to = must_find(b, "--ratio", b->ratios[i].to_name);
	}
}
