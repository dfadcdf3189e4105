/* SPDX-License-Identifier: Apache-2.0
 * The rdma controller: handles and objects of each device. Pure. */
#include "cgroups/controllers.h"
#include "libcontainer/base/text.h"
#include "spec/spec.h"
#include <string.h>

#define AT_RDMA "/linux/resources/rdma"

/* The kernel counts with int, and has "max" for what is larger. */
static void add_number(struct text *line, const char *key, const struct opt_u64 *number)
{
  if (!number->set)
    return;
  if (number->value >= INT32_MAX)
    text_addf(line, " %s=max", key);
  else
    text_addf(line, " %s=%llu", key, (unsigned long long)number->value);
}

static int rdma_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                         struct error *err)
{
  const struct rdma *r;
  vec_each (&resources->rdma, r) {
    struct text line;
    const char *origin = origin_key(arena, AT_RDMA, r->device);
    if (!*r->device || r->device[strcspn(r->device, " \t\n=")])
      return refuse_setting(err, origin, "this can't be the name of a device");
    if (!r->hca_handles.set && !r->hca_objects.set)
      return refuse_setting(err, origin, "neither hcaHandles nor hcaObjects is given");
    text_init(&line, arena);
    text_add(&line, r->device);
    add_number(&line, "hca_handle", &r->hca_handles);
    add_number(&line, "hca_object", &r->hca_objects);
    settings_add(arena, settings, "rdma.max", text_string(&line), origin);
  }
  return 0;
}

/* --- statistics ---------------------------------------------------------------------------------- */

typedef VEC(struct cgroup_count) count_list;

/* "mlx4_0 hca_handle=2 hca_object=max" becomes one count for each word. */
static void parse_lines(struct arena *arena, const char *text, count_list *list)
{
  static const char *const keys[] = { "hca_handle", "hca_object" };
  for (const char *line = text; line && *line; line = next_line(line)) {
    size_t length = strcspn(line, " \n");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
      uint64_t value;
      if (line[length] != ' ' || !word_value(line + length + 1, keys[i], &value))
        continue;
      struct cgroup_count *count = vec_push(arena, list);
      struct text key;
      text_init(&key, arena);
      text_add_bytes(&key, line, length + 1);
      text_add(&key, keys[i]);
      count->key = text_string(&key);
      count->value = value;
    }
  }
}

STAT_PARSER(parse_current)
{
  parse_lines(arena, text, (count_list *)(void *)&stats->rdma_current);
}

STAT_PARSER(parse_max)
{
  parse_lines(arena, text, (count_list *)(void *)&stats->rdma_limit);
}

static const struct stat_file stat_files[] = {
  { "rdma.current", false, parse_current },
  { "rdma.max", false, parse_max },
  { NULL, false, NULL },
};

const struct controller rdma_controller = {
  .name = "rdma",
  .settings = rdma_settings,
  .stat_files = stat_files,
};
