#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is told of a container's processes and use: ps in both forms, list --usage; and kill --all, which reaches
# the same processes.

load helpers

# Ids that `ps --format json` gives, one a line.
listed_pids() {
  hull ps --format json "${1:-$ID}" | jq '.[]'
}

# A container with the given number of processes.
start_many() {
  sh_args "i=1; while [ \$i -lt $1 ]; do sleep 1000 & i=\$((i + 1)); done; echo x >/data/ready; wait"
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
}

# bats test_tags=smoke
@test "ps: --format json is an array of ids on the host, sorted, with those of nested cgroups" {
  start_many 4
  ok ps --format json "$ID"
  jq -e --argjson init "$(container_pid)" 'length == 4 and . == sort and index($init) != null' "$T/stdout"
  mkdir -p "$CGROUP_DIR/a/b"
  local last
  last=$(jq '.[-1]' "$T/stdout")
  echo "$last" >"$CGROUP_DIR/a/b/cgroup.procs"
  ok ps -f json "$ID"
  jq -e --argjson last "$last" 'length == 4 and .[-1] == $last' "$T/stdout"
  equal "$(listed_pids | sort)" "$(marked_pids | sort)"
}

@test "ps: of a created, a paused and a stopped container" {
  args sleep 1000
  ok create --bundle "$B" "$ID"
  equal "$(listed_pids)" "$(container_pid)"
  ok start "$ID"
  ok pause "$ID"
  equal "$(listed_pids)" "$(container_pid)"
  ok ps "$ID"
  has "$output" 'sleep 1000'
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok ps --format json "$ID"
  equal "$output" '[]'
  ok ps "$ID"
  equal "$(wc -l <"$T/stdout")" 1
}

@test "ps: the cgroup of a stopped container may be gone" {
  start_sleeper
  ok kill "$ID" KILL
  wait_for has_status stopped
  rmdir "$CGROUP_DIR" 2>/dev/null || [ ! -e "$CGROUP_DIR" ] # systemd was faster
  ok ps --format json "$ID"
  equal "$output" '[]'
}

@test "ps: the table is that of ps -ef, with its title, and only the container's lines" {
  start_many 3
  local pid
  ps -ef >"$T/all"
  ok ps "$ID"
  has "${output%%$'\n'*}" UID PID PPID CMD
  equal "$(awk 'NR > 1 {print $2}' "$T/stdout" | sort)" "$(marked_pids | sort)"
  for pid in $(marked_pids); do
    grep -qFx -- "$(grep "^root  *$pid " "$T/all")" "$T/stdout"
  done
}

@test "ps: options after the id go to ps, whatever the place of the PID column" {
  start_sleeper
  local pid
  pid=$(container_pid)
  ok ps --format table "$ID" -eo pid,args
  equal "$(sed 1d "$T/stdout" | xargs)" "$pid sleep 1000"
  ok ps "$ID" -e -o args,ppid,pid
  equal "$(sed 1d "$T/stdout" | wc -l)" 1
  ok ps "$ID" aux
  has "$output" USER PID 'sleep 1000'
  equal "$(sed 1d "$T/stdout" | awk '{print $2}')" "$pid"
}

@test "ps: options without a PID column, and options that ps refuses, are errors" {
  start_sleeper
  fails "couldn't find PID field" -- ps "$ID" -eo args
  fails 'ps ended with status' -- ps "$ID" --no-such-option
  fails table json xml -- ps --format xml "$ID"
  fails 'container does not exist' -- ps nobody
  fails 'too few arguments' -- ps
}

@test "ps: a host without ps is told what is missing; the ids need none" {
  start_sleeper
  PATH_WITHOUT=$T/bin
  mkdir "$PATH_WITHOUT"
  try env PATH="$PATH_WITHOUT" HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" --log-format json ps "$ID"
  failed 'executable file not found in $PATH' --format
  try env PATH="$PATH_WITHOUT" "$HULL" --root "$ROOT" --log "$LOG" ps --format json "$ID"
  equal "$status" 0
  equal "$output" "[$(container_pid)]"
  try env -u PATH "$HULL" --root "$ROOT" --log "$LOG" ps "$ID"
  equal "$status" 0
}

@test "ps: without a cgroup they are those of the pid namespace; without one of its own it is an error that says so" {
  args sh -c 'sleep 1000 & unshare -p -f sleep 1000 & exec sleep 1000'
  config '.mounts |= map(select(.type != "cgroup")) | .process.capabilities = (["bounding", "effective", "permitted"] | map({(.): ["CAP_SYS_ADMIN"]}) | add)'
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  ok exec --detach "$ID" sleep 900
  sees_five() {
    ok ps --format json "$ID"
    [ "$(jq length <<<"$output")" = 5 ]
  }
  wait_for sees_five
  jq -e --argjson pid "$(container_pid)" 'index($pid) != null' <<<"$output"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  config '.linux.namespaces |= map(select(.type != "pid"))'
  args sleep 1000
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  fails 'a cgroup to find them by' -- ps "$ID"
  fails 'a cgroup to find them by' -- ps --format json "$ID"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok ps --format json "$ID"
  equal "$output" '[]'
}

@test "ps: hundreds of processes" {
  start_many 300
  ok ps --format json "$ID"
  jq -e 'length == 300 and . == unique' "$T/stdout"
  ok ps "$ID"
  equal "$(sed 1d "$T/stdout" | wc -l)" 300
}

