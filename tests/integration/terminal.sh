#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# At a terminal: keys, stop and go on, size and modes, with the caller's terminal and with one of the command's own (--pty).
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
use_probe
# The leak check of a sanitizer build traces itself, which no policy allows to sbx in sbx.
export ASAN_OPTIONS=detect_leaks=0
PTY=$T/pty
# shellcheck disable=SC2086 # CC may have arguments
if ! $CC -std=gnu17 -D_GNU_SOURCE -w -O1 -o "$PTY" "$top_srcdir/tests/integration/lib/pty.c"; then
	echo 'Bail out! the helper program does not compile'
	exit 1
fi
mark=sbx-tty-$$-$RANDOM
export TERM=dumb PS1='%% ' SHELL=/bin/bash
unset TMUX PROMPT_COMMAND HISTFILE

# What is typed at a shell is short: `s`, `p` and `host` are sbx, sbx --pty and the same without sbx.
# What must last until the test says so reads from $GO: a sleep would race with a slow machine.
mkdir "$T/bin" "$T/sync"
export GO=$T/sync/go
mkfifo "$GO"
for how in s: p:--pty; do
	{
		echo '#!/bin/sh'
		printf 'exec'
		printf " '%s'" "${S[@]}" --ro-bind "$PTY" /pty --setenv SBX_MARK "$mark" \
			--bind "$T/sync" "$T/sync" --setenv GO "$GO"
		echo " ${how#*:} \"\$@\""
	} >"$T/bin/${how%:*}"
