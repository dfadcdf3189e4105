#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Scheduler, I/O priority, CPUs, memory policy and personality: what the kernel says of the process afterwards, at
# create and at exec.

load helpers

# CPUs in a list like 0-2,7, one a line.
cpus() {
  awk -v RS=, '{n = split($0, r, "-"); for (i = r[1]; i <= r[n] + 0; i++) print i}' <<<"$1"
}

@test "scheduler: policy, nice and flags are those asked for" {
  config '.process.scheduler = {policy: "SCHED_BATCH", nice: 7, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
  args probe scheduler
  ok run --bundle "$B" "$ID"
  equal "${output% * * *}" "3 7 0 1"
}

@test "scheduler: exec takes that of the container, or its own" {
  config '.process.scheduler = {policy: "SCHED_IDLE"}'
  start_sleeper
  ok exec "$ID" probe scheduler
  equal "${output%% *}" 5
  jq -n '{args: ["probe", "scheduler"], cwd: "/", env: ["PATH=/bin"], scheduler: {policy: "SCHED_BATCH", nice: 3}}' >"$T/process.json"
  ok exec --process "$T/process.json" "$ID"
  equal "${output% * * * *}" "3 3 0"
}

@test "scheduler: a process may get SCHED_FIFO or SCHED_DEADLINE, also by exec" {
  chrt -f 5 true 2>/dev/null || skip "this host lets us use no realtime scheduling"
  config '.process.scheduler = {policy: "SCHED_FIFO", priority: 5}'
  args probe scheduler
  ok run --bundle "$B" "$ID"
  equal "${output% * * * *}" "1 0 5"
  config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 20000000, period: 30000000}'
  ok run --bundle "$B" "$ID"
  equal "$output" "6 0 0 0 1000000 20000000 30000000"
  config 'del(.process.scheduler)'
  start_sleeper
  jq -n '{args: ["probe", "scheduler"], cwd: "/", env: ["PATH=/bin"],
    scheduler: {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 20000000, period: 30000000}}' >"$T/process.json"
  ok exec --process "$T/process.json" "$ID"
  equal "$output" "6 0 0 0 1000000 20000000 30000000"
}

@test "scheduler: what does not fit the policy is refused with its pointer" {
  config '.process.scheduler = {policy: "SCHED_OTHER", priority: 3, runtime: 5}'
  fails /process/scheduler/priority /process/scheduler 'SCHED_DEADLINE' -- run --bundle "$B" "$ID"
  config '.process.scheduler = {policy: "SCHED_ISO"}'
  fails /process/scheduler 'cannot set the scheduler' -- run --bundle "$B" "$ID"
}

@test "io priority: is the one asked for, at create and exec" {
  config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
  args ionice
  ok run --bundle "$B" "$ID"
  equal "$output" "best-effort: prio 6"
  config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
  start_sleeper
  ok exec "$ID" ionice
  has "$output" idle
}

@test "affinity: the caller's CPUs are not the container's" {
  [ "$(nproc)" -gt 1 ] || skip "this host has one CPU"
  local all
  all=$(taskset -p $$ | sed 's/.*: //')
  args taskset -p 1
  try taskset -c 0 "$HULL" --root "$ROOT" run --bundle "$B" "$ID"
  equal "$status" 0
  equal "${output##*: }" "$all"
}

@test "affinity: exec runs on the final CPUs, and starts on the initial ones" {
  [ "$(nproc)" -gt 1 ] || skip "this host has one CPU"
  config '.process.execCPUAffinity = {initial: "0", final: "1"}'
  start_sleeper
  ok exec "$ID" grep Cpus_allowed_list /proc/self/status
  equal "${output##*	}" 1
  jq -n '{args: ["grep", "Cpus_allowed_list", "/proc/self/status"], cwd: "/", env: ["PATH=/bin"], execCPUAffinity: {initial: "1"}}' >"$T/process.json"
  ok exec --process "$T/process.json" "$ID"
  equal "$(cpus "${output##*	}" | wc -l)" "$(nproc --all)"
}

@test "affinity: CPUs that are not there are an error with the pointer" {
  config '.process.execCPUAffinity = {final: "8191"}'
  start_sleeper
  fails /process/execCPUAffinity/final -- exec "$ID" true
  jq -n '{args: ["true"], cwd: "/", env: ["PATH=/bin"], execCPUAffinity: {initial: "8191"}}' >"$T/process.json"
  fails /process/execCPUAffinity/initial -- exec --process "$T/process.json" "$ID"
}

@test "memory policy: is in the kernel's list, at create and exec" {
  [ -e /proc/self/numa_maps ] || skip "this kernel is built without NUMA"
  config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
  sh_args 'cat /proc/self/numa_maps; exec sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -s "$T/stdout" ]
  has "$(cat "$T/stdout")" "bind=static:0"
  ok exec "$ID" cat /proc/self/numa_maps
  has "$output" "bind=static:0"
}

@test "memory policy: nodes that are not there are an error" {
  [ -e /proc/self/numa_maps ] || skip "this kernel is built without NUMA"
  config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1000"}'
  fails /linux/memoryPolicy -- run --bundle "$B" "$ID"
  nothing_left
}

@test "personality: LINUX32 makes the machine a 32-bit one, LINUX leaves it" {
  local machine
  machine=$(linux32 uname -m) || skip "this host has no linux32"
  config '.linux.personality = {domain: "LINUX32"}'
  args uname -m
  ok run --bundle "$B" "$ID"
  equal "$output" "$machine"
  args sleep 1000
  ok run --detach --bundle "$B" "$ID"
  ok exec "$ID" uname -m
  equal "$output" "$machine"
  ok delete --force "$ID"
  config '.linux.personality = {domain: "LINUX"}'
  args uname -m
  ok run --bundle "$B" "$ID"
  equal "$output" "$(uname -m)"
}
