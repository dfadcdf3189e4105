#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Debian's docker with the runtime under test as its default runtime, by the classic builder and a daemon of this file's own.
# hosts: native systemd cgroupfs
# bats file_tags=clients
# shellcheck disable=SC2016,SC2030,SC2031 # scripts for other shells and for jq; what functions set for a test
# shellcheck disable=SC2034,SC2154 # INPUT, status, output and stderr of try, in clients.bash

load clients
load containerd

MIB=$((1024 * 1024))
# Debian's: there may be another client in PATH, whose version does not fit
DOCKER=/usr/bin/docker

setup_file() {
  clients_setup
  command -v dockerd >/dev/null || return 0
  mkdir -p "$C/bin"
  # A kernel may have the older interface alone.
  unshare --net iptables -t nat -N hull 2>/dev/null 3>&- || ln -s /usr/sbin/iptables-legacy "$C/bin/iptables"
  configure_docker false
  start_docker
  docker load --input "$ARCHIVE" >"$C/load.log" 2>&1 3>&- || { cat "$C/load.log" >&2; return 1; }
}

teardown_file() {
  stop_daemon dockerd
  unmount_all
}

# configure_docker LIVE-RESTORE
configure_docker() {
  jq -n --arg c "$C" --arg driver "$DRIVER" --arg runtime "$RUNTIME" --argjson live "$1" '{"data-root": ($c + "/docker"),
    "exec-root": ($c + "/docker.run"), pidfile: ($c + "/docker.pid"), hosts: ["unix://" + $c + "/docker.sock"],
    "storage-driver": "vfs", bip: "172.30.0.1/16", "live-restore": $live, "exec-opts": ["native.cgroupdriver=" + $driver],
    runtimes: {tested: {path: $runtime}}, "default-runtime": "tested"}' >"$C/daemon.json"
}

start_docker() {
  start_daemon dockerd dockerd --config-file "$C/daemon.json"
  wait_for answers_or_ended || return 1
  answers || { tail -n 30 "$C/dockerd.log" >&2; return 1; }
}

answers() {
  docker version >/dev/null 2>&1 3>&-
}

answers_or_ended() {
  answers || ended "$(cat "$C/dockerd.pid")"
}

docker() {
  DOCKER_CONFIG=$C/config DOCKER_BUILDKIT=0 DOCKER_HOST=unix://$C/docker.sock limited "$DOCKER" "$@"
}

setup() {
  need dockerd
  [ -x "$DOCKER" ] || skip "$DOCKER is not installed"
  need_cgroup2
  T=$BATS_TEST_TMPDIR
  NAME=c$BATS_TEST_NUMBER
}

teardown() {
  local left=0
  remove_all
  wait_for nothing_left || { left_over; left=1; }
  return "$left"
}

remove_all() {
  docker ps --all --quiet | xargs -r "$DOCKER" --host "unix://$C/docker.sock" rm --force --volumes >/dev/null 2>&1 3>&- || :
}

left_over() {
  find /sys/fs/cgroup -type d \( -path '/sys/fs/cgroup/docker/*' -o -name 'docker-*.scope' \)
  find "$C/docker.run/runtime-runc" -mindepth 2 -maxdepth 2 -not -name '.*'
  pgrep -af "containerd-shim-runc-v2 .*$C"
}

nothing_left() {
  [ -z "$(left_over 2>/dev/null)" ]
}

# start [options] -- COMMAND...: in the background; sets PID
start() {
  local options=()
  until [ "$1" = -- ]; do
    options+=("$1")
    shift
  done
  shift
  ok docker run --detach --name "$NAME" "${options[@]}" "$IMAGE" "$@"
  PID=$(docker inspect --format '{{.State.Pid}}' "$NAME" 3>&-)
}

# run_it [options] -- COMMAND...: in the foreground
run_it() {
  local options=()
  until [ "$1" = -- ]; do
    options+=("$1")
    shift
  done
  shift
  try docker run --rm "${options[@]}" "$IMAGE" "$@"
}

# state FORMAT [NAME]: of inspect, as .State.Status
state() {
  docker inspect --format "{{$1}}" "${2:-$NAME}" 3>&-
}

is() {
  [ "$(state .State.Status)" = "$1" ]
}

inside() {
  try docker exec "$NAME" "$@"
}

lower() {
  tr '[:upper:]' '[:lower:]' <<<"$1"
}

# --- run ----------------------------------------------------------------------------------------------------------

