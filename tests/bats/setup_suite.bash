# SPDX-License-Identifier: Apache-2.0
# Once per run of bats: the busybox root file system that every bundle is copied from, the probe that
# looks around inside, and a cgroup of our own that all tests' cgroups are below.
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
  local root=$1 applet
  mkdir -p "$root"/{bin,dev,etc,proc,root,run,sys,tmp,var/tmp,data}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"
  done
  cp "$2" "$root/bin/probe"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'ann:x:1000:1000:Ann:/home/ann:/bin/sh' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'ann:x:1000:' 'staff:x:50:ann' >"$root/etc/group"
}

setup_suite() {
  local top
  top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
  export HULL=${HULL:-$top/build/hull}
  HULL=$(readlink -f "$(command -v "$HULL")") || { echo "no hull at '$HULL': build it, or set HULL" >&2; return 1; }
  # Containers with a user namespace reach their bundle as somebody else.
  chmod 711 "$BATS_RUN_TMPDIR"
  umask 022
  CG=$(cgroup2_mount)
  RUN=hull-bats-$(cut -c1-8 /proc/sys/kernel/random/uuid)
  export CG RUN
  mkdir "$CG/$RUN"
  export BASE=$BATS_RUN_TMPDIR/base
  mkdir "$BASE"
  "${CC:-cc}" -O1 -static -o "$BASE/probe" "$top/tests/bats/probe.c"
  make_rootfs "$BASE/rootfs" "$BASE/probe"
}

teardown_suite() {
  [ -z "${RUN:-}" ] || rmdir "$CG/$RUN"
}
