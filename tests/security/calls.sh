#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md rows 4, 5, 6, 7: what the shipped policies say of system calls is what the kernel does, in each ABI and at the width
# that the kernel takes an argument at. lib/calls.c makes calls whose answer tells whether they reached the kernel;
# the control, without a policy and without the floor, is what the kernel itself says.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

have "${CC%% *}" || skip_all "no compiler for the helper program: ${CC%% *}"
# shellcheck disable=SC2086 # CC may have arguments
if ! $CC -std=gnu17 -D_GNU_SOURCE -w -O1 -pthread -o "$T/calls" "$top_srcdir/tests/security/lib/calls.c"; then
	echo 'Bail out! the helper program does not compile'
	exit 1
fi
# All capabilities and inner user namespaces: what is denied then is denied by the filter.
C=("${S[@]}" --cap-add ALL --enable-userns --ro-bind "$T/calls" /calls)
none=(--seccomp none --no-seccomp-floor)
# enable-userns with a policy that forbids them is an error: let one way be open, which lib/calls.c does not go.
for policy in default browser build service strict docker; do
	mkdir -p "$CONFIG/seccomp-policies/$policy.policy.d"
	printf 'sbx-policy 1\nallow clone if flags == CLONE_NEWUSER\n' >"$CONFIG/seccomp-policies/$policy.policy.d/a-way.conf"
done
# Killed by SIGSYS
killed=159
is_x86=no
[ "$(uname -m)" != x86_64 ] || is_x86=yes

# --- Every shipped policy against a table ---

run "${C[@]}" "${none[@]}" /calls all
same 'control: every call is tried without a filter' "$st" 0
cp "$T/.out" "$T/control"
# Where the kernel itself denies a call, the table would prove nothing. These depend on how it was built and set up.
may_be_missing='^(clone-|unshare-|socket-(alg|vsock|packet|inet_packet|sctp|dccp|generic|netfilter|sock_diag)|io_uring|bpf|userfaultfd|kcmp|modify_ldt|landlock|open_tree_attr|fanotify_init|open_by_handle_at|get_mempolicy)'
while read -r name answer; do
	case $answer in
	EPERM | ENOSYS | EAFNOSUPPORT | EPROTONOSUPPORT | ESOCKTNOSUPPORT)
		if [[ $name =~ $may_be_missing ]]; then
			skip "control: $name" "this kernel says $answer without a filter"
		else
			not_ok "control: $name" "without a filter it is $answer"
		fi
		;;
	esac
done < <(tr -d : <"$T/control")

