/* SPDX-License-Identifier: Apache-2.0
 * Statistics of many containers at a time, as numbers. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include "libcontainer/runtime/stats.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t now_ns(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void take_numbers(const struct cgroup_stats *s, struct hull_stats *out)
{
  const struct cgroup_io *io;
  out->has_cpu = s->has_cpu;
  out->cpu_ns = s->cpu_total_ns;
  out->has_throttling = s->periods > 0; /* without a quota no periods are counted */
  out->periods = s->periods;
  out->throttled_periods = s->throttled_periods;
  out->has_memory = s->has_memory;
  out->memory = s->memory;
  out->memory_limit = s->memory_limit;
  out->has_pids = true; /* stats_read() counts them if need be */
  out->pids = s->pids;
  out->pids_limit = s->pids_limit;
  out->has_io = s->io.count > 0;
  vec_each (&s->io, io) {
    out->read_bytes += io->read_bytes;
    out->write_bytes += io->write_bytes;
  }
  out->oom_kills = s->has_oom ? s->oom_kill : 0;
  out->has_cpu_psi = s->cpu_psi.present;
  out->cpu_psi = s->cpu_psi.some.avg10;
  out->has_memory_psi = s->memory_psi.present;
  out->memory_psi = s->memory_psi.some.avg10;
  out->has_io_psi = s->io_psi.present;
  out->io_psi = s->io_psi.some.avg10;
}

/* Without a cgroup there is a row all the same, with nothing in it. */
static int read_one(struct hull *hull, const char *id, bool explain, struct hull_stats *out,
                    struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct cgroup cgroup;
  struct cgroup_stats stats = { .has_cpu = false };
  *out = (struct hull_stats){ .read_ns = now_ns() };
  int result = stats_open(hull, id, &arena, &cgroup, err);
  if (result == 0 && cgroup.fd >= 0 && (result = stats_read(&arena, &cgroup, &stats, err)) == 0)
    take_numbers(&stats, out);
  else if (result == 0 && explain)
    log_warning("container '%s' has no cgroup, and so no numbers: %s", id, cgroup.path);
  cgroup_close(&cgroup);
  arena_release(&arena);
  if (result == 0 && (out->id = strdup(id)) == NULL)
    arena_out_of_memory(strlen(id) + 1);
  return result;
}

ssize_t containers_read_stats(struct hull *hull, char *const *ids, bool must_run, struct hull_stats **list,
                              struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct strings all = { 0 };
  size_t read = 0;
  int result = 0;
  const bool ids_given = ids != NULL;
  if (ids == NULL)
    result = state_ids(hull, &arena, &all, err);
  for (; ids != NULL && *ids != NULL; ids++)
    *(char **)vec_push(&arena, &all) = *ids;
  struct hull_stats *rows = result == 0 ? calloc(all.count + 1, sizeof *rows) : NULL;
  if (result == 0 && rows == NULL)
    arena_out_of_memory(all.count * sizeof *rows);
  for (size_t i = 0; result == 0 && i < all.count; i++) {
    struct error trouble = { 0 };
    if (read_one(hull, all.items[i], ids_given && must_run, &rows[read], &trouble) == 0) {
      read++;
    } else if (ids != NULL && must_run) {
      *err = trouble;
      result = -1;
    }
  }
  arena_release(&arena);
  if (result < 0)
    hull_stats_free(rows, read);
  else
    *list = rows;
  return result < 0 ? -1 : (ssize_t)read;
}
