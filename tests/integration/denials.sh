#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --report-denials: what is told of a call that a policy denies, that it is denied all the same, and that telling of it
# holds up nothing.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe
DENIED=$T/denied
# shellcheck disable=SC2086 # CC may have arguments
if ! $CC -std=gnu17 -D_GNU_SOURCE -w -O1 -pthread -o "$DENIED" "$top_srcdir/tests/integration/lib/denied.c"; then
	echo 'Bail out! the helper program does not compile'
	exit 1
fi
cat >"$T/own.policy" <<'END'
sbx-policy 1
default allow
deny uname
errno(EXFULL) getpriority
notify sethostname
END
D=("${S[@]}" --ro-bind "$DENIED" /denied --seccomp "$T/own.policy")
R=("${D[@]}" --report-denials)
said='^sbx: notice: uname denied by own.policy:3 \(denied, pid [0-9]+\)$'

check 'without the word nothing is told' -o EPERM -E . -- "${D[@]}" /denied once
check 'a denial: call, line, program, pid' -o EPERM -e "$said" -- "${R[@]}" /denied once
check 'with --verbose too' -o EPERM -e "$said" -- "${D[@]}" --verbose /denied once
check 'not with --quiet' -o EPERM -E 'uname' -- "${R[@]}" --quiet /denied once
check 'in a profile' -e "$said" -- bash -c 'printf "sbx-profile 1\ninclude default\nreport-denials\n" >"$0"; "$@"' "$CONFIG/profiles/told.profile" \
	"$SBX" --profile told --ro-bind "$DENIED" /denied --seccomp "$T/own.policy" /denied once
check 'another errno' -s 125 -e 'Exchange full' -e 'getpriority denied by own.policy:4 \(nice, pid' -- "${R[@]}" nice
check 'notify: told and done' -O '^other' -e 'sethostname noted by own.policy:5 \(hostname, pid' -- \
	"${R[@]}" --map-root-user --cap-add SYS_ADMIN sh -c 'hostname other; cat /proc/sys/kernel/hostname'
check 'notify: also without the word' -O '^other' -e 'sethostname noted by own.policy:5 \(hostname, pid' -- \
	"${D[@]}" --map-root-user --cap-add SYS_ADMIN sh -c 'hostname other; cat /proc/sys/kernel/hostname'
check 'and nothing else is told then' -o EPERM -E . -- "${D[@]}" /denied once
printf 'sbx-policy 1\ndefault notify\n' >"$T/all.policy"
check 'notify of what sbx itself needs' -s 125 -e 'notifies of execve, which sbx needs itself' -- "${S[@]}" --seccomp "$T/all.policy" true
for opts in --map-root-user '--uid 77' '--cap-add ALL' --share-pid --as-pid-1 --pty --new-session '--share-net --share-ipc' --enable-userns '--die-with-parent' '--keep-fd 9'; do
	# shellcheck disable=SC2086 # words
	check "with $opts" -O 'EPERM' -- bash -c '"$@" 9</dev/null 2>"$0" && grep -q "uname denied by own.policy:3" "$0"' "$T/told" "${R[@]}" --quiet --verbose $opts /denied once
