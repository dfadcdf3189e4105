#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Where containers are put, and that nothing outside of what hull made is killed, frozen, changed or removed,
# whatever cgroupsPath says and whatever the workload does to its cgroups. With systemd only what does not depend on a
# path of ours; who removes what is systemd's business there.

load helpers

teardown_file() {
  # marks of this file's experiments go with their directories
  rmdir "$CG/$RUN"/t*/ 2>/dev/null || :
}

# A process outside of every container that must survive. canary CGROUP-DIRECTORY: sets CANARY.
canary() {
  background sleep 1000
  CANARY=${BACKGROUND[-1]}
  [ $# = 0 ] || echo "$CANARY" >"$1/cgroup.procs"
}

alive() {
  kill -0 "$1"
}

# A zombie is gone too: whose child it is now may take its time.
gone() {
  case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in "" | Z* | X*) ;; *) return 1 ;; esac
}

path_of() {
  sed -n 's/^0:://p' "/proc/$1/cgroup"
}

writable_cgroup() {
  config '.mounts[-1].options -= ["ro"]'
}

user_namespace() {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
}

no_pid_namespace() {
  config '.linux.namespaces |= map(select(.type != "pid"))'
}

# Starts what CODE says in a container that may write to its cgroup, and waits until it has written "ready".
start_writer() {
  writable_cgroup
  sh_args "$1"'
    echo x >/data/ready
    while :; do sleep 1; done'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
}

# Whether something enabled a controller with limits below the test's cgroup; sets CONTROLLER.
need_controller() {
  local have
  have=$(cat "$CG/cgroup.controllers")
  for CONTROLLER in "$@"; do
    case " $have " in *" $CONTROLLER "*) return ;; esac
  done
  skip "this host has none of: $*"
}

milliseconds() {
  date +%s%3N
}

# --- where ----------------------------------------------------------------------------------------------

@test "path: absolute is counted from the mount, and cleaned; parents are made and go again" {
  cgroupfs_only
  config '.linux.cgroupsPath = $p' --arg p "/$CGP//deep/./er///leaf/"
  start_sleeper
  equal "$(path_of "$(container_pid)")" "$CGP/deep/er/leaf"
  ok delete --force "$ID"
  [ ! -e "$CG$CGP/deep" ]
}

@test "path: relative is beside the caller, the same place each time" {
  cgroupfs_only
  config '.linux.cgroupsPath = "rel/leaf"'
  local place
  mkdir "$CG$CGP/own"
  for place in own own; do
    (
      echo "$BASHPID" >"$CG$CGP/$place/cgroup.procs"
      start_sleeper
    )
    equal "$(path_of "$(container_pid)")" "$CGP/rel/leaf"
    ok delete --force "$ID"
  done
  rmdir "$CG$CGP/own"
}

@test "path: odd names that the kernel takes work, through all of a container's life" {
  cgroupfs_only
  local name
  for name in "$(printf 'sp ace')" '...' '-x' 'a:b:c' "$(printf 'tab\there')" 'ünï' 'x (deleted)' "$(printf '\\n')" \
    "$(printf 'n%.0s' {1..255})" '*?[' '"quoted"' '%s%n'; do
    config '.linux.cgroupsPath = $p' --arg p "$CGP/$name"
    start_sleeper
    [ -d "$CG$CGP/$name" ] || { echo "not there: $name"; return 1; }
    equal "$(cat "$CG$CGP/$name/cgroup.procs")" "$(container_pid)"
    ok exec "$ID" true
    ok pause "$ID"
    ok resume "$ID"
    ok delete --force "$ID"
    [ ! -e "$CG$CGP/$name" ] || { echo "left: $name"; return 1; }
  done
}

