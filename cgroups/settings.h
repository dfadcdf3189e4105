/* SPDX-License-Identifier: Apache-2.0
 * The list of what will be written into a cgroup, and which controllers that takes. Pure: made from
 * linux.resources by the table in controllers.c, printed by `hull plan`, carried out by cgroup_apply. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

struct error;
struct problems;
struct resources;

struct setting {
  const char *file;   /* name in the cgroup's directory, e.g. "memory.max" */
  const char *value;  /* written as a whole, by one write(2) */
  const char *origin; /* JSON pointer that asked for it */
  bool optional;      /* the cgroup may lack the file: then the setting says nothing that is not so anyway */
  bool late;          /* may be refused before a later setting is in force: tried again after all others */
  const char *other_file, *other_value; /* written instead where the kernel has no 'file'; NULL: nothing */
  uint64_t least;                       /* refused if more bytes than this are in use; 0: not asked */
  bool least_with_swap;                 /* swap counts as well */
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
/* The same for a number. */
struct setting *settings_add_number(struct arena *arena, struct settings *settings, const char *file,
                                    uint64_t value, const char *origin);
/* The same for what every new cgroup has anyway, such as "max": 'optional', and takes no controller. So
 * callers that always write the defaults need no controller for them, and a limit that was there is lifted.
 */
struct setting *settings_add_default(struct arena *arena, struct settings *settings, const char *file,
                                     const char *value, const char *origin);
/* True if something is asked for that takes a cgroup: not only defaults. */
bool settings_ask(const struct settings *settings);
/* True if a cgroup.controllers text (words between spaces) has 'name'. */
bool controllers_have(const char *list, const char *name);
/* Turns linux.resources (may be NULL) into settings, row by row of the controller table. Device rules are not
 * in here: see devices.h. What the kernel would refuse whatever the host, and limits that only cgroup v1 has,
 * are errors with their pointer. */
int settings_from_resources(struct arena *arena, const struct resources *resources, struct settings *settings,
                            struct error *err);
/* The same errors, as problems of the document: the first of each controller, and of each key of unified. One
 * of a place that has a problem already is not added. */
void settings_check(const struct resources *resources, struct problems *problems);
