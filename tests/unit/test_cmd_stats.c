/* SPDX-License-Identifier: Apache-2.0
 * cmd/stats_table: shares of time, what is unknown, and what the screen has no room for. */
#include "cmd/stats_table.h"
#include "cmd/stats_history.h"
#include "tests/unit/unit.h"

static struct hull_stats before_items[] = {
  { .id = (char *)"db", .read_ns = 1000000000, .has_cpu = true, .cpu_ns = 500000000, .periods = 10 },
  { .id = (char *)"young", .read_ns = 1000000000, .has_cpu = true, .cpu_ns = 900 },
};
static struct hull_stats now_items[] = {
  { .id = (char *)"db",
    .read_ns = 3000000000,
    .has_cpu = true,
    .cpu_ns = 3500000000,
    .has_throttling = true,
    .periods = 30,
    .throttled_periods = 5,
    .has_memory = true,
    .memory = 48 << 20,
    .memory_limit = 50 << 20,
    .has_io = true,
    .read_bytes = 1024,
    .has_pids = true,
    .pids = 7,
    .pids_limit = 7,
    .has_cpu_psi = true,
    .cpu_psi = 1.25,
    .has_memory_psi = true,
    .oom_kills = 2 },
  { .id = (char *)"none", .read_ns = 3000000000 },
  { .id = (char *)"young",
    .read_ns = 3000000000,
    .has_cpu = true,
    .cpu_ns = 800, /* another container of that name */
    .has_memory = true,
    .memory = 4096,
    .memory_limit = UINT64_MAX },
};
static const struct stats_reading before = { before_items, UNIT_COUNT(before_items) };
static const struct stats_reading now = { now_items, UNIT_COUNT(now_items) };

static const char *table(struct arena *arena, const struct stats_screen *screen)
{
  struct text out;
  text_init(&out, arena);
  stats_table(&out, &before, &now, screen, "\n");
  return text_string(&out);
}

static void test_table(void)
{
  struct arena arena = ARENA_INIT;
  const struct stats_screen wide = { .width = 0 };
  const struct stats_screen narrow = { .width = 37 };
  const struct stats_screen low = { .height = 3 };
  const struct stats_screen color = { .color = true };
  CHECK_STRING(table(&arena, &wide),
               "NAME     CPU%        MEM / LIMIT   MEM%  IO READ / WRITE  PIDS  PSI CPU/MEM/IO  THROTTLED\n"
               "db     150.0%  48.0MiB / 50.0MiB  96.0%     1.00KiB / 0B     7       1.2/0.0/-      25.0%\n"
               "none        -                  -      -                -     -               -          -\n"
               "young       -        4.00KiB / -      -                -     -               -          -\n");
  CHECK_STRING(table(&arena, &narrow), "NAME     CPU%        MEM / LIMIT\n"
                                       "db     150.0%  48.0MiB / 50.0MiB\n"
                                       "none        -                  -\n"
                                       "young       -        4.00KiB / -\n");
  CHECK(strstr(table(&arena, &low), "\ndb ") != NULL);
  CHECK(strstr(table(&arena, &low), "none") == NULL);
  CHECK(strstr(table(&arena, &low), "\n(2 more)\n") != NULL);
  CHECK(strstr(table(&arena, &wide), "\033") == NULL);
  CHECK(strstr(table(&arena, &color), "\033[31m96.0%\033[0m") != NULL);
  CHECK(strstr(table(&arena, &color), "\033[33m25.0%\033[0m\n") != NULL);
  arena_release(&arena);
}

static void test_bar(void)
{
  struct arena arena = ARENA_INIT;
  const double values[HISTORY_LENGTH] = { 9, 9, 9, 9, 9, -1, 0, 50, 100, 200 };
  CHECK_STRING(stats_history_bar(&arena, values, 5, 100, false), " _:=#");
  CHECK_STRING(stats_history_bar(&arena, values, 4, 100, true), "▁▃▅█");
  CHECK_STRING(stats_history_bar(&arena, values + 0, 10, 1000, false), "_____ __..");
  arena_release(&arena);
}

