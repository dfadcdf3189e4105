#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd driver. What goes wrong without an answer from systemd is tested anywhere; the rest where systemd is
# process 1, as in tests/vm/vm --systemd. Each test says itself which driver it means, so the driver that the suite
# runs with does not matter here.

# bats file_tags=limits
load helpers

# In place of the one in helpers.bash: names of this file's own, and hull without options of a driver.
eval "helpers_$(declare -f setup)"
setup() {
  HULL=$HULL_PROGRAM
  helpers_setup
  UNIT=hulltest-$ID.scope
  SCOPE=$CG/system.slice/$UNIT
  config '.linux.cgroupsPath = $path' --arg path ":hulltest:$ID"
}

# What podman left, and units of tests that failed.
eval "helpers_$(declare -f teardown)"
teardown() {
  local result=0
  [ ! -d /run/user/1000 ] || systemctl stop user@1000.service user-runtime-dir@1000.service 3>&- || :
  helpers_teardown || result=1
  [ ! -d /run/systemd/system ] || systemctl stop 'hulltest-*' >/dev/null 2>&1 3>&- || :
  return "$result"
}

# --- helpers ------------------------------------------------------------------------------------------------------

is_built() {
  "$HULL" --version | grep -q +SYSTEMD || skip "this hull is built without the systemd driver"
}

needs_systemd() {
  is_built
  [ -d /run/systemd/system ] && [ "$(cat /proc/1/comm)" = systemd ] || skip "systemd is not process 1 here"
}

needs() {
  local controller
  for controller; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no $controller controller here"
  done
}

SD=(--cgroup-manager systemd)

# A running container of the systemd driver.
start_in_scope() {
  args sleep 1000
  ok "${SD[@]}" run --detach --bundle "$B" "$ID"
}

property() {
  systemctl show --property "$1" --value "${2:-$UNIT}"
}

