#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: a second process in a container that runs.

load helpers

# bats test_tags=smoke
@test "exec: runs a command in every namespace and in the cgroup of the container" {
  start_sleeper
  local pid ns
  pid=$(container_pid)
  ok exec "$ID" sh -c 'for n in pid net ipc uts mnt cgroup user; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup'
  for ns in pid net ipc uts mnt cgroup user; do
    has "$output" "$(readlink "/proc/$pid/ns/$ns")"
  done
  has "$output" "0::/"
  hasnt "$output" "$RUN"
}

@test "exec: options end at the id, and options of the command are its own" {
  start_sleeper
  ok exec "$ID" echo --cwd -e x --help
  equal "$output" "--cwd -e x --help"
}

@test "exec: gives the command's exit status, 128 and the signal, and 255 for an error of its own" {
  start_sleeper
  try hull exec "$ID" sh -c 'exit 7'
  equal "$status" 7
  try hull exec "$ID" sh -c 'kill -KILL $$'
  equal "$status" 137
  fails /missing 'no such file or directory' -- exec "$ID" /missing
  equal "$status" 255
  fails missing-too 'executable file not found in $PATH' -- exec "$ID" missing-too
  equal "$status" 255
}

@test "exec: passes standard input, output and error" {
  start_sleeper
  echo input >"$T/in"
  INPUT=$T/in try hull exec "$ID" sh -c 'cat; echo err >&2'
  equal "$status" 0
  equal "$output" input
  equal "$stderr" err
}

@test "exec: has the container's environment, user, directory and limits, and options change them" {
  config '.process.env += ["FROM=config", "OVER=config"] | .process.user = {"uid": 1000, "gid": 1000, "umask": 63}
    | .process.cwd = "/data"'
  start_sleeper
  ok exec "$ID" sh -c 'id -u; id -g; pwd; umask; echo $FROM $OVER $HOME; ulimit -n'
  equal "$output" $'1000\n1000\n/data\n0077\nconfig config /home/ann\n1024'
  ok exec --cwd /tmp --env OVER=option -e "NEW=a b" --user 0:50 "$ID" sh -c 'id -u; id -g; pwd; echo $FROM $OVER $NEW $HOME'
  equal "$output" $'0\n50\n/tmp\nconfig option a b /root'
  ok exec --user 1234 "$ID" probe ids
  has "$output" 'uid 1234 1234 1234'
}

@test "exec: --additional-gids and the config's groups" {
  config '.process.user.additionalGids = [10, 20]'
  start_sleeper
  ok exec "$ID" probe ids
  equal "$output" "uid 0 0 0 gid 0 0 0 groups 10 20"
  ok exec -g 30 --additional-gids 40 "$ID" probe ids
  has "$output" 30 40
}

@test "exec: a user that is no number is refused whole" {
  # crun before 1.28 took 'exec -u 1' for 0:0
  local bad
  start_sleeper
  for bad in '' 1: :1 -1 1x 1:2:3 1:x ' 1' 0x1 4294967295 4294967296 18446744073709551616 0:4294967295; do
    fails '' -- exec --user="$bad" "$ID" true || { echo "user '$bad'"; return 1; }
  done
  ok exec --user 1 "$ID" probe ids
  equal "$output" "uid 1 1 1 gid 0 0 0 groups"
  ok exec --user 2147483648:2147483649 "$ID" probe ids
  has "$output" 'uid 2147483648 2147483648 2147483648 gid 2147483649'
}

@test "exec: --process takes a whole process object" {
  start_sleeper
  cat >"$T/process.json" <<'JSON'
{"terminal": false, "user": {"uid": 5, "gid": 6, "additionalGids": [7]}, "args": ["sh", "-c", "probe ids; pwd; env; grep -E 'Cap|NoNew' /proc/self/status"],
 "env": ["PATH=/bin", "ONLY=this"], "cwd": "/tmp", "noNewPrivileges": true}
JSON
  ok exec --process "$T/process.json" "$ID"
  has "$output" 'uid 5 5 5 gid 6 6 6 groups 7' /tmp ONLY=this 'NoNewPrivs:	1' 'CapEff:	0000000000000000'
  hasnt "$output" HULL_MARK
}

