# SPDX-License-Identifier: Apache-2.0
# What every bats file shares: a bundle, a state root and a cgroup for each test, a way to run hull with
# its output in files, and the check at the end of every test that nothing is left of it.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
PROBE=$BASE/probe
# What every bundle is made from (setup_suite); another one to try the tests on a runtime that refuses something in ours.
TEMPLATE=${TEMPLATE:-$TOP/tests/bats/template.json}
# How many times slower than a usual machine this one is; every time limit is multiplied by it.
SLOW=${HULL_SLOW:-1}
# What script(1) gives its command line to: it is written for bash, and a dash would not outlive a ^C.
export SHELL=$BASH

setup() {
  T=$BATS_TEST_TMPDIR
  # Two levels below anything that matters: a runtime that takes the id ".." must not reach further.
  ROOT=$T/state/root
  ID=t$BATS_SUITE_TEST_NUMBER
  CGP=/$RUN # below it are this test's cgroups, and no others
  [ "$HULL_DRIVER" = systemd ] || CGP+=/$ID
  MARK=mark-$RUN-$ID
  LOG=$T/log.json
  BACKGROUND=()
  mkdir -p "$T/tmp" "$T/state" "$T/bundle" "$CG$CGP"
  remember_mounts
  trace_only_tests
  bundle
}

teardown() {
  local left=0
  local dir
  for dir in "$ROOT"/*/; do
    [ -d "$dir" ] || continue
    dir=${dir%/}
    hull delete --force "${dir##*/}" >"$T/delete.out" 2>&1 3>&- || { cat "$T/delete.out"; left=1; }
  done
  stop_background
  nothing_left || left=1
  clean_up "$left"
  return "$left"
}

# Everything hull could forget. Its own caches in the state root (names that begin with a dot) may stay. Few programs
# are started: where starting one is slow, this would be what a test spends its time with.
nothing_left() {
  local bad=0 found
  new_mounts
  [ "${#NEW_MOUNTS[@]}" = 0 ] || { echo "left mounted: ${NEW_MOUNTS[*]}"; bad=1; }
  if compgen -G "$CG$CGP/*/" >/dev/null; then
    found=$(find "$CG$CGP" -mindepth 1 -type d 2>/dev/null || :)
    [ -z "$found" ] || { echo "left cgroups: $found"; bad=1; }
  fi
  ! compgen -G "$ROOT/*" || { echo "^ left in the state root"; bad=1; }
  ! compgen -G "$T/tmp/*" || { echo "^ left temporary files"; bad=1; }
  if grep -qazs "HULL_MARK=$MARK\$" /proc/[0-9]*/environ; then
    found=$(marked_pids)
    [ -z "$found" ] || { echo "left processes:"; describe_pids "$found"; bad=1; }
  fi
  return "$bad"
}

