# SPDX-License-Identifier: Apache-2.0
# A containerd of the file's own for the suites of ctr and of the Kubernetes CRI, and what is needed to let it, its shims and
# dockerd die. All of it is below $C and in a network namespace of its own; nothing of the host's daemons is touched.
# shellcheck shell=bash

# start_daemon NAME COMMAND...: in a network namespace of its own, where "runc" is the runtime under test; its process id is in $C/NAME.pid, its log $C/NAME.log.
start_daemon() {
  local name=$1
  shift
  [ -e "$C/net" ] || make_net
  mkdir -p "$C/bin"
  ln -sf "$RUNTIME" "$C/bin/runc"
  PATH=$C/bin:$PATH nsenter --net="$C/net" "$@" >>"$C/$name.log" 2>&1 </dev/null 3>&- &
  echo "$!" >"$C/$name.pid"
}

# Kept by a mount, as the daemon is to find the same one after it died.
make_net() {
  touch "$C/net"
  unshare --net="$C/net" ip link set lo up
}

# stop_daemon NAME [SIGNAL]: and waits until it is gone.
stop_daemon() {
  local pid
  pid=$(cat "$C/$1.pid" 2>/dev/null) || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
  wait_for ended "$pid" || kill -KILL "$pid"
}

ended() {
  [ ! -d "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

# What daemons leave mounted: their directories, their containers' and our network namespace.
unmount_all() {
  local point
  awk -v at="$C/" 'index($5, at) == 1 {print $5}' /proc/self/mountinfo | tac | while read -r point; do
    umount --lazy "$point"
  done
}

# configure_containerd LINE...: of its configuration, besides where it keeps its files.
configure_containerd() {
  printf '%s\n' 'version = 2' "root = \"$C/containerd\"" "state = \"$C/containerd.run\"" '[grpc]' \
    "address = \"$C/containerd.sock\"" "$@" >"$C/containerd.toml"
}

# Also for a second time, after it died.
start_containerd() {
  start_daemon containerd containerd --config "$C/containerd.toml"
  wait_for contain version || { tail "$C/containerd.log" >&2; return 1; }
}

contain() {
  limited ctr --address "$C/containerd.sock" --connect-timeout "$((10 * SLOW))s" "$@"
}

# shim_of NAME: the process id of the shim that has a container with this name (or the beginning of its id).
shim_of() {
  pgrep -f "containerd-shim-runc-v2 .*-id $1"
}
