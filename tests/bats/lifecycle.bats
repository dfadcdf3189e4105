#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create, start, state, kill, delete, run and list of one container: status, exit codes, messages.

load helpers

# bats test_tags=smoke
@test "create: makes a container that waits, start lets its command run" {
  sh_args 'echo started >/data/started; sleep 1000'
  ok create --bundle "$B" "$ID"
  equal "$(container_status)" created
  [ ! -e "$B/rootfs/data/started" ]
  ok start "$ID"
  equal "$output" ""
  equal "$(container_status)" running
  wait_for [ -e "$B/rootfs/data/started" ]
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  fails 'container does not exist' -- state "$ID"
}

@test "state: is the OCI state with what callers read from it" {
  config '.annotations = {"org.example.a": "b"}'
  start_sleeper
  ok state "$ID"
  jq -e --arg id "$ID" --arg bundle "$B" '
    .id == $id and .status == "running" and .pid > 0 and .bundle == $bundle and .rootfs == $bundle + "/rootfs"
    and (.ociVersion | startswith("1.")) and .annotations == {"org.example.a": "b"} and has("owner")
    and (.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]+)?(Z|[+-][0-9:]{5})$"))' "$T/stdout"
  equal "$(tr '\0' ' ' <"/proc/$(container_pid)/cmdline")" "sleep 1000 "
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok state "$ID"
  jq -e '.pid == 0 and .status == "stopped"' "$T/stdout"
}

@test "create: the pid file has the pid, no newline, and is complete when create returns" {
  cd "$T"
  ok create --bundle bundle --pid-file pid "$ID"
  equal "$(cat pid)" "$(container_pid)"
  printf %s "$(container_pid)" | cmp - pid
  equal "$(find "$T" -maxdepth 1 -name '.pid*')" ""
}

@test "create: a relative bundle is stored absolute, and the default is the current directory" {
  cd "$T"
  ok create --bundle bundle "$ID"
  equal "$(hull state "$ID" | jq -r .bundle)" "$B"
  ok delete --force "$ID"
  cd "$B"
  ok create "$ID"
  equal "$(hull state "$ID" | jq -r .bundle)" "$B"
}

@test "create: --config takes another file, which may lie outside of the bundle" {
  args echo other
  mv "$B/config.json" "$T/other.json"
  ok run --bundle "$B" --config "$T/other.json" "$ID"
  equal "$output" other
}

@test "create: a second one with the same id fails and leaves the first alone" {
  ok create --bundle "$B" "$ID"
  local first
  first=$(container_pid)
  fails "$ID" 'container with given ID already exists' -- create --bundle "$B" "$ID"
  fails "$ID" 'container with given ID already exists' -- run --bundle "$B" "$ID"
  equal "$(container_pid)" "$first"
  equal "$(container_status)" created
}

@test "create: a change of config.json afterwards does not touch the container" {
  args echo before
  ok create --bundle "$B" "$ID"
  args echo after
  cp "$T/stdout" "$T/out"
  ok start "$ID"
  wait_for has_status stopped
}

# bats test_tags=smoke
@test "create: a cgroup that has processes in it is refused" {
  start_sleeper
  fails "$CGROUP" -- create --bundle "$B" other
  equal "$(container_status)" running
}

@test "create: a frozen cgroup is refused, with the cgroup named" {
  cgroupfs_only
  mkdir "$CGROUP_DIR"
  echo 1 >"$CGROUP_DIR/cgroup.freeze"
  LIMIT=5 fails "$CGROUP" -- create --bundle "$B" "$ID"
  echo 0 >"$CGROUP_DIR/cgroup.freeze"
  rmdir "$CGROUP_DIR"
}

@test "start: of a running one and of a stopped one are different errors" {
  start_sleeper
  fails "$ID" running -- start "$ID"
  ok kill "$ID" KILL
  wait_for has_status stopped
  fails "$ID" stopped -- start "$ID"
}

@test "start: when the created init has died says so" {
  ok create --bundle "$B" "$ID"
  kill -KILL "$(container_pid)"
  wait_for has_status stopped
  fails "$ID" stopped -- start "$ID"
}

