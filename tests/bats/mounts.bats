#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The mounts of config.json, looked at in /proc/self/mountinfo from inside.

load helpers

# add_mount DESTINATION TYPE SOURCE [OPTION...]
add_mount() {
  config '.mounts += [{destination: $d, type: $t, source: $s, options: $ARGS.positional}]' \
    --arg d "$1" --arg t "$2" --arg s "$3" --args -- "${@:4}"
}

# A directory with a mount in it: $T/tree is a tmpfs, $T/tree/sub another.
make_tree() {
  mkdir "$T/tree"
  mount -t tmpfs -o mode=755 tree "$T/tree"
  mount --make-private "$T/tree"
  mkdir "$T/tree/sub"
  mount -t tmpfs -o "${1:-defaults}" sub "$T/tree/sub"
}

drop_tree() {
  umount -l "$T/tree/sub" "$T/tree"
}

@test "mounts: each flag does what it says" {
  local option want field
  local rows=(
    'ro:ro' 'rw:rw' 'nosuid:nosuid' 'suid:!nosuid' 'nodev:nodev' 'dev:!nodev' 'noexec:noexec' 'exec:!noexec'
    'noatime:noatime' 'atime:!noatime' 'relatime:relatime' 'norelatime:' 'strictatime:!relatime' 'nostrictatime:'
    'nodiratime:nodiratime' 'diratime:!nodiratime' 'nosymfollow:nosymfollow' 'symfollow:!nosymfollow'
    'sync:sync' 'async:!sync' 'dirsync:dirsync' 'lazytime:lazytime' 'nolazytime:!lazytime'
    'defaults:' 'silent:' 'loud:' 'iversion:' 'noiversion:' 'mand:' 'nomand:'
  )
  for want in "${rows[@]}"; do
    option=${want%%:*}
    add_mount "/m/$option" tmpfs tmpfs "$option"
  done
  inside 'cat /proc/self/mountinfo'
  for want in "${rows[@]}"; do
    option=${want%%:*}
    want=${want#*:}
    field=$(mount_line "/m/$option")
    [ -n "$field" ] || { echo "no mount for $option"; return 1; }
    field=${field%%|*},${field##*|}
    case $want in
      '') ;;
      !*) unlisted "$field" "${want#!}" || { echo "$option: $field"; return 1; } ;;
      *) listed "$field" "$want" || { echo "$option: $field"; return 1; } ;;
    esac
  done
}

@test "mounts: of two opposite flags the last one counts" {
  add_mount /m/a tmpfs tmpfs ro rw
  add_mount /m/b tmpfs tmpfs nosuid suid nosuid
  add_mount /m/c tmpfs tmpfs noatime strictatime
  inside 'cat /proc/self/mountinfo'
  listed "$(mount_line /m/a | cut -d'|' -f1)" rw
  listed "$(mount_line /m/b | cut -d'|' -f1)" nosuid
  unlisted "$(mount_line /m/c | cut -d'|' -f1)" noatime
}

@test "mounts: bind mounts take the flags too" {
  local option
  mkdir "$T/src"
  for option in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
    add_mount "/m/$option" bind "$T/src" bind "$option"
  done
  inside 'cat /proc/self/mountinfo; touch /m/ro/x 2>&1; touch /m/nosuid/y'
  for option in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
    listed "$(mount_line "/m/$option" | cut -d'|' -f1)" "$option" || { echo "$option"; return 1; }
  done
  has "$output" 'Read-only file system'
  [ -e "$T/src/y" ]
  [ ! -e "$T/src/x" ]
}

@test "mounts: a bind keeps what the source's mount has and the options do not change" {
  mkdir "$T/src"
  mount -t tmpfs -o nosuid,nodev,noexec src "$T/src"
  add_mount /m/kept bind "$T/src" bind
  add_mount /m/cleared bind "$T/src" bind exec suid
  inside 'cat /proc/self/mountinfo'
  umount -l "$T/src"
  unlisted "$(mount_line /m/cleared | cut -d'|' -f1)" noexec
  listed "$(mount_line /m/kept | cut -d'|' -f1)" noexec
}

