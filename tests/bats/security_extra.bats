#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# More attacks, beside security.bats: on the program hull in odd places, on processes that enter a container, on
# hooks, on the state directory and cgroups of others. "Fails on" as there; "failed on hull" where the test found
# something in an earlier hull.

load helpers

canary() {
  mkdir -p "$T/canary/sub"
  echo canary >"$T/canary/file"
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

capabilities() {
  config '.process.capabilities = {bounding: $ARGS.positional, permitted: $ARGS.positional, effective: $ARGS.positional}' \
    --args -- "$@"
}

hook() {
  config '.hooks[$kind] += [{path: $path, args: ($ARGS.positional)}]' --arg kind "$1" --arg path "$2" --args -- "${@:2}"
}

alive() {
  kill -0 "$1" 2>/dev/null && [ "$(cut -d' ' -f3 <"/proc/$1/stat")" != Z ]
}

# Runs hull with much open, as a careless caller would: directories of the host at 3 to 99.
careless() {
  status=0
  : >"$LOG"
  (
    for fd in {3..99}; do eval "exec $fd</"; done
    exec timeout "$((20 * SLOW))" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
  ) >"$T/stdout" 2>"$T/stderr" </dev/null || status=$?
  output=$(tr -d '\0' <"$T/stdout")
  stderr=$(cat "$T/stderr")
}

# --- the runtime's own program ------------------------------------------------------------------------

# sealed PROGRAM: its waiting init runs from something else than PROGRAM, which nobody can write, now or later.
sealed() {
  local pid
  pid=$(container_pid)
  [ ! "/proc/$pid/exe" -ef "$1" ] || { echo "init runs from $1 itself"; return 1; }
  mkfifo "$T/go.$pid"
  exec 8<>"$T/go.$pid"
  background "$PROBE" hold "/proc/$pid/exe" <&8 >"$T/held.$pid"
  wait_for grep -q held "$T/held.$pid"
  ok delete --force "$ID"
  echo >&8
  exec 8>&-
  wait_for grep -qv held "$T/held.$pid"
  hasnt "$(cat "$T/held.$pid")" writable
}

@test "CVE-2019-5736: hull installed on a tmpfs, on an overlay and on a read-only mount runs from a copy" {
  # Fails on runc 1.1.5 and crun 1.8.1 on the overlay
  local dir
  mkdir "$T/tmpfs" "$T/overlay" "$T/upper" "$T/work" "$T/readonly"
  mount -t tmpfs tmpfs "$T/tmpfs"
  mkdir "$T/tmpfs/"{lower,upper,work}
  mount -t overlay -o "lowerdir=$T/tmpfs/lower,upperdir=$T/tmpfs/upper,workdir=$T/tmpfs/work" overlay "$T/overlay"
  cp "$HULL" "$T/readonly/hull"
  mount --bind -o ro "$T/readonly" "$T/readonly"
  mount -o remount,bind,ro "$T/readonly"
  for dir in "$T/tmpfs" "$T/overlay" "$T/readonly"; do
    [ -e "$dir/hull" ] || cp "$HULL" "$dir/hull"
    HULL=$dir/hull ok create --bundle "$B" "$ID"
    sealed "$dir/hull"
  done
  umount "$T/readonly" "$T/overlay" "$T/tmpfs"
}

@test "CVE-2019-5736: a hull whose file is gone runs from a sealed memfd" {
  cp "$HULL" "$T/hull"
  exec 9<"$T/hull"
  rm "$T/hull"
  HULL=/proc/$BASHPID/fd/9 ok create --bundle "$B" "$ID"
  exec 9<&-
  has "$(readlink "/proc/$(container_pid)/exe")" memfd:
  sealed "$HULL"
}

# Sets SIZE to the bytes of the memfd that a copy of the program runs from.
memfd_size() {
  exec 9<"$1"
  rm "$1"
  HULL=/proc/$BASHPID/fd/9 ok create --bundle "$B" "$ID"
  exec 9<&-
  has "$(readlink "/proc/$(container_pid)/exe")" memfd:
  SIZE=$(stat -Lc %s "/proc/$(container_pid)/exe")
  ok delete --force "$ID"
}

# The sysctl belongs to a pid namespace. The file of the program is gone, so that an overlay can't have it.
@test "CVE-2019-5736: the memfd where vm.memfd_noexec is 1, a clear word where it forbids all of them" {
  [ -e /proc/sys/vm/memfd_noexec ] || skip "vm.memfd_noexec comes with Linux 6.3"
  cp "$HULL" "$T/hull"
  exec 9<"$T/hull"
  rm "$T/hull"
  cat >"$T/elsewhere" <<'SCRIPT'
#!/bin/bash
exec unshare --pid --fork --kill-child --mount-proc bash -c \
  'echo "$NOEXEC" >/proc/sys/vm/memfd_noexec && exec /proc/self/fd/9 "$@"' bash "$@"
SCRIPT
  chmod 755 "$T/elsewhere"
  args echo ran
  HULL=$T/elsewhere NOEXEC=1 ok run --bundle "$B" "$ID"
  equal "$output" ran
  HULL=$T/elsewhere NOEXEC=2 try hull run --bundle "$B" "$ID"
  failed 'cannot make a protected copy of our own program' 'vm.memfd_noexec is 2'
  exec 9<&-
}

@test "CVE-2019-5736: the memfd has what is mapped of the program and no more; all of it if something is appended" {
  local name offset virtual physical length rest end=0
  while read -r name offset virtual physical length rest; do
    [ "$name" != LOAD ] || ((offset + length <= end)) || end=$((offset + length))
  done < <(readelf -lW "$HULL")
  cp "$HULL" "$T/hull"
  memfd_size "$T/hull"
  equal "$SIZE" "$end"
  cp "$HULL" "$T/hull"
  echo payload >>"$T/hull"
  end=$(stat -c %s "$T/hull")
  memfd_size "$T/hull"
  equal "$SIZE" "$end"
}

@test "CVE-2019-5736: an environment that says the copy is made already is not believed" {
  local lie
  for lie in memfd 1:1 0:0 "$(stat -c '%D:%i' "$HULL")"; do
    status=0
    _HULL_SEALED=$lie hull create --bundle "$B" "$ID" >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- || status=$?
    equal "$status" 0
    sealed "$HULL"
  done
  # nor from inside, where it does not reach hull at all
  start_sleeper
  try hull exec --env _HULL_SEALED=memfd "$ID" true
  equal "$status" 0
}

@test "CVE-2019-5736: hooks that are /proc/self/exe, by name and by #!, are not hull's program" {
  local before kind
  before=$(sha256sum <"$HULL")
  printf '#!/proc/self/exe\n' >"$B/rootfs/bin/again"
  chmod 755 "$B/rootfs/bin/again"
  cp "$B/rootfs/bin/again" "$T/again"
  for kind in createContainer startContainer; do
    for path in /proc/self/exe /bin/again "$T/again"; do
      cp "$TEMPLATE" "$B/config.json"
      config '.linux.cgroupsPath = $c' --arg c "$CGROUP_PATH"
      hook "$kind" "$path" --version
      try hull run --bundle "$B" "$ID"
      [ "$status" -ne 124 ]
      equal "$(sha256sum <"$HULL")" "$before"
      nothing_left
    done
  done
}

@test "CVE-2019-5736: startContainer hooks cannot open hull's program for writing" {
  hook startContainer /bin/probe write-exe 1
  hook startContainer /bin/sh -c 'probe write-exe 1 >/data/hook; cat /data/hook; exit 1'
  config 'del(.hooks.startContainer[0])'
  try hull run --bundle "$B" "$ID"
  has "$(cat "$B/rootfs/data/hook")" 'writable 0'
}

@test "hull that is setuid, setgid or has file capabilities refuses to work" {
  # bubblewrap CVE-2016-8659 and kin. Failed on hull: nothing refused it. Fails on runc 1.1.5 and crun 1.8.1.
  local mode
  cp "$HULL" "$T/hull"
  chmod 755 "$T/hull"
  setpriv --reuid 1000 --clear-groups "$T/hull" --version >"$T/out"
  for mode in 4755 2755; do
    chmod "$mode" "$T/hull"
    status=0
    setpriv --reuid 1000 --regid 1000 --clear-groups "$T/hull" --version >"$T/out" 2>&1 || status=$?
    equal "$status" 1
    has "$(cat "$T/out")" setuid
  done
  chmod 755 "$T/hull"
  command -v setcap >/dev/null || return 0
  setcap cap_sys_admin+ep "$T/hull" 2>/dev/null || return 0
  status=0
  setpriv --reuid 1000 --regid 1000 --clear-groups "$T/hull" --version >"$T/out" 2>&1 || status=$?
  equal "$status" 1
}

# --- processes that enter -----------------------------------------------------------------------------

# What CAP_SYS_PTRACE inside gets from hundreds of processes that enter, in one line.
peeked() {
  local i
  start_sleeper
  background hull exec "$ID" probe peek 3 "$T/canary/file" </dev/null >"$T/peeked"
  for i in {1..400}; do
    timeout "$((5 * SLOW))" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" exec "$ID" true >"$T/exec" 2>&1 </dev/null 3>&- || :
    ! grep -q ^peek "$T/peeked" || break
  done
  wait_for grep -q ^peek "$T/peeked"
}

@test "CVE-2016-9962: CAP_SYS_PTRACE inside gets neither root nor directories of the host from who enters, nor capabilities" {
  # Fails on runc 1.1.5 and crun 1.8.1 (all capabilities, by tracing). Failed on hull: the host's root as well.
  canary
  capabilities CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_KILL
  peeked
  equal "$(cat "$T/peeked")" "peek seen some roots 0 directories 0 capabilities 0"
}

@test "CVE-2016-9962: with a seccomp filter and without no_new_privs the host's root is closed as well" {
  # CAP_SYS_ADMIN is there until the filter is loaded: that much tracing can get, hence no word of capabilities.
  canary
  capabilities CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_KILL
  config '.process.noNewPrivileges = false | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}'
  peeked
  has "$(cat "$T/peeked")" "seen some roots 0 directories 0 "
}

@test "exec: the process leads a session of its own, in the numbers of the container" {
  # It comes from one that is not in the pid namespace yet.
  start_sleeper
  jq '.process | .oomScoreAdj = 321 | .args = ["sh", "-c", "cut -d\" \" -f1,5,6 /proc/$$/stat; cat /proc/$$/oom_score_adj"]' \
    "$TEMPLATE" >"$T/process.json"
  ok exec --process "$T/process.json" "$ID"
  read -r pid group session <<<"$output"
  equal "$group $session" "$pid $pid"
  equal "${output##*$'\n'}" 321
}

@test "exec: programs and directories below /proc/self are found" {
  start_sleeper
  ok exec --cwd /proc/self "$ID" sh -c 'cat comm'
  equal "$output" cat || equal "$output" sh
  ok exec "$ID" /proc/self/root/bin/echo through
  equal "$output" through
}

# --- descriptors --------------------------------------------------------------------------------------

@test "CVE-2024-21626: with ninety-seven descriptors of the host open, no stage passes one on" {
  # Fails on runc 1.1.5 (createContainer hooks get its own descriptors)
  local kind
  for kind in prestart createRuntime createContainer poststart poststop; do
    hook "$kind" "$PROBE" fds
    config '.hooks[$k][0] = {path: "/bin/sh", args: ["sh", "-c", $s]}' --arg k "$kind" --arg s "'$PROBE' fds >>'$T/hook.$kind'"
  done
  hook startContainer /bin/sh -c 'probe fds >/data/hook'
  args probe fds
  careless run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(cut -d' ' -f1 "$T/stdout" | sort -n | paste -sd' ')" "0 1 2"
  for kind in prestart createRuntime createContainer poststart poststop; do
    equal "$kind $(cut -d' ' -f1 "$T/hook.$kind" | sort -n | paste -sd' ')" "$kind 0 1 2"
  done
  equal "$(cut -d' ' -f1 "$B/rootfs/data/hook" | sort -n | paste -sd' ')" "0 1 2"
}

@test "CVE-2024-21626: hooks do not get what --preserve-fds and LISTEN_FDS pass to the command" {
  hook createRuntime /bin/sh -c "'$PROBE' fds >'$T/hook'"
  hook startContainer /bin/sh -c 'probe fds >/data/hook'
  args probe fds
  careless run --preserve-fds 2 --bundle "$B" "$ID"
  equal "$status" 0
  equal "$(cut -d' ' -f1 "$T/stdout" | sort -n | paste -sd' ')" "0 1 2 3 4"
  equal "$(cut -d' ' -f1 "$T/hook" | sort -n | paste -sd' ')" "0 1 2"
  equal "$(cut -d' ' -f1 "$B/rootfs/data/hook" | sort -n | paste -sd' ')" "0 1 2"
}

@test "CVE-2024-21626: a working directory that is a link of the image to a descriptor" {
  # Fails on crun 1.8.1
  local n
  for n in {3..20}; do
    ln -sfn "/proc/self/fd/$n" "$B/rootfs/link"
    config '.process.cwd = "/link"'
    sh_args 'ls etc/shadow var/lib/dpkg 2>&1; ls -di .'
    careless run --bundle "$B" "$ID"
    [ "$status" -ne 0 ] || { hasnt "$output" "$(stat -c %i /) "; hasnt "$output" $'\netc/shadow'; }
  done
  config '.process.cwd = "/"'
  start_sleeper
  for n in {3..20}; do
    ln -sfn "/proc/self/fd/$n" "$B/rootfs/link"
    careless exec --cwd /link "$ID" ls -d var/lib/dpkg
    [ "$status" -ne 0 ]
  done
}

@test "CVE-2024-21626: a bind source that is a descriptor of the host" {
  local n
  for n in {3..20}; do
    cp "$TEMPLATE" "$B/config.json"
    config '.linux.cgroupsPath = $c | .mounts += [{"destination": "/mnt", "type": "bind", "source": $s, "options": ["rbind"]}]' \
      --arg c "$CGROUP_PATH" --arg s "/proc/self/fd/$n"
    sh_args 'ls /mnt/etc/shadow'
    careless run --bundle "$B" "$ID"
    [ "$status" -ne 0 ]
  done
}

# --- hostile images -----------------------------------------------------------------------------------

@test "hostile trees: exec into a container whose own names turned hostile" {
  # Fails on runc 1.1.5 and crun 1.8.1, which wait for the fifo
  canary
  local what
  start_sleeper
  for what in 'mkfifo $P' 'ln -s loop $P' 'ln -s /proc/self/exe $P' 'ln -s /proc/1/fd/0 $P' 'mkdir $P' 'ln -s /dev/zero $P' \
    'ln -s /proc/1/mem $P' 'ln -s /proc/kmsg $P'; do
    P=/etc/passwd
    hull exec "$ID" sh -c "P=$P; rm -rf \$P; $what" </dev/null >"$T/out" 2>&1 3>&-
    LIMIT=5 try hull exec "$ID" sh -c 'echo ran'
    equal "$status" 0 || { echo "$what"; return 1; }
    equal "$output" ran
  done
  canary_unharmed
}

@test "hostile trees: exec with a terminal in a container with a faked /dev/pts" {
  canary
  config '.process.capabilities[] += ["CAP_SYS_ADMIN", "CAP_MKNOD", "CAP_DAC_OVERRIDE"]'
  local fake
  for fake in 'umount -l /dev/pts; rmdir /dev/pts; ln -s /data /dev/pts; touch /data/ptmx' \
    'mkfifo /tmp/f; mount --bind /tmp/f /dev/pts/ptmx' 'mount --bind /dev/null /dev/pts/ptmx' \
    'echo x >/tmp/file; mount --bind /tmp/file /dev/pts/ptmx' 'umount -l /dev/pts; mkfifo /dev/pts/ptmx'; do
    args sh -c "$fake; echo x >/data/ready; sleep 1000"
    ok run --detach --bundle "$B" "$ID"
    wait_for [ -e "$B/rootfs/data/ready" ]
    status=0
    timeout "$((10 * SLOW))" script -qefc "$(printf '%q ' env HULL_MARK="$MARK" "$HULL" --root "$ROOT" exec -t "$ID" echo ran)" /dev/null \
      >"$T/shown" </dev/null 3>&- || status=$?
    [ "$status" -ne 124 ] && [ "$status" -ne 0 ] || { cat "$T/shown"; echo "$fake: $status"; return 1; }
    has "$(cat "$T/shown")" /dev/pts
    ok delete --force "$ID"
    rm -f "$B/rootfs/data/ready" "$B/rootfs/tmp/"*
  done
  canary_unharmed
}

@test "hostile trees: sockets, devices, dangling links, chains and directories at every name that hull touches" {
  canary
  local name kind
  for name in dev dev/null dev/tty dev/ptmx dev/console dev/pts dev/shm dev/mqueue dev/fd proc sys sys/fs sys/fs/cgroup etc etc/passwd; do
    for kind in dangling up socket device null directory chain; do
      rm -rf "$B/rootfs"
      cp -a "$BASE/rootfs" "$B/rootfs"
      rm -rf "${B:?}/rootfs/$name"
      mkdir -p "$B/rootfs/$(dirname "$name")"
      case $kind in
        dangling) ln -s /nowhere/at/all "$B/rootfs/$name" ;;
        up) ln -s "../../../../../../../../../..$T/canary/sub/new" "$B/rootfs/$name" ;;
        socket) (cd "$B/rootfs/$(dirname "$name")" && timeout 0.2 busybox nc -lU "$(basename "$name")" >/dev/null 2>&1 || :)
          [ -e "$B/rootfs/$name" ] || continue ;;
        device) mknod "$B/rootfs/$name" c 1 7 ;;
        null) mknod "$B/rootfs/$name" c 1 3 ;;
        directory) mkdir -p "$B/rootfs/$name/sub/sub" ;;
        chain)
          ln -s "/tmp/c1" "$B/rootfs/$name"
          for i in {1..39}; do ln -s "c$((i + 1))" "$B/rootfs/tmp/c$i"; done
          ln -s "$T/canary" "$B/rootfs/tmp/c40"
          ;;
      esac
      cp "$TEMPLATE" "$B/config.json"
      config '.linux.cgroupsPath = $c' --arg c "$CGROUP_PATH"
      LIMIT=10 try hull run --bundle "$B" "$ID"
      [ "$status" != 124 ] && [ "$status" != 137 ] || { echo "hung: $name as $kind"; return 1; }
      without_mount /dev /dev/pts /dev/shm /dev/mqueue
      LIMIT=10 try hull run --bundle "$B" "$ID"
      [ "$status" != 124 ] && [ "$status" != 137 ] || { echo "hung: $name as $kind, without /dev"; return 1; }
      canary_unharmed || { echo "$name as $kind"; return 1; }
      nothing_left || { echo "$name as $kind"; return 1; }
    done
  done
}

