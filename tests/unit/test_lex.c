/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text to lines of words: every rule of lex.h, and where each thing says it is. */
#include "unit/support.h"

#include "spec/lex.h"

/*
 * The lines of a text, one a line: words in <>, variables as {NAME}; an error as "!LINE:COLUMN TEXT".
 */
static const char *lex_len(const char *text, size_t len)
{
	struct sbx_diags d = t_diags();
	struct sbx_buf b = { .arena = &t_arena };
	struct sbx_lex_line line;
	struct sbx_lex lx;
	size_t said = 0;
	int r;

	if (sbx_lex_init(&lx, &t_arena, &d, "f", NULL, text, len) < 0)
		return sbx_strf(&t_arena, "!!%u:%u %s", d.items[0].at->line, d.items[0].at->column, d.items[0].text);
	while ((r = sbx_lex_next(&lx, &line)) != 0) {
		if (r < 0) {
			assert_int_equal(d.n, said + 1);
			sbx_buf_addf(
			    &b, "!%u:%u %s\n", d.items[said].at->line, d.items[said].at->column, d.items[said].text);
			said = d.n;
			continue;
		}
		assert_true(line.n_words > 0);
		for (size_t i = 0; i < line.n_words; i++) {
			sbx_buf_adds(&b, "<");
			for (size_t k = 0; k < line.words[i].n_pieces; k++) {
				const struct sbx_lex_piece *p = &line.words[i].pieces[k];

				sbx_buf_addf(&b, p->variable ? "{%s}" : "%s", p->text);
			}
			sbx_buf_adds(&b, ">");
		}
		sbx_buf_adds(&b, "\n");
	}
	assert_int_equal(d.n, said);
	/* The end stays the end. */
	assert_int_equal(sbx_lex_next(&lx, &line), 0);
	return sbx_buf_str(&b);
}

static const char *lex(const char *text)
{
	return lex_len(text, strlen(text));
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(lex(""), "");
	assert_string_equal(lex("\n\n  \t \n"), "");
	assert_string_equal(lex("a"), "<a>\n");
	assert_string_equal(lex("a b\tc  \t d  \n"), "<a><b><c><d>\n");
	assert_string_equal(lex("  a\nb\n\nc"), "<a>\n<b>\n<c>\n");
	assert_string_equal(lex("h\xc3\xa9 \xe2\x82\xac\xc2\xa0x"), "<h\xc3\xa9><\xe2\x82\xac\xc2\xa0x>\n");
	assert_string_equal(lex("--a=b;c|d&e(f)*?[g]~!h{i}`j`"), "<--a=b;c|d&e(f)*?[g]~!h{i}`j`>\n");
}

static void comments(void **state)
{
	(void)state;
	assert_string_equal(lex("# nothing"), "");
	assert_string_equal(lex("   # nothing\na"), "<a>\n");
	assert_string_equal(lex("a # b \"'$\\\nc"), "<a>\n<c>\n");
	assert_string_equal(lex("a#b c# d"), "<a#b><c#><d>\n");
	assert_string_equal(lex("\\#a '#'b \"#\"c"), "<#a><#b><#c>\n");
	assert_string_equal(lex("''#a"), "<#a>\n");
	/* A comment is no line that goes on. */
	assert_string_equal(lex("# a \\\nb"), "<b>\n");
}

static void quotes(void **state)
{
	(void)state;
	assert_string_equal(lex("\"a b\" 'c d'"), "<a b><c d>\n");
	assert_string_equal(lex("a\"b c\"d'e f'g"), "<ab cde fg>\n");
	assert_string_equal(lex("\"\" ''"), "<><>\n");
	assert_string_equal(lex("\"'\" '\"'"), "<'><\">\n");
	assert_string_equal(lex("'\\n ${A} $'"), "<\\n ${A} $>\n");
	assert_string_equal(lex("\"a\tb\""), "<a\tb>\n");
	assert_string_equal(lex("a \"b\nc"), "!1:3 missing closing \"\n<c>\n");
	assert_string_equal(lex("a 'b\nc"), "!1:3 missing closing '\n<c>\n");
	assert_string_equal(lex("a 'b"), "!1:3 missing closing '\n");
	assert_string_equal(lex("x'"), "!1:2 missing closing '\n");
}