@test "path: almost 4096 characters work; more is an error, before anything is made" {
  cgroupfs_only
  local long
  long=$CGP/$(printf 'a%.0s' {1..200})
  while [ ${#long} -lt 3600 ]; do
    long+=/$(printf 'b%.0s' {1..200})
  done
  config '.linux.cgroupsPath = $p' --arg p "$long"
  start_sleeper
  [ -n "$(cat "$CG$CGP"/a*/cgroup.events)" ]
  ok delete --force "$ID"
  nothing_left
  config '.linux.cgroupsPath = $p' --arg p "$long/$(printf 'c%.0s' {1..250})/$(printf 'c%.0s' {1..250})"
  fails /linux/cgroupsPath long -- run --bundle "$B" "$ID"
  nothing_left
}

@test "init and exec: start inside by clone, nothing is ever moved" {
  command -v strace >/dev/null || skip "no strace"
  ! sanitized || skip "LeakSanitizer does not work under strace"
  strace -f -qq -e trace=write,pwrite64,clone3,openat,openat2 -o "$T/strace" \
    "$HULL" --root "$ROOT" run --detach --bundle "$B" "$ID" >/dev/null 2>&1 </dev/null 3>&- || skip "strace does not work here"
  sed -i '$!b' "$T/strace"
  grep -q 'CLONE_INTO_CGROUP' "$T/strace"
  hasnt "$(cat "$T/strace")" cgroup.procs cgroup.threads
  sh_args 'sleep 1000'
  strace -f -qq -e trace=write,pwrite64,clone3,openat,openat2 -o "$T/strace" \
    "$HULL" --root "$ROOT" delete --force "$ID" >/dev/null 2>&1 </dev/null 3>&-
  start_sleeper
  strace -f -qq -e trace=write,pwrite64,clone3,openat,openat2 -o "$T/strace" \
    "$HULL" --root "$ROOT" exec "$ID" true >/dev/null 2>&1 </dev/null 3>&-
  grep -q 'CLONE_INTO_CGROUP' "$T/strace"
  hasnt "$(cat "$T/strace")" cgroup.procs cgroup.threads
}

# bats test_tags=limits
@test "limits: are in force for the first instruction, and for hooks in the container's namespaces" {
  need_controller pids
  config '.linux.resources.pids = {limit: 17}
    | .hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' \
    --arg s "sed -n s/^0:://p /proc/self/cgroup >'$T/hook'; cat '$CGROUP_DIR/pids.max' >>'$T/hook'"
  inside 'cat /sys/fs/cgroup/pids.max'
  equal "$output" 17
  equal "$(tail -n1 "$T/hook")" 17
}

@test "devices: rules are in force for createContainer hooks and the first instruction" {
  config '.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", $s]}] | .process.capabilities.bounding += ["CAP_MKNOD"]
    | .process.capabilities.effective += ["CAP_MKNOD"] | .process.capabilities.permitted += ["CAP_MKNOD"]' \
    --arg s "rm -f '$T/dev'; mknod '$T/dev' c 1 1 && dd if='$T/dev' bs=1 count=1 of=/dev/null; echo \$? >'$T/hook'"
  inside 'mknod /data/mem c 1 1; dd if=/data/mem bs=1 count=1 of=/dev/null; echo $?' 2>/dev/null || :
  [ "$(cat "$T/hook")" != 0 ]
  [ "$(tail -n1 <<<"$output")" != 0 ]
}

@test "lives until delete: after the end of the process, and after it was killed" {
  cgroupfs_only
  args true
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for has_status stopped
  [ -d "$CGROUP_DIR" ]
  ok state "$ID"
  [ -d "$CGROUP_DIR" ]
  ok delete "$ID"
  [ ! -e "$CGROUP_DIR" ]
  start_sleeper
  ok kill "$ID" KILL
  wait_for has_status stopped
  [ -d "$CGROUP_DIR" ]
  ok delete "$ID"
  [ ! -e "$CGROUP_DIR" ]
}

# bats test_tags=limits
@test "lives until delete: after an OOM kill, with its memory.events" {
  cgroupfs_only
  need_controller memory
  config '.linux.resources.memory = {limit: 16777216}'
  [ ! -e "$CG/memory.swap.max" ] || config '.linux.resources.memory.swap = 16777216'
  sh_args 'tail /dev/zero'
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  has "$(cat "$CGROUP_DIR/memory.events")" oom_kill
  hasnt "$(cat "$CGROUP_DIR/memory.events")" 'oom_kill 0'
  ok delete "$ID"
}

# --- what may not be a container's ----------------------------------------------------------------------

@test "refused: paths that are no place for a container, and a canary in each survives" {
  cgroupfs_only
  local path out=escape-$RUN-$ID
  mkdir "$CG$CGP/foreign" "$CG$CGP/foreign/empty"
  canary "$CG$CGP/foreign"
  for path in / // /. "" . .. "../$out" "/../$out" "$CGP/../$out" "$CGP/foreign/../../$out" "$CGP/foreign" "$CGP/foreign/cgroup.procs" \
    "$CGP/foreign/cgroup.procs/x" "$CGP" "$CGP/"$'new\nline' "$CGP/$(printf 'a%.0s' {1..256})" "$CGP/x/cgroup.procs/.." ; do
    config '.linux.cgroupsPath = $p' --arg p "$path"
    fails /linux/cgroupsPath -- run --bundle "$B" "$ID" || { echo "path '$path'"; return 1; }
    ok delete --force "$ID"
    alive "$CANARY"
  done
  equal "$(path_of "$CANARY")" "$CGP/foreign"
  equal "$(find "$CG" -name "$out" 2>/dev/null)" ""
  # below a cgroup with processes of others is a place, without controllers
  config '.linux.cgroupsPath = $p' --arg p "$CGP/foreign/made/leaf"
  start_sleeper
  ok delete --force "$ID"
  alive "$CANARY"
  [ ! -e "$CG$CGP/foreign/made" ]
  [ -d "$CG$CGP/foreign/empty" ]
  stop_background
  rmdir "$CG$CGP/foreign/empty" "$CG$CGP/foreign"
}

@test "refused: our own cgroup, and the one above it" {
  cgroupfs_only
  local path
  mkdir -p "$CG$CGP/up/own"
  for path in "$CGP/up/own" "$CGP/up"; do
    config '.linux.cgroupsPath = $p' --arg p "$path"
    (
      echo "$BASHPID" >"$CG$CGP/up/own/cgroup.procs"
      fails "$path" processes -- run --bundle "$B" "$ID"
    )
  done
  rmdir "$CG$CGP/up/own" "$CG$CGP/up"
}

@test "refused: a slice of systemd, though it is empty" {
  cgroupfs_only
  mkdir "$CG$CGP/empty.slice"
  config '.linux.cgroupsPath = $p' --arg p "$CGP/empty.slice"
  fails slice -- run --bundle "$B" "$ID"
  config '.linux.cgroupsPath = $p' --arg p "$CGP/empty.slice/x.scope"
  start_sleeper
  ok delete --force "$ID"
  rmdir "$CG$CGP/empty.slice"
}

@test "refused: the cgroup of another container, what is above and what is below it, running or stopped" {
  cgroupfs_only
  local when path
  config '.linux.cgroupsPath = $p' --arg p "$CGP/parent/one"
  args sleep 1000
  ok run --detach --bundle "$B" one
  bundle other
  for when in running stopped; do
    for path in "$CGP/parent/one" "$CGP/parent" "$CGP/parent/one/below" "$CGP/parent/one/much/deeper"; do
      config '.linux.cgroupsPath = $p' --arg p "$path"
      fails "$CGP/parent" -- run --bundle "$B" "$ID" || { echo "$when: $path"; return 1; }
      ok delete --force "$ID"
    done
    has_status "$when" one
    [ -d "$CG$CGP/parent/one" ]
    [ "$when" = stopped ] || { ok kill one KILL; wait_for has_status stopped one; }
  done
  config '.linux.cgroupsPath = $p' --arg p "$CGP/parent/one/below"
  fails "container 'one'" -- run --bundle "$B" "$ID"
  ok delete one
  # who is in the container himself may nest: a runtime in a container
  B=$T/bundle
  ok run --detach --bundle "$B" one
  B=$T/other
  mkdir "$CG$CGP/parent/one/us"
  (
    echo "$BASHPID" >"$CG$CGP/parent/one/us/cgroup.procs"
    args true
    ok run --bundle "$B" "$ID"
  )
  ok delete --force one
}

@test "existing: an empty cgroup is used by one container at a time, and keeps what the other one has" {
  cgroupfs_only
  mkdir "$CGROUP_DIR"
  ok create --bundle "$B" first
  ok kill first KILL
  wait_for has_status stopped first
  fails "container 'first'" -- create --bundle "$B" "$ID"
  ok delete first
  [ -d "$CGROUP_DIR" ]
  config '.linux.devices = [{path: "/dev/mem2", type: "c", major: 1, minor: 1}]'
  # the record of one that crashed, while the next one lives there: nothing of it is touched
  start_sleeper
  ok pause "$ID"
  mkdir "$ROOT/ghost"
  jq '.cgroup.nonce = "0123456789abcdef"' "$ROOT/$ID/intent.json" >"$ROOT/ghost/intent.json"
  jq -e '.cgroup.made != true' "$ROOT/ghost/intent.json"
  ok delete --force ghost
  has_status paused
  ok resume "$ID"
  try hull exec "$ID" dd if=/dev/mem2 count=1
  has "$stderr" 'Operation not permitted'
  ok delete --force "$ID"
  args true
  ok run --bundle "$B" "$ID"
  rmdir "$CGROUP_DIR"
}

@test "existing: of many creates at once with one path, one wins, and the others leave it alone" {
  cgroupfs_only
  local round i won
  for round in made existing; do
    [ "$round" = made ] || mkdir "$CGROUP_DIR"
    for i in {1..8}; do
      background hull create --bundle "$B" "many$i" >/dev/null 2>&1 </dev/null
    done
    for i in "${BACKGROUND[@]}"; do
      wait "$i" || :
    done
    BACKGROUND=()
    won=()
    for i in {1..8}; do
      [ ! -d "$ROOT/many$i" ] || won+=("many$i")
    done
    equal "${#won[@]}" 1
    has_status created "${won[0]}"
    equal "$(path_of "$(container_pid "${won[0]}")")" "$CGROUP"
    for i in {1..8}; do
      [ "many$i" = "${won[0]}" ] || hull delete --force "many$i" 3>&-
    done
    has_status created "${won[0]}"
    ok delete --force "${won[0]}"
    [ "$round" = existing ] || [ ! -e "$CGROUP_DIR" ]
  done
  rmdir "$CGROUP_DIR"
}

@test "existing: one that another create has just made is removed by the container that took it" {
  cgroupfs_only
  command -v strace >/dev/null || skip "no strace"
  ! sanitized || skip "LeakSanitizer does not work under strace"
  strace -qq -o /dev/null true || skip "strace does not work here"
  local first
  background strace -qq -o /dev/null -e trace=fsetxattr -e inject=fsetxattr:delay_enter=2000000 \
    "$HULL" --root "$ROOT" create --bundle "$B" maker >/dev/null 2>&1 </dev/null
  first=${BACKGROUND[0]}
  wait_for [ -d "$CGROUP_DIR" ]
  ok create --bundle "$B" taker
  local code=0
  wait "$first" || code=$?
  [ "$code" != 0 ]
  BACKGROUND=()
  has_status created taker
  [ ! -e "$ROOT/maker" ]
  ok delete --force taker
  [ ! -e "$CGROUP_DIR" ]
}

@test "parents: that someone moves into are left, with him" {
  cgroupfs_only
  config '.linux.cgroupsPath = $p' --arg p "$CGP/made/by/us"
  start_sleeper
  canary "$CG$CGP/made"
  ok delete --force "$ID"
  alive "$CANARY"
  [ -d "$CG$CGP/made" ]
  [ ! -e "$CG$CGP/made/by" ]
  stop_background
  wait_for rmdir "$CG$CGP/made"
}

@test "delete: a process that comes and goes between parent and container is never hit" {
  cgroupfs_only
  local i pid
  config '.linux.cgroupsPath = $p' --arg p "$CGP/made/us"
  args true
  ok create --bundle "$B" "$ID"
  canary
  (
    while :; do
      echo "$CANARY" >"$CG$CGP/made/cgroup.procs" || :
      echo "$CANARY" >"$CG$CGP/cgroup.procs" || :
    done
  ) 2>/dev/null 3>&- &
  pid=$!
  for i in {1..15}; do
    hull delete --force "$ID" 3>&-
    hull create --bundle "$B" "$ID" >/dev/null 2>&1 </dev/null 3>&- || :
    alive "$CANARY"
  done
  kill "$pid"
  wait "$pid" 2>/dev/null || :
  alive "$CANARY"
  hull delete --force "$ID" 3>&-
  stop_background
  rmdir "$CG$CGP/made" 2>/dev/null || [ ! -e "$CG$CGP/made" ]
}

@test "mount: another one in the place of the hierarchy is refused, and the container survives it" {
  cgroupfs_only
  start_sleeper
  local kind pid
  pid=$(container_pid)
  for kind in tmpfs bind link; do
    try unshare -m --propagation private env CG="$CG" kind="$kind" T="$T" RUN="$RUN" sh -c '
      case $kind in
        tmpfs) mount -t tmpfs tmpfs "$CG" ;;
        bind) mount --bind "$CG/$RUN" "$CG" ;;
        link) mount -t tmpfs tmpfs /sys/fs && mkdir "$T/fake" && ln -s "$T/fake" /sys/fs/cgroup ;;
      esac
      exec "$@"' sh "$HULL" --root "$ROOT" --log "$LOG" --log-format json kill --all "$ID" KILL
    kill -0 "$pid" || { [ "$kind" != bind ] || wait_for has_status stopped; break; }
  done
  # with another tree in its place the record's inode does not fit: delete must not take what is there
  mkdir -p "$CG$CGP/fake$CGP/bundle"
  canary "$CG$CGP/fake$CGP/bundle"
  try unshare -m --propagation private env CG="$CG" CGP="$CGP" sh -c 'mount --bind "$CG$CGP/fake" "$CG" && exec "$@"' sh \
    "$HULL" --root "$ROOT" --log "$LOG" --log-format json delete --force "$ID"
  alive "$CANARY"
  equal "$(path_of "$CANARY")" "$CGP/fake$CGP/bundle"
  stop_background
  find "$CG$CGP/fake" -depth -type d -exec rmdir {} +
  rmdir "$CGROUP_DIR" 2>/dev/null || :
}