@test "races: /dev, a mask, a read-only path, the console and the working directory that are swapped with links" {
  # Fails on runc 1.1.5 and crun 1.8.1: both change the host
  canary
  local i
  mkdir -p "$B/rootfs/vol/d" "$B/rootfs/vol/w" "$B/rootfs/vol/m"
  ln -s "$T/canary" "$B/rootfs/vol/dl"
  ln -s "../../../../../../../..$T/canary" "$B/rootfs/vol/wl"
  ln -s /proc/1/root "$B/rootfs/vol/ml"
  rmdir "$B/rootfs/dev"
  mkdir "$B/rootfs/dev"
  ln -s "$T/canary" "$B/rootfs/devlink"
  without_mount /dev /dev/pts /dev/shm /dev/mqueue
  config '.process.cwd = "/vol/w/new/dir" | .linux.maskedPaths += ["/vol/m/etc", "/vol/m"] | .linux.readonlyPaths += ["/vol/d"]
    | .linux.devices = [{path: "/vol/d/node", type: "c", major: 1, minor: 7, fileMode: 438, uid: 1000, gid: 1000}]'
  background "$PROBE" swap "$B/rootfs/dev" "$B/rootfs/devlink"
  background "$PROBE" swap "$B/rootfs/vol/d" "$B/rootfs/vol/dl"
  background "$PROBE" swap "$B/rootfs/vol/w" "$B/rootfs/vol/wl"
  background "$PROBE" swap "$B/rootfs/vol/m" "$B/rootfs/vol/ml"
  for ((i = 0; i < ${RACES:-60}; i++)); do
    LIMIT=10 try hull run --bundle "$B" "$ID"
    [ "$status" != 124 ]
    [ "$status" != 137 ]
  done
  stop_background
  canary_unharmed
}

