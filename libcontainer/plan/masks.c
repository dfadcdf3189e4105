/* SPDX-License-Identifier: Apache-2.0
 * Masked and read-only paths: clean, each once, in their order. What is missing at apply time is passed
 * over. */
#include "libcontainer/base/path.h"
#include "libcontainer/base/text.h"
#include "libcontainer/plan/planner.h"

typedef VEC(struct plan_path) path_list;

static bool has_path(const path_list *list, const char *path)
{
  const struct plan_path *it;
  vec_each (list, it)
    if (text_equal(it->path, path))
      return true;
  return false;
}

static void plan_paths(struct planner *p, const struct strings *asked, const char *pointer, path_list *list)
{
  for (size_t i = 0; i < asked->count; i++) {
    const char *origin = planner_pointer(p, "%s/%zu", pointer, i);
    const char *path = path_absolute(p->arena, "/", asked->items[i]);
    if (text_equal(path, "/")) {
      planner_problem(p, origin, "the root cannot be in this list: use root.readonly");
      continue;
    }
    if (has_path(list, path))
      continue;
    struct plan_path *planned = vec_push(p->arena, list);
    *planned = (struct plan_path){ .path = path, .origin = origin };
  }
}

void plan_masks(struct planner *p)
{
  path_list masked = { 0 }, readonly = { 0 };
  plan_paths(p, &p->linux_->masked_paths, "/linux/maskedPaths", &masked);
  plan_paths(p, &p->linux_->readonly_paths, "/linux/readonlyPaths", &readonly);
  memcpy(&p->plan->masked, &masked, sizeof masked); /* VEC types have no name: the same layout, see vec.h */
  memcpy(&p->plan->readonly, &readonly, sizeof readonly);
}
