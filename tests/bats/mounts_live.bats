#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `hull mounts add` and `hull mounts remove`: mounts of a container that runs.

load helpers

# list MOUNT...: writes the list of JSON mounts to $T/list.
list() {
  printf '%s\n' "$@" | jq -s . >"$T/list"
}

bind() {
  jq -nc '{destination: $d, type: "bind", source: $s, options: (["bind"] + $ARGS.positional)}' \
    --arg d "$1" --arg s "$2" --args -- "${@:3}"
}

# The mount points of the container, as it sees them.
points() {
  cut -d' ' -f5 "/proc/$(container_pid)/mountinfo"
}

add() {
  ok mounts add "$ID" "$T/list"
}

@test "mounts add: a bind and a tmpfs appear with their flags, and go again" {
  mkdir "$T/src"
  echo theirs >"$T/src/file"
  start_sleeper
  list "$(bind /new/dir "$T/src" ro nosuid)" "$(bind /new/file "$T/src/file")" \
    '{"destination": "/new/tmp", "type": "tmpfs", "source": "t", "options": ["noexec", "size=64k", "ro"]}'
  add
  try hull exec "$ID" cat /new/dir/file /new/file /proc/self/mountinfo
  has "$output" $'theirs\ntheirs\n'
  listed "$(mount_line /new/dir | cut -d'|' -f1)" ro
  listed "$(mount_line /new/dir | cut -d'|' -f1)" nosuid
  listed "$(mount_line /new/tmp | cut -d'|' -f1)" noexec
  listed "$(mount_line /new/tmp | cut -d'|' -f1)" ro
  has "$(mount_line /new/tmp)" size=64k
  try hull exec "$ID" touch /new/dir/x
  [ "$status" -ne 0 ]
  [ ! -e "$T/src/x" ]
  list '{"destination": "/new/dir"}' '{"destination": "/new/file"}' '{"destination": "/new/tmp"}'
  ok mounts remove "$ID" "$T/list"
  hasnt "$(points)" /new
  fails '/new/dir' 'no mount' -- mounts remove "$ID" "$T/list"
}

@test "mounts add: also to a created and to a paused container; a mount of the config can be removed" {
  mkdir "$T/src"
  config '.mounts += [{destination: "/of-config", type: "tmpfs", source: "t"}]'
  args sleep 1000
  ok create --bundle "$B" "$ID"
  list "$(bind /a "$T/src")"
  add
  has "$(points)" $'/a'
  ok start "$ID"
  has "$(points)" /a /of-config
  ok pause "$ID"
  list "$(bind /paused "$T/src")"
  add
  ok resume "$ID"
  has "$(points)" /paused
  list '{"destination": "/of-config/"}'
  ok mounts remove "$ID" "$T/list"
  hasnt "$(points)" /of-config
}

@test "mounts add: an object with mounts is read too; what is not supported or wrong is said" {
  mkdir "$T/src"
  start_sleeper
  jq -n --argjson m "$(bind /a "$T/src")" '{mounts: [$m]}' >"$T/list"
  add
  has "$(points)" /a
  list '{"destination": "/bee", "type": "proc", "source": "proc"}'
  fails /mounts/0 'bind mounts and tmpfs' -- mounts add "$ID" "$T/list"
  list "$(bind /bee "$T/none")"
  fails /mounts/0 "$T/none" -- mounts add "$ID" "$T/list"
  list "$(bind /bee "$T/src" nosiud)"
  fails /mounts/0/options/1 "nosuid" -- mounts add "$ID" "$T/list"
  list "$(bind / "$T/src")"
  fails root -- mounts add "$ID" "$T/list"
  list "$(bind /proc/self "$T/src")"
  fails /proc -- mounts add "$ID" "$T/list"
  echo '[{"destination": "/bee", "sorce": "x"}]' >"$T/list"
  fails sorce -- mounts add "$ID" "$T/list"
  echo '[]' >"$T/list"
  fails mount -- mounts add "$ID" "$T/list"
  echo 'x' >"$T/list"
  fails "$T/list" -- mounts add "$ID" "$T/list"
  fails 'no/such' -- mounts add "$ID" /no/such
  fails add remove -- mounts put "$ID" "$T/list"
  hasnt "$(points)" /bee
  list "$(bind /c "$T/src")"
  fails 'does not exist' -- mounts add nobody "$T/list"
  ok kill "$ID" KILL
  wait_for has_status stopped
  fails 'not running' -- mounts add "$ID" "$T/list"
}

