# SPDX-License-Identifier: Apache-2.0
# What the suites of tests/clients share: the runtime under test, an image made here of busybox, a place for each client's
# files, and a way to call a client with its output in files and a time limit.
# RUNTIME is the runtime's path or name (default: $HULL); the same file runs with hull, crun and runc, see tests/clients/run.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
# The cgroup driver: cgroupfs, or systemd where it is process 1.
export DRIVER=${HULL_DRIVER:-cgroupfs}
# How many times slower than a usual machine this one is; every time limit is multiplied by it.
SLOW=${HULL_SLOW:-1}
# The image's name, in every client.
IMAGE=localhost/hull-test:latest

# --- once per file ------------------------------------------------------------------------------------------------

# clients_setup: to be called by setup_file. Makes
#   C         a directory of this file's own, for the client's storage
#   RUNTIME   the absolute path of the runtime; its base name is hull, crun or runc
#   ROOTFS    a directory with busybox
#   ARCHIVE   the same as an image, for `podman load`, `docker load`, `ctr images import`
clients_setup() {
  chmod 711 "$BATS_RUN_TMPDIR" # containers with a user namespace reach their root file system as somebody else
  umask 022
  export C=$BATS_FILE_TMPDIR
  use_runtime
  export ROOTFS=$C/rootfs ARCHIVE=$C/image.tar
  make_rootfs "$ROOTFS"
  make_archive "$ROOTFS" "$ARCHIVE"
}

use_runtime() {
  local program
  export HULL=${HULL:-$TOP/build/hull}
  program=$(readlink -f "$(command -v "${RUNTIME:-$HULL}")") || { echo "no runtime '${RUNTIME:-$HULL}'" >&2; return 1; }
  export RUNTIME=$program
  # It makes what is its standard input the container's user's, also where that is a device.
  if runtime_is crun && [ -z "${CLIENTS_PRIVATE:-}" ]; then
    echo "crun would give away /dev/null of this machine: use tests/clients/run" >&2
    return 1
  fi
  [ "$program" = "$(readlink -f "$HULL")" ] || return 0
  # In a build directory what hull needs for systemd is beside it, and clients hand no environment on.
  printf '#!/bin/sh\nASAN_OPTIONS="%s" UBSAN_OPTIONS="%s" HULL_LIBEXECDIR="%s" exec "%s" "$@"\n' "${ASAN_OPTIONS:-}" \
    "${UBSAN_OPTIONS:-}" "${HULL_LIBEXECDIR:-$(libexecdir)}" "$program" >"$C/hull"
  chmod 755 "$C/hull"
  RUNTIME=$C/hull
}

libexecdir() {
  [ ! -x "${HULL%/*}/hull-systemd" ] || (cd "${HULL%/*}" && pwd)
}