done
pid=$("${R[@]}" sh -c '/denied once; :' 2>&1 | sed -n 's/.*(denied, pid \([0-9]*\)).*/\1/p')
is 'the pid is that of the host' test "${pid:-0}" -gt 10
"${R[@]}" /denied loop 1000 >"$T/out" 2>"$T/err"
same 'each call is denied' "$(cat "$T/out")" 1000
same 'and told of once' "$(grep -c uname "$T/err")" 1
"${R[@]}" sh -c 'cp /denied /tmp/x 2>/dev/null; /denied once; /denied once; exec -a other /denied once' >/dev/null 2>"$T/err"
same 'once for each program' "$(grep -c uname "$T/err")" 1
"${R[@]}" --tmpfs /tmp sh -c 'cp /denied /tmp/second; /denied once; /tmp/second once; /denied once' >/dev/null 2>"$T/err"
same 'twice for two' "$(grep -Ec 'uname denied by own.policy:3 \((denied|second), ' "$T/err")" 2
check 'control codes in names are escaped' -e 'x\\x1b\[2J' -E $'\033' -- "${R[@]}" --tmpfs /tmp sh -c 'cp /denied "/tmp/x$(printf "\033")[2J"; /tmp/x* once'
"${R[@]}" --tmpfs /tmp bash -c 'for i in {1..150}; do ln -s /denied /tmp/p$i; /tmp/p$i once; done' >/dev/null 2>"$T/err"
same 'a hundred lines, then they are counted only' "$(grep -c 'notice: uname' "$T/err") $(grep -c 'counted only' "$T/err")" '100 1'

# What is told at the end
check 'summary' -e 'notice: uname denied by own.policy:3, 5 times' -e 'getpriority denied by own.policy:4, 1 time$' -- "${R[@]}" --summary sh -c '/denied loop 5; nice 2>/dev/null; :'
check 'summary without denials' -E 'denied' -- "${R[@]}" --summary true
"${R[@]}" --json-status-fd 8 /denied loop 7 >/dev/null 2>&1 8>"$T/json"
line=$(tail -n 1 "$T/json")
is 'JSON' matches "$line" '"denials": \[ \{ "call": "uname", "action": "(deny|errno\(EPERM\))", "file": ".*/own.policy", "line": 3, "count": 7 \} \] \}$'
is 'JSON is JSON' bash -c 'tail -n 1 "$0" | python3 -c "import json, sys; d = json.load(sys.stdin)[\"denials\"][0]; assert d[\"count\"] == 7"' "$T/json"
"${R[@]}" --json-status-fd 8 true 8>"$T/json"
is 'none: an empty list' matches "$(tail -n 1 "$T/json")" '"denials": \[\]'
"${D[@]}" --json-status-fd 8 /denied once >/dev/null 8>"$T/json"
is 'not asked for: no list' bash -c '! grep -q denials "$0"' "$T/json"

# Who calls
check 'threads' -o 1600 -e "notice: uname denied by own.policy:3, 1600 times" -- "${R[@]}" --summary /denied threads 16
check 'a thread is told of by its process' -e "$said" -E worker -- "${R[@]}" /denied threads 1
check 'a nested pid namespace' -o '1 1' -e "$said" -- "${R[@]}" --enable-userns /denied clones
check 'signals meanwhile' -o 500 -- "${R[@]}" /denied signals 500
check 'children that outlive their parent' -o EPERM -e "$said" -- "${R[@]}" bash -c '(sleep 0.3; /denied once) & sleep 0.1; exec sleep 1'

# One listener in a tree
check 'a listener inside finds it taken' -o EBUSY -- "${R[@]}" /denied listener
# A helper that brings us ours can be killed before it has; a listener that is asked instead could allow what is denied.
for opts in --as-pid-1 --as-pid-1 --as-pid-1 '' '' ''; do
	# shellcheck disable=SC2086 # words
	check "nor without ours ($opts)" -o EBUSY -- taskset -c 0 "${R[@]}" $opts /denied alone
done
check 'nor with --learn' -o EBUSY -- taskset -c 0 "${D[@]}" --learn "$T/learned" /denied alone
check 'control: without reports it is not' -o ok -- "${S[@]}" --ro-bind "$DENIED" /denied --seccomp none /denied listener
N=("$SBX" --quiet --seccomp none --no-profile --ro-bind / / --dev /dev --proc /proc --enable-userns --map-user 1000 --map-group 1000
	--tmpfs /run --ro-bind "$T/own.policy" /run/own.policy)
