#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# events: the JSON that callers of runc decode, once and as a stream, and when the stream ends.

# bats file_tags=limits
load helpers

needs() {
  local controller
  for controller in "$@"; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no controller '$controller' here"
  done
}

# Runs `hull events` in the background, its output in $T/events.
watch() {
  background hull_exec events "$@" "$ID" >"$T/events" 2>"$T/events.err" </dev/null
  WATCH=$!
}

# lines N [FILTER]: that many events are there by now.
lines() {
  [ "$(jq -c "select(${2:-true})" "$T/events" | wc -l)" -ge "$1" ]
}

# The stream ends by itself, well, and without a word.
ended() {
  local status=0
  wait_for eval '! kill -0 "$WATCH" 2>/dev/null'
  wait "$WATCH" || status=$?
  equal "$status" 0
  equal "$(cat "$T/events.err")" ''
}

# bats test_tags=smoke
@test "events: --stats prints one line with every member that go-runc knows, by type" {
  start_sleeper
  ok events --stats "$ID"
  equal "$(wc -l <"$T/stdout")" 1
  jq -e --arg id "$ID" '(keys_unsorted == ["type", "id", "data"]) and .type == "stats" and .id == $id' "$T/stdout"
  equal "$(jq -c '.data | keys_unsorted' "$T/stdout")" \
    '["cpu","cpuset","memory","pids","blkio","hugetlb","intel_rdt","network_interfaces"]'
  # What Go's decoder would refuse: a number for a list, a fraction for an integer.
  jq -e '.data | [.cpu.usage.kernel, .cpu.usage.user, .cpuset.cpu_exclusive, .cpuset.sched_relax_domain_level,
      (.memory | (.usage, .swap, .kernel, .kernelTCP) | .limit, .failcnt), .pids.current]
      | all(type == "number" and . == floor and . >= 0)' "$T/stdout"
  jq -e '.data | [.cpu.throttling, .blkio, .hugetlb, .intel_rdt] | all(type == "object")' "$T/stdout"
  jq -e '.data.network_interfaces == null' "$T/stdout"
  jq -e '.data.pids.current == 1' "$T/stdout"
}

@test "events: nothing is named that runc does not have" {
  start_sleeper
  ok events --stats "$ID"
  # Arrays are of numbers or of entries; memory.raw has what memory.stat has.
  equal "$(jq -c 'del(.data.memory.raw, .data.hugetlb) | [paths | map(select(type == "string")) | join(".")] | unique
    - ["type","id","data","data.blkio","data.cpu","data.cpuset","data.intel_rdt","data.memory",
       "data.network_interfaces","data.pids",
       "data.cpu.usage","data.cpu.usage.total","data.cpu.usage.kernel","data.cpu.usage.user",
       "data.cpu.throttling","data.cpu.throttling.periods","data.cpu.throttling.throttledPeriods",
       "data.cpu.throttling.throttledTime",
       "data.cpuset.cpus","data.cpuset.mems","data.cpuset.cpu_exclusive","data.cpuset.mem_hardwall",
       "data.cpuset.mem_exclusive","data.cpuset.memory_migrate","data.cpuset.memory_spread_page",
       "data.cpuset.memory_spread_slab","data.cpuset.memory_pressure","data.cpuset.sched_load_balance",
       "data.cpuset.sched_relax_domain_level","data.memory.cache",
       ("usage","swap","kernel","kernelTCP" | "data.memory." + ., "data.memory." + . + ".limit",
         "data.memory." + . + ".usage", "data.memory." + . + ".max", "data.memory." + . + ".failcnt"),
       "data.pids.current","data.pids.limit",
       ("ioServiceBytesRecursive","ioServicedRecursive" | "data.blkio." + ., "data.blkio." + . + ".major",
         "data.blkio." + . + ".minor", "data.blkio." + . + ".op", "data.blkio." + . + ".value"),
       ("cpu","memory","blkio" | "data." + . + ".psi", ("data." + . + ".psi" + (".some", ".full")
         | ., . + ".avg10", . + ".avg60", . + ".avg300", . + ".total"))]' "$T/stdout")" '[]'
}

@test "events: --stats counts processor time in nanoseconds" {
  sh_args 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; echo x >/data/ready; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
  ok events --stats "$ID"
  local usec
  usec=$(awk '$1 == "usage_usec" {print $2}' "$CGROUP_DIR/cpu.stat")
  jq -e --argjson usec "$usec" '.data.cpu.usage
    | .total > 1000000 and .total <= $usec * 1000 and .kernel + .user <= .total + 20000' "$T/stdout"
}

@test "events: --stats has the kernel's pressure where it is measured" {
  start_sleeper
  [ -e "$CGROUP_DIR/cpu.pressure" ] || skip "no cpu.pressure: a kernel without PSI"
  ok events --stats "$ID"
  jq -e '.data | (.cpu, .memory, .blkio) | .psi | (.some, .full)
    | [.avg10, .avg60, .avg300, .total] | all(type == "number")' "$T/stdout"
}

@test "events: --stats of a created and of a paused container" {
  args sleep 1000
  ok create --bundle "$B" "$ID"
  ok events --stats "$ID"
  jq -e '.type == "stats"' "$T/stdout"
  ok start "$ID"
  ok pause "$ID"
  ok events --stats "$ID"
  jq -e '.data.pids.current == 1' "$T/stdout"
}

@test "events: a line each interval, until the process ends" {
  start_sleeper
  watch --interval 100ms
  wait_for lines 3
  ok kill "$ID" KILL
  ended
  jq -e --arg id "$ID" '.type == "stats" and .id == $id' "$T/events" >/dev/null
}

