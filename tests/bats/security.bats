#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# One test for each known flaw of container runtimes that touches what hull does, tried on harmless canaries.
# "Fails on" names the released runtimes of Debian 12 (runc 1.1.5, crun 1.8.1) on which the test was seen to
# fail, so that it is known to bite.

load helpers

# A directory of the host that no container has business in, and what must still be true of it.
canary() {
  mkdir -p "$T/canary/sub"
  echo canary >"$T/canary/file"
  : >"$T/canary/sub/empty"
  chmod -R go+rX "$T/canary"
  fingerprint >"$T/canary.before"
}

fingerprint() {
  find "$T/canary" -printf '%P %y %m %U:%G %s %i\n' | sort
  sha256sum "$T/canary/file"
}

canary_unharmed() {
  fingerprint | diff "$T/canary.before" - || { echo "the host was changed"; return 1; }
}

without_mount() {
  config '.mounts |= map(select(.destination as $d | $ARGS.positional | index($d) | not))' --args -- "$@"
}

all_capabilities() {
  config '.process.capabilities = {bounding: $all, permitted: $all, effective: $all}' --argjson all "$(
    printf '%s\n' CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT \
      SYS_PTRACE SYS_ADMIN MKNOD AUDIT_WRITE SETFCAP | jq -R '"CAP_" + .' | jq -cs .)"
}

# --- the runtime's own program ------------------------------------------------------------------------

@test "CVE-2019-5736: a command that is /proc/self/exe cannot reach hull's program" {
  local before
  before=$(sha256sum <"$HULL")
  rm "$B/rootfs/bin/sh"
  printf '#!/proc/self/exe\n' >"$B/rootfs/bin/sh"
  chmod 755 "$B/rootfs/bin/sh"
  args /bin/sh
  try hull run --bundle "$B" "$ID"
  args /proc/self/exe --version
  try hull run --bundle "$B" "$ID"
  equal "$(sha256sum <"$HULL")" "$before"
}

@test "CVE-2019-5736: root inside with all capabilities cannot open hull's program for writing during exec" {
  local i before
  before=$(sha256sum <"$HULL")
  all_capabilities
  args probe write-exe 3
  ok create --bundle "$B" "$ID"
  ok start "$ID"
  for i in {1..40}; do
    hull exec "$ID" true >"$T/exec" 2>&1 </dev/null 3>&- || :
  done
  wait_for has_status stopped
  equal "$(sha256sum <"$HULL")" "$before"
  hasnt "$(cat "$T/stdout")" "writable: "
}

# bats test_tags=smoke
@test "CVE-2019-5736: what waits in the container is not the installed program" {
  ok create --bundle "$B" "$ID"
  local pid
  pid=$(container_pid)
  [ ! "/proc/$pid/exe" -ef "$HULL" ]
  # and the copy cannot be written, even from here
  if (exec 9>"/proc/$pid/exe") 2>/dev/null; then
    echo "hull's copy can be written"
    return 1
  fi
}

@test "CVE-2019-5736: a replaced loader and libc in the image are not run by hull" {
  local lib
  mkdir -p "$B/rootfs/lib64" "$B/rootfs/lib/x86_64-linux-gnu"
  printf '#!/bin/sh\necho hijacked >/data/hijacked\n' >"$T/evil"
  chmod 755 "$T/evil"
  for lib in lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6; do
    cp "$T/evil" "$B/rootfs/$lib"
  done
  ok run --bundle "$B" "$ID"
  start_sleeper
  ok exec "$ID" true
  [ ! -e "$B/rootfs/data/hijacked" ]
}

@test "CVE-2016-9962: root inside can neither trace nor look into a process that enters" {
  config '.process.capabilities[] += ["CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"]'
  args probe spy 3
  ok create --bundle "$B" "$ID"
  cp "$T/stdout" "$T/out"
  ok start "$ID"
  local i
  for i in {1..40}; do
    hull exec "$ID" true >"$T/exec" 2>&1 </dev/null 3>&- || :
  done
  wait_for has_status stopped
}

@test "dumpable: the waiting init and its memory are closed to others of its user" {
  config '.process.user = {"uid": 1000, "gid": 1000}'
  ok create --bundle "$B" "$ID"
  local pid
  pid=$(container_pid)
  equal "$(stat -c %u "/proc/$pid/environ")" 0
}

