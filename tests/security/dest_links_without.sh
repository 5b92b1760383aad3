#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The attacks of dest_links.sh and planted.sh, with their controls, where sbx has to go the older ways: without
# openat2(2), without the mount API, without all that may be missing.
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# shellcheck source=tests/integration/lib/without.sh
. "$top_srcdir/tests/integration/lib/without.sh"
use_enosys

for calls in openat2 "$MOUNT_API" "$EVERYTHING"; do
	echo "# without $calls"
	run_without "$calls" security/dest_links.sh
done
run_without "$EVERYTHING" security/planted.sh
finish
