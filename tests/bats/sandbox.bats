#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hull sandbox: each thing that is closed unless it is asked for has a test that fails when it is open; so have the
# limits, the time-out, the report, bad input, and that nothing is left. As root and as a user.

load helpers

U=1000

# So that ours can go on with it.
eval "root_$(declare -f setup)"

setup() {
  root_setup
  HERE=$T/here
  mkdir "$HERE"
  chmod 755 "$T" "$HERE"
  cd "$HERE" || return
}

# Whoever runs in it can be told by the mark, which it would not have by itself.
box() {
  hull sandbox --env HULL_MARK --ro "$PROBE" "$@"
}

# in_box [OPTION...] COMMAND...: must succeed, without a word.
in_box() {
  try box "$@"
  if [ "$status" -ne 0 ] || [ -s "$T/stderr" ]; then
    echo "hull sandbox $* ended with $status"
    show
    return 1
  fi
}

box_fails() {
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  try hull sandbox "$@"
  failed "${words[@]}"
}

as_user() {
  command -v setpriv >/dev/null || skip "needs setpriv"
  setpriv --reuid "$U" --regid "$U" --clear-groups test -x "$HULL" || skip "user $U may not execute $HULL"
  setpriv --reuid "$U" --regid "$U" --clear-groups unshare --user true 2>/dev/null || skip "users may not make user namespaces here"
  setpriv --reuid "$U" --regid "$U" --clear-groups --inh-caps=-all -- env -i PATH="$PATH" HULL_MARK="$MARK" TMPDIR="$T/tmp" \
    ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${UBSAN_OPTIONS:+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} "$@"
}

# The log is root's: messages come on standard error.
user_box() {
  as_user timeout --foreground -k 5 "$((20 * SLOW))" "$HULL" sandbox --env HULL_MARK "$@"
}

gone() {
  [ -z "$(marked_pids)" ]
}

report() {
  jq -e "$@" "$T/report.json" >/dev/null || { echo "not so: $*"; cat "$T/report.json"; return 1; }
}

# --- closed by default -----------------------------------------------------------------------------------------

@test "sandbox: the host's files are there, and nothing of them can be written" {
  touch "$HERE/file"
  in_box sh -c 'pwd; ls; for place in / /etc /usr "$HOME" . ; do [ -d "$place" ] && touch "$place/made" 2>/dev/null && echo "wrote $place"; done; true'
  equal "$output" "$HERE"$'\nfile'
  in_box cat /proc/self/mountinfo
  # Every mount of the host's is read-only, those below / as well.
  equal "$(awk '$5 !~ "^/(proc|dev|sys|run|tmp|var/tmp|var/run)(/|$)" && $6 !~ /^ro,/ {print $5}' "$T/stdout")" ""
  listed "$(mount_line /)" nosuid
  listed "$(mount_line /)" nodev
  [ ! -e "$HERE/made" ]
}

@test "sandbox: /tmp, /var/tmp and /run are its own, and empty" {
  local canary
  for place in /run /tmp /var/tmp; do
    [ -d "$place" ] && [ ! -L "$place" ] || continue
    canary=$(mktemp -d "$place/$MARK.XXXXXX")
    try box sh -c "ls -A $place | grep -vx ${T#/tmp/} | grep -e '$MARK' ; touch $place/mine && ls $place/mine"
    rmdir "$canary"
    equal "$output" "$place/mine"
    [ ! -e "$place/mine" ]
  done
}

@test "sandbox: a runtime directory elsewhere is hidden too" {
  XDG_RUNTIME_DIR=/etc in_box ls -A /etc
  equal "$output" ""
}

@test "sandbox: no process of the host is seen" {
  in_box sh -c 'ls /proc | grep -c "^[0-9]"; kill -0 '$$' 2>/dev/null && echo reached; echo $$'
  # Its first process, the shell, ls and grep.
  equal "$output" $'4\n2'
}

