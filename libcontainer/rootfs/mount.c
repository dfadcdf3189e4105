/* SPDX-License-Identifier: Apache-2.0
 * The mounts of the plan, in the order of the configuration: each row says how it is made. Attributes and
 * propagation are set while a mount is detached, so it is never visible with less protection than was asked
 * for. */
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>

int mount_change(int fd, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation)
{
  if (!set && !clear && !propagation)
    return 0;
  /* The access time bits are one number: the kernel refuses to set it unless the old one is cleared. */
  if ((set | clear) & MOUNT_ATTR__ATIME)
    clear |= MOUNT_ATTR__ATIME;
  const struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };
  return sys_mount_setattr(fd, "", AT_EMPTY_PATH | flags, &attr);
}

int mount_attach(int from, int target)
{
  return sys_move_mount(from, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int mount_set_attributes(int fd, const struct plan_mount *mount, struct error *err)
{
  if (mount_change(fd, AT_RECURSIVE, mount->attr_set_rec, mount->attr_clear_rec, 0) == 0
      && mount_change(fd, 0, mount->attr_set, mount->attr_clear, 0) == 0)
    return 0;
  if (errno == EPERM && (mount->attr_clear | mount->attr_clear_rec))
    return error_set(err, ERROR_HOST, EPERM,
                     "cannot clear mount flags: they are locked by a more privileged mount namespace");
  return error_set(err, ERROR_KERNEL, errno, "cannot set mount flags");
}

bool mount_is_readonly_late(const struct plan_mount *mount)
{
  return mount->how == MOUNT_NEW && strcmp(mount->type, "tmpfs") == 0
         && ((mount->attr_set | mount->attr_set_rec) & MOUNT_ATTR_RDONLY);
}

/* Any file system but the special ones: the directory is made if missing, links lead nowhere outside the
 * root. */
static int mount_new(struct rootfs *rootfs, const struct plan_mount *mount, struct error *err)
{
  auto_close int target = open_mount_target(rootfs, mount, true, err);
  if (target < 0)
    return -1;
  auto_close int fs = new_fs_open(mount->type, err);
  if (fs < 0 || new_fs_configure(fs, mount, err) < 0)
    return -1;
  auto_close int made = new_fs_create(fs, mount->type, mount->attr_set | mount->attr_set_rec, err);
  if (made < 0)
    return -1;
  if (mount_change(made, 0, 0, 0, propagation_type(mount->propagation)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation");
  if (mount_attach(made, target) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the new file system");
  return take_fd(&made);
}

static bool is_new_root(const struct plan_mount *mount)
{
  return mount->tmp_upper && strcmp(mount->destination, "/") == 0;
}

/* Keeps the descriptors that later steps work with. */
static void remember(struct rootfs *rootfs, const struct plan_mount *mount, size_t index, int made)
{
  if (mount->is_dev) {
    fd_close(&rootfs->dev);
    rootfs->dev = fcntl(made, F_DUPFD_CLOEXEC, 3);
  }
  if (is_new_root(mount)) {
    if (rootfs->root != rootfs->tree)
      fd_close(&rootfs->root);
    rootfs->root = fcntl(made, F_DUPFD_CLOEXEC, 3);
    rootfs->covers_root = true;
  }
  if (mount_is_readonly_late(mount))
    rootfs->sources[index] = made;
  else
    fd_close(&made);
}

static int mount_remount(struct rootfs *rootfs, const struct plan_mount *mount, struct error *err)
{
  const int flags = O_PATH | (mount->dest_nofollow ? O_NOFOLLOW : 0);
  auto_close int target = open_in_root(rootfs->root, mount->destination, flags, 0);
  if (target < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the mount to change");
  struct statx st;
  if (statx(target, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0
      && (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) && !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
    return error_set(err, ERROR_CONFIG, EINVAL, "cannot remount: nothing is mounted there");
  if (mount_set_attributes(target, mount, err) < 0)
    return -1;
  if (mount_change(target, mount->propagation_rec ? AT_RECURSIVE : 0, 0, 0,
                   propagation_type(mount->propagation))
      < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation");
  return mount->options.count ? new_fs_reconfigure(target, mount, err) : 0;
}

static int mount_one(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err)
{
  const struct plan_mount *mount = &plan->mounts.items[index];
  switch (mount->how) {
  case MOUNT_NEW: {
    if (strcmp(mount->type, "proc") == 0 || strcmp(mount->type, "sysfs") == 0)
      return mount_proc_or_sys(plan, rootfs, index, err);
    int made = mount->tmp_upper                    ? mount_tmp_upper(rootfs, mount, err)
               : strcmp(mount->type, "tmpfs") == 0 ? mount_tmpfs(rootfs, mount, err)
                                                   : mount_new(rootfs, mount, err);
    if (made < 0)
      return -1;
    remember(rootfs, mount, index, made);
    return 0;
  }
  case MOUNT_BIND:
  case MOUNT_CGROUP_BIND:
    return bind_attach(rootfs, index, mount, err);
  case MOUNT_CGROUP:
    return mount_cgroup(plan, rootfs, index, err);
  case MOUNT_REMOUNT:
    return mount_remount(rootfs, mount, err);
  }
  return error_set(err, ERROR_INTERNAL, 0, "unknown kind of mount %d", (int)mount->how);
}

int rootfs_mount_one(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err)
{
  const struct plan_mount *mount = &plan->mounts.items[index];
  if (mount_one(plan, rootfs, index, err) == 0)
    return 0;
  (void)error_wrap(err, "cannot mount '%s'", mount->destination);
  return error_at(err, mount->origin);
}

int rootfs_mount_all(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  int result = 0;
  mode_t umask_before = umask(0); /* directories made for mounts have the mode that the code says */
  for (size_t i = 0; i < plan->mounts.count && result == 0; i++) {
    const struct plan_mount *mount = &plan->mounts.items[i];
    if (rootfs->dev >= 0 && mount->how != MOUNT_REMOUNT && strcmp(mount->destination, "/dev") == 0)
      fd_close(&rootfs->dev); /* about to be covered by another one */
    result = rootfs_mount_one(plan, rootfs, i, err);
  }
  (void)umask(umask_before);
  return result;
}
