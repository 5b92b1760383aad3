#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Exit status, standard streams, how the command line is read, what sbx says.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# The command's own status
for n in 0 1 2 42 124 125 126 127 128 255; do
	check "exit status $n" -s $n -- "${S[@]}" sh -c "exit $n"
done
for sig in HUP:129 INT:130 QUIT:131 KILL:137 SEGV:139 PIPE:141 TERM:143; do
	check "killed by SIG${sig%:*}: ${sig#*:}" -s "${sig#*:}" -- "${S[@]}" sh -c "kill -${sig%:*} \$\$"
done

# Time
check 'timeout: 124' -s 124 -- "${S[@]}" --timeout 300ms sleep 60
check 'timeout: 124 also if the command exits by itself on SIGTERM' -s 124 -- \
	"${S[@]}" --timeout 300ms sh -c 'trap "exit 7" TERM; sleep 60 & wait'
check 'timeout that is not reached: own status' -s 9 -- "${S[@]}" --timeout 60 sh -c 'exit 9'
SECONDS=0
check 'kill-after: what ignores SIGTERM is killed, 124' -s 124 -- \
	"${S[@]}" --timeout 300ms --kill-after 300ms sh -c 'trap "" TERM; while :; do sleep 60; done'
is 'kill-after does not wait longer than it has to' [ $SECONDS -lt 30 ]
SECONDS=0
check 'timeout reaches a stopped command' -s 124 -- "${S[@]}" --timeout 300ms sh -c 'kill -STOP $$'
is 'a stopped command ends soon' [ $SECONDS -lt 8 ]

# sbx's own failures
check 'no command: 125' -s 125 -e '^sbx: error: no command' -- "$SBX"
check 'unknown option: 125, place, nearest' -s 125 -o '' \
	-e "^<command-line>:2:1: error: unknown option '--ro-bidn' \(did you mean '--ro-bind'\?\)" -- \
	"$SBX" --quiet --ro-bidn /usr /usr true
check 'missing argument: 125 and place' -s 125 -e '^<command-line>:2:1: error: --bind is missing' -- \
	"$SBX" --no-profile --bind
check 'bad value: place of the word itself' -s 125 -e '^<command-line>:3:1: error: nice: ' -- \
	"$SBX" --no-profile --nice 99 true
check 'bad value after =: column of the value' -s 125 -e '^<command-line>:2:8: error: nice: ' -- \
	"$SBX" --no-profile --nice=99 true
check 'missing source: 125, place, reason and advice' -s 125 -e '^<command-line>:2:1: error: .*/nonexistent.*No such file' \
	-e '^<command-line>:2:1: hint: .*-try' -- "$SBX" --no-profile --bind /nonexistent /mnt true
check 'unknown profile: 125 and nearest' -s 125 -e "error: no profile 'defaullt'" -e "did you mean 'default'" -- \
	"$SBX" --profile defaullt true
check 'chdir to nowhere: 125 and place' -s 125 -e '^<command-line>:[0-9]+:1: error: .*/nonexistent' -- \
	"${S[@]}" --chdir /nonexistent true
check 'several errors are all told' -s 125 -e '--nice|nice: ' -e 'umask: ' -- \
	"$SBX" --no-profile --nice 99 --umask 9 true

# The command can't be executed
printf 'x\n' >"$T/plain"
printf '#!/nonexistent/sh\n' >"$T/script"
printf 'echo no shebang\n' >"$T/noshebang"
cp /bin/true "$T/true" 2>/dev/null || cp /usr/bin/true "$T/true"
chmod +x "$T/script" "$T/noshebang" "$T/true"
B=(--ro-bind "$T" /t)
check 'not found: 127' -s 127 -e "can't run 'nonexistent-command'" -- "${S[@]}" nonexistent-command
check 'path not found: 127' -s 127 -e "/t/nonexistent" -- "${S[@]}" "${B[@]}" /t/nonexistent
check 'not executable: 126' -s 126 -e 'Permission denied' -- "${S[@]}" "${B[@]}" /t/plain
check 'a directory: 126' -s 126 -- "${S[@]}" "${B[@]}" /t
check 'a script without #!: 126' -s 126 -e 'Exec format error' -- "${S[@]}" "${B[@]}" /t/noshebang
check 'missing interpreter: 126 and said so' -s 126 -e 'interpreter' -- "${S[@]}" "${B[@]}" /t/script
check 'missing interpreter of a name in PATH: 126' -s 126 -e 'interpreter' -- \
	"${S[@]}" "${B[@]}" --setenv PATH /t script
