/* SPDX-License-Identifier: Apache-2.0
 * The rootfs layer's functions as rows of the step table. */
#include "libcontainer/init/steps.h"

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
