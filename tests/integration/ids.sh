#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who the command is, which ids are mapped, and how each reason that they can't be is told apart.
#
# Ranges need newuidmap(1) and subordinate ids. As root the tests make an ordinary user that has some, by covering
# /etc/passwd, /etc/subuid and /etc/subgid in a mount namespace of their own; the host's stay as they are.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

me=$(id -u) mygid=$(id -g)
show='echo $(id -u):$(id -g) $(cat /proc/self/uid_map) / $(cat /proc/self/gid_map)'

# One id
check 'by default the caller keeps its ids' -o "$me:$mygid $me $me 1 / $mygid $mygid 1" -- "${S[@]}" sh -c "$show"
check 'map-root-user' -o "0:0 0 $me 1 / 0 $mygid 1" -- "${S[@]}" --map-root-user sh -c "$show"
check 'map-current-user undoes it' -o "$me:$mygid $me $me 1 / $mygid $mygid 1" -- "${S[@]}" --map-root-user --map-current-user sh -c "$show"
check 'map-user and map-group' -o "77:88 77 $me 1 / 88 $mygid 1" -- "${S[@]}" --map-user 77 --map-group 88 sh -c "$show"
check 'map-user and map-group by name' -o "$(id -u daemon):$(getent group sys | cut -d: -f3)" -O . -- \
	"${S[@]}" --map-user daemon --map-group sys sh -c 'echo $(id -u):$(id -g)'
check 'map-user: no such user' -s 125 -e '^<command-line>:[0-9]+:1: error: map-user: .*no such user' -- "${S[@]}" --map-user no-such-user true
check 'uid and gid' -o "5:6 5 $me 1 / 6 $mygid 1" -- "${S[@]}" --uid 5 --gid 6 sh -c "$show"
check 'uid that nothing maps: refused' -s 125 -e '^<command-line>:[0-9]+:1: error: uid 5 has no mapping' -e 'hint: the caller is 0 there' -- \
	"${S[@]}" --map-root-user --uid 5 true
check 'gid that nothing maps: refused' -s 125 -e '^<command-line>:[0-9]+:1: error: gid 5 has no mapping' -- "${S[@]}" --map-root-user --gid 5 true
check 'files of the caller belong to the user inside' -o '0:0' -- "${S[@]}" --map-root-user --bind "$P" /p stat -c %u:%g /p
"${S[@]}" --map-root-user --bind "$P" /p touch /p/made
same 'and the other way round' "$(stat -c %u:%g "$P/made")" "$me:$mygid"
check 'setgroups is denied' -o deny -- "${S[@]}" cat /proc/self/setgroups
check 'a user gains nothing by being 0' -s 1 -- "${S[@]}" --map-root-user --ro-bind "$PROBE" /probe chown 1:1 /dev/shm
if is_root; then
	check 'map-users all maps every id, for root' -o '0 0 4294967295 / 0 0 4294967295' -- \
		"${S[@]}" --map-users all --map-groups all sh -c 'echo $(cat /proc/self/uid_map) / $(cat /proc/self/gid_map)'
else
	check 'map-users all is for root only' -s 125 -e 'error: map-users: only root' -e 'hint: .*auto' -- "${S[@]}" --map-users all true
fi

# Reasons why there is no user namespace, each told apart; no subordinate ids needed
if unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces' 2>/dev/null; then
	check 'switched off by max_user_namespaces' -s 125 -e 'user.max_user_namespaces is 0' -e 'hint: .*user.max_user_namespaces = ' -- \
		unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' sh "${S[@]}" --seccomp none true
	check 'all in use up to max_user_namespaces' -s 125 -e 'as many user namespaces as' -e 'hint: ' -- \
		unshare --user --map-root-user sh -c 'echo 1 >/proc/sys/user/max_user_namespaces; exec unshare --user --map-root-user "$@"' sh "${S[@]}" --seccomp none true
