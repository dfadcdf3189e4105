/* SPDX-License-Identifier: Apache-2.0
 * The list of what will be written. Pure. */
#include "cgroups/settings.h"
#include "cgroups/controllers.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"
#include "spec/decode.h"
#include "spec/spec.h"
#include "spec/types.h"
#include <stdio.h>
#include <string.h>

static void need_controller(struct arena *arena, struct settings *settings, const char *file)
{
  size_t length = strcspn(file, ".");
  if (length == strlen("cgroup") && strncmp(file, "cgroup", length) == 0)
    return;
  char **name;
  vec_each (&settings->controllers, name) {
    if (strlen(*name) == length && strncmp(*name, file, length) == 0)
      return;
  }
  name = vec_push(arena, &settings->controllers);
  *name = arena_strndup(arena, file, length);
}

struct setting *settings_add_default(struct arena *arena, struct settings *settings, const char *file,
                                     const char *value, const char *origin)
{
  struct setting *s = vec_push(arena, settings);
  s->file = file;
  s->value = arena_strdup(arena, value);
  s->origin = origin;
  s->optional = true;
  return s;
}

struct setting *settings_add(struct arena *arena, struct settings *settings, const char *file,
                             const char *value, const char *origin)
{
  struct setting *s = settings_add_default(arena, settings, file, value, origin);
  s->optional = false;
  need_controller(arena, settings, file);
  return s;
}

struct setting *settings_add_number(struct arena *arena, struct settings *settings, const char *file,
                                    uint64_t value, const char *origin)
{
  char digits[24];
  (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
  return settings_add(arena, settings, file, digits, origin);
}

bool settings_ask(const struct settings *settings)
{
  const struct setting *s;
  vec_each (settings, s) {
    if (!s->optional)
      return true;
  }
  return settings->controllers.count > 0;
}

bool controllers_have(const char *list, const char *name)
{
  size_t length = strlen(name);
  for (const char *p = list + strspn(list, " \n"); *p; p += strspn(p, " \n")) {
    size_t word = strcspn(p, " \n");
    if (word == length && strncmp(p, name, length) == 0)
      return true;
    p += word;
  }
  return false;
}

static int check_network(const struct resources *resources, struct error *err)
{
  const struct network *network = resources->network;
  if (!network || (!network->class_id.value && !network->priorities.count))
    return 0;
  return refuse_setting(err, "/linux/resources/network", NEEDS_CGROUP_V1);
}

int settings_from_resources(struct arena *arena, const struct resources *resources, struct settings *settings,
                            struct error *err)
{
  if (!resources)
    return 0;
  if (check_network(resources, err) < 0)
    return -1;
  for (const struct controller *const *row = controllers; *row; row++)
    if ((*row)->settings && (*row)->settings(arena, resources, settings, err) < 0)
      return -1;
  return 0;
}

/* --- as problems ----------------------------------------------------------------------------------- */

static void add_problem(struct problems *problems, const struct error *err)
{
  const size_t length = strlen(err->origin);
  for (unsigned i = 0; i < problems->count && i < PROBLEMS_MAX; i++) {
    const char *pointer = problems->items[i].pointer;
    if (text_starts_with(pointer, err->origin) && (!pointer[length] || pointer[length] == '/'))
      return;
  }
  problem_add(problems, false, err->origin, "%s", error_frame(err, 0));
}

static void check_row(const struct controller *row, const struct resources *resources,
                      struct problems *problems)
{
  struct settings unused = { .count = 0 };
  struct error err = { 0 };
  if (row->settings && row->settings(problems->arena, resources, &unused, &err) < 0)
    add_problem(problems, &err);
}

void settings_check(const struct resources *resources, struct problems *problems)
{
  struct error err = { 0 };
  if (!resources)
    return;
  if (check_network(resources, &err) < 0)
    add_problem(problems, &err);
  for (const struct controller *const *row = controllers; *row; row++)
    if (*row != &unified_controller)
      check_row(*row, resources, problems);
  const struct string_pair *pair;
  vec_each (&resources->unified, pair) {
    struct resources one = { .unified = { .items = (struct string_pair *)pair, .count = 1 } };
    check_row(&unified_controller, &one, problems);
  }
}
