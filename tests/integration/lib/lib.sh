# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the tests of tests/integration and tests/security share: a place of their own, TAP, ways to run sbx.
# Source it first, call `finish` last. The environment gives SBX, SBXCTL, top_srcdir, top_builddir and CC;
# run by hand, the build is ./build.
#
# $T is a temporary directory that is removed at the end; $HOME, $T/home, is in it and has the tree's profiles and
# policies in its configuration directory. The current directory is $P, a project below that home.
set -u
umask 022
export LC_ALL=C
exec </dev/null

top_srcdir=${top_srcdir-$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)}
top_builddir=${top_builddir-$top_srcdir/build}
SBX=${SBX-$top_builddir/sbx} SBXCTL=${SBXCTL-$top_builddir/sbxctl} CC=${CC-cc}
# Variables of the session that decide what sbx does
unset XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR CDPATH ENV BASH_ENV TMOUT
# chroot(8) and its like: a user's PATH does not lead there on Debian.
PATH=$PATH:/usr/sbin:/sbin
# A core file would be left behind where a test kills its command.
ulimit -c 0

lib_n=0 lib_failed=0 lib_pids='' lib_made=''
out='' err='' st=0

cleanup() {
	local pid
	for pid in $lib_pids; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	# Innermost first; one that is not empty is not ours.
	[ -z "$lib_made" ] || printf '%s\n' "$lib_made" | sort -r | while read -r dir; do
		rmdir "$dir" 2>/dev/null
	done
	cd /
	chmod -R u+rwX "$T" 2>/dev/null
	rm -rf "$T"
}

T=$(mktemp -d "${TMPDIR:-/tmp}/sbx-test.XXXXXX") || exit 1
T=$(cd "$T" && pwd -P)
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
chmod 755 "$T"
export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config
CONFIG=$XDG_CONFIG_HOME/sbx P=$HOME/project
mkdir -p "$CONFIG" "$P"
cp -R "$top_srcdir/profiles" "$top_srcdir/seccomp-policies" "$CONFIG"
chmod -R u+w,go-w "$CONFIG"
cd "$P" || exit 1

is_root() {
	[ "$(id -u)" -eq 0 ]
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# ok NAME, not_ok NAME [WHY], skip NAME REASON: the result of one test
ok() {
	lib_n=$((lib_n + 1))
	echo "ok $lib_n - $1"
}

not_ok() {
	lib_n=$((lib_n + 1)) lib_failed=$((lib_failed + 1))
	echo "not ok $lib_n - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
}

skip() {
	lib_n=$((lib_n + 1))
	echo "ok $lib_n - $1 # SKIP $2"
}

# is NAME CONDITION...: the test passes if the command is true
is() {
	local name=$1
	shift
	if "$@"; then
		ok "$name"
	else
		not_ok "$name" "false: $*"
	fi
}

# same NAME GOT WANTED
same() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got: $2
wanted: $3"
	fi
}

# matches TEXT PATTERN: like [[ =~ ]], but '^' and '$' are the ends of lines
matches() {
	grep -Eq -e "$2" <<<"$1"
}

# run COMMAND...: sets st (exit status), out and err. What hangs is ended after $time_limit seconds.
time_limit=120
run() {
	st=0
	timeout -k 5 "$time_limit" "$@" >"$T/.out" 2>"$T/.err" || st=$?
	out=$(tr -d '\0' <"$T/.out")
	err=$(tr -d '\0' <"$T/.err")
}

