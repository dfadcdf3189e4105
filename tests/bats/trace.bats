#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `hull trace`: the file of a real run, for a terminal and for a file, and files that are none.

load helpers

make_trace() {
  args true
  ok --trace "$T/trace.json" run --bundle "$B" "$ID"
}

# What a terminal of 60 columns gets, without carriage returns, in $T/shown.
on_screen() {
  local line
  printf -v line '%q ' "$HULL" trace "$T/trace.json"
  env TERM=xterm "$@" timeout $((20 * SLOW)) script -qefc "stty cols 60 rows 10; $line" /dev/null </dev/null \
    >"$T/raw" 2>&1 3>&-
  tr -d '\r' <"$T/raw" >"$T/shown"
}

@test "trace: a real run is shown with both processes, every step and a bar for each, within the width" {
  local name
  export LC_ALL=C
  make_trace
  ok trace "$T/trace.json"
  grep -qx runtime "$T/stdout"
  grep -qx init "$T/stdout"
  while read -r name; do
    grep -qE "^  $name +[0-9.]+ (us|ms|s)  +[|#]+$" "$T/stdout" || { echo "no bar for $name"; return 1; }
  done < <(jq -r '.[] | select(.ph == "X").name[:28]' "$T/trace.json")
  [ "$(wc -L <"$T/stdout")" -le 100 ]
  ok trace --width 60 "$T/trace.json"
  [ "$(wc -L <"$T/stdout")" -le 60 ]
  equal "$(hull trace - <"$T/trace.json")" "$(hull trace "$T/trace.json")"
}

@test "trace: coloured on a terminal and as wide as it, not with NO_COLOR, blocks with UTF-8 only" {
  make_trace
  on_screen LC_ALL=C.UTF-8 NO_COLOR=
  grep -q $'\033\[3' "$T/shown"
  grep -q █ "$T/shown"
  on_screen LC_ALL=C.UTF-8 NO_COLOR=1
  ! grep -q $'\033' "$T/shown" || return 1
  grep -q █ "$T/shown"
  on_screen LC_ALL=C NO_COLOR=1
  ! grep -q '[^ -~]' "$T/shown" || return 1
  [ "$(wc -L <"$T/shown")" -le 60 ]
}

@test "trace: a file that is cut off is shown as far as it goes; others are errors that say why" {
  make_trace
  head -c "$(($(stat -c %s "$T/trace.json") / 2))" "$T/trace.json" >"$T/half.json"
  ok trace "$T/half.json"
  has "$output" 'ends early' claim-state-dir
  echo nonsense >"$T/nonsense"
  fails nonsense 'not JSON at byte' -- trace "$T/nonsense"
  echo '[]' >"$T/empty"
  fails empty 'no complete trace event' -- trace "$T/empty"
  fails missing 'No such file' -- trace "$T/missing"
  fails 'directory' -- trace "$T"
}
