#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# lists.am names every source, profile and test of the tree, and every test script can run.
set -eu
top=${top_srcdir-$(cd "$(dirname "$0")/../.." && pwd)}
status=0

echo 1..3
if out=$("$top/dev/lists" --check "$top" 2>&1); then
	echo 'ok 1 - lists.am matches the tree'
else
	echo "$out" | sed 's/^/# /'
	echo 'not ok 1 - lists.am matches the tree'
	status=1
fi

# The check above must be able to fail.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/tests/unit" "$tmp/dev"
"$top/dev/lists" "$tmp" 2>/dev/null
: >"$tmp/tests/unit/test_new.c"
if "$top/dev/lists" --check "$tmp" >/dev/null 2>&1; then
	echo 'not ok 2 - a test that is not listed is found'
	status=1
else
	echo 'ok 2 - a test that is not listed is found'
fi

mode=ok
for test in "$top"/tests/*/*.sh; do
	if [ ! -x "$test" ]; then
		echo "# not executable: $test"
		mode='not ok'
		status=1
	fi
done
echo "$mode 3 - every test script is executable"
exit "$status"
