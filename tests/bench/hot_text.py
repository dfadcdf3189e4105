#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hot_text.py MAP OFFSETS: prints the linker script that lays the functions at OFFSETS (of hot_text) side by side.

MAP is the linker's map of the very program that was traced. Our own functions have sections of their own; of the
libraries the script names whole members.
"""
import bisect
import re
import sys

HEAD = """\
/* SPDX-License-Identifier: Apache-2.0
 * The functions of the static program, and the members of its libraries, that create, start, run, exec, state, kill
 * and delete enter: they are laid out side by side, before all else. The kernel maps 16 pages around each one that is
 * touched, so scattered they would draw all of the program in. Measured by tests/bench/hot_text.sh; a name that is
 * missing or too much costs pages, nothing else. */
SECTIONS
{
  .text.hot_path :
  {
"""
TAIL = "  }\n}\nINSERT BEFORE .text;\n"


def sections(path):
    """Address, size, name and file of each piece of text, by address."""
    text = open(path).read()
    text = re.sub(r"\n {10,}(0x)", r" \1", text[text.index("Linker script and memory map"):])
    found = re.finditer(r"^ (\.text\S*) +0x([0-9a-f]+) +0x([0-9a-f]+) (\S+)", text, re.M)
    rows = ((int(m[2], 16), int(m[3], 16), m[1], m[4]) for m in found)
    return sorted(row for row in rows if row[0] and row[1])


def main():
    rows = sections(sys.argv[1])
    starts = [row[0] for row in rows]
    own, members = set(), set()
    for line in open(sys.argv[2]):
        offset = int(line, 16)
        at = bisect.bisect_right(starts, offset) - 1
        if at < 0 or offset >= rows[at][0] + rows[at][1]:
            continue
        name, file = rows[at][2:]
        member = re.search(r"/(lib(?:c|gcc|yajl_s|cap)\.a)\((.+)\)$", file)
        function = re.sub(r"\.(isra|part|constprop|cold)\b.*", "", name)
        if member:
            members.add(f"*{member[1]}:{member[2]}({name})")
        elif function != ".text":
            own.add(f"*({function} {function}.*)")
    print(HEAD + "".join(f"    {row}\n" for row in sorted(own) + sorted(members)) + TAIL, end="")


main()