@test "exec: --process with an error names the pointer" {
  start_sleeper
  echo '{"user": {"uid": 0, "gid": 0}, "args": ["true"], "cwd": 7}' >"$T/process.json"
  fails /cwd -- exec --process "$T/process.json" "$ID"
  echo '{"user": {"uid": 0, "gid": 0}, "cwd": "/"}' >"$T/process.json"
  fails args -- exec --process "$T/process.json" "$ID"
  fails "$T/none.json" -- exec --process "$T/none.json" "$ID"
}

@test "exec: without a command is an error" {
  start_sleeper
  fails '' -- exec "$ID"
}

@test "exec: --cap adds to the config's, and the inheritable and ambient sets stay empty" {
  # CVE-2022-29162: runc 1.1.1 filled the inheritable set
  start_sleeper
  ok exec "$ID" grep Cap /proc/self/status
  has "$output" 'CapPrm:	0000000020000420' 'CapBnd:	0000000020000420' 'CapInh:	0000000000000000' 'CapAmb:	0000000000000000'
  ok exec --cap CAP_NET_RAW --cap CAP_SYS_CHROOT "$ID" grep Cap /proc/self/status
  has "$output" 'CapPrm:	0000000020042420' 'CapEff:	0000000020042420' 'CapBnd:	0000000020042420' \
    'CapInh:	0000000000000000' 'CapAmb:	0000000000000000'
  ok exec --user 1000 --cap CAP_NET_RAW "$ID" grep Cap /proc/self/status
  has "$output" 'CapInh:	0000000000000000' 'CapAmb:	0000000000000000' 'CapEff:	0000000000000000'
}

@test "exec: --cap with an unknown name is a warning" {
  start_sleeper
  try hull exec --cap CAP_NOPE "$ID" true
  equal "$status" 0
}

@test "exec: --no-new-privs sets the flag" {
  config '.process.noNewPrivileges = false'
  start_sleeper
  ok exec "$ID" grep NoNewPrivs /proc/self/status
  equal "$output" "NoNewPrivs:	0"
  ok exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
  equal "$output" "NoNewPrivs:	1"
}

@test "exec: --detach writes the pid file and leaves the process to run" {
  start_sleeper
  ok exec --detach --pid-file "$T/pid" "$ID" sleep 2000
  equal "$(tr '\0' ' ' <"/proc/$(cat "$T/pid")/cmdline")" "sleep 2000 "
  printf %s "$(cat "$T/pid")" | cmp - "$T/pid"
}

@test "exec: a failed one writes no pid file" {
  start_sleeper
  fails /missing -- exec --detach --pid-file "$T/pid" "$ID" /missing
  [ ! -e "$T/pid" ]
}

@test "exec: the process has a session of its own" {
  start_sleeper
  ok exec "$ID" sh -c 'cut -d" " -f1,5,6 /proc/$$/stat'
  read -r pid group session <<<"$output"
  equal "$group" "$pid"
  equal "$session" "$pid"
}

@test "exec: the container's seccomp filter applies" {
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]}'
  start_sleeper
  ok exec "$ID" probe call sched_yield
  equal "$output" EAGAIN
  ok exec "$ID" grep -E '^Seccomp:' /proc/self/status
  equal "$output" "Seccomp:	2"
}

@test "exec: device rules and read-only paths of the container hold" {
  start_sleeper
  ok exec "$ID" sh -c 'echo 1 >/proc/sys/kernel/pty/max; echo $?' || :
  has "$stderr$output" 'Read-only file system'
}

@test "exec: of a container that does not run is an error" {
  ok run --keep --bundle "$B" "$ID"
  fails "$ID" 'container not running' -- exec "$ID" true
}

@test "exec: into a created container works" {
  ok create --bundle "$B" "$ID"
  ok exec "$ID" echo here
  equal "$output" here
}

