#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: handed over by the console socket, or relayed by hull in the foreground.

load helpers

terminal() {
  config '.process.terminal = true'
}

# Listens for a terminal at $T/sock and copies what comes out of it to $T/tty.
listen() {
  background "$PROBE" console "$T/sock" "$@" >"$T/tty" 2>"$T/tty.err" </dev/null
  wait_for [ -S "$T/sock" ]
}

# Runs hull under a terminal of its own; what the terminal shows is in $T/shown. INPUT is what somebody types; nobody
# does by default (the end of input would be typed too, as a control character).
under_terminal() {
  local line
  [ -p "$T/silence" ] || mkfifo "$T/silence"
  printf -v line '%q ' env HULL_MARK="$MARK" TMPDIR="$T/tmp" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
  status=0
  timeout -k 5 "$((20 * SLOW))" script -qefc "stty cols 100 rows 40; $line" /dev/null <>"${INPUT:-$T/silence}" >"$T/shown" 2>"$T/stderr" 3>&- || status=$?
  output=$(tr -d '\0' <"$T/shown")
  stderr=$(cat "$T/stderr")
}

@test "console socket: gets the terminal, and the command has it on all three streams" {
  terminal
  sh_args 'probe tty; probe tty <&1 ; test -t 2 && echo stderr too; ls -l /dev/console | cut -c1; sleep 1000'
  listen
  ok create --bundle "$B" --console-socket "$T/sock" "$ID"
  ok start "$ID"
  wait_for grep -q 'stderr too' "$T/tty"
  wait_for grep -q '^c' "$T/tty"
  equal "$(grep -c '/dev/pts/0.*controlling yes session' "$T/tty")" 2
  has "$(cat "$T/tty.err")" 'payload /dev/'
}

@test "console socket: the terminal belongs to the user, with the tty group's mode" {
  terminal
  config '.process.user = {"uid": 1000, "gid": 1000}'
  args probe tty
  listen
  ok run --detach --bundle "$B" --console-socket "$T/sock" "$ID"
  wait_for grep -q pts "$T/tty"
  has "$(cat "$T/tty")" 'uid 1000' 'controlling yes' leader
}

@test "console socket: consoleSize is the first size, and later sizes of the caller arrive" {
  terminal
  config '.process.consoleSize = {"height": 33, "width": 77}'
  args probe tty
  listen
  ok run --detach --bundle "$B" --console-socket "$T/sock" "$ID"
  wait_for grep -q pts "$T/tty"
  has "$(cat "$T/tty")" 33x77
  ok delete --force "$ID"
  rm "$T/sock"
  stop_background
  args probe resize
  listen 12x34
  ok run --detach --bundle "$B" --console-socket "$T/sock" "$ID"
  wait_for grep -q 12x34 "$T/tty"
}

@test "console socket: consoleSize without a terminal is ignored" {
  config '.process.consoleSize = {"height": 33, "width": 77}'
  ok run --bundle "$B" "$ID"
}

@test "console socket: is needed for a detached terminal, and refused without a terminal" {
  terminal
  fails /process/terminal 'console socket' -- create --bundle "$B" "$ID"
  fails /process/terminal 'console socket' -- run --detach --bundle "$B" "$ID"
  config '.process.terminal = false'
  listen
  fails console -- create --bundle "$B" --console-socket "$T/sock" "$ID"
}

@test "console socket: nobody listening, no socket, a path that is too long: errors that name it" {
  terminal
  fails "$T/none" 'o such file' -- create --bundle "$B" --console-socket "$T/none" "$ID"
  echo x >"$T/plain"
  fails "$T/plain" -- create --bundle "$B" --console-socket "$T/plain" "$ID"
  fails '' -- create --bundle "$B" --console-socket "/$(printf 'x%.0s' {1..200})" "$ID"
}

@test "console socket: exec gets a terminal too" {
  start_sleeper
  listen
  ok exec --tty --detach --console-socket "$T/sock" "$ID" sh -c 'probe tty; sleep 5'
  wait_for grep -q 'controlling yes' "$T/tty"
}

@test "pidfd socket: gets the pidfd of init" {
  background "$PROBE" pidfd "$T/sock" >"$T/pidfd" </dev/null
  wait_for [ -S "$T/sock" ]
  ok create --bundle "$B" --pidfd-socket "$T/sock" "$ID"
  wait_for [ -s "$T/pidfd" ]
  equal "$(tr -dc 0-9 <"$T/pidfd")" "$(container_pid)"
}

