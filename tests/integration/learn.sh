#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --learn: what is learned from a run lets the same command run as it did, without a denial, and nothing else.
# shellcheck source=tests/integration/lib/lib.sh
. "$(dirname "$0")/lib/lib.sh"

L=$T/learned
mkdir "$L"

# learn NAME COMMAND...: the run itself must be as it would be without sbx
learn() {
	local name=$1
	shift
	check "$name: learned" -e "learned from" -- "$SBX" --learn "$L/$name.profile" "$@"
	is "$name: both files are there" [ -s "$L/$name.profile" -a -s "$L/$name.policy" ]
}

# again NAME COMMAND...: under what was learned, told of every denial
again() {
	local name=$1
	shift
	check "$name: runs under it, no denial" -E 'denied|error' -- \
		"$SBX" --report-denials --profile "$L/$name.profile" "$@"
}

# --- git -----------------------------------------------------------------------------------------------------------

if have git; then
	git init -q src
	echo text >src/file
	git -C src add file
	git -C src -c user.name=a -c user.email=a@b commit -qm first
	learn git git clone -q src copy
	same 'git: the clone is there' "$(cat copy/file)" text
	rm -rf copy
	again git git clone -q src copy
	same 'git: the clone is there again' "$(cat copy/file 2>&1)" text
	is 'git: its own places are writable only' [ -z "$(grep '^bind' "$L/git.profile" | grep -v project)" ]
	check 'git: what was not seen is refused' -s 128 -e 'socket denied by git.policy' -- \
		"$SBX" --report-denials --profile "$L/git.profile" git -C src fetch http://127.0.0.1:9/
	echo secret >"$HOME/other"
	check 'git: what was not seen is not there' -s 1 -- "$SBX" --profile "$L/git.profile" cat "$HOME/other"
else
	skip git 'no git'
fi

# --- python3 -------------------------------------------------------------------------------------------------------

if have python3; then
	mkdir -p py/lib
	echo 'def add(a, b): return a + b' >py/lib/helper.py
	cat >py/main.py <<'END'
import json, os, socket, subprocess, sys, threading
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import helper

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(1)

def serve():
    c, _ = server.accept()
    c.sendall(b"hello")
    c.close()

t = threading.Thread(target=serve)
t.start()
client = socket.create_connection(server.getsockname())
text = client.recv(100).decode()
t.join()
with open("py/out.json", "w") as f:
    json.dump({"sum": helper.add(1, 2), "text": text}, f)
print(open("py/out.json").read())
print(subprocess.run(["uname", "-s"], capture_output=True, text=True).stdout.strip())
END
	export PYTHONDONTWRITEBYTECODE=1
	touch py/out.json
	learn python python3 py/main.py
	wanted=$out
	is 'python: it did its work' matches "$out" '"sum": 3, "text": "hello"'
	again python python3 py/main.py
	same 'python: the same result' "$out" "$wanted"
	is 'python: no network for the loopback' [ -z "$(grep '^share-net' "$L/python.profile")" ]
	check 'python: another socket is refused, and told of' -s 1 -e 'socket denied by python.policy' -- \
		"$SBX" --report-denials --profile "$L/python.profile" python3 -c \
		'import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)'
	check 'python: and a call that was not seen' -s 1 -e 'personality denied by python.policy' -- \
		"$SBX" --report-denials --profile "$L/python.profile" python3 -c \
		'import ctypes, sys; sys.exit(ctypes.CDLL(None).personality(0x40000) == -1)'
else
	skip python 'no python3'
fi

# --- gcc -----------------------------------------------------------------------------------------------------------

if have gcc; then
	mkdir -p c
	printf '#include <stdio.h>\n#include "x.h"\nint main(void) { return printf("%%d\\n", X) < 0; }\n' >c/x.c
	echo '#define X 42' >c/x.h
	learn gcc gcc -O1 -o c/x c/x.c
	same 'gcc: the program works' "$(./c/x)" 42
	rm c/x
	again gcc gcc -O1 -o c/x c/x.c
	same 'gcc: and again' "$(./c/x)" 42
else
	skip gcc 'no gcc'
fi

# --- what else a run can be ----------------------------------------------------------------------------------------

cat >"$T/many.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *arg)
{
	char name[32];
	(void)snprintf(name, sizeof name, "data/%d", *(int *)arg);
	return open(name, O_RDONLY) < 0 ? arg : NULL;
}
int main(void)
{
	int ids[6] = { 0, 1, 2, 3, 4, 5 }, status;
	pthread_t t[6];
	void *failed = NULL, *r;
	for (int i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, work, &ids[i]);
	for (int i = 0; i < 6; i++) {
		pthread_join(t[i], &r);
		failed = failed ? failed : r;
	}
	if (fork() == 0) {
		if (fork() == 0)
			_exit(open("data/grandchild", O_RDONLY) < 0);
		wait(&status);
		_exit(WEXITSTATUS(status));
	}
	wait(&status);
	return failed || status;
}
END
mkdir data
for i in 0 1 2 3 4 5 grandchild; do echo "$i" >data/$i; done
if $CC -pthread -o many "$T/many.c" 2>/dev/null; then
	learn many ./many
	is 'many: threads and grandchildren were seen' matches "$(cat "$L/many.profile")" 'data/5 .*data/5'
	is 'many: and the program, which is not in /usr' matches "$(cat "$L/many.profile")" 'project/many '
	again many ./many
	rm data/grandchild
	check 'many: a file that is missing is missing' -s 1 -- "$SBX" --profile "$L/many.profile" ./many
	check 'many: asked about, without a session or an init' -- \
		"$SBX" --new-session --as-pid-1 --learn "$L/pid1.profile" ./many -x