else
	skip 'switched off by max_user_namespaces' '/proc/sys/user can not be written in a user namespace here'
fi
check 'forbidden by an outer seccomp filter' -s 125 -e 'a seccomp filter that was on sbx before' -e 'hint: ' -- \
	"$PROBE" no-clone3 "${S[@]}" true
cp "$SBX" "$T/sbx" && chmod 755 "$T/sbx"
check 'in a chroot' -s 125 -e 'sbx runs in a chroot' -e 'hint: ' -- unshare --user --map-root-user --mount sh -c '
	set -e; cd "$1"; mkdir c; mount -t tmpfs tmpfs c; mkdir -p c/root/proc c/root/t; mount --rbind /proc c/root/proc; mount --rbind . c/root/t
	for d in usr bin sbin lib lib32 lib64 libx32; do
		if [ -L /$d ]; then cp -P /$d c/root/$d; elif [ -d /$d ]; then mkdir c/root/$d; mount --rbind /$d c/root/$d; fi; done
	exec chroot c/root /t/sbx --no-profile --seccomp none --ro-bind /usr /usr true' sh "$T"
if [ -e /proc/sys/kernel/unprivileged_userns_clone ]; then
	skip 'switched off by kernel.unprivileged_userns_clone' 'it is a setting of the whole machine (a unit test covers it)'
else
	skip 'switched off by kernel.unprivileged_userns_clone' 'this kernel does not have it (a unit test covers it)'
fi
skip "AppArmor's restriction" 'needs a kernel with AppArmor (a unit test covers it)'

