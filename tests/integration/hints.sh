#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each error that can be provoked says what to do about it: the mistakes of a command line, the limits of a machine,
# and the seccomp filters of outer containers, which lib/enosys.c stands for.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# shellcheck source=tests/integration/lib/without.sh
. "$top_srcdir/tests/integration/lib/without.sh"
use_enosys

N=("$SBX" --no-profile "${BASE[@]}")
# Leak checks of a sanitizer build need clone(2) themselves.
export ASAN_OPTIONS=detect_leaks=0

# Mistakes: OPTIONS; what the hint is about
ln -s loop "$P/loop"
mkdir "$P/dir"
echo x >"$P/file"
printf 'no program\n' >"$P/text"
printf '#!/nowhere/interpreter\n' >"$P/script"
chmod +x "$P/text" "$P/script"
n=0
while IFS=';' read -r status hint options; do
	# shellcheck disable=SC2086 # words
	check "hint: $options" -s "$status" -e "^[^ ]*(<command-line>:[0-9:]*|sbx): error: ." -e "hint: .*$hint" -- "${N[@]}" ${options//@/"$P"}
	n=$((n + 1))
done <<'END'
125;-try skips;--ro-bind /nowhere /n true
125;in a circle;--ro-bind @/loop /n true
125;not a mount point;--tmpfs /t --dir /t/d --remount-ro /t/d true
125;something else;--dir /d --symlink x /d true
125;before the one;--tmpfs /t --remount-ro /t --dir /t/d true
125;inside the sandbox;--chdir /nowhere true
126;no program|not a program|#! line;--ro-bind @ /p /p/text
END
if ! is_root; then
	# A directory of the user's own would be open to the user 0 of a namespace.
	if [ ! -x /root ]; then
		check 'hint: no access to the source' -s 125 -e 'hint: .*no access to the source' -- "${N[@]}" --ro-bind /root/x /n true
	else
		skip 'hint: no access to the source' '/root is open to all here'
	fi
	check 'hint: nice' -s 125 -e 'hint: .*RLIMIT_NICE' -- bash -c 'ulimit -e 0; exec "$@"' sh "${N[@]}" --nice -5 true
	check 'hint: hard limit' -s 125 -e 'hint: .*hard limit' -- bash -c 'ulimit -n 200; exec "$@"' sh "${N[@]}" --rlimit nofile=300 true
fi
# These say it in the error itself.
check 'a file on a directory' -s 125 -e 'error: .*destination is a directory' -- "${N[@]}" --dir /d --ro-bind "$P/file" /d true
check 'a directory on a file' -s 125 -e 'error: .*destination is no directory' -- "${N[@]}" --ro-bind "$P/file" /f --ro-bind "$P/dir" /f true
check 'a missing mount point on the host' -s 125 -e 'error: .*create it there first' -- "${N[@]}" --bind "$P" /p --tmpfs /p/new true
check 'a missing interpreter' -s 126 -e 'error: .*interpreter or dynamic linker' -- "${N[@]}" --ro-bind "$P" /p /p/script
check 'no such command' -s 127 -e "error: can't run 'nowhere'" -- "${N[@]}" nowhere

# Few file descriptors: wherever they end, it is said. Below 4 not even the program is loaded.
# Descriptors that make(1) leaves open here would only move that.
for ((i = 4; i < 24; i++)); do
	run bash -c 'exec 3>&- 4>&- 5>&- 6>&-; ulimit -n '$i'; exec "$@"' sh "${S[@]}" echo works
	case "$st $out" in
	'0 works') bad='' ;;
	*) matches "$err" 'error while loading|hint: .*ulimit -n' && [ "$st" != 0 ] && bad='' || bad="$st $out $err" ;;
	esac
	same "ulimit -n $i: works or says so" "$bad" ''
done
# Before the start: the files of the policy.
few=(bash -c 'exec 3</dev/null; ulimit -n 4; exec "$@"' sh)
if "${few[@]}" "$SBX" --version >/dev/null 2>&1; then
	check 'no descriptor for the policy' -s 125 -e "^sbx: error: can't read '.*default.policy': Too many open files" \
		-e 'hint: .*ulimit -n' -- "${few[@]}" "${S[@]}" true
