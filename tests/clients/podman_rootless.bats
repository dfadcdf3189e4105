#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman of a user without privileges, with the runtime under test: subordinate ids, its own storage, and a cgroup that is
# delegated to the user's systemd where there is one; else none.
# hosts: native systemd
# shellcheck disable=SC2016,SC2154 # scripts for the container; what `try` sets

load clients
load podman

setup_file() {
  clients_setup
  command -v podman >/dev/null && command -v newuidmap >/dev/null && [ -n "${CLIENTS_PRIVATE:-}" ] || return 0
  subids
  export U=$C/user
  mkdir -p "$U"/{home,xdg,tmp,config/systemd/user}
  DRIVER=$(has_user_systemd && echo systemd || echo cgroupfs) podman_config "$U"
  chmod -R go+rX "$C"
  chown -R nobody "$U"
  chmod 700 "$U/xdg"
  ! has_user_systemd || start_user_systemd
  user load --input "$ARCHIVE" >"$C/load.log" 2>&1 3>&- || { cat "$C/load.log" >&2; return 1; }
}

teardown_file() {
  [ -z "${DELEGATED:-}" ] || { systemctl stop "$UNIT" 3>&- && rm "/run/systemd/system/$UNIT"; }
}

UNIT=user@65534.service

has_user_systemd() {
  [ "$DRIVER" = systemd ] && [ -d /run/systemd/system ]
}

# As logind would, with nothing but a message bus. podman is started in a cgroup beside those of its units.
start_user_systemd() {
  printf '[Unit]\nDefaultDependencies=no\nRequires=dbus.socket\nAfter=dbus.socket\n' >"$U/config/systemd/user/hull-test.target"
  cat >"/run/systemd/system/$UNIT" <<UNIT
[Unit]
DefaultDependencies=no
[Service]
Type=notify
User=nobody
Group=nogroup
Slice=user-65534.slice
Delegate=yes
KillMode=mixed
Environment=HOME=$U/home XDG_RUNTIME_DIR=$U/xdg XDG_CONFIG_HOME=$U/config
ExecStart=/lib/systemd/systemd --user --unit=hull-test.target
UNIT
  systemctl daemon-reload 3>&-
  if ! systemctl start "$UNIT" 3>&- || ! wait_for test -S "$U/xdg/bus"; then
    systemctl status "$UNIT" >&2 3>&- || :
    return 1
  fi
  export DELEGATED=/sys/fs/cgroup/user.slice/user-65534.slice/$UNIT
  mkdir "$DELEGATED/tests"
  chown -R nobody "$DELEGATED/tests"
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
  (cd "$U" && delegated && timeout --foreground -k 5 "$((${LIMIT:-60} * SLOW))" setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all \
    env -i PATH="$PATH" HOME="$U/home" XDG_RUNTIME_DIR="$U/xdg" TMPDIR="$U/tmp" CONTAINERS_CONF="$U/containers.conf" \
    DBUS_SESSION_BUS_ADDRESS="unix:path=$U/xdg/bus" \
    podman --storage-driver vfs --runtime "${RUNTIME##*/}" "$@")
}

delegated() {
  [ -z "${DELEGATED:-}" ] || echo "$BASHPID" >"$DELEGATED/tests/cgroup.procs"
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

@test "rootless podman: limits, pause, stats and top, in the cgroup of the user's systemd" {
  local cgroup
  [ -n "${DELEGATED:-}" ] || skip "the user has no systemd that gives away cgroups"
  need_controller memory pids cpu
  ok user run --detach --name "$NAME" --memory 64m --memory-swap 64m --pids-limit 50 --cpus 0.5 "$IMAGE" sleep 1000
  cgroup=$(cgroup_of "$(user inspect -f '{{.State.Pid}}' "$NAME")")
  has "$cgroup" "$DELEGATED/user.slice/libpod-"
  equal "$(cat "$cgroup/memory.max" "$cgroup/pids.max" "$cgroup/cpu.max")" $'67108864\n50\n50000 100000'
  ok user pause "$NAME"
  equal "$(user_state)" paused
  grep -qx 'frozen 1' "$cgroup/cgroup.events"
  ok user unpause "$NAME"
  ok user stats --no-stream --format '{{.PIDs}}|{{.MemUsage}}' "$NAME"
  [[ $output =~ ^1\|[0-9.]+[kM]?B\ /\ 67\.11MB$ ]] || { show; return 1; }
  ok user top "$NAME" args
  has "$output" 'sleep 1000'
  ok user rm --force -t 0 "$NAME"
  wait_for test ! -e "$cgroup"
}

@test "rootless podman: an OOM kill is known" {
  [ -n "${DELEGATED:-}" ] || skip "the user has no systemd that gives away cgroups"
  need_controller memory
  try user run --name "$NAME" --memory 16m --memory-swap 16m "$IMAGE" tail /dev/zero
  equal "$status" 137
  equal "$(user inspect -f '{{.State.OOMKilled}}' "$NAME")" true
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