@test "docker info: the runtime is known, and its version" {
  ok docker info --format '{{.DefaultRuntime}} {{json .Runtimes}} {{.CgroupVersion}} {{.CgroupDriver}} {{.RuncCommit.ID}}'
  has "$output" tested "$RUNTIME" " 2 $DRIVER"
  hasnt "$output" N/A
}

# bats test_tags=smoke
@test "docker run: output on both streams, and the exit code" {
  run_it -- sh -c 'echo out; echo err >&2; exit 7'
  equal "$status $output $stderr" '7 out err'
}

@test "docker run: environment, directory, user, groups, host name" {
  run_it --env A=1 --workdir /data --user ann --group-add 60 --hostname box -- sh -c 'echo "$A $PWD $(hostname)"; id'
  has "$output" '1 /data box' 'uid=1000(ann) gid=1000(ann)' 60
}

@test "docker run --interactive: standard input to its end" {
  yes 0123456789 | head -c 300000 >"$T/in"
  INPUT=$T/in
  run_it --interactive -- wc -c
  equal "$output" 300000
}

@test "docker run --tty: a terminal" {
  need script
  try timeout --foreground "$((60 * SLOW))" script -qec "DOCKER_CONFIG=$C/config $DOCKER --host unix://$C/docker.sock \
    run --rm --interactive --tty $IMAGE sh -c 'tty; exit 5'" /dev/null
  equal "$status" 5
  has "$output" /dev/pts/0
}

@test "docker run: exit codes 125, 126 and 127, and why" {
  run_it -- /nosuch
  equal "$status" 127
  has "$(lower "$stderr")" 'no such file or directory' /nosuch
  run_it -- nosuch
  equal "$status" 127
  has "$stderr" 'executable file' 'not found in $PATH'
  run_it -- /data/text
  equal "$status" 126
  has "$(lower "$stderr")" 'permission denied'
  run_it -- /data
  equal "$status" 126
  run_it --workdir /data/text -- true
  [ "$status" = 125 ] || [ "$status" = 126 ] || [ "$status" = 127 ] || { show; return 1; }
  run_it --volume "$T:/data/text" -- true
  equal "$status" 125
  hasnt "$(lower "$stderr")" 'runtime did not terminate'
}

@test "docker run: a broken program is said" {
  run_it -- /data/broken
  [ "$status" != 0 ]
  has "$(lower "$output$stderr")" 'exec format error'
}

@test "docker run: read-only root, tmpfs, size of /dev/shm" {
  run_it --read-only --tmpfs /scratch:size=1m --shm-size 2m -- \
    sh -c 'echo a >/file || echo refused; echo a >/scratch/file && echo written; df -k /scratch /dev/shm'
  has "$output" written 1024 2048
  has "$output$stderr" refused
}

@test "docker run: volumes are shared, also read-only, and bind mounts" {
  ok docker volume create "$NAME"
  start --volume "$NAME:/shared" -- sh -c 'echo one >/shared/file; sleep 1000'
  mkdir "$T/bound"
  wait_for inside_file /shared/file
  run_it --volume "$NAME:/other:ro" --volume "$T/bound:/bound" -- \
    sh -c 'cat /other/file; echo two >/other/file || echo refused; cp /other/file /bound/'
  has "$output" one refused
  equal "$(cat "$T/bound/file")" one
  run_it --volumes-from "$NAME" -- cat /shared/file
  equal "$output" one
  docker rm --force "$NAME" >/dev/null 3>&-
  ok docker volume rm "$NAME"
}

inside_file() {
  inside test -s "$1"
  [ "$status" = 0 ]
}

@test "docker run: namespaces of another container, and of the host" {
  start --ipc shareable -- sleep 1000
  local name
  run_it --network "container:$NAME" --pid "container:$NAME" --ipc "container:$NAME" -- \
    sh -c 'for n in net pid ipc; do readlink /proc/self/ns/$n; done; ps'
  for name in net pid ipc; do
    has "$output" "$(readlink "/proc/$PID/ns/$name")"
  done
  has "$output" 'sleep 1000'
  run_it --network host --pid host --ipc host --uts host -- sh -c 'for n in pid ipc uts; do readlink /proc/self/ns/$n; done; hostname'
  for name in pid ipc uts; do
    has "$output" "$(readlink "/proc/$$/ns/$name")"
  done
}

