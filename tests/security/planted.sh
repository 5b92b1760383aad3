#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 15: profiles can not be planted. sbx's own directories are never writable inside, whether they exist
# yet or not, and can not be moved away. (That files of others are refused is in tests/integration/profiles.sh.)
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# The directories with the policies are made and unmade
S+=(--seccomp none)

# What a program inside tries. Everything that could bring a profile to the place where the next sbx looks.
attack='
cd "$HOME" || exit 3
umount -l .config/sbx; umount -l .config
chmod -R u+w .config/sbx; echo more >>.config/sbx/profiles/default.profile
rm -rf .config/sbx/profiles .config/sbx
mv .config/sbx .config/moved; mv .config .moved; mv .local .moved2; mv .local/share .local/moved; mv .cache .moved3
unshare --user --map-root-user --mount sh -c "umount -l .config/sbx; umount -l .config; mount -o remount,rw,bind .config/sbx; echo x >.config/sbx/new; mv .config .moved4"
mkdir -p evil/sbx/profiles && echo "sbx-profile 1" >evil/sbx/profiles/x.profile
ln -sfn ../evil/sbx .config/sbx; ln -sn "$PWD/evil" .config; mv -T evil/sbx .config/sbx; mv -T evil .config
for d in .config .local .local/share .local/state .cache .config/sbx .config/sbx/profiles .local/share/sbx/homes/x; do mkdir -p $d; done
echo "sbx-profile 1" >.config/sbx/profiles/x.profile
ln -s /tmp/x .config/sbx/profiles/y.profile
mkdir -p .config/sbx/profiles/default.profile.d && echo x >.config/sbx/profiles/default.profile.d/x.conf
echo x >.local/share/sbx/x; echo x >.local/state/sbx/x; echo x >.cache/sbx/x
'
# planted: what of it is there, as the next sbx sees it
planted() {
	local f
	for f in "$CONFIG/profiles/x.profile" "$CONFIG/profiles/y.profile" "$CONFIG/profiles/default.profile.d" "$CONFIG/new" \
		"$HOME"/.moved{,2,3,4} "$XDG_CONFIG_HOME/moved" "$HOME/.local/moved" "$HOME/.local/share/sbx/x" "$HOME/.local/state/sbx/x" "$HOME/.cache/sbx/x" "$HOME/.local/share/sbx/homes/x"; do
		[ ! -e "$f" ] && [ ! -L "$f" ] || printf '%s ' "$f"
	done
	[ ! -L "$HOME/.config" ] || printf 'the link .config '
	[ "$exists" != yes ] || cmp -s "$top_srcdir/profiles/default.profile" "$CONFIG/profiles/default.profile" || printf 'a changed profile '
	timeout 60 "$SBX" --profile x --seccomp none --dry-run true >/dev/null 2>&1 && printf 'profile x is used '
}
fresh() {
	cd /
	chmod -R u+rwX "$HOME"
	rm -rf "$HOME"
	mkdir -p "$P"
	cd "$P" || exit 1
}
with_config() {
	mkdir -p "$CONFIG"
	cp -R "$top_srcdir/profiles" "$top_srcdir/seccomp-policies" "$CONFIG"
	chmod -R u+w,go-w "$CONFIG"
}

for exists in no partly yes; do
	case $exists in
	no) title='none of the directories exists' ;;
	partly) title='only .config exists' ;;
	yes) title='they exist, with profiles' ;;
	esac
	for how in home-at-home parent root elsewhere dev-bind home-host; do
		fresh
		[ $exists = no ] || mkdir -p "$XDG_CONFIG_HOME"
		[ $exists != yes ] || with_config
		inside=$HOME
		case $how in
		home-at-home) opts=(--bind "$HOME" "$HOME") ;;
		parent) opts=(--bind "$T" "$T") ;;
		root) opts=(--bind / / --dev /dev --proc /proc) ;;
		elsewhere) opts=(--bind "$HOME" /elsewhere) inside=/elsewhere ;;
		dev-bind) opts=(--dev-bind "$HOME" "$HOME") ;;
		home-host) opts=(--home host) ;;
		esac
		run "${S[@]}" "${opts[@]}" --setenv HOME "$inside" sh -c "$attack"
		ran=$([ "$st" -ne 125 ] && [ "$st" -ne 3 ] && echo ran || echo "did not start: $err")
		same "$title, $how: nothing is planted" "$ran $(planted)" 'ran '
	done
done

