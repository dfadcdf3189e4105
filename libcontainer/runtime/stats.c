/* SPDX-License-Identifier: Apache-2.0
 * Statistics as JSON. The form is that of cgroup v1, which callers of runc know: swap includes memory, no
 * limit is 2^64-1 (of pids: 0), and what is 0 is left out where Go's encoder does so. */
#include "libcontainer/runtime/stats.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/runtime/list.h"
#include "libcontainer/runtime/status.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void number(struct json_writer *w, const char *key, uint64_t value)
{
  json_key(w, key);
  json_uint(w, value);
}

/* Go's "omitempty". */
static void number_unless_zero(struct json_writer *w, const char *key, uint64_t value)
{
  if (value != 0)
    number(w, key, value);
}

static void psi_line(struct json_writer *w, const char *key, const struct cgroup_psi_line *line)
{
  json_key(w, key);
  json_begin_object(w);
  json_key(w, "avg10");
  json_real(w, line->avg10);
  json_key(w, "avg60");
  json_real(w, line->avg60);
  json_key(w, "avg300");
  json_real(w, line->avg300);
  number(w, "total", line->total);
  json_end_object(w);
}

static void psi(struct json_writer *w, const struct cgroup_psi *psi)
{
  if (!psi->present)
    return;
  json_key(w, "psi");
  json_begin_object(w);
  psi_line(w, "some", &psi->some);
  psi_line(w, "full", &psi->full);
  json_end_object(w);
}

static void cpu(struct json_writer *w, const struct cgroup_stats *s)
{
  json_key(w, "cpu");
  json_begin_object(w);
  json_key(w, "usage");
  json_begin_object(w);
  number_unless_zero(w, "total", s->cpu_total_ns);
  number(w, "kernel", s->cpu_system_ns);
  number(w, "user", s->cpu_user_ns);
  json_end_object(w);
  json_key(w, "throttling");
  json_begin_object(w);
  number_unless_zero(w, "periods", s->periods);
  number_unless_zero(w, "throttledPeriods", s->throttled_periods);
  number_unless_zero(w, "throttledTime", s->throttled_ns);
  json_end_object(w);
  psi(w, &s->cpu_psi);
  json_end_object(w);
}

#define LIST_NUMBER_MAX 65535 /* uint16 in runc */

/* The kernel's "0-3,5" as an array; nothing for what can't be read. */
static void number_list(struct json_writer *w, const char *key, const char *list)
{
  if (list == NULL || *list < '0' || *list > '9')
    return;
  json_key(w, key);
  json_begin_array(w);
  for (char *end; *list >= '0' && *list <= '9'; list = *end == ',' ? end + 1 : end) {
    const unsigned long first = strtoul(list, &end, 10);
    const unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
    for (unsigned long i = first; i <= last && i <= LIST_NUMBER_MAX; i++)
      json_uint(w, i);
  }
  json_end_array(w);
}

/* All but the two lists are of cgroup v1. */
static void cpuset(struct json_writer *w, const struct cgroup_stats *s)
{
  static const char *const zeroes[] = { "mem_hardwall",       "mem_exclusive",           "memory_migrate",
                                        "memory_spread_page", "memory_spread_slab",      "memory_pressure",
                                        "sched_load_balance", "sched_relax_domain_level" };
  json_key(w, "cpuset");
  json_begin_object(w);
  number_list(w, "cpus", s->has_cpuset ? s->cpus : NULL);
  number(w, "cpu_exclusive", 0);
  number_list(w, "mems", s->has_cpuset ? s->mems : NULL);
  for (size_t i = 0; i < sizeof zeroes / sizeof *zeroes; i++)
    number(w, zeroes[i], 0);
  json_end_object(w);
}

struct memory_entry {
  uint64_t limit, usage, max, failures;
};

static void memory_entry(struct json_writer *w, const char *key, struct memory_entry entry)
{
  json_key(w, key);
  json_begin_object(w);
  number(w, "limit", entry.limit);
  number_unless_zero(w, "usage", entry.usage);
  number_unless_zero(w, "max", entry.max);
  number(w, "failcnt", entry.failures);
  json_end_object(w);
}

static uint64_t count_of(const struct cgroup_stats *s, const char *key)
{
  const struct cgroup_count *count;
  vec_each (&s->memory_counts, count)
    if (strcmp(count->key, key) == 0)
      return count->value;
  return 0;
}

/* CGROUP_NO_LIMIT stays what it is. */
static uint64_t sum_of_limits(uint64_t a, uint64_t b)
{
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? CGROUP_NO_LIMIT : sum;
}

