/* SPDX-License-Identifier: Apache-2.0
 * What only the host can give: the bundle's root, bind sources, device nodes, a genuine null device. Cloned
 * before init enters its namespaces, so that no host path is looked up once the image can have a say. */
#include "libcontainer/base/refusal.h"
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define OPEN_FILES_SPARE 128 /* for everything else that the runtime opens */

static void set_empty(const struct plan *plan, struct rootfs *rootfs)
{
  for (size_t i = 0; i < plan->mounts.count; i++)
    rootfs->sources[i] = -1;
  for (size_t i = 0; i < plan->devices.count; i++)
    rootfs->devices[i] = -1;
  rootfs->tree = rootfs->null_device = -1;
  rootfs->root = rootfs->dev = rootfs->proc = rootfs->empty = -1;
  rootfs->covers_root = rootfs->pinned = rootfs->null_attached = rootfs->empty_attached = false;
}

/* One descriptor each for very many binds can be more than the usual soft limit of 1024. */
static int make_room(const struct plan *plan, struct error *err)
{
  rlim_t wanted = plan->mounts.count + plan->devices.count + OPEN_FILES_SPARE;
  struct rlimit limit;
  if (wanted < 1024 - OPEN_FILES_SPARE || getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
    return 0;
  if (limit.rlim_max < wanted)
    return error_set(err, ERROR_HOST, EMFILE, "%zu mounts need more open files than the hard limit of %llu",
                     plan->mounts.count, (unsigned long long)limit.rlim_max);
  limit.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot raise the limit of open files to %llu",
                     (unsigned long long)wanted);
  return 0;
}

