#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hull sandbox: each thing that is closed unless it is asked for has a test that fails when it is open; so have the
# limits, the time-out, the report, bad input, and that nothing is left. As root and as a user.

load helpers

U=1000

# So that ours can go on with it.
eval "root_$(declare -f setup)"

setup() {
  root_setup
  HERE=$T/here
  mkdir "$HERE"
  chmod 755 "$T" "$HERE"
  cd "$HERE" || return
}

# Whoever runs in it can be told by the mark, which it would not have by itself.
box() {
  hull sandbox --env HULL_MARK --ro "$PROBE" "$@"
}

# in_box [OPTION...] COMMAND...: must succeed, without a word.
in_box() {
  ok sandbox --env HULL_MARK --ro "$PROBE" "$@"
}

as_user() {
  needs_user
  setpriv --reuid "$U" --regid "$U" --clear-groups --inh-caps=-all -- env -i PATH="$PATH" HULL_MARK="$MARK" TMPDIR="$T/tmp" \
    ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${UBSAN_OPTIONS:+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} "$@"
}

# With users of our own.
names() {
  unshare --mount --propagation private sh -c 'mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group && shift && exec "$@"' \
    sh "$T" env HULL_MARK="$MARK" "$@"
}

# The log is root's: messages come on standard error.
user_box() {
  as_user timeout --foreground -k 5 "$((20 * SLOW))" "$HULL" sandbox --env HULL_MARK "$@"
}

gone() {
  [ -z "$(marked_pids)" ]
}

report() {
  jq -e "$@" "$T/report.json" >/dev/null || { echo "not so: $*"; cat "$T/report.json"; return 1; }
}

# --- closed by default -----------------------------------------------------------------------------------------

@test "sandbox: the host's files are there, and nothing of them can be written" {
  touch "$HERE/file"
  in_box sh -c 'pwd; ls; for place in / /etc /usr "$HOME" . ; do [ -d "$place" ] && touch "$place/made" 2>/dev/null && echo "wrote $place"; done; true'
  equal "$output" "$HERE"$'\nfile'
  in_box cat /proc/self/mountinfo
  # Every mount of the host's is read-only, those below / as well.
  equal "$(awk '$5 !~ "^/(proc|dev|sys|run|tmp|var/tmp|var/run)(/|$)" && $6 !~ /^ro,/ {print $5}' "$T/stdout")" ""
  listed "$(mount_line /)" nosuid
  listed "$(mount_line /)" nodev
  [ ! -e "$HERE/made" ]
}

@test "sandbox: /tmp, /var/tmp and /run are its own, and empty" {
  local canary
  for place in /run /tmp /var/tmp; do
    [ -d "$place" ] && [ ! -L "$place" ] || continue
    canary=$(mktemp -d "$place/$MARK.XXXXXX")
    try box sh -c "ls -A $place | grep -vx ${T#/tmp/} | grep -e '$MARK' ; touch $place/mine && ls $place/mine"
    rmdir "$canary"
    equal "$output" "$place/mine"
    [ ! -e "$place/mine" ]
  done
}

@test "sandbox: nor is there anything where the command starts in one of them" {
  local canary
  canary=$(mktemp -d "/tmp/$MARK.XXXXXX")
  cd /tmp
  try hull sandbox --env HULL_MARK sh -c 'pwd; ls -A'
  rmdir "$canary"
  equal "$status" 0
  equal "$output" /tmp
}

@test "sandbox: a runtime directory elsewhere is hidden too" {
  XDG_RUNTIME_DIR=/etc in_box ls -A /etc
  equal "$output" ""
}

@test "sandbox: no process of the host is seen" {
  in_box sh -c 'ls /proc | grep -c "^[0-9]"; kill -0 '$$' 2>/dev/null && echo reached; echo $$'
  # Its first process, the shell, ls and grep.
  equal "$output" $'4\n2'
}

@test "sandbox: of the devices only the usual few" {
  in_box ls /dev
  equal "$(tr '\n' ' ' <<<"$output")" "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero "
  try box mknod "/tmp/sda" b 8 0
  [ "$status" -ne 0 ]
}

