#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Device nodes, and the device rules that an eBPF program on the cgroup holds.

load helpers

# May make nodes, so that only the rules stand in the way. No rule list: pass '[]'.
rules() {
  config '.linux.resources.devices = $rules | .process.capabilities[] += ["CAP_MKNOD", "CAP_DAC_OVERRIDE"]' --argjson rules "$1"
}

# A device that nobody drives (120 is for local use), so that the open says which way it went: ENXIO when the rules
# let it through, EPERM when they do not.
try_device='mknod /tmp/d c 120 77; attempt() { case $2 in *"No such device"*) echo $1 ok ;; *"not permitted"*) echo $1 denied ;; esac; }
  attempt read "$( (exec 5</tmp/d) 2>&1)"; attempt write "$( (exec 5>>/tmp/d) 2>&1)"; rm /tmp/d'

@test "devices: the default ones are there with their numbers and modes, and work" {
  inside 'for d in null zero full random urandom tty; do probe node /dev/$d; done
    echo x >/dev/null; head -c3 /dev/zero | wc -c; head -c3 /dev/urandom | wc -c; (echo x >/dev/full) 2>&1'
  local numbers
  for numbers in 1:3 1:5 1:7 1:8 1:9 5:0; do
    has "$output" "c $numbers mode 666 owner 0:0"
  done
  has "$output" $'3\n3'
  has "$output" 'No space left on device'
}

@test "devices: the links of /dev are there" {
  inside 'for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done; test -e /proc/kcore && readlink /dev/core; echo hi >>/dev/stdout'
  has "$output" /proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 pts/ptmx hi
}

@test "devices: listed ones are made with their mode and owner" {
  config '.linux.devices = [{"path": "/dev/a", "type": "c", "major": 1, "minor": 3, "fileMode": 438, "uid": 7, "gid": 8},
    {"path": "/dev/deep/b", "type": "b", "major": 7, "minor": 0, "fileMode": 384},
    {"path": "/dev/f", "type": "p", "fileMode": 420}, {"path": "/opt/u", "type": "u", "major": 1, "minor": 5},
    {"path": "/dev/podman", "type": "c", "major": 1, "minor": 11, "fileMode": 8612}]'
  inside 'probe node /dev/a; probe node /dev/deep/b; probe node /dev/f; probe node /opt/u; probe node /dev/podman'
  has "$output" 'c 1:3 mode 666 owner 7:8' 'b 7:0 mode 600 owner 0:0' 'p 0:0 mode 644' 'c 1:5 mode 666'
  # podman gives the type as well, as stat has it: 8612 is 020644
  has "$output" 'c 1:11 mode 644'
}

@test "devices: one that is there already as the same node is kept, another file is an error" {
  mknod "$B/rootfs/opt" p
  config '.linux.devices = [{"path": "/opt", "type": "p", "fileMode": 384}]'
  ok run --bundle "$B" "$ID"
  rm "$B/rootfs/opt"
  echo text >"$B/rootfs/opt"
  fails /linux/devices/0 /opt -- create --bundle "$B" "$ID"
  equal "$(cat "$B/rootfs/opt")" text
}

@test "devices: an unknown type, a missing number and a relative path are errors with the pointer" {
  config '.linux.devices = [{"path": "/dev/x", "type": "x", "major": 1, "minor": 1}]'
  fails /linux/devices/0/type -- create --bundle "$B" "$ID"
  config '.linux.devices = [{"path": "/dev/x", "type": "c"}]'
  fails /linux/devices/0 major -- create --bundle "$B" "$ID"
  config '.linux.devices = [{"path": "x", "type": "c", "major": 1, "minor": 1}]'
  fails /linux/devices/0/path -- create --bundle "$B" "$ID"
  config '.linux.devices = [{"path": "/dev/x", "type": "c", "major": -1, "minor": 1}]'
  fails /linux/devices/0/major -- create --bundle "$B" "$ID"
}

@test "devices: in a user namespace the host's nodes are bound" {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings | .linux.devices = [{"path": "/dev/zero2", "type": "c", "major": 1, "minor": 5}]
    | .linux.resources.devices += [{"allow": true, "type": "c", "major": 1, "minor": 5, "access": "rwm"}]'
  try hull run --bundle "$B" "$ID"
  # there is no /dev/zero2 on the host to bind: an error that says so is right too
  [ "$status" = 0 ] || failed /linux/devices/0 /dev/zero2
}

# bats test_tags=smoke
@test "rules: deny all leaves the default devices and closes the others" {
  rules '[{"allow": false, "access": "rwm"}]'
  inside "$try_device; echo x >/dev/null && head -c1 /dev/zero | wc -c"
  has "$output" 'read denied' 'write denied'
  equal "$(tail -n1 <<<"$output")" 1
}

@test "rules: no rules at all are not a free pass" {
  # runc GHSA-g54h-m393-cpwq: taken as a list of what is denied
  rules '[]'
  inside "$try_device"
  has "$output" 'read denied' 'write denied'
  config 'del(.linux.resources)'
  inside "$try_device"
  has "$output" 'read denied' 'write denied'
  rules '[{"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rwm"}]'
  inside "$try_device"
  has "$output" 'read denied' 'write denied'
}

@test "rules: read without write, and in the order of the list" {
  rules '[{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 120, "minor": 77, "access": "r"}]'
  inside "$try_device"
  has "$output" 'read ok' 'write denied'
  rules '[{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 120, "minor": 77, "access": "rw"},
    {"allow": false, "type": "c", "major": 120, "minor": 77, "access": "w"}]'
  inside "$try_device"
  has "$output" 'read ok' 'write denied'
}

@test "rules: wildcards of major, minor and type" {
  rules '[{"allow": false}, {"allow": true, "type": "c", "major": 120, "access": "rw"}]'
  inside "$try_device"
  has "$output" 'read ok' 'write ok'
  rules '[{"allow": false}, {"allow": true, "type": "a", "access": "rwm"}]'
  inside "$try_device"
  has "$output" 'read ok' 'write ok'
  rules '[{"allow": false}, {"allow": true, "type": "b", "major": 120, "access": "rwm"}]'
  inside "$try_device"
  has "$output" 'read denied' 'write denied'
}

@test "rules: a bad type and bad access are errors with the pointer" {
  rules '[{"allow": false, "access": "rwm"}, {"allow": true, "type": "z", "access": "r"}]'
  fails /linux/resources/devices/1/type -- create --bundle "$B" "$ID"
  rules '[{"allow": false, "access": "rwx"}]'
  fails /linux/resources/devices/0/access -- create --bundle "$B" "$ID"
}

# bats test_tags=smoke
@test "rules: hold for exec and for processes in nested cgroups" {
  rules '[{"allow": false, "access": "rwm"}]'
  start_sleeper
  try hull exec "$ID" sh -c "$try_device"
  has "$output" 'read denied' 'write denied'
}

@test "rules: apply to the container alone" {
  rules '[{"allow": false, "access": "rwm"}]'
  start_sleeper
  mknod "$T/d" c 120 77
  has "$(LC_ALL=C cat "$T/d" 2>&1)" 'No such device'
}

@test "rules: five hundred of them" {
  rules "$(jq -cn '[{"allow": false, "access": "rwm"}] + [range(500) | {allow: true, type: "c", major: 250, minor: ., access: "r"}]
    + [{"allow": true, "type": "c", "major": 120, "minor": 77, "access": "r"}]')"
  inside "$try_device"
  has "$output" 'read ok' 'write denied'
}
