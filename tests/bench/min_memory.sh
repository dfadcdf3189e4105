#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The least memory.max, without swap, under which a container's process runs and ends well: bisected in KiB for
# the floor program, hull, crun and runc, with and without a seccomp filter. Also what a container that is
# created, but not started, is charged, and for what. isolation.sh runs it, on a host or in a VM.
#   HULL, FLOOR, TRUE  the programs            MIN_MEMORY_TRIES  runs that must all succeed (default 5)
#   CRUN, RUNC         others, or none: CRUN=  MIN_MEMORY_JSON   file that takes the result as JSON
set -euo pipefail

goal_kib=192
page_kib=$(($(getconf PAGESIZE) / 1024))
most_kib=16384

die() {
  echo "min_memory: $*" >&2
  exit 1
}

note() { echo "min_memory: $*" >&2; }

program() { # path or name -> absolute path
  local path
  path=$(command -v -- "$1") || die "no program '$1'; run: make bench-isolation"
  realpath -- "$path"
}

find_contenders() {
  contenders=hull
  declare -gA binary=([hull]=$HULL)
  local name path
  for name in crun runc; do
    path=${name^^}
    path=${!path-$name}
    if [ -n "$path" ] && path=$(command -v -- "$path"); then
      binary[$name]=$path
      contenders+=" $name"
    else
      note "$name is not installed: skipped"
    fi
  done
}

make_rootfs() {
  mkdir -p "$work/rootfs"/{bin,dev,proc,sys,tmp} "$work/spec"
  cp "$TRUE" "$work/rootfs/bin/true"
  (cd "$work/spec" && "$HULL" spec) || die "'$HULL spec' failed"
}

# What podman's profile amounts to: two thousand instructions.
filters() {
  # shellcheck disable=SC2016 # a variable of jq
  case $1 in
  plain) echo 'del(.linux.seccomp)' ;;
  seccomp) echo '.linux.seccomp = $podman[0].linux.seccomp' ;;
  esac
}

# Limits are those of the container's config, as a user would write them; 0: none.
make_bundle() { # contender, kind, KiB
  local dir=$work/bundle
  mkdir -p "$dir"
  # shellcheck disable=SC2016 # jq's variables
  jq --arg root "$work/rootfs" --arg cgroup "${cgroups#/sys/fs/cgroup}/$1" --argjson bytes "$(($3 * 1024))" \
    --slurpfile podman "$here/podman.json" \
    '.root.path = $root | .linux.cgroupsPath = $cgroup | .process.terminal = false | .ociVersion = "1.0.2"
     | .process.args = ["/bin/true"] | '"$(filters "$2")"'
     | if $bytes > 0 then .linux.resources.memory = {limit: $bytes, swap: $bytes} else . end' \
    "$work/spec/config.json" >"$dir/config.json"
}

runtime_says() { # contender, words...
  local name=$1
  shift
  timeout -k 1 20 "${binary[$name]}" --root "$work/state/$name" "$@" </dev/null 2>"$work/said"
}

runtime() { runtime_says "$@" >/dev/null; } # contender, words...

discard() { # contender
  runtime "$1" delete --force least || true
  [ ! -d "$cgroups/$1" ] || [ "$1" = floor ] || find "$cgroups/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
}

runs_once() { # contender, KiB
  if [ "$1" = floor ]; then
    timeout -k 1 20 "$FLOOR" ${2:+-m $(($2 * 1024))} run "$work/rootfs" "$cgroups/floor" /bin/true \
      >/dev/null 2>"$work/said" && return
    rmdir "$cgroups"/floor/floor-* 2>/dev/null || true
    return 1
  fi
  runtime "$1" run --bundle "$work/bundle" least && return
  discard "$1"
  return 1
}

works() { # contender, kind, KiB, times
  local try
  [ "$1" = floor ] || make_bundle "$1" "$2" "$3"
  for ((try = 0; try < $4; try++)); do
    runs_once "$1" "$3" || return 1
  done
}

