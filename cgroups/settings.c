/* SPDX-License-Identifier: Apache-2.0
 * The list of what will be written. Pure. */
#include "cgroups/settings.h"
#include "cgroups/controllers.h"
#include "libcontainer/base/error.h"
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

int settings_from_resources(struct arena *arena, const struct resources *resources, struct settings *settings,
                            struct error *err)
{
  if (!resources)
    return 0;
  if (resources->network && (resources->network->class_id.value || resources->network->priorities.count))
    return refuse_setting(err, "/linux/resources/network", NEEDS_CGROUP_V1);
  for (const struct controller *const *row = controllers; *row; row++)
    if ((*row)->settings && (*row)->settings(arena, resources, settings, err) < 0)
      return -1;
  return 0;
}