@test "mounts: propagation options" {
  local row
  for row in private:- rprivate:- shared:shared: rshared:shared: slave:- rslave:- unbindable:unbindable runbindable:unbindable; do
    add_mount "/m/${row%%:*}" tmpfs tmpfs "${row%%:*}"
  done
  inside 'cat /proc/self/mountinfo'
  for row in private:- rprivate:- shared:shared: rshared:shared: slave:- rslave:- unbindable:unbindable runbindable:unbindable; do
    case ${row#*:} in
      -) equal "$(mount_line "/m/${row%%:*}" | cut -d'|' -f2)" "" ;;
      *) has "$(mount_line "/m/${row%%:*}" | cut -d'|' -f2)" "${row#*:}" ;;
    esac
  done
}

@test "mounts: a slave bind of a shared mount sees later mounts of the host, a private one does not" {
  mkdir "$T/shared"
  mount -t tmpfs shared "$T/shared"
  mount --make-shared "$T/shared"
  mkdir "$T/shared/late"
  add_mount /slave bind "$T/shared" rbind rslave
  add_mount /private bind "$T/shared" rbind rprivate
  config '.linux.rootfsPropagation = "rslave"'
  start_sleeper
  mount -t tmpfs late "$T/shared/late"
  echo late >"$T/shared/late/file"
  try hull exec "$ID" cat /slave/late/file
  local seen=$output
  try hull exec "$ID" ls /private/late
  umount -l "$T/shared/late"
  umount -l "$T/shared"
  equal "$seen" late
  equal "$output" ""
}

@test "mounts: a shared bind carries mounts of the container back to the host" {
  mkdir "$T/shared"
  mount -t tmpfs shared "$T/shared"
  mount --make-shared "$T/shared"
  mkdir "$T/shared/inner"
  add_mount /shared bind "$T/shared" rbind rshared
  config '.linux.rootfsPropagation = "rshared" | .process.capabilities[] += ["CAP_SYS_ADMIN"]'
  sh_args 'mount -t tmpfs inner /shared/inner && echo x >/shared/inner/file; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$T/shared/inner/file" ] || { umount -R -l "$T/shared"; return 1; }
  umount -l "$T/shared/inner"
  umount -l "$T/shared"
}

