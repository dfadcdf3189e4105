/* SPDX-License-Identifier: Apache-2.0
 * What will be written to a cgroup: a list of {file, value, origin}, as controllers decide it. Pure. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/vec.h"

struct setting {
  const char *file;   /* "memory.max" */
  const char *value;
  const char *origin; /* JSON pointer that asked for it */
};
struct settings {
  struct setting *items;
  size_t count, capacity;
};
void settings_add (struct arena *arena, struct settings *settings, const char *file, const char *value,
                   const char *origin);
