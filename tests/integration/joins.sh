#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Namespaces of others: userns, userns2, pidns; and userns-block-fd, where someone else writes the id maps.
# shellcheck disable=SC2016,SC2317 # for inner shells; functions for await
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

me=$(id -u) mine=$(id -g)
mkfifo "$T/block"

# mapped PID: the process is in a user namespace whose ids are mapped
mapped() {
	grep -q . "/proc/$1/uid_map" && grep -q . "/proc/$1/gid_map" && [ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}
first_child() {
	pgrep -P "$1" | head -n 1
}
has_child() {
	[ -n "$(first_child "$1")" ]
}

# userns-block-fd, as in bubblewrap's documents: child-pid from info-fd, newuidmap, a byte.
# run_blocked WORDS...: starts sbx with 7 to wait for and 8 as info-fd; $pid is it, $child its first process, $T/log its output
run_blocked() {
	: >"$T/info"
	background bash -c 'info=$1; shift; exec "$@" 7<>"$0" 8>"$info"' "$T/block" "$T/info" "$@" >"$T/log" 2>&1
	pid=$!
	await 20 grep -q child-pid "$T/info" || return
	child=$(sed -n 's/.*"child-pid": \([0-9]*\).*/\1/p' "$T/info")
}
B=("${S[@]}" --userns-block-fd 7 --info-fd 8)
# one_id INSIDE: the map of the caller alone, which needs no helper
one_id() {
	{ is_root || echo deny >"/proc/$child/setgroups"; } && echo "$1 $me 1" >"/proc/$child/uid_map" && echo "$1 $mine 1" >"/proc/$child/gid_map"
}
run_blocked "${B[@]}" sh -c 'echo $(id -u) $(id -g); cat /proc/self/uid_map'
same 'userns-block-fd: no map is written before' "$(cat "/proc/$child/uid_map")" ''
is 'userns-block-fd: someone else writes it' one_id 5
sleep 0.2
same 'userns-block-fd: until told, it waits' "$(cat "$T/log")" ''
echo >"$T/block"
wait $pid
same 'userns-block-fd: status' $? 0
same 'userns-block-fd: ids' "$(tr -s ' \n' ' ' <"$T/log")" "5 5 5 $me 1 "
run_blocked "${B[@]}" --uid 5 --gid 5 id -u
one_id 5
echo >"$T/block"
wait $pid
same 'userns-block-fd: --uid and --gid choose of what is there' "$? $(cat "$T/log")" '0 5'
run_blocked "${B[@]}" --uid 6 id -u
one_id 5
echo >"$T/block"
wait $pid
same 'userns-block-fd: an id that is not mapped' "$? $(grep -c '^ran\|: hint: .*--uid or --gid is not mapped\|become user 6' "$T/log")" '125 1'
run_blocked "${B[@]}" echo ran
echo >"$T/block"
wait $pid
same 'userns-block-fd: no map at all' "$? $(grep -c error: "$T/log") $(grep -c '^ran' "$T/log")" '125 1 0'
if ! is_root && have newuidmap && have newgidmap && grep -q "^$(id -un):" /etc/subuid && grep -q "^$(id -un):" /etc/subgid; then
	base=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subuid | head -n 1)
	gbase=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subgid | head -n 1)
	run_blocked "${B[@]}" --uid 0 --gid 0 sh -c 'id -u; cat /proc/self/uid_map; id -G'
	newuidmap "$child" 0 "$me" 1 1 "$base" 1000 && newgidmap "$child" 0 "$mine" 1 1 "$gbase" 1000
	echo >"$T/block"
	wait $pid
	same 'userns-block-fd: with newuidmap(1)' "$? $(tr -s ' \n' ' ' <"$T/log" | cut -d ' ' -f 1-7)" "0 0 0 $me 1 1 $base 1000"
	run_blocked "${B[@]}" --uid 7 --gid 9 --bind "$T" /t --tmpfs /w sh -c 'id -u; id -g; touch /w/mine && stat -c %u:%g /w'
	newuidmap "$child" 0 "$me" 1 1 "$base" 1000 && newgidmap "$child" 0 "$mine" 1 1 "$gbase" 1000
	echo >"$T/block"
	wait $pid
	same 'userns-block-fd: another id than the own one, which owns its tmpfs' "$? $(tr -s '\n' ' ' <"$T/log")" '0 7 9 7:9 '
