#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make bench-isolation: what neighbours that burn CPU, thrash memory, fork and flood the disk do to a victim
# beside them, with and without limits, as a table, JSON and a plot; then min_memory.sh. On a host with cgroup
# v2 it runs there, below one cgroup that bounds all of it, or else in a virtual machine.
#   HULL, FLOOR, LOAD, TRUE  the programs          ISOLATION_OUT     directory of the results
#   ISOLATION_VM  qemu, uml: always in that VM     ISOLATION_ROUNDS  how often each case runs (default 2)
#   ISOLATION_ONLY  isolation, min_memory: one of them
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
scripts='isolation.sh isolation.jq isolation_svg.jq min_memory.sh min_memory.jq podman.json'
programs='HULL FLOOR LOAD TRUE'
: "${HULL:=./hull}" "${FLOOR:=tests/bench/floor}" "${LOAD:=tests/bench/isolation_load}" \
  "${TRUE:=tests/bench/min_memory_true}"
cases=${ISOLATION_CASES:-none cpu memory fork io all}
cycles=30
deadline_seconds=10
neighbours_of_cpu=4
# Everything lives below one cgroup of this size, so that "without limits" does no harm to the host.
machine_memory_mib=384
machine_pids=200
machine_disk_bytes=$((16 << 20)) # in a second

die() {
  echo "isolation: $*" >&2
  exit 1
}

note() { echo "isolation: $*" >&2; }

# --- Outside: where to run. ---------------------------------------------------------------------------

has_controllers() {
  local name controllers
  controllers=" $(cat /sys/fs/cgroup/cgroup.controllers 2>/dev/null) "
  for name in cpu io memory pids; do
    [[ $controllers == *" $name "* ]] || return 1
  done
}

# A virtual machine sees one directory of ours: all that is needed goes there.
stage() {
  local name path
  mkdir -p "$out/run"
  for name in $scripts; do
    cp "$here/$name" "$out/run/"
  done
  for name in $programs; do
    path=$(command -v -- "${!name}") || die "no program '${!name}'; run: make bench-isolation"
    cp "$path" "$out/run/${name,,}"
  done
}

find_vm() {
  local path
  for path in "${HULL_VM:-}" "$here/../vm/vm"; do
    [ -z "$path" ] || [ ! -x "$path" ] || { echo "$path" && return; }
  done
  die "this host lacks controllers of cgroup v2, and there is no $here/../vm/vm"
}

in_vm() { # backend, words...
  local vm backend=$1 disk=/dev/vda
  shift
  vm=$(find_vm)
  [ "$backend" = qemu ] || disk=/dev/ubda
  (cd "$out" && exec "$vm" --backend "$backend" --cpus 1 --memory 1G --disk 512M --timeout 900 --share "$out" \
    env ISOLATION_DISK="$disk" ISOLATION_PLACE="$backend" ISOLATION_ROUNDS="${ISOLATION_ROUNDS:-2}" "$@")
}

natively() {
  unshare --mount --propagation private --pid --fork --kill-child --mount-proc env ISOLATION_PLACE=host "$@"
}

outside() {
  local place=natively part
  [ "$(id -u)" = 0 ] || die 'needs root: it makes containers'
  out=$(realpath -m -- "${ISOLATION_OUT:-tests/bench/isolation-out}")
  stage
  for part in ${ISOLATION_ONLY:-isolation min_memory}; do
    if [ -n "${ISOLATION_VM:-}" ]; then
      place="in_vm $ISOLATION_VM"
    elif ! has_controllers; then
      # qemu with one CPU: a new kernel, whose accounting tells our slow-down from that of a busy machine; the
      # other CPU is left to the disk. User-mode Linux dies of an OOM kill in execve, which a bisection makes.
      place='in_vm qemu'
    fi
    $place "$BASH" "$out/run/isolation.sh" --inside "$part" "$out"
  done
}

# --- Inside: the bench. -------------------------------------------------------------------------------

