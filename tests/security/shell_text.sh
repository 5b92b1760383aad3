#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 14: no text reaches a shell, through whatever directive. (File names in every directive are in
# tests/integration/mounts.sh; here are the other texts, profiles and the helpers.)
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

mkdir "$T/traps"
trap_file=$T/traps/touched
evil=(
	"\$(touch $trap_file);#" "\`touch $trap_file\`" "; touch $trap_file;" "| touch $trap_file" "&& touch $trap_file" "'; touch $trap_file; '"
	"\"; touch $trap_file; \"" $'x\ntouch '"$trap_file"$'\n#' "x & touch $trap_file &" "\${IFS}touch\${IFS}$trap_file" "%n%s%p" "() { :;}; touch $trap_file"
)
for text in "${evil[@]}"; do
	shown=$(printf %q "$text" | sed "s|$T|\$T|g" | cut -c 1-40)
	check "in an argument: $shown" -o "$text" -- "${S[@]}" /usr/bin/printf %s "$text"
	check "in a value: $shown" -o "$text" -- "${S[@]}" --setenv V "$text" /usr/bin/printenv V
	check "as the command: $shown" -s 127 -- "${S[@]}" "x$text"
	# As a quoted word of a profile
	quoted=${text//\\/\\\\}
	quoted=${quoted//\"/\\\"}
	quoted=${quoted//\$/\\\$}
	quoted=${quoted//$'\n'/\\n}
	printf 'sbx-profile 1\ninclude default\nsetenv V "%s"\ndir "/d/%s"\nsetenv W "${env:EVIL}"\n' "$quoted" "$quoted" >"$CONFIG/profiles/evil.profile"
	check "in a profile: $shown" -o "$text|$text" -- env "EVIL=$text" "$SBX" --profile evil sh -c 'printf "%s|%s" "$V" "$W"'
	# In the places of the home and the caller's environment
	mkdir -p "$T/homes/$text/.config" "$T/homes/$text/p"
	check "in HOME: $shown" -o "$text" -- env -C "$T/homes/$text/p" "HOME=$T/homes/$text" "USER=$text" "SHELL=$text" "TERM=$text" "XDG_RUNTIME_DIR=/$text" \
		"$SBX" --quiet --profile default sh -c 'printf %s "$USER"'
	for option in --hostname --profile --nice --rlimit --map-user --cap-add --home --include --map-users; do
		timeout 60 "$SBX" $option "$text" true >/dev/null 2>&1
	done
	timeout 60 "$SBXCTL" profile show "$text" >/dev/null 2>&1
done
is 'no shell has run any of it' [ ! -e "$trap_file" ]
sh -c "echo ${evil[0]}" >/dev/null
is 'control: a shell does' [ -e "$trap_file" ]
finish
