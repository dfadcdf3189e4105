#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Descriptors that reach the command, socket activation, and the session keyring.

load helpers

# The numbers of the descriptors in the output of `probe fds`.
numbers() {
  cut -d' ' -f1 <<<"$output" | sort -n | paste -sd' '
}

# Runs hull with descriptors of the test; try() would close number 3.
with_fds() {
  status=0
  timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@" \
    3<"$T/three" 4<"$T/four" 5<"$T/five" >"$T/stdout" 2>"$T/stderr" </dev/null || status=$?
  output=$(cat "$T/stdout")
  stderr=$(cat "$T/stderr")
}

make_files() {
  local name
  for name in three four five; do
    echo "$name" >"$T/$name"
  done
}

@test "descriptors: the command has 0, 1 and 2, whatever hull was given" {
  make_files
  args probe fds
  with_fds run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(numbers)" "0 1 2"
}

@test "descriptors: exec has 0, 1 and 2 too" {
  make_files
  start_sleeper
  with_fds exec "$ID" probe fds
  equal "$status" 0
  equal "$(numbers)" "0 1 2"
}

@test "descriptors: created init holds none of the caller's" {
  make_files
  with_fds create --bundle "$B" "$ID"
  equal "$status" 0
  hasnt "$(ls -l "/proc/$(container_pid)/fd")" three four five "$B"
}

@test "descriptors: --preserve-fds passes as many as it says" {
  make_files
  args probe fds
  with_fds run --preserve-fds 2 --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(numbers)" "0 1 2 3 4"
  has "$output" three four
}

@test "descriptors: --preserve-fds with a hole is an error that names the number" {
  args probe fds
  make_files
  status=0
  timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" --log "$LOG" --log-format json run --preserve-fds 2 --bundle "$B" "$ID" \
    3<"$T/three" 4<&- >"$T/stdout" 2>"$T/stderr" </dev/null || status=$?
  output=$(cat "$T/stdout") stderr=$(cat "$T/stderr")
  failed 4
}

@test "descriptors: exec --preserve-fds passes them" {
  make_files
  start_sleeper
  with_fds exec --preserve-fds 1 "$ID" sh -c 'cat <&3; probe fds'
  equal "$status" 0
  has "$output" three
  hasnt "$output" four five
}

@test "socket activation: LISTEN_FDS passes the descriptors, LISTEN_PID is 1 inside" {
  make_files
  args sh -c 'env | grep LISTEN | sort; cat <&3; probe fds'
  status=0
  # hull must be the process that LISTEN_PID names
  (
    export LISTEN_FDS=1 LISTEN_FDNAMES=web
    exec 3<"$T/three" 4<"$T/four" >"$T/stdout" 2>"$T/stderr" </dev/null
    export LISTEN_PID=$BASHPID
    exec "$HULL" --root "$ROOT" --log "$LOG" run --bundle "$B" "$ID"
  ) || status=$?
  output=$(cat "$T/stdout")
  equal "$status" 0
  has "$output" LISTEN_FDS=1 LISTEN_PID=1 three
  hasnt "$output" four
}

@test "socket activation: of somebody else is not passed" {
  make_files
  args sh -c 'env | grep LISTEN; probe fds'
  status=0
  LISTEN_FDS=1 LISTEN_PID=1 timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" run --bundle "$B" "$ID" \
    3<"$T/three" >"$T/stdout" 2>"$T/stderr" </dev/null || status=$?
  output=$(cat "$T/stdout")
  hasnt "$output" three LISTEN_FDS
}

@test "keyring: the command has a session keyring of its own" {
  "$PROBE" keyring >"$T/host" || skip "no keyrings here"
  args probe keyring
  ok run --bundle "$B" "$ID"
  [ "${output%% *}" != "$(cut -d' ' -f1 "$T/host")" ]
}

@test "keyring: --no-new-keyring keeps the caller's" {
  "$PROBE" keyring >"$T/host" || skip "no keyrings here"
  args probe keyring
  ok run --no-new-keyring --bundle "$B" "$ID"
  equal "${output%% *}" "$(cut -d' ' -f1 "$T/host")"
}

@test "keyring: two containers have two" {
  "$PROBE" keyring >"$T/host" || skip "no keyrings here"
  args probe keyring
  ok run --bundle "$B" "$ID"
  local first=${output%% *}
  ok run --bundle "$B" "$ID"
  [ "$first" != "${output%% *}" ]
}
