#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Failures that say what is wrong. Those of docs/diagnosis.md are made by tests/diagnosis/cases.bash; each must have its
# words in hull's message, and leave nothing behind.

load helpers
# shellcheck source=tests/diagnosis/cases.bash
source "$TOP/tests/diagnosis/cases.bash"

# explained CASE
explained() {
  local words=()
  OPTIONS=()
  "make_$1"
  IFS='|' read -ra words <<<"${WORDS[$1]}"
  try hull run "${OPTIONS[@]}" --bundle "$B" "$ID"
  exec 9>&-
  failed "${words[@]}"
  nothing_left
}

@test "diagnosis: missing-file" {
  explained missing-file
}

@test "diagnosis: not-in-path" {
  explained not-in-path
}

@test "diagnosis: dangling-link" {
  explained dangling-link
}

@test "diagnosis: missing-loader" {
  explained missing-loader
}

@test "diagnosis: missing-interpreter" {
  explained missing-interpreter
}

@test "diagnosis: interpreter-loader" {
  explained interpreter-loader
}

@test "diagnosis: crlf" {
  explained crlf
}

@test "diagnosis: empty-shebang" {
  explained empty-shebang
}

@test "diagnosis: no-shebang" {
  explained no-shebang
}

@test "diagnosis: empty-file" {
  explained empty-file
}

@test "diagnosis: interpreter-directory" {
  explained interpreter-directory
}

@test "diagnosis: interpreter-mode" {
  explained interpreter-mode
}

@test "diagnosis: wrong-architecture" {
  explained wrong-architecture
}

@test "diagnosis: mode-bits" {
  explained mode-bits
}

@test "diagnosis: noexec-mount" {
  explained noexec-mount
}

@test "diagnosis: directory" {
  explained directory
}

@test "diagnosis: busy" {
  explained busy
}

@test "diagnosis: too-big" {
  explained too-big
}

@test "diagnosis: closed-directory" {
  explained closed-directory
}

@test "diagnosis: owner-only" {
  explained owner-only
}

@test "diagnosis: unmapped-owner" {
  explained unmapped-owner
}

@test "diagnosis: unmapped-target" {
  explained unmapped-target
}

@test "diagnosis: unmapped-cwd" {
  explained unmapped-cwd
}

@test "diagnosis: hook-status" {
  explained hook-status
}

@test "diagnosis: hook-signal" {
  explained hook-signal
}

@test "diagnosis: hook-timeout" {
  explained hook-timeout
}

@test "diagnosis: hook-interpreter" {
  explained hook-interpreter
}

@test "diagnosis: config-typo" {
  explained config-typo
}

@test "diagnosis: config-type" {
  explained config-type
}

@test "diagnosis: bind-source" {
  explained bind-source
}

@test "diagnosis: filesystem" {
  explained filesystem
}

@test "diagnosis: seccomp-exec" {
  explained seccomp-exec
}

@test "diagnosis: all failures of the table have a test here" {
  local name
  for name in "${CASES[@]}"; do
    grep -qF "@test \"diagnosis: $name\"" "$BATS_TEST_FILENAME" || { echo "$name has none"; return 1; }
    grep -qF "\`diagnosis: $name\`" "$TOP/docs/diagnosis.md" || { echo "$name is not in docs/diagnosis.md"; return 1; }
  done
}

# --- as somebody else -----------------------------------------------------------------------------------

# user_fails WORD... -- COMMAND...: the same as `fails`, for a user without rights.
user_fails() {
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  chmod 711 "$T"
  mkdir -p "$T/user"
  chown 1000:1000 "$T/user"
  LOG=$T/user/log.json
  rm -f "$LOG"
  status=0
  HULL_MARK="$MARK" XDG_RUNTIME_DIR=$T/user timeout --foreground -k 5 "$((20 * SLOW))" setpriv --reuid 1000 --regid 1000 --clear-groups \
    "$HULL_PROGRAM" --root "$T/user/root" --log "$LOG" --log-format json --cgroup-manager disabled "$@" \
    >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- || status=$?
  read_file output "$T/stdout"
  read_file stderr "$T/stderr"
  failed "${words[@]}"
}

@test "diagnosis: for a user, the directory above a bundle, a root or a bind source that is closed to him" {
  config 'del(.linux.cgroupsPath, .linux.resources)'
  args true
  mkdir -m 700 "$T/closed"
  mkdir "$T/closed/source"
  cp "$B/config.json" "$T/closed/"
  user_fails "'$T/closed' (mode 0700, owner 0:0) may not be entered by 1000:1000" -- run --bundle "$T/closed" "$ID"
  config '.mounts += [{"destination": "/opt", "type": "bind", "source": $s, "options": ["bind"]}]' --arg s "$T/closed/source"
  chmod 755 "$B" "$B/rootfs"
  config '.root.path = $p' --arg p "$T/closed/rootfs"
  # This one is opened in the user namespace already, where the user is root and root is nobody.
  user_fails "'$T/closed' (mode 0700, owner 65534:65534) may not be entered by 0:0" "$T/closed/rootfs" -- run --bundle "$B" "$ID"
  chmod 600 "$B/config.json"
  user_fails "config.json' (mode 0600, owner 0:0) may not be read by 1000:1000" -- run --bundle "$B" "$ID"
}

@test "diagnosis: user namespaces that are used up are told by their sysctl" {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 1}]
    | .linux.gidMappings = .linux.uidMappings | del(.linux.cgroupsPath, .linux.resources)'
  args true
  LOG=$T/log.json
  : >"$LOG"
  status=0
  unshare --user --map-root-user --mount sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh \
    "$HULL_PROGRAM" --root "$T/state/root" --log "$LOG" --log-format json --cgroup-manager disabled run --bundle "$B" "$ID" \
    >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- || status=$?
  read_file output "$T/stdout"
  read_file stderr "$T/stderr"
  failed 'user.max_user_namespaces is 0' 'sysctl -w user.max_user_namespaces'
}

@test "diagnosis: keyring-quota" {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 123456, "size": 1}]
    | .linux.gidMappings = .linux.uidMappings'
  chown -R 123456:123456 "$B/rootfs"
  args true
  background "$PROBE" fill-keys 123456 >"$T/filled" </dev/null
  wait_for [ -s "$T/filled" ]
  has "$(cat "$T/filled")" EDQUOT
  # Only who has a session keyring already has the next one counted.
  printf '#!/bin/sh\nexec "%s" in-keyring "%s" "$@"\n' "$PROBE" "$HULL" >"$T/hull-with-keyring"
  chmod 755 "$T/hull-with-keyring"
  HULL=$T/hull-with-keyring
  fails 'key quota' /proc/sys/kernel/keys/maxkeys /proc/key-users --no-new-keyring -- run --bundle "$B" "$ID"
  ok run --no-new-keyring --bundle "$B" "$ID"
}