@test "sandbox: of the devices only the usual few" {
  in_box ls /dev
  equal "$(tr '\n' ' ' <<<"$output")" "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero "
  try box mknod "/tmp/sda" b 8 0
  [ "$status" -ne 0 ]
}

@test "sandbox: no variable of the environment but those asked for" {
  SECRET=hidden LANG=C.UTF-8 TERM=xterm in_box env
  equal "$(cut -d= -f1 <<<"$output" | sort | tr '\n' ' ')" "HOME HULL_MARK LANG PATH TERM "
  SECRET=shown in_box --env SECRET --env OTHER=given --env LANG=xx env
  has "$output" SECRET=shown OTHER=given LANG=xx
  equal "$(grep -c ^LANG= <<<"$output")" 1
  # Nor behind the first process.
  SECRET=hidden try box sh -c 'cat /proc/1/environ'
  hasnt "$output" hidden
}

@test "sandbox: no capability, and no way to one" {
  in_box cat /proc/self/status
  for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    has "$output" "$set:"$'\t0000000000000000'
  done
  has "$output" $'NoNewPrivs:\t1' $'Seccomp:\t2'
}

@test "sandbox: the caller's keys are out of reach, with and without the filter" {
  try box "$PROBE" keyring
  equal "$output" "keyctl: EPERM"
  mine=$("$PROBE" keyring 2>/dev/null) || mine=none
  try box --seccomp none "$PROBE" keyring
  [ "${output%% *}" != "${mine%% *}" ]
  in_box --seccomp none cat /proc/keys
  equal "$output" ""
}

@test "sandbox: nothing can be typed into the caller's terminal" {
  command -v script >/dev/null || skip "needs script (util-linux)"
  local line options
  for options in "" "--seccomp none"; do
    printf -v line '%q ' env HULL_MARK="$MARK" "$HULL" sandbox --ro "$PROBE"
    # Not all three streams are the terminal: it is not relayed, but the caller's own.
    try timeout -k 5 "$((20 * SLOW))" script -qefc "$line $options -- $PROBE tiocsti X 2>$T/said" /dev/null
    has "$output" "tiocsti: "
    hasnt "$output" pushed
  done
}

@test "sandbox: at a terminal the command has one of its own" {
  command -v script >/dev/null || skip "needs script (util-linux)"
  local line
  mkfifo "$T/silence"
  printf -v line '%q ' env HULL_MARK="$MARK" "$HULL" sandbox sh -c 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal'
  try timeout -k 5 "$((20 * SLOW))" script -qefc "$line" /dev/null <>"$T/silence"
  has "$output" /dev/pts/0 terminal
}

@test "sandbox: no network but its own, unless it is asked for" {
  in_box readlink /proc/self/ns/net
  [ "$output" != "$(readlink /proc/self/ns/net)" ]
  in_box sh -c 'ls /sys/class/net; grep -c . /proc/net/unix'
  equal "$output" $'lo\n1'
  in_box --net host readlink /proc/self/ns/net
  equal "$output" "$(readlink /proc/self/ns/net)"
}

@test "sandbox: every other namespace is its own, and more of them are refused" {
  local name
  in_box sh -c 'for n in ipc uts pid mnt cgroup; do echo "$n $(readlink /proc/self/ns/$n)"; done; hostname'
  for name in ipc uts pid mnt cgroup; do
    hasnt "$output" "$name $(readlink "/proc/self/ns/$name")"
  done
  has "$output" sandbox
  for name in user mount net; do
    try box unshare "--$name" true
    [ "$status" -ne 0 ]
  done
}

@test "sandbox: what is below /proc and /sys can't be changed" {
  in_box sh -c 'for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do (echo x >$f) 2>/dev/null && echo "wrote $f"; done; mkdir /sys/made 2>/dev/null && echo wrote; true'
  equal "$output" ""
}

# --- what is asked for -----------------------------------------------------------------------------------------

