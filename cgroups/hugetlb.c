/* SPDX-License-Identifier: Apache-2.0
 * The hugetlb controller: how many huge pages of each size, when used and when reserved. Pure. */
#include "cgroups/controllers.h"
#include "libcontainer/base/text.h"
#include "spec/spec.h"
#include <string.h>

#define AT_LIMITS "/linux/resources/hugepageLimits"

/* ^[1-9][0-9]*[KMG]B$, as in the schema: it becomes part of a file's name. */
static bool is_page_size(const char *s)
{
  size_t digits = strspn(s, "0123456789");
  return digits > 0 && *s != '0' && s[digits] && strchr("KMG", s[digits]) && strcmp(s + digits + 1, "B") == 0;
}

static const char *file_of(struct arena *arena, const char *size, const char *what)
{
  struct text name;
  text_init(&name, arena);
  text_addf(&name, "hugetlb.%s.%s", size, what);
  return text_string(&name);
}

static int hugetlb_settings(struct arena *arena, const struct resources *resources, struct settings *settings,
                            struct error *err)
{
  const struct hugepage_limit *limit;
  vec_each (&resources->hugepage_limits, limit) {
    const char *origin = origin_index(arena, AT_LIMITS, vec_index(&resources->hugepage_limits, limit));
    if (!limit->page_size || !is_page_size(limit->page_size))
      return refuse_setting(err, origin, "'%s' is not a size like 64KB, 2MB or 1GB",
                            limit->page_size ? limit->page_size : "");
    settings_add_number(arena, settings, file_of(arena, limit->page_size, "max"), limit->limit.value, origin);
    /* Without it a program gets its mapping, and SIGBUS when it touches the page. Since Linux 5.7. */
    settings_add_number(arena, settings, file_of(arena, limit->page_size, "rsvd.max"), limit->limit.value,
                        origin)
        ->optional = true;
  }
  return 0;
}

/* --- statistics ---------------------------------------------------------------------------------- */

static struct cgroup_hugetlb *pages_of(struct arena *arena, const char *size, struct cgroup_stats *stats)
{
  struct cgroup_hugetlb *h;
  vec_each (&stats->hugetlb, h) {
    if (strcmp(h->size, size) == 0)
      return h;
  }
  h = vec_push(arena, &stats->hugetlb);
  h->size = arena_strdup(arena, size);
  return h;
}

STAT_PARSER(parse_current)
{
  (void)whole_value(text, &pages_of(arena, part, stats)->usage);
}

STAT_PARSER(parse_max)
{
  (void)whole_value(text, &pages_of(arena, part, stats)->max);
}

STAT_PARSER(parse_events)
{
  (void)keyed_value(text, "max", &pages_of(arena, part, stats)->failures);
}

static const struct stat_file stat_files[] = {
  { "hugetlb.*.current", false, parse_current },
  { "hugetlb.*.max", false, parse_max },
  { "hugetlb.*.events", false, parse_events },
  { NULL, false, NULL },
};

const struct controller hugetlb_controller = {
  .name = "hugetlb",
  .settings = hugetlb_settings,
  .stat_files = stat_files,
};
