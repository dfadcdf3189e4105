#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The annotations of crun that hull knows.

load helpers

annotate() {
  config '.annotations[$k] = $v' --arg k "$1" --arg v "$2"
}

# hook KIND SCRIPT, of whichever root the hook runs in.
hook() {
  config '.hooks[$kind] += [{path: "/bin/sh", args: ["sh", "-c", $script]}]' --arg kind "$1" --arg script "$2"
}

# hull with the groups 7 and 1234, and no other.
with_groups() {
  export -f hull
  export ROOT LOG MARK T
  # shellcheck disable=SC2016
  setpriv --groups 7,1234 "$BASH" -c 'hull "$@"' with_groups "$@"
}

@test "annotations: keep_original_groups leaves the caller's groups, at create and exec" {
  config '.process.user = {uid: 1000, gid: 1000}'
  sh_args 'grep Groups /proc/self/status; sleep 1000'
  try with_groups run --detach --bundle "$B" "$ID"
  equal "$status" 0
  wait_for [ -s "$T/stdout" ]
  equal "$(xargs <"$T/stdout")" 'Groups:'
  ok delete --force "$ID"
  annotate run.oci.keep_original_groups 1
  try with_groups run --detach --bundle "$B" "$ID"
  equal "$status" 0
  wait_for [ -s "$T/stdout" ]
  equal "$(xargs <"$T/stdout")" 'Groups: 7 1234'
  try with_groups exec "$ID" grep Groups /proc/self/status
  equal "$(xargs <"$T/stdout")" 'Groups: 7 1234'
}

@test "annotations: keep_original_groups in a user namespace leaves groups that are nobody's there" {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
  annotate run.oci.keep_original_groups 1
  sh_args 'grep Groups /proc/self/status'
  try with_groups run --bundle "$B" "$ID"
  equal "$(echo "$output" | xargs)" 'Groups: 65534 65534'
}

@test "annotations: keep_original_groups is '1' or '0', and says what it leaves out" {
  annotate run.oci.keep_original_groups yes
  fails /annotations/run.oci.keep_original_groups "'yes'" -- create --bundle "$B" "$ID"
  annotate run.oci.keep_original_groups 1
  config '.process.user.additionalGids = [5]'
  try with_groups run --bundle "$B" "$ID"
  has "$(cat "$LOG")" additionalGids keep_original_groups
}

@test "annotations: mount_context_type chooses the option that takes the mount label" {
  config '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
  local kind
  hull plan --bundle "$B" "$ID" | jq -e '[.mounts[] | select(.type == "tmpfs") | .options | has("context")] | all'
  for kind in fscontext defcontext rootcontext context; do
    annotate run.oci.mount_context_type "$kind"
    hull plan --bundle "$B" "$ID" >"$T/plan"
    jq -e --arg kind "$kind" '[.mounts[] | select(.type == "tmpfs") | .options[$kind]
      == "system_u:object_r:container_file_t:s0"] | length > 0 and all' "$T/plan"
  done
  annotate run.oci.mount_context_type seclabel
  fails /annotations/run.oci.mount_context_type seclabel -- create --bundle "$B" "$ID"
}

@test "annotations: the output of hooks of every kind goes to the files" {
  local kind
  echo before >"$T/out"
  annotate run.oci.hooks.stdout "$T/out"
  annotate run.oci.hooks.stderr "$T/err"
  for kind in prestart createRuntime createContainer startContainer poststart poststop; do
    hook "$kind" "echo out $kind; echo err $kind >&2"
  done
  args true
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for has_status stopped
  ok delete "$ID"
  equal "$(head -n1 "$T/out")" before
  equal "$(grep ^out "$T/out" | sort)" "$(printf 'out %s\n' createContainer createRuntime poststart poststop prestart startContainer)"
  equal "$(sort "$T/err")" "$(printf 'err %s\n' createContainer createRuntime poststart poststop prestart startContainer)"
  equal "$(stat -c %a "$T/err")" 600
}

