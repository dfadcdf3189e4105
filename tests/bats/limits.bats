#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources: the file and the value that the kernel shows afterwards, what the kernel then enforces, and live
# updates. A test whose controller this host's cgroup v2 has not is skipped; the virtual machine has all of them.

# bats file_tags=limits,driver
load helpers

# --- helpers ------------------------------------------------------------------------------------------------------

needs() {
  local controller
  for controller in "$@"; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no controller '$controller' here"
  done
}

# Sets LIMIT_DIR to the cgroup that the container's first process is in, whatever driver made it.
limit_dir() {
  local pid text
  [ -z "$LIMIT_DIR" ] || return 0
  read_file pid "$T/pid" 2>/dev/null || pid=$(container_pid)
  read_file text "/proc/$pid/cgroup"
  [[ $text =~ 0::([^$'\n']*) ]]
  LIMIT_DIR=$CG${BASH_REMATCH[1]}
}

limit_file() {
  limit_dir
  cat "$LIMIT_DIR/$1"
}

# resources JSON [FILTER]: what the bundle asks for from now on.
resources() {
  ASKED=$1
  config --slurpfile base "$TEMPLATE" --argjson more "$1" ".linux.resources = (\$base[0].linux.resources + \$more) | ${2:-.}"
}

# A created container with these resources, instead of the one before.
limited() {
  [ ! -e "$ROOT/$ID" ] || ok delete --force "$ID"
  LIMIT_DIR=
  resources "$1" '.process.args = ["sleep", "1000"]'
  ok create --pid-file "$T/pid" --bundle "$B" "$ID"
}

# shows FILE VALUE: the kernel says so. The file may have more lines where VALUE is one of a device or a key.
# HULL_VALUES=1: says so in the TAP log.
shows() {
  local text
  limit_dir
  read_file text "$LIMIT_DIR/$1" || return 1
  [[ $'\n'$text$'\n' == *$'\n'"$2"$'\n'* ]] || { echo "$1 shows: $text"; echo "not: $2"; return 1; }
  [ -z "${HULL_VALUES:-}" ] || printf '# value|%s|%s|%s|%s\n' "$HULL_DRIVER" "${ASKED//$'\n'/ }" "$1" "$2" >&3
}

has_limit_file() {
  limit_dir
  [ -e "$LIMIT_DIR/$1" ]
}

# change JSON [WORD...]: by `update`, which with words must fail with them.
change() {
  local json=$1
  shift
  ASKED="${1:+refused }update $json"
  printf '%s' "$json" >"$T/change.json"
  if [ $# = 0 ]; then
    ok update --resources "$T/change.json" "$ID"
  else
    fails "$@" -- update --resources "$T/change.json" "$ID"
  fi
}

# "MAJOR:MINOR NAME" of a disk that nothing but its own queue slows down.
find_disk() {
  local dir
  for dir in /sys/block/*; do
    case ${dir##*/} in loop* | ram* | zram* | dm-* | md* | sr* | fd*) continue ;; esac
    [ "$(cat "$dir/size")" -ge 32768 ] || continue
    DISK=$(cat "$dir/dev")
    return
  done
  skip "no disk to throttle (tests/vm/vm --disk)"
}

counter() {
  limit_file "$1" | awk -v key="$2" '$1 == key {print $2}'
}

now_ms() {
  echo $(($(date +%s%N) / 1000000))
}

# --- every row: file and value ------------------------------------------------------------------------------------

@test "values: cpu shares, quota, period, burst" {
  needs cpu
  local row
  for row in 2:1 512:59 262144:10000; do
    limited "{\"cpu\": {\"shares\": ${row%:*}}}"
    shows cpu.weight "${row#*:}"
  done
  limited '{"cpu": {"quota": 50000, "period": 20000, "burst": 10000, "shares": 1024}}'
  shows cpu.max '50000 20000'
  shows cpu.max.burst 10000
  shows cpu.weight 100
  limited '{"cpu": {"quota": 50000}}'
  shows cpu.max '50000 100000'
}

