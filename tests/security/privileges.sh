#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 10: no capability is left in the command, in init or in the supervisor unless it was granted, and none
# can be gained again, in every combination of namespaces.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# What holds without a policy of system calls too
S+=(--seccomp none)
use_probe

# sets FILE: the capability sets and NoNewPrivs of a status file, in one line
sets='awk "/^Cap(Inh|Prm|Eff|Bnd|Amb):|^NoNewPrivs:/ { printf \"%s%s \", \$1, \$2 }" '
none='CapInh:0000000000000000 CapPrm:0000000000000000 CapEff:0000000000000000 CapBnd:0000000000000000 CapAmb:0000000000000000 NoNewPrivs:1 '

check 'control: under plain unshare(1) there are capabilities' -O 'CapEff:0*[1-9a-f]' -- unshare --user --map-root-user sh -c "$sets /proc/self/status"

# shares N: the share options that the bits of N say
shares() {
	local kind n=$1 bit=1
	for kind in net ipc uts cgroup pid; do
		[ $((n & bit)) -eq 0 ] || printf -- '--share-%s ' "$kind"
		bit=$((bit * 2))
	done
}
bad=''
for ((n = 0; n < 32; n++)); do
	for map in '' --map-root-user; do
		# shellcheck disable=SC2046,SC2086 # lists of options
		run "${S[@]}" $(shares $n) $map sh -c "$sets /proc/self/status; echo; [ $n -ge 16 ] || $sets /proc/1/status"
		want=$none
		# init is pid 1 where the pid namespace is new; where it is not it is looked at from outside, below.
		[ "$n" -ge 16 ] || want="$none
$none"
		if [ "$st" -ne 0 ] || [ "$out" != "$want" ]; then
			bad="$bad
$(shares $n) $map: $out $err"
		fi
	done
done
same 'the command and init have none, in each of the 64 combinations' "$bad" ''

bad=''
for ((n = 0; n < 16; n++)); do
	for map in '' --map-root-user; do
		# shellcheck disable=SC2046,SC2086 # lists of options
		run "${S[@]}" --as-pid-1 $(shares $n) $map sh -c "$sets /proc/1/status"
		[ "$st" -eq 0 ] && [ "$out" = "$none" ] || bad="$bad
$(shares $n) $map: $out $err"
	done
done
same 'nor has the command as process 1, in each of 32' "$bad" ''
if is_root; then
	skip 'nor in namespaces that are joined' 'sbx joins no user namespace for root'
else
	background unshare --user --map-root-user sleep 1000
	outer=$!
	await 20 grep -q sleep "/proc/$outer/comm"
	background nsenter --user=/proc/$outer/ns/user --preserve-credentials unshare --user --map-root-user sleep 1001
	inner=$!
	await 20 grep -q sleep "/proc/$inner/comm"
	exec 8<"/proc/$outer/ns/user" 9<"/proc/$inner/ns/user"
	bad=''
	for join in '--userns 8' '--userns 8 --userns2 9'; do
		for ((n = 0; n < 32; n++)); do
			for more in '' --as-pid-1; do
				# A shared network may only be had of the namespace that owns it; process 1 needs a pid namespace.
				[ -z "$more" ] || [ $n -lt 16 ] || continue
				# shellcheck disable=SC2046,SC2086 # lists of options
				run "${S[@]}" $join $more $(shares $n) sh -c "$sets /proc/self/status; echo; [ $n -ge 16 ] || $sets /proc/1/status"
				want=$none
				[ "$n" -ge 16 ] || want="$none
$none"
				[ "$st" -eq 0 ] && [ "$out" = "$want" ] || bad="$bad
