#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Words that take a file descriptor of the caller: what they do with it, wrong ones, and that none of it stays open.
# shellcheck disable=SC2016,SC2317 # for inner shells; functions for await
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

D=$T/data
mkdir -p "$D/dir"
echo content >"$D/file"
echo below >"$D/dir/below"
Q=("${S[@]}" --ro-bind "$PROBE" /probe)

# What each does
check 'keep-fd: the command can read it' -o content -- "${S[@]}" --keep-fd 7 sh -c 'cat <&7' 7<"$D/file"
check 'keep-fd: and write it' -- "${S[@]}" --keep-fd 7 sh -c 'echo written >&7' 7>"$D/out"
same 'keep-fd: what was written is there' "$(cat "$D/out")" written
check 'keep-fd: no other' -o '0 1 2 7 9 ' -- "${Q[@]}" --keep-fd 9 --keep-fd 7 /probe fds 5<"$D/file" 7<"$D/file" 8<"$D/file" 9<"$D/file" 100<"$D/file"
check 'control: without sbx there are more' -O '^0 1 2 .*5 .*7 8 9 .*100 ' -- "$PROBE" fds 5<"$D/file" 7<"$D/file" 8<"$D/file" 9<"$D/file" 100<"$D/file"
check 'keep-fd: a large number' -o '0 1 2 900 ' -- "${Q[@]}" --keep-fd 900 /probe fds 900<"$D/file"
check 'bind-fd of a directory' -o below -- "${S[@]}" --bind-fd 7 /mnt cat /mnt/below 7<"$D/dir"
check 'bind-fd is writable' -- "${S[@]}" --bind-fd 7 /mnt touch /mnt/new 7<"$D/dir"
is 'bind-fd: on the host' [ -e "$D/dir/new" ]
check 'bind-fd of a file' -o content -- "${S[@]}" --bind-fd 7 /f cat /f 7<"$D/file"
check 'ro-bind-fd is not writable' -s 1 -e 'Read-only' -- "${S[@]}" --ro-bind-fd 7 /mnt touch /mnt/x 7<"$D/dir"
check 'bind-fd: device files do not work' -s 1 -e 'Permission denied' -- "${S[@]}" --bind-fd 7 /mnt dd if=/mnt/zero count=1 status=none 7</dev
check 'file' -o data -- "${S[@]}" --file 7 /f cat /f 7< <(printf data)
check 'bind-data' -o data -- "${S[@]}" --bind-data 7 /f cat /f 7< <(printf data)
check 'ro-bind-data' -s 1 -o data -e 'Read-only' -- "${S[@]}" --ro-bind-data 7 /f sh -c 'cat /f; echo; touch /f' 7< <(printf data)
check 'file from standard input' -o data -- "${S[@]}" --file 0 /f cat /f < <(printf data)
printf '%s\0' --setenv A 'b c' --dir /d >"$D/args"
check 'args' -o 'b c /d' -- "${S[@]}" --args 7 sh -c 'echo "$A" "$(cd /d && pwd)"' 7<"$D/args"
check 'args: twice' -o 'b c|2' -- "${S[@]}" --args 7 --args 8 sh -c 'echo "$A|$B"' 7<"$D/args" 8< <(printf '%s\0' --setenv B 2)
check 'args: an error names descriptor, word and the place of --args' -s 125 -e '^<fd 7>:1:1: error: unknown option' -e 'included from here' -- \
	"${S[@]}" --args 7 true 7< <(printf -- '--frobnicate\0')
check 'args: from standard input, which is left to the command at its end' -o '[]' -- "${S[@]}" --args 0 sh -c 'echo "[$(cat)]"' <"$D/args"
check 'args: they do not show in /proc' -N 'hunter2' -- "${S[@]}" --args 7 sh -c 'tr "\0" " " </proc/1/cmdline' 7< <(printf '%s\0' --setenv A hunter2)
{ yes -- "$(printf -- '--ro-bind\n/usr\n/d/usr')" | head -n 12000 | tr '\n' '\0'; } >"$D/many"
check 'args: as many words as one likes' -- "${S[@]}" --dry-run --args 7 ls 7<"$D/many"
same 'args: 4000 binds are planned' "$(grep -c 'ro-bind /usr /d/usr' <<<"$out")" 4000
for word in info-fd json-status-fd; do
	check "$word" -- "${S[@]}" --$word 7 true 7>"$D/status"
	is "$word: something is there" grep -q '"child-pid": [1-9]' "$D/status"