# = is what the kernel answers. The columns are the policies.
policies='default browser build service strict docker'
cat >"$T/wanted" <<'END'
thread                      =            =            =            =            =            =
fork                        =            =            =            =            EPERM        =
spawn                       =            =            =            =            EPERM        =
clone-user                  EPERM        =            EPERM        EPERM        EPERM        EPERM
clone-mount                 EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
clone-pid                   EPERM        =            EPERM        EPERM        EPERM        EPERM
clone-net                   EPERM        =            EPERM        EPERM        EPERM        EPERM
clone-ipc                   EPERM        =            EPERM        EPERM        EPERM        EPERM
clone-uts                   EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
clone-cgroup                EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
clone-user+net              EPERM        =            EPERM        EPERM        EPERM        EPERM
clone-user+2^32             EPERM        =            EPERM        EPERM        EPERM        EPERM
clone-mount+2^32            EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
clone-user+mount            EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
clone3                      ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS
setns                       EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
unshare-files               =            =            =            =            EPERM        EPERM
unshare-uts                 EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
unshare-time                EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
unshare-user                EPERM        =            EPERM        EPERM        EPERM        EPERM
chroot                      =            =            =            =            EPERM        EPERM
mount                       EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
umount2                     EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
pivot_root                  EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
open_tree                   ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
move_mount                  ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
fsopen                      ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
fsconfig                    ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
fsmount                     ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
fspick                      ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
mount_setattr               ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
open_tree_attr              ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS
socket-unix                 =            =            =            =            EAFNOSUPPORT =
socket-inet                 =            =            =            =            EAFNOSUPPORT =
socket-inet6                =            =            =            =            EAFNOSUPPORT =
socket-route                =            =            =            =            EAFNOSUPPORT =
socket-uevent               =            =            =            EPROTONOSUPPORT EAFNOSUPPORT =
socket-sock_diag            EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EAFNOSUPPORT =
socket-netfilter            EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EAFNOSUPPORT =
socket-generic              EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EAFNOSUPPORT =
socket-raw                  =            EPERM        =            =            EAFNOSUPPORT =
socket-inet_packet          EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT =
socket-sctp                 EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EAFNOSUPPORT =
socket-dccp                 EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT EAFNOSUPPORT =
socket-packet               EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT =
socket-alg                  EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EPERM
socket-vsock                EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EPERM
socketpair-unix             =            =            =            =            EAFNOSUPPORT =
socketpair-unix+2^32        =            =            =            =            EAFNOSUPPORT =
socketpair-inet             EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT =
setsockopt                  =            =            =            =            EPERM        =
setsockopt-iptables         EPERM        EPERM        EPERM        EPERM        EPERM        =
setsockopt-iptables+2^32    EPERM        EPERM        EPERM        EPERM        EPERM        =
setsockopt-ip6tables        EPERM        EPERM        EPERM        EPERM        EPERM        =
io_uring_setup              ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS
io_uring_enter              ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS
io_uring_register           ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS
keyctl                      EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
add_key                     EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
request_key                 EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
bpf                         EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
perf_event_open             EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
userfaultfd                 EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
fanotify_init               EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
open_by_handle_at           EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
name_to_handle_at           =            =            =            EPERM        EPERM        =
modify_ldt                  ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       =
clock_settime               EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
adjtimex                    EPERM        EPERM        EPERM        EPERM        EPERM        =
sethostname                 EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
get_mempolicy               ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       EPERM
vmsplice                    ENOSYS       ENOSYS       ENOSYS       ENOSYS       ENOSYS       =
seccomp                     =            =            =            =            =            =
prctl-seccomp               =            =            =            =            =            =
landlock                    =            =            =            =            =            =
ptrace                      EPERM        EPERM        =            EPERM        EPERM        =
process_vm_readv            EPERM        EPERM        =            EPERM        EPERM        =
process_vm_writev           EPERM        EPERM        =            EPERM        EPERM        =
process_madvise             EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
pidfd_getfd                 EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
kcmp                        ENOSYS       =            ENOSYS       ENOSYS       ENOSYS       EPERM
sched_setscheduler-fifo     =            =            =            EPERM        EPERM        =
sched_setscheduler-fifo+2^32 =           =            =            EPERM        EPERM        =
sched_setscheduler-batch    =            =            =            =            EPERM        =
prctl-get-name+2^32         =            =            =            =            =            =
prctl-get-tsc               =            =            =            =            EINVAL       =
prctl-get-tsc+2^32          =            =            =            =            EINVAL       =
ioctl-TCGETS                =            =            =            =            =            =
ioctl-TIOCSTI               EPERM        EPERM        EPERM        EPERM        EPERM|ENOTTY EPERM
ioctl-TIOCSTI+2^32          EPERM        EPERM        EPERM        EPERM        EPERM|ENOTTY EPERM
ioctl-TIOCLINUX             EPERM        EPERM        EPERM        EPERM        EPERM|ENOTTY EPERM
ioctl-TIOCLINUX+2^63        EPERM        EPERM        EPERM        EPERM        EPERM|ENOTTY EPERM
ioctl-TIOCSETD              EPERM        EPERM        EPERM        EPERM        ENOTTY       =
ioctl-userfaultfd           EPERM        EPERM        EPERM        EPERM        ENOTTY       =
personality-ask             =            =            =            =            EPERM        =
personality-ask-extended    =            =            =            =            EPERM        =
personality-0+2^32          =            =            =            =            EPERM        =
personality-exec            EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
personality-exec+2^32       EPERM        EPERM        EPERM        EPERM        EPERM        EPERM
personality-norandom        EPERM        EPERM        =            EPERM        EPERM        EPERM
personality-norandom+2^32   EPERM        EPERM        =            EPERM        EPERM        EPERM
END
# With bit 32 set a socket is the same socket.
sed -n 's/^socket-\([a-z0-9_]*\) /socket-\1+2^32 /p' "$T/wanted" >"$T/wide"
cat "$T/wide" >>"$T/wanted"

same 'the table has every call that is tried' \
	"$(cut -d: -f1 "$T/control" | sort)" "$(cut -d' ' -f1 "$T/wanted" | { if [ $is_x86 = yes ]; then cat; else grep -v modify_ldt; fi; } | sort)"
