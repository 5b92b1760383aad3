#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Real programs under the shipped policies: they do their work, and --report-denials has nothing to tell of them.
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

# All of the host's files, read-only, a writable $P and /tmp, and a network of its own with a loopback
R=("$SBX" --no-profile --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /run --bind "$P" "$P" --chdir "$P"
	--setenv HOME "$P" --unsetenv XDG_CONFIG_HOME --report-denials)
told='(denied|refused) by'

# real NAME POLICY PROGRAM SCRIPT [OUTPUT-REGEX]: the bash script works under the policy, and nothing is told
real() {
	local name="$2: $1"
	# A shim that looks for its program elsewhere is no program here.
	if ! have "$3" || ! "${R[@]}" --seccomp none bash -c "$3 --version || $3 -version || $3 -V || command -v $3" >/dev/null 2>&1; then
		skip "$name" "there is no $3"
		return
	fi
	rm -rf "$P"
	mkdir "$P"
	cd "$P" || exit 1
	check "$name" -O "${5-^fine$}" -E "$told" -- "${R[@]}" --seccomp "$2" bash -c "set -e
$4
echo fine"
}

# --- default ---

check 'control: a denial is told of' -e "$told" -- "${R[@]}" --seccomp default bash -c 'unshare -U true || true'
check 'control: and not without --report-denials' -E "$told" -- "${R[@]/--report-denials/--quiet}" --seccomp default bash -c 'unshare -U true || true'

real bash default bash '
	for i in 3 1 2; do echo $i; done | sort | head -n 1
	(sleep 0.05 & wait)
	read -r x < <(echo hi)
	[ "$x" = hi ]
	trap "echo got" USR1
	kill -USR1 $$
	ulimit -a >/dev/null
	cat <<<"${x^^}" >f
	[ -r f ]
	exec 3<>f 4>&1
	coproc cat
	kill "$COPROC_PID"'
real coreutils default cp '
	cp -a /etc/passwd p; mv p q; ln q r; ln -s q s; ls -laZ . >/dev/null; ls -l --color=auto >/dev/null; df . >/dev/null
	du -s . >/dev/null; stat q >/dev/null; touch -d yesterday q; chmod 600 q; chown "$(id -u)" q
	dd if=/dev/zero of=z bs=1k count=4 conv=fsync 2>/dev/null; truncate -s 1M z; cat q | tee t | sort -u | uniq -c | wc >/dev/null
	sha256sum q >/dev/null; split -l 5 q; shred -u t; mkfifo ff; timeout 1 sleep 0.01; nice -n 5 true; nohup true
	stdbuf -oL echo a >/dev/null; sync z; mktemp >/dev/null; id >/dev/null; who; uname -a >/dev/null; nproc >/dev/null
	date >/dev/null; env true; install -m 755 q i; realpath s >/dev/null; od q >/dev/null; tac q >/dev/null; shuf q >/dev/null
	cp --reflink=auto q q2; rm -rf x*; mknod n p; seq 100000 | sort --parallel=2 -rn | head -n 1 >/dev/null || true
	! chroot / true 2>/dev/null || true'
real 'find, grep, sed, awk, xargs' default find '
	find /etc -maxdepth 1 -type f -exec true {} + ; grep -rq root /etc/passwd; echo a >f; sed -i s/a/b/ f; grep -q b f
	awk "BEGIN { \"echo x\" | getline y; print y | \"cat\" }" >/dev/null; seq 10 | xargs -P 2 -n 1 echo >/dev/null'
real 'ps, top' default ps 'ps aux >/dev/null; ! command -v top >/dev/null || top -b -n 1 >/dev/null'
real git default git '
	git init -q a; cd a; git config user.email a@example.org; git config user.name n
	for i in 1 2 3; do echo "$i" >"f$i"; git add .; git commit -qm "$i"; done
	git gc -q; git fsck --no-progress; cd ..; git clone -q a b; git clone -q --no-local a c; cd b; git log --stat | cat >/dev/null
	git grep -qP "[0-9]+"; git status >/dev/null; git worktree add -q ../w; git fetch -q; git blame f1 >/dev/null
	echo x >>f1; git stash -q; git stash pop -q; git rebase -q HEAD~1 --autostash'
real python3 default python3 'cat >t.py <<"END"
import asyncio, concurrent.futures, multiprocessing, os, shutil, signal, socket, subprocess, tempfile, threading, time
threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(5)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert subprocess.run(["echo", "x"], capture_output=True).stdout == b"x\n"
subprocess.Popen("true", shell=True, start_new_session=True).wait()
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind((host, 0))
    except OSError:
        continue
    s.listen()
    c = socket.create_connection(s.getsockname()[:2])
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    p, _ = s.accept()
    p.sendall(b"x")
    assert c.recv(1) == b"x"
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(socket.SOL_IP, socket.IP_TOS, 16)
a, b = socket.socketpair()
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"\0\0\0\0")])
socket.getaddrinfo("localhost", 80)
socket.if_nameindex()
def square(x):
    return x * x