done
printf '#!/bin/sh\nexec "$@"\n' >"$T/bin/host"
chmod 755 "$T/bin"/*
PATH=$T/bin:$PATH

# at_shell NAME <<STEPS: the steps come true at an interactive shell (lib/pty.c)
at_shell() {
	check "$1" -- "$PTY" bash --norc --noprofile --noediting -i
}
# at_program NAME COMMAND... <<STEPS
at_program() {
	local name=$1
	shift
	check "$name" -- "$PTY" "$@"
}
# No Ctrl-Z while dash starts a program: it uses vfork(2), and waits for ever, not stopped, for a child that is.
# check() starts its command with timeout(1), which keeps standard input.

for how in host s p; do
	at_shell "$how: Ctrl-C ends the command: 130; the shell has the terminal again" <<-END
		wait %
		save
		send $how sh -c 'echo rea""dy; exec sleep 50'\r
		wait ready
		foreground other
		send \003
		wait %
		foreground self
		same
		send echo st:\$?\r
		wait st:130
	END
	at_shell "$how: Ctrl-Z stops it, fg continues it" <<-END
		wait %
		save
		send $how sh -c 'echo rea""dy; read x; echo got:\$x; exit 7'\r
		wait ready
		send \032
		wait Stopped
		wait %
		foreground self
		same
		send fg\r
		wait read
		foreground other
		pause 100
		send typed\r
		wait got:typed
		wait %
		foreground self
		same
		send echo st:\$?\r
		wait st:7
	END
	at_shell "$how: Ctrl-Z, bg, wait" <<-END
		wait %
		send $how bash -c 'echo rea""dy; read x <\$GO; exit 8'\r
		wait ready
		send \032
		wait Stopped
		wait %
		send bg\r
		wait %
		foreground self
		send echo >\$GO; wait %1; echo st:\$?\r
		wait st:8
	END
	at_shell "$how: twice Ctrl-Z and fg, kill while it is stopped" <<-END
		wait %
		save
		send $how sh -c 'echo rea""dy; exec sleep 50'\r
		wait ready
		send \032
		wait Stopped
		send fg\r
		wait sleep 50
		foreground other
		pause 200
		send \032
		wait Stopped
		wait %
		same
		send kill %1; fg; echo st:\$?\r
		wait st:143
		same
	END
	at_shell "$how: size at the start and later" <<-END
		wait %
		size 33 77
		send $how sh -c 'trap "stty size" WINCH; stty size; echo rea""dy; while sleep 0.05; do :; done'\r
		wait 33 77
		wait ready
		size 44 99
		wait 44 99
		send \003
		wait %
	END
done
at_shell 'p: the size changed while it was stopped' <<-END
	wait %
	size 20 50
	send p bash -c 'echo rea""dy; until read -t 0.05 x; do stty size; done'\r
	wait ready
	send \032
	wait Stopped
	size 21 51
	send fg\r
	wait 21 51
	send \r
	wait %
END
at_shell 's: what stops sbx stops with the command; SIGCONT continues both' <<-END
	wait %
	send s bash -c 'echo rea""dy; read x <\$GO; exit 4' &\r
	wait ready
	send kill -TSTP %1; until [ "\$(jobs -s)" ]; do sleep 0.05; done; echo sto""pped\r
	wait stopped
	send kill -CONT %1; echo >\$GO; wait %1; echo st:\$?\r
	wait st:4
END
at_program 's: in an orphaned group Ctrl-Z has no effect, as without sbx' "$T/bin/s" sh -c 'echo rea""dy; read x; exit 3' <<-END
	wait ready
	send \032
	pause 100
	send \r
	status 3
END
at_program 'p: in an orphaned group neither' "$T/bin/p" sh -c 'echo rea""dy; read x; exit 3' <<-END
	wait ready
	send \032
	pause 100
	send \r
	status 3
END

# Job control inside
for how in s p; do
at_shell "$how: an inner shell has job control" <<-END
	wait %
	save
	send $how bash --norc --noediting -i\r
	wait %
	$([ $how = s ] || echo raw)
	send sleep 50\r
	pause 100
	send \032
	wait Stopped
	wait %
	send jobs; fg\r
	wait Stopped
	wait sleep 50
	pause 100
	send \003
	wait %
	send echo st:\$?\r
	wait st:130
	send sleep 51 & sleep 52\r
	pause 100
	send \003
	wait %
	send jobs; kill %1; exit 6\r
	wait Running
	wait %
	foreground self
	same
	send echo st:\$?\r
	wait st:6
	never no job control
END
at_shell "$how: suspend of the inner shell stops sbx" <<-END
	wait %
	save
	send $how bash --norc --noediting -i\r
	wait %
	send echo in:\$SBX_MARK\r
	wait in:$mark
	send suspend\r
	wait Stopped
	wait %
	same
	send echo out:\$SBX_MARK; fg\r
	wait out:
	wait $how bash
	$([ $how = s ] || echo raw)
	pause 100
	send echo again:\$SBX_MARK; exit\r
	wait again:$mark
	wait %
	same
END
done

# The caller's terminal, shared
at_shell 's: in a pipeline the other one keeps the terminal' <<-END
	wait %
	send s sh -c 'echo rea""dy; sleep 1' | (cat; IFS= read -r x </dev/tty; echo got:\$x)\r
	wait ready
	foreground other
	send typed\r
	wait got:typed
	wait %
	foreground self
END
at_shell 's: a sandbox in a pipeline gets it when it reads' <<-END
	wait %
	send echo | s sh -c 'echo rea""dy; IFS= read -r x </dev/tty; echo got:\$x' | cat; echo st:\$?\r
	wait ready
	pause 200
	send typed\r
	wait got:typed
	wait st:0
	wait %
	foreground self
END
at_shell 's: it is in the foreground as programs see it' <<-END
	wait %
	send s python3 -c 'import os; print("fo" + "re:", os.tcgetpgrp(0) == os.getpgrp())'\r
	wait fore: True
	wait %
END
at_shell 's: Ctrl-C ends the script that sbx is in too, once' <<-END
	wait %
	send bash -c 'trap "echo in""terrupted" INT; s sh -c "echo rea\"\"dy; exec sleep 50"; echo on""ward'\r
	wait ready
	pause 100
	send \003
	wait interrupted
	wait onward
	wait %
END
at_shell 's: what handles Ctrl-C gets it once, and so by the whole group' <<-END
	wait %
	send s bash -c 'f() { n=x\$n; echo IN""T\$n; }; trap f INT; echo rea""dy; for i in 1 2 3 4 5; do sleep 0.2; done; echo en""ded'\r
	wait ready
	send \003
	wait INTx
	wait ended
	wait %
	send (s bash -c 'f() { n=x\$n; echo TE""RM\$n; }; trap f TERM; echo rea""dy; for i in 1 2 3 4 5 6; do sleep 0.2; done; echo en""ded') &\r
	wait ready
	send kill %1\r
	wait TERMx
	wait ended
	never INTxx
	never TERMxx
END
at_shell 's: a dead shell of the sandbox leaves no dead group in the foreground' <<-END
	wait %
	save
	send bash -c 's bash --norc --noediting -ic "sleep 0.1; exit 3"; IFS= read -r x; echo got:\$x'\r
	pause 1000
	send typed\r
	wait got:typed
	wait %
	foreground self
	same
END
at_shell 's --new-session: no job control inside, no terminal' <<-END
	wait %
	send s --new-session sh -c 'echo x >/dev/tty || echo no""ne'\r
	wait none
	wait %
	send s --no-seccomp-floor --quiet sh -c 'echo x >/dev/tty || echo not""here'\r
	wait nothere
	wait %
	send s --as-pid-1 sh -c 'echo x >/dev/tty || echo neit""her'\r
	wait neither
	wait %
END
for how in host s; do
	at_shell "$how &: what runs in the background is stopped when it reads" <<-END
		wait %
		save
		send $how sh -c 'echo wri""tten; read x; echo got:\$x' &\r
		wait written
		pause 300
		send \r
		wait Stopped
		same
		send fg\r
		wait $how sh
		foreground other
		send hello\r
		wait got:hello
		wait %
		foreground self
	END
done
# The background
at_shell 'p &: does not touch the terminal, and is stopped when it reads' <<-END
	wait %
	save
	send p sh -c 'echo wri""tten; read x; echo got:\$x' &\r
	wait written
	pause 200
	same
	send \r
	wait Stopped
	same
	send fg\r
	wait p sh
	raw
	send hello\r
	wait got:hello
	wait %
	same
END
at_shell 'p &: fg while it runs' <<-END
	wait %
	save
	send p sh -c 'echo rea""dy; exec sleep 50' &\r
	wait ready
	send fg\r
	wait p sh
	foreground other
	pause 100
	send \003
	wait %
	same
	send echo st:\$?\r
	wait st:130
END
at_shell 'p: bg, and what reads then is stopped' <<-END
	wait %
	save
	send p bash -c 'echo rea""dy; sleep 0.5; read x; echo got:\$x'\r
	wait ready
	send \032
	wait Stopped
	wait %
	send bg\r
	wait %
	same
	pause 800
	send \r
	wait Stopped
	wait %
	same
	send fg\r
	wait p bash
	raw
	send late\r
	wait got:late
	wait %
	same
END

# Modes are restored
at_shell 'p: modes after --timeout' <<-END
	wait %
	save
	send p --timeout 0.5 sh -c 'stty raw -echo; echo rea""dy; exec sleep 50'\r
	wait ready
	raw
	wait %
	same
	send echo st:\$?\r
	wait st:124
END
at_shell 'p: --timeout counts for a command that stopped too' <<-END
	wait %
	save
	send p --timeout 1 sh -c 'echo rea""dy; exec sleep 50'\r
	wait ready
	send \032
	wait Stopped
	pause 1200
	send wait %1; echo st:\$?\r
	wait st:124
	same
END
for sig in TERM:143 HUP:129 INT:130 USR1:138; do
	at_shell "p: modes after SIG${sig%:*} to sbx" <<-END
		wait %
		save
		send p sh -c 'echo rea""dy; exec sleep 50'\r
		wait ready
		raw
		pause 50
		send \032
		wait Stopped
		wait %
		send P=\$(jobs -p); (sleep 0.3; kill -${sig%:*} \$P) & fg %1\r
		wait p sh
		wait %
		same
		send echo st:\$?\r
		wait st:${sig#*:}
	END
done
at_shell 'p: modes after a failed start, 125 to 127' <<-END
	wait %
	save
	send p --bind /no/such /x true; echo st:\$?\r
	wait st:125
	same
	send p /usr; echo st:\$?\r
	wait st:126
	same
	send p /no/such; echo st:\$?\r
	wait st:127
	same
END
at_shell 'p: a command that leaves its terminal in a state leaves that one only' <<-END
	wait %
	save
	send p stty raw -echo -opost; echo st:\$?\r
	wait st:0
	same
END
for how in s p; do
	at_shell "$how: kill -9 of sbx: the shell has the terminal and can use it" <<-END
		wait %
		send $how sh -c 'echo rea""dy; exec sleep 50'\r
		wait ready
		foreground other
		pause 50
		send \032
		wait Stopped
		wait %
		send P=\$(jobs -p); (sleep 0.3; kill -9 \$P) & fg %1\r
		wait $how sh
		wait %
		foreground self
		cooked
		send cat; echo end""ed\r
		pause 100
		send line\r
		wait line
		wait line
		send \004
		wait ended
	END
done
at_program 'p: the terminal goes away: SIGHUP' bash -c '"$@"; echo st:$? >"$0"' "$T/hup" "$T/bin/p" sh -c 'echo rea""dy; exec sleep 50' <<-END
	wait ready
	close
END
is 'nothing is left of it' await 20 gone "$mark"

# Programs that use terminals
for how in s p; do
	at_shell "$how: script(1) inside" <<-END
		wait %
		save
		send $how script -qc 'tty; exit 5' /dev/null; echo st:\$?\r
		wait /dev/pts/
		wait st:
		same
	END
	at_shell "$how: inside script(1)" <<-END
		wait %
		save
		send script -qec '$how sh -c "stty size; exit 5"' /dev/null; echo st:\$?\r
		wait 0 0
		wait st:5
		same
	END
done
if have tmux; then
	at_shell 'p: tmux inside' <<-END
		wait %
		save
		size 24 80
		send p --tmpfs /tmp --setenv TERM xterm --setenv LC_ALL C.UTF-8 tmux -f /dev/null new-session 'echo in"" tmux; read x; echo got:\$x; sleep 0.3'\r
		wait in tmux
		send typed\r
		wait got:typed
		wait exited
		wait %
		same
		send echo st:\$?\r
		wait st:0
	END
else
	skip 'p: tmux inside' 'tmux is not installed'
fi
at_shell 'p: sbx --pty inside sbx --pty' <<-END
	wait %
	save
	size 30 60
	send p --enable-userns --uid 1000 --gid 1000 --ro-bind '$SBX' /sbx /sbx --no-profile --seccomp none --enable-userns --ro-bind / / --share-cgroup --dev /dev --pty bash --norc --noediting -i\r
	wait %
	send stty size; sleep 50\r
	wait 30 60
	pause 100
	send \003
	wait %
	send exit 9\r
	wait %
	same
	send echo st:\$?\r
	wait st:9
END

# Without a terminal
P=("${S[@]}" --pty)
check 'p: all three streams are a terminal with a name' -O '^/dev/pts/[0-9]+' -- "${P[@]}" sh -c 'test -t 0 && test -t 1 && test -t 2 && tty; tty <&2'
check 'p: /dev/tty is it' -O '^yes' -- "${P[@]}" sh -c 'echo yes >/dev/tty'
check 'control: without --pty and without the caller having one there is none' -s 2 -e 'No such device' -- "${S[@]}" sh -c 'echo yes >/dev/tty'
check 'p: status' -s 41 -- "${P[@]}" sh -c 'exit 41'
check 'p: status by a signal' -s 137 -- "${P[@]}" sh -c 'kill -KILL $$'
check 'p: standard error goes the same way' -o $'one\r\ntwo\r' -E . -- "${P[@]}" sh -c 'echo one; echo two >&2'
check 'p: input from a pipe, its end, and no echo' -o $'a\r\nb\r\nend\r' -- bash -c 'printf "a\nb\n" | "$@"' sh "${P[@]}" sh -c 'cat; echo end'
check 'p: input without a last line feed' -o $'a\r\nbend\r' -- bash -c 'printf "a\nb" | "$@"' sh "${P[@]}" sh -c 'cat; echo end'
check 'p: no input' -o $'end\r' -- bash -c '"$@" </dev/null' sh "${P[@]}" sh -c 'cat; echo end'
check 'p: input from a file' -o $'# SPDX-License-Identifier: LGPL-2.1-or-later\r' -- \
	bash -c '"$@" <"$0"' "$top_srcdir/tests/integration/lib/lib.sh" "${P[@]}" sh -c 'cat | sed -n 2p'

# 1 MiB in 64-byte lines, which no mode of a terminal changes but for the ends of lines
head -c 802816 /dev/urandom | base64 -w 63 | head -c 1048576 >"$T/data"
sum=$(sha256sum <"$T/data")
# shellcheck disable=SC2034 # in eval
lines=$(wc -l <"$T/data")
P+=(--ro-bind "$T/data" /data)
for to in 'cat' '(sleep 1; cat)'; do
	same "p: 1 MiB of output, line feeds made \\r\\n, to $to" "$("${P[@]}" cat /data | eval "$to" | tr -d '\r' | sha256sum)" "$sum"
	same "p: the same without that, to $to" "$("${P[@]}" sh -c 'stty -opost; cat /data' | eval "$to" | sha256sum)" "$sum"
done
"${P[@]}" sh -c 'stty -opost; cat /data' >"$T/out"
same 'p: the same, to a file' "$(sha256sum <"$T/out")" "$sum"
same 'p: 1 MiB of input' "$("${P[@]}" sh -c 'sha256sum' <"$T/data" | tr -d '\r')" "$sum"
mkdir "$T/go"
same 'p: 1 MiB of input, raw' "$( (await 20 test -e "$T/go/go" && cat "$T/data" && sleep 1) |
	"${P[@]}" --bind "$T/go" /go sh -c 'stty raw; >/go/go; head -c 1048576 | sha256sum')" "$sum"
same 'p: both ways at once' "$("${P[@]}" cat <"$T/data" | tr -d '\r' | sha256sum)" "$sum"
run bash -c '"$@" | head -c 5 >/dev/null; exit "${PIPESTATUS[0]}"' sh "${P[@]}" sh -c 'while :; do echo y || sleep 5; done'
same 'p: the reader goes away: SIGHUP' "$st" 129
check 'p: a socket as standard streams' -o 'ok' -- python3 -c '
import socket, subprocess, sys
a, b = socket.socketpair()
p = subprocess.Popen(sys.argv[1:], stdin=b, stdout=b)
b.close()
a.sendall(b"hello\n")
got = b""
while True:
    d = a.recv(99)
    if not d: break
    got += d
    if b"hello" in got and p.poll() is None: a.shutdown(socket.SHUT_WR)
print("ok" if got == b"hello\r\n" and p.wait() == 0 else (got, p.wait()))' "${P[@]}" cat

# The end
check 'p: what runs on is killed, and does not hold up the end' -o $'done\r' -- timeout -k 1 20 "${P[@]}" sh -c 'trap "" HUP; sleep 100 & echo done'
check 'p: with a shared pid namespace too' -o $'done\r' -- timeout -k 1 20 "${P[@]}" --share-pid sh -c 'trap "" HUP; (setsid sleep 100) & echo done'
check 'p: all output is there, however short the life' -o "$(seq 200 | sed 's/$/\r/')" -- "${P[@]}" seq 200
check 'p: --timeout' -s 124 -o $'on\r' -- "${P[@]}" --timeout 0.5 sh -c 'echo on; exec sleep 50'
check 'p: --timeout with a reader that does not read' -s 0 -O '^124$' -- bash -c '
	exec 3< <(sleep 8); { timeout 20 "$@"; echo $? >&2; } 2>&1 >&4 4>&- | cat' sh "${P[@]}" --timeout 0.5 --kill-after 0.5 sh -c 'while echo y; do :; done' 4> >(sleep 4)
for opts in '--map-root-user' '--uid 77 --gid 78' '--cap-add ALL' '--share-pid' '--share-net --share-ipc --share-uts'; do
	# shellcheck disable=SC2086 # words
	check "p: with $opts" -o $'ok\r' -- "${P[@]}" $opts sh -c 'test -w "$(tty)" && : >"$(tty)" && echo ok'
done
check 'p: without a devpts' -s 125 -e "can't make a terminal for the command" -e 'hint: .*--dev /dev' -- \
	"$SBX" --no-profile "${BASE[@]}" --pty true
check 'p: what is no terminal multiplexer at /dev/ptmx' -s 125 -e "can't make a terminal" -- \
	"$SBX" --no-profile "${BASE[@]}" --tmpfs /dev --ro-bind /etc/passwd /dev/ptmx --pty true
check 'p: a FIFO there does not hold up the start' -s 125 -e "can't make a terminal" -- \
	bash -c 'mkfifo "$0"; exec timeout 20 "$@"' "$T/fifo" "$SBX" --no-profile "${BASE[@]}" --tmpfs /dev --bind "$T/fifo" /dev/ptmx --pty true
check 'p: under the default profile' -O '^/dev/pts/' -- "$SBX" --quiet --pty tty
check 'p: as a directive' -O '^/dev/pts/' -- bash -c 'printf "sbx-profile 1\ninclude default\npty\n" >"$0"; "$@"' \
	"$CONFIG/profiles/own.profile" "$SBX" --quiet --profile own tty
check 'p: told in a dry run' -O '^session and terminal of its own +# "<command-line>' -- "${P[@]}" --dry-run true
check 'p: and in JSON' -O '"pty": true' -- "${P[@]}" --dry-run=json true

is 'nothing is left of all this' await 10 gone "$mark"
finish
