#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman of a user without privileges, with the runtime under test: subordinate ids, no cgroups of its own, its own storage.
# hosts: native systemd
# shellcheck disable=SC2016,SC2154 # scripts for the container; what `try` sets

load clients
load podman

setup_file() {
  clients_setup
  command -v podman >/dev/null && command -v newuidmap >/dev/null && [ -n "${CLIENTS_PRIVATE:-}" ] || return 0
  subids
  export U=$C/user
  mkdir -p "$U"/{home,xdg,tmp}
  DRIVER=cgroupfs podman_config "$U" # systemd would have to be the user's
  chmod -R go+rX "$C"
  chown -R nobody "$U"
  chmod 700 "$U/xdg"
  user load --input "$ARCHIVE" >"$C/load.log" 2>&1 3>&- || { cat "$C/load.log" >&2; return 1; }
}

setup() {
  podman_test
  need newuidmap
  [ -n "${CLIENTS_PRIVATE:-}" ] || skip "needs subordinate ids: use tests/clients/run"
}

teardown() {
  [ -z "${U:-}" ] || user rm --all --force --time 0 >/dev/null 2>&1 3>&- || :
}

# podman of nobody, from a directory that is theirs
user() {
  (cd "$U" && timeout --foreground -k 5 "$((${LIMIT:-60} * SLOW))" setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all \
    env -i PATH="$PATH" HOME="$U/home" XDG_RUNTIME_DIR="$U/xdg" TMPDIR="$U/tmp" CONTAINERS_CONF="$U/containers.conf" \
    podman --storage-driver vfs --runtime "${RUNTIME##*/}" "$@")
}

user_state() {
  user inspect -f '{{.State.Status}}' "$NAME"
}

@test "rootless podman run: ids, output, exit status" {
  ok user run --rm "$IMAGE" sh -c 'id -u; cat /proc/self/uid_map; touch /data/f; stat -c %u /bin/busybox'
  equal "$(tr -s ' ' <<<"$output" | head -n 2)" $'0\n 0 65534 1'
  try user run --rm "$IMAGE" sh -c 'exit 7'
  equal "$status" 7
}

@test "rootless podman run: another user of the image" {
  ok user run --rm --user ann "$IMAGE" sh -c 'id -u; touch /tmp/f; stat -c %u /tmp/f'
  equal "$output" $'1000\n1000'
}

@test "rootless podman run: --userns=keep-id, and a volume" {
  mkdir "$U/v.$NAME"
  chown nobody "$U/v.$NAME"
  ok user run --rm --userns keep-id -v "$U/v.$NAME:/v" "$IMAGE" sh -c 'id -u; touch /v/f; stat -c %u /v/f'
  equal "$output" $'65534\n65534'
  equal "$(stat -c %U "$U/v.$NAME/f")" nobody
}

@test "rootless podman run: --cgroups disabled, --read-only, --privileged" {
  runtime_is runc || ok user run --rm --cgroups disabled "$IMAGE" true
  ok user run --rm --read-only "$IMAGE" sh -c '! touch /data/f && touch /tmp/f'
  ok user run --rm --privileged "$IMAGE" sh -c 'mkdir /tmp/m && mount -t tmpfs none /tmp/m && echo fine'
  equal "$output" fine
}

@test "rootless podman: exec, terminal, logs, stop" {
  ok user run --detach --name "$NAME" "$IMAGE" sh -c 'echo started; trap "exit 6" TERM; while :; do sleep 0.1; done'
  ok user exec "$NAME" sh -c 'echo inside; id -u'
  equal "$output" $'inside\n0'
  ok user exec -t --user 1000 "$NAME" sh -c 'tty; id -u'
  has "$(tr -d '\r' <<<"$output")" /dev/pts/ 1000
  ok user logs "$NAME"
  equal "$output" started
  ok user stop -t 30 "$NAME"
  equal "$(user inspect -f '{{.State.ExitCode}}' "$NAME")" 6
}

@test "rootless podman: restart, kill, rm" {
  ok user run --detach --name "$NAME" "$IMAGE" sleep 1000
  ok user restart -t 0 "$NAME"
  equal "$(user_state)" running
  ok user kill "$NAME"
  ok user wait "$NAME"
  equal "$output" 137
  ok user rm "$NAME"
}

@test "rootless podman: 127 and 126" {
  fails nosuchcommand "executable file" -- user run --rm "$IMAGE" nosuchcommand
  equal "$status" 127
  fails "permission denied" -- user run --rm "$IMAGE" /data/text
  equal "$status" 126
}

@test "rootless podman: a pod's containers share namespaces" {
  need catatonit
  ok user pod create --name "$NAME" --share net,ipc,uts,pid --share-parent=false --hostname podbox
  ok user run --rm --pod "$NAME" "$IMAGE" sh -c 'hostname; tr "\0" " " </proc/1/cmdline'
  has "$output" podbox catatonit
  ok user pod rm --force -t 0 "$NAME"
}
