#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every word that bubblewrap has too, said to both: the sandboxes, described from inside by lib/inside.sh, differ only in
# what the list below says. doc/bubblewrap.md has the same list, for people.
# shellcheck disable=SC2016,SC2317 # for inner shells; functions for await
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
have bwrap || skip_all 'bwrap is not installed'
bwrap --ro-bind / / true 2>/dev/null || skip_all "bwrap does not start here: $(bwrap --ro-bind / / true 2>&1 | head -n 1)"
use_probe

doc=$top_srcdir/doc/bubblewrap.md
inside=$(cat "$top_srcdir/tests/integration/lib/inside.sh")
namespaces=$(for k in user mnt pid net ipc uts cgroup time; do readlink /proc/self/ns/$k; done | tr '\n' ' ')
bwrap_words=$(bwrap --help 2>&1 | grep -o '^ *--[a-z0-9-]*' | tr -d ' ')

# Differences that any start may show: lines of diff(1), < of bubblewrap and > of sbx; the heading of doc/bubblewrap.md.
always=(
	'[<>] (group|session): .*' 'A process group of its own'
	'[<>] seccomp: .*' 'A filter of system calls'
	'< fds: .*|> fds: .*' 'Open descriptors are closed'
	'[<>] userns inside: .*' 'No user namespaces inside'
	'< uid_map:  [0-9]+ 0 1 |< gid_map:  [0-9]+ 0 1 |> [ug]id_map:  [0-9]+ [0-9]+ 1 ' 'One user namespace, not two'
	'[<>] root writable: .*|[<>] mount: / tmpfs r[ow],nosuid,nodev,relatime' 'The root is read-only'
	'< dev: /dev/core .*' 'No /dev/core'
	'[<>] dev: /dev/shm directory .*|> mount: /dev/shm tmpfs rw,nosuid,nodev,relatime' '/dev/shm is a tmpfs of mode 1777'
	'< env: OLDPWD=.*' 'OLDPWD is not handed on'
	'[<>] mount: /dev tmpfs r[ow],nosuid,nodev,relatime' '/dev is read-only'
)
if is_root; then
	always+=(
		'[<>] caps: .*' 'Root keeps no capabilities'
		'> mount: /proc/[a-z_]* proc ro,nosuid,nodev,noexec,relatime' 'Root may not write /proc'
	)
fi

# describe PROGRAM... -- WORDS...: what is inside, with the exit status at the end
describe() {
	local program=()
	while [ "$1" != -- ]; do
		program+=("$1")
		shift
	done
	shift
	timeout -k 5 60 "${program[@]}" "${BASE[@]}" --proc /proc --dev /dev --setenv NAMESPACES "$namespaces" --setenv LOOK "${LOOK-}" \
		"$@" bash -c "$inside" 2>&1
	echo "status: $?"
}

# rest OTHER...: what is left of the differences on standard input without the known ones and those that match OTHER
rest() {
	local i pattern='[^<>].*'
	for ((i = 0; i < ${#always[@]}; i += 2)); do
		pattern="$pattern|${always[i]}"
	done
	for i; do
		pattern="$pattern|$i"
	done
	grep -Evx -e "$pattern"
	return 0
}

# alike NAME [-x REGEX]... [-s WORDS] [-d DIR] -- WORDS...: both with the same words; REGEX are differences of this word, WORDS
# are for sbx alone, where its defaults are others. What is left in DIR, emptied before by reset(), is compared too.
alike() {
	local name=$1 others=() more=() dir='' theirs ours before left='' why OPTIND=1 o
	shift
	while getopts x:s:d: o; do
		case $o in
		x) others+=("$OPTARG") ;;
		s) read -ra more <<<"$OPTARG" ;;
		d) dir=$OPTARG ;;
		*) echo 'Bail out! wrong use of alike' && exit 1 ;;
		esac
	done
	shift $((OPTIND - 1))
	for o in "$@"; do
		case $o in
		--[a-z]*) grep -qxe "$o" <<<"$bwrap_words" || { skip "$name" "this bubblewrap ($(bwrap --version)) does not know $o" && return; } ;;
		--) break ;;
		esac
	done
	[ -z "$dir" ] || reset "$dir"
	theirs=$(describe bwrap -- "$@")
	[ -z "$dir" ] || left=$(listing "$dir")
	[ -z "$dir" ] || reset "$dir"
	ours=$(describe "$SBX" --no-profile --seccomp none "${more[@]}" -- "$@")
	why=$(diff <(echo "$theirs") <(echo "$ours") | rest "${others[@]}")
	before=$left
	[ -z "$dir" ] || left=$(listing "$dir")
	[ "$left" = "$before" ] || why="$why
