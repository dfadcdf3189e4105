/* SPDX-License-Identifier: Apache-2.0
 * The list of what will be written. Pure. */
#include "cgroups/settings.h"
#include "cgroups/controllers.h"
#include "libcontainer/base/error.h"
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

struct setting *settings_add(struct arena *arena, struct settings *settings, const char *file,
                             const char *value, const char *origin)
{
  struct setting *s = vec_push(arena, settings);
  s->file = file;
  s->value = arena_strdup(arena, value);
  s->origin = origin;
  need_controller(arena, settings, file);
  return s;
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
  if (controllers_check_supported(resources, err) < 0)
    return -1;
  for (const struct controller *const *row = controllers; *row; row++)
    if ((*row)->settings && (*row)->settings(arena, resources, settings, err) < 0)
      return -1;
  return 0;
}