@test "words of the image in messages cannot steer the caller's terminal" {
  # Fails on runc 1.1.5 and crun 1.8.1 for names
  local esc=$'\e'
  printf '#!/bin/%s[31m%s]0;title\a\n' "$esc" "$esc" >"$B/rootfs/bin/evil"
  chmod 755 "$B/rootfs/bin/evil"
  args /bin/evil
  try hull run --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
  hasnt "$stderr$(cat "$LOG")" "$esc" $'\a'
  args "/bin/no${esc}[2Jsuch"
  try hull run --bundle "$B" "$ID"
  hasnt "$stderr$(cat "$LOG")" "$esc"
  args true
  hook startContainer /bin/sh -c 'printf "\033[31mred\007\r"; exit 3'
  try hull run --bundle "$B" "$ID"
  [ "$status" -ne 0 ]
  hasnt "$stderr$(cat "$LOG")" "$esc" $'\a' $'\r'
}

# --- credentials --------------------------------------------------------------------------------------

# No set in the status file has CAP_SYS_ADMIN, bit 21.
without_admin() {
  local set
  while read -r set; do
    equal "$(((16#$set >> 21) & 1))" 0
  done < <(awk '/^Cap/ {print $2}' "$1")
}

@test "seccomp without no_new_privs: the capability that loading needs is gone in the command and in startContainer hooks" {
  local user
  for user in 0 1000; do
    cp "$TEMPLATE" "$B/config.json"
    rm -f "$B/rootfs/data/hook"
    chmod 777 "$B/rootfs/data"
    config '.linux.cgroupsPath = $c | .process.user = {uid: $u, gid: $u} | .process.noNewPrivileges = false
      | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}' \
      --arg c "$CGROUP_PATH" --argjson u "$user"
    hook startContainer /bin/sh -c 'cat /proc/self/status >/data/hook'
    args grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status
    ok run --bundle "$B" "$ID"
    local status_of
    for status_of in "$T/stdout" "$B/rootfs/data/hook"; do
      without_admin "$status_of"
    done
    has "$output" $'Seccomp:\t2'
    start_sleeper
    ok exec "$ID" grep Cap /proc/self/status
    without_admin "$T/stdout"
    ok delete --force "$ID"
  done
}

