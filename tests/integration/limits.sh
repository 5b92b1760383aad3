#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Resource limits, priority and capabilities.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# rlimit
check 'rlimit: one number is both' -o '100 100' -- "${S[@]}" --rlimit nofile=100 bash -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
check 'rlimit: soft and hard' -o '100 200' -- "${S[@]}" --rlimit nofile=100:200 bash -c 'echo $(ulimit -Sn) $(ulimit -Hn)'
check 'rlimit: sizes have units' -o '1024 2048' -- "${S[@]}" --rlimit fsize=1MiB:2M bash -c 'echo $(ulimit -Sf) $(ulimit -Hf)'
check 'rlimit: unlimited as the soft limit' -o 'unlimited' -- "${S[@]}" --rlimit "core=0:$(ulimit -Hc)" --rlimit fsize=unlimited bash -c 'ulimit -Sf'
check 'rlimit: the last of a resource stands' -o 50 -- "${S[@]}" --rlimit nofile=100 --rlimit nofile=50 bash -c 'ulimit -n'
check 'rlimit: others are not touched' -o "$(ulimit -s)" -- "${S[@]}" --rlimit nofile=100 bash -c 'ulimit -s'
check 'rlimit is enforced' -s 1 -e 'File too large|File size limit' -- \
	"${S[@]}" --tmpfs /t --rlimit fsize=10k bash -c 'trap "" XFSZ; exec head -c 20k /dev/zero >/t/f'
for name in as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack; do
	check "rlimit: $name" -- "${S[@]}" --try --rlimit "$name=0:unlimited" --dry-run true
done
check 'rlimit: unknown name' -s 125 -e ':1: error: rlimit: .*expected one of as, core' -- "${S[@]}" --rlimit files=1 true
check 'rlimit: soft above hard' -s 125 -e 'above the hard limit' -- "${S[@]}" --rlimit nofile=2:1 true
check 'a limit above the own one: 125, reason and advice' -s 125 -e '^<command-line>:[0-9]+:1: error: .*nofile: Operation not permitted' \
	-e 'hint: .*ulimit -Ha' -- bash -c 'ulimit -n 64 && exec "$@"' sh "${S[@]}" --rlimit nofile=128 true
check 'try of such a limit is skipped with a notice' -o 64 -e 'notice: skipped: .*nofile' -- \
	bash -c 'ulimit -n 64 && exec "$@"' sh "${S[@]}" --try --rlimit nofile=128 bash -c 'ulimit -n'

# nice
check 'nice' -o 7 -- "${S[@]}" --nice 7 nice
if is_root && nice -n -1 true 2>/dev/null; then
	skip 'nice below the own: 125' 'root may do that'
else
	check 'nice below the own: 125, reason and advice' -s 125 -e '^<command-line>:[0-9]+:1: error: .*nice value 2' -e 'hint: .*RLIMIT_NICE' -- \
		nice -n 5 "${S[@]}" --nice 2 true
	check 'try of that is skipped with a notice' -o 5 -e 'notice: skipped: ' -- nice -n 5 "${S[@]}" --try --nice 2 nice
fi

# Capabilities
caps() {
	"${S[@]}" "$@" awk '/^(CapInh|CapPrm|CapEff|CapBnd|CapAmb):/ { print $2 }' /proc/self/status | sort -u | tr '\n' ' '
}
none='0000000000000000 '
all=$(printf '%016x ' $(((1 << ($(cat /proc/sys/kernel/cap_last_cap) + 1)) - 1)))
# bit N: a set with that capability only
bit() {
	printf '%016x ' $((1 << $1))
}
same 'none by default' "$(caps)" "$none"
same 'none for user 0 of the sandbox either' "$(caps --map-root-user)" "$none"
same 'cap-add' "$(caps --cap-add NET_ADMIN)" "$(bit 12)"
same 'cap-add: with CAP_ and in small letters' "$(caps --cap-add cap_net_admin)" "$(bit 12)"
same 'cap-add ALL' "$(caps --cap-add ALL)" "$all"
same 'cap-drop takes back' "$(caps --cap-add NET_ADMIN --cap-add SYS_CHROOT --cap-drop NET_ADMIN)" "$(bit 18)"
same 'cap-drop ALL takes all back' "$(caps --cap-add NET_ADMIN --cap-drop ALL)" "$none"
same 'in the order that was said' "$(caps --cap-drop ALL --cap-add NET_ADMIN)" "$(bit 12)"
check 'cap-add: unknown' -s 125 -e ":1: error: cap-add: CAP\|ALL 'NET_ADMI': expected the name" -- "${S[@]}" --cap-add NET_ADMI true
check 'cap-add: a number is refused' -s 125 -- "${S[@]}" --cap-add 12 true
check 'a capability works over what is new' -- "${S[@]}" --cap-add SYS_ADMIN hostname changed
check 'without it it does not' -s 1 -- "${S[@]}" hostname changed
check 'a capability does not work over what is shared' -s 1 -- "${S[@]}" --share-uts --cap-add SYS_ADMIN hostname changed
check 'no new privileges, with capabilities too' -o '1' -- "${S[@]}" --cap-add ALL awk '/^NoNewPrivs:/ { print $2 }' /proc/self/status
finish
