#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files that sbx makes or opens: file, bind-data, chmod, mqueue, lock-file, stdout, stderr.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

D=$T/data
mkdir -p "$D/dir"
echo content >"$D/file"
W=(--bind "$D" /mnt)
me=$(id -u):$(id -g)

# file
check 'file: mode, owner' -o "666 $me" -- "${S[@]}" --file 7 /f stat -c '%a %u:%g' /f 7<"$D/file"
check 'file: perms, missing directories as private as it' -o '640
750' -- "${S[@]}" --perms 0640 --file 7 /d/f stat -c %a /d/f /d 7<"$D/file"
check 'file: perms with the sticky, setuid and setgid bits' -o 7755 -- "${S[@]}" --perms 7755 --file 7 /f stat -c %a /f 7<"$D/file"
check 'file: unwritable ones are written all the same' -o '444 content' -- "${S[@]}" --perms 0444 --file 7 /f sh -c 'echo $(stat -c %a /f) $(cat /f)' 7<"$D/file"
check 'bind-data: setuid and setgid bits' -o 6755 -- "${S[@]}" --perms 6755 --bind-data 7 /f stat -c %a /f 7<"$D/file"
check 'file: the umask does not count' -o 666 -- bash -c 'umask 077; exec "$@"' sh "${S[@]}" --file 7 /f stat -c %a /f 7<"$D/file"
check 'file: empty' -o 0 -- "${S[@]}" --file 7 /f stat -c %s /f 7</dev/null
head -c 3000000 /dev/urandom >"$D/big"
check 'file: large, through a pipe' -o "$(sha256sum <"$D/big")" -- "${S[@]}" --file 7 /f sh -c 'sha256sum </f' 7< <(cat "$D/big")
check 'file: from where the descriptor stands' -o tent -- bash -c 'exec 7<"$0"; read -rN 3 -u 7; exec "$@"' "$D/file" "${S[@]}" --file 7 /f cat /f
check 'file: the root is read-only, so it stays what it is' -s 2 -e 'Read-only' -- "${S[@]}" --file 7 /f sh -c 'echo x >/f' 7<"$D/file"
check 'file: in a tmpfs it is writable' -- "${S[@]}" --tmpfs /t --file 7 /t/f sh -c 'echo x >/t/f' 7<"$D/file"
check 'file: over one of its own' -o content -- "${S[@]}" --file 8 /f --file 7 /f cat /f 7<"$D/file" 8< <(echo long long long long)
check 'file: a new one in a writable bind appears on the host' -- "${S[@]}" "${W[@]}" --file 7 /mnt/new true 7<"$D/file"
same 'file: there it is' "$(cat "$D/new")" content
check 'file: it does not overwrite a file of the host' -s 125 -o '' -e "can't create the file '/mnt/big'" -e 'ro-bind-data covers it' -- \
	"${S[@]}" "${W[@]}" --file 7 /mnt/big echo ran 7<"$D/file"
same 'file: nothing of it is lost' "$(stat -c %s "$D/big")" 3000000
check 'file: nor through a link' -s 125 -e "can't create the file" -- "${S[@]}" "${W[@]}" --symlink /mnt/big /l --file 7 /l echo ran 7<"$D/file"
same 'file: nothing of it is lost either' "$(stat -c %s "$D/big")" 3000000
check 'file: a dangling link makes what it names, inside' -o content -- "${S[@]}" --symlink /d/target /l --file 7 /l cat /d/target 7<"$D/file"
check 'file: not into a read-only bind' -s 125 -e 'Read-only' -- "${S[@]}" --ro-bind "$D" /mnt --file 7 /mnt/x true 7<"$D/file"
check 'file: not on a directory' -s 125 -e 'the destination is a directory' -- "${S[@]}" --dir /d --file 7 /d true 7<"$D/file"
check 'file: not on a device' -s 125 -e 'it exists already' -- "${S[@]}" --file 7 /dev/null true 7<"$D/file"
mkfifo "$D/fifo"
check 'file: nor on a named pipe' -s 125 -e 'it exists already' -- "${S[@]}" "${W[@]}" --file 7 /mnt/fifo true 7<"$D/file"
check 'file: nor through one that is hidden' -s 125 -- "${S[@]}" "${W[@]}" --hide /mnt/file --file 7 /mnt/file true 7<"$D/file"
same 'file: the host is as it was' "$(cat "$D/file")" content
check 'file: more than fits is an error' -s 125 -e 'No space left' -- "${S[@]}" --size 64k --tmpfs /t --file 7 /t/f true 7<"$D/big"
if have bwrap; then
	cp "$D/file" "$D/victim"
	bwrap --ro-bind / / --bind "$D" /mnt --file 7 /mnt/victim true 7< <(echo overwritten) >/dev/null 2>&1
	same 'control: bubblewrap overwrites a file of the host' "$(cat "$D/victim")" overwritten