# --- what workloads do ----------------------------------------------------------------------------------

@test "nested: deep nests, a thousand siblings, odd names, frozen and threaded ones, all with processes, go" {
  no_pid_namespace
  printf '%s\n' 'sp ace' "$(printf 'tab\t')" -rf ... a:b 'x (deleted)' "$(printf '\001\033[31m')" '*' "$(printf '\377\376')" \
    "$(printf 'n%.0s' {1..255})" >"$B/rootfs/data/names"
  start_writer 'cd /sys/fs/cgroup
    i=0; while [ $i -lt 1000 ]; do mkdir s$i; i=$((i + 1)); done
    d=.; i=0; while [ $i -lt 100 ]; do mkdir d && cd d; i=$((i + 1)); done
    sleep 1000 & echo $! >cgroup.procs
    cd /sys/fs/cgroup
    while IFS= read -r n; do mkdir -- "$n"; sleep 1000 & echo $! >"./$n/cgroup.procs"; done </data/names
    mkdir frozen; sleep 1000 & echo $! >frozen/cgroup.procs; echo 1 >frozen/cgroup.freeze
    mkdir threads; mkdir threads/t; echo threaded >threads/t/cgroup.type
    sleep 1000 & echo $! >threads/cgroup.procs; echo $! >threads/t/cgroup.procs
    mkdir none; echo 0 >none/cgroup.max.descendants; echo 0 >cgroup.max.depth; echo 0 >cgroup.max.descendants'
  [ "$(find "$CGROUP_DIR" -type d | wc -l)" -gt 1100 ]
  # and the last one sleeps most of the time, in a process of its own
  [ "$(sort -u "$CGROUP_DIR/cgroup.procs" "$CGROUP_DIR"/*/cgroup.procs 2>/dev/null | wc -l)" -ge 12 ]
  local before
  before=$(milliseconds)
  LIMIT=30 ok delete --force "$ID"
  echo "# delete of 1100 cgroups: $(($(milliseconds) - before)) ms" >&3
  nothing_left
}

