# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# inside.sh: describes the sandbox that it runs in, "KEY: VALUE" a line, without numbers that no two starts share.
# bash reads it with -c, so that no file of the sandbox is needed but the programs.
export LC_ALL=C
st() {
	sed -n "s/^$1:[[:space:]]*//p" /proc/self/status 2>/dev/null
}
echo "ids: $(id -u) $(id -g) $(st Uid | tr '\t' ' ') $(st Gid | tr '\t' ' ')"
echo "groups: $(st Groups)"
echo "caps: $(st CapInh) $(st CapPrm) $(st CapEff) $(st CapBnd) $(st CapAmb)"
echo "no_new_privs: $(st NoNewPrivs)"
echo "seccomp: $(st Seccomp)"
echo "signals: blocked $(st SigBlk) ignored $(st SigIgn)"
echo "umask: $(umask)"
echo "cwd: $PWD"
echo "argv0: $0"
echo "hostname: $(cat /proc/sys/kernel/hostname 2>/dev/null || uname -n)"
echo "limits: $(ulimit -Sa | sed 's/.*) *//' | tr '\n' ' ')"
echo "nice: $(nice)"
# The fields behind the name: state, parent, group, session, terminal
read -r _ stat </proc/$$/stat 2>/dev/null
stat=${stat#*) }
# shellcheck disable=SC2086 # fields
set -- $stat
echo "pid: $([ $$ -lt 10 ] && echo small || echo large)"
echo "parent: ${2:+$([ "$2" -lt 10 ] && echo "$2" || echo other)}"
echo "group: $([ "${3-}" = "$$" ] && echo leader || echo member)"
echo "session: $([ "${4-}" = "$$" ] && echo own || echo other)"
echo "terminal: $([ "${5-0}" = 0 ] && echo none || echo some)"
for fd in /proc/self/fd/*; do
	n=${fd##*/}
	# 255 and the like are bash's own
	[ "$n" -gt 2 ] && [ "$n" -lt 100 ] && [ -e "$fd" ] && fds="${fds-}$n "
done
echo "fds: ${fds-}"
for k in user mnt pid net ipc uts cgroup time; do
	ns=$(readlink /proc/self/ns/$k)
	case " ${NAMESPACES-} " in
	*" $ns "*) shared="${shared-}$k " ;;
	*) new="${new-}$k " ;;
	esac
done
echo "new namespaces: ${new-}"
echo "shared namespaces: ${shared-}"
echo "uid_map: $(tr -s ' \n' ' ' </proc/self/uid_map)"
echo "gid_map: $(tr -s ' \n' ' ' </proc/self/gid_map)"
echo "setgroups: $(cat /proc/self/setgroups)"
unshare --user true 2>/dev/null && echo "userns inside: yes" || echo "userns inside: no"
echo "loopback: $(sed -n 's/^ *\(lo\):.*/\1/p' /proc/net/dev) $(cat /sys/class/net/lo/flags 2>/dev/null)"
env -0 2>/dev/null | sort -z | tr '\0\n' '\n ' | grep -v -e '^_=' -e '^NAMESPACES=' -e '^SHLVL=' | sed 's/^/env: /'
echo "root entries: $(for f in /* /.[!.]*; do [ -e "$f" ] || [ -L "$f" ] && printf '%s ' "$f"; done)"
echo "root writable: $(touch /sbx-probe 2>/dev/null && rm /sbx-probe && echo yes || echo no)"
for f in /dev/* /dev/pts/* /dev/shm/*; do
	[ -e "$f" ] || [ -L "$f" ] || continue
	echo "dev: $f $(stat -c '%F %a %t:%T' "$f") $(readlink "$f")"
done
while read -r _ _ _ root point flags rest; do
	type=${rest##*- }
	echo "mount: $point ${type%% *} $flags"
	case ${root} in *deleted*) echo "mount: $point deleted" ;; esac
done </proc/self/mountinfo
for f in ${LOOK-}; do
	if [ -L "$f" ]; then
		echo "look: $f link $(readlink "$f")"
	elif [ -f "$f" ]; then
		echo "look: $f file $(stat -c '%a %u:%g %s' "$f") $(head -n 1 "$f") $([ -w "$f" ] && (: >>"$f") 2>/dev/null && echo writable)"
	elif [ -d "$f" ]; then
		echo "look: $f directory $(stat -c '%a %u:%g' "$f") $(cd "$f" && echo * | cut -c 1-60) $(touch "$f/.w" 2>/dev/null && rm "$f/.w" && echo writable)"
	else
		echo "look: $f $([ -e "$f" ] && echo other || echo missing)"
	fi
done