else
	skip 'no descriptor for the policy' 'this sbx is not static: not even the program is loaded'
fi

# works_or_says NAME COMMAND...: it works, maybe in an older way; or it is refused, with a message and a hint
works_or_says() {
	local name=$1
	shift
	run "$@"
	if [ "$st" = 0 ] && [ "$out" = works ]; then
		ok "$name: works"
	elif [ "$st" = 125 ] && matches "$err" ': error: .{10}' && matches "$err" ': hint: .{10}' && [ -z "$out" ]; then
		ok "$name: $(sed -n 's/.*error: //p' <<<"$err" | head -n 1)"
	else
		not_ok "$name" "exit status $st
output: $out
stderr: $err"
	fi
}
for errno in EPERM ENOSYS EACCES EAGAIN ENOMEM EINVAL ENOSPC EUSERS; do
	works_or_says "a filter: clone3 $errno" "$ENOSYS" "clone3=$errno" -- "${S[@]}" echo works
done
works_or_says 'a filter: clone3 ENOSYS, clone EPERM' "$ENOSYS" clone3=ENOSYS clone=EPERM -- "${S[@]}" echo works
for call in fsopen fsmount open_tree move_mount mount_setattr openat2 pivot_root umount2; do
	for errno in EPERM ENOSYS ENOMEM EMFILE ENFILE; do
		works_or_says "a filter: $call $errno" "$ENOSYS" "$call=$errno" -- "${S[@]}" echo works
	done
done
for call in move_mount mount_setattr pivot_root umount2; do
	works_or_says "a filter: $call EBUSY" "$ENOSYS" "$call=EBUSY" -- "${S[@]}" echo works
done
works_or_says 'the new and the old mount calls closed' "$ENOSYS" fsopen=EPERM open_tree=EPERM mount=EPERM -- "${S[@]}" echo works
works_or_says 'too many mounts' "$ENOSYS" move_mount=ENOSPC -- "${S[@]}" echo works
works_or_says 'unshare EPERM' "$ENOSYS" unshare=EPERM -- "${S[@]}" --map-root-user --cap-add SYS_ADMIN echo works
works_or_says 'too many keyrings' "$ENOSYS" keyctl=EDQUOT -- "${S[@]}" echo works
works_or_says 'no keyrings' "$ENOSYS" keyctl=ENOSYS -- "${S[@]}" echo works
works_or_says 'keyctl EPERM' "$ENOSYS" keyctl=EPERM -- "${S[@]}" echo works
works_or_says 'sethostname EPERM' "$ENOSYS" sethostname=EPERM -- "${S[@]}" --hostname x echo works
works_or_says 'capset EPERM' "$ENOSYS" capset=EPERM -- "${S[@]}" echo works
works_or_says 'setsid EPERM' "$ENOSYS" setsid=EPERM -- "${S[@]}" echo works
works_or_says 'signalfd ENOSYS' "$ENOSYS" signalfd4=ENOSYS -- "${S[@]}" echo works
works_or_says 'socketpair EPERM' "$ENOSYS" socketpair=EPERM -- "${S[@]}" echo works
check 'a filter is named as the cause' -s 125 -e 'hint: .*(filter|container)' -- "$ENOSYS" clone3=EPERM clone=EPERM unshare=EPERM -- "${S[@]}" true

# Control: the filter does what it is for, and only that.
works_or_says 'control: no call is filtered' "$ENOSYS" -- "${S[@]}" echo works
is 'control: and sbx works then' [ "$st $out" = '0 works' ]
check 'control: a filtered call fails' -s 1 -e 'Operation not permitted' -- "$ENOSYS" unshare=EPERM -- unshare -r true
err='sbx: error: something failed' out='' st=125
is 'control: a message without a hint is seen' eval '! matches "$err" ": hint: .{10}"'
finish