@test "values: cpu idle" {
  needs cpu
  limited '{"cpu": {"idle": 1}}'
  shows cpu.idle 1
  limited '{"cpu": {"idle": 0, "shares": 512}}'
  shows cpu.idle 0
  shows cpu.weight 59
}

@test "values: cpuset, and a partition through unified" {
  needs cpuset
  limited '{"cpu": {"cpus": "0", "mems": "0"}}'
  shows cpuset.cpus 0
  shows cpuset.mems 0
  shows cpuset.cpus.effective 0
  limited '{"cpu": {"cpus": "0"}, "unified": {"cpuset.cpus.partition": "member"}}'
  shows cpuset.cpus.partition member
}

@test "values: memory, reservation, swap" {
  needs memory
  limited '{"memory": {"limit": 67108864, "reservation": 33554432, "swap": 100663296}}' || {
    # without swap in this kernel the last of them is refused
    has "$stderr" memory.swap.max
    limited '{"memory": {"limit": 67108864, "reservation": 33554432, "swap": 67108864}}'
  }
  shows memory.max 67108864
  shows memory.low 33554432
  if has_limit_file memory.swap.max; then
    shows memory.swap.max 33554432
    limited '{"memory": {"limit": 67108864, "swap": 67108864}}'
    shows memory.swap.max 0
    limited '{"memory": {"limit": 67108864, "swap": -1}}'
    shows memory.swap.max max
    limited '{"memory": {"limit": -1, "swap": 67108864}}'
    shows memory.swap.max 67108864
  fi
  limited '{"memory": {"reservation": -1}}'
  shows memory.low max
}

@test "values: memory.high, memory.oom.group and memory.min through unified" {
  needs memory
  limited '{"memory": {"limit": 67108864}, "unified": {"memory.high": "50331648", "memory.oom.group": "1", "memory.min": "1048576"}}'
  shows memory.high 50331648
  shows memory.oom.group 1
  shows memory.min 1048576
  limited '{"memory": {"limit": 67108864}, "unified": {"memory.max": "33554432"}}'
  shows memory.max 33554432
}

@test "values: pids, where 0 and -1 mean something" {
  needs pids
  limited '{"pids": {"limit": 100}}'
  shows pids.max 100
  limited '{"pids": {"limit": 0}}'
  shows pids.max 1
  limited '{"pids": {"limit": -1}}'
  ! has_limit_file pids.max || shows pids.max max
  # before version 1.3 of the spec a 0 was no request (systemd has a limit of its own for that)
  [ "$HULL_DRIVER" = cgroupfs ] || return 0
  hull delete --force "$ID"
  resources '{"pids": {"limit": 0}}'
  config '.ociVersion = "1.2.0"'
  ok create --bundle "$B" "$ID"
  ! has_limit_file pids.max || shows pids.max max
}

@test "values: io weight" {
  needs io
  limited '{"blockIO": {"weight": 500}}' || {
    has "$stderr" io.weight 'neither the bfq scheduler nor iocost'
    skip "this kernel weighs no io"
  }
  if has_limit_file io.bfq.weight; then
    shows io.bfq.weight 'default 500'
  else
    shows io.weight 'default 4950'
  fi
}

