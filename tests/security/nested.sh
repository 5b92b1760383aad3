#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 15: what is mounted inside a writable bind, sbx's own guards included, can't be moved away from a
# mount namespace of a nested user namespace (lib/leave_mounts.py).
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# What holds without a policy of system calls too
S+=(--seccomp none)

use_python
lib=$(cd "$top_srcdir" && pwd)/tests/security/lib
D=$P/d
mkdir -p "$D/keep"
echo mine >"$D/keep/file"
A=("$python" /lib-py/leave_mounts.py)
# Root of the host can't make another user namespace as user 0 inside (Linux 5.12), so it is someone else here.
V=("${S[@]}" --map-user 1000 --map-group 1000 --ro-bind "$lib" /lib-py --tmpfs /tmp)

# attack NAME OPTION...: the name in /w is still there on the host, and no step after unshare was reached. A limit that
# the command can write is the one of its own namespace and says nothing: what counts is that it does not help.
attack() {
	local name=$1
	shift
	check "$name" -s 1 -O '^unshare: No space left' -N '^(unshare|rename): ok' -- "${V[@]}" "$@" "${A[@]}" /w keep
	is "$name: it is where it was" [ -e "$D/keep/file" ]
	[ ! -e "$D/keep.old" ] || mv "$D/keep.old" "$D/keep"
}
# control NAME COMMAND...: the attack works
control() {
	local name=$1
	shift
	check "control: $name" -O '^rename: ok' -- "$@"
	is "control: $name: it is gone" [ ! -e "$D/keep" ]
	[ ! -e "$D/keep.old" ] || mv "$D/keep.old" "$D/keep"
}

for cover in '--ro-bind' '--hide'; do
	[ $cover = --hide ] && opts=(--bind "$D" /w --hide /w/keep) || opts=(--bind "$D" /w --ro-bind "$D/keep" /w/keep)
	check "control: $cover: a mount point is not renamed in its own mount namespace" -s 1 -e 'busy' -- "${V[@]}" "${opts[@]}" mv /w/keep /w/keep.old
	attack "$cover inside a writable bind stays" "${opts[@]}"
	for caps in SYS_RESOURCE SETFCAP SYS_CHROOT 'SYS_RESOURCE --map-root-user'; do
		# shellcheck disable=SC2086 # options
		attack "$cover: with --cap-add $caps too" "${opts[@]}" --cap-add $caps
	done
	attack "$cover: with namespaces of the host too" "${opts[@]}" --share-pid --share-net --share-cgroup
	for nested in '--enable-userns' '--cap-add SYS_ADMIN' '--cap-add ALL'; do
		# shellcheck disable=SC2086 # options
		check "$cover inside a writable bind is refused with $nested" -s 125 -e '^<command-line>:[1-9][0-9]*:1: error: ' -- \
			"${V[@]}" "${opts[@]}" $nested true
	done
done
check 'control: with --enable-userns a read-only bind in a read-only bind is fine' -- "${V[@]}" --enable-userns --ro-bind "$D" /w --ro-bind "$D/keep" /w/keep true

# No capability helps; with SYS_ADMIN it is refused, above.
bad='' n=0
for cap in CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN \
	NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG \
	MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE; do
	run "${V[@]}" --bind "$D" /w --ro-bind "$D/keep" /w/keep --cap-add $cap "${A[@]}" /w keep
	n=$((n + 1))
	if [ "$st" -ne 1 ] || ! matches "$out" '^unshare: No space left' || [ ! -e "$D/keep/file" ]; then
		bad="$bad
$cap: $st $out $err"
	fi
	[ ! -e "$D/keep.old" ] || mv "$D/keep.old" "$D/keep"
done
same "no other capability helps ($n)" "$bad" ''

# sbx's own directories, in a home that is bound
for nested in '--enable-userns' '--cap-add SYS_ADMIN'; do
	# shellcheck disable=SC2086 # options
	check "a writable bind of the home is refused with $nested" -s 125 -e "holds sbx's own directories" -- "${V[@]}" --bind "$HOME" /w $nested true
	# shellcheck disable=SC2086 # options
	check "and a read-only one is not, with $nested" -- "${V[@]}" --ro-bind "$HOME" /w $nested true
done
# Not by the words alone: a link can lead into the bind.
for cover in "--ro-bind $D/keep /q/keep" '--tmpfs /q/keep' '--hide /q/keep' "--bind $D/keep /w/keep" '--overlay-src /usr --tmp-overlay /q/keep'; do
	# shellcheck disable=SC2086 # options
	check "with --enable-userns nothing is mounted in a writable bind: $cover" -s 125 -e 'in a writable bind' -- "${V[@]}" --enable-userns \
		--bind "$D" /w --symlink /w /q $cover true
	# shellcheck disable=SC2086 # options
	check "control: it is without it: $cover" -- "${V[@]}" --bind "$D" /w --symlink /w /q $cover true
done
check 'the way to profiles is not moved away' -s 1 -O '^unshare: No space left' -N '^rename: ok' -- "${V[@]}" --bind "$HOME" /w "${A[@]}" /w .config
is 'profiles are where they were' [ -d "$CONFIG/profiles" ]

# The script itself works: all steps in sbx where namespaces are allowed and nothing is covered, and with covers elsewhere.
control 'with --enable-userns and without a cover' "${V[@]}" --enable-userns --bind "$D" /w "${A[@]}" /w keep
plain='mount --bind "$1/keep" "$1/keep" && mount -o remount,ro,bind "$1/keep" && ! mv "$1/keep" "$1/x" 2>/dev/null && exec "$2" "$3/leave_mounts.py" "$1" keep'
control 'a read-only mount made under unshare(1) is left behind' unshare --user --map-root-user --mount sh -c "$plain" sh "$D" "$python" "$lib"
if ! have bwrap; then
	skip 'control: one made by bwrap is left behind' 'there is no bwrap'
elif ! bwrap --unshare-user --dev-bind / / true 2>/dev/null; then
	skip 'control: one made by bwrap is left behind' 'bwrap does not work here'
else
	control 'one made by bwrap is left behind' bwrap --unshare-user --uid 1000 --gid 1000 --dev-bind / / --ro-bind "$D/keep" "$D/keep" \
		"$python" "$lib/leave_mounts.py" "$D" keep
fi
finish
