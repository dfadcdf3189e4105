/* SPDX-License-Identifier: Apache-2.0
 * "unified": files of cgroup v2 by name, with their text. It can say what no other property can: memory.high,
 * memory.oom.group, cpuset.cpus.partition, misc.max. Pure. */
#include "cgroups/controllers.h"
#include "libcontainer/base/text.h"
#include "spec/spec.h"
#include <string.h>

#define AT_UNIFIED "/linux/resources/unified"
#define FILE_NAME_MAX 255

/* Of the files of the core, those that limit or report. The others move, kill or freeze processes, or decide
 * which cgroup is a container's at all. */
static const char *const core_files[] = { "cgroup.max.depth", "cgroup.max.descendants", "cgroup.pressure" };

static int check_core_file(const char *key, const char *origin, struct error *err)
{
  if (!text_starts_with(key, "cgroup."))
    return 0;
  for (size_t i = 0; i < sizeof core_files / sizeof *core_files; i++)
    if (strcmp(key, core_files[i]) == 0)
      return 0;
  return refuse_setting(err, origin,
                        "'%s' is not for a config to write: it is how hull itself keeps the container "
                        "(cgroup.max.depth, cgroup.max.descendants and cgroup.pressure are possible)",
                        key);
}

static int check_key(const char *key, const char *origin, struct error *err)
{
  size_t prefix = strcspn(key, ".");
  if (strchr(key, '/'))
    return refuse_setting(err, origin, "'%s' has a '/': it must be a file of the container's own cgroup",
                          key);
  for (const char *p = key; *p; p++)
    if ((unsigned char)*p <= ' ' || *p == 0x7f)
      return refuse_setting(err, origin,
                            "the name of a file in cgroup v2 has no spaces or control characters");
  if (prefix == 0 || !key[prefix] || !key[prefix + 1])
    return refuse_setting(err, origin, "'%s' is not the name of a file in cgroup v2, like 'memory.high'",
                          key);
  if (strlen(key) > FILE_NAME_MAX)
    return refuse_setting(err, origin, "longer than the name of any file");
  return check_core_file(key, origin, err);
}

/* Files with a line per device take one at a time. */
static void add_lines(struct arena *arena, struct settings *settings, const struct string_pair *pair,
                      const char *origin)
{
  size_t count;
  char **lines = text_split(arena, pair->value, '\n', &count);
  size_t added = 0;
  for (size_t i = 0; i < count; i++)
    if (*lines[i]) {
      settings_add(arena, settings, pair->key, lines[i], origin);
      added++;
    }
  /* A write of no bytes does not reach the kernel; an empty line does, and empties cpuset.cpus. */
  if (added == 0)
    settings_add(arena, settings, pair->key, "\n", origin);
}

static int unified_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                            struct error *err)
{
  const struct string_pair *pair;
  vec_each (&resources->unified, pair) {
    const char *origin = origin_key(arena, AT_UNIFIED, pair->key);
    if (check_key(pair->key, origin, err) < 0)
      return -1;
    add_lines(arena, settings, pair, origin);
  }
  return 0;
}

const struct controller unified_controller = { .name = "unified", .settings = unified_settings };
