#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Completions and man pages are built from the table and hold every option of --help.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# At the beginning of a line only: the text about an option can speak of `--share-…`.
options=$("$SBX" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z][a-z0-9-]*' | grep -oE -e '--.*' | sort -u)
is '--help has options' [ "$(wc -w <<<"$options")" -gt 50 ]

# found NAME FILE TRANSLATION: each option is in the file
holds() {
	local missing='' o text
	if [ ! -e "$2" ]; then
		skip "$1" "${2##*/} has not been built"
		return
	fi
	text=$(sed "$3" "$2")
	for o in $options; do
		grep -qE -e "(^|[^a-z0-9-])${o#--}([^a-z0-9-]|\$)" <<<"${text//--/ }" || missing="$missing $o"
	done
	same "$1" "$missing" ''
}
B=$top_builddir/completions
[ -e "$B/sbx" ] || B=$top_srcdir/completions
holds 'bash completion' "$B/sbx" ''
holds 'zsh completion' "$B/_sbx" ''
holds 'fish completion' "$B/sbx.fish" 's/-l //'
M=$top_builddir/man
[ -e "$M/sbx.1" ] || M=$top_srcdir/man
holds 'sbx(1)' "$M/sbx.1" 's/\\-/-/g'
for shell in bash:sbx bash:sbxctl zsh:_sbx zsh:_sbxctl fish:sbx.fish fish:sbxctl.fish; do
	file=$B/${shell#*:}
	[ -e "$file" ] || file=$top_srcdir/completions/${shell#*:}
	if ! have "${shell%:*}"; then
		skip "${shell#*:} is valid ${shell%:*}" "${shell%:*} is not installed"
	elif [ ! -e "$file" ]; then
		skip "${shell#*:} is valid ${shell%:*}" 'it has not been built'
	else
		check "${shell#*:} is valid ${shell%:*}" -E . -- "${shell%:*}" -n "$file"
	fi
done
if [ -e "$B/sbx" ] && [ -e "$B/_sbx" ]; then
	check 'bash completes an option' -O '^--ro-bind-try' -- bash -c '
		. "$1" || exit; words=(sbx --ro-bind-t); COMP_WORDS=("${words[@]}"); COMP_CWORD=1 COMP_LINE="sbx --ro-bind-t" COMP_POINT=15
		f=$(complete -p sbx | sed "s/.*-F \([^ ]*\).*/\1/"); "$f" sbx --ro-bind-t sbx; printf "%s\n" "${COMPREPLY[@]}"' bash "$B/sbx"
fi
for page in sbx.1 sbxctl.1 sbx-policy.5 sbx-profile.5; do
	if ! have man; then
		skip "$page without a warning" 'man is not installed'
	elif [ ! -e "$M/$page" ]; then
		skip "$page without a warning" 'it has not been built'
	else
		check "$page without a warning" -E . -- env MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$M/$page"
	fi
done
finish