@test "values: io throttles of one device make one line" {
  needs io
  find_disk
  local major=${DISK%:*} minor=${DISK#*:}
  local d="\"major\": $major, \"minor\": $minor"
  limited "{\"blockIO\": {\"throttleReadBpsDevice\": [{$d, \"rate\": 1048576}], \"throttleWriteBpsDevice\": [{$d, \"rate\": 2097152}],
    \"throttleReadIOPSDevice\": [{$d, \"rate\": 100}], \"throttleWriteIOPSDevice\": [{$d, \"rate\": 200}]}}"
  shows io.max "$DISK rbps=1048576 wbps=2097152 riops=100 wiops=200"
  change "{\"blockIO\": {\"throttleReadBpsDevice\": [{$d, \"rate\": 0}], \"throttleReadIOPSDevice\": [{$d, \"rate\": 50}]}}"
  shows io.max "$DISK rbps=max wbps=2097152 riops=50 wiops=200"
}

@test "values: huge pages, and their reservation" {
  needs hugetlb
  local dir size found=0
  for dir in /sys/kernel/mm/hugepages/hugepages-*; do
    [ -d "$dir" ] || continue
    size=${dir##*-}
    size=${size%kB}
    if [ "$size" -ge 1048576 ]; then size=$((size / 1048576))GB; elif [ "$size" -ge 1024 ]; then size=$((size / 1024))MB; else size=${size}KB; fi
    limited "{\"hugepageLimits\": [{\"pageSize\": \"$size\", \"limit\": 2147483648}]}"
    shows "hugetlb.$size.max" 2147483648
    ! has_limit_file "hugetlb.$size.rsvd.max" || shows "hugetlb.$size.rsvd.max" 2147483648
    found=1
  done
  [ "$found" = 1 ] || skip "this kernel has no huge pages"
}

@test "values: misc through unified" {
  needs misc
  local name
  name=$(awk 'NR == 1 {print $1}' "$CG/misc.capacity")
  [ -n "$name" ] || skip "this machine has no miscellaneous resource"
  limited "{\"unified\": {\"misc.max\": \"$name 1\"}}"
  shows misc.max "$name 1"
}

@test "values: rdma" {
  needs rdma
  local device
  device=$(find /sys/class/infiniband -mindepth 1 2>/dev/null | head -n 1)
  [ -n "$device" ] || skip "this machine has no rdma device"
  limited "{\"rdma\": {\"${device##*/}\": {\"hcaHandles\": 3, \"hcaObjects\": 1000}}}"
  shows rdma.max "${device##*/} hca_handle=3 hca_object=1000"
}

@test "values: files of the core through unified" {
  limited '{"unified": {"cgroup.max.depth": "3", "cgroup.max.descendants": "4"}}'
  shows cgroup.max.depth 3
  shows cgroup.max.descendants 4
}

@test "values: what asks for nothing takes no controller" {
  limited '{"memory": {"limit": -1, "swap": -1}, "cpu": {"shares": 1024, "quota": -1, "period": 100000}, "pids": {"limit": -1},
    "blockIO": {"weight": 0}, "hugepageLimits": []}'
}

# --- what the kernel enforces -------------------------------------------------------------------------------------

@test "enforced: memory: what takes too much is killed" {
  needs memory
  sh_args 'head -c 67108864 /dev/zero | tail -c 67108864 >/dev/null; echo "tail: $?"; exec sleep 1000'
  resources '{"memory": {"limit": 16777216, "swap": 16777216}}'
  LIMIT=60 ok run --detach --bundle "$B" "$ID"
  wait_for eval '[ "$(counter memory.events oom_kill)" -ge 1 ]'
  wait_for grep -q 'tail: 137' "$T/stdout"
}

@test "enforced: cpu: a fifth of one CPU is a fifth" {
  needs cpu
  local before after start end share
  sh_args 'while :; do :; done'
  resources '{"cpu": {"quota": 20000, "period": 100000}}'
  ok run --detach --bundle "$B" "$ID"
  before=$(counter cpu.stat usage_usec)
  start=$(now_ms)
  sleep 3
  after=$(counter cpu.stat usage_usec)
  end=$(now_ms)
  share=$(((after - before) / 10 / (end - start)))
  echo "share: $share %; $(limit_file cpu.stat | grep throttled)"
  [ "$share" -le 30 ]
  [ "$share" -ge 3 ]
  [ "$(counter cpu.stat nr_throttled)" -ge 1 ]
}

@test "enforced: cpuset: processes run on these CPUs only" {
  needs cpuset
  sh_args 'grep Cpus_allowed_list /proc/self/status'
  resources '{"cpu": {"cpus": "0"}}'
  ok run --bundle "$B" "$ID"
  equal "$(tr -d ' \t' <"$T/stdout")" Cpus_allowed_list:0
  if [ "$(nproc)" -gt 1 ]; then
    resources '{"cpu": {"cpus": "1"}}'
    ok run --bundle "$B" "$ID"
    equal "$(tr -d ' \t' <"$T/stdout")" Cpus_allowed_list:1
  fi
}

@test "enforced: pids: no more processes than that" {
  needs pids
  sh_args 'sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000 & wait'
  resources '{"pids": {"limit": 5}}'
  try hull run --bundle "$B" "$ID"
  has "$stderr" "can't fork"
  sh_args 'sleep 1 & wait; echo forked'
  resources '{"pids": {"limit": 0}}'
  try hull run --bundle "$B" "$ID"
  has "$stderr" "can't fork"
  hasnt "$output" forked
}

@test "enforced: pids: refusals are counted" {
  needs pids
  sh_args '(exec 2>/dev/null; sleep 1000 & sleep 1000 & sleep 1000 & wait) & exec sleep 1000'
  resources '{"pids": {"limit": 3}}'
  ok run --detach --bundle "$B" "$ID"
  wait_for eval '[ "$(counter pids.events max)" -ge 1 ]'
}

@test "enforced: io.max: reading 4 MiB at 1 MiB per second takes seconds" {
  needs io
  find_disk
  local major=${DISK%:*} minor=${DISK#*:} start free slow
  config '.linux.devices = [{path: "/dev/disk", type: "b", major: $major, minor: $minor, fileMode: 384}]' \
    --argjson major "$major" --argjson minor "$minor"
  sh_args 'dd if=/dev/disk of=/dev/null bs=65536 count=64 iflag=direct 2>/dev/null'
  resources "{\"devices\": [{\"allow\": false, \"access\": \"rwm\"}, {\"allow\": true, \"type\": \"b\", \"major\": $major, \"minor\": $minor, \"access\": \"r\"}]}"
  start=$(now_ms)
  ok run --bundle "$B" "$ID"
  free=$(($(now_ms) - start))
  config '.linux.resources.blockIO.throttleReadBpsDevice = [{major: $major, minor: $minor, rate: 1048576}]' \
    --argjson major "$major" --argjson minor "$minor"
  start=$(now_ms)
  LIMIT=60 ok run --bundle "$B" "$ID"
  slow=$(($(now_ms) - start))
  echo "free: $free ms, limited: $slow ms"
  [ "$slow" -ge 3000 ]
  [ "$slow" -ge $((free + 2000)) ]
}

@test "enforced: devices: what no rule allows is EPERM" {
  sh_args 'mknod /tmp/zero c 1 5 && mknod /tmp/mem c 1 1 && head -c 1 /tmp/zero | wc -c; head -c 1 /tmp/mem'
  config '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .root.readonly = false'
  config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "t", options: ["dev"]}]'
  try hull run --bundle "$B" "$ID"
  equal "$output" 1
  has "$stderr" 'Operation not permitted'
}