# The directories themselves as sources
fresh
with_config
for dir in "$CONFIG" "$CONFIG/profiles"; do
	check "a writable bind of ${dir#"$HOME/"} is refused" -s 125 -e '^<command-line>:[0-9]+:1: error: .*never writable' -- \
		"${S[@]}" --bind "$dir" /x true
	check "a read-only one of ${dir#"$HOME/"} is not" -- "${S[@]}" --ro-bind "$dir" /x true
done
for how in --enable-userns '--cap-add SYS_ADMIN'; do
	# shellcheck disable=SC2086 # words
	check "a writable bind of what holds them is refused with $how, which could move them away" -s 125 -e "can't be guarded" -- \
		"${S[@]}" $how --bind "$HOME" /x true
done
check 'a writable bind through a link is refused' -s 125 -e 'never writable' -- sh -c 'ln -s "$0" "$1/link"; shift; exec "$@"' \
	"$CONFIG" "$T" "${S[@]}" --bind "$T/link/profiles" /x true
check 'a writable bind of .config leaves the rest of it writable' -- "${S[@]}" --bind "$XDG_CONFIG_HOME" /c sh -c 'echo x >/c/other && ! echo x 2>/dev/null >/c/sbx/x'
check 'directories given by XDG_… variables are guarded as well' -- env XDG_DATA_HOME="$T/data" sh -c '
	mkdir "$XDG_DATA_HOME"; "$@"' sh "${S[@]}" --bind "$T" /t sh -c 'mkdir -p /t/data/sbx; ! echo x 2>/dev/null >/t/data/sbx/x'
check 'the kept home of a sandbox is writable, those of others are not there' -- env -C / "${S[@]}" --home persist:mine \
	sh -c 'echo x >"$HOME/x" && ! test -e "$HOME/../other"'
same 'the home is the user'\''s for all else' "$("${S[@]}" --bind "$HOME" "$HOME" sh -c 'mkdir -p ~/.config/app && echo fine >~/.config/app/x; cat ~/.config/app/x')" fine

# Output
ln -s "$CONFIG/profiles/planted.profile" "$T/out"
for word in "$CONFIG/profiles/planted.profile" "append:$CONFIG/profiles/default.profile" "$T/out"; do
	check "standard output to ${word##*/}: refused" -s 125 -e "never writable|File exists" -- "${S[@]}" --stdout "$word" echo 'sbx-profile 1'
done
is 'and nothing was made there' [ ! -e "$CONFIG/profiles/planted.profile" ]
check 'a descriptor of a profile is not kept' -s 125 -e 'never writable' -- "${S[@]}" --keep-fd 7 true 7>>"$CONFIG/profiles/default.profile"
check 'unless it can only be read' -- "${S[@]}" --keep-fd 7 sh -c 'read -r x <&7' 7<"$CONFIG/profiles/default.profile"
check 'the guards need one mount for each directory on their way' -o 'yes' -- "${S[@]}" --bind "$HOME" /h \
	sh -c '[ "$(grep -c " /h" /proc/self/mountinfo)" -le 12 ] && echo yes'

# A link that a sandbox left where the caller lets sbx itself create or change something
ln -s "$CONFIG/profiles" "$T/way"
for words in "--file 7 $T/way/x" "--dir $T/way/x" "--symlink a $T/way/x" "--chmod 0777 $T/way" "--chmod 0777 $T/way/default.profile"; do
	# shellcheck disable=SC2086 # words
	check "$words: refused" -s 125 -e "directory of sbx's own" -- "${S[@]}" --bind "$T" "$T" $words true 7</dev/null
done
is 'and nothing was made or changed' [ ! -e "$CONFIG/profiles/x" -a ! -L "$CONFIG/profiles/x" -a "$(stat -c %a "$CONFIG/profiles")" != 777 ]
check 'control: elsewhere they work' -- "${S[@]}" --bind "$T" "$T" --file 7 "$T/f1" --dir "$T/d1" --symlink a "$T/l1" --chmod 0700 "$T/f1" true 7</dev/null
same 'and have done so' "$(stat -c '%a %F' "$T/f1" "$T/d1" "$T/l1" | tr '\n' ,)" '700 regular empty file,755 directory,777 symbolic link,'

