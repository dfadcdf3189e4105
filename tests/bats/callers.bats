#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs that call hull rely on: a test for each row of the table in cmd/callers.c ('hull steps --callers'), which
# brings the situation about and looks for the row's exit status and words, in the log as well as on standard error.

load helpers

setup_file() {
  "$HULL" steps --callers >"$BATS_FILE_TMPDIR/rows"
}

# The row that the test is named after: sets WANTED_STATUS and WORDS.
row() {
  local name=${BATS_TEST_DESCRIPTION#callers: } situation
  while IFS=$'\t' read -r situation WANTED_STATUS WORDS; do
    [ "$situation" != "$name" ] || return 0
  done < <(sed 's/\t\t/\t \t/' "$BATS_FILE_TMPDIR/rows" | cut -f1-3)
  echo "the table has no row '$name'"
  return 1
}

# judge COMMAND...: hull does what the row says.
judge() {
  row
  try hull "$@"
  equal "$status" "$WANTED_STATUS"
  if [ "$WORDS" = " " ]; then
    hasnt "$stderr" error
  else
    failed_with
  fi
}

# As `failed` of the helpers, which takes high statuses for a crash.
failed_with() {
  has "$stderr" "$WORDS"
  equal "$(jq -r 'select(.level == "error") | .msg' "$LOG" | grep -cF -- "$WORDS")" 1
}

stopped() {
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
}

@test "callers: state-unknown" {
  judge state "$ID"
}

@test "callers: start-unknown" {
  judge start "$ID"
}

@test "callers: kill-unknown" {
  judge kill "$ID" 9
}

@test "callers: delete-unknown" {
  judge delete "$ID"
}

@test "callers: delete-force-unknown" {
  judge delete --force "$ID"
}

@test "callers: exec-unknown" {
  judge exec --detach --pid-file "$T/pid" "$ID" true
  [ ! -e "$T/pid" ]
}

@test "callers: create-taken" {
  start_sleeper
  judge create --bundle "$B" "$ID"
  equal "$(container_status)" running
}

@test "callers: kill-stopped" {
  stopped
  judge kill "$ID" 15
}

@test "callers: kill-all-stopped" {
  stopped
  judge kill --all "$ID" 9
}

@test "callers: exec-stopped" {
  stopped
  judge exec "$ID" true
}

@test "callers: pause-stopped" {
  stopped
  judge pause "$ID"
}

@test "callers: update-stopped" {
  stopped
  echo '{"pids": {"limit": 5}}' >"$T/resources"
  judge update --resources "$T/resources" "$ID"
}

@test "callers: start-running" {
  start_sleeper
  judge start "$ID"
}

@test "callers: start-stopped" {
  stopped
  judge start "$ID"
}

@test "callers: delete-running" {
  start_sleeper
  judge delete "$ID"
  equal "$(container_status)" running
}

@test "callers: create-not-in-path" {
  args nosuchcommand
  judge create --bundle "$B" "$ID"
}

@test "callers: create-no-file" {
  args /no/such/file
  judge create --bundle "$B" "$ID"
}

@test "callers: create-denied" {
  echo text >"$B/rootfs/data/text"
  args /data/text
  judge create --bundle "$B" "$ID"
}

@test "callers: create-directory" {
  args /data
  judge create --bundle "$B" "$ID"
}

# A filter refuses the execve(2) as a security module would.
unexecutable() {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
}

@test "callers: start-not-permitted" {
  unexecutable
  ok create --bundle "$B" "$ID"
  judge start "$ID"
}

# a label, as KEY of the process, that no policy of this kernel knows
unknown_label() {
  if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
    LABEL='{apparmorProfile: "hull-test-unknown"}'
  elif [ "$(stat -fc %T /sys/fs/selinux 2>/dev/null)" = selinux ]; then
    LABEL='{selinuxLabel: "hull-test-unknown"}'
  else
    skip "neither AppArmor nor SELinux is on"
  fi
}

# bats test_tags=smoke
@test "callers: create-label" {
  unknown_label
  config ".process += $LABEL"
  judge create --bundle "$B" "$ID"
}

# exec as conmon calls it, and what conmon looks for.
judge_exec() {
  start_sleeper
  judge exec --detach --pid-file "$T/pid" "$ID" "$@"
  [ ! -e "$T/pid" ]
}

@test "callers: exec-not-in-path" {
  judge_exec nosuchcommand
}

@test "callers: exec-no-file" {
  judge_exec /no/such/file
}

@test "callers: exec-denied" {
  echo text >"$B/rootfs/data/text"
  judge_exec /data/text
}

# bats test_tags=smoke
@test "callers: exec-label" {
  unknown_label
  start_sleeper
  jq -n "{args: [\"true\"], cwd: \"/\", env: [\"PATH=/bin\"]} + $LABEL" >"$T/process.json"
  judge exec --detach --process "$T/process.json" --pid-file "$T/pid" "$ID"
  [ ! -e "$T/pid" ]
}

@test "callers: run-status" {
  sh_args 'exit 7'
  judge run --bundle "$B" "$ID"
}

@test "callers: run-signal" {
  config '.linux.namespaces |= map(select(.type != "pid"))' # the first process of one can't kill itself
  sh_args 'kill -KILL $$'
  judge run --bundle "$B" "$ID"
}

@test "callers: exec-status" {
  start_sleeper
  judge exec "$ID" sh -c 'exit 7'
}

@test "callers: exec-signal" {
  start_sleeper
  judge exec "$ID" sh -c 'kill -KILL $$'
}

@test "callers: option-without-value" {
  judge create --bundle
}

@test "callers: flag-without-value" {
  judge create --bundle
}

@test "callers: help-of-command" {
  judge update --help
  has "$output" Usage
}

# As the callers' sources have them: they are the code's and the table's words, and may not change with either.
@test "the table: the words, to the letter" {
  equal "$(cut -f1-3 "$BATS_FILE_TMPDIR/rows" | awk -F'\t' '$3 != "" {print $3}' | sort -u)" "$(sort <<'END'
`/proc/self/attr/
cannot start a container that has stopped
cannot start an already running container
container does not exist
container not running
container with given ID already exists
executable file not found in $PATH
flag needs an argument
no such file or directory
operation not permitted
permission denied
requires an argument
that is not stopped
END
  )"
  local row statuses=()
  for row in state-unknown:1 exec-unknown:255 delete-force-unknown:0 kill-stopped:1 kill-all-stopped:0 exec-stopped:255 \
    create-not-in-path:1 exec-not-in-path:255 run-status:7 run-signal:137 exec-signal:137; do
    grep -qP "^${row%:*}\t${row#*:}\t" "$BATS_FILE_TMPDIR/rows" || statuses+=("$row")
  done
  equal "${statuses[*]}" ""
}

@test "the table: every row has its test, and every test its row" {
  equal "$(sed -n 's/^@test "callers: \([a-z-]*\)" {$/\1/p' "$BATS_TEST_FILENAME" | sort)" "$(cut -f1 "$BATS_FILE_TMPDIR/rows" | sort)"
  "$HULL" steps --callers --json | jq -e 'length > 20 and all(.[]; .situation and .caller)'
}