else
	skip many 'no compiler'
fi

check 'timeout: what was seen is written' -s 124 -e 'learned from' -- \
	"$SBX" --timeout 1 --learn "$L/timeout.profile" sh -c 'cat data/1; sleep 60'
is 'timeout: the file is in it' matches "$(cat "$L/timeout.profile")" 'data/1'
check 'signal: what was seen is written' -s 143 -e 'learned from' -- \
	"$SBX" --learn "$L/signal.profile" sh -c 'cat data/1; kill -TERM $$'
is 'signal: the file is in it' matches "$(cat "$L/signal.profile")" 'data/1'
check 'the exit status is the command'"'"'s' -s 3 -- "$SBX" --learn "$L/three.profile" sh -c 'exit 3'
check 'a command that is not there: nothing is written' -s 127 -- "$SBX" --learn "$L/none.profile" no-such-command
is 'nothing was' [ ! -e "$L/none.profile" -a ! -e "$L/none.policy" ]

mkdir -p "$HOME/.ssh"
echo key >"$HOME/.ssh/id_rsa"
check 'a secret' -e 'comment only' -- "$SBX" --learn "$L/secret.profile" cat "$HOME/.ssh/id_rsa"
is 'is a comment' matches "$(cat "$L/secret.profile")" '^# ro-bind-try .*id_rsa.*secret'
check 'and is not given' -s 1 -e 'No such file' -- "$SBX" --profile "$L/secret.profile" cat "$HOME/.ssh/id_rsa"
check "sbx's own files" -- "$SBX" --learn "$L/own.profile" cat "$CONFIG/profiles/default.profile"
is 'are never given' [ -z "$(grep -v '^#' "$L/own.profile" | grep sbx/)" ]

check 'learned into the search path' -- "$SBX" --learn "$CONFIG/profiles/mine.profile" cat data/1
check 'and found there by its name' -E denied -o 1 -- "$SBX" --report-denials --profile mine cat data/1
check 'learned with a terminal of its own' -O '/dev/pts/0' -- "$SBX" --pty --learn "$L/pty.profile" tty
check 'and runs with it' -O '/dev/pts/0' -N denied -- "$SBX" --pty --report-denials --profile "$L/pty.profile" tty
if have unshare && ! is_root; then
	N=(unshare -Urpf --mount-proc sh -c 'cat /etc/passwd >/dev/null; echo $$; id -u')
	check 'a pid namespace inside' -O '^1$' -- "$SBX" --no-profile --ro-bind / / --dev /dev --proc /proc \
		--enable-userns --seccomp none --learn "$L/ns.profile" "${N[@]}"
	is 'its files were seen, by another root or not' matches "$(cat "$L/ns.profile")" 'base-etc'
	check 'and it runs under what was learned' -O '^1$' -E denied -- \
		"$SBX" --report-denials --profile "$L/ns.profile" "${N[@]}"
fi
check 'learned under a profile' -- "$SBX" --profile default --learn "$L/default.profile" cat data/1
is 'is no more than that gives' [ -z "$(grep '^bind' "$L/default.profile")" ]
check 'and runs' -E denied -- "$SBX" --report-denials --profile "$L/default.profile" cat data/1
check 'a policy denies while it is learned from' -s 1 -- "$SBX" --seccomp strict --learn "$L/strict.profile" \
	python3 -c 'import socket; socket.socket()'
check 'the floor denies while it is learned from' -o '-1' -- "$SBX" --learn "$L/floor.profile" \
	python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(250, 0, 0, 0, 0))'
is 'and is not allowed by what is learned' [ -z "$(grep 'allow keyctl' "$L/floor.policy")" ]

# --- merge ---------------------------------------------------------------------------------------------------------

