#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Profiles: where they are found, how they are read, what is told about errors; sbxctl profile.
# shellcheck disable=SC2016,SC1003 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

D=$CONFIG/profiles

# profile NAME LINE...: writes it, behind the version
profile() {
	local name=$1
	shift
	printf '%s\n' 'sbx-profile 1' "$@" >"$D/$name.profile"
}
who='include default
setenv WHO'
print_who=(sh -c 'echo ${WHO-nobody}')

# Search
profile mine "$who mine"
check 'a profile of the configuration directory' -o mine -- "$SBX" --profile mine "${print_who[@]}"
check 'a profile by path' -o mine -- "$SBX" --profile "$D/mine.profile" "${print_who[@]}"
cp "$D/mine.profile" ./cwd.profile
check 'the current directory is not searched' -s 125 -e "no profile 'cwd'" -e 'earched: ' -- "$SBX" --profile cwd true
check 'nor is cwd.profile a name' -s 125 -- "$SBX" --profile cwd.profile true
check 'a path in the current directory' -o mine -- "$SBX" --profile ./cwd.profile "${print_who[@]}"
rm cwd.profile
for name in '' . .. .hidden -x 'a b' $'a\nb' 'a%s'; do
	check "no name of a profile: $(printf %q "$name")" -s 125 -e ':2:1: error: ' -- "$SBX" --profile "$name" true
done

run "$SBX" --profile no-such-profile true
dirs=$(sed -n 's/.*earched: //p' <<<"$err")
etc=$(cut -d, -f2 <<<"$dirs" | tr -d ' ')
# system SCRIPT COMMAND...: COMMAND where /run, and /etc if that is where sbx looks, are empty but for what SCRIPT makes
# and the configuration directory, which is /run/me there: in a user namespace the owner of /tmp is nobody, so that
# no profile below it would be used.
MINE=/run/me/sbx/profiles
system() {
	local script=$1
	shift
	run unshare --user --map-root-user --mount sh -c '
		set -e
		mount -t tmpfs tmpfs /run
		if [ "${1#/etc/}" != "$1" ]; then mount -t tmpfs tmpfs /etc; fi
		etc=$1 run=/run/sbx/profiles
		mkdir /run/me; cp -R "$2" /run/me/sbx; export XDG_CONFIG_HOME=/run/me
		mkdir -p "$run"; [ "${1#/etc/}" = "$1" ] || mkdir -p "$etc"
		put() { mkdir -p "${1%/*}"; printf "sbx-profile 1\n%s\n" "$2" >"$1"; }
		eval "$3"; shift 3; exec "$@"' sh "$etc" "$CONFIG" "$script" "$@"
}
system 'put $run/sys.profile "setenv A run"' "$SBXCTL" profile show sys
is 'a profile of /run/sbx' matches "$out" '^setenv A run'
system 'put $run/mine.profile "setenv A run"' "$SBXCTL" profile path mine
same 'the own directory comes before /run/sbx' "$out" "$MINE/mine.profile"
if [ "${etc#/etc/}" != "$etc" ]; then
	system 'put $run/sys.profile "setenv A run"; put $etc/sys.profile "setenv A etc"' "$SBXCTL" profile path sys
	same '/etc/sbx comes before /run/sbx' "$out" "$etc/sys.profile"
	system 'put $etc/mine.profile "setenv A etc"' "$SBXCTL" profile path mine
	same 'the own directory comes before /etc/sbx' "$out" "$MINE/mine.profile"
	mkdir -p "$D/sys.profile.d"
	printf 'sbx-profile 1\nsetenv B 20-mine\n' >"$D/sys.profile.d/20-x.conf"
	: >"$D/sys.profile.d/30-masked.conf"
	system 'put $run/sys.profile "setenv A run"; put $etc/sys.profile.d/10-x.conf "setenv B 10-etc"
		put $run/sys.profile.d/20-x.conf "setenv B 20-run"; put $run/sys.profile.d/30-masked.conf "setenv B 30"
		put $run/sys.profile.d/40-x.conf "setenv B 40-run"; put $run/sys.profile.d/50-x.txt "setenv B 50"' \
		"$SBXCTL" profile path sys
	same 'drop-ins of all directories merge by name, the first of a name wins, an empty one masks' "$out" \
		"/run/sbx/profiles/sys.profile
