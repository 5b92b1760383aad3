# Programs of the host read-only, an empty rest: /usr, /dev, /proc, /run
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

ro-bind /usr /usr
# /bin, /lib and their kin: links into /usr where the host has merged them, directories elsewhere.
when feature:merged-usr symlink usr/bin /bin
when feature:merged-usr symlink usr/sbin /sbin
when feature:merged-usr symlink usr/lib /lib
when feature:merged-usr when exists:/lib32 symlink usr/lib32 /lib32
when feature:merged-usr when exists:/lib64 symlink usr/lib64 /lib64
when feature:merged-usr when exists:/libx32 symlink usr/libx32 /libx32
when !feature:merged-usr ro-bind /bin /bin
when !feature:merged-usr ro-bind-try /sbin /sbin
when !feature:merged-usr ro-bind /lib /lib
when !feature:merged-usr ro-bind-try /lib32 /lib32
when !feature:merged-usr ro-bind-try /lib64 /lib64
when !feature:merged-usr ro-bind-try /libx32 /libx32

dev /dev
proc /proc
tmpfs /run
perms 0700
dir /run/user/${UID}
symlink ../run /var/run
# Not with share-uts, where the name is the host's.
try hostname sbx