# So that one failed test does not fail those after it. clean_up 0: nothing is left but hull's caches.
clean_up() {
  local pid dir i
  local mounts=()
  if [ "${1:-}" != 0 ]; then
    for pid in $(marked_pids); do
      kill -KILL "$pid" 2>/dev/null
    done
  fi
  new_mounts everything
  for ((i = ${#NEW_MOUNTS[@]} - 1; i >= 0; i--)); do
    mounts+=("${NEW_MOUNTS[i]}")
  done
  [ "${#mounts[@]}" = 0 ] || umount -l "${mounts[@]}"
  if [ "${1:-}" = 0 ]; then
    [ ! -d "$CG$CGP" ] || [ "$HULL_DRIVER" = systemd ] || rmdir "$CG$CGP"
    return 0
  fi
  find "$CG$CGP" -depth -type d 2>/dev/null | while read -r dir; do
    [ "$dir" != "$CG/$RUN" ] || continue
    [ -f "$dir/cgroup.kill" ] && echo 1 >"$dir/cgroup.kill"
    rmdir "$dir" 2>/dev/null || { sleep 0.2; rmdir "$dir"; }
  done
  return 0
}

# Sets MOUNTS to the mount points of now, without those that hull keeps for itself unless asked for everything. No loop:
# each turn of one is several system calls.
mounts() {
  mapfile -t MOUNTS </proc/self/mountinfo
  MOUNTS=("${MOUNTS[@]#* * * * }")
  MOUNTS=("${MOUNTS[@]%% *}")
  [ -n "${1:-}" ] || MOUNTS=("${MOUNTS[@]/#"$ROOT"\/.*/}")
}

remember_mounts() {
  mounts
  MOUNTS_BEFORE=("${MOUNTS[@]}")
}

# new_mounts [everything]: sets NEW_MOUNTS to the mount points that were not there at the start.
new_mounts() {
  local point
  local -A seen=()
  mounts "$@"
  NEW_MOUNTS=()
  [ "${MOUNTS[*]}" != "${MOUNTS_BEFORE[*]}" ] || return 0
  for point in "${MOUNTS_BEFORE[@]}"; do
    seen[".$point"]=$((${seen[".$point"]:-0} + 1))
  done
  for point in "${MOUNTS[@]}"; do
    if [ -z "$point" ]; then
      continue
    elif [ "${seen[".$point"]:-0}" -gt 0 ]; then
      seen[".$point"]=$((${seen[".$point"]} - 1))
    else
      NEW_MOUNTS+=("$point")
    fi
  done
}

# What bats notes down before every command is for those of the test file only: where system calls are slow, the trace
# of what helpers do would take longer than they do.
trace_only_tests() {
  [ "${#BATS_DEBUG_EXCLUDE_PATHS[@]}" = 0 ] || BATS_DEBUG_EXCLUDE_PATHS=("$TOP/tests/bats" "${BATS_DEBUG_EXCLUDE_PATHS[@]}")
}

# Processes of this test: both the runtime and every container have the mark in their environment.
marked_pids() {
  grep -lazs "HULL_MARK=$MARK\$" /proc/[0-9]*/environ | cut -d/ -f3
}

describe_pids() {
  local pid
  for pid in $1; do
    echo "  $pid $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
  done
}

# --- bundles ------------------------------------------------------------------------------------------

# Makes the bundle $T/NAME and lets $B point at it, and $CGROUP_PATH, $CGROUP and $CGROUP_DIR at its cgroup.
bundle() {
  local name=${1:-bundle} text
  B=$T/$name
  use_cgroup "$name"
  [ -d "$B" ] || mkdir "$B"
  cp -dR --preserve=mode,links "$BASE/rootfs" "$B/rootfs"
  read_file text "$BASE/config.json"
  text=${text/@cgroup@/"$CGROUP_PATH"}
  printf '%s\n' "${text/@mark@/"$MARK"}" >"$B/config.json"
}

# use_cgroup NAME: sets CGROUP_PATH to a linux.cgroupsPath, CGROUP to what /proc/PID/cgroup makes of it, and CGROUP_DIR
# to its directory.
use_cgroup() {
  CGROUP=$CGP/$1
  CGROUP_PATH=$CGROUP
  if [ "$HULL_DRIVER" = systemd ]; then
    CGROUP=$CGP/$ID-$1.scope
    CGROUP_PATH=$RUN:$ID:$1
  fi
  CGROUP_DIR=$CG$CGROUP
}

# What cgroupsPath means differs between the drivers.
cgroupfs_only() {
  [ "$HULL_DRIVER" = cgroupfs ] || skip "about paths of the cgroupfs driver"
}

# Edits the bundle's config.json: config [jq options] FILTER
config() {
  local text
  read_file text "$B/config.json"
  jq "$@" <<<"$text" >"$B/config.json"
}

# hook KIND SCRIPT [JSON with more members]: the script is run by sh of whichever root the hook runs in.
hook() {
  config '.hooks[$kind] += [{path: "/bin/sh", args: ["sh", "-c", $script]} + $more]' \
    --arg kind "$1" --arg script "$2" --argjson more "${3:-{\}}"
}

# The command of the bundle. Where it is still the one of setup_suite, without a jq for it: that takes longer than hull.
args() {
  local text joined list=()
  read_file text "$B/config.json"
  list=("${@//\\/\\\\}")
  list=("${list[@]//\"/\\\"}")
  list=("${list[@]//$'\n'/\\n}")
  if [[ $# != 0 && $text == *'"args":["true"]'* && ${list[*]} != *[[:cntrl:]]* ]]; then
    printf -v joined ',"%s"' "${list[@]}"
    printf '%s\n' "${text/'"args":["true"]'/"\"args\":[${joined#,}]"}" >"$B/config.json"
  else
    config '.process.args = $ARGS.positional' --args -- "$@"
  fi
}

sh_args() {
  args sh -c "$1"
}

# The seccomp profile of one of tests/bundles.
profile() {
  jq '.linux.seccomp' "$TOP/tests/bundles/$1.json"
}

# --- running ------------------------------------------------------------------------------------------

hull() {
  HULL_MARK="$MARK" TMPDIR="$T/tmp" timeout --foreground -k 5 "$((${LIMIT:-20} * SLOW))" \
    "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
}

# The same for the background: $! is hull's own pid, and no time limit applies.
hull_exec() {
  exec env HULL_MARK="$MARK" TMPDIR="$T/tmp" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@" 3>&-
}

# Runs a command with its output in files: a container that lives on keeps the pipes of bats' `run` open.
# Standard input is /dev/null, or what INPUT names.
try() {
  status=0
  : >"$LOG"
  "$@" >"$T/stdout" 2>"$T/stderr" <"${INPUT:-/dev/null}" 3>&- || status=$?
  read_file output "$T/stdout"
  read_file stderr "$T/stderr"
}

# read_file VARIABLE FILE: as $(<FILE), also where the file has NUL bytes, and without another process.
read_file() {
  local -n variable=$1
  local parts=()
  mapfile -d '' parts <"$2" || return 1
  printf -v variable %s "${parts[@]}"
  while [[ $variable == *$'\n' ]]; do
    variable=${variable%$'\n'}
  done
}

# Runs hull, which must succeed, without a word on standard error or in the log.
ok() {
  try hull "$@"
  if [ "$status" -ne 0 ] || [ -s "$T/stderr" ] || { [ -s "$LOG" ] && grep -q '"error"' "$LOG"; }; then
    echo "hull $* ended with $status"
    show
    return 1
  fi
}

# fails WORD... -- COMMAND...: hull must fail with one error that has every WORD in it.
fails() {
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  try hull "$@"
  failed "${words[@]}"
}

# Judges the last `try`: an exit status, one JSON line in the log, the words in it, and it on stderr too.
failed() {
  local word message lines
  [ "$status" -ne 0 ] || { echo "hull did not fail"; show; return 1; }
  case $status in
    124 | 12[89] | 1[3-9]? | 2[0-4]?) echo "hull hung or was killed: $status"; show; return 1 ;;
  esac
  message=$(jq -rs 'map(select(.level == "error")) | "\(length) \(first.msg)"' "$LOG") || { echo "the log is not JSON"; show; return 1; }
  lines=${message%% *}
  [ "$lines" = 1 ] || { echo "$lines errors in the log"; show; return 1; }
  message=${message#* }
  [ -n "$message" ] && [ "$message" != null ] || { echo "no message"; show; return 1; }
  case $stderr in
    *"${message%%$'\n'*}"*) ;;
    *) echo "stderr does not have the message of the log"; show; return 1 ;;
  esac
  for word in "$@"; do
    case $message$stderr in
      *"$word"*) ;;
      *) echo "the message does not have: $word"; show; return 1 ;;
    esac
  done
}

