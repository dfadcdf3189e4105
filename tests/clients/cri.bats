#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Kubernetes CRI as containerd serves it, with the runtime under test as the handler of a RuntimeClass: what a kubelet
# asks for, by cri.py.
# hosts: native systemd cgroupfs
# bats file_tags=clients
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for other shells and for jq; what functions set for a test
# shellcheck disable=SC2034,SC2154 # INPUT, status, output and stderr of try, in clients.bash

load clients
load containerd

PAUSE=localhost/pause:latest

setup_file() {
  clients_setup
  has_everything || return 0
  make_archive "$ROOTFS" "$C/pause.tar" "$PAUSE" sh -c 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'
  configure_network
  configure_cri
  start_containerd
  # CRI sees the images of its namespace alone.
  import "$ARCHIVE"
  import "$C/pause.tar"
  mkfifo "$C/requests"
  start_daemon cri "$PYTHON" "$BATS_TEST_DIRNAME/cri.py" "$C/containerd.sock" "$C/requests"
  wait_for network_ready || { tail "$C/containerd.log" "$C/cri.log" >&2; return 1; }
}

import() {
  contain --namespace k8s.io images import --snapshotter native "$1" >"$C/import.log" 2>&1 3>&- || { cat "$C/import.log" >&2; return 1; }
}

# Debian's, as python3-grpcio is a package of Debian's
PYTHON=/usr/bin/python3

has_everything() {
  command -v containerd >/dev/null && [ -x /usr/lib/cni/bridge ] && "$PYTHON" -c 'import grpc' 2>/dev/null
}

teardown_file() {
  has_everything || return 0
  rm -f "$C/requests"
  stop_daemon cri KILL
  stop_daemon containerd
  unmount_all
}

configure_network() {
  mkdir "$C/cni"
  cat >"$C/cni/10-test.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true,
  "ipam": {"type": "host-local", "dataDir": "$C/ipam", "ranges": [[{"subnet": "10.88.0.0/16"}]]}}]}
JSON
}

# The handler by default is none at all, so that what a test gets is what it asked for.
configure_cri() {
  local cri='[plugins."io.containerd.grpc.v1.cri"' limited=false
  has_controller cpu || limited=true # neither limits nor OOM scores below ours on such a host
  configure_containerd 'disabled_plugins = ["io.containerd.internal.v1.opt"]' "$cri]" "sandbox_image = \"$PAUSE\"" \
    'stream_server_address = "127.0.0.1"' "disable_cgroup = $limited" "restrict_oom_score_adj = $limited" \
    'disable_apparmor = true' "$cri.cni]" 'bin_dir = "/usr/lib/cni"' "conf_dir = \"$C/cni\"" \
    "$cri.containerd]" 'snapshotter = "native"' 'default_runtime_name = "none"' \
    "$cri.containerd.runtimes.none]" 'runtime_type = "io.containerd.runc.v2"' \
    "$cri.containerd.runtimes.none.options]" 'BinaryName = "/nosuch/runtime"' \
    "$cri.containerd.runtimes.tested]" 'runtime_type = "io.containerd.runc.v2"' \
    'pod_annotations = ["org.example.*"]' 'container_annotations = ["org.example.*"]' \
    "$cri.containerd.runtimes.tested.options]" "BinaryName = \"$RUNTIME\"" "Root = \"$C/roots\"" \
    "SystemdCgroup = $([ "$DRIVER" = systemd ] && echo true || echo false)"
  # a key may be in one place only
  sed -i '/^\[grpc\]/,/^address/{H;d};$G' "$C/containerd.toml"
}

setup() {
  need containerd
  "$PYTHON" -c 'import grpc' 2>/dev/null || skip "python3-grpcio is not installed"
  [ -x /usr/lib/cni/bridge ] || skip "containernetworking-plugins is not installed"
  need_cgroup2
  T=$BATS_TEST_TMPDIR
  ID=p$BATS_TEST_NUMBER
  PODS=()
  CONTAINERS=0
  POD_CONFIG='{}'
}

