/* SPDX-License-Identifier: Apache-2.0
 * cgroupsPath to a path in the hierarchy, and the "0::" line. */
#include "cgroups/cgroup.h"
#include "tests/unit/unit.h"

static char long_name[300], long_path[6000];

static const struct {
  const char *name, *path, *id, *own, *wanted;
} paths[] = {
  { "absolute", "/a/b", "id", NULL, "/a/b" },
  { "absolute, unclean", "//a/./b//", "id", NULL, "/a/b" },
  { "relative is a sibling", "a/b", "id", "/user.slice/us.scope", "/user.slice/a/b" },
  { "relative, we are in the root", "a", "id", "/", "/a" },
  { "relative, we are one below", "a", "id", "/x", "/a" },
  { "unset", NULL, "id", "/x/y", "/x/id" },
  { "unset, root", NULL, "id", "/", "/id" },
  { "colons are plain characters", "/slice:prefix:name", "id", NULL, "/slice:prefix:name" },
  { "three dots are a name", "/...", "id", NULL, "/..." },
  { "root", "/", "id", NULL, NULL },
  { "many slashes", "///", "id", NULL, NULL },
  { "dot of root", ".", "id", "/x", NULL },
  { "empty", "", "id", "/x", NULL },
  { "dotdot", "../a", "id", "/x/y/z", NULL },
  { "dotdot inside", "/a/../b", "id", NULL, NULL },
  { "dotdot at the end", "/a/..", "id", NULL, NULL },
  { "newline", "/a\nb", "id", NULL, NULL },
  { "long component", long_name, "id", NULL, NULL },
  { "long path", long_path, "id", NULL, NULL },
  { "own is not known", "a", "id", NULL, NULL },
  { "own is outside of the namespace", "a", "id", "/../x", NULL },
};

static void test_paths(void)
{
  memset(long_name, 'x', sizeof long_name - 1);
  long_name[0] = '/';
  for (size_t i = 0; i < sizeof long_path - 1; i++)
    long_path[i] = i % 100 ? 'y' : '/';
  for (size_t i = 0; i < UNIT_COUNT(paths); i++) {
    struct arena arena = ARENA_INIT;
    struct error err = { 0 };
    unit_at(paths[i].name);
    CHECK_STRING(cgroup_path(&arena, paths[i].path, paths[i].id, paths[i].own, &err), paths[i].wanted);
    if (!paths[i].wanted) {
      CHECK_NUMBER(err.kind, ERROR_CONFIG);
      CHECK_STRING(err.origin, "/linux/cgroupsPath");
    }
    arena_release(&arena);
  }
  unit_at(NULL);
}

static void test_needs_own(void)
{
  CHECK(cgroup_path_needs_own(NULL));
  CHECK(cgroup_path_needs_own("a"));
  CHECK(!cgroup_path_needs_own("/a"));
}

static void test_proc_text(void)
{
  struct arena arena = ARENA_INIT;
  CHECK_STRING(cgroup_path_of_text(&arena, "9:name=systemd:/\n0::/a b\n"), "/a b");
  CHECK_STRING(cgroup_path_of_text(&arena, "0::/"), "/");
  CHECK_STRING(cgroup_path_of_text(&arena, "1:cpu:/0::/x\n"), NULL);
  CHECK_STRING(cgroup_path_of_text(&arena, "10::/x\n"), NULL);
  CHECK_STRING(cgroup_path_of_text(&arena, ""), NULL);
  arena_release(&arena);
}

int main(void)
{
  test_paths();
  test_needs_own();
  test_proc_text();
  return unit_finish();
}
