#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 12: numbers, paths and words are parsed strictly. Each wrong one: exit 125 with its place, nothing runs.
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# refused OPTION WRONG...: each is; the place is that of the value
refused() {
	local option=$1 value bad=''
	shift
	for value; do
		# shellcheck disable=SC2086 # an option may come with a first argument
		run "$SBX" --no-profile $option "$value" --dry-run true
		# Nothing was planned or run; the message is one line a finding.
		[ "$st" = 125 ] && [ -z "$out" ] && matches "$err" '^<command-line>:[1-9][0-9]*:[1-9][0-9]*: error: ' ||
			bad="$bad
$(printf %q "$value"): $st $err"
	done
	same "$option: $# wrong values are refused" "$bad" ''
}
# taken OPTION RIGHT...: control
taken() {
	local option=$1 value bad=''
	shift
	for value; do
		# shellcheck disable=SC2086 # an option may come with a first argument
		run "$SBX" --no-profile $option "$value" --dry-run true
		[ "$st" = 0 ] || bad="$bad
$(printf %q "$value"): $st $err"
	done
	same "control: $option: $# right values are taken" "$bad" ''
}
wrong_numbers=('' ' ' +1 1- 1.5 1e3 0x10 ' 1' '1 ' $'1\n' 1x x1 ٣ 18446744073709551616 99999999999999999999999 '1,000' "1'" 0b1 nan inf)
ids=("${wrong_numbers[@]}" -1 -0 4294967295 4294967296 4294967297 8589934592)
refused --uid "${ids[@]}"
refused --gid "${ids[@]}"
refused --map-user "${ids[@]}" no-such-user 'root x' root:
refused --map-group "${ids[@]}" no-such-group
taken --uid 0 1 65534 4294967294 007
taken --map-user 0 4294967294 root
refused --nice "${wrong_numbers[@]}" -- --1 20 -21 2147483648 -2147483649
taken --nice 19 0
refused --umask '' 8 0o9 1000 07777 -1 +7 ' 7' '7 ' 0x7 77777777777777777777777 rwx
taken --umask 0 022 0777 0o22
refused '--perms 0888 --tmpfs' /t
refused --perms '' 8 10000 0o10000 -1 0x1ff 77777777777 755x
refused --size '' 0 -1 +1 1.5 1x 1kk 1kib1 999999999999T 18446744073709551616 16777216T 0x10 ' 1' '1 ' k M 1.2345k
refused --timeout '' 0 -1 +1 1x 0.0001 1e3 ' 1' '1 ' 99999999999999999999 99999999d 1.2345s s 1s- infinity
taken --timeout 1 1.5s 500ms 1m30s 2h 0.001
refused '--timeout 1 --kill-after' '' 0 -1 x
refused --rlimit '' nofile nofile= =1 nofile=-1 nofile=1x nofile=1k nofile=1:0 nofile=1: nofile=:1 nofile=1:2:3 NOFILE=1 nofile=18446744073709551615 \
	nofile=18446744073709551616 as=1x as= core=unlimitedx nofile==1 ' nofile=1' 'nofile=1 '
taken --rlimit nofile=1 as=1G core=unlimited nofile=1:2 cpu=0
refused --map-users '' 0 0:0 0:0:0 0:0:-1 0:0:1x -1:0:1 0:0:4294967296 4294967295:0:1 0:4294967295:1 1:0:4294967295 0:0:1:2 0,0 a:b:c auto: 'auto ' AUTO
refused --hostname '' - -a .a 'a b' $'a\nb' 'a/b' "$(printf %065d 0)" $'a\xff' 'a:b' ümlaut
taken --hostname a a.b-c_d "$(printf %064d 0)"
refused --cap-add '' all_ 12 NET CAP_ CAP_CAP_NET_ADMIN 'NET_ADMIN ' NET_ADMIN,SYS_ADMIN 0xff "$(printf %01000d 0)"
refused --home '' tmp TMPFS persist: persist:. persist:.. persist:a/b 'persist:a b' persist:-x "persist:$(printf %065d 0)" host: 'host '
refused --unsetenv '' A=B =
refused '--setenv A=B' x
for dest in bind ro-bind dev-bind bind-try ro-bind-try dev-bind-try symlink; do
	refused "--$dest /usr" '' . .. usr usr/ ./x '~' ' /x' '-' "/$(printf %05000d 0)"
	[ $dest = symlink ] || refused "--$dest" "" # with an empty source, and --dry-run as its destination
