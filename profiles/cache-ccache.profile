# The cache of ccache(1), writable, where the host has it; include it behind build
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

bind-try ${XDG_CACHE_HOME}/ccache ${XDG_CACHE_HOME}/ccache
bind-try ${HOME}/.ccache ${HOME}/.ccache