@test "sandbox: no variable of the environment but those asked for" {
  SECRET=hidden LANG=C.UTF-8 TERM=xterm in_box env
  equal "$(cut -d= -f1 <<<"$output" | sort | tr '\n' ' ')" "HOME HULL_MARK LANG PATH TERM "
  SECRET=shown in_box --env SECRET --env OTHER=given --env LANG=xx env
  has "$output" SECRET=shown OTHER=given LANG=xx
  equal "$(grep -c ^LANG= <<<"$output")" 1
  # Nor behind the first process.
  SECRET=hidden try box sh -c 'cat /proc/1/environ'
  hasnt "$output" hidden
}

@test "sandbox: no capability, and no way to one" {
  in_box cat /proc/self/status
  for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    has "$output" "$set:"$'\t0000000000000000'
  done
  has "$output" $'NoNewPrivs:\t1' $'Seccomp:\t2'
}

@test "sandbox: the caller's keys are out of reach, with and without the filter" {
  try box "$PROBE" keyring
  equal "$output" "keyctl: EPERM"
  mine=$("$PROBE" keyring 2>/dev/null) || mine=none
  try box --seccomp none "$PROBE" keyring
  [ "${output%% *}" != "${mine%% *}" ]
  in_box --seccomp none cat /proc/keys
  equal "$output" ""
}

@test "sandbox: nothing can be typed into the caller's terminal" {
  command -v script >/dev/null || skip "needs script (util-linux)"
  local line options
  for options in "" "--seccomp none"; do
    printf -v line '%q ' env HULL_MARK="$MARK" "$HULL" sandbox --ro "$PROBE"
    # Not all three streams are the terminal: it is not relayed, but the caller's own.
    try timeout -k 5 "$((20 * SLOW))" script -qefc "$line $options -- $PROBE tiocsti X 2>$T/said" /dev/null
    has "$output" "tiocsti: "
    hasnt "$output" pushed
  done
}

@test "sandbox: at a terminal the command has one of its own" {
  command -v script >/dev/null || skip "needs script (util-linux)"
  local line
  mkfifo "$T/silence"
  printf -v line '%q ' env HULL_MARK="$MARK" "$HULL" sandbox sh -c 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal'
  try timeout -k 5 "$((20 * SLOW))" script -qefc "$line" /dev/null <>"$T/silence"
  has "$output" /dev/pts/0 terminal
}

@test "sandbox: no network but its own, unless it is asked for" {
  in_box readlink /proc/self/ns/net
  [ "$output" != "$(readlink /proc/self/ns/net)" ]
  in_box sh -c 'ls /sys/class/net; grep -c . /proc/net/unix'
  equal "$output" $'lo\n1'
  in_box --net host readlink /proc/self/ns/net
  equal "$output" "$(readlink /proc/self/ns/net)"
}

@test "sandbox: every other namespace is its own, and more of them are refused" {
  local name
  in_box sh -c 'for n in ipc uts pid mnt cgroup; do echo "$n $(readlink /proc/self/ns/$n)"; done; hostname'
  for name in ipc uts pid mnt cgroup; do
    hasnt "$output" "$name $(readlink "/proc/self/ns/$name")"
  done
  has "$output" sandbox
  for name in user mount net; do
    try box unshare "--$name" true
    [ "$status" -ne 0 ]
  done
}

@test "sandbox: what is below /proc and /sys can't be changed" {
  in_box sh -c 'for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do (echo x >$f) 2>/dev/null && echo "wrote $f"; done; mkdir /sys/made 2>/dev/null && echo wrote; true'
  equal "$output" ""
}

