# SPDX-License-Identifier: Apache-2.0
# Turns the lines of bench.c into one document: results, goals with their verdict, and both as Markdown.

def round_to($digits): pow(10; $digits) as $p | . * $p | round / $p;
def number: if . == "-" then null else tonumber end;

def parse:
  split("\n") | map(select(. != "") | split("\t")
    | if .[2] == "failed" then { series: .[0], contender: .[1], failed: true }
      else { series: .[0], contender: .[1], rounds: (.[2] | tonumber), median_us: (.[3] | tonumber),
             min_us: (.[4] | tonumber), p90_us: (.[5] | tonumber), peak_kib: (.[6] | tonumber),
             ratio: (.[7] | number) }
      end);

def row($series; $contender): map(select(.series == $series and .contender == $contender)) | first;
def median($series; $contender): row($series; $contender).median_us;
def over($series; $a; $b): median($series; $a) as $x | median($series; $b) as $y
  | if $x and $y then $x / $y | round_to(3) else null end;
def hull_peak: map(select(.contender | . == "hull" or startswith("hull@")) | .peak_kib // empty) | max
  | if . then . / 1024 | round_to(2) else null end;

# One row for each goal: its name, how it is measured, the most it may be.
def goals: [
  ["run / floor",                      over("run"; "hull"; "floor"),         1.6,  "x"],
  ["run / crun",                       over("run"; "hull"; "crun"),          0.55, "x"],
  ["podman.json, warm / floor",        over("podman-warm"; "hull"; "floor"), 1.7,  "x"],
  ["exec / floor",                     over("exec"; "hull"; "floor"),        2.5,  "x"],
  ["state - empty static program",
    (median("state"; "hull") as $x | median("state"; "empty") as $y
     | if $x and $y then ($x - $y) / 1000 | round_to(3) else null end),      1.5,  "ms"],
  ["run, 5,000 host mounts / 0",       over("mounts"; "hull@5000"; "hull@0"), 1.2, "x"],
  ["peak memory, largest of the series", hull_peak,                          2,    "MiB"]
] | map({ goal: .[0], value: .[1], limit: .[2], unit: .[3],
          verdict: (if .[1] == null then "not measured" elif .[1] <= .[2] then "met" else "MISSED" end) });

def fixed($digits): round_to($digits) | tostring
  | (split(".") + [""])[:2] | .[0] + "." + (.[1] + "000")[:$digits];
def result_line:
  if .failed then "| \(.series) | \(.contender) | FAILED | | | | |"
  else "| \(.series) | \(.contender) | \(.median_us / 1000 | fixed(2)) | \(.min_us / 1000 | fixed(2)) | "
    + "\(.p90_us / 1000 | fixed(2)) | \(if .ratio then .ratio | fixed(2) else "-" end) | "
    + "\(.peak_kib / 1024 | fixed(2)) |"
  end;
def goal_line: "| \(.goal) | \(.value // "-") \(.unit) | at most \(.limit) \(.unit) | \(.verdict) |";

def markdown: [
    "Linux \(.machine.kernel) \(.machine.arch), \(.machine.cpus) CPUs; "
      + (.machine.versions | to_entries | map("\(.key): \(.value)") | join("; ")),
    "",
    "| series | contender | median ms | least ms | p90 ms | ratio | peak MiB |",
    "|---|---|---:|---:|---:|---:|---:|",
    (.results[] | result_line),
    "",
    "| goal | measured | limit | verdict |",
    "|---|---:|---:|---|",
    (.goals[] | goal_line)
  ] | join("\n");

parse as $results
| { machine: $machine, results: $results, goals: ($results | goals) }
| . + { markdown: markdown }
