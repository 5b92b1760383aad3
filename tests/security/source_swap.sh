#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 2: the source of a bind can not be swapped between check and mount. A program swaps two names as fast as
# it can, a harmless directory and a link to sbx's own configuration, while sandboxes that bind it writable start.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

mkdir "$T/race" "$T/race/a"
ln -s "$CONFIG/profiles" "$T/race/b"
background "$PROBE" exchange "$T/race/a" "$T/race/b"
swapper=$!
check 'control: who checks a name and then uses it is fooled' -o swapped -- "$PROBE" naive "$T/race/a"
started=0 refused=0 odd=''
for ((i = 0; i < 100; i++)); do
	timeout 60 "${S[@]}" --bind "$T/race/a" /x sh -c 'echo "sbx-profile 1" >/x/planted.profile && rm /x/planted.profile; [ ! -e /x/default.profile ]' 2>"$T/.err"
	case $? in
	0) started=$((started + 1)) ;;
	125)
		refused=$((refused + 1))
		grep -q 'never writable' "$T/.err" || odd="$odd $(cat "$T/.err")"
		;;
	*) odd="$odd the configuration was mounted: $(cat "$T/.err")" ;;
	esac
done
same "100 starts ($started with the directory, $refused refused): never the configuration, writable" "$odd" ''
is 'control: the race was met in both states' [ "$started" -gt 0 -a "$refused" -gt 0 ]

# What is mounted is what was opened, whole: never a mixture of a file's type and a directory's place
rm -f "$T/race/odd"
kill "$swapper"
wait "$swapper" 2>/dev/null
mkdir "$T/race/dir" && echo file >"$T/race/file"
background "$PROBE" exchange "$T/race/dir" "$T/race/file"
odd=''
for ((i = 0; i < 50; i++)); do
	got=$(timeout 60 "${S[@]}" --ro-bind "$T/race/dir" /x sh -c '[ -d /x ] && echo dir || cat /x' 2>&1)
	[ "$got" = dir ] || [ "$got" = file ] || odd="$odd $got"
done
same '50 starts with a directory and a file: always one of them' "$odd" ''
finish
