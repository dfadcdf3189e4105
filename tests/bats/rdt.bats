#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt (config-linux.md, "IntelRdt"). Few machines have the hardware: builds with fault injection take the
# directory HULL_RESCTRL for the mounted resctrl, put the kernel's files into what they make there, and append to them.

load helpers

# A tree with the class "gold" in it; what is mounted in the other tests is nothing.
tree() {
  obeys_faults || skip "hull was built without --enable-fault-injection"
  hull delete --force "$ID" 3>&-
  export HULL_RESCTRL=$T/resctrl
  mkdir -p "$HULL_RESCTRL"/{mon_groups,info,gold/mon_groups}
  : >"$HULL_RESCTRL/tasks"
  : >"$HULL_RESCTRL/gold/tasks"
  printf '    L3:0=7f0;1=001f\n    MB:0= 20;1=100\n' | tee "$HULL_RESCTRL/gold/schemata" >"$HULL_RESCTRL/schemata"
  find "$HULL_RESCTRL" | sort >"$T/tree.before"
}

# Nothing but what tree() made is there.
as_before() {
  diff "$T/tree.before" <(find "$HULL_RESCTRL" | sort)
}

rdt() {
  config '.linux.intelRdt = $rdt' --argjson rdt "$1"
}

resctrl_mounted() {
  grep -q ' - resctrl ' /proc/self/mountinfo
}

@test "intelRdt: without a mounted resctrl it is an error, and an environment variable does not replace it" {
  ! resctrl_mounted || skip "resctrl is mounted"
  rdt '{}'
  fails /linux/intelRdt 'no resctrl file system is mounted' -- create --bundle "$B" "$ID"
  if ! obeys_faults; then
    mkdir "$T/resctrl"
    HULL_RESCTRL=$T/resctrl fails /linux/intelRdt 'no resctrl' -- create --bundle "$B" "$ID"
  fi
}

@test "intelRdt: a container without it does not touch resctrl" {
  tree
  inside true
  as_before
  equal "$(cat "$HULL_RESCTRL/tasks" "$HULL_RESCTRL/gold/tasks")"
}

@test "intelRdt: without a closID the group has the container's id, and goes with it" {
  tree
  rdt '{"l3CacheSchema": "L3:0=ff;1=f", "memBwSchema": "MB:0=70", "schemata": ["L3:0=f", "L2:0=3"]}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/$ID/schemata")" $'L3:0=ff;1=f\nMB:0=70\nL3:0=f\nL2:0=3'
  equal "$(cat "$HULL_RESCTRL/$ID/tasks")" "$(container_pid)"
  ok exec "$ID" true
  equal "$(wc -l <"$HULL_RESCTRL/$ID/tasks")" 2
  ok delete --force "$ID"
  as_before
}

@test "intelRdt: without any schema nothing is written to schemata" {
  tree
  rdt '{"closID": ""}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/$ID/schemata")"
  equal "$(cat "$HULL_RESCTRL/$ID/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  cp "$HULL_RESCTRL/gold/schemata" "$T/schemata"
  rdt '{"closID": "gold"}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/gold/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  cmp "$T/schemata" "$HULL_RESCTRL/gold/schemata"
  as_before
}

@test "intelRdt: a group of the container's name that was there stays" {
  tree
  mkdir -p "$HULL_RESCTRL/$ID/mon_groups"
  : >"$HULL_RESCTRL/$ID/tasks"
  : >"$HULL_RESCTRL/$ID/schemata"
  rdt '{"memBwSchema": "MB:0=70"}'
  ok run --bundle "$B" "$ID"
  equal "$(cat "$HULL_RESCTRL/$ID/schemata")" $'MB:0=70'
  [ -s "$HULL_RESCTRL/$ID/tasks" ]
}

@test "intelRdt: a closID alone has to be there" {
  tree
  rdt '{"closID": "silver"}'
  fails /linux/intelRdt/closID "no class of service 'silver'" -- create --bundle "$B" "$ID"
  as_before
}

