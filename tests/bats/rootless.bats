#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hull for a user who is not root: every verb, maps of ids, mounts, cgroups that are delegated or not. hull runs as
# user 1000 with no capability and no groups, with an environment and state of his own; /etc/passwd, /etc/subuid and
# /etc/subgid are the test's own, in a mount namespace.

load helpers

U=1000

# So that ours can go on with it.
eval "root_$(declare -f setup)"
eval "root_$(declare -f teardown)"

setup() {
  root_setup
  # The driver is told by an option, and users have no systemd in most places where this runs.
  cgroupfs_only
  HOME_DIR=$T/home
  ROOT=$HOME_DIR/run/hull
  LOG=$HOME_DIR/log.json
  SUBIDS=$'tester:200000:1000\n'
  USER_PATH=$PATH
  ENTER=()
  mkdir -p "$HOME_DIR/run"
  touch "$LOG"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh "tester:x:$U:$U::/:/bin/sh" >"$T/passwd"
  own_bundle
  chown -R "$U:$U" "$HOME_DIR" "$T/tmp"
  chmod 700 "$HOME_DIR/run"
  needs_user
}

teardown() {
  local dir left=0
  for dir in "$ROOT"/*/; do
    [ -d "$dir" ] || continue
    dir=${dir%/}
    user delete --force "${dir##*/}" >"$T/delete.out" 2>&1 3>&- || { cat "$T/delete.out"; left=1; }
  done
  root_teardown || left=1
  return "$left"
}

# The user's own, with nothing that only root may ask for.
own_bundle() {
  config 'del(.linux.resources, .linux.cgroupsPath)'
  chown -R "$U:$U" "$B"
}

# as_user COMMAND...: with the test's files over those of /etc.
as_user() {
  printf %s "$SUBIDS" >"$T/subids"
  unshare --mount --propagation private -- sh -c '
    mount --bind "$1/passwd" /etc/passwd && { [ -e /etc/subuid ] || : >/etc/subuid; } && { [ -e /etc/subgid ] || : >/etc/subgid; } \
      && mount --bind "$1/subids" /etc/subuid && mount --bind "$1/subids" /etc/subgid || exit 125
    shift
    exec "$@"' sh "$T" \
    "${ENTER[@]}" setpriv --reuid "$U" --regid "$U" --clear-groups --inh-caps=-all -- \
    env -i PATH="$USER_PATH" HULL_MARK="$MARK" TMPDIR="$T/tmp" XDG_RUNTIME_DIR="$HOME_DIR/run" \
    ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${UBSAN_OPTIONS:+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} \
    ${HULL_FAULT:+HULL_FAULT="$HULL_FAULT"} "$@"
}

user() {
  as_user "$(command -v timeout)" --foreground -k 5 "$((${LIMIT:-20} * SLOW))" "$HULL" --log "$LOG" --log-format json "$@"
}

# user_ok COMMAND...: must succeed, without a word on standard error.
user_ok() {
  try user "$@"
  if [ "$status" -ne 0 ] || [ -s "$T/stderr" ] || grep -q '"error"' "$LOG"; then
    echo "hull $* ended with $status"
    show
    return 1
  fi
}

# user_fails WORD... -- COMMAND...
user_fails() {
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  try user "$@"
  failed "${words[@]}"
}

# user_inside SCRIPT: in a container of the user's, to look around.
user_inside() {
  sh_args "$1"$'\nexit 0'
  user_ok run --bundle "$B" "$ID"
}

user_sleeper() {
  args sleep 1000
  user_ok run --detach --bundle "$B" "$ID"
}

user_pid() {
  user state "${1:-$ID}" | jq .pid
}

user_status() {
  [ "$(user state "$ID" | jq -r .status)" = "$1" ]
}

# The numbers of a map, each blank one space.
map_of() {
  awk '{$1 = $1; print}' <<<"$output"
}

own_id_only() {
  config --argjson u "$U" '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": $u, "size": 1}] | .linux.gidMappings = .linux.uidMappings'
}

needs_helpers() {
  command -v newuidmap >/dev/null && command -v newgidmap >/dev/null || skip "needs newuidmap and newgidmap (package uidmap)"
}

# --- the verbs ------------------------------------------------------------------------------------------