@test "sandbox: --rw, --ro and --tmpfs, later ones over earlier, and nothing is made on the host" {
  mkdir -p "$HERE/work/sub" "$T/data"
  echo data >"$T/data/file"
  in_box --rw . --ro work --tmpfs work/sub sh -c 'touch here; touch work/no 2>/dev/null; touch work/sub/memory; ls work/sub'
  equal "$output" memory
  equal "$(ls -A "$HERE" "$HERE/work" "$HERE/work/sub" | tr '\n' ' ')" "$(printf '%s:\nhere\nwork\n\n%s:\nsub\n\n%s:\n' "$HERE" "$HERE/work" "$HERE/work/sub" | tr '\n' ' ')"
  in_box --ro "$T/data:/tmp/a/b" cat /tmp/a/b/file
  equal "$output" data
  box_fails "there is no '$HERE/none' to mount on" "nothing is made on the host" -- --rw . --ro "$T/data:$HERE/none" true
  [ ! -e "$HERE/none" ]
}

@test "sandbox: what was not asked for stays closed below what was" {
  mkdir "$HERE/open"
  in_box --rw open sh -c 'touch open/yes; touch no 2>/dev/null && echo wrote; true'
  equal "$output" ""
  equal "$(ls -A "$HERE")" open
  [ -e open/yes ]
}

@test "sandbox: --user" {
  in_box --user 1234 "$PROBE" ids
  has "$output" "uid 1234 1234 1234"
  in_box --user 12:34 sh -c 'id -u; id -g; id -G'
  equal "$output" $'12\n34\n34'
}

@test "sandbox: --print-config is a config that hull run takes" {
  in_box --print-config sh -c 'id -u' >/dev/null
  mkdir "$T/printed"
  cp "$T/stdout" "$T/printed/config.json"
  ok validate --bundle "$T/printed"
  ok --cgroup-manager disabled run --bundle "$T/printed" "$ID"
  equal "$output" 0
}

@test "sandbox: --seccomp FILE" {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}' >"$T/profile.json"
  try box --seccomp "$T/profile.json" mkdir /tmp/x
  has "$stderr" "No space left"
  in_box --seccomp none mkdir /tmp/x
}

# --- the end ---------------------------------------------------------------------------------------------------

@test "sandbox: the exit status is the command's, or 128 and its signal" {
  try box sh -c 'exit 3'
  equal "$status" 3
  try box sh -c 'kill -TERM $$'
  equal "$status" 143
  try box sh -c 'kill -KILL $$'
  equal "$status" 137
  try hull sandbox "/no such command"
  equal "$status" 125
  has "$stderr" "no such file"
}

@test "sandbox: signals reach the command" {
  background hull_exec sandbox --env HULL_MARK --rw . sh -c 'trap "echo got >trapped; exit 9" TERM; touch ready; while :; do sleep 0.05; done'
  local pid=$!
  wait_for [ -e ready ]
  kill -TERM "$pid"
  local ended=0
  wait "$pid" || ended=$?
  equal "$ended" 9
  [ -e trapped ]
}

@test "sandbox: what the command leaves running ends with it" {
  in_box --rw . sh -c 'setsid sh -c "touch ready; sleep 1000" >/dev/null 2>&1 & while [ ! -e ready ]; do sleep 0.01; done'
  gone
}

@test "sandbox: it is gone when hull is killed" {
  background hull_exec sandbox --env HULL_MARK --rw . sh -c 'setsid sleep 1000 & touch ready; sleep 1000'
  local pid=$!
  wait_for [ -e ready ]
  kill -KILL "$pid"
  wait "$pid" || :
  wait_for gone
}

@test "sandbox: --timeout kills all of it, with status 124" {
  try box --timeout 0.5s sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1000'
  equal "$status" 124
  has "$(cat "$LOG")" "timed out after 0.5s"
  gone
  in_box --timeout 1h true
}

@test "sandbox: standard streams are the caller's" {
  echo typed >"$T/input"
  INPUT=$T/input in_box sh -c 'cat; echo said; echo wrong >&2' || true
  equal "$output" $'typed\nsaid'
  equal "$stderr" wrong
}

