#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The words about filters of system calls: policies by name and path, programs of file descriptors, the floor; and
# that nothing runs where one of them can't be had (security.md row 7).
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# shellcheck source=tests/integration/lib/bpf.sh
. "$top_srcdir/tests/integration/lib/bpf.sh"
have "${CC%% *}" || skip_all "no compiler to ask for numbers of calls: ${CC%% *}"

status='sed -n "s/^Seccomp:\t//p" /proc/self/status'
filters='sed -n "s/^Seccomp_filters:\t//p" /proc/self/status'
outside=$(eval "$filters")
mkdir "$T/p"
cat >"$T/p/own.policy" <<'END'
sbx-policy 1
default allow
errno(EXFULL) uname
END

# What is loaded
check 'a policy by default' -o 2 -- "${S[@]}" sh -c "$status"
check 'control: none outside' -o "$outside" -- sh -c "$filters"
check 'one filter: the floor is in it' -o $((outside + 1)) -- "${S[@]}" sh -c "$filters"
check 'seccomp none: the floor' -o 2 -- "${S[@]}" --seccomp none sh -c "$status"
check 'without that nothing, and told' -o "$outside" -e 'notice: no floor' -- "${S[@]}" --seccomp none --no-seccomp-floor sh -c "$filters"
check 'told with --quiet: no' -o "$outside" -E . -- "${S[@]}" --quiet --seccomp none --no-seccomp-floor sh -c "$filters"
for opts in '' --map-root-user '--uid 77' '--cap-add ALL' '--cap-add CHOWN' --share-pid --as-pid-1 --pty '--share-net --share-ipc --share-uts --share-cgroup' --new-session \
	--enable-userns --unshare-time --report-denials; do
	# shellcheck disable=SC2086 # words
	check "a filter and no new privileges with ${opts:-nothing}" -O '^2 1.?$' -- "${S[@]}" --quiet $opts awk '/^(NoNewPrivs|Seccomp):/ { v[$1] = $2 } END { print v["Seccomp:"], v["NoNewPrivs:"] }' /proc/self/status
done
check 'seccomp PATH' -s 1 -e 'Exchange full' -- "${S[@]}" --seccomp "$T/p/own.policy" uname
check 'control' -- "${S[@]}" uname
check 'a relative one' -s 1 -e 'Exchange full' -- env -C "$T/p" "${S[@]}" --seccomp ./own.policy uname
mkdir -p "$CONFIG/seccomp-policies"
cp "$T/p/own.policy" "$CONFIG/seccomp-policies/mine.policy"
check 'seccomp NAME' -s 1 -e 'Exchange full' -- "${S[@]}" --seccomp mine uname
check 'the last one stands' -- "${S[@]}" --seccomp mine --seccomp none uname
printf 'sbx-profile 1\ninclude default\nseccomp mine\n' >"$CONFIG/profiles/withmine.profile"
check 'in a profile' -s 1 -e 'Exchange full' -- "$SBX" --quiet --profile withmine uname
printf 'sbx-profile 1\ninclude default\nseccomp ./beside.policy\n' >"$CONFIG/profiles/beside.profile"
cp "$T/p/own.policy" "$CONFIG/profiles/beside.policy"
check 'a path in a profile is from its own directory' -s 1 -e 'Exchange full' -- "$SBX" --quiet --profile beside uname
check 'the floor is under a policy of ones own' -s 1 -e 'Operation not permitted' -- "${S[@]}" --seccomp "$T/p/own.policy" python3 -c '
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
r = libc.syscall('"$(nr keyctl)"', 0, -3, 0)
e = ctypes.get_errno()
raise SystemExit(os.strerror(e)) if r < 0 else SystemExit(0)'
check 'enable-userns implies the policy nested' -- "${S[@]}" --enable-userns unshare --user true
check 'a policy that is named and forbids them is an error' -s 125 \
	-e "^<command-line>:[0-9]*:1: error: enable-userns, but the seccomp policy 'default' forbids user namespaces \(.*default.policy:[0-9]+:1\)" \
	-e 'hint: say `seccomp nested`' -- "${S[@]}" --enable-userns --seccomp default true
check 'one that allows them is not' -- "${S[@]}" --enable-userns --seccomp browser unshare --user true
check 'other capabilities imply nothing' -O '^seccomp default ' -- "${S[@]}" --cap-add CHOWN --dry-run true