teardown() {
  local pod left=0
  for pod in "${PODS[@]}"; do
    remove "$pod" || { show_answer; left=1; }
    wait_for no_shim "$pod" || left=1
  done
  wait_for nothing_left || { left_over; left=1; }
  umount --recursive --lazy "$T/shared" 2>/dev/null || :
  return "$left"
}

remove() {
  cri StopPodSandbox '{pod_sandbox_id: $pod}' --arg pod "$1" && cri RemovePodSandbox '{pod_sandbox_id: $pod}' --arg pod "$1"
}

no_shim() {
  ! shim_of "$1"
}

left_over() {
  find /sys/fs/cgroup -type d -name '*cri-containerd*' -o -type d -path "*/kube-$ID/*"
  find "$C/roots" -mindepth 2 -maxdepth 2 -not -name '.*'
  find /run/netns -mindepth 1
}

nothing_left() {
  [ -z "$(left_over 2>/dev/null)" ]
}

# --- calling ------------------------------------------------------------------------------------------------------

# cri CALL FILTER [jq arguments]: the answer is in ANSWER. The request is what jq makes of the filter.
cri() {
  local call=$1 filter=$2
  shift 2
  ask "$(jq -cn "{call: \"$call\", request: ($filter)}" "$@")"
}

# talk URL STDIN [UNTIL]: an exec or attach, by its stream
talk() {
  ask "$(jq -cn --arg url "$1" --arg stdin "$2" --arg until "${3:-}" '{stream: $url, until: $until}
    + if $stdin == "" then {} else {stdin: $stdin} end')"
}

ask() {
  local file=${BATS_TEST_TMPDIR:-$C}/answer.$RANDOM$RANDOM
  jq -c --arg file "$file" '.answer = $file' <<<"$1" >"$C/requests"
  until_there "$file"
  ANSWER=$(cat "$file")
  rm "$file"
  jq -e 'has("ok")' <<<"$ANSWER" >/dev/null
}

until_there() {
  local tries
  for ((tries = 0; tries < 400 * SLOW; tries++)); do
    [ ! -e "$1" ] || return 0
    sleep 0.05
  done
  echo "no answer"
  return 1
}

show_answer() {
  echo "answer: $ANSWER"
}

# good CALL FILTER [jq arguments]: as cri, and must succeed.
good() {
  cri "$@" || { echo "$1 failed"; show_answer; return 1; }
}

# bad WORD... -- CALL FILTER ...: must fail, with every WORD in the message.
bad() {
  local words=()
  until [ "$1" = -- ]; do
    words+=("$1")
    shift
  done
  shift
  ! cri "$@" || { echo "$1 did not fail"; show_answer; return 1; }
  has "$(get .error)" "${words[@]}"
}

# get FILTER: of the answer
get() {
  jq -r "$1" <<<"$ANSWER"
}

network_ready() {
  cri Status '{}' && [ "$(get '[.ok.status.conditions[] | select(.status).type] | sort | join(" ")')" = 'NetworkReady RuntimeReady' ]
}

# pod [JSON [HANDLER]]: a sandbox, with these settings; sets POD. POD_CONFIG is what kubelets hand over again.
pod() {
  local parent=/kube-$ID
  [ "$DRIVER" = cgroupfs ] || parent=kube${ID}.slice
  POD_CONFIG=$(jq -cn --arg name "$ID-${#PODS[@]}" --arg parent "$parent" --arg logs "$T/logs" --argjson more "${1:-{\}}" '{
    metadata: {name: $name, uid: $name, namespace: "default"}, hostname: $name, log_directory: $logs,
    linux: {cgroup_parent: $parent, security_context: {namespace_options: {pid: 1}}}} * $more')
  mkdir -p "$T/logs"
  good RunPodSandbox '{config: $config, runtime_handler: "tested"}' --argjson config "$POD_CONFIG" || return 1
  POD=$(get .ok.pod_sandbox_id)
  PODS+=("$POD")
}

# container JSON COMMAND...: creates and starts one in POD; sets CONTAINER, LOG and PID.
container() {
  create "$@" || return 1
  good StartContainer '{container_id: $id}' --arg id "$CONTAINER" || return 1
  status
  PID=$(get '.ok.info.info | fromjson.pid')
}

