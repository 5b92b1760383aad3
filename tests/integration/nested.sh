#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx in other sandboxes and on odd hosts: it works, or says why not and what to do.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# What holds without a policy of system calls too
S+=(--seccomp none)
# Leak checks of a sanitizer build need /proc.
export ASAN_OPTIONS=detect_leaks=0

X=("${S[@]}" echo works)
ALL=(--ro-bind / / --dev /dev --proc /proc)

# works NAME COMMAND..., refused NAME ERROR HINT COMMAND...
works() {
	local name=$1
	shift
	check "$name: works" -o works -- "$@"
}
refused() {
	local name=$1 error=$2 hint=$3
	shift 3
	check "$name: says why" -s 125 -N works -e "error: .*$error" -e "hint: .*$hint" -- "$@"
}
# on NAME SCRIPT: $ON runs its arguments on a host made by SCRIPT, in a user and mount namespace; false if that can't be
on() {
	ON=(unshare -rm sh -c "set -e
$2
exec \"\$@\"" sh)
	run "${ON[@]}" true
	[ "$st" -eq 0 ] || skip "$1" "this host can't be made here: ${err%%$'\n'*}"
	return "$st"
}

# Of root sbx takes what user 0 needs to map itself, and what leads to root's cgroups and to a /proc of its own.
outer=(--enable-userns) inner=()
! is_root || { outer+=(--map-user 1000 --map-group 1000) && inner=(--share-cgroup --share-pid --enable-userns); }
works 'sbx in sbx with enable-userns' "$SBX" --no-profile --seccomp none "${ALL[@]}" "${outer[@]}" "${S[@]}" ${inner[@]+"${inner[@]}"} echo works
if is_root; then
	refused 'sbx in sbx with a cgroup namespace' 'user.max_cgroup_namespaces is 0' '--share-cgroup' \
		"$SBX" --no-profile --seccomp none "${ALL[@]}" "${outer[@]}" "${X[@]}"
	refused 'sbx in sbx as user 0' CAP_SETFCAP 'another user' \
		"$SBX" --no-profile --seccomp none "${ALL[@]}" --enable-userns "${S[@]}" "${inner[@]}" echo works
fi
refused 'sbx in sbx' 'user.max_user_namespaces is 0' enable-userns "$SBX" --no-profile --seccomp none "${ALL[@]}" "${X[@]}"
works 'sbx in sbx in sbx' "$SBX" --no-profile --seccomp none "${ALL[@]}" "${outer[@]}" \
	"$SBX" --no-profile --seccomp none "${ALL[@]}" ${inner[@]+"${inner[@]}"} --enable-userns \
	"$SBX" --no-profile --seccomp none "${BASE[@]}" ${inner[@]+"${inner[@]}"} echo works
if have bwrap && bwrap --ro-bind / / --unshare-all true 2>"$T/.err"; then
	works 'bwrap in sbx' "$SBX" --no-profile --seccomp none "${ALL[@]}" "${outer[@]}" \
		bwrap --ro-bind / / --dev /dev --unshare-user --unshare-pid --unshare-net echo works
	# What root could write in /proc is covered by either of them, and the kernel allows no new one then.
	if is_root; then
		refused 'sbx in bwrap' "can't mount a procfs" --share-pid bwrap "${ALL[@]}" --unshare-all "${X[@]}"
		works 'sbx in bwrap, with the pid namespace shared' bwrap "${ALL[@]}" --unshare-all "${S[@]}" --share-pid echo works
	else
		works 'sbx in bwrap' bwrap "${ALL[@]}" --unshare-all "${X[@]}"
	fi
	refused 'sbx in bwrap --disable-userns' 'as many user namespaces' 'disable-userns' \
		bwrap --unshare-user --disable-userns "${ALL[@]}" "${X[@]}"
else
	skip 'sbx and bwrap' 'bwrap is not installed or does not start'
