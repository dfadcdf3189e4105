#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# stats: the table and its JSON, once, repeated, and live on a terminal.

# bats file_tags=limits
load helpers

# another ID: one more sleeping container.
another() {
  bundle "$1"
  args sleep 1000
  ok run --detach --bundle "$B" "$1"
}

# The column named $1 of the row of container $2.
column() {
  jq -r --arg id "$2" ".[] | select(.id == \$id) | .$1" "$T/stdout"
}

# Runs `hull stats` on a terminal of 100 columns and 8 rows; keys come from the fifo $T/keys, which descriptor 9 holds
# open. What the terminal shows is in $T/shown, stty's settings before and after in $T/before and $T/after.
live() {
  mkfifo "$T/keys"
  exec 9<>"$T/keys"
  background on_terminal "$@"
}

on_terminal() {
  local line
  printf -v line '%q ' env HULL_MARK="$MARK" TERM=xterm "${ENVIRONMENT[@]}" "$HULL" --root "$ROOT" stats "$@"
  exec timeout -k 5 "$((30 * ${SLOW:-1}))" script -qefc \
    "stty cols ${COLUMNS_SHOWN:-100} rows 8; stty -g >$T/before; $line; echo \$? >$T/status; stty -g >$T/after" \
    /dev/null <"$T/keys" >"$T/shown" 2>&1 9>&-
}

shown() {
  grep -q -- "$@" "$T/shown"
}

not_shown() {
  if shown "$@"; then
    return 1
  fi
}

# The live table ends with this exit status and leaves the terminal as it was.
live_ended() {
  wait_for [ -s "$T/after" ]
  exec 9>&-
  equal "$(cat "$T/status")" "$1"
  equal "$(cat "$T/after")" "$(cat "$T/before")"
  equal "$(grep -c $'\033\[?25h' "$T/shown")" 1 # the cursor is there again
}

# bats test_tags=smoke
@test "stats: a table of all that run, once, if nobody watches" {
  start_sleeper
  another "$ID-b"
  bundle stopped
  args true
  ok run --detach --bundle "$B" "$ID-stopped"
  wait_for has_status stopped "$ID-stopped"
  ok stats
  equal "$(wc -l <"$T/stdout")" 3
  has "${output%%$'\n'*}" NAME CPU% 'MEM / LIMIT' MEM% 'IO READ / WRITE' PIDS PSI THROTTLED
  equal "$(awk 'NR > 1 {print $1}' "$T/stdout" | xargs)" "$ID $ID-b"
  hasnt "$output" $'\033'
  ok stats --no-stream "$ID-b"
  equal "$(awk 'NR > 1 {print $1}' "$T/stdout")" "$ID-b"
}

@test "stats: no containers are an empty table" {
  mkdir "$ROOT"
  ok stats
  equal "$(wc -l <"$T/stdout")" 1
  ok stats --json
  equal "$output" '[]'
}

@test "stats: named containers must run" {
  start_sleeper
  fails 'container does not exist' -- stats "$ID" "$ID-b"
  ok kill "$ID" KILL
  wait_for has_status stopped
  fails "container with id $ID is not running" -- stats "$ID"
}

@test "stats: --json has numbers, and null where there are none" {
  start_sleeper
  ok stats --format json
  equal "$(jq -c '.[0] | keys_unsorted' "$T/stdout")" \
    '["id","cpuPercent","cpuNanoseconds","throttledPercent","memory","memoryLimit","memoryPercent","readBytes","writeBytes","pids","pidsLimit","cpuPressure","memoryPressure","ioPressure","oomKills"]'
  equal "$(column pids "$ID")" 1
  equal "$(column memoryLimit "$ID")" null
  jq -e '.[0].cpuPercent | type == "number" and . >= 0 and . < 50' "$T/stdout"
}

@test "stats: processor time is a share of the time between two readings" {
  start_sleeper
  bundle busy
  sh_args 'while :; do :; done'
  ok run --detach --bundle "$B" "$ID-busy"
  ok stats --json --interval 1s --no-stream
  equal "$(column 'cpuPercent < 5' "$ID")" true
  # At least a tenth of a CPU, also on a busy machine; one thread can't have more than one.
  equal "$(column 'cpuPercent | . > 10 and . < 110' "$ID-busy")" true
}

@test "stats: --interval repeats; containers come and go" {
  start_sleeper
  background hull_exec stats --json --interval 100ms >"$T/stream" 2>"$T/stream.err" </dev/null
  wait_for grep -q "\"$ID\"" "$T/stream"
  another "$ID-b"
  wait_for grep -q "\"$ID-b\"" "$T/stream"
  ok delete --force "$ID"
  sleep 0.5
  : >"$T/stream"
  wait_for grep -q "\"$ID-b\"" "$T/stream"
  hasnt "$(tr -d '\0' <"$T/stream")" "\"$ID\""
  equal "$(cat "$T/stream.err")" ''
  equal "$(tr -d '\0' <"$T/stream" | jq -rs 'map(.id) | unique | .[]')" "$ID-b"
}