@test "sandbox: whichever step fails, it is named and nothing is left" {
  HULL_FAULT=spawn-init:EPERM try hull sandbox true
  [ "$status" -ne 0 ] || skip "needs a build with --enable-fault-injection"
  local row reached=" "
  while read -r row; do
    rm -f ran "$T/report.json" # of a step that is not in a sandbox
    HULL_FAULT=$row:EPERM try box --rw . --report "$T/report.json" touch ran
    [ "$status" -ne 0 ] || continue
    reached+="$row "
    failed "$row"
    [ ! -e ran ]
    [ ! -e "$T/report.json" ]
    gone
  done < <("$HULL" steps | awk '$1 == "parent" || $1 == "init" {sub(/\t.*/, ""); print $2}')
  has "$reached" " die-with-runtime " " first-process " " seccomp " " execve " " mounts "
  hasnt "$reached" state save
}

# --- the report ------------------------------------------------------------------------------------------------

@test "report: how it ended, what it took, what was denied; and why the rest is null" {
  try box --report "$T/report.json" sh -c 'unshare --mount true 2>/dev/null; sleep 0.1; exit 4'
  equal "$status" 4
  report '.command[0] == "sh" and .exit_code == 4 and .signal == null and .timed_out == false'
  report '.wall_ms >= 100 and .user_ms >= 0 and .system_ms >= 0 and .largest_process_bytes > 100000'
  report '(.read_bytes | type) == "number" and (.write_bytes | type) == "number"'
  report '[.denied_syscalls[] | select(.syscall == "unshare" and .effect == "EPERM")] | length == 1'
  report '. as $r | ["oom", "memory_peak_bytes", "pids_peak", "denied_syscalls"] | all(. as $k | ($r[$k] == null) == ($r.unknown | has($k)))'
  equal "$(stat -c %a "$T/report.json")" 644
}

@test "report: a signal, a time-out, no filter" {
  try box --report "$T/report.json" sh -c 'kill -SEGV $$'
  report '.exit_code == null and .signal == 11 and .signal_name == "SIGSEGV"'
  try box --report "$T/report.json" --timeout 200ms sleep 1000
  equal "$status" 124
  report '.timed_out == true and .exit_code == null and .signal == 9'
  in_box --seccomp none --report "$T/report.json" true
  report '.denied_syscalls == null and (.unknown.denied_syscalls | test("--seccomp none"))'
}

@test "report: who can't have it doesn't want the command to run" {
  box_fails "cannot write the report '$T/none/report.json'" "the command was not run" -- --rw . --report "$T/none/report.json" touch ran
  box_fails "cannot write the report '$T'" -- --rw . --report "$T" touch ran
  [ ! -e ran ]
  # Nor is there half a one when the sandbox could not be made.
  try hull sandbox --report "$T/report.json" /nonexistent
  [ "$status" -ne 0 ]
  [ ! -e "$T/report.json" ]
  equal "$(compgen -G "$T/.*.tmp" || :)" ""
}

# --- limits ----------------------------------------------------------------------------------------------------

has_controller() {
  grep -qw "$1" "$CG/cgroup.controllers" || skip "no $1 controller"
}

@test "limits: --memory, and the report says what happened" {
  has_controller memory
  try box --memory 32M --report "$T/report.json" sh -c 'dd if=/dev/zero of=/dev/shm/big bs=1M count=64; true'
  report '.oom == true and .memory_peak_bytes > 16777216'
  has "$(cat "$LOG")" "see --memory"
}

@test "limits: --pids and --cpus" {
  has_controller pids
  try box --pids 3 --report "$T/report.json" sh -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait'
  [ "$status" -ne 0 ]
  report '.pids_peak <= 3 and .pids_peak >= 2'
  has_controller cpu
  in_box --cpus 0.5 cat /sys/fs/cgroup/cpu.max
  equal "$output" "50000 100000"
}

