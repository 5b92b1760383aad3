#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# idmap: owners on disk are ids of the sandbox; for root, who alone may have it.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

D=$T/data
mkdir "$D" && echo content >"$D/file" && chmod 755 "$T" "$D"

if ! is_root; then
	check 'idmap is refused to a user' -s 125 -e '^<command-line>:[0-9]+:1: error: idmap: .*only root' -e 'hint: map-auto' -- "${S[@]}" --idmap --bind "$D" /d true
	check 'in a profile too' -s 125 -e '/x.profile:2:1: error: idmap' -- sh -c 'printf "sbx-profile 1\nidmap\nbind %s /d\n" "$1" >"$0"; shift; exec "$@"' \
		"$T/x.profile" "$D" "$SBX" --profile "$T/x.profile" true
	check 'and skipped nowhere' -s 125 -e 'idmap is not followed by a bind' -- "${S[@]}" --idmap --tmpfs /t true
	skip 'idmapped binds' 'only root may make them'
	finish
fi

# Root has no subordinate ids on most machines: here it has, in a mount namespace.
echo root:300000:65536 >"$T/subid"
M=(unshare --mount sh -c 'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && exec "$@"' "$T/subid")
chown 5:6 "$D/file"
mkdir "$D/sub"
I=("${S[@]}" --map-users 0:300000:1000 --map-groups 0:300000:1000)
run "${M[@]}" "${I[@]}" --ro-bind "$D" /plain --idmap --ro-bind "$D" /mapped stat -c '%u:%g' /plain/file /mapped/file
if [ "$st" = 125 ] && matches "$err" 'maps no owners|Operation not supported'; then
	skip 'idmapped binds' "the kernel or the filesystem of $T does not support them"
	finish
fi
same 'owners on disk are ids inside; control: without idmap they are nobody' "$st $out$err" '0 65534:65534
5:6'
chmod 777 "$D/sub"
check 'writing as another id of the range' -- "${M[@]}" "${I[@]}" --idmap --bind "$D" /d --uid 7 --gid 8 touch /d/sub/x
same 'and so it is' "$(stat -c %u:%g "$D/sub/x")" 7:8
check 'read-only stays read-only' -s 1 -e 'Read-only' -- "${M[@]}" "${I[@]}" --idmap --ro-bind "$D" /d touch /d/sub/y
check 'with other modifiers' -o 'nosuid,nodev,noexec' -- "${M[@]}" "${I[@]}" --noexec --idmap --bind "$D" /d \
	sh -c 'awk "\$5 == \"/d\" { sub(/^rw,/, \"\", \$6); sub(/,(rel|no)atime.*/, \"\", \$6); print \$6 }" /proc/self/mountinfo'
check 'a filesystem without it' -s 125 -e 'error: .*maps no owners' -- "${M[@]}" "${I[@]}" --idmap --ro-bind /proc /d true
check 'skipped with try' -e 'notice: skipped: ' -- "${M[@]}" "${I[@]}" --idmap --try --ro-bind /proc /d true
finish
