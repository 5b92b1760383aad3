#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Signals, terminals, and that nothing is left behind.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe
mark=sbx-sig-$$-$RANDOM

# start WORD...: sbx in the background running sh with that script; returns once the script has said "ready"
start() {
	: >"$T/ready"
	# A shell starts background jobs with SIGINT and SIGQUIT ignored, which sbx and its command would inherit.
	background env --default-signal=INT,QUIT "${S[@]}" ${opts[@]+"${opts[@]}"} sh -c "$1" "$mark" >"$T/ready" 2>"$T/start-err"
	pid=$!
	await 20 grep -q ready "$T/ready"
}
# ends NAME STATUS: it does, with that status, and nothing is left
ends() {
	local status=0
	await 20 sh -c "! kill -0 $pid 2>/dev/null || grep -q '^State:.*Z' /proc/$pid/status 2>/dev/null" || kill -KILL "$pid"
	wait "$pid" || status=$?
	same "$1" "$status" "$2"
	is "$1: nothing is left" await 10 gone "$mark"
}
opts=()
wait_forever='echo ready; while :; do sleep 100 & wait $!; done'

for sig in HUP:1 INT:2 QUIT:3 USR1:10 USR2:12 ALRM:14 TERM:15; do
	start "$wait_forever"
	kill "-${sig%:*}" "$pid"
	ends "SIG${sig%:*} reaches the command" $((128 + ${sig#*:}))
done
start 'trap "echo caught; exit 33" TERM; '"$wait_forever"
kill -TERM "$pid"
ends 'a command that catches SIGTERM decides its status' 33
is 'and its handler ran' grep -q caught "$T/ready"
start 'trap "echo caught" USR1; echo ready; i=0; while [ $i -lt 3 ]; do sleep 0.2; i=$((i+1)); done; exit 4'
kill -USR1 "$pid"
ends 'a signal that is handled ends nothing' 4
start 'sh -c "trap \"echo child\" TERM; sleep 2; exit 0" & trap "exit 6" TERM; sleep 0.3; echo ready; wait'
kill -TERM "$pid"
ends 'SIGTERM goes to the command only' 6
is "not to the command's children" bash -c '! grep -q child "$1"' sh "$T/ready"

check 'timeout(1): 124' -s 124 -- timeout 1 "${S[@]}" sleep 100
check 'timeout(1) --foreground' -s 124 -- timeout --foreground 1 "${S[@]}" sleep 100
check 'ignored signals stay ignored (nohup)' -o alive -- \
	bash -c 'trap "" HUP; "$@"' sh "${S[@]}" sh -c 'kill -HUP $$; echo alive'
check 'no signal is blocked in the command' -o '0000000000000000' -- "${S[@]}" awk '/^SigBlk:/ { print $2 }' /proc/self/status
# env(1) can't reset the two that the C library keeps for itself, 32 and 33, and make(1) leaves those ignored.
ignored=$(env --default-signal awk '/^SigIgn:/ { print $2 }' /proc/self/status)
same 'control: the caller ignores nothing, but for signals of the C library' "$(((0x$ignored | 0x180000000) ^ 0x180000000))" 0
check 'no signal is ignored that the caller does not ignore' -o "$ignored" -- \
	env --default-signal "${S[@]}" awk '/^SigIgn:/ { print $2 }' /proc/self/status
check 'SIGCHLD ignored by the caller: the default in the command' -o "$ignored" -- \
	env --default-signal --ignore-signal=CHLD "${S[@]}" awk '/^SigIgn:/ { print $2 }' /proc/self/status
check 'SIGCHLD ignored by the caller: the status is told' -s 9 -o 7 -- \
	env --ignore-signal=CHLD "${S[@]}" sh -c 'sh -c "exit 7"; echo $?; exit 9'

# Stop and go, in a process group that is not orphaned: in one that is the kernel drops SIGTSTP
# shellcheck disable=SC2317 # called by eval
state() {
	sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null
}
inner() {
	pgrep -f "^sh -c .*$mark" | while read -r p; do
		[ "$p" = "$pid" ] || [ "$(sed -n 's/^NSpid:.*[[:space:]]//p' "/proc/$p/status" 2>/dev/null)" = "$p" ] || echo "$p"
	done | tail -n 1
}
mkdir "$T/sync"
mkfifo "$T/sync/go"
opts=(--bind "$T/sync" /sync)
set -m
start 'echo ready; read x </sync/go; exit 8'
set +m
opts=()
# shellcheck disable=SC2034 # in eval
command=$(inner)
kill -TSTP "$pid"
is 'SIGTSTP stops sbx' await 10 eval '[ "$(state $pid)" = T ]'
is 'and the command' await 10 eval '[ "$(state $command)" = T ]'
kill -CONT "$pid"
background sh -c 'echo >"$1"' sh "$T/sync/go"
ends 'SIGCONT continues both' 8

# sbx itself is killed
for how in '' --share-pid; do
	opts=(${how:+"$how"})
	start 'setsid sh -c "sleep 100; : $0" & '"$wait_forever"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	is "kill -9 of sbx ${how:+with $how }ends all of the sandbox" await 10 gone "$mark"
done
opts=()
start 'echo ready; exec sleep 100'
init=$(pgrep -P "$pid")
kill -KILL "$init"
ends 'init is killed from outside: 137' 137
is 'that is told' grep -q 'the sandbox was killed from outside' "$T/start-err"

# The parent of sbx ends
child=$("$PROBE" parent-exits "${S[@]}" --die-with-parent sh -c 'echo ready; exec sleep 100' 2>/dev/null)
is 'die-with-parent: the sandbox ends with the process that started sbx' await 10 sh -c "! kill -0 $child 2>/dev/null"
child=$("$PROBE" parent-exits "${S[@]}" sh -c 'echo ready; exec sleep 100' 2>/dev/null)
is 'control: without it it stays' kill -0 "$child"
kill "$child"
is 'until it is ended' await 10 sh -c "! kill -0 $child 2>/dev/null"

# A terminal
check 'Ctrl-C ends a command: 130' -s 130 -- "$PROBE" pty READY $'\003' "${S[@]}" sh -c 'echo READY; exec sleep 20'
# It waits for its child: the end of the command is the end of the sandbox.
check 'Ctrl-C reaches the whole group, as without sbx' -s 33 -O 'child' -- "$PROBE" pty READY $'\003' "${S[@]}" \
	bash -c 'trap "wait; exit 33" INT; (trap "echo child; exit" INT; echo READY; while :; do sleep 0.1; done) & wait; wait'
check 'Ctrl-\ ends a command: 131' -s 131 -- "$PROBE" pty READY $'\034' "${S[@]}" sh -c 'ulimit -c 0; echo READY; exec sleep 20'
check 'a terminal is a terminal inside' -O 'yes' -- "$PROBE" pty '' '' "${S[@]}" sh -c 'test -t 0 && test -t 1 && test -t 2 && echo yes'
check 'what is typed arrives' -O 'got: typed' -- "$PROBE" pty '>' $'typed\n' "${S[@]}" sh -c 'echo ">"; read x; echo "got: $x"'
check 'the size of the terminal is seen' -O '^0 0' -- "$PROBE" pty '' '' "${S[@]}" stty size
check 'its end is seen (Ctrl-D)' -s 5 -- "$PROBE" pty '>' $'\004' "${S[@]}" sh -c 'echo ">"; cat; exit 5'

is 'nothing is left of all this' await 10 gone "$mark"
finish
