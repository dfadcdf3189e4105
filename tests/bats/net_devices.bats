#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices (config-linux.md, "Network Devices"). hull runs in a network namespace of the test's own: no
# device of the host is ever touched.

load helpers

bats::on_failure() {
  if [ -n "${NETNS:-}" ]; then host ip addr; fi
}

# NETNS is what the host's namespace is to hull; eth7 in it has what has to be kept.
prepare() {
  REAL_HULL=$HULL
  background unshare --net sleep 1000
  NETNS=/proc/${BACKGROUND[-1]}/ns/net
  wait_for eval '[ "$(readlink "$NETNS")" != "$(readlink /proc/self/ns/net)" ]'
  printf '#!/bin/sh\nexec nsenter --net=%s "%s" "$@"\n' "$NETNS" "$REAL_HULL" >"$T/hull-in"
  chmod 755 "$T/hull-in"
  HULL=$T/hull-in
  host ip link add eth7 mtu 1400 txqueuelen 77 address 02:00:00:00:00:07 type veth peer name peer7 ||
    skip "no veth devices"
  host ip link set eth7 alias 'for the test'
  host ip link set lo up
  host ip address add 192.0.2.7/24 broadcast 192.0.2.255 dev eth7 label eth7:one
  host ip address add 192.0.2.8/24 dev eth7
  host ip address add 198.51.100.1/32 peer 198.51.100.2/32 dev eth7 metric 55
  host ip address add 2001:db8::7/64 dev eth7 nodad noprefixroute
  # Not permanent, and not of global scope: those stay behind.
  host ip address add 203.0.113.9/25 dev eth7 valid_lft 900 preferred_lft 900
  host ip address add 203.0.113.130/25 dev eth7 scope link
  host ip link set eth7 up
  host ip link set peer7 up
}

host() {
  nsenter --net="$NETNS" "$@"
}

inside_ip() {
  nsenter --net="/proc/$(container_pid)/ns/net" ip "$@"
}

# devices JSON
devices() {
  config '.linux.netDevices = $devices' --argjson devices "$1"
}

# The permanent addresses of a device, sorted: "address/length peer metric".
addresses() {
  jq -r '.[].addr_info[] | select(.scope == "global" and (.valid_life_time == 4294967295))
    | "\(.local)/\(.prefixlen) \(.address // "-") \(.metric // "-") \(.noprefixroute // "-")"' | sort
}

attributes() {
  jq -r '.[0] | "\(.ifindex) \(.ifname) \(.mtu) \(.txqlen) \(.address) \(.ifalias) \(.flags | index("UP") != null)"'
}

EXPECTED='192.0.2.7/24 - - -
192.0.2.8/24 - - -
198.51.100.1/32 198.51.100.2 55 -
2001:db8::7/64 - - true'

@test "netDevices: a device is moved under a new name, up, with its attributes and permanent global addresses" {
  prepare
  devices '{"eth7": {"name": "net0"}}'
  equal "$(host ip -j addr show eth7 | addresses)" "$EXPECTED"
  start_sleeper
  run ! host ip link show eth7
  inside_ip -j -d addr show >"$T/inside"
  jq 'map(select(.ifname == "net0"))' "$T/inside" >"$T/net0"
  equal "$(jq -r '.[0] | "\(.mtu) \(.txqlen) \(.address) \(.ifalias)"' "$T/net0")" '1400 77 02:00:00:00:00:07 for the test'
  jq -e '.[0].flags | index("UP")' "$T/net0"
  equal "$(addresses <"$T/net0")" "$EXPECTED"
  hasnt "$(cat "$T/net0")" 203.0.113
  has "$(cat "$T/net0")" '"net0:one"' 192.0.2.255
  # lo and the device, nothing else
  equal "$(jq length "$T/inside")" 2
}

@test "netDevices: several, one under its own name, one by a template, before hooks and the process" {
  prepare
  host ip link add va type veth peer name vb
  devices '{"eth7": {}, "va": {"name": "net%d"}, "vb": {"name": "net%d"}}'
  config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", $script]}]}' --arg script \
    "pid=\$(jq .pid); nsenter -t \$pid -n ip -br link >$T/hook"
  inside 'ls /sys/class/net'
  equal "$(sort "$T/stdout" | paste -sd' ')" 'eth7 lo net0 net1'
  has "$(cat "$T/hook")" eth7 net0 net1
  run ! host ip link show va
}

@test "netDevices: into a namespace that is joined; a name that is taken there is an error, a template is not" {
  prepare
  background unshare --net sleep 1000
  local joined=/proc/${BACKGROUND[-1]}/ns/net
  wait_for eval '[ "$(readlink "'"$joined"'")" != "$(readlink /proc/self/ns/net)" ]'
  nsenter --net="$joined" ip link add net0 type veth peer name other
  config '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)' --arg path "$joined"
  devices '{"eth7": {"name": "net0"}}'
  fails /linux/netDevices/eth7 "has a 'net0' already" -- run --bundle "$B" "$ID"
  equal "$(host ip -j addr show eth7 | addresses)" "$EXPECTED"
  devices '{"eth7": {"name": "net%d"}}'
  start_sleeper
  equal "$(inside_ip -j addr show net1 | addresses)" "$EXPECTED"
  ok delete --force "$ID"
  # Not moved back, and not touched in any other way.
  run ! host ip link show eth7
  equal "$(nsenter --net="$joined" ip -j addr show net1 | addresses)" "$EXPECTED"
  # The host's own namespace by its path
  config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
  devices '{"peer7": {}}'
  host ip link add more type veth peer name most
  devices '{"more": {}}'
  fails /linux/netDevices 'is the one that the devices are in' -- run --bundle "$B" "$ID"
}

