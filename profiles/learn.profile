# For --learn: the host read-only, home, project and /tmp writable, the host's network; hardly a sandbox
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a command can't reach can't be learned. So run what you trust, or give --profile NAME with --learn: then it is
# confined by that, and what is learned is less.
sbx-profile 1

ro-bind / /
dev /dev
dev-bind-try /dev/dri /dev/dri
dev-bind-try /dev/snd /dev/snd
dev-bind-try /dev/kvm /dev/kvm
dev-bind-try /dev/fuse /dev/fuse
proc /proc
bind /tmp /tmp
bind-try /var/tmp /var/tmp
home host
when feature:project-dir bind ${PWD} ${PWD}
include base-env
# As base-system has it: some programs look their own host up.
try hostname sbx
share-net
seccomp none
