#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `hull spec`, `hull validate`, `hull plan` and `hull steps`: what can be had without a container.

load helpers

spec_bundle() {
  rm "$B/config.json"
  ok spec --bundle "$B" "$@"
}

@test "spec: writes a config.json that validates and runs" {
  spec_bundle
  jq -e '.ociVersion and .process.args == ["sh"] and .process.terminal == true and .root.path == "rootfs"' "$B/config.json"
  ok validate --bundle "$B"
  config '.process.terminal = false | .linux.cgroupsPath = $path' --arg path "$CGROUP_PATH"
  inside 'echo pid $$; hostname; id -u; grep NoNewPrivs /proc/self/status; touch /x 2>&1'
  has "$output" 'pid 1' 'NoNewPrivs:	1' 'Read-only file system'
}

@test "spec: the default has what runc's default has" {
  spec_bundle
  jq -e '
    ([.linux.namespaces[].type] | sort) as $ns
    | (["ipc", "mount", "network", "pid", "uts"] - $ns) == []
    and ([.mounts[].destination] | index("/proc") < index("/dev") and index("/sys") != null and index("/dev/shm") != null)
    and .process.noNewPrivileges == true
    and (.process.capabilities.bounding | sort) == ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    and (.process.capabilities | has("inheritable") | not) or (.process.capabilities.inheritable == [])
    and (.linux.maskedPaths | index("/proc/kcore")) != null
    and (.linux.readonlyPaths | index("/proc/sys")) != null
    and .linux.resources.devices[0] == {"allow": false, "access": "rwm"}' "$B/config.json"
}

@test "spec: writes to the current directory without --bundle, and does not overwrite" {
  cd "$B"
  fails config.json exists -- spec
  rm config.json
  ok spec
  [ -s config.json ]
}

@test "spec: --rootless adds a user namespace with the caller's ids" {
  spec_bundle --rootless
  jq -e '([.linux.namespaces[].type] | index("user") != null and index("network") == null)
    and .linux.uidMappings[0].hostID == 0 and .linux.gidMappings[0].containerID == 0
    and (.linux.resources // {} | .devices == null)' "$B/config.json"
  ok validate --bundle "$B"
}

@test "validate: accepts every bundle in tests/bundles but for what is not supported yet" {
  local file
  for file in docker podman podman-userns buildah; do
    jq 'del(.linux.resources.cpu, .linux.resources.memory, .linux.resources.pids, .linux.resources.blockIO)
        | (.linux.namespaces[]? | select(.path)) |= del(.path)' "$TOP/tests/bundles/$file.json" >"$B/config.json"
    ok validate --bundle "$B" || { echo "$file"; return 1; }
  done
}

@test "validate: prints all findings with their pointers and makes nothing" {
  config '.process.cwd = "relative" | .linux.namespaces += [{"type": "pid"}] | .process.rlimits[0].type = "RLIMIT_X"'
  try hull validate --bundle "$B"
  [ "$status" -ne 0 ]
  has "$stderr$output" /process/cwd /linux/namespaces/6 /process/rlimits/0/type RLIMIT_X
  [ ! -e "$ROOT" ]
}

@test "validate: --format json prints them as an array, and an empty one where all is well" {
  config '.process.cwd = "relative" | .unheard_of = 1'
  try hull validate --format json --bundle "$B"
  equal "$status" 1
  jq -e 'map({level, pointer}) | sort == [
    {level: "error", pointer: "/process/cwd"}, {level: "warning", pointer: "/unheard_of"}]' "$T/stdout"
  jq -e 'all(.line > 0 and .column > 0 and (.message | length) > 0)' "$T/stdout"
  bundle
  ok validate --format=json --bundle "$B"
  jq -e '. == []' "$T/stdout"
}

@test "plan: prints JSON, makes nothing and names decisions" {
  ok plan --bundle "$B"
  jq -e . "$T/stdout"
  has "$output" "$CGROUP" /dev/shm
  [ ! -e "$ROOT" ] || [ -z "$(ls "$ROOT")" ]
}

@test "plan: the same bundle gives the same plan" {
  ok plan --bundle "$B"
  cp "$T/stdout" "$T/first"
  ok plan --bundle "$B"
  cmp "$T/first" "$T/stdout"
}

@test "plan: an error of the plan is the error of create" {
  config '.linux.namespaces |= map(select(.type != "uts"))'
  fails hostname -- plan --bundle "$B"
  fails hostname -- create --bundle "$B" "$ID"
}

@test "steps: --format json and --json print the same" {
  ok steps --json
  cp "$T/stdout" "$T/first"
  jq -e 'length > 50 and all(.table and .name and (.why | type == "string"))' "$T/first"
  ok steps -f json
  cmp "$T/first" "$T/stdout"
}

@test "steps: lists the rows of every table with a description" {
  ok steps
  local table
  for table in parent init exec-parent exec-init message; do
    grep -qE "^$table [A-Za-z_-]+"$'\t'"." <<<"$output" || { echo "no $table"; return 1; }
  done
  has "$output" 'parent claim-state-dir' 'init mounts' 'init pivot-root' 'init execve' 'message READY'
  equal "$(cut -f1 <<<"$output" | sort | uniq -d)" ""
}

@test "trace: is Chrome trace JSON with a span for each step of both processes" {
  ok --trace "$T/trace.json" run --bundle "$B" "$ID"
  jq -e 'if type == "array" then . else .traceEvents end
    | map(select(.ph == "X" or .ph == "B")) as $spans
    | ([$spans[].name] | (["claim-state-dir", "mounts", "pivot-root"] - .) == [])
    and ([$spans[].pid, $spans[].tid] | unique | length) >= 2
    and all($spans[] | select(.ph == "X"); .dur >= 0 and .ts >= 0)' "$T/trace.json"
}

@test "trace: a failed run has one too" {
  args /missing
  try hull --trace "$T/trace.json" run --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
  jq -e . "$T/trace.json" >/dev/null
}
