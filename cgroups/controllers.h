/* SPDX-License-Identifier: Apache-2.0
 * The row type of the controller table. A controller is one file that exports one row, and one line in
 * controllers.c. Rows are pure: they return settings and parse text; only fs.c and stats.c touch files. */
#pragma once
#include "cgroups/cgroup.h"
#include "cgroups/settings.h"

struct controller {
  const char *name; /* as in cgroup.controllers, except "devices" and "cgroup", which the core has */
  /* Appends what 'resources' asks of this controller; NULL: it has no files. */
  int (*settings)(struct arena *arena, const struct resources *resources, struct settings *settings,
                  struct error *err);
  const char *stat_file; /* the file that parse_stat reads, NULL: none */
  void (*parse_stat)(const char *text, struct cgroup_stats *stats);
};

extern const struct controller *const controllers[]; /* NULL ends the table */

/* Error at the pointer of the first limit that is asked for and that no row acts on. */
int controllers_check_supported(const struct resources *resources, struct error *err);
/* Value of the line "KEY VALUE" in a flat keyed file; false if it is not there. */
bool keyed_value(const char *text, const char *key, uint64_t *value);
