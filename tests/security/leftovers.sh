#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 11: a supervisor that is killed at any moment leaves no process, mount or file.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

mark=sbx-left-$$-$RANDOM
mounts=$(wc -l </proc/self/mountinfo)
files=$(find "$T" ! -name '.out' ! -name '.err' | sort)
script="setsid sh -c 'sleep 100; : $mark' & (setsid sh -c 'trap \"\" TERM HUP INT; sleep 100; : $mark' &) & exec sleep 100"

for how in '' --share-pid '--share-net --cap-add ALL'; do
	for ((i = 0; i < 20; i++)); do
		# shellcheck disable=SC2086 # words
		"${S[@]}" $how sh -c "$script" >/dev/null 2>&1 &
		pid=$!
		# From the first moments of a start, 0 to 19 ms, to well after it
		[ $((i % 4)) -eq 0 ] || sleep "0.0$(printf %02d $((RANDOM % 20)))"
		[ $((i % 4)) -ne 3 ] || sleep 0.1
		kill -KILL $pid
		wait $pid 2>/dev/null
	done
	is "kill -9 at 20 moments leaves no process ${how:+($how)}" await 20 gone "$mark"
done
# Without job control a shell starts its background jobs with SIGINT and SIGQUIT ignored.
set -m
SECONDS=0
for signal in TERM INT HUP QUIT; do
	for ((i = 0; i < 5; i++)); do
		env --default-signal "${S[@]}" sh -c "$script" >/dev/null 2>&1 &
		pid=$!
		sleep "0.0$(printf %02d $((RANDOM % 30)))"
		kill -$signal $pid
		wait $pid 2>/dev/null
	done
done
set +m
is 'nor do other signals at 20 moments' await 20 gone "$mark"
is 'none of them was lost' [ $SECONDS -lt 60 ]
same 'no mount is left' "$(wc -l </proc/self/mountinfo)" "$mounts"
same 'no file is left' "$(find "$T" ! -name '.out' ! -name '.err' | sort)" "$files"

# Control
sh -c "$script" >/dev/null 2>&1 &
pid=$!
sleep 0.3
kill -KILL $pid
wait $pid 2>/dev/null
sleep 0.1
is 'control: kill -9 of a plain shell leaves its children' running "$mark"
for pid in $(pgrep -f "$mark"); do
	# shellcheck disable=SC2046 # pids
	kill -KILL $(pgrep -P "$pid") "$pid" 2>/dev/null
done
for pid in $(pgrep -f '^sleep 100$'); do
	# Those of the control whose shell went first
	[ "$(readlink "/proc/$pid/cwd")" != "$P" ] || kill -KILL "$pid"
done
finish
