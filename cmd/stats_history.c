/* SPDX-License-Identifier: Apache-2.0
 * Kept by the live table only, for containers that are still there. Bars are for the eye: without memory
 * there are none, and that is no error. */
#include "cmd/stats_history.h"
#include "libcontainer/base/text.h"
#include <stdlib.h>
#include <string.h>

#define LEVELS 8

static void push(double *values, double value)
{
  memmove(values, values + 1, (HISTORY_LENGTH - 1) * sizeof *values);
  values[HISTORY_LENGTH - 1] = value;
}

static void begin_row(struct stats_history_row *row, const char *id)
{
  size_t length = strnlen(id, sizeof row->id - 1);
  memcpy(row->id, id, length);
  row->id[length] = '\0';
  for (size_t i = 0; i < HISTORY_LENGTH; i++)
    row->cpu[i] = row->memory[i] = -1;
}

const struct stats_history_row *stats_history_find(const struct stats_history *history, const char *id)
{
  for (size_t i = 0; history != NULL && i < history->count; i++)
    if (strcmp(history->rows[i].id, id) == 0)
      return &history->rows[i];
  return NULL;
}

void stats_history_note(struct stats_history *history, const struct stats_reading *before,
                        const struct stats_reading *now)
{
  struct stats_history next = { .rows = NULL };
  if (now->count > 0)
    next.rows = calloc(now->count, sizeof *next.rows);
  if (next.rows != NULL)
    next.count = now->count;
  for (size_t i = 0; i < next.count; i++) {
    const struct hull_stats *s = &now->items[i];
    const struct stats_history_row *old = stats_history_find(history, s->id);
    if (old)
      next.rows[i] = *old;
    else
      begin_row(&next.rows[i], s->id);
    push(next.rows[i].cpu, stats_cpu_percent(before, s));
    push(next.rows[i].memory, s->has_memory ? (double)s->memory : -1);
  }
  stats_history_finish(history);
  *history = next;
}

void stats_history_finish(struct stats_history *history)
{
  free(history->rows);
  *history = (struct stats_history){ .rows = NULL };
}

const char *stats_history_bar(struct arena *arena, const double *values, size_t length, double full,
                              bool utf8)
{
  static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
  static const char signs[LEVELS + 1] = "_.:-=+*#";
  struct text out;
  text_init(&out, arena);
  for (size_t i = HISTORY_LENGTH - length; i < HISTORY_LENGTH; i++)
    full = values[i] > full ? values[i] : full;
  for (size_t i = HISTORY_LENGTH - length; i < HISTORY_LENGTH; i++) {
    const size_t level = full > 0 && values[i] > 0 ? (size_t)(values[i] / full * (LEVELS - 1) + 0.5) : 0;
    if (values[i] < 0)
      text_add(&out, " ");
    else if (utf8)
      text_add(&out, blocks[level]);
    else
      text_add_bytes(&out, &signs[level], 1);
  }
  return text_string(&out);
}
