# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# For tests of what sbx does where system calls are missing or forbidden. Source it behind lib.sh.

# Sets of calls, as a kernel or a filter may lack them
# shellcheck disable=SC2034 # for the tests
MOUNT_API='open_tree move_mount mount_setattr fsopen fsconfig fsmount' PIDFD='pidfd_open pidfd_send_signal waitid-pidfd'
# shellcheck disable=SC2034
EVERYTHING="clone3 close_range openat2 $MOUNT_API $PIDFD statx faccessat2"

# use_enosys: compiles lib/enosys.c; $ENOSYS is the program
use_enosys() {
	ENOSYS=$T/enosys
	have "${CC%% *}" || skip_all "no compiler for the helper program: ${CC%% *}"
	# shellcheck disable=SC2086 # CC may have arguments
	if ! $CC -std=gnu17 -D_GNU_SOURCE -w -O1 -o "$ENOSYS" "$top_srcdir/tests/integration/lib/enosys.c"; then
		echo 'Bail out! the helper program does not compile'
		exit 1
	fi
	"$ENOSYS" openat2 -- true || skip_all 'no filters of system calls here'
}

# run_without CALLS SCRIPT: the test script SCRIPT, relative to tests/, on a kernel without CALLS; its tests are ours
run_without() {
	local line got=0 st=0
	export top_srcdir top_builddir SBX SBXCTL CC
	# shellcheck disable=SC2086 # words
	"$ENOSYS" $1 -- bash "$top_srcdir/tests/$2" >"$T/.tap" 2>"$T/.tap-err" || st=$?
	while IFS= read -r line; do
		case $line in
		'ok '*' # SKIP '*)
			line=${line#ok * - }
			skip "${line%% # SKIP *}" "${line#* # SKIP }"
			;;
		'ok '*) ok "${line#ok * - }" ;;
		'not ok '*) not_ok "${line#not ok * - }" ;;
		'1..0 # SKIP '*) skip "$2" "${line#1..0 # SKIP }" ;;
		1..*) got=1 ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$T/.tap"
	[ "$got" = 1 ] || [ "$st" -eq 0 ] || not_ok "$2 ran to its end" "status $st: $(tail -n 5 "$T/.tap" "$T/.tap-err")"
}