# has_property NAME VALUE [NAME VALUE...]
has_property() {
  while [ $# -gt 0 ]; do
    [ "$(property "$1")" = "$2" ] || { echo "property $1 is '$(property "$1")', not '$2'"; return 1; }
    shift 2
  done
}

# shows FILE VALUE [FILE VALUE...]: of the scope's cgroup
shows() {
  while [ $# -gt 0 ]; do
    [ "$(cat "$SCOPE/$1")" = "$2" ] || { echo "$1 is '$(cat "$SCOPE/$1")', not '$2'"; return 1; }
    shift 2
  done
}

resources() {
  config '.linux.resources += $more' --argjson more "$1"
}

unit_is_gone() {
  [ "$(property LoadState "${1:-$UNIT}")" = not-found ] || [ "$(property ActiveState "${1:-$UNIT}")" = inactive ]
}

# A host as the rest of this test wants it: with or without /run/systemd/system, in a mount namespace of its own.
# elsewhere yes|no COMMAND...
elsewhere() {
  local booted=$1
  shift
  # shellcheck disable=SC2016
  unshare --mount --propagation private sh -c '
    mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd || exit 125
    [ "$0" = no ] || mkdir /run/systemd/system
    exec "$@"' "$booted" "$@"
}

# elsewhere_fails yes|no [VARIABLE=VALUE...] -- WORD... -- ARGUMENT...
elsewhere_fails() {
  local booted=$1 variables=() words=()
  shift
  while [ "$1" != -- ]; do variables+=("$1"); shift; done
  shift
  while [ "$1" != -- ]; do words+=("$1"); shift; done
  shift
  try elsewhere "$booted" env HULL_MARK="$MARK" "${variables[@]}" timeout --foreground -k 5 "${LIMIT:-20}" \
    "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
  failed "${words[@]}"
}

# Makes a program in place of hull-systemd; it takes a request first.
fake_program() {
  mkdir -p "$T/fake"
  { echo '#!/bin/sh'; echo 'while read -r line && [ "$line" != end ]; do :; done'; cat; } >"$T/fake/hull-systemd"
  chmod 755 "$T/fake" "$T/fake/hull-systemd"
}

# --- without an answer --------------------------------------------------------------------------------------------

@test "systemd: where it does not run, its driver is refused at once" {
  is_built
  elsewhere_fails no -- 'systemd does not run' /run/systemd/system cgroupfs /linux/cgroupsPath -- \
    "${SD[@]}" run --bundle "$B" "$ID"
  elsewhere_fails no -- 'systemd does not run' -- --systemd-cgroup run --bundle "$B" "$ID"
}

@test "systemd: a hull built without it says so" {
  "$HULL" --version | grep -q +SYSTEMD && skip "this hull has it"
  fails 'built without' cgroupfs -- "${SD[@]}" run --bundle "$B" "$ID"
}

@test "systemd: features and --version tell whether the driver is built in" {
  local built=false
  ! "$HULL" --version | tail -n1 | grep -q +SYSTEMD || built=true
  try "$HULL" features
  jq -e --argjson built "$built" '.linux.cgroup.systemd == $built and .linux.cgroup.systemdUser == $built' "$T/stdout"
}

@test "systemd: a bus that does not answer is named, with how long hull has waited" {
  is_built
  command -v perl >/dev/null || skip "perl is missing"
  local before=$SECONDS
  background perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, pack_sockaddr_un($ARGV[0])) && listen(S, 5)
    or die; sleep 100' "$T/bus"
  wait_for test -S "$T/bus"
  LIMIT=60 elsewhere_fails yes DBUS_SYSTEM_BUS_ADDRESS="unix:path=$T/bus" -- \
    make-cgroup "unix:path=$T/bus" 'has not answered for 10 s' -- "${SD[@]}" run --bundle "$B" "$ID"
  [ $((SECONDS - before)) -lt 40 ]
}

@test "systemd: a bus that is not there, or speaks nonsense, is named" {
  is_built
  elsewhere_fails yes DBUS_SYSTEM_BUS_ADDRESS="unix:path=$T/nobody" -- "unix:path=$T/nobody" \
    'No such file or directory' -- "${SD[@]}" run --bundle "$B" "$ID"
  command -v perl >/dev/null || skip "perl is missing"
  background perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, pack_sockaddr_un($ARGV[0])) && listen(S, 5)
    or die; while (accept(C, S)) { syswrite(C, "hello\r\n" x 100); close(C) }' "$T/bus"
  wait_for test -S "$T/bus"
  elsewhere_fails yes DBUS_SYSTEM_BUS_ADDRESS="unix:path=$T/bus" -- "cannot connect to the system bus at 'unix:path=$T/bus'" \
    -- "${SD[@]}" run --bundle "$B" "$ID"
}

@test "systemd: hull-systemd that is missing, dies or talks nonsense is an error that names it" {
  is_built
  elsewhere_fails yes HULL_LIBEXECDIR="$T/nowhere" -- "$T/nowhere/hull-systemd" 'No such file' -- \
    "${SD[@]}" run --bundle "$B" "$ID"
  fake_program <<<'exit 3'
  elsewhere_fails yes HULL_LIBEXECDIR="$T/fake" -- "$T/fake/hull-systemd" -- "${SD[@]}" run --bundle "$B" "$ID"
  fake_program <<<'kill -KILL $$'
  elsewhere_fails yes HULL_LIBEXECDIR="$T/fake" -- "$T/fake/hull-systemd" 'signal 9' -- "${SD[@]}" run --bundle "$B" "$ID"
  fake_program <<<'printf "hello\nend\n" >&0'
  elsewhere_fails yes HULL_LIBEXECDIR="$T/fake" -- 'do not understand each other' -- "${SD[@]}" run --bundle "$B" "$ID"
  fake_program <<<'printf "hull-systemd 1\nend\n" >&0'
  elsewhere_fails yes HULL_LIBEXECDIR="$T/fake" -- "has put unit '$UNIT' at cgroup 'none'" -- \
    "${SD[@]}" run --bundle "$B" "$ID"
}

@test "systemd: hull-systemd gets nothing of the environment but where the bus is" {
  is_built
  fake_program <<FAKE
env | sort >"$T/environment"
ls -l /proc/self/fd | grep -c ' -> ' >"$T/descriptors"
FAKE
  elsewhere_fails yes HULL_LIBEXECDIR="$T/fake" SECRET=1 DBUS_SYSTEM_BUS_ADDRESS=here XDG_RUNTIME_DIR=/there -- \
    hull-systemd -- "${SD[@]}" run --bundle "$B" "$ID"
  has "$(cat "$T/environment")" DBUS_SYSTEM_BUS_ADDRESS=here XDG_RUNTIME_DIR=/there
  hasnt "$(cat "$T/environment")" SECRET HULL_LIBEXECDIR HULL_MARK
}