/* Bars take the room that is left, or that of columns that have none. */
static void test_history(void)
{
  struct arena arena = ARENA_INIT;
  struct stats_history history = { .rows = NULL };
  const struct stats_reading empty = { NULL, 0 };
  stats_history_note(&history, &empty, &before);
  stats_history_note(&history, &before, &now);
  const struct stats_screen wide = { .history = &history };
  CHECK(strstr(table(&arena, &wide), "db     150.0%          #  48.0MiB / 50.0MiB  96.0%          #")
        != NULL);
  const struct stats_screen usual = { .history = &history, .width = 80 };
  CHECK(strstr(table(&arena, &usual), "db     150.0%        #  48.0MiB / 50.0MiB  96.0%        #") != NULL);
  CHECK(strstr(table(&arena, &usual), "PIDS\n") != NULL);
  const struct stats_screen full = { .history = &history, .width = 92 };
  CHECK(strstr(table(&arena, &full), "db     150.0%  48.0MiB") != NULL);
  const struct stats_screen narrow = { .history = &history, .width = 37 };
  CHECK(strstr(table(&arena, &narrow), "db     150.0%  48.0MiB / 50.0MiB\n") != NULL);
  for (size_t width = 37; width < 120; width++) { /* short ones would say nothing */
    const struct stats_screen any = { .history = &history, .width = width };
    const char *share = strstr(table(&arena, &any), "96.0%"), *end = share ? strchr(share, '#') : NULL;
    unit_at(end ? "bar" : "no bar");
    CHECK(!end || end - share >= 5 + 4);
    for (const char *line = table(&arena, &any); *line; line += strcspn(line, "\n") + 1)
      CHECK(strcspn(line, "\n") <= width);
  }
  unit_at(NULL);
  CHECK(stats_history_find(&history, "young") != NULL);
  /* Who has no limit is measured by the machine; without that a bar would show nothing but itself. */
  CHECK(strstr(table(&arena, &wide), "4.00KiB / -      -            ") != NULL);
  struct stats_screen machine = { .history = &history, .machine_memory = 8192 };
  CHECK(strstr(table(&arena, &machine), "4.00KiB / -      -          =") != NULL);
  machine.machine_memory = 48 << 20; /* no limit above it counts */
  CHECK(strstr(table(&arena, &machine), "4.00KiB / -      -          _") != NULL);
  now_items[0].memory = 24 << 20;
  stats_history_note(&history, &before, &now);
  CHECK(strstr(table(&arena, &machine), "50.0MiB  48.0%         #=") != NULL);
  machine.machine_memory = 1 << 30; /* a lower limit does */
  CHECK(strstr(table(&arena, &machine), "50.0MiB  48.0%         #-") != NULL);
  now_items[0].memory = 48 << 20;
  stats_history_note(&history, &now, &empty);
  CHECK(stats_history_find(&history, "db") == NULL);
  stats_history_finish(&history);
  arena_release(&arena);
}

static void test_json(void)
{
  struct arena arena = ARENA_INIT;
  struct text out;
  const struct stats_reading empty = { NULL, 0 };
  text_init(&out, &arena);
  stats_json(&out, &before, &now, STATS_LINES);
  CHECK(text_starts_with(
      text_string(&out),
      "{\"id\":\"db\",\"cpuPercent\":150.00,\"cpuNanoseconds\":3500000000,"
      "\"throttledPercent\":25.00,\"memory\":50331648,\"memoryLimit\":52428800,"
      "\"memoryPercent\":96.00,\"readBytes\":1024,\"writeBytes\":0,\"pids\":7,\"pidsLimit\":7,"
      "\"cpuPressure\":1.25,\"memoryPressure\":0.00,\"ioPressure\":null,\"oomKills\":2}\n"
      "{\"id\":\"none\",\"cpuPercent\":null,"));
  text_init(&out, &arena);
  stats_json(&out, NULL, &empty, STATS_ARRAY);
  CHECK_STRING(text_string(&out), "[]\n");
  text_init(&out, &arena);
  stats_json(&out, NULL, &now, STATS_ARRAY);
  CHECK(strstr(text_string(&out), "},{\"id\":\"young\",\"cpuPercent\":null,\"cpuNanoseconds\":800,") != NULL);
  arena_release(&arena);
}

int main(void)
{
  test_table();
  test_bar();
  test_history();
  test_json();
  return unit_finish();
}
