#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update: each option and the file that the kernel shows afterwards, all or nothing, what is kept for later, and
# what happens beside other commands.

# bats file_tags=limits
load helpers

# need CONTROLLER...: the rest of the test is for hosts where they can be enabled.
need() {
  local controller
  for controller; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no $controller controller here"
  done
}

# What the kernel shows of the container's cgroup.
shown() {
  cat "$CGROUP_DIR/$1"
}

# shows FILE VALUE [FILE VALUE...]
shows() {
  while [ $# -gt 0 ]; do
    [ "$(shown "$1")" = "$2" ] || { echo "$1 is '$(shown "$1")', not '$2'"; return 1; }
    shift 2
  done
}

# The resources that are stored with the container.
stored() {
  jq -c ".linux.resources$1" "$ROOT/$ID/config.json"
}

# with JSON ARGUMENT...: hull update with resources on standard input.
with() {
  printf %s "$1" >"$T/resources"
  shift
  INPUT=$T/resources ok update --resources=- "$@" "$ID"
}

# refused JSON WORD...: an error with these words; neither the cgroup nor what is stored changes.
refused() {
  local before
  printf %s "$1" >"$T/resources"
  shift
  before=$(settings)
  INPUT=$T/resources fails "$@" -- update --resources - "$ID"
  equal "$(settings)" "$before"
}

# All that update could change.
settings() {
  (cd "$CGROUP_DIR" && head -v cgroup.max.* {cpu,memory,pids,io,cpuset}.{max,weight,low,high,swap.max} \
    cpuset.cpus 2>/dev/null)
  cat "$ROOT/$ID/config.json"
  ls -A "$ROOT/$ID"
}

# --- forms --------------------------------------------------------------------------------------------

@test "update: takes a file or standard input, by every spelling of the option" {
  local n=10 form
  start_sleeper
  for form in '--resources=-' '--resources -' '-r -' '-r-' '-resources=-' '-resources -'; do
    n=$((n + 1))
    echo "{\"unified\": {\"cgroup.max.depth\": \"$n\"}}" >"$T/resources"
    # shellcheck disable=SC2086
    INPUT=$T/resources ok update $form "$ID"
    shows cgroup.max.depth "$n"
  done
  for form in '--resources=' '--resources ' '-r '; do
    n=$((n + 1))
    echo "{\"unified\": {\"cgroup.max.depth\": \"$n\"}}" >"$T/resources"
    # shellcheck disable=SC2086
    ok update $form"$T/resources" "$ID"
    shows cgroup.max.depth "$n"
  done
  ok update "$ID" -r "$T/resources"
  [ -z "$output" ]
}

@test "update: with nothing to change, or an empty object, is no error and writes nothing" {
  local inode document
  start_sleeper
  inode=$(stat -c %i "$ROOT/$ID/config.json")
  ok update "$ID"
  for document in '{}' '{"memory": {}, "cpu": {}, "blockIO": {}, "unified": {}, "devices": [], "pids": null}' \
    '{"memory": {"limit": 0, "swap": 0}, "cpu": {"shares": 0, "quota": 0, "cpus": ""}, "blockIO": {"weight": 0}}'; do
    with "$document"
    equal "$(stat -c %i "$ROOT/$ID/config.json")" "$inode"
  done
  cmp "$ROOT/$ID/config.json" "$B/config.json"
  with '{"unified": {"cgroup.max.depth": "5"}}'
  inode=$(stat -c %i "$ROOT/$ID/config.json")
  echo 7 >"$CGROUP_DIR/cgroup.max.depth"
  with '{"unified": {"cgroup.max.depth": "5"}}'
  shows cgroup.max.depth 5
  equal "$(stat -c %i "$ROOT/$ID/config.json")" "$inode"
}

@test "update: device rules in the resources are not taken" {
  start_sleeper
  with '{"devices": [{"allow": true, "access": "rwm"}], "unified": {"cgroup.max.depth": "3"}}'
  equal "$(stored .devices)" "$(jq -c .linux.resources.devices "$B/config.json")"
  shows cgroup.max.depth 3
}

@test "update: options of cgroup v1 are ignored with a warning, or refused" {
  start_sleeper
  try hull update --kernel-memory 5m --kernel-memory-tcp=1g "$ID"
  equal "$status" 0
  has "$(cat "$LOG")" warning --kernel-memory
  fails realtimeRuntime 'cgroup v1' -- update --cpu-rt-runtime 950000 "$ID"
  fails realtimePeriod 'cgroup v1' -- update --cpu-rt-period 1000000 "$ID"
  fails 'no class of service' linux.intelRdt -- update --l3-cache-schema L3:0=f "$ID"
  fails 'no class of service' -- update --mem-bw-schema MB:0=20 "$ID"
  equal "$(stored .cpu)" null
}

@test "update: options beside --resources are ignored with a warning" {
  start_sleeper
  echo '{"unified": {"cgroup.max.depth": "3"}}' >"$T/resources"
  try hull update --resources "$T/resources" --pids-limit 7 "$ID"
  equal "$status" 0
  has "$(cat "$LOG")" warning --pids-limit
  shows cgroup.max.depth 3
  equal "$(stored .pids)" null
}

# --- controllers --------------------------------------------------------------------------------------

# bats test_tags=driver
@test "update: memory: limit, reservation and swap, in units" {
  need memory
  start_sleeper
  ok update --memory 64m --memory-reservation 32MiB --memory-swap 96m "$ID"
  shows memory.max 67108864 memory.low 33554432
  [ ! -e "$CGROUP_DIR/memory.swap.max" ] || shows memory.swap.max 33554432
  equal "$(stored .memory)" '{"limit":67108864,"reservation":33554432,"swap":100663296}'
  ok update --memory 0.125g "$ID"
  shows memory.max 134217728 memory.low 33554432
  [ ! -e "$CGROUP_DIR/memory.swap.max" ] || shows memory.swap.max 33554432
  ok update --memory 32m "$ID"
  shows memory.max 33554432
  [ ! -e "$CGROUP_DIR/memory.swap.max" ] || shows memory.swap.max 33554432
  ok update --memory -1 --memory-reservation -1 "$ID"
  shows memory.max max memory.low max
  [ ! -e "$CGROUP_DIR/memory.swap.max" ] || shows memory.swap.max max
}

# bats test_tags=driver
@test "update: memory: swap below the limit is refused" {
  need memory
  start_sleeper
  ok update --memory 64m "$ID"
  refused '{"memory": {"swap": 33554432}}' swap
  shows memory.max 67108864
  refused '{"memory": {"limit": 67108864, "swap": 1048576}}' swap
}

# bats test_tags=driver
@test "update: memory: checkBeforeUpdate refuses a limit below what is used" {
  need memory
  # What is used before the controller is enabled is not counted.
  config '.linux.resources.memory = {limit: 67108864}'
  args sh -c 'dd if=/dev/zero of=/dev/shm/x bs=1M count=24 2>/dev/null; echo x >/data/ready; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
  refused '{"memory": {"limit": 4194304, "checkBeforeUpdate": true}}' memory
  shows memory.max 67108864
  equal "$(container_status)" running
}

# bats test_tags=driver
@test "update: cpu: quota and period, each keeping the other" {
  need cpu
  start_sleeper
  ok update --cpu-quota 50000 --cpu-period 200000 "$ID"
  shows cpu.max '50000 200000'
  ok update --cpu-quota 20000 "$ID"
  shows cpu.max '20000 200000'
  ok update --cpu-period 100000 "$ID"
  shows cpu.max '20000 100000'
  ok update --cpu-quota=-1 "$ID"
  shows cpu.max 'max 100000'
  with '{"cpu": {"quota": 30000, "period": 50000}}'
  with '{"cpu": {"period": 60000}}'
  shows cpu.max '30000 60000'
  equal "$(stored .cpu)" '{"quota":30000,"period":60000}'
}

# bats test_tags=driver
@test "update: cpu: shares, idle and burst" {
  need cpu
  start_sleeper
  ok update --cpu-share=2 "$ID"
  shows cpu.weight 1
  ok update --cpu-share 1024 "$ID"
  shows cpu.weight 100
  ok update --cpu-share 262144 "$ID"
  shows cpu.weight 10000
  if [ -e "$CGROUP_DIR/cpu.max.burst" ]; then
    ok update --cpu-quota 50000 --cpu-period 100000 --cpu-burst 20000 "$ID"
    shows cpu.max.burst 20000
    ok update --cpu-burst 0 "$ID"
    shows cpu.max.burst 0
  fi
  fails idle -- update --cpu-idle 2 "$ID"
  fails cpu-share -- update --cpu-share -5 "$ID"
}

# bats test_tags=driver
@test "update: cpu: idle" {
  need cpu
  start_sleeper
  ok update --cpu-share 2 "$ID" # enables the controller
  [ -e "$CGROUP_DIR/cpu.idle" ] || skip "this kernel has no cpu.idle"
  ok update --cpu-idle 1 "$ID"
  shows cpu.idle 1
  ok update --cpu-idle 0 "$ID"
  shows cpu.idle 0
}

# bats test_tags=driver
@test "update: cpuset: CPUs and memory nodes" {
  need cpuset
  start_sleeper
  ok update --cpuset-cpus 0 --cpuset-mems 0 "$ID"
  shows cpuset.cpus 0 cpuset.mems 0
  equal "$(grep Cpus_allowed_list "/proc/$(container_pid)/status" | cut -f2)" 0
  refused '{"cpu": {"cpus": "9999"}}' cpuset.cpus || refused '{"cpu": {"cpus": "x"}}' cpus
  shows cpuset.cpus 0
}

# bats test_tags=driver
@test "update: pids: a limit, none, and one that forks meet" {
  need pids
  start_sleeper
  ok update --pids-limit 1 "$ID"
  shows pids.max 1
  fails 'Resource temporarily unavailable' -- exec "$ID" true
  ok update --pids-limit=-1 "$ID"
  shows pids.max max
  ok exec "$ID" true
  ok update --pids-limit 50 "$ID"
  shows pids.max 50
}

# bats test_tags=driver
@test "update: io: weight" {
  need io
  start_sleeper
  try hull update --blkio-weight 500 "$ID"
  if [ -e "$CGROUP_DIR/io.bfq.weight" ]; then
    equal "$status" 0
    shows io.bfq.weight 'default 500'
  elif [ -e "$CGROUP_DIR/io.weight" ]; then
    equal "$status" 0
    shows io.weight "default $((1 + 490 * 9999 / 990))"
  else
    skip "this kernel has no weight of io"
  fi
}

# --- all or nothing -----------------------------------------------------------------------------------

# bats test_tags=smoke
@test "update: a value that the kernel refuses leaves the old ones, in the cgroup and in the state" {
  start_sleeper
  with '{"unified": {"cgroup.max.depth": "5", "cgroup.max.descendants": "6"}}'
  refused '{"unified": {"cgroup.max.depth": "7", "cgroup.max.descendants": "many"}}' \
    cgroup.max.descendants many 'Invalid argument' /linux/resources/unified
  shows cgroup.max.depth 5 cgroup.max.descendants 6
  refused '{"unified": {"cgroup.max.descendants": "8", "cgroup.max.depth": "-3"}}' cgroup.max.depth
  shows cgroup.max.depth 5 cgroup.max.descendants 6
  equal "$(stored .unified)" '{"cgroup.max.depth":"5","cgroup.max.descendants":"6"}'
  with '{"unified": {"cgroup.max.depth": "9"}}'
  shows cgroup.max.depth 9 cgroup.max.descendants 6
}

# bats test_tags=driver
@test "update: over several controllers, one refusal restores all" {
  need memory pids cpu
  start_sleeper
  ok update --memory 64m --pids-limit 50 --cpu-quota 50000 --cpu-period 100000 "$ID"
  # systemd's own units of time make a quota of 1000 us of it
  [ "$HULL_DRIVER" = systemd ] || refused '{"memory": {"limit": 33554432}, "pids": {"limit": 20}, "cpu": {"quota": 1, "period": 100000}}' \
    cpu.max 'Invalid argument'
  shows memory.max 67108864 pids.max 50 cpu.max '50000 100000'
  refused '{"memory": {"limit": 33554432}, "pids": {"limit": 20}, "unified": {"cpu.weight": "70000"}}' cpu.weight
  shows memory.max 67108864 pids.max 50 cpu.max '50000 100000'
}

@test "update: bad documents are refused with the place of what is wrong" {
  start_sleeper
  refused '' empty
  refused '{' 'not valid JSON'
  refused '{"memory": {"limit": "512m"}}' 1:22 /memory/limit '"512m"'
  refused '{"memory": {"limit": 99999999999999999999}}' /memory/limit 'out of range'
  refused '{"memory": {"limt": 5}}' /memory/limt 'unknown property'
  refused '{"cpu": {"idle": 7}}' /cpu/idle 'out of range'
  refused '{"unified": {"cgroup.max.depth": 5}}' /unified/cgroup.max.depth 'a string'
  refused '{"unified": {"cgroup.max.depth": "4", "nothing.here": "1"}}' nothing
  refused '{"unified": {"../cgroup.max.depth": "4"}}' unified
  refused '{"unified": {"cgroup.max.depth\nx": "4"}}' unified
  refused '{"unified": {"": "4"}}' unified
  refused '{"network": {"classID": 5}}' network
  shows cgroup.max.depth max
  fails 'cannot read the resources' -- update --resources "$T/nowhere" "$ID"
  fails 'cannot read the resources' -- update --resources "$T" "$ID"
  fails --memory 5x -- update --memory 5x "$ID"
  fails --memory -- update --memory= "$ID"
  fails --pids-limit -- update --pids-limit 5k "$ID"
}

@test "update: a missing controller is named" {
  if grep -qw memory "$CG/cgroup.controllers"; then
    skip "cgroup v2 has the memory controller here"
  fi
  start_sleeper
  refused '{"memory": {"limit": 67108864}}' memory /linux/resources/memory
}

@test "update: a full disk in the state root changes nothing" {
  mkdir -p "$ROOT"
  mount -t tmpfs -o size=1m,mode=700 tmpfs "$ROOT"
  start_sleeper
  dd if=/dev/zero of="$ROOT/.fill" bs=4k 2>/dev/null || :
  refused '{"unified": {"cgroup.max.depth": "4"}}' 'No space left'
  shows cgroup.max.depth max
  rm "$ROOT/.fill"
  with '{"unified": {"cgroup.max.depth": "4"}}'
  shows cgroup.max.depth 4
  ok delete --force "$ID"
  umount "$ROOT"
}

# --- states -------------------------------------------------------------------------------------------

@test "update: of a container that is stopped, unknown or without a cgroup is an error" {
  fails 'container does not exist' -- update --pids-limit 5 "$ID"
  ok run --keep --bundle "$B" "$ID"
  fails "$ID" 'container not running' -- update --pids-limit 5 "$ID"
  fails 'container not running' -- update "$ID"
  ok delete "$ID"
  config '.mounts |= map(select(.type != "cgroup"))'
  args sleep 1000
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  fails 'no cgroup' -- update --pids-limit 5 "$ID"
}

# bats test_tags=driver
@test "update: of a created container holds when it is started" {
  sh_args 'cat /sys/fs/cgroup/cgroup.max.depth'
  ok create --bundle "$B" "$ID" >"$T/made"
  with '{"unified": {"cgroup.max.depth": "4"}}'
  equal "$(container_status)" created
  shows cgroup.max.depth 4
  ok start "$ID"
  wait_for has_status stopped
  equal "$(stored .unified)" '{"cgroup.max.depth":"4"}'
}

# bats test_tags=driver
@test "update: of a paused container leaves it paused" {
  start_sleeper
  with '{"unified": {"cgroup.max.depth": "4"}}'
  ok pause "$ID"
  with '{"unified": {"cgroup.max.descendants": "4"}}'
  equal "$(container_status)" paused
  shows cgroup.max.depth 4 cgroup.max.descendants 4
  ok resume "$ID"
}

@test "update: writes what it is asked for, not what others have set meanwhile" {
  start_sleeper
  with '{"unified": {"cgroup.max.depth": "4", "cgroup.max.descendants": "4"}}'
  echo 100 >"$CGROUP_DIR/cgroup.max.depth"
  with '{"unified": {"cgroup.max.descendants": "5"}}'
  shows cgroup.max.depth 100 cgroup.max.descendants 5
  with '{"unified": {"cgroup.max.depth": "4"}}'
  shows cgroup.max.depth 4
}

@test "update: leaves a config that exec, state, poststop hooks and delete go on with" {
  config --arg out "$T/poststop" '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo gone >\($out)"]}]
    | .annotations = {"a/b": "ü \"quoted\" \u0001"} | .process.env += ["KEPT=a b"]
    | .unknown = {"kept": "or not"} | .windows = {"x": 1}'
  start_sleeper
  with '{"unified": {"cgroup.max.depth": "4"}}'
  ok exec "$ID" sh -c 'echo $KEPT'
  equal "$output" 'a b'
  ok state "$ID"
  jq -e '.annotations == {"a/b": "ü \"quoted\" \u0001"}' "$T/stdout"
  equal "$(jq -S 'del(.linux.resources, .unknown, .windows)' "$ROOT/$ID/config.json")" \
    "$(jq -S 'del(.linux.resources, .unknown, .windows)' "$B/config.json")"
  equal "$(stat -c %a "$ROOT/$ID/config.json")" 600
  ok delete --force "$ID"
  equal "$(cat "$T/poststop")" gone
}

@test "update: what a killed update has left does not matter" {
  start_sleeper
  echo half >"$ROOT/$ID/.config.json.tmp"
  with '{"unified": {"cgroup.max.depth": "4"}}'
  equal "$(stored .unified)" '{"cgroup.max.depth":"4"}'
  [ ! -e "$ROOT/$ID/.config.json.tmp" ]
  ln -s /etc/passwd "$ROOT/$ID/.config.json.tmp"
  with '{"unified": {"cgroup.max.depth": "5"}}'
  echo half >"$ROOT/$ID/.config.json.tmp"
  ok delete --force "$ID"
}

# interrupted FAULT [RESOURCES]: an update to 4 and 5 that fails or is killed there.
interrupted() {
  printf %s "${2:-{\"unified\": {\"cgroup.max.depth\": \"4\", \"cgroup.max.descendants\": \"5\"\}\}}" >"$T/resources"
  INPUT=$T/resources HULL_FAULT=$1 try hull update --resources - "$ID"
}

old_limits() {
  shows cgroup.max.depth 9 cgroup.max.descendants max
  equal "$(cat "$ROOT/$ID/config.json")" "$old_config"
  equal "$(ls -A "$ROOT/$ID")" "$old_files"
}

# A container whose limits are 9 and none.
start_old() {
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID" 3>&-
  config '.linux.resources.unified = {"cgroup.max.depth": "9"}'
  start_sleeper
  old_config=$(cat "$ROOT/$ID/config.json")
  old_files=$(ls -A "$ROOT/$ID")
}

MOMENTS=(update-config update-record cgroup.max.depth cgroup.max.descendants update-commit)

@test "update: killed at any moment, it is done or the next one undoes it" {
  local moment old_config old_files
  start_old
  for moment in "${MOMENTS[@]}"; do
    echo "$moment"
    interrupted "$moment:kill"
    equal "$status" 137
    equal "$(cat "$ROOT/$ID/config.json")" "$old_config"
    case $moment in
      cgroup.max.descendants | update-commit) shows cgroup.max.depth 4 ;; # or the test would show nothing
    esac
    with '{}'
    old_limits
  done
  # while it puts back what it changed before the kernel refused a value
  interrupted put-back:kill '{"unified": {"cgroup.max.depth": "4", "cgroup.max.descendants": "none"}}'
  equal "$status" 137
  shows cgroup.max.depth 4
  with '{}'
  old_limits
  # done, but for its own traces
  interrupted update-end:kill
  equal "$status" 137
  with '{}'
  shows cgroup.max.depth 4 cgroup.max.descendants 5
  equal "$(stored .unified)" '{"cgroup.max.depth":"4","cgroup.max.descendants":"5"}'
  equal "$(ls -A "$ROOT/$ID")" "$old_files"
}

