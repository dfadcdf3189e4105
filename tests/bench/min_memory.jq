# SPDX-License-Identifier: Apache-2.0
# Turns min_memory.sh's result into Markdown.

def number: if . then round | tostring else "-" end;
def row($results; $contender; $filter): $results | map(select(.contender == $contender and .filter == $filter)) | first;

. as $all
| .results as $results
| (row($results; "hull"; false).least_kib) as $hull
| [ "Linux \(.kernel): least memory.max (swap 0) under which /bin/true runs, \(.tries) of \(.tries) times; and what a created container is charged, in KiB",
    "",
    "| | least | with seccomp | created | with seccomp |",
    "|---|---:|---:|---:|---:|",
    ($results | map(.contender) | unique_by(.) | .[]) as $name
    | row($results; $name; false) as $plain | row($results; $name; true) as $filter
    | "| \($name) | \($plain.least_kib | number) | \($filter.least_kib | number) | \($plain.created_kib.current | number) | \($filter.created_kib.current | number) |"
  ] | .[]
