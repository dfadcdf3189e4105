# SPDX-License-Identifier: Apache-2.0
# Turns min_memory.sh's result into Markdown, with the verdict on hull.

def number: if . then round | tostring else "-" end;
def row($contender; $filter): map(select(.contender == $contender and .filter == $filter)) | first;

. as {$kernel, $tries, $goal_kib, $results}
| [$results[] | select(.contender == "hull").least_kib] as $hull
| [ "Linux \($kernel): the least memory.max, without swap, under which /bin/true runs \($tries) times of \($tries); and what a created container is charged. KiB.",
    "",
    "| | least | with seccomp | created | with seccomp |",
    "|---|---:|---:|---:|---:|",
    ($results[] | select(.filter | not).contender) as $name
    | ($results | row($name; false)) as $plain | ($results | row($name; true)) as $filter
    | "| \($name) | \($plain.least_kib | number) | \($filter.least_kib | number) "
      + "| \($plain.created_kib.current | number) | \($filter.created_kib.current | number) |"
  ]
+ ["", "Goal: hull at most \($goal_kib): \(if ($hull | any(. == null)) then "not measured" elif ($hull | max) <= $goal_kib then "met" else "MISSED" end)"]
| .[]
