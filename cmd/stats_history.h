/* SPDX-License-Identifier: Apache-2.0
 * The last readings of each container, as bars of a character each. */
#pragma once
#include "cmd/stats_table.h"
#include "libcontainer/base/arena.h"

#define HISTORY_LENGTH 10
#define HISTORY_ID_BYTES 256

struct stats_history_row {
  char id[HISTORY_ID_BYTES];
  /* The newest is the last; negative: not known. CPU in percent of one, memory in bytes. */
  double cpu[HISTORY_LENGTH], memory[HISTORY_LENGTH];
};
struct stats_history {
  struct stats_history_row *rows;
  size_t count;
};

/* Adds a reading; containers that are not in it are forgotten. */
void stats_history_note(struct stats_history *history, const struct stats_reading *before,
                        const struct stats_reading *now);
void stats_history_finish(struct stats_history *history);
const struct stats_history_row *stats_history_find(const struct stats_history *history, const char *id);
/* The newest 'length' values between 0 and 'full' (if a value is larger, that); 'length' characters. */
const char *stats_history_bar(struct arena *arena, const double *values, size_t length, double full,
                              bool utf8);