@test "limits: without a controller they are an error, and nothing is left" {
  ! grep -qw memory "$CG/cgroup.controllers" || skip "there is a memory controller"
  box_fails memory -- --memory 1G true
}

# --- bad input -------------------------------------------------------------------------------------------------

@test "bad input: one error with the remedy" {
  mkdir "$HERE/dir"
  touch "$HERE/file"
  box_fails "too few arguments" -- --net none
  box_fails "did you mean '--timeout'?" "hull sandbox --help" -- --timeuot 3s true
  box_fails "'--net' must be none|host, not 'bogus'" -- --net bogus true
  box_fails "'--timeout 0'" "leave it out" -- --timeout 0 true
  box_fails "'--timeout' must be a duration" -- --timeout soon true
  box_fails "'--memory' must be a size above 0" -- --memory 0 true
  box_fails "'--memory' must be a size" -- --memory lots true
  box_fails "'--cpus' must be a number of processors" -- --cpus 0 true
  box_fails "'--pids' must be a number of processes" -- --pids 0 true
  box_fails "'--user' must be UID or UID:GID" -- --user nobody true
  box_fails "no such variable" "--env NO_SUCH=VALUE" -- --env NO_SUCH true
  box_fails "'$HERE/none' does not exist" -- --ro none/below true
  box_fails "'$HERE/file' is no directory" -- --ro file/below true
  box_fails "asked for in another way" -- --ro dir --rw dir true
  box_fails "asked for in another way" -- --tmpfs dir --rw dir true
  box_fails "the root itself" -- --rw / true
  box_fails "--seccomp" "default, none, or a file" -- --seccomp nosuch true
  echo '{"defaultAction": "SCMP_ACT_PERHAPS"}' >"$T/bad.json"
  box_fails "--seccomp" "bad.json:1:" -- --seccomp "$T/bad.json" true
}

# --- as a user -------------------------------------------------------------------------------------------------

@test "user: the same, as himself" {
  echo mine >"$HERE/file"
  chown -R "$U:$U" "$HERE"
  try user_box --rw . sh -c 'id -u; cat file; touch made; touch /etc/made 2>/dev/null || echo closed; ls /proc | grep -c "^[0-9]"; grep CapEff /proc/self/status'
  equal "$stderr" ""
  equal "$output" "$U"$'\nmine\nclosed\n4\nCapEff:\t0000000000000000'
  equal "$(stat -c %u "$HERE/made")" "$U"
  try user_box --user 0 sh -c 'id -u; exit 5'
  equal "$status" 5
  equal "$output" 0
  try user_box sh -c 'kill -9 $$'
  equal "$status" 137
  try user_box --net host sh -c 'ls -A /sys; readlink /proc/self/ns/net'
  equal "$output" "$(readlink /proc/self/ns/net)"
}

@test "user: what he may not read is an error that names the component" {
  mkdir -p "$HERE/locked/inner"
  chmod 700 "$HERE/locked"
  touch "$HERE/secret"
  chmod 600 "$HERE/secret"
  try user_box --ro locked/inner true
  has "$stderr" "user $U may not enter '$HERE/locked'" "mode 0700"
  try user_box --ro secret true
  has "$stderr" "user $U may not read '$HERE/secret'"
  try user_box --report "$HERE/report.json" true
  has "$stderr" "cannot write the report"
}

@test "user: time-out and report" {
  chown "$U:$U" "$T"
  try user_box --timeout 300ms --report "$T/report.json" sh -c 'setsid sleep 1000 & sleep 1000'
  equal "$status" 124
  report '.timed_out == true and .memory_peak_bytes == null and (.unknown.memory_peak_bytes | length) > 10'
  gone
}

@test "user: no user namespaces allowed: the message names the sysctl" {
  try as_user unshare --user --map-user="$U" --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$HULL" sandbox true
  [ "$status" -ne 0 ]
  case $stderr in *"cannot create"*"Permission denied"*max_user_namespaces*) skip "may not change the sysctl here" ;; esac
  has "$stderr" /proc/sys/user/max_
}
