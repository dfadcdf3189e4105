#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `hull check`: as root, as a user, with things taken away, and for a bundle.

load helpers

# checks COMMAND...: what `hull check --json` says under it, in $output; $status.
checks() {
  LOG=$T/user.log
  rm -f "$LOG"
  : >"$T/user.log"
  chmod 666 "$T/user.log"
  chmod 711 "$T"
  try "$@"
  [ "$status" -le 1 ] || { show; return 1; }
  jq -e 'has("ok") and (.abilities | length > 20)' <<<"$output" >/dev/null || { show; return 1; }
}

check_json=(check --json)

# is NAME FILTER: true of that ability.
is() {
  jq -e --arg name "$1" ".abilities | map(select(.name == \$name)) | length > 0 and all(.[]; $2)" <<<"$output" >/dev/null \
    || { jq -c --arg name "$1" '.abilities[] | select(.name == $name)' <<<"$output"; echo "$1: not $2"; return 1; }
}

as_user() {
  mkdir -p "$T/user"
  chown 1000:1000 "$T/user"
  XDG_RUNTIME_DIR=$T/user setpriv --reuid 1000 --regid 1000 --clear-groups "$HULL_PROGRAM" "$@"
}

# Fake files below /proc/sys/kernel, in a mount namespace of their own: fake NAME VALUE... -- COMMAND...
fake() {
  mkdir -p "$T/kernel"
  while [ "$1" != -- ]; do
    echo "$2" >"$T/kernel/$1"
    shift 2
  done
  shift
  cp /proc/sys/kernel/cap_last_cap "$T/kernel/"
  # shellcheck disable=SC2016
  unshare --mount --propagation private sh -c 'mount --bind "$1" /proc/sys/kernel && shift && exec "$@"' sh "$T/kernel" "$@"
}

@test "check: root on this host has all that a container needs; text, --json and --format json" {
  ok check
  has "$output" 'ok       kernel'
  has "$output" 'All that a container needs is here.'
  ok "${check_json[@]}"
  jq -e '.ok and (.abilities | map(select(.needed)) | length >= 6 and all(.[]; .status != "missing"))' <<<"$output"
  jq -e '.abilities | all(.[]; .status == "ok" or (.what | length > 0))' <<<"$output"
  jq -e '.abilities | all(.[]; .status != "ok" or .remedy == null)' <<<"$output"
  equal "$(jq -c '.abilities | map(select(.needed).name)' <<<"$output")" \
    '["kernel","namespaces","mount API","openat2","clone3","pidfd","cgroup v2","delegation"]'
  is 'user namespaces' '.status == "ok"'
  is openat2 '.status == "ok"'
  is 'seccomp notify' '.status == "ok"'
  local json=$output
  ok check --format json
  equal "$(jq -c '.abilities | map(.name)' <<<"$output")" "$(jq -c '.abilities | map(.name)' <<<"$json")"
}

@test "check: wrong options and surplus arguments end with status 2" {
  try hull check --no-such-option
  equal "$status" 2
  try hull check surplus
  equal "$status" 2
  try hull check --format yaml
  equal "$status" 2
  try eval 'hull check >/dev/full'
  equal "$status" 2
}

@test "check: a user without delegation and ranges hears what root does about it" {
  checks as_user "${check_json[@]}"
  equal "$status" 0
  is delegation '.status != "ok" and (.remedy | contains("Delegate="))'
  is 'device rules' '.status == "limited"'
  is 'id ranges' '.status == "ok" or (.remedy | contains("--add-subuids"))'
  is 'user namespaces' '.needed'
}

