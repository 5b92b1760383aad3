#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 11: a supervisor or an init that is killed at any moment leaves no process, helper, mount, socket or
# file. SBX_KILLS is the number of kills, SBX_SEED repeats the moments of another run.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

have "${CC%% *}" || skip_all "no compiler for the helper program: ${CC%% *}"
# shellcheck disable=SC2086 # CC may have arguments
if ! $CC -std=gnu17 -D_GNU_SOURCE -w -O1 -o "$T/kills" "$top_srcdir/tests/security/lib/kills.c"; then
	echo 'Bail out! the helper program does not compile'
	exit 1
fi
kills=${SBX_KILLS:-200} seed=${SBX_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "# SBX_SEED=$seed"

# What there is of the machine that a sandbox could leave: mounts, paths of sockets, files
state() {
	cut -d ' ' -f 5 /proc/self/mountinfo | sort | uniq -c | grep -F "$T"
	grep -aF "$T" /proc/net/unix
	find "$T" ! -name '.out' ! -name '.err' ! -path "$HOME/.local*" | sort
	find /tmp /var/tmp "${TMPDIR:-/tmp}" "${XDG_RUNTIME_DIR:-/run}" -maxdepth 1 -user "$(id -u)" -name '*sbx*' \
		! -name 'sbx-test*' ! -name 'sbx-unit*' ! -name 'sbx-fuzz*' ! -name 'sbx-ci*' -newer "$T/kills" 2>/dev/null
}
before=$(state)
# Processes of sessions of their own, some deaf to signals, that would live long; the last word says whose they are.
script='setsid sh -c "sleep 300" & (setsid sh -c "trap \"\" TERM HUP INT; sleep 300; :" &) & exec sleep 300'

now() {
	echo $(($(date +%s%N) / 1000))
}
# How long a start takes here: kills come from its first moment to well after it.
start=$(now)
for _ in 1 2 3; do "${S[@]}" true; done
range=$((($(now) - start) * 2 / 3))
[ $range -gt 4000 ] || range=4000

variants=('' --share-pid '--cap-add ALL --map-root-user' '--home persist:left --timeout 1h')
names=('all namespaces' 'a shared pid namespace' 'a nested user namespace' 'a kept home and a time limit')
if "${S[@]}" --map-auto true 2>/dev/null; then
	variants+=(--map-auto) names+=('ids by newuidmap')
fi
how=('9 program' '9 program' '9 child' '15 program' '2 program')
each=$(((kills + ${#variants[@]} * ${#how[@]} - 1) / (${#variants[@]} * ${#how[@]})))
total=0
for ((i = 0; i < ${#variants[@]}; i++)); do
	bad='' n=0
	for what in "${how[@]}"; do
		seed=$((seed + 1))
		# shellcheck disable=SC2086 # words
		text=$("$T/kills" $seed $each $range $what "${S[@]}" ${variants[i]} sh -c "$script" 2>/dev/null) ||
			bad+="SIGNAL WHO $what: $text
"
		n=$((n + each))
	done
	total=$((total + n))
	same "$n kills at random moments within $range µs leave no process: ${names[i]}" "$bad" ''
done
is "these were $total kills, $kills or more" [ "$total" -ge "$kills" ]
same 'no mount, socket or file is left' "$(state)" "$before"

# Other signals end a start or go to the command.
for signal in 1 3; do
	check "signal $signal leaves nothing either" -O ', 0 survived, 0 left something' -- \
		"$T/kills" "$seed" 4 $range $signal program "${S[@]}" sh -c "$script"
done

# Control: a plain shell leaves its children, and each thing that is counted shows.
run "$T/kills" 1 1 0 9 program "$(command -v sleep)" 0
same 'control: a program without children leaves nothing' "$out" '1 kills, 1 before its first child, 0 survived, 0 left something'
run "$T/kills" 1 1 0 0 program "$(command -v setsid)" -f sleep 300
is 'control: what a plain program leaves is seen' matches "$out" '^# left something'
is 'control: and named' matches "$out" '^# left: [0-9]+ '
: >"$HOME/left"
is 'control: a file that is left shows' [ "$(state)" != "$before" ]
rm "$HOME/left"
finish