create() {
  local more=$1
  shift
  LOG=$T/logs/$((CONTAINERS += 1)).log
  good CreateContainer '{pod_sandbox_id: $pod, sandbox_config: $sandbox, config: ({metadata: {name: $name}, image: {image: $image},
    command: $ARGS.positional, log_path: ($name + ".log"),
    linux: {security_context: {namespace_options: $sandbox.linux.security_context.namespace_options}}} * $more)}' \
    --arg pod "$POD" --argjson sandbox "$POD_CONFIG" --arg name "$CONTAINERS" --arg image "$IMAGE" --argjson more "$more" \
    --args -- "$@" || return 1
  CONTAINER=$(get .ok.container_id)
}

# status [ID]
status() {
  good ContainerStatus '{container_id: $id, verbose: true}' --arg id "${1:-$CONTAINER}"
}

# ended_with CODE REASON
ended_with() {
  wait_for has_exited || { show_answer; return 1; }
  equal "$(get '.ok.status | "\(.exit_code) \(.reason)"')" "$1 $2"
}

has_exited() {
  status && [ "$(get .ok.status.state)" = 2 ]
}

# logged: what it wrote, without the CRI's prefixes
logged() {
  cut -d' ' -f4- "$LOG"
}

# The log of a container that has ended.
finished_log() {
  wait_for has_exited && logged
}

# inside COMMAND...: ExecSync; sets status, output, stderr
inside() {
  good ExecSync '{container_id: $id, cmd: $ARGS.positional}' --arg id "$CONTAINER" --args -- "$@" || return 1
  status=$(get .ok.exit_code) output=$(get .ok.stdout) stderr=$(get .ok.stderr)
}

namespace_of() {
  readlink "/proc/$1/ns/$2"
}

need_limits() {
  need_controller cpu memory pids
}

sandbox_pid() {
  good PodSandboxStatus '{pod_sandbox_id: $pod, verbose: true}' --arg pod "$POD"
  get '.ok.info.info | fromjson.pid'
}

# --- pods ---------------------------------------------------------------------------------------------------------

@test "cri: version and status" {
  good Version '{}'
  equal "$(get .ok.runtime_name)" containerd
  network_ready
}

# bats test_tags=smoke
@test "cri: a pod with a container: state, exit code, log" {
  pod '{"labels": {"app": "web"}, "annotations": {"org.example/a": "b"}}'
  good PodSandboxStatus '{pod_sandbox_id: $pod}' --arg pod "$POD"
  equal "$(get '.ok.status | "\(.state) \(.runtime_handler) \(.labels.app) \(.annotations["org.example/a"])"')" '0 tested web b'
  container '{"annotations": {"org.example/c": "d"}}' sh -c 'echo out; echo err >&2; exit 3'
  ended_with 3 Error
  equal "$(cut -d' ' -f2- "$LOG" | sort | paste -sd,)" 'stderr F err,stdout F out'
  container '{}' true
  ended_with 0 Completed
}

@test "cri: an unknown handler, and one without a runtime, are errors" {
  bad nosuch -- RunPodSandbox '{config: {metadata: {name: "x", uid: "x", namespace: "x"}}, runtime_handler: "nosuch"}'
  bad /nosuch/runtime -- RunPodSandbox '{config: {metadata: {name: "y", uid: "y", namespace: "y"}, hostname: "y"}}'
}

@test "cri: stop and remove a pod: all ends, twice is no error" {
  pod
  container '{}' sleep 1000
  good StopPodSandbox '{pod_sandbox_id: $pod}' --arg pod "$POD"
  wait_for gone "$PID"
  good PodSandboxStatus '{pod_sandbox_id: $pod}' --arg pod "$POD"
  equal "$(get .ok.status.state)" 1
  ended_with 137 Error
  good StopPodSandbox '{pod_sandbox_id: $pod}' --arg pod "$POD"
  good RemovePodSandbox '{pod_sandbox_id: $pod}' --arg pod "$POD"
  good ListContainers '{filter: {pod_sandbox_id: $pod}}' --arg pod "$POD"
  equal "$(get '.ok.containers | length')" 0
  PODS=()
}

