#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line as callers know it from runc: global options, help, versions, messages, bad ids.

load helpers

COMMANDS=(create start run exec state kill pause resume update delete list ps spec features plan validate steps)

# Without the options that hull() of the helpers adds.
bare() {
  try env HULL_MARK="$MARK" TMPDIR="$T/tmp" timeout --foreground "$((20 * SLOW))" "$HULL" "$@"
}

@test "version: has the lines that callers look for, on standard output" {
  local option
  for option in --version -v; do
    bare "$option"
    equal "$status" 0
    equal "$stderr" ""
    [[ ${output%%$'\n'*} =~ ^hull\ version\ [0-9]+\.[0-9]+ ]]
    equal "$(head -n1 <<<"$output" | grep -o version | wc -l)" 1
    grep -qx 'commit: [^ ]*' <<<"$output"
    grep -qx 'rundir: /.*' <<<"$output"
    grep -qx 'spec: 1\.[0-9]*\.[0-9]*.*' <<<"$output"
    grep -q '^+[A-Z]' <<<"$output"
    has "$output" +SECCOMP +CAP
  done
}

@test "help: of hull names every command and goes to standard output" {
  local option command
  for option in --help -h; do
    bare "$option"
    equal "$status" 0
    equal "$stderr" ""
    for command in "${COMMANDS[@]}"; do
      grep -qw -- "$command" <<<"$output" || { echo "no $command in the help"; return 1; }
    done
  done
}

@test "help: of every command exits 0, is on standard output and names its options" {
  local command
  for command in "${COMMANDS[@]}"; do
    bare "$command" --help
    echo "$command: $status"
    equal "$status" 0
    equal "$stderr" ""
    has "$output" "$command"
  done
  bare create --help
  has "$output" --bundle --pid-file --console-socket --preserve-fds --no-pivot --no-new-keyring
  bare exec --help
  has "$output" --process --cwd --env --user --cap --additional-gids --no-new-privs
}

# The commands that the overview names, those that somebody adds later as well.
all_commands() {
  "$HULL" --help | sed -nE '/^Options:/q; h; s/^  ([a-z]+) .*/\1/p; g; s/^.{40}  ([a-z]+) .*/\1/p'
}

@test "help: of hull and of every command fits a screen of 24 lines and 80 columns" {
  local command commands
  commands=$(all_commands)
  for command in "${COMMANDS[@]}"; do
    grep -qx "$command" <<<"$commands"
  done
  for command in '' $commands; do
    # shellcheck disable=SC2086
    bare $command --help
    equal "$status" 0
    echo "'hull $command --help' has $(wc -l <<<"$output") lines, the longest of $(wc -L <<<"$output")"
    [ "$(wc -l <<<"$output")" -le 24 ]
    [ "$(wc -L <<<"$output")" -lt 80 ]
  done
}

@test "usage: an unknown command, an unknown option and a missing value are errors that name them" {
  fails frobnicate -- frobnicate
  fails frobnicate -- run --frobnicate "$ID"
  fails frobnicate -- --frobnicate list
  fails bundle 'requires an argument' -- create --bundle
  fails '' -- create
  fails '' -- state
  fails surplus -- state "$ID" surplus
  bare
  [ "$status" -ne 0 ]
}

@test "usage: a mistyped command is answered with the one that was meant" {
  fails creaet "did you mean 'create'?" "see 'hull --help'" -- creaet "$ID"
  fails "did you mean '--bundle'?" "see 'hull run --help'" -- run --bundel "$B" "$ID"
  fails "did you mean '--root'?" "see 'hull --help'" -- --rot "$ROOT" list
}

@test "usage: checkpoint and restore are refused in words, also when asked for help" {
  fails checkpoint 'cannot checkpoint or restore' -- checkpoint --image-path "$T/image" "$ID"
  fails restore 'cannot checkpoint or restore' -- restore --bundle "$B" "$ID"
  fails checkpoint 'cannot checkpoint' -- checkpoint --help # podman takes 0 as "it can"
}

