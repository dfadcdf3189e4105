#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bad input: each ends with one error that says where, in under a second and 64 MiB, and leaves nothing.

load helpers

measured() {
  env HULL_MARK="$MARK" TMPDIR="$T/tmp" timeout --foreground -k 5 "$((${LIMIT:-20} * SLOW))" \
    "$PROBE" peak "$HULL" --root "$ROOT" --log "$LOG" --log-format json "$@"
}

# refused WORD... -- COMMAND...: `fails` with the limits of time and memory, and nothing may be left.
refused() {
  local words=() started took memory
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  started=${EPOCHREALTIME/./}
  try measured "$@"
  took=$(((${EPOCHREALTIME/./} - started) / 1000))
  failed "${words[@]}" || return
  memory=$(awk '$1 == "peak" {print $2}' "$T/stderr")
  sanitized || [ "$took" -lt $((1000 * SLOW)) ] || { echo "took $took ms"; return 1; }
  sanitized || [ "$memory" -lt 65536 ] || { echo "took $memory KiB"; return 1; }
  nothing_left
}

# The text of config.json as it is given.
text() {
  printf '%s' "$1" >"$B/config.json"
}

@test "json: not JSON at all, empty, cut off, with something after it" {
  local good
  good=$(jq -c . "$B/config.json")
  text 'this is not json'
  refused config.json:1: -- create --bundle "$B" "$ID"
  text ''
  refused config.json -- create --bundle "$B" "$ID"
  text '   '
  refused config.json -- create --bundle "$B" "$ID"
  text "${good:0:200}"
  refused config.json:1: -- create --bundle "$B" "$ID"
  text "$good{}"
  refused config.json:1: -- create --bundle "$B" "$ID"
  text "$good x"
  refused config.json:1: -- create --bundle "$B" "$ID"
  text "/* comment */ $good"
  refused config.json:1: -- create --bundle "$B" "$ID"
  head -c 4096 /dev/urandom >"$B/config.json"
  refused config.json -- create --bundle "$B" "$ID"
}

@test "json: not an object" {
  local top
  for top in '[]' 'null' '7' '"x"' 'true'; do
    text "$top"
    refused config.json -- create --bundle "$B" "$ID" || { echo "$top"; return 1; }
  done
}

@test "json: a duplicate key is an error with line and column, at every level" {
  text $'{"ociVersion": "1.0.0",\n "root": {"path": "rootfs"},\n "root": {"path": "other"}}'
  refused config.json:3: root uplicate -- create --bundle "$B" "$ID"
  text $'{"ociVersion": "1.0.0",\n "process": {"cwd": "/", "args": ["true"],\n "cwd": "/tmp"}}'
  refused config.json:3: /process cwd uplicate -- create --bundle "$B" "$ID"
}

