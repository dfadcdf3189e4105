#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Id-mapped mounts: who owns a file inside, who owns on the host what the container makes, which file systems refuse.

load helpers

eval "$(declare -f teardown | sed '1s/teardown/usual_teardown/')"

teardown() {
  local result=0
  usual_teardown || result=$?
  umount -R "$T/src" 2>/dev/null || :
  return "$result"
}

# A source on a tmpfs.
source_tree() {
  printf '%s\n' 6.3 "$(uname -r)" | sort -V -C || skip "tmpfs can be id-mapped since Linux 6.3"
  mkdir "$T/src"
  mount -t tmpfs src "$T/src"
  remember_mounts
  mkdir "$T/src/below"
  echo file >"$T/src/file"
  chown 1000:1001 "$T/src/file" "$T/src/below"
  chmod 777 "$T/src"
}

one_map() {
  jq -n --argjson c "$1" --argjson h "$2" --argjson n "$3" '[{containerID: $c, hostID: $h, size: $n}]'
}

# bind OPTIONS-JSON [UID-MAPS GID-MAPS]
bind_source() {
  config '.mounts += [{destination: "/m", type: "bind", source: $source, options: $options}
    + (if $uids then {uidMappings: $uids, gidMappings: $gids} else {} end)]' \
    --arg source "$T/src" --argjson options "$1" --argjson uids "${2:-null}" --argjson gids "${3:-null}"
}

user_namespace() {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
}

@test "idmap: the mount's own maps without a user namespace" {
  source_tree
  bind_source '["bind", "idmap"]' "$(one_map 1000 5000 2)" "$(one_map 1000 6000 2)"
  inside 'stat -c %u:%g /m/file; stat -c %u:%g /m/below'
  equal "$output" $'5000:6001\n5000:6001'
}

@test "idmap: with a user namespace, that of the container" {
  source_tree
  chown 0:7 "$T/src/file"
  user_namespace
  bind_source '["bind", "idmap"]'
  inside 'stat -c %u:%g /m/file; touch /m/new && stat -c %u:%g /m/new'
  equal "$output" $'0:7\n0:0'
  equal "$(stat -c %u:%g "$T/src/new")" 0:0
}

@test "idmap: with a user namespace and maps of its own" {
  source_tree
  user_namespace
  bind_source '["rbind", "ridmap"]' "$(one_map 1000 100005 2)" "$(one_map 1000 100006 2)"
  inside 'stat -c %u:%g /m/file; stat -c %u:%g /m/below'
  equal "$output" $'5:7\n5:7'
}

@test "idmap: of a joined user namespace" {
  source_tree
  background unshare --user sleep 1000
  local adopted=$!
  wait_for eval '[ "$(readlink /proc/$adopted/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
  echo '0 100000 65536' >"/proc/$adopted/uid_map"
  echo '0 100000 65536' >"/proc/$adopted/gid_map"
  chown 0:7 "$T/src/file"
  config '.linux.namespaces += [{"type": "user", "path": "/proc/'"$adopted"'/ns/user"}]'
  chown -R 100000:100000 "$B/rootfs"
  bind_source '["bind", "idmap"]'
  inside 'stat -c %u:%g /m/file'
  equal "$output" 0:7
}

@test "ridmap: reaches a mount below, idmap does not" {
  source_tree
  mount -t tmpfs below "$T/src/below"
  echo deep >"$T/src/below/deep"
  chown 1000:1001 "$T/src/below/deep"
  remember_mounts
  bind_source '["rbind", "ridmap"]' "$(one_map 1000 5000 2)" "$(one_map 1000 6000 2)"
  inside 'stat -c %u:%g /m/file /m/below/deep'
  equal "$output" $'5000:6001\n5000:6001'
  config '.mounts[-1].options = ["rbind", "idmap"]'
  inside 'stat -c %u:%g /m/file /m/below/deep'
  equal "$output" $'5000:6001\n1000:1001'
}

@test "idmap: maps in the option itself, also relative to the container's" {
  source_tree
  bind_source '["bind", "idmap=uids=1000-5000-1#7-8-1;gids=1001-6000-1"]'
  inside 'stat -c %u:%g /m/file'
  equal "$output" 5000:6000
  user_namespace
  config '.mounts[-1].options = ["bind", "idmap=uids=@1000-3-1;gids=@1001-4-1"]'
  inside 'stat -c %u:%g /m/file'
  equal "$output" 3:4
}

@test "idmap: without maps and without a user namespace is an error" {
  source_tree
  bind_source '["bind", "idmap"]'
  fails /mounts/ uidMappings -- run --bundle "$B" "$ID"
  bind_source '["bind", "idmap"]' "$(one_map 0 0 1)" '[]'
  fails uidMappings -- run --bundle "$B" "$ID"
}

@test "idmap: maps without the option count, with a warning" {
  source_tree
  bind_source '["bind"]' "$(one_map 1000 5000 2)" "$(one_map 1000 6000 2)"
  sh_args 'stat -c %u:%g /m/file'
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$output" 5000:6001
}

@test "idmap: a file system that cannot is named" {
  source_tree
  mkdir "$T/src/proc"
  mount -t proc proc "$T/src/proc"
  remember_mounts
  config '.mounts += [{destination: "/m", type: "bind", source: $source, options: ["bind", "idmap"],
    uidMappings: [{containerID: 0, hostID: 1, size: 1}], gidMappings: [{containerID: 0, hostID: 1, size: 1}]}]' --arg source "$T/src/proc"
  fails /mounts/ 'proc file systems do not support it' -- run --bundle "$B" "$ID"
  nothing_left
}

@test "idmap: 340 lines of maps" {
  source_tree
  bind_source '["bind", "idmap"]' "$(jq -n '[range(340) | {containerID: (1000 + . * 2), hostID: (5000 + . * 3), size: 1}]')" \
    "$(jq -n '[range(340) | {containerID: (1001 + . * 2), hostID: (6000 + . * 3), size: 1}]')"
  inside 'stat -c %u:%g /m/file'
  equal "$output" 5000:6000
}
