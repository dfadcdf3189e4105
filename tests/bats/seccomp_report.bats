#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Denied system calls explained: `run --seccomp-report`, `exec --seccomp-report` and `seccomp explain`.

load helpers

# Allows everything but what the rules say.
filter() {
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": $rules}' --argjson rules "$1"
}

# report COMMAND...: runs it in the bundle, with a report.
report() {
  args "$@"
  try hull run --seccomp-report "$T/report" --bundle "$B" "$ID"
}

# denied FILTER: true of the report's list.
denied() {
  jq -e ".denied | $1" "$T/report" >/dev/null || { cat "$T/report"; show; return 1; }
}

@test "seccomp report: which call, which rule, which process, how often; the container sees no difference" {
  filter '[{"names": ["times"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}, {"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  report sh -c 'probe call sched_yield; probe call sched_yield; probe call times; probe call getppid; exit 7'
  equal "$status" 7
  equal "$output" $'EPERM\nEPERM\nEAGAIN\nok'
  equal "$stderr" ""
  denied 'length == 2'
  denied '.[0] | .syscall == "sched_yield" and .rule == "/linux/seccomp/syscalls/1" and .count == 2 and .effect == "EPERM"
    and .action == "SCMP_ACT_ERRNO" and .comm == "probe" and .exe == "/bin/probe" and .pid > 1'
  denied '.[1] | .syscall == "times" and .rule == "/linux/seccomp/syscalls/0" and .count == 1 and .effect == "EAGAIN"'
  jq -e '.filter and .complete and .lost == 0' "$T/report"
}

@test "seccomp report: - prints sentences on standard error, the container's output stays its own" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  args probe call sched_yield
  try hull run --seccomp-report - --bundle "$B" "$ID"
  equal "$status" 0
  equal "$output" EPERM
  has "$stderr" 'seccomp denied sched_yield (24, SCMP_ARCH_X86_64), 1 time: EPERM; SCMP_ACT_ERRNO of /linux/seccomp/syscalls/0'
  has "$stderr" "'probe' (/bin/probe)"
}

@test "seccomp report: arguments, the default action, what is newer, another architecture's calls" {
  config '.linux.seccomp = ($p | .defaultErrnoRet = 1 | .syscalls |= map(.names -= ["sched_yield", "getpriority"]))' --argjson p "$(profile docker)"
  config '.linux.seccomp.syscalls += [{"names": ["getpriority"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 5, "op": "SCMP_CMP_EQ"}]}]'
  report sh -c 'probe call sched_yield; probe call newer; probe call getpriority 0 5; probe call getpriority 0 6; probe call getpriority 0 6'
  equal "${output%%$'\n'*}" EPERM
  denied 'map(select(.syscall == "sched_yield"))[0] | .rule == "/linux/seccomp/defaultAction" and (.why | contains("default action"))'
  denied 'map(select(.effect == "ENOSYS"))[0] | .action == null and .rule == "/linux/seccomp/defaultAction" and (.why | contains("newer"))'
  denied 'map(select(.syscall == "getpriority")) | length == 1 and .[0].count == 2 and .[0].args[1] == "0x6"'
}

@test "seccomp report: what kills still kills, and is in the report" {
  local action
  for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS; do
    filter '[{"names": ["sched_yield"], "action": "'$action'"}]'
    report probe call sched_yield
    equal "$status" 159
    equal "$output" ""
    denied '.[0] | .syscall == "sched_yield" and .action == "'$action'" and (.effect | contains("SIGSYS"))'
    report sh -c 'probe call sched_yield; echo $?'
    equal "$status" 0
    equal "$output" 159
  done
}

@test "seccomp report: what kills does so even if SIGSYS is ignored" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_KILL"}]'
  report sh -c 'trap "" SYS; probe call sched_yield; echo $?'
  equal "$status" 0
  equal "$output" 137
}

