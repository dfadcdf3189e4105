# SPDX-License-Identifier: Apache-2.0
# The lines of bench.c as one document: results in ms, goals with their verdict, and both as Markdown.

def round_to($digits): pow(10; $digits) as $p | . * $p | round / $p;
def results:
  split("\n") | map(select(. != "") | split("\t")
    | if .[2] == "failed" then { series: .[0], contender: .[1], failed: true }
      else { series: .[0], contender: .[1], rounds: (.[2] | tonumber), median_ms: (.[3] | tonumber / 1000 | round_to(2)),
             min_ms: (.[4] | tonumber / 1000 | round_to(2)), p90_ms: (.[5] | tonumber / 1000 | round_to(2)),
             peak_kib: (.[6] | tonumber) }
      end);
def row($series; $contender): map(select(.series == $series and .contender == $contender and (.failed | not))) | first;
def goal($series; $other; $limit):
  row($series; "sandbox") as $a | row($series; $other) as $b
  | { goal: "\($series): sandbox / \($other)", limit: $limit }
    + if $a and $b then { median: ($a.median_ms / $b.median_ms | round_to(2)), min: ($a.min_ms / $b.min_ms | round_to(2)) }
        | .verdict = (if .median <= $limit then "met" else "MISSED" end)
      else { verdict: "not measured" } end;

results as $results
| ($results | [("root", "user") as $series | goal($series; "run"; 1.3), goal($series; "bwrap"; 1)]) as $goals
| { host: $host, bwrap: $bwrap, results: $results, goals: $goals,
    markdown: (
      ["Linux \($host)\(if $bwrap != "" then "; " + $bwrap else "" end). Milliseconds of `/bin/true`, rounds interleaved.", "",
       "| as | what | median | least | 90 % below |", "|---|---|---:|---:|---:|"]
      + ($results | map(if .failed then "| \(.series) | \(.contender) | FAILED | | |"
                        else "| \(.series) | \(.contender) | \(.median_ms) | \(.min_ms) | \(.p90_ms) |" end))
      + ["", "| goal | at most | by medians | by least | |", "|---|---:|---:|---:|---|"]
      + ($goals | map("| \(.goal) | \(.limit) | \(.median // "-") | \(.min // "-") | \(.verdict) |"))
      | join("\n")) }