@test "intelRdt: a closID with a schema is made where it is missing, and stays" {
  tree
  rdt '{"closID": "silver", "l3CacheSchema": "L3:0=1"}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/silver/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  equal "$(cat "$HULL_RESCTRL/silver/schemata")" 'L3:0=1'
}

@test "intelRdt: a closID that is there has to have the schemas, else it is an error" {
  tree
  local wrong
  rdt '{"closID": "gold", "l3CacheSchema": "L3:1=1f;0=7f0", "memBwSchema": "MB:0=20"}'
  ok run --bundle "$B" "$ID"
  tree
  for wrong in '"l3CacheSchema": "L3:0=7f1"' '"l3CacheSchema": "L3:2=7f0"' '"memBwSchema": "MB:1=10"' \
    '"memBwSchema": "MB:nonsense"' '"l3CacheSchema": "L3:0=7f0", "memBwSchema": "MB:0=21"'; do
    rdt "{\"closID\": \"gold\", $wrong}"
    fails /linux/intelRdt "class of service 'gold' is there" -- create --bundle "$B" "$ID" || { echo "$wrong"; return 1; }
  done
  as_before
}

@test "intelRdt: the closID / is the root group" {
  tree
  rdt '{"closID": "/"}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  as_before
}

@test "intelRdt: a monitoring group below the control group, which goes with the container" {
  tree
  rdt '{"closID": "gold", "enableMonitoring": true}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/gold/mon_groups/$ID/tasks")" "$(container_pid)"
  equal "$(cat "$HULL_RESCTRL/gold/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  as_before
  rdt '{"enableMonitoring": true}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/$ID/mon_groups/$ID/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  as_before
  rdt '{"closID": "/", "enableMonitoring": true}'
  start_sleeper
  equal "$(cat "$HULL_RESCTRL/mon_groups/$ID/tasks")" "$(container_pid)"
  ok delete --force "$ID"
  as_before
}

@test "intelRdt: a monitoring group that cannot be made is an error, and nothing is left" {
  tree
  mkdir "$HULL_RESCTRL/gold/mon_groups/$ID"
  rdt '{"closID": "gold", "enableMonitoring": true}'
  fails /linux/intelRdt/enableMonitoring "cannot make the monitoring group '$ID'" -- create --bundle "$B" "$ID"
  rmdir "$HULL_RESCTRL/gold/mon_groups/$ID"
  as_before
  equal "$(cat "$HULL_RESCTRL/gold/tasks")"
}

@test "intelRdt: a create that fails takes back what it made, the schemata of others too" {
  tree
  args no-such-command
  rdt '{"closID": "silver", "schemata": ["L3:0=1"], "enableMonitoring": true}'
  fails no-such-command -- run --bundle "$B" "$ID"
  # The kernel would have emptied the class; the directory has still the pid that was written.
  rm -rf "${HULL_RESCTRL:?}/silver"
  as_before
  rdt '{"memBwSchema": "MB:0=70", "enableMonitoring": true}'
  fails no-such-command -- run --bundle "$B" "$ID"
  as_before
  rdt '{"closID": "gold", "schemata": ["L3:0=1"]}'
  fails no-such-command -- run --bundle "$B" "$ID"
  equal "$(tail -n2 "$HULL_RESCTRL/gold/schemata")" $'L3:0=7f0;1=001f\n    MB:0= 20;1=100'
}

@test "intelRdt: names that lead elsewhere, and schemas of several lines, are refused with their pointer" {
  local id
  for id in .. . a/b ../x /x info mon_groups mon_data $'a\nb'; do
    config '.linux.intelRdt = {closID: $id}' --arg id "$id"
    fails /linux/intelRdt/closID -- create --bundle "$B" "$ID" || { echo "$id"; return 1; }
  done
  rdt '{"memBwSchema": "L3:0=1"}'
  fails /linux/intelRdt/memBwSchema "begins with 'MB:'" -- create --bundle "$B" "$ID"
  rdt '{"memBwSchema": "MB:0=1\nL3:0=1"}'
  fails /linux/intelRdt/memBwSchema 'not one line' -- create --bundle "$B" "$ID"
  rdt '{"schemata": ["L3:0=1", "L3:0=1\nMB:0=1"]}'
  fails /linux/intelRdt/schemata/1 'more than one line' -- create --bundle "$B" "$ID"
  rdt '{}'
  fails /linux/intelRdt "named 'info'" -- create --bundle "$B" info
}