@test "kill: takes a name with and without SIG, in any case, and a number; default is TERM" {
  local signal
  sh_args 'trap "echo got USR1 >>/data/log" USR1; trap "echo got TERM >>/data/log" TERM
    echo ready >>/data/log; while :; do sleep 0.05; done'
  ok run --detach --bundle "$B" "$ID"
  wait_for grep -q ready "$B/rootfs/data/log"
  local count=0
  for signal in USR1 SIGUSR1 sigusr1 usr1 10; do
    ok kill "$ID" "$signal"
    count=$((count + 1))
    wait_for eval '[ "$(grep -c USR1 "$B/rootfs/data/log")" = '"$count ]"
  done
  ok kill "$ID"
  wait_for grep -q TERM "$B/rootfs/data/log"
}

@test "kill: the default is the stop signal that the image names, and TERM if it names none that there is" {
  local named got
  while read -r named got; do
    config '.annotations = {"org.opencontainers.image.stopSignal": $s}' --arg s "$named"
    sh_args 'for s in USR2 QUIT TERM 37; do trap "echo got $s >/data/log; exit" $s; done
      echo ready >/data/log; while :; do sleep 0.05; done'
    ok run --detach --bundle "$B" "$ID"
    wait_for grep -q ready "$B/rootfs/data/log"
    ok kill "$ID"
    wait_for grep -qx "got $got" "$B/rootfs/data/log"
    ok delete --force "$ID"
  done <<'ROWS'
SIGUSR2 USR2
QUIT QUIT
RTMIN+3 37
NOPE TERM
0 TERM
ROWS
}

@test "kill: an unknown signal is named" {
  start_sleeper
  fails SIGNOPE -- kill "$ID" SIGNOPE
  fails 99 -- kill "$ID" 99
  fails -1 -- kill "$ID" -- -1
  fails '' -- kill "$ID" ''
  equal "$(container_status)" running
}

@test "kill: of a stopped container is an error that engines know, but not with --all" {
  ok run --keep --bundle "$B" "$ID"
  fails "$ID" 'container not running' -- kill "$ID" KILL
  ok kill --all "$ID" KILL
  ok kill -a "$ID" 9
}

@test "kill: a created container can be killed" {
  ok create --bundle "$B" "$ID"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
}

@test "kill: KILL without a pid namespace of its own ends every process" {
  config '.linux.namespaces |= map(select(.type != "pid"))'
  sh_args 'sleep 2000 & setsid sleep 3000 & echo $! >/data/child; exec sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -s "$B/rootfs/data/child" ]
  ok kill "$ID" KILL
  wait_for has_status stopped
  wait_for eval '[ -z "$(marked_pids)" ]'
  ok delete "$ID"
}

# bats test_tags=smoke
@test "kill: --all reaches processes that outlive init in a shared pid namespace" {
  config '.linux.namespaces |= map(select(.type != "pid"))'
  sh_args 'setsid sleep 3000 & echo $! >/data/child'
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  [ -n "$(marked_pids)" ]
  ok kill --all "$ID" 9
  wait_for eval '[ -z "$(marked_pids)" ]'
}

@test "delete: of a running container is refused, with what to do" {
  start_sleeper
  fails "$ID" running --force -- delete "$ID"
  equal "$(container_status)" running
  ok delete --force "$ID"
}

@test "delete: of a created container ends it" {
  ok create --bundle "$B" "$ID"
  ok delete "$ID"
  fails 'container does not exist' -- state "$ID"
}

# bats test_tags=smoke
@test "delete: --force ends a container that ignores signals and forks into nested cgroups" {
  # crun before 1.29.1 read only the upper cgroup's processes
  config '.linux.namespaces |= map(select(.type != "pid")) | .mounts[-1].options -= ["ro"]'
  sh_args 'trap "" TERM INT HUP
    for i in 1 2 3; do mkdir -p /sys/fs/cgroup/a$i/b
      sh -c "trap \"\" TERM; echo \$\$ >/sys/fs/cgroup/a$i/b/cgroup.procs; while :; do sleep 1; done" & done
    while ! grep -q . /sys/fs/cgroup/a3/b/cgroup.procs; do :; done; echo x >/data/ready; while :; do sleep 1; done'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
  ok delete --force "$ID"
  nothing_left
}

@test "delete: --force of a frozen container works" {
  start_sleeper
  echo 1 >"$CGROUP_DIR/cgroup.freeze"
  ok delete --force "$ID"
  nothing_left
}

@test "delete: --force works when the bundle is gone" {
  start_sleeper
  mv "$B" "$T/away"
  ok delete --force "$ID"
}