@test "cri: network, ipc and uts namespaces are the pod's, pid namespaces the containers'" {
  pod
  container '{}' sleep 1000
  local pause first=$PID name
  pause=$(sandbox_pid)
  container '{}' sleep 2000
  for name in net ipc uts; do
    equal "$(namespace_of "$PID" $name)" "$(namespace_of "$pause" $name)"
    [ "$(namespace_of "$PID" $name)" != "$(namespace_of $$ $name)" ]
  done
  [ "$(namespace_of "$PID" pid)" != "$(namespace_of "$first" pid)" ]
  inside ps
  hasnt "$output" 'sleep 1000'
  inside hostname
  equal "$output" "$ID-0"
  good PodSandboxStatus '{pod_sandbox_id: $pod}' --arg pod "$POD"
  local ip
  ip=$(get .ok.status.network.ip)
  inside ip -4 -o addr show eth0
  has "$output" "$ip/16"
}

@test "cri: shared pid namespace: containers see each other, one that ends takes none with it" {
  pod '{"linux": {"security_context": {"namespace_options": {"pid": 0}}}}'
  container '{}' sleep 1000
  local first=$PID id=$CONTAINER
  container '{}' sh -c 'sleep 3000 & exec sleep 2000'
  equal "$(namespace_of "$PID" pid)" "$(namespace_of "$(sandbox_pid)" pid)"
  inside ps
  has "$output" 'sleep 1000' 'sleep 2000' 'sleep 3000'
  good StopContainer '{container_id: $id}' --arg id "$CONTAINER"
  wait_for gone "$PID"
  CONTAINER=$id
  wait_for sees_no 'sleep 3000'
  kill -0 "$first"
}

sees_no() {
  inside ps
  [[ $output != *"$1"* ]]
}

@test "cri: the pid namespace of another container" {
  pod
  container '{}' sleep 1000
  local first=$PID
  container "{\"linux\": {\"security_context\": {\"namespace_options\": {\"pid\": 3, \"target_id\": \"$CONTAINER\"}}}}" sleep 2000
  equal "$(namespace_of "$PID" pid)" "$(namespace_of "$first" pid)"
  inside ps
  has "$output" 'sleep 1000' 'sleep 2000'
}

@test "cri: the node's namespaces" {
  pod '{"hostname": "", "linux": {"security_context": {"namespace_options": {"network": 2, "pid": 2, "ipc": 2}}}}'
  container '{}' sh -c 'sleep 3000 & exec sleep 1000'
  equal "$(namespace_of "$PID" net)" "$(namespace_of "$(cat "$C/containerd.pid")" net)"
  equal "$(namespace_of "$PID" ipc)" "$(namespace_of $$ ipc)"
  equal "$(namespace_of "$PID" pid)" "$(namespace_of $$ pid)"
  inside ps
  has "$output" 'containerd --config' 'sleep 3000'
  good StopContainer '{container_id: $id}' --arg id "$CONTAINER"
  wait_for gone "$PID"
  wait_for no_process 'sleep 3000'
}

no_process() {
  ! pgrep -fx "$1"
}

@test "cri: sysctls and DNS of the pod" {
  pod '{"linux": {"sysctls": {"net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1"}},
    "dns_config": {"servers": ["10.0.0.10"], "searches": ["example.org"]}}'
  container '{}' sh -c 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced /etc/resolv.conf'
  finished_log >"$T/log"
  equal "$(head -n2 "$T/log" | paste -sd' ')" '80 1'
  has "$(cat "$T/log")" 'nameserver 10.0.0.10' 'search example.org'
}

# --- containers ---------------------------------------------------------------------------------------------------

@test "cri: environment, arguments, working directory" {
  pod
  container '{"args": ["-c", "echo \"$A $PWD $0\"", "zero"], "envs": [{"key": "A", "value": "1"}], "working_dir": "/data"}' sh
  equal "$(finished_log)" '1 /data zero'
}