@test "enforced: limits hold before the first instruction" {
  needs pids
  sh_args 'cat /sys/fs/cgroup/pids.max'
  resources '{"pids": {"limit": 7}}'
  ok run --bundle "$B" "$ID"
  equal "$output" 7
}

# --- update -------------------------------------------------------------------------------------------------------

@test "update: every controller, up and down" {
  needs cpu memory pids
  limited '{"cpu": {"quota": 50000, "period": 100000, "burst": 10000}, "memory": {"limit": 67108864}, "pids": {"limit": 100}}'
  ok start "$ID"
  change '{"cpu": {"quota": 5000, "burst": 5000}, "memory": {"limit": 134217728}, "pids": {"limit": 50}}'
  shows cpu.max '5000 100000'
  shows cpu.max.burst 5000
  shows memory.max 134217728
  shows pids.max 50
  change '{"cpu": {"quota": 90000, "burst": 80000, "shares": 512}, "pids": {"limit": -1}}'
  shows cpu.max '90000 100000'
  shows cpu.max.burst 80000
  shows cpu.weight 59
  shows pids.max max
  change '{"cpu": {"quota": -1, "burst": 0}, "memory": {"limit": -1}}'
  shows cpu.max 'max 100000'
  shows cpu.max.burst 0
  shows memory.max max
}

