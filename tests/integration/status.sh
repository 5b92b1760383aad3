#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# info-fd, json-status-fd, summary; as-pid-1; noexec, nosymfollow, noatime, nodiratime on binds and tmpfs.
# shellcheck disable=SC2016,SC2317 # for inner shells; functions for await
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

F=$T/status
# status COMMAND...: runs sbx with --json-status-fd; st is its status, the lines are in $F
status() {
	st=0
	timeout -k 5 120 "${S[@]}" --json-status-fd 7 "$@" 7>"$F" >"$T/.out" 2>"$T/.err" || st=$?
}
# value KEY: of the last line that has it
value() {
	sed -n "s/.*\"$1\": \"\{0,1\}\([^,\" }]*\).*/\1/p" "$F" | tail -n 1
}
# json FILE: each line is JSON, or the whole is
json() {
	if have python3; then
		python3 -c 'import json, sys
text = open(sys.argv[1]).read()
if text.startswith("{\n"): json.loads(text)
else: [json.loads(line) for line in text.splitlines()]' "$1"
	else
		! grep -Evq '^(\{( "[a-z-]+": ("[^"]*"|[0-9.]+),?)+ \}|\{|    "[a-z-]+": [0-9]+,?|\})$' "$1"
	fi
}
# keys FILE: its keys in order
keys() {
	grep -Eo '"[a-z-]+":' "$1" | tr -d '":' | tr '\n' ' '
}

# info-fd
check 'info-fd' -- "${S[@]}" --info-fd 7 true 7>"$F"
is 'info-fd: JSON' json "$F"
same 'info-fd: keys' "$(keys "$F")" 'child-pid cgroup-namespace ipc-namespace mnt-namespace net-namespace pid-namespace uts-namespace '
check 'info-fd: only new namespaces' -- "${S[@]}" --share-net --share-ipc --share-uts --share-pid --share-cgroup --info-fd 7 true 7>"$F"
same 'info-fd: keys of those' "$(keys "$F")" 'child-pid mnt-namespace '
check 'info-fd: the numbers are those of the sandbox' -O '^ok$' -- bash -c '"$@" --info-fd 7 sh -c "for k in cgroup ipc mnt net pid uts; do readlink -v /proc/self/ns/\$k; done" 7>"$0" | tr -dc "0-9\n" | sort >"$0.in"
	sed -n "s/.*-namespace\": \([0-9]*\).*/\1/p" "$0" | sort | cmp - "$0.in" && echo ok' "$F" "${S[@]}"
background "${S[@]}" --info-fd 7 sleep 60 7>"$F"
pid=$!
await 20 grep -q child-pid "$F"
same 'info-fd: child-pid is the first process' "$(value child-pid)" "$(pgrep -P $pid)"
kill $pid
wait $pid
if have bwrap && bwrap --ro-bind / / true 2>/dev/null; then
	for flags in '--unshare-all' '--unshare-net --unshare-uts' '--unshare-pid --unshare-ipc' '--unshare-user'; do
		shared=()
		for kind in net pid ipc uts cgroup; do
			[[ "$flags" == *--unshare-all* || "$flags" == *--unshare-$kind* ]] || shared+=("--share-$kind")
		done
		# shellcheck disable=SC2086 # options
		bwrap $flags --ro-bind / / --info-fd 7 true 7>"$T/theirs"
		# bubblewrap 0.8.0 names no namespaces before its child has them; newer ones do.
		# shellcheck disable=SC2086 # options
		"$SBX" --no-profile $flags "${shared[@]}" --ro-bind / / --info-fd 7 true 7>"$F"
		same "info-fd: the same text as bubblewrap's with $flags, but for numbers" "$(sed 's/[0-9][0-9]*/N/' "$F")" "$(sed 's/[0-9][0-9]*/N/' "$T/theirs")"
		# shellcheck disable=SC2086 # options
		bwrap $flags --ro-bind / / --json-status-fd 7 true 7>"$T/theirs"
		# shellcheck disable=SC2086 # options
		"$SBX" --no-profile $flags "${shared[@]}" --ro-bind / / --json-status-fd 7 true 7>"$F"
		same "json-status-fd: the first line too" "$(head -n 1 "$F" | sed 's/[0-9][0-9]*/N/g')" "$(head -n 1 "$T/theirs" | sed 's/[0-9][0-9]*/N/g')"
		is "json-status-fd: and bubblewrap's exit-code" grep -q '^{ "exit-code": 0[ ,]' "$F"
	done
