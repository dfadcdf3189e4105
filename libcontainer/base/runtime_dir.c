/* SPDX-License-Identifier: Apache-2.0
 * Whose runtime directory it is, and whether it is meant. */
#include "libcontainer/base/runtime_dir.h"
#include "libcontainer/base/proc.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reading the map costs system calls, which root, who has no such directory, is spared. */
static bool is_user(void)
{
  const char *name = getenv("USER");
  bool inside = false;
  if (geteuid() != 0)
    return true;
  return (!name || strcmp(name, "root") != 0) && proc_in_user_namespace(&inside, NULL) == 0 && inside;
}

const char *runtime_dir(void)
{
  const char *dir = getenv("XDG_RUNTIME_DIR");
  return dir && dir[0] == '/' && is_user() ? dir : NULL;
}
