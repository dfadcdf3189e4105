# SPDX-License-Identifier: Apache-2.0
# Draws isolation.json as SVG: one panel for each thing that the victim does, one pair of bars for each neighbour,
# a line for the victim alone.

def round_to($digits): pow(10; $digits) as $p | . * $p | round / $p;
def escape: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");
def text($x; $y; $attributes): "<text x=\"\($x | round_to(1))\" y=\"\($y | round_to(1))\" \($attributes)>\(escape)</text>";
def figure: if . >= 100 then round elif . >= 10 then round_to(1) else round_to(2) end | tostring;

def panels: [
  {title: "fixed CPU work takes, times as long", of: "slowdown", unit: "×"},
  {title: "1 ms timer late, p99", of: "wake", unit: "ms"},
  {title: "touch 512 KiB of memory, p99", of: "touch", unit: "ms"},
  {title: "fork and wait, p99", of: "fork", unit: "ms"},
  {title: "read 256 KiB of its file, p99", of: "read", unit: "ms"},
  {title: "write 4 KiB and fdatasync, p99", of: "sync", unit: "ms"}
];
def neighbours: ["cpu", "memory", "fork", "io", "all"];
def titles: {cpu: "CPU", memory: "memory", fork: "fork", io: "disk", all: "all"};
def colours: {unlimited: "#d1495b", limited: "#2a7f9e", alone: "#444444"};

def value($cases; $neighbour; $limits; $of):
  $cases | map(select(.neighbour == $neighbour and .limits == $limits)) | first
  | if . == null then null elif $of == "slowdown" then .slowdown else .us[$of].p99 | if . then . / 1000 else null end end;

# Latencies are powers of ten apart; slow-downs are not. An axis is its lowest and highest value and its ticks.
def axis($of): (map(select(. != null and . > 0)) | [min, max]) as [$least, $most]
  | if $of == "slowdown" then ($most | ceil) as $high | {low: 0, $high, ticks: [range(0; $high + 1)], linear: true}
    else ($least / 1.5 | log10 | floor) as $from | ($most * 1.3 | log10 | ceil) as $to
      | {low: pow(10; $from), high: pow(10; $to), ticks: [range($from; $to + 1) as $e | pow(10; $e)], linear: false}
    end;
def scale($axis; $height): def position: if $axis.linear then . else log10 end;
  (position - ($axis.low | position)) / (($axis.high | position) - ($axis.low | position)) * $height;

def panel($cases; $x; $y; $width; $height):
  . as $panel
  | [neighbours[] as $n | (true, false) as $l | value($cases; $n; $l; $panel.of)] as $all
  | value($cases; "none"; false; $panel.of) as $alone
  | ($all + [$alone] | axis($panel.of)) as $axis
  | ($width / (neighbours | length)) as $step
  | ($y + $height) as $bottom
  | ($panel.title | text($x; $y - 12; "class=\"title\"")),
    ($axis.ticks[] as $tick
      | ($bottom - ($tick | scale($axis; $height))) as $at
      | "<line x1=\"\($x)\" x2=\"\($x + $width)\" y1=\"\($at | round_to(1))\" y2=\"\($at | round_to(1))\" class=\"grid\"/>",
        ("\($tick | round_to(3)) \($panel.unit)" | text($x - 6; $at + 4; "class=\"tick\" text-anchor=\"end\""))),
    (range(neighbours | length) as $i | neighbours[$i] as $n
      | (titles[$n] | text($x + ($i + 0.5) * $step; $bottom + 16; "class=\"name\" text-anchor=\"middle\"")),
        ([false, true][] as $l | value($cases; $n; $l; $panel.of) | select(. != null and . > 0)
          | ([scale($axis; $height), 1] | max) as $h
          | ($x + ($i + 0.5) * $step + (if $l then 1 else -21 end)) as $left
          | "<rect x=\"\($left | round_to(1))\" y=\"\($bottom - $h | round_to(1))\" width=\"20\" height=\"\($h | round_to(1))\" fill=\"\(if $l then colours.limited else colours.unlimited end)\"/>",
            (figure | text($left + 10; $bottom - $h - 3; "class=\"value\" text-anchor=\"middle\"")))),
    ($alone | select(. != null and . > 0) | ($bottom - scale($axis; $height)) as $at
      | "<line x1=\"\($x)\" x2=\"\($x + $width)\" y1=\"\($at | round_to(1))\" y2=\"\($at | round_to(1))\" class=\"alone\"/>");

def legend($x; $y):
  "<rect x=\"\($x)\" y=\"\($y - 10)\" width=\"12\" height=\"12\" fill=\"\(colours.unlimited)\"/>",
  ("neighbour without limits" | text($x + 18; $y; "class=\"name\"")),
  "<rect x=\"\($x + 190)\" y=\"\($y - 10)\" width=\"12\" height=\"12\" fill=\"\(colours.limited)\"/>",
  ("the same with limits" | text($x + 208; $y; "class=\"name\"")),
  "<line x1=\"\($x + 360)\" x2=\"\($x + 384)\" y1=\"\($y - 4)\" y2=\"\($y - 4)\" class=\"alone\"/>",
  ("no neighbour" | text($x + 390; $y; "class=\"name\""));

.cases as $cases | .machine as $machine
| [ "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1080 560\" width=\"1080\" height=\"560\" font-family=\"sans-serif\">",
    "<style>.title{font-size:14px;font-weight:bold;fill:#222}.tick,.value{font-size:10px;fill:#555}.name{font-size:12px;fill:#222}"
      + ".grid{stroke:#ddd}.alone{stroke:#444;stroke-dasharray:4 3;stroke-width:1.5}</style>",
    "<rect width=\"1080\" height=\"560\" fill=\"#ffffff\"/>",
    ("A victim beside its neighbours" | text(20; 28; "font-size=\"18\" font-weight=\"bold\" fill=\"#222\"")),
    ("Linux \($machine.kernel), \($machine.cpus) CPU\(if $machine.cpus == 1 then "" else "s" end), \($machine.place); latencies on logarithmic scales" | text(20; 46; "class=\"name\"")),
    legend(560; 28),
    (range(6) as $i | panels[$i] | panel($cases; 70 + ($i % 3) * 350; 100 + (if $i > 2 then 240 else 0 end); 290; 170)),
    "</svg>"
  ] | .[]
