/* SPDX-License-Identifier: Apache-2.0
 * The hooks, by kind and in their order. They are kept as written: their paths belong to two different worlds
 * (host and container), and are looked up only when a hook runs. */
#include "libcontainer/plan/planner.h"
#include "spec/annotations.h"

/* Relative ones would be found in another directory by every later command. */
static void check_output(struct planner *p, const char *key)
{
  const char *path = annotation_value(&p->spec->annotations, key);
  if (path && path[0] != '/')
    planner_problem(p, planner_pointer(p, "/annotations/%s", key), "'%s' should be an absolute path", path);
}

void plan_hooks(struct planner *p)
{
  static const struct hooks none;
  p->plan->hooks = p->spec->hooks ? p->spec->hooks : &none;
  check_output(p, ANNOTATION_HOOKS_STDOUT);
  check_output(p, ANNOTATION_HOOKS_STDERR);
}