else
	skip 'userns-block-fd: with newuidmap(1)' 'no newuidmap, no subordinate ids, or root'
fi
run_blocked "${B[@]}" echo ran
kill -TERM $pid
wait $pid
same 'userns-block-fd: SIGTERM ends the wait' $? 143
is 'userns-block-fd: nothing is left' await 10 test ! -e "/proc/$child"
run_blocked "${B[@]}" echo ran
kill -KILL $pid
wait $pid 2>/dev/null
is 'userns-block-fd: nor after kill -9' await 10 test ! -e "/proc/$child"
run_blocked "${B[@]}" --json-status-fd 2 echo ran
kill -KILL "$child"
wait $pid
same 'userns-block-fd: its first process is killed' "$? $(grep -c 'ended while its id maps were waited for' "$T/log")" '125 1'
check 'userns-block-fd: end of file releases too' -s 125 -e error: -- "${B[@]}" echo ran 7</dev/null 8>/dev/null
check 'userns-block-fd without info-fd' -s 125 -e 'userns-block-fd without info-fd' -e 'add --info-fd' -- "${S[@]}" --userns-block-fd 7 true 7</dev/null
check 'userns-block-fd with maps' -s 125 -e "map-root-user: the id maps are someone else's" -- "${B[@]}" --map-root-user true 7</dev/null 8>/dev/null

# userns. $outer holds one in which the caller is user 0 and may do all, $inner one below it.
background unshare --user --map-root-user sleep 1000
outer=$!
await 20 mapped $outer
exec 11<"/proc/$outer/ns/user"
check 'userns: no namespace' -s 125 -e 'file descriptor 7 is no user namespace|userns for root' -- "${S[@]}" --userns 7 true 7</dev/null
check 'userns: one of another kind' -s 125 -e 'file descriptor 7 is no user namespace|userns for root' -e 'hint: ' -- "${S[@]}" --userns 7 true 7</proc/self/ns/mnt
check 'userns2 without userns' -s 125 -e 'userns2 without userns' -- "${S[@]}" --userns2 11 true
check 'userns with maps' -s 125 -e "map-auto: the id maps are someone else's" -- "${S[@]}" --userns 11 --map-auto true
check 'userns with userns-block-fd' -s 125 -e 'userns-block-fd with userns' -- "${B[@]}" --userns 11 true 7</dev/null 8>/dev/null
if is_root; then
	check 'userns: refused to root' -s 125 -o '' -e "userns for root: .*control groups" -e 'as an ordinary user' -- "${S[@]}" --userns 11 echo ran
else
	check 'userns: the namespace is that one' -o "$(readlink /proc/$outer/ns/user)" -- "${S[@]}" --userns 11 readlink /proc/self/ns/user
	check 'userns: ids are those of there' -o '0 0' -- "${S[@]}" --userns 11 sh -c 'echo $(id -u) $(id -g)'
	check 'userns: all other namespaces are new' -o 6 -- "${S[@]}" --userns 11 sh -c '
		n=0; for k in mnt pid net ipc uts cgroup; do case " $* " in *" $(readlink /proc/self/ns/$k) "*) ;; *) n=$((n + 1)) ;; esac; done; echo $n' sh \
		"$(for k in mnt pid net ipc uts cgroup; do readlink /proc/$outer/ns/$k; done | tr '\n' ' ')"
	check 'userns: no capability' -o 'CapEff: 0000000000000000' -- "${S[@]}" --userns 11 sh -c 'grep CapEff /proc/self/status | tr "\t" " "'
	check 'userns: --uid and --gid of what is mapped' -o 0 -- "${S[@]}" --userns 11 --uid 0 --gid 0 id -u
	check 'userns: --uid of what is not' -s 125 -e "become user 5|--uid or --gid is not mapped" -- "${S[@]}" --userns 11 --uid 5 true
	check 'userns: --uid of what is not, without a tmpfs' -s 125 -e "can't become user 5" -- "$SBX" --no-profile "${BASE[@]}" --userns 11 --uid 5 true
	check 'userns: everything works' -o 'content
