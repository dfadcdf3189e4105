#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make bench-sandbox: `hull sandbox` beside `hull run` of a bundle with the same properties and bubblewrap with the same
# namespaces and mounts, interleaved, as root and as a user; a table, JSON and a verdict on each goal.
#   HULL, BENCH    the programs                   SANDBOX_ROUNDS  rounds of each series (default 100)
#   SANDBOX_OUT    directory that takes sandbox.md and sandbox.json (default: the table is printed)
#   BWRAP          bubblewrap, or none: BWRAP=    SANDBOX_USER    the user (default 1000)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
rounds=${SANDBOX_ROUNDS:-100}
user=${SANDBOX_USER:-1000}
command=/bin/true

die() {
  echo "bench-sandbox: $*" >&2
  exit 1
}

note() { echo "bench-sandbox: $*" >&2; }

prepare() {
  [ "$(id -u)" = 0 ] || die 'needs root: it measures as root and as a user'
  for tool in jq setpriv strip; do
    command -v "$tool" >/dev/null || die "needs $tool"
  done
  work=$(mktemp -d "${TMPDIR:-/tmp}/hull-bench.XXXXXX")
  trap 'rm -rf -- "$work"' EXIT
  chmod 755 "$work"
  # Where the user may execute them; and as packages have it, for it is copied where it can't be sealed by an overlay.
  cp -- "${HULL:-./hull}" "$work/hull"
  strip "$work/hull"
  cp -- "${BENCH:-tests/bench/bench}" "$work/bench"
  bwrap=$(command -v -- "${BWRAP-bwrap}") || { bwrap=; note 'bwrap is not installed (Debian: bubblewrap): skipped'; }
  as=([0]="env -i PATH=$PATH" [1]="setpriv --reuid $user --regid $user --clear-groups --inh-caps=-all env -i PATH=$PATH")
  names=([0]=root [1]=user)
}

line() { # words
  local IFS=$'\t'
  printf '%s\n' "$*"
}

# What hull mounts and covers, in bubblewrap's words. It has no read-only bind of what a user may not open.
bwrap_words() { # number of the user
  local config=$work/${names[$1]}/config.json path
  words=("$bwrap" --ro-bind / / --proc /proc --dev /dev)
  while read -r path; do
    words+=(--tmpfs "$path")
  done < <(jq -r '.mounts[] | select(.type == "tmpfs" and (.destination | test("^/(dev|sys)(/|$)") | not)) | .destination' "$config")
  while read -r path; do
    if [ -d "$path" ]; then
      words+=(--tmpfs "$path")
    elif [ -e "$path" ]; then
      words+=(--ro-bind /dev/null "$path")
    fi
  done < <(jq -r '.linux.maskedPaths[]' "$config")
  while read -r path; do
    [ ! -e "$path" ] || [[ $1 = 1 && $path = /proc/sysrq* ]] || words+=(--ro-bind "$path" "$path")
  done < <(jq -r '.linux.readonlyPaths[]' "$config")
  words+=(--unshare-all --new-session --die-with-parent --clearenv --setenv PATH /bin --cap-drop ALL -- "$command")
}

scenario() { # number of the user
  local state=$work/${names[$1]}
  line series "${names[$1]}"
  line rounds "$rounds"
  line warmup 3
  line base run
  line contender run
  line time "$work/hull" --root "$state/state" --cgroup-manager disabled run --bundle "$state" bench-%n
  line contender sandbox
  line time "$work/hull" --root "$state/state" sandbox "$command"
  line contender sandbox-no-filter
  line time "$work/hull" --root "$state/state" sandbox --seccomp none "$command"
  line contender sandbox-overlay
  line time "$work/hull" --root "$state/state" sandbox --overlay --ro "$state/files:/tmp/files" "$command"
  [ -n "$bwrap" ] || return 0
  bwrap_words "$1"
  line contender bwrap
  line time "${words[@]}"
}

measure() { # number of the user
  local state=$work/${names[$1]}
  mkdir -p "$state/state" "$state/files"
  [ "$1" = 0 ] || chown -R "$user:$user" "$state"
  # shellcheck disable=SC2086 # words
  ${as[$1]} "$work/hull" --root "$state/state" sandbox --print-config "$command" >"$work/config"
  cp "$work/config" "$state/config.json"
  scenario "$1" >"$work/scenario"
  note "as ${names[$1]}"
  # shellcheck disable=SC2086
  ${as[$1]} "$work/bench" series "$work/scenario" >>"$work/results" || status=1
}

prepare
cd /
status=0
measure 0
measure 1
jq --raw-input --slurp --arg host "$(uname -r), $(nproc) CPUs, load $(cut -d' ' -f1 /proc/loadavg)" \
  --arg bwrap "$([ -z "$bwrap" ] || "$bwrap" --version)" -f "$here/sandbox.jq" "$work/results" >"$work/sandbox.json"
jq -r .markdown "$work/sandbox.json" >"$work/sandbox.md"
cat "$work/sandbox.md"
if [ -n "${SANDBOX_OUT:-}" ]; then
  mkdir -p "$SANDBOX_OUT"
  jq 'del(.markdown)' "$work/sandbox.json" >"$SANDBOX_OUT/sandbox.json"
  cp "$work/sandbox.md" "$SANDBOX_OUT/sandbox.md"
fi
exit "$status"
