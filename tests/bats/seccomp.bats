#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Seccomp: every action, arguments, errno values, architectures, and the cache of compiled filters.

load helpers

# Allows everything but what the rules say.
filter() {
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": $rules}' --argjson rules "$1"
}

call() {
  args probe call "$@"
  try hull run --bundle "$B" "$ID"
}

# bats test_tags=smoke
@test "seccomp: SCMP_ACT_ERRNO gives EPERM or the errno that is asked for" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}, {"names": ["times"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]'
  call sched_yield
  equal "$output" EPERM
  call times
  equal "$output" EAGAIN
  call getppid
  equal "$output" ok
}

@test "seccomp: errno 0 makes the call succeed without doing anything" {
  filter '[{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}]'
  call sethostname 0 99999
  equal "$output" ok
}

@test "seccomp: the killing actions kill" {
  local action
  for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS; do
    filter '[{"names": ["sched_yield"], "action": "'$action'"}]'
    call sched_yield
    equal "$status" 159
  done
}

@test "seccomp: SCMP_ACT_TRAP sends SIGSYS" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_TRAP"}]'
  call sched_yield
  equal "$status" 159
}

@test "seccomp: SCMP_ACT_LOG lets the call through, SCMP_ACT_TRACE without a tracer gives ENOSYS" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_LOG"}, {"names": ["times"], "action": "SCMP_ACT_TRACE", "errnoRet": 5}]'
  call sched_yield
  equal "$output" ok
  call times
  equal "$output" ENOSYS
}

@test "seccomp: arguments are compared with every operator" {
  local row value want
  local rows=(EQ:5:0:5:EPERM EQ:5:0:6:ok NE:5:0:6:EPERM NE:5:0:5:ok LT:5:0:4:EPERM LT:5:0:5:ok LE:5:0:5:EPERM LE:5:0:6:ok
    GT:5:0:6:EPERM GT:5:0:5:ok GE:5:0:5:EPERM GE:5:0:4:ok MASKED_EQ:12:8:11:EPERM MASKED_EQ:12:8:7:ok)
  local op first second
  for row in "${rows[@]}"; do
    IFS=: read -r op first second value want <<<"$row"
    filter '[{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO",
      "args": [{"index": 1, "value": '"$first"', "valueTwo": '"$second"', "op": "SCMP_CMP_'"$op"'"}]}]'
    call getpriority 0 "$value"
    case $want in
      ok) [ "$output" != EPERM ] ;;
      *) equal "$output" "$want" ;;
    esac || { echo "$row: $output"; return 1; }
  done
}

@test "seccomp: 64 bit values are compared whole" {
  filter '[{"names": ["getpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 7, "args": [{"index": 5, "value": 4294967301, "op": "SCMP_CMP_EQ"}]}]'
  call getpriority 0 0 0 0 0 4294967301
  equal "$output" E2BIG
  call getpriority 0 0 0 0 0 5
  equal "$output" ok
}

@test "seccomp: two conditions on one argument of one rule, and several rules for one call" {
  filter '[{"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11, "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}]},
    {"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 12, "args": [{"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 3, "op": "SCMP_CMP_EQ"}]}]'
  call getpgid 0 1
  equal "$output" EAGAIN
  call getpgid 0 2 3
  equal "$output" ENOMEM
  call getpgid 0 2 4
  equal "$output" ok
}

@test "seccomp: the default action holds for what is not listed, and newer system calls are unknown" {
  # As runc does: a program that probes for a new call must see ENOSYS, not EPERM
  config '.linux.seccomp = ($p | .defaultErrnoRet = 1 | .syscalls |= map(.names -= ["sched_yield"]))' --argjson p "$(profile docker)"
  call sched_yield
  equal "$output" EPERM
  call newer
  equal "$output" ENOSYS
}

@test "seccomp: defaultErrnoRet is used for what is not listed" {
  config '.linux.seccomp = ($p | .defaultErrnoRet = 9 | .syscalls |= map(.names -= ["sched_yield"]))' --argjson p "$(profile podman)"
  call sched_yield
  equal "$output" EBADF
}

@test "seccomp: a name that this kernel and library do not know is skipped" {
  filter '[{"names": ["no_such_call", "sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  call sched_yield
  equal "$output" EPERM
}

@test "seccomp: a rule for another architecture's calls does not hurt" {
  filter '[{"names": ["socketcall", "sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  config '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]'
  call sched_yield
  equal "$output" EPERM
}

