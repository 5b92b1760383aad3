#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where system calls are missing sbx does the same by older ones: each command below is run as it is, and then under
# a filter that answers ENOSYS, for each call alone and for sets of them. Status, output and messages must be equal.
# SBX_FALLBACKS=all runs each command with each; otherwise it is a sample.
# shellcheck disable=SC2016,SC2317 # for inner shells; functions for await
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# shellcheck source=tests/integration/lib/without.sh
. "$top_srcdir/tests/integration/lib/without.sh"
use_enosys

for call in $EVERYTHING; do
	check "control: the filter takes $call away" -o ENOSYS -- "$ENOSYS" "$call" -- "$ENOSYS" -t "$call"
	[ "$("$ENOSYS" -t "$call")" != ENOSYS ] || echo "# $call is missing here anyway"
done
check 'control: and nothing else' -N ENOSYS -- "$ENOSYS" openat2 -- "$ENOSYS" -t clone3

D=$T/data
mkdir -p "$D/dir/below" "$D/sub" "$D/real" "$T/empty"
echo content >"$D/file"
ln -s real "$D/rel" && ln -s /mnt/real "$D/abs" && ln -s ../../../../.. "$D/up"
W=(--bind "$D" /mnt)
# The mounts without their numbers, since those of the kernel come in the order of their numbers; and without those
# that another one lies right on: nobody reaches them, and without mount_setattr(2) sbx does not either.
mounts='awk '\''{ id[NR] = $1; at[NR] = $5; on[$2 " " $5] = 1; sub(/^[0-9]+ [0-9]+ [0-9:]+ /, ""); line[NR] = $0 }
	END { for (i = 1; i <= NR; i++) if (!((id[i] " " at[i]) in on)) print line[i] }'\'' /proc/self/mountinfo | sort'
