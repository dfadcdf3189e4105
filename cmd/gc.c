/* SPDX-License-Identifier: Apache-2.0
 * `hull gc`: lists what dead callers left below the state root and in the cgroup hierarchy, and removes it.
 */
#include "cmd/command.h"
#include "cmd/print.h"

enum { GC_TEXT, GC_JSON };

static struct {
  bool remove, stopped, created;
  long format;
} given;
typedef __typeof__(given) gc_values;

static const struct name formats[] = { { "text", GC_TEXT }, { "json", GC_JSON }, { 0 } };

/* clang-format off */
static const struct option_row options[] = {
  { .name = "remove", .letter = 'r', .kind = OPTION_FLAG, OPTION_AT (gc_values, remove),
    .help = "remove it, and say what was removed" },
  { .name = "stopped", .kind = OPTION_FLAG, OPTION_AT (gc_values, stopped),
    .help = "also containers that have stopped and still have a bundle: nobody will delete them any more" },
  { .name = "created", .kind = OPTION_FLAG, OPTION_AT (gc_values, created),
    .help = "also containers that were never started and whose bundle is gone; their waiting process is killed" },
  { .name = "format", .letter = 'f', .value = "text|json", .kind = OPTION_CHOICE, .choices = formats,
    OPTION_AT (gc_values, format), .help = "form of the output" },
  { 0 },
};
/* clang-format on */

static const char *safe(struct arena *arena, const char *text)
{
  const size_t size = 6 * strlen(text) + 1;
  char *out = arena_alloc(arena, size);
  (void)text_escape_control(out, size, text);
  return out;
}

static const char *outcome(const struct hull_leftover *l)
{
  if (l->stays)
    return "stays";
  if (l->removed)
    return "removed";
  return l->error ? "could not remove" : "to remove";
}

/* Two lines each: what and why, then what is done about it. */
static void list_text(struct text *out, const struct hull_leftover *list, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct hull_leftover *l = &list[i];
    text_addf(out, "%s %s: %s\n", l->kind, safe(out->arena, l->name), safe(out->arena, l->why));
    text_addf(out, "  %s: %s\n", outcome(l), safe(out->arena, l->what));
    if (l->error)
      text_addf(out, "  because: %s\n", safe(out->arena, l->error));
  }
}

static void add_member(struct text *out, const char *key, const char *value)
{
  text_addf(out, "\"%s\": ", key);
  print_json_string(out, value);
  text_add(out, ", ");
}

static void list_json(struct text *out, const struct hull_leftover *list, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct hull_leftover *l = &list[i];
    text_add(out, i ? ",\n  {" : "[\n  {");
    add_member(out, "kind", l->kind);
    add_member(out, "name", l->name);
    add_member(out, "why", l->why);
    add_member(out, "what", l->what);
    if (l->error)
      add_member(out, "error", l->error);
    text_addf(out, "\"stays\": %s, \"removed\": %s}", l->stays ? "true" : "false",
              l->removed ? "true" : "false");
  }
  text_add(out, count ? "\n]\n" : "[]\n");
}

static size_t count_failures(const struct hull_leftover *list, size_t count)
{
  size_t failures = 0;
  for (size_t i = 0; i < count; i++)
    failures += list[i].error != NULL;
  return failures;
}

static int run(const struct call *call, struct hull_error *error)
{
  const struct hull_gc_options gc = {
    .size = sizeof gc, .remove = given.remove, .stopped = given.stopped, .created = given.created
  };
  struct hull_leftover *list = NULL;
  struct hull *hull = call_open(call, error);
  const ssize_t found = hull ? hull_gc(hull, &gc, &list, error) : -1;
  if (found < 0)
    return -1;

  struct text out;
  text_init(&out, call->arena);
  const size_t count = (size_t)found, failures = count_failures(list, count);
  if (given.format == GC_JSON)
    list_json(&out, list, count);
  else
    list_text(&out, list, count);
  hull_gc_free(list, count);
  if (print(text_string(&out), error_inside(error)) < 0)
    return -1;
  if (failures > 0)
    return error_set(error_inside(error), ERROR_STATE, 0,
                     "%zu of %zu leftovers could not be removed: the list says why", failures, count);
  return 0;
}

const struct command gc_command = {
  .name = "gc",
  .group = GROUP_CONTAINERS,
  .arguments = "",
  .summary = "list, and with --remove take away, what killed callers left",
  .brief = "what killed callers left",
  .options = options,
  .values = &given,
  .run = run,
};
