#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hull gc: what dead callers left is listed with a reason and removed, and nothing that lives is touched: every test has
# containers and processes beside the leftovers that must still be there afterwards.

load helpers

# gc [ARGUMENT...]: what hull gc says in JSON, in $output.
gc() {
  ok gc --format json "$@"
}

# leftover NAME [FILTER]: the entry of $output with that name.
leftover() {
  jq -e --arg name "$1" ".[] | select(.name == \$name) | ${2:-.}" <<<"$output"
}

# Neither listed nor removed: hull gc has nothing to say of these containers.
unmentioned() {
  local id
  for id in "$@"; do
    ! leftover "$id" >/dev/null || { echo "gc names $id:"; echo "$output"; return 1; }
  done
}

# A container in each state that has a process, beside everything else.
canaries() {
  bundle canary-created
  args sleep 1000
  ok create --bundle "$B" canary-created
  bundle canary-running
  args sleep 1000
  ok run --detach --bundle "$B" canary-running
  bundle canary-paused
  args sleep 1000
  ok run --detach --bundle "$B" canary-paused
  ok pause canary-paused
  CANARIES=(canary-created canary-running canary-paused)
  CANARY_PIDS=()
  local id
  for id in "${CANARIES[@]}"; do
    CANARY_PIDS+=("$(container_pid "$id")")
  done
}

canaries_live() {
  local i
  for i in "${!CANARIES[@]}"; do
    equal "$(container_pid "${CANARIES[i]}")" "${CANARY_PIDS[i]}"
    kill -0 "${CANARY_PIDS[i]}"
    equal "$(container_status "${CANARIES[i]}")" "${CANARIES[i]#canary-}"
  done
  unmentioned "${CANARIES[@]}"
}

age() {
  touch -d '1 hour ago' "$@"
}

# mark VALUE DIRECTORY: as hull does with a cgroup of its own.
mark() {
  command -v python3 >/dev/null || skip "needs python3"
  python3 -c 'import os, sys; os.setxattr(sys.argv[2], "trusted.hull.made", sys.argv[1].encode())' "$@"
}

# What the marks of this test's state root say of it.
root_mark() {
  printf '%x:%x' "$(stat -c %d "$ROOT")" "$(stat -c %i "$ROOT")"
}

stop_container() {
  ok kill "$1" KILL
  wait_for has_status stopped "$1"
}

# bats test_tags=driver, smoke
@test "gc: nothing is left: nothing is said, and live containers stay, whatever is asked for" {
  canaries
  ok gc
  equal "$output" ""
  gc
  equal "$output" "[]"
  gc --remove --stopped
  equal "$output" "[]"
  canaries_live
}

@test "gc: before the first container there is nothing, and no state root is made" {
  bare_root=$T/none
  try "$HULL" --root "$bare_root" gc
  [ "$status" -ne 0 ]
  has "$stderr" "$bare_root"
  [ ! -e "$bare_root" ]
}

# bats test_tags=driver, smoke
@test "gc: creates that were killed at their steps are listed with the reason, and removed" {
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID" 3>&-
  canaries
  local step killed=()
  for step in write-intent acquire-rootfs make-cgroup apply-limits spawn-init serve-init commit-state; do
    bundle "$step"
    config '.linux.resources.unified = {"cgroup.max.depth": "9"}'
    HULL_FAULT=$step:kill try hull create --bundle "$B" --pid-file "$T/pid-$step" "$step"
    equal "$status" 137
    [ -d "$ROOT/$step" ]
    killed+=("$step")
  done
  age "$ROOT/write-intent" # killed before there was anything in it
  gc
  for step in "${killed[@]}"; do
    leftover "$step" '.kind == "create" and (.why | contains("killed half-way")) and .stays == false and .removed == false'
    has "$(leftover "$step" .what)" "$ROOT/$step"
    [ -d "$ROOT/$step" ]
  done
  has "$(leftover apply-limits .what)" cgroup
  gc --remove
  for step in "${killed[@]}"; do
    leftover "$step" '.removed == true'
    [ ! -e "$ROOT/$step" ]
  done
  [ ! -d "$CG$CGP/apply-limits" ]
  canaries_live
  gc
  equal "$output" "[]"
  rm -f "$T"/pid-*
}

