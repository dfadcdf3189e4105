#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AppArmor profiles and SELinux labels: in force where the LSM is on, an error where it is off.

load helpers

apparmor_on() {
  [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]
}

selinux_on() {
  [ "$(stat -fc %T /sys/fs/selinux 2>/dev/null)" = selinux ]
}

# Loads a profile of the name PROFILE that forbids writing to /data.
load_profile() {
  apparmor_on || skip "AppArmor is off on this host"
  [ -n "$(command -v apparmor_parser)" ] || skip "there is no apparmor_parser (package apparmor)"
  PROFILE=hull-test-$RUN-$BATS_SUITE_TEST_NUMBER
  printf 'profile %s flags=(attach_disconnected) {\n  file,\n  signal,\n  unix,\n  capability,\n  deny /data/** w,\n}\n' "$PROFILE" >"$T/profile"
  apparmor_parser --replace --skip-cache "$T/profile"
}

eval "$(declare -f teardown | sed '1s/teardown/usual_teardown/')"

teardown() {
  local result=0
  usual_teardown || result=$?
  [ -z "${PROFILE:-}" ] || apparmor_parser --remove "$T/profile"
  return "$result"
}

@test "apparmor: the profile is in force from the first instruction, at create and exec" {
  load_profile
  config '.process.apparmorProfile = $profile' --arg profile "$PROFILE"
  sh_args 'cat /proc/self/attr/apparmor/current; touch /data/x && echo written; touch /tmp/x && echo fine'
  try hull run --bundle "$B" "$ID"
  equal "$status" 0
  equal "$output" "$PROFILE (enforce)"$'\nfine'
  start_sleeper
  ok exec "$ID" cat /proc/self/attr/apparmor/current
  equal "$output" "$PROFILE (enforce)"
  jq -n '{args: ["cat", "/proc/self/attr/apparmor/current"], cwd: "/", env: ["PATH=/bin"], apparmorProfile: "unconfined"}' >"$T/process.json"
  ok exec --process "$T/process.json" "$ID"
  equal "$output" unconfined
}

@test "apparmor: exec --apparmor, and with noNewPrivileges false" {
  load_profile
  config '.process.noNewPrivileges = false'
  start_sleeper
  ok exec --apparmor "$PROFILE" "$ID" cat /proc/self/attr/apparmor/current
  equal "$output" "$PROFILE (enforce)"
}

@test "apparmor: a profile that is not loaded is an error with its name and pointer" {
  apparmor_on || skip "AppArmor is off on this host"
  config '.process.apparmorProfile = "no-such-profile"'
  fails /process/apparmorProfile no-such-profile 'not loaded' -- run --bundle "$B" "$ID"
  nothing_left
}

@test "apparmor: where it is off, a profile is an error, never ignored" {
  ! apparmor_on || skip "AppArmor is on on this host"
  config '.process.apparmorProfile = "docker-default"'
  fails /process/apparmorProfile 'AppArmor is not enabled' -- run --bundle "$B" "$ID"
  config 'del(.process.apparmorProfile)'
  start_sleeper
  fails /process/apparmorProfile 'AppArmor is not enabled' -- exec --apparmor x "$ID" true
}

@test "selinux: where it is off, a label is an error, never ignored" {
  ! selinux_on || skip "SELinux is on on this host"
  config '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
  fails /process/selinuxLabel 'SELinux is not enabled' -- run --bundle "$B" "$ID"
  config 'del(.process.selinuxLabel) | .linux.mountLabel = "system_u:object_r:container_file_t:s0"'
  fails /linux/mountLabel 'SELinux is not enabled' -- run --bundle "$B" "$ID"
  config 'del(.linux.mountLabel)'
  start_sleeper
  fails /process/selinuxLabel 'SELinux is not enabled' -- exec --process-label x "$ID" true
}

@test "labels: one of two lines is refused" {
  config '.process.apparmorProfile = "a\nb" | .process.selinuxLabel = "c\nd"'
  fails /process/apparmorProfile /process/selinuxLabel 'one line' -- run --bundle "$B" "$ID"
}

# Only where a policy may be loaded or none is (as in User-mode Linux): labels are taken as they are.
# bats test_tags=smoke
@test "selinux: the label is in force, at create and exec" {
  selinux_on || skip "SELinux is off on this host"
  local label
  label=${HULL_SELINUX_LABEL:-$(tr -d '\0' </proc/self/attr/current)}
  config '.process.selinuxLabel = $l' --arg l "$label"
  start_sleeper
  ok exec "$ID" cat /proc/self/attr/current
  equal "$(tr -d '\0' <"$T/stdout")" "$label"
}
