#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The fault matrix: at every row of the step tables and every message an error is injected, and at every one the
# process is killed. Then hull's message must name the row, `delete --force` must work, nothing may be left, and the
# same id can be created again. The rows come from `hull steps`: a new one is covered the day it is added.
# Needs a build with --enable-fault-injection.

load helpers

setup_file() {
  POINTS=$BATS_FILE_TMPDIR/points
  export POINTS
}

teardown_file() {
  [ ! -s "$POINTS" ] || echo "# fault matrix: $(wc -l <"$POINTS") points, $(grep -c reached "$POINTS" || :) reached" >&3
}

rows() {
  "$HULL" steps | awk -v table="$1" '$1 == table {sub(/\t.*/, ""); print $2}'
}

# Rows that nothing can reach yet: init has nothing to log so far. And those of a sandbox: see sandbox.bats.
UNREACHED=" LOG die-with-runtime first-process "
[ "$HULL_DRIVER" = systemd ] || UNREACHED+="settle-cgroup " # about scopes

# Bundles that between them need every row of the tables; KINDS names them.
make_bundles() {
  bundle full
  config '.domainname = "dom" | .process.oomScoreAdj = 500 | .root.readonly = true
    | .process.user = {uid: 1000, gid: 1000, additionalGids: [5, 1005], umask: 23}
    | .process.cwd = "/data" | .annotations = {"a": "b", "run.oci.hooks.stdout": "/dev/null"}
    | .process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = ["CAP_KILL"]
    | .linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 1000}}
    | .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.rootfsPropagation = "rslave"
    | .process.scheduler = {"policy": "SCHED_BATCH"} | .process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 4}
    | .process.execCPUAffinity = {"initial": "0"} | .linux.personality = {"domain": "LINUX"}
    | .linux.memoryPolicy = {"mode": "MPOL_LOCAL"} | .linux.resources.unified = {"cgroup.max.depth": "9"}
    | .linux.devices = [{"path": "/dev/extra", "type": "c", "major": 1, "minor": 3}]
    | .mounts += [{"destination": "/tmp", "type": "tmpfs", "source": "t", "options": ["tmpcopyup"]},
        {"destination": "/m", "type": "bind", "source": $t, "options": ["rbind", "rro"]}]
    | .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_ERRNO"}]}
    | .hooks = {"prestart": [$true], "createRuntime": [$true], "createContainer": [$true], "startContainer": [$true],
        "poststart": [$true], "poststop": [$true]}' --arg t "$T/tmp" --argjson true '{"path": "/bin/true"}'
  args sleep 0.2
  variant bare '.process.args = ["true"]' template
  local late='.process.noNewPrivileges = false | .linux.intelRdt = {"memBwSchema": "MB:0=70", "enableMonitoring": true}'
  mkdir -p "$T/resctrl/mon_groups"
  if private_net; then
    late+=' | .linux.netDevices = {"net7": {"name": "net%d"}}'
  else
    UNREACHED+="examine-net-devices net-devices MOVE_NET_DEVICES NET_DEVICES_MOVED "
  fi
  variant late "$late"
  variant user '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings | del(.linux.devices) | del(.process.oomScoreAdj) | .process.cwd = "/closed"'
  chown -R 100000:100000 "$T/user/rootfs"
  # A directory that root of the container may not enter, but its user may, by a group.
  mkdir -m 710 "$T/user/rootfs/closed"
  chown 0:101005 "$T/user/rootfs/closed"
  variant joined '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end) | del(.linux.sysctl)
    | .linux.rootfsPropagation = "rshared"'
  variant terminal '.process.terminal = true'
  variant delegated '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings | .mounts[6].options -= ["ro"]' template
  chown -R 100000:100000 "$T/delegated/rootfs"
  # Joining a user namespace makes init unshare the others and fork into the pid namespace.
  background unshare --user sleep 1000
  ADOPTIVE=$!
  wait_for eval '[ "$(readlink /proc/$ADOPTIVE/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
  echo '0 100000 65536' >"/proc/$ADOPTIVE/uid_map"
  echo '0 100000 65536' >"/proc/$ADOPTIVE/gid_map"
  variant adopted '.linux.namespaces += [{"type": "user", "path": "/proc/'"$ADOPTIVE"'/ns/user"}]' template
  chown -R 100000:100000 "$T/adopted/rootfs"
  variant shared '.linux.namespaces |= map(select(.type != "pid")) | .linux.intelRdt = {}'
  variant notify '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "'"$T/agent.sock"'",
    "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_NOTIFY"}]}' template
  # In a user namespace that does not own the host's mounts, init does what the runtime may not.
  variant foreign '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": 1000}}' template
  printf '#!/bin/sh\nexec unshare --user --map-root-user "%s" "$@"\n' "${REAL_HULL:-$HULL}" >"$T/hull-foreign"
  chmod 755 "$T/hull-foreign"
  KINDS=(full bare late user joined terminal delegated adopted notify foreign)
  if printf '%s\n' 6.3 "$(uname -r)" | sort -V -C; then # tmpfs can be id-mapped
    variant mapped '.mounts += [{"destination": "/idmapped", "type": "bind", "source": "/dev/shm", "options": ["bind", "idmap"],
      "uidMappings": [{"containerID": 0, "hostID": 5, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 5, "size": 1}]}]' template
    KINDS+=(mapped)
  else
    UNREACHED+="idmap-mounts "
  fi
  if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
    variant labelled '.process.apparmorProfile = "unconfined"' template
    KINDS+=(labelled)
  else
    UNREACHED+="prepare-labels labels "
  fi
  many_mounts
}