@test "rootless: every verb of a container's life, with the default state root" {
  needs_helpers
  args sleep 1000
  user_ok create --bundle "$B" --pid-file "$HOME_DIR/pid" "$ID"
  user_status created
  equal "$(cat "$HOME_DIR/pid")" "$(user_pid)"
  equal "$(stat -c '%u %a' "$ROOT")" "$U 1700"
  user_ok start "$ID"
  user_status running
  equal "$(stat -c %u "/proc/$(user_pid)")" "$U"
  user_ok list --quiet
  equal "$output" "$ID"
  user_ok exec "$ID" sh -c 'echo "$(id -u):$(id -g) $(id -G)"'
  equal "$output" '0:0 0'
  user_ok exec --user 7:8 --additional-gids 9 "$ID" sh -c 'echo "$(id -u) $(id -G)"'
  equal "$output" '7 8 9'
  user_ok exec --detach --pid-file "$HOME_DIR/pid2" "$ID" sleep 900
  user_ok ps --format json "$ID"
  equal "$(jq -c sort <<<"$output")" "$(jq -nc '$ARGS.positional | map(tonumber) | sort' --args "$(user_pid)" "$(cat "$HOME_DIR/pid2")")"
  user_ok kill "$ID" KILL
  wait_for user_status stopped
  user_ok delete "$ID"
  [ ! -e "$ROOT/$ID" ]
}

@test "rootless: a program that its user may not read is told so" {
  if sanitized; then
    skip "the sanitizers want to read the program, too"
  fi
  cp "$HULL" "$T/hull"
  chmod 711 "$T/hull"
  try as_user "$T/hull" run --bundle "$B" "$ID"
  equal "$status" 1
  has "$stderr" 'the program has to be readable' 'cannot open our own program: Permission denied'
}

@test "rootless: exec has a terminal, and run relays one" {
  needs_helpers
  config '.process.terminal = true'
  args sh -c 'tty; test -t 0 && echo terminal'
  try as_user script -qec "$HULL run --bundle $B $ID" /dev/null
  equal "$status" 0
  has "$output" /dev/pts/0 terminal
  config '.process.terminal = false'
  user_sleeper
  try as_user script -qec "$HULL exec --tty $ID tty" /dev/null
  has "$output" /dev/pts/
}

@test "rootless: a created container can't be entered, and the message says when it can" {
  needs_helpers
  args sleep 1000
  user_ok create --bundle "$B" "$ID"
  # Only root may look into the first process until it has become the container's.
  equal "$(stat -c %u "/proc/$(user_pid)/mem")" 0
  user_fails join-target 'not yet started' -- exec "$ID" true
  user_ok delete --force "$ID"
}

@test "rootless: hull spec --rootless gives a config that runs" {
  try as_user "$HULL" spec --rootless --file fresh.json --bundle "$B"
  equal "$status" 0
  cp "$B/fresh.json" "$B/config.json"
  config '.process.terminal = false'
  user_inside 'id -u; cat /proc/self/uid_map'
  equal "$(map_of)" "$(printf '0\n0 %s 1' "$U")"
}

@test "rootless: the same inside a user namespace" {
  config '.linux.namespaces |= map(select(.type != "network"))'
  args sh -c 'id -u; cat /proc/self/uid_map'
  # Root in there, but a user: state is in his runtime directory.
  try as_user env USER=tester unshare --user --map-root-user --mount "$HULL" run --bundle "$B" "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  equal "$(map_of | head -n 1)" 0
  [ -d "$ROOT" ]
  # As podman calls it, for whom USER may be missing.
  rm -r "$ROOT"
  try as_user env -u USER unshare --user --map-root-user --mount "$HULL" run --bundle "$B" "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  [ -d "$ROOT" ]
}

# Where mounts may be cloned only in a copy of the mount namespace.
@test "rootless: inside a user namespace whose mounts are the host's" {
  args sh -c 'id -u; cat /proc/self/uid_map; cat /proc/self/setgroups'
  try as_user env USER=tester unshare --user --map-root-user "$HULL" run --bundle "$B" "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  equal "$(map_of | head -n 1)" 0
  config '.linux.namespaces |= map(select(.type != "user"))'
  try as_user env USER=tester unshare --user --map-root-user "$HULL" run --bundle "$B" "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  equal "$(map_of | head -n 1)" 0
}

