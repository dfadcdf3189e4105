#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kinds of cgroup hosts, made in private mount namespaces: hybrid, pure version 2, none.

load helpers

# Runs the rest of the line with another /sys/fs/cgroup.
with_cgroups() {
  local kind=$1
  shift
  unshare -m --propagation private sh -c '
    kind=$1; shift
    umount -R /sys/fs/cgroup 2>/dev/null
    case $kind in
      hybrid) mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified ;;
      pure) mount -t cgroup2 cgroup2 /sys/fs/cgroup ;;
      none) mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup ;;
    esac
    exec "$@"' sh "$kind" timeout "$((20 * SLOW))" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
}

@test "hybrid: the version 2 tree under unified is used" {
  sh_args 'cat /proc/self/cgroup; grep cgroup2 /proc/self/mountinfo'
  try with_cgroups hybrid run --bundle "$B" "$ID"
  equal "$status" 0
  has "$output" 0::/ /sys/fs/cgroup
}

@test "pure: the tree at /sys/fs/cgroup is used" {
  sh_args 'cat /proc/self/cgroup'
  try with_cgroups pure run --bundle "$B" "$ID"
  equal "$status" 0
  has "$output" 0::/
}

@test "none: a host without the version 2 tree gets an error that says so, and --cgroup-manager disabled works" {
  try with_cgroups none run --bundle "$B" "$ID"
  failed cgroup
  config '.mounts |= map(select(.type != "cgroup"))'
  try with_cgroups none --cgroup-manager disabled run --bundle "$B" "$ID"
  equal "$status" 0
}
