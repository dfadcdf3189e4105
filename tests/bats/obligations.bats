#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Obligations of runtime-spec (tests/spec-obligations.md) that no other file proves.

load helpers

KINDS=(prestart createRuntime createContainer startContainer poststart poststop)

# delegated USER: the cgroup's owner, and who owns which of its files.
owners() {
  stat -c '%u %n' "$CGROUP_DIR" "$CGROUP_DIR"/* | sed "s,$CGROUP_DIR,.,"
}

# What a file that the host's kernel lists for delegation is, in owners' words.
delegated_files() {
  local name
  while read -r name; do
    [ ! -e "$CGROUP_DIR/$name" ] || echo "./$name"
  done </sys/kernel/cgroup/delegate
}

@test "root: an absolute path is taken as it is, a relative one from the bundle" {
  mv "$B/rootfs" "$T/elsewhere"
  echo elsewhere >"$T/elsewhere/mark"
  config '.root.path = $p' --arg p "$T/elsewhere"
  inside 'cat /mark'
  equal "$output" elsewhere
  mkdir "$B/deep"
  mv "$T/elsewhere" "$B/deep/root"
  config '.root.path = "deep/root"'
  cd /
  inside 'cat /mark'
  equal "$output" elsewhere
}

@test "create: nothing that is written to config.json afterwards has an effect" {
  config '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo first >" + $t + "/stop"]}]' --arg t "$T"
  sh_args 'echo first >/data/out; hostname >>/data/out; sleep 1000'
  ok create --bundle "$B" "$ID"
  sh_args 'echo second >/data/out'
  config '.hostname = "second" | .process.user.uid = 7 | .hooks.poststop[0].args[2] = "echo second >" + $t + "/stop"' --arg t "$T"
  ok start "$ID"
  wait_for grep -q hull "$B/rootfs/data/out"
  equal "$(cat "$B/rootfs/data/out")" $'first\nhull'
  equal "$(stat -c %u "$B/rootfs/data/out")" 0
  ok exec "$ID" id -u
  equal "$output" 0
  ok delete --force "$ID"
  equal "$(cat "$T/stop")" first
}

@test "create: without process there is a container, and start of it is an error without effect" {
  config 'del(.process)'
  ok create --bundle "$B" "$ID"
  equal "$(container_status)" created
  local pid
  pid=$(container_pid)
  fails "$ID" process -- start "$ID"
  equal "$(container_status)" created
  equal "$(container_pid)" "$pid"
  ok delete --force "$ID"
}

@test "create: applies all but the process, which start runs" {
  config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
  sh_args 'echo ran >/data/ran; sleep 1000'
  ok create --bundle "$B" "$ID"
  local pid
  pid=$(container_pid)
  equal "$(nsenter -t "$pid" -u hostname)" hull
  equal "$(nsenter -t "$pid" -n sysctl -n net.ipv4.ip_forward)" 1
  has "$(awk '{print $5}' "/proc/$pid/mountinfo")" /dev/shm /proc/acpi
  equal "$(grep ^0:: "/proc/$pid/cgroup")" "0::$CGROUP"
  [ ! -e "$B/rootfs/data/ran" ]
  ok start "$ID"
  wait_for [ -e "$B/rootfs/data/ran" ]
}

@test "operations: each of them is an error without an id" {
  local verb
  cd "$B"
  for verb in state create start kill delete; do
    try hull "$verb"
    [ "$status" -ne 0 ] || { echo "$verb"; return 1; }
    has "$stderr" "$verb"
  done
  [ -z "$(ls -A "$ROOT" 2>/dev/null)" ]
}

@test "operations: each of them is an error for an id that is nobody's" {
  local verb
  for verb in state start kill delete; do
    fails nobody 'does not exist' -- "$verb" nobody || { echo "$verb"; return 1; }
  done
}

@test "operations: another process of the same user can use each of them" {
  args sleep 1000
  ok create --bundle "$B" "$ID"
  try setsid env HULL_MARK="$MARK" "$HULL" --root "$ROOT" state "$ID"
  equal "$status" 0
  try setsid env HULL_MARK="$MARK" "$HULL" --root "$ROOT" start "$ID"
  equal "$status" 0
  try setsid env HULL_MARK="$MARK" "$HULL" --root "$ROOT" kill "$ID" KILL
  equal "$status" 0
  wait_for has_status stopped
  try setsid env HULL_MARK="$MARK" "$HULL" --root "$ROOT" delete "$ID"
  equal "$status" 0
}

@test "start: of one that runs or has ended has no effect" {
  sh_args 'echo x >>/data/count; while [ ! -e /data/end ]; do sleep 0.05; done'
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for [ -e "$B/rootfs/data/count" ]
  local pid
  pid=$(container_pid)
  fails "$ID" running -- start "$ID"
  equal "$(container_pid) $(container_status)" "$pid running"
  touch "$B/rootfs/data/end"
  wait_for has_status stopped
  fails "$ID" stopped -- start "$ID"
  equal "$(wc -l <"$B/rootfs/data/count")" 1
  equal "$(container_status)" stopped
  ok delete "$ID"
}

@test "delete: of one that runs has no effect, and its id is free afterwards" {
  start_sleeper
  local pid
  pid=$(container_pid)
  fails "$ID" running -- delete "$ID"
  equal "$(container_pid) $(container_status)" "$pid running"
  ok kill "$ID" KILL
  wait_for has_status stopped
  ok delete "$ID"
  args true
  ok run --bundle "$B" "$ID"
}

@test "delete: leaves what the container did not make" {
  mkdir "$T/volume"
  unshare -n sleep 1000 3>&- &
  BACKGROUND+=("$!")
  touch "$T/netns"
  wait_for eval '[ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]'
  mount --bind "/proc/$!/ns/net" "$T/netns"
  config '.mounts += [{destination: "/volume", type: "bind", source: $v, options: ["rbind"]}]
    | (.linux.namespaces[] | select(.type == "network")).path = $n' --arg v "$T/volume" --arg n "$T/netns"
  sh_args 'echo kept >/volume/file'
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for has_status stopped
  ok delete "$ID"
  equal "$(cat "$T/volume/file")" kept
  nsenter --net="$T/netns" true
  [ -d "$B/rootfs/bin" ]
  umount "$T/netns"
}

@test "hooks: each kind runs in the namespaces that it belongs to" {
  local kind type script
  script='for n in mnt net pid ipc uts cgroup; do readlink /proc/self/ns/$n; done'
  for kind in "${KINDS[@]}"; do
    case $kind in
      startContainer) hook "$kind" "($script) >/data/$kind" ;;
      *) hook "$kind" "($script) >$B/rootfs/data/$kind" ;;
    esac
  done
  inside "($script) >/data/container"
  local host container
  host=$(for type in mnt net pid ipc uts cgroup; do readlink "/proc/self/ns/$type"; done)
  container=$(cat "$B/rootfs/data/container")
  for kind in prestart createRuntime poststart poststop; do
    equal "$(cat "$B/rootfs/data/$kind")" "$host" || { echo "$kind"; return 1; }
  done
  for kind in createContainer startContainer; do
    equal "$(cat "$B/rootfs/data/$kind")" "$container" || { echo "$kind"; return 1; }
  done
}

@test "hooks: each path is found in the root that it belongs to" {
  local kind
  printf '#!/bin/sh\necho host >>%s/ran\n' "$T" >"$T/hook"
  printf '#!/bin/sh\necho container >>/data/ran\n' >"$B/rootfs/bin/inside-only"
  chmod 755 "$T/hook" "$B/rootfs/bin/inside-only"
  for kind in prestart createRuntime createContainer poststart poststop; do
    config '.hooks[$k] = [{path: $p}]' --arg k "$kind" --arg p "$T/hook"
  done
  config '.hooks.startContainer = [{path: "/bin/inside-only"}]'
  ok run --bundle "$B" "$ID"
  equal "$(wc -l <"$T/ran")" 5
  equal "$(cat "$B/rootfs/data/ran")" container
  config '.hooks = {startContainer: [{path: $p}]}' --arg p "$T/hook"
  fails startContainer "$T/hook" -- run --bundle "$B" "$ID"
  for kind in prestart createRuntime createContainer; do
    config '.hooks = {($k): [{path: "/bin/inside-only"}]}' --arg k "$kind"
    fails "$kind" /bin/inside-only -- run --bundle "$B" "$ID"
  done
}

@test "hooks: the pid in the state is that of the namespaces that the hook runs in" {
  local kind pid
  for kind in prestart createRuntime createContainer poststart; do
    hook "$kind" "cat >$T/$kind"
  done
  hook startContainer 'cat >/data/startContainer'
  args sleep 1000
  ok create --bundle "$B" "$ID"
  pid=$(container_pid)
  ok start "$ID"
  for kind in prestart createRuntime poststart; do
    equal "$(jq .pid "$T/$kind")" "$pid" || { echo "$kind"; return 1; }
  done
  equal "$(jq .pid "$T/createContainer")" 1
  equal "$(jq .pid "$B/rootfs/data/startContainer")" 1
  ok delete --force "$ID"
  config 'del(.hooks) | .linux.namespaces |= map(select(.type != "pid"))'
  hook createContainer "cat >$T/createContainer"
  ok create --bundle "$B" "$ID"
  equal "$(jq .pid "$T/createContainer")" "$(container_pid)"
}

@test "hooks: those of create find the host's files however many mounts the host has" {
  local i kind
  # Many mounts on the host are what makes hull start from a namespace that has almost none.
  mkdir "$T/many"
  mount -t tmpfs many "$T/many"
  mount --make-private "$T/many"
  for ((i = 0; i < 150; i++)); do
    mkdir "$T/many/$i"
    mount -t tmpfs "many$i" "$T/many/$i"
  done
  echo found >"$T/many/149/file"
  for kind in prestart createRuntime createContainer; do
    hook "$kind" "cat $T/many/149/file >>$T/out"
  done
  try hull run --bundle "$B" "$ID"
  umount -R "$T/many"
  equal "$status" 0
  equal "$(cat "$T/out")" $'found\nfound\nfound'
}

@test "hooks: those of create run when all is mounted and the root is not changed yet" {
  local kind
  for kind in prestart createRuntime; do
    hook "$kind" "p=\$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/'); cat /proc/\$p/mountinfo >$T/$kind; ls /proc/\$p/root$B/config.json >>$T/$kind"
  done
  hook createContainer "cat /proc/self/mountinfo >$T/createContainer; ls $B/config.json >>$T/createContainer"
  ok run --bundle "$B" "$ID"
  for kind in prestart createRuntime createContainer; do
    has "$(cat "$T/$kind")" "$B/rootfs/proc " "$B/rootfs/dev/shm " "$B/rootfs/dev/mqueue " "$B/config.json" || { echo "$kind"; return 1; }
  done
}

@test "hooks: startContainer hooks run at start, before the command" {
  hook startContainer 'echo hook >>/data/order'
  sh_args 'echo command >>/data/order'
  ok create --bundle "$B" "$ID"
  [ ! -e "$B/rootfs/data/order" ]
  ok start "$ID"
  wait_for has_status stopped
  equal "$(cat "$B/rootfs/data/order")" $'hook\ncommand'
}

@test "hooks: the command does not run when a startContainer hook fails" {
  hook startContainer 'exit 1'
  sh_args 'echo ran >/data/ran'
  ok create --bundle "$B" "$ID"
  fails startContainer -- start "$ID"
  nothing_left
  [ ! -e "$B/rootfs/data/ran" ]
}

@test "hooks: poststart hooks run before start returns, and find the command running" {
  hook poststart "sleep 0.3; p=\$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/'); tr '\\0' ' ' </proc/\$p/cmdline >$T/poststart"
  args sleep 1000
  ok create --bundle "$B" "$ID"
  [ ! -e "$T/poststart" ]
  ok start "$ID"
  equal "$(cat "$T/poststart")" 'sleep 1000 '
}

@test "hooks: poststop hooks run when the container is gone, before delete returns" {
  hook poststop "cat >$T/oci.json; ls -d $CGROUP_DIR >$T/cgroup 2>&1; sleep 0.3; echo done >$T/done"
  args true
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for has_status stopped
  [ ! -e "$T/oci.json" ]
  ok delete "$ID"
  equal "$(cat "$T/done")" 'done'
  has "$(cat "$T/cgroup")" 'No such file'
  equal "$(jq -r .status "$T/oci.json")" stopped
}

@test "hooks: a failing poststop hook is logged as a warning" {
  hook poststop 'exit 4'
  args true
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  wait_for has_status stopped
  try hull delete "$ID"
  equal "$status" 0
  jq -es 'any(.level == "warning" and (.msg | contains("poststop")))' "$LOG"
}

@test "cgroupsPath: the same value is the same place, whoever asks from where" {
  start_sleeper
  local first
  first=$(grep ^0:: "/proc/$(container_pid)/cgroup")
  ok delete --force "$ID"
  mkdir "$CG$CGP/own"
  (
    echo "$BASHPID" >"$CG$CGP/own/cgroup.procs"
    cd /
    start_sleeper
  )
  equal "$(grep ^0:: "/proc/$(container_pid)/cgroup")" "$first"
  ok delete --force "$ID"
  rmdir "$CG$CGP/own"
}

# bats test_tags=smoke
@test "cgroup ownership: goes to the user of the process, with those files that the kernel lists" {
  # The rule: a new cgroup namespace and /sys/fs/cgroup mounted without "ro".
  config '.mounts[-1].options -= ["ro"] | .process.user = {uid: 1000, gid: 1000}'
  args sleep 1000
  ok create --bundle "$B" "$ID"
  local owned
  owned=$(owners | sed -n 's/^1000 //p' | sort)
  equal "$owned" "$({ echo .; delegated_files; } | sort)"
  has "$owned" cgroup.procs cgroup.subtree_control cgroup.threads
  hasnt "$owned" cgroup.freeze cgroup.kill
}

@test "cgroup ownership: stays where it is when the mount is read-only, missing, or without a new namespace" {
  local filter
  for filter in '.' '.mounts |= map(select(.type != "cgroup"))' \
    '.mounts[-1].options -= ["ro"] | .linux.namespaces |= map(select(.type != "cgroup"))'; do
    rm -r "$B"
    bundle
    config ".process.user = {uid: 1000, gid: 1000} | $filter"
    args sleep 1000
    ok create --bundle "$B" "$ID"
    equal "$(owners | grep -v '^0 ' || :)" "" || { echo "$filter"; return 1; }
    ok delete --force "$ID"
  done
}

@test "cgroup ownership: without the kernel's list it is the three files of the specification" {
  config '.mounts[-1].options -= ["ro"] | .process.user = {uid: 1000, gid: 1000}'
  args sleep 1000
  try env HULL_MARK="$MARK" TMPDIR="$T/tmp" unshare -m --propagation private sh -c \
    'mount -t tmpfs hidden /sys/kernel/cgroup && exec "$@"' sh "$HULL" --root "$ROOT" create --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(owners | sed -n 's/^1000 //p' | sort | tr '\n' ' ')" '. ./cgroup.procs ./cgroup.subtree_control ./cgroup.threads '
}

# A file of some controller that this host has in cgroup v2, and a value for it.
some_limit() {
  local file
  for file in 'pids.max 1000' 'memory.high 1073741824' 'hugetlb.2MB.max 2097152'; do
    if grep -qw "${file%%.*}" "$CG/cgroup.controllers"; then
      echo "$file"
      return
    fi
  done
  return 1
}

@test "unified: the controller that a file needs is enabled, and the file written whatever it is" {
  local limit
  limit=$(some_limit) || skip "this host has no controller in cgroup v2"
  config '.linux.resources.unified = {"cgroup.max.depth": "3", ($k): $v}' --arg k "${limit% *}" --arg v "${limit#* }"
  args sleep 1000
  ok create --bundle "$B" "$ID"
  equal "$(cat "$CGROUP_DIR/${limit% *}")" "${limit#* }"
  equal "$(cat "$CGROUP_DIR/cgroup.max.depth")" 3
}

@test "unified: a controller that is not there, and a file that is not there, are errors" {
  config '.linux.resources.unified = {"nonsense.max": "1"}'
  fails /linux/resources/unified/nonsense.max nonsense -- create --bundle "$B" "$ID"
  config '.linux.resources.unified = {"cgroup.nonsense": "1"}'
  fails /linux/resources/unified/cgroup.nonsense -- create --bundle "$B" "$ID"
}

@test "default file systems: the template of hull spec has all four" {
  mkdir "$T/new"
  ok spec --bundle "$T/new"
  jq -e '[.mounts[] | "\(.destination) \(.type)"]
    | (["/proc proc", "/sys sysfs", "/dev/pts devpts", "/dev/shm tmpfs"] - .) == []' "$T/new/config.json"
}

@test "annotations: of every name reach state and hooks, and change nothing" {
  # The last one is what stands in the state of hooks until the pid is known.
  config '.annotations = {"org.example.unknown": "", "org.opencontainers.image.architecture": "other", "plain": "ü",
    "pid": "\"pid\":         0"}'
  hook createRuntime "cat >$T/oci.json"
  hook createContainer "cat >$T/container.json"
  args sleep 1000
  ok run --detach --bundle "$B" "$ID"
  jq -es --slurpfile c "$B/config.json" 'length == 2 and all(.annotations == $c[0].annotations)' "$T/oci.json" "$T/container.json"
  ok state "$ID"
  jq -e --slurpfile c "$B/config.json" '.annotations == $c[0].annotations' "$T/stdout"
}

@test "other platforms: their sections are read over, whatever they hold" {
  config '.solaris = {milestone: 3} | .windows = {layerFolders: []} | .vm = {kernel: {}} | .zos = "x" | .freebsd = [1]
    | .process.commandLine = "dir" | .process.user.username = "someone"'
  ok run --bundle "$B" "$ID"
}

@test "affinity: exec without a final list leaves the CPUs that the kernel gives" {
  start_sleeper
  ok exec "$ID" grep Cpus_allowed_list /proc/self/status
  local own=$output
  ok delete --force "$ID"
  config '.process.execCPUAffinity = {initial: "0"}'
  start_sleeper
  ok exec "$ID" grep Cpus_allowed_list /proc/self/status
  equal "$output" "$own"
}

# --- mounts --------------------------------------------------------------------------------------------

# add_mount DESTINATION SOURCE OPTION...
add_mount() {
  config '.mounts += [{destination: $d, type: "bind", source: $s, options: $ARGS.positional}]' \
    --arg d "$1" --arg s "$2" --args -- "${@:3}"
}

# $T/tree is a tmpfs, $T/tree/sub another, both with mount options $1 and propagation $2.
make_tree() {
  mkdir "$T/tree"
  mount -t tmpfs -o "$1" tree "$T/tree"
  mkdir "$T/tree/sub"
  mount -t tmpfs -o "$1" sub "$T/tree/sub"
  mount "--make-$2" "$T/tree"
  mount "--make-$2" "$T/tree/sub"
}

drop_tree() {
  umount -l "$T/tree/sub" "$T/tree"
}

@test "mount options: propagation of one mount and of all below" {
  local option row propagation top below
  make_tree defaults shared
  config '.linux.rootfsPropagation = "slave"'
  # What a mount is by itself, with and without the option; below it, only the recursive ones count.
  local rows=('private:-:master' 'rprivate:-:-' 'slave:master:master' 'rslave:master:master' 'unbindable:unbindable:master'
    'runbindable:unbindable:unbindable' 'shared:shared:master' 'rshared:shared:shared')
  for row in "${rows[@]}"; do
    add_mount "/m/${row%%:*}" "$T/tree" rbind "${row%%:*}"
  done
  try hull run --bundle "$B" "$ID"
  sh_args 'cat /proc/self/mountinfo'
  try hull run --bundle "$B" "$ID"
  drop_tree
  equal "$status" 0
  for row in "${rows[@]}"; do
    IFS=: read -r option top below <<<"$row"
    propagation=$(mount_line "/m/$option" | cut -d'|' -f2)
    case $top in
      -) equal "$propagation" "" ;;
      *) has "$propagation" "$top" ;;
    esac || { echo "$option: $propagation"; return 1; }
    propagation=$(mount_line "/m/$option/sub" | cut -d'|' -f2)
    case $below in
      -) equal "$propagation" "" ;;
      *) has "$propagation" "$below" ;;
    esac || { echo "$option, below: $propagation"; return 1; }
  done
}

@test "mount options: what takes back an access time or symlink setting" {
  local option
  make_tree strictatime,nosymfollow private
  for option in relatime norelatime strictatime nostrictatime noatime symfollow rrelatime rnorelatime rstrictatime rnostrictatime rsymfollow; do
    add_mount "/m/$option" "$T/tree" rbind "$option"
  done
  inside 'cat /proc/self/mountinfo'
  drop_tree
  local flags
  for option in relatime nostrictatime rrelatime rnostrictatime; do
    flags=$(mount_line "/m/$option" | cut -d'|' -f1)
    listed "$flags" relatime || { echo "$option: $flags"; return 1; }
  done
  # Without relatime there is the kernel's own default, or what was there: never noatime.
  for option in norelatime strictatime rnorelatime rstrictatime; do
    flags=$(mount_line "/m/$option" | cut -d'|' -f1)
    unlisted "$flags" relatime || { echo "$option: $flags"; return 1; }
    unlisted "$flags" noatime || { echo "$option: $flags"; return 1; }
  done
  for option in rrelatime rnostrictatime; do
    listed "$(mount_line "/m/$option/sub" | cut -d'|' -f1)" relatime || { echo "$option, below"; return 1; }
  done
  for option in relatime nostrictatime rnorelatime rstrictatime; do
    unlisted "$(mount_line "/m/$option/sub" | cut -d'|' -f1)" relatime || { echo "$option, below"; return 1; }
  done
  for option in symfollow rsymfollow; do
    unlisted "$(mount_line "/m/$option" | cut -d'|' -f1)" nosymfollow || { echo "$option"; return 1; }
  done
  unlisted "$(mount_line /m/rsymfollow/sub | cut -d'|' -f1)" nosymfollow
  listed "$(mount_line /m/symfollow/sub | cut -d'|' -f1)" nosymfollow
  make_noatime
  for option in atime ratime; do
    unlisted "$(mount_line "/m/$option" | cut -d'|' -f1)" noatime || { echo "$option"; return 1; }
  done
  unlisted "$(mount_line /m/ratime/sub | cut -d'|' -f1)" noatime
  listed "$(mount_line /m/atime/sub | cut -d'|' -f1)" noatime
}

# The same for what takes back noatime.
make_noatime() {
  rm -r "$B" "$T/tree"
  bundle
  make_tree noatime private
  add_mount /m/atime "$T/tree" rbind atime
  add_mount /m/ratime "$T/tree" rbind ratime
  inside 'cat /proc/self/mountinfo'
  drop_tree
}

@test "mount options: those without a trace are taken and change nothing" {
  local option
  config '.mounts += [{destination: "/m/none", type: "tmpfs", source: "tmpfs"}]'
  for option in defaults loud silent iversion noiversion; do
    config '.mounts += [{destination: "/m/\($o)", type: "tmpfs", source: "tmpfs", options: [$o]}]' --arg o "$option"
  done
  inside 'cat /proc/self/mountinfo'
  [ -n "$(mount_line /m/none)" ]
  for option in defaults loud silent iversion noiversion; do
    equal "$(mount_line "/m/$option")" "$(mount_line /m/none)" || { echo "$option"; return 1; }
  done
}

@test "idmap: one of the two maps alone is an error" {
  local key
  mkdir "$T/src"
  for key in uidMappings gidMappings; do
    rm -r "$B"
    bundle
    add_mount /m "$T/src" bind idmap
    config '.mounts[-1][$k] = [{containerID: 0, hostID: 1000, size: 1}]' --arg k "$key"
    fails /mounts/7 Mappings -- create --bundle "$B" "$ID" || { echo "$key"; return 1; }
  done
}

@test "idmap: ridmap without maps takes those of the container, and needs a user namespace" {
  printf '%s\n' 6.3 "$(uname -r)" | sort -V -C || skip "tmpfs can be id-mapped since Linux 6.3"
  make_tree mode=755 private
  touch "$T/tree/file" "$T/tree/sub/file"
  chown 5:6 "$T/tree/file" "$T/tree/sub/file"
  add_mount /m "$T/tree" rbind ridmap
  try hull run --bundle "$B" "$ID"
  [ "$status" -ne 0 ] || drop_tree
  failed /mounts/7
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 100000:100000 "$B/rootfs"
  sh_args 'stat -c %u:%g /m/file /m/sub/file'
  try hull run --bundle "$B" "$ID"
  drop_tree
  equal "$status $output" $'0 5:6\n5:6'
}

# --- process -------------------------------------------------------------------------------------------

@test "user: uid and gid that are left out are 0" {
  config 'del(.process.user)'
  inside 'id -u; id -g'
  equal "$output" $'0\n0'
  config '.process.user = {}'
  inside 'id -u; id -g'
  equal "$output" $'0\n0'
}

@test "capabilities: what is unknown or cannot be granted is logged, and the rest granted" {
  config '.process.capabilities[] += ["CAP_NO_SUCH"]'
  args grep CapEff /proc/self/status
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  jq -es 'any(.level == "warning" and (.msg | contains("CAP_NO_SUCH")))' "$LOG"
  # CAP_KILL, CAP_NET_BIND_SERVICE and CAP_AUDIT_WRITE, as before
  equal "${output##*	}" 0000000020000420
  config '.process.capabilities[] += ["CAP_SYS_TIME"]'
  try env HULL_MARK="$MARK" TMPDIR="$T/tmp" capsh --drop=cap_sys_time -- -c 'exec "$@"' sh \
    "$HULL" --root "$ROOT" --log "$LOG" --log-format json run --bundle "$B" "$ID"
  equal "$status" 0
  jq -es 'any(.level == "warning" and (.msg | contains("CAP_SYS_TIME")))' "$LOG"
  equal "${output##*	}" 0000000020000420
}

@test "seccomp: a listener that no rule needs is not looked for, metadata without a listener are refused" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/such/socket"}'
  ok run --bundle "$B" "$ID"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"}'
  fails /linux/seccomp/listenerMetadata listenerPath -- create --bundle "$B" "$ID"
}

@test "terminal: /dev/console is the pty of the container" {
  config '.process.terminal = true'
  sh_args 'stat -c "%t:%T" /dev/console "$(tty)"; grep " /dev/console " /proc/self/mountinfo | cut -d" " -f4'
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  output=$(tr -d '\r' <<<"$output")
  equal "$(sed -n 1p <<<"$output")" 88:0
  equal "$(sed -n 2p <<<"$output")" 88:0
  has "$(sed -n 3p <<<"$output")" /0
}

# --- features ------------------------------------------------------------------------------------------

@test "features: both versions that it names are taken" {
  local version
  hull features >"$T/features"
  for version in $(jq -r '.ociVersionMin, .ociVersionMax' "$T/features"); do
    config '.ociVersion = $v' --arg v "$version"
    ok run --bundle "$B" "$ID"
  done
  jq -e '[.ociVersionMin, .ociVersionMax] | map(split(".") | map(tonumber)) | .[0] <= .[1]' "$T/features"
}

@test "features: each hook, namespace, capability and seccomp word that it names is taken" {
  hull features >"$T/features"
  config --slurpfile f "$T/features" '$f[0] as $f
    | .hooks = ($f.hooks | map({key: ., value: [{path: "/bin/true"}]}) | from_entries)
    | .linux.namespaces = ($f.linux.namespaces | map({type: .}))
    | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
    | .process.capabilities = ({bounding: $f.linux.capabilities, permitted: $f.linux.capabilities, effective: $f.linux.capabilities})
    | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: $f.linux.seccomp.archs, flags: $f.linux.seccomp.knownFlags,
        syscalls: ([$f.linux.seccomp.actions[] | select(. != "SCMP_ACT_NOTIFY") | {names: ["sync"], action: .}]
          + [$f.linux.seccomp.operators[] | {names: ["getcwd"], action: "SCMP_ACT_LOG", args: [{index: 0, value: 1, op: .}]}])}'
  [ "$(jq '.process.capabilities.bounding | length' "$B/config.json")" -ge 40 ]
  ok validate --bundle "$B"
  equal "$output$stderr" "" || has "$output" valid
  # The rows are looked up for real: one wrong word in each list is found.
  local filter
  for filter in '.linux.namespaces[0].type = "x"' '.linux.seccomp.architectures[0] = "x"' '.linux.seccomp.flags = ["x"]' \
    '.linux.seccomp.syscalls[0].action = "x"' '.linux.seccomp.syscalls[-1].args[0].op = "x"'; do
    jq "$filter" "$B/config.json" >"$T/wrong.json"
    try hull validate --bundle "$B" --config "$T/wrong.json"
    [ "$status" -ne 0 ] || { echo "$filter"; return 1; }
  done
}

@test "features: the seccomp flags that it supports are those the kernel takes" {
  hull features >"$T/features"
  config --slurpfile f "$T/features" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: $f[0].linux.seccomp.supportedFlags,
    syscalls: [{names: ["sync"], action: "SCMP_ACT_LOG"}]}'
  ok run --bundle "$B" "$ID"
}

@test "features: each mount option that it names is taken, and none is an option of a file system" {
  mkdir "$T/src"
  hull features >"$T/features"
  config --slurpfile f "$T/features" --arg src "$T/src" '
    .linux.namespaces += [{type: "user"}]
    | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
    | .mounts += [$f[0].mountOptions[] | if . == "tmpcopyup" then {destination: "/m/\(.)", type: "tmpfs", source: "x", options: [.]}
        elif . == "tmpupper" then {destination: "/m/\(.)", type: "overlay", source: "x", options: [.]}
        elif . == "remount" then {destination: "/dev/shm", type: "tmpfs", source: "x", options: [.]}
        else {destination: "/m/\(.)", type: "bind", source: $src, options: ["rbind", .]} end]'
  ok plan --bundle "$B"
  # An option that went to the file system as data would be an error with a bind mount.
  jq -e '.mountOptions | length >= 60 and all(test("^(size|mode|uid|gid|data|newinstance)") | not)' "$T/features"
}

@test "features: each memory policy that it names is taken" {
  local word
  hull features >"$T/features"
  for word in $(jq -r '.linux.memoryPolicy.modes[]?' "$T/features"); do
    config '.linux.memoryPolicy = {mode: $w} + if ["MPOL_DEFAULT", "MPOL_LOCAL"] | index($w) then {} else {nodes: "0"} end' --arg w "$word"
    ok validate --bundle "$B"
  done
  for word in $(jq -r '.linux.memoryPolicy.flags[]?' "$T/features"); do
    config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$w]}' --arg w "$word"
    ok validate --bundle "$B"
  done
}

@test "features: says that mounts may have mappings" {
  hull features >"$T/features"
  jq -e '.linux.mountExtensions.idmap.enabled and (["idmap", "ridmap"] - .mountOptions) == []' "$T/features"
}

# document NAME FILE: what FILE has beyond the properties of tests/spec/NAME.txt, of another type, or lacks.
document() {
  jq -r --rawfile list "$TOP/tests/spec/$1.txt" '
    def words: [$list | split("\n")[] | select(. != "" and (startswith("#") | not)) | split(" ")];
    def pattern: gsub("\\*"; "[^/]*") | "^\(.)$";
    def kind: {"object": "object", "array": "array", "string": "string", "boolean": "boolean", "number": "integer"}[type];
    . as $document | words as $words
    | ([paths] | map(. as $path | ($document | getpath($path) | kind) as $kind
        | ($path | map("/\(.)") | add) as $pointer
        | [$words[] | select(.[0] as $p | $pointer | test($p | pattern))] as $rows
        | if $rows == [] then "\($pointer) is not defined"
          elif all($rows[]; .[1] != $kind) then "\($pointer) is of type \($kind)" else empty end))
      + [$words[] | select(index("required")) | .[0] as $p | select($p | contains("*") | not)
        | select([$document | paths | map("/\(.)") | add] | index($p) | not)
        | select(($p | split("/")[0:-1] | join("/")) as $parent
          | $parent == "" or ([$document | paths | map("/\(.)") | add] | index($parent)))
        | "\($p) is missing"]
    | .[]' "$2"
}

@test "features: has no property that runtime-spec does not define, and all that it requires" {
  hull features >"$T/features"
  equal "$(document features "$T/features")" ""
  jq '.more = 1 | .linux.seccomp.enabled = "yes" | del(.ociVersionMin)' "$T/features" >"$T/wrong"
  mv "$T/wrong" "$T/features"
  equal "$(document features "$T/features" | sort)" "$(printf '%s\n' '/linux/seccomp/enabled is of type string' '/more is not defined' '/ociVersionMin is missing')"
}

@test "state: has what the schema of runtime-spec requires, in every status" {
  args sleep 1000
  config '.annotations = {a: "b"}'
  ok create --bundle "$B" "$ID"
  hull state "$ID" >"$T/oci.json"
  # More properties are allowed: those of runc that callers read.
  equal "$(document state "$T/oci.json" | grep -v 'is not defined')" ""
  jq -e '.status == "created" and .pid > 0' "$T/oci.json"
  ok start "$ID"
  hull state "$ID" >"$T/oci.json"
  equal "$(document state "$T/oci.json" | grep -v 'is not defined')" ""
  jq -e '.status == "running" and .pid > 0' "$T/oci.json"
  ok kill "$ID" KILL
  wait_for has_status stopped
  hull state "$ID" >"$T/oci.json"
  equal "$(document state "$T/oci.json" | grep -v 'is not defined')" ""
  jq 'del(.bundle)' "$T/oci.json" >"$T/wrong"
  mv "$T/wrong" "$T/oci.json"
  has "$(document state "$T/oci.json")" '/bundle is missing'
}
