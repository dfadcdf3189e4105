/* SPDX-License-Identifier: Apache-2.0
 * The misc controller: resources of which a host has a few, such as ids of encrypted guests. config.json has
 * no property for it but "unified". Pure. */
#include "cgroups/controllers.h"
#include <string.h>

typedef VEC(struct cgroup_count) count_list;

static void parse_lines(struct arena *arena, const char *text, count_list *list)
{
  for (const char *line = text; line && *line; line = next_line(line)) {
    size_t length = strcspn(line, " \n");
    uint64_t value;
    if (line[length] != ' ' || !whole_value(line + length + strspn(line + length, " "), &value))
      continue;
    struct cgroup_count *count = vec_push(arena, list);
    count->key = arena_strndup(arena, line, length);
    count->value = value;
  }
}

STAT_PARSER(parse_current)
{
  parse_lines(arena, text, (count_list *)(void *)&stats->misc_current);
}

STAT_PARSER(parse_max)
{
  parse_lines(arena, text, (count_list *)(void *)&stats->misc_limit);
}

static const struct stat_file stat_files[] = {
  { "misc.current", false, parse_current },
  { "misc.max", false, parse_max },
  { NULL, false, NULL },
};

const struct controller misc_controller = {
  .name = "misc",
  .stat_files = stat_files,
};
