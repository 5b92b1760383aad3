#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 1: no destination leads out to the host, whatever links the sandbox's own directories hold.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# A directory that the attacker wrote in an earlier run, bound writable at its own path; and the victim.
V=$T/victim D=$T/attacker
mkdir -p "$V/dir" "$D" "$T/low" "$T/low2" "$T/rw" "$T/work"
echo untouched >"$V/file"
echo source >"$T/source"
listing() {
	find "$V" -printf '%P %y %m %s %l\n' | sort; cat "$V/file"
}
before=$(listing)

# Every way a link can point
links=(
	"absolute:$V"
	"relative:../victim"
	"deep:../../../../../../../../../../../..$V"
	"oldroot:/oldroot$V"
	"newroot:/newroot$V"
	"proc-fd:/proc/self/fd/3"
	"proc-cwd:/proc/self/cwd"
	"proc-root:/proc/self/root$V"
	"proc-1-root:/proc/1/root$V"
	"staging:/proc/fs/../..$V"
	"sys:/sys/kernel/../..$V"
)
# Every directive that takes a destination; @ is a place below the link
directives=(
	"--bind $T/source @/new"
	"--ro-bind $T/source @/file"
	"--dev-bind $T/source @/new"
	"--bind-try $D @/newdir"
	"--tmpfs @/new"
	"--tmpfs @/dir"
	'--dir @/new/deep'
	'--perms 0777 --dir @/dir'
	'--symlink target @/new'
	'--symlink target @/file'
	'--proc @/new'
	'--dev @/new'
	'--remount-ro @/dir'
	'--hide @/file'
	'--chdir @/dir'
	'--bind-fd 8 @/new'
	'--ro-bind-fd 8 @/file'
	'--file 9 @/new'
	'--file 9 @/file'
	'--perms 0777 --bind-data 9 @/new'
	'--bind-data 9 @/file'
	'--ro-bind-data 9 @/file'
	'--chmod 0777 @/dir'
	'--chmod 0777 @/file'
	'--mqueue @/new'
	'--mqueue @/dir'
	'--lock-file @/file'
	"--overlay-src $T/low --tmp-overlay @/new"
	"--overlay-src $T/low --overlay $T/rw $T/work @/dir"
	"--overlay-src $T/low --overlay-src $T/low2 --ro-overlay @/new"
)
touched='' seen=0
for link in "${links[@]}"; do
	ln -sfn "${link#*:}" "$D/l"
	for directive in "${directives[@]}"; do
		# shellcheck disable=SC2086 # words
		timeout 60 "${S[@]}" --bind "$D" "$D" --dir "$D" ${directive//@/"$D/l"} true 3<"$V" 8<"$T/source" 9<"$T/source" >/dev/null 2>&1
		seen=$((seen + 1))
		[ "$(listing)" = "$before" ] || touched="$touched
${link%%:*}: $directive"
		[ -z "$touched" ] || break 2
	done
done
same "$seen starts, each way a link can point by each directive: the victim is untouched" "$touched" ''
rm -f "$D/l"

# The same where the whole host is bound read-only, as in the report of CVE-2026-87766
mkdir -p "$D/E"
touched=''
for to in "/oldroot$V" "/newroot$V" "../../../../../../../..$V" "$V" "/proc/self/fd/3"; do
	ln -sfn "$to" "$D/link"
	for directive in '--dir /mnt/link/E' '--tmpfs /mnt/link/dir' "--bind $D /mnt/link/dir" '--symlink x /mnt/link/new' '--file 9 /mnt/link/new' '--file 9 /mnt/link/file' \
		'--bind-data 9 /mnt/link/file' '--chmod 0777 /mnt/link/dir' '--chmod 0777 /mnt/link/file' '--bind-fd 9 /mnt/link/file' \
		'--mqueue /mnt/link/dir' "--overlay-src $T/low --tmp-overlay /mnt/link/dir"; do
		# shellcheck disable=SC2086 # words
		timeout 60 "$SBX" --no-profile --ro-bind / / --bind "$D" /mnt $directive true 3<"$V" 9<"$T/source" >/dev/null 2>&1
		[ "$(listing)" = "$before" ] || touched="$touched
$to: $directive"
	done
done
same 'with the whole host bound read-only too' "$touched" ''

# Where it does lead: inside
ln -sfn "$V" "$D/l"
check 'the link leads to that path inside instead' -o 'inside' -- "${S[@]}" --bind "$D" /mnt --dir "$V" --ro-bind "$T/source" /mnt/l/f \
	sh -c 'test -e "$0/f" && echo inside' "$V"
check 'a magic link of /proc is not followed' -s 125 -e 'error: ' -- "${S[@]}" --symlink /proc/self/root /l --tmpfs /l/x true

# Each of the words does what it says where the link leads to a place inside, so the attacks above were none in vain
mkdir -p "$D/in/dir"
echo inside >"$D/in/file"
ln -sfn in "$D/l"
failed=''
for directive in "${directives[@]}"; do
	rm -rf "$D/in/new" "$D/in/newdir"
	mkdir -p "$D/in/dir"
	# Mount points that are missing are made in no directory of the host, and --file overwrites nothing there.
	case $directive in
	*--dir* | *--symlink*new | *--file*new) ;;
	*--file*/file | *--symlink*/file) continue ;;
	*@/newdir | *--tmpfs*/new | *--proc* | *--dev\ * | *--mqueue*new | *overlay*new) mkdir -p "$D/in/new" "$D/in/newdir" ;;
	*) : >"$D/in/new" ;;
	esac
	[[ $directive != --remount-ro* ]] || directive="--tmpfs @/dir $directive"
	# shellcheck disable=SC2086 # words
	timeout 60 "${S[@]}" --bind "$D" "$D" ${directive//@/"$D/l"} true 3<"$V" 8<"$T/source" 9<"$T/source" >/dev/null 2>"$T/.err" || failed="$failed
$directive: $(cat "$T/.err")"
done
same 'control: through a link that leads to a place inside each of them works' "$failed" ''
rm -rf "$D/in" "$D/l"
ln -sfn "$V" "$D/l"

# Controls: this is what happens without
check 'control: a plain mkdir through the link reaches the victim' -- mkdir "$D/l/new"
is 'control: there it is' [ -d "$V/new" ]
rmdir "$V/new"
if have bwrap; then
	ln -sfn "/oldroot$V" "$D/link"
	bwrap --ro-bind / / --bind "$D" /mnt --dir /mnt/link/E true >/dev/null 2>&1
	if [ -d "$V/E" ]; then
		ok "control: the installed bubblewrap falls for it ($(bwrap --version))"
		rmdir "$V/E"
	else
		skip 'control: the installed bubblewrap falls for it' "$(bwrap --version) does not"
	fi
else
	skip 'control: bubblewrap falls for it' 'bwrap is not installed'
fi
finish