# Dry runs
check 'a dry run names policy and path' -O '^seccomp mine \(.*/seccomp-policies/mine.policy\) .*command-line' -- "${S[@]}" --seccomp mine --dry-run true
check 'and the length' -O '^filter of [0-9]+ instructions' -- "${S[@]}" --dry-run true
check 'and the floor' -O '^typing into terminals, keyrings, io_uring, clone3 closed' -- "${S[@]}" --dry-run true
check 'clone3 is open where namespaces are' -O 'io_uring closed' -- "${S[@]}" --quiet --enable-userns --dry-run true
check 'JSON' -O '"policy": "mine"' -- "${S[@]}" --seccomp mine --dry-run=json true
check 'JSON: instructions' -O '"instructions": [1-9]' -- "${S[@]}" --seccomp mine --dry-run=json true

# Descriptors
program uname=$EPERM_RET >"$T/uname.bpf"
program getpriority=$EPERM_RET >"$T/nice.bpf"
check 'seccomp FD' -s 1 -e 'not permitted' -- bash -c '"$@" 7<"$0"' "$T/uname.bpf" "${S[@]}" --seccomp 7 uname
check 'from a pipe' -s 1 -e 'not permitted' -- bash -c 'cat "$0" | "$@"' "$T/uname.bpf" "${S[@]}" --seccomp 0 uname
check 'on the floor alone' -o $((outside + 2)) -- bash -c '"$@" 7<"$0"' "$T/uname.bpf" "${S[@]}" --seccomp 7 sh -c "$filters"
check 'add-seccomp-fd, twice' -o 'no no' -- bash -c '"$@" 7<"$0" 8<"${0%/*}/nice.bpf"' "$T/uname.bpf" "${S[@]}" --add-seccomp-fd 7 --add-seccomp-fd 8 \
	sh -c 'a=yes b=yes; uname >/dev/null 2>&1 || a=no; nice >/dev/null 2>&1 || b=no; echo $a $b'
check 'with a policy' -o $((outside + 2)) -- bash -c '"$@" 7<"$0"' "$T/nice.bpf" "${S[@]}" --seccomp default --add-seccomp-fd 7 sh -c "$filters"
check 'in a dry run' -O '^seccomp program of file descriptor 7, 4 instructions' -- bash -c '"$@" 7<"$0"' "$T/nice.bpf" "${S[@]}" --add-seccomp-fd 7 --dry-run true
check 'FD is closed inside' -o '0 1 2 3' -- bash -c '"$@" 7<"$0"' "$T/nice.bpf" "${S[@]}" --add-seccomp-fd 7 sh -c 'cd /proc/self/fd; echo *'
if have bwrap && "${S[@]}" true && bwrap --ro-bind / / true 2>/dev/null; then
	check 'bubblewrap takes the same file' -s 1 -e 'not permitted' -- bash -c 'bwrap --ro-bind / / --seccomp 7 uname 7<"$0"' "$T/uname.bpf"
fi

# refused NAME ERROR HINT WORDS...: 125, nothing ran, the word is named
refused() {
	local name=$1 error=$2 hint=$3
	shift 3
	check "refused: $name" -s 125 -o '' -e "$error" -e "$hint" -- bash -c '"$@" echo ran 7<"$0"' "${FD7-/dev/null}" "${S[@]}" "$@"
}
refused 'a name that is not there' "error: no policy 'defualt'" "did you mean 'default'" --seccomp defualt
refused 'an empty word' 'seccomp: ' '' --seccomp ''
refused 'a path that is not there' '^<command-line>:[0-9]+:1: error: .*no file' '' --seccomp "$T/p/none.policy"
: >"$T/p/empty.policy"
refused 'an empty file' 'is empty' '' --seccomp "$T/p/empty.policy"
refused 'a directory' 'not a regular file' '' --seccomp "$T/p/"
refused '/dev/null' 'error: ' '' --seccomp /dev/null
printf 'sbx-policy 1\ndefault allow\ndeny uname if arg0 ==\n' >"$T/p/cut.policy"
refused 'a truncated policy' 'cut.policy:3:' '' --seccomp "$T/p/cut.policy"
printf 'sbx-policy 1\ndeny nosuchcall\n' >"$T/p/unknown.policy"
refused 'an unknown call' 'unknown.policy:2:' '' --seccomp "$T/p/unknown.policy"
printf 'sbx-policy 1\ndefault allow\ndeny execve\n' >"$T/p/noexec.policy"
refused 'a policy under which nothing could start' 'noexec.policy:3:' '' --seccomp "$T/p/noexec.policy"
cp "$T/p/own.policy" "$T/p/open.policy" && chmod 666 "$T/p/open.policy"
refused 'a policy that others may write' 'can be written by others' 'chmod go-w' --seccomp "$T/p/open.policy"
if ! is_root; then
	cp "$T/p/own.policy" "$T/p/unreadable.policy" && chmod 0 "$T/p/unreadable.policy"
	refused 'an unreadable one' 'Permission denied' '' --seccomp "$T/p/unreadable.policy"
