#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the sandbox's files are: every directive that mounts or makes something.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

D=$T/data
mkdir -p "$D/dir/below" "$T/empty"
echo content >"$D/file"
W=(--bind "$D" /mnt)

# bind, ro-bind, dev-bind
check 'bind: readable' -o content -- "${S[@]}" "${W[@]}" cat /mnt/file
check 'bind: writable' -- "${S[@]}" "${W[@]}" sh -c 'echo new >/mnt/dir/new'
same 'bind: writes reach the host' "$(cat "$D/dir/new" 2>&1)" new
check 'ro-bind: readable, not writable' -s 1 -o content -e 'Read-only' -- \
	"${S[@]}" --ro-bind "$D" /mnt sh -c 'cat /mnt/file; : 2>/dev/null; exec touch /mnt/x'
check 'bind of a file' -o content -- "${S[@]}" --bind "$D/file" /some/where/file cat /some/where/file
check 'ro-bind of a file' -s 2 -e 'Read-only' -- "${S[@]}" --ro-bind "$D/file" /f sh -c 'echo x >/f'
check 'bind: device files do not work' -s 1 -e 'Permission denied' -- "${S[@]}" --bind /dev /mnt dd if=/mnt/zero count=1 status=none
check 'dev-bind: device files work' -o 512 -- "${S[@]}" --dev-bind /dev /mnt sh -c 'dd if=/mnt/zero count=1 status=none | wc -c'
check 'a relative source is in the current directory' -o content -- env -C "$D" "${S[@]}" --ro-bind file /f cat /f
check 'a source below a link is found' -o content -- sh -c 'ln -s "$1" "$2/link"; shift 2; exec "$@"' sh \
	"$D" "$T" "${S[@]}" --ro-bind "$T/link/file" /f cat /f
for kind in bind ro-bind dev-bind; do
	check "$kind: a missing source is an error" -s 125 -e ':1: error: .*No such file' -- \
		"${S[@]}" --$kind /nonexistent /mnt true
	check "$kind-try: a missing source is skipped silently" -E . -- "${S[@]}" --$kind-try /nonexistent /mnt sh -c '! test -e /mnt'
	check "$kind-try: of a source that is there" -o content -- "${S[@]}" --$kind-try "$D" /mnt cat /mnt/file
done
if [ -d /root ] && [ ! -x /root ]; then
	check 'bind-try: a source without access is an error all the same' -s 125 -e 'Permission denied' -e 'hint: you have no access' -- \
		"${S[@]}" --bind-try /root/x /mnt true
else
	skip 'bind-try: a source without access is an error all the same' '/root can be entered'
fi
check 'a directory on a file is an error' -s 125 -e 'no directory' -- "${S[@]}" "${W[@]}" --bind "$T/empty" /mnt/file true
check 'a file on a directory is an error' -s 125 -e 'is a directory' -- "${S[@]}" "${W[@]}" --bind "$D/file" /mnt/dir true
check 'a later mount covers an earlier one' -o '' -- "${S[@]}" "${W[@]}" --bind "$T/empty" /mnt ls /mnt
check 'an earlier mount does not cover a later one' -o 'dir
file' -- "${S[@]}" --seccomp none --tmpfs /a --bind "$D" /a/b ls /a/b

