/* SPDX-License-Identifier: Apache-2.0
 * The mount table of this process, by libmount; the only file that includes its headers. Not on any hot path:
 * parsing /proc/self/mountinfo costs time in proportion to the host's mounts. */
#pragma once
#include "arena.h"
#include "error.h"
#include "vec.h"

struct mountinfo_entry {
  char *target;
  char *type;
  char *root;
};
struct mountinfo {
  VEC(struct mountinfo_entry) entries;
};
/* Reads the whole table into the arena. */
int mountinfo_read(struct arena *arena, struct mountinfo *table, struct error *err);