@test "exec: into a paused container is an error, with --ignore-paused it waits for the thaw" {
  start_sleeper
  echo 1 >"$CGROUP_DIR/cgroup.freeze"
  wait_for grep -q 'frozen 1' "$CGROUP_DIR/cgroup.events"
  fails "$ID" paused -- exec "$ID" true
  equal "$(container_status)" paused
  hull_exec exec --ignore-paused "$ID" echo thawed >"$T/out" 2>&1 </dev/null &
  local pid=$!
  sleep 0.3
  echo 0 >"$CGROUP_DIR/cgroup.freeze"
  wait "$pid"
  equal "$(cat "$T/out")" thawed
}

# bats test_tags=smoke
@test "exec: --cgroup puts the process into a cgroup below the container's, and cannot leave it" {
  local bad
  start_sleeper
  mkdir "$CGROUP_DIR/sub"
  ok exec --cgroup sub "$ID" grep ^0:: /proc/self/cgroup
  equal "$output" "0::/sub"
  for bad in ../sub .. sub/../.. missing; do
    fails cgroup -- exec --cgroup "$bad" "$ID" true || { echo "cgroup $bad"; return 1; }
  done
}

@test "exec: works when init moved into a nested cgroup and the upper one takes no processes" {
  cgroupfs_only
  config '.mounts[-1].options -= ["ro"]'
  sh_args 'mkdir /sys/fs/cgroup/init; echo 1 >/sys/fs/cgroup/init/cgroup.procs
    echo +hugetlb >/sys/fs/cgroup/cgroup.subtree_control; echo x >/data/ready; exec sleep 1000'
  mkdir -p "$CG$CGP"
  echo +hugetlb >"$CG/cgroup.subtree_control" 2>/dev/null || skip "no controller to enable"
  echo +hugetlb >"$CG/$RUN/cgroup.subtree_control"
  echo +hugetlb >"$CG$CGP/cgroup.subtree_control"
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
  ok exec "$ID" grep ^0:: /proc/self/cgroup
  equal "$output" "0::/init"
}

@test "exec: with a user namespace enters it" {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  start_sleeper
  ok exec "$ID" sh -c 'id -u; cat /proc/self/uid_map | tr -s " "'
  equal "$output" $'0\n 0 100000 65536'
}

@test "exec: a missing directory is an error that names it" {
  start_sleeper
  fails /missing 'o such file or directory' -- exec --cwd /missing "$ID" true
  fails cwd -- exec --cwd relative "$ID" true
}

@test "exec: large output before and after the start does not hang" {
  start_sleeper
  equal "$(timeout "$((20 * SLOW))" "$HULL" --root "$ROOT" exec "$ID" sh -c 'head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2' 2>&1 3>&- | wc -c)" 4000000
}

@test "exec: forwards signals" {
  start_sleeper
  hull_exec exec "$ID" sh -c 'trap "echo got TERM; exit 9" TERM; echo ready; while :; do sleep 0.05; done' >"$T/out" 2>&1 &
  local pid=$! result=0
  wait_for grep -q ready "$T/out"
  kill -TERM "$pid"
  wait "$pid" || result=$?
  equal "$result" 9
}

@test "exec: --preserve-fds passes descriptors and no others" {
  start_sleeper
  exec 4>"$T/four" 5>"$T/five"
  try hull exec --preserve-fds 1 "$ID" probe fds
  exec 4>&- 5>&-
  hasnt "$output" five
}

@test "exec: many at once all end well" {
  start_sleeper
  local i
  for i in {1..20}; do
    hull exec "$ID" sh -c "exit $i" >"$T/out.$i" 2>&1 </dev/null 3>&- &
    eval "pid_$i=$!"
  done
  for i in {1..20}; do
    local result=0 name=pid_$i
    wait "${!name}" || result=$?
    equal "$result" "$i"
  done
}

@test "exec: when hull is killed the process dies with the container" {
  start_sleeper
  hull_exec exec "$ID" sleep 2000 >"$T/out" 2>&1 </dev/null &
  local pid=$!
  wait_for eval '[ "$(marked_pids | wc -l)" -ge 3 ]'
  kill -KILL "$pid"
  wait "$pid" || :
  ok delete --force "$ID"
  nothing_left
}
