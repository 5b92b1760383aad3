#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 16: nothing appears in the real home or project that the program did not write.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# A home like many: with dotfiles and without others
mkdir -p "$HOME/.ssh" "$HOME/Documents" "$P/src/.git/hooks"
echo x | tee "$HOME/.bashrc" "$P/file" >/dev/null
# Types, modes, owners, sizes, times and contents; the time of a directory tells of names that came and went.
listing() {
	find "$HOME" -printf '%P %y %m %U:%G %s %T@ %C@ %l\n' | sort
}
before=$(listing)
for file in "$CONFIG"/profiles/*.profile; do
	name=${file##*/}
	name=${name%.profile}
	# It has the home writable, and so sbx's own directories are made to be guarded, as with --home host.
	[ "$name" != learn ] || continue
	opts=()
	case $name in
	# What is made to be included gets a root to stand on.
	base-[!s]* | cache-*) opts=(--include default --include "$name") name=base-system ;;
	# A kept home is asked for, and is made.
	service) opts=(--home tmpfs) ;;
	esac
	timeout 60 "$SBX" --quiet --profile "$name" ${opts[@]+"${opts[@]}"} true >/dev/null 2>"$T/.err"
	status=$?
	same "profile ${file##*/}: starts and nothing appears" "$status $(cat "$T/.err") $(listing)" "0  $before"
done
check 'a program that writes where it may not' -- "$SBX" --quiet sh -c 'echo x >"$HOME/x"; mkdir -p "$HOME/.config/app"; echo x >"$HOME/.bashrc"; touch /x /etc/x 2>/dev/null; :'
same 'leaves nothing' "$(listing)" "$before"
check 'include of every cache' -- "$SBX" --profile build --include cache-ccache --include cache-cargo --include cache-go --include cache-npm --include cache-pip true
same 'makes no cache directory' "$(listing)" "$before"

# Phantom mount points: what must not be made in a directory that is bound
B=("${S[@]}" --bind "$P" "$P")
while read -r directive; do
	# shellcheck disable=SC2086 # words
	run "${B[@]}" ${directive//@/"$P"} true
	same "refused, and nothing appears: $directive" "$st $(listing)" "125 $before"
done <<'END'
--tmpfs @/.phantom
--tmpfs @/.phantom/deep/er
--ro-bind /usr @/.phantom
--ro-bind /etc/passwd @/.phantom
--ro-bind /etc/passwd @/src/.phantom/file
--bind-try /usr @/.phantom
--dev @/.phantom
--proc @/.phantom
--dev-bind /dev/null @/.phantom
END
while read -r directive; do
	# shellcheck disable=SC2086 # words
	run "${B[@]}" ${directive//@/"$P"} true
	same "no error, and nothing appears: $directive" "$st $(listing)" "0 $before"
done <<'END'
--hide @/.phantom
--hide @/.phantom/deep
--ro-bind-try /nonexistent @/.phantom
--ro-bind @/file @/file
--tmpfs @/src
--remount-ro @
END
run "${B[@]}" --ro-bind "$P/file" "$P/new1" --tmpfs "$P/new2" true
same 'a start that fails half-way leaves nothing either' "$st $(listing)" "125 $before"
run "${B[@]}" --bind /nonexistent /x true
same 'nor one that fails at a source' "$st $(listing)" "125 $before"
run "${B[@]}" no-such-command
same 'nor one whose command is missing' "$st $(listing)" "127 $before"

# Where a directive says so it does
check 'control: dir makes a directory' -- "${B[@]}" --dir "$P/said" true
is 'control: there it is, and the listing tells' [ "$(listing)" != "$before" ]
rmdir "$P/said"
if have bwrap; then
	bwrap --ro-bind / / --bind "$P" "$P" --ro-bind /etc/passwd "$P/.phantom" true 2>/dev/null
	if [ -e "$P/.phantom" ]; then
		ok 'control: bubblewrap leaves a phantom'
	else
		skip 'control: bubblewrap leaves a phantom' 'this one does not'
	fi
	rm -f "$P/.phantom"
else
	skip 'control: bubblewrap leaves a phantom' 'bwrap is not installed'
fi
finish