@test "seccomp: flags are taken, an unknown one is an error with the pointer" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
  call sched_yield
  equal "$output" EPERM
  config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NOPE"]'
  fails /linux/seccomp/flags/0 -- create --bundle "$B" "$ID"
}

@test "seccomp: unknown actions, operators and architectures, and an errno out of place, are errors with the pointer" {
  filter '[{"names": ["sync"], "action": "SCMP_ACT_NOPE"}]'
  fails /linux/seccomp/syscalls/0/action -- create --bundle "$B" "$ID"
  filter '[{"names": ["sync"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_NOPE"}]}]'
  fails /linux/seccomp/syscalls/0/args/0/op -- create --bundle "$B" "$ID"
  filter '[{"names": ["sync"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}]'
  fails /linux/seccomp/syscalls/0/args/0/index -- create --bundle "$B" "$ID"
  filter '[]'
  config '.linux.seccomp.architectures = ["SCMP_ARCH_NOPE"]'
  fails /linux/seccomp/architectures/0 -- create --bundle "$B" "$ID"
  filter '[{"names": ["sync"], "action": "SCMP_ACT_KILL", "errnoRet": 3}]'
  fails /linux/seccomp/syscalls/0 errnoRet -- create --bundle "$B" "$ID"
  filter '[{"names": [], "action": "SCMP_ACT_KILL"}]'
  fails /linux/seccomp/syscalls/0/names -- create --bundle "$B" "$ID"
}

@test "seccomp: with and without no_new_privs, as root and as another user" {
  local nnp uid
  for nnp in true false; do
    for uid in 0 1000; do
      filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
      config '.process.noNewPrivileges = $n | .process.user = {uid: $u, gid: $u}' --argjson n "$nnp" --argjson u "$uid"
      call sched_yield
      equal "$output" EPERM
      inside 'grep -E "^(Seccomp|CapEff):" /proc/self/status'
      has "$output" 'Seccomp:	2'
    done
  done
}

@test "seccomp: a profile may deny all that hull does before the command, but what the command needs" {
  # only execve is left to do once the filter is loaded
  filter '[{"names": ["close_range", "setresuid", "setresgid", "setgroups", "capset", "prctl", "chdir", "fchdir", "sendmsg", "recvmsg",
    "mount", "umount2", "pivot_root", "keyctl", "unshare", "setns", "fcntl", "close", "openat", "openat2", "poll", "connect"],
    "action": "SCMP_ACT_KILL_PROCESS"}]'
  args probe call getppid
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$output" ok
}

@test "seccomp: a filter that denies execve ends in an error, not in a hang" {
  filter '[{"names": ["execve", "execveat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]'
  args true
  LIMIT=10 try hull run --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
  [ "$status" -ne 124 ]
}

@test "cache: the second run of a profile uses the compiled filter, and gives the same" {
  config '.linux.seccomp = $p' --argjson p "$(profile podman)"
  inside 'grep -E "^Seccomp:" /proc/self/status'
  find "$ROOT" -type f -path '*/.*' -exec md5sum {} + >"$T/sums"
  [ -s "$T/sums" ]
  inside 'grep -E "^Seccomp:" /proc/self/status'
  has "$output" 'Seccomp:	2'
  md5sum --quiet -c "$T/sums"
}

@test "cache: is root's alone" {
  config '.linux.seccomp = $p' --argjson p "$(profile podman)"
  ok run --bundle "$B" "$ID"
  equal "$(find "$ROOT" -mindepth 1 -perm /077 ! -type s)" ""
}

@test "cache: a file that was cut, changed, emptied or replaced is compiled again" {
  local file damage
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  call sched_yield
  for damage in 'truncate -s -8' 'truncate -s 0' 'flip' 'link' 'loose'; do
    for file in $(find "$ROOT" -type f -path '*/.*'); do
      case $damage in
        flip) printf '\377\377\377\377' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 12)) conv=notrunc status=none ;;
        link) mv "$file" "$T/moved"; ln -s "$T/moved" "$file" ;;
        loose) chmod 666 "$file" ;;
        *) $damage "$file" ;;
      esac
    done
    call sched_yield
    equal "$status" 0
    equal "$output" EPERM || { echo "$damage"; return 1; }
  done
}

@test "cache: another profile is another filter" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  call sched_yield
  equal "$output" EPERM
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]'
  call sched_yield
  equal "$output" EAGAIN
  filter '[{"names": ["times"], "action": "SCMP_ACT_ERRNO"}]'
  call sched_yield
  equal "$output" ok
}

