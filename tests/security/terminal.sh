#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 3: nothing inside types into the caller's terminal. Here by the session of its own; the filter of
# system calls will be the second fence.
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
	check 'under the default profile too' -O 'TIOCSTI: E' -N 'TIOC.*: ok' -- "$PROBE" pty '' '' "$SBX" --quiet --ro-bind "$PROBE" /probe /probe tiocsti
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
check 'there is no controlling terminal inside' -O '/dev/tty: ENXIO' -- "$PROBE" pty '' '' "${R[@]}" /probe tiocsti
check 'the terminal can not be made the own one' -O 'TIOCSCTTY: E' -N 'TIOCSCTTY.*: ok' -- "$PROBE" pty '' '' "${R[@]}" --cap-add ALL /probe tiocsti
check 'control codes in names that sbx prints are escaped' -s 125 -e '\\x1b\]0;' -E $'\033|\233|\302\233' -- \
	"$SBX" --no-profile --bind $'/x\033]0;title\007\302\233\233' /y true
check 'in a dry run too' -O . -N $'\033' -- "${S[@]}" --dir $'/x\033]0;title\007' --dry-run true
finish
