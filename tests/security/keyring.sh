#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# security.md row 9: the caller's session keyring and the keys in it are left outside (lib/keyring.py).
# shellcheck disable=SC2016 # for inner shells
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"
# The floor closes the calls; what is behind it is looked at first
FLOOR=("${S[@]}") S+=(--quiet --seccomp none --no-seccomp-floor)

use_python
lib=$(cd "$top_srcdir" && pwd)/tests/security/lib
put=("$python" "$lib/keyring.py" put)
"${put[@]}" true || skip_all 'no key can be added to a session keyring here'

# shown NAME OPTION...: outside the key is seen, inside it is not, and the keyring is another
check 'control: the key is found outside, by name and by number' -O '^name: hunter2$' -- "${put[@]}" sh -c '"$0" "$1/keyring.py" get "$KEY"' "$python" "$lib"
is 'control: by its number' matches "$out" '^number: hunter2$'
if have bwrap && bwrap --unshare-user --dev-bind / / true 2>/dev/null; then
	check 'control: bwrap --unshare-all leaves it in reach' -O '^number: hunter2$' -- "${put[@]}" sh -c \
		'exec bwrap --unshare-all --dev-bind / / "$0" "$1/keyring.py" get "$KEY"' "$python" "$lib"
else
	skip 'control: bwrap --unshare-all leaves it in reach' 'bwrap does not work here'
fi
for options in '' --map-root-user --enable-userns '--cap-add SYS_ADMIN' '--cap-add ALL' '--share-pid --share-net --share-ipc'; do
	# shellcheck disable=SC2086 # options
	check "the key is out of reach inside ${options:+($options)}" -O '^name: E' -N 'hunter2' -- "${put[@]}" sh -c \
		'python=$1; shift; exec "$@" "$python" /lib-py/keyring.py get "$KEY"' sh "$python" "${S[@]}" $options --ro-bind "$lib" /lib-py
	is "nor is it found by its number ${options:+($options)}" matches "$out" '^number: E(ACCES|NOKEY)$'
done
same 'the keyring of the session is another one' "$("${put[@]}" sh -c '
	python=$1; shift
	outside=$("$python" "$0/keyring.py" get | sed -n "s/^session: //p")
	inside=$("$@" "$python" /lib-py/keyring.py get | sed -n "s/^session: //p")
	[ "$outside" -gt 0 ] && [ -n "$inside" ] && [ "$inside" != "$outside" ] && echo another || echo "$outside $inside"' \
	"$lib" "$python" "${S[@]}" --ro-bind "$lib" /lib-py)" another
check 'the floor: no call of the keyrings at all' -O '^number: EPERM' -N 'hunter2|session: [0-9]' -- "${put[@]}" sh -c \
	'python=$1; shift; exec "$@" "$python" /lib-py/keyring.py get "$KEY"' sh "$python" "${FLOOR[@]}" --seccomp none --ro-bind "$lib" /lib-py
finish