# The current directory
cd "$P" || exit 1
printf 'sbx-profile 1\ninclude default\nsetenv EVIL yes\n' | tee here.profile default.profile sbx.profile .sbx >sh.profile
mkdir -p profiles sbx/profiles .config/sbx/profiles
cp sh.profile profiles/; cp sh.profile sbx/profiles/; cp sh.profile .config/sbx/profiles/
check 'the current directory is not searched' -o no -- "$SBX" --quiet sh -c 'echo ${EVIL-no}'
check 'a relative XDG_CONFIG_HOME does not count' -o no -- env XDG_CONFIG_HOME=. sh -c 'mkdir -p "$HOME/.config"; exec "$@"' sh "$SBX" --quiet sh -c 'echo ${EVIL-no}'

# Profiles that are elsewhere, by a link in the guarded directory: that place is guarded too.
fresh
with_config
mkdir "$HOME/dot" && mv "$CONFIG/profiles" "$HOME/dot/profiles" && ln -s ../../dot/profiles "$CONFIG/profiles"
for dir in "$HOME" "$HOME/dot" "$HOME/dot/profiles"; do
	run "${S[@]}" --bind "$dir" /w sh -c 'd=/w; [ ! -e /w/dot ] || d=/w/dot; [ ! -e $d/profiles ] || d=$d/profiles
		echo evil >$d/evil.profile; mv /w/dot /w/moved; mv /w/profiles /w/moved'
	same "nothing is planted through ${dir#"$HOME"} where profiles are linked to" \
		"$(cd "$HOME" && ls -d dot/profiles/evil.profile moved dot/moved 2>/dev/null)" ''
done
check 'control: next to it the same bind is writable' -- "${S[@]}" --bind "$HOME/dot" /w sh -c 'echo x >/w/x'
check 'with user namespaces such a bind is refused' -s 125 -e "sbx.s own directories" -- \
	"${S[@]}" --enable-userns --bind "$HOME/dot" /w true
cd "$P" || exit 1

# Another mount of the host that shows the same directories, as /data/home does that is bound on /home
if unshare --user --map-root-user --mount true 2>/dev/null; then
	fresh
	with_config
	mkdir -p "$T/other/home" "$T/other/config" "$T/other/profiles" "$T/other/plain"
	elsewhere=(unshare --user --map-root-user --mount sh -c 'cd "$0/other" && mount --bind "$HOME" home &&
		mount --bind "$HOME/.config" config && mount --bind "$HOME/.config/sbx/profiles" profiles && exec "$@"' "$T")
	for what in other:other/home/.config/sbx other:other/home/.cache/sbx other/home:other/home/.config/sbx \
		other/config:other/config/sbx other/config/sbx:other/config/sbx other/profiles:other/profiles other:other/profiles; do
		run "${elsewhere[@]}" "${S[@]}" --bind "$T/${what%:*}" "$T/${what%:*}" sh -c 'mkdir -p "$0/profiles"
			echo x >"$0/new.profile"; echo x >"$0/profiles/new.profile"; mv "$0" "$0.moved"' "$T/${what#*:}"
		same "nothing is planted in ${what#*:} by a bind of ${what%:*}" "$(cd "$HOME" && find . -name 'new.profile' -o -name '*.moved')" ''
	done
	check 'control: it can be written elsewhere' -- "${elsewhere[@]}" "${S[@]}" --bind "$T/other" /w sh -c 'echo x >/w/plain/x && echo x >/w/home/x'
	cd "$P" || exit 1
else
	skip 'nothing is planted by another mount' 'no user namespaces for unshare(1)'
fi

# The system's, where the caller may write there
if is_root; then
	run "${S[@]}" --bind / / sh -c 'for d in /etc/sbx /run/sbx; do
		mkdir -p $d/profiles && echo "sbx-profile 1" >$d/profiles/sbx-test-x.profile; done 2>/dev/null'
	check 'nothing is planted in the directories of the system' -s 125 -e "no profile 'sbx-test-x'" -- "$SBX" --profile sbx-test-x true
	made=''
	for dir in $lib_made; do
		[ ! -d "$dir" ] || [ "$(stat -c %a "$dir")" = 755 ] || made="$made $(stat -c '%n %a' "$dir")"
	done
	same 'those that were made to be guarded can be read by everyone' "$made" ''
else
	skip 'nothing is planted in the directories of the system' 'only root may write there'
fi

# Control: the same attack under other tools
fresh
with_config
run unshare --user --map-root-user --mount sh -c "$attack"
now=$(planted)
for what in "$CONFIG/profiles/x.profile" "$HOME/.local/share/sbx/homes/x" "$HOME/.moved" 'a changed profile' 'profile x is used'; do
	is "control: under unshare(1) it works: ${what#"$HOME/"}" matches "$now" "$what "
done
finish
