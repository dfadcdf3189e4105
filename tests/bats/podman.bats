#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with hull as its runtime: run and exec, natively.

load helpers

setup_file() {
  command -v podman >/dev/null || return 0
  [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || return 0
  # an own storage, so that nothing of the host's podman is touched
  export PODMAN=$BATS_FILE_TMPDIR/podman
  export RUNTIME=$PODMAN/hull
  mkdir -p "$PODMAN"
  # podman hands no environment on: what is in it for hull needs another way
  printf '#!/bin/sh\nASAN_OPTIONS="%s" HULL_LIBEXECDIR="%s" exec "%s" "$@"\n' "${ASAN_OPTIONS:-}" "${HULL_LIBEXECDIR:-}" \
    "$HULL_PROGRAM" >"$PODMAN/hull"
  chmod 755 "$PODMAN/hull"
  tar -C "$BASE/rootfs" -c . | podman_ import - hull-test >"$PODMAN/import.log" 2>&1 3>&- || { cat "$PODMAN/import.log"; return 1; }
}

teardown_file() {
  [ -z "${PODMAN:-}" ] || podman_ rm --all --force >/dev/null 2>&1 3>&- || :
}

podman_() {
  podman --root "$PODMAN/root" --runroot "$PODMAN/run" --tmpdir "$PODMAN/tmp" --storage-driver vfs --events-backend file \
    --runtime "$RUNTIME" --cgroup-manager "$HULL_DRIVER" "$@"
}

OPTIONS=(--network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --pids-limit 0)

need_podman() {
  [ -n "${PODMAN:-}" ] || skip "podman is not installed, or cgroups are not version 2"
}

podman_try() {
  status=0
  timeout "$((60 * SLOW))" bash -c "$(declare -f podman_); podman_ \"\$@\"" podman "$@" >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- || status=$?
  output=$(cat "$T/stdout")
  stderr=$(cat "$T/stderr")
}

@test "podman: run prints what the container prints" {
  need_podman
  podman_try run --rm "${OPTIONS[@]}" hull-test echo OK
  cat "$T/stderr"
  equal "$status" 0
  equal "$output" OK
}

@test "podman: exec into a running container" {
  need_podman
  podman_try run -d --name "$ID" "${OPTIONS[@]}" hull-test sleep 1000
  cat "$T/stderr"
  equal "$status" 0
  podman_try exec "$ID" sh -c 'echo inside; hostname'
  cat "$T/stderr"
  equal "$status" 0
  has "$output" inside
  podman_try exec -t -e A=b -w /tmp -u 1000 "$ID" sh -c 'id -u; pwd; echo $A; test -t 0 && echo tty'
  equal "$(tr -d '\r' <"$T/stdout")" $'1000\n/tmp\nb\ntty'
  podman_try rm --force "$ID"
  equal "$status" 0
}

@test "podman: the exit status, 126 and 127 are what callers of podman expect" {
  need_podman
  podman_try run --rm "${OPTIONS[@]}" hull-test sh -c 'exit 7'
  equal "$status" 7
  podman_try run --rm "${OPTIONS[@]}" hull-test nosuchcommand
  equal "$status" 127
  podman_try run --rm "${OPTIONS[@]}" hull-test /etc/passwd
  equal "$status" 126
}

@test "podman: a terminal" {
  need_podman
  podman_try run --rm -t "${OPTIONS[@]}" hull-test sh -c 'test -t 1 && echo tty'
  equal "$(tr -d '\r' <"$T/stdout")" tty
}

@test "podman: stop, kill, restart and remove" {
  need_podman
  podman_try run -d --name "$ID" "${OPTIONS[@]}" hull-test sleep 1000
  equal "$status" 0
  podman_try kill --signal TERM "$ID"
  podman_try stop -t 1 "$ID"
  podman_try start "$ID"
  cat "$T/stderr"
  equal "$status" 0
  podman_try rm --force -t 0 "$ID"
  equal "$status" 0
}