@test "check: each switch that keeps users from user namespaces is named, with its remedy" {
  checks fake unprivileged_userns_clone 0 -- setpriv --reuid 1000 --regid 1000 --clear-groups "$HULL_PROGRAM" "${check_json[@]}"
  is 'user namespaces' '(.what | contains("kernel.unprivileged_userns_clone is 0")) and (.remedy | contains("sysctl -w"))'
  rm "$T/kernel/unprivileged_userns_clone"
  checks fake apparmor_restrict_unprivileged_userns 1 -- setpriv --reuid 1000 --regid 1000 --clear-groups "$HULL_PROGRAM" "${check_json[@]}"
  is 'user namespaces' '(.what | contains("kernel.apparmor_restrict_unprivileged_userns is 1")) and (.remedy | contains("/etc/apparmor.d"))'
  # Root is not kept by them.
  checks fake apparmor_restrict_unprivileged_userns 1 -- "$HULL_PROGRAM" "${check_json[@]}"
  is 'user namespaces' '.status == "ok"'
  checks unshare --user --map-root-user --mount sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$HULL_PROGRAM" "${check_json[@]}"
  is 'user namespaces' '.status == "missing" and (.what | contains("user.max_user_namespaces is 0"))'
}

@test "check: user namespaces that a user can't have are missing, and the status is 1" {
  # Root of a user namespace with a limit for those below it, who becomes somebody else in it.
  checks unshare --user --map-users 0,100000,2000 --map-groups 0,100000,2000 --mount sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
    exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"' sh "$HULL_PROGRAM" "${check_json[@]}"
  equal "$status" 1
  jq -e '.ok == false' <<<"$output"
  is 'user namespaces' '.status == "missing" and .needed'
}

@test "check: without a cgroup2 mount, and with a read-only one" {
  # shellcheck disable=SC2016
  checks unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@"' sh "$HULL_PROGRAM" "${check_json[@]}"
  equal "$status" 1
  is 'cgroup v2' '.status == "missing" and .needed and (.remedy | contains("mount -t cgroup2"))'
  is memory '.status == "missing"'
  # What is limited is no reason to fail.
  # shellcheck disable=SC2016
  checks unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified &&
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified && exec "$@"' sh "$HULL_PROGRAM" "${check_json[@]}"
  equal "$status" 0
  is 'cgroup v2' '.status == "limited" and .needed'
  # shellcheck disable=SC2016
  checks unshare --mount --propagation private sh -c 'mount -o remount,ro,bind "$1" && shift && exec "$@"' sh "$CG" "$HULL_PROGRAM" "${check_json[@]}"
  equal "$status" 1
  is delegation '.status == "missing" and (.what | contains("read-only"))'
  # shellcheck disable=SC2016
  checks unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@"' sh "$HULL_PROGRAM" --cgroup-manager disabled "${check_json[@]}"
  equal "$status" 0
}

