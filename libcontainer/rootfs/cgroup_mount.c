/* SPDX-License-Identifier: Apache-2.0
 * The cgroup2 hierarchy inside: a new mount in a new cgroup namespace; where the kernel refuses that, or the
 * namespace is the host's, the container's own directory, cloned by the runtime. */
#include "libcontainer/rootfs/internal.h"

bool cgroup_mount_may_bind(const struct plan *plan, const struct plan_mount *mount)
{
  return mount->how == MOUNT_CGROUP_BIND
         || (mount->how == MOUNT_CGROUP && plan->namespaces[NS_USER].how != NS_KEEP);
}

/* Security: without a cgroup of its own the container is in the caller's, which is not its to change, though
 * the files may be those of its root. */
static uint64_t attributes_of(const struct plan *plan, const struct rootfs *rootfs,
                              const struct plan_mount *mount)
{
  const bool shared = rootfs->cgroup_dir < 0 && plan->namespaces[NS_USER].how != NS_KEEP;
  return mount->attr_set | mount->attr_set_rec | (shared ? MOUNT_ATTR_RDONLY : 0);
}

static int make_cgroup2(const struct plan *plan, const struct rootfs *rootfs, const struct plan_mount *mount,
                        struct error *err)
{
  auto_close int fs = new_fs_open("cgroup2", err);
  if (fs < 0 || new_fs_configure(fs, mount, err) < 0)
    return -1;
  return new_fs_create(fs, "cgroup2", attributes_of(plan, rootfs, mount), err);
}

int mount_cgroup(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err)
{
  const struct plan_mount *mount = &plan->mounts.items[index];
  auto_close int target = open_mount_target(rootfs, mount, true, err);
  if (target < 0)
    return -1;
  auto_close int made = make_cgroup2(plan, rootfs, mount, err);
  bool refused = made < 0 && err && (err->errnum == EPERM || err->errnum == EBUSY);
  if (refused && rootfs->sources[index] >= 0) {
    error_clear(err);
    return bind_attach(rootfs, index, mount, err);
  }
  if (made < 0)
    return -1;
  if (mount_attach(made, target) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the cgroup mount");
  return 0;
}