@test "systemd: hull-systemd is no command for people" {
  is_built
  local program=${HULL_LIBEXECDIR:-$(dirname "$HULL")}/hull-systemd
  [ -x "$program" ] || skip "it is not beside hull"
  try "$program"
  equal "$status" 1
  has "$stderr" 'run by hull'
}

# --- plans --------------------------------------------------------------------------------------------------------

planned() {
  ok "${SD[@]}" plan --bundle "$B" "$ID"
  jq -c "$1" "$T/stdout"
}

@test "systemd: the plan has the unit, its cgroup and its properties" {
  resources '{"memory": {"limit": 67108864}, "cpu": {"quota": 12345, "period": 100000}}'
  config '.annotations["org.systemd.property.TimeoutStopSec"] = "7"'
  equal "$(planned .cgroup.unit)" "\"$UNIT\""
  equal "$(planned .cgroup.path)" "\"/system.slice/$UNIT\""
  equal "$(planned '.cgroup.properties[] | select(.name == "MemoryMax") | .values')" '["67108864"]'
  equal "$(planned '.cgroup.properties[] | select(.name == "CPUQuotaPerSecUSec") | .values')" '["130000"]'
  equal "$(planned '.cgroup.settings[] | select(.file == "cpu.max") | .value')" '"13000 100000"'
  equal "$(planned '.cgroup.properties[] | select(.name == "TimeoutStopUSec") | [.signature, .values[]]')" '["t","7000000"]'
  config '.linux.cgroupsPath = "a-b.slice:p:n+1"'
  equal "$(planned .cgroup.path)" '"/a.slice/a-b.slice/p-n\\x2b1.scope"'
  config 'del(.linux.cgroupsPath)'
  equal "$(planned .cgroup.unit)" "\"hull-$ID.scope\""
}

@test "systemd: a cgroupsPath that is not SLICE:PREFIX:NAME is refused" {
  local path
  for path in /foo foo a:b a:b:c:d; do
    config '.linux.cgroupsPath = $path' --arg path "$path"
    fails /linux/cgroupsPath 'expected cgroupsPath to be of format "slice:prefix:name"' "\"$path\"" -- \
      "${SD[@]}" run --bundle "$B" "$ID"
  done
  for path in a:b:c ../a.slice:b:c a.slice:b:../c a--b.slice:b:c :b: a.slice:b:-.slice; do
    config '.linux.cgroupsPath = $path' --arg path "$path"
    fails /linux/cgroupsPath -- "${SD[@]}" plan --bundle "$B" "$ID"
  done
}

@test "systemd: an annotation that is no property is refused with its pointer" {
  local name value
  while IFS='|' read -r name value; do
    config '.annotations = {("org.systemd.property." + $name): $value}' --arg name "$name" --arg value "$value"
    fails "/annotations/org.systemd.property.$name" -- "${SD[@]}" plan --bundle "$B" "$ID"
  done <<'BAD'
After|network.target
After|['network.target'
TimeoutStopSec|'soon'
TimeoutStopSec|-1
TasksMax|uint64 18446744073709551616
Slice|'system.slice'
PIDs|[uint32 1]
A|1
Bad-Name|1
BAD
}

# --- with systemd -------------------------------------------------------------------------------------------------

# bats file_tags=limits,driver

@test "systemd: a container is a scope, and later commands know without being told" {
  needs_systemd
  config '.annotations = {"org.systemd.property.TimeoutStopUSec": "uint64 7000000",
    "org.systemd.property.Documentation": "[\"https://hull.example/\"]"}'
  start_in_scope
  equal "$(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup")" "/system.slice/$UNIT"
  has_property ActiveState active SubState running Delegate yes Slice system.slice DefaultDependencies no \
    MemoryAccounting yes CPUAccounting yes IOAccounting yes TasksAccounting yes CollectMode inactive-or-failed \
    TimeoutStopUSec 7s Documentation https://hull.example/
  has "$(property Description)" "hull container $ID"
  equal "$(jq -r .cgroup.unit "$ROOT/$ID/state.json")" "$UNIT"
  equal "$(cat "$SCOPE/cgroup.procs")" "$(container_pid)"
  ok exec "$ID" cat /proc/self/cgroup
  equal "$output" '0::/' # of the container's cgroup namespace
  ok pause "$ID"
  equal "$(container_status)" paused
  ok resume "$ID"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  wait_for unit_is_gone
  [ ! -e "$SCOPE" ]
}

