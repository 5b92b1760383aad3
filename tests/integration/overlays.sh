#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# overlay-src, overlay, tmp-overlay, ro-overlay
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

D=$T/layers
mkdir -p "$D/low/dir" "$D/mid" "$D/top" "$D/rw" "$D/work"
echo low | tee "$D/low/low" "$D/low/mid" "$D/low/top" >"$D/low/dir/file"
echo mid | tee "$D/mid/mid" >"$D/mid/top"
echo top >"$D/top/top"
before=$(cd "$D" && find low mid top -printf '%p %m %s\n' | sort)
L=(--overlay-src "$D/low" --overlay-src "$D/mid" --overlay-src "$D/top")

if ! "${S[@]}" "${L[@]}" --ro-overlay /o true 2>"$T/.err"; then
	grep -Eq 'No such device|Operation not permitted|Invalid argument' "$T/.err" && skip_all "no overlays for users here: $(head -n 1 "$T/.err")"
fi

# ro-overlay: order
check 'ro-overlay: a later layer covers an earlier one' -o 'low
mid
top
low' -- "${S[@]}" "${L[@]}" --ro-overlay /o cat /o/low /o/mid /o/top /o/dir/file
check 'ro-overlay: the other way round' -o 'low
low' -- "${S[@]}" --overlay-src "$D/top" --overlay-src "$D/mid" --overlay-src "$D/low" --ro-overlay /o cat /o/mid /o/top
check 'ro-overlay: read-only' -s 1 -e 'Read-only' -- "${S[@]}" "${L[@]}" --ro-overlay /o touch /o/x
check 'ro-overlay: one layer is too few' -s 125 -e 'ro-overlay needs at least 2 overlay-src before it, not 1' -- "${S[@]}" --overlay-src "$D/low" --ro-overlay /o true
check 'tmp-overlay: no layer is too few' -s 125 -e 'at least 1 overlay-src' -- "${S[@]}" --tmp-overlay /o true
check 'overlay-src for nothing' -s 125 -e 'overlay-src is not followed by overlay' -- "${S[@]}" --overlay-src "$D/low" --tmpfs /o true

# tmp-overlay
check 'tmp-overlay: changes are seen' -o 'new
gone' -- "${S[@]}" "${L[@]}" --tmp-overlay /o sh -c 'echo new >/o/dir/file; rm /o/low; cat /o/dir/file; [ -e /o/low ] || echo gone'
check 'tmp-overlay: and thrown away' -o 'low
low' -- "${S[@]}" "${L[@]}" --tmp-overlay /o cat /o/dir/file /o/low
check 'tmp-overlay: two of the same layers are two' -o 'low' -- "${S[@]}" --overlay-src "$D/low" --tmp-overlay /a --overlay-src "$D/low" --tmp-overlay /b \
	sh -c 'echo new >/a/low; cat /b/low'
check 'tmp-overlay: the mode of the top layer' -o '751' -- bash -c 'chmod 751 "$0"; exec "$@"' "$D/top" "${S[@]}" "${L[@]}" --tmp-overlay /o stat -c %a /o
chmod 755 "$D/top"
check 'tmp-overlay: mounts may go into it, without a place for them' -o usr -- "${S[@]}" "${L[@]}" --tmp-overlay /o --ro-bind "$D" /o/new/place --dir /o/d sh -c '[ -d /o/new/place/low ] && echo usr'
same 'the layers are as they were' "$(cd "$D" && find low mid top -printf '%p %m %s\n' | sort)" "$before"

