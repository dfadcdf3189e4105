/* SPDX-License-Identifier: Apache-2.0
 * Enters existing namespaces and makes new ones (namespaces(7), setns(2)). */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include "spec/names.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
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

int write_time_offsets(const struct plan *plan, int proc, struct error *err)
{
  const struct plan_time_offset *offset;
  char line[96];
  vec_each (&plan->time_offsets, offset) {
    (void)snprintf(line, sizeof line, "%s %lld %u\n", offset->clock, (long long)offset->secs,
                   offset->nanosecs);
    if (file_write_value(proc, "self/timens_offsets", line) < 0) {
      (void)error_set(err, ERROR_CONFIG, errno, "cannot set the time offset '%s'", offset->clock);
      return error_at(err, "/linux/timeOffsets");
    }
  }
  return 0;
}

/* unshare(2) makes it for children only; as we are a single thread, setns(2) puts us into it. Dumpable
 * meanwhile, as our files in procfs belong to the host's root otherwise: nobody but the user himself can look
 * at us yet. */
int enter_time_namespace(struct init_context *init, struct error *err)
{
  if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot become dumpable for the time namespace");
  if (unshare(CLONE_NEWTIME) < 0) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot make a time namespace");
    return error_at(err, init->plan->namespaces[NS_TIME].origin);
  }
  if (write_time_offsets(init->plan, init->time_proc, err) < 0)
    return -1;
  auto_close int made = openat(init->time_proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
  if (made < 0 || setns(made, CLONE_NEWTIME) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the new time namespace");
  fd_close(&init->time_proc);
  return stay_undumpable(err);
}
