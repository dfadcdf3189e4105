/* SPDX-License-Identifier: Apache-2.0
 * Resource limits, exactly as asked (config.md, rlimits). */
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <sys/resource.h>

static int restore_nofile(uint64_t soft, struct error *err)
{
  struct rlimit64 limit;
  if (soft == 0)
    return 0;
  if (prlimit64(0, RLIMIT_NOFILE, NULL, &limit) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the limit of open files");
  limit.rlim_cur = soft;
  if (prlimit64(0, RLIMIT_NOFILE, &limit, NULL) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot put the limit of open files back");
  return 0;
}

int set_rlimits(struct init_context *init, struct error *err)
{
  if (restore_nofile(init->nofile_soft, err) < 0)
    return -1;
  const struct plan_rlimit *r;
  vec_each (&init->plan->process.rlimits, r) {
    const struct rlimit64 limit = { .rlim_cur = r->soft, .rlim_max = r->hard };
    if (prlimit64(0, (__rlimit_resource_t)r->resource, &limit, NULL) < 0) {
      error_set(err, errno == EPERM ? ERROR_HOST : ERROR_CONFIG, errno,
                "cannot set %s to %llu (soft) and %llu (hard)%s", r->name, (unsigned long long)r->soft,
                (unsigned long long)r->hard,
                errno == EPERM ? ": raising a hard limit needs CAP_SYS_RESOURCE" : "");
      return error_at(err, r->origin);
    }
  }
  return 0;
}
