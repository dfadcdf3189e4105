/* SPDX-License-Identifier: Apache-2.0
 * `hull list`: the containers below the state root. */
#include "cmd/command.h"
#include "cmd/print.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { LIST_TABLE, LIST_JSON };

static struct {
  long format;
  bool quiet;
} given;
typedef __typeof__(given) list_values;

static const struct name formats[] = { { "table", LIST_TABLE }, { "json", LIST_JSON }, { 0 } };

/* clang-format off */
static const struct option_row options[] = {
  { .name = "format", .letter = 'f', .value = "table|json", .kind = OPTION_CHOICE, .choices = formats,
    OPTION_AT (list_values, format), .help = "form of the output" },
  { .name = "quiet", .letter = 'q', .kind = OPTION_FLAG, OPTION_AT (list_values, quiet),
    .help = "print only ids" },
  { 0 },
};
/* clang-format on */

static void list_ids(struct text *out, const struct hull_summary *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    text_addf(out, "%s\n", list[i].id);
}

static void list_json(struct text *out, const struct hull_summary *list, size_t count)
{
  if (count == 0)
    text_add(out, "null\n");
  for (size_t i = 0; i < count; i++)
    text_addf(out, "%s%s%s", i ? "," : "[", list[i].state_json, i + 1 == count ? "]\n" : "");
}

#define COLUMNS 6

static void list_table(struct text *out, const struct hull_summary *list, size_t count)
{
  const char **cells = arena_array(out->arena, (count + 1) * COLUMNS, sizeof *cells);
  const char *const titles[COLUMNS] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
  for (size_t i = 0; i < COLUMNS; i++)
    cells[i] = titles[i];
  for (size_t i = 0; i < count; i++) {
    const struct hull_summary *s = &list[i];
    const char *pid = arena_printf(out->arena, "%d", (int)s->pid);
    const char *const row[COLUMNS] = { s->id, pid, s->status, s->bundle, s->created, s->owner };
    for (size_t j = 0; j < COLUMNS; j++)
      cells[(i + 1) * COLUMNS + j] = row[j] ? row[j] : "";
  }
  print_table(out, cells, count + 1, COLUMNS);
}

static int run(const struct call *call, struct hull_error *error)
{
  const char *root = call->globals->root;
  if (root && access(root, F_OK) < 0)
    return error_set(error_inside(error), ERROR_USAGE, errno, "cannot list containers in '%s'", root);
  struct hull_summary *list = NULL;
  struct hull *hull = call_open(call, error);
  ssize_t found = hull ? hull_list(hull, &list, error) : -1;
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
  .options = options,
  .values = &given,
  .run = run,
};