else
	skip 'control: bubblewrap overwrites a file of the host' 'bwrap is not installed'
fi

# bind-data, ro-bind-data
check 'bind-data: mode, owner' -o "600 $me" -- "${S[@]}" --bind-data 7 /f stat -c '%a %u:%g' /f 7<"$D/file"
check 'bind-data: perms' -o 444 -- "${S[@]}" --perms 0444 --bind-data 7 /f stat -c %a /f 7<"$D/file"
check 'bind-data: writable' -o 'new' -- "${S[@]}" --bind-data 7 /f sh -c 'echo new >/f; cat /f' 7<"$D/file"
check 'bind-data: a mount of its own, nosuid and nodev' -O ' /f rw,nosuid,nodev' -- "${S[@]}" --bind-data 7 /f grep ' /f ' /proc/self/mountinfo 7<"$D/file"
check 'ro-bind-data: read-only' -s 2 -e 'Read-only' -- "${S[@]}" --ro-bind-data 7 /f sh -c 'echo new >/f' 7<"$D/file"
check 'ro-bind-data covers a file of the host' -o 'other' -- "${S[@]}" "${W[@]}" --ro-bind-data 7 /mnt/file cat /mnt/file 7< <(echo other)
same 'ro-bind-data: which is as it was' "$(cat "$D/file")" content
check 'bind-data: many' -o '50' -- bash -c 'a=(); for ((i = 10; i < 60; i++)); do eval "exec $i<<<$i"; a+=(--ro-bind-data $i /f$i); done
	n=$#; "$@" "${a[@]}" sh -c "cat /f?? | sort -u | wc -l"' sh "${S[@]}"
check 'bind-data: not on a directory' -s 125 -e 'the destination is a directory' -- "${S[@]}" --dir /d --bind-data 7 /d true 7<"$D/file"
check 'bind-data: its place is made nowhere on the host' -s 125 -e 'would leave it in the host' -- "${S[@]}" "${W[@]}" --bind-data 7 /mnt/none true 7<"$D/file"
is 'bind-data: really' [ ! -e "$D/none" ]
check 'bind-data belongs to the command under other ids' -o '5:6' -- "${S[@]}" --uid 5 --gid 6 --bind-data 7 /f stat -c %u:%g /f 7<"$D/file"

# chmod
check 'chmod: a directory and a file of its own' -o '700
4751' -- "${S[@]}" --dir /d --file 7 /f --chmod 0700 /d --chmod 4751 /f stat -c %a /d /f 7<"$D/file"
check 'chmod: through a writable bind' -- "${S[@]}" "${W[@]}" --chmod 0640 /mnt/new true
same 'chmod: on the host' "$(stat -c %a "$D/new")" 640
check 'chmod: through a link' -o 711 -- "${S[@]}" --dir /d --symlink d /l --chmod 0711 /l stat -c %a /d
check 'chmod: the root' -o 711 -- "${S[@]}" --chmod 0711 / stat -c %a /
check 'chmod: what is not there' -s 125 -e "can't change the mode of '/none': No such file" -e 'hint: create it first' -- "${S[@]}" --chmod 0700 /none true
check 'chmod: not in a read-only bind' -s 125 -e 'Read-only' -- "${S[@]}" --ro-bind "$D" /mnt --chmod 0600 /mnt/new true
same 'chmod: which is as it was' "$(stat -c %a "$D/new")" 640
if is_root; then
	skip 'chmod: not of another user' 'root may'
else
	check 'chmod: not of another user' -s 125 -e 'Operation not permitted|Read-only' -- "${S[@]}" --bind /usr /mnt --chmod 0777 /mnt true
fi
check 'try chmod' -o ran -e 'notice: skipped: ' -- "${S[@]}" --try --chmod 0700 /none echo ran

# mqueue
check 'mqueue' -O '^mqueue [a-z]+ rw,nosuid,nodev,noexec' -- "${S[@]}" --mqueue /m sh -c "sed -n 's|.* /m \\([^ ]*\\) .*- \\([^ ]* [^ ]*\\) .*|\\2 \\1|p' /proc/self/mountinfo"
check 'mqueue: a queue of its own' -o 'q' -- "${S[@]}" --mqueue /m sh -c 'touch /m/q && ls /m'
check 'mqueue: empty, whatever the host has' -o '' -- "${S[@]}" --mqueue /dev/mqueue ls /dev/mqueue
check 'mqueue with share-ipc' -s 125 -e 'mqueue needs an IPC namespace' -- "${S[@]}" --mqueue /m --share-ipc true

