/* SPDX-License-Identifier: Apache-2.0
 * Percentages, columns, colours. */
#include "cmd/stats_table.h"
#include "cmd/print.h"
#include "cmd/stats_history.h"
#include "cmd/size.h"
#include <inttypes.h>
#include <string.h>

#define NO_LIMIT UINT64_MAX
#define UNKNOWN (-1.0)

/* --- shares --------------------------------------------------------------------------------------------- */

struct shares {
  double cpu, memory, throttled; /* percent; cpu: of one CPU; UNKNOWN */
};

static double percent(uint64_t part, uint64_t whole)
{
  return whole > 0 ? 100.0 * (double)part / (double)whole : UNKNOWN;
}

/* The same container in the reading before; a younger one of that name has used less. */
static const struct hull_stats *find_before(const struct stats_reading *before, const struct hull_stats *now)
{
  for (size_t i = 0; before != NULL && i < before->count; i++)
    if (strcmp(before->items[i].id, now->id) == 0)
      return before->items[i].cpu_ns <= now->cpu_ns ? &before->items[i] : NULL;
  return NULL;
}

static struct shares shares_of(const struct stats_reading *before, const struct hull_stats *now)
{
  const struct hull_stats *old = find_before(before, now);
  struct shares s = { UNKNOWN, UNKNOWN, UNKNOWN };
  if (now->has_memory && now->memory_limit != NO_LIMIT)
    s.memory = percent(now->memory, now->memory_limit);
  if (old == NULL)
    return s;
  if (now->has_cpu && old->has_cpu)
    s.cpu = percent(now->cpu_ns - old->cpu_ns, now->read_ns - old->read_ns);
  if (now->has_throttling && now->periods >= old->periods)
    s.throttled = now->periods == old->periods
                      ? 0
                      : percent(now->throttled_periods - old->throttled_periods, now->periods - old->periods);
  return s;
}

double stats_cpu_percent(const struct stats_reading *before, const struct hull_stats *now)
{
  return shares_of(before, now).cpu;
}

/* --- table ---------------------------------------------------------------------------------------------- */

enum { NAME, CPU, MEMORY, MEMORY_SHARE, IO, PIDS, PSI, THROTTLED, COLUMNS };
static const char *const titles[COLUMNS] = {
  [NAME] = "NAME",          [CPU] = "CPU%",  [MEMORY] = "MEM / LIMIT", [MEMORY_SHARE] = "MEM%",
  [IO] = "IO READ / WRITE", [PIDS] = "PIDS", [PSI] = "PSI CPU/MEM/IO", [THROTTLED] = "THROTTLED",
};

#define GAP 2
#define BAR_GAP 1
#define BAR_MIN 4
#define BARS 2
#define NAME_MIN 12
#define TIGHT_PERCENT 90  /* memory: soon the OOM killer is there */
#define SLOWED_PERCENT 25 /* of periods in which it was throttled */
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define HEADER "\033[1m"
#define PLAIN "\033[0m"

struct cell {
  const char *text, *color;
  const char *bar; /* of as many characters as measure() says, behind the text */
};

static const char *percent_text(struct arena *arena, double value, bool sign)
{
  return value < 0 ? "-" : arena_printf(arena, "%.1f%s", value, sign ? "%" : "");
}

static const char *size_text(struct arena *arena, bool known, uint64_t bytes)
{
  char text[SIZE_TEXT_BYTES];
  if (!known || bytes == NO_LIMIT)
    return "-";
  size_format(bytes, text);
  return arena_strdup(arena, text);
}

static const char *pair_text(struct arena *arena, bool known, uint64_t a, uint64_t b)
{
  return known ? arena_printf(arena, "%s / %s", size_text(arena, true, a), size_text(arena, true, b)) : "-";
}

static const char *psi_text(struct arena *arena, const struct hull_stats *s)
{
  if (!s->has_cpu_psi && !s->has_memory_psi && !s->has_io_psi)
    return "-";
  return arena_printf(arena, "%s/%s/%s", percent_text(arena, s->has_cpu_psi ? s->cpu_psi : UNKNOWN, false),
                      percent_text(arena, s->has_memory_psi ? s->memory_psi : UNKNOWN, false),
                      percent_text(arena, s->has_io_psi ? s->io_psi : UNKNOWN, false));
}

