#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 3: nothing inside types into the caller's terminal, by the floor of system calls, or where there is
# none by a session of its own. With --pty there is a terminal inside, and it is the only one. And nothing signals the
# process group that sbx is in.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

R=("${S[@]}" --ro-bind "$PROBE" /probe)
run "$PROBE" pty '' '' "$PROBE" tiocsti
if matches "$out" 'TIOCSTI: ok'; then
	ok 'control: without sbx input can be typed into the terminal (TIOCSTI)'
	for kind in '' --map-root-user '--cap-add ALL' --share-pid '--dev-bind /dev /dev'; do
		# shellcheck disable=SC2086 # words
		check "TIOCSTI fails in every way ${kind:+($kind)}" -O '^.?TIOCSTI: E' -N 'TIOC.*: ok|^X' -- "$PROBE" pty '' '' "${R[@]}" $kind /probe tiocsti
	done
	for kind in '--seccomp none' --new-session '--seccomp none --no-seccomp-floor' '--seccomp docker' '--enable-userns'; do
		# shellcheck disable=SC2086 # words
		check "TIOCSTI fails with $kind" -O '^.?TIOCSTI: E' -N 'TIOC(STI|LINUX).*: ok|^X' -- "$PROBE" pty '' '' "${R[@]}" --quiet $kind /probe tiocsti
	done
	for call in TIOCSTI 'TIOCSTI\+2\^32' TIOCLINUX 'TIOCSTI /dev/tty'; do
		check "the floor forbids $call on the caller's own terminal" -O "^$call: EPERM" -- "$PROBE" pty '' '' "${R[@]}" /probe tiocsti
	done
	check 'control: it is the controlling terminal of the command' -O '/dev/tty: ok' -- "$PROBE" pty '' '' "${R[@]}" /probe tiocsti
	check 'control: the same calls without the floor, on a terminal of its own' -O '^.?TIOCSTI\+2\^32: ok' -- \
		"$PROBE" pty '' '' "${R[@]}" --quiet --seccomp none --no-seccomp-floor --pty /probe tiocsti
	check 'under the default profile too' -O 'TIOCSTI: E' -N 'TIOC.*: ok' -- "$PROBE" pty '' '' "$SBX" --quiet --ro-bind "$PROBE" /probe /probe tiocsti
	# What is typed is read by whoever reads the terminal next.
	next='stty -icanon -echo; "$@"; IFS= read -r -n 1 -t 0.5 c; echo "next:$c."'
	check 'control: what is typed is what the next program reads' -O 'next:X\.' -- "$PROBE" pty '' '' bash -c "$next" sh "$PROBE" tiocsti
	for kind in '' --map-root-user '--cap-add ALL' --share-pid '--uid 77'; do
		# shellcheck disable=SC2086 # words
		check "--pty: TIOCSTI reaches the command's own terminal ${kind:+($kind)}" -O '^.?TIOCSTI: ok' -- "$PROBE" pty '' '' "${R[@]}" $kind --quiet --seccomp none --no-seccomp-floor --pty /probe tiocsti
		# shellcheck disable=SC2086 # words
		check "--pty: and not the caller's ${kind:+($kind)}" -O 'next:\.' -- "$PROBE" pty '' '' bash -c "$next" sh "${R[@]}" $kind --quiet --seccomp none --no-seccomp-floor --pty /probe tiocsti
	done
	if have bwrap; then
		run "$PROBE" pty '' '' bwrap --ro-bind / / --unshare-all "$PROBE" tiocsti
		if matches "$out" 'TIOCSTI: ok'; then
			ok 'control: bubblewrap --unshare-all does not prevent it'
		else
			skip 'control: bubblewrap --unshare-all does not prevent it' 'this one does'
		fi
	fi
else
	skip 'TIOCSTI' 'the kernel allows it to nobody (dev.tty.legacy_tiocsti is 0)'
	check 'it fails inside' -N 'TIOC.*: ok' -- "$PROBE" pty '' '' "${R[@]}" /probe tiocsti