else
	skip "the same as bubblewrap's" 'bwrap is not installed, or does not start'
fi

# json-status-fd. reason NAME STATUS WANTED COMMAND...: WANTED is "REASON EXIT-CODE SIGNAL"
reason() {
	local name=$1 status=$2 wanted=$3
	shift 3
	status "$@"
	same "$name: status and reason" "$st $(value status) $(value reason) $(value exit-code) $(value signal) $(value signal-name)" "$status $status $wanted"
	is "$name: each line is JSON" json "$F"
}
reason 'exit 0' 0 'exit 0  ' true
same 'lines' "$(wc -l <"$F")" 3
reason 'exit 42' 42 'exit 42  ' sh -c 'exit 42'
reason 'exit 255' 255 'exit 255  ' sh -c 'exit 255'
reason 'exit 137 is no signal' 137 'exit 137  ' sh -c 'exit 137'
reason 'SIGTERM' 143 'signal 143 15 SIGTERM' sh -c 'kill -TERM $$; sleep 9'
reason 'SIGKILL' 137 'signal 137 9 SIGKILL' sh -c 'kill -KILL $$; sleep 9'
reason 'SIGSEGV' 139 'signal 139 11 SIGSEGV' sh -c 'kill -SEGV $$; sleep 9'
reason 'a real-time signal' 162 'signal 162 34 signal' bash -c 'kill -34 $$; sleep 9'
reason 'timeout' 124 'timeout 124 15 SIGTERM' --timeout 300ms sleep 60
reason 'timeout, SIGTERM ignored' 124 'timeout 124 9 SIGKILL' --timeout 300ms --kill-after 300ms sh -c 'trap "" TERM; sleep 3; sleep 3; sleep 3'
reason 'timeout of a command that then exits' 124 'timeout 124  ' --timeout 300ms bash -c 'trap "exit 3" TERM; sleep 9 & wait'
reason 'killed by a filter of system calls' 159 'seccomp 159 31 SIGSYS' --ro-bind "$PROBE" /probe /probe kill-by-seccomp
reason 'set-up' 125 'set-up   ' --chmod 0700 /none true
reason 'command not found' 127 'set-up   ' no-such-command
reason 'not executable' 126 'set-up   ' /usr
is 'without a command there is no exit-code' [ "$(grep -c exit-code "$F")" = 0 ]
same 'nor a start' "$(grep -c '"start"' "$F")" 0
reason 'in nested user namespaces' 5 'exit 5  ' --cap-add SYS_ADMIN sh -c 'exit 5'
reason 'shared pid namespace' 143 'signal 143 15 SIGTERM' --share-pid sh -c 'kill -TERM $$; sleep 9'
mark=sbx-oom-$$
background "${S[@]}" --json-status-fd 7 sh -c "echo ready; sleep 77; : $mark" 7>"$F" >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -KILL "$(pgrep -P $pid)"
wait $pid
same 'killed as a whole' "$? $(value reason) $(value signal-name)" '137 signal SIGKILL'

# Times and memory
status sh -c 'sleep 0.4; i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'
is 'wall-time is plausible' awk "BEGIN { exit !($(value wall-time) >= 0.4 && $(value wall-time) < 60) }"
is 'user-time is plausible' awk "BEGIN { exit !($(value user-time) > 0.005 && $(value user-time) + 0.3 < $(value wall-time)) }"
is 'set-up time is plausible' awk "BEGIN { exit !($(value setup-time) > 0 && $(value setup-time) < 30) }"
is 'start is now' awk -v a="$(date -u -d "$(sed -n 's/.*"start": "\([^"]*\)".*/\1/p' "$F")" +%s)" -v b="$(date +%s)" 'BEGIN { exit !(b - a >= 0 && b - a < 60) }'
status true
small=$(value max-rss)
status sh -c 'head -c 100000000 /dev/zero | tail -n 1 | wc -c'
is 'max-rss is plausible, and grows' [ "$small" -gt 300000 -a "$small" -lt 100000000 -a "$(value max-rss)" -gt 90000000 ]