fi
FD7=/dev/null refused 'an empty program' 'seccomp: file descriptor 7 gives 0 bytes' 'hint: ' --seccomp 7
head -c 12 "$T/uname.bpf" >"$T/cut.bpf"
FD7=$T/cut.bpf refused 'a truncated program' 'add-seccomp-fd: file descriptor 7 gives 12 bytes' 'hint: ' --add-seccomp-fd 7
for i in 1 2 3 4 5; do cat "$T/uname.bpf"; done >"$T/five"
for ((i = 0; i < 300; i++)); do cat "$T/five"; done >"$T/long.bpf"
FD7=$T/long.bpf refused 'one that is too long' 'longer than 4096 instructions' '' --seccomp 7
head -c 8000 /dev/urandom >"$T/noise.bpf"
FD7=$T/noise.bpf refused 'no program at all' "can't load the filter of file descriptor 7: Invalid argument" 'hint: .*CONFIG_SECCOMP_FILTER' --seccomp 7
FD7=$T refused 'a directory by FD' "can't read from file descriptor 7" '' --seccomp 7
refused 'FD that is not open' 'file descriptor 9 is not open' 'hint: .*9<FILE' --seccomp 9
refused 'FD for writing' "can't read from file descriptor 1|can't be read|gives 0 bytes" '' --seccomp 1
refused 'FD out of range' "seccomp: .*'99999999999'" '' --seccomp 99999999999
check 'refused: FD for seccomp and add-seccomp-fd' -s 125 -e 'add-seccomp-fd with a descriptor for seccomp' -e 'say add-seccomp-fd for each' -- \
	bash -c '"$@" 7<"$0" 8<"$0"' "$T/uname.bpf" "${S[@]}" --seccomp 7 --add-seccomp-fd 8 true
FD7=$T/uname.bpf refused 'one FD twice' 'file descriptor 7 is used already' '' --add-seccomp-fd 7 --keep-fd 7
printf 'sbx-profile 1\ninclude default\nseccomp 7\n' >"$CONFIG/profiles/fd.profile"
check 'refused: FD in a profile' -s 125 -e "fd.profile:3:.*a profile can't know" -- "$SBX" --quiet --profile fd true

# Filters that forbid what a start needs: told where that is possible
program execve=$EPERM_RET >"$T/noexec.bpf"
FD7=$T/noexec.bpf
check 'a filter that forbids execve: 126, and told' -s 126 -e "can't run 'true': Operation not permitted" -e 'hint: .*filter.*execve' -- bash -c '"$@" 7<"$0"' "$T/noexec.bpf" "${S[@]}" --seccomp 7 true
program seccomp=$EPERM_RET >"$T/noseccomp.bpf"
check 'one that forbids seccomp, last: no matter' -- bash -c '"$@" 7<"$0" 8<"${0%/*}/nice.bpf"' "$T/noseccomp.bpf" "${S[@]}" --add-seccomp-fd 8 --add-seccomp-fd 7 true
check 'not last: 125, and told' -s 125 -e "can't load the filter of file descriptor 8" -e 'hint: .*last' -- \
	bash -c '"$@" 7<"$0" 8<"${0%/*}/nice.bpf"' "$T/noseccomp.bpf" "${S[@]}" --add-seccomp-fd 7 --add-seccomp-fd 8 true
program write=$EPERM_RET execve=$EPERM_RET >"$T/nowrite.bpf"
check 'one that forbids write and execve: the status is right' -s 126 -- bash -c '"$@" 7<"$0"' "$T/nowrite.bpf" "${S[@]}" --seccomp 7 true
program execve=$KILL_RET >"$T/killexec.bpf"
check 'one that kills at execve: SIGSYS' -s 159 -- bash -c '"$@" 7<"$0"' "$T/killexec.bpf" "${S[@]}" --seccomp 7 true
check 'the command is looked up before the filter' -s 127 -e 'not found|No such file' -- "${S[@]}" no-such-command
finish