@test "gc: a directory without a record is a leftover once it is old, for it may be a create of this moment" {
  mkdir -p "$ROOT"
  mkdir "$ROOT/fresh" "$ROOT/old"
  age "$ROOT/old"
  gc --remove
  unmentioned fresh
  leftover old '.removed == true'
  [ -d "$ROOT/fresh" ]
  [ ! -e "$ROOT/old" ]
}

@test "gc: a create that is under way is not touched" {
  mkfifo "$B/go"
  hook createRuntime "read line <$B/go"
  args sleep 1000
  hull_exec create --bundle "$B" "$ID" 3>&- &
  local creator=$!
  BACKGROUND+=("$creator")
  wait_for [ -e "$ROOT/$ID/state.json.new" -o -e "$ROOT/$ID/intent.json" ]
  age "$ROOT/$ID"
  gc --remove --stopped
  equal "$output" "[]"
  [ -d "$ROOT/$ID" ]
  echo >"$B/go"
  wait "$creator"
  equal "$(container_status)" created
}

@test "gc: a creator that is stopped by a signal keeps its container, one that is killed loses it" {
  mkfifo "$B/go"
  hook createRuntime "read line <$B/go"
  hull_exec create --bundle "$B" "$ID" 3>&- &
  local creator=$!
  BACKGROUND+=("$creator")
  wait_for [ -d "$CGROUP_DIR" ]
  kill -STOP "$creator"
  gc --remove
  equal "$output" "[]"
  kill -KILL "$creator"
  wait "$creator" || :
  wait_for eval 'gc; [ "$output" != "[]" ]'
  gc --remove
  leftover "$ID" '.removed == true'
  [ ! -d "$CGROUP_DIR" ]
  [ ! -d "$ROOT/$ID" ]
  timeout "$((5 * SLOW))" sh -c 'echo >"$1"' sh "$B/go" || : # the hook, which is nobody's now
}

@test "gc: a create that takes the place of a dead one between two looks is not touched" {
  command -v strace >/dev/null || skip "no strace"
  ! sanitized || skip "LeakSanitizer does not work under strace"
  strace -qq -o /dev/null true || skip "strace does not work here"
  mkdir -p "$ROOT/$ID"
  age "$ROOT/$ID"
  # It stops when it has the lock, and reads the record afterwards.
  background env HULL_MARK="$MARK" strace -qq -o /dev/null -e trace=flock -e inject=flock:signal=STOP:when=1 \
    "$HULL" --root "$ROOT" gc --remove --format json >"$T/collected"
  local collector=$!
  wait_for grep -q ":$(stat -c %i "$ROOT/$ID") " /proc/locks
  rm -r "${ROOT:?}/$ID"
  mkfifo "$B/go"
  hook createRuntime "read line <$B/go"
  args sleep 1000
  hull_exec create --bundle "$B" "$ID" 3>&- &
  local creator=$!
  BACKGROUND+=("$creator")
  wait_for [ -e "$ROOT/$ID/state.json.new" -o -e "$ROOT/$ID/intent.json" ]
  kill -CONT "$(pgrep -P "$collector")"
  wait "$collector"
  equal "$(cat "$T/collected")" "[]"
  echo >"$B/go"
  wait "$creator"
  equal "$(container_status)" created
}