@test "json: a wrong type is an error with line, column, pointer and what was expected" {
  local row filter pointer
  local rows=('.process = [] ;/process' '.process.args = "true" ;/process/args' '.process.args[0] = 7 ;/process/args/0'
    '.process.user.uid = "0" ;/process/user/uid' '.process.terminal = "no" ;/process/terminal' '.root = "rootfs" ;/root'
    '.mounts = {} ;/mounts' '.mounts[2].options = "ro" ;/mounts/2/options' '.linux.namespaces[1].type = null | .linux.namespaces[1].type = 5 ;/linux/namespaces/1/type'
    '.process.rlimits[0].soft = 1.5 ;/process/rlimits/0/soft' '.process.env = {"A": "b"} ;/process/env'
    '.linux.sysctl = {"net.ipv4.ip_forward": 1} ;/linux/sysctl/net.ipv4.ip_forward' '.annotations = {"a": 1} ;/annotations/a'
    '.hostname = 7 ;/hostname' '.process.user.uid = true ;/process/user/uid' '.process.cwd = ["/"] ;/process/cwd')
  cp "$B/config.json" "$T/good.json"
  for row in "${rows[@]}"; do
    filter=${row%;*} pointer=${row##*;}
    jq "$filter" "$T/good.json" >"$B/config.json"
    refused "$pointer" config.json: expected -- create --bundle "$B" "$ID" || { echo "$row"; return 1; }
    [[ $stderr =~ config.json:[0-9]+:[0-9]+ ]]
  done
}

@test "json: a number out of range is an error with the pointer and the range" {
  local value
  for value in -1 4294967296 18446744073709551616 1e3 1.0 99999999999999999999999999; do
    sed "s/\"uid\": 0/\"uid\": $value/" "$TEMPLATE" >"$B/config.json"
    grep -q "\"uid\": $value" "$B/config.json"
    refused /process/user/uid -- create --bundle "$B" "$ID" || { echo "$value"; return 1; }
  done
  sed 's/"soft": 1024/"soft": 18446744073709551616/' "$TEMPLATE" >"$B/config.json"
  refused /process/rlimits/0/soft -- create --bundle "$B" "$ID"
}

@test "json: an unknown value of an enum is an error with the pointer and what was meant" {
  config '.linux.namespaces[0].type = "nettwork"'
  refused /linux/namespaces/0/type nettwork network -- create --bundle "$B" "$ID"
  bundle second
  config '.linux.rootfsPropagation = "sideways"'
  refused /linux/rootfsPropagation sideways -- create --bundle "$B" "$ID"
}

@test "json: NUL in a string is an error" {
  # crun 1.8.1 and later cut the argument there and run what precedes it
  sed 's/"args": \["true"\]/"args": ["true\\u0000false"]/' "$TEMPLATE" >"$B/config.json"
  grep -q u0000 "$B/config.json"
  refused /process/args/0 config.json: -- create --bundle "$B" "$ID"
}

@test "json: invalid utf-8 is an error" {
  printf '{"ociVersion": "1.0.0", "hostname": "a\377b"}' >"$B/config.json"
  refused config.json:1: -- create --bundle "$B" "$ID"
}

@test "json: depth over 64 is an error, 64 is not" {
  local depth
  for depth in 65 100 100000 2000000; do
    {
      printf '{"ociVersion": "1.0.0", "x": '
      head -c "$depth" /dev/zero | tr '\0' '['
      head -c "$depth" /dev/zero | tr '\0' ']'
      printf '}'
    } >"$B/config.json"
    refused config.json:1: deep -- create --bundle "$B" "$ID" || { echo "depth $depth"; return 1; }
  done
  bundle second
  config '.unknown = (reduce range(62) as $i (1; [.]))'
  ok run --bundle "$B" "$ID"
}

@test "json: more than 16 MiB is an error before it is read" {
  { printf '{"ociVersion": "1.0.0", "x": "'; head -c $((16 << 20)) /dev/zero | tr '\0' x; printf '"}'; } >"$B/config.json"
  refused config.json '16' -- create --bundle "$B" "$ID"
  truncate -s 100G "$B/config.json"
  refused config.json -- create --bundle "$B" "$ID"
}

@test "json: an unknown key is ignored" {
  config '.future = {"a": [1, 2, {"b": null}]} | .process.newer = true | .linux.later = "x" | .mounts[0].extra = 1'
  ok run --bundle "$B" "$ID"
}

@test "json: null is the same as absent" {
  config '.hooks = null | .annotations = null | .process.rlimits = null | .linux.sysctl = null | .process.consoleSize = null'
  ok run --bundle "$B" "$ID"
}

@test "version: a missing or foreign ociVersion is an error, a newer minor one is not" {
  local version
  for version in '""' '"1"' '"one"' '"2.0.0"' '"0.9.0"' '"1.0"' 7; do
    jq ".ociVersion = $version" "$TEMPLATE" >"$B/config.json"
    refused /ociVersion -- create --bundle "$B" "$ID" || { echo "$version"; return 1; }
  done
  jq 'del(.ociVersion)' "$TEMPLATE" >"$B/config.json"
  refused ociVersion -- create --bundle "$B" "$ID"
  bundle second
  config '.ociVersion = "1.0.2-dev"'
  ok run --bundle "$B" "$ID"
}

@test "required: what the specification requires and is missing is named" {
  local row
  cp "$B/config.json" "$T/good.json"
  for row in 'del(.root);root' 'del(.root.path);/root' 'del(.process.cwd);cwd' '.process.args = [];args' 'del(.process.args);args' \
    'del(.mounts[0].destination);/mounts/0' 'del(.linux.namespaces[0].type);/linux/namespaces/0'; do
    jq "${row%;*}" "$T/good.json" >"$B/config.json"
    refused "${row##*;}" -- run --bundle "$B" "$ID" || { echo "$row"; return 1; }
  done
}

@test "bundle: a missing directory, config or root file system is named with the cause" {
  refused "$T/nobundle" 'No such file or directory' -- create --bundle "$T/nobundle" "$ID"
  mv "$B/rootfs" "$T/away"
  refused rootfs 'No such file or directory' -- create --bundle "$B" "$ID"
  echo file >"$B/rootfs"
  refused rootfs 'Not a directory' -- create --bundle "$B" "$ID"
  rm "$B/rootfs"
  mv "$T/away" "$B/rootfs"
  rm "$B/config.json"
  refused config.json 'No such file or directory' -- create --bundle "$B" "$ID"
  mkdir "$B/config.json"
  refused config.json -- create --bundle "$B" "$ID"
}

@test "bundle: a config that is a fifo does not hang" {
  rm "$B/config.json"
  mkfifo "$B/config.json"
  LIMIT=3 refused config.json -- create --bundle "$B" "$ID"
}

@test "bundle: a config that is a device that never ends does not hang or fill the memory" {
  rm "$B/config.json"
  ln -s /dev/zero "$B/config.json"
  refused config.json -- create --bundle "$B" "$ID"
}

@test "namespaces: a missing path is an error" {
  config '.linux.namespaces[1].path = "/no/such/ns"'
  refused /linux/namespaces/1 /no/such/ns 'No such file or directory' -- create --bundle "$B" "$ID"
}

@test "mounts: a missing source is an error" {
  config '.mounts += [{"destination": "/m", "type": "bind", "source": "/no/such/source", "options": ["bind"]}]'
  refused /mounts/7 /no/such/source 'No such file or directory' -- create --bundle "$B" "$ID"
}

@test "executable: missing, not executable, a directory" {
  args /no/such
  refused /no/such 'no such file or directory' -- run --bundle "$B" "$ID"
  args nosuch
  refused nosuch 'executable file not found in $PATH' -- run --bundle "$B" "$ID"
  args /etc/passwd
  refused /etc/passwd 'permission denied' -- run --bundle "$B" "$ID"
  args /tmp
  refused /tmp 'permission denied' -- run --bundle "$B" "$ID"
}

@test "executable: of another architecture" {
  cp "$B/rootfs/bin/probe" "$B/rootfs/bin/foreign"
  printf '\026\000' | dd of="$B/rootfs/bin/foreign" bs=1 seek=18 conv=notrunc status=none
  args /bin/foreign
  refused /bin/foreign 'xec format error' architecture -- run --bundle "$B" "$ID"
}

@test "executable: empty, or a text without #!" {
  : >"$B/rootfs/bin/empty"
  chmod 755 "$B/rootfs/bin/empty"
  args /bin/empty
  refused /bin/empty 'xec format error' -- run --bundle "$B" "$ID"
}

@test "executable: a script whose interpreter is missing" {
  printf '#!/no/interpreter\n' >"$B/rootfs/bin/script"
  chmod 755 "$B/rootfs/bin/script"
  args /bin/script
  refused /bin/script /no/interpreter 'no such file or directory' -- run --bundle "$B" "$ID"
}

@test "executable: a program whose loader is missing" {
  [ "$(file_interpreter)" ] || skip "no dynamic program at hand"
  cp "$(command -v jq)" "$B/rootfs/bin/dynamic"
  args /bin/dynamic
  refused /bin/dynamic "$(file_interpreter)" 'no such file or directory' -- run --bundle "$B" "$ID"
}

file_interpreter() {
  grep -aoE '/lib[a-z0-9/_.-]*/ld-[a-z0-9._-]+' "$(command -v jq)" | head -n1
}

@test "large: three hundred thousand variables, mounts of no sense and rlimits are answered at once" {
  config '.process.env += [range(300000) | "V\(.)=x"]'
  local started=${EPOCHREALTIME/./}
  try measured run --bundle "$B" "$ID"
  [ $(((${EPOCHREALTIME/./} - started) / 1000)) -lt $((3000 * SLOW)) ] || sanitized
  bundle second
  config '.process.rlimits = [range(100000) | {"type": "RLIMIT_CPU", "soft": 1, "hard": 1}]'
  refused /process/rlimits/1 -- create --bundle "$B" "$ID"
}

@test "paths: of 4096 bytes and a name of 256 are errors, not crashes" {
  config '.mounts += [{"destination": ("/" + "d" * 5000), "type": "tmpfs", "source": "t"}]'
  refused /mounts/7 -- create --bundle "$B" "$ID"
  bundle second
  config '.mounts += [{"destination": ("/" + "n" * 256), "type": "tmpfs", "source": "t"}]'
  refused /mounts/7 'ame too long' -- create --bundle "$B" "$ID"
  bundle third
  config '.process.cwd = ("/" + "c/" * 3000)'
  refused cwd -- create --bundle "$B" "$ID"
}

@test "many: every finding is told in one error" {
  config '.process.cwd = "x" | .linux.maskedPaths = ["y"] | .hostname = ("h" * 70)'
  refused /process/cwd /linux/maskedPaths/0 /hostname -- create --bundle "$B" "$ID"
}

# The pointers that `hull validate` complains of, and where and of what `hull create` does, a line each.
told_by_both() {
  try hull validate --bundle "$B" --format json
  jq -r '.[] | select(.level == "error").pointer' "$T/stdout" | sort >"$T/pointers"
  try hull validate --bundle "$B"
  grep '^config.json:' "$T/stderr" >"$T/by-validate"
  try hull create --bundle "$B" "$ID"
  [ "$status" = 1 ]
  grep -o 'config.json:.*' "$T/stderr" >"$T/by-create"
  equal "$(cat "$T/by-create")" "$(cat "$T/by-validate")"
}

@test "many: decoder, checks, plan and limits tell at once, nothing twice, create the same as validate" {
  config '.process.cwd = 7 | .linux.maskedPaths = ["y", "/"] | .mounts += [{destination: "/x"}]
    | .linux.sysctl["/"] = "1" | .linux.resources = {pids: {limit: -7}, memory: {limit: -5}}'
  told_by_both
  equal "$(cat "$T/pointers")" "$(printf '%s\n' /linux/maskedPaths/0 /linux/maskedPaths/1 \
    /linux/resources/memory/limit /linux/resources/pids/limit /linux/sysctl/~1 \
    "/mounts/$(jq '.mounts | length - 1' "$B/config.json")/type" /process/cwd)"
}

@test "many: what only the plan finds is told at once, too, all limits that are wrong among it" {
  config '.linux.resources = {pids: {limit: -7}, memory: {limit: -5}} | .mounts += [{destination: "/x"}]'
  told_by_both
  equal "$(cat "$T/pointers")" "$(printf '%s\n' /linux/resources/memory/limit /linux/resources/pids/limit \
    "/mounts/$(jq '.mounts | length - 1' "$B/config.json")/type")"
}

@test "many: nothing is made up about a value that was not understood" {
  config '.linux.namespaces = [{type: "mount"}, {type: "usr"}] | .hostname = "h" | .linux.sysctl["net.ipv4.ip_forward"] = "1"
    | .linux.timeOffsets = {boottime: {secs: 1}} | .mounts += [{destination: "/x", source: "/", options: ["bind", "idmap"]}]'
  told_by_both
  equal "$(cat "$T/pointers")" /linux/namespaces/1/type
}

@test "many: validate warns of what the plan warns of, and of unknown keys" {
  config '.mounts += [{destination: "/x", source: "/", options: ["bind"], uidMappings: [{containerID: 0, hostID: 0, size: 1}],
    gidMappings: [{containerID: 0, hostID: 0, size: 1}]}] | .unheard = 1'
  ok validate --bundle "$B"
  has "$output" "/uidMappings: taken as option 'idmap'" '/unheard: unknown key, ignored'
}
