/* SPDX-License-Identifier: Apache-2.0
 * The numbers of a container's cgroup, for programs (the JSON of runc's `events`) and for hull_read_stats().
 */
#pragma once
#include "cgroups/cgroup.h"
#include "libcontainer/container.h"
#include "libcontainer/runtime/state.h"
#include "spec/json_write.h"

/* One object with the names, units and omissions of runc's types/events.go, which go-runc decodes. */
void stats_to_json(const struct cgroup_stats *stats, struct json_writer *w);
/* A line of `events` with its newline: {"type":"stats","id":…,"data":…}. */
void stats_event_json(const char *id, const struct cgroup_stats *stats, struct text *out);

/* Opens the cgroup of a container that is not stopped; cgroup->fd is -1 if it has none, and
 * cgroup->path says why. Errors: unknown, not
 * running. */
int stats_open(struct hull *hull, const char *id, struct arena *arena, struct cgroup *cgroup,
               struct error *err);
/* cgroup_read_stats, and without the pids controller the processes are counted. errnum ENOENT or ENODEV: the
 * cgroup is gone. */
int stats_read(struct arena *arena, const struct cgroup *cgroup, struct cgroup_stats *stats,
               struct error *err);

/* What hull_read_stats(), hull_events() and hull_ending() do; in stats_list.c, events.c and outcome.c. */
ssize_t containers_read_stats(struct hull *hull, char *const *ids, bool must_run, struct hull_stats **list,
                              struct error *err);
int container_events(struct hull *hull, const char *id, const struct hull_events_options *options,
                     hull_event_callback *callback, void *data, struct error *err);
int container_ending(struct hull *hull, const char *id, const struct hull_process *process,
                     struct hull_ending *ending, struct error *err);
