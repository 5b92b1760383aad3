#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 8: open files, environment and arguments of the caller do not leak into the sandbox.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

# The secret in a file, a variable and an argument. It is handed to the search backwards, so as not to be found there.
secret=sEcReT-$$-$RANDOM-vAlUe
terces=$(rev <<<"$secret")
echo "$secret" >"$T/$secret"
ulimit -n 2000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
last=1023
[ "$(ulimit -n)" -gt 1023 ] || last=$(($(ulimit -n) - 1))
leaky=(env "TOKEN=$secret" "$PROBE" leak "$T/$secret" "$last")
R=("${S[@]}" --ro-bind "$PROBE" /probe)

check "control: descriptors 3..$last reach a program without sbx" -O " 3 .* $last " -- "${leaky[@]}" "$PROBE" fds
for kind in '' --share-pid '--share-net --share-ipc --share-uts --share-cgroup' '--cap-add ALL'; do
	# shellcheck disable=SC2086 # a list of options
	check "only 0, 1 and 2 are open in the command ${kind:+($kind)}" -o '0 1 2 ' -- "${leaky[@]}" "${R[@]}" $kind /probe fds
done
# Words that name descriptors keep those open, and no others
F=(--bind-fd 10 /b --ro-bind-fd 11 /c --file 12 /d --bind-data 13 /e --ro-bind-data 14 /f --sync-fd 15 --info-fd 1 --json-status-fd 2)
check 'only 0, 1 and 2 are open behind words that take a descriptor' -O '^0 1 2 $' -- "${leaky[@]}" "${R[@]}" "${F[@]}" /probe fds
check 'and in init nothing of them leads anywhere' -N 'sEcReT' -- "${leaky[@]}" "${R[@]}" "${F[@]}" sh -c 'for f in /proc/1/fd/* /proc/self/fd/*; do readlink "$f"; done; exit 0'
check 'as-pid-1: only 0, 1 and 2' -o '0 1 2 ' -- "${leaky[@]}" "${R[@]}" --as-pid-1 --ro-bind-data 14 /f /probe fds
check 'stdout and stderr in files: only 0, 1 and 2' -- "${leaky[@]}" "${R[@]}" --stdout "$T/o" --stderr "$T/e" /probe fds
same 'they are 1 and 2' "$(cat "$T/o")" '0 1 2 '
check 'keep-fd: that one, and 0, 1 and 2' -o '0 1 2 500 ' -- "${leaky[@]}" "${R[@]}" "${F[@]:0:6}" --keep-fd 500 /probe fds
if ! is_root; then
	background unshare --user --map-root-user sleep 1000
	await 20 grep -q . "/proc/$!/gid_map"
	await 20 grep -q sleep "/proc/$!/comm"
	check 'userns: only 0, 1 and 2' -o '0 1 2 ' -- bash -c 'n=/proc/$1/ns/user; shift; exec "$@" 2000<&- 7<"$n"' sh $! "${leaky[@]/%$last/6}" "${R[@]}" --userns 7 /probe fds
fi

check 'nor does the shipped profile default leave more' -o '0 1 2 ' -- "${leaky[@]}" "$SBX" --quiet --profile default --ro-bind "$PROBE" /probe /probe fds

check 'control: the secret is found in /proc without sbx' -O '^/proc/self/./environ' -- \
	"${leaky[@]}" "$PROBE" grep-proc /proc/self/. "$terces"
is 'control: and so is the open file' matches "$out" '/fd/3 \(link\)'
# A variable that the directives take away, and an argument of sbx that the command does not have
hidden=(--clearenv --setenv PATH /usr/bin:/bin)
for kind in '' --map-root-user '--cap-add ALL' '--share-net --share-ipc --share-uts --share-cgroup'; do
	# shellcheck disable=SC2086 # a list of options
	check "nothing of the secret in all of /proc inside ${kind:+($kind)}" -o '' -- \
		"${leaky[@]}" "${R[@]}" $kind "${hidden[@]}" --setenv X "$secret" --unsetenv X --ro-bind-try "/nonexistent/$secret" /x --dir "/d-${secret%-*}" \
		/probe grep-proc /proc "$terces"
done
check 'control: a variable that is let in is found' -O '/environ' -- "${leaky[@]}" "${R[@]}" /probe grep-proc /proc "$terces"
check 'default profile: nothing of the secret in all of /proc inside' -o '' -- \
	"${leaky[@]}" "$SBX" --quiet --ro-bind "$PROBE" /probe /probe grep-proc /proc "$terces"

# pid 1 is sbx; nothing of it may be read
check '/proc/1/cmdline tells its own name at most' -O '^(sbx-init)?$' -- "${leaky[@]}" "${R[@]}" sh -c 'tr -d "\0" </proc/1/cmdline'
for file in environ maps auxv; do
	check "/proc/1/$file tells nothing" -N . -- "${leaky[@]}" "${R[@]}" sh -c "tr -d '\\0' </proc/1/$file; exit 0"
done
check 'control: the own one does' -O . -- "${leaky[@]}" "${R[@]}" sh -c 'tr -d "\0" </proc/self/environ'
check '/proc/1/fd leads to no file' -N '/' -- "${leaky[@]}" "${R[@]}" sh -c 'for f in /proc/1/fd/*; do readlink "$f"; done 2>/dev/null | grep -v -e "^pipe:" -e "^socket:" -e "^anon_inode:"; exit 0'
finish