@test "events: the stream ends with a container that is deleted, also a created one" {
  args sleep 1000
  ok create --bundle "$B" "$ID"
  watch --interval=1h
  wait_for eval 'ls -l /proc/$WATCH/fd 2>/dev/null | grep -q cgroup.events'
  ok delete --force "$ID"
  ended
  equal "$(cat "$T/events")" ''
}

# The kernel delays a second notification within 10 ms, and forgets it when the cgroup goes before.
@test "events: the stream ends with a container that is deleted at once after a change" {
  local i
  for i in 1 2 3 4 5; do
    args sleep 1000
    ok create --bundle "$B" "$ID"
    watch --interval=1h
    wait_for eval 'ls -l /proc/$WATCH/fd 2>/dev/null | grep -q cgroup.events'
    (echo 1 >"$CGROUP_DIR/cgroup.freeze"; echo 0 >"$CGROUP_DIR/cgroup.freeze"; hull_exec delete --force "$ID") 3>&-
    ended
  done
}

@test "events: the first statistics come after an interval, 5s if none is given" {
  start_sleeper
  watch
  sleep 1
  equal "$(cat "$T/events")" ''
  hull kill "$ID" KILL
  ended
}

@test "events: ends when nobody reads any more, at once" {
  start_sleeper
  hull events --interval 50ms "$ID" | head -n 2 >"$T/two"
  equal "${PIPESTATUS[0]}" 0
  equal "$(wc -l <"$T/two")" 2
  # Nothing to write for an hour.
  hull events --interval 1h "$ID" | true
  equal "${PIPESTATUS[0]}" 0
}

@test "events: a full disk is an error" {
  start_sleeper
  status=0
  hull events --stats "$ID" >/dev/full 2>"$T/stderr" || status=$?
  equal "$status" 1
  has "$(cat "$T/stderr")" 'cannot write to standard output: No space left on device'
}

@test "events: thousands of lines take no more memory than a few" {
  start_sleeper
  watch --interval 1ms
  wait_for lines 50
  local before
  before=$(awk '$1 == "VmRSS:" {print $2}' "/proc/$WATCH/status")
  LIMIT=60 wait_for lines 1000
  wait_for lines 2000
  sanitized || equal "$(awk -v before="$before" '$1 == "VmRSS:" {print ($2 <= before + 128)}' "/proc/$WATCH/status")" 1
  sanitized || [ "$(awk '$1 == "VmHWM:" {print $2}' "/proc/$WATCH/status")" -lt 8192 ]
  hull kill "$ID" KILL
  ended
}

@test "events: a container that does not run, or is not there, is an error" {
  fails 'container does not exist' -- events "$ID"
  start_sleeper
  ok kill "$ID" KILL
  wait_for has_status stopped
  fails "container with id $ID is not running" -- events "$ID"
  fails "container with id $ID is not running" -- events --stats "$ID"
}

@test "events: intervals that are none are refused" {
  start_sleeper
  local interval
  for interval in 5 '' s 5x 1.2.3s '5 s' +5s; do
    fails "option '--interval' must be a duration" "'$interval'" -- events --interval "$interval" "$ID"
  done
  for interval in 0 0s -5s; do
    fails 'duration interval must be greater than 0' -- events --interval="$interval" "$ID"
  done
}

@test "events: without a cgroup there are none" {
  args sleep 1000
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  fails 'has no cgroup' -- events --stats "$ID"
  fails 'has no cgroup' -- events "$ID"
}

# bats file_tags=limits,driver
@test "events: limits and what is used of them" {
  needs memory pids cpu
  config '.linux.resources += {memory: {limit: 67108864, swap: 67108864}, pids: {limit: 42},
    cpu: {quota: 10000, period: 100000}}'
  sh_args 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; echo x >/data/ready; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  LIMIT=60
  wait_for [ -e "$B/rootfs/data/ready" ] || wait_for [ -e "$B/rootfs/data/ready" ]
  ok events --stats "$ID"
  jq -e '.data.memory | .usage.limit == 67108864 and .usage.usage > 0 and .swap.limit >= 67108864
    and .swap.usage >= .usage.usage and (.raw.anon | type == "number")' "$T/stdout"
  jq -e '.data.pids == {current: 1, limit: 42}' "$T/stdout"
  jq -e '.data.cpu.throttling | .periods > 0 and .throttledPeriods > 0 and .throttledTime > 0' "$T/stdout"
}

@test "events: an OOM kill is told as it happens, once, and before the end" {
  needs memory
  config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
  sh_args 'read x </data/go; (tail /dev/zero); sleep 1; read x </data/go; tail /dev/zero'
  mkfifo "$B/rootfs/data/go"
  ok run --detach --bundle "$B" "$ID"
  watch --interval 1h
  wait_for eval 'ls -l /proc/$WATCH/fd 2>/dev/null | grep -q memory.events'
  equal "$(cat "$T/events")" ''
  echo >"$B/rootfs/data/go"
  wait_for lines 1
  sleep 0.5
  equal "$(cat "$T/events")" "{\"type\":\"oom\",\"id\":\"$ID\"}"
  echo >"$B/rootfs/data/go"
  ended
  equal "$(sort -u "$T/events")" "{\"type\":\"oom\",\"id\":\"$ID\"}"
  # systemd removes an empty cgroup, maybe before its last count is read
  [ "$HULL_DRIVER" = systemd ] || equal "$(wc -l <"$T/events")" 2
}