@test "CVE-2015-1334: exec with a /proc that the container faked" {
  all_capabilities
  sh_args 'mkdir -p /tmp/p/self/attr /tmp/p/self/fd /tmp/p/thread-self/attr; mount -t tmpfs fake /proc; mkdir -p /proc/self/attr /proc/self/fd /proc/thread-self/attr /proc/sys
    : >/proc/self/attr/exec; ln -s /data /proc/1; echo x >/data/ready; sleep 1000'
  ok run --detach --bundle "$B" "$ID"
  wait_for [ -e "$B/rootfs/data/ready" ]
  try hull exec "$ID" sh -c 'echo ran'
  [ "$status" != 0 ] || equal "$output" ran
  [ "$(ls -A "$B/rootfs/data")" = ready ]
}

# --- /proc and sysctl ---------------------------------------------------------------------------------

@test "CVE-2019-19921: /proc or /sys that is a symlink in the image is refused" {
  local name
  for name in proc sys; do
    rmdir "$B/rootfs/$name"
    mkdir "$B/rootfs/evil"
    ln -s evil "$B/rootfs/$name"
    fails "$name" -- run --bundle "$B" "$ID"
    rm "$B/rootfs/$name"
    mkdir "$B/rootfs/$name"
    rmdir "$B/rootfs/evil" 2>/dev/null || :
  done
}

@test "CVE-2023-27561: /proc that is swapped with a symlink while it is mounted" {
  canary
  mkdir -p "$B/rootfs/vol/p"
  ln -s /data "$B/rootfs/vol/l"
  rmdir "$B/rootfs/proc"
  ln -s vol/p "$B/rootfs/proc"
  background "$PROBE" swap "$B/rootfs/vol/p" "$B/rootfs/vol/l"
  local i
  args sh -c 'echo h >/proc/sysrq-trigger; ls /data'
  for i in {1..20}; do
    try hull run --bundle "$B" "$ID"
    [ "$status" -ne 0 ]
  done
  canary_unharmed
}

@test "config mounts over /proc: only the places that runc allows" {
  # Fails on crun 1.8.1, which mounts all of them
  local at
  for at in /proc/self /proc/. /proc/sys /proc/1 /proc/self/attr /proc/sys/net /proc//self /dev/../proc/self; do
    cp "$TEMPLATE" "$B/config.json"
    config '.mounts += [{"destination": $at, "type": "tmpfs", "source": "x"}]' --arg at "$at"
    fails /mounts/7 -- run --bundle "$B" "$ID" || { echo "$at"; return 1; }
  done
  echo fake >"$T/meminfo"
  cp "$TEMPLATE" "$B/config.json"
  config '.linux.cgroupsPath = $c | .mounts += [{"destination": "/proc/meminfo", "type": "bind", "source": $s, "options": ["bind", "ro"]}]' \
    --arg s "$T/meminfo" --arg c "$CGROUP_PATH"
  args cat /proc/meminfo
  ok run --bundle "$B" "$ID"
  equal "$output" fake
}

@test "CVE-2025-52881: a sysctl is written to the true file, whatever the config mounted over it" {
  mkdir "$B/rootfs/fake"
  : >"$B/rootfs/fake/ip_forward"
  config '.mounts += [{"destination": "/proc/sys/net/ipv4", "type": "bind", "source": "rootfs/fake", "options": ["bind"]}]
    | .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
  try hull run --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
  equal "$(cat "$B/rootfs/fake/ip_forward")" ""
}

@test "CVE-2019-16884: a volume of fake files over /proc does not get the writes of hull" {
  mkdir -p "$B/vol/self/attr" "$B/vol/thread-self/attr" "$B/vol/sys/net/ipv4"
  : >"$B/vol/self/attr/exec"
  : >"$B/vol/self/oom_score_adj"
  : >"$B/vol/sys/net/ipv4/ip_forward"
  config '.mounts += [{"destination": "/proc", "type": "bind", "source": "vol", "options": ["bind"]}]
    | .process.oomScoreAdj = 100 | .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
  try hull run --bundle "$B" "$ID"
  equal "$(cat "$B/vol/self/attr/exec" "$B/vol/self/oom_score_adj" "$B/vol/sys/net/ipv4/ip_forward")" ""
}

# --- paths --------------------------------------------------------------------------------------------