@test "netDevices: in user namespaces, new and joined" {
  prepare
  local user='[{"containerID": 0, "hostID": 100000, "size": 65536}]' joined
  chown -R 100000:100000 "$B/rootfs"
  cp "$B/config.json" "$T/config.json"
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $map | .linux.gidMappings = $map' --argjson map "$user"
  devices '{"eth7": {"name": "net0"}}'
  start_sleeper
  equal "$(inside_ip -j addr show net0 | addresses)" "$EXPECTED"
  ok delete --force "$ID"
  background unshare --user sleep 1000
  joined=${BACKGROUND[-1]}
  wait_for eval '[ "$(readlink /proc/'"$joined"'/ns/user)" != "$(readlink /proc/self/ns/user)" ]'
  echo '0 100000 65536' >"/proc/$joined/uid_map"
  echo '0 100000 65536' >"/proc/$joined/gid_map"
  cp "$T/config.json" "$B/config.json"
  config '.linux.namespaces += [{type: "user", path: $path}]' --arg path "/proc/$joined/ns/user"
  wait_for eval '! host ip link show peer7 2>/dev/null'
  host ip link add eth7 type veth peer name peer7
  host ip address add 192.0.2.9/24 dev eth7
  devices '{"eth7": {}}'
  start_sleeper
  equal "$(inside_ip -j addr show eth7 | addresses)" '192.0.2.9/24 - - -'
}

@test "netDevices: what is not there, or cannot move, is an error before anything is made" {
  prepare
  devices '{"none": {}}'
  fails /linux/netDevices/none "cannot find network device 'none'" -- create --bundle "$B" "$ID"
  devices '{"lo": {"name": "x"}}'
  fails /linux/netDevices/lo loopback -- create --bundle "$B" "$ID"
  host ip link add br7 type bridge || skip "no bridges"
  devices '{"eth7": {}, "br7": {}}'
  fails /linux/netDevices/br7 "network device 'br7'" -- create --bundle "$B" "$ID"
  equal "$(host ip -j addr show eth7 | addresses)" "$EXPECTED"
  config 'del(.linux.namespaces[] | select(.type == "network"))'
  fails /linux/netDevices 'needs a network namespace' -- create --bundle "$B" "$ID"
}

@test "netDevices: names that no device can have, and one name for two, are refused with their pointer" {
  prepare
  local name
  for name in a/b a:b 'a b' . .. 'x%dy%d' '%s' 'a%' abcdefghijklmnop lo; do
    config '.linux.netDevices = {eth7: {name: $name}}' --arg name "$name"
    fails /linux/netDevices/eth7/name -- create --bundle "$B" "$ID" || { echo "$name"; return 1; }
  done
  devices '{"eth7": {"name": "peer7"}, "peer7": {}}'
  fails /linux/netDevices/peer7 "'peer7' is also the name of 'eth7'" -- create --bundle "$B" "$ID"
  devices '{"../x": {}}'
  fails '/linux/netDevices/..~1x' 'is no name of a network device' -- create --bundle "$B" "$ID"
}

@test "netDevices: a create that fails gives the device back as it was" {
  prepare
  local before
  before=$(host ip -j link show eth7 | attributes)
  devices '{"eth7": {"name": "net0"}}'
  args no-such-command
  fails no-such-command -- run --bundle "$B" "$ID"
  equal "$(host ip -j addr show eth7 | addresses)" "$EXPECTED"
  equal "$(host ip -j link show eth7 | attributes)" "$before"
  args true
  config '.hooks = {createRuntime: [{path: "/bin/false"}]}'
  fails createRuntime -- run --bundle "$B" "$ID"
  equal "$(host ip -j addr show eth7 | addresses)" "$EXPECTED"
}

@test "netDevices: an address that cannot be kept is an error, and what was moved before comes back too" {
  prepare
  background unshare --net sleep 1000
  local joined=/proc/${BACKGROUND[-1]}/ns/net
  wait_for eval '[ "$(readlink "'"$joined"'")" != "$(readlink /proc/self/ns/net)" ]'
  nsenter --net="$joined" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' || skip "no IPv6"
  config '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)' --arg path "$joined"
  host ip link add va type veth peer name vb
  host ip address add 192.0.2.99/24 dev va
  devices '{"va": {}, "eth7": {"name": "net0"}}'
  fails /linux/netDevices/eth7 'IPv6 address' -- run --bundle "$B" "$ID"
  equal "$(host ip -j addr show eth7 | addresses)" "$EXPECTED"
  equal "$(host ip -j addr show va | addresses)" '192.0.2.99/24 - - -'
  equal "$(nsenter --net="$joined" ip -j link | jq length)" 1
}

@test "netDevices: a device that was down is up inside, and down again when it comes back" {
  prepare
  host ip link set peer7 down
  devices '{"peer7": {}}'
  inside 'cat /sys/class/net/peer7/flags'
  [ $(($(cat "$T/stdout") & 1)) = 1 ]
  host ip link add eth8 type veth peer name peer8
  devices '{"peer8": {}}'
  args no-such-command
  fails no-such-command -- run --bundle "$B" "$ID"
  hasnt "$(host ip -j link show peer8 | jq .[0].flags)" '"UP"'
}

@test "netDevices: the plan and features name them" {
  devices '{"eth7": {"name": "net%d"}, "eth8": {}}'
  ok plan --bundle "$B"
  jq -e '.netDevices == {eth7: "net%d", eth8: "eth8"}' "$T/stdout"
  try "$HULL" features
  jq -e '.linux.netDevices.enabled == true' "$T/stdout"
}
