#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Limits as people ask for them: podman and containerd's ctr, with hull as the runtime and either cgroup driver, and what
# the kernel shows. Made for a machine of its own (tests/run vm-clients); images are made here, there is no network.

bats_require_minimum_version 1.5.0

DRIVER=${HULL_DRIVER:-cgroupfs}
SLOW=${HULL_SLOW:-1}
MIB=$((1024 * 1024))

setup_file() {
  local applet
  export C=$BATS_FILE_TMPDIR
  [ -x "${HULL:-}" ] || { echo "HULL has to be the path of hull" >&2; return 1; }
  # In a build directory what hull needs for systemd is beside it; clients hand no environment on.
  printf '#!/bin/sh\nHULL_LIBEXECDIR="%s" exec "%s" "$@"\n' "$(dirname "$HULL")" "$HULL" >"$C/hull"
  chmod 755 "$C/hull"
  export RUNTIME=$C/hull
  mkdir -p "$C/image"/{bin,dev,etc,proc,root,sys,tmp}
  cp "$(command -v busybox)" "$C/image/bin/busybox"
  for applet in cat dd echo grep head ls mknod printf sh sleep tail test true wc; do
    ln -s busybox "$C/image/bin/$applet"
  done
  tar -C "$C/image" -c . | pod import - hull >"$C/import.log" 2>&1 3>&- || { cat "$C/import.log" >&2; return 1; }
  start_containerd
}

teardown_file() {
  pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || :
  [ -z "${CONTAINERD:-}" ] || kill "$CONTAINERD" || :
}

setup() {
  NAME=c$BATS_TEST_NUMBER
}

teardown() {
  [ -z "${EVENTS:-}" ] || kill "$EVENTS" || :
  case $BATS_TEST_DESCRIPTION in
    ctr*) # the shim of a test that failed would keep the guest from ending
      contain tasks delete --force "$NAME" >/dev/null 2>&1 3>&- || :
      contain containers delete "$NAME" >/dev/null 2>&1 3>&- || : ;;
  esac
  pod rm --force --time 0 --ignore "$NAME" >/dev/null 2>&1 3>&- || :
}

# --- clients ------------------------------------------------------------------------------------------------------

pod() {
  podman --root "$C/storage" --runroot "$C/run" --tmpdir "$C/libpod" --storage-driver vfs --events-backend file \
    --runtime "$RUNTIME" --cgroup-manager "$DRIVER" "$@"
}

OPTIONS=(--network none)

# podman_run [options] -- COMMAND: a container that runs; sets PID and CGROUP.
podman_run() {
  local options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  pod run --detach --name "$NAME" "${OPTIONS[@]}" "${options[@]}" hull "$@" >/dev/null 3>&-
  PID=$(pod inspect --format '{{.State.Pid}}' "$NAME")
  find_cgroup
}

find_cgroup() {
  CGROUP=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$PID/cgroup")
  [ -d "$CGROUP" ]
}

start_containerd() {
  command -v containerd >/dev/null || return 0
  cat >"$C/containerd.toml" <<TOML
version = 2
root = "$C/containerd"
state = "$C/containerd.run"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "$C/containerd.sock"
TOML
  containerd --config "$C/containerd.toml" >"$C/containerd.log" 2>&1 3>&- &
  export CONTAINERD=$!
  wait_for contain version >/dev/null 2>&1 || { tail "$C/containerd.log" >&2; return 1; }
  pod save --quiet --format oci-archive --output "$C/image.tar" hull 3>&-
  contain images import "$C/image.tar" >/dev/null 3>&-
  IMAGE=$(contain images list --quiet | head -n1)
  export IMAGE
}

contain() {
  ctr --address "$C/containerd.sock" --connect-timeout "$((10 * SLOW))s" "$@"
}