@test "cri: a program that is not there, or is none: an error that says so, and the container's state" {
  pod
  local id
  create '{}' /nosuch
  id=$CONTAINER
  bad -- StartContainer '{container_id: $id}' --arg id "$id"
  has "$(get .error | tr '[:upper:]' '[:lower:]')" 'oci runtime create failed' 'no such file or directory' /nosuch
  status "$id"
  equal "$(get '.ok.status | "\(.state) \(.exit_code) \(.reason)"')" '2 128 StartError'
  create '{}' /data/text
  bad -- StartContainer '{container_id: $id}' --arg id "$CONTAINER"
  has "$(get .error | tr '[:upper:]' '[:lower:]')" 'permission denied'
  create '{}' nosuch
  bad 'executable file' 'not found in $PATH' -- StartContainer '{container_id: $id}' --arg id "$CONTAINER"
}

@test "cri: a directory that cannot be mounted on is said" {
  pod
  create "{\"mounts\": [{\"host_path\": \"$T\", \"container_path\": \"/data/text\"}]}" true
  bad -- StartContainer '{container_id: $id}' --arg id "$CONTAINER"
  has "$(get .error)" /data/text
}

@test "cri: exec-sync: output, exit code, a program that is not there" {
  pod
  container '{}' sleep 1000
  inside sh -c 'echo out; echo err >&2; exit 4'
  equal "$status $output $stderr" '4 out err'
  bad -- ExecSync '{container_id: $id, cmd: ["nosuch"]}' --arg id "$CONTAINER"
  has "$(get .error)" 'exec failed' 'not found in $PATH'
  inside sh -c 'yes 0123456789 | head -c 1000000'
  equal "${#output}" 1000000
}

@test "cri: exec-sync: a time limit ends it, and all it began" {
  pod
  container '{}' sleep 1000
  bad 'timeout' -- ExecSync '{container_id: $id, cmd: ["sleep", "3000"], timeout: 1}' --arg id "$CONTAINER"
  wait_for sees_no 'sleep 3000'
  inside echo still
  equal "$output" still
}

@test "cri: exec: streams, exit code, terminal" {
  pod
  container '{}' sleep 1000
  good Exec '{container_id: $id, cmd: ["sh", "-c", "read -r x; echo \"got $x\"; echo err >&2; exit 6"], stdin: true, stdout: true,
    stderr: true}' --arg id "$CONTAINER"
  talk "$(get .ok.url)" $'hello\n' || { show_answer; return 1; }
  equal "$(get '.ok | "\(.stdout)\(.stderr)\(.status.details.causes[0].message)"' | paste -sd' ')" 'got hello err 6'
  good Exec '{container_id: $id, cmd: ["sh", "-c", "tty; stty size; read -r x; echo got $x"], stdin: true, stdout: true, tty: true}' \
    --arg id "$CONTAINER"
  talk "$(get .ok.url)" $'hello\n' || { show_answer; return 1; }
  has "$(get .ok.stdout)" /dev/pts/ 'got hello'
  equal "$(get .ok.status.status)" Success
}

@test "cri: attach to a container with standard input and a terminal" {
  pod
  container '{"stdin": true, "tty": true}' sh -c 'tty; while read -r x; do echo "got $x"; done'
  good Attach '{container_id: $id, stdin: true, stdout: true, tty: true}' --arg id "$CONTAINER"
  talk "$(get .ok.url)" $'hello\n' 'got hello' || { show_answer; return 1; }
  has "$(get .ok.stdout)" 'got hello'
  has "$(logged)" /dev/pts/0
}

