/* SPDX-License-Identifier: Apache-2.0
 * Propagation of the copied mount table before the container's mounts are made, and of the new root after. */
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>

uint64_t propagation_type(uint64_t flags)
{
  return flags & (MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE);
}

/* Climbs from 'fd' to the root of the mount that it lies in: only there mount_setattr(2) takes it. By
 * descriptors, because reading mountinfo costs time in proportion to the host's mounts. */
static int open_mount_root(const char *path, struct error *err)
{
  auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  for (;;) {
    struct statx st;
    if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot find the mount that holds root '%s'", path);
    if (st.stx_attributes & STATX_ATTR_MOUNT_ROOT)
      return take_fd(&fd);
    int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    fd_close(&fd);
    fd = up;
  }
}

/* What is attached to a shared mount shows up on the host, and pivot_root(2) refuses it. Only this one mount,
 * and only in our copy, leaves its peers; all others stay as rootfsPropagation wants them. */
static int make_holder_private(const char *path, struct error *err)
{
  auto_close int fd = open_mount_root(path, err);
  if (fd < 0)
    return -1;
  if (mount_change(fd, 0, 0, 0, MS_PRIVATE) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make the mount that holds root '%s' private", path);
  return 0;
}

int rootfs_set_propagation(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  if (rootfs->pinned) /* its only mount is private */
    return 0;
  uint64_t type = propagation_type(plan->root_propagation);
  if (!type)
    type = MS_SLAVE;
  const struct mount_attr attr = { .propagation = type };
  if (sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the propagation of the host's mounts in our copy");
  return type == MS_SHARED ? make_holder_private(plan->rootfs, err) : 0;
}

int rootfs_set_final_propagation(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  unsigned flags = plan->root_propagation_last & MS_REC ? AT_RECURSIVE : 0;
  if (mount_change(rootfs->root, flags, 0, 0, propagation_type(plan->root_propagation_last)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the propagation of the root");
  return 0;
}
