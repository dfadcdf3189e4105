#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tests/bench/hot_text.sh BUILD >cmd/hot_text.ld: traces what the static program in BUILD enters in the usual commands.
# Takes minutes, needs root, x86_64 and a build that was not linked with a list from elsewhere.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
work=$(mktemp -d)

bundle() { # name, jq filter, config
  mkdir -p "$work/$1/rootfs/"{bin,dev,proc,sys,etc,run,tmp,var/tmp} "$work/$1/files/dev-shm"
  cp "$(command -v busybox)" "$work/$1/rootfs/bin/sleep"
  cp "$(command -v busybox)" "$work/$1/rootfs/bin/true"
  touch "$work/$1/files/etc-hosts" "$work/$1/files/etc-hostname" "$work/$1/files/run-.containerenv"
  jq --arg cgroup "/hull-hot/$1" ".root.path = \"rootfs\" | .process.terminal = false | .linux.cgroupsPath = \$cgroup | $2" \
    "$3" >"$work/$1/config.json"
}

hull() { "$work/hull" --root "$work/root" "$@" </dev/null; }

traced() { "$build/tests/bench/hot_text" "$work/offsets" "$work/hull" --root "$work/root" "$@" </dev/null; }

inside() {
  if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    umount -R /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  fi
  (cd "$work" && "$work/hull" spec)
  bundle plain '.process.args = ["/bin/true"]' "$work/config.json"
  bundle sleeper '.process.args = ["/bin/sleep", "1000"]' "$work/config.json"
  bundle podman '.process.args = ["/bin/true"]' "$here/podman.json"
  hull run --bundle "$work/podman" warm
  traced run --bundle "$work/plain" a
  traced run --bundle "$work/podman" b
  hull create --bundle "$work/sleeper" c
  traced start c
  traced exec c /bin/true
  traced state c
  traced kill c KILL
  while [ "$(hull state c | jq -r .status)" != stopped ]; do sleep 0.1; done
  traced delete c
  traced create --bundle "$work/plain" d
  traced delete --force d
}

if [ "${2:-}" = --inside ]; then
  work=$3
  inside
  exit
fi
trap 'rm -rf -- "$work"' EXIT
rm -f "$build/hull"
make -C "$build" -s hull tests/bench/hot_text HULL_LDFLAGS="-XCClinker -static-pie -Wl,-z,pack-relative-relocs -Wl,-Map=$work/map" >&2
cp "$build/hull" "$work/hull"
unshare --mount --propagation private "$BASH" "$here/hot_text.sh" "$build" --inside "$work" >&2
"$here/hot_text.py" "$work/map" "$work/offsets"