@test "globals: may be repeated, joined with = and written with one dash" {
  local form
  mkdir -p "$ROOT"
  for form in "--root $T/nowhere --root $ROOT" "--root=$ROOT" "-root $ROOT" "-root=$ROOT"; do
    # shellcheck disable=SC2086
    bare $form list --quiet
    equal "$status" 0
  done
  # the last one counts
  bare --root "$ROOT" --root "$T/nowhere" list
  [ "$status" -ne 0 ]
  bare --log "$T/a" --log-format text --root "$ROOT" --log="$LOG" --log-format=json --debug state nobody
  [ "$status" -ne 0 ]
  jq -e . "$LOG"
}

@test "globals: command options are taken as --a b, --a=b, -a b and with one dash" {
  local form
  for form in "--bundle $B" "--bundle=$B" "-b $B" "-bundle $B" "-bundle=$B"; do
    # shellcheck disable=SC2086
    ok run $form "$ID"
  done
  ok run -no-subreaper --bundle "$B" "$ID"
}

@test "globals: the root must not be /, and is made when it is missing" {
  try "$HULL" --root / list
  [ "$status" -ne 0 ]
  [ ! -e "$ROOT" ]
  ok run --bundle "$B" "$ID"
  equal "$(stat -c %a "$ROOT")" 700
}

@test "globals: a wrong --log-format, --log-level or --cgroup-manager is an error that names it" {
  bare --log-format xml list
  [ "$status" -ne 0 ]
  has "$stderr" xml
  bare --log-level loud list
  [ "$status" -ne 0 ]
  has "$stderr" loud
  bare --cgroup-manager cgroups list
  [ "$status" -ne 0 ]
  has "$stderr" cgroups
  bare --rootless perhaps list
  [ "$status" -ne 0 ]
  has "$stderr" perhaps
}

@test "usage: what a command itself finds wrong comes with a word on where to read more" {
  local command
  start_sleeper
  for command in "exec $ID" "kill $ID SIGFOO" "update --memory 1Z $ID"; do
    # shellcheck disable=SC2086
    bare --root "$ROOT" $command
    [ "$status" -ne 0 ]
    has "$stderr" "see 'hull ${command%% *} --help'"
  done
  bare --systemd-cgroup --cgroup-manager disabled list
  [ "$status" -ne 0 ]
  has "$stderr" --systemd-cgroup "--cgroup-manager disabled" contradict
}

@test "globals: --rootless and --cgroup-manager are taken with each of their values" {
  cgroupfs_only # systemd is the user's own with --rootless true
  local value
  for value in true false auto; do
    ok --rootless "$value" run --bundle "$B" "$ID"
  done
  ok --cgroup-manager cgroupfs run --bundle "$B" "$ID"
  ok --cgroup-manager disabled run --bundle "$B" "$ID"
}

@test "globals: --cgroup-manager disabled makes no cgroup" {
  sh_args 'sleep 1000'
  ok --cgroup-manager disabled run --detach --bundle "$B" "$ID"
  equal "$(ls -d "$CG$CGP"/*/ 2>/dev/null)" ""
  ok delete --force "$ID"
}

@test "log: the JSON line has level, msg and an RFC 3339 time, and standard error the same message" {
  fails 'container does not exist' nobody -- state nobody
  equal "$(wc -l <"$LOG")" 1
  jq -e '(keys - ["level", "msg", "time"] | all(. != "LEVEL")) and .level == "error" and (.msg | length) > 0' "$LOG"
  jq -er .time "$LOG" | grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$'
  date -d "$(jq -r .time "$LOG")" >"$T/date"
}

@test "log: a newline, a quote and a control character in a message stay one line of JSON" {
  fails '' -- state $'a\n"\001b'
  equal "$(wc -l <"$LOG")" 1
  jq -e .msg "$LOG"
}

@test "log: text lines have time, level and msg" {
  bare --root "$ROOT" --log "$LOG" state nobody
  [ "$status" -ne 0 ]
  equal "$(wc -l <"$LOG")" 1
  grep -qE '^time="[^"]+" level=error msg=".*container does not exist.*"$' "$LOG"
}

@test "log: lines are appended and the file is mode 0644" {
  echo first >"$T/mine"
  bare --root "$ROOT" --log "$T/mine" --log-format json state nobody
  equal "$(wc -l <"$T/mine")" 2
  equal "$(head -n1 "$T/mine")" first
  rm "$T/mine"
  bare --root "$ROOT" --log "$T/mine" --log-format json state nobody
  equal "$(stat -c %a "$T/mine")" 644
}

