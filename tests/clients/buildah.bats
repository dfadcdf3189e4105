#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah with the runtime under test: bud with RUN, and buildah run.
# hosts: native systemd

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