# As podman without privileges runs us for the second container of a pod: root of a user namespace, in the pid namespace
# of the host, which he may leave but not enter again.
@test "rootless: the root of a user namespace joins a pid namespace of his" {
  sh_args 'test $$ -gt 1 && readlink /proc/self/ns/pid'
  try as_user env USER=tester unshare --user --map-root-user --mount sh -c '
    mkfifo "$1/up"
    unshare --pid --fork --kill-child sh -c "echo >\"\$1\"; exec sleep 1000" sh "$1/up" & peer=$!
    read -r _ <"$1/up"
    jq --arg path "/proc/$peer/ns/pid_for_children" ".linux.namespaces |= map(select(.type != \"user\") | if .type == \"pid\" then .path = \$path else . end)" \
      "$1/config.json" >"$1/joined.json" && cat "$1/joined.json" >"$1/config.json"
    readlink /proc/$peer/ns/pid_for_children
    "$2" run --bundle "$1" "$3"
    status=$?
    kill -KILL $peer
    wait
    exit $status' sh "$B" "$HULL" "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  equal "$(sed -n 2p "$T/stdout")" "$(sed -n 1p "$T/stdout")"
}

@test "rootless: hooks run as the user, on the host" {
  config --arg f "$HOME_DIR/hook" '.hooks.createRuntime = [{"path": "/bin/sh", "args": ["sh", "-c", "id -u >\($f); cat /proc/self/uid_map >>\($f)"]}]'
  args true
  user_ok run --bundle "$B" "$ID"
  equal "$(awk '{$1 = $1; print}' "$HOME_DIR/hook")" "$(printf '%s\n' "$U"; awk '{$1 = $1; print}' /proc/self/uid_map)"
}

@test "rootless: a filter works with and without no_new_privs" {
  local allowed
  for allowed in true false; do
    config --argjson n "$allowed" '.process.noNewPrivileges = $n
      | .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}'
    user_inside 'mkdir /tmp/x 2>&1; grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status'
    has "$output" 'not supported' $'Seccomp:\t2' "NoNewPrivs:"$'\t'"$([ "$allowed" = true ] && echo 1 || echo 0)"
  done
}

