#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The profile build, the homes, and a sandbox in a sandbox.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

B=("$SBX" --profile build)
mkdir -p "$HOME/.ssh" "$HOME/other"
echo secret | tee "$HOME/.ssh/key" "$HOME/other/file" "$T/outside" >/dev/null

check 'build: the project is writable' -- "${B[@]}" sh -c 'echo made >made && mkdir dir && rm -r dir'
same 'build: what was made is there' "$(cat made 2>&1)" made
check 'build: starts in the project' -o "$P" -- "${B[@]}" pwd
check 'build: nothing else of the home' -o "project" -- "${B[@]}" sh -c 'ls -A "$HOME"'
check 'build: the home is writable and gone afterwards' -- "${B[@]}" sh -c 'echo x >"$HOME/x" && mkdir -p "$HOME/.cache/y"'
is 'build: nothing of it in the real home' [ ! -e "$HOME/x" -a ! -e "$HOME/.cache" ]
check 'build: nothing beside it' -s 1 -- "${B[@]}" cat "$T/outside"
check 'build: /usr is read-only' -s 1 -e 'Read-only' -- "${B[@]}" touch /usr/x
check 'build: /etc is read-only' -s 1 -e 'Read-only' -- "${B[@]}" touch /etc/x
check 'build: /tmp is private' -o '' -- "${B[@]}" ls -A /tmp/ --ignore="${T#/tmp/}" --ignore=sbx-test.*
check 'build: no network' -o lo -- "${B[@]}" awk -F '[ :]+' 'NR > 2 { print $2 }' /proc/net/dev
check 'build: no capability' -o 0000000000000000 -- "${B[@]}" awk '/^CapBnd/ { print $2 }' /proc/self/status
check 'build: the files made belong to the caller' -o "$(id -u):$(id -g)" -- sh -c '"$@" && stat -c %u:%g made' sh "${B[@]}" touch made
one=$(env -i PATH=/x HOME="$HOME" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" "${B[@]}" /usr/bin/env)
two=$(env LANG=de_DE.UTF-8 TZ=Asia/Tokyo CFLAGS=-O3 USER=other TOKEN=x MAKEFLAGS=-k CC=false TERM= NO_COLOR= "${B[@]}" /usr/bin/env)
same 'build: the same environment whatever the caller has' "$two" "$one"
check 'build: SOURCE_DATE_EPOCH passes' -o 12345 -- env SOURCE_DATE_EPOCH=12345 "${B[@]}" sh -c 'echo $SOURCE_DATE_EPOCH'
check 'build: umask is fixed' -o 0022 -- sh -c 'umask 077; "$@"' sh "${B[@]}" sh -c umask
check "build: the command's status" -s 2 -- "${B[@]}" sh -c 'exit 2'
for dir in "$HOME" / /tmp /usr "$T"; do
	check "build: refused in ${dir/#"$T"/\$T}" -s 125 -e 'build.profile:[0-9]+:[0-9]+: error: .*project-dir' -e 'hint: ' -- \
		env -C "$dir" "${B[@]}" true
done
if have make && have gcc && have "${CC%% *}"; then
	printf 'all: prog\n\t./prog\nprog: prog.c\n\t%s -o $@ $<\n' "${CC%% *}" >Makefile
	printf '#include <stdio.h>\nint main(void) { puts("built"); return 0; }\n' >prog.c
	case $(command -v "${CC%% *}") in
	/usr/*|/bin/*) check 'build: make and the compiler work' -O '^built' -- "${B[@]}" make ;;
	*) skip 'build: make and the compiler work' "${CC%% *} is not in /usr" ;;
	esac
fi
mkdir -p "$HOME/.cache/ccache" "$HOME/.npm"
check 'cache-ccache: only that cache' -o '.cache project' -- "${B[@]}" --include cache-ccache sh -c \
	'touch "$HOME/.cache/ccache/x"; echo $(ls -A "$HOME"); exec ls "$HOME/.cache" >/dev/null'
is 'cache-ccache: it is kept' [ -e "$HOME/.cache/ccache/x" ]
check 'caches that the host does not have are no error' -- "${B[@]}" --include cache-go --include cache-pip --include cache-cargo true

# Homes
H=("$SBX" --quiet)
check 'home tmpfs: empty' -o '' -- env -C / "${H[@]}" --home tmpfs sh -c 'ls -A "$HOME"'
check 'home persist: first run' -o '' -- env -C / "${H[@]}" --home persist:mine sh -c 'ls -A "$HOME"; echo kept >"$HOME/file"'
check 'home persist: the next run has it' -o kept -- env -C / "${H[@]}" --home persist:mine sh -c 'cat "$HOME/file"'
check 'home persist: another name, another home' -o '' -- env -C / "${H[@]}" --home persist:other sh -c 'ls -A "$HOME"'
check 'home persist: named after the profile' -o '' -- env -C / "$SBX" --profile default --home persist sh -c 'ls -A "$HOME"'
same 'home persist: where they are, for the owner only' \
	"$(cd "$HOME/.local/share/sbx/homes" && stat -c '%n %a' -- *)" 'default 700
mine 700
other 700'
is 'home persist: not in the real home' [ ! -e "$HOME/file" ]
check 'home persist: not a path' -s 125 -e 'home: ' -- "${H[@]}" --home persist:../../x true
check 'home persist: one sandbox can not reach the homes of others' -s 1 -- env -C / "${H[@]}" --home persist:mine \
	sh -c 'cat "$HOME/.local/share/sbx/homes/other/x" 2>/dev/null'
echo real >"$HOME/real"
check 'home host: the real home' -o real -- env -C / "${H[@]}" --home host sh -c 'cat "$HOME/real"; echo new >"$HOME/new"'
same 'home host: writable' "$(cat "$HOME/new" 2>&1)" new
check 'the last home stands' -o '' -- env -C / "${H[@]}" --home host --home tmpfs sh -c 'ls -A "$HOME"'
check 'a home of / is none' -s 125 -e 'no home directory' -- env -C / HOME=/ XDG_CONFIG_HOME="$XDG_CONFIG_HOME" "${H[@]}" --home tmpfs true

# default and strict
check 'default: the project is readable' -o made -- "${H[@]}" sh -c 'cat made 2>/dev/null || echo made'
check 'default: and not writable' -s 1 -e 'Read-only' -- "${H[@]}" touch x
check 'default: nothing else of the home' -o project -- "${H[@]}" sh -c 'ls -A "$HOME"'
check 'strict: no project, no home' -s 2 -- "$SBX" --profile strict ls "$P"
check 'strict: only /tmp is writable' -o /dev/shm -O . -- "$SBX" --profile strict --seccomp default sh -c \
	'for d in / /usr /etc /run /var /var/tmp /dev /dev/shm; do ! touch $d/x 2>/dev/null || echo $d; done; touch /tmp/x'
check 'strict: no core, few processes' -o '0 64' -- "$SBX" --profile strict --seccomp default bash -c 'echo $(ulimit -c) $(ulimit -u)'

# A sandbox in a sandbox, which the outer one allows only when asked. User 0 of a user namespace can make another one only with CAP_SETFCAP (Linux 5.12), and
# no sandbox gives that unless asked. And where root starts a sandbox parts of its /proc are covered, so that the kernel
# allows no other one below. The tests of what works run as an ordinary user, therefore.
cp "$SBX" ./sbx && chmod 755 ./sbx
U=()
if is_root; then
	U=(setpriv --reuid=61234 --regid=61234 --clear-groups --inh-caps=-all)
	R=("${B[@]}" --seccomp none --enable-userns --cap-add SETFCAP)
	# For root the limit on cgroup namespaces stays, and its /proc/sys is read-only: the inner one can set no limit.
	I=(./sbx --no-profile --seccomp none --ro-bind / / --share-cgroup --enable-userns)
	check 'a new /proc in a sandbox of root: refused, and told why' -s 125 -e 'procfs' -e 'hint: an outer container covers part of /proc' -- \
		"${R[@]}" "${I[@]}" --proc /proc true
	check "with share-pid the outer one's is there" -o yes -- "${R[@]}" "${I[@]}" --share-pid --proc /proc \
		sh -c '[ -e /proc/self/status ] && echo yes'
	check 'a sandbox in a sandbox of user 0: refused, and told why' -s 125 -e 'user namespace' -e 'hint: ' -- \
		"${B[@]}" --seccomp none --enable-userns "${I[@]}" true
	check 'with SETFCAP it works' -o inner -- "${R[@]}" "${I[@]}" echo inner
	check 'but with no cgroup namespace of its own' -s 125 -o '' -e 'No space left on device' -e 'hint: ' -- "${R[@]}" "${I[@]}" --unshare-cgroup echo inner
	check 'nor without enable-userns where /proc/sys is read-only, and told why' -s 125 -o '' -e "can't forbid user namespaces" -e 'hint: .*enable-userns' -- \
		"${R[@]}" ./sbx --no-profile --seccomp none --ro-bind / / --share-cgroup echo inner
fi
D=(${U[@]+"${U[@]}"} "${B[@]}" --seccomp none) N=("${D[@]}" --enable-userns)
for args in '' '--enable-userns --disable-userns' '--map-root-user --cap-add SETFCAP'; do
	# shellcheck disable=SC2086 # words
	check "without enable-userns (${args:-nothing}) no sandbox in a sandbox, and told why" \
		-s 125 -o '' -e 'user namespaces are switched off: user.max_user_namespaces is 0' -e 'hint: ' -- \
		"${D[@]}" $args ./sbx --no-profile --seccomp none --ro-bind / / echo inner
done
check 'nor any other user namespace' -s 1 -o '' -e 'No space left on device' -- "${D[@]}" unshare --user echo inner
check 'control: with enable-userns there is one' -o inner -- "${N[@]}" unshare --user echo inner
check 'the last of enable-userns and disable-userns stands' -o inner -- "${D[@]}" --disable-userns --enable-userns unshare --user echo inner
check 'a sandbox in the build sandbox' -o 'inner 2' -- "${N[@]}" ./sbx --no-profile --seccomp none --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp \
	bash -c 'set -- /proc/[0-9]*; echo inner $#'
check "the inner one's status" -s 7 -- "${N[@]}" ./sbx --no-profile --seccomp none --ro-bind / / sh -c 'exit 7'
check 'what the outer one made read-only stays so' -s 1 -e 'Read-only' -- "${N[@]}" ./sbx --no-profile --seccomp none --bind / / touch /usr/x
L=(./sbx --no-profile --seccomp none --ro-bind / / --dev /dev --proc /proc --enable-userns)
check 'three more of them' -o three -- "${N[@]}" "${L[@]}" "${L[@]}" "${L[@]}" echo three
check 'one that does not enable it ends that' -s 125 -o '' -e 'max_user_namespaces is 0' -- "${N[@]}" "${L[@]}" ./sbx --no-profile --seccomp none --ro-bind / / --dev /dev --proc /proc "${L[@]}" echo three
mkdir "$T/data" && echo hidden | tee "$T/data/hidden" "$P/hidden" >/dev/null
check 'what the outer one hides stays hidden' -s 1 -o '' -e 'hidden: Permission denied' -- \
	"${N[@]}" --ro-bind "$T/data" /data --hide /data/hidden ./sbx --no-profile --seccomp none --bind / / cat /data/hidden
check 'control: without hide it is there' -o hidden -- \
	"${N[@]}" --ro-bind "$T/data" /data ./sbx --no-profile --seccomp none --bind / / cat /data/hidden
# In a writable bind it would not stay so: the command could move away the directory that it is in.
for args in "--hide $P/hidden" "--ro-bind $P/hidden $P/hidden"; do
	# shellcheck disable=SC2086 # words
	check "enable-userns: refused with ${args%% *} in a writable bind" -s 125 -o '' -e 'in a writable bind' -e 'hint: ' -- "${N[@]}" $args echo ran
done
check 'control: without enable-userns it is not' -o hidden -- "${D[@]}" --ro-bind "$P/hidden" "$P/hidden" cat hidden
check "enable-userns: refused where a writable bind holds sbx's own directories" -s 125 -o '' -e "holds sbx's own directories" -- \
	${U[@]+"${U[@]}"} "$SBX" --no-profile --ro-bind / / --bind "$HOME" "$HOME" --enable-userns echo ran
mkdir -p sbxprofiles && cp "$CONFIG"/profiles/*.profile sbxprofiles/
check 'with profiles too' -o inner -- "${N[@]}" env XDG_CONFIG_HOME=/tmp/config sh -c '
	mkdir -p /tmp/config/sbx && cp -R sbxprofiles /tmp/config/sbx/profiles && exec ./sbx --profile build --seccomp none echo inner'
if have bwrap; then
	check 'bubblewrap in the build sandbox' -o inner -- "${N[@]}" bwrap --bind / / --dev /dev --proc /proc --unshare-all echo inner
	check 'a sandbox in bubblewrap' -o inner -- \
		${U[@]+"${U[@]}"} bwrap --bind / / --dev /dev --proc /proc --unshare-pid "${S[@]}" --seccomp none echo inner
else
	skip 'bubblewrap in the build sandbox' 'bwrap is not installed'
fi
finish