@test "gc: a stopped container whose bundle is gone is removed, with its poststop hooks; one with a bundle is its caller's" {
  canaries
  bundle orphan
  hook poststop "echo ran >$T/poststop"
  ok run --detach --bundle "$B" orphan
  wait_for has_status stopped orphan
  bundle kept
  ok run --detach --bundle "$B" kept
  wait_for has_status stopped kept
  rm -r "$T/orphan"
  gc
  leftover orphan '.kind == "container" and (.why | contains("is gone"))'
  unmentioned kept
  gc --remove
  leftover orphan '.removed == true'
  unmentioned kept
  [ ! -e "$ROOT/orphan" ]
  equal "$(cat "$T/poststop")" ran
  equal "$(container_status kept)" stopped
  canaries_live
  mv "$T/kept" "$T/elsewhere" # whether a bundle is there can't be told
  ln -s kept "$T/kept"
  gc --remove
  unmentioned kept
  rm "$T/kept"
  mv "$T/elsewhere" "$T/kept"
  if [ "$HULL_DRIVER" = cgroupfs ]; then
    bundle bare # so is its cgroup
    ok run --detach --bundle "$B" bare
    wait_for has_status stopped bare
    rmdir "$CGROUP_DIR"
    rm -r "$T/bare"
    gc --remove
    leftover bare '.removed == true'
  fi
  gc --stopped
  leftover kept '.why == "it has stopped" and .removed == false'
  gc --stopped --remove
  leftover kept '.removed == true'
  [ ! -e "$ROOT/kept" ]
  canaries_live
}

@test "gc: a container that runs stays even if its bundle is gone" {
  bundle homeless
  args sleep 1000
  ok run --detach --bundle "$B" homeless
  mv "$T/homeless" "$T/elsewhere"
  gc --remove --stopped
  equal "$output" "[]"
  equal "$(container_status homeless)" running
  mv "$T/elsewhere" "$T/homeless"
}

@test "gc: a container that was never started stays even if its bundle is gone, but with --created" {
  canaries
  bundle homeless
  args sleep 1000
  ok create --bundle "$B" homeless
  local pid
  pid=$(container_pid homeless)
  rm -r "$T/homeless"
  gc --remove --stopped
  equal "$output" "[]"
  kill -0 "$pid"
  gc --remove --created
  leftover homeless '.kind == "container" and .removed == true and (.why | contains("never started"))'
  [ ! -e "$ROOT/homeless" ]
  canaries_live
}

@test "gc: a container whose first process has ended stays while another one lives in its cgroup" {
  cgroupfs_only
  config '.linux.namespaces |= map(select(.type != "pid"))'
  sh_args 'sleep 1000 & exit 0'
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  local survivor
  survivor=$(cat "$CGROUP_DIR/cgroup.procs")
  gc --remove --stopped
  leftover "$ID" '.stays == true and .removed == false and (.what | contains("alive")) and (.what | contains("delete --force"))'
  kill -0 "$survivor"
  equal "$(container_status)" stopped
}

@test "gc: so it does in a cgroup that was there before it" {
  cgroupfs_only
  mkdir "$CGROUP_DIR"
  config '.linux.namespaces |= map(select(.type != "pid"))'
  sh_args 'sleep 1000 & exit 0'
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  local survivor
  survivor=$(cat "$CGROUP_DIR/cgroup.procs")
  gc --remove --stopped
  leftover "$ID" '.stays == true and .removed == false and (.what | contains("1 process is still alive"))'
  kill -0 "$survivor"
  equal "$(container_status)" stopped
  kill -KILL "$survivor"
  wait_for eval '! grep -q . "$CGROUP_DIR/cgroup.procs"'
  gc --remove --stopped
  leftover "$ID" '.removed == true'
  rmdir "$CGROUP_DIR"
}

# bats test_tags=driver
@test "gc: from another pid namespace, where all of them seem to have stopped, containers stay" {
  canaries
  local id
  mv "$T/canary-running" "$T/elsewhere"
  try unshare --pid --fork --mount-proc "$HULL" --root "$ROOT" gc --remove --stopped --format json
  mv "$T/elsewhere" "$T/canary-running"
  equal "$status" 0
  for id in "${CANARIES[@]}"; do
    leftover "$id" '.stays == true and .removed == false and (.what | contains("another pid namespace"))'
  done
  gc
  canaries_live
}

