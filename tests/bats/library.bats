#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The installed library: its header, hull.pc and shared object are all that a program needs.

load helpers

setup_file() {
  local build=${HULL_BUILD:-$(dirname "$HULL")}
  [ -f "$build/Makefile" ] || { export NO_BUILD=1; return 0; }
  export DEST=$BATS_FILE_TMPDIR/dest
  make -C "$build" -s install DESTDIR="$DEST" >"$BATS_FILE_TMPDIR/install.log" 2>&1 3>&- || { cat "$BATS_FILE_TMPDIR/install.log"; return 1; }
  PKG_CONFIG_PATH=$(dirname "$(find "$DEST" -name hull.pc)")
  export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$DEST
  LIBDIR=$(dirname "$(find "$DEST" -name 'libhull.so' | head -n1)")
  export LIBDIR
}

need_build() {
  [ -z "${NO_BUILD:-}" ] || skip "hull is not in a build directory"
}

flags() {
  local extra=
  sanitized && extra="-fsanitize=address,undefined"
  # shellcheck disable=SC2046
  echo $extra $(pkg-config --cflags --libs hull)
}

@test "library: a small program creates, starts and deletes a container" {
  need_build
  # shellcheck disable=SC2046
  "${CC:-cc}" -Wall -Wextra -Werror -o "$T/client" "$TOP/tests/bats/client.c" $(flags) -Wl,-rpath,"$LIBDIR"
  sh_args 'echo from the library >/data/out'
  status=0
  env HULL_MARK="$MARK" "$T/client" "$ROOT" "$B" "$ID" >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- || status=$?
  cat "$T/stdout" "$T/stderr"
  equal "$status" 0
  equal "$(cat "$B/rootfs/data/out")" "from the library"
  has "$(cat "$T/stdout")" '"status": "created"' 'deleted' 'does not exist'
}

@test "library: the header is fit for C++ and compiles alone" {
  need_build
  command -v "${CXX:-c++}" >/dev/null || skip "no C++ compiler"
  printf '#include <hull/container.h>\nint main () { return hull_version () == nullptr; }\n' >"$T/x.cc"
  # shellcheck disable=SC2046
  "${CXX:-c++}" -Wall -Wextra -Werror -o "$T/x" "$T/x.cc" $(flags) -Wl,-rpath,"$LIBDIR"
  "$T/x"
}

@test "library: exports the names of its header and no others" {
  need_build
  nm -D --defined-only "$LIBDIR/libhull.so" | awk '$3 !~ /^(hull_|HULL)/ {print $3}' >"$T/others"
  sanitized || equal "$(cat "$T/others")" ""
  local name
  for name in $(grep -oE '\bhull_[a-z_]+ \(' "$TOP/libcontainer/container.h" | tr -d ' (' | sort -u); do
    case $name in hull_step_callback | hull_free_) continue ;; esac
    nm -D --defined-only "$LIBDIR/libhull.so" | grep -qw "$name" || { echo "not exported: $name"; return 1; }
  done
}

@test "library: hull.pc names what is installed" {
  need_build
  equal "$(pkg-config --modversion hull)" "$(cat "$TOP/VERSION")"
  find "$DEST" -type f -name hull -perm /111 | grep -q .
}