@test "log: without --log the error is on standard error, once" {
  bare --root "$ROOT" state nobody
  [ "$status" -ne 0 ]
  equal "$(grep -c 'container does not exist' <<<"$stderr")" 1
  equal "$output" ""
}

@test "log: success is silent, and --debug does not write to standard error when there is a log" {
  ok --debug run --bundle "$B" "$ID"
  ok --log-level debug run --bundle "$B" "$ID"
}

@test "log: a log file that cannot be opened is an error before anything is made" {
  bare --root "$ROOT" --log "$T/missing/log" run --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
  has "$stderr" "$T/missing/log" 'No such file or directory'
}

@test "ids: a bad one is refused by every verb, which names it and touches nothing" {
  # crun 1.8.1 fails this test: 'delete -f ..' erases the parent of the state root
  local bad verb long
  long=$(printf 'a%.0s' {1..300})
  mkdir -p "$ROOT" "$T/state/neighbour"
  echo canary >"$T/state/neighbour/canary"
  for bad in . .. a/b ../neighbour /etc '' "$long" $'a\nb' 'a b' 'a*' "$(printf '\303\251')"; do
    for verb in create run start state kill pause resume delete 'delete --force' exec; do
      # shellcheck disable=SC2086
      case $verb in
        create | run) fails id -- $verb --bundle "$B" "$bad" ;;
        exec) fails id -- exec "$bad" true ;;
        *) fails id -- $verb "$bad" ;;
      esac || { echo "verb '$verb', id '${bad:0:40}'"; return 1; }
    done
  done
  equal "$(cat "$T/state/neighbour/canary")" canary
}

@test "ids: one that begins with a dash is taken as an option or refused, never as an id" {
  fails '' -- state -x
  fails '' -- delete --force -x
}

@test "ids: letters, digits and _+-. may be in one, up to 255 bytes" {
  local good
  for good in a 0 A_b+c-d.e ..a "$(printf 'b%.0s' {1..255})"; do
    case $good in ..a) continue ;; esac
    ok run --bundle "$B" "$good" || { echo "id '$good'"; return 1; }
  done
}

@test "ids: a container that does not exist is named by every verb" {
  local verb
  for verb in start state kill pause resume delete; do
    fails nobody 'container does not exist' -- "$verb" nobody
  done
  fails nobody 'container does not exist' -- exec nobody true
  ok delete --force nobody
}

@test "environment: hull works with an empty one" {
  try env -i ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${HULL_LIBEXECDIR:+"HULL_LIBEXECDIR=$HULL_LIBEXECDIR"} "$HULL" --root "$ROOT" --log "$LOG" run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$stderr" ""
}

@test "environment: hull works with standard streams closed" {
  local saved=0
  timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" --log "$LOG" run --bundle "$B" "$ID" <&- >&- 2>&- 3>&- || saved=$?
  equal "$saved" 0
}

@test "features: is a JSON document with what engines look for, and nothing on standard error" {
  bare features
  equal "$status" 0
  equal "$stderr" ""
  jq -e '
    .ociVersionMin == "1.0.0" and (.ociVersionMax | startswith("1."))
    and (.hooks | sort) == ["createContainer", "createRuntime", "poststart", "poststop", "prestart", "startContainer"]
    and ((["rro", "rbind", "tmpcopyup", "nosymfollow", "rnosymfollow", "lazytime", "iversion", "runbindable", "silent"]
          - .mountOptions) == [])
    and (.linux.namespaces | sort) == ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]
    and (.linux.capabilities | index("CAP_SYS_ADMIN")) != null
    and .linux.cgroup.v2 == true and .linux.cgroup.v1 == false
    and .linux.seccomp.enabled == true
    and ((["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
           "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"] - .linux.seccomp.actions) == [])
    and (.linux.seccomp.archs | index("SCMP_ARCH_X86_64")) != null
    and (.linux.seccomp.operators | index("SCMP_CMP_MASKED_EQ")) != null
  ' "$T/stdout"
}

@test "output: a full disk under standard output is an error" {
  try sh -c '"$1" features >/dev/full' sh "$HULL"
  [ "$status" -ne 0 ]
}