@test "gc: a damaged record is listed with what to do, and stays" {
  start_sleeper
  local pid
  pid=$(container_pid)
  cp "$ROOT/$ID/state.json" "$T/saved"
  echo '{' >"$ROOT/$ID/state.json"
  gc --remove --stopped
  leftover "$ID" '.kind == "record" and .stays == true and .removed == false and (.what | contains("delete --force"))'
  kill -0 "$pid"
  cp "$T/saved" "$ROOT/$ID/state.json"
  equal "$(container_pid)" "$pid"
}

@test "gc: a cgroup of ours whose container is forgotten is removed; those of other state roots are not" {
  cgroupfs_only
  canaries
  bundle forgotten
  ok run --detach --bundle "$B" forgotten
  wait_for has_status stopped forgotten
  bundle foreign
  ok --root "$T/state/other" run --detach --bundle "$B" foreign
  wait_for eval '! grep -q . "$CGROUP_DIR/cgroup.procs"'
  mkdir "$CG$CGP/forgotten/child" "$CG$CGP/stranger"
  gc --remove
  equal "$output" "[]"
  rm -r "$ROOT/forgotten" # as if the state were lost
  gc
  leftover "$CGP/forgotten" '.kind == "cgroup" and (.why | contains("forgotten"))'
  equal "$(jq length <<<"$output")" 1
  gc --remove
  leftover "$CGP/forgotten" '.removed == true'
  [ ! -d "$CG$CGP/forgotten" ]
  [ -d "$CG$CGP/foreign" ]
  [ -d "$CG$CGP/stranger" ]
  canaries_live
  rmdir "$CG$CGP/stranger"
  ok --root "$T/state/other" delete foreign
  rm -r "$T/state/other"
}

@test "gc: a cgroup whose container is forgotten is left also if another one has its id now" {
  cgroupfs_only
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  rm -r "${ROOT:?}/$ID"
  local forgotten=$CGROUP
  bundle another
  args sleep 1000
  ok run --detach --bundle "$B" "$ID"
  gc --remove
  leftover "$forgotten" '.removed == true'
  equal "$(jq length <<<"$output")" 1
  equal "$(container_status)" running
  [ -d "$CGROUP_DIR" ]
}

@test "gc: a forgotten cgroup with a process in it is listed, and the process lives" {
  cgroupfs_only
  start_sleeper
  local pid
  pid=$(container_pid)
  mv "$ROOT/$ID" "$T/saved"
  gc --remove
  leftover "$CGROUP" '.stays == true and .removed == false and (.what | contains("cgroup.kill"))'
  kill -0 "$pid"
  mv "$T/saved" "$ROOT/$ID"
  equal "$(container_pid)" "$pid"
}

@test "gc: a cgroup that was there before its forgotten container loses the mark only" {
  cgroupfs_only
  mkdir "$CGROUP_DIR"
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  rm -r "${ROOT:?}/$ID"
  gc --remove
  leftover "$CGROUP" '.removed == true and (.what | contains("was there before"))'
  [ -d "$CGROUP_DIR" ]
  ok run --bundle "$B" "$ID" # nobody's again
  [ -d "$CGROUP_DIR" ]
  rmdir "$CGROUP_DIR"
}

@test "gc: a forgotten cgroup that is a unit of systemd is left to it" {
  cgroupfs_only
  config '.linux.cgroupsPath += ".scope"'
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  rm -r "${ROOT:?}/$ID"
  gc --remove
  leftover "$CGROUP.scope" '.stays == true and .removed == false and (.what | contains("systemctl stop bundle.scope"))'
  rmdir "$CGROUP_DIR.scope"
}

