#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What hull does not act on yet is refused with its pointer, never ignored.

load helpers

@test "refused: limits that only cgroup v1 has" {
  local row
  for row in 'memory/kernel;{memory: {kernel: 1000000}}' 'memory/kernelTCP;{memory: {kernelTCP: 1000000}}' \
    'memory/swappiness;{memory: {swappiness: 60}}' 'memory/disableOOMKiller;{memory: {disableOOMKiller: true}}' \
    'memory/useHierarchy;{memory: {useHierarchy: false}}' 'cpu/realtimeRuntime;{cpu: {realtimeRuntime: 1000}}' \
    'cpu/realtimePeriod;{cpu: {realtimePeriod: 1000}}' 'blockIO/leafWeight;{blockIO: {leafWeight: 100}}' \
    'blockIO/weightDevice/0/leafWeight;{blockIO: {weightDevice: [{major: 8, minor: 0, leafWeight: 100}]}}' \
    'network/classID;{network: {classID: 1}}' 'network/priorities;{network: {priorities: [{name: "lo", priority: 1}]}}'; do
    cp "$TEMPLATE" "$B/config.json"
    config ".linux.resources += ${row#*;}"
    fails "/linux/resources/${row%%;*}" 'needs cgroup v1' -- create --bundle "$B" "$ID" || { echo "$row"; return 1; }
  done
}

@test "refused: the empty forms of these are no request" {
  config '.ociVersion = "1.2.0" | .linux.resources += {memory: {}, cpu: {}, pids: {limit: 0}, blockIO: {weight: 0}, hugepageLimits: [], unified: {}}
    | .linux.netDevices = {} | .linux.mountLabel = "" | .process.apparmorProfile = "" | .process.selinuxLabel = ""'
  ok run --bundle "$B" "$ID"
}

@test "refused: what is not acted on is said by validate and plan as well" {
  config '.linux.resources.cpu = {realtimePeriod: 1000}'
  fails /linux/resources/cpu/realtimePeriod 'needs cgroup v1' -- validate --bundle "$B"
  fails /linux/resources/cpu/realtimePeriod 'needs cgroup v1' -- plan --bundle "$B"
}