done
for dest in tmpfs proc dev dir remount-ro hide chdir; do
	refused --$dest '' . .. usr ./x ' /x' "/$(printf %05000d 0)"
done
# File descriptors
fd_words=(--bind-fd --ro-bind-fd --file --bind-data --ro-bind-data --keep-fd --sync-fd --block-fd --info-fd --json-status-fd --userns
	--userns2 --userns-block-fd --pidns --args)
wrong_fds=("${wrong_numbers[@]}" -1 -0 2147483648 4294967299 stdin /dev/fd/3 '&3')
for word in "${fd_words[@]}"; do
	bad=''
	for value in "${wrong_fds[@]}"; do
		run "$SBX" --no-profile "$word" "$value" /x --dry-run true
		[ "$st" = 125 ] && [ -z "$out" ] && matches "$err" "^<command-line>:3:1: error: ${word#--}: FD " || bad="$bad
$(printf %q "$value"): $st $err"
	done
	same "$word: ${#wrong_fds[@]} wrong values are refused" "$bad" ''
done
for word in --keep-fd --sync-fd --block-fd --info-fd --json-status-fd --pidns; do
	taken $word 3 007 2147483647
done
refused '--info-fd 3 --userns-block-fd' '' -1 x
refused '--chmod' '' 8 10000 -1 0x1ff 755x
for word in stdout stderr; do
	refused --$word '' append: "/$(printf %05000d 0)"
done
for dest in mqueue lock-file tmp-overlay ro-overlay; do
	refused "--overlay-src / --overlay-src / --$dest" '' . .. usr ./x ' /x'
done
for dest in bind-fd ro-bind-fd file bind-data ro-bind-data 'chmod 0700'; do
	[ "$dest" = 'chmod 0700' ] || dest="$dest 7"
	refused "--$dest" '' . .. usr ./x ' /x' "/$(printf %05000d 0)"
done
check 'an empty source is not the root of the host' -s 125 -e '^<command-line>:3:1: error: bind-try: SRC' -- "$SBX" --no-profile --bind-try '' /x true
check 'uid 2^32 is not root' -s 125 -e 'error: uid: ' -- "${S[@]}" --uid 4294967296 id -u
check 'control: uid 0 is' -o 0 -- "${S[@]}" --uid 0 id -u

# Files
D=$CONFIG/profiles
file() {
	check "$1" -s 125 -e "^$D/f.profile:$2: error: $3" -- "$SBX" --profile f true
}
printf 'sbx-profile 1\nuid 4294967296\n' >"$D/f.profile"
file 'a number in a file: its line and column' 2:5 'uid: '
printf 'sbx-profile 1\nnice 1\000\n' >"$D/f.profile"
file 'a NUL byte' 2:7 'NUL byte'
printf 'sbx-profile 1\nsetenv A \300\200\n' >"$D/f.profile"
file 'UTF-8 that is longer than it needs to be' 2:10 'text is not UTF-8'
printf 'sbx-profile 1\nsetenv A x\r\n' >"$D/f.profile"
file 'a carriage return' 2:11 'carriage return'
printf 'sbx-profile 1\nsetenv A \\x00\n' >"$D/f.profile"
file 'an escaped NUL' 2:10 '.x needs two hexadecimal digits, not 00'
{ printf 'sbx-profile 1\nsetenv A '; head -c 70000 /dev/zero | tr '\0' a; echo; } >"$D/f.profile"
file 'a line of more than 64 KiB' '2:[0-9]+' 'line is longer than 64 KiB'
{ printf 'sbx-profile 1\nsetenv A '; head -c 1100000 /dev/zero | tr '\0' a; echo; } >"$D/f.profile"
check 'a line of 1 MiB, a file of more' -s 125 -e 'error: .*larger than 1 MiB' -- "$SBX" --profile f true
{ echo 'sbx-profile 1'; yes '# comment' | head -c 1048000; } >"$D/f.profile"
check 'control: a file of just under 1 MiB' -s 0 -- "$SBX" --profile f --dry-run true
head -c 20000 /dev/urandom | tr -d '\0' >"$D/f.profile"
check 'noise' -s 125 -e 'f.profile:[0-9]+:[0-9]+: error' -- "$SBX" --profile f true
finish
