/* SPDX-License-Identifier: Apache-2.0
 * The table of all containers, as `list` and hull_list() give it. */
#pragma once
#include "libcontainer/runtime/runtime.h"
#include <sys/types.h>

struct container_row {
  const char *id, *status, *bundle, *rootfs, *created, *owner; /* "" if not known */
  pid_t pid;                                                   /* 0 if stopped */
  const char *state_json;                                      /* as container_state_json gives it */
};
/* One row for each directory in ROOT, sorted by id, in arena memory. A record that can't be read gives a row
 * that is stopped; it does not fail the list. Returns the number or -1. */
ssize_t containers_list(struct hull *hull, struct arena *arena, struct container_row **rows,
                        struct error *err);