@test "docker run --network none, and a bridge" {
  run_it --network none -- ls /sys/class/net
  equal "$output" lo
  run_it -- sh -c 'ip -4 addr show eth0; ping -c1 -W5 172.30.0.1'
  equal "$status" 0
  has "$output" 172.30.0 '1 packets received'
}

@test "docker network: containers find each other by name, over a shared volume and a shared network" {
  ok docker network create "$NAME"
  start --network "$NAME" --volume "$NAME:/www" -- sh -c 'echo hello >/www/index.html; exec httpd -f -h /www'
  wait_for serves || { show; return 1; }
  docker rm --force "$NAME" >/dev/null 3>&-
  ok docker network rm "$NAME"
  ok docker volume rm "$NAME"
}

serves() {
  run_it --network "$NAME" --volume "$NAME:/www:ro" -- sh -c "wget -qO- http://$NAME/ && cat /www/index.html"
  [ "$output" = $'hello\nhello' ]
}

@test "docker run: capabilities, no_new_privs, seccomp" {
  run_it --cap-drop ALL --cap-add SYS_PTRACE --security-opt no-new-privileges -- cat /proc/self/status
  has "$output" $'CapBnd:\t0000000000080000' $'NoNewPrivs:\t1' $'Seccomp:\t2'
  run_it --security-opt seccomp=unconfined -- cat /proc/self/status
  has "$output" $'Seccomp:\t0'
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}' \
    >"$T/profile.json"
  run_it --security-opt "seccomp=$T/profile.json" -- mkdir /tmp/a
  has "$stderr" 'No space left on device'
}

@test "docker run --privileged" {
  run_it --privileged -- sh -c 'mount -t tmpfs none /mnt 2>/dev/null || mkdir /mnt && mount -t tmpfs none /mnt && echo mounted
    ls /dev | wc -l; mknod /tmp/null c 1 3 && echo x >/tmp/null && echo made'
  has "$output" mounted made
}

@test "docker run --device: that one, with these rights" {
  run_it --device /dev/kmsg:/dev/messages:w -- sh -c '(exec 3>/dev/messages) && echo opened; (exec 3</dev/messages) || echo refused'
  has "$output" opened refused
}

@test "docker run: sysctls and resource limits" {
  run_it --sysctl net.ipv4.ip_forward=0 --sysctl kernel.msgmax=9000 --ulimit nofile=100:200 -- \
    sh -c 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax; ulimit -Sn; ulimit -Hn'
  equal "$(paste -sd' ' <<<"$output")" '0 9000 100 200'
}

@test "docker run --init: a process 1 that reaps and passes signals on" {
  start --init -- sh -c 'trap "exit 9" TERM; : >/tmp/ready; while :; do sleep 0.1; done'
  wait_for inside_exists /tmp/ready
  inside cat /proc/1/comm
  has "$output" init
  ok docker stop "$NAME"
  equal "$(state .State.ExitCode)" 9
}

inside_exists() {
  inside test -e "$1"
  [ "$status" = 0 ]
}

@test "docker run --restart: again after a failure" {
  start --restart on-failure:2 -- sh -c 'echo try; exit 3'
  wait_for has_given_up
  ok docker logs "$NAME"
  equal "$(grep -c try <<<"$output")" 3
}

has_given_up() {
  is exited && [ "$(state .RestartCount)" = 2 ]
}

@test "docker run --health-cmd: healthy, then not" {
  start --health-cmd 'test -e /tmp/good' --health-interval 1s --health-retries 1 -- sh -c 'touch /tmp/good; exec sleep 1000'
  wait_for health_is healthy
  inside rm /tmp/good
  wait_for health_is unhealthy
}

health_is() {
  [ "$(state .State.Health.Status)" = "$1" ]
}

@test "docker run: many at once" {
  local i
  local pids=()
  for i in 1 2 3 4 5; do
    docker run --rm "$IMAGE" sh -c "echo $i; exit $i" >"$T/$i" 2>&1 </dev/null 3>&- &
    pids[i]=$!
  done
  for i in 1 2 3 4 5; do
    status=0
    wait "${pids[i]}" || status=$?
    equal "$status $(cat "$T/$i")" "$i $i"
  done
}

# --- build --------------------------------------------------------------------------------------------------------