@test "nested: zombies, stopped and frozen processes, and such that ignore every signal, end" {
  no_pid_namespace
  start_writer 'cd /sys/fs/cgroup; mkdir a b c
    trap "" TERM HUP INT
    sh -c "trap \"\" TERM HUP INT; while :; do sleep 1; done" & echo $! >a/cgroup.procs
    sleep 1000 & echo $! >b/cgroup.procs; kill -STOP $!
    sh -c "sleep 0 & exec sleep 1000" & echo $! >c/cgroup.procs; echo 1 >c/cgroup.freeze'
  ok delete --force "$ID"
  nothing_left
}

@test "nested: a fork bomb in many cgroups is gone at once" {
  no_pid_namespace
  local i before spent worst=0
  # root would not be bound by the limit
  config '.process.rlimits += [{"type": "RLIMIT_NPROC", "soft": 150, "hard": 150}] | .process.user = {uid: 54321, gid: 54321}
    | del(.process.capabilities)'
  chmod 777 "$B/rootfs/data"
  writable_cgroup
  # shellcheck disable=SC2016
  sh_args 'exec 2>/dev/null; cd /sys/fs/cgroup
    for i in 1 2 3 4; do mkdir b$i; sh -c "echo \$\$ >b$i/cgroup.procs; while :; do for j in 1 2 3 4 5 6 7 8; do sleep 0.05 & done; wait; done" & done
    sleep 0.2; echo x >/data/ready; while :; do (while :; do sleep 0.01; done) & sleep 0.01; done'
  for i in {1..5}; do
    rm -f "$B/rootfs/data/ready"
    config '.process.user.uid += 1' # the zombies of the last round count until the host's init reaps them
    ok run --detach --bundle "$B" "$ID"
    wait_for [ -e "$B/rootfs/data/ready" ]
    before=$(milliseconds)
    ok delete --force "$ID"
    spent=$(($(milliseconds) - before))
    [ "$spent" -le "$worst" ] || worst=$spent
    nothing_left
  done
  echo "# fork bomb: at most $worst ms" >&3
  [ "$worst" -lt $((2000 * SLOW)) ] || { echo "$worst ms"; return 1; }
}

