#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The process of config.json: user, groups, capabilities, limits, environment, and how its command is found.

load helpers

@test "user: uid, gid and groups are exactly the config's" {
  config '.process.user = {"uid": 1234, "gid": 2345, "additionalGids": [7, 9, 50]}'
  inside 'probe ids'
  equal "$output" "uid 1234 1234 1234 gid 2345 2345 2345 groups 7 9 50"
  config '.process.user = {"uid": 0, "gid": 0}'
  inside 'probe ids'
  equal "$output" "uid 0 0 0 gid 0 0 0 groups"
}

@test "user: the largest id works, and the one that means 'no change' is refused" {
  # setresuid (-1) does nothing: the process would stay root
  config '.process.user = {"uid": 4294967294, "gid": 4294967294}'
  inside 'probe ids'
  has "$output" 'uid 4294967294 4294967294 4294967294 gid 4294967294'
  config '.process.user = {"uid": 4294967295, "gid": 0}'
  fails /process/user/uid 4294967295 -- create --bundle "$B" "$ID"
  config '.process.user = {"uid": 0, "gid": 4294967295}'
  fails /process/user/gid 4294967295 -- create --bundle "$B" "$ID"
  config '.process.user = {"uid": 0, "gid": 0, "additionalGids": [1, 4294967295]}'
  fails /process/user/additionalGids/1 -- create --bundle "$B" "$ID"
}

@test "user: a thousand groups" {
  config '.process.user = {"uid": 0, "gid": 0, "additionalGids": [range(1000; 2000)]}'
  inside 'grep Groups /proc/self/status | wc -w'
  equal "$output" 1001
}

@test "umask: 0022 by default, else the config's" {
  inside 'umask'
  equal "$output" 0022
  config '.process.user.umask = 63'
  inside 'umask; touch /data/x; stat -c %a /data/x'
  equal "$output" $'0077\n600'
}

@test "capabilities: each set is exactly the config's" {
  config '.process.capabilities = {"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], "permitted": ["CAP_CHOWN", "CAP_KILL"],
    "effective": ["CAP_CHOWN"], "inheritable": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"]}'
  config '.process.user = {"uid": 1000, "gid": 1000}'
  inside 'grep Cap /proc/self/status'
  has "$output" 'CapInh:	0000000000000001' 'CapPrm:	0000000000000001' 'CapEff:	0000000000000001' \
    'CapBnd:	0000000000002021' 'CapAmb:	0000000000000001'
}

@test "capabilities: without inheritable and ambient those stay empty" {
  # CVE-2022-24769 and its kin
  inside 'grep Cap /proc/self/status'
  has "$output" 'CapInh:	0000000000000000' 'CapAmb:	0000000000000000' 'CapPrm:	0000000020000420' \
    'CapEff:	0000000020000420' 'CapBnd:	0000000020000420'
}

@test "capabilities: none at all is none" {
  config 'del(.process.capabilities)'
  inside 'grep Cap /proc/self/status | cut -f2 | sort -u'
  equal "$output" 0000000000000000
}

@test "capabilities: an unknown one is a warning, not a failure" {
  config '.process.capabilities.bounding += ["CAP_FUTURE"] | .process.capabilities.permitted += ["CAP_FUTURE"]'
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
}

@test "capabilities: one that the caller lacks is a warning, not a failure" {
  config '.process.capabilities[] += ["CAP_SYS_RESOURCE"]'
  args true
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
}

@test "capabilities: with another user than root only the ambient ones are effective" {
  # CVE-2016-8867
  config '.process.user = {"uid": 1000, "gid": 1000}'
  inside 'grep Cap /proc/self/status'
  has "$output" 'CapEff:	0000000000000000' 'CapPrm:	0000000000000000' 'CapBnd:	0000000020000420'
}

@test "no_new_privs: is set when asked for, and not else" {
  inside 'grep NoNewPrivs /proc/self/status'
  equal "$output" "NoNewPrivs:	1"
  config 'del(.process.noNewPrivileges)'
  inside 'grep NoNewPrivs /proc/self/status'
  equal "$output" "NoNewPrivs:	0"
}