@test "delete: --force cleans up when any one file of the state is broken, empty or gone" {
  local name damage
  ok create --bundle "$B" "$ID"
  cd "$ROOT/$ID"
  local names=(*)
  cd /
  ok delete --force "$ID"
  for name in "${names[@]}"; do
    for damage in broken empty gone; do
      ok create --bundle "$B" "$ID"
      [ -f "$ROOT/$ID/$name" ] || { ok delete --force "$ID"; continue; }
      case $damage in
        broken) echo '{' >"$ROOT/$ID/$name" ;;
        empty) : >"$ROOT/$ID/$name" ;;
        gone) rm "$ROOT/$ID/$name" ;;
      esac
      try hull delete --force "$ID"
      equal "$status" 0
      wait_for nothing_left >"$T/found" || { echo "$name $damage"; cat "$T/found"; return 1; }
    done
  done
}

@test "delete: --force removes a state directory in which nothing is left to read" {
  mkdir -p "$ROOT/$ID"
  echo '{' >"$ROOT/$ID/state.json"
  try hull delete --force "$ID"
  equal "$status" 0
  mkdir -p "$ROOT/$ID"
  try hull delete --force "$ID"
  equal "$status" 0
}

# bats test_tags=smoke
@test "pause: freezes every process, resume lets them go on" {
  sh_args 'while :; do echo x >>/data/ticks; sleep 0.02; done'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -s "$B/rootfs/data/ticks" ]
  ok pause "$ID"
  equal "$(container_status)" paused
  local ticks
  ticks=$(wc -l <"$B/rootfs/data/ticks")
  sleep 0.2
  equal "$(wc -l <"$B/rootfs/data/ticks")" "$ticks"
  ok resume "$ID"
  equal "$(container_status)" running
  wait_for eval '[ "$(wc -l <"$B/rootfs/data/ticks")" -gt '"$ticks ]"
  fails "$ID" paused -- resume "$ID"
}

@test "pause: a paused container can be killed and deleted" {
  start_sleeper
  ok pause "$ID"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  start_sleeper
  ok pause "$ID"
  ok delete --force "$ID"
}

@test "pause: of a stopped container is an error" {
  ok run --keep --bundle "$B" "$ID"
  fails "$ID" 'not running' -- pause "$ID"
  fails "$ID" -- resume "$ID"
}

@test "run: gives the exit status of the command" {
  local code
  for code in 0 1 7 255; do
    sh_args "exit $code"
    try hull run --bundle "$B" "$ID"
    equal "$status" "$code"
    equal "$stderr" ""
  done
}

@test "run: gives 128 and the signal when the command was killed" {
  # sh as init would ignore TERM: the command is a child of a shell that execs nothing
  sh_args 'kill -KILL $$; sleep 1; echo still here'
  config '.linux.namespaces |= map(select(.type != "pid"))'
  try hull run --bundle "$B" "$ID"
  equal "$status" 137
  sh_args 'kill -TERM $$'
  try hull run --bundle "$B" "$ID"
  equal "$status" 143
}

@test "run: gives 1 and the error when the container could not be made" {
  args /missing
  fails /missing -- run --bundle "$B" "$ID"
  equal "$status" 1
}

@test "run: passes standard input, output and error through" {
  sh_args 'cat; echo err >&2'
  echo "some input" >"$T/in"
  INPUT=$T/in try hull run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$output" "some input"
  equal "$stderr" err
}

@test "run: passes large data through without change" {
  head -c 3000000 /dev/urandom >"$T/in"
  args cat
  timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" run --bundle "$B" "$ID" <"$T/in" 3>&- | cmp - "$T/in"
}

@test "run: removes the container at the end, --keep does not" {
  ok run --bundle "$B" "$ID"
  nothing_left
  ok run --keep --bundle "$B" "$ID"
  equal "$(container_status)" stopped
  [ "$HULL_DRIVER" = systemd ] || [ -d "$CGROUP_DIR" ] # systemd removes that of a scope that has ended
  ok delete "$ID"
  nothing_left
}

# bats test_tags=smoke
@test "run: --keep keeps the cgroup and its memory.events until delete" {
  [ "$HULL_DRIVER" = cgroupfs ] || skip "systemd removes the cgroup of a scope that has ended"
  ok run --keep --bundle "$B" "$ID"
  [ -f "$CGROUP_DIR/cgroup.events" ]
}

@test "run: --detach returns when the command runs, and init is left to the caller" {
  start_sleeper --pid-file "$T/pid"
  equal "$(container_status)" running
  equal "$(cat "$T/pid")" "$(container_pid)"
  equal "$(marked_pids | wc -l)" 1
}

