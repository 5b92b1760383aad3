#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command's environment.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# A fixed environment for sbx itself
E=(env -i "PATH=$PATH" "HOME=$HOME" A=1 B=two 'EMPTY=' OLDPWD=/old)

check 'without a profile it is inherited' -o "A=1
B=two
EMPTY=
HOME=$HOME
PATH=$PATH
PWD=/" -- "${E[@]}" "${S[@]}" --chdir / sh -c '/usr/bin/env | LC_ALL=C sort'
check 'setenv, also of one that is there' -o 'one 2 x=y' -- \
	"${E[@]}" "${S[@]}" --setenv A one --setenv B 2 --setenv C x=y sh -c 'echo "$A $B $C"'
check 'unsetenv' -o 'unset' -- "${E[@]}" "${S[@]}" --unsetenv A sh -c 'echo ${A-unset}'
check 'unsetenv of one that is not there is no error' -- "${E[@]}" "${S[@]}" --unsetenv NONE true
check 'clearenv leaves PWD only' -o 'PWD=/' -- "${E[@]}" "${S[@]}" --chdir / --clearenv /usr/bin/env
check 'in the order that was said' -o 'B=3
C=1
PWD=/' -- "${E[@]}" "${S[@]}" --chdir / --setenv A 1 --setenv X 1 --clearenv --setenv B 2 --setenv C 1 --setenv D 1 --unsetenv D \
	--setenv B 3 /usr/bin/env
check 'PWD is where the command starts' -o '/usr/lib' -- "${E[@]}" PWD=/wrong "${S[@]}" --chdir /usr/lib sh -c 'echo $PWD'
check 'PWD can not be set to something else' -o '/usr/lib' -- \
	"${E[@]}" "${S[@]}" --chdir /usr/lib --setenv PWD /wrong /usr/bin/printenv PWD
check 'OLDPWD does not pass' -s 1 -- "${E[@]}" "${S[@]}" /usr/bin/printenv OLDPWD
check 'a value with a newline and quotes' -o $'a\n"b" \'c\'' -- "${E[@]}" "${S[@]}" --setenv V $'a\n"b" \'c\'' /usr/bin/printenv V
check 'a value that is no UTF-8' -o $'\xff' -- "${E[@]}" "${S[@]}" --setenv V $'\xff' /usr/bin/printenv V
check 'an empty value' -o 'set:' -- "${E[@]}" "${S[@]}" --setenv A '' sh -c 'echo ${A+set}:$A'
for name in '' 'A=B' '=A'; do
	check "a name '$name' is refused" -s 125 -e '^<command-line>:3:1: error: setenv: VAR' -- "$SBX" --no-profile --setenv "$name" x true
done
check 'the command is found in the PATH of the sandbox' -s 127 -- "${S[@]}" --setenv PATH /nonexistent true
check 'without PATH in the usual places' -- "${S[@]}" --clearenv true

# default: an allow-list
check 'default: exactly these variables' -o 'HOME LANG PATH PWD TERM TMPDIR XDG_RUNTIME_DIR' -- \
	"${E[@]}" LANG=C.UTF-8 TERM=dumb LD_PRELOAD= SECRET_TOKEN=x SSH_AUTH_SOCK=/x DBUS_SESSION_BUS_ADDRESS=x GITHUB_TOKEN=x \
	XDG_CONFIG_HOME="$XDG_CONFIG_HOME" "$SBX" --quiet sh -c 'echo $(/usr/bin/env | cut -d= -f1 | LC_ALL=C sort)'
check "default: PATH is fixed, HOME the caller's" -o "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin $HOME" -- \
	"$SBX" --quiet sh -c 'echo $PATH $HOME'
check 'default: language, time zone, terminal and name pass' -o 'de_DE.UTF-8 Europe/Berlin xterm me' -- \
	env LANG=de_DE.UTF-8 TZ=Europe/Berlin TERM=xterm USER=me "$SBX" --quiet sh -c 'echo $LANG $TZ $TERM $USER'
check 'default: setenv of the command line adds' -o more -- "$SBX" --quiet --setenv EXTRA more sh -c 'echo $EXTRA'

# What is shown of it
check "dry-run shows no value of the caller's variables" -N 'top-secret' -O 'variables$' -- \
	env TOKEN=top-secret "$SBX" --no-profile --dry-run true
check "nor does JSON" -N 'top-secret' -O '"TOKEN"' -- env TOKEN=top-secret "$SBX" --no-profile --dry-run=json true
finish
