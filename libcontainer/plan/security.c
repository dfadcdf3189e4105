/* SPDX-License-Identifier: Apache-2.0
 * When the seccomp filter is loaded. */
#include "libcontainer/plan/planner.h"

/* seccomp(2): without no_new_privs, loading a filter needs CAP_SYS_ADMIN, so it must come before the
 * capabilities are dropped and the profile has to allow what init still does. With it, the filter can come
 * last. */
void plan_security(struct planner *p)
{
  p->plan->seccomp = p->linux_->seccomp;
  if (!p->plan->seccomp)
    p->plan->seccomp_when = SECCOMP_NONE;
  else
    p->plan->seccomp_when = p->plan->process.no_new_privs ? SECCOMP_LATE : SECCOMP_EARLY;
}
