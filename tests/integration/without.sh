#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whole test scripts once more where system calls are missing, as an old kernel or an outer container has it.
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# shellcheck source=tests/integration/lib/without.sh
. "$top_srcdir/tests/integration/lib/without.sh"
use_enosys
# The leak check of a sanitizer build waits for ever where its tracer can't be waited for.
export ASAN_OPTIONS=detect_leaks=0

for script in mounts namespaces signals; do
	run_without "$EVERYTHING" integration/$script.sh
done
run_without 'pidfd_send_signal waitid-pidfd' integration/signals.sh
# shellcheck disable=SC2086 # words
check 'doctor says that sandboxes can start here' -O '^Sandboxes can start here' -- "$ENOSYS" $EVERYTHING -- "$SBXCTL" doctor
for feature in clone3 openat2 new-mount-api pidfd; do
	is "doctor tells that $feature is missing" matches "$out" "^$feature +no .*ENOSYS"
done
finish
