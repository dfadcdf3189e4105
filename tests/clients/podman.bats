#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with the runtime under test: what people do with containers, pods, volumes and secrets, and what they are told when
# something is wrong. As root; podman_rootless.bats is the same client without privileges, limits.bats has the limits.
# hosts: native systemd
# shellcheck disable=SC2016,SC2154 # scripts for the container; what `try` sets

load clients
load podman

setup_file() {
  clients_setup
  podman_setup
}

setup() {
  podman_test
}

teardown() {
  podman_nothing_left
}

# --- run ----------------------------------------------------------------------------------------------------------

@test "podman run: output, standard error and standard input are the container's" {
  ok pod run --rm "$IMAGE" sh -c 'echo out; echo err >&2'
  equal "$output" out
  equal "$stderr" err
  echo typed >"$T/input"
  INPUT=$T/input ok pod run --rm -i "$IMAGE" cat
  equal "$output" typed
}

@test "podman run: the exit status is the container's" {
  try pod run --rm "$IMAGE" sh -c 'exit 7'
  equal "$status" 7
  try pod run --rm "$IMAGE" sh -c 'sh -c "kill -9 \$\$"; exit $?'
  equal "$status" 137
}

@test "podman run: user, groups, directory, environment, hostname, entrypoint" {
  ok pod run --rm --user ann --group-add staff --workdir /tmp --env A=b --hostname box --umask 0027 --entrypoint '["sh", "-c"]' \
    "$IMAGE" 'id -u; id -G; pwd; echo $A; hostname; umask; touch /tmp/f; stat -c %a /tmp/f'
  equal "$output" $'1000\n1000 50\n/tmp\nb\nbox\n0027\n640'
}

@test "podman run: capabilities and no-new-privileges" {
  ok pod run --rm --cap-drop all --cap-add net_raw --security-opt no-new-privileges "$IMAGE" \
    grep -E '^(CapEff|NoNewPrivs)' /proc/self/status
  equal "$output" $'CapEff:\t0000000000002000\nNoNewPrivs:\t1'
  ok pod run --rm --user ann --cap-add net_raw "$IMAGE" grep -E '^Cap(Eff|Amb)' /proc/self/status
  equal "$output" $'CapEff:\t0000000000002000\nCapAmb:\t0000000000002000'
}

@test "podman run: sysctl, ulimit, oom score, shm size, timezone" {
  ok pod run --rm --sysctl net.ipv4.ip_forward=1 "${ULIMITS[@]}" --ulimit core=0:0 --oom-score-adj 500 --shm-size 3m --tz UTC "$IMAGE" \
    sh -c 'cat /proc/sys/net/ipv4/ip_forward; ulimit -c; cat /proc/self/oom_score_adj; df -k /dev/shm | tail -n1'
  has "$output" $'1\n0\n500\n' ' 3072 '
}

@test "podman run: --read-only, with its tmpfs and without" {
  ok pod run --rm --read-only "$IMAGE" sh -c 'touch /tmp/f && ! touch /data/f'
  ok pod run --rm --read-only --read-only-tmpfs=false "$IMAGE" sh -c '! touch /tmp/f && ! touch /f'
  ok pod run --rm --read-only --tmpfs /data:size=1m "$IMAGE" sh -c 'touch /data/f && grep " /data " /proc/mounts'
  has "$output" size=1024k
}

@test "podman run: --privileged" {
  ok pod run --rm --privileged "$IMAGE" sh -c 'mkdir /tmp/m && mount -t tmpfs none /tmp/m && grep -E "^(CapEff|Seccomp):" /proc/self/status
    cat /proc/kcore >/dev/null & sleep 0.1; kill $!; test -w /proc/sys/kernel/hostname && ls /sys/fs/cgroup >/dev/null && echo fine'
  has "$output" fine $'Seccomp:\t0'
  ok pod run --rm "$IMAGE" sh -c '! mount -t tmpfs none /tmp && ! echo x >/proc/sys/kernel/hostname'
}