@test "threaded: a parent that is makes create fail with a word about it; a container can't make its own so" {
  cgroupfs_only
  mkdir "$CG$CGP/top" "$CG$CGP/top/thread"
  echo threaded >"$CG$CGP/top/thread/cgroup.type"
  config '.linux.cgroupsPath = $p' --arg p "$CGP/top/thread/x"
  fails "$CGP/top/thread/x" threaded -- run --bundle "$B" "$ID"
  [ ! -e "$CG$CGP/top/thread/x" ]
  rmdir "$CG$CGP/top/thread" "$CG$CGP/top"
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP"
  writable_cgroup
  inside '(echo threaded >/sys/fs/cgroup/cgroup.type) 2>/dev/null || echo refused'
  equal "$output" refused
}

@test "delegated: iff there is a new cgroup namespace and a writable cgroup mount on top" {
  local uid
  user_namespace
  writable_cgroup
  config '.process.user = {uid: 1000, gid: 1000}'
  start_sleeper
  equal "$(stat -c %u "$CGROUP_DIR" "$CGROUP_DIR/cgroup.procs" "$CGROUP_DIR/cgroup.subtree_control" \
    "$CGROUP_DIR/cgroup.threads" | sort -u)" 101000
  while read -r file; do
    [ ! -e "$CGROUP_DIR/$file" ] || equal "$file $(stat -c %u "$CGROUP_DIR/$file")" "$file 101000"
  done </sys/kernel/cgroup/delegate
  for file in cgroup.freeze cgroup.kill cgroup.type cgroup.max.depth cgroup.max.descendants pids.max memory.max; do
    [ ! -e "$CGROUP_DIR/$file" ] || equal "$file $(stat -c %u "$CGROUP_DIR/$file")" "$file 0"
  done
  ok delete --force "$ID"
  local change
  for change in '.mounts[-1].options += ["ro"]' '.mounts[-1].options += ["rro"]' 'del(.mounts[-1])' \
    '.mounts += [.mounts[-1] | .options += ["ro"]]' '.linux.namespaces |= map(select(.type != "cgroup"))'; do
    cp "$B/config.json" "$T/saved.json"
    config "$change"
    args sleep 1000
    try hull run --detach --bundle "$B" "$ID"
    if [ "$status" = 0 ]; then
      uid=$(stat -c %u "$CGROUP_DIR")
      [ "$uid" = 0 ] || { echo "$change: uid $uid"; return 1; }
    fi
    ok delete --force "$ID"
    cp "$T/saved.json" "$B/config.json"
  done
}

