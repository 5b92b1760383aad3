#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each system call of a start fails once: sbx refuses to start and says why, or starts the very same sandbox; it never
# crashes, hangs, or leaves anything behind. lib/inject.c does it, call by call; strace -e inject, name by name,
# shows that this does not rest on one tool. SBX_FAULTS=all takes each call with each errno, otherwise it is a sample.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

have "${CC%% *}" || skip_all "no compiler for the helper programs: ${CC%% *}"
case $(uname -m) in
x86_64 | aarch64) ;;
*) skip_all "lib/inject.c does not know the registers of $(uname -m)" ;;
esac
# shellcheck disable=SC2086 # CC may have arguments
compile() {
	$CC -std=gnu17 -D_GNU_SOURCE -w -O1 -I"$T" "$@"
}
echo '#include <sys/syscall.h>' | compile -E -dM - |
	sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/[\2] = "\1",/p' >"$T/syscalls.h"
if ! compile -o "$T/inject" "$top_srcdir/tests/security/lib/inject.c" ||
	! compile -o "$P/fp" "$top_srcdir/tests/security/lib/fingerprint.c"; then
	echo 'Bail out! the helper programs do not compile'
	exit 1
fi
# Leak checks of a sanitizer build do not work under ptrace(2).
export ASAN_OPTIONS=detect_leaks=0
sample=(-s 30)
[ "${SBX_FAULTS-}" != all ] || sample=(-a)
! grep -q __asan_init "$SBX" || sample+=(-m)

# faults NAME ARG...: each system call of sbx ARG... fails once
faults() {
	local name=$1 status=0
	shift
	"$T/inject" "${sample[@]}" -w "$T" "$SBX" --quiet "$@" >"$T.faults" 2>&1 || status=$?
	if [ $status -eq 77 ]; then
		skip "$name" "$(tail -n 1 "$T.faults")"
	elif [ $status -eq 0 ]; then
		ok "$name: $(tail -n 1 "$T.faults")"
	else
		not_ok "$name: $(tail -n 1 "$T.faults")" "$(head -n 100 "$T.faults")"
	fi
	rm -f "$T.faults"
}

N=(--no-profile "${BASE[@]}" --dev /dev --proc /proc)
F=(--ro-bind "$P/fp" /fp)

faults 'the default profile' ./fp
faults 'mounts, limits, a kept home' "${N[@]}" "${F[@]}" --tmpfs /t --size 1M --tmpfs /s --perms 0700 --dir /d --symlink x /l \
	--bind "$HOME" /h --hide /h/project --bind-try /nowhere /n --remount-ro /t --hostname foo --rlimit nofile=100 \
	--home persist:faults --timeout 60 --nice 1 --chdir /d --umask 077 --setenv A b --argv0 x /fp
faults 'shared namespaces' "${N[@]}" "${F[@]}" --share-pid --share-net --share-ipc --share-uts --share-cgroup --die-with-parent /fp
faults 'user 0 and a capability that nests' "${N[@]}" "${F[@]}" --map-root-user --cap-add SYS_ADMIN --unshare-time /fp
if "$SBX" "${N[@]}" --map-auto true 2>"$T/.err"; then
	faults 'ranges of ids, another user, a capability' "${N[@]}" "${F[@]}" --map-auto --uid 5 --gid 5 --cap-add CHOWN /fp
else
	skip 'ranges of ids' "no ranges here: $(head -n 1 "$T/.err")"
fi
if is_root; then
	faults 'root: all ids, another user, all capabilities' "${N[@]}" "${F[@]}" --map-users all --map-groups all --cap-add ALL \
		--uid 1 --gid 1 /fp
	faults 'root: the whole host' "${N[@]}" --bind / /h "${F[@]}" /fp
fi