h 1' -- "${S[@]}" --userns 11 --bind "$P" /p --hostname h --tmpfs /t --dir /d --ro-bind-data 7 /f sh -c 'cat /f; touch /p/made /t/x; echo $(hostname) $(grep -c lo: /proc/net/dev)' 7< <(echo content)
	is 'userns: a bind is writable' [ -e "$P/made" ]
	check 'userns: exit status' -s 42 -- "${S[@]}" --userns 11 sh -c 'exit 42'
	check 'userns: of a signal' -s 137 -- "${S[@]}" --userns 11 sh -c 'kill -9 $$'
	check 'userns: command not found' -s 127 -- "${S[@]}" --userns 11 no-such
	check 'userns: user namespaces can be made there, so the limit is not set' -- "${S[@]}" --userns 11 true
	is 'userns: nor for others in it' [ "$(nsenter --user=/proc/$outer/ns/user --preserve-credentials cat /proc/sys/user/max_user_namespaces)" -gt 0 ]
	check 'userns: and assert-userns-disabled says so' -s 125 -o '' -e 'user namespaces can be made in the sandbox' -- "${S[@]}" --userns 11 --assert-userns-disabled echo ran
	check 'assert-userns-disabled without userns' -o ran -- "${S[@]}" --assert-userns-disabled echo ran
	check "userns: the home with sbx's own directories is refused" -s 125 -o '' -e "can't be guarded" -- "${S[@]}" --userns 11 --bind "$HOME" /h echo ran
	check 'userns: the own one' -s 125 -e "can't join the user namespace: Invalid argument" -e 'in that namespace already' -- "${S[@]}" --seccomp none --userns 7 true 7</proc/self/ns/user
	check 'userns: one above' -s 125 -e "can't join the user namespace: Operation not permitted" -- unshare --user --map-root-user "${S[@]}" --seccomp none --userns 7 true 7</proc/self/ns/user
	check 'userns: with CAP_SYS_ADMIN' -o 'CapEff: 0000000000200000' -- "${S[@]}" --userns 11 --cap-add SYS_ADMIN sh -c 'grep CapEff /proc/self/status | tr "\t" " "'
	background "${S[@]}" --userns 11 sh -c 'echo ready; exec sleep 1234'  >"$T/log"
	pid=$!
	await 20 grep -q ready "$T/log"
	init=$(first_child $pid) command=$(first_child "$(first_child $pid)")
	kill -KILL $pid
	wait $pid 2>/dev/null
	is 'userns: kill -9 of sbx leaves nothing' await 10 test ! -e "/proc/$init" -a ! -e "/proc/$command"
	is 'userns: but the namespace it joined' kill -0 $outer

	# userns2: below $outer
	background nsenter --user=/proc/$outer/ns/user --preserve-credentials unshare --user --map-root-user sleep 1000
	inner=$!
	await 20 sh -c '[ "$(readlink "/proc/$0/ns/user")" != "$(readlink "/proc/$1/ns/user")" ] && grep -q . "/proc/$0/gid_map" && grep -q sleep "/proc/$0/comm"' $inner $outer
	exec 12<"/proc/$inner/ns/user"
	check 'userns2: the command is in it' -o "$(readlink /proc/$inner/ns/user)" -- "${S[@]}" --userns 11 --userns2 12 readlink /proc/self/ns/user
	check 'userns2: no capability' -o 'CapEff: 0000000000000000 CapBnd: 0000000000000000' -- "${S[@]}" --userns 11 --userns2 12 sh -c 'echo $(grep -e CapEff -e CapBnd /proc/self/status | tr "\t" " ")'
	check 'userns2: exit status' -s 9 -- "${S[@]}" --userns 11 --userns2 12 sh -c 'exit 9'
	check 'userns2: what was made remains what it is' -o x -- "${S[@]}" --userns 11 --userns2 12 --tmpfs /t sh -c 'echo x >/t/f; cat /t/f'
	check 'userns2: not one beside it' -s 125 -e "can't join the second user namespace" -e 'below the namespace of --userns' -- \
		sh -c 'exec "$@" 7</proc/self/ns/user' sh "${S[@]}" --seccomp none --userns 11 --userns2 7 true
	exec 12<&-
