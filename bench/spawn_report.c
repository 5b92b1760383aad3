/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The figures of spawn.c's measurement, as a table and as JSON. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spawn.h"

/* ---- figures ---------------------------------------------------------- */

static bool measured(const struct variant *v)
{
	return !v->absent && !v->failed;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The values below which a PERCENT of them lie, by nearest rank; 0 is the least. */
static double percentile(const double *values, long n, long percent)
{
	double *sorted = xcalloc((size_t)n, sizeof(double)), result;
	long rank = (percent * n + 99) / 100;

	memcpy(sorted, values, (size_t)n * sizeof(double));
	qsort(sorted, (size_t)n, sizeof(double), compare_doubles);
	result = sorted[rank > 0 ? rank - 1 : 0];
	if (percent == 50 && n % 2 == 0)
		result = (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
	free(sorted);
	return result;
}

double paired_ratio(const struct bench *b, const struct variant *v, const struct variant *base)
{
	double *quotients, result;

	if (!measured(v) || !measured(base))
		return 0;
	quotients = xcalloc((size_t)b->rounds, sizeof(double));
	for (long i = 0; i < b->rounds; i++)
		quotients[i] = v->wall[i] / base->wall[i];
	result = percentile(quotients, b->rounds, 50);
	free(quotients);
	return result;
}

const char *verdict(const struct ratio *r, double value)
{
	if (!(value > 0))
		return "not measured";
	return value <= r->max ? "met" : "not met";
}

/* ---- output ----------------------------------------------------------- */

static void print_ratios(const struct bench *b, const struct variant *v)
{
	const char *separator = "  ";

	for (size_t i = 0; i < b->n_ratios; i++) {
		const struct ratio *r = &b->ratios[i];
		double value = paired_ratio(b, v, r->to);

		if (r->of != v)
			continue;
		if (value > 0)
			printf("%s%.3g /%s", separator, value, r->to->name);
		else
			printf("%s- /%s", separator, r->to->name);
		if (r->max > 0)
			printf(", at most %.3g: %s", r->max, verdict(r, value));
		separator = "; ";
	}
}

/* What a failed command said, indented, without control characters. */
static void print_output(const struct variant *v)
{
	bool line_start = true;

	for (const char *p = v->output; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (line_start)
			printf("    | ");
		line_start = c == '\n';
		putchar(c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f) ? c : '?');
	}
	if (!line_start)
		putchar('\n');
}

static void print_row(const struct bench *b, const struct variant *v, int width)
{
	printf("%-*s", width, v->name);
	if (v->absent)
		printf("  absent: %s", v->absent);
	else if (v->failed)
		printf("  FAILED: %s", v->reason);
	else
		printf(" %9.2f %9.2f %9.2f %9.2f", percentile(v->wall, b->rounds, 0),
		    percentile(v->wall, b->rounds, 50), percentile(v->wall, b->rounds, 90),
		    percentile(v->cpu, b->rounds, 50));
	for (size_t i = 0; i < b->n_bases && measured(v); i++) {
		int column = (int)strlen(b->bases[i]->name) + 3;
		double value = paired_ratio(b, v, b->bases[i]);

		if (value > 0)
			printf(" %*.2f", column, value);
		else
			printf(" %*s", column, "-");
	}
	print_ratios(b, v);
	putchar('\n');
	if (v->failed)
		print_output(v);
}

void print_table(const struct bench *b)
{
	int width = (int)strlen("variant");

	for (size_t i = 0; i < b->n_variants; i++)
		if ((int)strlen(b->variants[i].name) > width)
			width = (int)strlen(b->variants[i].name);
	printf("%s: %ld rounds", b->title, b->rounds);
	if (b->parallel > 1)
		printf(" of %ld starts at once", b->parallel);
	printf(", milliseconds\n%-*s %9s %9s %9s %9s", width, "variant", "min", "median", "p90",
	    "cpu");
	for (size_t i = 0; i < b->n_bases; i++)
		printf("   /%s", b->bases[i]->name);
	putchar('\n');
	for (size_t i = 0; i < b->n_variants; i++)
		print_row(b, &b->variants[i], width);
	putchar('\n');
}

/* Bytes that are not ASCII become U+FFFD: nobody promised that they are UTF-8. */
static void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else if (c > 0x7f)
			fputs("\\ufffd", f);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void json_ratio(FILE *f, const char *to, double value)
{
	fprintf(f, "{\"to\": \"%s\", \"ratio\": ", to);
	if (value > 0)
		fprintf(f, "%.4f", value);
	else
		fputs("null", f);
}

static void json_ratios(FILE *f, const struct bench *b, const struct variant *v)
{
	const char *separator = "";

	fputs(", \"ratios\": [", f);
	for (size_t i = 0; i < b->n_bases; i++) {
		fputs(separator, f);
		json_ratio(f, b->bases[i]->name, paired_ratio(b, v, b->bases[i]));
		fputc('}', f);
		separator = ", ";
	}
	for (size_t i = 0; i < b->n_ratios; i++) {
		const struct ratio *r = &b->ratios[i];
		double value = paired_ratio(b, v, r->to);

		if (r->of != v)
			continue;
		fputs(separator, f);
		json_ratio(f, r->to->name, value);
		if (r->max > 0)
			fprintf(
			    f, ", \"at-most\": %g, \"verdict\": \"%s\"", r->max, verdict(r, value));
		fputc('}', f);
		separator = ", ";
	}
	fputc(']', f);
}

static void json_variant(FILE *f, const struct bench *b, const struct variant *v)
{
	fprintf(f, "    {\"name\": \"%s\", \"status\": \"%s\"", v->name,
	    v->absent	? "absent"
	    : v->failed ? "failed"
			: "measured");
	if (!measured(v)) {
		fputs(", \"reason\": ", f);
		json_string(f, v->absent ? v->absent : v->reason);
	}
	if (v->failed) {
		fputs(", \"stderr\": ", f);
		json_string(f, v->output);
	}
	if (measured(v))
		fprintf(f,
		    ", \"min-ms\": %.4f, \"median-ms\": %.4f, \"p90-ms\": %.4f, \"cpu-median-ms\": %.4f",
		    percentile(v->wall, b->rounds, 0), percentile(v->wall, b->rounds, 50),
		    percentile(v->wall, b->rounds, 90), percentile(v->cpu, b->rounds, 50));
	json_ratios(f, b, v);
	fprintf(f, ", \"argc\": %zu, \"argv\": [", v->argc);
	for (size_t i = 0; i < v->argc && i < JSON_ARGS; i++) {
		fputs(i ? ", " : "", f);
		json_string(f, v->argv[i]);
	}
	fputs("]}", f);
}

void print_json(const struct bench *b)
{
	FILE *f = fdopen((int)b->json_fd, "w");

	if (!f)
		err(EXIT_SPAWN, "--json-fd %ld", b->json_fd);
	fputs("  {\"case\": ", f);
	json_string(f, b->title);
	fprintf(f,
	    ", \"rounds\": %ld, \"warmup\": %ld, \"parallel\": %ld, \"seed\": %ld, \"variants\": [\n",
	    b->rounds, b->warmup, b->parallel, b->seed);
	for (size_t i = 0; i < b->n_variants; i++) {
		json_variant(f, b, &b->variants[i]);
		fputs(i + 1 < b->n_variants ? ",\n" : "\n", f);
	}
	fputs("  ]}\n", f);
	if (fclose(f) != 0)
		err(EXIT_SPAWN, "--json-fd %ld", b->json_fd);
}