make_disk() { # sets disk and, if limits can be set for it, device (MAJOR:MINOR)
  local number
  disk=$work/disk
  if [ -n "${ISOLATION_DISK:-}" ]; then
    mkdir "$disk"
    # Without a journal, in which all who write wait for one another, also for whoever is slowed down.
    mkfs.ext4 -q -F -O ^has_journal "$ISOLATION_DISK"
    mount "$ISOLATION_DISK" "$disk"
  else
    disk=$out/disk
    mkdir -p "$disk"
  fi
  number=$(stat -c %Hd:%Ld "$disk")
  [ ! -e "/sys/dev/block/$number/partition" ] || number=$(cat "/sys/dev/block/$number/../dev")
  device=
  [ ! -e "/sys/dev/block/$number" ] || device=$number
  mkdir -p "$disk"/{victim,neighbour}
  [ -p "$disk/victim/go" ] || mkfifo "$disk/victim/go"
}

make_machine() {
  local controller
  mkdir "$cgroups"
  for controller in cpu io memory pids; do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
    echo "+$controller" >"$cgroups/cgroup.subtree_control"
  done
  echo "${machine_memory_mib}M" >"$cgroups/memory.max"
  echo 0 >"$cgroups/memory.swap.max" 2>/dev/null || true # no file: no swap
  echo "$machine_pids" >"$cgroups/pids.max"
  [ -z "$device" ] || echo "$device rbps=$machine_disk_bytes wbps=$machine_disk_bytes" >"$cgroups/io.max"
}

make_rootfs() {
  mkdir -p "$work/rootfs"/{bin,data,dev,proc,sys,tmp} "$work/spec" "$work/state"
  cp "$LOAD" "$work/rootfs/bin/load"
  (cd "$work/spec" && "$HULL" spec) || die "'$HULL spec' failed"
}

# What a careful administrator would give to a container that is not trusted: the same in every case.
limits() {
  [ "$1" = yes ] || { echo . && return; }
  echo '.linux.resources += {
      cpu: {idle: 1, quota: 20000, period: 100000},
      memory: {limit: 67108864, swap: 67108864},
      pids: {limit: 32}}'
  # shellcheck disable=SC2016 # jq's variables
  [ -z "$device" ] || echo '| .linux.resources.blockIO = (($device | split(":") | map(tonumber)) as [$major, $minor]
      | {major: $major, minor: $minor, rate: 2097152} as $bytes | ($bytes | .rate = 50) as $operations
      | {throttleReadBpsDevice: [$bytes], throttleWriteBpsDevice: [$bytes],
         throttleReadIOPSDevice: [$operations], throttleWriteIOPSDevice: [$operations]})'
}

make_bundle() { # name, data directory, limits, words...
  local dir=$work/bundles/$1 name=$1 data=$2 limited=$3
  shift 3
  mkdir -p "$dir"
  # shellcheck disable=SC2016 # jq's variables
  jq --arg root "$work/rootfs" --arg cgroup "${cgroups#/sys/fs/cgroup}/$name" --arg data "$data" \
    --arg device "$device" \
    '.root.path = $root | .linux.cgroupsPath = $cgroup | .process.terminal = false | .process.args = $ARGS.positional
     | .mounts += [{destination: "/data", type: "bind", source: $data, options: ["bind", "rw"]}]
     | '"$(limits "$limited")" "$work/spec/config.json" --args /bin/load "$@" >"$dir/config.json"
}

hull() { "$HULL" --root "$work/state" "$@"; }

start_neighbour() { # name, limited, words...
  local name=$1 limited=$2
  shift 2
  make_bundle "$name" "$disk/neighbour" "$limited" "$@"
  started="$name $started"
  if ! hull create --bundle "$work/bundles/$name" "$name" </dev/null >/dev/null 2>>"$work/log" ||
    ! hull start "$name" 2>>"$work/log"; then
    failed "neighbour '$name' (limits: $limited) does not start"
  fi
}

start_neighbours() { # kind, limited
  local n
  case $1 in
  none) ;;
  cpu)
    for ((n = 0; n < neighbours_of_cpu; n++)); do
      start_neighbour "cpu-$n" "$2" burn "$(nproc)"
    done
    ;;
  memory) start_neighbour memory "$2" memory /data/churned $((machine_memory_mib * 2)) $machine_memory_mib ;;
  fork) start_neighbour fork "$2" bomb 1000 ;;
  io) [ -z "$device" ] || start_neighbour io "$2" io /data 32 ;;
  all)
    start_neighbours cpu "$2"
    start_neighbours memory "$2"
    start_neighbours io "$2"
    start_neighbours fork "$2" # last: no other could be started beside it
    ;;
  esac
}

