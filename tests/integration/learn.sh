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

finish