@test "systemd: delete --force stops the unit of a running container, with what it started" {
  needs_systemd
  sh_args 'sleep 1000 & sleep 1000'
  ok "${SD[@]}" run --detach --bundle "$B" "$ID"
  ok delete --force "$ID"
  unit_is_gone
  [ ! -e "$SCOPE" ]
}

# JSON of resources | file | what the kernel shows | property | what systemd shows; '*' for what another kernel may lack.
ROWS='
{"memory":{"limit":67108864}}|memory.max|67108864|MemoryMax|67108864
{"memory":{"limit":67108864,"swap":100663296}}|memory.swap.max|33554432|MemorySwapMax|33554432
{"memory":{"reservation":33554432}}|memory.low|33554432|MemoryLow|33554432
{"unified":{"memory.high":"50331648"}}|memory.high|50331648|MemoryHigh|50331648
{"unified":{"memory.min":"1048576"}}|memory.min|1048576|MemoryMin|1048576
{"cpu":{"shares":2048}}|cpu.weight|174|CPUWeight|174
{"cpu":{"quota":50000,"period":100000}}|cpu.max|50000 100000|CPUQuotaPerSecUSec|500ms
{"cpu":{"quota":12345,"period":100000}}|cpu.max|13000 100000|CPUQuotaPerSecUSec|130ms
{"cpu":{"quota":20000,"period":50000}}|cpu.max|20000 50000|CPUQuotaPeriodUSec|50ms
{"pids":{"limit":77}}|pids.max|77|TasksMax|77
{"cpu":{"cpus":"0"}}|cpuset.cpus|0|AllowedCPUs|0
{"cpu":{"mems":"0"}}|cpuset.mems|0|AllowedMemoryNodes|0
{"unified":{"io.weight":"default 300"}}|io.weight|default 300|IOWeight|300
'

@test "systemd: every limit is a property and in the cgroup's file, and a daemon-reload changes neither" {
  needs_systemd
  local json file shown property value tried=0
  while IFS='|' read -r json file shown property value; do
    [ -n "$json" ] || continue
    grep -qw "${file%%.*}" "$CG/cgroup.controllers" || continue
    # The io controller of some kernels has no weights.
    [ "$file" != io.weight ] || [ -e "$CG/system.slice/io.weight" ] || continue
    tried=$((tried + 1))
    config 'del(.linux.resources.memory, .linux.resources.cpu, .linux.resources.pids, .linux.resources.unified)'
    resources "$json"
    echo "$json"
    start_in_scope
    equal "$(cat "$SCOPE/$file")" "$shown"
    has_property "$property" "$value"
    systemctl daemon-reload
    equal "$(cat "$SCOPE/$file")" "$shown"
    ok delete --force "$ID"
  done <<<"$ROWS"
  [ "$tried" -ge 8 ]
}

@test "systemd: update tells systemd first, and a reload keeps what it changed" {
  needs_systemd
  needs memory cpu pids
  resources '{"memory": {"limit": 67108864}, "pids": {"limit": 100}}'
  start_in_scope
  ok update --memory 134217728 --cpu-quota 12345 --cpu-period 100000 --cpu-share 2048 --pids-limit 50 "$ID"
  shows memory.max 134217728 cpu.max '13000 100000' cpu.weight 174 pids.max 50
  has_property MemoryMax 134217728 CPUQuotaPerSecUSec 130ms CPUWeight 174 TasksMax 50
  systemctl daemon-reload
  shows memory.max 134217728 cpu.max '13000 100000' cpu.weight 174 pids.max 50
  ok update --memory -1 --pids-limit -1 "$ID"
  shows memory.max max pids.max max
  has_property MemoryMax infinity TasksMax infinity
}