fi

# pidns
if is_root; then
	background sh -c 'exec unshare --pid --fork --kill-child sleep 1000 2>/dev/null'
else
	background sh -c 'exec unshare --user --map-root-user --pid --fork --kill-child sleep 1000 2>/dev/null'
fi
holder=$!
await 20 has_child $holder
holder_init=$(first_child $holder)
exec 13<"/proc/$holder_init/ns/pid" 14<"/proc/$holder_init/ns/user"
if is_root; then
	# Of a namespace that root made the kernel mounts no procfs for the sandbox.
	J=("$SBX" --no-profile "${BASE[@]}" --dev /dev --ro-bind /proc /proc --pidns 13)
	check 'pidns: a procfs without its user namespace' -s 125 -o '' -e 'error: proc: the kernel mounts none' -e 'leave --proc out' -- "${S[@]}" --seccomp none --pidns 13 echo ran
else
	J=("${S[@]}" --seccomp none --pidns 13 --userns 14)
	check 'pidns: its processes are seen' -O '^sleep' -- "${J[@]}" cat /proc/1/comm
	check 'pidns: and no others' -N "^$holder\$" -- "${J[@]}" sh -c 'cd /proc; ls -d [0-9]*'
fi
check 'pidns: the namespace is that one' -o "$(readlink "/proc/$holder_init/ns/pid")" -- "${J[@]}" readlink /proc/self/ns/pid
check 'pidns: exit status' -s 42 -- "${J[@]}" sh -c 'exit 42'
check 'pidns: of a signal' -s 143 -- "${J[@]}" sh -c 'kill -TERM $$; sleep 9'
check 'pidns: command not found' -s 127 -- "${J[@]}" no-such
# As nobody else sleeps, another run of this script at the same time neither
long=1000$$
check 'pidns: what the command leaves behind is ended' -- "${J[@]}" sh -c 'setsid sleep "$0" & exit 0' $long
is 'pidns: it is gone' await 10 gone "sleep $long\$"
background "${J[@]}" sh -c 'echo ready; sleep "$0" & exec sleep "$0"' $long >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -KILL $pid
wait $pid 2>/dev/null
is 'pidns: kill -9 of sbx leaves nothing' await 10 gone "sleep $long\$"
background "${J[@]}" sh -c 'trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done' >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -TERM $pid
wait $pid
same 'pidns: signals reach the command' $? 5
check 'pidns: a timeout' -s 124 -- "${J[@]}" --timeout 500ms sleep 60
check 'pidns: with as-pid-1' -s 125 -e 'the pid namespace is not its own' -- "${J[@]}" --as-pid-1 true
check 'pidns: no namespace' -s 125 -e 'file descriptor 7 is no pid namespace' -- "$SBX" --no-profile "${BASE[@]}" --pidns 7 true 7</dev/null
check 'pidns: one of another kind' -s 125 -e 'is no pid namespace' -e 'open /proc/PID/ns/pid' -- "$SBX" --no-profile "${BASE[@]}" --pidns 7 true 7</proc/self/ns/user
is_root || check 'pidns: not without its user namespace' -s 125 -o '' -e "can't join the pid namespace: Operation not permitted" -e '--userns' -- "$SBX" --no-profile "${BASE[@]}" --pidns 13 echo ran
kill -KILL "$holder_init"
wait $holder 2>/dev/null
check 'pidns: one whose first process has gone' -s 125 -o '' -e "Cannot allocate memory|can't join" -e 'hint: ' -- "${J[@]}" echo ran
exec 11<&- 13<&- 14<&-
finish