@test "check: in a container: system calls that a filter takes away, a /proc that is covered" {
  ! sanitized || skip "a dynamic hull does not start in the image"
  cp "$HULL_PROGRAM" "$B/rootfs/bin/hull"
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["openat2", "keyctl", "fsopen", "unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
    | .linux.maskedPaths = ["/proc/kcore"]'
  args hull --cgroup-manager disabled check --json
  try hull run --bundle "$B" "$ID"
  equal "$status" 1
  is openat2 '.status == "missing" and .needed and (.remedy | contains("seccomp filter around us"))'
  is 'mount API' '.status == "missing" and (.what | contains("fsopen"))'
  is keyrings '.status == "limited" and (.remedy | contains("--no-new-keyring"))'
  is proc '.what | contains("covers a part of it")'
  is 'user namespaces' '.status == "missing" and (.what | contains("gives no rights"))'
}

@test "check: a /proc that is covered keeps users from one of their own" {
  # shellcheck disable=SC2016
  checks unshare --mount --propagation private sh -c 'mount --bind /dev/null /proc/cpuinfo && exec "$@"' sh \
    setpriv --reuid 1000 --regid 1000 --clear-groups "$HULL_PROGRAM" "${check_json[@]}"
  is proc '.status == "limited" and (.what | contains("\u0027/proc/cpuinfo\u0027 covers"))'
}

@test "check: keys that are used up" {
  background "$PROBE" fill-keys 54321 >"$T/filled"
  wait_for [ -s "$T/filled" ]
  checks setpriv --reuid 54321 --regid 54321 --clear-groups "$HULL_PROGRAM" "${check_json[@]}"
  is keyrings '.status == "missing" and (.what | test("^[0-9]+ of [0-9]+ keys of uid 54321 are used up"))'
  stop_background
}

@test "check: the lowest memory limit above us" {
  grep -qw memory "$CG/cgroup.controllers" || skip "cgroup v2 has no memory controller here"
  mkdir "$CG$CGP/outer"
  echo +memory >"$CG/cgroup.subtree_control"
  echo +memory >"$CG/${CGP%/*}/cgroup.subtree_control"
  echo +memory >"$CG$CGP/cgroup.subtree_control"
  echo +memory >"$CG$CGP/outer/cgroup.subtree_control"
  mkdir "$CG$CGP/outer/inner"
  echo 33554432 >"$CG$CGP/outer/memory.max"
  echo 134217728 >"$CG$CGP/outer/inner/memory.max"
  # shellcheck disable=SC2016
  checks sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$CG$CGP/outer/inner" "$HULL_PROGRAM" "${check_json[@]}"
  is 'own memory limit' '.status == "limited" and (.what | startswith("33554432 bytes, of cgroup") and contains("/outer\u0027"))'
  rmdir "$CG$CGP/outer/inner" "$CG$CGP/outer"
}

@test "check: a bundle: what its config needs and is not here, each with its pointer" {
  ok check --bundle "$B" --json
  jq -e .ok <<<"$output"
  printf '#!/bin/sh\n' >"$T/hook"
  chmod 644 "$T/hook"
  config '.mounts += [{"destination": "/a", "type": "bind", "source": "/no/such/source", "options": ["bind"]},
      {"destination": "/b", "type": "nosuchfs", "source": "x"}, {"destination": "/c", "type": "tmp\u001b[31m", "source": "x"},
      {"destination": "/d", "type": "tmp", "source": "x"}]
    | .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/no/such/agent", "syscalls": [{"names": ["sync"], "action": "SCMP_ACT_NOTIFY"}]}
    | .hooks.createRuntime = [{"path": $hook}] | .linux.namespaces |= map(if .type == "ipc" then .path = "/no/such/ns" else . end)
    | .process.apparmorProfile = "some-profile"' --arg hook "$T/hook"
  try hull check --bundle "$B" --json
  equal "$status" 1
  is 'bind source' '.pointer == "/mounts/7" and (.what | contains("/no/such/source"))'
  equal "$(jq -c '.abilities | map(select(.name == "file system").pointer)' <<<"$output")" '["/mounts/8","/mounts/9","/mounts/10"]'
  is 'seccomp agent' '.status == "missing" and (.what | contains("/no/such/agent"))'
  is hook '.pointer == "/hooks/createRuntime/0/path" and (.what | contains("has no x bit"))'
  is namespace '(.pointer | startswith("/linux/namespaces/")) and .status == "missing"'
  is AppArmor '.needed'
  try hull check --bundle "$B"
  equal "$status" 1
  has "$output" 'the things that this bundle needs'
  has "$output" '(at /mounts/7)' 'modprobe nosuchfs'
  hasnt "$output" $'\033'
}

@test "check: a bundle whose controllers are not here, whose root is missing, whose profile is wrong, whose config is not read" {
  local controller
  config '.linux.resources.memory.limit = 100000000 | .linux.resources.cpu.quota = 50000'
  try hull check --bundle "$B" --json
  for controller in memory cpu; do
    is "$controller" .needed
    if ! grep -qw "$controller" "$CG/cgroup.controllers"; then
      equal "$status" 1
      is "$controller" '.status == "missing"'
    fi
  done
  config 'del(.linux.resources) | .root.path = "gone"'
  try hull check --bundle "$B" --json
  equal "$status" 1
  is root '.pointer == "/root/path" and (.what | contains("is missing"))'
  config '.root.path = "rootfs" | .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_KILL", "errnoRet": 3}]}'
  try hull check --bundle "$B" --json
  equal "$status" 1
  jq -e '.abilities | any(.[]; .needed and .status == "missing" and (.what + (.pointer // "") | contains("/linux/seccomp/syscalls/0")))' <<<"$output" || { show; return 1; }
  try hull check --bundle "$T/nowhere" --json
  equal "$status" 1
  is config '.what | contains("nowhere/config.json")'
  nothing_left
}
