# SPDX-License-Identifier: Apache-2.0
# Once per run of bats: the busybox root file system that every bundle is copied from, the probe that
# looks around inside, and a cgroup of our own that all tests' cgroups are below.
# HULL_DRIVER=systemd: with the systemd driver instead of cgroupfs.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

# Where the v2 tree is: on a hybrid host below the v1 controllers.
cgroup2_mount() {
  if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
    echo /sys/fs/cgroup
  else
    echo /sys/fs/cgroup/unified
  fi
}

make_rootfs() {
  local root=$1
  mkdir -p "$root"/{bin,dev,etc,proc,root,run,sys,tmp,var/tmp,data}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  "$root/bin/busybox" --install "$root/bin" # hard links, all by one process
  cp "$2" "$root/bin/probe"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'ann:x:1000:1000:Ann:/home/ann:/bin/sh' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'ann:x:1000:' 'staff:x:50:ann' >"$root/etc/group"
}

# Every cgroup is a scope in a slice of ours, and every hull, wherever a test starts it, uses systemd, unless the test is
# about containers that have no cgroup.
use_systemd() {
  RUN=${RUN//-/}.slice # a dash would mean a slice in a slice
  systemctl start "$RUN" || { echo "HULL_DRIVER=systemd needs systemd as process 1" >&2; return 1; }
  printf '#!%s sh\ncase " $* " in *" --cgroup-manager disabled "*) exec "%s" "$@" ;; esac\nexec "%s" --systemd-cgroup "$@"\n' \
    "$(command -v busybox)" "$HULL" "$HULL" >"$BASE/hull"
  chmod 755 "$BASE/hull"
  HULL=$BASE/hull
}

setup_suite() {
  local top
  local IFS=$' \t\n' # bats --filter-tags changes it
  top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
  export HULL=${HULL:-$top/build/hull}
  HULL=$(readlink -f "$(command -v "$HULL")") || { echo "no hull at '$HULL': build it, or set HULL" >&2; return 1; }
  # In a build directory hull-systemd is beside hull.
  [ ! -x "${HULL%/*}/hull-systemd" ] || export HULL_LIBEXECDIR=${HULL_LIBEXECDIR:-${HULL%/*}}
  export HULL_PROGRAM=$HULL # without the options of a driver
  # Containers with a user namespace reach their bundle as somebody else.
  chmod 711 "$BATS_RUN_TMPDIR"
  umask 022
  export BASE=$BATS_RUN_TMPDIR/base
  mkdir "$BASE"
  CG=$(cgroup2_mount)
  RUN=hull-bats-$(cut -c1-8 /proc/sys/kernel/random/uuid)
  export CG RUN
  export HULL_DRIVER=${HULL_DRIVER:-cgroupfs}
  case $HULL_DRIVER in
    cgroupfs) mkdir "$CG/$RUN" ;;
    systemd) use_systemd ;;
    *) echo "HULL_DRIVER is cgroupfs or systemd, not '$HULL_DRIVER'" >&2; return 1 ;;
  esac
  cp "${HULL_PROBE:-/dev/null}" "$BASE/probe"
  [ -n "${HULL_PROBE:-}" ] || "${CC:-cc}" -O1 -static -o "$BASE/probe" "$top/tests/bats/probe.c"
  make_rootfs "$BASE/rootfs" "$BASE/probe"
  # Each bundle's configuration has its own cgroup and mark in it.
  jq -c '.linux.cgroupsPath = "@cgroup@" | .process.env += ["HULL_MARK=@mark@"]' \
    "${TEMPLATE:-$top/tests/bats/template.json}" >"$BASE/config.json"
}

teardown_suite() {
  case ${RUN:-} in
    '') ;;
    *.slice) systemctl stop "$RUN" ;;
    *) rmdir "$CG/$RUN" ;;
  esac
}