@test "mounts: recursive flags reach the submount, plain ones do not" {
  local row option want
  make_tree
  local rows=(rro:ro rnosuid:nosuid rnodev:nodev rnoexec:noexec rnodiratime:nodiratime rnoatime:noatime rnosymfollow:nosymfollow)
  for row in "${rows[@]}"; do
    add_mount "/m/${row%%:*}" bind "$T/tree" rbind "${row%%:*}"
  done
  add_mount /m/plain bind "$T/tree" rbind ro
  inside 'cat /proc/self/mountinfo'
  drop_tree
  for row in "${rows[@]}"; do
    option=${row%%:*} want=${row#*:}
    listed "$(mount_line "/m/$option" | cut -d'|' -f1)" "$want" || { echo "$option: upper"; return 1; }
    listed "$(mount_line "/m/$option/sub" | cut -d'|' -f1)" "$want" || { echo "$option: submount"; return 1; }
  done
  listed "$(mount_line /m/plain | cut -d'|' -f1)" ro
  listed "$(mount_line /m/plain/sub | cut -d'|' -f1)" rw
}

@test "mounts: recursive clearing options reach the submount" {
  local row option
  make_tree nosuid,nodev,noexec,ro,noatime,nodiratime
  local rows=(rrw:ro rsuid:nosuid rdev:nodev rexec:noexec rdiratime:nodiratime ratime:noatime rstrictatime:noatime rrelatime:noatime)
  for row in "${rows[@]}" rnorelatime: rnostrictatime: rsymfollow:; do
    add_mount "/m/${row%%:*}" bind "$T/tree" rbind "${row%%:*}"
  done
  inside 'cat /proc/self/mountinfo'
  drop_tree
  for row in "${rows[@]}"; do
    option=${row%%:*}
    unlisted "$(mount_line "/m/$option/sub" | cut -d'|' -f1)" "${row#*:}" || { echo "$option"; return 1; }
  done
  listed "$(mount_line /m/rrelatime/sub | cut -d'|' -f1)" relatime
  unlisted "$(mount_line /m/rstrictatime/sub | cut -d'|' -f1)" relatime
}

@test "mounts: rbind brings submounts, bind does not" {
  make_tree
  touch "$T/tree/sub/file"
  add_mount /with bind "$T/tree" rbind
  add_mount /without bind "$T/tree" bind
  inside 'ls /with/sub; echo --; ls /without/sub'
  drop_tree
  equal "$output" $'file\n--'
}

@test "mounts: in the listed order, a later one covers an earlier one" {
  add_mount /a tmpfs tmpfs mode=755
  mkdir -p "$T/src"
  echo file >"$T/src/file"
  add_mount /a/b bind "$T/src" rbind
  add_mount /c/d bind "$T/src" rbind
  add_mount /c tmpfs tmpfs
  inside 'cat /a/b/file; ls /c'
  equal "$output" file
}

@test "mounts: a destination is made, a file for a file and a directory for a directory" {
  echo text >"$T/file"
  mkdir "$T/dir"
  add_mount /new/deep/file bind "$T/file" bind
  add_mount /new/deep/dir bind "$T/dir" rbind
  inside 'cat /new/deep/file; test -d /new/deep/dir && echo dir'
  equal "$output" $'text\ndir'
  [ -f "$B/rootfs/new/deep/file" ]
  [ ! -s "$B/rootfs/new/deep/file" ]
}

@test "mounts: a destination through a symlink stays in the root file system" {
  mkdir -p "$B/rootfs/real" "$T/host/real"
  ln -s /real "$B/rootfs/link"
  ln -s ../../../../../../../../../../../../real "$B/rootfs/up"
  add_mount /link/a tmpfs tmpfs
  add_mount /up/b tmpfs tmpfs
  inside 'cat /proc/self/mountinfo'
  [ -n "$(mount_line /real/a)" ]
  [ -n "$(mount_line /real/b)" ]
}

@test "mounts: a relative source is relative to the bundle" {
  mkdir "$B/files"
  echo bundled >"$B/files/x"
  add_mount /x bind files/x bind
  cd /
  inside 'cat /x'
  equal "$output" bundled
}

@test "mounts: a relative destination is taken from /, with a warning" {
  add_mount relative tmpfs tmpfs mode=700
  sh_args 'cat /proc/self/mountinfo'
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  [ -n "$(mount_line /relative)" ]
  jq -es 'any(.level == "warning" and (.msg | contains("/mounts/7/destination")))' "$LOG"
}

@test "mounts: a source that is missing is an error with the pointer, the path and the cause" {
  add_mount /m bind "$T/nothing" bind
  fails /mounts/7 "$T/nothing" 'No such file or directory' -- create --bundle "$B" "$ID"
}

@test "mounts: an unknown option is an error with its pointer and what was meant" {
  mkdir "$T/src"
  add_mount /m bind "$T/src" rbind nosiud
  fails /mounts/7/options/1 nosiud nosuid -- create --bundle "$B" "$ID"
}

@test "mounts: an option that the file system does not know is named" {
  add_mount /m tmpfs tmpfs ro bogus=1
  fails /mounts/7 bogus -- create --bundle "$B" "$ID"
}

@test "mounts: an unknown file system type is named" {
  add_mount /m nosuchfs none
  fails /mounts/7 nosuchfs -- create --bundle "$B" "$ID"
}

@test "mounts: data goes to the file system" {
  add_mount /m tmpfs tmpfs size=1m mode=1751 uid=7 gid=8
  inside 'cat /proc/self/mountinfo; stat -c "%a %u %g" /m'
  listed "$(mount_line /m | cut -d'|' -f4)" size=1024k
  has "$output" '1751 7 8'
}

@test "mounts: a tmpfs without mode keeps the mode of the directory it covers" {
  mkdir "$B/rootfs/sticky" "$B/rootfs/closed"
  chmod 1777 "$B/rootfs/sticky"
  chmod 710 "$B/rootfs/closed"
  add_mount /sticky tmpfs tmpfs
  add_mount /closed tmpfs tmpfs
  inside 'stat -c %a /sticky /closed'
  equal "$output" $'1777\n710'
}

@test "mounts: tmpcopyup copies the directory with modes, owners, links and nodes" {
  local d=$B/rootfs/copy
  mkdir -p "$d/dir/deep"
  echo text >"$d/file"
  echo deep >"$d/dir/deep/file"
  chown 12:34 "$d/file"
  chmod 4755 "$d/file"
  chmod 750 "$d/dir"
  ln -s ../nowhere "$d/link"
  ln "$d/file" "$d/hard"
  mkfifo "$d/fifo"
  touch -d '2001-02-03 04:05:06' "$d/file"
  add_mount /copy tmpfs tmpfs tmpcopyup mode=1777
  inside 'cat /copy/file /copy/dir/deep/file; stat -c "%a %u:%g" /copy/file; stat -c %a /copy/dir; readlink /copy/link
    test -p /copy/fifo && echo fifo; stat -c %a /copy; echo new >/copy/new; stat -f -c %T /copy'
  has "$output" $'text\ndeep\n4755 12:34\n750\n../nowhere\nfifo\n1777' tmpfs
  [ ! -e "$d/new" ]
}

@test "mounts: tmpcopyup follows no symlink out of the root file system" {
  mkdir -p "$T/host"
  echo treasure >"$T/host/file"
  ln -s "$T/host" "$B/rootfs/out"
  add_mount /out tmpfs tmpfs tmpcopyup
  sh_args 'ls -a /out /out/; cat /out/file'
  try hull run --bundle "$B" "$ID"
  hasnt "$output" treasure
}

@test "mounts: a read-only root is read-only, and mounts below it are not" {
  config '.root.readonly = true'
  add_mount /data tmpfs tmpfs
  inside 'touch /x 2>&1; touch /data/x && echo writable; grep " / / " /proc/self/mountinfo | cut -d" " -f6; grep " / " /proc/self/mountinfo | head -n1'
  has "$output" 'Read-only file system' writable
}

@test "mounts: the root propagation of config.json is what the root has" {
  local row
  for row in private: slave: shared:shared: unbindable:unbindable; do
    config '.linux.rootfsPropagation = $p' --arg p "${row%%:*}"
    inside 'cat /proc/self/mountinfo'
    case ${row#*:} in
      '') hasnt "$(mount_line / | cut -d'|' -f2)" shared ;;
      *) has "$(mount_line / | cut -d'|' -f2)" "${row#*:}" ;;
    esac
  done
}