@test "seccomp report: of another rule is another one; what is too much is counted" {
  filter '[{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 5, "op": "SCMP_CMP_EQ"}]},
    {"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 6, "op": "SCMP_CMP_EQ"}]}]'
  report sh -c 'probe call getpriority 0 5; probe call getpriority 0 6'
  denied 'map(.rule) == ["/linux/seccomp/syscalls/0", "/linux/seccomp/syscalls/1"]'
  config '.linux.seccomp = $p' --argjson p "$(profile docker)"
  report probe calls 1000 1600
  equal "$output" 600
  jq -e '.lost >= 88 and (.denied | length == 512)' "$T/report" || { cat "$T/report"; return 1; }
}

@test "seccomp report: with a profile that allows nothing but what is called, and without noNewPrivileges" {
  local nnp
  config '.linux.seccomp = ($p | .defaultErrnoRet = 1 | .syscalls |= map(.names -= ["sendmsg", "write", "sched_yield"]))' --argjson p "$(profile podman)"
  for nnp in true false; do
    config '.process.noNewPrivileges = $n' --argjson n "$nnp"
    report probe call sched_yield
    equal "$output" ""
    denied 'map(.syscall) | contains(["sched_yield", "write"]) and (contains(["sendmsg"]) | not)'
  done
}

@test "seccomp report: a filter that denies execve is an error as before, and the report says why" {
  filter '[{"names": ["execve", "execveat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]'
  args true
  LIMIT=10 try hull run --seccomp-report "$T/report" --bundle "$B" "$ID"
  failed 'permission denied'
  denied '.[0] | .syscall == "execve" and .rule == "/linux/seccomp/syscalls/0" and .effect == "EACCES"'
  filter '[{"names": ["execve", "execveat"], "action": "SCMP_ACT_KILL"}]'
  LIMIT=10 try hull run --seccomp-report "$T/report" --bundle "$B" "$ID"
  [ "$status" -eq 1 ]
  denied '.[0].syscall == "execve"'
}

@test "seccomp report: in a user namespace, and of processes that outlive the first one" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  config '.linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
  report sh -c 'probe call sched_yield; sleep 1000 & exit 3'
  equal "$status" 3
  equal "$output" EPERM
  denied '.[0].syscall == "sched_yield"'
  jq -e .complete "$T/report"
}

@test "seccomp report: many different callers are counted, and threads of them" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  report sh -c 'for i in 1 2 3 4 5 6 7 8; do (probe call sched_yield; probe call sched_yield) & done; wait'
  equal "$(grep -c EPERM <<<"$output")" 16
  denied 'length == 1 and .[0].count == 16'
}

@test "seccomp report: of exec; the container's own process is not in it" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]'
  start_sleeper
  try hull exec --seccomp-report "$T/report" "$ID" probe call sched_yield
  equal "$status" 0
  equal "$output" EAGAIN
  denied 'length == 1 and .[0].rule == "/linux/seccomp/syscalls/0" and .[0].comm == "probe"'
  # The plain filter is the one that is kept.
  ok exec "$ID" probe call sched_yield
  equal "$output" EAGAIN
}

@test "seccomp report: without a filter, with nothing denied" {
  config 'del(.linux.seccomp)'
  report true
  equal "$status" 0
  jq -e '.filter == false and .denied == []' "$T/report"
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  args true
  try hull run --seccomp-report - --bundle "$B" "$ID"
  equal "$status" 0
  equal "$stderr" 'seccomp denied nothing'
}

@test "seccomp report: not with an agent, not detached, not to a file that cannot be written" {
  args sh -c 'echo >/data/ran'
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x", "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_NOTIFY"}]}'
  fails /linux/seccomp/syscalls/0/action listenerPath -- run --seccomp-report "$T/report" --bundle "$B" "$ID"
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  fails --seccomp-report --detach -- run --detach --seccomp-report "$T/report" --bundle "$B" "$ID"
  fails 'nothing was started' /nowhere/report -- run --seccomp-report /nowhere/report --bundle "$B" "$ID"
  [ ! -e "$B/rootfs/data/ran" ]
  nothing_left
}

@test "seccomp report: nobody outside the call that hands the listener out gets past the filter by its arguments" {
  # sendmsg is denied to everybody: with zeroes, ones and the file's own guess in the surplus arguments
  filter '[{"names": ["sendmsg"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]'
  report sh -c 'probe call sendmsg 9 0 0 0 0 0; probe call sendmsg 9 0 16384 1 1 1'
  equal "$output" $'EAGAIN\nEAGAIN'
  denied '.[0].count == 2'
}

@test "seccomp report: the supervisor keeps no pipe of the caller's open and ends with the container" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  args probe call sched_yield
  LIMIT=10 hull run --seccomp-report "$T/report" --bundle "$B" "$ID" 3>&- | cat >"$T/out"
  equal "$(cat "$T/out")" EPERM
  nothing_left
}

@test "seccomp report: of exec, what the command leaves running holds up nobody who waits for a pipe" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  start_sleeper
  # shellcheck disable=SC2094
  hull exec --seccomp-report "$T/report" "$ID" sh -c 'sleep 1000 >/dev/null 2>&1 </dev/null &' 7>&1 3>&- 2>"$T/stderr" \
    | timeout "$((15 * SLOW))" cat >"$T/out"
  jq -e '.complete == false' "$T/report"
}

@test "seccomp report: no signal to the caller's group ends the supervisor" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]'
  mkfifo "$B/rootfs/data/go"
  args sh -c 'read line </data/go; probe call sched_yield'
  hull_exec run --seccomp-report "$T/report" --bundle "$B" "$ID" >"$T/out" 3>&- &
  local pid=$! signal supervisor
  BACKGROUND+=("$pid")
  wait_for eval 'supervisor=$(pgrep -P "$pid" -x hull-seccomp)'
  for signal in HUP INT QUIT TERM; do
    kill "-$signal" "$supervisor"
  done
  echo >"$B/rootfs/data/go"
  wait "$pid"
  equal "$(cat "$T/out")" EAGAIN
  denied '.[0].syscall == "sched_yield"'
}

