/* SPDX-License-Identifier: Apache-2.0
 * base/path. */
#include "libcontainer/base/path.h"
#include "tests/unit/unit.h"

static struct arena arena = ARENA_INIT;

static void test_clean(void)
{
  static const char *const rows[][2] = {
    { "", "." },
    { ".", "." },
    { "/", "/" },
    { "//", "/" },
    { "/a//b/../c/", "/a/c" },
    { "/..", "/" },
    { "/../../a", "/a" },
    { "/a/..", "/" },
    { "/a/../..", "/" },
    { "a/..", "." },
    { "a/../..", ".." },
    { "../a", "../a" },
    { "../../a/../b", "../../b" },
    { "./a/./b/.", "a/b" },
    { "/a/...", "/a/..." },
    { "..a/..", "." },
    { "/a/b/../../c", "/c" },
    { "a", "a" },
    { "a/b/c/../..", "a" },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i][0]);
    CHECK_STRING(path_clean(&arena, rows[i][0]), rows[i][1]);
  }
  unit_at(NULL);
}

static void test_parts(void)
{
  CHECK_STRING(path_join(&arena, "/a", "b"), "/a/b");
  CHECK_STRING(path_join(&arena, "/", "b"), "/b");
  CHECK_STRING(path_join(&arena, "/a", "/b"), "/a/b");
  CHECK_STRING(path_join(&arena, "", "b"), "b");
  CHECK_STRING(path_join(&arena, "/a", ""), "/a");
  CHECK_STRING(path_absolute(&arena, "/run", "x/../y"), "/run/y");
  CHECK_STRING(path_absolute(&arena, "/run", "/x//y"), "/x/y");
  CHECK_STRING(path_base("/a/b"), "b");
  CHECK_STRING(path_base("b"), "b");
  static const char *const dirs[][2] = { { "/a/b", "/a" },    { "/a", "/" }, { "a", "." }, { "a/b/", "a" },
                                         { "//a//b", "//a" }, { "/", "/" },  { "", "." },  { "/a//", "/" } };
  for (size_t i = 0; i < UNIT_COUNT(dirs); i++) {
    unit_at(dirs[i][0]);
    CHECK_STRING(path_dir(&arena, dirs[i][0]), dirs[i][1]);
  }
  unit_at(NULL);
}

static void test_questions(void)
{
  CHECK(path_is_under("/a/b", "/a"));
  CHECK(path_is_under("/a", "/a"));
  CHECK(!path_is_under("/ab", "/a"));
  CHECK(!path_is_under("/", "/a"));
  CHECK(path_is_under("/x", "/"));
  CHECK(path_is_under("/", "/"));
  CHECK(path_has_dotdot(".."));
  CHECK(path_has_dotdot("/a/../b"));
  CHECK(path_has_dotdot("a//.."));
  CHECK(!path_has_dotdot("/a/..b/c../..."));
  CHECK(!path_has_dotdot(""));
}

int main(void)
{
  test_clean();
  test_parts();
  test_questions();
  arena_release(&arena);
  return unit_finish();
}