@test "rootless: a time namespace with offsets, also for exec, and a clear word about a wrong one" {
  [ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
  config '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": 1000000, "nanosecs": 5}, "boottime": {"secs": 2000000}}'
  user_inside 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time'
  has "$output" 'monotonic     1000000         5' 'boottime      2000000         0'
  [ "$(sed -n 3p <<<"$output")" -ge 2000000 ]
  hasnt "$output" "$(readlink /proc/self/ns/time)"
  args sleep 1000
  user_ok run --detach --bundle "$B" "$ID"
  user_ok exec "$ID" cut -d. -f1 /proc/uptime
  [ "$output" -ge 2000000 ]
  user_ok delete --force "$ID"
  args cut -d. -f1 /proc/uptime
  # root of a user namespace, who may leave the host's time namespace but not come back
  try as_user unshare --user --map-root-user --mount "$HULL" run --bundle "$B" "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  [ "$(cat "$T/stdout")" -ge 2000000 ]
  config '.linux.timeOffsets.boottime.secs = -9000000000'
  user_fails /linux/timeOffsets boottime -- run --bundle "$B" "$ID"
}

# --- where state is -------------------------------------------------------------------------------------

@test "rootless state: without XDG_RUNTIME_DIR it is an error that says what to do, and --root does it" {
  try as_user env -u XDG_RUNTIME_DIR "$HULL" --log "$LOG" --log-format json list
  failed 'XDG_RUNTIME_DIR is not set' '--root'
  try as_user env XDG_RUNTIME_DIR=run "$HULL" --log "$LOG" --log-format json list
  failed 'XDG_RUNTIME_DIR is not set'
  try as_user env -u XDG_RUNTIME_DIR "$HULL" --root "$HOME_DIR/elsewhere" list --quiet
  equal "$status" 1 # named and missing
  args true
  try as_user env -u XDG_RUNTIME_DIR "$HULL" --root "$HOME_DIR/elsewhere" run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(stat -c %a "$HOME_DIR/elsewhere")" 700
}

@test "rootless state: a runtime directory of somebody else, or open to others, is refused" {
  args true
  chown 0:0 "$HOME_DIR/run"
  user_fails "$HOME_DIR/run" 'belongs to user 0' -- run --bundle "$B" "$ID"
  chown "$U:$U" "$HOME_DIR/run"
  chmod 777 "$HOME_DIR/run"
  user_fails "$HOME_DIR/run" 'written by others' -- run --bundle "$B" "$ID"
  chmod 700 "$HOME_DIR/run"
  mkdir "$ROOT"
  chown "$((U + 1))" "$ROOT"
  user_fails "$ROOT" "belongs to user $((U + 1))" -- run --bundle "$B" "$ID"
  rmdir "$ROOT"
}

# --- ids ------------------------------------------------------------------------------------------------

@test "rootless ids: without a user namespace in the config all ids of the user are mapped" {
  needs_helpers
  SUBIDS=$'tester:200000:1000\nsomebody:500000:100\n'$U$':300000:5\ntester:bad:5\n'
  chmod 777 "$B/rootfs/data"
  config '.process.user = {"uid": 1001, "gid": 3}'
  user_inside 'cat /proc/self/uid_map; echo; cat /proc/self/gid_map; cat /proc/self/setgroups; touch /data/mine'
  equal "$(map_of)" "0 $U 1
1 200000 1000
1001 300000 5

0 $U 1
1 200000 1000
1001 300000 5
allow"
  equal "$(stat -c %u:%g "$B/rootfs/data/mine")" 300000:200002
}

@test "rootless ids: the process may have any of them, and groups" {
  needs_helpers
  config '.process.user = {"uid": 5, "gid": 6, "additionalGids": [7]}'
  user_inside 'grep -E "^(Uid|Gid|Groups):" /proc/self/status | tr -s "\t " " "'
  equal "$output" $'Uid: 5 5 5 5\nGid: 6 6 6 6\nGroups: 7 '
  config '.process.user = {"uid": 1001, "gid": 0}'
  user_fails /process/user/uid 'uid 1001 is not mapped' -- run --bundle "$B" "$ID"
}

@test "rootless ids: without a range, or without the programs, it is the user's own id, and the log says so" {
  local script='cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups'
  SUBIDS=$'somebody:500000:100\n'
  sh_args "$script"
  try user run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(map_of)" "$(printf '0 %s 1\n0 %s 1\ndeny' "$U" "$U")"
  has "$(jq -r 'select(.level == "warning") | .msg' "$LOG")" 'only uid 0 is mapped: /etc/subuid' 'only gid 0 is mapped: /etc/subgid'
  SUBIDS=$'tester:200000:1000\n'
  mkdir "$T/bin"
  USER_PATH=$T/bin
  try user run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(map_of)" "$(printf '0 %s 1\n0 %s 1\ndeny' "$U" "$U")"
  has "$(jq -r 'select(.level == "warning") | .msg' "$LOG")" "only uid 0 is mapped: 'newuidmap'" "only gid 0 is mapped: 'newgidmap'"
  config '.process.user.uid = 5'
  user_fails /process/user/uid 'not mapped' -- run --bundle "$B" "$ID"
}

@test "rootless ids: the own id alone needs no program, and denies setgroups" {
  own_id_only
  mkdir "$T/bin"
  USER_PATH=$T/bin
  user_inside 'cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups'
  equal "$(map_of)" "$(printf '0 %s 1\n0 %s 1\ndeny' "$U" "$U")"
  config '.process.user.additionalGids = [0]'
  user_fails /process/user/additionalGids 'only your own group' -- run --bundle "$B" "$ID"
  config 'del(.process.user.additionalGids)'
  user_sleeper
  user_ok exec "$ID" id -u
  equal "$output" 0
}

@test "rootless ids: the own id may be another than 0 inside" {
  config --argjson u "$U" '.linux.namespaces += [{"type": "user"}] | .process.user = {"uid": 33, "gid": 44}
    | .linux.uidMappings = [{"containerID": 33, "hostID": $u, "size": 1}]
    | .linux.gidMappings = [{"containerID": 44, "hostID": $u, "size": 1}]'
  user_inside 'id -u; id -g'
  equal "$output" $'33\n44'
}

@test "rootless ids: several mappings of the config" {
  needs_helpers
  SUBIDS=$'tester:200000:1000\ntester:300000:1000\n'
  config --argjson u "$U" '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 200500, "size": 10}, {"containerID": 50, "hostID": $u, "size": 1},
        {"containerID": 100, "hostID": 300000, "size": 1000}]
    | .linux.gidMappings = [{"containerID": 0, "hostID": 300007, "size": 1}]'
  chown -R 200500:300007 "$B/rootfs"
  user_inside 'cat /proc/self/uid_map /proc/self/gid_map'
  equal "$(map_of)" "0 200500 10
50 $U 1
100 300000 1000
0 300007 1"
}

