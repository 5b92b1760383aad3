#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 12 through the program: each row of the option table with bad values, on the command line and in a
# profile. tests/unit/test_bad_values.c says which of them are refused; here it is that the program says so as it says
# all errors: exit status 125, a location, no raw control byte, at once.
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

[ -x "${OPTGEN-$top_builddir/optgen}" ] || skip_all 'no optgen in the build directory'
"${OPTGEN-$top_builddir/optgen}" table >"$T/table"

# As long as one word may be, execve(2)
long=$(head -c 130000 /dev/zero | tr '\0' a)
values=('' "$long" -1 4294967296 18446744073709551616 1000000000000000000000000000000 $'\xff\xfe' $'a\nb' $'\e[31m\x01\xc2\x9b' --bind ../x)
tried=0 refused=0

# try COMMAND...: as run, with few processes, since there are many; what it says is kept in said
try() {
	st=0
	timeout -k 5 60 "$@" >/dev/null 2>"$T/.err" || st=$?
	err=$(<"$T/.err")
	printf '%s\n' "$err" >>"$T/said"
}

# judge WHAT WHERE: what is wrong with the last run, if anything
judge() {
	local first=${err%%$'\n'*}

	case $st in
	0) ;;
	125)

		[[ $first =~ ^$2:[0-9]+:[0-9]+:\ error:\ . ]] || echo "$1: no location: ${first:0:200}"
		;;
	*) echo "$1: exit status $st: ${err:0:200}" ;;
	esac
	[[ $err != *[$'\x01'-$'\x08'$'\x0b'-$'\x1f'$'\x7f']* ]] || echo "$1: a control byte on stderr"
	[ ${#err} -lt 20000 ] || echo "$1: ${#err} bytes on stderr"
}

while read -r name place role n; do
	bad=''
	: >"$T/said"
	[ "$n" -gt 0 ] || continue
	case $role in
	prefix) after=(--clearenv) line=clearenv ;;
	modifier) after=(--tmpfs /t) line=$'\ntmpfs /t' ;;
	*) after=() line='' ;;
	esac
	for value in "${values[@]}"; do
		args=() quoted=''
		for ((i = 0; i < n; i++)); do
			args+=("$value") quoted+=" '$value'"
		done
		if [ "$role" = optarg ]; then
			words=("--$name=$value")
		else
			words=("--$name" "${args[@]}")
		fi
		if [ "$place" != profile ]; then
			# --profile and --no-profile exclude one another
			[ "$name" = profile ] && base=() || base=(--no-profile)
			try "$SBX" ${base[@]+"${base[@]}"} "${words[@]}" "${after[@]}" --dry-run true
			bad+=$(judge "--$name '${value:0:40}'" '<command-line>')
			: $((tried++)) $((refused += st == 125))
		fi
		if [ "$place" != cli ]; then
			printf 'sbx-profile 1\n%s%s %s\n' "$name" "$quoted" "$line" >"$T/bad.profile"
			try "$SBX" --profile "$T/bad.profile" --dry-run true
			bad+=$(judge "$name '${value:0:40}' in a profile" "$T/bad.profile")
			: $((tried++)) $((refused += st == 125))
		fi
	done
	if [ "$place" != profile ] && [ "$role" != optarg ]; then
		try "$SBX" "--$name"
		bad+=$(judge "--$name without a value" '<command-line>')
		[ "$st" = 125 ] || bad+="--$name without a value is no error"
	fi
	iconv -f UTF-8 -t UTF-8 <"$T/said" >/dev/null 2>&1 || bad+="$name: not UTF-8 on stderr"
	same "$name" "$bad" ''
done <"$T/table"
is "$tried runs, $refused of them refused" [ "$tried" -gt 500 -a "$refused" -gt 300 ]

# Control
err=$'<command-line>:1:1: error: \e[31m' st=125
printf '%s\n' "$err" >"$T/.err"
same 'control: a control byte is seen' "$(judge x '<command-line>')" 'x: a control byte on stderr'
err='sbx: error: bad' st=125
same 'control: a missing location is seen' "$(judge x '<command-line>')" 'x: no location: sbx: error: bad'
st=139
is 'control: a crash is seen' matches "$(judge x '<command-line>')" '^x: exit status 139'
finish