async def loop():
    p = await asyncio.create_subprocess_exec("true")
    await p.wait()
    (await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)).close()
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        assert pool.map(square, [1, 2]) == [1, 4]
    with concurrent.futures.ProcessPoolExecutor(2) as e:
        assert list(e.map(square, [3])) == [9]
    asyncio.run(loop())
    os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    if hasattr(os, "memfd_create"):
        os.close(os.memfd_create("x"))
    shutil.copy("t.py", "t2.py")
    signal.setitimer(signal.ITIMER_REAL, 10)
END
	python3 t.py'
real perl default perl '
	perl -MPOSIX -MSocket -e "print \`echo a\`; \$p = fork // die; exit 0 unless \$p; wait;
		socket(\$s, PF_INET, SOCK_STREAM, 0) or die; opendir D, \".\" or die; readdir D; alarm 9; system(\"true\") and die;
		select(undef, undef, undef, 0.01); getpwuid 0"'
real node default node 'cat >t.js <<"END"
const fs = require("fs"), http = require("http"), { Worker } = require("worker_threads");
require("child_process").execSync("true");
require("crypto").randomBytes(8);
require("os").networkInterfaces();
fs.watch(".").close();
fs.readFile("t.js", () => {});
new Worker("1", { eval: true }).on("exit", () => {
	const server = http.createServer((q, r) => r.end("x")).listen(0, "127.0.0.1", () =>
		http.get({ host: "127.0.0.1", port: server.address().port }, r => { r.resume(); r.on("end", () => process.exit()); }));
});
END
	node t.js'
real 'gcc and make' default gcc '
	command -v make >/dev/null
	mkdir -p src
	for i in 1 2 3 4; do echo "int f$i(int x) { return x + $i; }" >src/f$i.c; done
	printf "%s\n" "#include <stdio.h>" "int f1(int), f2(int), f3(int), f4(int);" \
		"int main(void) { return printf(\"%d\\n\", f1(f2(f3(f4(0))))) < 0; }" >src/main.c
	printf "%s\n" "o = src/main.o src/f1.o src/f2.o src/f3.o src/f4.o" "all: prog libf.a" "prog: \$o" "	\$(CC) -o \$@ \$o" \
		"libf.a: \$o" "	ar rcs \$@ \$o" "%.o: %.c" "	\$(CC) -O2 -g -pipe -c -o \$@ \$<" >Makefile
	make -s -j 2
	./prog' '^10$'
real 'a unit of sbx itself' default gcc '
	for f in mem value; do gcc -std=gnu17 -D_GNU_SOURCE -I"'"$top_srcdir"'/src" -O2 -g -Wall -fsyntax-only "'"$top_srcdir"'/src/base/$f.c"; done'
real sqlite3 default sqlite3 '
	sqlite3 t.db "pragma journal_mode=wal; create table t(a); insert into t values(1),(2); select sum(a) from t;"' '^3$'
real curl default curl '
	python3 -m http.server 18099 --bind 127.0.0.1 >/dev/null 2>&1 &
	echo served >page
	for i in $(seq 100); do curl -s http://127.0.0.1:18099/page && break; sleep 0.1; done
	kill $!' '^served$'
real ssh default ssh 'ssh -V 2>/dev/null; ssh-keygen -q -t ed25519 -N "" -f k; ssh-agent true; ! ssh -o ConnectTimeout=1 127.0.0.1 true 2>/dev/null'
real 'tar and compressors' default tar '
	mkdir d; cp /etc/passwd d; tar czf x.tgz d; tar xzf x.tgz; tar --xattrs -cf x.tar d; for c in xz zstd bzip2 gzip; do
	! command -v $c >/dev/null || $c -qk x.tar; done; rm x.tar.*'
real 'apt-get and dpkg' default apt-get 'apt-get --version >/dev/null; apt-cache policy bash >/dev/null 2>&1; dpkg -l bash >/dev/null'
real java default java '
	java -version 2>/dev/null
	! command -v javac >/dev/null || {
		echo "public class H { public static void main(String[] a) throws Exception {
			Thread t = new Thread(() -> {}); t.start(); t.join(); new ProcessBuilder(\"true\").start().waitFor();
			java.net.NetworkInterface.networkInterfaces().count(); } }" >H.java
		java -Xshare:auto H.java
	}'
real 'vim, nano, less, man' default vim 'vim -es -c q; ! command -v nano >/dev/null || nano --version >/dev/null; less /etc/passwd >/dev/null'
real 'openssl and gpg' default openssl '
	openssl rand 8 >/dev/null; openssl speed -seconds 1 sha256 >/dev/null 2>&1
	! command -v gpg >/dev/null || gpg --batch --version >/dev/null'
