#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A project that nobody here wrote: a source package of Debian is configured, built and tested in the build sandbox.
# apt works on lists and caches of its own; the system's stay as they are. Skipped where no archive is reached.
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

for tool in apt-get dpkg-source make gcc; do
	have $tool || skip_all "$tool is not installed"
done

# The archives that the system takes binaries from, as sources
A=$T/apt
mkdir -p "$A/lists/partial" "$A/cache/archives/partial" "$A/src"
if is_root; then
	# apt fetches as this user.
	chmod 777 "$A/src" "$A/lists/partial" "$A/cache/archives/partial"
fi
{
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
		sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]*(debian|ubuntu)[^ ]*) +([^ ]+) .*\<main\>.*/deb-src \1\2 \4 main/p'
	cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '
		function flush(  i, n, s, u, m, k) {
			if (types ~ /deb/ && uris ~ /debian|ubuntu/ && parts ~ /(^| )main( |$)/) {
				m = split(uris, u, " "); n = split(suites, s, " ")
				for (k = 1; k <= m; k++) for (i = 1; i <= n; i++)
					print "deb-src" (key != "" ? " [signed-by=" key "]" : ""), u[k], s[i], "main"
			}
			types = uris = suites = parts = key = ""
		}
		/^#/ { next }
		/^[[:space:]]*$/ { flush() }
		{ name = tolower($1); value = $0; sub(/^[^:]*:[[:space:]]*/, "", value) }
		name == "types:" { types = value }
		name == "uris:" { uris = value }
		name == "suites:" { suites = value }
		name == "components:" { parts = value }
		name == "signed-by:" { key = value }
		END { flush() }'
} | grep -v -e -security -e -updates -e -backports | sort -u >"$A/sources.list"
[ -s "$A/sources.list" ] || skip_all 'no archive of Debian or Ubuntu in the configuration of apt'
apt=(apt-get -q -o "Dir::State::lists=$A/lists" -o "Dir::Cache=$A/cache" -o "Dir::Etc::sourcelist=$A/sources.list"
	-o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User= -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20
	-o Acquire::Languages=none -o APT::Update::Post-Invoke= -o APT::Update::Post-Invoke-Success= -o DPkg::Post-Invoke= -o Debug::NoLocking=1)
run timeout 100 "${apt[@]}" update
if [ "$st" -ne 0 ] || matches "$err" '^(W|E|Err):? '; then
	skip_all "the archive is not reached: $(head -n 1 <<<"$err")"
fi

cd "$A/src" || exit 1
project=
for package in hello zlib; do
	run timeout 100 "${apt[@]}" source "$package"
	project=$(find . -maxdepth 1 -type d -name "$package-*" | head -n 1)
	[ "$st" -ne 0 ] || [ -z "$project" ] || break
	project=
done
[ -n "$project" ] || skip_all "the source is not to be had: $(grep -E '^E' <<<"$err" | head -n 1)"

# Into the home, as a project is
mv "$project" "$HOME/project/source"
cd "$HOME/project/source" || exit 1
B=("$SBX" --profile build)
jobs=$(nproc)
# A slow machine is no error: its ./configure of hello takes longer than what hangs may elsewhere.
# shellcheck disable=SC2034 # for run
time_limit=1200
check "$package: ./configure in the sandbox" -- "${B[@]}" ./configure
check "$package: make" -- "${B[@]}" make -j "$jobs"
if have makeinfo || [ "$package" != hello ]; then
	check "$package: make check" -- "${B[@]}" make -j "$jobs" check
else
	check "$package: make check" -- "${B[@]}" make -j "$jobs" check MAKEINFO=true
fi
[ "$package" != hello ] || check 'the program that was built runs' -O '^Hello, world' -- "${B[@]}" ./hello
same 'nothing else appeared in the home' "$(ls -A "$HOME")" '.config
project'
check 'control: there is no network in there' -s 1 -- "${B[@]}" bash -c ': </dev/tcp/deb.debian.org/80' 2>/dev/null
finish