# Mounts below a source: with names that need escapes, and flags that are locked for whoever did not make them
SUB=(unshare --user --map-root-user --mount sh -c 'mount -t tmpfs -o noexec,noatime tmpfs "$0/sub" && n="a b	\\040
c" && mkdir "$0/sub/$n" && mount -t tmpfs -o nodev,nodiratime,strictatime tmpfs "$0/sub/$n" && mkdir "$0/sub/ro" "$0/sub/$n/d" &&
	mount -t tmpfs -o ro,nosuid tmpfs "$0/sub/ro" && mount --bind "$0/file" "$0/dir/file" && exec "$@"' "$D")
: >"$D/dir/file"
# One on the other, and one over the directory that another is in
STACK=(unshare --user --map-root-user --mount sh -c 'cd "$0/sub" && mount -t tmpfs tmpfs . && cd "$0/sub" && mkdir -p a b/c &&
	mount -t tmpfs one a && mount -t tmpfs two a && mount -t tmpfs three b/c && mount -t tmpfs four b && mkdir b/c &&
	mount -t tmpfs five b/c && cd / && exec "$@"' "$D")

# add NAME WORD...: a command; the filter goes where the word @ is
names=() commands=()
add() {
	names+=("$1")
	shift
	commands+=("$(printf '%q ' "$@")")
}
# result N CALLS: what the Nth command does without these calls, in $got
result() {
	local words=() word
	eval "set -- ${commands[$1]}; calls='$2'"
	for word; do
		if [ "$word" != @ ]; then
			words+=("$word")
		elif [ -n "$calls" ]; then
			# shellcheck disable=SC2206 # words
			words+=("$ENOSYS" $calls --)
		fi
	done
	run "${words[@]}"
	got="status $st
$out
$err"
}

add 'mounts of every kind' @ "${S[@]}" "${W[@]}" --ro-bind "$D" /ro --dev-bind /dev /d --tmpfs /t --perms 0700 --size 1M --tmpfs /u \
	--remount-ro /t --hide /mnt/file --hide /mnt/dir --ro-bind "$D/file" /f --bind-try /nonexistent /x --symlink a /l \
	sh -c "$mounts; stat -c '%n %a %u:%g' /mnt /t /u /mnt/dir; stat -fc '%b %S' /u; ls /dev /proc/1"
add "the host's root" @ "$SBX" --no-profile --ro-bind / / --dev /dev --proc /proc --tmpfs "$D" sh -c "$mounts"
# Other tests of root make and remove sbx's directories of the system meanwhile, which are guarded here.
add 'a bind on the root, and a mount in it' @ "$SBX" --no-profile --bind / / --tmpfs /tmp sh -c "$mounts | grep -v '^/[^ ]*/sbx /'"
add 'ro-bind with mounts below' "${SUB[@]}" @ "${S[@]}" --ro-bind "$D" /mnt \
	sh -c "$mounts"'; for d in /mnt /mnt/sub /mnt/sub/*/ /mnt/sub/*/d; do touch "$d/x"; done; echo x >>/mnt/dir/file'
add 'bind with mounts below' "${SUB[@]}" @ "${S[@]}" "${W[@]}" sh -c "$mounts"'; for d in /mnt/sub /mnt/sub/*/; do touch "$d/x"; done; ls /mnt/sub'
add 'mounts one over the other' "${STACK[@]}" @ "${S[@]}" --ro-bind "$D" /mnt sh -c 'for d in a b b/c; do touch /mnt/sub/$d/x; done; ls -R /mnt/sub; stat -fc %T /mnt/sub/*'
add 'hide' @ "${S[@]}" "${W[@]}" --hide /mnt/file --hide /mnt/dir --hide /mnt/nonexistent sh -c 'cat /mnt/file; ls /mnt/dir; echo x >/mnt/file'
add 'remount-ro' @ "${S[@]}" "${W[@]}" --tmpfs /mnt/sub --remount-ro /mnt sh -c 'touch /mnt/x; touch /mnt/sub/x && ls /mnt/sub'
add 'remount-ro of a file' @ "${S[@]}" --bind "$D/file" /f --remount-ro /f sh -c 'echo x >/f'
add 'remount-ro where nothing is mounted' @ "${S[@]}" "${W[@]}" --remount-ro /mnt/dir true
add 'remount-ro of a file where nothing is mounted' @ "${S[@]}" "${W[@]}" --remount-ro /mnt/file true
add 'a tmpfs too small' @ "${S[@]}" --size 64k --tmpfs /t dd if=/dev/zero of=/t/f bs=128k count=1 status=none
add 'dev and proc' @ "${S[@]}" sh -c 'ls -l /dev | sed "s/ [A-Z][a-z][a-z] .*:[0-9]* / /"; head -c 3 /dev/zero | wc -c; cat /proc/1/comm; ls /proc | grep -x "[0-9]*" | head -n 1'
add 'what is dangerous in proc' @ "${S[@]}" sh -c 'for f in sys/kernel/core_pattern sys/vm/swappiness sysrq-trigger sys/kernel/hostname; do
	(: >>/proc/$f) 2>&1; done; ls /proc/sys/kernel >/dev/null && echo listed'
add 'destinations behind links' @ "${S[@]}" "${W[@]}" --tmpfs /mnt/rel --dir /mnt/abs/made --dir /up --symlink /real /l --dir /real \
	--bind "$D" /l/sub --ro-bind "$D/file" /mnt/up/f --tmpfs /l/../m sh -c "$mounts; find /up /real /m /f"
add 'a destination that is a link to nowhere' @ "${S[@]}" --symlink /not/yet /l --bind "$D" /l ls /not/yet
add 'a link in a circle' @ "${S[@]}" --symlink /l /l --bind "$D" /l/x true
add 'a magic link' @ "${S[@]}" --symlink /proc/self/root /l --tmpfs /l/x true
add 'a missing mount point' @ "${S[@]}" "${W[@]}" --tmpfs /mnt/new true
add 'a missing source' @ "${S[@]}" --bind /nonexistent /mnt true
add 'dir in a bind' @ "${S[@]}" "${W[@]}" --dir /mnt/made/deep --tmpfs /mnt/made/deep sh -c 'touch /mnt/made/deep/x && rmdir /mnt/real/none'
add "sbx's own directories" @ "${S[@]}" --bind "$HOME" "$HOME" sh -c "$mounts"'; cd ~; echo x >.config/sbx/x; mv .config .moved; mv .config/sbx .config/moved; echo fine >fine; ls -A . .config'
add 'a bind of these' @ "${S[@]}" --bind "$CONFIG" /x true
add 'the bind of all that holds them' @ "${S[@]}" --bind / / sh -c 'echo x >"$0/x"; mv "$0" "$0.moved"' "$CONFIG"
add 'a kept home' @ env -C / "${S[@]}" --home persist:kept sh -c 'echo "$HOME"; cat ~/x; echo x >~/x; ls ~'
add 'the default profile' @ "$SBX" --quiet sh -c "$mounts; pwd; ls -A ~"
add 'the build profile' @ "$SBX" --quiet --profile build sh -c "$mounts; pwd; echo x >x; cat x"
add 'an exit status' @ "${S[@]}" sh -c 'exit 33'
add 'the end by a signal' @ "${S[@]}" sh -c 'kill -KILL $$'
add 'no such command' @ "${S[@]}" nonexistent-command
add 'no program' @ "${S[@]}" --ro-bind "$D/file" /f /f
add 'timeout' @ "${S[@]}" --timeout 300ms sleep 20
add 'timeout and kill-after' @ "${S[@]}" --timeout 300ms --kill-after 200ms sh -c 'trap "" TERM; sleep 20; sleep 20'
add 'a signal to sbx' timeout 0.5 @ "${S[@]}" sleep 20
add 'share-pid' @ "${S[@]}" --share-pid sh -c 'setsid sleep 20 & [ "$(readlink /proc/self/ns/pid)" = "$0" ] && echo shared' "$(readlink /proc/self/ns/pid)"
add 'hostname' @ "${S[@]}" --hostname inside uname -n
add 'unshare-time' @ "${S[@]}" --unshare-time sh -c '[ "$(readlink /proc/self/ns/time)" != "$0" ] && [ "$(readlink /proc/self/ns/time)" = "$(readlink /proc/self/ns/time_for_children)" ] && echo new' \
	"$(readlink /proc/self/ns/time)"
add 'a capability' @ "${S[@]}" --cap-add NET_ADMIN grep Cap /proc/self/status
add 'CAP_SYS_ADMIN' @ "${S[@]}" "${W[@]}" --cap-add SYS_ADMIN sh -c "grep Cap /proc/self/status; $mounts; umount /mnt; mount -o remount,bind,rw /usr; mount -t tmpfs x /mnt && echo mounted"
add 'CAP_SYS_ADMIN with a time namespace' @ "${S[@]}" --cap-add SYS_ADMIN --unshare-time sh -c '[ "$(readlink /proc/self/ns/time)" != "$0" ] && echo new' "$(readlink /proc/self/ns/time)"
add 'user 0' @ "${S[@]}" --map-root-user sh -c 'id -u; cat /proc/self/uid_map | tr -s " "'
add 'descriptors of the caller' bash -c 'exec 3</dev/null 77</dev/null 900</dev/null; exec "$@"' sh @ "${S[@]}" sh -c 'ls /proc/self/fd | wc -l'
add 'the same without /proc' bash -c 'exec 77</dev/null; exec "$@"' sh @ "$SBX" --no-profile "${BASE[@]}" --rlimit nofile=64 sh -c '(: <&77) 2>/dev/null || echo closed'
add 'a sandbox in a sandbox' @ "$SBX" --quiet --no-profile --seccomp none --ro-bind / / --dev /dev --proc /proc --enable-userns --share-cgroup "$SBX" --quiet --no-profile --seccomp none --ro-bind / / --proc /proc sh -c "$mounts; echo inner"
# An ordinary user's filter takes newuidmap(1) its rights away.
echo 'root:200000:65536' >"$T/subid"
AUTO=(unshare --mount sh -c 'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && exec "$@"' "$T/subid")
if is_root && "${AUTO[@]}" "${S[@]}" --map-auto true 2>/dev/null; then
	add 'map-auto' "${AUTO[@]}" @ "${S[@]}" --map-auto --tmpfs /t sh -c 'cat /proc/self/uid_map; stat -c %u:%g /t'
else
	skip 'map-auto' 'no range for root, or no root'
fi

add 'assert-userns-disabled' @ "${S[@]}" --assert-userns-disabled echo ran
# Root's sandboxes join no user namespace; there it is refused.
if ! is_root; then
	holds() {
		[ "$(cat "/proc/$(pgrep -P "$1" | head -n 1)/comm" 2>/dev/null)" = sleep ]
	}
	background unshare --user --map-root-user --pid --fork --kill-child sleep 1000
	holder=$!
	await 20 holds $holder || not_ok 'namespaces to join'
	exec 11<"/proc/$holder/ns/user" 12<"/proc/$(pgrep -P $holder | head -n 1)/ns/pid"
	add 'userns' @ "${S[@]}" "${W[@]}" --userns 11 --tmpfs /t sh -c "readlink /proc/self/ns/user; id -u; id -g; grep Cap /proc/self/status; $mounts; touch /t/x; exit 7"
	add 'userns with all there is' @ "${S[@]}" --userns 11 --unshare-time --cap-add SYS_ADMIN --hostname inside \
		sh -c 'uname -n; [ "$(readlink /proc/self/ns/time)" != "$0" ] && echo new; mount -t tmpfs x /usr && echo mounted' "$(readlink /proc/self/ns/time)"
	add 'userns and pidns' @ "${S[@]}" --userns 11 --pidns 12 sh -c 'readlink /proc/self/ns/user /proc/self/ns/pid; echo $((PPID > 0))'
	add 'userns: the own one' bash -c 'exec "$@" 13</proc/self/ns/user' sh @ "${S[@]}" --userns 13 true
	add 'userns: timeout' @ "${S[@]}" --userns 11 --timeout 300ms sleep 20
	add 'userns and assert-userns-disabled' @ "${S[@]}" --userns 11 --assert-userns-disabled echo ran
	# A call that is missing is no answer to what was asked.
	for calls in '' clone3 "$EVERYTHING"; do
		# shellcheck disable=SC2086 # words
		check "assert-userns-disabled refuses where one can be made${calls:+, without ${calls:0:40}}" -s 125 -o '' \
			-e 'user namespaces can be made in the sandbox' -- ${calls:+"$ENOSYS" $calls --} "${S[@]}" --userns 11 --assert-userns-disabled echo ran
	done
else
	skip 'userns, pidns' 'not for root'
fi

# As it is: the first run of some leaves something; then what differs by itself would prove nothing.
want=()
for pass in first wanted again; do
	for i in "${!names[@]}"; do
		result "$i" ''
		if [ $pass = again ]; then
			same "as it is, twice: ${names[i]}" "$got" "${want[i]}"
		else
			want[i]=$got
		fi
	done
done
# Each alone, a kernel of 5.3 to 5.11 (no mount_setattr, and pieces of the rest), and sets
n=0
for calls in $EVERYTHING "$MOUNT_API" "$PIDFD" "mount_setattr openat2 close_range faccessat2" 'clone3 pidfd_send_signal' "$EVERYTHING"; do
	: $((n++))
	for i in "${!names[@]}"; do
		# A sample, another one for each, but all of them without everything; SBX_FALLBACKS=all is the whole.
		[ "${SBX_FALLBACKS-}" = all ] || [ "$calls" = "$EVERYTHING" ] || [ $(((i + n) % 4)) -eq 0 ] || continue
		result "$i" "$calls"
		same "without ${calls:0:60}: ${names[i]}" "$got" "${want[i]}"
	done
done

# Mounts below a directory that the caller may not enter can't be made read-only there: it is covered instead.
if is_root; then
	mkdir -p "$D/closed/in" && chmod 700 "$D/closed"
	closed() {
		rm -f "$D/tried"
		timeout 60 unshare --mount sh -c 'mount -t tmpfs -o mode=1777 tmpfs "$0/closed/in" && exec "$@"' "$D" \
			setpriv --reuid=61234 --regid=61234 --clear-groups --inh-caps=-all "$@" \
			sh -c 'ls /mnt/closed/in; : >/tmp/tried; while [ ! -x /mnt/closed/in ] && [ ! -e /mnt/go ]; do sleep 0.05; done; touch /mnt/closed/in/x' >"$T/closed" 2>&1 &
		await 10 grep -q 'Permission denied' "$T/closed"
		chmod 755 "$D/closed"
		sleep 0.2
		: >"$D/go"
		wait $!
		st=$?
		chmod 700 "$D/closed"
		rm -f "$D/go"
	}
	chmod 755 "$T" "$D"
	closed "${S[@]}" --tmpfs /tmp --bind "$D" /mnt
	same 'control: a mount below a closed directory is reached once that is opened' "$st" 0
	for calls in '' mount_setattr "$EVERYTHING"; do
		# shellcheck disable=SC2086 # words
		closed ${calls:+"$ENOSYS" $calls --} "${S[@]}" --tmpfs /tmp --ro-bind "$D" /mnt
		same "but is not written in a read-only bind${calls:+, without ${calls:0:40}}" "$st" 1
	done
else
	skip 'a mount below a closed directory' 'only root can make one'
fi

# What can't be done is refused
if grep -q __asan_init "$SBX"; then
	skip 'without the mount API and without /proc' 'a sanitizer build does not start without it'
else
	# shellcheck disable=SC2086 # words
	check 'without the mount API and without /proc: refused' -s 125 -e 'error: ' -- \
		unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs /proc && exec "$@"' sh "$ENOSYS" $EVERYTHING -- "${S[@]}" true
fi
is 'nothing of all this was made on the host' [ ! -e "$D/new" ]
finish
