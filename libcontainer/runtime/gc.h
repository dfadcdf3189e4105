/* SPDX-License-Identifier: Apache-2.0
 * What dead callers left: finds it, says why nobody needs it, and removes it. Nothing that lives is touched.
 */
#pragma once
#include "libcontainer/base/vec.h"
#include "libcontainer/runtime/runtime.h"

/* As struct hull_leftover; in arena memory. */
struct leftover {
  const char *kind, *name, *why, *what;
  bool stays, removed;
  const char *error;
};
struct leftovers {
  struct leftover *items;
  size_t count, capacity;
};

struct hull_gc_options;
/* See hull_gc(). */
int leftovers_find(struct hull *hull, struct arena *arena, const struct hull_gc_options *options,
                   struct leftovers *found, struct error *err);
