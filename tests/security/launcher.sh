#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 9: from inside sbx can be neither overwritten nor traced nor written to.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe

# A copy that the caller may write, as an sbx in ~/bin is
cp "$SBX" "$P/sbx" && chmod 755 "$P/sbx"
sum=$(cksum <"$P/sbx")
R=("$P/sbx" --no-profile --seccomp none "${BASE[@]}" --dev /dev --proc /proc --ro-bind "$PROBE" /probe)

check 'control: an own process can be attacked in each of these ways' -O '^PTRACE_SEIZE: ok' -- \
	"${R[@]}" sh -c 'sleep 20 & sleep 0.2; /probe attack $!; kill $!'
for way in mem 'exe read' environ process_vm_writev fd root; do
	is "control: $way" matches "$out" "^$way: ok"
done
# attacks NAME PID-SCRIPT OPTION...: all ways fail on the process that the script prints
attacks() {
	local name=$1 who=$2
	shift 2
	check "$name" -O '^PTRACE_SEIZE: E' -N ': ok' -- "${R[@]}" "$@" sh -c "/probe attack $who"
}
attacks 'init' 1
attacks 'init, by user 0 of the sandbox' 1 --map-root-user
attacks 'init, by a command that got all capabilities of the sandbox' 1 --cap-add ALL
attacks 'init, under a namespace each that is shared' 1 --share-net --share-ipc --share-uts --share-cgroup
check 'init can not be killed' -s 3 -- "${R[@]}" sh -c 'kill -KILL 1; kill -TERM 1; kill -STOP 1; sleep 0.1; exit 3'
# With a shared pid namespace both are in sight: the parent of the command is init, its parent the supervisor.
parent='$(sed "s/.*) . //; s/ .*//" /proc/$PPID/stat)'
attacks 'init in a shared pid namespace' '$PPID' --share-pid
attacks 'the supervisor in a shared pid namespace' "$parent" --share-pid
attacks 'the supervisor, by a command that got all capabilities of the sandbox' "$parent" --share-pid --cap-add ALL
check 'control: there is a supervisor in sight' -O '/sbx$|^sbx' -- "${R[@]}" --share-pid sh -c "cat /proc/$parent/comm"
same 'the program is unchanged' "$(cksum <"$P/sbx")" "$sum"

# The program itself, where a bind holds it
check 'a bind read-only does not let it be written' -s 2 -- "${R[@]}" --ro-bind "$P" /p sh -c 'echo x >/p/sbx'

# A directory as a standard descriptor would be a way to what lies below it and, by "..", above.
check 'a directory as standard input is refused' -s 125 -e 'standard input is a directory' -- sh -c 'exec "$@" </' sh "${S[@]}" true
check 'as standard error too' -s 125 -- sh -c 'exec "$@" 2</' sh "${S[@]}" true
check 'as standard output too' -s 125 -e 'standard output is a directory' -- sh -c 'exec "$@" 1</' sh "${S[@]}" true
check 'control: a file is not' -o read -- sh -c 'exec "$@" </etc/passwd' sh "${S[@]}" sh -c 'read -r x && [ -n "$x" ] && echo read'

# The command line of the launcher, with its paths, is not there to be read.
check 'init shows no argument of sbx' -o 'sbx-init' -- "${R[@]}" --setenv V secret-value sh -c 'tr "\\0" "\\n" </proc/1/cmdline | sed "/^\$/d"'
check 'control: there was an argument' -o 'secret-value' -- "${R[@]}" --setenv V secret-value sh -c 'echo $V'
finish