@test "systemd: an update that systemd refuses changes nothing, and says what systemd said" {
  needs_systemd
  needs memory pids
  resources '{"memory": {"limit": 67108864}, "pids": {"limit": 100}}'
  start_in_scope
  fake_program <<'FAKE'
printf 'hull-systemd 1\nproperty MemoryMax\nfailed 2 0 not%%20today\nend\n' >&0
FAKE
  HULL_LIBEXECDIR=$T/fake fails "MemoryMax=134217728" "$UNIT" 'not today' 'old limits stay' memory -- \
    update --memory 134217728 --pids-limit 50 "$ID"
  shows memory.max 67108864 pids.max 100
  has_property MemoryMax 67108864 TasksMax 100
}

@test "systemd: an update that the kernel refuses puts the properties back" {
  needs_systemd
  needs memory pids
  resources '{"memory": {"limit": 67108864}, "pids": {"limit": 100}}'
  start_in_scope
  fails pids.max 'old limits stay' -- update --memory 134217728 --pids-limit 99999999 "$ID"
  shows memory.max 67108864 pids.max 100
  has_property MemoryMax 67108864 TasksMax 100
}

@test "systemd: a property that systemd refuses is an error of create with the config's pointer" {
  needs_systemd
  config '.annotations = {"org.systemd.property.NoSuchThing": "1"}'
  fails make-cgroup "NoSuchThing=1" "$UNIT" /annotations/org.systemd.property.NoSuchThing -- \
    "${SD[@]}" run --bundle "$B" "$ID"
  config '.annotations = {"org.systemd.property.TasksMax": "uint64 0"}'
  fails make-cgroup "TasksMax=0" 'out of range' /annotations/org.systemd.property.TasksMax -- \
    "${SD[@]}" run --bundle "$B" "$ID"
  unit_is_gone
}

@test "systemd: a limit of one process leaves room for it" {
  needs_systemd
  needs pids
  resources '{"pids": {"limit": 1}}'
  args sh -c 'read -r most </sys/fs/cgroup/pids.max; echo "most: $most"; (true); :'
  try hull "${SD[@]}" run --bundle "$B" "$ID"
  equal "$output" 'most: 1'
  has "$stderr" fork
}

@test "systemd: annotations that bound the processes hold once init runs" {
  needs_systemd
  needs pids
  config '.annotations = {"org.systemd.property.TasksMax": "uint64 3"}'
  args cat /sys/fs/cgroup/pids.max
  ok "${SD[@]}" run --bundle "$B" "$ID"
  equal "$output" 3
}

# Devices that nobody drives (120 is for local use): ENXIO if the rules let it through, EPERM if they do not.
open_devices() {
  # shellcheck disable=SC2016
  ok exec "$ID" sh -c 'for n in 77 78; do
    [ -e /dev/l$n ] || mknod /dev/l$n c 120 $n
    case $( (exec 5</dev/l$n) 2>&1) in *"not permitted"*) echo "$n denied";; *"No such device"*) echo "$n open";; esac
  done; exit 0'
  echo "$output"
}

@test "systemd: device rules hold, also after daemon-reload and daemon-reexec" {
  needs_systemd
  config '.process.capabilities |= map_values(. + ["CAP_MKNOD"])
    | .linux.resources.devices += [{"allow": true, "type": "c", "major": 120, "minor": 77, "access": "rwm"}]'
  start_in_scope
  equal "$(property DevicePolicy)" strict
  equal "$(open_devices)" $'77 open\n78 denied'
  systemctl daemon-reload
  equal "$(open_devices)" $'77 open\n78 denied'
  systemctl set-property --runtime "$UNIT" TasksMax=1000
  equal "$(open_devices)" $'77 open\n78 denied'
  # systemd does not survive it under User-mode Linux
  grep -q 'User Mode Linux' /proc/cpuinfo && return
  systemctl daemon-reexec
  wait_for systemctl is-active --quiet "$UNIT"
  equal "$(open_devices)" $'77 open\n78 denied'
}

