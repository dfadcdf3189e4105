#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd's runc shim with the runtime under test as its binary, driven by ctr.
# hosts: native systemd cgroupfs
# bats file_tags=clients
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for other shells and for jq; what functions set for a test
# shellcheck disable=SC2034,SC2154 # INPUT, status, output and stderr of try, in clients.bash

load clients
load containerd

MIB=$((1024 * 1024))

setup_file() {
  clients_setup
  command -v containerd >/dev/null || return 0
  configure_containerd 'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]'
  start_containerd
  contain images import --snapshotter native "$ARCHIVE" >"$C/import.log" 2>&1 3>&- || { cat "$C/import.log" >&2; return 1; }
}

teardown_file() {
  stop_daemon containerd
  unmount_all
}

setup() {
  need containerd ctr
  need_cgroup2
  T=$BATS_TEST_TMPDIR
  NAME=c$BATS_TEST_NUMBER
  OPTIONS=(--snapshotter native --runc-binary "$RUNTIME" --runc-root "$C/roots")
  [ "$DRIVER" = cgroupfs ] || OPTIONS+=(--runc-systemd-cgroup)
  BACKGROUND=()
}

# Whatever a test made is named after it: NAME, NAME-2, ...
teardown() {
  local name pid left=0
  for pid in "${BACKGROUND[@]}"; do
    kill "$pid" 2>/dev/null || :
  done
  for name in $(contain tasks list --quiet | grep "^$NAME\b"); do
    contain tasks delete --force "$name" >/dev/null 2>&1 3>&- || :
  done
  for name in $(contain containers list --quiet | grep "^$NAME\b"); do
    contain containers delete "$name" >/dev/null 2>&1 3>&- || :
  done
  wait_for no_shim || left=1
  wait_for nothing_left || { left_over; left=1; }
  return "$left"
}

no_shim() {
  ! shim_of "$NAME"
}

left_over() {
  find /sys/fs/cgroup -type d \( -path "*/default/$NAME*" -o -name "*default-$NAME*" \)
  find "$C/roots" -mindepth 2 -maxdepth 2 -not -name '.*'
}

nothing_left() {
  [ -z "$(left_over)" ]
}

# placed NAME: the option for the cgroup of a container; slices and prefixes are for systemd alone.
placed() {
  [ "$DRIVER" = cgroupfs ] || printf -- '--cgroup=system.slice:default:%s' "$1"
}

# ctr_run [options] -- COMMAND...: in the foreground, its output is ours. One that fails leaves its name taken at times.
ctr_run() {
  local options=()
  until [ "$1" = -- ]; do
    options+=("$1")
    shift
  done
  shift
  # shellcheck disable=SC2046 # none or one word
  try contain run --rm "${OPTIONS[@]}" $(placed "$NAME") "${options[@]}" "$IMAGE" "$NAME" "$@"
}

# start [options] -- COMMAND...: in the background as $1 of names; sets PID and CGROUP.
start() {
  start_as "$NAME" "$@"
}

start_as() {
  local name=$1 options=()
  shift
  until [ "$1" = -- ]; do
    options+=("$1")
    shift
  done
  shift
  # shellcheck disable=SC2046 # none or one word
  ok contain run --detach --null-io "${OPTIONS[@]}" $(placed "$name") "${options[@]}" "$IMAGE" "$name" "$@"
  PID=$(pid_of "$name")
  CGROUP=$(cgroup_of "$PID")
  [ -d "$CGROUP" ]
}

pid_of() {
  contain tasks list 3>&- | awk -v name="$1" '$1 == name {print $2}'
}

# is STATUS [NAME]
is() {
  contain tasks list 3>&- | grep -qE "^${2:-$NAME} .*$1"
}

# inside COMMAND...: exec, its output in 'output'
inside() {
  try contain tasks exec --exec-id "e$((EXECS += 1))" "$NAME" "$@"
}

shows() {
  equal "$(cat "$CGROUP/$1")" "$2"
}

# --- run ----------------------------------------------------------------------------------------------------------