@test "mounts add: all or nothing" {
  mkdir "$T/src"
  start_sleeper
  local before
  before=$(points)
  list "$(bind /one "$T/src")" "$(bind /two "$T/src")" "$(bind /bin/sh/three "$T/src")"
  fails three -- mounts add "$ID" "$T/list"
  equal "$(points)" "$before"
  list '{"destination": "/one"}'
  fails /one -- mounts remove "$ID" "$T/list"
}

@test "mounts add: what cannot be saved is not left mounted" {
  mkdir "$T/src"
  start_sleeper
  local before
  before=$(points)
  mkdir "$ROOT/$ID/.config.json.tmp" # where the new config would be written
  list "$(bind /one "$T/src")" "$(bind /one/below "$T/src")"
  mkdir "$T/src/below"
  fails config.json -- mounts add "$ID" "$T/list"
  equal "$(points)" "$before"
  rmdir "$ROOT/$ID/.config.json.tmp"
  add
}

@test "mounts add: no symbolic link of the container is followed, not inside either" {
  mkdir "$T/src" "$T/outside" "$T/outside/x"
  ln -s "$T/outside" "$B/rootfs/out"
  ln -s /etc "$B/rootfs/in"
  ln -s ../../../../../../../../../../../../.. "$B/rootfs/up"
  config '.root.readonly = false'
  start_sleeper
  local before place
  before=$(points)
  for place in /out/x /in /in/sub /up/root; do
    list "$(bind "$place" "$T/src")"
    fails /mounts/0 -- mounts add "$ID" "$T/list"
    equal "$(points)" "$before"
    list "$(jq -nc '{destination: $d, type: "tmpfs", source: "t"}' --arg d "$place")"
    fails /mounts/0 -- mounts add "$ID" "$T/list"
    equal "$(points)" "$before"
  done
  new_mounts
  equal "${#NEW_MOUNTS[@]}" 0
  [ ! -e "$B/rootfs/etc/sub" ] # nor is a directory made where a link leads
}

@test "mounts add: a container that swaps the destination for a link makes it land nowhere else" {
  mkdir "$T/src" "$B/rootfs/swap"
  mkdir "$B/rootfs/swap/real" "$B/rootfs/victim"
  ln -s /victim "$B/rootfs/swap/link"
  sh_args 'cd /swap; while :; do mv real dir; mv dir real; mv link dir; mv dir link; done 2>/dev/null'
  ok run --detach --bundle "$B" "$ID"
  local i landed=0
  for i in {1..40}; do
    list "$(bind /swap/dir "$T/src")"
    try hull mounts add "$ID" "$T/list"
    [ "$status" = 0 ] && landed=$((landed + 1))
    hasnt "$(points)" /victim
    # It may have been renamed since with the mount on it: what counts is where it is not.
    list '{"destination": "/swap/dir"}'
    try hull mounts remove "$ID" "$T/list"
  done
  echo "$landed landed"
  new_mounts
  equal "${#NEW_MOUNTS[@]}" 0
}

@test "mounts remove: a container can't have its masks removed" {
  mkdir "$T/src" "$B/rootfs/dir"
  config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
  sh_args 'until [ -e /data/go ]; do sleep 0.02; done; umount /dir; rmdir /dir; ln -s /proc/acpi /dir; touch /data/done; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  list "$(bind /dir "$T/src")"
  add
  touch "$B/rootfs/data/go"
  wait_for [ -e "$B/rootfs/data/done" ]
  local before
  before=$(points)
  list '{"destination": "/dir"}'
  fails /dir -- mounts remove "$ID" "$T/list"
  equal "$(points)" "$before"
  list '{"destination": "/proc/acpi"}'
  fails /proc/acpi 'no mount' -- mounts remove "$ID" "$T/list"
  equal "$(points)" "$before"
}

@test "mounts add: in a user namespace the mounts belong to it" {
  mkdir "$T/src"
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
  start_sleeper
  list "$(bind /new/bind "$T/src" ro)" '{"destination": "/new/tmp", "type": "tmpfs", "source": "t"}'
  add
  equal "$(stat -c %u "$B/rootfs/new")" 100000
  ok exec "$ID" sh -c 'touch /new/tmp/x && stat -c %u /new/tmp/x && ls /new/bind'
  equal "$output" 0
  list '{"destination": "/new/bind"}' '{"destination": "/new/tmp"}'
  ok mounts remove "$ID" "$T/list"
  hasnt "$(points)" /new
}

@test "mounts add: with --no-pivot it is the container's root that counts" {
  mkdir "$T/src"
  start_sleeper --no-pivot
  list "$(bind /new "$T/src")"
  add
  ok exec "$ID" grep -c ' /new ' /proc/self/mountinfo
  equal "$output" 1
  list '{"destination": "/new"}'
  ok mounts remove "$ID" "$T/list"
  [ -d "$B/rootfs/new" ]
}