@test "podman run: --init reaps what nobody waits for" {
  need catatonit
  ok pod run --detach --init --name "$NAME" "$IMAGE" sh -c 'sh -c "sleep 0.1 & echo \$!" >/tmp/pid; exec sleep 1000'
  ok pod exec "$NAME" cat /proc/1/comm
  has "$output" init
  wait_for pod exec "$NAME" sh -c 'test -s /tmp/pid && ! test -d /proc/$(cat /tmp/pid)'
  ok pod stop -t 20 "$NAME"
  equal "$(pod inspect -f '{{.State.ExitCode}}' "$NAME")" 143
}

@test "podman run: devices" {
  ok pod run --rm --device /dev/full:/dev/other:r "$IMAGE" sh -c 'test -c /dev/other && ls -l /dev/other /dev/null'
  has "$output" /dev/other
  ok pod run --rm "$IMAGE" sh -c 'echo x >/dev/null && head -c 4 /dev/urandom | wc -c && test -c /dev/ptmx -o -h /dev/ptmx && ls -d /dev/fd /dev/stdin'
}

@test "podman run: --cgroups disabled, --cgroupns, --cgroup-parent" {
  if runtime_is runc; then
    fails cgroup -- pod run --rm --cgroups disabled "$IMAGE" true
  else
    ok pod run --rm --cgroups disabled "$IMAGE" echo fine
  fi
  ok pod run --rm --cgroupns private "$IMAGE" cat /proc/self/cgroup
  has "$output" '0::/'
  ok pod run --rm --cgroupns host --cgroup-parent "$PARENT" "$IMAGE" cat /proc/self/cgroup
  has "$output" "$PARENT"
}

@test "podman run: --rootfs, --preserve-fds, --annotation" {
  ok pod run --rm --rootfs "$ROOTFS:O" echo fine
  equal "$output" fine
  echo handed >"$T/fd"
  ok pod_with_fd3 "$T/fd" run --rm --preserve-fds 1 --annotation a=b "$IMAGE" sh -c 'cat <&3'
  equal "$output" handed
}

# --- namespaces ---------------------------------------------------------------------------------------------------

@test "podman run: namespaces of the host, of a container, own ones" {
  ok pod run --detach --name "$NAME" --ipc shareable "$IMAGE" sleep 1000
  ok pod run --rm --pid "container:$NAME" --ipc "container:$NAME" --network "container:$NAME" "$IMAGE" \
    sh -c 'tr "\0" " " </proc/1/cmdline; for n in pid ipc net; do test "$(readlink /proc/1/ns/$n)" = "$(readlink /proc/self/ns/$n)" || exit 1; done'
  equal "$output" "sleep 1000 "
  ok pod run --rm --pid host --ipc host --uts host --network host --cgroupns host "$IMAGE" \
    sh -c 'for n in pid ipc uts net cgroup; do readlink /proc/self/ns/$n; done'
  equal "$output" "$(for n in pid ipc uts net cgroup; do readlink "/proc/self/ns/$n"; done)"
}

@test "podman run: --uidmap and --gidmap" {
  ok pod run --rm --uidmap 0:200000:2000 --gidmap 0:300000:2000 "$IMAGE" \
    sh -c 'cat /proc/self/uid_map /proc/self/gid_map; stat -c "%u %g" /bin/busybox; touch /tmp/f; id -u'
  equal "$(tr -s ' ' <<<"$output")" $' 0 200000 2000\n 0 300000 2000\n0 0\n0'
}

@test "podman run: --userns=auto" {
  subids
  ok pod run --rm --userns auto:size=4000 "$IMAGE" sh -c 'cat /proc/self/uid_map; id -u; touch /f'
  [[ $(tr -s ' ' <<<"$output") == ' 0 '[0-9]*' 4000'$'\n0' ]] || { show; return 1; }
}

@test "podman run: a volume in a user namespace, :U and :idmap" {
  mkdir "$T/v"
  ok pod run --rm --uidmap 0:200000:2000 -v "$T/v:/v:U" "$IMAGE" sh -c 'touch /v/f; stat -c %u /v /v/f'
  equal "$output" $'0\n0'
  equal "$(stat -c %u "$T/v/f")" 200000
}