# overlay
check 'overlay: changes are kept' -- "${S[@]}" "${L[@]}" --overlay "$D/rw" "$D/work" /o sh -c 'echo new >/o/dir/file; mkdir /o/made; rm /o/low; echo x >/o/made/x'
same 'overlay: in RWSRC' "$(cd "$D/rw" && find . -type f -printf '%P\n' | sort; cat "$D/rw/dir/file")" 'dir/file
made/x
new'
check 'overlay: and found again' -o 'new x' -- "${S[@]}" "${L[@]}" --overlay "$D/rw" "$D/work" /o sh -c '[ ! -e /o/low ] && echo $(cat /o/dir/file /o/made/x)'
same 'overlay: the layers are as they were' "$(cd "$D" && find low mid top -printf '%p %m %s\n' | sort)" "$before"
check 'overlay: RWSRC as a layer of the next' -o new -- "${S[@]}" --overlay-src "$D/low" --overlay-src "$D/rw" --ro-overlay /o cat /o/dir/file
check 'overlay: WORKDIR on another filesystem' -s 125 -e "can't mount an overlay on '/o'" -e 'hint: ' -- "${S[@]}" --seccomp none "${L[@]}" --overlay "$D/rw" /dev/shm /o true
check 'overlay: RWSRC and WORKDIR the same' -s 125 -e "can't mount an overlay on '/o'" -e 'hint: ' -- "${S[@]}" --seccomp none "${L[@]}" --overlay "$D/rw" "$D/rw" /o true
check 'overlay: RWSRC missing' -s 125 -e "'$D/none': No such file" -- "${S[@]}" "${L[@]}" --overlay "$D/none" "$D/work" /o true
check 'overlay: WORKDIR missing' -s 125 -e "'$D/none': No such file" -- "${S[@]}" "${L[@]}" --overlay "$D/rw" "$D/none" /o true
check 'overlay: a layer missing' -s 125 -e "'$D/none': No such file" -- "${S[@]}" --overlay-src "$D/none" "${L[@]}" --ro-overlay /o true
check 'overlay: a layer that is a file' -s 125 -e "'$D/low/low': Not a directory" -- "${S[@]}" --overlay-src "$D/low/low" "${L[@]}" --ro-overlay /o true
check 'try overlay: skipped with a notice' -o ran -e 'notice: skipped: .*an overlay on' -- "${S[@]}" "${L[@]}" --try --overlay "$D/none" "$D/work" /o echo ran
check 'overlay: a missing place in a bind is not made on the host' -s 125 -e 'would leave it in the host' -- "${S[@]}" --bind "$D" /d "${L[@]}" --tmp-overlay /d/none true

# How many, and how they are called
bad=''
for n in 1 2 3 5 8 9 10 11 12 13 20 40; do
	layers=() want=''
	for ((i = 1; i <= n; i++)); do
		mkdir -p "$D/many/a-rather-long-name-of-a-layer-$i"
		echo $i | tee "$D/many/a-rather-long-name-of-a-layer-$i/same" >"$D/many/a-rather-long-name-of-a-layer-$i/$i"
		layers+=(--overlay-src "$D/many/a-rather-long-name-of-a-layer-$i")
	done
	run "${S[@]}" "${layers[@]}" --tmp-overlay /o sh -c 'echo $(ls /o | wc -l) $(cat /o/same)'
	[ "$out" = "$((n + 1)) $n" ] || bad="$bad
$n: $out $err"
done
if [ -n "$bad" ] && ! printf '%s\n6.5\n' "$(uname -r)" | sort -VC -r; then
	skip 'layers from 1 to 40' "more than about ten need Linux 6.5: $bad"
else
	same 'layers from 1 to 40' "$bad" ''
fi
bad=''
for name in 'with space' 'with:colon' 'with,comma' 'back\slash' 'quote"' "it's" $'new\nline' '*' '\054' 'ümlaut' $'\xff' 'lowerdir=x,upperdir=y' "$(printf %0250d 0)"; do
	mkdir -p "$D/odd/$name/l" "$D/odd/$name/rw" "$D/odd/$name/work"
	echo here >"$D/odd/$name/l/f"
	run "${S[@]}" --seccomp none --overlay-src "$D/odd/$name/l" --overlay "$D/odd/$name/rw" "$D/odd/$name/work" /o sh -c 'cat /o/f; echo x >/o/new'
	[ "$st $out" = '0 here' ] && [ -e "$D/odd/$name/rw/new" ] || bad="$bad
$(printf %q "$name"): $out $err"
done
same 'names of every kind' "$bad" ''
ln -s low "$D/link"
ln -s rw "$D/rwlink"
check 'layers through links' -o 'low new' -- "${S[@]}" --seccomp none --overlay-src "$D/link" --overlay "$D/rwlink" "$D/work" /o sh -c 'echo $(cat /o/mid /o/dir/file)'
check 'relative layers' -o low -- env -C "$D" "${S[@]}" --seccomp none --overlay-src low --tmp-overlay /o cat /o/mid

