/* SPDX-License-Identifier: Apache-2.0
 * base/vec. */
#include "libcontainer/base/vec.h"
#include "tests/unit/unit.h"

struct item {
  int number;
  char name[20];
};

int main(void)
{
  struct arena arena = ARENA_INIT;
  VEC(struct item) items = { 0 };
  struct item *it;
  size_t seen = 0;
  vec_each (&items, it)
    seen++;
  CHECK_NUMBER(seen, 0);
  for (int i = 0; i < 1000; i++) {
    struct item *item = vec_push(&arena, &items);
    CHECK(item->number == 0 && item->name[0] == '\0');
    item->number = i;
    (void)snprintf(item->name, sizeof item->name, "%d", i);
  }
  CHECK_NUMBER(items.count, 1000);
  vec_each (&items, it) {
    CHECK_NUMBER(it->number, seen);
    CHECK_NUMBER(atoi(it->name), seen);
    CHECK_NUMBER(vec_index(&items, it), seen);
    seen++;
  }
  CHECK_NUMBER(seen, 1000);
  struct strings strings = { 0 };
  char **s = vec_push(&arena, &strings);
  *s = arena_strdup(&arena, "x");
  CHECK_STRING(strings.items[0], "x");
  arena_release(&arena);
  return unit_finish();
}