@test "cache: a root that cannot take one does not hurt" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO"}]'
  call sched_yield
  find "$ROOT" -type f -path '*/.*' -delete
  local dir
  for dir in $(find "$ROOT" -mindepth 1 -depth -type d -path '*/.*seccomp*'); do
    rmdir "$dir" && : >"$dir"
  done
  call sched_yield
  equal "$output" EPERM
  find "$ROOT" -type f -path '*/.*' -delete
}

@test "exec: gets the container's filter although the cache and the config are gone" {
  filter '[{"names": ["sched_yield"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}]'
  start_sleeper
  mv "$B/config.json" "$T/gone.json"
  find "$ROOT" -type f -path "$ROOT/.*" -delete
  ok exec "$ID" probe call sched_yield
  equal "$output" EAGAIN
}

# --- SCMP_ACT_NOTIFY ------------------------------------------------------------------------------------

# Starts an agent, and sends 'sync' to it.
agent() {
  rm -f "$T/agent.sock"
  background "$PROBE" agent "$T/agent.sock" >"$T/agent" </dev/null
  wait_for [ -S "$T/agent.sock" ]
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": $path, "listenerMetadata": "a \"word\"",
    "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_NOTIFY"}]}' --arg path "$T/agent.sock"
}

@test "seccomp notify: the agent gets the state of the container process, and answers for the kernel" {
  agent
  args probe call sync
  ok run --bundle "$B" "$ID"
  equal "$output" ENOMEDIUM
  wait_for grep -q '^call of' "$T/agent"
  jq -e -s --arg id "$ID" --arg bundle "$B" '.[0] | .fds == ["seccompFd"] and .metadata == "a \"word\"" and .pid > 1
    and .pid == .state.pid and .state.id == $id and .state.bundle == $bundle and (.ociVersion | startswith("1."))
    and .state.status == "creating"' <(head -n 1 "$T/agent")
  equal "$(jq .pid <(head -n 1 "$T/agent"))" "$(sed -n 's/^call of //p' "$T/agent")"
  hasnt "$(cat "$T/agent")" more
}

@test "seccomp notify: create and start, without noNewPrivileges and in a user namespace" {
  agent
  config '.process.noNewPrivileges = false | .linux.namespaces += [{"type": "user"}]
    | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
  sh_args 'probe call sync >/data/answer; exec sleep 1000'
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for [ -s "$B/rootfs/data/answer" ]
  equal "$(cat "$B/rootfs/data/answer")" ENOMEDIUM
  equal "$(jq .pid <(head -n 1 "$T/agent"))" "$(hull state "$ID" | jq .pid)"
}

@test "seccomp notify: exec has a listener of its own" {
  agent
  start_sleeper
  wait_for [ -s "$T/agent" ]
  rm -f "$T/agent.sock"
  background "$PROBE" agent "$T/agent.sock" >"$T/agent2" </dev/null
  wait_for [ -S "$T/agent.sock" ]
  ok exec "$ID" probe call sync
  equal "$output" ENOMEDIUM
  jq -e '.state.status == "running" and .state.pid != .pid and .pid > 1' <(head -n 1 "$T/agent2")
  equal "$(jq .pid <(head -n 1 "$T/agent2"))" "$(sed -n 's/^call of //p' "$T/agent2")"
}

@test "seccomp notify: nobody listening is an error with the pointer, and nothing is left" {
  agent
  rm "$T/agent.sock"
  fails /linux/seccomp/listenerPath 'seccomp agent' -- run --bundle "$B" "$ID"
  config '.linux.seccomp.syscalls += [{"names": ["sendmsg"], "action": "SCMP_ACT_ERRNO"}]'
  agent
  config '.linux.seccomp.syscalls += [{"names": ["sendmsg"], "action": "SCMP_ACT_ERRNO"}]'
  fails /linux/seccomp/listenerPath sendmsg -- run --bundle "$B" "$ID"
  nothing_left
}

@test "seccomp notify: not as the default, not for sendmsg, not without a listener" {
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/x"}'
  fails /linux/seccomp/defaultAction -- run --bundle "$B" "$ID"
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_NOTIFY"}]}'
  fails /linux/seccomp/syscalls/0/action listenerPath -- run --bundle "$B" "$ID"
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x",
    "syscalls": [{"names": ["sendmsg"], "action": "SCMP_ACT_NOTIFY"}]}'
  fails /linux/seccomp/syscalls/0/names/0 sendmsg -- run --bundle "$B" "$ID"
}