static void escapes(void **state)
{
	(void)state;
	assert_string_equal(lex("a\\ b \\\\ \\\" \\' \\$ \\#"), "<a b><\\><\"><'><$><#>\n");
	assert_string_equal(lex("\"a\\\"b\\\\c\\$d\""), "<a\"b\\c$d>\n");
	assert_string_equal(lex("a\\nb\\tc \"\\n\\t\""), "<a\nb\tc><\n\t>\n");
	assert_string_equal(lex("\\x41\\x7e\\xff\\xC3\\xa9"), "<A~\xff\xc3\xa9>\n");
	assert_string_equal(lex("\\x0a\\x01"), "<\n\x01>\n");
	assert_string_equal(lex("a \\x00"), "!1:3 \\x needs two hexadecimal digits, not 00\n");
	assert_string_equal(lex("\\x4"), "!1:1 \\x needs two hexadecimal digits, not 00\n");
	assert_string_equal(lex("\\xg1"), "!1:1 \\x needs two hexadecimal digits, not 00\n");
	assert_string_equal(lex("\\x4\n1"), "!1:1 \\x needs two hexadecimal digits, not 00\n<1>\n");
	assert_string_equal(lex("a\\q"), "!1:2 unknown escape '\\q'\n");
	assert_string_equal(lex("\\Z"), "!1:1 unknown escape '\\Z'\n");
	assert_string_equal(lex("\\0 \\%"), "<0><%>\n");
	assert_string_equal(lex("\\\xc3\xa9"), "<\xc3\xa9>\n");
	assert_string_equal(lex("a\\"), "!1:2 backslash at the end of the file\n");
	assert_string_equal(lex("a \"b\\"), "!1:5 backslash at the end of the file\n");
	/* \@ and \[ are no letters, \` neither. */
	assert_string_equal(lex("\\@\\[\\`\\{"), "<@[`{>\n");
}

static void joins(void **state)
{
	(void)state;
	assert_string_equal(lex("a \\\nb"), "<a><b>\n");
	assert_string_equal(lex("a\\\nb"), "<ab>\n");
	assert_string_equal(lex("a \\\n  \\\n b"), "<a><b>\n");
	assert_string_equal(lex("\"a\\\nb\""), "<ab>\n");
	assert_string_equal(lex("\\\na"), "<a>\n");
	assert_string_equal(lex("a \\\n\nb"), "<a>\n<b>\n");
	assert_string_equal(lex("a\\\\\nb"), "<a\\>\n<b>\n");
	assert_string_equal(lex("a \\\n#c\nb"), "<a>\n<b>\n");
	/* A '#' in the middle of a joined word is no comment. */
	assert_string_equal(lex("a\\\n#c"), "<a#c>\n");
	/* Not in '…': the quote ends at its line. */
	assert_string_equal(lex("'a\\\nb'"), "!1:1 missing closing '\n!2:2 missing closing '\n");
	assert_string_equal(lex("\\\n"), "");
	assert_string_equal(lex(" \\\n"), "");
}

static void variables(void **state)
{
	(void)state;
	assert_string_equal(lex("${A}"), "<{A}>\n");
	assert_string_equal(lex("a${B}c${D}${E}f"), "<a{B}c{D}{E}f>\n");
	assert_string_equal(lex("\"a ${B} c\""), "<a {B} c>\n");
	assert_string_equal(lex("${env:A B}"), "<{env:A B}>\n");
	assert_string_equal(lex("${}"), "<{}>\n");
	assert_string_equal(lex("a $HOME"), "!1:3 '$' begins no variable\n");
	assert_string_equal(lex("$"), "!1:1 '$' begins no variable\n");
	assert_string_equal(lex("a$(b)"), "!1:2 '$' begins no variable\n");
	assert_string_equal(lex("\"$\""), "!1:2 '$' begins no variable\n");
	/* Columns count bytes, as gcc's do. */
	assert_string_equal(lex("\xc3\xa9 $"), "!1:4 '$' begins no variable\n");
	assert_string_equal(lex("a ${B\nc}"), "!1:3 missing '}' behind '${'\n<c}>\n");
	assert_string_equal(lex("${B"), "!1:1 missing '}' behind '${'\n");
}

static void control_characters(void **state)
{
	(void)state;
	assert_string_equal(lex("a b\r\nc"), "!1:4 carriage return: save the file with Unix line ends\n<c>\n");
	assert_string_equal(lex("\x1b[2J"), "!1:1 control character\n");
	assert_string_equal(lex("a\x7f"), "!1:2 control character\n");
	assert_string_equal(lex("a\x0bg"), "!1:2 control character\n");
}

/* After an error the next line counts; what is joined to the wrong one belongs to it. */
static void recovery(void **state)
{
	(void)state;
	assert_string_equal(lex("a $\nb\n\"c\nd"), "!1:3 '$' begins no variable\n<b>\n!3:1 missing closing \"\n<d>\n");
	assert_string_equal(lex("a $x \\\n  b \\\n  c\nd"), "!1:3 '$' begins no variable\n<d>\n");
	assert_string_equal(lex("a $x \\\\\nd"), "!1:3 '$' begins no variable\n<d>\n");
	assert_string_equal(lex("a $x\\"), "!1:3 '$' begins no variable\n");
	assert_string_equal(lex("a $x \\\n"), "!1:3 '$' begins no variable\n");
	assert_string_equal(lex("\\q \\\nb $\nc $"), "!1:1 unknown escape '\\q'\n!3:3 '$' begins no variable\n");
}

