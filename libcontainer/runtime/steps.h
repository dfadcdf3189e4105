/* SPDX-License-Identifier: Apache-2.0
 * Rows of the runtime's order tables, with undo, and their runner. */
#pragma once
#include "libcontainer/base/error.h"
#include <stdbool.h>

struct runtime_step {
  const char *name;
  bool (*needed)(const void *context); /* NULL: always */
  int (*apply)(void *context, struct error *err);
  void (*undo)(void *context); /* NULL: nothing to take back; called only if apply was */
  const char *why;             /* why here */
};
extern const struct runtime_step create_steps[]; /* end with name NULL */
extern const struct runtime_step exec_steps[];

/* Applies the rows in order. If one fails, it and those before it are undone, last first, so 'undo' must cope
 * with a half-done 'apply'. Returns -1 with the step named in 'err'. */
int runtime_run(const struct runtime_step *steps, void *context, struct error *err);