@test "gc: a parent that hull made and that holds nothing is removed after a minute" {
  cgroupfs_only
  config '.linux.cgroupsPath += "/parent/leaf"'
  ok run --detach --bundle "$B" "$ID"
  wait_for has_status stopped
  mkdir "$CGROUP_DIR/parent/other" # so that delete leaves the parent
  ok delete "$ID"
  [ -d "$CGROUP_DIR/parent/other" ]
  age "$CGROUP_DIR/parent"
  gc --remove
  unmentioned "$CGROUP/parent"
  rmdir "$CGROUP_DIR/parent/other"
  gc --remove
  unmentioned "$CGROUP/parent" # used a moment ago
  [ -d "$CGROUP_DIR/parent" ]
  age "$CGROUP_DIR/parent"
  gc --remove
  leftover "$CGROUP/parent" '.removed == true'
  [ ! -d "$CGROUP_DIR" ] # with its parent, which it was alone in
}

@test "gc: what a container marks below its cgroup is its own business" {
  cgroupfs_only
  start_sleeper
  mkdir "$CGROUP_DIR/own" "$CGROUP_DIR/own/inner" "$CGROUP_DIR/other"
  mark parent "$CGROUP_DIR/own/inner"
  mark "0123456789abcdef gone $(root_mark) made" "$CGROUP_DIR/other"
  age "$CGROUP_DIR/own/inner"
  gc --remove --stopped
  equal "$output" "[]"
  [ -d "$CGROUP_DIR/own/inner" ]
  [ -d "$CGROUP_DIR/other" ]
}

@test "gc: a mark that is not whole is nobody's" {
  cgroupfs_only
  ok run --bundle "$B" "$ID"
  local place value
  place=$(root_mark)
  mkdir "$CGROUP_DIR"
  for value in "" parents "0123456789abcdef" "0123456789abcdef gone" "0123456789abcdef gone $place" "0123456789abcdef gone $place " \
    "0123456789abcdef gone $place maid" "0123456789abcdef gone $place made " "0123456789abcdef gone ${place%:*} made" \
    "0123456789abcdef gone 0x$place made" "0123456789abcdef0 gone $place made" " gone $place made" "0123456789abcdef  $place made" \
    "0123456789abcdef ../x $place made" "0123456789abcdef gone $place:1 made"; do
    mark "$value" "$CGROUP_DIR"
    gc --remove
    equal "$output" "[]"
    [ -d "$CGROUP_DIR" ]
  done
  mark "0123456789abcdef gone $place made" "$CGROUP_DIR"
  gc --remove
  leftover "$CGROUP" '.removed == true'
}

@test "gc: temporary files of killed writers in the cache go, once they are old; the cache stays" {
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_ERRNO"}]}'
  ok run --bundle "$B" "$ID"
  local cached
  cached=$(ls "$ROOT/.cache/seccomp")
  touch "$ROOT/.cache/seccomp/.seccomp-1-2.tmp" "$ROOT/.cache/seccomp/.seccomp-3-4.tmp"
  age "$ROOT/.cache/seccomp/.seccomp-1-2.tmp" "$ROOT/.cache/seccomp/$cached"
  gc --remove
  leftover "$ROOT/.cache/seccomp/.seccomp-1-2.tmp" '.kind == "cache" and .removed == true'
  equal "$(ls -A "$ROOT/.cache/seccomp")" "$(printf '%s\n' .seccomp-3-4.tmp "$cached" | LC_ALL=C sort)"
}