static void positions(void **state)
{
	static const char text[] = "# one\n  aa  \"b\"c${D}e \\\n\t'f'\n\xc3\xa9 \\\ng h\\\n i\n";
	struct sbx_origin from = { .file = "outer", .line = 9, .column = 9 };
	struct sbx_diags d = t_diags();
	struct sbx_lex_line line;
	struct sbx_lex lx;

	(void)state;
	assert_int_equal(sbx_lex_init(&lx, &t_arena, &d, "f", &from, text, strlen(text)), 0);
	assert_int_equal(sbx_lex_next(&lx, &line), 1);
	assert_int_equal(line.n_words, 3);
	assert_string_equal(sbx_origin_str(&t_arena, line.words[0].at), "f:2:3");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[1].at), "f:2:7");
	assert_ptr_equal(line.words[1].at->from, &from);
	assert_int_equal(line.words[1].n_pieces, 3);
	/* Of the text, not of the quote. */
	assert_string_equal(sbx_origin_str(&t_arena, line.words[1].pieces[0].at), "f:2:8");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[1].pieces[1].at), "f:2:11");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[1].pieces[2].at), "f:2:15");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[2].at), "f:3:2");
	assert_int_equal(sbx_lex_next(&lx, &line), 1);
	assert_string_equal(sbx_origin_str(&t_arena, line.words[0].at), "f:4:1");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[1].at), "f:5:1");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[2].at), "f:5:3");
	assert_string_equal(sbx_origin_str(&t_arena, line.words[3].at), "f:6:2");
	assert_int_equal(sbx_lex_next(&lx, &line), 0);
	assert_int_equal(d.n, 0);
}

static char *filled(size_t n, char c)
{
	char *s = sbx_alloc(&t_arena, n + 1);

	memset(s, c, n);
	return s;
}

static void long_lines(void **state)
{
	const char *max = filled(SBX_LEX_MAX_LINE, 'a'), *more = filled(SBX_LEX_MAX_LINE + 1, 'a');
	const char *blanks = filled(SBX_LEX_MAX_LINE, ' ');

	(void)state;
	assert_string_equal(lex(max), sbx_strf(&t_arena, "<%s>\n", max));
	assert_string_equal(lex(sbx_strf(&t_arena, "%s\nb", max)), sbx_strf(&t_arena, "<%s>\n<b>\n", max));
	assert_string_equal(lex(sbx_strf(&t_arena, "%s\nb", more)), "!1:65538 line is longer than 64 KiB\n<b>\n");
	assert_string_equal(lex(sbx_strf(&t_arena, "%s\nb", blanks)), "<b>\n");
	assert_string_equal(lex(sbx_strf(&t_arena, "%s  \nb", blanks)), "!1:65538 line is longer than 64 KiB\n<b>\n");
	/* A quote, a comment and a join are no way around it. */
	assert_non_null(strstr(lex(sbx_strf(&t_arena, "\"%s\"\nb", max)), "line is longer than 64 KiB\n<b>\n"));
	assert_non_null(strstr(lex(sbx_strf(&t_arena, "'%s'\nb", max)), "line is longer than 64 KiB\n<b>\n"));
	assert_non_null(strstr(lex(sbx_strf(&t_arena, "a #%s\nb", max)), "line is longer than 64 KiB\n<b>\n"));
	assert_non_null(strstr(lex(sbx_strf(&t_arena, "${%s}\nb", max)), "line is longer than 64 KiB\n<b>\n"));
	assert_string_equal(
	    lex(sbx_strf(&t_arena, "%.40000s\\\n%.40000s\nb", max, max)), "!2:25536 line is longer than 64 KiB\n<b>\n");
}

static void large_files(void **state)
{
	char *text = filled(SBX_LEX_MAX_FILE + 1, '\n');

	(void)state;
	assert_string_equal(lex_len(text, SBX_LEX_MAX_FILE), "");
	assert_string_equal(lex_len(text, SBX_LEX_MAX_FILE + 1), "!!1:1 file is larger than 1 MiB");
}

static void not_text(void **state)
{
	(void)state;
	assert_string_equal(lex_len("a\0b", 3), "!!1:2 NUL byte");
	assert_string_equal(lex_len("a\nbc\0", 5), "!!2:3 NUL byte");
	assert_string_equal(lex("a\n\n b\xff"), "!!3:3 text is not UTF-8 (write other bytes as \\xHH)");
	assert_string_equal(lex("# \xc3"), "!!1:3 text is not UTF-8 (write other bytes as \\xHH)");
	/* The first of the two is what is said. */
	assert_string_equal(lex_len("\0\xff", 2), "!!1:1 NUL byte");
	assert_string_equal(lex_len("\xff\0", 2), "!!1:1 text is not UTF-8 (write other bytes as \\xHH)");
	/* Behind a byte order mark nothing is special. */
	assert_string_equal(lex("\xef\xbb\xbfg"), "<\xef\xbb\xbfg>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(words), T(comments), T(quotes), T(escapes), T(joins), T(variables),
		T(control_characters), T(recovery), T(positions), T(long_lines), T(large_files), T(not_text) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