@test "CVE-2015-3627 and kin: a destination through any kind of link never leaves the root file system" {
  canary
  local i to
  local links=("$T/canary" "../../../../../../../../..$T/canary" "/proc/self/root$T/canary" "lnk/../..$T/canary")
  for i in "${!links[@]}"; do
    ln -sfn "${links[i]}" "$B/rootfs/lnk$i"
    for to in "/lnk$i/new/file" "/lnk$i/../x" "/lnk$i/"; do
      cp "$TEMPLATE" "$B/config.json"
      config '.linux.cgroupsPath = $c | .mounts += [{"destination": $to, "type": "tmpfs", "source": "x"}]' --arg to "$to" --arg c "$CGROUP_PATH"
      try hull run --bundle "$B" "$ID"
    done
  done
  # a chain of forty
  for i in {1..40}; do
    ln -sfn "chain$((i + 1))" "$B/rootfs/chain$i"
  done
  ln -sfn "$T/canary" "$B/rootfs/chain41"
  config '.mounts[-1].destination = "/chain1/x"'
  try hull run --bundle "$B" "$ID"
  canary_unharmed
}

@test "CVE-2019-18837: .. in a destination stays in the root file system" {
  canary
  config '.mounts += [{"destination": ("/data/../../../../../../../.." + $c + "/new"), "type": "tmpfs", "source": "x"}]' --arg c "$T/canary"
  try hull run --bundle "$B" "$ID"
  canary_unharmed
}

racing_volume() {
  canary
  mkdir -p "$T/volume/a" "$B/rootfs/vol"
  ln -s "$T/canary" "$T/volume/l"
  config '.mounts += [{"destination": "/vol", "type": "bind", "source": $v, "options": ["rbind"]},
    {"destination": "/vol/a/x/y", "type": "tmpfs", "source": "x"}, {"destination": "/vol/a/x/f", "type": "bind", "source": $f, "options": ["bind"]}]' \
    --arg v "$T/volume" --arg f "$T/bundle/config.json"
  background "$PROBE" swap "$T/volume/a" "$T/volume/l"
}

@test "CVE-2021-30465 and CVE-2024-45310: a volume whose parts are swapped while they are mounted" {
  # Fails on runc 1.1.5: it made files on the host 7 times in 300
  racing_volume
  local i
  for ((i = 0; i < ${RACES:-100}; i++)); do
    try hull run --bundle "$B" "$ID"
  done
  stop_background
  canary_unharmed
}

@test "CVE-2026-41579: /dev that is a symlink to a host directory, without a mount on it" {
  # Fails on crun 1.8.1 (makes device nodes on the host) and runc 1.1.5 (replaces ptmx there)
  canary
  : >"$T/canary/ptmx"
  mkdir "$T/canary/fd"
  fingerprint >"$T/canary.before"
  without_mount /dev /dev/pts /dev/shm /dev/mqueue
  rmdir "$B/rootfs/dev"
  ln -s "$T/canary" "$B/rootfs/dev"
  try hull run --bundle "$B" "$ID"
  canary_unharmed
}

@test "CVE-2025-31133: /dev/null of the image is not what masks" {
  # Fails on runc 1.1.5
  without_mount /dev /dev/pts /dev/shm /dev/mqueue
  echo fake >"$B/rootfs/data/fake"
  ln -s /data/fake "$B/rootfs/dev/null"
  config '.linux.maskedPaths = ["/proc/timer_list"]'
  sh_args 'probe node /proc/timer_list; cat /proc/timer_list'
  try hull run --bundle "$B" "$ID"
  if [ "$status" = 0 ]; then
    has "$output" 'c 1:3'
    hasnt "$output" fake
  fi
}

@test "CVE-2026-88265: /dev/null of the image that is a link does not become a stream, nor is its target chowned" {
  # crun up to 1.29.1
  without_mount /dev /dev/pts /dev/shm /dev/mqueue
  echo fake >"$B/rootfs/data/fake"
  ln -s /data/fake "$B/rootfs/dev/null"
  config '.process.user = {"uid": 1000, "gid": 1000}'
  args probe fds
  echo piped | { INPUT=/dev/stdin try hull run --bundle "$B" "$ID"; [ "$status" -ne 0 ] || hasnt "$output" fake; }
  equal "$(stat -c %u "$B/rootfs/data/fake")" 0
  equal "$(cat "$B/rootfs/data/fake")" fake
}

