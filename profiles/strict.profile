# For code that nobody trusts: no project, no home, small temporary directories, tight limits
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

include base-system
include base-etc

clearenv
setenv PATH /usr/local/bin:/usr/bin:/bin
setenv HOME /tmp
setenv LANG C.UTF-8
setenv TZ UTC
setenv TMPDIR /tmp
when env:TERM setenv TERM ${env:TERM}

perms 1777
size 64M
tmpfs /tmp
remount-ro /run
chdir /tmp
rlimit core=0
rlimit nofile=256
rlimit nproc=64
rlimit fsize=64M
rlimit memlock=0

# The policy strict would be tighter still, but has no processes: for one program, `--seccomp strict`.
seccomp service
