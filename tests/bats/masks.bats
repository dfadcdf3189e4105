#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Masked and read-only paths.

load helpers

@test "masks: a file becomes the null device, a directory an empty read-only one" {
  mkdir "$B/rootfs/secrets"
  echo secret >"$B/rootfs/secrets/key"
  echo secret >"$B/rootfs/etc/secret"
  config '.linux.maskedPaths += ["/secrets", "/etc/secret", "/proc/timer_list"]'
  inside 'cat /etc/secret; ls -A /secrets; touch /secrets/x 2>&1; probe node /etc/secret; probe node /proc/timer_list; cat /proc/timer_list'
  hasnt "$output" "secret
" key
  has "$output" 'Read-only file system' 'c 1:3'
  equal "$(grep -c 'c 1:3' <<<"$output")" 2
}

@test "masks: a path that is missing is ignored" {
  config '.linux.maskedPaths += ["/not/here", "/proc/nothing"] | .linux.readonlyPaths += ["/not/here/either"]'
  ok run --bundle "$B" "$ID"
  [ ! -e "$B/rootfs/not" ]
}

@test "masks: many directories" {
  local i
  for i in {1..30}; do
    mkdir -p "$B/rootfs/m/$i"
    touch "$B/rootfs/m/$i/file"
  done
  config '.linux.maskedPaths += [range(1; 31) | "/m/\(.)"]'
  inside 'find /m -type f | wc -l'
  equal "$output" 0
}

@test "masks: cannot be taken off again by root inside" {
  echo secret >"$B/rootfs/etc/secret"
  config '.process.capabilities[] += ["CAP_DAC_OVERRIDE"] | .linux.maskedPaths += ["/etc/secret"]'
  inside 'umount /etc/secret 2>&1; umount /sys/firmware 2>&1; probe node /etc/secret; ls -A /sys/firmware'
  has "$output" 'c 1:3'
}

@test "read-only paths: cannot be written, and keep what lies below" {
  config '.linux.readonlyPaths += ["/data"] | .process.capabilities[] += ["CAP_DAC_OVERRIDE"]'
  echo text >"$B/rootfs/data/file"
  inside 'cat /data/file; echo x 2>&1 >/data/file; touch /data/new 2>&1; echo 1 2>&1 >/proc/sys/kernel/pty/max'
  has "$output" text
  equal "$(grep -c 'Read-only file system' <<<"$output")" 3
}

@test "read-only paths: a mount below one stays as it is" {
  config '.mounts += [{"destination": "/data/sub", "type": "tmpfs", "source": "t"}] | .linux.readonlyPaths += ["/data"]'
  inside 'touch /data/x 2>&1; touch /data/sub/x && echo below'
  has "$output" 'Read-only file system' below
}

@test "masks: without a mount namespace are refused" {
  config '.linux.namespaces |= map(select(.type != "mount"))'
  fails mount -- create --bundle "$B" "$ID"
}

@test "masks: a relative path is an error with the pointer" {
  config '.linux.maskedPaths = ["proc/kcore"]'
  fails /linux/maskedPaths/0 -- create --bundle "$B" "$ID"
}
