/* SPDX-License-Identifier: Apache-2.0
 * Resource limits, exactly as asked (config.md, rlimits). */
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <sys/resource.h>

int
set_rlimits (struct init_context *init, struct error *err)
{
  const struct plan_rlimit *r;
  vec_each (&init->plan->process.rlimits, r) {
    const struct rlimit64 limit = { .rlim_cur = r->soft, .rlim_max = r->hard };
    if (prlimit64 (0, (__rlimit_resource_t) r->resource, &limit, NULL) < 0) {
      error_set (err, errno == EPERM ? ERROR_HOST : ERROR_CONFIG, errno,
                 "cannot set %s to %llu (soft) and %llu (hard)%s", r->name, (unsigned long long) r->soft,
                 (unsigned long long) r->hard,
                 errno == EPERM ? ": raising a hard limit needs CAP_SYS_RESOURCE" : "");
      return error_at (err, r->origin);
    }
  }
  return 0;
}