@test "mounts: nothing of the host's mounts is left inside" {
  inside 'cut -d" " -f5 /proc/self/mountinfo | sort'
  local path
  for path in $output; do
    case $path in
      / | /proc | /proc/* | /dev | /dev/* | /sys | /sys/*) ;;
      *) echo "unexpected: $path"; return 1 ;;
    esac
  done
}

@test "mounts: proc is of the new pid namespace, mqueue and shm and pts are there" {
  inside 'ls /proc | grep -c "^[0-9]"; echo $$; stat -f -c %T /dev/shm; stat -c %a /dev/shm; cat /proc/self/mountinfo; exec 5<>/dev/ptmx && ls /dev/pts'
  has "$output" tmpfs 1777 '/dev/mqueue' '/dev/pts'
  [ "$(head -n1 <<<"$output")" -le 6 ]
  [ "$(mount_line /dev/pts | cut -d'|' -f3)" = devpts ]
  [ "$(mount_line /dev/mqueue | cut -d'|' -f3)" = mqueue ]
}

# bats test_tags=smoke
@test "mounts: the cgroup mount shows the container's own cgroup as its root" {
  inside 'cat /sys/fs/cgroup/cgroup.procs | head -n1; cat /proc/self/mountinfo; mkdir /sys/fs/cgroup/x 2>&1'
  equal "$(head -n1 <<<"$output")" 1
  equal "$(mount_line /sys/fs/cgroup | cut -d'|' -f3)" cgroup2
  has "$output" 'Read-only file system'
}

@test "mounts: without a cgroup namespace only the container's own cgroup is shown" {
  # docker without a cgroup namespace: the mount must not be writable and must not be the host's whole tree
  config '.linux.namespaces |= map(select(.type != "cgroup"))'
  inside 'cat /proc/self/cgroup; cat /sys/fs/cgroup/cgroup.procs | head -n1; ls -d /sys/fs/cgroup/'"$RUN"' 2>&1; mkdir /sys/fs/cgroup/x 2>&1'
  has "$output" "$CGROUP" 'Read-only file system'
}

@test "mounts: remount of an earlier mount changes its flags" {
  add_mount /m tmpfs tmpfs rw
  add_mount /m tmpfs tmpfs remount ro
  inside 'cat /proc/self/mountinfo; touch /m/x 2>&1'
  has "$output" 'Read-only file system'
}

@test "mounts: a hundred binds are all there" {
  mkdir "$T/src"
  config '.mounts += [range(100) | {destination: "/many/\(.)", type: "bind", source: $src, options: ["rbind", "ro"]}]' --arg src "$T/src"
  inside 'grep -c " /many/" /proc/self/mountinfo'
  equal "$output" 100
}

@test "mounts: --no-pivot gives the same root without pivot_root" {
  inside 'ls /; echo pid $$; grep -c . /proc/self/mountinfo' --no-pivot
  has "$output" bin proc 'pid 1'
  hasnt "$output" "${T#/tmp/}"
}

@test "mounts: a destination over a file in the way is an error that names it" {
  echo x >"$B/rootfs/file"
  add_mount /file/below tmpfs tmpfs
  fails /mounts/7 /file/below -- create --bundle "$B" "$ID"
}

@test "mounts: source and destination with spaces, quotes and utf-8 work" {
  mkdir "$T/a b'c\"é"
  echo odd >"$T/a b'c\"é/x"
  add_mount "/o d'd\"é" bind "$T/a b'c\"é" rbind ro
  inside 'cat /o*/x'
  equal "$output" odd
}