@test "update: what a killed one changed is undone before the next one, and delete takes what it left" {
  local old_config old_files
  start_old
  interrupted update-commit:kill
  shows cgroup.max.depth 4 cgroup.max.descendants 5
  with '{"unified": {"cgroup.max.depth": "7"}}'
  shows cgroup.max.depth 7 cgroup.max.descendants max
  equal "$(stored .unified)" '{"cgroup.max.depth":"7"}'
  interrupted update-commit:kill
  ok delete --force "$ID"
}

@test "update: an error at any moment leaves the old limits" {
  local moment old_config old_files
  start_old
  for moment in "${MOMENTS[@]}"; do
    interrupted "$moment:EIO"
    failed "cannot update container '$ID'" || { echo "$moment"; return 1; }
    old_limits
  done
}

@test "update: what is left of a killed one and makes no sense is a warning" {
  local wrong old_config old_files
  start_old
  for wrong in '{' '{"files": ["../x"], "values": ["1"], "others": [""]}' '{"files": ["a.b"], "values": [], "others": []}'; do
    interrupted update-commit:kill
    echo "$wrong" >"$ROOT/$ID/update.json"
    with '{"unified": {"cgroup.max.depth": "9", "cgroup.max.descendants": "max"}}'
    jq -se --arg id "$ID" 'any(.level == "warning" and (.msg | test("update of container .\($id). changed before it was killed")))' "$LOG"
    shows cgroup.max.depth 9 cgroup.max.descendants max
    rm -f "$LOG"
  done
}