check 'missing dynamic linker: 126 and said so' -s 126 -e 'linker' -- "$SBX" --no-profile "${B[@]}" /t/true
check 'not executable in PATH: 126' -s 126 -- "${S[@]}" "${B[@]}" --setenv PATH /t plain
check 'found behind one that is not executable' -- "${S[@]}" --perms 0755 --tmpfs /d --ro-bind "$T/plain" /d/true \
	--setenv PATH /d:/usr/bin:/bin true
check 'an empty entry of PATH is not the current directory' -s 127 -- \
	"${S[@]}" "${B[@]}" --chdir /t --setenv PATH : true
check 'an empty command: 125' -s 125 -- "${S[@]}" ''

# Streams
same 'standard input and output pass' "$(echo 'hello there' | "${S[@]}" cat)" 'hello there'
head -c 3000000 /dev/urandom >"$T/random"
"${S[@]}" cat <"$T/random" >"$T/copy"
is 'three megabytes unchanged' cmp -s "$T/random" "$T/copy"
same 'standard error passes' "$("${S[@]}" sh -c 'echo to stderr >&2' 2>&1 >/dev/null)" 'to stderr'
check 'closed standard input' -- sh -c '"$@" <&-' sh "${S[@]}" true
check 'closed standard output and error' -- sh -c '"$@" >&- 2>&-' sh "${S[@]}" true
check 'closed standard streams are not replaced by what sbx opens' -s 1 -- sh -c '"$@" <&-' sh "${S[@]}" sh -c 'read x'
check 'standard output full: told' -s 125 -e 'No space left' -- sh -c '"$1" --help >/dev/full' sh "$SBX"
SECONDS=0
same 'a reader sees the end when the command closes its output' \
	"$("${S[@]}" --timeout 30 sh -c 'echo first; exec >/dev/null 2>&1; exec sleep 25' 2>/dev/null &
	# Only the end of file ends this substitution's cat; the sandbox is not waited for.
	echo $! >"$T/pid")" 'first'
is 'that took no longer than it had to' [ $SECONDS -lt 20 ]
kill "$(cat "$T/pid")" 2>/dev/null

# Words
check '-- ends the options' -o '--bind x' -- "${S[@]}" -- echo --bind x
check 'words behind the command are its own' -o '--help -- --nice' -- "${S[@]}" echo --help -- --nice
check 'argv0' -o 'shown/proc/self/cmdline' -- "${S[@]}" --argv0 shown cat /proc/self/cmdline
check 'option=value' -o 12 -- "${S[@]}" --nice=12 nice
check '=value for two arguments is refused' -s 125 -e 'takes its arguments as words' -- "$SBX" --bind=/a /b true
check '=value for none is refused' -s 125 -e 'takes no argument' -- "$SBX" --quiet=yes true
check 'a directive of profiles only is refused' -s 125 -e 'belongs in a profile' -- "$SBX" --sbx-profile 1 true
check '--try before nothing is refused' -s 125 -e 'not followed' -- "$SBX" --try
check '--when before a directive' -o 'a ' -- "${S[@]}" --when exists:/ --setenv A a --when exists:/nonexistent --setenv B b \
	sh -c 'echo "$A $B"'
check '-h is --help' -O '^ *--ro-bind' -- "$SBX" -h
check '--version' -O '^sbx [0-9]' -- "$SBX" --version
check 'control characters in names are escaped in messages' -s 125 -e 'x\\x1b\[31m' -E $'\033' -- \
	"$SBX" --no-profile --bind $'/x\033[31m' /mnt true

# Where it starts
check 'starts in the current directory' -o "$P" -- "${S[@]}" --bind "$P" "$P" pwd
check 'else in the home' -o "$HOME" -- "${S[@]}" --dir "$HOME" pwd
check 'else in /' -o / -- "${S[@]}" pwd
check 'chdir' -o /usr/bin -- "${S[@]}" --chdir /usr/bin pwd
check 'umask' -o 0137 -- "${S[@]}" --umask 0137 sh -c umask
same "the caller's umask" "$( (umask 057 && "${S[@]}" sh -c umask))" 0057

# Talk
check 'the profile that was chosen is told' -e '^sbx: notice: profile default \(.*/default.profile\)' -- "$SBX" true
check 'quiet tells nothing' -E . -- "$SBX" --quiet true
check 'a profile that was asked for is not told' -E . -- "$SBX" --profile default true
printf 'sbx-profile 1\ninclude default\nsetenv WHO mine\n' >"$CONFIG/profiles/sh.profile"
check 'the profile of the name of the command' -o mine -e 'profile sh ' -- "$SBX" sh -c 'echo $WHO'
check 'also of a command with a path' -o mine -e 'profile sh ' -- "$SBX" /bin/sh -c 'echo $WHO'
finish
