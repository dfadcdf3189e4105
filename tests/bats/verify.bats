#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --verify: what the kernel shows of the container is compared with the config before the process runs. Hooks play those
# who change it.

load helpers

@test "verify: finds no difference in a container with everything" {
  mkdir "$T/source"
  config '.hostname = "name" | .domainname = "domain" | .root.readonly = true
    | .mounts += [
        {destination: "/data", type: "bind", source: $source, options: ["rbind", "ro", "nosuid", "nodev", "noexec", "noatime"]},
        {destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["ro", "strictatime", "nodiratime", "nosymfollow"]},
        {destination: "/var/tmp", type: "tmpfs", source: "tmpfs", options: ["rw", "suid", "dev", "exec"]}]
    | .linux.maskedPaths = ["/proc/keys", "/proc/version", "/sys/firmware", "/not/there"]
    | .linux.readonlyPaths = ["/proc/sys", "/proc/bus", "/etc"]
    | .linux.sysctl = {"net.ipv4.ip_forward": "1", "net.ipv4.ip_local_port_range": "2000 3000"}
    | .linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 384, uid: 3, gid: 4},
                        {path: "/dev/pipe", type: "p", fileMode: 438}]
    | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]
    | .linux.resources.unified = {"cgroup.max.depth": "5"}' --arg source "$T/source"
  sh_args 'echo through'
  ok run --verify --bundle "$B" "$ID"
  equal "$output" through
  ok create --verify --bundle "$B" "$ID"
  ok start "$ID"
}

@test "verify: with a user namespace" {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
  ok run --verify --bundle "$B" "$ID"
}

@test "verify: a mount that a hook made writable is an error with its pointer, and nothing is left" {
  mkdir "$T/source"
  config '.mounts += [{destination: "/data", type: "bind", source: $source, options: ["bind", "ro"]}]' --arg source "$T/source"
  hook createContainer "mount -o remount,bind,rw '$B/rootfs/data'"
  local index
  index=$(jq '.mounts | length - 1' "$B/config.json")
  fails "/mounts/$index" "'/data' was to be ro, but the kernel shows that it is not" read-back -- create --verify --bundle "$B" "$ID"
  nothing_left
  ok create --bundle "$B" "$ID" # nobody asked
}

@test "verify: a device whose mode or owner a hook changed is an error with both" {
  config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 384, uid: 3, gid: 4}]'
  hook createContainer "chmod 666 '$B/rootfs/dev/mine'"
  fails /linux/devices/0 'device c 1:5, mode 600, owner 3:4' 'mode 666, owner 3:4' -- run --verify --bundle "$B" "$ID"
  nothing_left
}

@test "verify: a limit that a hook changed is an error with file and both values" {
  config '.linux.resources.unified = {"cgroup.max.depth": "5"}'
  hook createRuntime "pid=\$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/')
    echo 7 >$CG\$(sed -n s/^0:://p /proc/\$pid/cgroup)/cgroup.max.depth"
  fails /linux/resources/unified/cgroup.max.depth "was to be '5', but the kernel shows '7'" -- run --verify --bundle "$B" "$ID"
  nothing_left
}

@test "verify: plan says whether it is asked for, steps where it is done" {
  ok steps
  has "$output" read-back read-limits-back verify-credentials
}

# Without the option too.
@test "verify: a process without its seccomp filter is killed, at run, start and exec" {
  obeys_faults || skip "built without fault injection"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_ERRNO"}]}'
  sh_args 'sleep 1000'
  local -x HULL_FAULT=no-filter:EPERM
  fails /linux/seccomp 'seccomp filter of its own' 'kernel shows none' -- run --detach --bundle "$B" "$ID"
  nothing_left
  ok create --bundle "$B" "$ID"
  fails /linux/seccomp 'seccomp filter of its own' 'kernel shows none' -- start "$ID"
  has_status stopped
  HULL_FAULT='' ok delete "$ID"
  HULL_FAULT='' start_sleeper
  sh_args true
  fails /linux/seccomp 'seccomp filter of its own' 'kernel shows none' -- exec "$ID" sleep 1000
  equal "$(hull ps --format json "$ID" | jq length)" 1
  HULL_FAULT='' ok exec "$ID" true
}

@test "verify: filters that the caller of create, start, run or exec has himself are not taken for the container's" {
  local -a once=("$PROBE" filtered) twice=("$PROBE" filtered "$PROBE" filtered) plain=()
  local kind
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["sync"], action: "SCMP_ACT_ERRNO"}]}'
  sh_args 'sleep 1000'
  hull_as() {
    local -n as=$1
    shift
    try "${as[@]}" timeout --foreground "$((20 * SLOW))" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
    [ "$status" = 0 ] || { show; return 1; }
  }
  for kind in 'plain twice 1' 'twice plain 3' 'once once 2'; do
    # shellcheck disable=SC2086
    set -- $kind
    hull_as "$1" create --bundle "$B" "$ID"
    hull_as "$2" start "$ID"
    has "$(cat "/proc/$(container_pid)/status")" $'Seccomp_filters:\t'"$3"
    hull_as "$2" exec "$ID" true
    hull_as plain delete --force "$ID"
    hull_as "$1" run --detach --bundle "$B" "$ID"
    hull_as plain delete --force "$ID"
  done
}