@test "update: a controller that create did not need is enabled" {
  needs pids
  limited '{}'
  change '{"pids": {"limit": 9}}'
  shows pids.max 9
}

@test "update: all or nothing: what was written before the refused value is put back" {
  limited '{"unified": {"cgroup.max.depth": "3", "cgroup.max.descendants": "9"}}'
  change '{"unified": {"cgroup.max.depth": "5", "cgroup.max.descendants": "many"}}' \
    'old limits stay' many cgroup.max.descendants 'Invalid argument' /linux/resources/unified/cgroup.max.descendants
  shows cgroup.max.depth 3
  shows cgroup.max.descendants 9
  change '{"unified": {"cgroup.max.depth": "5"}}'
  shows cgroup.max.depth 5
  shows cgroup.max.descendants 9
}

@test "update: all or nothing: hugetlb and its reservation" {
  needs hugetlb
  [ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "no huge pages of 2 MB"
  limited '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
  change '{"hugepageLimits": [{"pageSize": "2MB", "limit": 8388608}, {"pageSize": "3MB", "limit": 0}]}' \
    'old limits stay' hugetlb.3MB.max 'no huge pages of that size' /linux/resources/hugepageLimits/
  shows hugetlb.2MB.max 4194304
  ! has_limit_file hugetlb.2MB.rsvd.max || shows hugetlb.2MB.rsvd.max 4194304
}

@test "update: all or nothing: values of every format" {
  needs cpu memory pids
  limited '{"cpu": {"quota": 50000, "period": 100000, "burst": 10000, "shares": 512}, "memory": {"limit": 67108864, "swap": 67108864}, "pids": {"limit": 100}}'
  change '{"cpu": {"quota": 70000, "burst": 60000, "shares": 2}, "memory": {"limit": 134217728}, "pids": {"limit": 4611686018427387904}}' \
    'old limits stay' pids.max /linux/resources/pids/limit
  shows cpu.max '50000 100000'
  shows cpu.max.burst 10000
  shows cpu.weight 59
  shows memory.max 67108864
  shows pids.max 100
}

# The kernel empties none that has processes: then it gets what it had from its parent.
@test "update: all or nothing: a cpuset that had no CPUs of its own" {
  needs cpuset
  [ "$(nproc)" -gt 1 ] || skip "one CPU"
  local cpus
  limited '{"cpu": {"mems": "0"}}'
  cpus=$(limit_file cpuset.cpus.effective)
  change '{"cpu": {"cpus": "0"}, "unified": {"cpuset.cpus.partition": "nonsense"}}' 'old limits stay' cpuset.cpus.partition nonsense
  shows cpuset.cpus.effective "$cpus"
  change '{"cpu": {"cpus": "99999"}}' cpuset.cpus /linux/resources/cpu/cpus 'CPUs that this machine has'
  shows cpuset.cpus.effective "$cpus"
}

@test "update: checkBeforeUpdate refuses less than is in use" {
  needs memory
  sh_args 'dd if=/dev/zero of=/dev/shm/big bs=1M count=24 2>/dev/null; echo ready; exec sleep 1000'
  resources '{"memory": {"limit": 67108864}}'
  ok run --detach --bundle "$B" "$ID"
  wait_for grep -q ready "$T/stdout"
  change '{"memory": {"limit": 10485760, "checkBeforeUpdate": true}}' checkBeforeUpdate /linux/resources/memory/limit 10485760
  shows memory.max 67108864
  has_status running
}

@test "update: a cgroup that disappeared is an error that says so" {
  cgroupfs_only
  start_sleeper
  local pid
  pid=$(container_pid)
  mkdir "$CG$CGP/other"
  echo "$pid" >"$CG$CGP/other/cgroup.procs"
  rmdir "$CGROUP_DIR"
  change '{"unified": {"cgroup.max.depth": "5"}}' "$CGROUP"
  has_status running
  hull delete --force "$ID" 3>&- || kill -KILL "$pid"
  wait_for rmdir "$CG$CGP/other"
}

# --- what is refused ----------------------------------------------------------------------------------------------

# bats file_tags=limits

# refused JSON WORD...: create fails with these, and nothing is left of it (see teardown).
refused() {
  resources "$1"
  shift
  fails "$@" -- create --bundle "$B" "$ID"
}

# unacceptable JSON WORD...: and on any host, so validate says it as well.
unacceptable() {
  refused "$@" || return
  shift
  fails "$@" -- validate --bundle "$B"
}

@test "refused: values that nobody would take, with their pointer" {
  unacceptable '{"memory": {"limit": 1048576, "swap": 1048575}}' /linux/resources/memory/swap 'memory+swap limit should be >= memory limit'
  unacceptable '{"memory": {"swap": 1048576}}' /linux/resources/memory/swap 'unable to set swap limit without memory limit'
  unacceptable '{"memory": {"limit": -2}}' /linux/resources/memory/limit -2
  unacceptable '{"cpu": {"idle": 1, "shares": 512}}' /linux/resources/cpu/idle idle
  unacceptable '{"cpu": {"quota": 5000, "burst": 6000}}' /linux/resources/cpu/burst 6000
  unacceptable '{"cpu": {"cpus": "first"}}' /linux/resources/cpu/cpus first
  unacceptable '{"pids": {"limit": -2}}' /linux/resources/pids/limit -2
  unacceptable '{"blockIO": {"weight": 9}}' /linux/resources/blockIO/weight 9
  unacceptable '{"blockIO": {"weight": 1001}}' /linux/resources/blockIO/weight 1001
  unacceptable '{"hugepageLimits": [{"pageSize": "2mb", "limit": 0}]}' /linux/resources/hugepageLimits/0 2mb
  unacceptable '{"rdma": {"mlx5_1": {}}}' /linux/resources/rdma/mlx5_1
}

@test "refused: limits that only cgroup v1 has, with their pointer" {
  unacceptable '{"memory": {"kernel": 4096}}' /linux/resources/memory/kernel 'cgroup v1'
  unacceptable '{"memory": {"swappiness": 60}}' /linux/resources/memory/swappiness 'cgroup v1'
  unacceptable '{"memory": {"disableOOMKiller": true}}' /linux/resources/memory/disableOOMKiller 'cgroup v1'
  unacceptable '{"memory": {"useHierarchy": false}}' /linux/resources/memory/useHierarchy 'cgroup v1'
  unacceptable '{"cpu": {"realtimePeriod": 1000000}}' /linux/resources/cpu/realtimePeriod 'cgroup v1'
  unacceptable '{"cpu": {"realtimeRuntime": 1000}}' /linux/resources/cpu/realtimeRuntime 'cgroup v1'
  unacceptable '{"blockIO": {"leafWeight": 10}}' /linux/resources/blockIO/leafWeight 'cgroup v1'
  unacceptable '{"network": {"classID": 1}}' /linux/resources/network 'cgroup v1'
}

@test "refused: validate tells one of each controller, and every key of unified, with line and column" {
  jq '.linux.resources += {memory: {limit: -2}, cpu: {idle: 2}, pids: {limit: -2}, blockIO: {weight: 9}, rdma: {m: {}},
    hugepageLimits: [{pageSize: "2mb", limit: 0}], unified: {"a/b.c": "1", "cgroup.procs": "1"}}' "$B/config.json" >"$T/wrong"
  cp "$T/wrong" "$B/config.json"
  try hull validate --bundle "$B"
  [ "$status" -ne 0 ]
  has "$stderr" /linux/resources/{memory/limit,cpu/idle,pids/limit,blockIO/weight,rdma/m,hugepageLimits/0/pageSize} \
    /linux/resources/unified/a~1b.c /linux/resources/unified/cgroup.procs
  equal "$(grep -c 'config.json:[0-9]*:[0-9]*: /linux/resources/' "$T/stderr")" 8
}

