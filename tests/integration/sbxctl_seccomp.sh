#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl seccomp: what is listed, shown, checked, explained, dumped and compared.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

D=$CONFIG/seccomp-policies
shipped='base-sets browser build default docker nested service strict'

# policy NAME LINE...: writes it, behind the version
policy() {
	local name=$1
	shift
	mkdir -p "$(dirname "$D/$name")"
	printf '%s\n' 'sbx-policy 1' "$@" >"$D/$name"
}
if have jq; then
	json() {
		"$SBXCTL" seccomp "${@:2}" >"$T/json" 2>"$T/.err"
		jq -r "$1" "$T/json" 2>&1
	}
else
	json() {
		echo 'no jq'
	}
fi
# same_json NAME WANTED FILTER ARGUMENT...
same_json() {
	if have jq; then
		same "$1" "$(json "${@:3}")" "$2"
	else
		skip "$1" 'jq is not installed'
	fi
}

# list
check 'list: names, files and what they are for' -O "^default +$D/default.policy +For any program" -- "$SBXCTL" seccomp list
policy masked.policy
: >"$D/masked.policy"
check 'list: what is masked' -O "^masked +$D/masked.policy +\(masked\)" -- "$SBXCTL" seccomp list
check 'list --names is without it' -o "$(tr ' ' '\n' <<<"$shipped")" -- "$SBXCTL" seccomp list --names
same_json 'list --json' 'true false' '[.[] | select(.name == "masked" or .name == "strict") | .masked] | map(tostring) | join(" ")' \
	list --json
printf '# \033[31mred\nsbx-policy 1\n' >"$D/red.policy"
check 'list: what a comment says does not steer the terminal' -O '\\x1b\[31mred' -N $'\033' -- "$SBXCTL" seccomp list
rm "$D/red.policy" "$D/masked.policy"

# show
policy sets.inc 'set @io = read, write' 'default kill' 'allow @io'
policy mine.policy '# why' 'kill write on x86_64 if fd==3&&!(count in{1,2})' 'include ./sets.inc' 'default trap'
policy mine.policy.d/10.conf 'log openat'
check 'show: drop-in, file and include in their places, settings that stand, places' \
	-o "sbx-policy 1
log openat                                              # $D/mine.policy.d/10.conf:2:1
kill write on x86_64 if fd == 3 && !(count in { 1, 2 }) # $D/mine.policy:3:1
set @io = read, write                                   # $D/./sets.inc:2:1
allow @io                                               # $D/./sets.inc:4:1
default trap                                            # $D/mine.policy:5:1" -- "$SBXCTL" seccomp show mine
same_json 'show --json' "mine errno(ENOSYS) trap $D/mine.policy.d/10.conf:2:1" \
	'"\(.name) \(.unknown) \(.default) \(.statements[0].origin)"' show --json mine