@test "foreground: output is relayed byte for byte, with no carriage return added" {
  terminal
  args printf 'one\ntwo\r\nthree'
  under_terminal run --bundle "$B" "$ID"
  equal "$status" 0
  # the container's own terminal turns \n into \r\n, once
  equal "$(tr -d '\0' <"$T/shown" | od -An -c | tr -d ' \n')" 'one\r\ntwo\r\r\nthree'
}

@test "foreground: input reaches the command, and its end too" {
  terminal
  sh_args 'read line; echo "got <$line>"; cat; echo end'
  { sleep 0.5; printf 'typed\n'; sleep 0.2; printf 'more\n'; sleep 0.2; printf '\004'; sleep 0.5; } | INPUT=/dev/stdin under_terminal run --bundle "$B" "$ID"
  has "$(cat "$T/shown")" 'got <typed>' more end
}

@test "foreground: an interrupt that is typed goes to the command, not to hull" {
  terminal
  sh_args 'trap "echo interrupted; exit 4" INT; echo ready; while :; do sleep 0.05; done'
  { wait_for grep -q ready "$T/shown"; printf '\003'; sleep 0.5; } | INPUT=/dev/stdin under_terminal run --bundle "$B" "$ID"
  has "$(cat "$T/shown")" interrupted
}

@test "foreground: the terminal has the caller's size, and follows it" {
  terminal
  args probe tty
  under_terminal run --bundle "$B" "$ID"
  has "$output" 40x100
  args probe resize
  status=0
  printf -v line '%q ' env HULL_MARK="$MARK" TMPDIR="$T/tmp" "$HULL" --root "$ROOT" run --bundle "$B" "$ID"
  timeout "$((20 * SLOW))" script -qefc "stty cols 100 rows 40; (sleep 0.5; stty -F /dev/tty cols 50 rows 20) & $line" /dev/null >"$T/shown" </dev/null 3>&- || :
  has "$(cat "$T/shown")" 20x50
}

@test "foreground: the caller's terminal is as it was, also after a failure" {
  terminal
  args true
  printf -v line '%q ' "$HULL" --root "$ROOT" run --bundle "$B" "$ID"
  script -qefc "stty -g; $line; stty -g" /dev/null >"$T/shown" </dev/null 3>&-
  equal "$(grep -oE '([0-9a-f]+:){10,}[0-9a-f:]+' "$T/shown" | sort | uniq -c | awk '{print $1}')" 2
  args /missing
  printf -v line '%q ' "$HULL" --root "$ROOT" run --bundle "$B" "$ID"
  script -qefc "stty -g; $line 2>/dev/null; stty -g" /dev/null >"$T/shown" </dev/null 3>&- || :
  equal "$(grep -oE '([0-9a-f]+:){10,}[0-9a-f:]+' "$T/shown" | sort | uniq -c | awk '{print $1}')" 2
}

@test "foreground: the exit status of the command is hull's" {
  terminal
  sh_args 'exit 7'
  under_terminal run --bundle "$B" "$ID"
  equal "$status" 7
}

@test "foreground: exec --tty relays too" {
  start_sleeper
  under_terminal exec --tty "$ID" sh -c 'probe tty; printf "a\nb\n"'
  equal "$status" 0
  has "$output" 'controlling yes' $'a\r\nb'
  hasnt "$output" $'\r\r'
}

@test "foreground: a large output through the terminal is complete" {
  terminal
  sh_args 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done'
  under_terminal run --bundle "$B" "$ID"
  equal "$(grep -c 'line [0-9]' "$T/shown")" 20000
}

@test "foreground: a terminal without one on standard input is an error or works, but does not hang" {
  terminal
  args echo hello
  LIMIT=5 try hull run --bundle "$B" "$ID"
  [ "$status" != 124 ]
  [ "$status" != 137 ]
  [ "$status" = 0 ] || failed terminal
}

@test "terminal: a hangup of the caller's side ends the command" {
  terminal
  # the first process of a pid namespace would not hear the signal
  config '.linux.namespaces |= map(select(.type != "pid"))'
  args sleep 1000
  listen
  ok run --detach --bundle "$B" --console-socket "$T/sock" "$ID"
  stop_background
  wait_for has_status stopped
  ok delete "$ID"
}