@test "exec: in --process and --user, id 4294967295 and its kin are refused everywhere" {
  # Fails on crun 1.8.1, which takes it as no change: root
  start_sleeper
  local id
  for id in 4294967295 -1 4294967296 18446744073709551615 18446744073709551616; do
    printf '{"user": {"uid": %s, "gid": 0}, "args": ["true"], "cwd": "/"}' "$id" >"$T/process.json"
    fails uid -- exec --process "$T/process.json" "$ID"
    printf '{"user": {"uid": 0, "gid": %s}, "args": ["true"], "cwd": "/"}' "$id" >"$T/process.json"
    fails gid -- exec --process "$T/process.json" "$ID"
    fails --user -- exec --user "$id" "$ID" true
    fails --user -- exec --user "0:$id" "$ID" true
  done
}

# --- state, cgroups, signals --------------------------------------------------------------------------

@test "state root: of another user, or that others may write to, is refused" {
  # Failed on hull: it took both, and with them records and hooks of anybody. runc 1.1.5 and crun 1.8.1 take both too.
  local verb
  mkdir "$T/foreign" "$T/sticky"
  chown 1000 "$T/foreign"
  chmod 1777 "$T/sticky"
  for verb in "create --bundle $B" "delete --force" state; do
    # shellcheck disable=SC2086 # words
    ROOT=$T/foreign fails "$T/foreign" -- $verb "$ID"
    # shellcheck disable=SC2086
    ROOT=$T/sticky fails "$T/sticky" -- $verb "$ID"
  done
  equal "$(find "$T/foreign" "$T/sticky" -mindepth 1)" ""
}