@test "update: a saved config that is gone or broken is an error that leaves the limits" {
  start_sleeper
  echo '{' >"$ROOT/$ID/config.json"
  refused '{"unified": {"cgroup.max.depth": "4"}}' config.json
  rm "$ROOT/$ID/config.json"
  echo '{"unified": {"cgroup.max.depth": "4"}}' >"$T/resources"
  fails config.json -- update --resources "$T/resources" "$ID"
  shows cgroup.max.depth max
}

# --- beside others ------------------------------------------------------------------------------------

# bats test_tags=smoke
@test "update: many at once: each is kept" {
  local i pids=()
  start_sleeper
  for i in {1..12}; do
    echo "{\"blockIO\": {}, \"unified\": {\"cgroup.max.depth\": \"$((20 + i))\"}}" >"$T/resources.$i"
    hull update --resources "$T/resources.$i" "$ID" 3>&- &
    pids+=("$!")
  done
  for i in "${pids[@]}"; do wait "$i"; done
  equal "$(stored '.unified["cgroup.max.depth"]')" "\"$(shown cgroup.max.depth)\""
  [ "$(shown cgroup.max.depth)" -gt 20 ]
}

@test "update: a hundred in a row end at the last" {
  local i
  start_sleeper
  for i in {1..100}; do
    echo "{\"unified\": {\"cgroup.max.depth\": \"$i\"}}" >"$T/resources"
    hull update --resources "$T/resources" "$ID" 3>&-
    [ "$(shown cgroup.max.depth)" = "$i" ]
  done
  equal "$(stored .unified)" '{"cgroup.max.depth":"100"}'
}

