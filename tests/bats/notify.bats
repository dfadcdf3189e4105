#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sd_notify(3): what a container says to its NOTIFY_SOCKET, and what of it reaches ours.

load helpers

# The service manager: what it is told comes into $T/told.
manager() {
  HOST=${1:-$T/manager.sock}
  background "$PROBE" manager "$HOST" >"$T/told" 2>&1 </dev/null
  wait_for [ -S "$HOST" ]
  export NOTIFY_SOCKET=$HOST
}

told() {
  equal "$(cat "$T/told")" "$(printf '%s\n' "$@")"
}

ended() {
  ! grep -qsE '^State:\s+[^Z]' "/proc/$1/status"
}

@test "notify: start returns when the container is ready, and the manager learns its pid" {
  manager
  sh_args 'until [ -e /data/go ]; do sleep 0.05; done; probe tell READY=1; exec sleep 1000'
  ok create --bundle "$B" "$ID"
  hull_exec start "$ID" >"$T/start" 2>&1 &
  local start=$!
  wait_for has_status running
  sleep 0.3
  kill -0 "$start" # it still waits
  told ''
  touch "$B/rootfs/data/go"
  wait "$start"
  equal "$(cat "$T/start")" ''
  wait_for grep -q BARRIER "$T/told"
  told 'READY=1|' "MAINPID=$(container_pid)|" 'BARRIER=1 +fd'
  ok delete --force "$ID"
}

@test "notify: the same with run --detach" {
  manager
  sh_args 'probe tell READY=1; exec sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  told 'READY=1|' "MAINPID=$(container_pid)|" 'BARRIER=1 +fd'
}

@test "notify: run in the foreground tells the manager while it relays, and leaves nothing" {
  manager
  sh_args 'probe tell READY=1; until [ -e /data/go ]; do sleep 0.05; done; echo over; exit 3'
  hull_exec run --pid-file "$T/pid" --bundle "$B" "$ID" >"$T/run" 2>&1 </dev/null &
  local run=$! status=0
  wait_for grep -q BARRIER "$T/told"
  told 'READY=1|' "MAINPID=$(cat "$T/pid")|" 'BARRIER=1 +fd'
  touch "$B/rootfs/data/go"
  wait "$run" || status=$?
  equal "$status" 3
  equal "$(cat "$T/run")" over
}

@test "notify: a container that is never ready is waited for until it ends" {
  manager
  sh_args 'probe tell STATUS=hm; sleep 0.3'
  ok run --detach --bundle "$B" "$ID"
  has_status stopped
  told ''
  hull delete "$ID"
  sh_args 'sleep 0.2'
  ok run --bundle "$B" "$ID"
}

@test "notify: a message that is longer than any is dropped whole" {
  manager
  # shellcheck disable=SC2016
  sh_args 'probe tell "READY=1
X=$(printf %5000s)" >/data/said; sleep 0.3'
  ok run --detach --bundle "$B" "$ID"
  has_status stopped
  told ''
  [ -e "$B/rootfs/data/said" ]
}

@test "notify: one that is never ready can be killed and deleted meanwhile" {
  manager
  args sleep 1000
  ok create --bundle "$B" "$ID"
  hull_exec start "$ID" >"$T/start" 2>&1 &
  local start=$!
  wait_for has_status running
  ok exec "$ID" true
  ok delete --force "$ID"
  wait "$start"
  equal "$(cat "$T/start")" ''
}

@test "notify: only what is allowed gets out: not a line more, not a long datagram" {
  manager
  sh_args 'probe tell "STOPPING=1" "FDSTORE=1|FDNAME=x" long "READY=2" " READY=1" "xREADY=1" "MAINPID=999999|WATCHDOG=1" "EXTEND_TIMEOUT_USEC=1" --barrier >/data/barrier
    probe tell "STATUS=x|READY=1|ERRNO=2|BUSERROR=a"; exec sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  told 'READY=1|' "MAINPID=$(container_pid)|" 'BARRIER=1 +fd'
  equal "$(cat "$B/rootfs/data/barrier")" 'barrier: 0'
}