# --- terminal -----------------------------------------------------------------------------------------------------

@test "podman run and exec: a terminal" {
  ok pod run --rm -t "$IMAGE" sh -c 'test -t 0 && test -t 1 && test -t 2 && tty'
  equal "$(tr -d '\r' <<<"$output")" /dev/pts/0
  ok pod run --detach -t --name "$NAME" "$IMAGE" sh -c 'echo hello; exec sleep 1000'
  ok pod exec -t "$NAME" sh -c 'test -t 0 && tty && echo $TERM'
  has "$(tr -d '\r' <<<"$output")" /dev/pts/ xterm
  wait_for logs_have hello
}

@test "podman run and exec: a terminal that somebody types on, and that is resized" {
  need script
  printf 'stty size; echo $((6 * 7)); exit 3\n' >"$T/input"
  INPUT=$T/input try typing run --rm -it "$IMAGE" sh
  equal "$status" 3
  has "$output" 42 '30 90'
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  INPUT=$T/input try typing exec -it "$NAME" sh
  equal "$status" 3
  has "$output" 42 '30 90'
}

@test "podman start --attach: input, and the exit status" {
  ok pod create -i --name "$NAME" "$IMAGE" sh -c 'read line; echo "got $line"; exit 5'
  echo words >"$T/input"
  INPUT=$T/input try pod start --attach --interactive "$NAME"
  equal "$status" 5
  equal "$output" "got words"
}

# --- exec ---------------------------------------------------------------------------------------------------------

@test "podman exec: user, directory, environment, input, exit status" {
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  ok pod exec --user 1000:50 --workdir /tmp --env A=b "$NAME" sh -c 'id -u; id -g; pwd; echo $A'
  equal "$output" $'1000\n50\n/tmp\nb'
  echo typed >"$T/input"
  INPUT=$T/input ok pod exec -i "$NAME" cat
  equal "$output" typed
  try pod exec "$NAME" sh -c 'echo err >&2; exit 9'
  equal "$status" 9
  equal "$stderr" err
  try pod exec "$NAME" sh -c 'kill -15 $$'
  equal "$status" 143
}

@test "podman exec: detached, privileged, with file descriptors" {
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  ok pod exec --detach "$NAME" sh -c 'echo made >/tmp/made'
  wait_for pod exec "$NAME" grep -q made /tmp/made
  ok pod exec --privileged "$NAME" grep CapEff /proc/self/status
  has "$output" ffff
  echo handed >"$T/fd"
  ok pod_with_fd3 "$T/fd" exec --preserve-fds 1 "$NAME" sh -c 'cat <&3'
  equal "$output" handed
}

@test "podman exec: many at once" {
  local pids=() i
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  for i in 1 2 3 4 5; do
    pod exec "$NAME" sh -c "echo $i; exit $i" >"$T/out.$i" 2>&1 3>&- &
    pids+=("$!")
  done
  for i in 1 2 3 4 5; do
    status=0
    wait "${pids[i - 1]}" || status=$?
    equal "$status" "$i"
    equal "$(cat "$T/out.$i")" "$i"
  done
}

@test "podman exec: a container that does not run" {
  ok pod create --name "$NAME" "$IMAGE" sleep 1000
  fails "container state improper" -- pod exec "$NAME" true
  equal "$status" 255
}

# --- life ---------------------------------------------------------------------------------------------------------

@test "podman create, start, wait, inspect, rm" {
  ok pod create --name "$NAME" "$IMAGE" sh -c 'exit 4'
  equal "$(state)" created
  ok pod start "$NAME"
  ok pod wait "$NAME"
  equal "$output" 4
  equal "$(pod inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}} {{.OCIRuntime}}' "$NAME")" "4 false ${RUNTIME##*/}"
  ok pod start --attach "$NAME" || equal "$status" 4
  ok pod rm "$NAME"
}