# --- list --usage -------------------------------------------------------------------------------------

@test "list: without --usage table and JSON are as callers know them" {
  start_sleeper
  ok list
  equal "$(head -n1 "$T/stdout" | xargs)" "ID PID STATUS BUNDLE CREATED OWNER"
  ok list --format json
  jq -e '.[0] | has("usage") | not' "$T/stdout"
}

# bats test_tags=smoke
@test "list: --usage adds columns and one member, and keeps the rest" {
  start_sleeper
  ok list --usage
  equal "$(head -n1 "$T/stdout" | xargs)" \
    "ID PID STATUS BUNDLE CREATED OWNER CPU MEMORY MEMORY-MAX PIDS PIDS-MAX"
  equal "$(sed -n 2p "$T/stdout" | wc -w)" 11
  ok list --format json
  cp "$T/stdout" "$T/plain"
  ok list --usage --format json
  jq -e --slurpfile plain "$T/plain" 'map(del(.usage)) == $plain[0] and (.[0].usage | type == "object")' "$T/stdout"
  ok list --usage --quiet
  equal "$output" "$ID"
}

# bats test_tags=limits,driver
@test "list: --usage has the numbers of the controllers" {
  local controller
  for controller in cpu memory pids; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no $controller controller here"
  done
  config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 50}}'
  sh_args 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; exec sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for eval 'tr "\\0" " " <"/proc/$(container_pid)/cmdline" | grep -q ^sleep'
  ok list --usage --format json
  jq -e '.[0].usage | .cpu > 1000000 and .memory > 4096 and .memory < .memoryLimit and .memoryLimit == 67108864
    and .pids == 1 and .pidsLimit == 50' "$T/stdout"
  ok list --usage
  has "$(sed -n 2p "$T/stdout")" 64.0MiB
  [[ $(sed -n 2p "$T/stdout" | awk '{print $7, $9, $10, $11}') =~ ^[0-9]+\.[0-9]{3}s\ 64.0MiB\ 1\ 50$ ]]
  ok update --memory -1 --pids-limit -1 "$ID"
  ok list --usage --format json
  jq -e '.[0].usage | .memoryLimit == null and .pidsLimit == null' "$T/stdout"
}

@test "list: --usage of containers that have no cgroup, are stopped, or broken, does not fail" {
  args sleep 1000
  config '.mounts |= map(select(.type != "cgroup"))'
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  mkdir -p "$ROOT/broken"
  echo '{' >"$ROOT/broken/state.json"
  ok list --usage --format json
  jq -e 'length == 2 and all(.[]; .usage == {})' "$T/stdout"
  ok list --usage
  equal "$(wc -l <"$T/stdout")" 3
}

# --- kill --all ---------------------------------------------------------------------------------------

# bats test_tags=smoke
@test "kill: --all sends the signal to every process, also of exec and in nested cgroups" {
  sh_args 'exec 2>/dev/null; trap "echo init >>/data/log" USR1; sh -c "trap \"echo child >>/data/log; exit\" USR1
    echo ready >>/data/log; while :; do sleep 0.02; done" & while :; do sleep 0.02; done'
  ok run --detach --bundle "$B" "$ID"
  ok exec --detach "$ID" sh -c 'exec 2>/dev/null; trap "echo exec >>/data/log; exit" USR1; echo $$ >/data/exec
    echo ready >>/data/log; while :; do sleep 0.02; done'
  wait_for eval '[ "$(grep -c ready "$B/rootfs/data/log")" = 2 ]'
  mkdir "$CGROUP_DIR/nested"
  local pid
  for pid in $(listed_pids); do
    if grep -qzs 'echo exec' "/proc/$pid/cmdline"; then echo "$pid" >"$CGROUP_DIR/nested/cgroup.procs"; fi
  done
  ok kill --all "$ID" USR1
  wait_for eval '[ "$(grep -cE "init|child|exec" "$B/rootfs/data/log")" = 3 ]'
}

@test "kill: --all of a frozen container ends it with KILL; TERM waits for the thaw" {
  sh_args 'exec 2>/dev/null; trap "exit 0" TERM; echo x >/data/ready; while :; do sleep 0.02; done'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
  ok pause "$ID"
  ok kill --all "$ID" TERM
  equal "$(container_status)" paused
  ok resume "$ID"
  wait_for has_status stopped
  ok delete "$ID"
  start_sleeper
  ok pause "$ID"
  ok kill --all "$ID" KILL
  wait_for has_status stopped
}

@test "kill: --all does not touch processes in a cgroup that was there before" {
  cgroupfs_only
  cgroupfs_only
  mkdir "$CGROUP_DIR"
  config '.linux.namespaces |= map(select(.type != "pid"))'
  start_sleeper
  background sleep 2000
  local other=$!
  echo "$other" >"$CGROUP_DIR/cgroup.procs"
  ok kill --all "$ID" KILL
  wait_for has_status stopped
  kill -0 "$other"
  ok kill --all "$ID" KILL
  kill -0 "$other"
  ok ps --format json "$ID"
  equal "$output" '[]'
  ok delete "$ID"
  kill -0 "$other"
  stop_background
  rmdir "$CGROUP_DIR"
}

@test "kill: --all with an unknown container or signal is an error" {
  fails 'container does not exist' -- kill --all "$ID" KILL
  start_sleeper
  fails SIGNOPE -- kill --all "$ID" SIGNOPE
  equal "$(container_status)" running
}