# systemd has no words for a minor number of any major, and allows all of them: the rest is up to our own program.
@test "systemd: device rules that only our program knows hold at every moment of a daemon-reload" {
  needs_systemd
  config '.process.capabilities |= map_values(. + ["CAP_MKNOD"])
    | .linux.resources.devices += [{"allow": true, "type": "c", "minor": 77, "access": "rwm"}]'
  start_in_scope
  has "$(property DeviceAllow)" 'char-*'
  equal "$(open_devices)" $'77 open\n78 denied'
  # shellcheck disable=SC2016
  background hull_exec exec "$ID" sh -c 'n=0; while [ ! -e /data/stop ]; do
    case $( (exec 5</dev/l78) 2>&1) in *"not permitted"*) n=$((n + 1));; *) echo >>/data/opened;; esac; done; echo $n >/data/denied'
  for _ in 1 2 3; do systemctl daemon-reload; done
  touch "$B/rootfs/data/stop"
  wait_for test -s "$B/rootfs/data/denied"
  [ "$(cat "$B/rootfs/data/denied")" -gt 20 ]
  [ ! -e "$B/rootfs/data/opened" ]
}

@test "systemd: a unit of that name with processes is left alone" {
  needs_systemd
  local pid
  systemd-run --quiet --scope --unit "$UNIT" sleep 1000 >/dev/null 2>&1 3>&- &
  wait_for systemctl is-active --quiet "$UNIT"
  pid=$(cat "$SCOPE/cgroup.procs")
  fails "$UNIT" 'holds processes' /linux/cgroupsPath -- "${SD[@]}" run --bundle "$B" "$ID"
  ok delete --force "$ID"
  kill -0 "$pid"
  systemctl is-active --quiet "$UNIT"
}

@test "systemd: a unit that took the name of a dead container's is left alone by delete" {
  needs_systemd
  local pid
  args true
  ok "${SD[@]}" run --keep --bundle "$B" "$ID"
  wait_for unit_is_gone
  systemd-run --quiet --scope --unit "$UNIT" sleep 1000 >/dev/null 2>&1 3>&- &
  wait_for systemctl is-active --quiet "$UNIT"
  pid=$(cat "$SCOPE/cgroup.procs")
  ok delete "$ID"
  kill -0 "$pid"
  systemctl is-active --quiet "$UNIT"
}

@test "systemd: a failed unit of that name is reset, and the name used" {
  needs_systemd
  systemd-run --quiet --scope --unit "$UNIT" -p RuntimeMaxSec=1 sleep 1000 >/dev/null 2>&1 3>&- || :
  wait_for test "$(property ActiveState)" = failed
  start_in_scope
  has_property ActiveState active
}

@test "systemd: an id can be used again at once" {
  needs_systemd
  local i
  for ((i = 0; i < 8; i++)); do
    args true
    ok "${SD[@]}" run --bundle "$B" "$ID"
    start_in_scope
    ok delete --force "$ID"
  done
}

@test "systemd: systemctl stop stops the container, and delete works after it" {
  needs_systemd
  start_in_scope
  systemctl stop "$UNIT"
  wait_for has_status stopped
  ok delete "$ID"
}

@test "systemd: slices are made as their names say, and a slice can be the unit" {
  needs_systemd
  config '.linux.cgroupsPath = "hulltest-a-b.slice:hulltest:c+1"'
  start_in_scope
  equal "$(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup")" \
    '/hulltest.slice/hulltest-a.slice/hulltest-a-b.slice/hulltest-c\x2b1.scope'
  ok delete --force "$ID"
  config '.linux.cgroupsPath = ":x:hulltest-d.slice"'
  start_in_scope
  equal "$(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup")" /hulltest.slice/hulltest-d.slice
  ok kill "$ID" KILL
  wait_for has_status stopped
  # a slice stays until it is told to go
  systemctl is-active --quiet hulltest-d.slice
  ok delete "$ID"
  wait_for unit_is_gone hulltest-d.slice
}

@test "systemd: a container with a user namespace and a writable cgroup owns its scope" {
  needs_systemd
  config '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings
    | (.mounts[] | select(.type == "cgroup") | .options) |= map(select(. != "ro"))'
  args sh -c 'mkdir /sys/fs/cgroup/x && echo made; sleep 1000'
  ok "${SD[@]}" run --detach --bundle "$B" "$ID"
  equal "$(stat -c %u "$SCOPE/cgroup.procs")" 100000
  wait_for test -d "$SCOPE/x"
  ok delete --force "$ID"
  wait_for unit_is_gone
}