@test "cri: user, groups, capabilities, no_new_privs, read-only root, seccomp" {
  pod
  container '{"linux": {"security_context": {"run_as_user": {"value": 1000}, "run_as_group": {"value": 50}, "supplemental_groups": [60],
    "no_new_privs": true, "readonly_rootfs": true, "seccomp": {"profile_type": 0},
    "capabilities": {"add_capabilities": ["SYS_PTRACE"], "drop_capabilities": ["CHOWN"]}}}}' \
    sh -c 'id; cat /proc/self/status; echo a >/tmp/file || echo refused'
  finished_log >"$T/log"
  has "$(cat "$T/log")" 'uid=1000(ann) gid=50(staff)' 60 $'NoNewPrivs:\t1' $'Seccomp:\t2' refused
  local bounding
  bounding=$((16#$(sed -n 's/^CapBnd:\t//p' "$T/log")))
  equal "$((bounding & 1)) $((bounding >> 19 & 1))" '0 1'
}

@test "cri: paths are masked and read-only, unless privileged" {
  pod '{"linux": {"security_context": {"privileged": true}}}'
  local paths='"masked_paths": ["/proc/interrupts", "/sys/firmware"], "readonly_paths": ["/proc/sys"]'
  local look='exec 2>&1; head -c1 /proc/interrupts | wc -c; touch /proc/sys/kernel/hostname && echo writable; ls /dev | wc -l'
  container "{\"linux\": {\"security_context\": {$paths}}}" sh -c "$look"
  finished_log >"$T/confined"
  container '{"linux": {"security_context": {"privileged": true}}}' sh -c "$look"
  finished_log >"$T/privileged"
  equal "$(head -n1 "$T/confined")" 0
  hasnt "$(cat "$T/confined")" writable
  has "$(cat "$T/privileged")" writable
  [ "$(tail -n1 "$T/privileged")" -gt "$(tail -n1 "$T/confined")" ]
}

@test "cri: mounts: read-only, and propagation in both directions" {
  pod '{"linux": {"security_context": {"privileged": true}}}'
  mkdir "$T/shared" "$T/a"
  mount -t tmpfs shared "$T/shared"
  mount --make-shared "$T/shared"
  mkdir "$T/shared/inner" "$T/shared/outer"
  container "{\"linux\": {\"security_context\": {\"privileged\": true}}, \"mounts\": [
    {\"host_path\": \"$T/a\", \"container_path\": \"/mnt/a\", \"readonly\": true},
    {\"host_path\": \"$T/shared\", \"container_path\": \"/mnt/shared\", \"propagation\": 2}]}" sleep 1000
  inside sh -c 'echo a >/mnt/a/file'
  [ "$status" != 0 ]
  inside mount -t tmpfs inner /mnt/shared/inner
  equal "$status" 0
  mountpoint -q "$T/shared/inner"
  mount -t tmpfs outer "$T/shared/outer"
  inside grep -q /mnt/shared/outer /proc/mounts
  equal "$status" 0
}

@test "cri: devices" {
  pod
  container '{"devices": [{"host_path": "/dev/kmsg", "container_path": "/dev/messages", "permissions": "w"}]}' \
    sh -c 'test -c /dev/messages && (exec 3>/dev/messages) && echo opened; (exec 3</dev/messages) || echo refused'
  local log
  log=$(finished_log)
  has "$log" opened refused
}

@test "cri: stop with a grace period: TERM, then KILL" {
  pod
  container '{}' sh -c 'trap "exit 21" TERM; echo ready; while :; do sleep 0.1; done'
  wait_for grep -q ready "$LOG"
  good StopContainer '{container_id: $id, timeout: 100}' --arg id "$CONTAINER"
  ended_with 21 Error
  container '{}' sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
  wait_for grep -q ready "$LOG"
  good StopContainer '{container_id: $id, timeout: 1}' --arg id "$CONTAINER"
  ended_with 137 Error
}

@test "cri: a container that ended is followed by the next of its name, the pod stays" {
  pod
  local pause
  pause=$(sandbox_pid)
  container '{"metadata": {"name": "again", "attempt": 0}}' sh -c 'exit 1'
  ended_with 1 Error
  container '{"metadata": {"name": "again", "attempt": 1}}' sh -c 'echo second'
  ended_with 0 Completed
  good RemoveContainer '{container_id: $id}' --arg id "$CONTAINER"
  good ListContainers '{filter: {pod_sandbox_id: $pod}}' --arg pod "$POD"
  equal "$(get '.ok.containers | length')" 1
  kill -0 "$pause"
}

@test "cri: a log that is rotated is opened anew" {
  pod
  container '{}' sh -c 'while :; do echo line; sleep 0.1; done'
  wait_for grep -q line "$LOG"
  mv "$LOG" "$LOG.1"
  good ReopenContainerLog '{container_id: $id}' --arg id "$CONTAINER"
  wait_for grep -q line "$LOG"
}

# --- limits -------------------------------------------------------------------------------------------------------

LIMITS='{"linux": {"resources": {"cpu_period": 100000, "cpu_quota": 50000, "cpu_shares": 512, "memory_limit_in_bytes": 67108864,
  "oom_score_adj": 900, "unified": {"memory.high": "50331648"}}}}'

