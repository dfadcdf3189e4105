/* SPDX-License-Identifier: Apache-2.0
 * The rootfs layer's functions as rows of the step table. */
#include "libcontainer/init/steps.h"
#include <sys/resource.h>

#define ROOTFS_STEP(name, function)                                                                          \
  int name(struct init_context *init, struct error *err)                                                     \
  {                                                                                                          \
    return function(init->plan, init->rootfs, err);                                                          \
  }

ROOTFS_STEP(set_root_propagation, rootfs_set_propagation)
ROOTFS_STEP(attach_root, rootfs_attach_root)
ROOTFS_STEP(make_mounts, rootfs_mount_all)
ROOTFS_STEP(make_devices, rootfs_make_devices)
ROOTFS_STEP(switch_root, rootfs_pivot)
ROOTFS_STEP(mask_paths, rootfs_mask_paths)
ROOTFS_STEP(protect_paths, rootfs_protect_paths)
ROOTFS_STEP(protect_root, rootfs_make_readonly)
ROOTFS_STEP(set_final_propagation, rootfs_set_final_propagation)

/* As the runtime does it where it may: the workload gets the caller's limit of open files back. */
int acquire_in_namespace(struct init_context *init, struct error *err)
{
  struct rlimit before, after;
  const bool known = getrlimit(RLIMIT_NOFILE, &before) == 0;
  if (rootfs_acquire(init->plan, init->rootfs, err) < 0)
    return -1;
  if (known && getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur != before.rlim_cur)
    init->nofile_soft = before.rlim_cur;
  return 0;
}
