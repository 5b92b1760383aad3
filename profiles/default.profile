# For any program: the host's programs read-only, an empty home, no network, the project readable
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

include base-system
include base-tmp
include base-etc
include base-env
home tmpfs
# The current directory, but never the home itself.
when feature:cwd-in-home ro-bind ${PWD} ${PWD}

# System calls: the policy default, which holds where none is named; nested with --enable-userns.