@test "delegated: in a joined user namespace to the uid that the process has out here; an unmapped one gets nothing" {
  local holder
  background unshare --user sleep 1000
  holder=${BACKGROUND[-1]}
  wait_for eval '[ "$(readlink /proc/'"$holder"'/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
  env printf '%s\n' '0 200000 1000' '5000 300000 10' >"/proc/$holder/uid_map"
  env printf '%s\n' '0 200000 1000' '5000 300000 10' >"/proc/$holder/gid_map"
  chown -R 200000:200000 "$B/rootfs"
  writable_cgroup
  config '.linux.namespaces += [{"type": "user", "path": $p}] | .process.user = {uid: 5003, gid: 5003}' --arg p "/proc/$holder/ns/user"
  start_sleeper
  equal "$(stat -c %u "$CGROUP_DIR" "$CGROUP_DIR/cgroup.procs" | sort -u)" 300003
  ok delete --force "$ID"
  config '.process.user = {uid: 0, gid: 0}'
  inside 'mkdir /sys/fs/cgroup/mine && stat -c %u /sys/fs/cgroup/mine'
  equal "$output" 0
  config '.process.user = {uid: 2000, gid: 0}'
  fails 2000 -- run --bundle "$B" "$ID"
}

# bats test_tags=limits
@test "delegated: the container's root makes cgroups, moves processes and enables controllers, but lifts no limit" {
  need_controller pids
  user_namespace
  writable_cgroup
  config '.linux.resources.pids = {limit: 50}'
  inside 'cd /sys/fs/cgroup && mkdir init more && echo $$ >init/cgroup.procs && echo +pids >cgroup.subtree_control &&
    echo 7 >more/pids.max && cat more/pids.max; (echo 1000 >pids.max) 2>/dev/null || echo refused
    (echo 1 >cgroup.freeze) 2>/dev/null || echo unfrozen'
  equal "$output" $'7\nrefused\nunfrozen'
}

# --- every command in every situation -------------------------------------------------------------------

@test "frozen from outside, above: state, exec, resume, kill and delete do not hang" {
  cgroupfs_only
  local way before
  config '.linux.cgroupsPath = $p' --arg p "$CGP/above/leaf"
  for way in leaf above; do
    start_sleeper
    local at=$CG$CGP/above
    [ "$way" = above ] || at=$CG$CGP/above/leaf
    echo 1 >"$at/cgroup.freeze"
    wait_for grep -q 'frozen 1' "$CG$CGP/above/leaf/cgroup.events"
    has_status paused
    LIMIT=5 fails paused -- exec "$ID" true
    if [ "$way" = above ]; then
      LIMIT=5 fails frozen above -- resume "$ID"
      bundle "other$way"
      config '.linux.cgroupsPath = $p' --arg p "$CGP/above/second"
      LIMIT=5 fails frozen -- create --bundle "$B" other
      B=$T/bundle
    else
      LIMIT=5 ok resume "$ID"
      has_status running
      echo 1 >"$at/cgroup.freeze"
    fi
    before=$(milliseconds)
    LIMIT=5 ok kill "$ID" KILL
    LIMIT=5 ok delete --force "$ID"
    [ $(($(milliseconds) - before)) -lt $((3000 * SLOW)) ]
    [ ! -e "$at" ] || { echo 0 >"$at/cgroup.freeze"; rmdir "$at"; }
  done
}