@test "sandbox: --net host shows the file of name servers that lies in /run, and no more of it" {
  [[ $T != /run/* ]] || skip "the files of this test are in /run here"
  cat >"$T/script" <<'SCRIPT'
set -e
mount -t tmpfs run /run
mkdir /run/resolve
echo nameserver 192.0.2.1 >/run/resolve/servers
echo secret >/run/resolve/other
ln -s ../run/resolve/servers "$1/resolv.conf"
mount -t overlay -o "lowerdir=$1:/etc" overlay /etc
shift
exec "$@"
SCRIPT
  mkdir "$T/etc"
  try unshare --mount --propagation private sh "$T/script" "$T/etc" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" \
    sandbox --env HULL_MARK --net host sh -c 'cat /etc/resolv.conf; ls -A /run /run/resolve; (echo x >/etc/resolv.conf) 2>/dev/null && echo written; true'
  equal "$output$stderr" $'nameserver 192.0.2.1\n/run:\nresolve\n\n/run/resolve:\nservers'
  rm "$T/etc/resolv.conf"
  try unshare --mount --propagation private sh "$T/script" "$T/etc" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" \
    sandbox --env HULL_MARK ls -A /run
  equal "$output$stderr" ""
}

# --- what is asked for -----------------------------------------------------------------------------------------

@test "sandbox: --rw, --ro and --tmpfs, later ones over earlier, and nothing is made on the host" {
  mkdir -p "$HERE/work/sub" "$T/data"
  echo data >"$T/data/file"
  in_box --rw . --ro work --tmpfs work/sub sh -c 'touch here; touch work/no 2>/dev/null; touch work/sub/memory; ls work/sub'
  equal "$output" memory
  equal "$(ls -A "$HERE" "$HERE/work" "$HERE/work/sub" | tr '\n' ' ')" "$(printf '%s:\nhere\nwork\n\n%s:\nsub\n\n%s:\n' "$HERE" "$HERE/work" "$HERE/work/sub" | tr '\n' ' ')"
  in_box --rw . --ro "$T/data:/tmp/a/b" cat /proc/self/mountinfo
  local place
  for place in "$HERE" /tmp/a/b; do # setuid programs and devices there are none
    listed "$(mount_line "$place" | cut -d'|' -f1)" nosuid
    listed "$(mount_line "$place" | cut -d'|' -f1)" nodev
  done
  in_box --ro "$T/data:/tmp/a/b" cat /tmp/a/b/file
  equal "$output" data
  fails "there is no '$HERE/none' to mount on" "nothing is made on the host" -- sandbox --rw . --ro "$T/data:$HERE/none" true
  [ ! -e "$HERE/none" ]
}

@test "sandbox: what was not asked for stays closed below what was" {
  mkdir "$HERE/open"
  in_box --rw open sh -c 'touch open/yes; touch no 2>/dev/null && echo wrote; true'
  equal "$output" ""
  equal "$(ls -A "$HERE")" open
  [ -e open/yes ]
}

@test "overlay: the host's files can be written, and nothing of it reaches the host" {
  mkdir -p "$HERE/dir/old" "$T/data/sub"
  echo old >"$HERE/file"
  echo data >"$T/data/file"
  chmod 700 "$T/data/sub"
  in_box --overlay --ro "$T/data:/tmp/data" --rw dir sh -c 'echo new >file && rm -r /etc/ssl 2>/dev/null; touch /made /etc/made /tmp/data/made dir/made && rm /tmp/data/file
    mv file moved; cat moved; ls /tmp/data; ls -ld /tmp/data/sub | cut -c 1-10; rmdir dir/old && mkdir /usr/local/sbx && rmdir /usr/local/sbx && mkdir /usr/local/sbx && ls -d /usr/local/sbx'
  equal "$output" $'new\nmade\nsub\ndrwx------\n/usr/local/sbx'
  equal "$(cat "$HERE/file" "$T/data/file")" $'old\ndata'
  for path in /made /etc/made /usr/local/sbx "$T/data/made"; do
    [ ! -e "$path" ]
  done
  # --rw means the host's.
  equal "$(ls "$HERE/dir")" made
  # Nothing of the host's root lies over or under it.
  in_box --overlay cat /proc/self/mountinfo
  equal "$(awk '$5 == "/" {print $(NF - 1)}' "$T/stdout")" overlay
  listed "$(mount_line /)" nosuid
  listed "$(mount_line /)" nodev
}

@test "overlay: what is mounted below stays visible and read-only, and closed places stay closed" {
  cat >"$T/script" <<'SCRIPT'
set -e
mount -t tmpfs inner "$1/mounted"
echo inner >"$1/mounted/file"
mount --bind "$1/plain" "$1/bound"
shift
exec "$@"
SCRIPT
  mkdir "$HERE/mounted"
  echo plain >"$HERE/plain"
  touch "$HERE/bound"
  try unshare --mount --propagation private sh "$T/script" "$HERE" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" --log-format json \
    sandbox --env HULL_MARK --overlay --ro "$HERE:/srv" sh -c 'cat mounted/file bound /srv/mounted/file
      for f in mounted/file bound /srv/mounted/file /proc/sys/kernel/core_pattern; do (echo x >$f) 2>/dev/null && echo "wrote $f"; done
      echo x >/srv/plain && ls -A /run | grep -vx "${1%%/*}"' sh "${T#/run/}"
  equal "$output$stderr" $'inner\nplain\ninner'
  equal "$(cat "$HERE/plain")" plain
}

@test "overlay: tmpupper is an option of any mount, shown by the plan and read back" {
  mkdir "$B/rootfs/over"
  echo image >"$B/rootfs/over/file"
  config '.mounts = [{destination: "/", type: "overlay", source: "all", options: ["tmpupper", "noatime"]}] + .mounts
    + [{destination: "/over", type: "overlay", source: "some", options: ["tmpupper", "nosuid"]}] | .root.readonly = false'
  ok plan --bundle "$B"
  jq -e '[.mounts[] | select(.tmpUpper) | .destination] == ["/", "/over"]' "$T/stdout"
  inside 'echo changed >/over/file; echo changed >/bin/new; cat /over/file /bin/new; cat /proc/self/mountinfo' --verify
  has "$output" $'changed\nchanged'
  has "$(mount_line /)" "rw,noatime|"
  listed "$(mount_line /over)" nosuid
  equal "$(cat "$B/rootfs/over/file")" image
  [ ! -e "$B/rootfs/bin/new" ]
  config '(.mounts[] | select(.destination == "/over") | .destination) = "/none"'
  fails "/mounts" "cannot mount '/none'" "needs a directory there" -- run --bundle "$B" "$ID"
  config '(.mounts[] | select(.destination == "/none") | .type) = "tmpfs"'
  fails "tmpupper is for type overlay only" -- run --bundle "$B" "$ID"
}

@test "user: --overlay of what is his" {
  mkdir -p "$HERE/mine" "$T/data"
  echo old >"$HERE/mine/file"
  echo data >"$T/data/file"
  chown -R "$U:$U" "$HERE" "$T/data"
  try user_box --overlay --ro "$T/data:/tmp/data" sh -c 'echo new >mine/file; rm /tmp/data/file; touch made; cat mine/file; ls -A . /tmp/data; touch /etc/made 2>/dev/null || echo closed'
  equal "$stderr" ""
  equal "$output" $'new\n.:\nmade\nmine\n\n/tmp/data:\nclosed'
  equal "$(cat "$HERE/mine/file" "$T/data/file"; ls -A "$HERE")" $'old\ndata\nmine'
  try user_box --overlay --ro / true
  has "$stderr" "something is mounted below ('/" "leave out --overlay"
  cd /
  try user_box --overlay true
  has "$stderr" "may write neither to his home nor to the current directory" "name a directory by --ro"
}

@test "sandbox: what keeps mount namespaces on the host is not in the way" {
  cat >"$T/script" <<'SCRIPT'
set -e
mount -t tmpfs --make-private namespaces "$1"
touch "$1/kept"
unshare --mount --propagation private sh -c 'echo $$; exec sleep 1000' >"$1/pid" &
until [ -s "$1/pid" ]; do sleep 0.02; done
mount --bind "/proc/$(cat "$1/pid")/ns/mnt" "$1/kept"
kill "$!"
shift
"$@"
SCRIPT
  mkdir "$T/namespaces"
  # On one processor: a namespace may be kept in an older one only, and Linux 6.18 counts for each processor apart.
  local cpu
  cpu=$(awk '/^Cpus_allowed_list/ {split($2, list, /[-,]/); print list[1]}' /proc/self/status)
  try taskset --cpu-list "$cpu" unshare --mount --propagation private sh "$T/script" "$T/namespaces" env HULL_MARK="$MARK" "$HULL" --root "$ROOT" --log "$LOG" \
    sandbox --env HULL_MARK echo here
  equal "$output$stderr" here
}

@test "sandbox: --user" {
  in_box --user 1234 "$PROBE" ids
  has "$output" "uid 1234 1234 1234"
  in_box --user 12:34 sh -c 'id -u; id -g; id -G'
  equal "$output" $'12\n34\n34'
  printf '%s\n' root:x:0:0:root:/root:/bin/sh builder:x:123:45:B:/:/bin/sh >"$T/passwd"
  printf '%s\n' root:x:0: makers:x:67:builder >"$T/group"
  local pair
  for pair in builder=123:45 builder:makers=123:67 builder:8=123:8 9:makers=9:67; do
    try names "$HULL" --root "$ROOT" --log "$LOG" sandbox --env HULL_MARK --user "${pair%=*}" sh -c 'echo $(id -u):$(id -g)'
    equal "$output" "${pair#*=}"
  done
}

@test "sandbox: --print-config is a config that hull run takes" {
  in_box --print-config sh -c 'id -u' >/dev/null
  mkdir "$T/printed"
  cp "$T/stdout" "$T/printed/config.json"
  ok validate --bundle "$T/printed"
  ok --cgroup-manager disabled run --bundle "$T/printed" "$ID"
  equal "$output" 0
}

@test "sandbox: --seccomp FILE" {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}' >"$T/profile.json"
  try box --seccomp "$T/profile.json" mkdir /tmp/x
  has "$stderr" "No space left"
  in_box --seccomp none mkdir /tmp/x
}

# --- the end ---------------------------------------------------------------------------------------------------

@test "sandbox: the exit status is the command's, or 128 and its signal" {
  try box sh -c 'exit 3'
  equal "$status" 3
  try box sh -c 'kill -TERM $$'
  equal "$status" 143
  try box sh -c 'kill -KILL $$'
  equal "$status" 137
  try hull sandbox "/no such command"
  equal "$status" 125
  has "$stderr" "no such file"
}

@test "sandbox: signals reach the command" {
  background hull_exec sandbox --env HULL_MARK --rw . sh -c 'trap "echo got >trapped; exit 9" TERM; touch ready; while :; do sleep 0.05; done'
  local pid=$!
  wait_for [ -e ready ]
  kill -TERM "$pid"
  local ended=0
  wait "$pid" || ended=$?
  equal "$ended" 9
  [ -e trapped ]
}

@test "sandbox: what the command leaves running ends with it" {
  in_box --rw . sh -c 'setsid sh -c "touch ready; sleep 1000" >/dev/null 2>&1 & while [ ! -e ready ]; do sleep 0.01; done'
  gone
}

@test "sandbox: it is gone when hull is killed" {
  background hull_exec sandbox --env HULL_MARK --rw . sh -c 'setsid sleep 1000 & touch ready; sleep 1000'
  local pid=$!
  wait_for [ -e ready ]
  kill -KILL "$pid"
  wait "$pid" || :
  wait_for gone
}

@test "sandbox: of one whose hull was killed gc finds the cgroup, but not of one that runs" {
  local cgroup
  background hull_exec sandbox --env HULL_MARK --rw . --report "$T/report.json" sh -c 'touch ready; sleep 1000'
  local pid=$!
  wait_for [ -e ready ]
  cgroup=$(find "$CG" -type d -name "sandbox-$pid-*" 2>/dev/null || :) # other tests' come and go
  cgroup=${cgroup#"$CG"}
  [ -n "$cgroup" ]
  ok gc --format json
  hasnt "$output" "$cgroup"
  kill -KILL "$pid"
  wait "$pid" || :
  wait_for gone
  ok gc --format json
  jq -e --arg name "$cgroup" '.[] | select(.name == $name) | .kind == "cgroup" and .stays == false' <<<"$output"
  ok gc --remove
  [ ! -e "$CG$cgroup" ]
}

@test "sandbox: --timeout kills all of it, with status 124" {
  try box --timeout 0.5s sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1000'
  equal "$status" 124
  has "$(cat "$LOG")" "timed out after 0.5s"
  gone
  in_box --timeout 1h true
}

@test "sandbox: standard streams are the caller's" {
  echo typed >"$T/input"
  INPUT=$T/input in_box sh -c 'cat; echo said; echo wrong >&2' || true
  equal "$output" $'typed\nsaid'
  equal "$stderr" wrong
}

@test "sandbox: whichever step fails, it is named and nothing is left" {
  HULL_FAULT=spawn-init:EPERM try hull sandbox true
  [ "$status" -ne 0 ] || skip "needs a build with --enable-fault-injection"
  local row reached=" "
  while read -r row; do
    rm -f ran "$T/report.json" # of a step that is not in a sandbox
    HULL_FAULT=$row:EPERM try box --rw . --report "$T/report.json" touch ran
    [ "$status" -ne 0 ] || continue
    reached+="$row "
    failed "$row"
    [ ! -e ran ]
    [ ! -e "$T/report.json" ]
    gone
  done < <("$HULL" steps | awk '$1 == "parent" || $1 == "init" {sub(/\t.*/, ""); print $2}')
  has "$reached" " die-with-runtime " " first-process " " seccomp " " execve " " mounts "
  hasnt "$reached" state save
}