# tamper FILTER: rewrites the record of the container.
tamper() {
  jq "$@" <"$ROOT/$ID/state.json" >"$T/record" && cat "$T/record" >"$ROOT/$ID/state.json"
}

@test "a record that names a stranger: no verb sends it a signal" {
  local victim init
  background sleep 1000
  victim=${BACKGROUND[-1]}
  sleep 0.1 # its start time is told in ticks of 10 ms: the container's must be another
  start_sleeper
  init=$(container_pid)
  tamper '.pid = $p' --argjson p "$victim"
  try hull kill "$ID" KILL
  try hull kill --all "$ID" TERM
  try hull exec "$ID" true
  [ "$status" -ne 0 ]
  try hull pause "$ID"
  try hull resume "$ID"
  alive "$victim"
  try hull delete --force "$ID"
  alive "$victim"
  wait_for eval "! alive $init"
}

@test "a record that names the cgroup of others: it is neither killed nor removed, frozen nor entered" {
  cgroupfs_only
  local victim
  mkdir "$CG$CGP/victim"
  background sleep 1000
  victim=${BACKGROUND[-1]}
  echo "$victim" >"$CG$CGP/victim/cgroup.procs"
  start_sleeper
  local init
  init=$(container_pid)
  tamper '.cgroup.path = $p' --arg p "$CGP/victim"
  try hull kill --all "$ID" KILL
  try hull pause "$ID"
  try hull exec "$ID" true
  [ "$status" -ne 0 ]
  alive "$victim"
  equal "$(cat "$CG$CGP/victim/cgroup.freeze")" 0
  try hull delete --force "$ID"
  alive "$victim"
  stop_background
  wait_for rmdir "$CG$CGP/victim"
  ! alive "$init" || kill -KILL "$init"
  wait_for rmdir "$CGROUP_DIR"
}

