/* SPDX-License-Identifier: Apache-2.0
 * Walks the cgroups below one. A workload may nest them as deep as it likes, so the walk holds two
 * descriptors at a time and does not recurse. Private to cgroups/. */
#pragma once
#include "libcontainer/base/arena.h"

struct tree_visitor {
  /* Called for each directory below (not for the top), before its children. May be NULL. */
  int (*enter)(int dir, void *context);
  /* Called for each directory below, after its children, with its parent. May be NULL. */
  int (*leave)(int parent, const char *name, void *context);
  void *context;
};
/* Non-zero from a visitor ends the walk and is returned; -1 and errno if the walk itself fails. Directories
 * that vanish meanwhile are passed over. */
int tree_walk(struct arena *arena, int top, const struct tree_visitor *visitor);