# A network namespace that is the host's to hull, for bundles with devices of it.
private_net() {
  REAL_HULL=$HULL
  background unshare --net sleep 1000
  NET_HOLDER=$!
  wait_for eval '[ "$(readlink /proc/$NET_HOLDER/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
  printf '#!/bin/sh\nexec nsenter --net=/proc/%s/ns/net "%s" "$@"\n' "$NET_HOLDER" "$REAL_HULL" >"$T/hull-in"
  chmod 755 "$T/hull-in"
  net ip link add net7 type veth peer name peer7 && return
  rm "$T/hull-in"
  return 1
}

net() {
  nsenter --net="/proc/$NET_HOLDER/ns/net" "$@"
}

# So many that hull prefers its almost empty mount namespace.
many_mounts() {
  local i
  mkdir "$T/many"
  mount -t tmpfs many "$T/many"
  for i in {1..150}; do
    mkdir "$T/many/$i"
    mount --bind "$T/many/$i" "$T/many/$i"
  done
  remember_mounts
}

few_mounts() {
  umount -R -l "$T/many"
  remember_mounts
  kill -KILL "$ADOPTIVE" "$NET_HOLDER" 2>/dev/null || :
}

# variant NAME FILTER [template]: a copy of the full bundle, or of the usual one, with a change.
variant() {
  if [ $# = 3 ]; then
    bundle "$1"
  else
    cp -a "$T/full" "$T/$1"
    B=$T/$1
  fi
  use_cgroup "$1"
  config "$2 | .linux.cgroupsPath = \$cgroup" --arg cgroup "$CGROUP_PATH"
}

# use_bundle NAME: sets B and OPTIONS for it.
use_bundle() {
  B=$T/$1
  OPTIONS=(--pid-file "$T/pid" --verify)
  if [ "$1" = terminal ]; then
    rm -f "$T/sock"
    background "$PROBE" console "$T/sock" >"$T/tty" 2>"$T/tty.err" </dev/null
    wait_for [ -S "$T/sock" ]
    OPTIONS+=(--console-socket "$T/sock")
  fi
  if [ "$1" = joined ]; then
    listen_for_pidfd
    OPTIONS+=(--pidfd-socket "$T/pidfd.sock")
  fi
  [ "$1" != notify ] || listen_for_seccomp
  unset NOTIFY_SOCKET
  [ "$1" != bare ] || manage_services
  HULL=${REAL_HULL:-$HULL}
  export HULL_RESCTRL=$T/resctrl
  [ "$1" != foreign ] || HULL=$T/hull-foreign
  if [ "$1" = late ] && [ -e "$T/hull-in" ]; then
    HULL=$T/hull-in
    # The last container had it, and it went with it.
    wait_for eval 'net ip link show net7 >/dev/null 2>&1 || net ip link add net7 type veth peer name peer7 2>/dev/null'
  fi
}

manage_services() {
  rm -f "$T/manager.sock"
  background "$PROBE" manager "$T/manager.sock" >"$T/told" 2>&1 </dev/null
  wait_for [ -S "$T/manager.sock" ]
  export NOTIFY_SOCKET=$T/manager.sock
}

listen_for_seccomp() {
  rm -f "$T/agent.sock"
  background "$PROBE" agent "$T/agent.sock" >"$T/agent" 2>&1 </dev/null
  wait_for [ -S "$T/agent.sock" ]
}

listen_for_pidfd() {
  rm -f "$T/pidfd.sock"
  background "$PROBE" pidfd "$T/pidfd.sock" >"$T/pidfd" </dev/null
  wait_for [ -S "$T/pidfd.sock" ]
}

forget_listeners() {
  local pid
  for pid in "${BACKGROUND[@]}"; do
    [ "$pid" = "${ADOPTIVE:-}" ] || [ "$pid" = "${NET_HOLDER:-}" ] || { kill -KILL "$pid" 2>/dev/null || :; wait "$pid" 2>/dev/null || :; }
  done
  BACKGROUND=(${ADOPTIVE:+"$ADOPTIVE"} ${NET_HOLDER:+"$NET_HOLDER"})
}

forget() {
  forget_listeners
  rm -f "$T/pid" "$T/sock" "$T/pidfd.sock" "$T/agent.sock" "$T/manager.sock" "$T/trace"
}

# What else must be so for a row to come up: FAILED only after a failure, SPAN only with --trace, LOG with --debug.
# Sets FAULTS and GLOBALS.
circumstances() {
  FAULTS=$1:$2
  GLOBALS=()
  case $1 in
    FAILED) FAULTS+=,mounts:EIO ;;
    SPAN) GLOBALS=(--trace "$T/trace") ;;
    LOG) GLOBALS=(--debug) ;;
  esac
}