@test "rootless ids: 340 mappings" {
  needs_helpers
  SUBIDS=$'tester:2000:1000\n' # the kernel takes a page of text at most
  config --argjson u "$U" '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": $u, "size": 1}] + [range(339) | {containerID: (. * 2 + 1), hostID: (2000 + . * 2), size: 1}]
    | .linux.gidMappings = .linux.uidMappings'
  user_inside 'wc -l </proc/self/uid_map; wc -l </proc/self/gid_map; tail -n 1 /proc/self/uid_map'
  equal "$(map_of)" $'340\n340\n677 2676 1'
}

@test "rootless ids: ids of others are refused in the words of the program, with the pointer" {
  needs_helpers
  config --argjson u "$U" '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": $u, "size": 1}, {"containerID": 1, "hostID": 5000, "size": 10}]
    | .linux.gidMappings = [{"containerID": 0, "hostID": $u, "size": 1}]'
  user_fails /linux/uidMappings 'newuidmap' 5000 'not allowed' /etc/subuid -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
  mkdir "$T/bin"
  USER_PATH=$T/bin
  user_fails /linux/uidMappings "'newuidmap', which is not in PATH" uidmap -- run --bundle "$B" "$ID"
  user_fails /linux/uidMappings "'newuidmap', which is not in PATH" -- plan --bundle "$B"
}