static void memory(struct json_writer *w, const struct cgroup_stats *s)
{
  const struct cgroup_count *count;
  json_key(w, "memory");
  json_begin_object(w);
  number_unless_zero(w, "cache", count_of(s, "file"));
  memory_entry(w, "usage",
               (struct memory_entry){ .limit = s->memory_limit,
                                      .usage = s->memory,
                                      .max = s->memory_peak,
                                      .failures = s->has_oom ? s->max : 0 });
  memory_entry(
      w, "swap",
      (struct memory_entry){ .limit = sum_of_limits(s->memory_limit, s->has_swap ? s->swap_limit : 0),
                             .usage = s->memory + s->swap }); /* the peak of a sum is not the sum of peaks */
  memory_entry(w, "kernel", (struct memory_entry){ .limit = 0 });
  memory_entry(w, "kernelTCP", (struct memory_entry){ .limit = 0 });
  if (s->memory_counts.count > 0) {
    json_key(w, "raw");
    json_begin_object(w);
    vec_each (&s->memory_counts, count)
      number(w, count->key, count->value);
    json_end_object(w);
  }
  psi(w, &s->memory_psi);
  json_end_object(w);
}

static void pids(struct json_writer *w, const struct cgroup_stats *s)
{
  json_key(w, "pids");
  json_begin_object(w);
  number_unless_zero(w, "current", s->pids);
  number_unless_zero(w, "limit", s->pids_limit != CGROUP_NO_LIMIT ? s->pids_limit : 0);
  json_end_object(w);
}

static void io_entry(struct json_writer *w, const struct cgroup_io *io, const char *op, uint64_t value)
{
  json_begin_object(w);
  number_unless_zero(w, "major", io->major);
  number_unless_zero(w, "minor", io->minor);
  json_key(w, "op");
  json_string(w, op);
  number_unless_zero(w, "value", value);
  json_end_object(w);
}

static void blkio(struct json_writer *w, const struct cgroup_stats *s)
{
  const struct cgroup_io *io;
  json_key(w, "blkio");
  json_begin_object(w);
  if (s->io.count > 0) {
    json_key(w, "ioServiceBytesRecursive");
    json_begin_array(w);
    vec_each (&s->io, io) {
      io_entry(w, io, "Read", io->read_bytes);
      io_entry(w, io, "Write", io->write_bytes);
    }
    json_end_array(w);
    json_key(w, "ioServicedRecursive");
    json_begin_array(w);
    vec_each (&s->io, io) {
      io_entry(w, io, "Read", io->reads);
      io_entry(w, io, "Write", io->writes);
    }
    json_end_array(w);
  }
  psi(w, &s->io_psi);
  json_end_object(w);
}

/* "max" would be the most that was used, which cgroup v2 does not tell. */
static void hugetlb(struct json_writer *w, const struct cgroup_stats *s)
{
  const struct cgroup_hugetlb *size;
  json_key(w, "hugetlb");
  json_begin_object(w);
  vec_each (&s->hugetlb, size) {
    json_key(w, size->size);
    json_begin_object(w);
    number_unless_zero(w, "usage", size->usage);
    number(w, "failcnt", size->failures);
    json_end_object(w);
  }
  json_end_object(w);
}

void stats_to_json(const struct cgroup_stats *stats, struct json_writer *w)
{
  json_begin_object(w);
  cpu(w, stats);
  cpuset(w, stats);
  memory(w, stats);
  pids(w, stats);
  blkio(w, stats);
  hugetlb(w, stats);
  json_key(w, "intel_rdt");
  json_begin_object(w);
  json_end_object(w);
  json_key(w, "network_interfaces"); /* runc counts those of its own making, of which today there are none */
  json_string(w, NULL);
  json_end_object(w);
}

void stats_event_json(const char *id, const struct cgroup_stats *stats, struct text *out)
{
  struct json_writer *w = json_writer_create(out, 0);
  json_begin_object(w);
  json_key(w, "type");
  json_string(w, "stats");
  json_key(w, "id");
  json_string(w, id);
  json_key(w, "data");
  stats_to_json(stats, w);
  json_end_object(w);
  json_finish(w);
  text_add(out, "\n");
}

/* --- reading -------------------------------------------------------------------------------------------- */

int stats_open(struct hull *hull, const char *id, struct arena *arena, struct cgroup *cgroup,
               struct error *err)
{
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  *cgroup = (struct cgroup)CGROUP_INIT;
  int result = state_load(hull, id, arena, &dir, &state, err);
  if (result == 0) {
    const enum container_status status = container_status(&dir, &state);
    if (status == STATUS_STOPPED || status == STATUS_CREATING)
      result = error_set(err, ERROR_STATE, 0, "container with id %s is not running", id);
    else
      result = cgroup_find_and_open(&state.cgroup, cgroup, err);
    if (result == 0 && cgroup->fd < 0)
      cgroup->path = cgroup_absence(&state.cgroup);
  }
  state_dir_close(&dir);
  return result;
}

int stats_read(struct arena *arena, const struct cgroup *cgroup, struct cgroup_stats *stats,
               struct error *err)
{
  cgroup_pid_list found = { .count = 0 };
  if (cgroup_read_stats(arena, cgroup, stats, err) < 0)
    return -1;
  if (stats->has_pids)
    return 0;
  if (cgroup_pids(arena, cgroup, true, &found, err) < 0)
    return -1;
  stats->pids = found.count;
  stats->pids_limit = CGROUP_NO_LIMIT;
  return 0;
}