fi
works 'sbx in unshare -r' unshare -r "${X[@]}"
works 'sbx in unshare -rmpf' unshare -rmpf --mount-proc "${X[@]}"
works 'sbx in unshare -rmpf with a foreign /proc' unshare -rmpf "${X[@]}"
refused 'user 0 without CAP_SETFCAP' CAP_SETFCAP 'another user' \
	unshare -r setpriv --inh-caps -setfcap --bounding-set -setfcap "${X[@]}"

# /proc
on 'a masked /proc' 'mount -t tmpfs none /proc/fs' &&
	refused 'a masked /proc' "can't mount a procfs" 'outer container covers part of /proc' "${ON[@]}" "${X[@]}"
on 'a masked /proc' 'mount -t tmpfs none /proc/fs' &&
	works 'a masked /proc, with the pid namespace shared' "${ON[@]}" "${S[@]}" --seccomp none --share-pid echo works
on 'a read-only /proc/sys' 'mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys' &&
	refused 'a read-only /proc/sys, no /proc inside' "can't forbid user namespaces" enable-userns \
		"${ON[@]}" "$SBX" --no-profile --seccomp none "${BASE[@]}" echo works
on 'a read-only /proc/sys' 'mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys' &&
	works 'a read-only /proc/sys, with enable-userns' "${ON[@]}" "$SBX" --no-profile --seccomp none "${BASE[@]}" --enable-userns echo works
on 'a read-only /proc' 'mount --bind /proc /proc; mount -o remount,bind,ro /proc' &&
	refused 'a read-only /proc' '/proc is read-only' writable "${ON[@]}" "${X[@]}"
if grep -q __asan_init "$SBX"; then
	skip 'no /proc' 'a sanitizer build does not start without it'
else
	on 'no /proc' 'mount -t tmpfs none /proc' &&
		refused 'no /proc' 'no procfs on /proc' 'mount -t proc' "${ON[@]}" "${X[@]}"
fi
ON=(unshare -rmpf --mount-proc sh -c 'mount -t proc -o hidepid=2 proc /proc && exec "$@"' sh)
if run "${ON[@]}" true && [ "$st" -eq 0 ]; then
	works 'a /proc with hidepid=2' "${ON[@]}" "${X[@]}"
	works 'and with the pid namespace shared' "${ON[@]}" "${S[@]}" --seccomp none --share-pid echo works
else
	skip 'a /proc with hidepid=2' "it can't be mounted here: $err"
fi

# Limits of the kinds of namespaces, all of which end in ENOSPC
for kind in user mnt pid net ipc uts cgroup; do
	on "no $kind namespaces" "echo 0 >/proc/sys/user/max_${kind}_namespaces" &&
		refused "no $kind namespaces" "user.max_${kind}_namespaces is 0" "user.max_${kind}_namespaces" "${ON[@]}" "${X[@]}"
done

# /dev, /sys
on 'no /sys' 'mount -t tmpfs none /sys' && works 'no /sys' "${ON[@]}" "${X[@]}"
on 'no /dev/pts' 'mount -t tmpfs none /dev/pts' && works 'no /dev/pts' "${ON[@]}" "${X[@]}"
on 'an empty /dev' 'mount -t tmpfs none /dev' && refused 'an empty /dev' /dev/null 'no such device' "${ON[@]}" "${X[@]}" </dev/null