@test "podman init: what is created can be started later" {
  ok pod create --name "$NAME" "$IMAGE" sleep 1000
  ok pod init "$NAME"
  equal "$(state)" initialized
  ok pod start "$NAME"
  equal "$(state)" running
}

@test "podman logs: both streams, tail, follow" {
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'for i in 1 2 3; do echo line $i; done; echo bad >&2'
  ok pod wait "$NAME"
  ok pod logs "$NAME"
  equal "$output" $'line 1\nline 2\nline 3'
  equal "$stderr" bad
  ok pod logs --tail 2 "$NAME"
  equal "$output$stderr" "line 3bad"
  ok pod run --detach --name "$NAME-2" "$IMAGE" sh -c 'echo first; sleep 1; echo last'
  ok pod logs --follow "$NAME-2"
  equal "$output" $'first\nlast'
}

@test "podman stop: the signal, the exit status, and SIGKILL after the time" {
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'trap "exit 6" TERM; while :; do sleep 0.1; done'
  ok pod stop -t 30 "$NAME"
  equal "$(exit_code)" 6
  ok pod run --detach --name "$NAME-2" "$IMAGE" sleep 1000 # process 1: SIGTERM is nothing to it
  ok pod stop -t 1 "$NAME-2"
  equal "$(exit_code "$NAME-2")" 137
  ok pod run --detach --name "$NAME-3" --stop-signal USR1 "$IMAGE" sh -c 'trap "exit 8" USR1; while :; do sleep 0.1; done'
  ok pod stop -t 30 "$NAME-3"
  equal "$(exit_code "$NAME-3")" 8
}

@test "podman kill: by name and number; of what does not run" {
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'trap "echo usr" USR1; trap "exit 3" 12; while :; do sleep 0.1; done'
  wait_for pod exec "$NAME" true
  ok pod kill --signal USR1 "$NAME"
  wait_for logs_have usr
  ok pod kill --signal 12 "$NAME"
  ok pod wait "$NAME"
  equal "$output" 3
  fails "can only kill running containers" -- pod kill "$NAME"
}

@test "podman restart, and the policy that restarts" {
  local pid
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'echo started; exec sleep 1000'
  pid=$(container_pid)
  ok pod restart -t 0 "$NAME"
  equal "$(state)" running
  [ "$(container_pid)" != "$pid" ]
  wait_for logs_have $'started\nstarted'
  ok pod run --detach --restart on-failure:2 --name "$NAME-2" "$IMAGE" sh -c 'echo try; exit 1'
  wait_for logs_have $'try\ntry\ntry' "$NAME-2"
}

@test "podman pause and unpause; exec, stop and rm of what is paused" {
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  ok pod pause "$NAME"
  equal "$(state)" paused
  grep -qx 'frozen 1' "$(cgroup_of "$(container_pid)")/cgroup.events"
  fails -- pod exec "$NAME" true
  ok pod unpause "$NAME"
  equal "$(state)" running
  ok pod exec "$NAME" true
  ok pod pause "$NAME"
  ok pod rm --force -t 0 "$NAME"
}

@test "podman stats" {
  need_controller memory cpu pids
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'while :; do :; done'
  ok pod stats --no-stream --format '{{.Name}}|{{.PIDs}}|{{.CPUPerc}}|{{.MemUsage}}' "$NAME"
  [[ $output =~ ^$NAME\|1\|[0-9.]+%\|[0-9.]+[kM]?B\ / ]] || { show; return 1; }
}

@test "podman top" {
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'sleep 1000 & exec sleep 2000'
  ok pod top "$NAME" pid user args
  has "$output" 'sleep 2000' 'sleep 1000'
}

@test "podman rm: of what runs, only with force; --rm takes everything" {
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  fails "cannot remove container" -- pod rm "$NAME"
  ok pod rm --force -t 0 "$NAME"
  ok pod run --detach --rm --name "$NAME" "$IMAGE" true
  wait_for missing "$NAME"
}

@test "podman run: an init that is killed from outside" {
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  kill -KILL "$(container_pid)"
  ok pod wait "$NAME"
  equal "$output" 137
}