# summary
check 'summary' -s 3 -e '^sbx: notice: sh ended with status 3 after 0\.[0-9][0-9] s: [0-9.]* s user, [0-9.]* s system, at most [0-9.]* MiB$' -- "${S[@]}" --summary sh -c 'exit 3'
check 'summary: a signal' -s 143 -e 'sh was ended by SIGTERM after' -- "${S[@]}" --summary sh -c 'kill $$; sleep 9'
check 'summary: timeout' -s 124 -e 'sleep was ended by --timeout after' -- "${S[@]}" --summary --timeout 200ms sleep 60
check 'summary: a filter' -s 159 -e 'was killed by a filter of system calls' -- "${S[@]}" --ro-bind "$PROBE" /probe --summary /probe kill-by-seccomp
check 'summary: no start' -s 127 -e 'no-such did not start after' -- "${S[@]}" --summary no-such
check 'summary: not with --quiet' -E . -- "${S[@]}" --summary --quiet true
check 'level-prefix' -s 3 -e '^<5>sbx: notice: sh ended' -- "${S[@]}" --level-prefix --summary sh -c 'exit 3'
check 'level-prefix: errors, hints too' -s 125 -e '^<3><command-line>:[0-9]+:1: error: ' -e '^<3>.*hint: ' -E '^[^<]' -- "${S[@]}" --level-prefix --chmod 0700 /none true
check 'level-prefix: of an error in the command line before it' -s 125 -e '^(<3>)?<command-line>:1:1: error: ' -- "$SBX" --frobnicate --level-prefix true

# as-pid-1
A=("${S[@]}" --as-pid-1)
check 'as-pid-1: the command is process 1' -o 1 -- "${A[@]}" sh -c 'echo $$'
check 'as-pid-1: exit status' -s 42 -- "${A[@]}" sh -c 'exit 42'
check 'as-pid-1: no capability' -o 'CapEff: 0000000000000000 NoNewPrivs: 1' -- "${A[@]}" sh -c 'echo $(grep -e CapEff -e NoNewPrivs /proc/1/status | tr "\t" " ")'
check 'as-pid-1: command not found' -s 127 -e "can't run 'no-such'" -- "${A[@]}" no-such
check 'as-pid-1: set-up that fails' -s 125 -- "${A[@]}" --chmod 0700 /none true
check 'as-pid-1: its name' -o sh -- "${A[@]}" sh -c 'cat /proc/1/comm'
check 'as-pid-1: timeout, which a process 1 ignores unless it handles it' -s 124 -- "${A[@]}" --timeout 300ms --kill-after 300ms sleep 60
check 'as-pid-1: other ids' -o '5 6' -- "${A[@]}" --uid 5 --gid 6 sh -c 'echo $(id -u) $(id -g)'
background "${A[@]}" sh -c 'trap "exit 7" TERM; echo ready; while :; do sleep 0.1; done' >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -TERM $pid
wait $pid
same 'as-pid-1: signals reach it' $? 7
background "${A[@]}" sh -c "echo ready; sleep 777; : $mark-one" >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -KILL $pid
wait $pid 2>/dev/null
is 'as-pid-1: kill -9 of sbx leaves nothing' await 10 gone "$mark-one"
background "${A[@]}" --uid 5 sh -c "echo ready; sleep 777; : $mark-two" >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -KILL $pid
wait $pid 2>/dev/null
is 'as-pid-1: nor with another id' await 10 gone "$mark-two"
check 'as-pid-1: what it leaves behind is ended with it' -- "${A[@]}" sh -c "setsid sh -c 'sleep 777; : $mark-three' & exit 0"
is 'as-pid-1: it is gone' await 10 gone "$mark-three"
reason 'as-pid-1: reason' 9 'exit 9  ' --as-pid-1 sh -c 'exit 9'
background "${A[@]}" --json-status-fd 7 sh -c 'echo ready; sleep 77' 7>"$F" >"$T/log"
pid=$!
await 20 grep -q ready "$T/log"
kill -KILL "$(pgrep -P $pid)"
wait $pid
same 'as-pid-1: killed from outside' "$? $(value reason) $(value signal-name)" '137 signal SIGKILL'

