#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What hull does not act on yet is refused with its pointer, never ignored.

load helpers

refuse() {
  cp "$TEMPLATE" "$B/config.json"
  config "$2"
  fails "$1" 'not supported yet' -- create --bundle "$B" "$ID"
}

@test "not supported yet: limits of resources" {
  local row
  for row in 'memory/limit;{memory: {limit: 1000000}}' 'memory/reservation;{memory: {reservation: 1000000}}' 'cpu/shares;{cpu: {shares: 512}}' \
    'cpu/quota;{cpu: {quota: 1000, period: 10000}}' 'cpu/cpus;{cpu: {cpus: "0"}}' 'pids/limit;{pids: {limit: 5}}' 'blockIO/weight;{blockIO: {weight: 100}}' \
    'hugepageLimits;{hugepageLimits: [{pageSize: "2MB", limit: 0}]}' 'rdma;{rdma: {mlx: {hcaHandles: 1}}}' 'unified;{unified: {"pids.max": "5"}}'; do
    refuse "/linux/resources/${row%%;*}" ".linux.resources += ${row#*;}" || { echo "$row"; return 1; }
  done
}

@test "not supported yet: fields of linux" {
  refuse /linux/intelRdt '.linux.intelRdt = {closID: "x"}'
  refuse /linux/netDevices '.linux.netDevices = {eth0: {name: "x"}}'
  refuse /linux/mountLabel '.linux.mountLabel = "system_u:object_r:x:s0"'
}

@test "not supported yet: fields of process" {
  refuse /process/apparmorProfile '.process.apparmorProfile = "x"'
  refuse /process/selinuxLabel '.process.selinuxLabel = "x"'
}

@test "not supported yet: the empty forms of these are no request" {
  config '.linux.resources += {memory: {}, cpu: {}, pids: {limit: 0}, blockIO: {weight: 0}, hugepageLimits: [], unified: {}}
    | .linux.netDevices = {} | .linux.mountLabel = "" | .process.apparmorProfile = "" | .process.selinuxLabel = ""'
  ok run --bundle "$B" "$ID"
}

@test "not supported yet: is said by validate and plan as well" {
  config '.linux.intelRdt = {closID: "x"}'
  fails /linux/intelRdt 'not supported yet' -- validate --bundle "$B"
  fails /linux/intelRdt 'not supported yet' -- plan --bundle "$B"
}