show() {
  echo "status: $status"
  echo "stdout: $output"
  echo "stderr: $stderr"
  echo "log: $(cat "$LOG")"
}

# Runs a shell script in the bundle's container, to look around; hull's success and silence are checked.
inside() {
  sh_args "$1"$'\nexit 0'
  shift
  ok run --bundle "$B" "$@" "$ID"
}

# A container that runs until it is killed.
start_sleeper() {
  args sleep 1000
  ok run --detach --bundle "$B" "$@" "$ID"
}

container_pid() {
  [[ $(hull state "${1:-$ID}") =~ \"pid\":\ *([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

container_status() {
  [[ $(hull state "${1:-$ID}") =~ \"status\":\ *\"([a-z]+)\" ]] && echo "${BASH_REMATCH[1]}"
}

background() {
  "$@" 3>&- &
  BACKGROUND+=("$!")
}

stop_background() {
  local pid
  for pid in "${BACKGROUND[@]}"; do
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
  done
  BACKGROUND=()
  return 0
}

# --- looking ------------------------------------------------------------------------------------------

# wait_for COMMAND...: until it is true, at most five seconds.
wait_for() {
  local tries
  for ((tries = 0; tries < 250 * SLOW; tries++)); do
    "$@" && return
    sleep 0.02
  done
  echo "waited in vain for: $*"
  return 1
}

has_status() {
  [ "$(container_status "${2:-$ID}")" = "$1" ]
}

equal() {
  [ "$1" = "$2" ] || { echo "expected: $2"; echo "     got: $1"; return 1; }
}

# has TEXT WORD...: TEXT has every WORD in it; hasnt: none.
has() {
  local text=$1 word
  shift
  for word in "$@"; do
    case $text in
      *"$word"*) ;;
      *) echo "no '$word' in:"; echo "$text"; return 1 ;;
    esac
  done
}

hasnt() {
  local text=$1 word
  shift
  for word in "$@"; do
    case $text in
      *"$word"*) echo "'$word' in:"; echo "$text"; return 1 ;;
    esac
  done
}

# The line of FILE (a mountinfo) whose mount point is $1: "per-mount options|optional fields|super options".
mount_line() {
  awk -v at="$1" '$5 == at {
    fields = ""
    for (i = 7; $i != "-"; i++) fields = fields $i " "
    line = $6 "|" fields "|" $(i + 1) "|" $(i + 3)
  } END {print line}' "${2:-$T/stdout}"
}

# Whether the comma separated list $1 has the option $2.
listed() {
  case ,$1, in *,$2,*) ;; *) return 1 ;; esac
}

unlisted() {
  if listed "$1" "$2"; then
    echo "'$2' in: $1"
    return 1
  fi
}

# User $U can run hull, and make user namespaces; else the test is skipped.
needs_user() {
  command -v setpriv >/dev/null || skip "needs setpriv"
  setpriv --reuid "$U" --regid "$U" --clear-groups test -x "$HULL" || skip "user $U may not execute $HULL"
  setpriv --reuid "$U" --regid "$U" --clear-groups unshare --user true 2>/dev/null \
    || skip "users may not make user namespaces here"
}

sanitized() {
  [ -n "${HULL_SANITIZED:-}" ]
}

# Build with --enable-fault-injection?
obeys_faults() {
  HULL_FAULT=claim-state-dir:EPERM try hull create --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
}
