#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah with the runtime under test: bud with RUN, and buildah run.
# hosts: native systemd
# shellcheck disable=SC2016,SC2154 # scripts for the container; what `try` sets

load clients

setup_file() {
  clients_setup
  command -v buildah >/dev/null || return 0
  build pull --quiet "docker-archive:$ARCHIVE" >"$C/pull.log" 2>&1 3>&- || { cat "$C/pull.log" >&2; return 1; }
}

setup() {
  need buildah
  need_cgroup2
  T=$BATS_TEST_TMPDIR
}

teardown() {
  build rm --all >/dev/null 2>&1 3>&- || :
}

build() {
  timeout --foreground -k 5 "$((120 * SLOW))" buildah --root "$C/root" --runroot "$C/run" --storage-driver vfs "$@"
}

# Limits of files and processes that podman and buildah would raise need a capability that not every host's root has.
OPTIONS=(--isolation oci --runtime "${RUNTIME:-}" --network none)
LIMITS=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024)

# bud NAME [options]: builds $T as NAME with the Containerfile on standard input
bud() {
  cat >"$T/Containerfile"
  ok build bud "${OPTIONS[@]}" "${LIMITS[@]}" --pull-never -t "$@" "$T"
}

# from [IMAGE]: NAME is a working container
from() {
  NAME=w$BATS_TEST_NUMBER
  ok build from "${LIMITS[@]}" --pull-never --name "$NAME" "${1:-$IMAGE}"
}

@test "buildah bud: RUN makes a layer" {
  bud built <<CONTAINERFILE
FROM $IMAGE
RUN echo built >/data/made && ls /data
RUN ["/bin/sh", "-c", "cat /data/made; id -u"]
CONTAINERFILE
  has "$output" made built
  from built
  ok build mount "$NAME"
  equal "$(cat "$output/data/made")" built
}

@test "buildah bud: what a RUN leaves, directories, users, arguments, environment" {
  bud built --build-arg WORD=given <<CONTAINERFILE
FROM $IMAGE
ARG WORD
ENV KEPT=\$WORD
WORKDIR /new/place
RUN pwd >where && echo "\$KEPT" >word
USER ann
RUN id -u >/tmp/user && ! touch /data/x
USER root
RUN test "\$(cat /tmp/user)" = 1000 && cat /new/place/where word
CONTAINERFILE
  has "$output" /new/place given
}

@test "buildah bud: RUN --mount, cache and bind" {
  mkdir "$T/context"
  echo bound >"$T/context/file"
  bud built <<CONTAINERFILE
FROM $IMAGE
RUN --mount=type=bind,source=context,target=/c cat /c/file
RUN --mount=type=cache,target=/cache echo kept >/cache/f
RUN --mount=type=cache,target=/cache cat /cache/f
RUN --mount=type=tmpfs,target=/t touch /t/f
CONTAINERFILE
  has "$output" bound kept
}

@test "buildah bud: RUN --mount, a secret" {
  echo hidden >"$T/secret"
  bud built --secret "id=word,src=$T/secret" <<CONTAINERFILE
FROM $IMAGE
RUN --mount=type=secret,id=word cat /run/secrets/word
CONTAINERFILE
  has "$output" hidden
}

@test "buildah bud: a stage copies from another" {
  bud built <<CONTAINERFILE
FROM $IMAGE AS first
RUN echo made >/data/made
FROM $IMAGE
COPY --from=first /data/made /data/copied
RUN cat /data/copied
CONTAINERFILE
  has "$output" made
}

@test "buildah bud: a RUN that fails has its exit status in the message" {
  printf 'FROM %s\nRUN exit 7\n' "$IMAGE" >"$T/Containerfile"
  fails "exit status 7" -- build bud "${OPTIONS[@]}" "${LIMITS[@]}" --pull-never "$T"
  printf 'FROM %s\nRUN ["nosuchcommand"]\n' "$IMAGE" >"$T/Containerfile"
  fails nosuchcommand "executable file" -- build bud "${OPTIONS[@]}" "${LIMITS[@]}" --pull-never "$T"
  printf 'FROM %s\nRUN ["/data/text"]\n' "$IMAGE" >"$T/Containerfile"
  fails "permission denied" -- build bud "${OPTIONS[@]}" "${LIMITS[@]}" --pull-never "$T"
}

@test "buildah run: output, input, exit status" {
  from
  ok build run "${OPTIONS[@]}" "$NAME" sh -c 'echo out; echo err >&2'
  equal "$output" out
  has "$stderr" err
  try build run "${OPTIONS[@]}" "$NAME" sh -c 'exit 9'
  equal "$status" 9
  echo typed >"$T/input"
  INPUT=$T/input ok build run "${OPTIONS[@]}" "$NAME" cat
  equal "$output" typed
}

@test "buildah run: a terminal" {
  from
  ok build run "${OPTIONS[@]}" --terminal "$NAME" sh -c 'test -t 0 && test -t 1 && tty'
  has "$output" /dev/
}

@test "buildah run: user, directory, volume, capabilities, hostname, environment" {
  mkdir "$T/v"
  from
  ok build run "${OPTIONS[@]}" --user 1000:50 --workingdir /tmp --hostname box -v "$T/v:/v:ro" --cap-drop all --env A=b "$NAME" \
    sh -c 'id -u; id -g; pwd; hostname; echo $A; ! touch /v/x; grep CapBnd /proc/self/status'
  has "$output" $'1000\n50\n/tmp\nbox\nb\n' $'CapBnd:\t0000000000000000'
}

@test "buildah run: namespaces of the host, and none of its own" {
  from
  ok build run "${OPTIONS[@]}" --pid host --ipc host --uts host "$NAME" sh -c 'for n in pid ipc uts; do readlink /proc/self/ns/$n; done'
  equal "$output" "$(for n in pid ipc uts; do readlink "/proc/self/ns/$n"; done)"
}

@test "buildah run: a user namespace" {
  ok build from "${LIMITS[@]}" --pull-never --name "w$BATS_TEST_NUMBER" --userns-uid-map 0:200000:2000 --userns-gid-map 0:300000:2000 "$IMAGE"
  ok build run "${OPTIONS[@]}" "w$BATS_TEST_NUMBER" sh -c 'cat /proc/self/uid_map; touch /data/f; stat -c %u /data/f'
  equal "$(tr -s ' ' <<<"$output")" $' 0 200000 2000\n0'
}