real cmake default cmake '
	printf "project(x C)\nadd_executable(x m.c)\n" >CMakeLists.txt; echo "int main(void) { return 0; }" >m.c
	cmake . >/dev/null; make -s >/dev/null; ./x'

# --- The others ---

for policy in browser build service docker; do
	real bash $policy bash 'for i in 1 2; do echo $i; done | sort | cat >/dev/null; (true & wait)'
	real python3 $policy python3 '
		python3 -c "
import socket, subprocess, threading
t = threading.Thread(target=print)
t.start()
t.join()
subprocess.run([\"true\"], check=True)
socket.getaddrinfo(\"localhost\", 80)
socket.socket().listen()"'
done
real 'gdb of a child' build gdb '
	printf "int main(void) { return 7; }" >m.c; gcc -g -o m m.c
	gdb -q -batch -iex "set debuginfod enabled off" -ex "break main" -ex run -ex "print 6*7" -ex c ./m 2>&1 </dev/null' '= 42$'
real 'strace of a child' build strace 'strace -f -o log sh -c "cat /etc/passwd; true" >/dev/null; grep -q openat log'
real 'setarch -R' build setarch 'setarch -R true'
real 'the leak check of AddressSanitizer' build gcc '
	printf "#include <stdlib.h>\nint main(void) { return malloc(3) == 0; }" >m.c
	gcc -g -fsanitize=address -o m m.c
	! ./m 2>log
	grep -q "LeakSanitizer: detected" log'
real 'gcc and make' build gcc 'echo "int main(void) { return 0; }" >m.c; make -s m; ./m'
if have strace; then
	check 'control: under default there is no strace of a child' -s 1 -e "ptrace .*$told" -- "${R[@]}" --seccomp default strace -o /dev/null true
fi
plain=("${R[@]}")
R+=(--enable-userns)
real 'user namespaces of its own' browser unshare 'unshare -U true; unshare -U -p -n -i true'

# Without a sandbox of its own it does not start at all.
for browser in chromium chromium-headless-shell google-chrome; do
	! have "$browser" || break
done
if is_root; then
	skip 'browser: Chromium' 'it refuses to run as root'
elif ! have "$browser"; then
	skip 'browser: Chromium' 'there is no chromium'
else
	page='echo "<p id=x></p><script>x.textContent = 6 * 7</script>" >t.html
		exec '$browser' --headless --disable-gpu --disable-setuid-sandbox --user-data-dir="$PWD/d" --dump-dom "file://$PWD/t.html"'
	check 'browser: Chromium, with its inner sandbox' -O '<p id="x">42</p>' -E "$told" -- "${R[@]}" --seccomp browser bash -c "$page"
	run "${plain[@]}" --seccomp default bash -c "$page"
	is 'control: it has none under default' matches "$err" 'No usable sandbox'
	is 'control: and does not run then' [ "$st" != 0 ]
fi

R=("${plain[@]}")

# strict: one process, so no shell starts them
# pure NAME PROGRAM OUTPUT-REGEX ARGUMENT...
pure() {
	local name="strict: $1" program=$2 want=$3
	shift 3
	if ! have "$program" || ! "${R[@]}" --seccomp none "$program" "$@" >/dev/null 2>&1; then
		skip "$name" "there is no $program"
		return
	fi
	check "$name" -O "$want" -E "$told" -- "${R[@]}" --seccomp strict "$program" "$@"
}
rm -rf "$P"
mkdir "$P"
cd "$P" || exit 1
seq 30000 >"$P/numbers"
gzip -k "$P/numbers"
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
pure sort sort '^29999$' -n --parallel=2 "$P/numbers"
pure awk awk '^450015000$' '{ s += $1 } END { printf "%d\n", s }' "$P/numbers"
pure 'gzip' gzip '^30000$' -dc "$P/numbers.gz"
pure 'xz with threads' xz . -T2 -c "$P/numbers"
pure sha256sum sha256sum '^[0-9a-f]{64} ' "$P/numbers"
pure 'python3' "$python" '^1267650600228229401496703205376$' -c 'print(2**100)'
pure 'python3 with a thread' "$python" '^x$' -c 'import threading; t = threading.Thread(target=print, args=("x",)); t.start(); t.join()'
pure perl perl '^1024$' -e 'print 2**10, "\n"'
pure node node '^55$' -e 'console.log([1,2,3,4,5,6,7,8,9,10].reduce((a, b) => a + b))'
pure sqlite3 sqlite3 '^3$' :memory: 'select 1+2'
pure 'ls -l' ls 'numbers' -l "$P"
pure 'bash without other programs' bash '^2$' -c 'echo $((1 + 1))'
check 'strict: control: no process is made' -s 1 -e "$told" -- "${R[@]}" --seccomp strict "$python" -c 'import os; os.fork()'
check 'strict: control: no socket either' -s 1 -e "$told" -- "${R[@]}" --seccomp strict "$python" -c 'import socket; socket.socket()'
finish
