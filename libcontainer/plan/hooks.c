/* SPDX-License-Identifier: Apache-2.0
 * The hooks, by kind and in their order. They are kept as written: their paths belong to two different worlds
 * (host and container), and are looked up only when a hook runs. */
#include "libcontainer/plan/planner.h"

void plan_hooks(struct planner *p)
{
  static const struct hooks none;
  p->plan->hooks = p->spec->hooks ? p->spec->hooks : &none;
}