# bats test_tags=smoke
@test "ctr run: output on both streams, and the exit code" {
  ctr_run -- sh -c 'echo out; echo err >&2; exit 7'
  equal "$status" 7
  equal "$output" out
  has "$stderr" err
}

@test "ctr run: environment, directory and annotations" {
  ctr_run --env A=1 --env 'B=two words' --cwd /data --annotation org.example/a=b -- sh -c 'echo "$A|$B|$PWD|$(hostname)"'
  equal "$output" "1|two words|/data|$(hostname)"
}

@test "ctr run: standard input" {
  echo 'a line' >"$T/in"
  INPUT=$T/in
  ctr_run -- sh -c 'read -r line; echo "got $line"'
  equal "$output" 'got a line'
}

@test "ctr run: much output is complete" {
  ctr_run -- sh -c 'yes 0123456789 | head -c 3000000'
  equal "$status" 0
  equal "${#output}" 3000000
}

@test "ctr run --tty: a terminal of the caller's size" {
  need script
  # shellcheck disable=SC2046 # none or one word
  cat >"$T/run" <<SCRIPT
stty rows 33 cols 77
ctr --address "$C/containerd.sock" run --rm --tty ${OPTIONS[*]} $(placed "$NAME") $IMAGE $NAME sh -c 'tty; until stty size | grep -q 33; do sleep 0.1; done; stty size; exit 5'
SCRIPT
  try timeout --foreground "$((30 * SLOW))" script -qec "bash $T/run" /dev/null
  equal "$status" 5
  has "$output" /dev/pts/0 '33 77'
}

@test "ctr run: bind mounts, one of them read-only" {
  mkdir "$T/a" "$T/b"
  echo a >"$T/a/file"
  ctr_run --mount "type=bind,src=$T/a,dst=/mnt/a,options=rbind:ro" --mount "type=bind,src=$T/b,dst=/mnt/b,options=rbind:rw" \
    -- sh -c 'cat /mnt/a/file; cp /mnt/a/file /mnt/b/; echo b >/mnt/a/file || echo refused'
  has "$output" a refused
  equal "$(cat "$T/b/file")" a
  equal "$(cat "$T/a/file")" a
}

@test "ctr run --read-only: the root cannot be written" {
  ctr_run --read-only -- sh -c 'echo a >/file || echo refused; echo a >/dev/shm/file && echo written'
  has "$output" refused written
}

@test "ctr run --rootfs: a directory instead of an image" {
  # shellcheck disable=SC2046 # none or one word
  ok contain run --rm "${OPTIONS[@]}" $(placed "$NAME") --rootfs "$ROOTFS" "$NAME" /bin/cat /data/text
  equal "$output" 'not a program'
}

@test "ctr run --net-host: the daemon's network; else one of its own" {
  ctr_run --net-host -- readlink /proc/self/ns/net
  equal "$output" "$(nsenter --net="$C/net" readlink /proc/self/ns/net)"
  ctr_run -- sh -c 'readlink /proc/self/ns/net; ls /sys/class/net'
  hasnt "$output" "$(nsenter --net="$C/net" readlink /proc/self/ns/net)"
}

@test "ctr run --with-ns: namespaces of another container" {
  start -- sleep 1000
  # shellcheck disable=SC2046 # none or one word
  ok contain run --rm "${OPTIONS[@]}" $(placed "$NAME-2") --with-ns "pid:/proc/$PID/ns/pid" --with-ns "network:/proc/$PID/ns/net" \
    "$IMAGE" "$NAME-2" sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/net; ps'
  has "$output" "$(readlink "/proc/$PID/ns/pid")" "$(readlink "/proc/$PID/ns/net")" 'sleep 1000'
}