# check NAME [-s STATUS] [-o OUTPUT] [-O REGEX] [-N REGEX] [-e REGEX] [-E REGEX] -- COMMAND...
# Runs COMMAND; wanted are exit status STATUS (0 if not said), exactly OUTPUT, output with (-O) and without (-N) a
# line that matches, stderr with (-e) and without (-E) one. -e can be repeated.
check() {
	local name=$1 status=0 want='' has_want=no yes='' no='' errs=() no_err='' why='' re OPTIND=1 o
	shift
	while getopts s:o:O:N:e:E: o; do
		case $o in
		s) status=$OPTARG ;;
		o) want=$OPTARG has_want=yes ;;
		O) yes=$OPTARG ;;
		N) no=$OPTARG ;;
		e) errs+=("$OPTARG") ;;
		E) no_err=$OPTARG ;;
		*) echo 'Bail out! wrong use of check' && exit 1 ;;
		esac
	done
	shift $((OPTIND - 1))
	run "$@"
	[ "$st" = "$status" ] || why="$why; exit status $st, not $status"
	[ $has_want = no ] || [ "$out" = "$want" ] || why="$why; output is not: $want"
	[ -z "$yes" ] || matches "$out" "$yes" || why="$why; output does not match $yes"
	[ -z "$no" ] || ! matches "$out" "$no" || why="$why; output matches $no"
	for re in ${errs[@]+"${errs[@]}"}; do
		matches "$err" "$re" || why="$why; stderr does not match $re"
	done
	[ -z "$no_err" ] || ! matches "$err" "$no_err" || why="$why; stderr matches $no_err"
	if [ -z "$why" ]; then
		ok "$name"
	else
		not_ok "$name" "${why#; }
command: $*
output: $out
stderr: $err"
	fi
}

# finish: the plan; call it last
finish() {
	echo "1..$lib_n"
	[ "$lib_failed" -eq 0 ]
	exit
}

# skip_all REASON: nothing of this file can be tested here
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# use_probe: compiles lib/probe.c; $PROBE is the program
use_probe() {
	PROBE=$T/probe
	have "${CC%% *}" || skip_all "no compiler for the helper program: ${CC%% *}"
	# shellcheck disable=SC2086 # CC may have arguments
	if ! $CC -std=gnu17 -D_GNU_SOURCE -w -O1 -o "$PROBE" "$top_srcdir/tests/integration/lib/probe.c"; then
		echo 'Bail out! the helper program does not compile'
		exit 1
	fi
}

# use_python: $python is a python3 that runs in a sandbox of $S too
use_python() {
	for python in /usr/bin/python3 "$(command -v python3)"; do
		"${S[@]}" "$python" -c 'import ctypes' >/dev/null 2>&1 && return
	done
	skip_all 'there is no python3 that runs in a sandbox'
}

# await SECONDS COMMAND...: until the command is true, at most that long
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# running MARK: whether a process runs that has MARK in its arguments
running() {
	pgrep -f -- "$1" >/dev/null
}

gone() {
	! running "$1"
}

# background COMMAND...: starts it; $! is its pid; it is killed at the end at the latest
background() {
	"$@" &
	lib_pids="$lib_pids $!"
}

# $BASE: the host's programs in an otherwise empty root. $S: sbx with just that and /proc and /dev, no profile.
BASE=(--ro-bind /usr /usr)
for lib_dir in bin sbin lib lib32 lib64 libx32; do
	if [ -L "/$lib_dir" ]; then
		BASE+=(--symlink "$(readlink "/$lib_dir")" "/$lib_dir")
	elif [ -d "/$lib_dir" ]; then
		BASE+=(--ro-bind "/$lib_dir" "/$lib_dir")
	fi
done
# Libraries in other places than the default ones
BASE+=(--ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --ro-bind-try /etc/alternatives /etc/alternatives)
# shellcheck disable=SC2034 # for the tests
S=("$SBX" --no-profile "${BASE[@]}" --dev /dev --proc /proc)

# Where root binds / writable sbx makes its directories of the system, to guard them: those are removed at the end.
if is_root; then
	while read -r lib_dir; do
		while [ -n "$lib_dir" ] && [ ! -e "$lib_dir" ]; do
			lib_made="$lib_made
$lib_dir"
			lib_dir=${lib_dir%/*}
		done
	done < <("$SBX" --profile no-such-profile true 2>&1 | sed -n 's/.*earched: //p' | tr -s ', ' '\n' | grep -v "^$CONFIG" | sed 's|/profiles$||')
fi

# No test below says anything where no sandbox can start; what does say it is sbxctl doctor.
if ! timeout 60 "$SBX" --no-profile "${BASE[@]}" true 2>"$T/.err"; then
	if unshare -Urm true 2>/dev/null; then
		cat "$T/.err" >&2
		echo 'Bail out! user namespaces work here, but sbx does not start'
		exit 1
	fi
	skip_all "no user namespaces here: $(head -n 1 "$T/.err")"
fi
