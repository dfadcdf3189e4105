# SPDX-License-Identifier: Apache-2.0
# Turns the samples of isolation.sh (lines "NEIGHBOUR LIMITED KIND NANOSECONDS") into one document, and that into
# Markdown. Percentiles are by nearest rank.

def round_to($digits): pow(10; $digits) as $p | . * $p | round / $p;
def rank($q): .[[((length * $q) | ceil) - 1, 0] | max];
def summary: sort | {count: length, mean: (add / length), p50: rank(0.5), p99: rank(0.99), max: .[-1]}
  | with_entries(if .key == "count" then . else .value |= (. / 1000 | round_to(1)) end);

# One pass: jq holds each sample once.
def read_samples: reduce (inputs | split(" ")) as $line ({}; .[$line[0] + " " + $line[1]][$line[2]] += [$line[3] | tonumber]);

def names: {none: "none", cpu: "CPU: 4 containers of busy loops", memory: "memory: touched without end, page cache churned",
  fork: "fork bomb", io: "disk: O_DIRECT and fsync writes", all: "all of them at once"};
def ms: . / 1000 | if . >= 100 then round elif . >= 10 then round_to(1) else round_to(2) end | tostring;
def triple: if . == null then "none done" else "\(.p50 | ms) / \(.p99 | ms) / \(.max | ms)" end;
def case_line: "| \(names[.neighbour]) | \(if .neighbour == "none" then "-" elif .limits then "yes" else "no" end) | \(.slowdown)"
  + " | \(.us.wake | triple) | \(.us.touch | triple) | \(.us.read | triple) | \(.us.fork | triple) | \(.us.sync | triple) |";

# A virtual machine's processors are slower whenever its host is busy. There the time that the victim spent on the
# processor grows with it, so we compare with that; on a host it is slower for sharing caches, which counts.
def duration: if $place == "host" then .cpu | add / length else (.cpu | add) / (.own | add) end;

read_samples as $samples
| ($samples["none no"] | duration) as $alone
| ($samples | map(.own | add / length)) as $own
| {
    machine: {place: $place, kernel: $kernel, cpus: $cpus, io_limits: ($io != ""),
              noise: ($own | max / min | round_to(2))},
    cases: [$samples | to_entries[] | (.key | split(" ")) as $key
      | {neighbour: $key[0], limits: ($key[1] == "yes"),
         slowdown: (.value | duration / $alone | round_to(2)),
         us: (.value | map_values(summary))}]
  }
| .markdown = ([
    "Linux \($kernel), \($cpus) CPU\(if $cpus == 1 then "" else "s" end), \($place). Latencies in ms: p50 / p99 / max.",
    "",
    "| neighbour | limits | fixed CPU work takes, times | 1 ms timer is late by | touch 512 KiB | read 256 KiB, cached | fork and wait | write 4 KiB and fdatasync |",
    "|---|---|---:|---:|---:|---:|---:|---:|",
    (.cases[] | case_line),
    (if $place != "host" and .machine.noise > 1.3
     then "", "The machine was busy (the same work took up to \(.machine.noise) times as much of the VM's processor): measure again."
     else empty end)
  ] | join("\n"))