done
check 'info-fd and json-status-fd may be standard error' -e '"child-pid": [1-9]' -e '"exit-code": 3' -s 3 -- "${S[@]}" --info-fd 2 --json-status-fd 2 sh -c 'exit 3'
check 'info-fd may be standard output' -O '"child-pid": [1-9]' -- "${S[@]}" --info-fd 1 true

# block-fd
mkfifo "$D/go"
: >"$D/log"
background sh -c 'exec "$@" 7<>"$0"' "$D/go" "${S[@]}" --bind "$D" /mnt --block-fd 7 --json-status-fd 8 sh -c 'echo ran >>/mnt/log' 8>"$D/status"
blocked=$!
is 'block-fd: the sandbox is made' await 20 grep -q child-pid "$D/status"
sleep 0.5
same 'block-fd: the command has not run' "$(cat "$D/log")" ''
echo >"$D/go"
is 'block-fd: a byte lets it run' await 20 grep -q ran "$D/log"
wait $blocked
same 'block-fd: status' $? 0
check 'block-fd: end of file lets it run too' -o ran -- "${S[@]}" --block-fd 7 echo ran 7</dev/null
background sh -c 'exec "$@" 7<>"$0"' "$D/go" "${S[@]}" --block-fd 7 --json-status-fd 8 sleep 77 8>"$D/status"
blocked=$!
await 20 grep -q child-pid "$D/status"
kill -TERM $blocked
wait $blocked
same 'block-fd: SIGTERM ends the wait' $? 143

# sync-fd: someone outside sees by end of file, or by a lock, that the sandbox has gone
mkfifo "$D/end"
background sh -c 'exec "$@" 7>"$0"' "$D/end" "${S[@]}" --sync-fd 7 sleep 0.7
begin=$(date +%s%N)
cat "$D/end"
took=$((($(date +%s%N) - begin) / 1000000))
is 'sync-fd: end of file comes when the sandbox has ended' [ "$took" -ge 500 -a "$took" -lt 15000 ]
wait $!
check 'sync-fd: the command does not see it' -o '0 1 2 ' -- "${Q[@]}" --sync-fd 7 /probe fds 7<"$D/file"
check 'sync-fd: with as-pid-1 the command holds it' -o '0 1 2 7 ' -- "${Q[@]}" --as-pid-1 --sync-fd 7 /probe fds 7<"$D/file"
if have flock; then
	: >"$D/lock"
	background sh -c 'flock -s 7; exec "$@"' sh "${S[@]}" --sync-fd 7 sh -c 'echo ready; sleep 60' 7<"$D/lock" >"$D/log"
	holder=$!
	await 20 grep -q ready "$D/log"
	check 'sync-fd: a flock is held while the sandbox lives' -s 1 -- flock -n "$D/lock" true
	kill -TERM $holder
	wait $holder
	check 'sync-fd: and then no longer' -- flock -w 10 "$D/lock" true
	background sh -c 'flock -s 7; exec "$@"' sh "${S[@]}" --sync-fd 7 sh -c 'echo ready; sleep 60' 7<"$D/lock" >"$D/log"
	holder=$!
	await 20 grep -q ready "$D/log"
	kill -KILL $holder
	wait $holder 2>/dev/null
	check 'sync-fd: nor after kill -9' -- flock -w 10 "$D/lock" true
else
	skip 'sync-fd: a flock is held' 'no flock(1)'
fi

# Wrong ones. Each word with the arguments behind its number.
all=('--bind-fd @ /x' '--ro-bind-fd @ /x' '--file @ /x' '--bind-data @ /x' '--ro-bind-data @ /x' '--keep-fd @' '--sync-fd @' '--block-fd @'
	'--info-fd @' '--json-status-fd @' '--userns @' '--userns @ --userns2 8' '--userns 8 --userns2 @' '--userns 8 --pidns @' '--args @'
	'--userns-block-fd @ --info-fd 8')
