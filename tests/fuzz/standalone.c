/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The main function of a fuzz target in a build without libFuzzer: gives the target each file of its
 * corpus once and prints TAP. Arguments are files or directories; without any it is the directory
 * $top_srcdir/tests/fuzz/corpus/NAME for the program fuzz_NAME. A crash of the target ends the
 * program before the plan is fulfilled, which fails the test.
 */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char **files;
static size_t n_files;

static _Noreturn void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static int collect(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)where;
	if (type != FTW_F)
		return 0;
	files = realloc(files, (n_files + 1) * sizeof *files);
	if (!files || !(files[n_files++] = strdup(path)))
		die(path);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Gives the target one file, in a block of exactly its size so that ASan sees a read beyond it. */
static void replay(const char *path)
{
	FILE *f = fopen(path, "re");
	uint8_t *data;
	long size;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) < 0)
		die(path);
	data = malloc(size ? (size_t)size : 1);
	if (!data || fread(data, 1, (size_t)size, f) != (size_t)size)
		die(path);
	(void)fclose(f);
	(void)LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strrchr(argv[0], '/');
	char corpus[PATH_MAX];

	name = name ? name + 1 : argv[0];
	(void)snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", top ? top : ".",
		strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name);
	if (argc < 2 && nftw(corpus, collect, 16, FTW_PHYS) < 0)
		die(corpus);
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], collect, 16, FTW_PHYS) < 0)
			die(argv[i]);
	if (!n_files) {
		errno = ENOENT;
		die("no file in the corpus");
	}
	qsort(files, n_files, sizeof *files, by_name);

	printf("1..%zu\n", n_files);
	for (size_t i = 0; i < n_files; i++) {
		(void)fflush(stdout);
		replay(files[i]);
		name = strrchr(files[i], '/');
		printf("ok %zu - %s\n", i + 1, name ? name + 1 : files[i]);
		free(files[i]);
	}
	free(files);
	return 0;
}