$etc/sys.profile.d/10-x.conf
$MINE/sys.profile.d/20-x.conf
/run/sbx/profiles/sys.profile.d/40-x.conf"
	rm -r "$D/sys.profile.d"
else
	skip '/etc/sbx' "this build looks in $etc, which a test can not make"
fi
: >"$D/masked.profile"
system 'put $run/masked.profile "setenv A run"' "$SBX" --profile masked true
is 'an empty file masks a profile' matches "$st $err" "^125 .*profile 'masked' is masked by '$MINE/masked.profile'"
ln -sf /dev/null "$D/masked.profile"
system 'put $run/masked.profile "setenv A run"' "$SBX" --profile masked true
is 'a link to /dev/null masks a profile' matches "$st $err" '^125 .*is masked by'
check 'a masked profile is listed as such' -O '^masked +\(masked\)' -- "$SBXCTL" profile list
check 'and not by --names' -N '^masked' -O '^default$' -- "$SBXCTL" profile list --names
rm "$D/masked.profile"

# Drop-ins
mkdir "$D/mine.profile.d"
printf 'sbx-profile 1\nsetenv WHO second\n' >"$D/mine.profile.d/20.conf"
printf 'sbx-profile 1\nsetenv WHO first\nsetenv MORE yes\n' >"$D/mine.profile.d/10.conf"
check 'drop-ins come behind the profile, in order of their names' -o 'second yes' -- "$SBX" --profile mine sh -c 'echo $WHO $MORE'
check 'the command line comes last' -o 'third' -- "$SBX" --profile mine --setenv WHO third "${print_who[@]}"
check 'an included profile brings its drop-ins' -o second -- sh -c 'printf "sbx-profile 1\ninclude mine\n" >"$1"; shift; "$@"' sh \
	"$D/outer.profile" "$SBX" --profile outer "${print_who[@]}"
ln -s /nonexistent "$D/mine.profile.d/30.conf"
check 'a dangling drop-in is an error' -s 125 -e '30.conf' -- "$SBX" --profile mine true
rm -r "$D/mine.profile.d"

# Files that others can write
untrusted() {
	check "$1" -s 125 -e "$2" -e 'is not used' -e 'hint: ' -- "$SBX" --profile "${3-mine}" true
}
chmod o+w "$D/mine.profile"
untrusted 'a profile that others can write is refused' 'file .*mine.profile. can be written by others \(mode 0646\)'
chmod o-w,g+w "$D/mine.profile"
untrusted 'or its group' 'file .*mine.profile. can be written by others \(mode 0664\)'
chmod g-w "$D/mine.profile"
chmod o+w "$D"
untrusted 'a directory that others can write is refused' "directory '$D' can be written by others"
chmod o-w "$D"
chmod g+w "$CONFIG"
untrusted 'so is one above it' "directory '$CONFIG' can be written by others"
chmod g-w "$CONFIG"
check 'control: with the modes put right it is used' -- "$SBX" --profile mine true
mkdir "$T/open" && chmod 777 "$T/open" && cp "$D/mine.profile" "$T/open/p"
untrusted 'a profile by path in such a directory too' 'directory' "$T/open/p"
ln -s "$T/open/p" "$D/link.profile"
untrusted 'and through a link' 'directory' link
rm "$D/link.profile"
printf 'sbx-profile 1\ninclude %s\n' "$T/open/p" >"$D/including.profile"
untrusted 'and by include' 'including.profile:2:9: error: directory' including
if is_root; then
	chown 12345 "$D/mine.profile"
	untrusted 'a profile of another user is refused' 'belongs to user 12345, neither root nor you'
	chown 0 "$D/mine.profile"
else
	skip 'a profile of another user is refused' 'only root can make one'
fi
mkdir "$D/dir.profile"
check 'a directory is no profile' -s 125 -e 'not a regular file' -- "$SBX" --profile dir true
rmdir "$D/dir.profile"
mkfifo "$D/fifo.profile"
check 'a fifo is no profile, and does not hang' -s 125 -e 'not a regular file' -- timeout 20 "$SBX" --profile fifo true
rm "$D/fifo.profile"