@test "no_new_privs: with it a setuid program gains nothing" {
  cp "$B/rootfs/bin/probe" "$B/rootfs/bin/setuid"
  chmod 4755 "$B/rootfs/bin/setuid"
  config '.process.user = {"uid": 1000, "gid": 1000}'
  args setuid ids
  ok run --bundle "$B" "$ID"
  has "$output" 'uid 1000 1000 1000'
}

@test "rlimits: soft and hard are set, also unlimited" {
  config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 4096},
    {"type": "RLIMIT_STACK", "soft": 8388608, "hard": 77}]'
  args probe limits
  # jq would round the largest number
  sed -i 's/"hard": 77/"hard": 18446744073709551615/' "$B/config.json"
  ok run --bundle "$B" "$ID"
  has "$output" 'nofile 100 200' 'core 0 4096' 'stack 8388608 -1'
}

@test "rlimits: those not listed are the caller's" {
  ulimit -S -c 12
  inside 'probe limits'
  has "$output" "core $(($(ulimit -S -c) * 1024)) "
}

@test "rlimits: an unknown type, one that is listed twice, soft above hard: errors with the pointer" {
  config '.process.rlimits = [{"type": "RLIMIT_NOPE", "soft": 1, "hard": 1}]'
  fails /process/rlimits/0/type RLIMIT_NOPE -- create --bundle "$B" "$ID"
  config '.process.rlimits = [{"type": "RLIMIT_CPU", "soft": 1, "hard": 1}, {"type": "RLIMIT_CPU", "soft": 2, "hard": 2}]'
  fails /process/rlimits/1 RLIMIT_CPU -- create --bundle "$B" "$ID"
  config '.process.rlimits = [{"type": "RLIMIT_CPU", "soft": 2, "hard": 1}]'
  fails /process/rlimits/0 2 1 -- create --bundle "$B" "$ID"
}

@test "rlimits: one that the caller may not raise is an error with the pointer" {
  ulimit -n 4000
  config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 5000, "hard": 5000}]'
  capable_of_resources && skip "the caller may raise limits"
  fails /process/rlimits/0 'peration not permitted' -- create --bundle "$B" "$ID"
}

capable_of_resources() {
  local caps
  caps=$(awk '/^CapEff/ {print $2}' /proc/self/status)
  (((0x$caps >> 24) & 1))
}

@test "oomScoreAdj: is set exactly, and left alone when unset" {
  inside 'cat /proc/self/oom_score_adj'
  equal "$output" "$(cat /proc/self/oom_score_adj)"
  config '.process.oomScoreAdj = 500'
  inside 'cat /proc/self/oom_score_adj'
  equal "$output" 500
  config '.process.oomScoreAdj = 1001'
  fails /process/oomScoreAdj 1001 -- create --bundle "$B" "$ID"
}

@test "env: is the config's and no other, the last of two wins" {
  export LEAK=leaked
  config '.process.env = ["PATH=/bin", "A=1", "A=2", "EMPTY=", "EQ=a=b"] | .process.args = ["env"]'
  ok run --bundle "$B" "$ID"
  equal "$(sort <<<"$output")" "$(printf '%s\n' A=2 EMPTY= EQ=a=b HOME=/root PATH=/bin)"
}

@test "env: HOME comes from the container's passwd, else it is /" {
  config '.process.user = {"uid": 1000, "gid": 1000}'
  inside 'echo $HOME'
  equal "$output" /home/ann
  config '.process.user = {"uid": 4321, "gid": 1}'
  inside 'echo $HOME'
  equal "$output" /
  config '.process.env += ["HOME=/mine"]'
  inside 'echo $HOME'
  equal "$output" /mine
}

@test "env: a passwd that is a fifo, a link to nowhere or a loop does not hang or fail" {
  rm "$B/rootfs/etc/passwd"
  mkfifo "$B/rootfs/etc/passwd"
  LIMIT=5 inside 'echo $HOME'
  equal "$output" /
  rm "$B/rootfs/etc/passwd"
  ln -s passwd "$B/rootfs/etc/passwd"
  inside 'echo $HOME'
  equal "$output" /
}

