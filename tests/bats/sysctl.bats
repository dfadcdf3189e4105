#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kernel parameters of the container's own namespaces; any other is refused.

load helpers

@test "sysctl: of the network, ipc and uts namespace are set inside and not outside" {
  local before
  before=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max)
  config '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "77", "kernel.shmmni": "1234", "fs.mqueue.msg_max": "12",
    "kernel.domainname": "from.sysctl", "net/ipv4/ping_group_range": "0 7"}'
  inside 'cd /proc/sys; cat net/ipv4/ip_unprivileged_port_start kernel/shmmni fs/mqueue/msg_max kernel/domainname net/ipv4/ping_group_range'
  equal "$output" $'77\n1234\n12\nfrom.sysctl\n0\t7'
  equal "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max)" "$before"
}

@test "sysctl: one of the whole host is refused with the pointer" {
  local key
  for key in kernel.core_pattern vm.swappiness kernel.sysrq fs.file-max kernel.hostname kernel.pid_max dev.tty.ldisc_autoload; do
    config '.linux.sysctl = {($key): "1"}' --arg key "$key"
    fails "/linux/sysctl/$key" -- create --bundle "$B" "$ID" || { echo "$key"; return 1; }
  done
}

@test "sysctl: a key that would lead elsewhere is refused" {
  local key
  for key in 'net.ipv4.../../kernel/core_pattern' 'net/../kernel/core_pattern' 'net.+x' $'net.ipv4\nx' '/net/ipv4/ip_forward' '' 'net' 'net.'; do
    config '.linux.sysctl = {($key): "1"}' --arg key "$key"
    fails /linux/sysctl -- create --bundle "$B" "$ID" || { echo "key '$key'"; return 1; }
  done
}

@test "sysctl: without the namespace that it belongs to is refused" {
  config '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces |= map(select(.type != "network"))'
  fails net.ipv4.ip_forward network -- create --bundle "$B" "$ID"
  config '.linux.sysctl = {"kernel.shmmax": "1000000"} | .linux.namespaces |= map(select(.type != "ipc"))'
  fails kernel.shmmax ipc -- create --bundle "$B" "$ID"
}

@test "sysctl: in the caller's own network namespace by path is refused too" {
  config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}
    | .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
  fails net.ipv4.ip_forward -- create --bundle "$B" "$ID"
}

@test "sysctl: a key that does not exist and a value that the kernel refuses are errors that name them" {
  config '.linux.sysctl = {"net.ipv4.no_such_thing": "1"}'
  fails net.ipv4.no_such_thing 'o such file' -- create --bundle "$B" "$ID"
  config '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "99999999"}'
  fails net.ipv4.ip_unprivileged_port_start 'nvalid argument' -- create --bundle "$B" "$ID"
}

@test "sysctl: what is set stays although /proc/sys is read-only inside" {
  config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
  inside 'cat /proc/sys/net/ipv4/ip_forward; echo 0 2>&1 >/proc/sys/net/ipv4/ip_forward'
  equal "$(head -n1 <<<"$output")" 1
  has "$output$stderr" 'Read-only file system'
}