fi
check 'TIOCLINUX fails' -O 'TIOCLINUX: E' -- "$PROBE" pty '' '' "${R[@]}" /probe tiocsti
check 'with --new-session there is no controlling terminal inside' -O '/dev/tty: ENXIO' -- "$PROBE" pty '' '' "${R[@]}" --new-session /probe tiocsti
# The other processes of the caller's group, here a shell: kill(2) with pid 0 knows no pid namespace.
group='trap "echo hit" TERM; "$@"; sleep 0.2; echo "st:$?"'
check 'control: kill 0 without sbx hits the whole group' -O '^hit' -- setsid -w sh -c "$group" sh sh -c 'kill -TERM 0'
if have bwrap && bwrap --ro-bind / / true 2>/dev/null; then
	check "control: under bubblewrap --unshare-all too" -O '^hit' -- setsid -w sh -c "$group" sh bwrap --ro-bind / / --unshare-all sh -c 'trap "" TERM; kill -TERM 0'
fi
for kind in '' --share-pid --new-session --pty --as-pid-1 '--map-root-user'; do
	# shellcheck disable=SC2086 # words
	check "kill 0 inside does not ${kind:+($kind)}" -N '^hit' -O '^st:' -- setsid -w sh -c "$group" sh "${R[@]}" $kind sh -c 'trap "" TERM; kill -TERM 0'
	# shellcheck disable=SC2086 # words
	check "nor with SIGKILL ${kind:+($kind)}" -O '^st:' -- setsid -w sh -c "$group" sh "${R[@]}" $kind sh -c 'kill -KILL 0'
done
check 'the terminal can not be made the own one' -O 'TIOCSCTTY: E' -N 'TIOCSCTTY.*: ok' -- "$PROBE" pty '' '' "${R[@]}" --cap-add ALL /probe tiocsti
console='test -c /dev/console && stty -F /dev/console size'
check 'control: /dev/console is the terminal' -O '^0 0' -- "$PROBE" pty '' '' "${R[@]}" sh -c "$console"
check '--pty: it is not' -s 1 -- "$PROBE" pty '' '' "${R[@]}" --pty sh -c "$console"
check "--pty: no descriptor but the terminal's" -O '^0 1 2 .?$' -- "$PROBE" pty '' '' "${R[@]}" --pty /probe fds
check '--pty: no other terminal is in its devpts' -O '^0 ptmx.?$' -- "$PROBE" pty '' '' "${R[@]}" --pty sh -c 'echo $(ls /dev/pts)'
size='"$@"; stty size'
check 'control: without sbx the terminal can be resized' -O '^5 6' -- "$PROBE" pty '' '' sh -c "$size" sh stty rows 5 cols 6
check "--pty: only the command's own" -O '^0 0' -- "$PROBE" pty '' '' sh -c "$size" sh "${R[@]}" --pty stty rows 5 cols 6
background "${R[@]}" --pty sh -c 'echo running; exec sleep 100' >"$T/running"
pid=$!
await 20 grep -q running "$T/running"
same '--pty: the supervisor has no privileges left while it passes bytes on' \
	"$(awk '/^(CapPrm|CapEff|CapInh|CapAmb|NoNewPrivs):/ { printf "%s ", $2 }' "/proc/$pid/status")" \
	'0000000000000000 0000000000000000 0000000000000000 0000000000000000 1 '
is '--pty: and can not be traced' bash -c '! cat "/proc/$1/environ" >/dev/null 2>&1 || [ "$(id -u)" -eq 0 ]' sh "$pid"
kill "$pid"
wait "$pid"
check 'control codes in names that sbx prints are escaped' -s 125 -e '\\x1b\]0;' -E $'\033|\233|\302\233' -- \
	"$SBX" --no-profile --bind $'/x\033]0;title\007\302\233\233' /y true
check 'in a dry run too' -O . -N $'\033' -- "${S[@]}" --dir $'/x\033]0;title\007' --dry-run true
finish