@test "docker build: RUN, USER, WORKDIR, COPY" {
  echo context >"$T/file"
  cat >"$T/Dockerfile" <<DOCKERFILE
FROM $IMAGE
COPY file /data/copied
RUN cat /data/copied >/data/made && echo builder:x:1234:1234::/tmp:/bin/sh >>/etc/passwd && chmod 777 /data
USER builder
WORKDIR /data
RUN ["/bin/sh", "-c", "id -u >id; pwd >>id"]
CMD cat id /data/made
DOCKERFILE
  ok docker build --tag "$NAME" "$T"
  ok docker run --rm "$NAME"
  equal "$(paste -sd' ' <<<"$output")" '1234 /data context'
}

@test "docker build: a RUN that fails is the build's failure, with its exit code" {
  printf 'FROM %s\nRUN exit 11\n' "$IMAGE" >"$T/Dockerfile"
  fails 'returned a non-zero code: 11' -- docker build "$T"
  printf 'FROM %s\nRUN ["/nosuch"]\n' "$IMAGE" >"$T/Dockerfile"
  fails /nosuch 'no such file or directory' -- docker build "$T"
}

# --- containers that run ------------------------------------------------------------------------------------------

@test "docker exec: output, exit code, environment, directory, user, in the background" {
  start -- sleep 1000
  inside sh -c 'echo out; echo err >&2; exit 9'
  equal "$status $output $stderr" '9 out err'
  ok docker exec --env A=1 --workdir /data --user ann "$NAME" sh -c 'echo "$A $PWD $(id -un)"'
  equal "$output" '1 /data ann'
  ok docker exec --detach "$NAME" touch /tmp/made
  wait_for inside_exists /tmp/made
  echo input >"$T/in"
  INPUT=$T/in try docker exec --interactive "$NAME" cat
  equal "$output" input
}

@test "docker exec: 126 and 127, and the container goes on" {
  start -- sleep 1000
  inside nosuch
  [ "$status" = 126 ] || [ "$status" = 127 ] # older dockers always say 126
  has "$output$stderr" 'exec failed' 'executable file' 'not found in $PATH'
  inside /data/text
  equal "$status" 126
  has "$(lower "$output$stderr")" 'permission denied'
  is running
}

@test "docker exec --tty" {
  need script
  start -- sleep 1000
  try timeout --foreground "$((60 * SLOW))" script -qec "DOCKER_CONFIG=$C/config $DOCKER --host unix://$C/docker.sock \
    exec --interactive --tty $NAME sh -c 'tty; exit 4'" /dev/null
  equal "$status" 4
  has "$output" /dev/pts/
}

@test "docker exec --privileged and as another user: the capabilities" {
  start --cap-drop ALL -- sleep 1000
  inside grep CapEff /proc/self/status
  has "$output" 0000000000000000
  ok docker exec --privileged "$NAME" grep CapEff /proc/self/status
  hasnt "$output" 0000000000000000
}

@test "docker pause, unpause" {
  start -- sleep 1000
  ok docker pause "$NAME"
  is paused
  grep -qx 'frozen 1' "$(cgroup_of "$PID")/cgroup.events"
  fails 'paused' -- docker exec "$NAME" true
  ok docker unpause "$NAME"
  is running
  inside echo again
  equal "$output" again
}

@test "docker top" {
  ps -ef >/dev/null 2>&1 || skip "ps, which dockerd calls, does not work on this kernel"
  start -- sh -c 'sleep 3000 & exec sleep 1000'
  wait_for top_has 'sleep 3000' || { show; return 1; }
  has "$output" 'sleep 1000' "$PID"
}

top_has() {
  ok docker top "$NAME" && [[ $output == *"$1"* ]]
}

@test "docker kill, stop, wait: signals and exit codes" {
  start -- sh -c 'trap "touch /tmp/usr1" USR1; trap "exit 33" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
  wait_for inside_exists /tmp/ready
  ok docker kill --signal USR1 "$NAME"
  wait_for inside_exists /tmp/usr1
  ok docker stop --time "$((20 * SLOW))" "$NAME"
  ok docker wait "$NAME"
  equal "$output" 33
  ok docker start "$NAME"
  ok docker kill "$NAME"
  wait_for is exited
  equal "$(state .State.ExitCode)" 137
  fails 'is not running' -- docker kill "$NAME"
}

@test "docker restart, logs, cp, diff, commit" {
  start -- sh -c 'echo began; touch /tmp/made; trap "exit 0" TERM; while :; do sleep 0.1; done'
  wait_for inside_exists /tmp/made
  ok docker restart --time "$((20 * SLOW))" "$NAME"
  is running
  wait_for began_twice
  echo copied >"$T/file"
  ok docker cp "$T/file" "$NAME:/tmp/"
  inside cat /tmp/file
  equal "$output" copied
  ok docker diff "$NAME"
  has "$output" 'A /tmp/file'
  ok docker commit "$NAME" "$NAME"
  ok docker run --rm "$NAME" cat /tmp/file
  equal "$output" copied
}