@test "stats: ends with the last container that was named, or with its reader" {
  start_sleeper
  background hull_exec stats --interval 100ms "$ID" >"$T/stream" 2>&1 </dev/null
  local pid=$!
  wait_for grep -q "^$ID " "$T/stream"
  ok delete --force "$ID"
  wait_for eval '! kill -0 "$pid" 2>/dev/null'
  wait "$pid"
  hull stats --interval 1h | true
  equal "${PIPESTATUS[0]}" 0
  hull stats --interval 10ms | head -n 1 >"$T/one"
  equal "${PIPESTATUS[0]}" 0
}

@test "stats: a container without a cgroup has a row all the same" {
  args sleep 1000
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  ok stats
  equal "$(awk 'NR == 2 {print $1, $2, $3, $4, $5, $6, $7, $8}' "$T/stdout")" "$ID - - - - - - -"
  ok stats --json "$ID"
  equal "$(jq -c '.[0] | del(.id) | map(values)' "$T/stdout")" '[]'
}

@test "stats: intervals that are none are refused" {
  fails "option '--interval' must be a duration" -- stats --interval 5
  fails 'duration interval must be greater than 0' -- stats --interval 0s
}

@test "stats: live on a terminal, q ends" {
  start_sleeper
  live --interval 100ms
  wait_for shown 'THROTTLED'
  wait_for shown "^$ID .*0.0%"
  echo -n q >&9
  live_ended 0
  equal "$(grep -c $'\033\[2J' "$T/shown")" 1 # cleared once; then written over
  shown $'\033\[1mNAME\033\[0m'
  shown $'\033\[H.*NAME'
}

@test "stats: live, ^C ends, and a narrow terminal has fewer columns" {
  start_sleeper
  COLUMNS_SHOWN=30 live
  wait_for shown "^$ID "
  printf '\003' >&9
  live_ended 0
  shown CPU%
  not_shown THROTTLED
}

@test "stats: live, a history of bars where there is room, ASCII without UTF-8, none once" {
  start_sleeper
  ENVIRONMENT=(LC_ALL=C.UTF-8 NO_COLOR=1)
  COLUMNS_SHOWN=140 live --interval 100ms
  wait_for shown '▁▁▁' # it sleeps
  printf q >&9
  live_ended 0
  rm "$T/keys" "$T/after" "$T/shown"
  ENVIRONMENT=(LC_ALL=C NO_COLOR=1)
  COLUMNS_SHOWN=140 live --interval 100ms
  wait_for shown '___'
  printf q >&9
  live_ended 0
  not_shown '▁'
  LC_ALL=C.UTF-8 ok stats
  run ! grep -q '▁' "$T/stdout"
}

@test "stats: live, more containers than rows are counted" {
  local i
  start_sleeper
  for i in 1 2 3 4 5 6 7; do
    another "$ID-$i"
  done
  live
  wait_for shown '(3 more)'
  echo -n q >&9
  live_ended 0
}

@test "stats: NO_COLOR and TERM=dumb are honoured" {
  start_sleeper
  ENVIRONMENT=(NO_COLOR=1)
  live --interval 100ms
  wait_for shown "^$ID .*0.0%"
  shown NAME
  echo -n q >&9
  live_ended 0
  not_shown $'\033\[[0-9]*m'
  rm "$T"/keys "$T"/after "$T"/shown
  ENVIRONMENT=(TERM=dumb)
  live --interval 100ms "$ID"
  wait_for eval '[ "$(grep -c "^$ID " "$T/shown")" -ge 3 ]'
  hull delete --force "$ID"
  wait_for [ -s "$T/after" ]
  exec 9>&-
  not_shown $'\033'
}

# bats test_tags=driver
@test "stats: memory, its limit and throttling as the kernel counts them" {
  local controller
  for controller in memory cpu pids; do
    grep -qw "$controller" "$CG/cgroup.controllers" || skip "cgroup v2 has no controller '$controller' here"
  done
  config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 42}, cpu: {quota: 10000, period: 100000}}'
  sh_args 'while :; do :; done'
  ok run --detach --bundle "$B" "$ID"
  ok stats --json --no-stream --interval 2s
  equal "$(column memoryLimit "$ID")" 67108864
  equal "$(column pidsLimit "$ID")" 42
  equal "$(column 'memory > 0' "$ID")" true
  equal "$(column 'throttledPercent > 50' "$ID")" true
  equal "$(column 'cpuPercent | . > 2 and . < 20' "$ID")" true
  ok stats
  has "$output" '/ 64.0MiB'
}