# What the message must have in it: the row, but where another one tells of it.
expected_word() {
  case $1 in
    FAILED) echo mounts ;;         # the failure that it would have reported
    wait-for-start) echo stopped ;; # nobody is there to be told until start finds out
    *) echo "$1" ;;
  esac
}

# Under a parent that does not reap: where init is reaped at once, start cannot tell an init that died before its
# execve from a process that ended soon after.
create_and_start() {
  (
    export -f hull
    export HULL ROOT LOG MARK T
    # shellcheck disable=SC2016
    "$PROBE" adopt "$BASH" -c 'globals=$1 bundle=$2 id=$3; shift 3
      read -ra globals <<<"$globals"
      hull "${globals[@]}" create --bundle "$bundle" "$@" "$id" && hull "${globals[@]}" start "$id"' \
      create "${GLOBALS[*]}" "$B" "$ID" "$@"
  )
}

# point ROW FAULT: injects it into create and start, or run; where the row is not needed, tries the next bundle.
point() {
  local row=$1 fault=$2 kind code message
  circumstances "$row" "$fault"
  for kind in "${KINDS[@]}"; do
    use_bundle "$kind"
    case $row in
      await-exec | poststart-hooks | notify-socket)
        HULL_FAULT=$FAULTS try hull "${GLOBALS[@]}" run --detach --bundle "$B" "${OPTIONS[@]}" "$ID"
        ;;
      *)
        HULL_FAULT=$FAULTS try create_and_start "${OPTIONS[@]}"
        ;;
    esac
    code=$status
    message=$stderr$(jq -r .msg "$LOG" 2>/dev/null)
    if [ "$code" = 124 ]; then
      echo "$row:$fault hung ($kind)"
      recover
      return 1
    fi
    if [ "$code" != 0 ]; then
      echo "$row:$fault reached" >>"$POINTS"
      judge "$row" "$fault" "$kind" "$code" "$message"
      return
    fi
    recover || { echo "$row:$fault ($kind): not reached, but something is left"; return 1; }
  done
  echo "$row:$fault none" >>"$POINTS"
  echo "no bundle reaches $row:$fault"
  return 1
}

