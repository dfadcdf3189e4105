# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the lint scripts share: where things are, the text of a source without comments, and the verdict.
# Each script checks the tree by default; with --self-test it checks a sample that breaks its rule, and one that
# keeps it, because a rule that finds nothing is not known to work. `make check` does both.
set -euo pipefail

LINT_NAME=${0##*/}
SOURCE=${srcdir:-$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}
BUILD=${HULL_BUILD:-.}
read -ra CC <<<"${CC:-cc}"
read -ra NM <<<"${NM:-nm}"
read -ra OBJDUMP <<<"${OBJDUMP:-objdump}"
found=0

complain() {
  printf '%s: %s\n' "$LINT_NAME" "$*"
  found=$((found + 1))
}

# verdict: the exit status of a check.
verdict() {
  [ "$found" = 0 ] || printf '%s: %d found\n' "$LINT_NAME" "$found"
  [ "$found" = 0 ]
}

# sources ROOT FOLDER...: all *.c and *.h below, relative to ROOT.
sources() {
  local root=$1 folder
  shift
  for folder; do
    [ ! -d "$root/$folder" ] || (cd "$root" && find "$folder" -name '*.[ch]' -type f)
  done | sort
}

# code FILE: its lines without comments; strings stay as they are.
code() {
  awk '
    {
      line = $0; out = ""
      while (line != "") {
        if (inside) {
          at = index(line, "*/")
          if (!at) { line = ""; break }
          line = substr(line, at + 2); inside = 0
          continue
        }
        if (!match(line, /"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047|\/\*|\/\/.*/)) { out = out line; break }
        out = out substr(line, 1, RSTART - 1)
        token = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
        if (token == "/*") inside = 1
        else if (token !~ /^\/\//) out = out token
      }
      print out
    }' "$1"
}

# object FILE.c: where libtool put its object.
object() {
  local folder=${1%/*} name=${1##*/} path
  name=${name%.c}
  for path in "$BUILD/$folder/.libs/$name.o" "$BUILD/$folder/.libs"/lib*_la-"$name.o"; do
    [ ! -f "$path" ] || { printf '%s\n' "$path"; return; }
  done
  return 1
}

# objects_of FOLDER...: OBJECTS becomes their objects, one for each source that this configuration builds.
objects_of() {
  local file path
  OBJECTS=()
  while read -r file; do
    if path=$(object "$file"); then
      OBJECTS+=("$path")
    elif [[ " ${HULL_NOT_BUILT:-} " == *" $file "* ]]; then
      continue
    else
      complain "$file: has no object: is it in Makefile.am, and all built?"
    fi
  done < <(sources "$SOURCE" "$@" | grep '\.c$')
  [ "${#OBJECTS[@]}" -gt 0 ] || complain "nothing in $*"
}

# expect_found COMMAND...: for self-tests.
expect_found() {
  if ("$@" && verdict) >"$SAMPLE/log" 2>&1; then
    printf '%s: self-test: found nothing: %s\n' "$LINT_NAME" "$*"
    exit 1
  fi
}

expect_clean() {
  if ! ("$@" && verdict) >"$SAMPLE/log" 2>&1; then
    cat "$SAMPLE/log"
    printf '%s: self-test: found what is right: %s\n' "$LINT_NAME" "$*"
    exit 1
  fi
}

# sample PATH: a file of the sample tree, from standard input.
sample() {
  mkdir -p "$(dirname "$SAMPLE/$1")"
  cat >"$SAMPLE/$1"
}

# sample_object NAME: compiles standard input; prints where the object is.
sample_object() {
  "${CC[@]}" -w -ffunction-sections -fPIC -x c -c -o "$SAMPLE/$1.o" - && printf '%s\n' "$SAMPLE/$1.o"
}

# lint ARGUMENTS: runs check, or self_test.
lint() {
  if [ "${1:-}" = --self-test ]; then
    SAMPLE=$(mktemp -d)
    trap 'rm -rf "$SAMPLE"' EXIT
    self_test
    printf '%s: self-test passed\n' "$LINT_NAME"
  else
    check
    verdict
  fi
}
