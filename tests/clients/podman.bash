# SPDX-License-Identifier: Apache-2.0
# For the suites that use podman: a podman with a storage and a configuration of its own, and looks at its containers.
# shellcheck shell=bash

# podman_setup: by setup_file, after clients_setup.
podman_setup() {
  command -v podman >/dev/null || return 0
  podman_config "$C"
  export PODMAN=$C CONTAINERS_CONF=$C/containers.conf
  pod load --input "$ARCHIVE" >"$C/load.log" 2>&1 3>&- || { cat "$C/load.log" >&2; return 1; }
}

# Those of podman_config, for a test that has more of them
# shellcheck disable=SC2034 # tests use it
ULIMITS=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024)

# runtime_supports_nocgroup is what podman 4 reads, and runtime_supports_nocgroups what its manual says and podman 5 reads.
# podman_config DIRECTORY: what is not every host's to give is not asked for: a network, higher limits, a limit of pids.
podman_config() {
  cat >"$1/containers.conf" <<TOML
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
pids_limit = 0
log_driver = "k8s-file"
[engine]
cgroup_manager = "$DRIVER"
events_logger = "file"
runtime_supports_json = ["crun", "hull", "runc"]
runtime_supports_nocgroups = ["crun", "hull"]
runtime_supports_nocgroup = ["crun", "hull"]
[engine.runtimes]
${RUNTIME##*/} = ["$RUNTIME"]
TOML
}

podman_test() {
  need podman
  need_cgroup2
  T=$BATS_TEST_TMPDIR
  NAME=t$BATS_TEST_NUMBER
  export PARENT=/hull-test
  # With cgroupfs, a pod's cgroup that podman makes denies every device.
  export IN_POD=(--share-parent=false)
  [ "$DRIVER" != systemd ] || { PARENT=hulltest.slice; IN_POD=(); }
}

pod() {
  timeout --foreground -k 5 "$((${LIMIT:-60} * SLOW))" podman --root "$PODMAN/root" --runroot "$PODMAN/run" --tmpdir "$PODMAN/tmp" \
    --storage-driver vfs --runtime "${RUNTIME##*/}" "$@"
}

# pod_with_fd3 FILE ARGUMENT...
pod_with_fd3() {
  local file=$1
  shift
  pod "$@" 3<"$file"
}

# typing ARGUMENT...: podman on a terminal of 30 lines and 90 columns, on which somebody types standard input
typing() {
  local words
  printf -v words '%q ' "$@"
  export -f pod
  export SLOW T
  script -qec "stty rows 30 cols 90; bash -c 'pod $words'" "$T/typescript"
}

# Removes all containers; what the runtime still knows, and mounts below the storage, are failures.
podman_nothing_left() {
  local left=0 root id
  [ -n "${PODMAN:-}" ] || return 0
  pod pod rm --all --force --time 0 >"$T/rm.log" 2>&1 3>&- || { cat "$T/rm.log"; left=1; }
  pod rm --all --force --time 0 --volumes >>"$T/rm.log" 2>&1 3>&- || { cat "$T/rm.log"; left=1; }
  root=/run/${RUNTIME##*/}
  for id in "$root"/*; do
    [ -e "$id" ] || continue
    echo "left in $root: $("$RUNTIME" state "${id##*/}" 2>&1 | tr -s ' \n' ' ')"
    "$RUNTIME" delete --force "${id##*/}" || : # not in the way of the tests after this one
    left=1
  done
  return "$left"
}

# --- looking ------------------------------------------------------------------------------------------------------

state() {
  pod inspect -f '{{.State.Status}}' "${1:-$NAME}"
}

exit_code() {
  pod inspect -f '{{.State.ExitCode}}' "${1:-$NAME}"
}

container_pid() {
  pod inspect -f '{{.State.Pid}}' "${1:-$NAME}"
}

logs_have() {
  [[ $(pod logs "${2:-$NAME}" 2>&1 | tr -d '\r') == *"$1"* ]]
}

missing() {
  ! pod container exists "$1"
}

# --- what some tests need -----------------------------------------------------------------------------------------

# An image for a pod's first container: no catatonit, only a program that sleeps.
infra() {
  INFRA=localhost/infra:latest
  ! pod image exists "$INFRA" || return 0
  printf '#!/bin/sh\nexec sleep 1000000\n' >"$T/infra"
  chmod 755 "$T/infra"
  mkdir "$T/infra.d"
  cp -a "$ROOTFS/." "$T/infra.d"
  mv "$T/infra" "$T/infra.d/infra"
  make_archive "$T/infra.d" "$T/infra.tar" "$INFRA"
  ok pod load --input "$T/infra.tar"
}

# Subordinate ids for --userns=auto and for users: only in a mount namespace that is not the host's.
subids() {
  local name
  [ -n "${CLIENTS_PRIVATE:-}" ] || skip "subordinate ids of this host are not ours to change: use tests/clients/run"
  printf '%s\n' containers:1000000:1000000 nobody:3000000:65536 >"$C/subids"
  for name in subuid subgid; do
    mountpoint -q "/etc/$name" || mount --bind "$C/subids" "/etc/$name"
  done
}

need_apparmor() {
  [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip "AppArmor is not on in this kernel"
  need apparmor_parser
  [ -n "${CLIENTS_PRIVATE:-}" ] || skip "profiles are not to be loaded into this host's kernel: use tests/clients/run"
  need_systemd
  mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
}

apparmor_profile() {
  PROFILE=hull-test
  apparmor_parser --replace --skip-cache <<PROFILE
profile $PROFILE flags=(attach_disconnected,mediate_deleted) {
  capability,
  file,
  mount,
  network,
  ptrace,
  signal,
  umount,
  unix,
  deny /data/denied w,
}
PROFILE
}