@test "ctr run: capabilities, no_new_privs and seccomp" {
  ctr_run --seccomp --cap-drop CAP_CHOWN --cap-add CAP_SYS_PTRACE -- cat /proc/self/status
  equal "$status" 0
  has "$output" $'NoNewPrivs:\t1' $'Seccomp:\t2'
  # bit 0 is chown, 19 sys_ptrace
  local bounding
  bounding=$((16#$(sed -n 's/^CapBnd:\t//p' <<<"$output")))
  equal $((bounding & 1)) 0
  equal $((bounding >> 19 & 1)) 1
}

@test "ctr run --privileged: devices and all of /proc/sys" {
  ctr_run --privileged -- sh -c 'mknod /tmp/null c 1 3 && echo x >/tmp/null && echo made; cat /proc/sys/kernel/hostname >/dev/null'
  has "$output" made
}

@test "ctr run --uidmap: a user namespace" {
  skip_without_idmaps
  ctr_run --uidmap 0:100000:65536 --gidmap 0:100000:65536 -- sh -c 'cat /proc/self/uid_map; id -u'
  [ "$status" = 0 ] || { show; return 1; }
  has "$output" 100000 65536
}

skip_without_idmaps() {
  [ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ] || skip "no user namespaces"
}

@test "ctr run: a program that is not there, or is none, is said" {
  ctr_run -- /nosuch
  equal "$status" 1
  has "$(tr '[:upper:]' '[:lower:]' <<<"$stderr")" 'oci runtime create failed' 'no such file or directory'
  ctr_run -- /data/text
  equal "$status" 1
  has "$(tr '[:upper:]' '[:lower:]' <<<"$stderr")" 'permission'
  ctr_run -- nosuch
  equal "$status" 1
  has "$stderr" 'executable file' 'not found in $PATH'
}

@test "ctr run: many at once" {
  local i
  local pids=()
  for i in 1 2 3 4 5; do
    # shellcheck disable=SC2046 # none or one word
    contain run --rm "${OPTIONS[@]}" $(placed "$NAME-$i") "$IMAGE" "$NAME-$i" sh -c "echo $i; exit $i" >"$T/$i" 2>&1 </dev/null 3>&- &
    pids[i]=$!
  done
  for i in 1 2 3 4 5; do
    status=0
    wait "${pids[i]}" || status=$?
    equal "$status" "$i"
    equal "$(cat "$T/$i")" "$i"
  done
}

@test "ctr containers create, tasks start: created first, started later" {
  # The options for the runtime are those of run: this is the shim's default, the "runc" of its PATH.
  ok contain containers create --snapshotter native "$IMAGE" "$NAME" cat /data/text /nosuch
  ok contain containers list --quiet
  has "$output" "$NAME"
  try contain tasks start "$NAME"
  equal "$status" 1
  equal "$output" 'not a program'
}

# --- tasks --------------------------------------------------------------------------------------------------------

@test "ctr tasks exec: output, exit code, directory, user, environment" {
  start --env A=1 -- sleep 1000
  inside sh -c 'echo out; echo err >&2; exit 9'
  equal "$status" 9
  equal "$output" out
  has "$stderr" err
  try contain tasks exec --exec-id d --cwd /data --user 1000 "$NAME" sh -c 'echo "$A $PWD $(id -u)"'
  equal "$output" '1 /data 1000'
}

@test "ctr tasks exec: a program that is not there is said, and the task goes on" {
  start -- sleep 1000
  inside nosuch
  equal "$status" 1
  has "$stderr" 'OCI runtime exec failed' 'executable file' 'not found in $PATH'
  inside /data/text
  equal "$status" 1
  has "$(tr '[:upper:]' '[:lower:]' <<<"$stderr")" 'permission denied'
  inside echo still
  equal "$output" still
}

@test "ctr tasks exec --tty" {
  need script
  start -- sleep 1000
  try timeout --foreground "$((30 * SLOW))" script -qec \
    "ctr --address $C/containerd.sock tasks exec --tty --exec-id t $NAME sh -c 'tty; exit 4'" /dev/null
  equal "$status" 4
  has "$output" /dev/pts/
}

@test "ctr tasks exec: one that is killed by its id alone" {
  start -- sleep 1000
  contain tasks exec --exec-id long "$NAME" sleep 2000 </dev/null >/dev/null 2>&1 3>&- &
  BACKGROUND+=("$!")
  wait_for runs_inside 'sleep 2000'
  ok contain tasks kill --exec-id long --signal KILL "$NAME"
  status=0
  wait "${BACKGROUND[0]}" || status=$?
  equal "$status" 137
  is RUNNING
}

runs_inside() {
  inside ps
  has "$output" "$1"
}

@test "ctr tasks pause, resume" {
  start -- sleep 1000
  ok contain tasks pause "$NAME"
  is PAUSED
  grep -qx 'frozen 1' "$CGROUP/cgroup.events"
  ok contain tasks resume "$NAME"
  is RUNNING
  grep -qx 'frozen 0' "$CGROUP/cgroup.events"
  inside echo again
  equal "$output" again
}

@test "ctr tasks kill: signals, by name and number" {
  start -- sh -c 'trap "echo \$? >/tmp/usr1" USR1; trap "exit 33" TERM; : >/tmp/ready; while :; do sleep 0.1; done'
  wait_for inside_has /tmp/ready
  ok contain tasks kill --signal USR1 "$NAME"
  wait_for inside_has /tmp/usr1
  ok contain tasks kill --signal 15 "$NAME"
  wait_for is STOPPED
  ends_with 33
}

# ends_with CODE: the exit code that delete tells
ends_with() {
  ok contain tasks delete "$NAME"
  has "$stderr" "exit with non-zero exit code $1\""
}

inside_has() {
  inside test -e "$1"
  [ "$status" = 0 ]
}

@test "ctr tasks kill: one that ended, and one that never was" {
  start -- true
  wait_for is STOPPED
  fails 'not found' -- contain tasks kill --signal TERM "$NAME"
  fails 'not found' -- contain tasks kill --signal TERM "$NAME-none"
}

@test "ctr tasks kill --all: also those that the first process does not wait for" {
  start -- sh -c 'sleep 3000 & exec sleep 1000'
  wait_for runs_inside 'sleep 3000'
  ok contain tasks kill --all --signal KILL "$NAME"
  wait_for is STOPPED
  wait_for cgroup_empty
}

cgroup_empty() {
  [ ! -d "$CGROUP" ] || grep -qx 'populated 0' "$CGROUP/cgroup.events"
}

@test "ctr tasks delete: refused while it runs, --force kills" {
  start -- sleep 1000
  fails 'task must be stopped' -- contain tasks delete "$NAME"
  is RUNNING
  try contain tasks delete --force "$NAME"
  ok contain tasks list
  hasnt "$output" "$NAME "
  [ ! -d "$CGROUP" ]
}

@test "a container in another's pid namespace: all of it ends with its first process" {
  start -- sleep 1000
  local namespace=/proc/$PID/ns/pid
  start_as "$NAME-2" --with-ns "pid:$namespace" -- sh -c 'sleep 3000 & sleep 1000'
  wait_for runs_inside 'sleep 3000'
  ok contain tasks kill --signal KILL "$NAME-2"
  wait_for is STOPPED "$NAME-2"
  wait_for cgroup_empty
  inside ps
  hasnt "$output" 'sleep 3000'
}

@test "ctr tasks ps: every process" {
  start -- sh -c 'sleep 3000 & sleep 4000; true'
  wait_for runs_inside 'sleep 4000'
  ok contain tasks ps "$NAME"
  has "$output" "$PID"
  equal "$(tail -n +2 <<<"$output" | wc -l)" 3
}

@test "ctr tasks metrics: what the kernel says" {
  need_controller memory pids cpu
  start --memory-limit $((64 * MIB)) --cpus 0.5 -- sleep 1000
  shows memory.max $((64 * MIB))
  shows cpu.max '50000 100000'
  ok contain tasks metrics --format json "$NAME"
  equal "$(jq .memory.usage_limit <<<"$output")" $((64 * MIB))
  equal "$(jq .pids.current <<<"$output")" 1
  [ "$(jq .cpu.usage_usec <<<"$output")" -gt 0 ]
}

@test "ctr run --device: that one, and no other" {
  start --device /dev/kmsg -- sleep 1000
  inside sh -c 'test -c /dev/kmsg && (exec 3>/dev/kmsg) && echo opened'
  equal "$output" opened
  inside sh -c 'mknod /tmp/mem c 1 1 && (exec 3</tmp/mem)'
  [ "$status" != 0 ]
}

@test "ctr events: create, start, exec, exit, delete" {
  contain events >"$T/events" 2>&1 </dev/null 3>&- &
  BACKGROUND+=("$!")
  until_subscribed
  start -- sh -c 'sleep 1; exit 5'
  wait_for is STOPPED
  ends_with 5
  wait_for grep -q "tasks/delete.*$NAME.*\"exit_status\":5" "$T/events"
  grep -q "tasks/create .*$NAME" "$T/events"
  grep -q "tasks/start .*$NAME" "$T/events"
  grep -q "tasks/exit .*$NAME.*\"exit_status\":5" "$T/events"
}

# Events of other tests say that this one is listened to: a label of an image is one.
until_subscribed() {
  local tries
  for ((tries = 0; tries < 50 * SLOW; tries++)); do
    contain images label "$IMAGE" "try=$tries" >/dev/null 3>&-
    sleep 0.1
    [ ! -s "$T/events" ] || return 0
  done
  return 1
}

@test "ctr events: an OOM kill" {
  need_controller memory
  contain events >"$T/events" 2>&1 </dev/null 3>&- &
  BACKGROUND+=("$!")
  until_subscribed
  start --memory-limit $((16 * MIB)) -- sh -c "sleep $SLOW; tail /dev/zero"
  wait_for is STOPPED
  wait_for grep -q "tasks/oom.*$NAME" "$T/events"
}

@test "ctr tasks checkpoint: refused clearly, and the task goes on" {
  start -- sleep 1000
  fails '' -- contain tasks checkpoint "$NAME" # Debian has no criu
  ! runtime_is hull || has "$stderr" 'cannot checkpoint'
  is RUNNING
  inside echo still
  equal "$output" still
}

# --- daemons that die ---------------------------------------------------------------------------------------------

@test "the shim is killed: containerd cleans up" {
  start -- sleep 1000
  local shim
  shim=$(shim_of "$NAME")
  kill -KILL "$shim"
  wait_for ended "$PID"
  wait_for is_no_task
  wait_for nothing_left || { left_over; return 1; }
}

is_no_task() {
  ! contain tasks list --quiet 3>&- | grep -qx "$NAME"
}

@test "containerd is killed: the task goes on, and the next containerd has it" {
  start -- sh -c 'trap "exit 12" TERM; : >/tmp/ready; while :; do sleep 0.1; done'
  wait_for inside_has /tmp/ready
  stop_daemon containerd KILL
  kill -0 "$PID"
  start_containerd
  is RUNNING
  inside echo again
  equal "$output" again
  ok contain tasks kill --signal TERM "$NAME"
  wait_for is STOPPED
  ends_with 12
}

@test "ctr is killed while it creates: the next one with the name works" {
  local i
  for i in 1 2 3 4 5; do
    # shellcheck disable=SC2046 # none or one word
    ctr --address "$C/containerd.sock" run --detach --null-io "${OPTIONS[@]}" $(placed "$NAME") "$IMAGE" "$NAME" sleep 1000 \
      </dev/null >/dev/null 2>&1 3>&- &
    sleep "0.0$i"
    kill -KILL "$!" || :
    wait "$!" || :
    wait_for remove_and_run
  done
}

# What the killed one asked for may still be under way.
remove_and_run() {
  remove && start -- sleep 1000
}

remove() {
  contain tasks delete --force "$NAME" || :
  ! contain containers list --quiet | grep -qx "$NAME" || contain containers delete "$NAME"
  ! contain snapshots --snapshotter native list | grep -q "^$NAME " || contain snapshots --snapshotter native remove "$NAME"
  nothing_left
}