# race COMMAND...: updates for as long as it takes; each ends well or with an error that says why.
race() {
  local i=0 pid
  hull_exec_quiet "$@" &
  pid=$!
  while kill -0 "$pid" 2>/dev/null || [ "$i" -lt 5 ]; do
    i=$((i + 1))
    echo "{\"unified\": {\"cgroup.max.depth\": \"$i\"}}" >"$T/race"
    try hull update --resources "$T/race" "$ID"
    [ "$status" = 0 ] || failed update || failed 'container does not exist' || return 1
    hasnt "$stderr" 'No such device' internal
  done
  wait "$pid"
}

hull_exec_quiet() {
  exec env HULL_MARK="$MARK" TMPDIR="$T/tmp" "$HULL" --root "$ROOT" --log "$T/other.log" "$@" 3>&- >/dev/null 2>&1
}

@test "update: beside delete --force, kill and the end of the container: done or an error, and nothing left" {
  local i
  for i in 1 2 3 4 5; do
    start_sleeper
    race delete --force "$ID"
    fails 'container does not exist' -- state "$ID"
    nothing_left
  done
  for i in 1 2 3; do
    start_sleeper
    race kill "$ID" KILL
    wait_for has_status stopped
    fails 'container not running' -- update "$ID"
    ok delete "$ID"
  done
}