# Where it is mounted
check 'on / itself' -o 'mid' -- "$SBX" --no-profile --overlay-src "$D/low" --overlay-src "$D/mid" --tmp-overlay / "${BASE[@]}" --proc /proc sh -c 'cat /mid; touch /x'
check 'on / itself, read-only: what has no place is an error' -s 125 -e 'Read-only|would leave it' -- "$SBX" --no-profile "${L[@]}" --ro-overlay / "${BASE[@]}" true
check 'with a home in it' -o 'content' -- "$SBX" --quiet --profile default --overlay-src "$D/low" --tmp-overlay "$HOME/o" sh -c 'echo content >"$HOME/o/low"; cat "$HOME/o/low"'
check 'over the project: the host keeps its own' -- "${S[@]}" --seccomp none --bind "$P" "$P" --overlay-src "$P" --tmp-overlay "$P" sh -c 'echo x >made'
is 'it does' [ ! -e "$P/made" ]
check 'a layer on / of the host' -o '' -e . -s 125 -- "${S[@]}" --seccomp none --overlay-src / --tmp-overlay /o ls /o/proc/self
# A tree with mounts below: overlayfs does not see them, or the kernel refuses; nobody is fooled either way.
check 'a layer with a mount below: what it covers does not show' -N secret -- unshare --user --map-root-user --mount sh -c '
	mkdir -p "$0/low/sub" && mount -t tmpfs tmpfs "$0/low/sub" && echo secret >"$0/low/sub/f" && shift 0 && "$@"; exit 0' "$D" \
	"${S[@]}" --overlay-src "$D/low" --tmp-overlay /o ls /o/sub
rmdir "$D/low/sub" 2>/dev/null

# Flags
check 'nosuid and nodev always' -o 'rw,nosuid,nodev,relatime
rw,nosuid,nodev,relatime
ro,nosuid,nodev,relatime' -- "${S[@]}" "${L[@]}" --overlay "$D/rw" "$D/work" /a "${L[@]}" --tmp-overlay /b "${L[@]}" --ro-overlay /c \
	sed -n 's|.* /[abc] \([^ ]*\) .*- overlay .*|\1|p' /proc/self/mountinfo
printf '#!/bin/sh\necho ran\n' >"$D/low/program" && chmod +x "$D/low/program"
check 'control: a program runs' -o ran -- "${S[@]}" "${L[@]}" --tmp-overlay /o /o/program
check 'noexec' -s 126 -e 'Permission denied' -- "${S[@]}" "${L[@]}" --noexec --tmp-overlay /o /o/program
ln -s low "$D/low/l"
check 'control: a link is followed' -o low -- "${S[@]}" "${L[@]}" --tmp-overlay /o cat /o/l
check 'nosymfollow' -s 1 -e 'Too many levels' -- "${S[@]}" "${L[@]}" --nosymfollow --tmp-overlay /o cat /o/l
check 'noatime, nodiratime' -O ' /o rw,nosuid,nodev,noatime,nodiratime ' -- "${S[@]}" "${L[@]}" --noatime --nodiratime --tmp-overlay /o grep ' /o ' /proc/self/mountinfo
mkdir "$D/hid"
check 'hide in it' -s 1 -e 'Permission denied' -- "${S[@]}" "${L[@]}" --tmp-overlay /o --hide /o/mid cat /o/mid

# sbx's own directories
mkdir -p "$HOME/.local/share/sbx/homes/x" "$T/w"
for dir in "$CONFIG" "$CONFIG/profiles" "$XDG_CONFIG_HOME" "$HOME" "$HOME/.local/share/sbx/homes/x" /; do
	check "RWSRC $dir: refused" -s 125 -e "sbx's own|own ones" -- "${S[@]}" --overlay-src "$D/low" --overlay "$dir" "$T/w" /o true
	check "WORKDIR $dir: refused" -s 125 -e "sbx's own|own ones" -- "${S[@]}" --overlay-src "$D/low" --overlay "$T/w" "$dir" /o true
done
ln -s "$CONFIG" "$D/alias"
check 'by another name too' -s 125 -e "sbx's own" -- "${S[@]}" --overlay-src "$D/low" --overlay "$D/alias" "$T/w" /o true
check 'to be read through they may be' -o '' -- "${S[@]}" --overlay-src "$HOME" --tmp-overlay /o touch /o/.config/sbx/x
is 'which changes nothing on the host' [ ! -e "$CONFIG/x" ]
same 'no workdir of it was made' "$(find "$CONFIG" -mindepth 1 -maxdepth 1 ! -name seccomp-policies -printf '%f ')" 'profiles '
finish