@test "env: an entry without = is refused or passed as it is, never a crash" {
  config '.process.env += ["NOEQUALS"]'
  try hull run --bundle "$B" "$ID"
  [ "$status" -lt 126 ]
}

@test "cwd: is made when missing, and where the command starts" {
  config '.process.cwd = "/made/for/me"'
  inside pwd
  equal "$output" /made/for/me
}

@test "cwd: must be absolute and must be a directory" {
  config '.process.cwd = "tmp"'
  fails /process/cwd -- create --bundle "$B" "$ID"
  config '.process.cwd = "/etc/passwd"'
  fails /etc/passwd -- run --bundle "$B" "$ID"
}

@test "args: a name is looked up in the container's PATH" {
  mkdir "$B/rootfs/my"
  printf '#!/bin/sh\necho mine\n' >"$B/rootfs/my/tool"
  chmod 755 "$B/rootfs/my/tool"
  config '.process.env += ["PATH=/nowhere:/my"] | .process.args = ["tool"]'
  ok run --bundle "$B" "$ID"
  equal "$output" mine
}

@test "args: the lookup skips a directory and a file that is not executable" {
  mkdir -p "$B/rootfs/one/tool" "$B/rootfs/two" "$B/rootfs/three"
  touch "$B/rootfs/two/tool"
  printf '#!/bin/sh\necho third\n' >"$B/rootfs/three/tool"
  chmod 755 "$B/rootfs/three/tool"
  config '.process.env += ["PATH=/one:/two:/three"] | .process.args = ["tool"]'
  ok run --bundle "$B" "$ID"
  equal "$output" third
}

@test "args: a relative path with a slash is taken from cwd" {
  printf '#!/bin/sh\necho relative\n' >"$B/rootfs/data/tool"
  chmod 755 "$B/rootfs/data/tool"
  config '.process.cwd = "/data" | .process.args = ["./tool"]'
  ok run --bundle "$B" "$ID"
  equal "$output" relative
}

@test "args: an empty PATH finds nothing by name, and a path still works" {
  config '.process.env = ["PATH="] | .process.args = ["/bin/echo", "ok"]'
  ok run --bundle "$B" "$ID"
  equal "$output" ok
}

@test "args: the words of each failure are those that engines look for" {
  args nosuchcommand
  fails nosuchcommand 'executable file not found in $PATH' -- run --bundle "$B" "$ID"
  args /no/such/command
  fails /no/such/command 'no such file or directory' -- run --bundle "$B" "$ID"
  args /etc/passwd
  fails /etc/passwd 'permission denied' -- run --bundle "$B" "$ID"
  args /etc
  fails /etc 'permission denied' -- run --bundle "$B" "$ID"
}

@test "args: a missing command is found out at create, before start" {
  args nosuchcommand
  fails 'executable file not found in $PATH' -- create --bundle "$B" "$ID"
  nothing_left
}

@test "args: odd arguments arrive as they are" {
  config '.process.args = ["printf", "[%s]", "", "a b", "\"q\"", "é\t\n.", "-x"]'
  ok run --bundle "$B" "$ID"
  equal "$output" $'[][a b]["q"][é\t\n.][-x]'
}

@test "args: an argument list of a megabyte arrives" {
  config '.process.args = ["sh", "-c", "echo $#"] + [range(10000) | "\(.)-\("x" * 90)"]'
  ok run --bundle "$B" "$ID"
  equal "$output" 9999
}

@test "signals: the command starts with none blocked and none ignored" {
  sh_args 'probe signals'
  args probe signals
  (
    trap '' PIPE HUP USR1
    try hull run --bundle "$B" "$ID"
    cp "$T/stdout" "$T/signals"
  )
  has "$(cat "$T/signals")" 'SigBlk:	0000000000000000'
  args probe signals
  ok run --bundle "$B" "$ID"
  has "$output" 'SigBlk:	0000000000000000'
}

@test "session: the command leads a session and a group of its own" {
  inside 'cut -d" " -f1,5,6 /proc/$$/stat'
  equal "$output" "1 1 1"
}