@test "annotations: a file for the output of hooks is not left open in the container" {
  annotate run.oci.hooks.stdout "$T/out"
  hook startContainer 'echo x'
  sh_args 'ls -l /proc/self/fd 2>/dev/null; true'
  ok run --bundle "$B" "$ID"
  hasnt "$output" "$T/out" /out
  equal "$(cat "$T/out")" x
}

@test "annotations: with one file only, the rest of a failing hook's output is in the error" {
  annotate run.oci.hooks.stdout "$T/out"
  hook createRuntime 'echo said; echo why >&2; exit 3'
  fails 'createRuntime hook #0' why 'exit status 3' -- create --bundle "$B" "$ID"
  equal "$(cat "$T/out")" said
}

@test "annotations: a file for hooks that can't be written is an error that names it" {
  hook createContainer true
  annotate run.oci.hooks.stderr out
  fails /annotations/run.oci.hooks.stderr "'out'" 'absolute path' -- create --bundle "$B" "$ID"
  annotate run.oci.hooks.stderr "$T/no/such"
  fails /annotations/run.oci.hooks.stderr "$T/no/such" 'No such file' -- create --bundle "$B" "$ID"
  annotate run.oci.hooks.stderr "$T"
  fails "$T" 'Is a directory' -- create --bundle "$B" "$ID"
  mkfifo "$T/fifo"
  annotate run.oci.hooks.stderr "$T/fifo"
  fails "$T/fifo" -- create --bundle "$B" "$ID"
  exec {hold}<>"$T/fifo"
  fails "$T/fifo" 'regular file' -- create --bundle "$B" "$ID"
  exec {hold}>&-
}

@test "annotations: pidfd_receiver gets a pidfd of the first process, as --pidfd-socket does" {
  annotate run.oci.pidfd_receiver "$T/sock"
  fails "$T/sock" -- create --bundle "$B" "$ID"
  background "$PROBE" pidfd "$T/sock" >"$T/pidfd"
  wait_for [ -S "$T/sock" ]
  ok create --bundle "$B" "$ID"
  wait_for [ -s "$T/pidfd" ]
  equal "$(xargs <"$T/pidfd")" "Pid: $(container_pid)"
}

@test "annotations: seccomp_fail_unknown_syscall makes a name that is skipped otherwise an error" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{names: ["getcwd"], action: "SCMP_ACT_LOG"}, {names: ["chdir", "no_such_call"], action: "SCMP_ACT_LOG"}]}'
  args true
  ok run --bundle "$B" "$ID"
  annotate run.oci.seccomp_fail_unknown_syscall 0
  ok run --bundle "$B" "$ID"
  annotate run.oci.seccomp_fail_unknown_syscall 1
  fails /linux/seccomp/syscalls/1/names/1 no_such_call seccomp_fail_unknown_syscall -- run --bundle "$B" "$ID"
  config '.linux.seccomp.syscalls[1].names = ["chdir"]'
  ok run --bundle "$B" "$ID"
}

@test "annotations: what asks for another wall than hull builds is refused, not ignored" {
  local name
  for name in handler seccomp.plugins seccomp_bpf_data; do
    annotate "run.oci.$name" krun
    fails "/annotations/run.oci.$name" 'hull ' -- run --bundle "$B" "$ID"
    fails "/annotations/run.oci.$name" 'hull ' -- validate --bundle "$B"
    config 'del(.annotations)'
  done
  args true
  annotate run.oci.something krun
  ok run --bundle "$B" "$ID"
}

@test "annotations: features lists them" {
  hull features | jq -e '(["run.oci.keep_original_groups", "run.oci.mount_context_type", "run.oci.hooks.stdout",
    "run.oci.hooks.stderr", "run.oci.pidfd_receiver", "run.oci.seccomp_fail_unknown_syscall", "run.oci.systemd.subgroup", "org.systemd.property."] - .potentiallyUnsafeConfigAnnotations) == []'
}
