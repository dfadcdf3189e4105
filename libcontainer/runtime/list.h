/* SPDX-License-Identifier: Apache-2.0
 * The table of all containers, as `list` and hull_list() give it. */
#pragma once
#include "libcontainer/runtime/runtime.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct container_usage {
  bool has_cpu, has_memory, has_pids;                      /* what its cgroup has numbers of */
  uint64_t cpu_ns, memory, memory_limit, pids, pids_limit; /* limits: CGROUP_NO_LIMIT */
};
struct container_row {
  const char *id, *status, *bundle, *rootfs, *created, *owner; /* "" if not known */
  pid_t pid;                                                   /* 0 if stopped */
  const char *state_json;                                      /* as container_state_json gives it */
  struct container_usage usage;                                /* if it was asked for */
};
/* One row for each directory in ROOT, sorted by id, in arena memory. A record that can't be read gives a row
 * that is stopped; it does not fail the list. Returns the number or -1. */
ssize_t containers_list(struct hull *hull, struct arena *arena, bool with_usage, struct container_row **rows,
                        struct error *err);
/* ps.c: ids of the processes of a container, sorted, in arena memory; none if it is stopped. Returns their
 * number or -1. */
ssize_t container_processes(struct hull *hull, const char *id, struct arena *arena, pid_t **pids,
                            struct error *err);