@test "notify: the main pid that the container names is the one out here" {
  manager
  sh_args 'sleep 1000 & probe tell "MAINPID=$!" READY=1; wait'
  ok run --detach --bundle "$B" "$ID"
  local main
  main=$(sed -n 's/MAINPID=\([0-9]*\)|/\1/p' "$T/told")
  [ "$main" != "$(container_pid)" ]
  equal "$(tr '\0' ' ' <"/proc/$main/cmdline")" 'sleep 1000 '
  equal "$(awk '/^NSpid/ {print NF}' "/proc/$main/status")" 3
}

@test "notify: a pid outside of the container is not passed on" {
  manager
  sleep 1000 &
  local victim=$!
  sh_args "probe tell MAINPID=$victim READY=1; exec sleep 1000"
  ok run --detach --bundle "$B" "$ID"
  kill "$victim"
  told 'READY=1|' "MAINPID=$(container_pid)|" 'BARRIER=1 +fd'
}

@test "notify: the socket in the container is read-only mounted and open to its user" {
  manager
  config '.process.user = {uid: 1000, gid: 1000} | .process.env += ["NOTIFY_SOCKET=/run/host"]
    | .mounts += [{destination: "/run", type: "tmpfs", source: "run"}]'
  sh_args 'echo $NOTIFY_SOCKET >&1; cat /proc/self/mountinfo; touch /run/notify/x 2>&1; probe tell READY=1'
  ok run --bundle "$B" "$ID"
  has "$output" /run/notify/notify.sock 'Read-only file system'
  local options
  options=$(mount_line /run/notify | cut -d'|' -f1)
  for want in ro nosuid nodev noexec; do
    listed "$options" "$want"
  done
  wait_for grep -q READY "$T/told"
}

# Its container has gone before the process beside run that passes it on has so much as looked.
@test "notify: what a container says last is passed on before a foreground run ends, with --keep too" {
  local keep run pid beside
  manager
  for keep in '' --keep; do
    : >"$T/told"
    rm -f "$B/rootfs/data/go"
    sh_args 'until [ -e /data/go ]; do sleep 0.05; done; probe tell READY=1'
    # shellcheck disable=SC2086
    hull_exec run $keep --bundle "$B" "$ID" >"$T/run" 2>&1 &
    run=$!
    wait_for has_status running
    pid=$(container_pid)
    beside=$(pgrep -P "$run" | grep -vx "$pid")
    kill -STOP "$beside"
    touch "$B/rootfs/data/go"
    wait_for ended "$pid"
    sleep 0.2 # for run to see it
    kill -CONT "$beside"
    wait "$run"
    wait_for grep -q READY "$T/told"
    [ -z "$keep" ] || ok delete "$ID"
  done
}

@test "notify: without NOTIFY_SOCKET there is none inside" {
  inside 'echo "${NOTIFY_SOCKET:-none}"; ls /run'
  equal "$output" none
}

@test "notify: a privileged container can't make itself undeletable" {
  manager
  config '.process.capabilities[] += ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"] | del(.linux.seccomp)'
  sh_args 'mount -o remount,bind,rw /run/notify; mkdir -p /run/notify/a/b/c /run/notify/notify.json; touch /run/notify/a/f; probe tell READY=1; exec sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  [ -e "$ROOT/$ID/notify/a/b/c" ]
  ok delete --force "$ID"
  [ ! -e "$ROOT/$ID" ]
}

@test "notify: an address that is none, or that nobody listens on, is an error" {
  NOTIFY_SOCKET=vsock:2:1 fails NOTIFY_SOCKET vsock:2:1 -- create --bundle "$B" "$ID"
  NOTIFY_SOCKET=$T/nobody fails NOTIFY_SOCKET "$T/nobody" -- run --bundle "$B" "$ID"
  [ ! -e "$ROOT/$ID" ]
  export NOTIFY_SOCKET=$T/nobody
  ok create --bundle "$B" "$ID"
  fails NOTIFY_SOCKET "$T/nobody" -- start "$ID"
  has_status created
  unset NOTIFY_SOCKET
  args true
  ok start "$ID"
}
