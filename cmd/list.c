/* SPDX-License-Identifier: Apache-2.0
 * `hull list`: the containers below the state root. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "cmd/size.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIST_TABLE, LIST_JSON };

static struct {
  long format;
  bool quiet, usage;
} given;
typedef __typeof__(given) list_values;

static const struct name formats[] = { { "table", LIST_TABLE }, { "json", LIST_JSON }, { 0 } };

/* clang-format off */
static const struct option_row options[] = {
  { .name = "format", .letter = 'f', .value = "table|json", .kind = OPTION_CHOICE, .choices = formats,
    OPTION_AT (list_values, format), .help = "form of the output" },
  { .name = "quiet", .letter = 'q', .kind = OPTION_FLAG, OPTION_AT (list_values, quiet),
    .help = "print only ids" },
  { .name = "usage", .letter = 'u', .kind = OPTION_FLAG, OPTION_AT (list_values, usage),
    .help = "also CPU time, memory and processes" },
  { .name = "stats", .kind = OPTION_FLAG, OPTION_AT (list_values, usage) },
  { 0 },
};
/* clang-format on */

static void list_ids(struct text *out, const struct hull_summary *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    text_addf(out, "%s\n", list[i].id);
}

static void add_number(struct text *out, const char *key, uint64_t value, bool first)
{
  text_addf(out, "%s\n    \"%s\": ", first ? "" : ",", key);
  if (value == UINT64_MAX)
    text_add(out, "null"); /* no limit */
  else
    text_addf(out, "%" PRIu64, value);
}

/* One more member of the state document; what is not known is left out. */
static void add_usage(struct text *out, const struct hull_usage *usage)
{
  bool first = true;
  text_add(out, ",\n  \"usage\": {");
  if (usage->has_cpu) {
    add_number(out, "cpu", usage->cpu_ns, first);
    first = false;
  }
  if (usage->has_memory) {
    add_number(out, "memory", usage->memory, first);
    add_number(out, "memoryLimit", usage->memory_limit, false);
    first = false;
  }
  if (usage->has_pids) {
    add_number(out, "pids", usage->pids, first);
    add_number(out, "pidsLimit", usage->pids_limit, false);
    first = false;
  }
  text_add(out, first ? "}" : "\n  }");
}

static void add_state(struct text *out, const struct hull_summary *s)
{
  size_t length = strlen(s->state_json);
  const char *end = strrchr(s->state_json, '}');
  if (!given.usage || !end) {
    text_add_bytes(out, s->state_json, length);
    return;
  }
  size_t kept = (size_t)(end - s->state_json);
  while (kept > 0 && s->state_json[kept - 1] == '\n')
    kept--;
  text_add_bytes(out, s->state_json, kept);
  add_usage(out, &s->usage);
  text_add(out, "\n}");
}

static void list_json(struct text *out, const struct hull_summary *list, size_t count)
{
  if (count == 0)
    text_add(out, "null\n");
  for (size_t i = 0; i < count; i++) {
    text_add(out, i ? "," : "[");
    add_state(out, &list[i]);
    text_add(out, i + 1 == count ? "]\n" : "");
  }
}

#define COLUMNS 6
#define USAGE_COLUMNS 5

static const char *seconds(struct arena *arena, uint64_t ns)
{
  return arena_printf(arena, "%" PRIu64 ".%03us", ns / 1000000000, (unsigned)(ns / 1000000 % 1000));
}

static const char *size(struct arena *arena, uint64_t bytes)
{
  char text[SIZE_TEXT_BYTES];
  if (bytes == UINT64_MAX)
    return "max";
  size_format(bytes, text);
  return arena_strdup(arena, text);
}

static const char *number(struct arena *arena, uint64_t value)
{
  return value == UINT64_MAX ? "max" : arena_printf(arena, "%" PRIu64, value);
}

static void usage_cells(struct arena *arena, const struct hull_usage *u, const char **cells)
{
  cells[0] = u->has_cpu ? seconds(arena, u->cpu_ns) : "-";
  cells[1] = u->has_memory ? size(arena, u->memory) : "-";
  cells[2] = u->has_memory ? size(arena, u->memory_limit) : "-";
  cells[3] = u->has_pids ? number(arena, u->pids) : "-";
  cells[4] = u->has_pids ? number(arena, u->pids_limit) : "-";
}

static void list_table(struct text *out, const struct hull_summary *list, size_t count)
{
  static const char *const titles[COLUMNS + USAGE_COLUMNS] = {
    "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER", "CPU", "MEMORY", "MEMORY-MAX", "PIDS", "PIDS-MAX",
  };
  const size_t columns = given.usage ? COLUMNS + USAGE_COLUMNS : COLUMNS;
  const char **cells = arena_array(out->arena, (count + 1) * columns, sizeof *cells);
  for (size_t i = 0; i < columns; i++)
    cells[i] = titles[i];
  for (size_t i = 0; i < count; i++) {
    const struct hull_summary *s = &list[i];
    const char *pid = arena_printf(out->arena, "%d", (int)s->pid);
    const char *const row[COLUMNS] = { s->id, pid, s->status, s->bundle, s->created, s->owner };
    const char **line = cells + (i + 1) * columns;
    for (size_t j = 0; j < COLUMNS; j++)
      line[j] = row[j] ? row[j] : "";
    if (given.usage)
      usage_cells(out->arena, &s->usage, line + COLUMNS);
  }
  print_table(out, cells, count + 1, columns);
}

static int run(const struct call *call, struct hull_error *error)
{
  const char *root = call->globals->root;
  if (root && access(root, F_OK) < 0)
    return error_set(error_inside(error), ERROR_USAGE, errno, "cannot list containers in '%s'", root);
  struct hull_summary *list = NULL;
  struct hull *hull = call_open(call, error);
  ssize_t found = -1;
  if (hull)
    found = given.usage ? hull_list_usage(hull, &list, error) : hull_list(hull, &list, error);
  if (found < 0)
    return -1;

  struct text out;
  text_init(&out, call->arena);
  size_t count = (size_t)found;
  if (given.quiet)
    list_ids(&out, list, count);
  else if (given.format == LIST_JSON)
    list_json(&out, list, count);
  else
    list_table(&out, list, count);
  hull_list_free(list, count);
  return print(text_string(&out), error_inside(error));
}

const struct command list_command = {
  .name = "list",
  .arguments = "",
  .summary = "list containers",
  .brief = "all containers",
  .group = GROUP_LOOK,
  .options = options,
  .values = &given,
  .run = run,
};