check 'merge: the first run' -- "$SBX" --learn "$L/m.profile" cat data/1
sed -i '$a # by hand\ndir /by/hand' "$L/m.profile"
sed -i '$a # by hand\ndeny linkat' "$L/m.policy"
check 'merge: the second run' -- "$SBX" --merge --learn "$L/m.profile" sh -c 'cat data/2; ln data/1 data/link'
is 'merge: has both' [ "$(grep -c -e '^ro-bind-try .*data/1$' -e '^bind .*data$' "$L/m.profile")" = 2 ]
is 'merge: has the lines of a hand' [ "$(cat "$L/m.profile" "$L/m.policy" | grep -c 'by.hand')" = 3 ]
is 'merge: does not undo them' [ -z "$(grep 'allow link' "$L/m.policy")" ]
cp "$L/m.profile" "$T/1" && cp "$L/m.policy" "$T/2"
rm data/link
check 'merge: nothing new' -- "$SBX" --merge --learn "$L/m.profile" sh -c 'cat data/2; ln data/1 data/link'
is 'merge: is nothing twice' cmp -s "$L/m.profile" "$T/1"
is 'merge: nor in the policy' cmp -s "$L/m.policy" "$T/2"
check 'merge: into nothing' -- "$SBX" --merge --learn "$L/fresh.profile" true
rm "$L/fresh.policy"
check 'merge: a policy that is gone, and the profile names it' -s 0 -e 'learned from' -- \
	"$SBX" --merge --learn "$L/fresh.profile" true
check 'merge: runs' -- "$SBX" --profile "$L/fresh.profile" true

# --- what can't be -------------------------------------------------------------------------------------------------

check 'exists' -s 125 -e "'$L/m.profile' exists" -e 'hint: --merge' -- "$SBX" --learn "$L/m.profile" true
touch "$L/half.policy"
check 'its policy exists' -s 125 -e "half.policy' exists" -- "$SBX" --learn "$L/half.profile" true
check 'a directory' -s 125 -e 'is a directory' -- "$SBX" --learn "$L" true
check 'a directory, with a slash' -s 125 -e "can't be the name" -- "$SBX" --learn "$L/" true
check 'a policy' -s 125 -e "can't be the name" -e 'hint: say NAME.profile' -- "$SBX" --learn "$L/x.policy" true
check 'no directory' -s 125 -e 'no directory' -- "$SBX" --learn "$T/no/such/x" true
check 'a device' -s 125 -e 'a special file' -- "$SBX" --merge --learn /dev/null true
mkdir -m 555 "$T/closed"
is_root || check 'no place to write' -s 125 -e 'no file can be made' -- "$SBX" --learn "$T/closed/x" true
ln -s "$L/nowhere" "$L/dangling"
check 'a link to nowhere' -s 125 -e 'leads nowhere' -- "$SBX" --learn "$L/dangling" true
printf 'sbx-profile 1\nbinnd / /\n' >"$L/broken.profile"
check 'merge: a broken profile' -s 125 -e "broken.profile:2:1: error: unknown directive 'binnd'" -- \
	"$SBX" --merge --learn "$L/broken.profile" true
cp "$L/three.profile" "$L/bad.profile"
printf 'sbx-policy 1\nallow nonsense_call\n' >"$L/bad.policy"
check 'merge: a broken policy' -s 125 -e 'bad.policy:2:7: error: unknown system call' -- \
	"$SBX" --merge --learn "$L/bad.profile" true
chmod 666 "$L/three.profile"
check 'merge: a profile that others can write' -s 125 -e 'three.profile' -- "$SBX" --merge --learn "$L/three.profile" true
check 'merge alone' -s 125 -e 'nothing to be merged' -e 'hint: .*--learn FILE' -- "$SBX" --merge true
check 'twice' -s 125 -e 'learn twice' -- "$SBX" --learn "$L/a" --learn "$L/b" true
check 'with a filter of a descriptor' -s 125 -e 'filter of a file descriptor with --learn' -e 'hint' -- \
	"$SBX" --learn "$L/a" --seccomp 0 true < <(printf '\6\0\0\0\0\0\377\177')
check 'without the floor' -s 125 -e 'no-seccomp-floor with --learn' -e 'hint' -- \
	"$SBX" --learn "$L/a" --no-seccomp-floor true
is 'nothing was written' [ ! -e "$L/a" -a ! -e "$L/a.policy" ]
cat >"$T/watch.c" <<'END'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };
	int fd, parent = getpid();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd >= 0 && fork() == 0) {
		/* Somebody who holds the listener, up to the end of sbx */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(1);
		close(2);
		/* It may have ended before. */
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	return argc < 2 || fd < 0 || execv(argv[1], argv + 1) < 0;
}
END
if $CC -o "$T/watch" "$T/watch.c" 2>/dev/null; then
	check 'something outside watches already' -s 125 -e "can't learn, something outside" -e 'hint' -- \
		"$T/watch" "$SBX" --learn "$L/watched.profile" true
	is 'and nothing is written' [ ! -e "$L/watched.profile" ]
fi
# A name that the run takes first
check 'the run makes the file itself' -s 125 -e "can't write '.*taken.profile'" -- \
	"$SBX" --learn "$L/taken.profile" touch "$L/taken.profile"
mkdir "$L/sub"
check 'the run replaces the directory by a link' -s 125 -e 'was replaced' -- \
	"$SBX" --learn "$L/sub/x.profile" sh -c "rmdir '$L/sub'; ln -s '$HOME' '$L/sub'"
is 'and gets nothing written there' [ ! -e "$HOME/x.profile" ]
finish