# The root on an overlay, as in most containers
on 'the root on an overlay' "mount -t tmpfs none '$P'
mkdir '$P/lower' '$P/upper' '$P/work' '$P/root' '$P/lower/old'
for dir in /*; do
	[ -L \$dir ] && cp -P \$dir '$P/lower' || [ ! -d \$dir ] || mkdir '$P/lower'\$dir
done
mount -t overlay -o lowerdir='$P/lower',upperdir='$P/upper',workdir='$P/work',userxattr overlay '$P/root'
for dir in /*; do
	[ -L \$dir ] || [ ! -d \$dir ] || mount --rbind \$dir '$P/root'\$dir 2>/dev/null || :
done
cd '$P/root'
pivot_root . old
umount -l /old" && {
	run "${ON[@]}" stat -f -c %T /
	same 'the root is on an overlay' "$out" overlayfs
	works 'the root on an overlay' "${ON[@]}" "${X[@]}"
	works 'the root on an overlay, bound' "${ON[@]}" "$SBX" --no-profile --seccomp none "${ALL[@]}" echo works
}

# Many mounts: each start copies those that it binds, and no start may look at each pair of them.
mkdir "$T/many"
on '4096 mounts' "mount -t tmpfs none '$T/many'
# Each copies all there are.
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do mkdir '$T/many/'\$i; mount --rbind '$T/many' '$T/many/'\$i; done
[ \$(wc -l </proc/self/mountinfo) -gt 4096 ]
date +%s%N >'$T/many/start'" && {
	check '4096 mounts, the root bound: works in 5 s' -O '^works [0-4]\.' -- "${ON[@]}" sh -c '
		"$@" && echo "$(date +%s%N) $(cat "'"$T"'/many/start")" | awk "{ printf \"works %.1f s\n\", (\$1 - \$2) / 1e9 }"' sh \
		"$SBX" --no-profile --seccomp none "${ALL[@]}" true
}
rmdir "$T/many"

# Working directory and home
mkdir "$P/gone"
check 'the current directory is deleted' -o works -- sh -c 'cd gone && rmdir ../gone && exec "$@"' sh "${X[@]}"
mkdir "$P/gone"
check 'and with a profile' -o works -- sh -c 'cd gone && rmdir ../gone && exec "$@"' sh "$SBX" --quiet echo works
mkdir -p "$P/no/x"
check 'the current directory is out of reach' -o works -- sh -c 'cd no/x && chmod 0 .. && exec "$@"' sh "${X[@]}"
chmod 755 "$P/no"
works 'no $HOME' env -u HOME "${X[@]}"
works '$HOME does not exist' env HOME=/nonexistent "${X[@]}"
works 'a relative $HOME' env HOME=x "$SBX" --no-profile --seccomp none "${BASE[@]}" --home tmpfs echo works

if is_root; then
	# The root of a chroot is a plain directory here, with what is needed mounted below.
	run unshare -m sh -c "set -e
mount -t tmpfs none '$P'
mkdir '$P/r'
for dir in usr bin sbin lib lib32 lib64 proc dev tmp work; do
	[ -e /\$dir ] || continue
	mkdir '$P/r'/\$dir && mount --rbind /\$dir '$P/r'/\$dir
done
case \$1 in /tmp/* | /work/* | /usr/*) ;; *) mkdir -p \"$P/r\${1%/*}\"; cp \"\$1\" \"$P/r\$1\" ;; esac
exec chroot '$P/r' \"\$@\"" sh "${X[@]}"
	same 'in a chroot: refused' "$st" 125
	is 'in a chroot: says why' matches "$err" 'error: .*chroot'
	is 'in a chroot: says what to do' matches "$err" 'hint: '

	# An automount point whose daemon does not answer must not be waited for.
	run timeout 30 unshare -m bash -c 'exec 9> >(exec sleep 30 >/dev/null 2>&1); mkdir "$1/auto"
		mount -i -t autofs -o "fd=9,pgrp=$$,minproto=5,maxproto=5,direct" none "$1/auto" || exit 77
		shift; setsid -w "$@" 9>&-; st=$?; kill $! 2>/dev/null; exit $st' sh "$P" "$SBX" --no-profile --seccomp none "${ALL[@]}" echo works
	if [ "$st" = 77 ]; then
		skip 'an automount point' "autofs can't be mounted: $err"
	else
		same 'an automount point without a daemon, the root bound' "$st $out" '0 works'
	fi
else
	skip 'sbx in a chroot' 'chroot(2) needs root'
	skip 'an automount point' 'mounting autofs needs root'
fi
finish