# Errors
cat >"$D/bad.profile" <<'END'
sbx-profile 1
tmpsf /x
ro-bind /usr
nice 99
setenv A ${NOPE}
setenv A $x
when feature:nope tmpfs /x
ro-bind relative /x
bind "unclosed
END
f=$D/bad.profile
check 'all errors at once, in the form of a compiler' -s 125 \
	-e "^$f:2:1: error: unknown directive 'tmpsf' \(did you mean 'tmpfs'\?\)" \
	-e "^$f:3:1: error: ro-bind takes 2 arguments, not 1: ro-bind SRC DEST" \
	-e "^$f:4:6: error: nice: N '99': " \
	-e "^$f:5:10: error: variable \\$\{NOPE\} is unknown" \
	-e "^$f:6:10: error: '\\$' begins no variable" \
	-e "^$f:7:6: error: when: no feature 'nope'" \
	-e "^$f:8:9: error: ro-bind: SRC 'relative': a profile must name host paths from /" \
	-e "^$f:9:6: error: missing closing \"" -- "$SBX" --profile bad true
check 'profile check tells the same' -s 125 -e "^$f:2:1: error: " -e "^$f:9:6: error: " -- "$SBXCTL" profile check bad
for i in $(seq 30); do echo "nope$i"; done | cat <(echo sbx-profile 1) - >"$D/many.profile"
check 'many errors are cut off' -s 125 -e 'many.profile:21:1: error' -E 'many.profile:22:1' -e '10 more errors' -- "$SBX" --profile many true
profile inner 'nope'
profile middle '# a comment' 'include inner'
profile outer 'include middle'
check 'an error in an included file shows the way to it' -s 125 -e "^$D/inner.profile:2:1: error: unknown directive" \
	-e "^$D/middle.profile:3:9: note: included from here" -e "^$D/outer.profile:2:9: note: included from here" -- "$SBX" --profile outer true
check 'an error at a start names the line of the profile' -s 125 -e "^$D/late.profile:3:1: error: can't mount '/nonexistent'" -- \
	sh -c 'printf "sbx-profile 1\ninclude default\nbind /nonexistent /x\n" >"$1"; shift; "$@"' sh "$D/late.profile" "$SBX" --profile late true
printf 'tmpfs /x\n' >"$D/noversion.profile"
check 'the version comes first' -s 125 -e 'noversion.profile:1:1: error: the first directive must be .sbx-profile 1.' -- "$SBX" --profile noversion true
printf 'sbx-profile 2\n' >"$D/newer.profile"
check 'another version is refused' -s 125 -e "newer.profile:1:13: error: profile language '2' is not known" -- "$SBX" --profile newer true
printf 'sbx-profile 1\nnice \xff\n' >"$D/latin1.profile"
check 'what is no UTF-8 is refused' -s 125 -e 'latin1.profile:2:6: error: text is not UTF-8' -- "$SBX" --profile latin1 true
printf 'sbx-profile 1\nnice \0001\n' >"$D/nul.profile"
check 'a NUL byte is refused' -s 125 -e 'nul.profile:2:6: error: NUL byte' -- "$SBX" --profile nul true
profile self 'include self'
check 'a loop of includes' -s 125 -e 'includes itself' -- "$SBX" --profile self true
for i in $(seq 20); do profile "deep$i" "include deep$((i + 1))"; done
profile deep21
check 'includes that are too deep' -s 125 -e 'nested more than 16 deep' -- "$SBX" --profile deep1 true
check 'includes that are deep' -O . -- "$SBXCTL" profile show deep8
rm -f "$D"/{bad,many,inner,middle,outer,late,noversion,newer,latin1,nul,self,deep*,including}.profile

# Language
profile lang "include default" "setenv A 'single # \${HOME} \\'" 'setenv B "double \"\${HOME}\" ${HOME}" # comment' 'setenv C a\ b\#c' \
	'setenv D \' '   joined' 'setenv E pre${PROFILE}post' 'setenv F "\x41\n\t|"' 'setenv G "${env:VALUE}"' '   # only a comment' '' \
	'when env:UNSET setenv H ${env:UNSET}' 'when !env:UNSET setenv I unset' 'when exists:/usr setenv J usr' \
	'when exists:/usr when !exists:/nonexistent setenv K both' 'when exists:/nonexistent include nope' 'when feature:userns setenv L userns'