# contain_run [options] -- COMMAND
contain_run() {
  local options=(--snapshotter native --runc-binary "$RUNTIME" --runc-root "$C/ctr-root" --null-io --detach)
  [ "$DRIVER" = cgroupfs ] || options+=(--runc-systemd-cgroup --cgroup "system.slice:ctr:$NAME")
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  contain run "${options[@]}" "$IMAGE" "$NAME" "$@" 3>&-
  PID=$(contain tasks list | awk -v name="$NAME" '$1 == name {print $2}')
  find_cgroup
}

contain_remove() {
  contain tasks kill --signal KILL "$NAME"
  wait_for contain_is "$NAME" STOPPED
  contain tasks delete "$NAME" >/dev/null 2>&1 || :
  contain containers delete "$NAME"
}

contain_is() {
  contain tasks list | grep -qE "^$1 .*$2"
}

# --- looking ------------------------------------------------------------------------------------------------------

wait_for() {
  local tries
  for ((tries = 0; tries < 50 * SLOW; tries++)); do
    "$@" && return
    sleep 0.1
  done
  echo "waited in vain for: $*"
  return 1
}

# shows FILE VALUE, of the container's cgroup
shows() {
  [ "$(cat "$CGROUP/$1")" = "$2" ] || { echo "$1 is '$(cat "$CGROUP/$1")', not '$2'"; return 1; }
}

equal() {
  [ "$1" = "$2" ] || { echo "expected: $2"; echo "     got: $1"; return 1; }
}

# A disk that nobody needs: tests/vm/vm --disk
need_disk() {
  for DISK in /dev/vda /dev/ubda ''; do
    [ ! -b "$DISK" ] || return 0
  done
  skip "no disk of this guest's own"
}

has_controller() {
  grep -qw "$1" /sys/fs/cgroup/cgroup.controllers
}

# --- podman -------------------------------------------------------------------------------------------------------

@test "podman run: every limit is in the kernel" {
  local options=()
  ! has_controller cpuset || options+=(--cpuset-cpus 0 --cpuset-mems 0)
  podman_run --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --pids-limit 50 \
    "${options[@]}" -- sleep 1000
  shows memory.max $((64 * MIB))
  shows memory.low $((32 * MIB))
  [ ! -e "$CGROUP/memory.swap.max" ] || shows memory.swap.max 0
  shows cpu.max '50000 100000'
  shows pids.max 50
  ! has_controller cpuset || { shows cpuset.cpus 0; shows cpuset.mems 0; }
}

@test "podman run: --cpu-shares is a weight" {
  podman_run --cpu-shares 2048 -- sleep 1000
  equal "$(pod inspect --format '{{.HostConfig.CpuShares}}' "$NAME")" 2048
  [ "$(cat "$CGROUP/cpu.weight")" -gt 100 ]
}

@test "podman run: io throttles of the disk" {
  need_disk
  podman_run --device-write-bps "$DISK:1mb" --device-read-iops "$DISK:100" -- sleep 1000
  equal "$(cut -d' ' -f2- "$CGROUP/io.max")" "rbps=max wbps=$MIB riops=100 wiops=max"
}

@test "podman run: --device is the only one more" {
  need_disk
  podman_run --device "$DISK:/dev/disk:r" -- sleep 1000
  pod exec "$NAME" test -b /dev/disk
  pod exec "$NAME" sh -c 'exec 3</dev/disk'
  run ! pod exec "$NAME" sh -c 'exec 3>/dev/disk'
  run ! pod exec --privileged "$NAME" sh -c 'mknod /tmp/mem c 1 1 && exec 3</tmp/mem'
}

@test "podman run: memory over the limit is an OOM kill" {
  run pod run --name "$NAME" "${OPTIONS[@]}" --memory 16m --memory-swap 16m hull sh -c 'head -c 100m /dev/zero | tail; exit $?'
  echo "$output"
  [ "$status" -eq 137 ]
}

@test "podman run: a fork over --pids-limit fails" {
  podman_run --pids-limit 10 -- sleep 1000
  run pod exec "$NAME" sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; wait'
  echo "$output"
  [[ $output == *"can't fork"* ]]
  [ "$(grep -o 'max [0-9]*' "$CGROUP/pids.events")" != 'max 0' ]
}