# lock-file
locks() {
	python3 - "$1" <<-'END'
		import fcntl, sys
		try:
		    fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
		    print("free")
		except OSError:
		    print("locked")
	END
}
if have python3; then
	: >"$D/lock"
	same 'control: nobody locks it' "$(locks "$D/lock")" free
	background "${S[@]}" "${W[@]}" --lock-file /mnt/lock --lock-file /mnt/file sh -c 'echo ready; sleep 50' >"$T/log"
	holder=$!
	await 20 grep -q ready "$T/log"
	same 'lock-file: held while the sandbox runs' "$(locks "$D/lock")" locked
	same 'lock-file: both' "$(locks "$D/file")" locked
	check 'lock-file: more than one may hold it' -o ran -- "${S[@]}" "${W[@]}" --lock-file /mnt/lock echo ran
	kill -TERM $holder
	wait $holder
	same 'lock-file: free behind it' "$(locks "$D/lock")" free
	background "${S[@]}" --ro-bind "$D" /mnt --lock-file /mnt/lock sh -c 'echo ready; sleep 50' >"$T/log"
	holder=$!
	await 20 grep -q ready "$T/log"
	same 'lock-file: in a read-only bind too' "$(locks "$D/lock")" locked
	kill -KILL $holder
	wait $holder 2>/dev/null
	is 'lock-file: free after kill -9' await 10 test "$(locks "$D/lock")" = free
	background python3 -c 'import fcntl, sys, time
f = open(sys.argv[1], "r+"); fcntl.lockf(f, fcntl.LOCK_EX); print("ready", flush=True); time.sleep(50)' "$D/lock" >"$T/log"
	holder=$!
	await 20 grep -q ready "$T/log"
	check 'lock-file: a writer has it' -s 125 -o '' -e "can't lock '/mnt/lock': Resource temporarily unavailable" -e 'hint: another process holds a write lock' -- \
		"${S[@]}" "${W[@]}" --lock-file /mnt/lock echo ran
	kill $holder
	wait $holder 2>/dev/null
else
	skip 'lock-file: held while the sandbox runs' 'no python3 to look at locks'
fi
check 'lock-file: missing' -s 125 -e "can't lock '/none': No such file" -e 'must exist inside' -- "${S[@]}" --lock-file /none true
check 'lock-file: a directory' -s 125 -e "can't lock '/usr': Invalid argument" -e 'only a regular file' -- "${S[@]}" --lock-file /usr true
check 'lock-file: a named pipe is no wait' -s 125 -e 'only a regular file' -- "${S[@]}" "${W[@]}" --lock-file /mnt/fifo true
check 'lock-file with as-pid-1' -s 125 -e 'no init that could hold a lock-file' -- "${S[@]}" --as-pid-1 --lock-file /usr true

# stdout, stderr
check 'stdout' -o '' -e '^err$' -- "${S[@]}" --stdout "$D/o" sh -c 'echo out; echo err >&2'
same 'stdout: what is in it' "$(cat "$D/o")" out
check 'stdout: anew' -o '' -- "${S[@]}" --stdout "$D/o" echo 2
same 'stdout: only that' "$(cat "$D/o")" 2
check 'stdout: append:' -o '' -- "${S[@]}" --stdout "append:$D/o" echo 3
same 'stdout: both' "$(cat "$D/o")" '2
3'
check 'stderr' -o out -E . -- "${S[@]}" --stderr="$D/e" sh -c 'echo out; echo err >&2'
same 'stderr: what is in it' "$(cat "$D/e")" err
check 'both to the same file: one stream' -- "${S[@]}" --stdout "$D/b" --stderr "$D/b" sh -c 'echo a; echo bb >&2; echo c'
same 'both to the same file: nothing is lost' "$(cat "$D/b")" 'a
bb
c'
check 'both to the same file by two names' -- "${S[@]}" --stdout "$D/b" --stderr "$D/./b" sh -c 'echo a; echo bb >&2; echo c'
same 'both to the same file by two names: nothing is lost' "$(cat "$D/b")" 'a
bb
c'
check 'a set-up that fails leaves the file alone' -s 125 -o '' -- "${S[@]}" --stderr "$D/e" --chmod 0700 /none true
same 'a set-up that fails: it is as it was' "$(cat "$D/e" 2>&1)" err
check "sbx's own messages do not go there" -s 127 -o '' -e "can't run 'no-such'" -- "${S[@]}" --stderr "$D/e" no-such
check 'stdout relative to the current directory' -- env -C "$D" "${S[@]}" --stdout rel echo x
is 'there it is' [ -s "$D/rel" ]
check 'stdout: the umask holds' -- bash -c 'umask 077; exec "$@"' sh "${S[@]}" --stdout "$D/private" echo x
same 'stdout: mode' "$(stat -c %a "$D/private")" 600
check 'stdout: a directory' -s 125 -e "can't write '$D': Is a directory" -- "${S[@]}" --stdout "$D" echo ran
check 'stdout: in a directory that is missing' -s 125 -e "can't write .*No such file" -- "${S[@]}" --stdout "$D/none/x" echo ran
check 'stdout: a named pipe without a reader is no wait' -s 125 -e "can't write '$D/fifo': No such device or address" -- "${S[@]}" --stdout "$D/fifo" echo ran
background sh -c 'cat "$1" >"$2"' sh "$D/fifo" "$D/read"
reader=$!
check 'stdout: a named pipe with one' -- bash -c 'for ((i = 0; i < 100; i++)); do [ -n "$(find /proc/$0/fd -lname "*/fifo" 2>/dev/null)$(pgrep -P $0)" ] && break; sleep 0.05; done; sleep 0.3; exec "$@"' \
	$reader "${S[@]}" --stdout "$D/fifo" echo piped
