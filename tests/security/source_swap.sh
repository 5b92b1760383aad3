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

# bind-fd: what is mounted is what the descriptor is open on, or nothing. SBX_SLOW_TESTS=1 makes it 1000 starts.
kill $!
wait $! 2>/dev/null
rm -rf "$T/race/dir" "$T/race/file"
mkdir "$T/race/mine" "$T/race/other"
mine=$(stat -c %i "$T/race/mine")
exec 8<"$T/race/mine"
background "$PROBE" exchange "$T/race/mine" "$T/race/other"
starts=100
[ "${SBX_SLOW_TESTS-}" != 1 ] || starts=1000
mounted=0 refused=0 odd=''
for ((i = 0; i < starts; i++)); do
	got=$(timeout 60 "${S[@]}" --bind-fd 8 /x stat -c %i /x 2>"$T/.err")
	case $?/$got in
	"0/$mine") mounted=$((mounted + 1)) ;;
	125/)
		refused=$((refused + 1))
		grep -q 'not, or no longer, at' "$T/.err" || odd="$odd $(cat "$T/.err")"
		;;
	*) odd="$odd $got: $(cat "$T/.err")" ;;
	esac
done
same "$starts starts with bind-fd ($mounted mounted, $refused refused): never another directory" "$odd" ''
is 'control: some were mounted' [ "$mounted" -gt 0 ]
foreign=0
for ((i = 0; i < starts; i++)); do
	got=$(timeout 60 "${S[@]}" --bind "$T/race/mine" /x stat -c %i /x 2>/dev/null)
	[ "$got" = "$mine" ] || foreign=$((foreign + 1))
done
is 'control: by its name the other one is mounted now and then' [ "$foreign" -gt 0 ]
exec 8<&-
finish
