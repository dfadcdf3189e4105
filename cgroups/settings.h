/* SPDX-License-Identifier: Apache-2.0
 * The list of what will be written into a cgroup, and which controllers that takes. Pure: made from
 * linux.resources by the table in controllers.c, printed by `hull plan`, carried out by cgroup_apply. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

struct error;
struct resources;

struct setting {
  const char *file;   /* name in the cgroup's directory, e.g. "memory.max" */
  const char *value;  /* written as a whole, by one write(2) */
  const char *origin; /* JSON pointer that asked for it */
  bool optional;      /* this kernel may lack the file: then the setting has no meaning here */
};

struct settings {
  struct setting *items; /* these three are a VEC (struct setting) */
  size_t count, capacity;
  struct strings controllers; /* that must be enabled in every ancestor, e.g. "memory"; no duplicates */
};

/* Appends one setting; 'file' names its controller up to the first dot ("cgroup.…" files belong to none).
 * Copies 'value' only; 'file' and 'origin' must live as long as the arena. */
struct setting *settings_add(struct arena *arena, struct settings *settings, const char *file,
                             const char *value, const char *origin);
/* True if a cgroup.controllers text (words between spaces) has 'name'. */
bool controllers_have(const char *list, const char *name);
/* Turns linux.resources (may be NULL) into settings, row by row of the controller table. Device rules are not
 * in here: see devices.h. A limit that no row acts on yet is an error with its pointer, never ignored. */
int settings_from_resources(struct arena *arena, const struct resources *resources, struct settings *settings,
                            struct error *err);