for name in ${shipped#base-sets }; do
	"$SBXCTL" seccomp show "$name" >"$D/again.policy"
	check "what show prints for $name is the same policy" -o "$("$SBXCTL" seccomp dump "$name" 2>&1)" -- \
		"$SBXCTL" seccomp dump again
done
rm -r "$D"/{again.policy,mine.policy,mine.policy.d}
check 'show: no such policy' -s 125 -e "no policy 'nope'" -- "$SBXCTL" seccomp show nope
printf '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "mount" ], "action": "SCMP_ACT_ERRNO" } ] }\n' >oci.json
check "show: a profile of Docker's" -O '^deny mount +# .*oci.json:1:' -- "$SBXCTL" seccomp show ./oci.json

# check
check 'check: every shipped policy is without a warning, on all architectures' -E 'error' \
	-O '^default: [0-9]+ rules; instructions: x86_64 [0-9]+, i386 [0-9]+, x32 .* s390x [0-9]+$' -- \
	"$SBXCTL" seccomp check --all-archs
check 'check --werror: nor is there a doubt here' -E . -- "$SBXCTL" seccomp check --werror
check 'check: sets alone are no policy, and no mistake' -O '^base-sets: [0-9]+ sets' -- "$SBXCTL" seccomp check base-sets
printf '%s\n' 'sbx-policy 1' 'allow raed' 'alow x' 'deny ioctl if cmd == TIOCSTY' 'errno(EPREM) read' >"$D/bad.policy"
f=$D/bad.policy
check 'check: all mistakes, in the form of a compiler' -s 125 -N . \
	-e "^$f:2:7: error: unknown system call 'raed'" -e "^$f:2:7: hint: did you mean 'read'" \
	-e "^$f:3:1: error: unknown statement 'alow'" -e "^$f:4:22: error: unknown constant 'TIOCSTY'" \
	-e "^$f:5:7: error: unknown error 'EPREM'" -- "$SBXCTL" seccomp check bad
check 'check: the others are checked all the same' -s 125 -O '^strict: ' -- "$SBXCTL" seccomp check bad strict
printf '%s\n' 'sbx-policy 1' 'default allow' 'deny read if fd == 1' 'deny keyctl' 'allow keyctl' >"$D/bad.policy"
check 'check: doubts are warnings' -e "^$f:5:1: warning: this never matches: $f:4:1 decides" -O '^bad: 3 rules' -- \
	"$SBXCTL" seccomp check bad
check 'check --werror: and count as errors' -s 125 -e warning -- "$SBXCTL" seccomp check --werror bad
printf '%s\n' 'sbx-policy 1' 'allow read' >"$D/bad.policy"
check 'check: what could not start' -s 125 -e "does not allow execve, so no program could start" -- "$SBXCTL" seccomp check bad
printf '%s\n' 'sbx-policy 1' 'default allow' 'deny pread64 on arm if pos == 1' >"$D/bad.policy"
check 'check: a mistake of another architecture' -s 125 -e 'on arm: .*two registers' -- "$SBXCTL" seccomp check --all-archs bad
check 'check --arch' -s 125 -e 'on arm: ' -- "$SBXCTL" seccomp check --arch armhf bad
check 'control: not here' -E . -- "$SBXCTL" seccomp check --arch x86_64 bad
rm "$D/bad.policy"

# explain
explain() {
	local name=$1
	shift
	check "$name" "${@:1:$#-1}" -- sh -c "\"\$1\" seccomp explain --arch x86_64 $(printf %s "${*: -1}")" sh "$SBXCTL"
}
policy e.policy 'default allow' 'kill ioctl if fd == 5' 'set @k = keyctl add_key' 'trap nr:777' 'allow @k' 'errno(77) personality if persona == -1' \
	'unknown log' 'deny quiet kcmp'
E=$D/e.policy
explain 'explain: all rules that can decide, floor and default too' -O "^  allow \(default\) +# $E:2:1\$" '--policy e ioctl'
explain 'explain: their order' -o "ioctl, number 16 of x86_64, policy e:
  kill if fd == 5                                       # $E:3:1
  errno(EPERM) if cmd == TIOCSTI || cmd == TIOCLINUX    # sbx's floor
  allow (default)                                       # $E:2:1" '--policy e ioctl'
explain 'explain: the floor before a rule that allows' -o "keyctl, number 250 of x86_64, policy e:
  errno(EPERM)                                          # sbx's floor" '--policy e keyctl'
explain 'explain --no-floor' -o "keyctl, number 250 of x86_64, policy e:
  allow                                                 # $E:6:1" '--no-floor --policy e keyctl'
explain 'explain: arguments' -O "^  kill if fd == 5 +# $E:3:1" '--policy e ioctl 5 TIOCSTI'
explain 'explain: constants' -O "^  errno\(EPERM\) if cmd == TIOCSTI .*# sbx's floor" '--policy e ioctl 4 TIOCSTI'
explain 'explain: an argument by name' -O "sbx's floor" '--policy e ioctl cmd=TIOCSTI'
explain 'explain: an argument by place' -O "sbx's floor" '--policy e ioctl arg1=0x5412'
explain 'explain: a negative number' -O '^  errno\(EBADFD\) if persona == -1' '--policy e personality -1'
explain 'explain: the default, with arguments' -O "^  allow \(default\)" '--policy e ioctl 4 5'
explain 'explain: a number with a rule' -O "^  trap +# $E:5:1" '--policy e 777'
explain 'explain: a number without' -O '^  log \(unknown number\) ' '--policy e 0x30a'
explain 'explain: the number of a call' -O '^ioctl, number 16 ' '--policy e 16'
explain 'explain: a number as a policy writes it' -O '^ioctl, number 16 ' '--policy e nr:0x10'
explain 'explain: a number of x32' -O '^  kill \(ABI that the policy does not name\)' '--policy e 0x40000001'
explain 'explain: a number of x32, with arguments' -O '^  kill \(ABI that the policy does not name\)' '--policy e 0x40000001 0'
explain 'explain: -1, which a tracer leaves, is not one' -O '^  log \(unknown number\) ' '--policy e 4294967295'
explain 'explain: quiet' -O '^  errno\(EPERM\) quiet ' '--policy e kcmp'
explain 'explain: a set' -o "add_key, number 248 of x86_64, policy e:
  errno(EPERM)                                          # sbx's floor
keyctl, number 250 of x86_64, policy e:
  errno(EPERM)                                          # sbx's floor" '--policy e @k'
explain 'explain: the policy default' -O "# $D/default.policy:" 'ptrace'
explain 'explain: AF_VSOCK with bit 32 set' -O '^  errno\(EAFNOSUPPORT\)' 'socket 0x100000028 SOCK_STREAM'
if [ "$(uname -m)" = x86_64 ]; then
	check 'explain: an ABI that the policy does not name' -O '^  kill \(ABI that the policy does not name\)' -- \
		"$SBXCTL" seccomp explain --arch i386 getpid
fi
check 'explain: another machine' -O 'number 29 of aarch64' -- "$SBXCTL" seccomp explain --arch arm64 ioctl
explain 'explain: an unknown call' -s 125 -e "unknown system call 'ioclt'" -e "did you mean 'ioctl'" 'ioclt'
explain 'explain: a call of another machine' -s 125 -e "x86_64 has no system call 'socketcall'" -e 'i386 has it' 'socketcall'
explain 'explain: an unknown set' -s 125 -e "no set '@keyrin'" -e "did you mean '@keyring'" '@keyrin'
explain 'explain: an unknown constant' -s 125 -e "unknown constant 'TIOCSTY'" -e "did you mean 'TIOCSTI'" 'ioctl 0 TIOCSTY'
explain 'explain: an argument too many' -s 125 -e 'getpid has not so many arguments' 'getpid 1'
explain 'explain: an unknown argument' -s 125 -e "ioctl has no argument 'comand'" 'ioctl comand=1'
explain 'explain: no policy' -s 125 -e "no policy 'nope'" '--policy nope getpid'
explain 'explain: nothing' -s 125 -e 'takes a system call' ''
same_json 'explain --json' "kill fd == 5 rule $E:3:1, errno(EPERM) cmd == TIOCSTI || cmd == TIOCLINUX floor null, allow null default $E:2:1" \
	'[.[0].rules[] | "\(.action) \(.condition) \(.by) \(.origin)"] | join(", ")' explain --json --arch x86_64 --policy e ioctl
check 'explain --names: calls and sets' -O '^@keyring$' -- "$SBXCTL" seccomp explain --names
check 'explain --names: of an architecture' -O '^socketcall$' -- "$SBXCTL" seccomp explain --names --arch i386

# dump
check 'dump: names of calls, arguments and answers' -O '; ioctl: cmd, low half$' -- "$SBXCTL" seccomp dump --arch x86_64 e
check 'dump: what it answers' -O 'ret  #0x5004d +; errno\(EBADFD\)' -- "$SBXCTL" seccomp dump --arch x86_64 e
check 'dump --no-floor' -N 'keyctl|#0x5412' -- "$SBXCTL" seccomp dump --arch x86_64 --no-floor e
check 'control: the floor is in it' -O '#0x5412' -- "$SBXCTL" seccomp dump --arch x86_64 e
check 'dump --report' -O 'ask the supervisor' -- "$SBXCTL" seccomp dump --report e
check 'dump --arch' -O 'aarch64: number of the call' -- "$SBXCTL" seccomp dump --arch aarch64 e
"$SBXCTL" seccomp dump --raw e >"$T/e.bpf"
same 'dump --raw: 8 bytes an instruction' "$(wc -c <"$T/e.bpf")" "$(($("$SBXCTL" seccomp dump e | wc -l) * 8))"
"$SBXCTL" seccomp dump --raw --arch s390x e >"$T/s390x.bpf"
same "dump --raw: in the order of the kernel's bytes" "$(od -An -N8 -tx1 "$T/s390x.bpf")" ' 00 20 00 00 00 00 00 04'
policy uname.policy 'default allow' 'errno(EXDEV) uname'
"$SBXCTL" seccomp dump --raw uname >"$T/uname.bpf"
check 'dump --raw: is what sbx loads' -s 1 -e 'nvalid cross-device' -- sh -c 'exec 9<"$1"; shift; exec "$@"' sh "$T/uname.bpf" \
	"${S[@]}" --seccomp 9 uname
if have bwrap && bwrap --ro-bind / / true 2>/dev/null; then
	check 'dump --raw: and bubblewrap' -s 1 -e 'nvalid cross-device' -- sh -c 'exec 9<"$1"; shift; exec "$@"' sh "$T/uname.bpf" \
		bwrap --ro-bind / / --seccomp 9 uname
else
	skip 'dump --raw: and bubblewrap' 'bwrap is not installed, or does not work here'
fi

# diff
policy a.policy 'default allow' 'deny kcmp' 'deny clone if flags & CLONE_NEWUSER|CLONE_NEWNS != 0' 'errno(ENOSYS) clone3'
policy b.policy 'default allow' '' 'kill kcmp' 'deny clone if flags has CLONE_NEWUSER' 'deny quiet clone3' 'log nr:777' 'unknown trap'
check 'diff: which calls, what each says and where' -s 1 \
	-o "clone(clone_flags=0x20000)   errno(EPERM) ($D/a.policy:4:1) | allow ($D/b.policy:2:1)
clone3                       errno(ENOSYS) ($D/a.policy:5:1) | errno(EPERM) ($D/b.policy:6:1)
kcmp                         errno(EPERM) ($D/a.policy:3:1) | kill ($D/b.policy:4:1)
nr:777                       errno(ENOSYS) (no \`unknown\` is said) | log ($D/b.policy:7:1)
unknown numbers              errno(ENOSYS) (no \`unknown\` is said) | trap ($D/b.policy:8:1)" -- \
	"$SBXCTL" seccomp diff --arch x86_64 a b
policy c.policy 'default allow' 'deny keyctl'
policy d.policy 'default allow'
check 'diff: what the floor closes is the same' -o '' -- "$SBXCTL" seccomp diff c d
check 'diff --no-floor' -s 1 -O '^keyctl ' -- "$SBXCTL" seccomp diff --no-floor c d
same_json 'diff --json' "keyctl errno(EPERM) allow" '.[0] | "\(.syscall) \(.a.action) \(.b.action)"' diff --no-floor --json c d
check 'diff: the same' -o '' -- "$SBXCTL" seccomp diff default default
check 'diff: no such policy' -s 125 -e "no policy 'nope'" -- "$SBXCTL" seccomp diff default nope

# Words
# import
cat >"$T/docker.json" <<'END'
{ "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["read", "write", "execve", "exit_group", "rt_sigreturn", "brk", "mmap", "openat"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [ { "index": 0, "value": 8, "op": "SCMP_CMP_EQ" } ] }
  ] }
END
(cd "$T" && "$SBXCTL" seccomp import docker.json >"$T/imported.policy")
check 'import: a policy with the same rules' -o '' -- "$SBXCTL" seccomp diff "$T/docker.json" "$T/imported.policy"
check 'import: conditions have names' -o 'allow personality if personality == 8' -- grep personality "$T/imported.policy"
check 'import: what needs a capability is left out' -s 1 -- grep -E '^allow.* mount( |$)' "$T/imported.policy"
check 'import: another name' -s 125 -e "'default' is not named .json" -- "$SBXCTL" seccomp import default
check 'import: no such file' -s 125 -e "no file '" -- "$SBXCTL" seccomp import "$T/none.json"
echo '{' >"$T/bad.json"
check 'import: not JSON' -s 125 -e 'bad.json:2:1: error: not JSON' -- "$SBXCTL" seccomp import "$T/bad.json"
check 'no verb' -s 125 -e 'list, show, check, explain, dump, diff or import' -- "$SBXCTL" seccomp
check 'an unknown verb' -s 125 -e "unknown verb 'seccomp lst'" -- "$SBXCTL" seccomp lst
check 'an unknown option' -s 125 -e "unknown option '--jsno'" -- "$SBXCTL" seccomp list --jsno
check 'an option of another verb' -s 125 -e 'seccomp list does not take that option' -- "$SBXCTL" seccomp list --raw
check 'too many names' -s 125 -e 'seccomp show takes the name of one policy' -- "$SBXCTL" seccomp show a b
check 'too few names' -s 125 -e 'seccomp diff takes the names of two policies' -- "$SBXCTL" seccomp diff a
check 'an unknown architecture' -s 125 -e "unknown architecture 'aarch46' .did you mean 'aarch64'" -- "$SBXCTL" seccomp dump --arch aarch46 a
check 'an option without its word' -s 125 -e '--arch takes a word' -- "$SBXCTL" seccomp dump a --arch
check 'sbxctl --help' -O 'seccomp explain' -- "$SBXCTL" --help
finish