# make_rootfs DIRECTORY: busybox under its names, two users.
make_rootfs() {
  local applet
  mkdir -p "$1"/{bin,dev,etc,home/ann,proc,root,run,sys,tmp,var/tmp,data}
  chmod 1777 "$1/tmp" "$1/var/tmp"
  cp "$(command -v busybox)" "$1/bin/busybox"
  for applet in $("$1/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
  done
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'ann:x:1000:1000:Ann:/home/ann:/bin/sh' >"$1/etc/passwd"
  printf '%s\n' 'root:x:0:' 'ann:x:1000:' 'staff:x:50:ann' >"$1/etc/group"
  printf 'not a program\n' >"$1/data/text"
  printf '\177ELF' >"$1/data/broken" && chmod 755 "$1/data/broken"
}

# make_archive ROOTFS FILE [NAME [COMMAND...]]: an image in the form of `docker save`, made without any client.
make_archive() {
  local rootfs=$1 file=$2 name=${3:-$IMAGE} at=$2.d sum
  shift $(($# < 3 ? $# : 3))
  [ $# -gt 0 ] || set -- /bin/sh
  mkdir -p "$at"
  tar -C "$rootfs" --owner=0 --group=0 --numeric-owner -cf "$at/layer.tar" .
  sum=$(sha256sum <"$at/layer.tar")
  jq -n --arg sum "sha256:${sum%% *}" --arg arch "$(dpkg --print-architecture)" --args '{architecture: $arch, os: "linux",
    created: "2024-01-01T00:00:00Z", config: {Cmd: $ARGS.positional, Env: ["PATH=/bin"], WorkingDir: "/"},
    rootfs: {type: "layers", diff_ids: [$sum]}, history: [{created: "2024-01-01T00:00:00Z", created_by: "tests"}]}' \
    -- "$@" >"$at/config.json"
  jq -n --arg name "$name" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$at/manifest.json"
  tar -C "$at" -cf "$file" manifest.json config.json layer.tar
  rm -r "$at"
}

# --- what a test needs --------------------------------------------------------------------------------------------

# need PROGRAM...: skips where one is not installed.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
}

need_cgroup2() {
  [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || skip "/sys/fs/cgroup is not version 2"
}

# need_controller NAME...
need_controller() {
  local name
  for name in "$@"; do
    has_controller "$name" || skip "no $name controller in cgroup v2 here"
  done
}

has_controller() {
  grep -qw "$1" /sys/fs/cgroup/cgroup.controllers
}

need_systemd() {
  [ -d /run/systemd/system ] || skip "systemd is not process 1"
}

# hull, crun or runc
runtime_is() {
  [ "${RUNTIME##*/}" = "$1" ]
}

# --- calling a client ---------------------------------------------------------------------------------------------

# try COMMAND...: sets status, output and stderr. With files instead of pipes, which a container that lives on would keep
# open; standard input is /dev/null, or what INPUT names. LIMIT: seconds, instead of 60.
try() {
  local out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr
  status=0
  limited "$@" >"$out" 2>"$err" <"${INPUT:-/dev/null}" 3>&- || status=$?
  output=$(tr -d '\0' <"$out")
  stderr=$(tr -d '\0' <"$err")
}

# A program or a shell function, ended after LIMIT seconds.
limited() {
  local command=$1
  shift
  if [ "$(type -t "$command")" = function ]; then
    "$command" "$@"
  else
    timeout --foreground -k 5 "$((${LIMIT:-60} * SLOW))" "$command" "$@"
  fi
}

# ok COMMAND...: as try, and must succeed.
ok() {
  try "$@"
  [ "$status" = 0 ] || { echo "$* ended with $status"; show; return 1; }
}

# fails WORD... -- COMMAND...: must fail, with every WORD (a part of a line, in any case) in its output.
fails() {
  local word words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  try "$@"
  [ "$status" -ne 0 ] || { echo "$* did not fail"; show; return 1; }
  [ "$status" -ne 124 ] || { echo "$* hung"; show; return 1; }
  for word in "${words[@]}"; do
    grep -qiF -- "$word" <<<"$output$stderr" || { echo "nothing says: $word"; show; return 1; }
  done
}

show() {
  echo "status: $status"
  echo "stdout: $output"
  echo "stderr: $stderr"
}

# --- looking ------------------------------------------------------------------------------------------------------

# wait_for COMMAND...: until it is true, at most ten seconds.
wait_for() {
  local end=$((SECONDS + 10 * SLOW))
  while [ "$SECONDS" -le "$end" ]; do
    "$@" >/dev/null 2>&1 3>&- && return
    sleep 0.1
  done
  echo "waited in vain for: $*"
  return 1
}

equal() {
  [ "$1" = "$2" ] || { echo "expected: $2"; echo "     got: $1"; return 1; }
}

# has TEXT WORD...: TEXT has every WORD in it; hasnt: none.
has() {
  local text=$1 word
  shift
  for word in "$@"; do
    [[ $text == *"$word"* ]] || { echo "no '$word' in:"; echo "$text"; return 1; }
  done
}

hasnt() {
  local text=$1 word
  shift
  for word in "$@"; do
    [[ $text != *"$word"* ]] || { echo "'$word' in:"; echo "$text"; return 1; }
  done
}

# cgroup_of PID: the directory of its cgroup.
cgroup_of() {
  echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

gone() {
  ! kill -0 "$1" 2>/dev/null
}
