/* SPDX-License-Identifier: Apache-2.0
 * The cpuset controller: which CPUs and memory nodes. Pure. */
#include "cgroups/controllers.h"
#include "spec/spec.h"
#include <string.h>

#define AT_CPU "/linux/resources/cpu"

/* cpuset(7), "List format"; the kernel knows which of them exist. */
static int add_list(struct arena *arena, struct settings *settings, const char *file, const char *list,
                    const char *origin, struct error *err)
{
  if (!list || !*list)
    return 0;
  if (list[strspn(list, "0123456789,-")])
    return refuse_setting(err, origin, "'%s' is not a list like 0-2,7", list);
  settings_add(arena, settings, file, list, origin);
  return 0;
}

static int cpuset_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                           struct error *err)
{
  const struct cpu *cpu = resources->cpu;
  if (!cpu)
    return 0;
  if (add_list(arena, settings, "cpuset.cpus", cpu->cpus, AT_CPU "/cpus", err) < 0)
    return -1;
  return add_list(arena, settings, "cpuset.mems", cpu->mems, AT_CPU "/mems", err);
}

STAT_PARSER(parse_cpus)
{
  stats->has_cpuset = true;
  stats->cpus = arena_strndup(arena, text, strcspn(text, "\n"));
}

STAT_PARSER(parse_mems)
{
  stats->has_cpuset = true;
  stats->mems = arena_strndup(arena, text, strcspn(text, "\n"));
}

static const struct stat_file stat_files[] = {
  { "cpuset.cpus.effective", false, parse_cpus },
  { "cpuset.mems.effective", false, parse_mems },
  { NULL, false, NULL },
};

const struct controller cpuset_controller = {
  .name = "cpuset",
  .settings = cpuset_settings,
  .stat_files = stat_files,
};
