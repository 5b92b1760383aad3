#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Which namespaces are new, and what follows for host name, network and processes.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

kinds='cgroup ipc mnt net pid user uts '

# differing OPTION...: the kinds of namespaces that are not the host's
differing() {
	local inside kind
	inside=$("${S[@]}" "$@" sh -c 'for k in cgroup ipc mnt net pid time user uts; do
		echo $k=$(readlink /proc/self/ns/$k); done' 2>&1)
	for kind in cgroup ipc mnt net pid time user uts; do
		[ ! -e /proc/self/ns/$kind ] || matches "$inside" "^$kind=$(readlink /proc/self/ns/$kind | sed 's/[][]/\\&/g')$" ||
			printf '%s ' "$kind"
	done
}

same 'all new but time' "$(differing)" "$kinds"
for kind in cgroup ipc net uts pid; do
	same "share-$kind keeps that one only" "$(differing --share-$kind)" "${kinds/$kind /}"
	same "unshare-$kind undoes it" "$(differing --share-$kind --unshare-$kind)" "$kinds"
done
same 'unshare-all undoes every share' "$(differing --share-net --share-pid --share-uts --unshare-all)" "$kinds"
same 'a share behind unshare-all stands' "$(differing --share-ipc --unshare-all --share-uts)" "cgroup ipc mnt net pid user "
same 'user and mount are new whatever is shared' \
	"$(differing --share-net --share-pid --share-uts --share-ipc --share-cgroup)" 'mnt user '
if [ -e /proc/self/ns/time ]; then
	same 'unshare-time' "$(differing --unshare-time)" 'cgroup ipc mnt net pid time user uts '
	check 'the command itself is in the new time namespace' -o same -- \
		"${S[@]}" --unshare-time sh -c '[ "$(readlink /proc/self/ns/time)" = "$(readlink /proc/self/ns/time_for_children)" ] && echo same'
else
	skip 'unshare-time' 'the kernel has no time namespaces'
fi

# Host name
before=$(uname -n)
check 'hostname' -o inside.example -- "${S[@]}" --hostname inside.example uname -n
check 'the last hostname stands' -o two -- "${S[@]}" --hostname one --hostname two uname -n
same "the host's name is untouched" "$(uname -n)" "$before"
check 'without hostname the same name' -o "$before" -- "${S[@]}" uname -n
check 'share-uts and hostname contradict each other' -s 125 -e '^<command-line>:[0-9]+:1: error: hostname would change' \
	-e 'hint: drop share-uts \(<command-line>:[0-9]+:1\)' -- "${S[@]}" --share-uts --hostname x true
check 'try hostname with share-uts is skipped with a notice' -o "$before" -e 'notice: hostname skipped' -- \
	"${S[@]}" --share-uts --try --hostname x uname -n
check 'the name can not be changed from inside' -s 1 -- "${S[@]}" hostname evil

# Network
check 'loopback is up' -o ok -- "${S[@]}" --ro-bind "$PROBE" /probe /probe tcp
check 'loopback is the only device' -o lo -- "${S[@]}" awk -F '[ :]+' 'NR > 2 { print $2 }' /proc/net/dev
check "share-net: the host's devices" -o "$(awk -F '[ :]+' 'NR > 2 { print $2 }' /proc/net/dev)" -- \
	"${S[@]}" --share-net awk -F '[ :]+' 'NR > 2 { print $2 }' /proc/net/dev
check 'no abstract socket of the host is reached' -o 'connect: ECONNREFUSED' -- \
	"$PROBE" abstract-listen "sbx-test-$$" "${S[@]}" --ro-bind "$PROBE" /probe /probe abstract-connect "sbx-test-$$"
check 'control: with share-net it is' -o 'connect: ok' -- \
	"$PROBE" abstract-listen "sbx-test-$$" "${S[@]}" --share-net --ro-bind "$PROBE" /probe /probe abstract-connect "sbx-test-$$"

# Processes
check 'the command is not pid 1 and has a parent there' -o '1' -- "${S[@]}" sh -c '[ $$ -gt 1 ] && echo $PPID'
check 'init and the command are all there is' -o 2 -- "${S[@]}" bash -c 'set -- /proc/[0-9]*; echo $#'
check "share-pid: the host's processes are seen" -o yes -- \
	"${S[@]}" --share-pid sh -c '[ -e /proc/'$$' ] && [ -e /proc/1 ] && echo yes'
check "share-pid: the command's own /proc/self" -o yes -- "${S[@]}" --share-pid sh -c '[ /proc/$$ -ef /proc/self/../$$ ] && echo yes'
mark=sbx-pid-$$-$RANDOM
check 'share-pid: exit status passes' -s 5 -- "${S[@]}" --share-pid sh -c 'exit 5'
check 'share-pid: killed by a signal' -s 137 -- "${S[@]}" --share-pid sh -c 'kill -KILL $$'
check 'share-pid: what is left in the background is ended' -- "${S[@]}" --share-pid sh -c '
	for i in 1 2 3; do sh -c "sleep 100; : $0" >/dev/null 2>&1 & done
	setsid sh -c "sleep 100; : $0" >/dev/null 2>&1 &
	(setsid sh -c "sleep 100; : $0" >/dev/null 2>&1 &) &
	sleep 0.2' "$mark"
is 'nothing of it is left' await 5 gone "$mark"
check 'without share-pid neither' -- "${S[@]}" sh -c '
	setsid sh -c "sleep 100; : $0" >/dev/null 2>&1 &
	(setsid sh -c "sleep 100; : $0" >/dev/null 2>&1 &) & sleep 0.2' "$mark"
is 'nothing of that is left' await 5 gone "$mark"
check 'control: plain sh leaves a process behind' -- sh -c 'setsid sh -c "sleep 100; : $0" >/dev/null 2>&1 & sleep 0.2' "$mark"
is 'there it is' running "$mark"
for pid in $(pgrep -f "$mark"); do
	kill -KILL $(pgrep -P "$pid") "$pid"
done
check 'orphans are reaped' -o 0 -- "${S[@]}" bash -c 'for i in 1 2 3 4 5; do (true & exec true) ; done; sleep 0.3
	cat /proc/[0-9]*/stat 2>/dev/null | awk "\$3 == \"Z\"" | wc -l'
finish