# The smallest number of KiB that works every time. One run each finds where that is about; from there it goes
# up until all succeed.
bisect() { # contender, kind
  local low=0 high=64 middle
  until works "$1" "$2" "$high" 1; do
    low=$high
    high=$((high * 2))
    [ "$high" -le "$most_kib" ] || return 1
  done
  while [ $((high - low)) -gt "$page_kib" ]; do
    middle=$(((low + high) / 2 / page_kib * page_kib))
    if works "$1" "$2" "$middle" 1; then high=$middle; else low=$middle; fi
  done
  until works "$1" "$2" "$high" "$tries"; do
    high=$((high + page_kib))
    [ "$high" -le "$most_kib" ] || return 1
  done
  echo "$high"
}

# memory.current and the main parts of memory.stat of a created container, as JSON. The kernel charges a batch
# of pages at once and keeps what is left; under the least limit there is no room for that. It sums up
# memory.stat every two seconds.
created() { # contender, kind, KiB
  make_bundle "$1" "$2" "$3"
  local current try
  for ((try = 0; try < tries; try++)); do
    discard "$1"
    runtime "$1" create --bundle "$work/bundle" least || continue
    sleep 2.5
    [ "$(runtime_says "$1" state least | jq -r .status)" != created ] || break # or else it was killed
  done
  [ "$try" -lt "$tries" ] || { discard "$1" && return 1; }
  current=$(cat "$cgroups/$1/memory.current")
  jq -R -s --argjson current "$current" '
    [split("\n")[] | split(" ") | select(length == 2) | {(.[0]): (.[1] | tonumber / 1024)}] | add
    | {current: ($current / 1024), anon, file, shmem, pagetables, kernel_stack, percpu, slab, sock, kernel}' \
    "$cgroups/$1/memory.stat"
  discard "$1"
}

measure() { # contender, kind
  local least null='null' stat
  note "$1, $2"
  least=$(bisect "$1" "$2") || least=$null
  stat=$null
  [ "$1" = floor ] || [ "$least" = "$null" ] || stat=$(created "$1" "$2" "$least") || stat=$null
  jq -n --arg contender "$1" --arg kind "$2" --argjson least_kib "$least" --argjson created_kib "$stat" \
    '{contender: $contender, filter: ($kind == "seccomp"), least_kib: $least_kib, created_kib: $created_kib}'
}

report() {
  jq -s --argjson goal "$goal_kib" --argjson tries "$tries" --arg kernel "$(uname -r)" '
    {kernel: $kernel, tries: $tries, goal_kib: $goal, results: .}' "$work/results" >"$work/result.json"
  [ -z "${MIN_MEMORY_JSON:-}" ] || cp "$work/result.json" "$MIN_MEMORY_JSON"
  jq -r -f "$here/min_memory.jq" "$work/result.json"
}

remove() {
  local name
  for name in $contenders; do
    discard "$name"
  done
  [ ! -e "$cgroups/cgroup.kill" ] || echo 1 >"$cgroups/cgroup.kill"
  find "$cgroups" -depth -type d -exec rmdir {} + 2>/dev/null || true
  umount -l "$work" && rmdir "$work"
}

main() {
  local name
  here=$(cd "$(dirname "$0")" && pwd)
  tries=${MIN_MEMORY_TRIES:-5}
  HULL=$(program "${HULL:-./hull}")
  FLOOR=$(program "${FLOOR:-tests/bench/floor}")
  TRUE=$(program "${TRUE:-tests/bench/min_memory_true}")
  grep -qw memory /sys/fs/cgroup/cgroup.controllers || die 'this host has no memory controller of cgroup v2'
  work=$(mktemp -d "${TMPDIR:-/tmp}/min-memory.XXXXXX")
  mount -t tmpfs -o mode=755 tmpfs "$work"
  cgroups=/sys/fs/cgroup/${work##*/}
  find_contenders
  trap remove EXIT
  mkdir -p "$cgroups/floor" "$work/state"
  echo +memory >/sys/fs/cgroup/cgroup.subtree_control
  echo +memory >"$cgroups/cgroup.subtree_control"
  echo +memory >"$cgroups/floor/cgroup.subtree_control"
  make_rootfs
  measure floor plain >"$work/results"
  for name in $contenders; do
    measure "$name" plain >>"$work/results"
    measure "$name" seccomp >>"$work/results"
  done
  report
}

main "$@"
