/* SPDX-License-Identifier: Apache-2.0
 * A directory in place of resctrl. Groups get the files that the kernel would put there; what is written to
 * them is appended, so that a test sees all of it in its order. */
#include "libcontainer/runtime/rdt_fake.h"

#ifdef HULL_FAULT_INJECTION
#include "libcontainer/base/fd.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const group_files[] = { "tasks", "schemata" };

static void fill(int group)
{
  for (size_t i = 0; i < sizeof group_files / sizeof *group_files; i++) {
    auto_close int fd = openat(group, group_files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    (void)fd;
  }
  (void)mkdirat(group, "mon_groups", 0755);
}

static void empty(int group)
{
  for (size_t i = 0; i < sizeof group_files / sizeof *group_files; i++)
    (void)unlinkat(group, group_files[i], 0);
  (void)unlinkat(group, "mon_groups", AT_REMOVEDIR);
}

bool rdt_fake_open(struct rdt_tree *tree)
{
  const char *path = getenv("HULL_RESCTRL");
  if (path == NULL)
    return false;
  *tree = (struct rdt_tree){ .root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                             .more_flags = O_APPEND,
                             .made = fill,
                             .removing = empty };
  return tree->root >= 0;
}
#endif
