#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# conmon called directly, as podman and CRI-O call it, with the runtime under test: exit file, log file, terminal, exec with
# --exec-attach, with and without the systemd cgroup driver (-s).
# hosts: native systemd
# shellcheck disable=SC2016,SC2154 # scripts for the container; what `try` sets

load clients

setup_file() {
  clients_setup
}

setup() {
  need conmon
  need_cgroup2
  T=$BATS_TEST_TMPDIR
  ID=c$BATS_TEST_NUMBER
  B=$T/bundle
  ROOT=$T/state
  DRIVER_OPTION=()
  CGROUP=/conmon-${BATS_RUN_TMPDIR##*/}/$ID
  if [ "$DRIVER" = systemd ]; then
    DRIVER_OPTION=(-s)
    CGROUP=system.slice:conmon:$ID
  fi
  mkdir -p "$T"/{exits,exec.exits,sockets,persist} "$B"
  cp -a "$ROOTFS" "$B/rootfs"
  jq --arg cgroup "$CGROUP" '.ociVersion = "1.0.2" | .linux.cgroupsPath = $cgroup | .linux.resources |= {devices}' \
    "$TOP/tests/bats/template.json" >"$B/config.json"
}

teardown() {
  local left=0
  if "$RUNTIME" --root "$ROOT" state "$ID" >/dev/null 2>&1; then
    "$RUNTIME" --root "$ROOT" delete --force "$ID" || left=1
  fi
  ! compgen -G "$ROOT/[!.]*" || { echo "^ left in the state root"; left=1; }
  [ "$DRIVER" = systemd ] || rmdir "$(dirname "$(cgroup_directory)")" || :
  [ ! -d "$(cgroup_directory)" ] || { echo "left: $(cgroup_directory)"; left=1; }
  return "$left"
}

cgroup_directory() {
  if [ "$DRIVER" = systemd ]; then
    echo "/sys/fs/cgroup/system.slice/conmon-$ID.scope"
  else
    echo "/sys/fs/cgroup$CGROUP"
  fi
}

args() {
  jq '.process.args = $ARGS.positional' "$B/config.json" --args -- "$@" >"$T/config.json"
  mv "$T/config.json" "$B/config.json"
}

# monitor [options]: conmon in the background, as it does by itself; what it says to its parent is $T/sync.
monitor() {
  _OCI_SYNCPIPE=4 try conmon --api-version 1 "${DRIVER_OPTION[@]}" -c "$ID" -u "$ID" -n name -r "$RUNTIME" -b "$B" -p "$B/pidfile" \
    -P "$T/conmon.pid" -l "k8s-file:$T/log" --exit-dir "$T/exits" --persist-dir "$T/persist" --socket-dir-path "$T/sockets" \
    --log-level warning --runtime-arg "--root=$ROOT" --runtime-arg --log-format=json --runtime-arg "--log=$T/oci.log" "$@" 4>"$T/sync"
}

# monitor_exec PROCESS [options]: PROCESS is a JSON process without what all have in common.
monitor_exec() {
  jq --argjson process "$1" '.process + {terminal: false} + $process' "$B/config.json" >"$T/process.json"
  shift
  _OCI_SYNCPIPE=4 try conmon --api-version 1 -c "$ID" -u "$ID-exec" -n name -r "$RUNTIME" -b "$B" -p "$T/exec.pid" \
    -P "$T/exec.conmon.pid" -l "k8s-file:$T/exec.log" --exit-dir "$T/exec.exits" --socket-dir-path "$T/sockets" --log-level warning \
    --runtime-arg "--root=$ROOT" -e --exec-process-spec "$T/process.json" "$@" 4>"$T/exec.sync"
}

created() {
  wait_for test -s "$T/sync" # conmon says the pid before anybody starts the container
  grep -q '"data": *[0-9]' "$T/sync" || { show; cat "$T/sync"; return 1; }
  equal "$(jq -s '.[0].data' "$T/sync")" "$(cat "$B/pidfile")"
}

start() {
  ok "$RUNTIME" --root "$ROOT" start "$ID"
}

# exits STATUS [DIRECTORY]
exits() {
  wait_for test -s "${2:-$T/exits}/$ID"
  equal "$(cat "${2:-$T/exits}/$ID")" "$1"
}

logged() {
  grep -qE -- "$1" "${2:-$T/log}"
}

# attach [INPUT]: what comes over the attach socket of $1, until it ends; INPUT is written to it.
attach() {
  timeout "$((30 * SLOW))" python3 - "$T/sockets/$1/attach" "${2:-}" "${3:-}" 3>&- <<'PYTHON'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
if sys.argv[3]:
    os.write(int(sys.argv[3]), b"x")
if sys.argv[2]:
    s.send(sys.argv[2].encode())
    s.shutdown(socket.SHUT_WR)
while True:
    packet = s.recv(8193)
    if not packet:
        break
    os.write(packet[0] - 1, packet[1:])
PYTHON
}

@test "conmon: exit file, log file, pid file" {
  args sh -c 'echo out; echo err >&2; exit 7'
  monitor
  created
  start
  exits 7
  logged ' stdout F out$'
  logged ' stderr F err$'
}

@test "conmon: the cgroup is what the driver makes of it" {
  args sleep 1000
  monitor
  created
  equal "$(cgroup_of "$(cat "$B/pidfile")")" "$(cgroup_directory)"
  start
  ok "$RUNTIME" --root "$ROOT" kill "$ID" KILL
  exits 137
}

@test "conmon: a container that is never started" {
  args true
  monitor
  created
  ok "$RUNTIME" --root "$ROOT" delete --force "$ID"
  exits 137
}

@test "conmon: what the runtime says when it cannot create" {
  jq '.root.path = "nosuchdirectory"' "$B/config.json" >"$T/config.json"
  mv "$T/config.json" "$B/config.json"
  monitor
  wait_for test -s "$T/sync"
  grep -q '"data": *-1' "$T/sync"
  grep -q nosuchdirectory "$T/sync"
  grep -q nosuchdirectory "$T/oci.log"
  equal "$(jq -s '[.[] | select(.level == "error")] | length' "$T/oci.log")" 1
}

@test "conmon: input over the attach socket" {
  need python3
  args sh -c 'read line; echo "got $line"; exit 2'
  monitor -i
  created
  start
  attach "$ID" $'words\n' >"$T/attached"
  exits 2
  logged 'stdout F got words'
}

@test "conmon: a terminal, and its size" {
  jq '.process.terminal = true' "$B/config.json" >"$T/config.json"
  mv "$T/config.json" "$B/config.json"
  args sh -c 'test -t 0 && test -t 1 && tty; until stty size | grep "30 90"; do sleep 0.1; done; exit 3'
  monitor -t
  created
  echo '1 30 90' >"$B/ctl"
  start
  exits 3
  logged '/dev/(pts/0|console)'
  logged '30 90'
}

@test "conmon: a detached exec" {
  args sleep 1000
  monitor
  created
  start
  monitor_exec '{"args": ["sh", "-c", "echo out; echo err >&2; exit 5"]}'
  exits 5 "$T/exec.exits"
  logged 'stdout F out' "$T/exec.log"
  logged 'stderr F err' "$T/exec.log"
  [ -s "$T/exec.pid" ]
  equal "$(jq -s '.[0].data' "$T/exec.sync")" "$(cat "$T/exec.pid")"
}

@test "conmon: exec with --exec-attach" {
  exec_attached '{"args": ["sh", "-c", "read line; echo got $line; echo err >&2; exit 6"]}' -i
  equal "$(cat "$T/attached")" "got words"
  equal "$(cat "$T/attached.err")" err
}

@test "conmon: exec with --exec-attach and a terminal" {
  exec_attached '{"terminal": true, "args": ["sh", "-c", "read line; echo got $line; test -t 2 && tty; exit 6"]}' -i -t
  grep -q 'got words' "$T/attached"
  grep -q /dev/pts/ "$T/attached"
}

# exec_attached PROCESS [options]: conmon waits for somebody on the attach socket, and then for a byte on its start pipe.
exec_attached() {
  local process=$1
  need python3
  shift
  args sleep 1000
  monitor
  created
  start
  mkfifo "$T/start"
  exec 5<>"$T/start"
  printf x >&5 # for conmon to begin
  _OCI_ATTACHPIPE=6 _OCI_STARTPIPE=5 monitor_exec "$process" --exec-attach "$@" 6>"$T/attach.sync"
  wait_for test -s "$T/attach.sync"
  attach "$ID-exec" $'words\n' 5 >"$T/attached" 2>"$T/attached.err"
  exec 5>&-
  exits 6 "$T/exec.exits"
}

@test "conmon: an exec that fails has no pid file, and a message" {
  args sleep 1000
  monitor
  created
  start
  monitor_exec '{"args": ["nosuchcommand"]}'
  wait_for test -s "$T/exec.sync"
  grep -q '"data": *-' "$T/exec.sync"
  grep -q nosuchcommand "$T/exec.sync"
  [ ! -e "$T/exec.pid" ]
}

@test "conmon: the exit command is called after the exit file is there" {
  args sh -c 'exit 4'
  printf '#!/bin/sh\ncat "%s" >"%s"\n' "$T/exits/$ID" "$T/seen" >"$T/command"
  chmod 755 "$T/command"
  monitor --exit-command "$T/command" --exit-command-arg x
  created
  start
  wait_for test -s "$T/seen"
  equal "$(cat "$T/seen")" 4
}

@test "conmon: --timeout ends the container" {
  args sleep 1000
  monitor --timeout "$((2 * SLOW))" # from the create on
  created
  start
  wait_for test -e "$T/exits/$ID"
}

@test "conmon: --no-pivot, --no-new-keyring, more runtime options" {
  args echo fine
  monitor --no-pivot --no-new-keyring --runtime-opt --preserve-fds --runtime-opt 0
  created
  start
  exits 0
  logged 'stdout F fine'
}

@test "conmon: is told of an OOM kill" {
  need_controller memory
  jq '.linux.resources.memory = {limit: 16777216, swap: 16777216}' "$B/config.json" >"$T/config.json"
  mv "$T/config.json" "$B/config.json"
  args sh -c 'tail /dev/zero'
  monitor
  created
  start
  exits 137
  [ -e "$B/oom" ] || [ -e "$T/persist/oom" ]
}

@test "conmon: is killed; delete --force leaves nothing" {
  args sleep 1000
  monitor
  created
  start
  kill -KILL "$(cat "$T/conmon.pid")"
  ok "$RUNTIME" --root "$ROOT" delete --force "$ID"
  wait_for gone "$(cat "$B/pidfile")"
}