@test "gc: the pinned mount namespace goes when no container is left" {
  local i
  mkdir "$T/many"
  mount -t tmpfs many "$T/many"
  for i in {1..150}; do
    mkdir "$T/many/$i"
    mount --bind "$T/many/$i" "$T/many/$i"
  done
  # Linux 6.18 refuses it now and then; then the next container tries again.
  for i in {1..40}; do
    bundle "bundle$i"
    args sleep 1000
    ok run --detach --bundle "$B" "$ID"
    ! findmnt -n "$ROOT/.pins/mnt" >"$T/pin" || break
    [ "$(grep -c "$ROOT/.pins" /proc/self/mountinfo)" = 0 ]
    ok delete --force "$ID"
  done
  if ! findmnt -n "$ROOT/.pins/mnt" >"$T/pin"; then
    umount -R -l "$T/many"
    skip "no mount namespace is pinned here"
  fi
  gc --remove --stopped
  equal "$output" "[]"
  findmnt -n "$ROOT/.pins/mnt" >"$T/pin"
  ok delete --force "$ID"
  gc
  leftover "$ROOT/.pins" '.kind == "pins"'
  gc --remove
  leftover "$ROOT/.pins" '.removed == true'
  equal "$(findmnt -n "$ROOT/.pins" || :)" ""
  gc
  equal "$output" "[]"
  umount -R -l "$T/many"
}

@test "gc: a mount for the pinned namespace that a killed hull left without one is unmounted" {
  mkdir -p "$ROOT/.pins"
  mount --bind "$ROOT/.pins" "$ROOT/.pins"
  mount --bind "$ROOT/.pins" "$ROOT/.pins"
  start_sleeper
  gc
  leftover "$ROOT/.pins" '.kind == "pins" and (.why | contains("half-way"))'
  gc --remove
  leftover "$ROOT/.pins" '.removed == true'
  equal "$(grep -c "$ROOT/.pins" /proc/self/mountinfo || :)" 0
  equal "$(container_status)" running
}

@test "gc: an update that was killed half-way is taken back, and its container runs on" {
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID" 3>&-
  start_sleeper
  local pid
  pid=$(container_pid)
  # what update leaves if it is killed before it is done
  cp "$ROOT/$ID/config.json" "$ROOT/$ID/.config.json.tmp"
  echo '{"files":["cgroup.max.depth"],"values":["7"],"others":[""]}' >"$ROOT/$ID/update.json"
  gc
  leftover "$ID" '.kind == "update"'
  gc --remove
  leftover "$ID" '.removed == true'
  [ "$HULL_DRIVER" = systemd ] || equal "$(cat "$CGROUP_DIR/cgroup.max.depth")" 7
  [ ! -e "$ROOT/$ID/update.json" ]
  kill -0 "$pid"
  gc
  equal "$output" "[]"
  cp "$ROOT/$ID/config.json" "$ROOT/$ID/.config.json.tmp" # killed a little later
  gc --remove
  leftover "$ID" '.kind == "update" and .removed == true'
  [ ! -e "$ROOT/$ID/.config.json.tmp" ]
}

@test "gc: what cannot be removed is said with the reason, and the exit status is 1" {
  bundle orphan
  ok run --detach --bundle "$B" orphan
  wait_for has_status stopped orphan
  rm -r "$T/orphan"
  touch "$ROOT/orphan/not-ours"
  try hull gc --remove
  equal "$status" 1
  has "$output" 'could not remove' 'not-ours'
  has "$stderr" '1 of 1 leftovers could not be removed'
  rm "$ROOT/orphan/not-ours"
  age "$ROOT/orphan" # its record is gone already
  ok gc --remove
  has "$output" 'create orphan: it has no record' '  removed: '
}

@test "gc: beside creates, starts and deletes of the same ids it never takes anything from them" {
  local i pid
  args sleep 1000
  (
    trap 'exit 0' TERM
    while :; do
      HULL_MARK=$MARK "$HULL" --root "$ROOT" gc --remove >>"$T/removed" 2>>"$T/failed" 3>&- || :
    done
  ) &
  local collector=$!
  BACKGROUND+=("$collector")
  mkdir -p "$ROOT"
  for ((i = 0; i < ${RACES:-60}; i++)); do
    ok create --bundle "$B" "race$((i % 3))"
    ok start "race$((i % 3))"
    pid=$(container_pid "race$((i % 3))")
    kill -0 "$pid"
    ok delete --force "race$((i % 3))"
  done
  kill "$collector"
  wait "$collector" || :
  equal "$(cat "$T/removed" 2>/dev/null)" ""
}
