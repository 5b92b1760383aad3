#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 18: a setuid or file-capability copy refuses to run; the build makes none.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

for program in "$SBX" "$SBXCTL"; do
	same "${program##*/} is not setuid or setgid" "$(find -L "$program" -perm /6000)" ''
	if have getcap; then
		same "${program##*/} has no file capability" "$(getcap "$program")" ''
	fi
done

# Someone else runs the copy: as root an ordinary user, as an ordinary user one of the subordinate ids
mkdir "$T/bin" && chmod 755 "$T/bin"
cp "$SBX" "$T/bin/sbx" && cp "$SBXCTL" "$T/bin/sbxctl" && cp "$(command -v id)" "$T/bin/id"
chmod 755 "$T"/bin/*
if is_root; then
	as=(setpriv --reuid=61234 --regid=61234 --clear-groups --inh-caps=-all)
else
	as=(unshare --map-root-user --map-auto setpriv --reuid=1 --regid=1 --clear-groups --inh-caps=-all)
fi
if ! "${as[@]}" true 2>/dev/null; then
	skip 'a setuid copy refuses' "unshare(1) can not map another user ($(id -un) has no subordinate ids, or an old util-linux)"
	finish
fi
R=(--no-profile "${BASE[@]}")
check 'control: the copy runs as it is' -- "${as[@]}" "$T/bin/sbx" --no-profile --seccomp none --dry-run true
try() {
	local status=125
	# In a build with AddressSanitizer the search for leaks can't look into a setgid process, and ends it with 1.
	if [ "$1" = setgid ] && grep -q __asan_init "$T/bin/sbx"; then
		status=1
	fi
	chmod "$2" "$T"/bin/*
	run "${as[@]}" "$T/bin/id" "$3"
	if [ "$out" = "$("${as[@]}" id "$3")" ]; then
		skip "a $1 copy refuses" "$T is mounted nosuid"
		return
	fi
	ok "control: a $1 program gains an id"
	check "a $1 copy of sbx refuses" -s $status -o '' -e '^sbx: error: refusing to run setuid' -e 'hint: .*chmod ug-s' -- "${as[@]}" "$T/bin/sbx" "${R[@]}" id
	check "a $1 copy of sbx refuses --help too" -s $status -o '' -- "${as[@]}" "$T/bin/sbx" --help
	check "a $1 copy of sbxctl refuses" -s $status -o '' -e 'refusing to run setuid' -- "${as[@]}" "$T/bin/sbxctl" doctor
}
try setuid u+s,g-s -u
try setgid g+s,u-s -g
chmod ug-s "$T"/bin/*
if is_root && have setcap && setcap cap_sys_admin+ep "$T/bin/sbx" 2>/dev/null; then
	check 'a copy with file capabilities refuses' -s 125 -o '' -e 'refusing to run .*file capabilities' -- "${as[@]}" "$T/bin/sbx" "${R[@]}" id
else
	skip 'a copy with file capabilities refuses' 'only root can make one, with setcap'
fi
finish