column=1
for policy in $policies; do
	column=$((column + 1))
	run "${C[@]}" --seccomp "$policy" /calls all
	# A call that there is not on this machine is in neither list.
	wrong=$(tr -d : <"$T/control" >"$T/kernel"; tr -d : <"$T/.out" >"$T/got"; awk -v column=$column '
		FILENAME == ARGV[1] { kernel[$1] = $2; next }
		FILENAME == ARGV[2] { got[$1] = $2; next }
		$1 in kernel {
			wanted = $column == "=" ? kernel[$1] : $column
			if (index("|" wanted "|", "|" got[$1] "|") == 0)
				print $1 ": " got[$1] ", not " wanted
		}' "$T/kernel" "$T/got" "$T/wanted")
	same "$policy: each call is answered as its table says" "$wrong" ''
done
run "${C[@]}" --seccomp none /calls all
floor='ioctl-TIOCSTI: EPERM
ioctl-TIOCSTI+2^32: EPERM
ioctl-TIOCLINUX: EPERM
ioctl-TIOCLINUX+2^63: EPERM
keyctl: EPERM
add_key: EPERM
request_key: EPERM
io_uring_setup: ENOSYS'
same '--seccomp none: the floor stays' "$(grep -E '^(ioctl-TIOC(STI|LINUX)|keyctl|add_key|request_key|io_uring_setup)' <<<"$out" | sort)" "$(sort <<<"$floor")"
same '--seccomp none: and nothing else is closed' \
	"$(grep -vE '^(ioctl-TIOC(STI|LINUX)|keyctl|add_key|request_key|io_uring|clone3)' <<<"$out")" \
	"$(grep -vE '^(ioctl-TIOC(STI|LINUX)|keyctl|add_key|request_key|io_uring|clone3)' "$T/control")"

# --- Other ABIs ---

if [ $is_x86 = yes ]; then
	# getpid, getppid, socketcall(SYS_SOCKET, …)
	for call in '20 0' '64 0' '102 1'; do
		# shellcheck disable=SC2086 # two words
		run "${C[@]}" "${none[@]}" /calls i386 $call
		if [ "$st" != 0 ] || matches "$out" ENOSYS; then
			skip "int 0x80 ($call)" 'no 32-bit calls on this kernel'
			continue
		fi
		ok "control: int 0x80 ($call) works without a filter"
		for policy in $policies none; do
			# shellcheck disable=SC2086 # two words
			check "$policy: int 0x80 ($call) ends the program" -s $killed -o '' -- "${C[@]}" --seccomp "$policy" /calls i386 $call
		done
	done
	# x32: getpid, ioctl. The kernel may be built without; then it says ENOSYS.
	for nr in 0x40000027 0x40000202; do
		run "${C[@]}" "${none[@]}" /calls nr $nr
		same "control: x32 call $nr does not end the program" "$st" 0
		for policy in $policies none; do
			check "$policy: x32 call $nr ends the program" -s $killed -o '' -- "${C[@]}" --seccomp "$policy" /calls nr $nr
		done
	done
	mkdir -p "$CONFIG/seccomp-policies"
	printf 'sbx-policy 1\narch i386\ninclude default\n' >"$CONFIG/seccomp-policies/both.policy"
	check 'arch i386: int 0x80 works' -O '^i386: ok' -- "${C[@]}" --seccomp both /calls i386 20 0
	check 'arch i386: and no family comes through socketcall' -o 'i386: ENOSYS' -- "${C[@]}" --seccomp both /calls i386 102 1
	check 'arch i386: x32 still ends the program' -s $killed -- "${C[@]}" --seccomp both /calls nr 0x40000027
else
	skip 'int 0x80 and x32' 'this is no x86_64'
fi

# --- Numbers that are newer than sbx ---

printf 'sbx-policy 1\ninclude base-sets\ndefault allow\nunknown errno(EPERM)\n' >"$CONFIG/seccomp-policies/unknown.policy"
check 'control: unknown errno(EPERM) answers EPERM' -o 'nr: EPERM' -- "${C[@]}" --seccomp unknown /calls nr 999
for policy in $policies; do
	for nr in 999 600 100000; do
		check "$policy: number $nr is ENOSYS" -o 'nr: ENOSYS' -- "${C[@]}" --seccomp "$policy" /calls nr $nr
	done
done
printf 'sbx-policy 1\ndefault allow\ndeny clone3\n' >"$CONFIG/seccomp-policies/clone3.policy"
run "${C[@]}" --seccomp clone3 /calls all
if matches "$out" '^clone3: EPERM' && ! matches "$out" '^thread: ok'; then
	ok 'control: clone3 EPERM: no thread starts'
else
	skip 'control: clone3 EPERM: no thread starts' "here it is: $(grep -E '^(thread|clone3)' <<<"$out" | paste -sd' ')"
fi

# --- The language at the kernel's width ---

policy() {
	printf 'sbx-policy 1\ndefault allow\n%s\n' "$1" >"$CONFIG/seccomp-policies/test.policy"
	shift
	run "${C[@]}" --no-seccomp-floor --seccomp test /calls "$@"
}
policy 'errno(EACCES) readlinkat if dfd == AT_FDCWD' readlinkat 0xffffff9c
same 'AT_FDCWD as 32 bits' "$out" 'readlinkat: EACCES'
policy 'errno(EACCES) readlinkat if dfd == AT_FDCWD' readlinkat 0xffffffffffffff9c
same 'AT_FDCWD, sign-extended' "$out" 'readlinkat: EACCES'
policy 'errno(EACCES) readlinkat if dfd == -100' readlinkat 0xffffffffffffff9c
same 'AT_FDCWD as -100' "$out" 'readlinkat: EACCES'
policy 'errno(EACCES) readlinkat if dfd == AT_FDCWD' readlinkat 7
same 'control: another descriptor' "$out" 'readlinkat: ok'
# FIONREAD, FIONBIO
two='errno(EACCES) ioctl if cmd == FIONREAD
errno(EACCES) ioctl if cmd == FIONBIO
allow ioctl'
for cmd in 0x541b 0x5421 0x10000541b 0xffffffff00005421; do
	policy "$two" ioctl $cmd
	same "two denials, then allow: $cmd is denied" "$out" 'ioctl: EACCES'
	policy 'allow ioctl if cmd != FIONREAD && cmd != FIONBIO
errno(EACCES) ioctl' ioctl $cmd
	same "unless either: $cmd is denied" "$out" 'ioctl: EACCES'
	policy 'allow ioctl if cmd != FIONREAD
allow ioctl if cmd != FIONBIO
errno(EACCES) ioctl' ioctl $cmd
	same "control: two rules, each of which lets the other's pass: $cmd" "$out" 'ioctl: EBADF'
done
policy "$two" ioctl 0x5422
same 'control: another request passes' "$out" 'ioctl: EBADF'
policy 'allow ioctl
errno(EACCES) ioctl if cmd == FIONREAD' ioctl 0x541b
same 'the first rule that matches decides' "$out" 'ioctl: EBADF'
# Docker's three rules, as libseccomp compares them: wrong at 64 bits
docker='allow socket if family < 38
allow socket if family == 39
allow socket if family > 40
errno(EACCES) socket'
for family in 38 40 0x100000026 0x100000028 0xffffffff00000028; do
	policy "$docker" socket $family
	same "socket($family) is that family" "$out" 'socket: EACCES'
done
policy "$docker" socket 0x100000001
same 'control: socket(AF_UNIX + 2^32)' "$out" 'socket: ok'

# --- It is there, or nothing runs ---

status='while read -r key value; do case $key in NoNewPrivs: | Seccomp:) printf "%s%s " "$key" "$value" ;; esac; done </proc/self/status'
for policy in default browser build service docker; do
	check "$policy: the filter is there before the command" -o 'NoNewPrivs:1 Seccomp:2 ' -- "${S[@]}" --seccomp "$policy" bash -c "$status"
done
check 'control: without one it is not' -o 'NoNewPrivs:1 Seccomp:0 ' -- "${S[@]}" "${none[@]}" bash -c "$status"
: >"$CONFIG/seccomp-policies/empty.policy"
mkdir "$CONFIG/seccomp-policies/dir.policy"
printf 'sbx-policy 1\ndeny openatt\n' >"$CONFIG/seccomp-policies/wrong.policy"
printf 'sbx-policy 1\ndefault allow\nset @some = {\n' >"$CONFIG/seccomp-policies/truncated.policy"
{
	printf 'sbx-policy 1\ndefault allow\n'
	for ((i = 0; i < 3000; i++)); do echo "errno($((i % 100 + 1))) ioctl if cmd == $((i * 7)) && arg & 1 == 1"; done
} >"$CONFIG/seccomp-policies/long.policy"
printf 'sbx-policy 1\ndefault deny\n' >"$CONFIG/seccomp-policies/stuck.policy"
for policy in missing empty dir wrong truncated long stuck "$T/no-such.policy" /dev/null 77; do
	check "no policy, no command: $policy" -s 125 -o '' -e 'error: ' -- "${S[@]}" --seccomp "$policy" echo ran
done
# Firefox would run without its inner sandbox, and say nothing.
mkdir -p "$CONFIG/seccomp-policies/browser.policy.d"
printf 'sbx-policy 1\ndeny seccomp\ndeny prctl if option == PR_SET_SECCOMP\n' >"$CONFIG/seccomp-policies/browser.policy.d/no.conf"
check 'browser: a drop-in that takes the inner filters away is refused' -s 125 -o '' -e 'inner sandbox' -- "${S[@]}" --seccomp browser echo ran
rm -r "$CONFIG/seccomp-policies/browser.policy.d"
check 'control: browser without it' -o ran -- "${S[@]}" --seccomp browser echo ran
finish
