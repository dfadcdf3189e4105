/* SPDX-License-Identifier: Apache-2.0
 * Puts the bundle's root into init's mount namespace, and makes it read-only once everything is in place. */
#include "libcontainer/rootfs/internal.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>

/* Almost empty namespace: over its only mount. Copy of the host's mounts: at the path that it has on the
 * host, because hooks that run before pivot_root look for it there. */
int rootfs_attach_root(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  const char *place = rootfs->pinned ? "/" : plan->rootfs;
  if (sys_move_mount(rootfs->tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the root at '%s'", place);
  rootfs->root = rootfs->tree;
  return 0;
}

bool rootfs_has_readonly(const struct plan *plan)
{
  if (plan->root_readonly)
    return true;
  const struct plan_mount *mount;
  vec_each (&plan->mounts, mount)
    if (mount_is_readonly_late(mount))
      return true;
  return false;
}

int rootfs_make_readonly(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  struct statfs fs;
  for (size_t i = 0; i < plan->mounts.count; i++) {
    const struct plan_mount *mount = &plan->mounts.items[i];
    if (!mount_is_readonly_late(mount) || rootfs->sources[i] < 0)
      continue;
    if (mount_change(rootfs->sources[i], 0, MOUNT_ATTR_RDONLY, 0, 0) < 0) {
      (void)error_set(err, ERROR_KERNEL, errno, "cannot make '%s' read-only", mount->destination);
      return error_at(err, mount->origin);
    }
  }
  if (!plan->root_readonly)
    return 0;
  if (mount_change(rootfs->root, 0, MOUNT_ATTR_RDONLY, 0, 0) < 0)
    (void)error_set(err, ERROR_KERNEL, errno, "cannot make the root read-only");
  else if (fstatfs(rootfs->root, &fs) < 0 || !(fs.f_flags & ST_RDONLY))
    (void)error_set(err, ERROR_KERNEL, 0, "the root was made read-only, but the kernel shows that it is not");
  else
    return 0;
  return error_at(err, "/root/readonly");
}