$join $more $(shares $n): $out $err"
			done
		done
	done
	same 'nor in namespaces that are joined, in each of the 96 combinations' "$bad" ''
	check 'in a joined one SYS_ADMIN uncovers nothing' -s 9 -N . -- "${S[@]}" --userns 8 --cap-add SYS_ADMIN --ro-bind "$HOME" /p --hide /p \
		sh -c 'umount -l /p && exit 0; ls /p 2>/dev/null; exit 9'
	# Who is user 0 there can't be mapped without a capability (Linux 5.12), so it is someone else.
	background unshare --user --map-user 1000 --map-group 1000 sleep 1000
	await 20 grep -q sleep "/proc/$!/comm"
	exec 10<"/proc/$!/ns/user"
	check 'nor do user namespaces that can be made there' -s 9 -N . -- "${S[@]}" --userns 10 --ro-bind "$HOME" /p --hide /p \
		unshare --user --map-user 5 --keep-caps --mount sh -c 'umount -l /p && exit 0; ls /p 2>/dev/null; exit 9'
	check 'control: they can be made' -o 5 -- "${S[@]}" --userns 10 unshare --user --map-user 5 --keep-caps --mount id -u
	exec 8<&- 9<&- 10<&-
fi

# From outside: init by the parent's number, and the supervisor
outside() {
	local pid init who name=$1
	shift
	: >"$T/ready"
	background "${S[@]}" "$@" sh -c 'echo ready; exec sleep 50' >"$T/ready" 2>&1
	pid=$!
	await 20 grep -q ready "$T/ready"
	# The seals of init and of the supervisor come right behind the start of the command.
	init=$(pgrep -P $pid | head -n 1)
	await 5 grep -q 'NoNewPrivs:.*1' "/proc/$init/status"
	await 5 grep -q 'NoNewPrivs:.*1' "/proc/$pid/status"
	same "init$name has none, seen from outside" "$(sh -c "$sets /proc/$init/status")" "$none"
	# An ordinary user can not change the bounding set of a process without capabilities; no_new_privs makes it void.
	same "the supervisor$name has none and gains none" "$(sh -c "$sets /proc/$pid/status" | sed 's/CapBnd:[^ ]* //')" \
		"${none/CapBnd:0000000000000000 /}"
	for who in $pid $init; do
		is_root || is "nobody can look into $([ "$who" = "$pid" ] && echo the supervisor || echo init)$name (not dumpable)" \
			bash -c '! cat /proc/$1/environ >/dev/null 2>&1' sh "$who"
	done
	kill -TERM $pid
	wait $pid 2>/dev/null
}
outside ''
outside ' with --share-pid' --share-pid
outside ' with --cap-add ALL' --cap-add ALL
is_root && same 'the bounding set of the supervisor of root is empty too' "$(
	"${S[@]}" sleep 50 &
	await 10 grep -q 'NoNewPrivs:.*1' /proc/$!/status
	sed -n 's/^CapBnd:[[:space:]]*//p' /proc/$!/status
	kill $!
)" 0000000000000000

# Nothing can be gained again
check 'user 0 of the sandbox stays without capabilities after exec' -O 'CapEff:0000000000000000' -- \
	"${S[@]}" --map-root-user --ro-bind "$PROBE" /probe /probe setid sh -c "$sets /proc/self/status"
for program in su mount newuidmap passwd; do
	path=$(command -v $program) || continue
	[ -u "$path" ] && break
	path=
done
if [ -n "${path-}" ]; then
	# A copy that is bound, setuid and of user 0 as it is outside
	check "a setuid program ($path) runs as the caller" -o "$(id -u)" -- "${S[@]}" sh -c '"$0" --nonsense >/dev/null 2>&1; awk "/^Uid:/ { print \$3 }" /proc/self/status' "$path"
	check 'its mount is nosuid' -O 'nosuid' -- "${S[@]}" sh -c 'stat -f -c %i / >/dev/null; awk "\$5 == \"/usr\" { print \$6 }" /proc/self/mountinfo'
else
	skip 'a setuid program runs as the caller' 'there is no setuid program here'