for words in "${all[@]}"; do
	# Root is told before that it may join no user namespace.
	if is_root && [[ $words == *--userns\ * ]]; then
		continue
	fi
	read -ra option <<<"${words//@/77}"
	check "${words//@/FD}: not open" -s 125 -e 'file descriptor 77' -e 'not open|Bad file descriptor' -- "${S[@]}" "${option[@]}" echo ran 8<"$D/file"
	read -ra option <<<"${words//@/2000000000}"
	check "${words//@/FD}: a huge number" -s 125 -e 'file descriptor 2000000000' -- "${S[@]}" "${option[@]}" echo ran 8<"$D/file"
	read -ra option <<<"${words//@/2147483648}"
	check "${words//@/FD}: a number that is none" -s 125 -e "FD '2147483648'" -- "${S[@]}" "${option[@]}" echo ran 8<"$D/file"
done
for words in '--file 7 /x' '--bind-data 7 /x' '--ro-bind-data 7 /x' '--args 7'; do
	read -ra option <<<"$words"
	check "${words//7/FD}: a directory" -s 125 -o '' -e 'Is a directory' -- "${S[@]}" "${option[@]}" echo ran 7<"$D"
	check "${words//7/FD}: for writing only" -s 125 -o '' -e 'Bad file descriptor' -- "${S[@]}" "${option[@]}" echo ran 7>"$D/out"
done
for words in '--block-fd 7' '--userns-block-fd 7 --info-fd 8'; do
	read -ra option <<<"$words"
	check "${words//7/FD}: for writing only" -s 125 -o '' -e "file descriptor 7 can't be read" -- "${S[@]}" "${option[@]}" echo ran 7>"$D/out" 8>"$D/status"
done
check 'block-fd FD: a directory' -s 125 -o '' -e 'Is a directory' -- "${S[@]}" --block-fd 7 echo ran 7<"$D"
for words in '--info-fd 7' '--json-status-fd 7'; do
	read -ra option <<<"$words"
	check "${words//7/FD}: for reading only" -s 125 -o '' -e "file descriptor 7 can't be written" -- "${S[@]}" "${option[@]}" echo ran 7<"$D/file"
	check "${words//7/FD}: a directory" -s 125 -o '' -e "file descriptor 7 can't be written" -- "${S[@]}" "${option[@]}" echo ran 7<"$D"
	check "${words//7/FD}: a device that is full is a warning" -o ran -e 'No space left' -- "${S[@]}" "${option[@]}" echo ran 7>/dev/full
	check "${words//7/FD}: a reader that has gone is a warning" -o ran -e "can't write to file descriptor 7: Broken pipe" -- \
		"${S[@]}" "${option[@]}" echo ran 7> >(exec true; :) 8< <(sleep 0.3)
	mkfifo "$D/full"
	check "${words//7/FD}: a reader that never reads does not hold the sandbox" -o ran -e 'nobody reads it' -- \
		timeout 60 bash -c 'exec 7<>"$0"; dd if=/dev/zero bs=64k count=1 status=none >&7; exec "$@"' "$D/full" "${S[@]}" "${option[@]}" echo ran
	rm "$D/full"
done
for word in keep-fd sync-fd; do
	for fd in 0 1 2; do
		check "$word: the command has $fd anyway" -s 125 -e "$word: the command has its standard streams" -- "${S[@]}" --$word $fd true
	done
done
check 'keep-fd: a directory leads out' -s 125 -e "file descriptor 7 is a directory" -e 'hint: mount it: --bind-fd 7 DEST' -- "${S[@]}" --keep-fd 7 true 7<"$D"
check 'sync-fd with as-pid-1: so does it there' -s 125 -e "file descriptor 7 is a directory" -- "${S[@]}" --as-pid-1 --sync-fd 7 true 7<"$D"
check 'bind-fd: a pipe has no place' -s 125 -e "can't mount file descriptor 7 on '/x': .*no file or directory with a name" -- "${S[@]}" --bind-fd 7 /x true 7< <(sleep 0.1)
check 'bind-fd: nor a file that was removed' -s 125 -e "not, or no longer, at" -e 'error: .*<command-line>|^<command-line>' -- \
	bash -c 'exec 7<>"$0/gone"; rm "$0/gone"; exec "$@"' "$D" "${S[@]}" --bind-fd 7 /x true
check 'bind-fd: nor one that is another now' -s 125 -e "not, or no longer, at" -- \
	bash -c 'echo old >"$0/gone"; exec 7<"$0/gone"; rm "$0/gone"; echo new >"$0/gone"; exec "$@"' "$D" "${S[@]}" --bind-fd 7 /x cat /x
