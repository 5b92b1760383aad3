#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 1, and CVE-2024-21626: a link in a writable bind leads neither the working directory nor the command
# through /proc/self/fd to a directory of the host that is open during the start.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

mkdir "$T/host" "$T/host/open" && echo secret >"$T/host/secret"
R=("${S[@]}" --bind "$P" /p)

# leads NAME OPTION...: with a link to each descriptor as working directory, nothing outside is there
leads() {
	local name=$1 n got=''
	shift
	for n in {3..20} 30; do
		ln -sfn "/proc/self/fd/$n" "$P/link"
		run "${R[@]}" "$@" --chdir /p/link sh -c 'cat ../secret 2>/dev/null; [ ! -e self ] || echo procfs' 30<"$T/host/open"
		case $st:$out in
		125:) matches "$err" "can't change to the directory '/p/link'" || got="$got $n: $err" ;;
		*) got="$got $n: $st $out" ;;
		esac
	done
	rm -f "$P/link"
	same "$name" "$got" ''
}
leads 'no working directory by a link to a descriptor'
leads 'nor to that of bind-fd' --bind-fd 30 /x
leads 'nor to that of ro-bind-fd' --ro-bind-fd 30 /x
leads 'nor to the /proc that init needs in a shared pid namespace' --share-pid
leads 'nor to the /proc that a nested user namespace needs' --cap-add SYS_ADMIN
leads 'nor with a terminal of its own' --pty

ln -s /p/dir "$P/link" && mkdir "$P/dir"
check 'control: an ordinary link is followed' -o /p/dir -- "${R[@]}" --chdir /p/link sh -c 'pwd -P'
ln -sfn /proc/self/cwd "$P/link"
check 'a try falls back' -o / -e 'skipped: can.t change to the directory' -- \
	"${R[@]}" --setenv HOME /none --try --chdir /p/link sh -c 'pwd -P'
rm "$P/link"

# The path of the command is looked up while the command still is sbx itself.
cp /usr/bin/true "$T/host/open/outside"
for n in {3..20} 30; do
	ln -sfn "/proc/self/fd/$n" "$P/link"
	run "${R[@]}" --bind-fd 30 /x --ro-bind "$T/host" /none /p/link/outside 30<"$T/host/open"
	[ "$st" != 0 ] || break
done
is 'no command by a link to a descriptor' test "$st" != 0
run "${R[@]}" --bind-fd 30 /x /x/outside 30<"$T/host/open"
same 'control: it runs' "$st" 0
finish
