# Private directories for temporary files, gone with the sandbox
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

perms 1777
tmpfs /tmp
perms 1777
tmpfs /var/tmp