static void fill_row(struct arena *arena, const struct stats_reading *before, const struct hull_stats *s,
                     struct cell *cells)
{
  const struct shares shares = shares_of(before, s);
  cells[NAME].text = s->id;
  cells[CPU].text = percent_text(arena, shares.cpu, true);
  cells[MEMORY].text = pair_text(arena, s->has_memory, s->memory, s->memory_limit);
  cells[MEMORY_SHARE].text = percent_text(arena, shares.memory, true);
  cells[MEMORY_SHARE].color = shares.memory >= TIGHT_PERCENT ? RED : NULL;
  cells[IO].text = pair_text(arena, s->has_io, s->read_bytes, s->write_bytes);
  cells[PIDS].text = s->has_pids ? arena_printf(arena, "%" PRIu64, s->pids) : "-";
  cells[PIDS].color = s->has_pids && s->pids >= s->pids_limit ? RED : NULL;
  cells[PSI].text = psi_text(arena, s);
  cells[THROTTLED].text = percent_text(arena, shares.throttled, true);
  cells[THROTTLED].color = shares.throttled >= SLOWED_PERCENT ? YELLOW : NULL;
}

/* What is left beside the columns is for the bars; if not all columns have room, those behind PIDS give way.
 */
static size_t bar_length(const struct stats_screen *screen, const size_t *widths)
{
  size_t used = 0;
  if (screen->history == NULL)
    return 0;
  if (screen->width == 0)
    return HISTORY_LENGTH;
  for (size_t i = 0; i < COLUMNS; i++)
    used += widths[i] + (i > 0 ? GAP : 0);
  const bool cut = used > screen->width;
  for (size_t i = PIDS + 1; i < COLUMNS && cut; i++)
    used -= widths[i] + GAP;
  const size_t spare = used < screen->width ? screen->width - used : 0;
  const size_t length = spare / BARS > BAR_GAP ? spare / BARS - BAR_GAP : 0;
  return length < BAR_MIN ? 0 : length > HISTORY_LENGTH ? HISTORY_LENGTH : length;
}

static void add_bars(struct arena *arena, const struct stats_screen *screen, const struct hull_stats *s,
                     size_t length, struct cell *cells)
{
  const struct stats_history_row *row = stats_history_find(screen->history, s->id);
  if (row == NULL)
    return;
  uint64_t full = screen->machine_memory;
  if (s->has_memory && s->memory_limit != NO_LIMIT && (full == 0 || s->memory_limit < full))
    full = s->memory_limit;
  cells[CPU].bar = stats_history_bar(arena, row->cpu, length, 100, screen->utf8);
  if (full > 0)
    cells[MEMORY_SHARE].bar = stats_history_bar(arena, row->memory, length, (double)full, screen->utf8);
}

/* How wide each column is; long names give way to what the screen has no room for. */
static void measure(const struct cell *cells, size_t rows, size_t screen_width, size_t *widths)
{
  size_t total = 0;
  memset(widths, 0, COLUMNS * sizeof *widths);
  for (size_t i = 0; i < rows * COLUMNS; i++) {
    const size_t length = strlen(cells[i].text);
    if (widths[i % COLUMNS] < length)
      widths[i % COLUMNS] = length;
  }
  for (size_t i = 0; i < COLUMNS; i++)
    total += widths[i] + (i > 0 ? GAP : 0);
  if (screen_width == 0 || total <= screen_width || widths[NAME] <= NAME_MIN)
    return;
  const size_t surplus = total - screen_width;
  widths[NAME] = widths[NAME] > surplus + NAME_MIN ? widths[NAME] - surplus : NAME_MIN;
}