check 'bind-fd: one that was renamed is found' -o old -- \
	bash -c 'echo old >"$0/before"; exec 7<"$0/before"; mv "$0/before" "$0/behind"; exec "$@"' "$D" "${S[@]}" --bind-fd 7 /x cat /x
check 'try bind-fd: what can not be mounted is skipped with a notice' -o ran -e 'notice: skipped: .*file descriptor 7' -- \
	bash -c 'exec 7<>"$0/gone"; rm "$0/gone"; exec "$@"' "$D" "${S[@]}" --try --bind-fd 7 /x echo ran
check 'the same descriptor for two things' -s 125 -e 'file: file descriptor 7 is used already \(<command-line>:[0-9]+:1\)' -e 'open it twice' -- \
	"${S[@]}" --bind-data 7 /a --file 7 /b true 7<"$D/file"
check 'control: opened twice' -o 'content
content' -- "${S[@]}" --bind-data 7 /a --file 8 /b cat /a /b 7<"$D/file" 8<"$D/file"
check 'the same in --args: it is closed behind it' -s 125 -e 'not open' -- "${S[@]}" --args 7 --keep-fd 7 true 7<"$D/args"
check 'a profile can not name a descriptor' -s 125 -e "unknown directive 'keep-fd'|'keep-fd' belongs on the command line" -- \
	bash -c 'printf "sbx-profile 1\nkeep-fd 7\n" >"$0/profiles/k.profile"; exec "$@"' "$CONFIG" "$SBX" --profile k true

# sleeps PID: whether the command of that sbx is sleep(1) already
sleeps() {
	local init
	init=$(pgrep -P "$1" | head -n 1)
	[ -n "$init" ] && pgrep -P "$init" sleep >/dev/null
}

# Whoever reads the other end sees it close: neither init nor supervisor nor the command has it.
mkfifo "$D/p"
for words in '--ro-bind-data 7 /x' '--file 7 /x' '--keep-fd 7' '--block-fd 7' ''; do
	read -ra option <<<"$words"
	[ "$words" = '--keep-fd 7' ] && closing='exec 7<&-;' || closing=''
	# The writer ends by SIGPIPE, or an error, once no reader is left.
	background bash -c 'exec 7<"$0"; exec "$@"' "$D/p" "${S[@]}" "${option[@]}" bash -c "$closing exec sleep 30"
	reader=$!
	exec 9>"$D/p"
	(trap '' PIPE; echo go >&9) 2>/dev/null
	# file and bind-data read to the end
	case $words in *data* | --file*) exec 9>&- ;; esac
	await 20 sleeps $reader
	case $words in
	*data* | --file*) closed=$(timeout 10 find /proc/$reader/fd "/proc/$(pgrep -P $reader | head -n 1)/fd" -lname "$D/p" 2>/dev/null) ;;
	*)
		closed=still
		for ((i = 0; i < 100; i++)); do
			if ! (trap '' PIPE; printf x >&9) 2>/dev/null; then
				closed=''
				break
			fi
			sleep 0.1
		done
		;;
	esac
	exec 9>&-
	same "nobody holds the descriptor of '$words' while the command runs" "$closed" ''
	kill -KILL $reader
	wait $reader 2>/dev/null
done
background bash -c 'exec 7>"$0"; exec "$@"' "$D/p" "${S[@]}" --info-fd 7 sleep 30
reader=$!
is 'info-fd is closed behind its line' timeout 20 sh -c 'cat "$0" >/dev/null' "$D/p"
kill -KILL $reader
wait $reader 2>/dev/null
background bash -c 'exec 7>"$0"; exec "$@"' "$D/p" "${S[@]}" --json-status-fd 7 sh -c 'sleep 30 & sleep 1'
is 'json-status-fd ends with the sandbox' timeout 20 sh -c 'cat "$0" >"$1"; grep -q exit-code "$1"' "$D/p" "$D/status"
wait $!
background "${S[@]}" sleep 30 7<"$D/file" 8<"$D/dir"
holder=$!
await 20 sleeps $holder
same 'descriptors that no word names are nobody'"'"'s' "$(find /proc/$holder/fd "/proc/$(pgrep -P $holder | head -n 1)/fd" -lname "$D/*" 2>/dev/null)" ''
kill -KILL $holder
wait $holder 2>/dev/null
finish
