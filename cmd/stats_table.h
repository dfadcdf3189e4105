/* SPDX-License-Identifier: Apache-2.0
 * What `hull stats` shows, from two readings: a table, or JSON. Pure. */
#pragma once
#include "libcontainer/base/text.h"
#include "libcontainer/container.h"
#include <stdbool.h>
#include <stddef.h>

/* One reading of all containers, sorted by id. */
struct stats_reading {
  struct hull_stats *items;
  size_t count;
};

struct stats_history;

struct stats_screen {
  size_t width, height; /* in characters; 0: no end */
  bool color, utf8;
  const struct stats_history *history; /* not NULL: bars of it, if there is room */
  uint64_t machine_memory; /* bytes: a full bar of memory, but for a lower limit; 0: not known, no bar */
};
/* Of one CPU since 'before'; negative if that is not known. */
double stats_cpu_percent(const struct stats_reading *before, const struct hull_stats *now);
/* Shares of time are those since 'before'; '-' where there was no such container, or no controller. Lines end
 * with 'line_end', the last one too; no more than fit the screen, the last one says how many are missing. */
void stats_table(struct text *out, const struct stats_reading *before, const struct stats_reading *now,
                 const struct stats_screen *screen, const char *line_end);

enum stats_json_form { STATS_ARRAY, STATS_LINES };
void stats_json(struct text *out, const struct stats_reading *before, const struct stats_reading *now,
                enum stats_json_form form);