/* Ids and numbers are ASCII: a byte is a column. */
static void add_line(struct text *out, const struct cell *cells, const size_t *widths, size_t bar,
                     const struct stats_screen *screen, const char *line_end)
{
  size_t room = screen->width > 0 ? screen->width : SIZE_MAX;
  for (size_t i = 0; i < COLUMNS; i++) {
    const size_t gap = i > 0 ? GAP : 0, length = strnlen(cells[i].text, widths[i]);
    if (widths[i] + gap > room)
      break; /* half a number is a wrong one */
    const int padding = (int)(widths[i] - length);
    const char *color = screen->color ? cells[i].color : NULL;
    text_addf(out, "%*s%*s", (int)gap, "", i == NAME ? 0 : padding, "");
    text_addf(out, "%s%.*s%s", color ? color : "", (int)length, cells[i].text, color ? PLAIN : "");
    if (i == NAME)
      text_addf(out, "%*s", padding, "");
    room -= widths[i] + gap;
    if (bar > 0 && (i == CPU || i == MEMORY_SHARE)) {
      if (room < bar + BAR_GAP)
        break;
      text_addf(out, "%*s%s%*s", BAR_GAP, "", cells[i].bar ? cells[i].bar : "", cells[i].bar ? 0 : (int)bar,
                "");
      room -= bar + BAR_GAP;
    }
  }
  text_add(out, line_end);
}

void stats_table(struct text *out, const struct stats_reading *before, const struct stats_reading *now,
                 const struct stats_screen *screen, const char *line_end)
{
  size_t widths[COLUMNS];
  struct cell *cells = arena_array(out->arena, (now->count + 1) * COLUMNS, sizeof *cells);
  for (size_t i = 0; i < COLUMNS; i++)
    cells[i] = (struct cell){ .text = titles[i], .color = HEADER };
  for (size_t i = 0; i < now->count; i++)
    fill_row(out->arena, before, &now->items[i], cells + (i + 1) * COLUMNS);
  measure(cells, now->count + 1, screen->width, widths);
  const size_t bar = bar_length(screen, widths);
  for (size_t i = 0; bar > 0 && i < now->count; i++)
    add_bars(out->arena, screen, &now->items[i], bar, cells + (i + 1) * COLUMNS);

  size_t lines = now->count + 1;
  const bool cut = screen->height > 0 && lines > screen->height;
  if (cut)
    lines = screen->height > 1 ? screen->height - 1 : 1;
  for (size_t i = 0; i < lines; i++)
    add_line(out, cells + i * COLUMNS, widths, bar, screen, line_end);
  if (cut && screen->height > 1)
    text_addf(out, "(%zu more)%s", now->count + 1 - lines, line_end);
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void add_number(struct text *out, const char *key, bool known, uint64_t value)
{
  if (known && value != NO_LIMIT)
    text_addf(out, ",\"%s\":%" PRIu64, key, value);
  else
    text_addf(out, ",\"%s\":null", key);
}

static void add_share(struct text *out, const char *key, double value)
{
  if (value >= 0)
    text_addf(out, ",\"%s\":%.2f", key, value);
  else
    text_addf(out, ",\"%s\":null", key);
}

static void add_object(struct text *out, const struct stats_reading *before, const struct hull_stats *s)
{
  const struct shares shares = shares_of(before, s);
  text_add(out, "{\"id\":");
  print_json_string(out, s->id);
  add_share(out, "cpuPercent", shares.cpu);
  add_number(out, "cpuNanoseconds", s->has_cpu, s->cpu_ns);
  add_share(out, "throttledPercent", shares.throttled);
  add_number(out, "memory", s->has_memory, s->memory);
  add_number(out, "memoryLimit", s->has_memory, s->memory_limit);
  add_share(out, "memoryPercent", shares.memory);
  add_number(out, "readBytes", s->has_io, s->read_bytes);
  add_number(out, "writeBytes", s->has_io, s->write_bytes);
  add_number(out, "pids", s->has_pids, s->pids);
  add_number(out, "pidsLimit", s->has_pids, s->pids_limit);
  add_share(out, "cpuPressure", s->has_cpu_psi ? s->cpu_psi : UNKNOWN);
  add_share(out, "memoryPressure", s->has_memory_psi ? s->memory_psi : UNKNOWN);
  add_share(out, "ioPressure", s->has_io_psi ? s->io_psi : UNKNOWN);
  add_number(out, "oomKills", s->has_memory, s->oom_kills);
  text_add(out, "}");
}

void stats_json(struct text *out, const struct stats_reading *before, const struct stats_reading *now,
                enum stats_json_form form)
{
  const bool array = form == STATS_ARRAY;
  text_add(out, array ? "[" : "");
  for (size_t i = 0; i < now->count; i++) {
    text_add(out, array && i > 0 ? "," : "");
    add_object(out, before, &now->items[i]);
    text_add(out, array ? "" : "\n");
  }
  text_add(out, array ? "]\n" : "");
}