@test "podman stats: has the limit, and what is used" {
  podman_run --memory 64m -- sh -c 'while true; do :; done'
  pod stats --no-stream --format '{{.Name}}|{{.MemUsage}}|{{.PIDs}}|{{.CPUPerc}}' "$NAME" >"$BATS_TEST_TMPDIR/stats"
  cat "$BATS_TEST_TMPDIR/stats"
  grep -qE "^$NAME\|.*/ 67\.11MB\|1\|[0-9.]+%$" "$BATS_TEST_TMPDIR/stats"
}

@test "podman update: changes the running container" {
  pod update --help >/dev/null 2>&1 || skip "this podman has no update"
  podman_run --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 50 -- sleep 1000
  pod update --memory 128m --memory-swap 256m --cpus 0.25 "$NAME"
  shows memory.max $((128 * MIB))
  [ ! -e "$CGROUP/memory.swap.max" ] || shows memory.swap.max $((128 * MIB))
  shows cpu.max '25000 100000'
  shows pids.max 50
}

@test "podman pause and unpause" {
  podman_run -- sleep 1000
  pod pause "$NAME"
  equal "$(pod inspect --format '{{.State.Status}}' "$NAME")" paused
  wait_for grep -qx 'frozen 1' "$CGROUP/cgroup.events"
  pod unpause "$NAME"
  wait_for grep -qx 'frozen 0' "$CGROUP/cgroup.events"
  pod exec "$NAME" true
}

@test "podman top, stop and rm: nothing is left" {
  podman_run --memory 64m -- sleep 1000
  pod top "$NAME" pid | tail -n1 | grep -qw 1
  pod stop --time 1 "$NAME"
  equal "$(pod inspect --format '{{.State.Status}}' "$NAME")" exited
  pod rm "$NAME"
  [ ! -d "$CGROUP" ]
}

@test "podman run: limits below a --cgroup-parent" {
  podman_run --cgroup-parent "$([ "$DRIVER" = systemd ] && echo machine-test.slice || echo /machine-test)" --memory 64m -- sleep 1000
  [[ $CGROUP == *machine-test* ]]
  shows memory.max $((64 * MIB))
}

# --- containerd ---------------------------------------------------------------------------------------------------

need_containerd() {
  [ -n "${CONTAINERD:-}" ] || skip "containerd is not installed"
}

@test "ctr run: limits are in the kernel, metrics and ps tell them" {
  need_containerd
  contain_run --memory-limit $((64 * MIB)) --cpus 0.5 --device /dev/kmsg -- sleep 1000
  shows memory.max $((64 * MIB))
  shows cpu.max '50000 100000'
  contain tasks metrics --format json "$NAME" | grep -q '"usage_limit": *67108864'
  contain tasks ps "$NAME" | grep -qw "$PID"
  contain tasks exec --exec-id e "$NAME" test -c /dev/kmsg 3>&-
  contain_remove
  [ ! -d "$CGROUP" ]
}

@test "ctr tasks pause and resume" {
  need_containerd
  contain_run -- sleep 1000
  contain tasks pause "$NAME"
  contain_is "$NAME" PAUSED
  grep -qx 'frozen 1' "$CGROUP/cgroup.events"
  contain tasks resume "$NAME"
  contain_is "$NAME" RUNNING
  contain_remove
}

@test "ctr run: an OOM kill is an event of the task" {
  need_containerd
  contain events >"$BATS_TEST_TMPDIR/events" 2>&1 3>&- &
  EVENTS=$!
  contain_run --memory-limit $((16 * MIB)) -- sh -c "sleep $SLOW; tail /dev/zero"
  wait_for contain_is "$NAME" STOPPED
  wait_for grep -q tasks/oom "$BATS_TEST_TMPDIR/events" || { cat "$BATS_TEST_TMPDIR/events"; return 1; }
  contain tasks delete "$NAME" || :
  contain containers delete "$NAME"
}