@test "rootless ids: the programs come from PATH, without a shell, a relative directory or an environment" {
  needs_helpers
  local name
  mkdir "$T/bin"
  for name in newuidmap newgidmap; do
    printf '#!/bin/sh\n{ env; echo "$*"; } >%s/%s\nexec %s "$@"\n' "$HOME_DIR" "$name" "$(command -v "$name")" >"$T/bin/$name"
    printf '#!/bin/sh\ntouch %s/evil\nexit 1\n' "$HOME_DIR" >"$B/$name"
  done
  chmod 755 "$T/bin"/* "$B/newuidmap" "$B/newgidmap"
  cd "$B"
  USER_PATH=.::$T/bin:$PATH
  user_inside 'wc -l </proc/self/uid_map'
  equal "$output" 2
  [ ! -e "$HOME_DIR/evil" ]
  for name in newuidmap newgidmap; do
    # What the shell of our program sets itself.
    equal "$(grep -vE '^(PWD|OLDPWD|SHLVL|_)=' "$HOME_DIR/$name" | sed 's/^[0-9]* //')" "0 $U 1 1 200000 1000"
  done
}

@test "rootless ids: a program that fails without a word, or says very much, is an error" {
  mkdir "$T/bin"
  printf '#!/bin/sh\nexit 3\n' >"$T/bin/newuidmap"
  cp "$T/bin/newuidmap" "$T/bin/newgidmap"
  chmod 755 "$T/bin"/*
  USER_PATH=$T/bin:$PATH
  user_fails "'$T/bin/newuidmap' failed" 'did not say why' -- run --bundle "$B" "$ID"
  printf '#!/bin/sh\nyes "too many words" | head -c 1000000 >&2\nexit 3\n' >"$T/bin/newuidmap"
  user_fails "'$T/bin/newuidmap' failed" 'too many words' -- run --bundle "$B" "$ID"
  printf 'no program\n' >"$T/bin/newuidmap"
  user_fails "cannot run '$T/bin/newuidmap'" -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
}

find_peer() {
  for PEER in $(marked_pids); do
    [ "$(tr '\0' ' ' <"/proc/$PEER/cmdline")" != 'sleep 1000 ' ] || return 0
  done
  return 1
}

# A user namespace of the user's with namespaces of its own; sets PEER to a process in it.
peer() {
  background as_user unshare --user --map-root-user --net --ipc --uts --pid --fork --kill-child "$@" sleep 1000
  wait_for find_peer
}

@test "rootless ids: a user namespace is joined by its path, with those that belong to it" {
  peer
  config --arg ns "/proc/$PEER/ns" '.linux.namespaces = ([{"user": "user"}, {"net": "network"}, {"ipc": "ipc"}, {"uts": "uts"}, {"pid": "pid"}]
      | map(to_entries[] | {"type": .value, "path": "\($ns)/\(.key)"})) + [{"type": "mount"}, {"type": "cgroup"}] | del(.hostname)'
  local name
  user_inside 'for name in user net ipc uts pid mnt; do readlink /proc/self/ns/$name; done; id -u; grep devpts /proc/mounts | grep -c gid='
  {
    for name in user net ipc uts pid; do
      readlink "/proc/$PEER/ns/$name"
    done
  } >"$T/wanted"
  equal "$(head -n 5 "$T/stdout")" "$(cat "$T/wanted")"
  equal "$(tail -n 2 "$T/stdout")" $'0\n0' # nor is the group of terminals mapped there
  [ "$(sed -n 6p "$T/stdout")" != "$(readlink "/proc/$PEER/ns/mnt")" ]
  user_sleeper
  user_ok exec "$ID" readlink /proc/self/ns/pid
  equal "$output" "$(readlink "/proc/$PEER/ns/pid")"
  user_ok delete --force "$ID"
  kill -KILL "$PEER"
  wait "${BACKGROUND[-1]}" || :
}

@test "rootless ids: a namespace that belongs to the host is not joined" {
  config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
  user_fails join-namespaces /linux/namespaces/1 'Operation not permitted' -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
}

# --- mounts ---------------------------------------------------------------------------------------------

@test "rootless mounts: those of the template are there, and devices are the host's" {
  needs_helpers
  user_inside 'cat /proc/self/mountinfo; echo; stat -c "%n %t:%T" /dev/null /dev/zero /dev/full /dev/tty /dev/random /dev/urandom; echo x >/dev/null'
  local point
  for point in proc:/proc tmpfs:/dev devpts:/dev/pts mqueue:/dev/mqueue sysfs:/sys cgroup2:/sys/fs/cgroup devtmpfs:/dev/null; do
    has "$(mount_line "${point#*:}")" "|${point%%:*}|" || [ "$point" = devtmpfs:/dev/null ]
  done
  has "$(mount_line /dev/pts)" gid=200004
  has "$output" '/dev/null 1:3' '/dev/zero 1:5' '/dev/full 1:7' '/dev/tty 5:0' '/dev/random 1:8' '/dev/urandom 1:9'
  has "$(mount_line /proc/keys)$(mount_line /proc/timer_list)" ro
}

@test "rootless mounts: a group of terminals that is not mapped is left out, other owners are an error" {
  own_id_only
  args cat /proc/self/mountinfo
  try user run --bundle "$B" "$ID"
  equal "$status" 0
  hasnt "$(mount_line /dev/pts)" gid=
  has "$(jq -r 'select(.level == "warning") | .msg' "$LOG")" /mounts/2/options gid=5
  config '.mounts += [{"destination": "/t", "type": "tmpfs", "source": "t", "options": ["gid=5"]}]'
  user_fails /mounts/7/options 'gid=5 is not mapped' -- run --bundle "$B" "$ID"
}

@test "rootless mounts: with the host's network /sys is the host's, and read-only all through" {
  config '.linux.namespaces |= map(select(.type != "network" and .type != "cgroup"))'
  user_inside 'awk "\$5 == \"/sys\" || \$5 ~ \"^/sys/\" {print \$5, \$6}" /proc/self/mountinfo; mkdir /sys/fs/cgroup/x 2>&1; test -e /sys/class/net/lo && echo seen'
  local point options
  while read -r point options; do
    case $point in /sys*) listed "$options" ro || { echo "writable: $point"; return 1; } ;; esac
  done <<<"$output"
  has "$output" '/sys ' 'Read-only file system' seen
}

@test "rootless mounts: the cgroup of the caller is not the container's to change" {
  # With files that are the user's, a new cgroup namespace and no word of read-only.
  mkdir "$CG$CGP/own"
  chown -R "$U" "$CG$CGP/own"
  config '.mounts[6].options -= ["ro"]'
  sh_args 'mkdir /sys/fs/cgroup/x 2>&1; echo 1 >/sys/fs/cgroup/cgroup.freeze; cat /proc/self/cgroup'
  (
    echo "$BASHPID" >"$CG$CGP/own/cgroup.procs"
    try user --cgroup-manager disabled run --bundle "$B" "$ID"
    has "$output" 'Read-only file system'
  )
  rmdir "$CG$CGP/own"
}

@test "rootless mounts: a source is opened as the user, and what is locked stays locked" {
  mkdir "$T/closed" "$T/open"
  echo secret >"$T/closed/file"
  echo plain >"$T/open/file"
  chmod 700 "$T/closed"
  config --arg s "$T/open" '.mounts += [{"destination": "/mnt/open", "type": "none", "source": $s, "options": ["bind", "ro"]}]'
  user_inside 'cat /mnt/open/file; touch /mnt/open/new 2>&1'
  has "$output" plain 'Read-only'
  config --arg s "$T/closed/file" '.mounts[7].source = $s'
  user_fails /mounts/7 "$T/closed/file" 'Permission denied' -- run --bundle "$B" "$ID"
  config --arg s "$T/missing" '.mounts[7].source = $s'
  user_fails /mounts/7 "$T/missing" -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
  ENTER=(sh -c 'mount --bind -o ro "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' "$T/open")
  config --arg s "$T/open" '.mounts[7].source = $s | .mounts[7].options = ["bind", "rw"]'
  user_fails /mounts/7 'locked' -- run --bundle "$B" "$ID"
}

@test "rootless mounts: an id-mapped one is refused before anything is made" {
  config --arg s "$T/tmp" '.mounts += [{"destination": "/mnt", "type": "none", "source": $s, "options": ["bind", "idmap"]}]'
  user_fails /mounts/7/options 'id-mapped' -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
}

# --- the process ----------------------------------------------------------------------------------------

@test "rootless process: oom_score_adj is raised, kept by exec, and refused when it is lower than ours" {
  local own
  own=$(cat /proc/self/oom_score_adj)
  config --argjson n "$((own + 100))" '.process.oomScoreAdj = $n'
  user_sleeper
  equal "$(cat "/proc/$(user_pid)/oom_score_adj")" "$((own + 100))"
  user_ok exec "$ID" cat /proc/self/oom_score_adj
  equal "$output" "$((own + 100))"
  user_ok delete --force "$ID"
  config --argjson n "$((own - 1))" '.process.oomScoreAdj = $n'
  user_fails /process/oomScoreAdj CAP_SYS_RESOURCE -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
}

@test "rootless process: limits are lowered; to raise a hard one is an error with the pointer" {
  config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]'
  user_inside 'ulimit -n; ulimit -Hn'
  equal "$output" $'100\n200'
  ENTER=(prlimit --nofile=500:500 --)
  config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 501}]'
  user_fails /process/rlimits/0 RLIMIT_NOFILE CAP_SYS_RESOURCE -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
}

@test "rootless process: nothing of the caller's privileges or groups is there" {
  needs_helpers
  user_inside 'cat /proc/self/status'
  has "$output" $'CapPrm:\t0000000020000420' $'CapBnd:\t0000000020000420' $'CapInh:\t0000000000000000'
  grep -qE '^Groups:[[:space:]]*$' "$T/stdout"
}

# --- cgroups --------------------------------------------------------------------------------------------

@test "rootless cgroup: without permission and limits it runs without one, and what needs one says why not" {
  local why='none is delegated to the user'
  user_sleeper
  equal "$(sed -n 's/^0:://p' "/proc/$(user_pid)/cgroup")" "$(sed -n 's/^0:://p' /proc/self/cgroup)"
  user_fails 'no cgroup' "$why" -- pause "$ID"
  user_fails 'no cgroup' "$why" -- events --stats "$ID"
  user_fails 'no cgroup' "$why" -- update --pids-limit 5 "$ID"
  try user stats --json "$ID"
  equal "$status" 0
  has "$(jq -r 'select(.level == "warning") | .msg' "$LOG")" "$why"
  try user kill --all "$ID" WINCH
  equal "$status" 0
  has "$(jq -r 'select(.level == "warning") | .msg' "$LOG")" "$why" 'only the first process'
  user_ok kill --all "$ID" KILL
  wait_for user_status stopped
  user_ok delete "$ID"
}

@test "rootless cgroup: limits without a delegated cgroup are an error with the controllers and how to delegate" {
  local limits='{"pids": {"limit": 10}, "memory": {"limit": 67108864}}'
  config --argjson r "$limits" '.linux.resources = $r'
  user_fails pids memory 'not delegated' 'Delegate=' 'user@.service' /linux/resources/ -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
  config --arg p "$CGP/x" '.linux.cgroupsPath = $p'
  user_fails pids memory 'not delegated' 'Delegate=' /linux/cgroupsPath -- run --bundle "$B" "$ID"
  config 'del(.linux.resources)'
  user_fails 'rootless needs no limits + no cgrouppath' /linux/cgroupsPath -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
}

# in_delegated COMMAND...: from a cgroup below one that is the user's, $CG$CGP/own.
delegate() {
  mkdir "$CG$CGP/own" "$CG$CGP/own/shell"
  chown "$U" "$CG$CGP/own" "$CG$CGP/own"/cgroup.{procs,subtree_control,threads} "$CG$CGP/own/shell" "$CG$CGP/own/shell"/cgroup.{procs,threads}
  ENTER=(sh -c 'echo $$ >"$0" && exec "$@"' "$CG$CGP/own/shell/cgroup.procs")
}

undelegate() {
  rmdir "$CG$CGP/own/shell" "$CG$CGP/own"
}

@test "rootless cgroup: in a delegated one the container has its own, and every verb that needs it works" {
  delegate
  user_sleeper
  equal "$(sed -n 's/^0:://p' "/proc/$(user_pid)/cgroup")" "$CGP/own/$ID"
  equal "$(stat -c %u "$CG$CGP/own/$ID")" "$U"
  user_ok exec "$ID" cat /proc/self/cgroup
  has "$output" 0::/
  user_ok exec --detach "$ID" sleep 900
  user_ok ps --format json "$ID"
  equal "$(jq length <<<"$output")" 2
  user_ok pause "$ID"
  user_status paused
  user_ok resume "$ID"
  user_ok stats --json "$ID"
  [ ! -s "$LOG" ]
  equal "$(jq '.[0].pids' <<<"$output")" 2
  user_ok events --stats "$ID"
  user_ok kill --all "$ID" KILL
  wait_for user_status stopped
  user_ok delete "$ID"
  [ ! -e "$CG$CGP/own/$ID" ]
  undelegate
}

@test "rootless cgroup: from outside of the delegated one it can't be entered, and the message says so" {
  delegate
  ENTER=()
  config --arg p "$CGP/own/x" '.linux.cgroupsPath = $p'
  user_fails spawn-init "$CGP/own/x" 'below the same delegated cgroup' 'Delegate=yes' -- run --bundle "$B" "$ID"
  [ ! -e "$CG$CGP/own/x" ]
  [ ! -e "$ROOT/$ID" ]
  undelegate
}

@test "rootless cgroup: a controller that is not delegated is named, and how to delegate it" {
  delegate
  config '.linux.resources = {"memory": {"limit": 67108864}}'
  user_fails memory /linux/resources/memory/limit -- run --bundle "$B" "$ID"
  [ ! -e "$CG$CGP/own/$ID" ]
  [ ! -e "$ROOT/$ID" ]
  if grep -qw memory "$CG/cgroup.controllers"; then
    user_fails "'+memory'" 'not delegated' 'Delegate=' -- run --bundle "$B" "$ID"
  fi
  undelegate
}

@test "rootless cgroup: limits are in force in a delegated one" {
  local controller
  for controller in pids memory; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no controller '$controller' here"
  done
  echo '+pids +memory' >"$CG/cgroup.subtree_control"
  [ "$CGP" = "/$RUN/$ID" ]
  echo '+pids +memory' >"$CG/$RUN/cgroup.subtree_control"
  echo '+pids +memory' >"$CG$CGP/cgroup.subtree_control"
  delegate
  config '.linux.resources = {"pids": {"limit": 12}, "memory": {"limit": 67108864}}'
  user_sleeper
  equal "$(cat "$CG$CGP/own/$ID/pids.max" "$CG$CGP/own/$ID/memory.max")" $'12\n67108864'
  try user exec "$ID" sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do sleep 5 & done'
  has "$output$stderr" fork
  user_ok update --pids-limit 20 "$ID"
  equal "$(cat "$CG$CGP/own/$ID/pids.max")" 20
  user_ok delete --force "$ID"
  undelegate
}

# --- failures -------------------------------------------------------------------------------------------

@test "rootless: a fault at any step of init leaves nothing" {
  local step reached=0
  args sleep 0.1
  HULL_FAULT=claim-state-dir:EPERM try user run --bundle "$B" "$ID"
  [ "$status" != 0 ] || skip "needs a build with --enable-fault-injection"
  for step in $("$HULL" steps | awk '$1 == "create-init" || $1 == "init" {sub(/\t.*/, ""); print $2}'); do
    HULL_FAULT=$step:EPERM try user run --bundle "$B" "$ID"
    [ "$status" != 0 ] || continue
    has "$stderr" "$step"
    [ ! -e "$ROOT/$ID" ]
    reached=$((reached + 1))
  done
  [ "$reached" -ge 20 ]
}
