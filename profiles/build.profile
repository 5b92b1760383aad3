# For building: the current directory writable, everything else read-only or invisible, no network
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Caches are opt-in, since a build could leave something in them for the next one:
# --include cache-ccache, cache-cargo, cache-npm, cache-pip, cache-go.
sbx-profile 1

# Started from the home or from /, "the current directory writable" would be all that there is.
requires project-dir

include base-system
include base-tmp
include base-etc

# The same environment on every machine.
clearenv
setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
setenv HOME ${HOME}
setenv USER user
setenv LOGNAME user
setenv SHELL /bin/sh
setenv LANG C.UTF-8
setenv LC_ALL C.UTF-8
setenv TZ UTC
setenv TMPDIR /tmp
setenv XDG_RUNTIME_DIR /run/user/${UID}
when env:TERM setenv TERM ${env:TERM}
when env:NO_COLOR setenv NO_COLOR ${env:NO_COLOR}
when env:SOURCE_DATE_EPOCH setenv SOURCE_DATE_EPOCH ${env:SOURCE_DATE_EPOCH}
umask 0022

home tmpfs
bind ${PWD} ${PWD}

# System calls.
seccomp build