@test "podman: a conmon that is killed; rm, and the runtime's delete, leave nothing" {
  local pid id
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  pid=$(container_pid)
  kill -KILL "$(pod inspect -f '{{.State.ConmonPid}}' "$NAME")"
  id=$(pod inspect -f '{{.Id}}' "$NAME")
  ok pod rm --force -t 0 "$NAME"
  wait_for gone "$pid"
  ok "$RUNTIME" delete --force "$id" # podman does not call it then
}

# --- files --------------------------------------------------------------------------------------------------------

@test "podman cp: in and out, running and stopped" {
  echo words >"$T/file"
  ok pod run --detach --name "$NAME" "$IMAGE" sh -c 'echo inside >/tmp/made; exec sleep 1000'
  wait_for pod exec "$NAME" test -f /tmp/made
  ok pod cp "$T/file" "$NAME:/data/file"
  ok pod exec "$NAME" cat /data/file
  equal "$output" words
  ok pod cp "$NAME:/tmp/made" "$T/made"
  equal "$(cat "$T/made")" inside
  ok pod stop -t 0 "$NAME"
  ok pod cp "$T/file" "$NAME:/data/other"
  ok pod cp "$NAME:/data" "$T/"
  equal "$(cat "$T/data/other")" words
}

@test "podman volumes: named, bound, read-only, tmpfs, copied up" {
  mkdir "$T/bound"
  ok pod volume create "$NAME"
  ok pod run --rm -v "$NAME:/data" -v "$T/bound:/b" "$IMAGE" sh -c 'cat /data/text; echo a >/data/new; echo b >/b/new'
  has "$output" "not a program"
  equal "$(cat "$T/bound/new")" b
  ok pod run --rm -v "$NAME:/v:ro" -v "$T/bound:/b:ro" --mount type=tmpfs,dst=/t,tmpfs-size=1m "$IMAGE" \
    sh -c 'cat /v/new; ! touch /v/x && ! touch /b/x && touch /t/x && grep " /t " /proc/mounts'
  has "$output" a size=1024k
  ok pod volume rm "$NAME"
}

@test "podman volumes: propagation, noexec, a single file, overlay" {
  mkdir "$T/shared"
  mount -t tmpfs tmpfs "$T/shared"
  mount --make-shared "$T/shared"
  echo one >"$T/file"
  mkdir "$T/shared/lower"
  ok pod run --rm -v "$T/shared:/s:rslave,noexec,nodev" -v "$T/file:/data/file:ro" "$IMAGE" \
    sh -c 'grep " /s " /proc/self/mountinfo; cat /data/file'
  umount "$T/shared"
  has "$output" master: noexec one
}

@test "podman secrets: as a file and as a variable" {
  echo -n hidden >"$T/secret"
  ok pod secret create "$NAME" "$T/secret"
  ok pod run --rm --secret "$NAME" --secret "$NAME,type=env,target=WORD" --secret "$NAME,mode=0400,uid=1000,target=own" "$IMAGE" \
    sh -c "cat /run/secrets/$NAME; echo; echo \$WORD; stat -c '%u %a' /run/secrets/own"
  equal "$output" $'hidden\nhidden\n1000 400'
  ok pod secret rm "$NAME"
}

@test "podman commit, export, diff" {
  ok pod run --name "$NAME" "$IMAGE" sh -c 'echo kept >/data/kept'
  ok pod diff "$NAME"
  has "$output" /data/kept
  ok pod commit --quiet "$NAME" "localhost/$NAME"
  ok pod run --rm "localhost/$NAME" cat /data/kept
  equal "$output" kept
  ok pod rm "$NAME"
  ok pod rmi "localhost/$NAME"
}

# --- health -------------------------------------------------------------------------------------------------------

@test "podman healthcheck run" {
  ok pod run --detach --name "$NAME" --health-cmd 'test -f /tmp/well' --health-interval disable --health-retries 1 "$IMAGE" sleep 1000
  fails -- pod healthcheck run "$NAME"
  equal "$status" 1
  ok pod exec "$NAME" touch /tmp/well
  ok pod healthcheck run "$NAME"
  equal "$(pod inspect -f '{{.State.Health.Status}}' "$NAME")" healthy
}