@test "refused: keys of unified that are no file of the container's cgroup" {
  local key
  for key in '../memory.max' 'sub/memory.max' '..' 'memory' '.max' 'cgroup.procs' 'cgroup.threads' 'cgroup.subtree_control' \
    'cgroup.kill' 'cgroup.freeze' 'cgroup.type' 'memory.high\n'; do
    unacceptable "{\"unified\": {\"$key\": \"1\"}}" /linux/resources/unified/ || { echo "$key"; return 1; }
  done
}

# bats test_tags=driver
@test "refused: a file that this kernel has not" {
  refused '{"unified": {"cgroup.pressures": "1"}}' /linux/resources/unified/cgroup.pressures
  needs pids
  refused '{"unified": {"pids.most": "1"}}' /linux/resources/unified/pids.most 'no such file'
}

@test "refused: a controller that does not exist is named" {
  refused '{"unified": {"nonsense.max": "1"}}' /linux/resources/unified/nonsense.max "controller 'nonsense'" 'no such controller'
}

@test "refused: a controller that cgroup v1 holds is named, and who holds it" {
  local row controller
  grep -qw memory "$CG/cgroup.controllers" && skip "memory is with cgroup v2 here"
  awk '$1 == "memory" && $2 != 0 {found = 1} END {exit !found}' /proc/cgroups || skip "no cgroup v1 here"
  for row in 'memory;{"memory": {"limit": 67108864}}' 'pids;{"pids": {"limit": 5}}' 'cpu;{"cpu": {"shares": 512}}' 'io;{"blockIO": {"weight": 100}}'; do
    controller=${row%%;*}
    refused "${row#*;}" "controller '$controller'" 'cgroup v1 holds it' /linux/resources/
  done
}