left behind by bubblewrap: $before
left behind by sbx: $left"
	same "$name" "$why" ''
}
reset() {
	rm -rf "$1"
	mkdir -p "$1/dir"
	echo content >"$1/file"
	ln -s file "$1/link"
}
listing() {
	find "$1" -mindepth 1 -printf '%P %M %s %l\n' | sort
}
D=$T/data
reset "$D"
U=(--unshare-all)
export A=1 B=2

# The list of the document is this one
missing=''
for ((i = 1; i < ${#always[@]}; i += 2)); do
	grep -qF "### ${always[i]}" "$doc" || missing="$missing
${always[i]}"
done
same 'each known difference has its section in doc/bubblewrap.md' "$missing" ''
missing=''
for word in $bwrap_words; do
	grep -qF "| \`$word\`" "$doc" || missing="$missing $word"
done
same 'each word of this bubblewrap is in the table of doc/bubblewrap.md' "$missing" ''
missing=''
while read -r word; do
	"$SBX" --help | grep -qe "--$word\\b" || missing="$missing $word"
done < <(sed -n 's/^| `--[^`]*`[^|]*| `\([a-z0-9-]*\)`.*/\1/p' "$doc")
same "each word of sbx that the table has is one of sbx" "$missing" ''

alike 'nothing but the base' -- "${U[@]}"
alike 'setenv, unsetenv' -- "${U[@]}" --setenv A 'b c' --setenv NEW '' --unsetenv B
alike 'clearenv' -- "${U[@]}" --clearenv --setenv NAMESPACES "$namespaces" --setenv PATH /usr/bin
alike 'chdir' -- "${U[@]}" --chdir /usr/bin
alike 'the current directory, where it is not there' -- "${U[@]}"
alike 'the current directory, where it is' -- "${U[@]}" --bind "$P" "$P"
alike 'the home, where the current directory is not' -- "${U[@]}" --dir "$HOME"
alike 'hostname' -- "${U[@]}" --hostname name.test
alike 'uid, gid' -- "${U[@]}" --uid 5 --gid 6
alike 'uid 0' -- "${U[@]}" --uid 0 --gid 0
LOOK='/mnt /mnt/dir /mnt/file /mnt/link /mnt/none'
for word in bind ro-bind dev-bind bind-try ro-bind-try dev-bind-try; do
	alike "$word" -d "$D" -- "${U[@]}" --$word "$D" /mnt
	alike "$word: a file" -d "$D" -- "${U[@]}" --tmpfs /mnt --$word "$D/file" /mnt/file
	alike "$word: a tree with mounts" -- "${U[@]}" --$word /sys /mnt
done
alike 'bind-try: nothing there' -- "${U[@]}" --bind-try /nonexistent /mnt --ro-bind-try /nonexistent /mnt --dev-bind-try /nonexistent /mnt
exec 7<"$D" 8<"$D/file"
alike 'bind-fd' -- "${U[@]}" --bind-fd 7 /mnt
alike 'ro-bind-fd' -- "${U[@]}" --ro-bind-fd 7 /mnt
alike 'ro-bind-fd: a file' -- "${U[@]}" --tmpfs /mnt --ro-bind-fd 8 /mnt/file
exec 7<&- 8<&-
alike 'a bind in a bind' -d "$D" -- "${U[@]}" --bind "$D" /mnt --ro-bind "$P" /mnt/dir
alike 'a bind in a read-only bind' -d "$D" -- "${U[@]}" --ro-bind "$D" /mnt --bind "$P" /mnt/dir
alike 'tmpfs' -- "${U[@]}" --tmpfs /mnt
alike 'perms, size, tmpfs' -- "${U[@]}" --perms 1777 --size 65536 --tmpfs /mnt
alike 'dir' -- "${U[@]}" --tmpfs /mnt --dir /mnt/dir
alike 'perms, dir' -- "${U[@]}" --tmpfs /mnt --perms 0700 --dir /mnt/dir
alike 'dir in a bind' -d "$D" -- "${U[@]}" --bind "$D" /mnt --perms 0750 --dir /mnt/none/below --dir /mnt/dir
alike 'symlink' -- "${U[@]}" --tmpfs /mnt --symlink ../target /mnt/link
alike 'symlink in a bind' -d "$D" -- "${U[@]}" --bind "$D" /mnt --symlink x /mnt/none
alike 'mqueue' -x '[<>] mount: /mnt mqueue rw,nosuid,nodev,noexec,relatime|< mount: /mnt mqueue rw,relatime|[<>] mount: /mnt mqueue .*' -- "${U[@]}" --mqueue /mnt
alike 'remount-ro' -d "$D" -- "${U[@]}" --bind "$D" /mnt --remount-ro /mnt
alike 'chmod' -- "${U[@]}" --tmpfs /mnt --chmod 0711 /mnt
alike 'chmod in a bind' -d "$D" -- "${U[@]}" --bind "$D" /mnt --chmod 0600 /mnt/file
printf 'first\n' >"$T/first"
# Through /proc/self/fd each opens it anew, from its beginning
again=(bash -c 'exec 7<"$0"; exec "$@"' "$T/first")
for words in '--file 7 /mnt/file' '--bind-data 7 /mnt/file' '--ro-bind-data 7 /mnt/file' '--perms 0640 --bind-data 7 /mnt/file' '--perms 0640 --file 7 /mnt/file'; do
	read -ra option <<<"$words"
	why=$(diff <(describe "${again[@]}" bwrap -- "${U[@]}" --tmpfs /mnt "${option[@]}") <(describe "${again[@]}" "$SBX" --no-profile --seccomp none -- "${U[@]}" --tmpfs /mnt "${option[@]}") |
		rest '[<>] look: /mnt/file file 6[06][06] .*' '[<>] mount: /mnt/file .*')
	same "$words" "$why" ''
done
unset LOOK
printf '%s\0' --setenv A fromfile --dir /args >"$T/args"
for words in '--args 7' '--sync-fd 7' '--block-fd 7' '--info-fd 8' '--json-status-fd 8'; do
	read -ra option <<<"$words"
	why=$(diff <(describe bash -c 'exec 7<"$0" 8>/dev/null; exec "$@"' "$T/args" bwrap -- "${U[@]}" "${option[@]}") \
		<(describe bash -c 'exec 7<"$0" 8>/dev/null; exec "$@"' "$T/args" "$SBX" --no-profile --seccomp none -- "${U[@]}" "${option[@]}") | rest)
	same "$words" "$why" ''
done
alike 'lock-file' -- "${U[@]}" --lock-file /usr/bin/env
alike 'new-session' -- "${U[@]}" --new-session
alike 'die-with-parent' -- "${U[@]}" --die-with-parent
alike 'as-pid-1' -x '[<>] fds: .*' -- "${U[@]}" --as-pid-1
alike 'disable-userns' -- "${U[@]}" --unshare-user --disable-userns
alike 'assert-userns-disabled' -- "${U[@]}" --unshare-user --disable-userns --assert-userns-disabled
alike 'cap-add' -- "${U[@]}" --cap-drop ALL --cap-add CAP_NET_RAW --cap-add cap_chown
alike 'cap-add ALL, cap-drop' -x '[<>] (uid_map|gid_map|userns inside): .*' -- "${U[@]}" --cap-add ALL --cap-drop CAP_SYS_ADMIN --cap-drop CAP_SYS_RESOURCE --cap-drop CAP_KILL
for kind in user pid net ipc uts cgroup; do
	keep='' shared=''
	for other in pid net ipc uts cgroup; do
		[ $other = $kind ] || keep="$keep --share-$other" shared="$shared$other "
	done
	# bubblewrap's 0.8 makes a second user namespace for /dev; as root it makes none at all.
	alike "unshare-$kind alone" -s "$keep" -x '[<>] (parent|pid): .*' -x '[<>] dev: /dev/pts.*' -x '< (new|shared) namespaces: .*|> new namespaces: user .*' \
		-x "> shared namespaces: ${shared}time " \
		-x '[<>] (uid_map|gid_map|setgroups|loopback|hostname): .*' -x '[<>] mount: /proc.*' -- --unshare-$kind
done
alike 'unshare-all, share-net' -- --unshare-all --share-net
alike 'unshare-user-try, unshare-cgroup-try' -- "${U[@]}" --unshare-user-try --unshare-cgroup-try
unset A B

# From the caller
for with in 'umask 027' 'ulimit -n 300' 'ulimit -c 0; ulimit -s 4096' 'trap "" HUP USR1' 'trap "" PIPE' 'nice=5' 'cd /usr'; do
	why=$(diff <(describe bash -c "$with; "'exec ${nice+nice -n $nice} "$@"' sh bwrap -- "${U[@]}") \
		<(describe bash -c "$with; "'exec ${nice+nice -n $nice} "$@"' sh "$SBX" --no-profile --seccomp none -- "${U[@]}") | rest)
	same "under $with" "$why" ''
done
why=$(diff <(describe bash -c 'exec "$@" 5</dev/null 20</dev/null' sh bwrap -- "${U[@]}") \
	<(describe bash -c 'exec "$@" 5</dev/null 20</dev/null' sh "$SBX" --no-profile --seccomp none -- "${U[@]}"))
is 'open descriptors: bubblewrap hands them all over, sbx none' matches "$why" '^< fds: .*20 '
is 'open descriptors: sbx none' matches "$why" '^> fds: $'
terminal() {
	describe "$PROBE" pty '' '' "$@" -- "${U[@]}" | tr -d '\r'
}
why=$(diff <(terminal bwrap) <(terminal "$SBX" --no-profile --seccomp none) | rest '[<>] terminal: .*' '[<>] dev: /dev/console .*' '[<>] mount: /dev/console .*')
same 'with a terminal' "$why" ''

# Namespaces of others
if ! is_root; then
	background sh -c "exec unshare --user --map-root-user --pid --fork --kill-child sleep 1000 2>/dev/null"
	holder=$!
	await 20 pgrep -P $holder >/dev/null
	await 20 sh -c 'grep -q sleep "/proc/$(pgrep -P $0 | head -n 1)/comm"' $holder
	exec 11<"/proc/$holder/ns/user" 12<"/proc/$(pgrep -P $holder | head -n 1)/ns/pid"
	other=(-x '[<>] (uid_map|gid_map|setgroups|userns inside): .*' -x '[<>] (pid|parent): .*' -x '[<>] caps: .*' -x '[<>] (new|shared) namespaces: .*'
		-x '> mount: /proc/.*' -x '[<>] mount: / .*')
	N=(--unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup)
	alike 'userns' "${other[@]}" -- "${N[@]}" --userns 11
	alike 'pidns' "${other[@]}" -- "${N[@]:1}" --userns 11 --pidns 12
	exec 11<&- 12<&-
else
	skip 'userns, pidns' 'sbx joins no user namespace for root'
fi

# Exit status: as the command's, and where bubblewrap says 1 of its own
# exits NAME THEIRS OURS WORDS...
exits() {
	local name=$1 theirs=$2 ours=$3 a b
	shift 3
	timeout 60 bwrap "${BASE[@]}" --proc /proc --dev /dev --unshare-all "$@" >/dev/null 2>&1
	a=$?
	timeout 60 "${S[@]}" --unshare-all "$@" >/dev/null 2>&1
	b=$?
	same "exit status: $name" "$a $b" "$theirs $ours"
}
for n in 0 1 2 42 125 126 127 128 137 255; do
	exits "exit $n" $n $n sh -c "exit $n"
done
# Not INT and QUIT: a shell in the background has them ignored, and so its children.
for sig in HUP KILL USR1 SEGV PIPE ALRM TERM SYS; do
	n=$((128 + $(kill -l $sig)))
	exits "killed by SIG$sig" $n $n bash -c "kill -$sig \$\$; sleep 5"
done
exits 'no command' 1 127 no-such-command
exits 'not executable' 1 126 /usr
exits 'an unknown option' 1 125 --frobnicate true
exits 'no words at all' 1 125
exits 'a set-up that fails' 1 125 --ro-bind /nonexistent /x true
exits 'a number that is none' 1 125 --uid x true
exits 'the command after --' 3 3 -- sh -c 'exit 3'
exits '--bind-fd of what is not open' 1 125 --bind-fd 99 /x true
check 'mount points are made in no directory of the host' -s 125 -e 'would leave it in the host' -- "${S[@]}" --bind "$D" /mnt --tmpfs /mnt/made true
check 'while bubblewrap leaves one' -- bwrap "${BASE[@]}" --bind "$D" /mnt --tmpfs /mnt/made sh -c 'exit 0'
is 'there it is' rmdir "$D/made"
exits 'uid 2^32' 0 125 --uid 4294967296 true
exits 'an empty source' 0 125 --bind-try '' /x true

# Command lines as programs make them: same output, same status, no difference at all.
# wild NAME WORDS...
wild() {
	local name=$1 theirs ours
	shift
	theirs=$(timeout 60 bwrap "$@" 2>/dev/null 5<"$T/args" 6<"$D/file"; echo "status $?")
	ours=$(timeout 60 "$SBX" --no-profile --seccomp none "$@" 2>/dev/null 5<"$T/args" 6<"$D/file"; echo "status $?")
	same "command line: $name" "$ours" "$theirs"
	[[ $ours != *'status 125' ]] || not_ok "command line: $name: it ran" "$ours"
}
reset "$D"
R=(--ro-bind / /)
run_id=(sh -c 'id -u; pwd; ls -d /usr/bin; echo "$HOME"; exit 7')
wild 'the whole host, read-only' "${R[@]}" "${run_id[@]}"
wild 'the whole host, as it is' --dev-bind / / "${run_id[@]}"
wild 'the whole host and all namespaces' --unshare-all "${R[@]}" --proc /proc --dev /dev "${run_id[@]}"
wild 'no network' "${R[@]}" --unshare-net sh -c 'cat /proc/net/route | wc -l'
wild 'a build: project writable, the rest not' "${R[@]}" --bind "$P" "$P" --dev /dev --proc /proc --unshare-all --chdir "$P" sh -c 'echo made >made && cat made && rm made; touch /usr/x; echo $?'
# Desktop applications: an own /usr and /etc, a runtime directory, data files, a session
wild 'an application: its own tree' --unshare-all --share-net "${BASE[@]}" --proc /proc --dev /dev --tmpfs /tmp --dir /var --symlink ../tmp /var/tmp --chdir / \
	--symlink /run /var/run sh -c 'ls -d /var/* ; readlink /var/run'
APP=("${BASE[@]}" --proc /proc --dev /dev --dir /app --tmpfs /run --dir /run/user --perms 0700 --dir "/run/user/$(id -u)" --setenv XDG_RUNTIME_DIR "/run/user/$(id -u)"
	--tmpfs /tmp --symlink /tmp /var/tmp --dir /var/cache --setenv container test --unshare-user --unshare-pid --unshare-ipc --die-with-parent --new-session)
wild 'an application: runtime directory' "${APP[@]}" sh -c 'stat -c %a "$XDG_RUNTIME_DIR"; touch "$XDG_RUNTIME_DIR/x" && ls "$XDG_RUNTIME_DIR"; echo $container'
wild 'an application: an info file' "${APP[@]}" --ro-bind-data 6 /.info sh -c 'cat /.info; stat -c %a /.info; : >/.info; echo $?'
wild 'an application: a file of its own' "${APP[@]}" --perms 0644 --file 6 /run/passwd sh -c 'cat /run/passwd; stat -c %a /run/passwd'
wild 'an application: its own user' "${APP[@]}" --uid 1234 --gid 1235 id -u
wild 'an application: options from a descriptor' --args 5 "${APP[@]}" sh -c 'echo $A; ls -d /args'
wild 'an application: dconf and fonts that may be there' "${APP[@]}" --ro-bind-try /usr/share/fonts /run/fonts --ro-bind-try /nonexistent /run/none sh -c 'ls -d /run/none; echo $?'
wild 'an application: locks its runtime' "${APP[@]}" --lock-file /usr/bin/env sh -c 'echo locked'
wild 'an application: environment' "${APP[@]}" --unsetenv HOME --setenv PATH /app/bin:/usr/bin --setenv LANG C sh -c 'echo "$PATH ${HOME-none}"'
# Package managers: the world read-only, the switch writable, no network while building
OPAM=(--unshare-net --new-session --die-with-parent --proc /proc --dev /dev --tmpfs /tmp --setenv TMPDIR /tmp --setenv TMP /tmp)
for dir in /usr /bin /lib /lib64 /etc /opt /home /var /sys; do
	[ ! -e "$dir" ] || OPAM+=(--ro-bind "$dir" "$dir")
done
wild 'a package: build' "${OPAM[@]}" --bind "$D" /tmp/build --chdir /tmp/build sh -c 'pwd; echo ok >built; cat built; rm built; touch /usr/x; echo $?'
wild 'a package: install' "${OPAM[@]}" --ro-bind "$D/dir" /tmp/dir --bind "$D" /tmp/prefix sh -c 'cp /tmp/prefix/file /tmp/prefix/copy && cat /tmp/prefix/copy; rm /tmp/prefix/copy; cp /tmp/prefix/file /tmp/dir; echo $?'
wild 'a package: wrong' "${OPAM[@]}" sh -c 'exit 31'
wild 'a package: killed' "${OPAM[@]}" sh -c 'kill -TERM $$; sleep 5'
wild 'scripts of a package' "${R[@]}" --tmpfs "$HOME" --bind "$P" "$P" --unshare-pid --unshare-net --proc /proc --dev /dev --chdir "$P" sh -c 'ls -A "$HOME"; echo "$PWD"'
# Agents: read everything, write the project, hide secrets
AGENT=("${R[@]}" --dev /dev --unshare-pid --proc /proc --unshare-net --die-with-parent --new-session --bind "$P" "$P" --tmpfs /tmp --bind "$D" "$D")
wild 'an agent: writes the project only' "${AGENT[@]}" sh -c 'echo x >x && cat x && rm x; touch /etc/x; echo $?'
wild 'an agent: secrets are covered by nothing' "${AGENT[@]}" --tmpfs "$D/dir" --ro-bind /dev/null "$D/file" sh -c 'cat "$0/file"; ls -A "$0/dir"; echo x >"$0/file"; echo $?' "$D"
wild 'an agent: what must not be written is bound over itself' "${AGENT[@]}" --ro-bind "$D/file" "$D/file" sh -c 'cat "$0/file"; echo x >"$0/file"; echo $?; touch "$0/new" && rm "$0/new" && echo new' "$D"
wild 'an agent: a shell line with quotes' "${AGENT[@]}" -- bash -c "printf '%s|' a 'b c' \"d\"; exit 5"
wild 'an agent: input' "${AGENT[@]}" sh -c 'cat; echo end'
wild 'an agent: a pipeline of exit statuses' "${AGENT[@]}" bash -o pipefail -c 'false | true'
wild 'an agent: argv0-like names stay words' "${AGENT[@]}" -- printf '%s\n' --bind / / -- -c
finish
