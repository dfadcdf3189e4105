#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks of the six kinds: when, where and with what they run, and what their failure does.

load helpers

KINDS=(prestart createRuntime createContainer startContainer poststart poststop)

# bats test_tags=smoke
@test "hooks: the six kinds run in order, each with the state on standard input" {
  local kind status_word
  for kind in "${KINDS[@]}"; do
    case $kind in
      startContainer) hook "$kind" "cat >/data/$kind; echo $kind >>/data/order" ;;
      *) hook "$kind" "cat >$B/rootfs/data/$kind; echo $kind >>$B/rootfs/data/order" ;;
    esac
  done
  config '.annotations = {"org.example.x": "y"}'
  sh_args 'echo process >>/data/order; sleep 0.3'
  ok create --bundle "$B" "$ID"
  equal "$(cat "$B/rootfs/data/order")" $'prestart\ncreateRuntime\ncreateContainer'
  ok start "$ID"
  has "$(cat "$B/rootfs/data/order")" startContainer poststart
  wait_for has_status stopped
  [ ! -e "$B/rootfs/data/poststop" ]
  ok delete "$ID"
  equal "$(head -n4 "$B/rootfs/data/order" | tail -n1)" startContainer
  equal "$(tail -n1 "$B/rootfs/data/order")" poststop
  for kind in "${KINDS[@]}"; do
    jq -e --arg id "$ID" --arg b "$B" '.id == $id and .bundle == $b and (.ociVersion | startswith("1."))
      and .annotations == {"org.example.x": "y"}' "$B/rootfs/data/$kind"
    case $kind in
      prestart | createRuntime | createContainer) status_word=creating ;;
      startContainer) status_word=created ;;
      poststart) status_word=running ;;
      poststop) status_word=stopped ;;
    esac
    equal "$(jq -r .status "$B/rootfs/data/$kind")" "$status_word" || { echo "$kind"; return 1; }
  done
  local pid
  pid=$(jq .pid "$B/rootfs/data/createRuntime")
  [ "$pid" -gt 1 ]
}

@test "hooks: createRuntime sees the host and the pid, createContainer the container's namespaces, startContainer its root" {
  hook createRuntime "readlink /proc/self/ns/mnt >$T/runtime; jq .pid >$T/pid; readlink /proc/self/ns/net >>$T/runtime"
  hook createContainer "readlink /proc/self/ns/mnt >$T/container; readlink /proc/self/ns/net >>$T/container; ls $B/config.json >>$T/container"
  hook startContainer 'readlink /proc/self/ns/mnt >/data/start; hostname >>/data/start; ls / >>/data/start'
  sh_args 'readlink /proc/self/ns/mnt; readlink /proc/self/ns/net'
  ok run --bundle "$B" "$ID"
  local mnt net
  mnt=$(sed -n 1p <<<"$output")
  net=$(sed -n 2p <<<"$output")
  equal "$(head -n1 "$T/runtime")" "$(readlink /proc/self/ns/mnt)"
  equal "$(tail -n1 "$T/runtime")" "$(readlink /proc/self/ns/net)"
  equal "$(sed -n 2p "$T/container")" "$net"
  equal "$(sed -n 1p "$T/container")" "$mnt"
  equal "$(sed -n 3p "$T/container")" "$B/config.json"
  equal "$(head -n1 "$B/rootfs/data/start")" "$mnt"
  has "$(cat "$B/rootfs/data/start")" hull bin
}

@test "hooks: createRuntime can reach the container through its pid" {
  hook createRuntime "p=\$(jq .pid); nsenter -t \$p -n ip link add dummy0 type dummy 2>/dev/null || nsenter -t \$p -n sysctl -qw net.ipv4.ip_forward=1"
  inside 'cat /proc/sys/net/ipv4/ip_forward; ip link show dummy0 2>/dev/null'
  [ "${output%%$'\n'*}" = 1 ] || has "$output" dummy0
}

@test "hooks: a createContainer hook can mount into the root file system" {
  hook createContainer "mount -t tmpfs from-hook $B/rootfs/data && echo hooked >$B/rootfs/data/file"
  inside 'cat /data/file'
  equal "$output" hooked
  [ ! -e "$B/rootfs/data/file" ]
}

@test "hooks: several of a kind run in the listed order" {
  hook createRuntime "echo 1 >>$T/order"
  hook createRuntime "echo 2 >>$T/order"
  hook createRuntime "echo 3 >>$T/order"
  ok run --bundle "$B" "$ID"
  equal "$(cat "$T/order")" $'1\n2\n3'
}

@test "hooks: args and env are the hook's own" {
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["zero", "-c", "echo $0 $1 $FOO $HOME_OF >" + $t + "/out; env >" + $t + "/env", "first", "second"],
    env: ["FOO=bar", "PATH=/usr/bin:/bin"]}]' --arg t "$T"
  ok run --bundle "$B" "$ID"
  equal "$(cat "$T/out")" "first second bar"
  hasnt "$(cat "$T/env")" HULL_MARK
}

@test "hooks: a failing one ends create with its kind, number and output, and nothing is left" {
  local kind
  for kind in prestart createRuntime createContainer; do
    rm -r "$B"
    bundle
    hook "$kind" true
    hook "$kind" 'echo from stdout; echo from stderr >&2; exit 3'
    fails "$kind" "#1" 'from stdout' 'from stderr' 3 -- create --bundle "$B" "$ID"
    nothing_left
  done
}

@test "hooks: a failing startContainer hook ends start with an error" {
  hook startContainer 'echo no good >&2; exit 1'
  ok create --bundle "$B" "$ID"
  fails startContainer 'no good' -- start "$ID"
  nothing_left
}