@test "CVE-2025-52565: /dev/console of the image that is a link is not followed" {
  local target
  config '.process.terminal = true'
  for target in /data/target /proc/sys/kernel/domainname; do
    rm -rf "$B/rootfs/dev" "$T/sock"
    mkdir "$B/rootfs/dev"
    echo target >"$B/rootfs/data/target"
    without_mount /dev /dev/shm /dev/mqueue
    ln -s "$target" "$B/rootfs/dev/console"
    sh_args 'cat /proc/self/mountinfo; echo done'
    background "$PROBE" console "$T/sock" >"$T/tty" 2>"$T/tty.err" </dev/null
    wait_for [ -S "$T/sock" ]
    try hull run --detach --bundle "$B" --console-socket "$T/sock" "$ID"
    if [ "$status" = 0 ]; then
      wait_for grep -q ^done "$T/tty"
      ! grep -q " $target " "$T/tty" || { echo "$target was covered"; return 1; }
      ok delete --force "$ID"
    fi
    stop_background
    equal "$(cat "$B/rootfs/data/target")" target
  done
}

@test "names that the image placed ahead are not followed when hull makes files" {
  # CVE-2025-24965 and kin
  canary
  local name
  for name in run/.containerenv etc/hostname etc/mtab dev/core dev/fd dev/stdin dev/ptmx dev/shm run/notify .pivot_root .oldroot; do
    mkdir -p "$B/rootfs/${name%/*}" 2>/dev/null || :
    ln -sfn "$T/canary/$(basename "$name")" "$B/rootfs/$name"
  done
  without_mount /dev /dev/pts /dev/shm /dev/mqueue
  try hull run --bundle "$B" "$ID"
  canary_unharmed
}

@test "CVE-2026-55686: cwd through a link of the image makes nothing on the host" {
  canary
  ln -s "$T/canary" "$B/rootfs/out"
  config '.process.cwd = "/out/new/dir"'
  try hull run --bundle "$B" "$ID"
  canary_unharmed
}

@test "CVE-2026-40226: files in the root file system that look like configuration are not read" {
  jq '.process.args = ["echo", "from the image"]' "$TEMPLATE" >"$B/rootfs/config.json"
  cp "$B/rootfs/config.json" "$B/rootfs/etc/hull.json"
  args echo from-the-bundle
  ok run --bundle "$B" "$ID"
  equal "$output" from-the-bundle
}

@test "CVE-2021-41103: the state directory is root's alone, and so are sockets in it" {
  start_sleeper
  equal "$(stat -c %a "$ROOT")" 700
  equal "$(find "$ROOT" -perm /077 ! -type l)" "" || equal "$(stat -c %a "$ROOT/$ID")" 700
  # no abstract sockets, which any process of the same network namespace could reach
  equal "$(grep -c '@.*hull' /proc/net/unix)" 0
}

@test "hostile trees: links, loops, fifos and files at every name that hull touches" {
  canary
  local name kind
  for name in dev dev/null dev/pts dev/shm dev/console proc sys etc/passwd etc/group tmp; do
    for kind in absolute loop fifo file; do
      rm -rf "$B/rootfs"
      cp -a "$BASE/rootfs" "$B/rootfs"
      rm -rf "${B:?}/rootfs/$name"
      mkdir -p "$B/rootfs/$(dirname "$name")"
      case $kind in
        absolute) ln -s "$T/canary" "$B/rootfs/$name" ;;
        loop) ln -s "$(basename "$name")" "$B/rootfs/$name" ;;
        fifo) mkfifo "$B/rootfs/$name" ;;
        file) echo x >"$B/rootfs/$name" ;;
      esac
      LIMIT=10 try hull run --bundle "$B" "$ID"
      [ "$status" != 124 ] && [ "$status" != 137 ] || { echo "hung: $name as $kind"; return 1; }
      canary_unharmed || { echo "$name as $kind"; return 1; }
      nothing_left || { echo "$name as $kind"; return 1; }
    done
  done
}

# --- descriptors --------------------------------------------------------------------------------------

# Runs hull with directories of the host open at 3 to 12, as a careless caller would.
careless() {
  status=0
  timeout "$((20 * SLOW))" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@" \
    3</ 4</etc 5</ 6</ 7</ 8</ 9</ 10</ 11</ 12</ >"$T/stdout" 2>"$T/stderr" </dev/null || status=$?
  output=$(tr -d '\0' <"$T/stdout")
  stderr=$(cat "$T/stderr")
}

@test "CVE-2024-21626: a working directory that is a descriptor of the host" {
  # Fails on crun 1.8.1
  local n
  for n in {3..12}; do
    config '.process.cwd = $d' --arg d "/proc/self/fd/$n"
    sh_args 'ls -di . ; ls etc/shadow var/lib/dpkg 2>&1'
    careless run --bundle "$B" "$ID"
    [ "$status" -ne 0 ] || hasnt "$output" "$(stat -c %i /) "
    hasnt "$output" $'\netc/shadow'
  done
}

