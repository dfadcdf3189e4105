#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd driver against a bus and a systemd of the tests' own (fake_systemd.c): on any host, also under the
# sanitizers, and with answers that a real one seldom gives. What a real systemd makes of it is in systemd.bats.

load helpers

eval "helpers_$(declare -f setup)"
setup() {
  "$HULL_PROGRAM" --version | grep -q +SYSTEMD || skip "this hull is built without the systemd driver"
  command -v dbus-daemon >/dev/null || skip "dbus-daemon is missing"
  make_programs || skip "libsystemd's headers are missing"
  HULL=$BATS_FILE_TMPDIR/hull
  helpers_setup
  UNIT=hulltest-$ID.scope
  SLICE=${RUN//[-.]/}$ID.slice # a dash would mean a slice in a slice
  SCOPE=$CG/$SLICE/$UNIT
  config '.linux.cgroupsPath = $path' --arg path "$SLICE:hulltest:$ID"
  export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$T/bus
  start_bus
}

eval "helpers_$(declare -f teardown)"
teardown() {
  local result=0
  [ -n "${SLICE:-}" ] || return 0
  helpers_teardown || result=1
  [ ! -d "$SCOPE" ] || { echo "the cgroup of the unit is left"; result=1; clean_scope; }
  [ ! -d "$CG/$SLICE" ] || rmdir "$CG/$SLICE" || result=1
  return "$result"
}

clean_scope() {
  echo 1 >"$SCOPE/cgroup.kill"
  wait_for rmdir "$SCOPE"
}

# The fake systemd, and a hull that uses it: where systemd seems to be booted, in a mount namespace of its own.
make_programs() {
  local flags
  [ ! -x "$BATS_FILE_TMPDIR/fake" ] || return 0
  flags=$(pkg-config --cflags --libs libsystemd) || return
  # shellcheck disable=SC2086 # words
  "${CC:-cc}" -O1 -o "$BATS_FILE_TMPDIR/fake" "$TOP/tests/bats/fake_systemd.c" $flags || return
  cat >"$BATS_FILE_TMPDIR/hull" <<HULL
#!/bin/sh
[ ! -d /run/systemd/system ] || exec "$HULL_PROGRAM" --cgroup-manager systemd "\$@"
exec unshare --mount --propagation slave sh -c 'mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd &&
  mkdir /run/systemd/system && exec "\$0" --cgroup-manager systemd "\$@"' "$HULL_PROGRAM" "\$@"
HULL
  chmod 755 "$BATS_FILE_TMPDIR/hull"
}

start_bus() {
  cat >"$T/bus.conf" <<CONF
<busconfig><type>system</type><listen>unix:path=$T/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
CONF
  # The socket is there before anybody listens on it; the address is printed afterwards.
  background dbus-daemon --config-file="$T/bus.conf" --nofork --nopidfile --print-address=1 >"$T/address" 2>"$T/dbus.log"
  wait_for test -s "$T/address"
}

# systemd_with [WORD...]: starts the fake one.
systemd_with() {
  background "$BATS_FILE_TMPDIR/fake" "$DBUS_SYSTEM_BUS_ADDRESS" "$CG" "$@" >"$T/calls" 2>"$T/fake.err"
  FAKE=${BACKGROUND[-1]}
  wait_for grep -q ready "$T/calls"
}

start_in_scope() {
  args sleep 1000
  ok run --detach --bundle "$B" "$ID"
}

# calls METHOD: how often it was called.
calls() {
  grep -c "^$1" "$T/calls" || :
}

@test "fake systemd: a container is a scope, from create to delete" {
  systemd_with
  config '.annotations = {"org.systemd.property.TimeoutStopUSec": "uint64 7000000"}'
  args sleep 1000
  ok create --bundle "$B" "$ID"
  has "$(cat "$T/calls")" "StartTransientUnit $UNIT replace Description Slice Delegate MemoryAccounting CPUAccounting" \
    'DevicePolicy DeviceAllow' 'TimeoutStopUSec=7000000' ' PIDs'
  equal "$(calls StartTransientUnit)" 1
  equal "$(cat "$SCOPE/cgroup.procs")" "$(container_pid)" # what kept the scope is gone
  ok start "$ID"
  ok exec "$ID" true
  ok pause "$ID"
  ok resume "$ID"
  ok delete --force "$ID"
  has "$(cat "$T/calls")" "StopUnit $UNIT"
  [ ! -e "$SCOPE" ]
}

@test "fake systemd: properties that it may not know are left out, one after the other" {
  systemd_with refuse=CollectMode
  start_in_scope
  equal "$(calls StartTransientUnit)" 2
  ok delete --force "$ID"
}

@test "fake systemd: a refused property is named, with its value, the unit, the pointer and what was said" {
  systemd_with refuse=MemoryHigh
  config '.annotations = {"org.systemd.property.MemoryHigh": "uint64 5"}'
  fails make-cgroup "systemd refuses property 'MemoryHigh=5' of unit '$UNIT'" 'Value specified in MemoryHigh is out of range' \
    /annotations/org.systemd.property.MemoryHigh -- run --bundle "$B" "$ID"
  config '.annotations = {} | .linux.resources.unified = {"memory.high": "6"}'
  fails "'MemoryHigh=6'" /linux/resources/unified/memory.high -- run --bundle "$B" "$ID"
}

@test "fake systemd: a job that fails is named with its result" {
  systemd_with job=dependency
  fails "systemd's job to start unit '$UNIT' ended with result 'dependency'" "systemctl status '$UNIT'" -- \
    run --bundle "$B" "$ID"
}

@test "fake systemd: a job that does not end is told after 30 s" {
  systemd_with job=never
  LIMIT=90 fails "systemd has not ended its job to start unit '$UNIT' for 30 s" -- run --bundle "$B" "$ID"
}

@test "fake systemd: a call without an answer is told after 10 s, with method and bus" {
  systemd_with silent=StartTransientUnit
  LIMIT=60 fails 'systemd has not answered StartTransientUnit' "$DBUS_SYSTEM_BUS_ADDRESS" '10 s' -- run --bundle "$B" "$ID"
}

@test "fake systemd: one that ends in the middle is an error, and leaves nothing" {
  systemd_with die=StartTransientUnit
  fails make-cgroup systemd -- run --bundle "$B" "$ID"
}

@test "fake systemd: a bus without systemd is named" {
  fails make-cgroup 'org.freedesktop.systemd1' -- run --bundle "$B" "$ID"
}

@test "fake systemd: a unit that is somewhere else is no place for a container" {
  systemd_with place=/elsewhere
  fails "systemd has put unit '$UNIT' at cgroup '/elsewhere', not at '/$SLICE/$UNIT'" -- run --bundle "$B" "$ID"
}

@test "fake systemd: a unit that is active already is left alone" {
  systemd_with
  start_in_scope
  config '.linux.cgroupsPath = $path' --arg path "x$SLICE:hulltest:$ID"
  LIMIT=30 fails "unit '$UNIT' exists already, and is active" -- run --bundle "$B" other
  equal "$(container_status)" running
}

@test "fake systemd: delete does its work when systemd does not answer, refuses, or is gone" {
  systemd_with silent=StopUnit
  start_in_scope
  LIMIT=60 try hull delete --force "$ID"
  equal "$status" 0
  has "$(cat "$LOG")" "cannot have systemd stop unit '$UNIT'" StopUnit
  [ ! -e "$SCOPE" ]
  kill -KILL "$FAKE"
  wait "$FAKE" || :
  systemd_with
  start_in_scope
  kill -KILL "$FAKE"
  wait "$FAKE" || :
  try hull delete --force "$ID"
  equal "$status" 0
  [ ! -e "$SCOPE" ]
}

# As it is for a user outside the units of his systemd: clone3 into the cgroup is refused, and systemd may move.
@test "fake systemd: where we may not put a process into the cgroup systemd does" {
  systemd_with
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID"
  args sleep 1000
  HULL_FAULT=clone-into-cgroup:EACCES ok create --bundle "$B" "$ID"
  has "$(cat "$T/calls")" "AttachProcessesToUnit $UNIT ''"
  equal "$(cat "$SCOPE/cgroup.procs")" "$(container_pid)"
  ok start "$ID"
  HULL_FAULT=clone-into-cgroup:EACCES ok exec "$ID" grep ^0:: /proc/self/cgroup
  equal "$output" '0::/'
  HULL_FAULT=clone-into-cgroup:EACCES try hull exec "$ID" sh -c 'exit 7'
  equal "$status" 7
  mkdir "$SCOPE/below"
  HULL_FAULT=clone-into-cgroup:EACCES ok exec --cgroup below "$ID" grep ^0:: /proc/self/cgroup
  equal "$output" '0::/below'
  rmdir "$SCOPE/below"
  ok delete --force "$ID"
  HULL_FAULT=clone-into-cgroup:EACCES try hull run --bundle "$B" --pid-file "$T/pid" other </dev/null &
  wait_for test -s "$T/pid"
  hull kill other KILL
  wait $! || :
  ok delete --force other
}

@test "fake systemd: where systemd does not help either, the error says what to do" {
  systemd_with refuse=AttachProcessesToUnit
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID"
  HULL_FAULT=clone-into-cgroup:EACCES fails spawn-init "cgroup '/$SLICE/$UNIT'" AttachProcessesToUnit \
    'below the same delegated unit' -- run --bundle "$B" "$ID"
  [ ! -e "$SCOPE" ]
  start_in_scope
  HULL_FAULT=clone-into-cgroup:EACCES fails spawn AttachProcessesToUnit -- exec "$ID" true
  equal "$(container_status)" running
}

@test "fake systemd: an error or a kill at each step on the bus leaves nothing" {
  local step
  systemd_with
  obeys_faults || skip "hull was built without --enable-fault-injection"
  for step in bus-connect bus-call bus-job; do
    HULL_FAULT=$step:EIO fails "injected fault '$step'" -- run --bundle "$B" "$ID"
    [ ! -e "$SCOPE" ]
    HULL_FAULT=$step:kill fails hull-systemd 'signal 9' -- run --bundle "$B" "$ID"
    try hull delete --force "$ID"
    wait_for test ! -e "$SCOPE"
  done
}

@test "subgroup: the processes are below the unit's cgroup, its limits above them" {
  systemd_with
  config '.annotations["run.oci.systemd.subgroup"] = "payload"'
  start_in_scope
  local pid
  pid=$(container_pid)
  has "$(cat "/proc/$pid/cgroup")" "/$UNIT/payload"
  equal "$(cat "$SCOPE/cgroup.procs")" ''
  equal "$(cat "$SCOPE/cgroup.subtree_control")" "$(cat "$SCOPE/cgroup.controllers")"
  ok exec --detach "$ID" sleep 1000
  equal "$(wc -l <"$SCOPE/payload/cgroup.procs")" 2
  ok ps -f json "$ID"
  equal "$(jq length <<<"$output")" 2
  ok exec "$ID" cat /proc/self/cgroup
  equal "$(tail -n1 <<<"$output")" 0::/
  ok pause "$ID"
  has_status paused
  ok resume "$ID"
  ok delete --force "$ID"
  [ ! -d "$SCOPE" ]
}

@test "subgroup: a name that is none is refused; an empty one means no subgroup" {
  systemd_with
  local name
  for name in a/b .. . ../x cgroup.procs $'a\nb'; do
    config '.annotations["run.oci.systemd.subgroup"] = $name' --arg name "$name"
    fails /annotations/run.oci.systemd.subgroup -- create --bundle "$B" "$ID"
  done
  config '.annotations["run.oci.systemd.subgroup"] = ""'
  start_in_scope
  has "$(cat "/proc/$(container_pid)/cgroup")" "/$UNIT"
  hasnt "$(cat "/proc/$(container_pid)/cgroup")" "/$UNIT/"
}
