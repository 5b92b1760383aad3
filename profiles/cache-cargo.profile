# The cache of cargo, with a toolchain of rustup read-only, writable, where the host has it; include it behind build
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

ro-bind-try ${HOME}/.rustup ${HOME}/.rustup
ro-bind-try ${HOME}/.cargo/bin ${HOME}/.cargo/bin
ro-bind-try ${HOME}/.cargo/config.toml ${HOME}/.cargo/config.toml
bind-try ${HOME}/.cargo/registry ${HOME}/.cargo/registry
bind-try ${HOME}/.cargo/git ${HOME}/.cargo/git
when exists:${HOME}/.cargo/bin setenv PATH ${HOME}/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