# --- pods ---------------------------------------------------------------------------------------------------------

@test "podman pod: containers share namespaces; stop, start, pause, rm" {
  infra
  ok pod pod create --name "$NAME" --share net,ipc,uts,pid "${IN_POD[@]}" --hostname podbox --infra-image "$INFRA" --infra-command /infra
  ok pod run --detach --pod "$NAME" --name "$NAME-a" "$IMAGE" sh -c 'nc -l -p 8080 -e echo from a; sleep 1000'
  ok pod run --rm --pod "$NAME" "$IMAGE" sh -c 'hostname; tr "\0" " " </proc/1/cmdline; for i in 1 2 3 4 5 6 7 8 9 10; do nc 127.0.0.1 8080 </dev/null && break; sleep 0.2; done'
  has "$output" podbox "sleep 1000000" "from a"
  ok pod pod pause "$NAME"
  equal "$(state "$NAME-a")" paused
  ok pod pod unpause "$NAME"
  ok pod pod stop -t 0 "$NAME"
  equal "$(state "$NAME-a")" exited
  ok pod pod start "$NAME"
  equal "$(state "$NAME-a")" running
  ok pod pod rm --force -t 0 "$NAME"
}

@test "podman pod: the infra container that podman builds itself" {
  need catatonit
  ok pod pod create --name "$NAME" "${IN_POD[@]}"
  ok pod run --rm --pod "$NAME" "$IMAGE" echo fine
  equal "$output" fine
  ok pod pod rm --force -t 0 "$NAME"
}

@test "podman pod: with a user namespace" {
  infra
  ok pod pod create --name "$NAME" "${IN_POD[@]}" --uidmap 0:200000:2000 --infra-image "$INFRA" --infra-command /infra
  ok pod run --rm --pod "$NAME" "$IMAGE" cat /proc/self/uid_map
  equal "$(tr -s ' ' <<<"$output")" ' 0 200000 2000'
  ok pod pod rm --force -t 0 "$NAME"
}

@test "podman play kube, and down again" {
  infra
  cat >"$T/pod.yaml" <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: $NAME
spec:
  hostname: kubebox
  restartPolicy: Never
  containers:
  - name: main
    image: $IMAGE
    imagePullPolicy: Never
    command: ["sh", "-c", "echo \$GREETING; cat /etc/given/word; hostname; exec sleep 1000"]
    env: [{name: GREETING, value: hello}]
    securityContext: {runAsUser: 1000, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
    volumeMounts: [{name: given, mountPath: /etc/given}, {name: scratch, mountPath: /scratch}]
  volumes:
  - name: given
    hostPath: {path: $T/given}
  - name: scratch
    emptyDir: {}
YAML
  mkdir "$T/given"
  echo given >"$T/given/word"
  ok pod play kube --network none "$T/pod.yaml"
  wait_for logs_have $'hello\ngiven\nkubebox' "$NAME-main"
  ok pod exec "$NAME-main" grep -E '^(Uid|CapBnd)' /proc/self/status
  has "$output" 1000 0000000000000000
  ok pod play kube --down "$T/pod.yaml"
  missing "$NAME-main"
}

# --- security -----------------------------------------------------------------------------------------------------

@test "podman seccomp: podman's own profile, none, and one from a file" {
  ok pod run --rm "$IMAGE" grep '^Seccomp:' /proc/self/status
  equal "$output" $'Seccomp:\t2'
  ok pod run --rm --security-opt seccomp=unconfined "$IMAGE" grep '^Seccomp:' /proc/self/status
  equal "$output" $'Seccomp:\t0'
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}' \
    >"$T/profile.json"
  ok pod run --rm --security-opt seccomp="$T/profile.json" "$IMAGE" sh -c 'mkdir /tmp/d 2>&1; touch /tmp/f'
  has "$output" "not supported"
  ok pod run --detach --name "$NAME" --security-opt seccomp="$T/profile.json" "$IMAGE" sleep 1000
  ok pod exec "$NAME" sh -c 'mkdir /tmp/d 2>&1; exit 0'
  has "$output" "not supported"
}