@test "mounts: copy-symlink makes the link again, and mounts what is no link" {
  mkdir -p "$T/src" "$B/rootfs/real"
  ln -s ../over/there "$T/link"
  ln -s ../over/there "$B/rootfs/same"
  ln -s nowhere "$B/rootfs/dangling"
  echo mine >"$T/src/file"
  add_mount /real/new bind "$T/link" bind ro copy-symlink
  add_mount /same bind "$T/link" bind copy-symlink
  add_mount /dangling/deep/link bind "$T/link" bind copy-symlink
  add_mount /file bind "$T/src/file" bind copy-symlink
  inside 'for link in /real/new /same /nowhere/deep/link; do readlink $link; done; cat /file; grep -c "/real/new\|/same" /proc/self/mountinfo'
  equal "$output" $'../over/there\n../over/there\n../over/there\nmine\n0'
  [ -L "$B/rootfs/real/new" ]
}

@test "mounts: copy-symlink overwrites nothing and leaves the root by no link" {
  mkdir "$T/outside"
  ln -s /a/b "$T/link"
  ln -s /a/c "$B/rootfs/other"
  echo here >"$B/rootfs/file"
  ln -s "$T/outside" "$B/rootfs/out"
  add_mount /other bind "$T/link" bind copy-symlink
  fails /mounts/ "'/a/b'" "there is one to '/a/c'" -- run --bundle "$B" "$ID"
  config 'del(.mounts[-1])'
  add_mount /file bind "$T/link" bind copy-symlink
  fails /mounts/ "'/a/b'" 'File exists' -- run --bundle "$B" "$ID"
  equal "$(cat "$B/rootfs/file")" here
  config 'del(.mounts[-1])'
  add_mount /out/x bind "$T/link" bind copy-symlink
  inside "readlink '$T/outside/x'"
  equal "$output" /a/b
  equal "$(find "$T/outside" | wc -l)" 1
}

@test "mounts: src-nofollow mounts the link itself, and dest-nofollow mounts on it" {
  mkdir "$T/dir"
  echo theirs >"$T/file"
  ln -s /etc/elsewhere "$T/link"
  echo victim >"$B/rootfs/victim"
  ln -s victim "$B/rootfs/to-file"
  add_mount /on-file bind "$T/link" bind src-nofollow
  add_mount /to-file bind "$T/file" bind dest-nofollow
  add_mount /made/dir bind "$T/dir" bind dest-nofollow
  add_mount /made/file bind "$T/file" bind dest-nofollow
  inside 'readlink /on-file; cat /victim; cat /to-file /made/file; [ -d /made/dir ] && echo dir; grep -c " /to-file " /proc/self/mountinfo'
  equal "$output" $'/etc/elsewhere\nvictim\ntheirs\ntheirs\ndir\n1'
  # Without it the same lands on the file that the link names.
  config '(.mounts[] | select(.destination == "/to-file")).options -= ["dest-nofollow"]'
  inside 'cat /victim; grep -c " /victim " /proc/self/mountinfo'
  equal "$output" $'theirs\n1'
}

@test "mounts: what the options about links can't do is said" {
  mkdir "$T/dir"
  ln -s /dir "$B/rootfs/link"
  add_mount /link bind "$T/dir" bind dest-nofollow
  fails /mounts/ 'symbolic link' -- run --bundle "$B" "$ID"
  config 'del(.mounts[-1])'
  add_mount /link tmpfs tmpfs dest-nofollow
  fails /mounts/ 'symbolic link' -- run --bundle "$B" "$ID"
  config 'del(.mounts[-1])'
  add_mount /dir tmpfs tmpfs copy-symlink
  add_mount /dir2 tmpfs tmpfs src-nofollow
  fails /options/0 copy-symlink src-nofollow 'bind mounts only' -- run --bundle "$B" "$ID"
}
