# shellcheck shell=sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Shell functions shared by the scripts of dev/ and .ci/run. Source it with $top set to the tree.
# shellcheck disable=SC2154 # top is the caller's

say() {
	echo "${0##*/}: $*" >&2
}

die() {
	say "$@"
	exit 1
}

# jobs: how many compilers to run at once
jobs_count() {
	nproc 2>/dev/null || echo 1
}

# git_here ARG...: git in the tree, whoever owns it
git_here() {
	git -c "safe.directory=$top" -C "$top" "$@"
}

# list_tree: the names of the tree's own files, each ended by NUL; nothing that a build made
list_tree() {
	# shellcheck disable=SC2016 # for the inner shell
	if git_here rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git_here ls-files -z --cached --others --exclude-standard --deduplicate |
			(cd "$top" && xargs -0r sh -c 'for f; do
				if [ -e "$f" ] || [ -L "$f" ]; then printf "%s\0" "$f"; fi; done' sh)
	else
		(cd "$top" && find . -path ./build -prune -o -path ./.git -prune -o \
			\( -type f -o -type l \) ! -name '*.o' ! -name '*.lo' -print0)
	fi
}

# copy_tree DIR COMMAND...: copy the tree into the existing DIR; COMMAND (may be empty) starts
# the tar that writes, so that an ordinary user can own the copy
copy_tree() {
	copy_to=$1
	shift
	list_tree | tar -C "$top" --null --no-recursion -T - -cf - | "$@" tar -C "$copy_to" -xf -
}

# user_add: create an ordinary user under a new name; sets user and user_home
user_add() {
	user=sbx$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
	useradd --create-home --shell /bin/sh "$user"
	user_home=$(getent passwd "$user" | cut -d: -f6)
	chmod 755 "$user_home"
}

# as_user COMMAND...: run it as that user, in the home, with a clean environment
as_user() {
	(cd "$user_home" && exec runuser -u "$user" -- env -i HOME="$user_home" USER="$user" \
		LOGNAME="$user" SHELL=/bin/sh PATH="$PATH" LANG=C.UTF-8 TERM=dumb "$@")
}

# user_leftovers: the processes that user still has, one a line. Zombies have ended; whether they are
# reaped is for pid 1.
user_leftovers() {
	ps -o pid=,stat=,args= -u "$user" | awk '$2 !~ /^Z/' || true
}

# user_remove: end what the user left running, remove the user
user_remove() {
	[ -n "${user-}" ] || return 0
	for pid in $(ps -o pid= -u "$user"); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	userdel --force --remove "$user" >/dev/null 2>&1 || say "could not remove user $user"
	user=
}

# count_tests LOG: add the summaries of `make check` in LOG to passed, failed, skipped.
# Fails if there is no summary, which means that the tests never ran.
passed=0 failed=0 skipped=0
count_tests() {
	# shellcheck disable=SC2046 # three words
	set -- $(awk '
		/^# (TOTAL|PASS|SKIP|XFAIL|FAIL|XPASS|ERROR): *[0-9]+$/ { n[$2] += $3; seen = 1 }
		END {
			if (!seen) exit 1
			print n["PASS:"] + n["XFAIL:"], n["FAIL:"] + n["XPASS:"] + n["ERROR:"],
				n["SKIP:"] + 0
		}' "$1")
	[ $# -eq 3 ] || return 1
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}
