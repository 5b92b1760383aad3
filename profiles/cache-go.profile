# The cache of Go modules and builds, writable, where the host has it; include it behind build
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

bind-try ${HOME}/go/pkg/mod ${HOME}/go/pkg/mod
bind-try ${XDG_CACHE_HOME}/go-build ${XDG_CACHE_HOME}/go-build