judge() {
  local row=$1 fault=$2 kind=$3 code=$4 message=$5 bad=0
  if [ "$code" -lt 128 ]; then
    [ -n "$message" ] || { echo "$row:$fault ($kind): no message"; bad=1; }
    case $fault in
      kill) ;;
      *)
        case $message in
          *"$(expected_word "$row")"*) ;;
          *) echo "$row:$fault ($kind): the message does not name the step: $message"; bad=1 ;;
        esac
        ;;
    esac
    # create undoes itself; start leaves a stopped container to delete
    if [ ! -d "$ROOT/$ID" ]; then
      nothing_left || { echo "$row:$fault ($kind): left after the error"; bad=1; }
      if [ "$kind $fault" = "late EPERM" ] && [ -n "${NET_HOLDER:-}" ] && ! net ip link show net7; then
        echo "$row:$fault: the network device is lost"
        bad=1
      fi
    fi
  fi
  recover || { echo "$row:$fault ($kind): left after delete --force"; bad=1; }
  use_bundle "$kind"
  try hull create --bundle "$B" "${OPTIONS[@]}" "$ID"
  [ "$status" = 0 ] || { echo "$row:$fault ($kind): the id cannot be created again"; show; bad=1; }
  recover || { echo "$row:$fault ($kind): left after the second one"; bad=1; }
  return "$bad"
}

recover() {
  local result=0
  try hull delete --force "$ID"
  [ "$status" = 0 ] || { show; result=1; }
  forget
  if compgen -G "$T/resctrl/$ID*" || compgen -G "$T/resctrl/mon_groups/*"; then
    echo "^ left in resctrl"
    rm -rf "${T:?}/resctrl/$ID"
    result=1
  fi
  wait_for_nothing || { nothing_left; result=1; clean_up; rm -rf "${ROOT:?}/$ID"; }
  return "$result"
}

# A process that was killed a moment ago may still be on its way out.
wait_for_nothing() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    nothing_left >/dev/null && return
    sleep 0.02
  done
  return 1
}

matrix() {
  local row bad=0 count=0
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID" 3>&-
  make_bundles
  for row in ${ROWS:-$(rows "$1")}; do
    case $UNREACHED in *" $row "*) continue ;; esac
    count=$((count + 1))
    point "$row" "$2" || bad=$((bad + 1))
  done
  few_mounts
  echo "$bad of $count points failed"
  [ "$count" -gt 0 ]
  [ "$bad" = 0 ]
}

@test "fault matrix: an error at each step of the parent" {
  matrix parent EPERM
}

@test "fault matrix: an error at each step of init" {
  matrix init EPERM
}

@test "fault matrix: an error at each message of create" {
  matrix message EPERM
}

@test "fault matrix: hull is killed at each step of the parent" {
  matrix parent kill
}

@test "fault matrix: init is killed at each of its steps" {
  matrix init kill
}

@test "fault matrix: hull is killed at each message" {
  matrix message kill
}

# A container of each kind, in which exec needs one row or the other.
start_kinds() {
  local kind
  STARTED=0
  for kind in full late user shared notify labelled; do
    [ -d "$T/$kind" ] || continue
    STARTED=$((STARTED + 1))
    use_bundle "$kind"
    args sleep 1000
    ok run --detach --bundle "$B" "$kind"
  done
}

