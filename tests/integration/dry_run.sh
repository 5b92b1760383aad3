#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --dry-run and sbxctl doctor: they tell, and do nothing.
# shellcheck source=tests/integration/lib/lib.sh
. "${top_srcdir-$(dirname "$0")/../..}/tests/integration/lib/lib.sh"

W=("${S[@]}" --bind "$P" /p --setenv A 'b c' --rlimit nofile=9:10 --nice 3 --umask 027 --timeout 5s --cap-add NET_ADMIN
	--hostname h --share-ipc --map-root-user --chdir /p --argv0 zero)

# Text
check 'text: ids' -O "^  uid 0 is $(id -u) outside" -- "${W[@]}" --dry-run touch /p/made
check 'text: a mount with its origin' -O "^  bind $P /p +# .*<command-line>:[0-9]+:1" -- "${W[@]}" --dry-run touch /p/made
for line in 'new namespaces: user mount net pid uts cgroup$' 'shared with the host: ipc ' 'host name h ' 'rlimit nofile 9:10 ' 'nice 3 ' \
	'umask 0027 ' 'SIGTERM after 5000 ms ' 'capabilities: NET_ADMIN$|capabilities: CAP_NET_ADMIN$' 'no new privileges' \
	'  A="b c" ' 'directory /p ' 'run touch as zero /p/made'; do
	check "text: $line" -O "$line" -- "${W[@]}" --dry-run touch /p/made
done
is 'nothing was done' [ ! -e "$P/made" ]
check 'nothing is written to stderr' -E . -- "$SBX" --dry-run true
check 'an error is one all the same' -s 125 -o '' -e 'no mapping' -- "${W[@]}" --uid 5 --dry-run true
check 'a plan needs no user namespace' -O '^new namespaces' -- unshare --user --map-root-user sh -c '
	echo 0 >/proc/sys/user/max_user_namespaces || exit 9; exec "$@"' sh "${S[@]}" --seccomp none --dry-run true
check 'names can not break a line' -O 'bind .*/p.*"/a.nb"' -- "${S[@]}" --bind "$P" $'/a\nb' --dry-run true
check 'two plans of the same words are the same' -o "$("${W[@]}" --dry-run true)" -- "${W[@]}" --dry-run true

# JSON
if have jq; then
	# json NAME FILTER WANTED: what jq makes of the plan
	json() {
		same "json: $1" "$("${W[@]}" --dry-run=json touch "$P/made" | jq -c "$2" 2>&1)" "$3"
	}
	json 'namespaces' .namespaces '["user","mount","net","pid","uts","cgroup"]'
	json 'ids' '[."uid-map"[0].inner, ."uid-map"[0].outer, .uid]' "[0,$(id -u),0]"
	json 'a mount' '[.mounts[] | select(.dest == "/p") | [.op, .src]]' "[[\"bind\",\"$P\"]]"
	json 'origins' '[.mounts[] | select(.dest == "/p") | .origin | test("^<command-line>:[0-9]+:1$")]' '[true]'
	json 'a variable' '[.env[] | select(.name == "A") | .value]' '["b c"]'
	json 'the command' '[.file, .argv]' "[\"touch\",[\"zero\",\"$P/made\"]]"
	json 'limits' '[.rlimit[0].name, .rlimit[0].soft, .rlimit[0].hard, .nice, .umask, ."timeout-ms"]' '["nofile",9,10,3,"0027",5000]'
	is 'json: nothing was done' [ ! -e "$P/made" ]
	same 'json: every name becomes valid JSON' \
		"$("${S[@]}" --setenv V $'\xff\n"\\\x01' --bind "$P" $'/\xc3\x28' --dry-run=json true | jq -r 'type')" object
	for name in default build strict; do
		same "json: profile $name" "$("$SBX" --profile "$name" --dry-run=json true | jq -r .profile)" "$name"
	done
	same 'json: capabilities' "$("${S[@]}" --cap-add ALL --dry-run=json true | jq '.capabilities | length > 30')" true

	same 'doctor --json' "$("$SBXCTL" doctor --json | jq -c '[.ready, .uid, (.features | length > 20)]')" "[true,$(id -u),true]"
	same 'doctor --json: each lack has a reason and a remedy' \
		"$("$SBXCTL" doctor --json | jq -c '[.features[] | select(.available | not) | select((.detail // "") == "" or (.remedy // "") == "") | .name]')" '[]'
else
	skip 'json' 'jq is not installed'
fi
check 'dry-run: another format' -s 125 -e "<command-line>:1:11: error: dry-run 'yaml': expected json" -- "$SBX" --dry-run=yaml true

# doctor
check 'doctor' -O '^userns +yes' -- "$SBXCTL" doctor
check 'doctor says that sandboxes can start' -O '^Sandboxes can start here' -- "$SBXCTL" doctor
check 'doctor: where none can start: 1, reason and remedy' -s 1 -O '^userns +no +.*user.max_user_namespaces is 0' -- \
	unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' sh "$SBXCTL" doctor
is 'and what to do' matches "$out" 'to do: as root: echo .user.max_user_namespaces'
is 'and that none can start' matches "$out" '^No sandbox can start here: .*userns'
check 'doctor: unknown argument' -s 125 -e "unknown argument '--jsn'" -- "$SBXCTL" doctor --jsn
check 'sbxctl: no verb' -s 125 -e 'no verb given' -- "$SBXCTL"
check 'sbxctl: unknown verb' -s 125 -e "did you mean 'doctor'" -- "$SBXCTL" docter
check 'sbxctl --help' -O 'profile list' -- "$SBXCTL" --help
finish