@test "cri: limits are the kernel's" {
  need_limits
  pod
  container "$LIMITS" sleep 1000
  local cgroup
  cgroup=$(cgroup_of "$PID")
  has "$cgroup" "$([ "$DRIVER" = systemd ] && echo "kube$ID.slice/cri-containerd-$CONTAINER.scope" || echo "/kube-$ID/$CONTAINER")"
  equal "$(cat "$cgroup/cpu.max")" '50000 100000'
  equal "$(cat "$cgroup/memory.max")" 67108864
  equal "$(cat "$cgroup/memory.high")" 50331648
  equal "$(cat "/proc/$PID/oom_score_adj")" 900
  [ "$(cat "$cgroup/cpu.weight")" -lt 100 ]
}

@test "cri: limits of the sets of processors and memory nodes" {
  need_controller cpuset
  pod
  container '{"linux": {"resources": {"cpuset_cpus": "0", "cpuset_mems": "0"}}}' sleep 1000
  equal "$(cat "$(cgroup_of "$PID")/cpuset.cpus")" 0
  equal "$(cat "$(cgroup_of "$PID")/cpuset.mems")" 0
}

@test "cri: update changes a running container, and one that is only created" {
  need_limits
  pod
  container "$LIMITS" sleep 1000
  local cgroup
  cgroup=$(cgroup_of "$PID")
  good UpdateContainerResources '{container_id: $id, linux: {cpu_period: 100000, cpu_quota: 25000, memory_limit_in_bytes: 134217728}}' \
    --arg id "$CONTAINER"
  equal "$(cat "$cgroup/cpu.max")" '25000 100000'
  equal "$(cat "$cgroup/memory.max")" 134217728
  create "$LIMITS" sleep 1000
  good UpdateContainerResources '{container_id: $id, linux: {memory_limit_in_bytes: 134217728}}' --arg id "$CONTAINER"
  good StartContainer '{container_id: $id}' --arg id "$CONTAINER"
  status
  equal "$(cat "$(cgroup_of "$(get '.ok.info.info | fromjson.pid')")/memory.max")" 134217728
}

@test "cri: stats of one container, and of all" {
  need_limits
  pod
  container '{}' sh -c 'while :; do :; done'
  wait_for has_used_time
  [ "$(get .ok.stats.memory.working_set_bytes.value)" -gt 0 ]
  good ListContainerStats '{}'
  has "$(get '.ok.stats[].attributes.id')" "$CONTAINER"
}

has_used_time() {
  cri ContainerStats '{container_id: $id}' --arg id "$CONTAINER" && [ "$(get .ok.stats.cpu.usage_core_nano_seconds.value)" -gt 100000000 ]
}

@test "cri: an OOM kill is the reason of the end" {
  need_limits
  pod
  container '{"linux": {"resources": {"memory_limit_in_bytes": 33554432, "memory_swap_limit_in_bytes": 33554432}}}' \
    sh -c "sleep $SLOW; exec tail /dev/zero"
  # The event of the kill and that of the end come by different ways.
  wait_for has_reason OOMKilled || { show_answer; return 1; }
  ended_with 137 OOMKilled
}

has_reason() {
  status && [ "$(get .ok.status.reason)" = "$1" ]
}

# --- daemons that die ---------------------------------------------------------------------------------------------

@test "cri: containerd is killed: the pod goes on, and the next containerd has it" {
  pod
  container '{}' sleep 1000
  stop_daemon containerd KILL
  kill -0 "$PID"
  start_containerd
  wait_for network_ready
  inside echo again
  equal "$output" again
  good StopContainer '{container_id: $id}' --arg id "$CONTAINER"
  ended_with 137 Error
}

@test "cri: the shim is killed: the pod is not ready, and can be removed" {
  pod
  container '{}' sleep 1000
  kill -KILL "$(shim_of "$POD")"
  wait_for not_ready
  wait_for has_exited
  wait_for gone "$PID"
}

not_ready() {
  cri PodSandboxStatus '{pod_sandbox_id: $pod}' --arg pod "$POD" && [ "$(get .ok.status.state)" = 1 ]
}