# exec_point ROW FAULT
exec_point() {
  local row=$1 fault=$2 way code
  for way in full late user shared pidfd tty notify labelled; do
    [ "$way" != labelled ] || [ -d "$T/$way" ] || continue
    local options=(--detach --pid-file "$T/pid") id=$way
    if [ "$way" = tty ]; then
      use_bundle terminal
      options+=(--tty --console-socket "$T/sock")
      id=full
    elif [ "$way" = pidfd ]; then
      listen_for_pidfd
      options+=(--pidfd-socket "$T/pidfd.sock")
      id=full
    elif [ "$way" = notify ]; then
      listen_for_seccomp
    fi
    HULL_FAULT=$row:$fault try hull exec "${options[@]}" "$id" true
    code=$status
    forget_listeners
    [ "$code" != 0 ] || { rm -f "$T/pid"; continue; }
    echo "$row:$fault reached" >>"$POINTS"
    [ "$code" != 124 ] || { echo "$row:$fault hung ($way)"; return 1; }
    if [ "$fault" != kill ]; then
      case $stderr in *"$row"*) ;; *) echo "$row:$fault ($way): the message does not name the step: $stderr"; return 1 ;; esac
      [ ! -e "$T/pid" ] || { echo "$row:$fault ($way): left a pid file"; rm -f "$T/pid"; return 1; }
    fi
    rm -f "$T/pid"
    return 0
  done
  echo "$row:$fault none" >>"$POINTS"
  echo "exec does not reach $row:$fault"
  return 1
}

exec_matrix() {
  local row bad=0 count=0 kind
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID" 3>&-
  make_bundles
  start_kinds
  for row in ${ROWS:-$(rows "$1")}; do
    case $UNREACHED in *" $row "*) continue ;; esac
    count=$((count + 1))
    exec_point "$row" "$2" || bad=$((bad + 1))
    # a process that exec left would go on with the container; only the commands may be there
    wait_for eval '[ "$(marked_pids | wc -l)" = "$STARTED" ]' || { describe_pids "$(marked_pids)"; bad=$((bad + 1)); }
    for kind in full late user shared; do
      has_status running "$kind" || { echo "$row:$2: the container is $(container_status "$kind")"; bad=$((bad + 1)); break 2; }
    done
  done
  ok exec full true
  few_mounts
  echo "$bad of $count points failed"
  [ "$count" -gt 0 ]
  [ "$bad" = 0 ]
}

@test "fault matrix: an error at each step of exec's parent" {
  exec_matrix exec-parent EPERM
}

@test "fault matrix: an error at each step of exec's init" {
  exec_matrix exec-init EPERM
}

@test "fault matrix: hull is killed at each step of exec's parent" {
  exec_matrix exec-parent kill
}

@test "fault matrix: the process is killed at each step of exec's init" {
  exec_matrix exec-init kill
}

@test "nothing left: hull killed at any moment of create, at random" {
  local i
  make_bundles
  B=$T/full
  for i in {1..40}; do
    hull_exec create --bundle "$B" "$ID" >"$T/out" 2>&1 </dev/null &
    sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
    kill -KILL $! 2>/dev/null || :
    wait $! 2>/dev/null || :
    recover
  done
  few_mounts
}

@test "nothing left: the cgroup that existed before is kept, what hull made in it is not" {
  cgroupfs_only
  mkdir "$CGROUP_DIR"
  ok run --bundle "$B" "$ID"
  rmdir "$CGROUP_DIR" 2>/dev/null || :
}

@test "nothing left: parents of the cgroup that hull had to make" {
  cgroupfs_only
  config '.linux.cgroupsPath += "/deep/er/c"'
  ok run --bundle "$B" "$ID"
}

@test "nothing left: a full state directory" {
  mkdir -p "$T/small"
  mount -t tmpfs -o size=4k,nr_inodes=3 small "$T/small"
  try "$HULL" --root "$T/small/root" --log "$LOG" --log-format json run --bundle "$B" "$ID"
  find "$T/small" -mindepth 2 -name "$ID*" >"$T/found"
  umount -R -l "$T/small"
  [ "$status" -ne 0 ]
  equal "$(cat "$T/found")"
}

@test "nothing left: a state root that is read-only is an error that names it" {
  mkdir -p "$T/ro"
  mount -t tmpfs -o ro ro "$T/ro"
  try "$HULL" --root "$T/ro/root" --log "$LOG" --log-format json run --bundle "$B" "$ID"
  umount -l "$T/ro"
  failed "$T/ro" 'Read-only file system'
}