@test "intelRdt: an l3CacheSchema that is none is a warning" {
  tree
  rdt '{"l3CacheSchema": "L3CODE:0=1\nL3DATA:0=1"}'
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  has "$(cat "$LOG")" /linux/intelRdt/l3CacheSchema
}

@test "intelRdt: a second process of init, after joining a user namespace, is in the group" {
  tree
  background unshare --user sleep 1000
  local joined=${BACKGROUND[-1]}
  wait_for eval '[ "$(readlink /proc/'"$joined"'/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
  echo '0 100000 65536' >"/proc/$joined/uid_map"
  echo '0 100000 65536' >"/proc/$joined/gid_map"
  chown -R 100000:100000 "$B/rootfs"
  config '.linux.namespaces += [{type: "user", path: $path}]' --arg path "/proc/$joined/ns/user"
  rdt '{"closID": "gold"}'
  start_sleeper
  equal "$(tail -n1 "$HULL_RESCTRL/gold/tasks")" "$(container_pid)"
}

@test "intelRdt: the plan and features name it" {
  rdt '{"closID": "/", "l3CacheSchema": "L3:0=1", "schemata": ["MB:0=10"], "enableMonitoring": true}'
  ok plan --bundle "$B"
  jq -e '.intelRdt == {group: ".", monitoring: true, schemata: ["L3:0=1", "MB:0=10"]}' "$T/stdout"
  try "$HULL" features
  jq -e '.linux.intelRdt == {enabled: true, schemata: true, monitoring: true}' "$T/stdout"
}

@test "intelRdt: update writes other schemata, saves them, and puts the old ones back when one is refused" {
  tree
  rdt '{"l3CacheSchema": "L3:0=ff;1=f"}'
  start_sleeper
  : >"$HULL_RESCTRL/$ID/schemata"
  ok update --l3-cache-schema 'L3:0=3;1=3' --mem-bw-schema MB:0=30 "$ID"
  equal "$(cat "$HULL_RESCTRL/$ID/schemata")" $'L3:0=3;1=3\nMB:0=30'
  jq -e '.linux.intelRdt | .l3CacheSchema == "L3:0=3;1=3" and .memBwSchema == "MB:0=30"' "$ROOT/$ID/config.json"
  fails /linux/intelRdt/memBwSchema -- update --mem-bw-schema L3:0=3 "$ID"
  fails /linux/intelRdt/memBwSchema -- update --mem-bw-schema $'MB:0=3\nL3:0=1' "$ID"
  HULL_FAULT='MB:0=40:EINVAL' fails "schema 'MB:0=40'" /linux/intelRdt/memBwSchema -- \
    update --l3-cache-schema 'L3:0=1;1=1' --mem-bw-schema MB:0=40 "$ID"
  equal "$(cat "$HULL_RESCTRL/$ID/schemata")" $'L3:0=3;1=3\nMB:0=30\nL3:0=1;1=1\nL3:0=3;1=3\nMB:0=30'
  rm "$HULL_RESCTRL/$ID/schemata"
  fails schemata -- update --mem-bw-schema MB:0=50 "$ID"
  jq -e '.linux.intelRdt.memBwSchema == "MB:0=30"' "$ROOT/$ID/config.json"
  : >"$HULL_RESCTRL/$ID/schemata"
  HULL_FAULT=update-commit:EIO fails update-commit -- update --mem-bw-schema MB:0=60 "$ID"
  jq -e '.linux.intelRdt.memBwSchema == "MB:0=30"' "$ROOT/$ID/config.json"
  ok update --mem-bw-schema MB:0=70 "$ID"
  jq -e '.linux.intelRdt.memBwSchema == "MB:0=70"' "$ROOT/$ID/config.json"
}
