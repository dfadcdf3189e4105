/* SPDX-License-Identifier: Apache-2.0
 * Enters existing namespaces and makes new ones (namespaces(7), setns(2)). */
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include "spec/names.h"
#include <errno.h>
#include <sched.h>
#include <unistd.h>

/* In the order of enum namespace_type: user first, mount last. The type argument makes the kernel refuse a
 * file of another type, as runtime-spec demands. */
int join_namespaces(struct init_context *init, struct error *err)
{
  for (int type = 0; type < NS_COUNT; type++) {
    if (init->namespace_fds[type] < 0)
      continue;
    const struct plan_namespace *ns = &init->plan->namespaces[type];
    if (setns(init->namespace_fds[type], (int)namespace_clone_flags[type]) < 0) {
      error_set(err, ERROR_CONFIG, errno, "cannot join the %s namespace at '%s'",
                names_of(namespace_names, type), ns->path);
      return error_at(err, ns->origin);
    }
  }
  return 0;
}

int enter_pinned_mount_namespace(struct init_context *init, struct error *err)
{
  if (setns(init->pinned_mount_ns, CLONE_NEWNS) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the pinned mount namespace");
  if (unshare(CLONE_NEWNS) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a mount namespace");
  init->rootfs->pinned = true;
  return 0;
}

int join_target(struct init_context *init, struct error *err)
{
  if (init->target_namespaces != 0 && setns(init->target_pidfd, (int)init->target_namespaces) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot join the namespaces of container '%s'",
                     init->plan->id);
  return 0;
}

int unshare_namespaces(struct init_context *init, struct error *err)
{
  if (unshare((int)(init->plan->unshare_flags & ~(uint64_t)CLONE_NEWUSER)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make new namespaces in the joined user namespace");
  return 0;
}

int unshare_cgroup_namespace(struct init_context *init, struct error *err)
{
  (void)init;
  if (unshare(CLONE_NEWCGROUP) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a cgroup namespace");
  return 0;
}
