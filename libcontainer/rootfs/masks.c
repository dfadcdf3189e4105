/* SPDX-License-Identifier: Apache-2.0
 * maskedPaths and readonlyPaths. Security: masks come from the host's verified null device and from a tmpfs
 * made here, never from files of the image (CVE-2025-31133); all targets are descriptors resolved inside the
 * root. */
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>

/* -1 without an error: there is nothing to protect. */
static int open_target(int root, const struct plan_path *path, struct error *err)
{
  int fd = open_in_root(root, path->path, O_PATH, 0);
  if (fd < 0 && errno != ENOENT && errno != ENOTDIR) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot open '%s'", path->path);
    (void)error_at(err, path->origin);
  }
  return fd;
}

static bool is_missing(int cause)
{
  return cause == ENOENT || cause == ENOTDIR;
}

static int make_empty(struct error *err)
{
  auto_close int fs = new_fs_open("tmpfs", err);
  if (fs < 0 || new_fs_set(fs, "mode", "755", err) < 0 || new_fs_set(fs, "nr_inodes", "2", err) < 0)
    return -1;
  return new_fs_create(fs, "tmpfs",
                       MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
}

/* The first use attaches the mount itself, later ones clone it: before Linux 6.15 a detached mount (other
 * than a whole clone of an attached one) can't be cloned. */
static int cover(int target, int mask, bool *attached)
{
  if (!*attached) {
    *attached = true;
    return mount_attach(mask, target);
  }
  auto_close int clone = sys_open_tree(mask, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  return clone < 0 ? -1 : mount_attach(clone, target);
}

static int mask_path(struct rootfs *rootfs, int target, struct error *err)
{
  struct stat st;
  if (fstat(target, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine it");
  if (S_ISDIR(st.st_mode) && rootfs->empty < 0) {
    rootfs->empty = make_empty(err);
    if (rootfs->empty < 0)
      return -1;
  }
  int result = S_ISDIR(st.st_mode) ? cover(target, rootfs->empty, &rootfs->empty_attached)
                                   : cover(target, rootfs->null_device, &rootfs->null_attached);
  return result < 0 ? error_set(err, ERROR_KERNEL, errno, "cannot attach the mask") : 0;
}

int rootfs_mask_paths(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  const struct plan_path *path;
  vec_each (&plan->masked, path) {
    auto_close int target = open_target(rootfs->root, path, err);
    if (target < 0 && is_missing(errno))
      continue;
    if (target < 0)
      return -1;
    if (mask_path(rootfs, target, err) < 0) {
      (void)error_wrap(err, "cannot mask '%s'", path->path);
      return error_at(err, path->origin);
    }
  }
  return 0;
}

/* A read-only clone of what is there, on top of it. What is mounted below comes along as it is, as with runc
 * and crun: who mounted it said how. */
static int protect_path(int target)
{
  auto_close int clone = sys_open_tree(target, "", OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH);
  if (clone < 0 || mount_change(clone, 0, MOUNT_ATTR_RDONLY, 0, 0) < 0)
    return -1;
  return mount_attach(clone, target);
}

int rootfs_protect_paths(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  const struct plan_path *path;
  vec_each (&plan->readonly, path) {
    auto_close int target = open_target(rootfs->root, path, err);
    if (target < 0 && is_missing(errno))
      continue;
    if (target < 0)
      return -1;
    if (protect_path(target) < 0) {
      (void)error_set(err, ERROR_KERNEL, errno, "cannot make '%s' read-only", path->path);
      return error_at(err, path->origin);
    }
  }
  return 0;
}
