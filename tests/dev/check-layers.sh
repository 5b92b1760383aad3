#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# dev/check-layers passes this tree, and each of its rules refuses a tree that breaks it.
set -eu
top=${top_srcdir-$(cd "$(dirname "$0")/../.." && pwd)}
check=$top/dev/check-layers
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0 status=0

result() { # RESULT NAME
	count=$((count + 1))
	echo "$1 $count - $2"
	[ "$1" = ok ] || status=1
}

# A good tree that holds what must not be mistaken for a breach
fresh_tree() {
	rm -rf "$tmp/src"
	mkdir -p "$tmp/src/base" "$tmp/src/host" "$tmp/src/spec" "$tmp/src/plan" "$tmp/src/run" \
		"$tmp/src/ctl"
	echo '#pragma once' >"$tmp/src/base/base.h"
	printf '#include "base/base.h"\nvoid f(void);\n' >"$tmp/src/base/value.h"
	printf '#include "base/value.h"\n' >"$tmp/src/plan/plan.h"
	cat >"$tmp/src/run/init.c" <<-'END'
		#include "plan/plan.h"
		#include <stdio.h>
		/* exit(1) here, fprintf(stderr) there:
		   printf("x"); */
		void g(void)
		{
			const char *s = "exit(1) \" stderr"; // stderr
			char c = '"'; int stderrs = c == '\'' || s[0];
			_exit(stderrs);
		}
	END
	printf '#include <stdio.h>\nvoid h(void)\n{\n\tprintf("x");\n}\n' >"$tmp/src/ctl/ctl_x.c"
	printf '#include <stdlib.h>\n#include "run/run.h"\nint main(void)\n{\n\texit(1);\n}\n' \
		>"$tmp/src/sbx.c"
	echo >"$tmp/src/run/run.h"
}

# refused NAME FILE PATTERN: append standard input to FILE, expect one error, that PATTERN matches
refused() {
	cat >>"$tmp/src/$2"
	if out=$("$check" "$tmp"); then
		result 'not ok' "refuses $1"
	elif echo "$out" | grep -q "^src/[^:]*:[0-9]*: error: .*$3" && [ "$(echo "$out" | wc -l)" -eq 1 ]
	then
		result ok "refuses $1"
	else
		result 'not ok' "refuses $1"
		echo "$out" | sed 's/^/# /'
	fi
	fresh_tree
}

fresh_tree
if out=$("$check" "$tmp"); then
	result ok 'passes a good tree'
else
	result 'not ok' 'passes a good tree'
	echo "$out" | sed 's/^/# /'
fi

refused 'an upward include' base/fd.c 'upward include of run/run.h' <<'END'
#include "run/run.h"
END
refused 'a room that includes a main' ctl/ctl_x.c 'include by room' <<'END'
#include "sbx.c"
END
echo >"$tmp/src/spec/spec.h"
refused 'spec included by host' host/host.c 'upward include of spec/spec.h' <<'END'
#include "spec/spec.h"
END
refused 'a circular include' base/base.h 'circular include of base/base.h' <<'END'
#include "base/value.h"
END
refused 'an include without its room' run/launch.c 'include by room' <<'END'
#include "run.h"
END
refused 'an include with ..' run/launch.c 'include by room' <<'END'
#include "../base/base.h"
END
refused 'a missing file' run/launch.c 'no file src/run/none.h' <<'END'
#include "run/none.h"
END
refused 'an unknown room' base/x.c 'in no room' <<'END'
#include "misc/x.h"
END
refused 'seccomp.h, which has no owner' run/seal.c 'belongs to nobody' <<'END'
#include <seccomp.h>
END
refused 'capability.h outside its owner' run/userns.c 'belongs to nobody' <<'END'
#include <sys/capability.h>
END
refused 'apparmor.h outside its owner' run/seal.c 'belongs to run/lsm.c' <<'END'
#include <sys/apparmor.h>
END
refused 'exit() in a room' run/launch.c 'exit() belongs' <<'END'
void f(void)
{
	exit(1);
}
END
refused 'exit() after a comment' run/launch.c 'exit() belongs' <<'END'
/* x */ static void f(void) { exit (1); }
END
refused 'stderr in a room' plan/dump.c 'writes to stderr' <<'END'
void f(void)
{
	fprintf(stderr, "x");
}
END
refused 'stderr in ctl' ctl/ctl_x.c 'writes to stderr' <<'END'
void f(void)
{
	fputs("x", stderr);
}
END
refused 'descriptor 2 in a room' run/launch.c 'writes to stderr' <<'END'
void f(void)
{
	dprintf(2, "x");
}
END
refused 'printf in a room' plan/dump.c 'write to stdout' <<'END'
void f(void)
{
	printf("x");
}
END
{
	echo 'void long_one(int a)'
	echo '{'
	seq -f '	f(%g);' 79
	echo '}'
} >"$tmp/long"
refused 'a function of 81 lines' run/launch.c 'long_one() has 81 lines' <"$tmp/long"
seq -f 'int a%g;' 601 >"$tmp/long"
refused 'a file of 601 lines' run/launch.c '601 lines' <"$tmp/long"

# The limits themselves are allowed.
{
	echo 'void long_one(int a)'
	echo '{'
	seq -f '	f(%g);' 78
	echo '}'
	seq -f 'int a%g;' 519
} >"$tmp/src/run/launch.c"
if "$check" "$tmp" >/dev/null; then
	result ok 'passes 80 lines a function, 600 a file'
else
	result 'not ok' 'passes 80 lines a function, 600 a file'
fi

if out=$("$check" "$top"); then
	result ok 'passes this tree'
else
	result 'not ok' 'passes this tree'
	echo "$out" | sed 's/^/# /'
fi

echo "1..$count"
exit "$status"
