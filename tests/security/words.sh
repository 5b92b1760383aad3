#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 13: the words of the command are never read as options, nor are values of directives.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

echo secret >"$T/secret"
printf '#!/bin/sh\nprintf "<%%s>" "$0" "$@"\n' >"$P/--bind"
chmod +x "$P/--bind"
cp "$P/--bind" "$P/--share-net"
B=("${S[@]}" --ro-bind "$P" /p --setenv PATH /p:/usr/bin:/bin)

check 'control: in front of the command the words are options' -o secret -- "${S[@]}" --ro-bind "$T" /t cat /t/secret
check 'a command named --bind, after --' -o '</p/--bind></><//><-->' -- "${B[@]}" -- --bind / // --
check 'a command named --share-net, after --' -o '</p/--share-net><--share-net>' -- "${B[@]}" -- --share-net --share-net
check 'without -- it is an option, not a command' -s 125 -- "${B[@]}" --bind
check 'only the first -- counts' -s 127 -e "can't run '--'" -- "${S[@]}" -- -- --bind / / true
for word in --bind --ro-bind=/ --dev-bind --share-net --cap-add=ALL --profile --no-profile -- --help --version --dry-run -h -; do
	check "an argument $word of the command stays one" -o "<$word></><x>" -- "${S[@]}" printf '<%s>' "$word" / x
done
check 'an option of the command in front of its arguments' -o "--dry-run=json" -- "${S[@]}" echo --dry-run=json
check 'options of the command reach it, also sbx-like ones' -N 'sandbox|profile' -O 'coreutils|Usage|usage' -- "${S[@]}" ls --help
check 'a lone - is a command' -s 127 -e "can't run '-'" -- "${S[@]}" - --share-net
check 'an empty word ends nothing' -s 125 -- "${S[@]}" '' --share-net true

# Values that look like options
check 'a value --share-net is a value' -o '--share-net|lo' -- "${S[@]}" --setenv V --share-net sh -c 'echo "$V|$(awk -F "[ :]+" "NR > 2 { print \$2 }" /proc/net/dev)"'
check 'a value -- does not end the options' -o '-- 5' -- "${S[@]}" --setenv V -- --nice 5 sh -c 'echo "$V $(nice)"'
check 'a path that looks like an option is refused as relative' -s 125 -e 'expected an absolute path' -- "${S[@]}" --tmpfs --share-net true
mkdir -p -- "$P/--share-net.d"
check 'a source that looks like one is a file' -o '' -- env -C "$P" "${S[@]}" --ro-bind --share-net.d /m ls /m
check 'argv0 may look like one' -o '--bind' -- "${S[@]}" --argv0 --bind sh -c 'echo "$0"'
cat >"$CONFIG/profiles/values.profile" <<'END'
sbx-profile 1
include default
setenv A "--share-net"
setenv B "--bind / /host"
setenv C "x\nshare-net\nbind / /host"
setenv D "${env:EVIL}"
dir "/d --share-net"
END
check 'values of a profile are never split or read again' -o "--share-net|--bind / /host|x
share-net
bind / /host|a
share-net
bind / /host
--bind / /host|lo" -- env EVIL='a
share-net
bind / /host
--bind / /host' "$SBX" --profile values sh -c 'test ! -e /host && test -d "/d --share-net" &&
	echo "$A|$B|$C|$D|$(awk -F "[ :]+" "NR > 2 { print \$2 }" /proc/net/dev)"'
check 'a variable in a path can not bring more words' -s 125 -e 'No such file' -- env EVIL='/usr /usr --share-net' sh -c '
	printf "sbx-profile 1\nro-bind \${env:EVIL} /x\n" >"$0" && exec "$@"' "$CONFIG/profiles/evil.profile" "$SBX" --profile evil true
check 'control: the same value in an unquoted shell word is more words' -o '/usr /x' -- env EVIL='/usr /x' sh -c 'echo $EVIL'
check 'a profile whose name is an option' -s 125 -e ':2:1: error: ' -- "$SBX" --profile --share-net true
check 'the name of a command never makes an option' -s 127 -- "$SBX" --quiet -- --profile=build true
finish