# The same with strace(1), which counts the calls of one name in each process
strace_one() {
	local call=$1 error=$2 when=$3
	run strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:error=$error:when=$when" "$SBX" --quiet "${N[@]}" \
		--bind "$HOME" /h --hide /h/project --hostname foo grep -E '^(Cap|NoNewPrivs)' /proc/self/status
	# Exit status 126 and 127 are for the command, which does not fail here.
	case $st in
	0) [ "$out" = "$strace_wanted" ] || echo "$call $error $when: another sandbox: $out" ;;
	# What fails while the command runs: init can't tell how it ended.
	137 | 125) [[ $err = *'error: '???* ]] || echo "$call $error $when: status $st without a message: $err" ;;
	*) echo "$call $error $when: status $st: $err" ;;
	esac
}
if ! have strace; then
	skip 'strace: each name of a call fails' 'strace is not installed'
elif ! strace -f -qq -o "$T/.trace" "${S[@]}" --bind "$HOME" /h --hide /h/project --hostname foo true 2>"$T/.err"; then
	skip 'strace: each name of a call fails' "strace can't trace here: $(head -n 1 "$T/.err")"
else
	strace_wanted=$("${S[@]}" grep -E '^(Cap|NoNewPrivs)' /proc/self/status)
	# Not what the dynamic linker of any program uses, what can't fail, and what is not seen to fail.
	names=$(sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$T/.trace" | sort -u | grep -Evx \
		'execve|brk|mmap|munmap|mprotect|access|openat|newfstatat|fstat|close|read|pread64|arch_prctl|set_tid_address|set_robust_list|rseq|prlimit64|getrandom|exit_group|exit|sigaltstack|madvise|mremap|get[pu]id|getppid|gete?[ug]id|umask|fcntl|ioctl|write|wait4|rt_sig.*')
	[ "${SBX_FAULTS-}" = all ] && times='1 2 3+2' || times=1
	bad='' n=0
	for call in $names; do
		for when in $times; do
			bad+=$(strace_one "$call" EPERM "$when")
			n=$((n + 1))
		done
	done
	is 'strace: there are calls to fail' [ "$n" -gt 20 ]
	same "strace: each name of a call fails, $n starts" "$bad" ''
fi

# Control: a launcher that does wrong what can be done wrong when its open(2) fails
cat >"$T/control.c" <<'END'
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int refuse(void)
{
	fprintf(stderr, "sbx: error: something can't be done\n");
	return 125;
}

int main(int argc, char **argv)
{
	const char *how = argv[1], *path = argv[2];
	int status, fd;
	pid_t pid;

	if (fcntl(0, F_GETFD) < 0)
		return refuse();
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && !strcmp(how, "open"))
		setenv("FAILS", "open", 1);
	if (fd < 0 && !strcmp(how, "file")) {
		char name[4096];

		snprintf(name, sizeof name, "%s.%d", path, getpid());
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	if (fd < 0 && !strcmp(how, "process") && fork() == 0) {
		setsid();
		sleep(100);
		_exit(0);
	}
	if (fd < 0 && !strcmp(how, "signal"))
		raise(SIGSEGV);
	if (fd < 0 && !strcmp(how, "hang"))
		pause();
	if (fd < 0 && !strcmp(how, "silent"))
		return 125;
	if (fd < 0 && strcmp(how, "open"))
		return refuse();
	pid = fork();
	if (pid < 0)
		return refuse();
	if (pid == 0) {
		execv(argv[3], argv + 3);
		_exit(refuse());
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	return WEXITSTATUS(status);
}
END
compile -o "$T/control" "$T/control.c" || exit 1
: >"$T/file"
while read -r how text; do
	run "$T/inject" -a -t 2 -w "$T" "$T/control" "$how" "$T/file" "$P/fp"
	same "control: $how is seen" "$st $(grep -c "^# $text: .* open" <<<"$out" | sed 's/^[1-9].*/yes/')" '1 yes'
	rm -f "$T"/file.*
done <<'END'
open the sandbox is another one
file mounts or files were left behind
process processes were left behind
signal a process crashed
hang it hangs
silent no message says why
END
check 'control: and only that' -O ' 0 bad, ' -- "$T/inject" -a -w "$T" "$T/control" closed "$T/file" "$P/fp"
finish
