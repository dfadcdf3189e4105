#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The bundles that engines make (tests/bundles), with a busybox root file system and the files they bind.
# Taken out: limits whose controllers this host's cgroup v2 lacks, rlimits above ours.

load helpers

# Makes bundle $B from tests/bundles/NAME.json.
engine_bundle() {
  local source hard
  hard=$(ulimit -H -n)
  jq --arg cgroup "$CGROUP_PATH" --arg mark "HULL_MARK=$MARK" --argjson hard "${hard/unlimited/1048576}" --argjson nproc "$(nproc_limit)" \
    --arg controllers "$(cat "$CG/cgroup.controllers")" '
    def nonzero: . != null and . != 0;
    def lacks($name): $controllers | split(" ") | index($name) | not;
    .linux.cgroupsPath = $cgroup | .process.env += [$mark]
    | if .linux.resources then .linux.resources |= (
        if (.memory.limit | nonzero) and lacks("memory") then del(.memory) else . end
        | if (.cpu.quota | nonzero) and lacks("cpu") then del(.cpu) else . end
        | if (.pids.limit | nonzero) and lacks("pids") then del(.pids) else . end
        | if (.blockIO.weight | nonzero) and lacks("io") then del(.blockIO) else . end) else . end
    | if .process.rlimits then .process.rlimits |= map(
        (if .type == "RLIMIT_NOFILE" then $hard elif .type == "RLIMIT_NPROC" then $nproc else .hard end) as $most
        | .hard = ([.hard, $most] | min) | .soft = ([.soft, $most] | min)) else . end' \
    "$TOP/tests/bundles/$1.json" >"$B/config.json"
  for source in $(jq -r '.mounts[].source | select(startswith("files/"))' "$B/config.json"); do
    case $source in
      files/data | files/dev-shm) mkdir -p "$B/$source" ;;
      *) mkdir -p "$B/files"; echo "$source" >"$B/$source" ;;
    esac
  done
  mkdir -p "$B/files/data"
  echo from-host >"$B/files/data/file"
  # as an engine would: the image belongs to those that are root inside
  if jq -e '.linux.uidMappings[0]' "$B/config.json" >/dev/null; then
    chown -R "$(jq '.linux.uidMappings[0].hostID' "$B/config.json")" "$B/rootfs"
  fi
}

nproc_limit() {
  local limit
  limit=$(ulimit -H -u)
  echo "${limit/unlimited/4194304}"
}

# The command as the engine wrote it, then a look at what it asked for.
check_bundle() {
  engine_bundle "$1"
  local path
  ok run --bundle "$B" "$ID"
  nothing_left
  cp "$B/config.json" "$T/engine.json"
  sh_args 'cat /proc/self/mountinfo; echo ==; hostname; cat /proc/self/status; probe limits; test -w / || echo root-read-only'
  ok run --bundle "$B" "$ID"
  for path in $(jq -r '.mounts[].destination' "$T/engine.json"); do
    [ -n "$(mount_line "$path")" ] || { echo "$path is not mounted"; return 1; }
  done
}

@test "bundles: podman.json runs" {
  engine_bundle podman
  ok run --bundle "$B" "$ID"
  equal "$output" OK
  check_bundle podman
  has "$output" 4aaabe82bdc5 'Seccomp:	2' 'nofile 1024 1024'
}

@test "bundles: podman-userns.json runs, with its ids mapped" {
  check_bundle podman-userns
  has "$output" 'Seccomp:	2'
  args cat /proc/self/uid_map
  ok run --bundle "$B" "$ID"
  has "$output" 100000 65536
}

# bats test_tags=smoke
@test "bundles: podman-limits.json runs, read-only with tmpcopyup" {
  engine_bundle podman-limits
  echo image >"$B/rootfs/tmp/from-image"
  ok run --bundle "$B" "$ID"
  args sh -c 'cat /tmp/from-image; touch /x 2>&1; hostname; df -k /scratch | tail -n1'
  ok run --bundle "$B" "$ID"
  has "$output" image 'Read-only file system' web 1024
}

@test "bundles: docker.json runs, with its sysctls" {
  check_bundle docker
  args cat /proc/sys/net/ipv4/ip_unprivileged_port_start /data/file
  ok run --bundle "$B" "$ID"
  equal "$output" $'0\nfrom-host'
}

# bats test_tags=smoke
@test "bundles: containerd.json runs, without a cgroup namespace and a hostname" {
  check_bundle containerd
  has "$output" 'NoNewPrivs:	1'
}

@test "bundles: buildah.json runs" {
  check_bundle buildah
  has "$output" 987c529ceed6
}

@test "bundles: each of them can be executed into" {
  local name
  for name in podman podman-userns docker containerd buildah; do
    engine_bundle "$name"
    start_sleeper
    ok exec "$ID" echo "in $name"
    equal "$output" "in $name"
    ok delete --force "$ID"
  done
}