check 'quotes, escapes, comments, joins, variables, conditions' -o "single # \${HOME} \\
double \"\${HOME}\" $HOME
a b#c
joined
prelangpost
A
	|
\$(touch x) * \`y\`
unset|unset|usr|both|userns" -- env VALUE='$(touch x) * `y`' "$SBX" --profile lang sh -c \
	'printf "%s\n" "$A" "$B" "$C" "$D" "$E" "$F" "$G" "${H-unset}|$I|$J|$K|$L"'
check 'a variable that is not set is an error, with advice' -s 125 -e 'unset.profile:2:10: error: variable \$\{env:UNSET\} is not set' -e 'hint: .*when env:UNSET' -- \
	sh -c 'printf "sbx-profile 1\nsetenv A \${env:UNSET}\n" >"$1"; shift; "$@"' sh "$D/unset.profile" "$SBX" --profile unset true
check 'variables are not expanded on the command line' -o '${HOME}' -- "$SBX" --quiet --setenv A '${HOME}' sh -c 'echo "$A"'
profile try 'include default' 'try bind /nonexistent /mnt' 'try nice -20' 'setenv DONE yes'
check 'try: what the host can not do is skipped with a notice' -o yes -e "^$D/try.profile:3:5: notice: skipped: .*nonexistent" -- \
	"$SBX" --profile try sh -c 'echo $DONE'
profile tryword 'include default' 'try nice 99'
check 'try does not excuse a wrong word' -s 125 -e 'tryword.profile:3:10: error' -- "$SBX" --profile tryword true
profile requires 'requires merged-usr' 'requires nope'
check 'requires: an unknown feature' -s 125 -e "requires.profile:3:10: error: requires: no feature 'nope'" -- "$SBX" --profile requires true
rm -f "$D"/{unset,tryword,requires}.profile

# sbxctl profile
check 'list: names and what they are for' -O '^build +For building' -- "$SBXCTL" profile list
check 'list --json' -O '"name": ?"build"' -- "$SBXCTL" profile list --json
check 'path' -o "$D/default.profile" -- "$SBXCTL" profile path default
check 'show: the directives with where they come from' -O "^tmpfs /var/tmp +# $D/[a-z-]+.profile:[0-9]+:1" -- "$SBXCTL" profile show default
check 'show: a profile with errors' -s 125 -e "no profile 'nope'" -- "$SBXCTL" profile show nope
check 'unknown verb' -s 125 -e "unknown verb 'profile lst'" -- "$SBXCTL" profile lst
check 'check: every shipped profile is without a warning' -E 'error|warning' -- \
	"$SBXCTL" profile check --werror default build strict base-system base-etc base-env cache-ccache cache-cargo cache-go cache-npm cache-pip
system 'echo 0 >/proc/sys/user/max_user_namespaces' "$SBXCTL" profile check --werror default build strict
same 'check: needs no user namespaces' "$st$err" 0
profile doubtful 'ro-bind /nonexistent /x' 'tmpfs /a/b' 'tmpfs /a'
check 'check: doubts are warnings' -e "^$D/doubtful.profile:2:1: warning: '/nonexistent' does not exist" \
	-e 'doubtful.profile:4:1: warning: tmpfs covers' -- "$SBXCTL" profile check doubtful
check 'check --werror: and count as errors' -s 125 -e warning -- "$SBXCTL" profile check --werror doubtful
directives() {
	"$SBXCTL" profile show --json "$1" | jq -c '.directives[] | del(.origin)'
}
for name in default build strict lang; do
	if ! have jq; then
		skip "what show prints for $name is read again as the same" 'jq is not installed'
		continue
	fi
	export VALUE=x
	"$SBXCTL" profile show "$name" >"$D/again.profile"
	is "what show prints for $name is something" grep -q '^tmpfs' "$D/again.profile"
	same "what show prints for $name is read again as the same" "$(directives again 2>&1)" "$(directives "$name")"
	unset VALUE
done
finish
