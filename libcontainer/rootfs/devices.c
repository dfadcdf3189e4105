/* SPDX-License-Identifier: Apache-2.0
 * Device nodes and the usual links in /dev. Security: names of one component below a descriptor of the real
 * /dev; an image whose /dev is a symbolic link gets an error, not nodes elsewhere (CVE-2026-41579). */
#include "libcontainer/rootfs/internal.h"
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct {
  const char *name, *target;
} links[] = {
  { "fd", "/proc/self/fd" },
  { "stdin", "/proc/self/fd/0" },
  { "stdout", "/proc/self/fd/1" },
  { "stderr", "/proc/self/fd/2" },
};

/* Of the file that is there under the name: the device asked for? */
static bool is_device(const struct stat *st, mode_t type, dev_t device)
{
  return (st->st_mode & S_IFMT) == type && (type == S_IFIFO || st->st_rdev == device);
}

static mode_t type_of(const struct plan_device *device)
{
  return device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
}

/* The directory for a node that is not right in /dev: made below it, or anywhere in the root. Not inlined:
 * its stack is for the few that need it. */
static int __attribute__((noinline))
open_parent(const struct rootfs *rootfs, const char *path, size_t length, struct error *err)
{
  char parent[PATH_MAX];
  if (length >= sizeof parent)
    return error_set(err, ERROR_CONFIG, ENAMETOOLONG, "cannot make a device at '%s'", path);
  memcpy(parent, path, length);
  parent[length] = '\0';
  if (strncmp(parent, "/dev/", 5) == 0)
    return make_dir_in_root(rootfs->dev, parent + 4, 0755, err);
  return make_dir_in_root(rootfs->root, parent, 0755, err);
}

/* True if it is there already; an error if something else is. */
static int check_existing(int dir, const char *name, const struct plan_device *device, struct error *err)
{
  struct stat st;
  if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine '%s'", device->path);
  if (!is_device(&st, type_of(device), makedev(device->major, device->minor)))
    return error_set(err, ERROR_CONFIG, EEXIST, "'%s' is there already and is not device %c %u:%u",
                     device->path, device->type, device->major, device->minor);
  return 0;
}

static int bind_node(int source, int dir, const char *name, const struct plan_device *device,
                     struct error *err)
{
  if (mknodat(dir, name, S_IFREG | 0666, 0) < 0 && errno != EEXIST)
    return error_set(err, ERROR_KERNEL, errno, "cannot make file '%s' for the device", device->path);
  auto_close int target = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  if (target < 0 || fstat(target, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '%s'", device->path);
  if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, EEXIST, "'%s' is there already and is no device", device->path);
  if (mount_attach(source, target) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach device '%s'", device->path);
  return 0;
}

/* Umask is 0 here, so the mode needs no second call. Nodes of others keep their owner. */
static int make_node(int dir, const char *name, const struct plan_device *device, struct error *err)
{
  mode_t mode = type_of(device) | (device->mode & 07777);
  if (mknodat(dir, name, mode, makedev(device->major, device->minor)) < 0) {
    if (errno == EEXIST)
      return check_existing(dir, name, device, err);
    return error_set(err, ERROR_KERNEL, errno, "cannot make device '%s'", device->path);
  }
  if ((device->uid || device->gid) && fchownat(dir, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the owner of device '%s'", device->path);
  return 0;
}

static int make_in(struct rootfs *rootfs, int dir, const char *name, const struct plan_device *device,
                   int bound, struct error *err)
{
  if (bound >= 0)
    return bind_node(bound, dir, name, device, err);
  int result = make_node(dir, name, device, err);
  if (result == 0 || rootfs->pinned || !err || err->errnum != EPERM)
    return result;
  /* Nested containers often may not make nodes but have them: init still is in a copy of the host's
   * mounts. */
  auto_close int source = device_open(device, NULL);
  if (source < 0)
    return -1;
  error_clear(err);
  return bind_node(source, dir, name, device, err);
}

static int make_device(struct rootfs *rootfs, const struct plan_device *device, int bound, struct error *err)
{
  const char *slash = strrchr(device->path, '/');
  const char *name = slash ? slash + 1 : device->path;
  size_t length = slash ? (size_t)(slash - device->path) : 0;
  if (!*name || strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
    return error_set(err, ERROR_CONFIG, EINVAL, "cannot make a device at '%s'", device->path);
  if (length == 4 && strncmp(device->path, "/dev", 4) == 0)
    return make_in(rootfs, rootfs->dev, name, device, bound, err);
  auto_close int dir = open_parent(rootfs, device->path, length, err);
  return dir < 0 ? -1 : make_in(rootfs, dir, name, device, bound, err);
}

/* What the image (or a mount) has under the name stays. */
static int make_link(int dev, const char *name, const char *target, struct error *err)
{
  if (symlinkat(target, dev, name) < 0 && errno != EEXIST)
    return error_set(err, ERROR_KERNEL, errno, "cannot make link '/dev/%s'", name);
  return 0;
}

static bool link_is(int dev, const char *name, const char *target)
{
  char found[64];
  ssize_t n = readlinkat(dev, name, found, sizeof found);
  return n == (ssize_t)strlen(target) && memcmp(found, target, (size_t)n) == 0;
}

/* A node 5:2 of the image would open terminals of the host's devpts. One that is mounted there (EBUSY) was
 * asked for. */
static int make_ptmx(int dev, struct error *err)
{
  static const char target[] = "pts/ptmx";
  if (symlinkat(target, dev, "ptmx") == 0)
    return 0;
  if (errno == EEXIST) {
    if (link_is(dev, "ptmx", target))
      return 0;
    if (unlinkat(dev, "ptmx", 0) == 0 ? symlinkat(target, dev, "ptmx") == 0 : errno == EBUSY)
      return 0;
  }
  return error_set(err, ERROR_KERNEL, errno, "cannot make link '/dev/ptmx'");
}

static int make_links(struct rootfs *rootfs, struct error *err)
{
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (make_link(rootfs->dev, links[i].name, links[i].target, err) < 0)
      return -1;
  if (rootfs->proc >= 0 && faccessat(rootfs->proc, "kcore", F_OK, AT_SYMLINK_NOFOLLOW) == 0
      && make_link(rootfs->dev, "core", "/proc/kcore", err) < 0)
    return -1;
  return make_ptmx(rootfs->dev, err);
}

static bool needs_dev(const struct plan *plan)
{
  const struct plan_device *device;
  vec_each (&plan->devices, device)
    if (strncmp(device->path, "/dev/", 5) == 0)
      return true;
  return plan->fill_dev;
}

static int make_all(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  if (rootfs->dev < 0 && needs_dev(plan)) {
    rootfs->dev = open_real_directory(rootfs->root, "/dev", err);
    if (rootfs->dev < 0)
      return -1;
  }
  for (size_t i = 0; i < plan->devices.count; i++)
    if (make_device(rootfs, &plan->devices.items[i], rootfs->devices[i], err) < 0)
      return error_at(err, plan->devices.items[i].origin);
  return plan->fill_dev ? make_links(rootfs, err) : 0;
}

int rootfs_make_devices(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  mode_t umask_before = umask(0);
  int result = make_all(plan, rootfs, err);
  (void)umask(umask_before);
  return result;
}