@test "run: forwards signals to the command" {
  sh_args 'trap "echo got HUP" HUP; trap "echo got TERM; exit 5" TERM; echo ready; while :; do sleep 0.05; done'
  hull_exec run --bundle "$B" "$ID" >"$T/out" 2>&1 &
  local pid=$! result=0
  wait_for grep -q ready "$T/out"
  kill -HUP "$pid"
  wait_for grep -q HUP "$T/out"
  kill -TERM "$pid"
  wait "$pid" || result=$?
  equal "$result" 5
  grep -q TERM "$T/out"
}

@test "run: when hull is killed with SIGKILL the container can be deleted" {
  args sleep 1000
  hull_exec run --bundle "$B" "$ID" >"$T/out" 2>&1 &
  local pid=$!
  wait_for eval 'has_status running 2>/dev/null'
  kill -KILL "$pid"
  wait "$pid" || :
  ok delete --force "$ID"
  nothing_left
}

@test "run: zombies of the container are not waited for" {
  sh_args 'sh -c "sleep 1000 & exec true"; exit 3'
  try hull run --bundle "$B" "$ID"
  equal "$status" 3
  nothing_left
}

@test "run: background processes end with init although they hold standard output" {
  sh_args 'sleep 1000 & echo done'
  local start=$SECONDS
  equal "$(timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" run --bundle "$B" "$ID" 2>&1 3>&-)" "done"
  [ $((SECONDS - start)) -lt $((10 * SLOW)) ]
}

@test "list: prints a table, ids, JSON; an empty root is an empty list" {
  mkdir -p "$ROOT"
  ok list
  equal "$(awk '{$1=$1; print}' <<<"$output")" "ID PID STATUS BUNDLE CREATED OWNER"
  ok list --format json
  equal "$output" null
  ok list --quiet
  equal "$output" ""
  ok create --bundle "$B" "$ID"
  bundle second
  start_second
  ok list
  equal "$(wc -l <<<"$output")" 3
  grep -qE "^$ID +$(container_pid) +created +$T/bundle +[0-9T:.Z-]+ +root" <<<"$output"
  ok list -q
  equal "$output" "$(printf '%s\n' "$ID" second | sort)"
  ok list -f json
  jq -e --arg id "$ID" 'length == 2 and (map(select(.id == $id))[0] | .status == "created" and .pid > 0 and .owner == "root")' "$T/stdout"
  fails xml -- list --format xml
}

start_second() {
  args sleep 1000
  ok run --detach --bundle "$B" second
}

@test "list: an explicit root that is missing is an error" {
  fails "$T/nowhere" -- --root "$T/nowhere" list
}

@test "list: a broken entry does not hide the others" {
  ok create --bundle "$B" "$ID"
  mkdir "$ROOT/broken"
  try hull list -q
  has "$output" "$ID"
  rmdir "$ROOT/broken"
}

@test "status: a pid that is somebody else's now is a stopped container" {
  ok create --bundle "$B" "$ID"
  local pid
  pid=$(container_pid)
  kill -KILL "$pid"
  wait_for has_status stopped
  fails 'container not running' -- kill "$ID" TERM
  ok delete "$ID"
}

@test "parallel: of sixteen creates of one id exactly one wins, and nothing is left of the others" {
  # runc 1.1.5 had two winners in 3 of 30 rounds
  local round i winners
  for round in 1 2 3; do
    for i in {1..16}; do
      (hull create --bundle "$B" "$ID" >"$T/out.$i" 2>&1 </dev/null 3>&- && echo won >"$T/won.$i") &
    done
    wait
    winners=$(find "$T" -name 'won.*' | wc -l)
    equal "$winners" 1
    equal "$(grep -L 'already exists' "$T"/out.* | wc -l)" 1
    equal "$(marked_pids | wc -l)" 1
    equal "$(container_status)" created
    ok delete --force "$ID"
    rm "$T"/won.*
    nothing_left
  done
}

@test "parallel: create and delete of one id at the same time never leave a half container" {
  local i
  for i in {1..20}; do
    hull create --bundle "$B" "$ID" >"$T/out.1" 2>&1 </dev/null 3>&- &
    sleep "0.0$((RANDOM % 10))"
    hull delete --force "$ID" >"$T/out.2" 2>&1 3>&- || { cat "$T/out.2"; return 1; }
    wait
    hull delete --force "$ID" 3>&-
    nothing_left
  done
}
