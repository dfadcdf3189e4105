#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make bench: measures hull beside the floor program, crun and runc, interleaved, and prints a Markdown table
# and a verdict on each goal. It works in namespaces of its own and fails if a run leaves something behind.
#   HULL, FLOOR, BENCH  the programs              BENCH_ROUNDS  rounds of each series (default 60)
#   BENCH_ONLY          names of series to run    BENCH_JSON    file that takes the result as JSON
#   CRUN, RUNC          other runtimes, or none: CRUN= RUNC=
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
all_series='run podman-cold podman-warm lifecycle exec state mounts parallel'
mount_counts='0 1000 5000'

die() {
  echo "bench: $*" >&2
  exit 1
}

note() { echo "bench: $*" >&2; }

# --- Outside: a directory, and namespaces that end with us. -------------------------------------------

program() { # path or name -> absolute path
  local path
  path=$(command -v -- "$1") || die "no program '$1'; run: make bench"
  realpath -- "$path"
}

enter_namespaces() {
  [ "$(id -u)" = 0 ] || die 'needs root: it makes containers'
  for tool in jq busybox unshare; do
    command -v "$tool" >/dev/null || die "needs $tool"
  done
  HULL=$(program "${HULL:-./hull}")
  FLOOR=$(program "${FLOOR:-tests/bench/floor}")
  BENCH=$(program "${BENCH:-tests/bench/bench}")
  work=$(mktemp -d "${TMPDIR:-/tmp}/hull-bench.XXXXXX")
  trap 'rm -rf -- "$work"' EXIT
  trap : INT TERM # the process group gets them: wait for the inside to clean up
  BENCH_JSON=${BENCH_JSON:+$(realpath -m -- "$BENCH_JSON")}
  export HULL FLOOR BENCH BENCH_JSON
  unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    "$BASH" "$here/bench.sh" --inside "$work"
}

# --- Inside. ------------------------------------------------------------------------------------------

mount_cgroup2() { # on a hybrid host, where /sys/fs/cgroup is a tmpfs with a mount for each controller
  [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] && return
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
}

# Removes our cgroups, the children first, and what still runs in them.
remove_cgroups() {
  [ -d "$cgroups" ] || return 0
  [ ! -e "$cgroups/cgroup.kill" ] || echo 1 >"$cgroups/cgroup.kill"
  for _ in 1 2 3 4 5; do
    find "$cgroups" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    [ -d "$cgroups" ] || return 0
    sleep 0.1
  done
  note "cannot remove $cgroups"
}