# Mounts below a source
SUB=(unshare --user --map-root-user --mount sh -c 'mkdir -p "$0/sub" && mount -t tmpfs tmpfs "$0/sub" &&
	mkdir "$0/sub/sub" && mount -t tmpfs tmpfs "$0/sub/sub" && exec "$@"' "$D")
check 'control: mounts below a writable bind are writable' -- \
	"${SUB[@]}" "${S[@]}" --seccomp none "${W[@]}" touch /mnt/sub/x /mnt/sub/sub/x
check 'ro-bind: mounts below are read-only' -s 1 -e '/mnt/sub/x.*Read-only' -e '/mnt/sub/sub/x.*Read-only' -- \
	"${SUB[@]}" "${S[@]}" --seccomp none --ro-bind "$D" /mnt touch /mnt/sub/x /mnt/sub/sub/x
check 'mounts below a bind are nodev and nosuid' -N 'rw,relatime' -O '/mnt/sub/sub rw,nosuid,nodev' -- \
	"${SUB[@]}" "${S[@]}" --seccomp none "${W[@]}" grep ' /mnt' /proc/self/mountinfo
rmdir "$D/sub"

# tmpfs, dir
check 'tmpfs: 0755 and empty' -o 755 -- "${S[@]}" --tmpfs /t stat -c %a /t
check 'perms of a tmpfs' -o 1777 -- "${S[@]}" --perms 1777 --tmpfs /t stat -c %a /t
check 'size of a tmpfs is enforced' -s 1 -e 'No space' -- \
	"${S[@]}" --size 64k --tmpfs /t dd if=/dev/zero of=/t/f bs=128k count=1 status=none
check 'what fits fits' -- "${S[@]}" --size 64k --tmpfs /t dd if=/dev/zero of=/t/f bs=60k count=1 status=none
check 'perms and size together' -o '700 1048576' -- \
	"${S[@]}" --perms 0700 --size 1MiB --tmpfs /t sh -c 'echo $(stat -c %a /t) $(stat -f -c "%b * %S" /t | xargs expr)'
check 'modifiers hold for one directive only' -o 755 -- "${S[@]}" --perms 0700 --tmpfs /t --tmpfs /u stat -c %a /u
check 'perms before what takes none is an error' -s 125 -e 'perms is not followed by tmpfs, dir, file, bind-data or ro-bind-data$' -- \
	"${S[@]}" --perms 0700 --proc /p true
check 'size before a dir is an error' -s 125 -e 'size is not followed by tmpfs' -- "${S[@]}" --size 1M --dir /d true
check 'perms at the end is an error' -s 125 -e 'perms is not followed' -- "${S[@]}" --perms 0700 true
check 'dir: 0755' -o 755 -- "${S[@]}" --dir /d/e stat -c %a /d/e
check 'perms of a dir' -o '700
700' -- "${S[@]}" --perms 0700 --dir /d/e stat -c %a /d/e /d
check 'dir: one that exists is left alone' -o 755 -- "${S[@]}" --dir /d --perms 0700 --dir /d stat -c %a /d
check 'dir: on a file is an error' -s 125 -e 'no directory' -- "${S[@]}" --ro-bind "$D/file" /f --dir /f true
check 'the caller owns tmpfs and dir' -o "$(id -u):$(id -g)
$(id -u):$(id -g)" -- "${S[@]}" --tmpfs /t --dir /d stat -c %u:%g /t /d

# symlink
check 'symlink' -o '../to somewhere' -- "${S[@]}" --symlink '../to somewhere' /l readlink /l
check 'symlink: the same twice is no error' -o to -- "${S[@]}" --symlink to /l --symlink to /l readlink /l
check 'symlink: another one there is an error' -s 125 -e "can't create the symbolic link '/l'" -- \
	"${S[@]}" --symlink to /l --symlink other /l true
check 'symlink: a directory there is an error' -s 125 -- "${S[@]}" --dir /l --symlink to /l true
check 'symlink: an empty target is an error' -s 125 -e 'empty TARGET' -- "${S[@]}" --symlink '' /l true

# remount-ro, hide
check 'remount-ro' -s 1 -e 'Read-only' -- "${S[@]}" "${W[@]}" --remount-ro /mnt touch /mnt/x
check 'remount-ro: mounts below stay writable' -- "${S[@]}" --tmpfs /t --tmpfs /t/u --remount-ro /t sh -c 'touch /t/u/x && ! touch /t/x'
check 'remount-ro: no mount point' -s 125 -e "can't make '/mnt/dir' read-only" -e 'not a mount point' -- \
	"${S[@]}" "${W[@]}" --remount-ro /mnt/dir true
check 'remount-ro: nothing there' -s 125 -e 'No such file' -- "${S[@]}" --remount-ro /nonexistent true
check 'hide a file: it can not be opened' -o 'open: EACCES' -- \
	"${S[@]}" --ro-bind "$PROBE" /probe "${W[@]}" --hide /mnt/file /probe open r /mnt/file
check 'hide a file: nor written' -o 'open: EACCES' -- \
	"${S[@]}" --ro-bind "$PROBE" /probe "${W[@]}" --hide /mnt/file /probe open w /mnt/file
check 'hide a directory: it can not be listed' -s 2 -e 'Permission denied' -- "${S[@]}" "${W[@]}" --hide /mnt/dir ls /mnt/dir
check 'hide a directory: nor searched' -s 1 -e 'Permission denied' -- "${S[@]}" "${W[@]}" --hide /mnt/dir cat /mnt/dir/new
check 'hide: a missing one is no error' -E . -- "${S[@]}" "${W[@]}" --hide /mnt/nonexistent --hide /mnt/file/below true
check 'hide through a link hides what it leads to' -s 1 -e 'Permission denied' -- \
	"${S[@]}" "${W[@]}" --symlink /mnt/dir /l --hide /l cat /mnt/dir/new
check 'hide again, with what was hidden' -- "${S[@]}" "${W[@]}" --hide /mnt/dir --hide /mnt/dir true
same 'hide leaves the host alone' "$(cat "$D/dir/new" "$D/file")" 'new
content'

# The root, /dev, /proc
check 'the root is read-only' -s 1 -e 'Read-only' -- "${S[@]}" touch /x
check 'the root has nothing but what was said' -o 'only' -- \
	"$SBX" --no-profile --ro-bind /usr /only/usr --ro-bind-try /usr/lib64 /lib64 --symlink only/usr/lib /lib --hide /lib64/nonexistent \
	--setenv PATH /only/usr/bin sh -c 'for f in /*; do case $f in /lib*) ;; *) echo ${f#/};; esac; done'
check 'dev' -o 'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero' -- "${S[@]}" sh -c 'echo $(ls /dev)'
check 'dev: devices work' -o 'abc 3' -- "${S[@]}" sh -c 'echo x >/dev/null; head -c 3 /dev/zero >/dev/full 2>/dev/null || 
	echo abc $(head -c 3 /dev/urandom | wc -c)'
check 'dev: nothing can be added' -s 1 -e 'Read-only' -- "${S[@]}" touch /dev/x
check 'dev: shm is 1777 and writable' -o '1777' -- "${S[@]}" sh -c 'touch /dev/shm/x && stat -c %a /dev/shm'
check 'dev: links' -o content -- "${S[@]}" --ro-bind "$D/file" /f sh -c 'cat /dev/stdin </f >/dev/stdout'
check 'dev: terminals of its own can be made' -o 'ok named' -- "${S[@]}" --ro-bind "$PROBE" /probe /probe openpty
check "dev: the host's terminals are not there" -o ptmx -- "${S[@]}" ls /dev/pts
check "the terminal's name inside leads to it" -O '^.?/dev/(console|pts/[0-9]+|tty)' -- "$PROBE" pty '' '' "${S[@]}" tty
check 'dev in another place' -o 'ok' -- "${S[@]}" --dev /d sh -c 'echo x >/d/null && echo ok'
mark=sbx-mark-$$-$RANDOM
background sh -c "sleep 100; : $mark"
lib_pids="$lib_pids $(pgrep -P $!)"
check 'proc shows no process of the host' -N "$mark" -O '^1 ' -- \
	"${S[@]}" sh -c 'for p in /proc/[0-9]*; do echo "${p#/proc/} $(tr "\0" " " <$p/cmdline)"; done'
check 'control: the host sees that process' -O "$mark" -- sh -c 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" "\n"'
if is_root; then
	check "proc: the host's settings can not be written by root" -s 2 -e 'Read-only|Permission' -- \
		"${S[@]}" sh -c 'cat /proc/sys/kernel/domainname >/proc/sys/vm/drop_caches'
	if [ -e /proc/sysrq-trigger ]; then
		check 'proc: sysrq-trigger can not be written by root' -s 2 -e 'Read-only|Permission' -- \
			"${S[@]}" sh -c 'echo h >/proc/sysrq-trigger'
	else
		skip 'proc: sysrq-trigger can not be written by root' 'the kernel has no sysrq-trigger'
	fi
fi

# Flags of every mount
check 'every mount is nosuid' -N '^[^-]* [^ ]+ (ro|rw)(,(nodev|noexec|relatime|noatime))* ' -- \
	"${S[@]}" "${W[@]}" --tmpfs /t --dev-bind /dev/null /n --hide /mnt/dir cat /proc/self/mountinfo
check 'every mount but those of devices is nodev' -o '/dev/full
/dev/null
/dev/pts
/dev/random
/dev/tty
/dev/urandom
/dev/zero
/n' -- "${S[@]}" "${W[@]}" --tmpfs /t --dev-bind /dev/null /n --hide /mnt/dir \
	awk '$6 !~ /nodev/ { print $5 | "sort" }' /proc/self/mountinfo
check 'the same under the default profile' -o '/dev/full
/dev/null
/dev/pts
/dev/random
/dev/tty
/dev/urandom
/dev/zero' -- "$SBX" --quiet awk '$6 !~ /nodev/ || $6 !~ /nosuid/ { print $5 | "sort" }' /proc/self/mountinfo
check 'no mount spreads to or from elsewhere' -N 'shared:|master:' -- "${S[@]}" "${W[@]}" cat /proc/self/mountinfo

# Destinations
check 'a destination behind an absolute link is inside' -o 'content' -- \
	"${S[@]}" --dir /real --symlink /real /l --bind "$D" /l/sub cat /real/sub/file
check 'a destination behind a relative link is inside' -o 'content' -- \
	"${S[@]}" --dir /a/real --symlink ../a/real /b/l --bind "$D" /b/l/sub cat /a/real/sub/file
check 'a destination that is a link to nowhere: made inside' -o 'content' -- \
	"${S[@]}" --symlink /not/yet /l --bind "$D" /l cat /not/yet/file
check '.. does not lead out' -o 'content' -- "${S[@]}" --bind "$D" /../../b/c cat /b/c/file
check 'a link in a circle is told' -s 125 -e 'circle' -- "${S[@]}" --symlink /l /l --bind "$D" /l/x true
check 'a missing mount point in a bound directory: refused' -s 125 -e 'mount point is missing' -- \
	"${S[@]}" "${W[@]}" --tmpfs /mnt/new1/deep true
check 'the same for a file' -s 125 -e 'mount point is missing' -- "${S[@]}" "${W[@]}" --ro-bind "$D/file" /mnt/new2 true
check 'the same through a link in the bound directory' -s 125 -e 'mount point is missing' -- \
	sh -c 'ln -s new3 "$1/l"; shift; "$@"; st=$?; exit $st' sh "$D" "${S[@]}" "${W[@]}" --tmpfs /mnt/l true
rm -f "$D/l"
is 'nothing of it was made on the host' [ ! -e "$D/new1" -a ! -e "$D/new2" -a ! -e "$D/new3" ]
check 'dir makes it, also in a bound directory' -- "${S[@]}" "${W[@]}" --dir /mnt/said/deep --tmpfs /mnt/said/deep true
is 'and it is on the host' [ -d "$D/said/deep" ]
rm -r "$D/said"
check 'a missing mount point in a read-only bind: refused' -s 125 -e 'missing' -- "${S[@]}" --ro-bind "$D" /mnt --tmpfs /mnt/x true
for kind in bind ro-bind dev-bind; do
	check "$kind of / on /" -o content -- "$SBX" --no-profile --$kind / / cat "$D/file"
	check "$kind of / on /, with another dev, proc and tmpfs" -o '' -- \
		"$SBX" --no-profile --$kind / / --dev /dev --proc /proc --tmpfs "$D" ls "$D"
done
check 'ro-bind of / on / is read-only below too' -s 1 -e 'Read-only' -- "$SBX" --no-profile --ro-bind / / touch "$D/x"
check 'bind of / on / is writable' -- "$SBX" --no-profile --bind / / touch "$D/x"
rm -f "$D/x"

# Names
names=('with space' "it's" 'dou"ble' '$(touch x);#' '`touch x`' 'a\b' $'new\nline' '-dash' '*' '%s%n' $'\xff\xfe' 'ümläut' "$(printf %0200d 0)")
for name in "${names[@]}"; do
	mkdir -p "$T/names/$name"
	echo "in $name" >"$T/names/$name/f"
	shown=$(printf %q "$name")
	check "name ${shown:0:40}: source and destination" -o "in $name" -- \
		"${S[@]}" --bind "$T/names/$name" "/n/$name" cat "/n/$name/f"
	check "name ${shown:0:40}: every other directive" -o 'd l' -- "${S[@]}" --dir "/d/$name" --tmpfs "/t/$name" --symlink "$name" "/l/$name" \
		--proc "/p/$name" --remount-ro "/t/$name" --hide "/d/$name" --chdir "/t/$name" --setenv X "$name" \
		sh -c 'test "$(readlink "/l/$X"; echo x)" = "$X
x" && test "$(pwd; echo x)" = "/t/$X
x" && test -e "/p/$X/self" && echo d l'
done
is 'no name was executed' [ ! -e x -a ! -e "$T/x" -a ! -e /x ]
check 'a dot in a missing destination is no name' -o '/made' -- "${S[@]}" --tmpfs /made/./. ls -d /made
check 'nor are two, and nothing is made of them' -s 125 -e 'No such file' -- "${S[@]}" --tmpfs /missing/../made true
finish
