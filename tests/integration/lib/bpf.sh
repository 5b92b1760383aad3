# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# bpf.sh: programs for seccomp(2) as the bytes of struct sock_filter, for --seccomp FD and --add-seccomp-fd.

# insn CODE JT JF K
insn() {
	local bytes
	bytes=$(printf '\\x%02x' $(($1 & 255)) $(($1 >> 8)) "$2" "$3" $(($4 & 255)) $(($4 >> 8 & 255)) $(($4 >> 16 & 255)) $(($4 >> 24 & 255)))
	# shellcheck disable=SC2059 # the bytes
	printf "$bytes"
}

# nr CALL: its number here
nr() {
	# shellcheck disable=SC2086 # CC may have arguments
	echo "SYS_$1" | $CC -E -P -include sys/syscall.h - | tail -n 1
}

# program CALL=RETURN…: each CALL gets the value of SECCOMP_RET_…, all others are allowed
program() {
	local pair
	insn 0x20 0 0 0
	for pair; do
		insn 0x15 0 1 "$(nr "${pair%=*}")"
		insn 6 0 0 "${pair#*=}"
	done
	insn 6 0 0 0x7fff0000
}
# shellcheck disable=SC2034 # for the tests
EPERM_RET=0x50001 KILL_RET=0x80000000