began_twice() {
  [ "$(docker logs "$NAME" | grep -c began)" = 2 ]
}

# --- limits -------------------------------------------------------------------------------------------------------

@test "docker run: limits are the kernel's; update changes them; stats tell them" {
  need_controller memory pids cpu
  start --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --pids-limit 50 --cpu-shares 512 -- sleep 1000
  local cgroup
  cgroup=$(cgroup_of "$PID")
  equal "$(cat "$cgroup/memory.max")" $((64 * MIB))
  equal "$(cat "$cgroup/memory.low")" $((32 * MIB))
  equal "$(cat "$cgroup/cpu.max")" '50000 100000'
  equal "$(cat "$cgroup/pids.max")" 50
  [ "$(cat "$cgroup/cpu.weight")" -lt 100 ]
  ok docker stats --no-stream --format '{{.MemUsage}}|{{.PIDs}}' "$NAME"
  has "$output" '/ 64MiB|1'
  ok docker update --memory 128m --memory-swap 128m --cpus 0.25 --pids-limit 60 "$NAME"
  equal "$(cat "$cgroup/memory.max")" $((128 * MIB))
  equal "$(cat "$cgroup/cpu.max")" '25000 100000'
  equal "$(cat "$cgroup/pids.max")" 60
}

@test "docker run --cpuset-cpus" {
  need_controller cpuset
  start --cpuset-cpus 0 --cpuset-mems 0 -- sleep 1000
  equal "$(cat "$(cgroup_of "$PID")/cpuset.cpus")" 0
}

@test "docker run --memory: an OOM kill is known" {
  need_controller memory
  start --memory 16m --memory-swap 16m -- sh -c "sleep $SLOW; exec tail /dev/zero"
  wait_for is exited
  equal "$(state '.State.ExitCode') $(state .State.OOMKilled)" '137 true'
}

@test "docker run --cgroup-parent, --cgroupns host" {
  local parent=/hull-test
  [ "$DRIVER" = cgroupfs ] || parent=hulltest.slice
  start --cgroup-parent "$parent" --cgroupns host -- sleep 1000
  has "$(cgroup_of "$PID")" "${parent#/}"
  inside cat /proc/self/cgroup
  has "$output" "${parent#/}"
}

# --- daemons that die ---------------------------------------------------------------------------------------------

@test "the shim is killed: the container has ended, and starts again" {
  start -- sleep 1000
  local id
  id=$(state .Id)
  kill -KILL "$(shim_of "$id")"
  wait_for is exited
  wait_for gone "$PID"
  ok docker start "$NAME"
  inside echo again
  equal "$output" again
}

@test "dockerd is killed, with --live-restore: containers go on, and the next dockerd has them" {
  stop_daemon dockerd
  configure_docker true
  start_docker
  start -- sh -c 'trap "exit 12" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
  wait_for inside_exists /tmp/ready
  stop_daemon dockerd KILL
  kill -0 "$PID"
  start_docker
  is running
  equal "$(state .State.Pid)" "$PID"
  inside echo again
  equal "$output" again
  ok docker stop --time "$((20 * SLOW))" "$NAME"
  equal "$(state .State.ExitCode)" 12
}

@test "dockerd is killed, without it: its containers end, and one to be restarted is" {
  stop_daemon dockerd
  configure_docker false
  start_docker
  start -- sleep 1000
  docker run --detach --name "$NAME-always" --restart always "$IMAGE" sleep 2000 >/dev/null 3>&-
  stop_daemon dockerd KILL
  start_docker
  wait_for gone "$PID"
  is exited
  wait_for always_runs
}

always_runs() {
  [ "$(state .State.Status "$NAME-always")" = running ]
}

@test "the client is killed while it creates: nothing is left that rm does not remove" {
  local i
  for i in 1 2 3 4 5; do
    "$DOCKER" --host "unix://$C/docker.sock" run --name "$NAME-$i" "$IMAGE" sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    sleep "0.$((i * 15))"
    kill -KILL "$!" 2>/dev/null || :
  done
  wait_for rm_and_nothing_left
}

rm_and_nothing_left() {
  remove_all
  nothing_left && [ -z "$(docker ps --all --quiet)" ]
}