# --- the report ------------------------------------------------------------------------------------------------

@test "report: how it ended, what it took, what was denied; and why the rest is null" {
  try box --report "$T/report.json" sh -c 'unshare --mount true 2>/dev/null; sleep 0.1; exit 4'
  equal "$status" 4
  report '.command[0] == "sh" and .exit_code == 4 and .signal == null and .timed_out == false'
  report '.wall_ms >= 100 and .user_ms >= 0 and .system_ms >= 0 and .largest_process_bytes > 100000'
  report '(.read_bytes | type) == "number" and (.write_bytes | type) == "number"'
  report '[.denied_syscalls[] | select(.syscall == "unshare" and .effect == "EPERM")] | length == 1'
  report '. as $r | ["oom", "memory_peak_bytes", "pids_peak", "denied_syscalls"] | all(. as $k | ($r[$k] == null) == ($r.unknown | has($k)))'
  equal "$(stat -c %a "$T/report.json")" 644
}

@test "report: a signal, a time-out, no filter" {
  try box --report "$T/report.json" sh -c 'kill -SEGV $$'
  report '.exit_code == null and .signal == 11 and .signal_name == "SIGSEGV"'
  try box --report "$T/report.json" --timeout 200ms sleep 1000
  equal "$status" 124
  report '.timed_out == true and .exit_code == null and .signal == 9'
  in_box --seccomp none --report "$T/report.json" true
  report '.denied_syscalls == null and (.unknown.denied_syscalls | test("--seccomp none"))'
}