@test "seccomp report: names of programs do nothing to a terminal" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  cp "$PROBE" "$B/rootfs/data/"$'a\033[31mb'
  args "/data/"$'a\033[31mb' call sched_yield
  try hull run --seccomp-report - --bundle "$B" "$ID"
  has "$stderr" "'a\\u001b[31mb' (/data/a\\u001b[31mb)"
  hasnt "$stderr" $'\033'
}

# --- explain --------------------------------------------------------------------------------------------

@test "seccomp explain: the rule, the default, the conditions and the age, as text and as JSON" {
  config '.linux.seccomp = ($p | .defaultErrnoRet = 1 | .syscalls |= map(.names -= ["sched_yield"]))' --argjson p "$(profile docker)"
  ok seccomp explain --bundle "$B" read
  has "$output" 'SCMP_ARCH_X86_64: read (0)'
  has "$output" 'allowed (SCMP_ACT_ALLOW, /linux/seccomp/syscalls/'
  ok seccomp explain --bundle "$B" sched_yield
  has "$output" 'EPERM (SCMP_ACT_ERRNO, /linux/seccomp/defaultAction): no rule lets it through'
  ok seccomp explain --bundle "$B" personality
  has "$output" 'if args[0] == 0x8: allowed'
  ok seccomp explain --bundle "$B" personality 8
  has "$output" allowed
  hasnt "$output" EPERM
  ok seccomp explain --bundle "$B" personality 0x9
  has "$output" EPERM
  ok seccomp explain --bundle "$B" --format json 9999
  jq -e '.[0] | .effect == "ENOSYS" and .number == 9999 and .syscall == null and (.why | contains("newer"))' <<<"$output"
  ok seccomp explain --bundle "$B" --format json personality 8
  jq -e 'map(.arch) | contains(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"])' <<<"$output"
}

# explained WORD...: "EFFECT RULE" of the first architecture.
explained() {
  ok seccomp explain --bundle "$B" --format json "$@"
  jq -r '.[0] | .effect + " " + (.rule | ltrimstr("/linux/seccomp/"))' <<<"$output"
}

@test "seccomp explain: each condition at its edges, as the compiled filter has it and as the reason says it" {
  local op value two hit miss
  while read -r op value two hit miss; do
    filter '[{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO",
      "args": [{"index": 1, "value": '"$value"', "valueTwo": '"$two"', "op": "SCMP_CMP_'"$op"'"}]}]'
    echo "$op"
    equal "$(explained getpriority 0 "$hit")" "EPERM syscalls/0"
    equal "$(explained getpriority 0 "$miss")" "allowed defaultAction"
  done <<'END'
NE 5 0 6 5
LT 5 0 4 5
LE 5 0 5 6
EQ 5 0 5 4
GE 5 0 5 4
GT 5 0 6 5
MASKED_EQ 6 2 3 6
END
  # Several conditions on one argument: one of them is enough.
  filter '[{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO",
    "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]}]'
  equal "$(explained getpriority 0 2)" "EPERM syscalls/0"
  # Of two rules for it, that which gave the answer.
  filter '[{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11, "args": [{"index": 1, "value": 5, "op": "SCMP_CMP_EQ"}]},
    {"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]'
  case $(explained getpriority 0 5) in
    "EAGAIN syscalls/0" | "EACCES syscalls/1") ;;
    *) show; return 1 ;;
  esac
}

@test "seccomp explain: says the same as the kernel does" {
  local call want
  config '.linux.seccomp = ($p | .defaultErrnoRet = 1 | .syscalls |= map(.names -= ["sched_yield"]))' --argjson p "$(profile podman)"
  for call in sched_yield getppid times; do
    args probe call "$call"
    try hull run --bundle "$B" "$ID"
    want=$output
    ok seccomp explain --bundle "$B" --format json "$call"
    equal "$(jq -r '.[0].effect' <<<"$output")" "${want/ok/allowed}"
  done
}

@test "seccomp explain: what is no system call, no number, no filter, no verb is an error with the remedy" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  fails "no architecture of the profile has a system call 'no_such_call'" -- seccomp explain --bundle "$B" no_such_call
  fails "'five' is no argument" -- seccomp explain --bundle "$B" sched_yield five
  fails "'0x' is no argument" -- seccomp explain --bundle "$B" sched_yield 0x
  fails "'0x10000000000000000' is no argument" -- seccomp explain --bundle "$B" sched_yield 0x10000000000000000
  fails "'explain' is expected" -- seccomp describe read
  config 'del(.linux.seccomp)'
  fails 'every system call is allowed' /linux/seccomp -- seccomp explain --bundle "$B" read
}