@test "systemd: create that is killed at any time leaves nothing that delete --force does not take" {
  needs_systemd
  local i pid
  args sleep 1000
  for ((i = 0; i < 12; i++)); do
    hull_exec "${SD[@]}" run --detach --bundle "$B" "$ID" >/dev/null 2>&1 3>&- &
    pid=$!
    sleep "0.0$((i * 8 % 10))$i"
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
    ok delete --force "$ID"
    wait_for unit_is_gone
    [ ! -e "$SCOPE" ]
  done
}

@test "systemd: what fails on the way leaves no unit" {
  needs_systemd
  obeys_faults || skip "not configured with --enable-fault-injection"
  local fault
  resources '{"pids": {"limit": 100}}'
  args sleep 1000
  for fault in bus-connect bus-call bus-job make-cgroup apply-limits spawn-init settle-cgroup save-state commit-state; do
    HULL_FAULT=$fault:EIO fails "$fault" -- "${SD[@]}" run --detach --bundle "$B" "$ID"
    wait_for unit_is_gone
    [ ! -e "$SCOPE" ]
  done
  start_in_scope
  HULL_FAULT=bus-connect:ECONNREFUSED try hull delete --force "$ID"
  equal "$status" 0
  [ ! -e "$SCOPE" ]
}

@test "systemd: a bus that has gone does not keep delete from its work" {
  needs_systemd
  start_in_scope
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$T/nobody try hull delete --force "$ID"
  equal "$status" 0
  [ ! -e "$SCOPE" ]
  wait_for unit_is_gone
}

# --- callers ------------------------------------------------------------------------------------------------------

podman_() {
  timeout 60 podman --root "$T/podman/root" --runroot "$T/podman/run" --tmpdir "$T/podman/tmp" --storage-driver vfs \
    --events-backend file --runtime "$T/hull" --cgroup-manager systemd "$@"
}

@test "systemd: podman --cgroup-manager systemd with limits" {
  needs_systemd
  needs memory cpu pids
  command -v podman >/dev/null || skip "podman is missing"
  local scope
  # podman and conmon hand no environment on
  printf '#!/bin/sh\nHULL_LIBEXECDIR=%s exec %s "$@"\n' "${HULL_LIBEXECDIR:-}" "$HULL" >"$T/hull"
  chmod 755 "$T/hull"
  mkdir -p "$T/podman"
  tar -C "$BASE/rootfs" -c . | podman_ import - hull-test >"$T/import.log" 2>&1 3>&- || { cat "$T/import.log"; false; }
  try podman_ run -d --name "$ID" --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
    --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 77 hull-test sleep 1000
  equal "$status" 0 || { echo "$stderr"; false; }
  UNIT=libpod-$output.scope
  scope=$CG/machine.slice/$UNIT
  has_property MemoryMax 67108864 MemorySwapMax 0 CPUQuotaPerSecUSec 500ms TasksMax 77
  equal "$(cat "$scope/memory.max" "$scope/cpu.max" "$scope/pids.max")" $'67108864\n50000 100000\n77'
  try podman_ exec "$ID" echo inside
  equal "$output" inside
  try podman_ pause "$ID"
  equal "$status" 0
  try podman_ unpause "$ID"
  equal "$status" 0
  try podman_ stats --no-stream --format '{{.MemUsage}} {{.PIDS}}' "$ID"
  has "$output" 67.11MB
  try podman_ rm --force --time 0 "$ID"
  equal "$status" 0
  wait_for unit_is_gone
}

# As podman without root has it: root of a user namespace, in a session of user 1000.
in_session() {
  as_user systemd-run --user --scope --quiet -- "${USERS_HULL[@]}" "$@"
}

# As in a login session, which is none of the units of the user's systemd.
outside_session() {
  local BEFORE=(systemd-run --scope --quiet --slice user-1000.slice --)
  as_user "${USERS_HULL[@]}" "$@"
}