# In a user namespace /tmp is nobody's.
I=("${S[@]}" --ro-bind "$DENIED" /denied --seccomp /run/own.policy --report-denials)
if "${N[@]}" "${S[@]}" --quiet --seccomp none true 2>/dev/null; then
	check 'sbx with reports in sbx with reports: denied, and told that it is not told' -o EPERM -e 'skipped: denials can.t be told of' -E 'uname denied' -- \
		"${N[@]}" --report-denials "${I[@]}" /denied once
	check 'in sbx without: told' -o EPERM -e "$said" -- "${N[@]}" "${I[@]}" /denied once
else
	skip 'sbx with reports in sbx with reports' 'no sandbox in a sandbox here'
fi

# It holds up nothing
check 'a flood: --timeout' -s 124 -- timeout 20 "${R[@]}" --timeout 1 sh -c '/denied forever & /denied forever & /denied forever & exec /denied forever'
check 'a flood: signals' -s 143 -- timeout -s TERM --preserve-status 1 "${R[@]}" sh -c '/denied forever & exec /denied forever'
check 'a flood: the terminal' -O '^end' -- "${R[@]}" --quiet --pty sh -c '/denied forever & sleep 0.3; echo end'
PTY=$T/pty
# shellcheck disable=SC2086 # CC may have arguments
$CC -std=gnu17 -D_GNU_SOURCE -w -O1 -o "$PTY" "$top_srcdir/tests/integration/lib/pty.c" || exit 1
check 'a terminal that the command stops: --timeout' -- "$PTY" "${R[@]}" --timeout 1 /denied stopped <<<'status 124'
check 'a pipe that nobody reads: --timeout' -O '^124$' -- bash -c '{ timeout -k 1 15 "$@" >&2; echo $? >"$0"; } 2>&1 | sleep 4; cat "$0"' "$T/status" \
	"${R[@]}" --timeout 1 sh -c 'head -c 1000000 /dev/zero >&2 & sleep 0.5; exec /denied forever'

# Whoever has the listener could allow what the policy denies. On one processor the command runs before the helper does.
stolen=0
for opts in --as-pid-1 --as-pid-1 --as-pid-1 '' '' --share-pid; do
	# shellcheck disable=SC2086 # words
	[ "$(taskset -c 0 "${R[@]}" $opts /denied steal 2>/dev/null)" = end ] || stolen=$((stolen + 1))
done
same 'no descriptor of ours can be taken' "$stolen" 0

background "${R[@]}" sh -c '/denied forever & exec /denied forever' >/dev/null 2>&1
pid=$!
sleep 0.5
kill -STOP "$pid"
sleep 0.2
kill -CONT "$pid"
is 'stopped and continued' kill -0 "$pid"
mark=sbx-denials-$$-$RANDOM
background "${R[@]}" --setenv X x bash -c 'exec -a "$0" /denied forever' "$mark" >/dev/null 2>&1
killed=$!
await 20 running "$mark"
kill -KILL "$killed"
is 'a supervisor that is killed takes all along' await 20 gone "$mark"
background "${R[@]}" --share-pid bash -c 'exec -a "$0" /denied forever' "$mark" >/dev/null 2>&1
killed=$!
await 20 running "$mark"
kill -KILL "$killed"
is 'with a shared pid namespace too' await 20 gone "$mark"

# A tight policy: nothing but what a program needs, and no socket call for the listener
check 'a policy without sendmsg' -e 'notice: .* denied by sbx-test-tight.policy:2' -- bash -c 'printf "sbx-policy 1\ndefault allow\n" >/dev/null; printf "sbx-policy 1\ndeny @none sendmsg sendto connect socket uname\ndefault allow\n" |
	sed "s/@none //" >"$0"; "$@"' "$T/sbx-test-tight.policy" "${S[@]}" --ro-bind "$DENIED" /denied --seccomp "$T/sbx-test-tight.policy" --report-denials /denied once
check 'the shipped strict one' -E error -- "${S[@]}" --seccomp strict --report-denials true
finish
