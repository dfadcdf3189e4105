/* SPDX-License-Identifier: Apache-2.0
 * What every planner gets, and the list of planners. Private to plan/. A planner reads spec, request and
 * facts, fills its part of the plan, and adds a problem for each wish that can't be met; none stops at the
 * first one. */
#pragma once
#include "libcontainer/facts.h"
#include "libcontainer/plan/plan.h"
#include "spec/decode.h"

struct planner {
  struct arena *arena;
  const struct spec *spec;
  const struct linux_config *linux_; /* never NULL */
  const struct process *process;     /* NULL: none in the config */
  const struct request *request;
  const struct facts *facts;
  struct plan *plan;
  struct problems problems;
  bool checking; /* warnings are problems, too */
};

/* In the order in which they run; later ones read what earlier ones decided. */
void plan_namespaces(struct planner *p);
void plan_net_devices(struct planner *p);
void plan_ids(struct planner *p);
void plan_root(struct planner *p);
void plan_mounts(struct planner *p);
void plan_devices(struct planner *p);
/* idmap.c: the maps of mounts[i], and those in an option "idmap=…". Never NULL; what is wrong is a problem.
 */
const struct plan_id_maps *plan_mount_mappings(struct planner *p, const struct mount *mount,
                                               const char *origin);
const struct plan_id_maps *plan_inline_mappings(struct planner *p, const char *text, const char *pointer);
void plan_masks(struct planner *p);
void plan_names(struct planner *p);
void plan_sysctls(struct planner *p);
void plan_process_attributes(struct planner *p); /* reads p->process; the pointers start with "/process" */
void plan_process_scheduling(struct planner *p); /* of p->process */
void plan_scheduling(struct planner *p);         /* of p->linux_ */
void plan_capabilities(struct planner *p);
void plan_security(struct planner *p);
void plan_rdt(struct planner *p);
void plan_cgroup(struct planner *p);
void plan_hooks(struct planner *p);

/* An error with its JSON pointer. */
#define planner_problem(p, pointer, ...) problem_add(&(p)->problems, false, (pointer), __VA_ARGS__)
/* Works, but not as it may be expected. */
void planner_warn(struct planner *p, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "/mounts/3/options/1" and the like. */
char *planner_pointer(struct planner *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True if the container gets a user namespace, new or joined. */
bool plan_has_user_namespace(const struct plan *plan);