# as_user COMMAND...: after the words in BEFORE.
as_user() {
  "${BEFORE[@]}" setpriv --reuid 1000 --regid 1000 --clear-groups env -i PATH="$PATH" HULL_MARK="$MARK" \
    XDG_RUNTIME_DIR=/run/user/1000 HULL_LIBEXECDIR="${HULL_LIBEXECDIR:-}" timeout 60 "$@"
}

has_own_user_namespace() {
  [ "$(readlink /proc/self/ns/user)" != "$(readlink "/proc/$1/ns/user")" ]
}

# The user namespace of user 1000, with ids to spare.
make_user_namespace() {
  background setpriv --reuid 1000 --regid 1000 --clear-groups unshare --user sleep 1000
  USERNS=${BACKGROUND[-1]}
  wait_for has_own_user_namespace "$USERNS"
  USERS_HULL=(nsenter --user --target "$USERNS" --setuid 0 --setgid 0 unshare --mount "$HULL" --root /run/user/1000/hull)
  local map
  for map in uid_map gid_map; do
    cat >"/proc/$USERNS/$map" <<<$'0 1000 1\n1 100000 65536' # in one write
  done
}

# user_containers COMMAND: from create to delete; COMMAND runs the user's hull.
user_containers() {
  local BEFORE=()
  needs_systemd
  needs memory pids
  id -u 1000 >/dev/null 2>&1 || useradd -u 1000 -M -s /bin/sh hulluser 2>/dev/null || skip "there is no user 1000"
  systemctl start user@1000.service && wait_for test -S /run/user/1000/bus || skip "users have no systemd here"
  local scope=$CG/user.slice/user-1000.slice/user@1000.service/user.slice/hull-$ID.scope
  mkdir "$T/user"
  cp -a "$BASE/rootfs" "$T/user/rootfs"
  chown -R 1000:1000 "$T/user"
  make_user_namespace
  "$1" spec --bundle "$T/user"
  jq '.process.terminal = false | .process.args = ["sleep", "1000"]
    | .linux.resources = {"pids": {"limit": 33}, "memory": {"limit": 67108864}}' "$T/user/config.json" >"$T/user/new.json"
  try "$1" --systemd-cgroup run --detach --bundle "$T/user" --config "$T/user/new.json" "$ID"
  cat "$T/stderr"
  equal "$status" 0
  equal "$(cat "$scope/pids.max" "$scope/memory.max")" $'33\n67108864'
  try "$1" exec "$ID" grep ^0:: /proc/self/cgroup
  cat "$T/stderr"
  equal "$output" '0::/'
  try "$1" update --pids-limit 44 "$ID"
  cat "$T/stderr"
  equal "$status" 0
  equal "$(cat "$scope/pids.max")" 44
  try "$1" delete --force "$ID"
  cat "$T/stderr"
  equal "$status" 0
  wait_for test ! -e "$scope"
}

# bats file_tags=limits
# The manager of a user takes minutes in User-mode Linux.
@test "systemd: a user's containers are scopes of the user's systemd" {
  user_containers in_session
}

@test "systemd: a user's containers from outside the units of his systemd are scopes of it, too" {
  user_containers outside_session
}

@test "systemd: with a subgroup the processes are below the scope, which keeps its limits at update and daemon-reload" {
  needs_systemd
  needs pids memory
  config '.annotations["run.oci.systemd.subgroup"] = "payload" | .linux.resources = {pids: {limit: 20}, memory: {limit: 100000000}}'
  start_in_scope
  has "$(cat "/proc/$(container_pid)/cgroup")" "/$UNIT/payload"
  equal "$(cat "$SCOPE/cgroup.procs")" ''
  equal "$(cat "$SCOPE/pids.max")" 20
  equal "$(cat "$SCOPE/payload/pids.max")" max
  ok update --pids-limit 30 "$ID"
  systemctl daemon-reload
  equal "$(cat "$SCOPE/pids.max")" 30
  ok exec "$ID" cat /proc/self/cgroup
  equal "$(tail -n1 <<<"$output")" 0::/
  ok pause "$ID"
  equal "$(cat "$SCOPE/cgroup.freeze")" 1
  ok resume "$ID"
  ok delete --force "$ID"
  [ ! -d "$SCOPE" ]
}