@test "hooks: a failing poststart hook is an error and ends the container" {
  hook poststart 'echo no good >&2; exit 1'
  args sleep 1000
  ok create --bundle "$B" "$ID"
  fails poststart 'no good' -- start "$ID"
  nothing_left
  fails 'container does not exist' -- state "$ID"
}

@test "hooks: a failing poststop hook is a warning, the rest runs and the container is gone" {
  hook poststop 'exit 1'
  hook poststop "echo second >$T/second"
  args true
  ok create --bundle "$B" "$ID"
  try hull delete "$ID"
  equal "$status" 0
  [ -s "$T/second" ]
  fails 'container does not exist' -- state "$ID"
}

@test "hooks: poststop hooks run at delete --force and at the end of run" {
  hook poststop "echo x >>$T/count"
  ok run --bundle "$B" "$ID"
  equal "$(wc -l <"$T/count")" 1
  start_sleeper
  ok delete --force "$ID"
  equal "$(wc -l <"$T/count")" 2
}

@test "hooks: one that closes its standard input early is no error" {
  hook createRuntime 'exec <&-; sleep 0.1'
  config '.annotations = {"big": ("x" * 300000)}'
  hook createRuntime true
  ok run --bundle "$B" "$ID"
}

@test "hooks: a large state is written whole" {
  config '.annotations = {"big": ("x" * 300000)}'
  hook createRuntime "wc -c >$T/size"
  ok run --bundle "$B" "$ID"
  [ "$(cat "$T/size")" -gt 300000 ]
}

@test "hooks: one that runs past its timeout is killed with what it started" {
  hook createRuntime 'sleep 600 & sleep 500' '{"timeout": 1}'
  local start=$SECONDS
  fails createRuntime 'hook ran past specified timeout' -- create --bundle "$B" "$ID"
  [ $((SECONDS - start)) -lt $((5 * SLOW)) ]
  nothing_left
}

@test "hooks: one that leaves a process with the output pipe open does not hang create" {
  hook createRuntime "env -u HULL_MARK sleep $((3 * SLOW)) & exit 0"
  local start=$SECONDS
  LIMIT=10 ok create --bundle "$B" "$ID"
  [ $((SECONDS - start)) -lt $((3 * SLOW)) ]
}

@test "hooks: endless output of one does not fill the memory" {
  hook createRuntime 'head -c 50000000 /dev/zero | tr "\0" x; exit 1'
  fails createRuntime -- create --bundle "$B" "$ID"
  [ "$(stat -c %s "$LOG")" -lt 200000 ]
}

@test "hooks: a timeout that is not positive, a relative path and a missing path are errors with the pointer" {
  config '.hooks = {"createRuntime": [{"path": "/bin/true", "timeout": 0}]}'
  fails /hooks/createRuntime/0/timeout -- create --bundle "$B" "$ID"
  config '.hooks = {"createRuntime": [{"path": "true"}]}'
  fails /hooks/createRuntime/0/path -- create --bundle "$B" "$ID"
  config '.hooks = {"createRuntime": [{"path": "/no/such/hook"}]}'
  fails createRuntime '#0' /no/such/hook 'o such file' -- create --bundle "$B" "$ID"
}

@test "hooks: killed by a signal is an error that names the signal" {
  hook createRuntime 'kill -KILL $$'
  fails createRuntime -- create --bundle "$B" "$ID"
}

@test "hooks: inherit no descriptors of hull" {
  config '.hooks.createRuntime = [{path: $p, args: ["probe", "fds"]}]' --arg p "$PROBE"
  hook createRuntime "$PROBE fds >$T/fds"
  ok run --bundle "$B" "$ID"
  equal "$(cut -d' ' -f1 "$T/fds" | sort -n | tr '\n' ' ')" "0 1 2 "
}

@test "hooks: a failing one of create, or of run, ends in the poststop hooks, and nothing is left" {
  local kind verb=create
  for kind in prestart createRuntime createContainer startContainer poststart; do
    rm -rf "$B" "$T/stopped"
    bundle
    hook "$kind" 'exit 1'
    hook poststop "cat >$T/stopped"
    case $kind in startContainer | poststart) verb=run ;; esac
    fails "$kind" -- "$verb" --bundle "$B" "$ID"
    jq -e --arg id "$ID" '.id == $id and .status == "stopped"' "$T/stopped" || { echo "$kind"; return 1; }
    nothing_left
  done
}

@test "hooks: a failing one of start ends in the poststop hooks, and nothing is left" {
  local kind
  for kind in startContainer poststart; do
    rm -rf "$B" "$T/stopped"
    bundle
    args sleep 1000
    hook "$kind" 'exit 1'
    hook poststop "cat >$T/stopped"
    ok create --bundle "$B" "$ID"
    fails "$kind" -- start "$ID"
    jq -e --arg id "$ID" '.id == $id and .status == "stopped"' "$T/stopped" || { echo "$kind"; return 1; }
    nothing_left
    ok delete --force "$ID" # what callers do after a failed start
  done
}

@test "hooks: a process that cannot be executed at start stays, stopped, until delete" {
  hook startContainer 'rm /bin/sleep'
  hook poststop "touch $T/stopped"
  args sleep 1000
  ok create --bundle "$B" "$ID"
  fails sleep -- start "$ID"
  wait_for has_status stopped
  [ ! -e "$T/stopped" ]
  ok delete "$ID"
  [ -e "$T/stopped" ]
}

@test "hooks: what fails before there is a container runs no poststop hook" {
  hook poststop "touch $T/stopped"
  args nosuchcommand
  fails nosuchcommand -- create --bundle "$B" "$ID"
  config '.mounts += [{destination: "/m", type: "bind", source: "/no/such/source", options: ["bind"]}]'
  fails /no/such/source -- create --bundle "$B" "$ID"
  [ ! -e "$T/stopped" ]
}
