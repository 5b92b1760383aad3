# The cache of pip, writable, where the host has it; include it behind build
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

bind-try ${XDG_CACHE_HOME}/pip ${XDG_CACHE_HOME}/pip
