# For a service of the user: a home and a runtime directory of its own, the host's network, no terminal
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The home is kept under the name `service`; give each service its own: --home persist:NAME. Without a network of
# its own that others can reach, a service would be of no use, so it has the host's: --unshare-net takes it back.
sbx-profile 1

include base-system
include base-tmp
include base-etc
include base-env
home persist
chdir ${HOME}
share-net
umask 0077
rlimit core=0

# System calls.
seccomp service
