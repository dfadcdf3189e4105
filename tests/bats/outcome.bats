#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What happened: foreground commands whose process the OOM killer, a signal or a limit ended say so; state tells of OOM
# kills; and a memory limit that is too small is named.

# bats file_tags=limits
load helpers

needs() {
  local controller
  for controller in "$@"; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no controller '$controller' here"
  done
}

# ends STATUS REASON WORD... -- COMMAND...: hull ends with STATUS, is silent, and its JSON log has one line with REASON
# and every WORD. No REASON: no line.
ends() {
  local wanted=$1 reason=$2 words=()
  shift 2
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  try hull "$@"
  told "$wanted" "$reason" "${words[@]}" || { show; return 1; }
}

told() {
  local wanted=$1 reason=$2
  shift 2
  equal "$status" "$wanted" || return
  if [ -z "$reason" ]; then
    equal "$(cat "$LOG")" ''
    return
  fi
  equal "$(jq -r .reason "$LOG")" "$reason" || return
  equal "$(jq -r .level "$LOG")" warning || return
  equal "$(jq -r .container "$LOG")" "$ID" || return
  has "$(jq -r .msg "$LOG")" "$@"
}

# bats test_tags=smoke
@test "outcome: a run that a signal ends says which, in the JSON log only" {
  args sleep 1000
  background hull_exec run --bundle "$B" "$ID" >"$T/stdout" 2>"$T/stderr" </dev/null
  local pid=$!
  wait_for has_status running
  : >"$LOG"
  hull kill "$ID" KILL
  status=0
  wait "$pid" || status=$?
  told 137 signal 'the process was killed by signal 9 (SIGKILL)'
  equal "$(cat "$T/stderr")" ''
}

@test "outcome: exit statuses are the process's own business" {
  args true
  ends 0 '' -- run --bundle "$B" "$ID"
  args false
  ends 1 '' -- run --bundle "$B" "$ID"
  # A shell's way to tell of a child: no signal has ended the process itself.
  sh_args 'exit 137'
  ends 137 '' -- run --bundle "$B" "$ID"
}

@test "outcome: exec tells too, and a detached one has nobody to tell" {
  start_sleeper
  ends 143 signal 'killed by signal 15 (SIGTERM)' -- exec "$ID" sh -c 'kill -TERM $$'
  ends 3 '' -- exec "$ID" sh -c 'exit 3'
  ends 0 '' -- exec --detach "$ID" sh -c 'kill -TERM $$'
}

@test "outcome: the signal of a resource limit is named as one" {
  start_sleeper
  ends 153 limit 'signal 25 (SIGXFSZ)' RLIMIT_FSIZE -- exec "$ID" sh -c 'ulimit -f 0; echo x >/data/x'
  ends 152 limit 'signal 24 (SIGXCPU)' RLIMIT_CPU -- exec "$ID" sh -c 'ulimit -S -t 1; while :; do :; done'
}

@test "outcome: text logs have it with --debug, and so has standard error" {
  start_sleeper
  local log=(--root "$ROOT" --log "$T/text.log")
  status=0
  HULL_MARK=$MARK "$HULL" "${log[@]}" exec "$ID" sh -c 'kill -TERM $$' 2>"$T/stderr" 3>&- || status=$?
  equal "$status" 143
  equal "$(cat "$T/text.log" "$T/stderr")" ''
  HULL_MARK=$MARK "$HULL" "${log[@]}" --debug exec "$ID" sh -c 'kill -TERM $$' 2>"$T/stderr" 3>&- || status=$?
  equal "$status" 143
  has "$(cat "$T/text.log")" 'the process was killed by signal 15 (SIGTERM)' 'reason="signal"'
  has "$(cat "$T/stderr")" 'hull: the process was killed by signal 15 (SIGTERM)'
  try hull --debug exec "$ID" sh -c 'kill -TERM $$'
  equal "$(jq -r 'select(.level != "debug") | .reason' "$LOG")" signal
  has "$stderr" 'hull: the process was killed by signal 15 (SIGTERM)'
}

@test "outcome: state says nothing of OOM where there was none" {
  start_sleeper
  ok state "$ID"
  hasnt "$output" oomKilled
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok state "$ID"
  hasnt "$output" oomKilled
}

# bats file_tags=limits,driver
@test "outcome: a run that is OOM-killed says so, with the limit" {
  needs memory
  config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
  local limit='the memory limit is 16777216 bytes'
  [ "$HULL_DRIVER" = cgroupfs ] || limit='' # systemd may have removed the cgroup that tells
  args tail /dev/zero
  ends 137 oom OOM-killed "$limit" -- run --bundle "$B" "$ID"
  sh_args '(tail /dev/zero); exit 4'
  ends 4 oom 'possibly OOM-killed' 'ended with status 4' "$limit" -- run --bundle "$B" "$ID"
}

@test "outcome: an exec that is OOM-killed says so; those after it do not" {
  needs memory
  config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
  start_sleeper
  ends 137 oom OOM-killed 16777216 -- exec "$ID" tail /dev/zero
  ends 143 signal 'killed by signal 15' -- exec "$ID" sh -c 'kill -TERM $$'
  hasnt "$(cat "$LOG")" OOM
}

@test "outcome: state and list say oomKilled, running and stopped" {
  needs memory
  config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
  start_sleeper
  try hull exec "$ID" tail /dev/zero
  equal "$(hull state "$ID" | jq .oomKilled)" true
  equal "$(container_status)" running
  equal "$(hull list --format json | jq '.[0].oomKilled')" true
  ok kill "$ID" KILL
  [ "$HULL_DRIVER" = cgroupfs ] || return 0 # systemd removes the cgroup that tells
  wait_for has_status stopped
  equal "$(hull state "$ID" | jq .oomKilled)" true
}

@test "outcome: create and run under a limit that nothing can start with say what is needed" {
  needs memory
  config '.linux.resources.memory = {limit: 4096}'
  args true
  local command
  for command in create run; do
    fails 'container init was OOM-killed (memory limit too low?)' 'the limit is 4096 bytes' 'needs about 163840' \
      'at /linux/resources/memory/limit' 'hint: raise /linux/resources/memory/limit' -- \
      "$command" --bundle "$B" "$ID"
    equal "$(jq -r .origin "$LOG")" /linux/resources/memory/limit
    fails 'container does not exist' -- state "$ID"
  done
}

@test "outcome: fork at the limit of processes is named" {
  needs pids
  config '.linux.resources.pids = {limit: 2}'
  sh_args 'sleep 1 & sleep 1 & sleep 1 & wait; exit 5'
  if [ "$HULL_DRIVER" = systemd ]; then # it may have removed the cgroup that tells
    try hull run --bundle "$B" "$ID"
    equal "$status" 2
    return
  fi
  ends 2 limit 'fork was refused' 'the limit of 2 processes' -- run --bundle "$B" "$ID"
}
