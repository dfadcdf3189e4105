#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces: new, joined by path, left as the caller's; id maps, clocks, loopback, names.

load helpers

user_namespace() {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = $map | .linux.gidMappings = $map' \
    --argjson map "${1:-[{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536\}]}"
}

links='for n in pid net ipc uts mnt cgroup user time; do readlink /proc/self/ns/$n; done; true'

# bats test_tags=smoke
@test "namespaces: each listed one is new and each other one the caller's" {
  local type name
  local names=(pid net ipc uts mnt cgroup)
  if [ -e /proc/self/ns/time ]; then
    names+=(time)
    config '.linux.namespaces += [{"type": "time"}]'
  fi
  inside "$links"
  for name in "${names[@]}"; do
    hasnt "$output" "$(readlink "/proc/self/ns/$name")"
  done
  has "$output" "$(readlink /proc/self/ns/user)"
  for type in pid:pid network:net ipc:ipc uts:uts cgroup:cgroup; do
    rm -r "$B"
    bundle
    config '.linux.namespaces |= map(select(.type != $t)) | if $t == "uts" then del(.hostname) else . end
      | if $t == "ipc" then .mounts |= map(select(.type != "mqueue")) else . end' --arg t "${type%%:*}"
    inside "$links"
    has "$output" "$(readlink "/proc/self/ns/${type#*:}")" || { echo "$type"; return 1; }
  done
}

@test "namespaces: joined by path they are the other container's" {
  bundle pause
  start_sleeper
  local pid type name=
  pid=$(container_pid)
  bundle app
  config '.linux.namespaces |= map(if .type | IN("network", "ipc", "uts", "pid", "cgroup")
    then .path = "/proc/" + $pid + "/ns/" + ({network: "net"}[.type] // .type) else . end)
    | del(.hostname)' --arg pid "$pid"
  sh_args "$links; hostname; ps | grep -c 'sleep 1000'"
  ok run --bundle "$B" app
  for name in net ipc uts pid cgroup; do
    has "$output" "$(readlink "/proc/$pid/ns/$name")" || { echo "$name"; return 1; }
  done
  has "$output" hull
}

@test "namespaces: a joined pid namespace gives the command a pid in it, and status follows it" {
  bundle pause
  start_sleeper
  local pid
  pid=$(container_pid)
  bundle app
  config '.linux.namespaces |= map(if .type == "pid" then .path = "/proc/" + $pid + "/ns/pid" else . end)' --arg pid "$pid"
  sh_args 'test $$ -gt 1 && sleep 2000'
  ok run --detach --bundle "$B" app
  equal "$(container_status app)" running
  equal "$(tr '\0' ' ' <"/proc/$(container_pid app)/cmdline")" "sleep 2000 "
  ok kill app KILL
  wait_for has_status stopped app
  ok delete app
  equal "$(container_status)" running
}

@test "namespaces: a user namespace can be joined with those that belong to it" {
  bundle pause
  user_namespace
  start_sleeper
  local pid
  pid=$(container_pid)
  bundle app
  config '.linux.namespaces |= map(if .type | IN("network", "ipc", "uts") then .path = "/proc/" + $pid + "/ns/" + ({network: "net"}[.type] // .type) else . end)
    | .linux.namespaces += [{"type": "user", "path": ("/proc/" + $pid + "/ns/user")}] | del(.hostname)' --arg pid "$pid"
  sh_args "$links; id -u; hostname; cat /proc/self/uid_map"
  ok run --bundle "$B" app
  has "$output" "$(readlink "/proc/$pid/ns/user")" "$(readlink "/proc/$pid/ns/net")" 100000
}

@test "namespaces: a path of another type is an error with the pointer and the path" {
  config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)'
  fails /linux/namespaces/1 /proc/self/ns/uts network -- create --bundle "$B" "$ID"
  echo x >"$T/file"
  config '(.linux.namespaces[] | select(.type == "network")).path = $p' --arg p "$T/file"
  fails /linux/namespaces/1 "$T/file" -- create --bundle "$B" "$ID"
}

@test "namespaces: a path that is missing or not absolute is an error with the pointer" {
  config '.linux.namespaces |= map(if .type == "ipc" then .path = "/proc/1/ns/nothing" else . end)'
  fails /linux/namespaces/2 /proc/1/ns/nothing 'No such file or directory' -- create --bundle "$B" "$ID"
  config '(.linux.namespaces[] | select(.type == "ipc")).path = "ns/ipc"'
  fails /linux/namespaces/2 ns/ipc absolute -- create --bundle "$B" "$ID"
}

@test "namespaces: a type that is listed twice is an error" {
  config '.linux.namespaces += [{"type": "uts"}]'
  fails /linux/namespaces/6 uts -- create --bundle "$B" "$ID"
}

@test "hostname: is set, with the domain name" {
  config '.hostname = "box.example" | .domainname = "dom.example"'
  inside 'hostname; cat /proc/sys/kernel/domainname'
  equal "$output" $'box.example\ndom.example'
  hasnt "$(hostname)" box.example
}

@test "hostname: without a uts namespace of its own is refused" {
  config '.linux.namespaces |= map(select(.type != "uts"))'
  fails /hostname uts -- create --bundle "$B" "$ID"
  config 'del(.hostname) | .domainname = "x"'
  fails /domainname uts -- create --bundle "$B" "$ID"
}

@test "hostname: one that is too long is an error with the pointer" {
  config '.hostname = $h' --arg h "$(printf 'h%.0s' {1..65})"
  fails /hostname -- create --bundle "$B" "$ID"
}

@test "network: loopback is up in a new network namespace" {
  inside 'ip addr show lo; ping -c1 -w2 127.0.0.1 >/dev/null 2>&1; ip link | grep -c ^[0-9]' || :
  has "$output" 'LOOPBACK,UP' 127.0.0.1
}

need_time() {
  [ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
}

@test "time: the offsets apply to the command" {
  need_time
  config '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": 1000000, "nanosecs": 5}, "boottime": {"secs": 2000000}}'
  inside 'probe clock'
  local monotonic boot
  read -r monotonic boot <<<"$output"
  [ "$monotonic" -ge 1000000 ]
  [ "$monotonic" -lt 2000000 ]
  [ "$boot" -ge 2000000 ]
}

@test "time: the offsets apply to exec as well" {
  need_time
  config '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 3000000}}'
  start_sleeper
  ok exec "$ID" probe clock
  [ "${output#* }" -ge 3000000 ]
}

@test "time: offsets without a time namespace, and with a joined one, are errors" {
  config '.linux.timeOffsets = {"boottime": {"secs": 1}}'
  fails /linux/timeOffsets -- create --bundle "$B" "$ID"
  config '.linux.namespaces += [{"type": "time", "path": "/proc/self/ns/time"}]'
  fails /linux/timeOffsets -- create --bundle "$B" "$ID"
}

@test "user: ids are mapped, and root inside is the mapped one outside" {
  user_namespace
  sh_args 'id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; cat /proc/self/setgroups; touch /data/made; sleep 1000'
  chown 100000:100000 "$B/rootfs/data"
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/made" ]
  equal "$(cat "$T/stdout")" $'0\n0\n 0 100000 65536\n 0 100000 65536\nallow'
  equal "$(stat -c %u "/proc/$(container_pid)")" 100000
  equal "$(stat -c %u:%g "$B/rootfs/data/made")" 100000:100000
}

@test "user: several ranges are mapped, and another user than root" {
  user_namespace '[{"containerID": 0, "hostID": 100000, "size": 1000}, {"containerID": 1000, "hostID": 0, "size": 1}, {"containerID": 1001, "hostID": 101001, "size": 100}]'
  config '.process.user = {"uid": 1000, "gid": 1000, "additionalGids": [1001, 5]}'
  inside 'cat /proc/self/uid_map | tr -s " "; probe ids'
  has "$output" ' 1000 0 1' 'uid 1000 1000 1000 gid 1000 1000 1000 groups 5 1001'
}

@test "user: the root file system's owners are not changed" {
  user_namespace
  local before
  before=$(stat -c %u:%g:%a "$B/rootfs/bin" "$B/rootfs/etc/passwd" "$B/rootfs")
  ok run --bundle "$B" "$ID"
  equal "$(stat -c %u:%g:%a "$B/rootfs/bin" "$B/rootfs/etc/passwd" "$B/rootfs")" "$before"
}

@test "user: an id outside the maps is an error with the pointer" {
  user_namespace '[{"containerID": 0, "hostID": 100000, "size": 10}]'
  config '.process.user.uid = 10'
  fails /process/user/uid 10 -- create --bundle "$B" "$ID"
  config '.process.user = {"uid": 0, "gid": 11}'
  fails /process/user/gid 11 -- create --bundle "$B" "$ID"
  config '.process.user = {"uid": 0, "gid": 0, "additionalGids": [3, 12]}'
  fails /process/user/additionalGids/1 12 -- create --bundle "$B" "$ID"
}

@test "user: maps without a namespace, a namespace without maps, overlaps and overflows are errors" {
  config '.linux.uidMappings = [{"containerID": 0, "hostID": 1, "size": 1}]'
  fails /linux/uidMappings -- create --bundle "$B" "$ID"
  config 'del(.linux.uidMappings) | .linux.namespaces += [{"type": "user"}]'
  fails uidMappings -- create --bundle "$B" "$ID"
  user_namespace '[{"containerID": 0, "hostID": 100000, "size": 10}, {"containerID": 9, "hostID": 200000, "size": 1}]'
  config '.linux.namespaces |= unique_by(.type)'
  fails /linux/uidMappings/1 -- create --bundle "$B" "$ID"
  config '.linux.uidMappings = [{"containerID": 0, "hostID": 4294967290, "size": 10}] | .linux.gidMappings = .linux.uidMappings'
  fails /linux/uidMappings/0 -- create --bundle "$B" "$ID"
  config '.linux.uidMappings = [{"containerID": 0, "hostID": 1, "size": 0}] | .linux.gidMappings = .linux.uidMappings'
  fails /linux/uidMappings/0 -- create --bundle "$B" "$ID"
}

@test "user: 340 mappings work, 341 are an error of the plan" {
  # CVE-2021-43784 was an overflow on the way of such a map
  user_namespace "$(jq -cn '[range(340) | {containerID: ., hostID: (. * 2), size: 1}]')"
  inside 'wc -l </proc/self/uid_map'
  equal "$output" 340
  config '.linux.uidMappings += [{"containerID": 340, "hostID": 680, "size": 1}]'
  fails /linux/uidMappings -- create --bundle "$B" "$ID"
}

@test "user: mounts of proc, sysfs, mqueue, devpts and cgroup work, and locked flags are kept" {
  user_namespace
  mkdir "$T/src" "$B/rootfs/m"
  mount -t tmpfs -o nosuid,nodev,noexec src "$T/src"
  config '.mounts += [{"destination": "/m", "type": "bind", "source": $s, "options": ["rbind", "ro"]}]' --arg s "$T/src"
  sh_args 'cat /proc/self/mountinfo'
  try hull run --bundle "$B" "$ID"
  umount -l "$T/src"
  equal "$status" 0
  local field
  field=$(mount_line /m | cut -d'|' -f1)
  listed "$field" ro
  listed "$field" nosuid
  listed "$field" nodev
  listed "$field" noexec
  equal "$(mount_line /proc | cut -d'|' -f3)" proc
}

@test "user: default devices are there and work" {
  user_namespace
  inside 'echo x >/dev/null; head -c4 /dev/zero | wc -c; head -c4 /dev/urandom | wc -c'
  equal "$output" $'4\n4'
}

# bats test_tags=smoke
@test "cgroup: cgroupsPath is where the processes are" {
  start_sleeper
  equal "$(grep ^0:: "/proc/$(container_pid)/cgroup")" "0::$CGROUP"
}

@test "cgroup: without cgroupsPath it is beside the caller's, named by the id" {
  cgroupfs_only
  config 'del(.linux.cgroupsPath)'
  mkdir "$CG$CGP/own"
  (
    echo "$BASHPID" >"$CG$CGP/own/cgroup.procs"
    start_sleeper
  )
  equal "$(grep ^0:: "/proc/$(container_pid)/cgroup")" "0::$CGP/$ID"
  ok delete --force "$ID"
  rmdir "$CG$CGP/own"
}

@test "cgroup: a path that leads elsewhere is refused" {
  cgroupfs_only
  local bad
  for bad in "$CGP/../../escape" "/.." "$CGP/x/../../../y" $'/new\nline'; do
    config '.linux.cgroupsPath = $p' --arg p "$bad"
    try hull create --bundle "$B" "$ID"
    if [ "$status" = 0 ]; then
      # cleaned below the root of the tree is as good as refused
      has "$(grep ^0:: "/proc/$(container_pid)/cgroup")" "0::/"
      hasnt "$(grep ^0:: "/proc/$(container_pid)/cgroup")" ..
      ok delete --force "$ID"
    else
      failed cgroupsPath
    fi
  done
}

# bats test_tags=smoke
@test "cgroup: with a writable cgroup mount and a user namespace it is handed to the container's root" {
  user_namespace
  config '.mounts[-1].options -= ["ro"]'
  inside 'mkdir /sys/fs/cgroup/mine && echo made; stat -c %u /sys/fs/cgroup /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/cgroup.freeze'
  equal "$(head -n3 <<<"$output")" $'made\n0\n0'
  equal "$(tail -n1 <<<"$output")" 65534
}

@test "mount: hull in a user namespace, beside a pinned mount namespace of the host's root" {
  local i
  args true
  mkdir "$T/many"
  mount -t tmpfs many "$T/many"
  for i in {1..150}; do
    mkdir "$T/many/$i"
    mount --bind "$T/many/$i" "$T/many/$i"
  done
  try hull run --bundle "$B" of-root
  [ "$status" = 0 ] && try unshare --user --map-root-user "$HULL" --root "$ROOT" --log "$LOG" run --bundle "$B" "$ID"
  umount -R -l "$T/many"
  [ "$status" = 0 ] || { show; return 1; }
}