# Flags of a mount
D=$T/data
mkdir -p "$D/sub"
printf '#!/bin/sh\necho ran\n' >"$D/program" && chmod +x "$D/program"
ln -s program "$D/link"
cp /bin/true "$D/true"
flags() {
	sed -n "s|.* $1 \([^ ]*\) .*|\1|p"
}
for kind in bind ro-bind dev-bind bind-try; do
	check "control: $kind: a program runs" -o ran -- "${S[@]}" --$kind "$D" /mnt /mnt/program
	check "noexec $kind: it does not" -s 126 -e 'Permission denied' -- "${S[@]}" --noexec --$kind "$D" /mnt /mnt/program
	check "noexec $kind: nor as a command of the command" -s 126 -- "${S[@]}" --noexec --$kind "$D" /mnt sh -c /mnt/true
done
check 'noexec: mounts below too' -s 126 -- unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs "$0/sub" && cp /bin/true "$0/sub" && exec "$@"' "$D" \
	"${S[@]}" --seccomp none --noexec --bind "$D" /mnt sh -c /mnt/sub/true
check 'noexec bind-fd' -s 126 -- "${S[@]}" --noexec --bind-fd 7 /mnt sh -c /mnt/true 7<"$D"
check 'noexec ro-bind-data' -s 126 -- "${S[@]}" --noexec --perms 0755 --ro-bind-data 7 /f sh -c /f 7<"$D/true"
check 'control: ro-bind-data' -- "${S[@]}" --perms 0755 --ro-bind-data 7 /f sh -c /f 7<"$D/true"
check 'noexec tmpfs' -s 126 -- "${S[@]}" --noexec --tmpfs /t sh -c 'cp /bin/true /t; /t/true'
check 'control: tmpfs' -- "${S[@]}" --tmpfs /t sh -c 'cp /bin/true /t; /t/true'
check 'nosymfollow bind' -s 1 -e 'Too many levels' -- "${S[@]}" --nosymfollow --ro-bind "$D" /mnt cat /mnt/link
check 'control: a link is followed' -O ran -- "${S[@]}" --ro-bind "$D" /mnt cat /mnt/link
check 'nosymfollow tmpfs' -s 1 -e 'Too many levels' -- "${S[@]}" --nosymfollow --tmpfs /t sh -c 'ln -s /proc/version /t/l; cat /t/l'
check 'noatime tmpfs' -O ' /t rw,nosuid,nodev,noatime ' -- "${S[@]}" --noatime --tmpfs /t grep ' /t ' /proc/self/mountinfo
check 'nodiratime tmpfs' -O ' /t rw,nosuid,nodev,nodiratime,relatime ' -- "${S[@]}" --nodiratime --tmpfs /t grep ' /t ' /proc/self/mountinfo
check 'all together' -O ' /t rw,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow ' -- "${S[@]}" --noexec --nosymfollow --noatime --nodiratime --tmpfs /t grep ' /t ' /proc/self/mountinfo
check 'the next one has none' -O ' /u rw,nosuid,nodev,relatime ' -- "${S[@]}" --noexec --tmpfs /t --tmpfs /u grep ' /u ' /proc/self/mountinfo
check 'noatime on a bind of the host: done, or what to do instead' -s 125 -e "error: can't mount .*Operation not permitted" -e 'hint: ' -- "${S[@]}" --noatime --bind "$D" /mnt true
check 'try noatime: skipped with a notice' -o ran -e 'notice: skipped' -- "${S[@]}" --noatime --try --bind "$D" /mnt echo ran
finish
