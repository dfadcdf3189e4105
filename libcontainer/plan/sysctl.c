/* SPDX-License-Identifier: Apache-2.0
 * Sysctls, host and domain name. That each belongs to a namespace of the container has been checked by
 * spec/validate_linux.c; here a key becomes a path. */
#include "spec/sysctl.h"
#include "libcontainer/plan/planner.h"

void plan_sysctls(struct planner *p)
{
  const struct string_pair *pair;
  vec_each (&p->linux_->sysctl, pair) {
    char path[SYSCTL_PATH_BYTES];
    if (sysctl_to_path(pair->key, path, sizeof path) < 0) {
      planner_problem(p, "/linux/sysctl", "'%s' is not the name of a sysctl", pair->key);
      continue;
    }
    struct plan_sysctl *planned = vec_push(p->arena, &p->plan->sysctls);
    *planned = (struct plan_sysctl){
      .path = arena_strdup(p->arena, path),
      .value = pair->value,
      .origin = planner_pointer(p, "/linux/sysctl/%s", pair->key),
    };
  }
}

static const char *unless_empty(const char *name)
{
  return name && *name ? name : NULL;
}

void plan_names(struct planner *p)
{
  p->plan->hostname = unless_empty(p->spec->hostname);
  p->plan->domainname = unless_empty(p->spec->domainname);
}