@test "report: who can't have it doesn't want the command to run" {
  fails "cannot write the report '$T/none/report.json'" "the command was not run" -- sandbox --rw . --report "$T/none/report.json" touch ran
  fails "cannot write the report '$T'" -- sandbox --rw . --report "$T" touch ran
  [ ! -e ran ]
  # Nor is there half a one when the sandbox could not be made.
  try hull sandbox --report "$T/report.json" /nonexistent
  [ "$status" -ne 0 ]
  [ ! -e "$T/report.json" ]
  equal "$(compgen -G "$T/.*.tmp" || :)" ""
}

# --- limits ----------------------------------------------------------------------------------------------------

has_controller() {
  grep -qw "$1" "$CG/cgroup.controllers" || skip "no $1 controller"
}

@test "limits: --memory, and the report says what happened" {
  has_controller memory
  try box --memory 32M --report "$T/report.json" sh -c 'dd if=/dev/zero of=/dev/shm/big bs=1M count=64; true'
  report '.oom == true and .memory_peak_bytes > 16777216'
  has "$(cat "$LOG")" "see --memory"
}

@test "limits: --pids and --cpus" {
  has_controller pids
  try box --pids 3 --report "$T/report.json" sh -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait'
  [ "$status" -ne 0 ]
  report '.pids_peak <= 3 and .pids_peak >= 2'
  has_controller cpu
  in_box --cpus 0.5 cat /sys/fs/cgroup/cpu.max
  equal "$output" "50000 100000"
}