static int open_root_tree(const char *path, struct error *err)
{
  auto_close int tree = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
  struct stat st;
  char why[REFUSAL_BYTES];
  if (tree < 0 && errno == EPERM)
    return error_set(err, ERROR_HOST, EPERM, "cannot clone root '%s': needs CAP_SYS_ADMIN", path);
  if (tree < 0 || fstat(tree, &st) < 0)
    return error_set(err, errno == ENOENT ? ERROR_CONFIG : ERROR_KERNEL, errno, "cannot open root '%s'%s",
                     path, refusal_suffix(AT_FDCWD, path, F_OK, errno, why));
  if (S_ISLNK(st.st_mode))
    return error_set(err, ERROR_CONFIG, 0, "root '%s' is a symbolic link: name the directory itself", path);
  if (!S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, ENOTDIR, "cannot use root '%s'", path);
  /* A clone of a shared mount is shared, and pivot_root(2) refuses it. */
  if (mount_change(tree, AT_RECURSIVE, 0, 0, MS_PRIVATE) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make root '%s' private", path);
  return take_fd(&tree);
}

/* A clone of just that node, looked at by descriptor so that it can't be swapped before it is cloned. */
static int clone_node(const char *path, int flags, mode_t type, dev_t device, struct error *err)
{
  auto_close int fd = open(path, O_PATH | O_CLOEXEC | flags);
  struct stat st;
  if (fd < 0 || fstat(fd, &st) < 0)
    return error_set(err, ERROR_HOST, errno, "cannot open '%s' of the host", path);
  if ((st.st_mode & S_IFMT) != type || (type != S_IFIFO && st.st_rdev != device))
    return error_set(err, ERROR_HOST, 0, "'%s' of the host is not device %u:%u", path, major(device),
                     minor(device));
  int clone = sys_open_tree(fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  if (clone < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot clone '%s' of the host", path);
  return clone;
}

int device_open(const struct plan_device *device, struct error *err)
{
  mode_t type = device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
  auto_close int fd = clone_node(device->path, 0, type, makedev(device->major, device->minor), err);
  if (fd < 0)
    return -1;
  if (mount_change(fd, 0, 0, 0, MS_PRIVATE) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make '%s' private", device->path);
  return take_fd(&fd);
}

/* Security: read-only, since it is the host's node: chmod(2) of a masked file inside must not reach it.
 * Writing to a device does not mind. */
static int open_null(struct error *err)
{
  auto_close int fd = clone_node("/dev/null", O_NOFOLLOW, S_IFCHR, makedev(1, 3), err);
  if (fd < 0)
    return -1;
  if (mount_change(fd, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, MS_PRIVATE) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot protect the null device");
  return take_fd(&fd);
}

static int open_cgroup(const struct rootfs *rootfs, const struct plan_mount *mount, struct error *err)
{
  const bool by_path = rootfs->cgroup_path != NULL;
  auto_close int fd =
      by_path ? sys_open_tree(AT_FDCWD, rootfs->cgroup_path, OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW)
              : sys_open_tree(rootfs->cgroup_dir, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot clone the container's cgroup directory");
  const bool own = rootfs->cgroup_dir >= 0;
  uint64_t set = mount->how == MOUNT_CGROUP_BIND || !own ? MOUNT_ATTR_RDONLY : 0;
  if (mount_change(fd, 0, set, 0, MS_PRIVATE) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot protect the container's cgroup directory");
  return mount_set_attributes(fd, mount, err) < 0 ? -1 : take_fd(&fd);
}

int rootfs_acquire_cgroup(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  const bool known = rootfs->cgroup_dir >= 0 || rootfs->cgroup_path != NULL;
  for (size_t i = 0; known && i < plan->mounts.count; i++) {
    const struct plan_mount *mount = &plan->mounts.items[i];
    if (!cgroup_mount_may_bind(plan, mount) || rootfs->sources[i] >= 0)
      continue;
    rootfs->sources[i] = open_cgroup(rootfs, mount, err);
    if (rootfs->sources[i] >= 0)
      continue;
    if (rootfs->cgroup_dir >= 0 || mount->how == MOUNT_CGROUP_BIND)
      return error_at(err, mount->origin);
    error_clear(err); /* the caller's own, in case that a new mount is refused */
  }
  return 0;
}

static int open_binds(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  for (size_t i = 0; i < plan->mounts.count; i++) {
    const struct plan_mount *mount = &plan->mounts.items[i];
    if (mount->how != MOUNT_BIND)
      continue;
    rootfs->sources[i] = bind_open(plan, mount, err);
    if (rootfs->sources[i] < 0)
      return error_at(err, mount->origin);
  }
  return 0;
}

static int open_all(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  if (open_binds(plan, rootfs, err) < 0)
    return -1;
  for (size_t i = 0; i < plan->devices.count; i++) {
    const struct plan_device *device = &plan->devices.items[i];
    if (!device->bind)
      continue;
    rootfs->devices[i] = device_open(device, err);
    if (rootfs->devices[i] < 0)
      return error_at(err, device->origin);
  }
  return rootfs_acquire_cgroup(plan, rootfs, err);
}

int rootfs_acquire_mounts(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  set_empty(plan, rootfs);
  return make_room(plan, err) < 0 ? -1 : open_binds(plan, rootfs, err);
}

int rootfs_acquire(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  set_empty(plan, rootfs);
  if (make_room(plan, err) < 0)
    return -1;
  rootfs->tree = open_root_tree(plan->rootfs, err);
  if (rootfs->tree < 0)
    return error_at(err, "/root/path");
  if (plan->masked.count) {
    rootfs->null_device = open_null(err);
    if (rootfs->null_device < 0)
      return error_at(err, "/linux/maskedPaths");
  }
  return open_all(plan, rootfs, err);
}

void rootfs_release(const struct plan *plan, struct rootfs *rootfs)
{
  for (size_t i = 0; i < plan->mounts.count; i++)
    fd_close(&rootfs->sources[i]);
  for (size_t i = 0; i < plan->devices.count; i++)
    fd_close(&rootfs->devices[i]);
  if (rootfs->root == rootfs->tree)
    rootfs->root = -1;
  fd_close(&rootfs->tree);
  fd_close(&rootfs->null_device);
  fd_close(&rootfs->root);
  fd_close(&rootfs->dev);
  fd_close(&rootfs->proc);
  fd_close(&rootfs->empty);
}