@test "paused: delete --force, kill --all and a second create; the way back is there" {
  local taken=$CGROUP
  [ "$HULL_DRIVER" = cgroupfs ] || taken=${CGROUP##*/} # the name of the unit
  start_sleeper
  ok pause "$ID"
  fails paused -- delete "$ID"
  fails "$taken" -- create --bundle "$B" other
  hull delete --force other 3>&-
  has_status paused
  ok kill --all "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  start_sleeper
  ok pause "$ID"
  ok delete --force "$ID"
  nothing_left
}

@test "exec: with --ignore-paused into a frozen container goes on when it is thawed" {
  start_sleeper
  ok pause "$ID"
  hull_exec exec --ignore-paused "$ID" echo thawed >"$T/out" 2>&1 </dev/null &
  local pid=$!
  wait_for eval '[ "$(wc -l <"$CGROUP_DIR/cgroup.procs")" = 2 ]'
  equal "$(cat "$T/out")" ""
  ok resume "$ID"
  wait "$pid"
  equal "$(cat "$T/out")" thawed
  # and a killed one leaves nothing that goes on
  ok pause "$ID"
  hull_exec exec --ignore-paused "$ID" touch /data/late >"$T/out" 2>&1 </dev/null &
  pid=$!
  wait_for eval '[ "$(wc -l <"$CGROUP_DIR/cgroup.procs")" = 2 ]'
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || :
  ok resume "$ID"
  wait_for eval '[ "$(wc -l <"$CGROUP_DIR/cgroup.procs")" = 1 ]'
  [ ! -e "$B/rootfs/data/late" ]
}

@test "half removed: the cgroup is gone and the processes are elsewhere" {
  cgroupfs_only
  local pid
  start_sleeper
  pid=$(container_pid)
  mkdir "$CG$CGP/elsewhere"
  echo "$pid" >"$CG$CGP/elsewhere/cgroup.procs"
  rmdir "$CGROUP_DIR"
  has_status running
  ok exec "$ID" sh -c 'echo in'
  equal "$output" in
  sh_args true
  ok exec "$ID" grep -c . /proc/self/cgroup
  fails "$CGROUP" -- exec --cgroup sub "$ID" true
  fails "$CGROUP" -- pause "$ID"
  has_status running
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  rmdir "$CG$CGP/elsewhere"
}

@test "half removed: another cgroup of the same name is not taken for the container's" {
  cgroupfs_only
  local pid
  start_sleeper
  pid=$(container_pid)
  mkdir "$CG$CGP/elsewhere"
  echo "$pid" >"$CG$CGP/elsewhere/cgroup.procs"
  rmdir "$CGROUP_DIR"
  mkdir "$CGROUP_DIR"
  canary "$CGROUP_DIR"
  fails 'another one' -- exec "$ID" true
  try hull pause "$ID"
  equal "$(cat "$CGROUP_DIR/cgroup.freeze")" 0
  try hull kill --all "$ID" KILL
  alive "$CANARY"
  ok delete --force "$ID"
  alive "$CANARY"
  gone "$pid"
  [ -d "$CGROUP_DIR" ]
  stop_background
  wait_for rmdir "$CGROUP_DIR" "$CG$CGP/elsewhere"
}

@test "busy: an init that can't go is an error within 25 seconds that names it, and later delete works" {
  # A process of the pid namespace whose parent outside does not reap it holds up the end of init.
  local hull_pid pid before spent
  start_sleeper
  pid=$(container_pid)
  hull_exec exec "$ID" sleep 1000 >/dev/null 2>&1 </dev/null &
  hull_pid=$!
  BACKGROUND+=("$hull_pid")
  wait_for eval '[ "$(wc -l <"$CGROUP_DIR/cgroup.procs")" = 2 ]'
  kill -STOP "$hull_pid"
  before=$(milliseconds)
  LIMIT=40 fails "process $pid" SIGKILL -- delete --force "$ID"
  spent=$(($(milliseconds) - before))
  echo "# gave up after $spent ms" >&3
  [ "$spent" -lt $((25000 * SLOW)) ]
  kill -CONT "$hull_pid"
  wait "$hull_pid" || :
  BACKGROUND=()
  LIMIT=40 ok delete --force "$ID"
  nothing_left
}

@test "busy: a process that waits for a disk is an error within 15 seconds that names it, and later delete works" {
  command -v mkfs.ext4 >/dev/null && command -v fsfreeze >/dev/null || skip "no mkfs.ext4 or fsfreeze"
  local pid spent before
  truncate -s 16M "$T/disk"
  mkfs.ext4 -q "$T/disk"
  mkdir "$T/frozen"
  mount -o loop "$T/disk" "$T/frozen" || skip "no loop devices here"
  no_pid_namespace
  config '.mounts += [{destination: "/data", type: "bind", source: $s, options: ["bind"]}]' --arg s "$T/frozen"
  sh_args 'sh -c "while [ ! -e /data/go ]; do sleep 0.05; done; sleep 0.5; echo x >/data/file" & echo $! >/data/pid; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -s "$T/frozen/pid" ]
  pid=$(cat "$T/frozen/pid")
  background sh -c 'sleep 100; fsfreeze -u "$1"' sh "$T/frozen" # whatever happens to this test
  touch "$T/frozen/go"
  sleep 0.2
  fsfreeze -f "$T/frozen"
  if ! wait_for grep -q 'State:.D' "/proc/$pid/status"; then
    fsfreeze -u "$T/frozen"
    return 1
  fi
  before=$(milliseconds)
  LIMIT=30 try hull delete --force "$ID"
  spent=$(($(milliseconds) - before))
  fsfreeze -u "$T/frozen"
  failed "$CGROUP" "first: $pid, in state 'D'"
  echo "# gave up after $spent ms" >&3
  [ "$spent" -lt $((15000 * SLOW)) ]
  ok delete --force "$ID"
  umount "$T/frozen"
  nothing_left
}

# --- killed half-way ------------------------------------------------------------------------------------

# An init that nobody knows of ends by itself soon after hull.
# injected CALLS SIGNAL-AT COMMAND...: hull under strace, killed at the given one of these system calls.
injected() {
  local calls=$1 at=$2
  shift 2
  timeout -k 5 60 strace -qq -o /dev/null -e trace="$calls" -e inject="$calls:signal=KILL:when=$at" \
    env HULL_MARK="$MARK" TMPDIR="$T/tmp" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@" \
    >/dev/null 2>&1 </dev/null 3>&-
}

@test "killed: at every system call that makes, marks or removes, in create and in delete" {
  cgroupfs_only
  command -v strace >/dev/null || skip "no strace"
  ! sanitized || skip "LeakSanitizer does not work under strace"
  strace -qq -o /dev/null true || skip "strace does not work here"
  local at points=0 kind calls=mkdirat,fsetxattr,unlinkat,clone3,bpf,renameat
  canary
  config '.linux.cgroupsPath += "/a/b"'
  for kind in new existing; do
    for at in {1..40}; do
      [ "$kind" = new ] || mkdir -p "$CGROUP_DIR/a/b"
      injected "$calls" "$at" create --bundle "$B" "$ID" 2>/dev/null && break
      points=$((points + 1))
      try hull delete --force "$ID"
      [ "$status" = 0 ] || { echo "$kind $at:"; show; return 1; }
      [ "$kind" = new ] || wait_for rmdir "$CGROUP_DIR/a/b" 2>/dev/null \
        || { echo "$kind $at: the cgroup of before is gone or in use"; return 1; }
      [ "$kind" = new ] || rmdir "$CGROUP_DIR/a" "$CGROUP_DIR"
      wait_for eval 'nothing_left >"$T/left"' || { echo "$kind $at:"; cat "$T/left"; return 1; }
    done
    [ "$at" -lt 40 ]
    ok delete --force "$ID"
    for at in {1..40}; do
      ok create --bundle "$B" "$ID"
      injected "$calls" "$at" delete --force "$ID" 2>/dev/null && break
      points=$((points + 1))
      try hull delete --force "$ID"
      [ "$status" = 0 ] || { echo "delete $kind $at:"; show; return 1; }
      [ "$kind" = new ] || [ -d "$CGROUP_DIR/a/b" ]
    done
    [ "$at" -lt 40 ]
    alive "$CANARY"
    [ "$kind" = new ] || rmdir "$CGROUP_DIR/a/b" "$CGROUP_DIR/a" "$CGROUP_DIR"
    stop_background
    nothing_left
    canary
  done
  echo "# killed at $points points" >&3
  [ "$points" -ge 20 ]
}

# --- without permission ---------------------------------------------------------------------------------

# As root of a user namespace, which is the ordinary user 99999 outside, as podman calls it.
as_user() {
  nsenter --user --target "$USER_NS" --setuid 0 --setgid 0 unshare --mount sh -c \
    '[ -z "$1" ] || mount -o remount,bind,ro "$2" || exit; shift 2; exec "$@"' sh "${READ_ONLY:-}" "$CG" "$@"
}

rootless_bundle() {
  background unshare --user sleep 1000
  USER_NS=${BACKGROUND[-1]}
  wait_for eval '[ "$(readlink /proc/$USER_NS/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
  echo '0 99999 1000' >"/proc/$USER_NS/uid_map"
  echo '0 99999 1000' >"/proc/$USER_NS/gid_map"
  ROOT=$T/user/root
  mkdir -p "$T/user"
  touch "$T/user/log.json"
  chown -R 99999:99999 "$T/user" "$B"
  LOG=$T/user/log.json
  config 'del(.linux.resources) | .mounts |= map(select(.destination | IN("/proc", "/dev")))
    | .linux.namespaces |= map(select(.type != "network"))'
}

user_hull() {
  as_user env HULL_MARK="$MARK" TMPDIR="$T/tmp" timeout -k 5 20 "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
}

@test "no permission: without limits and path it runs without a cgroup; else the error says what is missing" {
  cgroupfs_only
  local why="rootless needs no limits + no cgrouppath when no permission is granted for cgroups"
  rootless_bundle
  sh_args 'cat /proc/self/cgroup; echo ran'
  for READ_ONLY in "" yes; do
    config 'del(.linux.cgroupsPath)'
    try user_hull run --bundle "$B" "$ID"
    [ "$status" = 0 ] || { show; return 1; }
    has "$output" ran
    config '.linux.cgroupsPath = $p' --arg p "$CGP/x"
    try user_hull run --bundle "$B" "$ID"
    failed "$why" "$CGP/x"
    try user_hull delete --force "$ID"
    config 'del(.linux.cgroupsPath) | .linux.resources = {unified: {"cgroup.max.depth": "3"}}'
    try user_hull run --bundle "$B" "$ID"
    failed "$why"
    try user_hull delete --force "$ID"
    config 'del(.linux.resources)'
  done
  READ_ONLY=
}

@test "no permission: a read-only hierarchy is an error for root that says so" {
  cgroupfs_only
  try unshare -m --propagation private sh -c 'mount -o remount,bind,ro "$0" && exec "$@"' "$CG" \
    "$HULL" --root "$ROOT" --log "$LOG" --log-format json run --bundle "$B" "$ID"
  failed 'read-only' "$CGROUP"
  try unshare -m --propagation private sh -c 'mount -o remount,bind,ro "$0" && exec "$@"' "$CG" \
    "$HULL" --root "$ROOT" --log "$LOG" --log-format json delete --force "$ID"
  equal "$status" 0
}

@test "delegated to a user: a rootless container has its cgroup there, and nested ones of it are removed" {
  cgroupfs_only
  rootless_bundle
  mkdir "$CG$CGP/user" "$CG$CGP/user/us"
  chown -R 99999 "$CG$CGP/user"
  config '.linux.cgroupsPath = $p' --arg p "$CGP/user/c"
  sh_args 'sleep 1000'
  (
    echo "$BASHPID" >"$CG$CGP/user/us/cgroup.procs"
    try user_hull run --detach --bundle "$B" "$ID"
    [ "$status" = 0 ] || { show; return 1; }
  )
  equal "$(wc -l <"$CG$CGP/user/c/cgroup.procs")" 1
  mkdir -p "$CG$CGP/user/c/n/m"
  chown -R 99999 "$CG$CGP/user/c/n"
  try user_hull pause "$ID"
  equal "$(cat "$CG$CGP/user/c/cgroup.freeze")" 1
  try user_hull delete --force "$ID"
  [ "$status" = 0 ] || { show; return 1; }
  [ ! -e "$CG$CGP/user/c" ]
  rmdir "$CG$CGP/user/us" "$CG$CGP/user"
}
