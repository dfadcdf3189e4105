/* SPDX-License-Identifier: Apache-2.0
 * base/mountinfo, over the table of this process. */
#include "libcontainer/base/mountinfo.h"
#include "tests/unit/unit.h"

int main(void)
{
  struct arena arena = ARENA_INIT;
  struct mountinfo table;
  struct error err;
  if (!CHECK_NUMBER(mountinfo_read(&arena, &table, &err), 0))
    return unit_finish();
  bool proc = false, root = false;
  struct mountinfo_entry *entry;
  vec_each (&table.entries, entry) {
    CHECK(entry->target[0] == '/' && entry->root[0] && entry->type[0]);
    proc = proc || (strcmp(entry->target, "/proc") == 0 && strcmp(entry->type, "proc") == 0);
    root = root || strcmp(entry->target, "/") == 0;
  }
  CHECK(proc);
  CHECK(root);
  arena_release(&arena);
  return unit_finish();
}
