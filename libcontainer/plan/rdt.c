/* SPDX-License-Identifier: Apache-2.0
 * Which resctrl group the container belongs to, whether it is its own, and what is written to its schemata,
 * in the order of config-linux.md, "IntelRdt". */
#include "libcontainer/plan/planner.h"
#include "spec/rdt.h"

static void add_line(struct planner *p, const char *value, bool compare, const char *origin)
{
  if (!value || !*value)
    return;
  struct plan_rdt_line *line = vec_push(p->arena, &p->plan->rdt.lines);
  *line = (struct plan_rdt_line){ .value = value, .compare = compare, .origin = origin };
}

static void add_lines(struct planner *p, const struct intel_rdt *asked)
{
  add_line(p, asked->l3_cache_schema, true, "/linux/intelRdt/l3CacheSchema");
  add_line(p, asked->mem_bw_schema, true, "/linux/intelRdt/memBwSchema");
  for (size_t i = 0; i < asked->schemata.count; i++)
    add_line(p, asked->schemata.items[i], false, planner_pointer(p, "/linux/intelRdt/schemata/%zu", i));
}

void plan_rdt(struct planner *p)
{
  const struct intel_rdt *asked = p->linux_->intel_rdt;
  struct plan_rdt *planned = &p->plan->rdt;
  if (!asked)
    return;
  const char *clos = asked->clos_id && *asked->clos_id ? asked->clos_id : NULL;
  if (!clos && rdt_is_reserved(p->request->id))
    planner_problem(p, "/linux/intelRdt",
                    "needs a closID: a container named '%s' can't have a group of its name in resctrl",
                    p->request->id);
  planned->set = true;
  planned->own = !clos;
  planned->group = !clos ? p->request->id : strcmp(clos, "/") == 0 ? "." : clos;
  planned->monitoring = asked->enable_monitoring.value;
  add_lines(p, asked);
  planned->must_exist = clos && planned->lines.count == 0;
}