@test "limits: what is written to an overlay counts as memory" {
  has_controller memory
  try box --memory 32M --overlay --report "$T/report.json" sh -c 'dd if=/dev/zero of=big bs=1M count=64; true'
  report '.oom == true and .memory_peak_bytes > 16777216'
  [ ! -e "$HERE/big" ]
}

@test "limits: of a user, in a cgroup that is delegated to him" {
  has_controller memory
  has_controller pids
  has_controller cpu
  needs_user
  local dir=$CG$CGP/delegated path=$CG part
  mkdir -p "$dir/own"
  for part in "" ${CGP//\// } delegated; do
    path+=${part:+/$part}
    echo "+memory +pids +cpu" >"$path/cgroup.subtree_control"
  done
  chown "$U:$U" "$dir" "$dir/own" "$dir"/{cgroup.procs,cgroup.subtree_control} "$dir/own/cgroup.procs"
  chown "$U:$U" "$HERE" "$T"
  delegated_box() { (echo "$BASHPID" >"$dir/own/cgroup.procs" && user_box "$@"); }
  try delegated_box --memory 32M --pids 3 --cpus 0.5 --report "$T/report.json" sh -c 'cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max; dd if=/dev/zero of=/dev/shm/big bs=1M count=64; true'
  equal "$output" $'50000 100000\n4'
  has "$stderr" "see --memory"
  report '.oom == true and .memory_peak_bytes > 16777216 and .pids_peak >= 1 and (.unknown | has("oom") | not)'
  try delegated_box --pids 3 --report "$T/report.json" sh -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait'
  has "$stderr" "see --pids"
  report '.pids_peak <= 3'
  rmdir "$dir/own" "$dir"
}

@test "limits: without a controller they are an error, and nothing is left" {
  ! grep -qw memory "$CG/cgroup.controllers" || skip "there is a memory controller"
  fails memory -- sandbox --memory 1G true
}

# --- bad input -------------------------------------------------------------------------------------------------

@test "bad input: one error with the remedy" {
  mkdir "$HERE/dir"
  touch "$HERE/file"
  fails "too few arguments" -- sandbox --net none
  fails "did you mean '--timeout'?" "hull sandbox --help" -- sandbox --timeuot 3s true
  fails "'--net' must be none|host, not 'bogus'" -- sandbox --net bogus true
  fails "'--timeout 0'" "leave it out" -- sandbox --timeout 0 true
  fails "'--timeout' must be a duration" -- sandbox --timeout soon true
  fails "'--memory' must be a size above 0" -- sandbox --memory 0 true
  fails "'--memory' must be a size" -- sandbox --memory lots true
  fails "'--cpus' must be a number of processors" -- sandbox --cpus 0 true
  fails "'--pids' must be a number of processes" -- sandbox --pids 0 true
  fails "/etc/passwd has no user 'no.such'" "id -u NAME" -- sandbox --user no.such true
  fails "/etc/group has no group 'no.such'" -- sandbox --user root:no.such true
  fails "'--user' must be UID, NAME, UID:GID or NAME:GROUP" -- sandbox --user : true
  fails "no such variable" "--env NO_SUCH=VALUE" -- sandbox --env NO_SUCH true
  fails "'$HERE/none' does not exist" -- sandbox --ro none/below true
  fails "'$HERE/file' is no directory" -- sandbox --ro file/below true
  fails "asked for in another way" -- sandbox --ro dir --rw dir true
  fails "asked for in another way" -- sandbox --tmpfs dir --rw dir true
  mkdir dir/inner
  fails "--ro dir' lies over" dir/inner 'name it first' -- sandbox --rw dir/inner --ro dir true
  ok sandbox --ro dir --rw dir/inner touch dir/inner/x
  (cd dir && ok sandbox --rw .. touch y) # the current directory has not been asked for
  fails "the root itself" -- sandbox --rw / true
  fails "--seccomp" "default, none, or a file" -- sandbox --seccomp nosuch true
  echo '{"defaultAction": "SCMP_ACT_PERHAPS"}' >"$T/bad.json"
  fails "--seccomp" "bad.json:1:" -- sandbox --seccomp "$T/bad.json" true
}

# --- as a user -------------------------------------------------------------------------------------------------

@test "user: the same, as himself" {
  echo mine >"$HERE/file"
  chown -R "$U:$U" "$HERE"
  try user_box --rw . sh -c 'id -u; cat file; touch made; touch /etc/made 2>/dev/null || echo closed; ls /proc | grep -c "^[0-9]"; grep CapEff /proc/self/status'
  equal "$stderr" ""
  equal "$output" "$U"$'\nmine\nclosed\n4\nCapEff:\t0000000000000000'
  equal "$(stat -c %u "$HERE/made")" "$U"
  try user_box --user 0 sh -c 'id -u; exit 5'
  equal "$status" 5
  equal "$output" 0
  try user_box sh -c 'kill -9 $$'
  equal "$status" 137
  try user_box --net host sh -c 'ls -A /sys; readlink /proc/self/ns/net'
  equal "$output" "$(readlink /proc/self/ns/net)"
}

@test "user: what he may not read is an error that names the component" {
  mkdir -p "$HERE/locked/inner"
  chmod 700 "$HERE/locked"
  touch "$HERE/secret"
  chmod 600 "$HERE/secret"
  try user_box --ro locked/inner true
  has "$stderr" "user $U may not enter '$HERE/locked'" "mode 0700"
  try user_box --ro secret true
  has "$stderr" "user $U may not read '$HERE/secret'"
  try user_box --report "$HERE/report.json" true
  has "$stderr" "cannot write the report"
}

@test "user: time-out and report" {
  chown "$U:$U" "$T"
  try user_box --timeout 300ms --report "$T/report.json" sh -c 'setsid sleep 1000 & sleep 1000'
  equal "$status" 124
  report '.timed_out == true and .memory_peak_bytes == null and (.unknown.memory_peak_bytes | length) > 10'
  gone
}

@test "user: no user namespaces allowed: the message names the sysctl" {
  try as_user unshare --user --map-user="$U" --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$HULL" sandbox true
  [ "$status" -ne 0 ]
  case $stderr in *"cannot create"*"Permission denied"*max_user_namespaces*) skip "may not change the sysctl here" ;; esac
  has "$stderr" "user.max_user_namespaces is 0" "root sets it to" "sysctl -w"
  equal "$(grep -c ^hull: <<<"$stderr")" 1
}

@test "user: switches of distributions that keep him from user namespaces are named" {
  # In a copy of what /proc/sys/kernel shows, and in a chroot, where no kernel lets anybody make them.
  needs_user
  mkdir "$T/kernel" "$T/all"
  cat >"$T/script" <<'SCRIPT'
mount --bind "$1/kernel" /proc/sys/kernel && mount --rbind / "$1/all" && cd "$1/all" && shift && exec chroot . "$@"
SCRIPT
  refused_by() {
    rm -f "$T"/kernel/*
    echo "$2" >"$T/kernel/$1"
    try unshare --mount --propagation private sh "$T/script" "$T" setpriv --reuid "$U" --regid "$U" --clear-groups --inh-caps=-all \
      env -i PATH="$PATH" HULL_MARK="$MARK" "$HULL" sandbox true
    equal "$status" 125
    has "$stderr" "kernel.$1 is $2"
    equal "$(grep -c ^hull: <<<"$stderr")" 1
  }
  refused_by unprivileged_userns_clone 0
  has "$stderr" "sysctl -w kernel.unprivileged_userns_clone=1"
  refused_by apparmor_restrict_unprivileged_userns 1
  has "$stderr" "/etc/apparmor.d"
}