# Ranges. ${enter[@]} SCRIPT UID:GID COMMAND...: COMMAND as an ordinary user with subordinate ids, after SCRIPT as root
mapper=$(command -v newuidmap || echo /usr/bin/newuidmap)
if is_root; then
	subuid=200000 subgid=300000 me=61234 mygid=61235
	echo "sbxtest:x:$me:$mygid::/:/bin/sh" | cat /etc/passwd - >"$T/etc-passwd"
	echo "sbxtest:$subuid:65536" >"$T/etc-subuid"
	echo "sbxtest:$subgid:65536" >"$T/etc-subgid"
	enter=(unshare --mount sh -c 'for f in passwd subuid subgid; do [ -e /etc/$f ] && mount --bind "$0/etc-$f" /etc/$f || exit 1; done
		eval "$1" || exit 1
		id=$2; shift 2
		exec setpriv --reuid="${id%:*}" --regid="${id#*:}" --clear-groups --inh-caps=-all "$@"' "$T")
	usual=("${enter[@]}" : "$me:$mygid")
	why_not=
	"${usual[@]}" true 2>/dev/null || why_not='a mount namespace that covers /etc/passwd can not be made here'
else
	subuid=$(awk -F: -v u="$(id -un)" -v i="$me" '$1 == u || $1 == i { print $2; exit }' /etc/subuid 2>/dev/null)
	subgid=$(awk -F: -v u="$(id -un)" -v i="$me" '$1 == u || $1 == i { print $2; exit }' /etc/subgid 2>/dev/null)
	# mount(8) wants to be root.
	enter=(unshare --user --map-root-user --mount sh -c 'eval "$1" || exit 1
		id=$2; shift 2
		exec unshare --user --map-user="${id%:*}" --map-group="${id#*:}" "$@"' sh)
	usual=()
	why_not=
	[ -n "$subuid" ] && [ -n "$subgid" ] || why_not="$(id -un) has no subordinate ids"
fi
[ -u "$mapper" ] || getcap "$mapper" 2>/dev/null | grep -q setuid || why_not='newuidmap is not installed (Debian: uidmap)'
if [ -z "$why_not" ]; then
	check 'map-auto: a block from 0 up, the caller where it was' -o "$me:$mygid 0 $subuid $me $me $me 1 " -O "^$me:$mygid " -- \
		"${usual[@]}" "${S[@]}" --seccomp none --tmpfs /tmp --map-auto sh -c 'echo $(id -u):$(id -g) $(sort -n /proc/self/uid_map | head -n 2) ""'
	check 'map-auto and map-root-user' -o "0:0 0 $me 1 1 $((subuid + 1)) 65535 / 0 $mygid 1 1 $((subgid + 1)) 65535" -- \
		"${usual[@]}" "${S[@]}" --seccomp none --tmpfs /tmp --map-auto --map-root-user sh -c 'echo $(id -u):$(id -g) $(sort -n /proc/self/uid_map) / $(sort -n /proc/self/gid_map)'
	check 'map-users and map-groups' -o "$(printf '%s\n' "10 $subuid 5" "$me $me 1" | sort -n | xargs echo) / $(printf '%s\n' "20 $((subgid + 7)) 2" "$mygid $mygid 1" | sort -n | xargs echo)" -- \
		"${usual[@]}" "${S[@]}" --seccomp none --tmpfs /tmp --map-users "10:$subuid:5" --map-groups "20:$((subgid + 7)):2" \
		sh -c 'echo $(sort -n /proc/self/uid_map) / $(sort -n /proc/self/gid_map)'
	check 'several ranges' -o ok -- "${usual[@]}" "${S[@]}" --seccomp none --map-users "0:$subuid:5" --map-users "9:$((subuid + 5)):1" \
		sh -c 'grep -q "^ *9 *'$((subuid + 5))' *1$" /proc/self/uid_map && echo ok'
	check 'uid and gid within the ranges' -o '5:6 groups 6' -- \
		"${usual[@]}" "${S[@]}" --seccomp none --map-auto --uid 5 --gid 6 sh -c 'echo $(id -u):$(id -g) groups $(id -G)'
	check 'a tmpfs belongs to the command' -o '5:6' -- "${usual[@]}" "${S[@]}" --seccomp none --map-auto --uid 5 --gid 6 --tmpfs /t stat -c %u:%g /t
	check 'the command is the user said, without capabilities' -o '0000000000000000' -- \
		"${usual[@]}" "${S[@]}" --seccomp none --map-auto --uid 5 --gid 6 awk '/^CapPrm/ { print $2 }' /proc/self/status
	mkdir -p "$T/shared" && chmod 777 "$T/shared"
	check 'signals reach a command of another id' -s 124 -o 'told' -- "${usual[@]}" "${S[@]}" --seccomp none --map-auto --uid 5 --gid 6 --timeout 0.5 --kill-after 60 \
		sh -c 'trap "echo told; exit" TERM; sleep 50 & wait'
	check 'and init is as sealed as any, and that id' -o '5 5 5 5 0000000000000000 0000000000000000 1' -- "${usual[@]}" "${S[@]}" --seccomp none --map-auto --uid 5 --gid 6 \
		sh -c 'echo $(awk "/^(Uid|CapPrm|CapBnd|NoNewPrivs)/ { \$1 = \"\"; print }" /proc/1/status)'
	"${usual[@]}" "${S[@]}" --seccomp none --map-auto --uid 5 --gid 6 --bind "$T/shared" /w touch /w/five
	same 'files of another id inside have the subordinate id outside' "$(stat -c %u:%g "$T/shared/five" 2>&1)" "$((subuid + 5)):$((subgid + 6))"
	check 'with CHOWN files can be given away within the ranges' -o '7:8' -- "${usual[@]}" "${S[@]}" --seccomp none --map-auto --map-root-user \
		--cap-add CHOWN --tmpfs /t sh -c 'touch /t/f && chown 7:8 /t/f && stat -c %u:%g /t/f'
	check 'but not beyond them' -s 1 -- "${usual[@]}" "${S[@]}" --seccomp none --map-auto --map-root-user --cap-add CHOWN --tmpfs /t \
		sh -c 'touch /t/f && chown 4000000000 /t/f'

	# What is wrong with a range
	check 'a range that is not ours' -s 125 -e '^<command-line>:[0-9]+:1: error: map-users: 1-10 is not within' \
		-e "hint: /etc/subuid gives you $subuid-$((subuid + 65535))" -- "${usual[@]}" "${S[@]}" --seccomp none --map-users 0:1:10 true
	check 'a range that is too small' -s 125 -e 'error: map-groups: .* is not within' -e "hint: /etc/subgid gives you $subgid-" -- \
		"${usual[@]}" "${S[@]}" --seccomp none --map-groups "0:$subgid:65537" true
	check 'ranges that overlap' -s 125 -e 'user ranges overlap' -- \
		"${usual[@]}" "${S[@]}" --seccomp none --map-users "0:$subuid:5" --map-users "4:$((subuid + 9)):5" true

	# Why newuidmap fails, each cause told apart
	if "${enter[@]}" : "$me:$mygid" true 2>/dev/null; then
		cp "$mapper" "$T/newuidmap" && chmod 755 "$T/newuidmap"
		check 'control: with newuidmap as it is' -- "${usual[@]}" "${S[@]}" --seccomp none --map-auto true
		check 'newuidmap is missing' -s 125 -e "^<command-line>:[0-9]+:1: error: .*$mapper is not there" -e 'hint: install newuidmap' -- \
			"${enter[@]}" "mount --bind /dev/null $mapper" "$me:$mygid" "${S[@]}" --seccomp none --map-auto true
		check 'newuidmap is not setuid' -s 125 -e 'has neither the setuid bit of root nor a file capability' -e 'hint: .*chmod u\+s' -- \
			"${enter[@]}" "mount --bind $T/newuidmap $mapper" "$me:$mygid" "${S[@]}" --seccomp none --map-auto true
		check 'newuidmap is on a nosuid mount' -s 125 -e 'mounted nosuid' -e 'hint: mount it without nosuid' -- \
			"${enter[@]}" "mount --bind $mapper $mapper && mount -o remount,bind,nosuid $mapper" "$me:$mygid" "${S[@]}" --seccomp none --map-auto true
		printf '#!/bin/sh\nexec sleep 60\n' >"$T/slow" && chmod 755 "$T/slow"
		check 'a signal ends the wait for newuidmap' -s 143 -- "${enter[@]}" "mount --bind $T/slow $mapper" "$me:$mygid" \
			timeout --preserve-status 1 "${S[@]}" --seccomp none --map-auto true
		: >"$T/empty"
		check 'the user has no entry' -s 125 -e '^<command-line>:[0-9]+:1: error: map-auto: .* has no subordinate user ids in /etc/subuid' \
			-e 'no subordinate group ids in /etc/subgid' -e 'hint: .*usermod --add-subuids' -- \
			"${enter[@]}" "mount --bind $T/empty /etc/subuid && mount --bind $T/empty /etc/subgid" "$me:$mygid" "${S[@]}" --seccomp none --map-auto true
		check 'nothing is asked of newuidmap for one id' -- "${enter[@]}" "mount --bind /dev/null $mapper" "$me:$mygid" "${S[@]}" --seccomp none true
	else
		skip 'why newuidmap fails' 'unshare(1) can not make a mount namespace here'
	fi
	check 'no_new_privs is set' -s 125 -e 'no_new_privs is set on sbx' -e 'hint: start sbx outside' -- \
		"${usual[@]}" setpriv --no-new-privs "${S[@]}" --seccomp none --map-auto true
	check 'no_new_privs does not matter for one id' -- setpriv --no-new-privs "${S[@]}" --seccomp none true
	check 'profile check needs no newuidmap' -- "${usual[@]}" env HOME="$HOME" "$SBXCTL" profile check
else
	skip 'ranges of ids' "$why_not"
fi
finish
