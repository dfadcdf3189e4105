/* SPDX-License-Identifier: Apache-2.0
 * base/names. */
#include "libcontainer/base/names.h"
#include "tests/unit/unit.h"

static const struct name table[] = {
  { "mount", 1 }, { "network", 2 }, { "namespace", 3 }, { "readonly", 4 },
  { "alias", 1 }, { "ro", 5 },      { NULL, 0 },
};

static void test_find(void)
{
  CHECK_NUMBER(names_find(table, "network")->value, 2);
  CHECK(names_find(table, "Network") == NULL);
  CHECK(names_find(table, "") == NULL);
  CHECK_NUMBER(names_find_any_case(table, "NetWork")->value, 2);
  CHECK(names_find_any_case(table, "net") == NULL);
  CHECK_STRING(names_of(table, 1), "mount");
  CHECK_STRING(names_of(table, 77), NULL);
}

static void test_nearest(void)
{
  static const struct {
    const char *wrong, *nearest;
  } rows[] = {
    { "mont", "mount" },
    { "muont", "mount" },
    { "moun", "mount" },
    { "mountt", "mount" },
    { "netwrok", "network" },
    { "network", "network" },
    { "NETWORK", "network" },
    { "nmaespaces", "namespace" },
    { "readOnly", "readonly" },
    { "read-only", "readonly" },
    { "rw", "ro" },
    { "xyz", NULL },
    { "completelyother", NULL },
    { "moxxt", NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].wrong);
    CHECK_STRING(names_nearest(table, rows[i].wrong), rows[i].nearest);
  }
  unit_at(NULL);
  char word[66];
  memset(word, 'a', sizeof word);
  word[63] = '\0';
  char near_word[66];
  memcpy(near_word, word, sizeof word);
  near_word[5] = 'b';
  const char *candidates[] = { "zzz", near_word };
  CHECK_STRING(names_nearest_of(candidates, 2, word), near_word);
  CHECK_STRING(names_nearest_of(candidates, 0, word), NULL);
  word[63] = 'a';
  word[64] = '\0';
  CHECK_STRING(names_nearest_of(candidates, 2, word), NULL);
  candidates[0] = word;
  CHECK_STRING(names_nearest_of(candidates, 1, near_word), NULL);
}

int main(void)
{
  test_find();
  test_nearest();
  return unit_finish();
}