make_rootfs() {
  local busybox name
  busybox=$(command -v busybox)
  mkdir -p "$work/rootfs"/{bin,dev,etc,proc,root,run,sys,tmp}
  cp "$busybox" "$work/rootfs/bin/busybox"
  "$work/rootfs/bin/busybox" --list >"$work/applets"
  chroot "$work/rootfs" /bin/busybox true || die 'needs a static busybox (Debian: busybox-static)'
  for name in true sleep sh; do
    ln -s busybox "$work/rootfs/bin/$name"
  done
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

# A bundle is $work/bundles/CONTENDER/NAME; all share one rootfs. Each has a cgroup of its own.
make_bundle() { # contender, name, jq filter, template
  local dir=$work/bundles/$1/$2
  mkdir -p "$dir"
  jq --arg root "$work/rootfs" --arg cgroup "${cgroups#/sys/fs/cgroup}/$1/$2" \
    '.root.path = $root | .linux.cgroupsPath = $cgroup | .process.terminal = false
     | .ociVersion = "1.0.2" | .process.args = ["/bin/true"] | '"$3" "$4" >"$dir/config.json"
  mkdir -p "$dir/files/dev-shm"
  echo '127.0.0.1 localhost' >"$dir/files/etc-hosts"
  echo bench >"$dir/files/etc-hostname"
  : >"$dir/files/run-.containerenv"
}

make_bundles_of() { # contender, jq filter
  make_bundle "$1" run "$2" "$work/spec/config.json"
  make_bundle "$1" job-0 "$2" "$work/spec/config.json"
  make_bundle "$1" job-1 "$2" "$work/spec/config.json"
  make_bundle "$1" hold '.process.args = ["/bin/sleep", "100000"] | '"$2" "$work/spec/config.json"
  make_bundle "$1" podman "$2" "$here/podman.json"
}

runs() { # contender
  "${binary[$1]}" --root "$work/state/$1" run --bundle "$work/bundles/$1/run" "probe-$1" </dev/null >/dev/null \
    2>"$work/probe"
}

# crun sets RLIMIT_MEMLOCK before it loads the program for device rules, which needs CAP_SYS_RESOURCE. A
# contender that fails for its rules runs without them: less work, and the report says so.
make_bundles() {
  local name
  mkdir "$work/spec"
  (cd "$work/spec" && "$HULL" spec) || die "'$HULL spec' failed"
  without_device_rules=
  for name in $contenders; do
    mkdir -p "$cgroups/$name" "$work/state/$name"
    make_bundles_of "$name" .
    if ! runs "$name" && grep -q MEMLOCK "$work/probe"; then
      note "$name runs without device rules: $(head -n 1 "$work/probe")"
      without_device_rules+=" $name"
      find "$cgroups/$name" -mindepth 1 -depth -type d -exec rmdir {} +
      make_bundles_of "$name" 'del(.linux.resources.devices)'
    fi
  done
  mkdir -p "$cgroups/floor"
}

# --- Scenarios: the language is in bench.c. -----------------------------------------------------------

line() { # words
  local IFS=$'\t'
  printf '%s\n' "$*"
}

runtime() { # directive, contender, state directory, words...
  local directive=$1 name=$2 state=$3
  shift 3
  line "$directive" "${binary[$name]}" --root "$work/state/$state" "$@"
}

head_of() { # series, base
  line series "$1"
  line rounds "$rounds"
  line warmup 3
  line base "$2"
}

floor_run() { line time "$FLOOR" run "$work/rootfs" "$cgroups/floor" /bin/true; }

bundle() { echo "$work/bundles/$1/$2"; }

runs_of() { # series, bundle
  local name
  head_of "$1" floor
  line contender floor
  floor_run
  for name in $contenders; do
    line contender "$name"
    runtime time "$name" "$name" run --bundle "$(bundle "$name" "$2")" "$1-%n"
  done
}

scenario_run() { runs_of run run; }

scenario_podman-warm() { runs_of podman-warm podman; }

# Cold: a new state directory in each round, since it holds the cache. A runtime may keep a mount in it.
scenario_podman-cold() {
  local name
  head_of podman-cold floor
  line contender floor
  floor_run
  for name in $contenders; do
    line contender "$name"
    runtime time "$name" "cold-$name-%n" run --bundle "$(bundle "$name" podman)" cold-%n
    line teardown "$BASH" "$here/bench.sh" --wipe "$work/state/cold-$name-%n"
  done
}

# The wait between start and delete is not timed: delete of a running container is an error.
scenario_lifecycle() {
  local name
  head_of lifecycle floor
  line contender floor
  floor_run
  for name in $contenders; do
    line contender "$name"
    runtime time "$name" "$name" create --bundle "$(bundle "$name" run)" --pid-file "$work/$name.pid" life-%n
    runtime time "$name" "$name" start life-%n
    line await "$work/$name.pid"
    runtime time "$name" "$name" delete life-%n
  done
}

hold() { # contender, id
  runtime before "$1" "$1" create --bundle "$(bundle "$1" hold)" --pid-file "$work/$1.pid" "$2"
  runtime before "$1" "$1" start "$2"
}

release() { # contender, id
  line stop "$work/$1.pid"
  runtime after "$1" "$1" delete "$2"
}

scenario_exec() {
  local name
  head_of exec floor
  line contender floor
  line before "$FLOOR" -p "$work/floor.pid" hold "$work/rootfs" "$cgroups/floor" /bin/sleep 100000
  line time "$FLOOR" exec "@$work/floor.pid" /bin/true
  line stop "$work/floor.pid"
  # shellcheck disable=SC2016 # that shell expands it
  line after /bin/sh -c 'rmdir "$1"/floor-*' sh "$cgroups/floor"
  for name in $contenders; do
    line contender "$name"
    hold "$name" exec-me
    runtime time "$name" "$name" exec exec-me /bin/true
    release "$name" exec-me
  done
}

scenario_state() {
  local name
  head_of state empty
  line contender empty
  line time "$FLOOR" nothing
  for name in $contenders; do
    line contender "$name"
    hold "$name" state-me
    runtime time "$name" "$name" state state-me
    release "$name" state-me
  done
}

start_mount_holders() { # sets holders[COUNT]=PID
  local count dir fd
  declare -gA holders=()
  for count in $mount_counts; do
    dir=$work/mounts-$count
    mkdir -p "$dir"
    exec {fd}< <(exec "$BENCH" mounts "$dir" "$count")
    holders[$count]=$!
    read -r -t 60 -u "$fd" _ || die "cannot make $count mounts"
    exec {fd}<&-
  done
}

stop_mount_holders() {
  kill "${holders[@]}"
  wait "${holders[@]}" 2>/dev/null || true
}

# The rows of 5,000 mounts refer to the same contender with none.
scenario_mounts() {
  local name count
  head_of mounts floor@0
  for count in $mount_counts; do
    for name in floor $contenders; do
      line contender "$name@$count"
      line base "$name@0"
      line mount-namespace "/proc/${holders[$count]}/ns/mnt"
      if [ "$name" = floor ]; then
        floor_run
      else
        # A state directory for each: a runtime may keep a mount in it, which only one namespace would see.
        runtime time "$name" "mounts-$name-$count" run --bundle "$(bundle "$name" run)" mounts-%n
      fi
    done
  done
}

scenario_parallel() {
  local name
  head_of parallel floor
  line rounds "$(((rounds + 19) / 20))"
  line warmup 0
  line jobs 2
  line runs 200
  line contender floor
  floor_run
  for name in $contenders; do
    line contender "$name"
    runtime time "$name" "$name" run --bundle "$(bundle "$name" job-%j)" job-%n
  done
}

# --- Running and reporting. ---------------------------------------------------------------------------

measure() { # series
  note "series '$1'"
  [ "$1" != mounts ] || start_mount_holders
  "scenario_$1" >"$work/scenario"
  "$BENCH" series "$work/scenario" >>"$work/results" || status=1
  [ "$1" != mounts ] || stop_mount_holders
}

# All but the first process of our pid namespace and this shell; only builtins, which start none.
find_processes() {
  local pid stat
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}
    if [ "$pid" = 1 ] || [ "$pid" = "$BASHPID" ] || ! { read -r stat <"/proc/$pid/stat"; } 2>/dev/null; then
      continue
    fi
    [[ $stat == *') Z '* ]] || echo "process ${stat%%)*})"
  done
}