@test "podman seccomp: a profile that is none" {
  echo '{"defaultAction": "SCMP_ACT_NONSENSE"}' >"$T/profile.json"
  fails -- pod run --rm --security-opt seccomp="$T/profile.json" "$IMAGE" true
  [ "$status" = 125 ] || [ "$status" = 126 ]
}

@test "podman apparmor: podman's own profile, none, and one of ours" {
  need_apparmor
  apparmor_profile
  ok pod run --rm --security-opt "apparmor=$PROFILE" "$IMAGE" sh -c 'cat /proc/self/attr/current; cat /data/text; ! touch /data/denied'
  has "$output" "$PROFILE (enforce)" "not a program"
  ok pod run --rm --security-opt apparmor=unconfined "$IMAGE" sh -c 'cat /proc/self/attr/current; touch /data/denied'
  has "$output" unconfined
  ok pod run --detach --name "$NAME" --security-opt "apparmor=$PROFILE" "$IMAGE" sleep 1000
  ok pod exec "$NAME" sh -c 'cat /proc/self/attr/current; ! touch /data/denied'
  has "$output" "$PROFILE (enforce)"
  ok pod run --rm "$IMAGE" cat /proc/self/attr/current
  has "$output" containers-default
}

@test "podman apparmor: a profile that is not loaded" {
  need_apparmor
  fails apparmor -- pod run --rm --security-opt apparmor=nosuchprofile "$IMAGE" true
}

@test "podman: masked and read-only paths, and --security-opt unmask" {
  ok pod run --rm "$IMAGE" sh -c 'cat /proc/kcore | wc -c; ls /proc/scsi /sys/firmware 2>/dev/null | wc -l; ! echo 1 >/proc/sysrq-trigger'
  has "$output" 0
  ok pod run --rm --security-opt unmask=ALL "$IMAGE" sh -c 'test "$(wc -l </proc/self/mountinfo)" -gt 3; grep -c " /proc/kcore " /proc/self/mountinfo || :'
  equal "$output" 0
  ok pod run --rm --security-opt mask=/data "$IMAGE" ls /data
  equal "$output" ""
}

# --- what is told when something is wrong ------------------------------------------------------------------------

@test "podman run: a command that is not there is 127" {
  fails nosuchcommand "executable file" "not found in \$PATH" -- pod run --rm "$IMAGE" nosuchcommand
  equal "$status" 127
  fails /no/such/file "no such file or directory" -- pod run --rm "$IMAGE" /no/such/file
  equal "$status" 127
}

@test "podman run: a command that cannot be executed is 126" {
  fails /data/text "permission denied" -- pod run --rm "$IMAGE" /data/text
  equal "$status" 126
  fails /data "permission denied" -- pod run --rm "$IMAGE" /data
  equal "$status" 126
}

@test "podman run: podman's own errors are 125" {
  fails "unknown flag" -- pod run --nonsense "$IMAGE" true
  equal "$status" 125
  fails nosuchimage -- pod run --rm --pull never localhost/nosuchimage true
  equal "$status" 125
}

@test "podman exec: 127 and 126" {
  ok pod run --detach --name "$NAME" "$IMAGE" sleep 1000
  fails nosuchcommand "executable file" "not found in \$PATH" -- pod exec "$NAME" nosuchcommand
  equal "$status" 127
  fails "permission denied" -- pod exec "$NAME" /data/text
  equal "$status" 126
  fails "no such file or directory" -- pod exec --workdir /no/such/directory "$NAME" true
  [ "$status" = 126 ] || [ "$status" = 127 ]
}

@test "podman run: what cannot be, with a message of the runtime" {
  fails nosuchuser -- pod run --rm --user nosuchuser "$IMAGE" true
  fails nonsense -- pod run --rm --sysctl net.nonsense=1 "$IMAGE" true
  fails /no/such -- pod run --rm --device /no/such "$IMAGE" true
  missing "$NAME"
}