# bats test_tags=driver
@test "refused: values that the kernel does not take, with file, value and reason" {
  refused '{"unified": {"cgroup.max.depth": "deep"}}' cgroup.max.depth deep 'Invalid argument' /linux/resources/unified/cgroup.max.depth
  needs cpu
  [ "$HULL_DRIVER" = cgroupfs ] || return 0 # systemd's own units of time make 1000 of it
  refused '{"cpu": {"quota": 1}}' cpu.max '1 100000' 'Invalid argument' 'at least 1000 us' /linux/resources/cpu/quota
}

# bats test_tags=driver
@test "refused: no such block device" {
  needs io
  refused '{"blockIO": {"throttleReadBpsDevice": [{"major": 4000, "minor": 4000, "rate": 1}]}}' \
    io.max '4000:4000 rbps=1' 'no such block device' /linux/resources/blockIO/throttleReadBpsDevice/0
}

# Of pids the kernel would take it, and make the container's cgroup one that no process can enter.
@test "refused: an ancestor that holds processes, with its name and the file" {
  cgroupfs_only
  needs pids memory
  mkdir "$CG$CGP/busy"
  background sleep 1000
  echo "${BACKGROUND[0]}" >"$CG$CGP/busy/cgroup.procs"
  config '.linux.cgroupsPath = $path' --arg path "$CGP/busy/c"
  refused '{"pids": {"limit": 5}}' "'$CGP/busy'" cgroup.subtree_control '+pids' 'holds processes' /linux/resources/pids/limit
  refused '{"memory": {"limit": 67108864}}' "'$CGP/busy'" cgroup.subtree_control '+memory' 'holds processes' /linux/resources/memory/limit
  equal "$(cat "$CG$CGP/busy/cgroup.type")" domain
  stop_background
  wait_for rmdir "$CG$CGP/busy"
}

@test "refused: limits without a cgroup" {
  resources '{"pids": {"limit": 5}}'
  config '.mounts |= map(select(.type != "cgroup"))'
  fails disabled /linux/resources/pids/limit -- --cgroup-manager disabled create --bundle "$B" "$ID"
}