@test "a cgroup that others live in: a failed create and delete --force leave them alone" {
  cgroupfs_only
  # Fails on runc 1.1.5 and crun 1.8.1, which make a container there
  local victim path
  mkdir -p "$CGROUP_DIR/below"
  background sleep 1000
  victim=${BACKGROUND[-1]}
  echo "$victim" >"$CGROUP_DIR/below/cgroup.procs"
  fails "$CGROUP" -- create --bundle "$B" "$ID"
  try hull delete --force "$ID"
  alive "$victim"
  stop_background
  wait_for rmdir "$CGROUP_DIR/below"
  # one that is there and empty is used, and stays; what comes into it from outside is not the container's
  start_sleeper
  background sleep 1000
  victim=${BACKGROUND[-1]}
  echo "$victim" >"$CGROUP_DIR/cgroup.procs"
  try hull kill --all "$ID" KILL
  try hull delete --force "$ID"
  alive "$victim"
  stop_background
  wait_for rmdir "$CGROUP_DIR"
}

@test "cgroup paths that lead elsewhere are refused before anything is made" {
  cgroupfs_only
  # GHSA-5g49-rx9x-qfc6. Fails on runc 1.1.5 and crun 1.8.1, which take them
  local path before
  before=$(find "$CG$CGP" -type d | sort)
  for path in "$CGP/../../hull-escape" "../hull-escape" "$CGP/x/../../../hull-escape" / // /. "$CGP/"$'new\nline' \
    "$CGP/$(printf 'a%.0s' {1..256})"; do
    config '.linux.cgroupsPath = $p' --arg p "$path"
    fails /linux/cgroupsPath -- run --bundle "$B" "$ID"
  done
  equal "$(find "$CG$CGP" -type d | sort)" "$before"
  # Beside ours are those of other tests, which come and go.
  equal "$(find "$CG/" -maxdepth 1 \( -name 'hull-escape*' -o -name x -o -name $'*\n*' -o -name 'aaaa*' \))" ""
  config '.linux.cgroupsPath = $p' --arg p "$CGROUP_PATH"
  start_sleeper
  for path in ../.. .. ../../ ./../x /.. a/../../..; do
    try hull exec --cgroup "$path" "$ID" true
    [ "$status" -ne 0 ] || { echo "$path"; return 1; }
  done
}

@test "hooks: what they leave behind does not hold hull, and is not in the container's cgroup" {
  # Fails on runc 1.1.5 and crun 1.8.1
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' \
    --arg s "exec 0<&-; (trap '' TERM HUP; sleep 1000 & echo \$! >'$T/child'); head -c 3000000 /dev/zero"
  LIMIT=10 try hull run --bundle "$B" "$ID"
  equal "$status" 0
  local child
  child=$(cat "$T/child")
  hasnt "$(cat "/proc/$child/cgroup")" "$CGROUP"
  kill -KILL "$child"
}