@test "CVE-2024-21626: exec --cwd and exec by a descriptor of the host" {
  # Fails on crun 1.8.1
  local n
  start_sleeper
  for n in {3..12}; do
    careless exec --cwd "/proc/self/fd/$n" "$ID" sh -c 'ls etc/shadow var/lib/dpkg'
    hasnt "$output" etc/shadow status
    careless exec "$ID" "/proc/self/fd/$n/../../bin/ls" /var/lib/dpkg
    [ "$status" -ne 0 ]
  done
}

@test "CVE-2024-21626: args[0], a bind source and a hook by a descriptor of the host" {
  local n
  for n in {3..12}; do
    args "/proc/self/fd/$n/bin/ls" /
    careless run --bundle "$B" "$ID"
    [ "$status" -ne 0 ]
  done
  args true
  careless run --bundle "$B" "$ID"
  equal "$status" 0
}

@test "descriptors: neither the command nor the waiting init has one of a procfs, of the host or of the state" {
  args probe fds
  careless run --bundle "$B" "$ID"
  equal "$(cut -d' ' -f1 "$T/stdout" | sort -n | paste -sd' ')" "0 1 2"
  careless create --bundle "$B" "$ID"
  local pid target
  pid=$(container_pid)
  for target in $(find "/proc/$pid/fd" -type l -printf '%l\n'); do
    case $target in
      "$T/stdout" | "$T/stderr" | /dev/null | socket:* | pipe:* | anon_inode:* | "$ROOT"/*) ;;
      *) echo "open in init: $target"; return 1 ;;
    esac
  done
}

# --- credentials and terminals ------------------------------------------------------------------------

@test "CVE-2022-29162 and kin: a file with inheritable capabilities gains nothing" {
  command -v setcap >/dev/null || skip "no setcap here"
  setcap cap_net_raw+i "$B/rootfs/bin/probe" 2>/dev/null || skip "no file capabilities here"
  config '.process.user = {"uid": 1000, "gid": 1000} | .process.noNewPrivileges = false | .process.capabilities[] += ["CAP_NET_RAW"]'
  ok run --bundle "$B" "$ID"
  start_sleeper
  ok exec "$ID" grep -E 'CapInh|CapAmb' /proc/self/status
  equal "$(cut -f2 <<<"$output" | sort -u)" 0000000000000000
}

@test "CVE-2022-36109 and kin: the caller's groups do not reach the command" {
  args probe ids
  status=0
  setpriv --groups 4242,4343 env HULL_MARK="$MARK" "$HULL" --root "$ROOT" run --bundle "$B" "$ID" >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- || status=$?
  equal "$status" 0
  equal "$(cat "$T/stdout")" "uid 0 0 0 gid 0 0 0 groups"
}

@test "CVE-2017-5226: characters pushed into the terminal do not reach the caller's shell" {
  args probe tiocsti X
  printf -v line '%q ' env HULL_MARK="$MARK" "$HULL" --root "$ROOT" run --bundle "$B" "$ID"
  timeout "$((20 * SLOW))" script -qefc "$line; read -r -t 1 -n 1 c; echo \"shell got <\$c>\"" /dev/null >"$T/shown" </dev/null 3>&- || :
  has "$(cat "$T/shown")" 'shell got <'
  hasnt "$(cat "$T/shown")" 'shell got <X'
  config '.process.terminal = true'
  timeout "$((20 * SLOW))" script -qefc "$line; read -r -t 1 -n 1 c; echo \"shell got <\$c>\"" /dev/null >"$T/shown" </dev/null 3>&- || :
  has "$(cat "$T/shown")" 'shell got <'
  hasnt "$(cat "$T/shown")" 'shell got <X'
}

@test "CVE-2017-5226: exec without a terminal of its own cannot push either" {
  start_sleeper
  printf -v line '%q ' env HULL_MARK="$MARK" "$HULL" --root "$ROOT" exec "$ID" probe tiocsti X
  timeout "$((20 * SLOW))" script -qefc "$line; read -r -t 1 -n 1 c; echo \"shell got <\$c>\"" /dev/null >"$T/shown" </dev/null 3>&- || :
  has "$(cat "$T/shown")" 'shell got <'
  hasnt "$(cat "$T/shown")" 'shell got <X'
}

@test "the host's namespaces and mounts are not reachable through any process inside" {
  all_capabilities
  inside 'for p in /proc/[0-9]*; do ls $p/root/ 2>/dev/null; done | sort -u; cat /proc/1/mountinfo | grep -c '"${T##*/}"
  hasnt "$output" lost+found
}