stop_neighbours() {
  local name
  for name in $started; do
    hull delete --force "$name" 2>>"$work/log" || true
  done
  started=
  rm -f "$disk"/neighbour/*
}

# The victim comes first, and works as soon as its neighbours do.
run_case() { # kind, limited
  local victim
  note "neighbour: $1, limits: $2"
  local begun=$SECONDS
  make_bundle victim "$disk/victim" no victim /data "$iterations" "$cycles" "$deadline_seconds"
  timeout -k 1 120 "$HULL" --root "$work/state" run --bundle "$work/bundles/victim" victim \
    </dev/null >"$work/samples" 2>>"$work/log" &
  victim=$!
  exec {go}<>"$disk/victim/go"
  start_neighbours "$1" "$2"
  sleep 1.5
  exec {go}<&-
  if ! wait "$victim"; then
    failed "the victim beside '$1' (limits: $2) failed"
    hull delete --force victim 2>>"$work/log" || true
  fi
  stop_neighbours
  note "took $((SECONDS - begun)) s"
  sed "s/^/$1 $2 /" "$work/samples" >>"$work/all"
}

failed() {
  note "FAILED: $*"
  tail -n 5 "$work/log" >&2
  : >"$work/log"
  status=1
}

calibrate() {
  make_bundle victim "$disk/victim" no calibrate
  iterations=$(hull run --bundle "$work/bundles/victim" victim </dev/null)
}

run_cases() {
  local round kind limited
  : >"$work/all"
  : >"$work/log"
  if [ -z "$device" ]; then
    note "no disk: $disk is on no block device; nobody floods one"
    cases=${cases/ io/}
  fi
  calibrate
  for ((round = 0; round < ${ISOLATION_ROUNDS:-2}; round++)); do
    for kind in $cases; do
      for limited in no yes; do
        [ "$kind $limited" != 'none yes' ] || continue
        run_case "$kind" "$limited"
      done
    done
  done
}

report() {
  cp "$work/all" "$out/samples"
  jq -n -R --arg kernel "$(uname -r)" --arg place "${ISOLATION_PLACE:-host}" --argjson cpus "$(nproc)" \
    --arg io "$device" -f "$here/isolation.jq" "$work/all" >"$work/result.json"
  jq 'del(.markdown)' "$work/result.json" >"$out/isolation.json"
  jq -r -f "$here/isolation_svg.jq" "$out/isolation.json" >"$out/isolation.svg"
  jq -r .markdown "$work/result.json" | tee "$out/isolation.md"
}

clean_up() {
  stop_neighbours
  hull delete --force victim 2>/dev/null || true
  [ ! -e "$cgroups/cgroup.kill" ] || echo 1 >"$cgroups/cgroup.kill"
  find "$cgroups" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [ -n "${ISOLATION_DISK:-}" ] || rm -rf -- "$out/disk"
  umount -l "$work" && rmdir -- "$work"
}

isolation() {
  status=0 started=
  HULL=$here/hull LOAD=$here/load
  work=$(mktemp -d "${TMPDIR:-/tmp}/isolation.XXXXXX")
  mount -t tmpfs -o mode=755 tmpfs "$work"
  cgroups=/sys/fs/cgroup/${work##*/}
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  make_disk
  make_machine
  make_rootfs
  run_cases
  report
  exit "$status"
}

inside() { # part, directory
  out=$2
  case $1 in
  isolation) isolation ;;
  min_memory)
    HULL=$here/hull FLOOR=$here/floor TRUE=$here/true MIN_MEMORY_JSON=$out/min_memory.json \
      "$BASH" "$here/min_memory.sh" | tee "$out/min_memory.md"
    ;;
  *) die "no part '$1'" ;;
  esac
}

case ${1:-} in
--inside) inside "$2" "$3" ;;
'') outside ;;
*) die "takes no arguments; see the head of $0" ;;
esac