fi
# Root of the host can't make another user namespace as user 0 inside (Linux 5.12), so it is someone else here.
V=("${S[@]}" --map-user 1000 --map-group 1000)
N=(unshare --user --map-root-user --mount sh -c)
U=("${V[@]}" --enable-userns)
for map in '' --map-root-user '--cap-add SYS_RESOURCE --map-root-user' '--cap-add SETUID,SETGID,SETFCAP,SYS_CHROOT' '--cap-add SYS_ADMIN' '--cap-add ALL --map-root-user'; do
	# shellcheck disable=SC2086 # options
	check "no user namespace can be made inside ${map:+($map)}" -s 1 -e 'No space left' -- "${S[@]}" ${map//,/ --cap-add } unshare --user true
	# shellcheck disable=SC2086 # options
	check "nor is that undone ${map:+($map)}" -s 1 -e 'No space left' -- "${S[@]}" ${map//,/ --cap-add } sh -c '
		{ echo 100 >/proc/sys/user/max_user_namespaces; } 2>/dev/null; unshare --user true'
done
check 'nor a cgroup namespace by a command that got SYS_ADMIN' -s 1 -e 'No space left' -- "${S[@]}" --cap-add SYS_ADMIN unshare --cgroup true
check 'control: a new user namespace can be made with --enable-userns' -- "${U[@]}" unshare --user true
check 'control: with mounts of its own' -- "${U[@]}" --tmpfs /t "${N[@]}" 'mount -t tmpfs tmpfs /t'
check 'in it nothing becomes writable that sbx made read-only' -s 32 -- "${U[@]}" "${N[@]}" 'mount -o remount,rw,bind /usr; st=$?; ! touch /usr/x 2>/dev/null && exit $st'
check 'nor does a cover come off' -s 32 -N . -- "${U[@]}" --ro-bind "$P" /p --hide /p "${N[@]}" 'umount -l /p; st=$?; ls /p 2>/dev/null; exit $st'
check 'nor is a cover left out of a copy' -s 32 -- "${U[@]}" --tmpfs /t --ro-bind "$HOME" /p --hide /p/project "${N[@]}" 'mount --bind /p /t'
check 'a cover stays on with SYS_ADMIN too' -s 32 -N . -- "${S[@]}" --cap-add SYS_ADMIN --map-root-user --ro-bind "$HOME" /p --hide /p \
	sh -c 'umount -l /p; st=$?; ls /p 2>/dev/null; exit $st'
check 'and a cover inside of a bind' -s 32 -N . -- "${S[@]}" --cap-add SYS_ADMIN --map-root-user --ro-bind "$HOME" /p --hide /p/project \
	sh -c 'umount -l /p/project; st=$?; ls /p/project 2>/dev/null; exit $st'
check 'and read-only stays read-only' -s 32 -e . -- "${S[@]}" --cap-add SYS_ADMIN --map-root-user --ro-bind "$P" /p sh -c \
	'mount -o remount,rw,bind /p; st=$?; touch /p/x 2>/dev/null && echo written; exit $st'
is 'nothing was written' [ ! -e "$P/x" ]
check 'control: with SYS_ADMIN what was mounted inside comes off' -- "${S[@]}" --cap-add SYS_ADMIN --map-root-user --tmpfs /t sh -c 'mount -t tmpfs tmpfs /t && umount /t'
check 'control: under unshare(1) a cover comes off' -O project -- unshare --user --map-root-user --mount sh -c \
	'mount -t tmpfs tmpfs "$HOME" && umount "$HOME" && ls "$HOME"'
check 'the root can not be left by chroot and ..' -s 1 -- "${S[@]}" --cap-add SYS_CHROOT --tmpfs /t --ro-bind "$PROBE" /probe sh -c '
	mkdir /t/c; cd /; chroot /t/c true 2>/dev/null; cd ../../../..; test -e etc/hostname || test -e root'
finish
