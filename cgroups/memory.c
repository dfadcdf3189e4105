/* SPDX-License-Identifier: Apache-2.0
 * The memory controller: limits, the swap limit that cgroup v1 counted together with memory, and numbers.
 * Pure.
 */
#include "cgroups/controllers.h"
#include "spec/spec.h"
#include "spec/types.h"
#include <stdio.h>
#include <string.h>

#define AT_MEMORY "/linux/resources/memory"

/* --- settings ------------------------------------------------------------------------------------ */

static int refuse_v1(const struct memory *m, struct error *err)
{
  const struct {
    const char *origin;
    bool asked;
  } rows[] = {
    { AT_MEMORY "/kernel", m->kernel.value && m->kernel.value != -1 },
    { AT_MEMORY "/kernelTCP", m->kernel_tcp.value && m->kernel_tcp.value != -1 },
    { AT_MEMORY "/swappiness", m->swappiness.value != 0 },
    { AT_MEMORY "/disableOOMKiller", m->disable_oom_killer.value },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].asked)
      return refuse_setting(err, rows[i].origin, NEEDS_CGROUP_V1);
  return 0;
}

/* 'swap' is memory and swap together. 'value' stays NULL if there is nothing to write; "max" and "0" are also
 * what a kernel without swap does, so it may lack the file. */
static int add_swap(struct arena *arena, const struct memory *m, struct settings *settings, struct error *err)
{
  int64_t limit = m->limit.value, swap = m->swap.value;
  const char *file = "memory.swap.max", *origin = AT_MEMORY "/swap";
  struct setting *added;
  if (swap < 0 || (swap == 0 && limit == -1)) {
    settings_add_default(arena, settings, file, "max", swap ? origin : AT_MEMORY "/limit");
    return 0;
  }
  if (swap == 0)
    return 0;
  if (limit == 0)
    return refuse_setting(err, origin, "unable to set swap limit without memory limit");
  if (limit > 0 && swap < limit)
    return refuse_setting(err, origin, "memory+swap limit should be >= memory limit");
  uint64_t value = (uint64_t)(limit == -1 ? swap : swap - limit);
  added = settings_add_number(arena, settings, file, value, origin);
  added->optional = value == 0;
  if (m->check_before_update.value && limit > 0) {
    added->least = (uint64_t)swap;
    added->least_with_swap = true;
  }
  return 0;
}

static int memory_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                           struct error *err)
{
  const struct memory *m = resources->memory;
  if (!m)
    return 0;
  if (refuse_v1(m, err) < 0)
    return -1;
  if (m->limit.value < -1 || m->reservation.value < -1)
    return refuse_setting(err, m->limit.value < -1 ? AT_MEMORY "/limit" : AT_MEMORY "/reservation",
                          "%lld is neither a number of bytes nor -1 (no limit)",
                          (long long)(m->limit.value < -1 ? m->limit.value : m->reservation.value));
  /* Swap first: what a smaller memory.max pushes out needs room there. */
  if (add_swap(arena, m, settings, err) < 0)
    return -1;
  if (m->limit.value == -1)
    settings_add_default(arena, settings, "memory.max", "max", AT_MEMORY "/limit");
  if (m->limit.value > 0) {
    struct setting *added =
        settings_add_number(arena, settings, "memory.max", (uint64_t)m->limit.value, AT_MEMORY "/limit");
    added->least = m->check_before_update.value ? (uint64_t)m->limit.value : 0;
  }
  if (m->reservation.value == -1)
    settings_add(arena, settings, "memory.low", "max", AT_MEMORY "/reservation");
  else if (m->reservation.value)
    settings_add_number(arena, settings, "memory.low", (uint64_t)m->reservation.value,
                        AT_MEMORY "/reservation");
  return 0;
}

/* --- statistics ---------------------------------------------------------------------------------- */

STAT_PARSER(parse_current)
{
  stats->has_memory = whole_value(text, &stats->memory);
}

STAT_PARSER(parse_peak)
{
  (void)whole_value(text, &stats->memory_peak);
}

STAT_PARSER(parse_max)
{
  (void)whole_value(text, &stats->memory_limit);
}

STAT_PARSER(parse_swap)
{
  stats->has_swap = whole_value(text, &stats->swap);
}

STAT_PARSER(parse_swap_peak)
{
  (void)whole_value(text, &stats->swap_peak);
}

STAT_PARSER(parse_swap_max)
{
  (void)whole_value(text, &stats->swap_limit);
}

STAT_PARSER(parse_counts)
{
  for (const char *line = text; line && *line; line = next_line(line)) {
    size_t length = strcspn(line, " \n");
    uint64_t value;
    if (line[length] != ' ' || !whole_value(line + length + 1, &value))
      continue;
    struct cgroup_count *count = vec_push(arena, &stats->memory_counts);
    count->key = arena_strndup(arena, line, length);
    count->value = value;
  }
}

STAT_PARSER(parse_events)
{
  stats->has_oom = keyed_value(text, "oom_kill", &stats->oom_kill);
  (void)keyed_value(text, "low", &stats->low);
  (void)keyed_value(text, "high", &stats->high);
  (void)keyed_value(text, "max", &stats->max);
  (void)keyed_value(text, "oom", &stats->oom);
}

STAT_PARSER(parse_memory_pressure)
{
  parse_pressure(text, &stats->memory_psi);
}

static const struct stat_file stat_files[] = {
  { "memory.current", false, parse_current },
  { "memory.peak", false, parse_peak },
  { "memory.max", false, parse_max },
  { "memory.swap.current", false, parse_swap },
  { "memory.swap.peak", false, parse_swap_peak },
  { "memory.swap.max", false, parse_swap_max },
  { "memory.stat", false, parse_counts },
  { "memory.events", false, parse_events },
  { "memory.pressure", true, parse_memory_pressure },
  { NULL, false, NULL },
};

const struct controller memory_controller = {
  .name = "memory",
  .settings = memory_settings,
  .stat_files = stat_files,
};