@test "update: beside pause and resume" {
  local i
  start_sleeper
  for i in 1 2 3; do
    race pause "$ID"
    equal "$(container_status)" paused
    race resume "$ID"
    equal "$(container_status)" running
  done
}

@test "update: a cgroup that is gone is an error that names it" {
  cgroupfs_only
  config '.linux.namespaces |= map(select(.type != "pid"))'
  start_sleeper
  # Moved out by somebody, and the cgroup removed: the process runs, without its limits.
  mkdir "$CG$CGP/other"
  container_pid >"$CG$CGP/other/cgroup.procs"
  rmdir "$CGROUP_DIR"
  echo '{"unified": {"cgroup.max.depth": "4"}}' >"$T/resources"
  fails "cgroup '$CGROUP' has disappeared" 'No such file' -- update --resources "$T/resources" "$ID"
  equal "$(stored .unified)" null
  local command
  for command in pause ps 'stats --no-stream' 'events --stats'; do
    # shellcheck disable=SC2086 # words
    fails "cgroup '$CGROUP' has disappeared" -- $command "$ID"
  done
  mkdir "$CGROUP_DIR"
  fails "$CGROUP" -- update --resources "$T/resources" "$ID"
  shows cgroup.max.depth max
  rmdir "$CGROUP_DIR"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  wait_for rmdir "$CG$CGP/other"
}