wait $reader
same 'stdout: it came through' "$(cat "$D/read")" piped
check 'stdout: a device' -- "${S[@]}" --stdout /dev/null echo x
if is_root; then
	skip 'stdout: not writable' 'root may write anything'
else
	: >"$D/locked" && chmod 0444 "$D/locked"
	check 'stdout: not writable' -s 125 -e "can't write '$D/locked': Permission denied" -- "${S[@]}" --stdout "$D/locked" echo ran
fi
check 'in a profile' -- bash -c 'printf "sbx-profile 1\ninclude default\nstdout \${HOME}/o\nstderr append:\${HOME}/o\n" >"$0/profiles/o.profile"; exec "$@"' "$CONFIG" \
	"$SBX" --quiet --profile o sh -c 'echo out; echo err >&2'
same 'in a profile: both' "$(cat "$HOME/o")" 'out
err'

# A full disk: a small tmpfs of the host, in a mount namespace of the test's own. $T/left: what is on it at the end
mkdir "$T/disk"
FULL=(unshare --user --map-root-user --mount sh -c 'left=$1 options=$2; shift 2; mount -t tmpfs -o "$options" tmpfs "$0" && mkdir "$0/d" &&
	"$@"; st=$?; find "$0" -mindepth 1 -printf "%P %s\n" | sort >"$left"; exit $st' "$T/disk" "$T/left")
F=("${S[@]}" --bind "$T/disk" /mnt)
head -c 20000 /dev/zero >"$D/small"
check 'full disk, control: what fits is there' -o '' -e '^ran$' -- "${FULL[@]}" size=64k "${F[@]}" --seccomp none --file 7 /mnt/d/f --stdout "$T/disk/o" --dir /mnt/e --symlink x /mnt/l \
	sh -c 'echo out; echo ran >&2' 7<"$D/small"
same 'full disk, control: all of it' "$(grep -v '^[de] ' "$T/left")" 'd/f 20000
l 1
o 4'
while IFS=';' read -r options what words; do
	# shellcheck disable=SC2086 # words
	check "full disk: $words, $options" -s 125 -o '' -e "error: can't ${what//@/"$T/disk"}.*: No space left on device" -e 'hint: make room there' -- \
		"${FULL[@]}" "$options" "${F[@]}" --seccomp none ${words//@/"$T/disk"} echo ran 7<"$D/big"
	same "full disk: nothing of it is left: $words, $options" "$(sed 's/ .*//' "$T/left")" d
done <<'END'
size=64k;create the file '/mnt/f';--file 7 /mnt/f
size=64k;create the file '/mnt/d/f';--perms 7777 --file 7 /mnt/d/f
size=64k;create the file '/l';--symlink /mnt/f /l --file 7 /l
nr_inodes=2;create the file '/mnt/f';--file 7 /mnt/f
nr_inodes=2;create the directory '/mnt/e';--dir /mnt/e
nr_inodes=2;create the symbolic link '/mnt/l';--symlink x /mnt/l
nr_inodes=2;write '@/o';--stdout @/o
nr_inodes=2;write '@/o';--stderr append:@/o
END
finish