# Nothing may be left: no process, no cgroup of a container, no container in a state directory.
find_leftovers() {
  local name
  find_processes
  find "$cgroups" -mindepth 2 -type d -printf 'cgroup %P\n'
  for name in $contenders; do
    "${binary[$name]}" --root "$work/state/$name" list --quiet | sed "s/^/container of $name: /"
  done
}

report_leftovers() {
  local leftovers
  leftovers=$(find_leftovers)
  [ -z "$leftovers" ] && return
  printf 'bench: FAILED: left behind:\n%s\n' "$leftovers" >&2
  status=1
}

version_of() { "$1" --version 2>/dev/null | head -n 1; }

machine() {
  local name version versions='{}'
  for name in $contenders; do
    version=$(version_of "${binary[$name]}")
    [[ " $without_device_rules " != *" $name "* ]] || version+=' (without device rules)'
    versions=$(jq --arg name "$name" --arg version "$version" '.[$name] = $version' <<<"$versions")
  done
  jq -n --arg kernel "$(uname -r)" --arg arch "$(uname -m)" --argjson cpus "$(nproc)" \
    --argjson versions "$versions" '{kernel: $kernel, arch: $arch, cpus: $cpus, versions: $versions}'
}

report() {
  jq -R -s --argjson machine "$(machine)" -f "$here/report.jq" "$work/results" >"$work/result.json"
  jq -r '.markdown' "$work/result.json"
  [ -z "$BENCH_JSON" ] || jq 'del(.markdown)' "$work/result.json" >"$BENCH_JSON"
}

inside() {
  local name
  work=$1
  rounds=${BENCH_ROUNDS:-60}
  status=0
  mount_cgroup2
  # State is on a tmpfs wherever a runtime is really used (/run); a disk's journal would be measured instead.
  mount -t tmpfs -o mode=755 tmpfs "$work"
  cgroups=/sys/fs/cgroup/${work##*/}
  mkdir "$cgroups"
  trap remove_cgroups EXIT
  trap 'exit 130' INT TERM
  for name in ${BENCH_ONLY:-}; do
    [[ " $all_series " == *" $name "* ]] || die "no series '$name'; there are: $all_series"
  done
  make_rootfs
  find_contenders
  make_bundles
  : >"$work/results"
  for name in ${BENCH_ONLY:-$all_series}; do
    measure "$name"
  done
  report_leftovers
  report
  exit "$status"
}

# Removes a state directory and what is mounted in it.
wipe() {
  local mounts mount
  mounts=$(awk -v dir="$1/" 'index($5 "/", dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
  for mount in $mounts; do
    umount -l "$mount"
  done
  rm -rf -- "$1"
}

case ${1:-} in
--inside) inside "$2" ;;
--wipe) wipe "$2" ;;
'') enter_namespaces ;;
*) die "takes no arguments; see the head of $0" ;;
esac
