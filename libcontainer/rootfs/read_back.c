/* SPDX-License-Identifier: Apache-2.0
 * What the kernel shows of the container's file systems, compared with the plan: for --verify. Only what a
 * later mount covers is not looked at. Read-write is not compared: a file system that is read-only as a whole
 * shows otherwise. */
#include "libcontainer/base/path.h"
#include "libcontainer/rootfs/internal.h"
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

/* f_flags of statfs(2). */
#define SHOWS_RDONLY 0x0001
#define SHOWS_NOSUID 0x0002
#define SHOWS_NODEV 0x0004
#define SHOWS_NOEXEC 0x0008
#define SHOWS_NOATIME 0x0400
#define SHOWS_NODIRATIME 0x0800
#define SHOWS_RELATIME 0x1000
#define SHOWS_NOSYMFOLLOW 0x2000

static const struct {
  uint64_t attribute, among; /* MOUNT_ATTR_*; 'among': the bits that say it together */
  long flag;
  bool flag_off; /* shown by the flags' absence */
  const char *name, *opposite;
} attributes[] = {
  { MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY, SHOWS_RDONLY, false, "ro", NULL },
  { MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOSUID, SHOWS_NOSUID, false, "nosuid", "suid" },
  { MOUNT_ATTR_NODEV, MOUNT_ATTR_NODEV, SHOWS_NODEV, false, "nodev", "dev" },
  { MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOEXEC, SHOWS_NOEXEC, false, "noexec", "exec" },
  { MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME, SHOWS_NODIRATIME, false, "nodiratime", "diratime" },
  { MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW, SHOWS_NOSYMFOLLOW, false, "nosymfollow", "symfollow" },
  { MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, SHOWS_NOATIME, false, "noatime", NULL },
  { MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, SHOWS_NOATIME | SHOWS_RELATIME, true, "strictatime", NULL },
};

static int differs(const char *path, const char *asked, const char *origin, struct error *err)
{
  (void)error_set(err, ERROR_KERNEL, 0, "'%s' was to be %s, but the kernel shows that it is not", path,
                  asked);
  return error_at(err, origin);
}

static int compare_attributes(const struct plan_mount *mount, long shown, struct error *err)
{
  const uint64_t set = mount->attr_set | mount->attr_set_rec;
  const uint64_t clear = (mount->attr_clear | mount->attr_clear_rec) & ~set;
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
    const bool is =
        attributes[i].flag_off ? (shown & attributes[i].flag) == 0 : (shown & attributes[i].flag) != 0;
    const bool asked = (set & attributes[i].among) == attributes[i].attribute;
    if (asked && !is)
      return differs(mount->destination, attributes[i].name, mount->origin, err);
    if (!asked && is && attributes[i].opposite && (clear & attributes[i].attribute))
      return differs(mount->destination, attributes[i].opposite, mount->origin, err);
  }
  return 0;
}

/* True if something later is on top of it, or of what is above it. */
static bool is_covered(const struct plan *plan, size_t index)
{
  const char *path = plan->mounts.items[index].destination;
  const struct plan_path *p;
  for (size_t i = index + 1; i < plan->mounts.count; i++)
    if (path_is_under(path, plan->mounts.items[i].destination))
      return true;
  vec_each (&plan->masked, p)
    if (path_is_under(path, p->path))
      return true;
  vec_each (&plan->readonly, p)
    if (path_is_under(path, p->path))
      return true;
  return false;
}

static int read_mount_back(const struct rootfs *rootfs, const struct plan_mount *mount, struct error *err)
{
  struct statfs fs;
  auto_close int fd =
      open_in_root(rootfs->root, mount->destination, O_PATH | (mount->dest_nofollow ? O_NOFOLLOW : 0), 0);
  if (fd < 0 || fstatfs(fd, &fs) < 0) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot read the mount '%s' back", mount->destination);
    return error_at(err, mount->origin);
  }
  return compare_attributes(mount, fs.f_flags, err);
}

static int read_mounts_back(const struct plan *plan, const struct rootfs *rootfs, struct error *err)
{
  for (size_t i = 0; i < plan->mounts.count; i++) {
    const struct plan_mount *mount = &plan->mounts.items[i];
    if (mount->copy_symlink || is_covered(plan, i))
      continue;
    if (read_mount_back(rootfs, mount, err) < 0)
      return -1;
  }
  return 0;
}

/* -1 without an error: not there, or hidden by another mask. */
static int open_to_look(const struct rootfs *rootfs, const char *path, int flags)
{
  return open_in_root(rootfs->root, path, O_PATH | flags, 0);
}

static int read_masks_back(const struct plan *plan, const struct rootfs *rootfs, struct error *err)
{
  const struct plan_path *path;
  vec_each (&plan->masked, path) {
    struct stat st;
    struct statfs fs;
    auto_close int fd = open_to_look(rootfs, path->path, 0);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
      continue;
    if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0) {
      (void)error_set(err, ERROR_KERNEL, errno, "cannot read the mask of '%s' back", path->path);
      return error_at(err, path->origin);
    }
    const bool is_null = S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
    const bool is_empty = S_ISDIR(st.st_mode) && fs.f_type == TMPFS_MAGIC && (fs.f_flags & SHOWS_RDONLY);
    if (!is_null && !is_empty)
      return differs(path->path, "masked", path->origin, err);
  }
  return 0;
}

static int read_protection_back(const struct plan *plan, const struct rootfs *rootfs, struct error *err)
{
  const struct plan_path *path;
  struct statfs fs;
  vec_each (&plan->readonly, path) {
    auto_close int fd = open_to_look(rootfs, path->path, 0);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
      continue;
    if (fd < 0 || fstatfs(fd, &fs) < 0 || !(fs.f_flags & SHOWS_RDONLY))
      return differs(path->path, "read-only", path->origin, err);
  }
  return 0;
}

static bool is_node(const struct stat *st, const struct plan_device *device)
{
  const mode_t type = device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
  return (st->st_mode & S_IFMT) == type
         && (device->type == 'p' || st->st_rdev == makedev(device->major, device->minor));
}

/* Default nodes of an image keep what they have, and one that is mounted there is the host's. */
static bool owner_counts(const struct rootfs *rootfs, const struct plan_device *device, const struct stat *st)
{
  struct stat dev;
  if (device->bind || *device->origin == '\0')
    return false;
  return rootfs->dev < 0 || !path_is_under(device->path, "/dev") || fstat(rootfs->dev, &dev) < 0
         || st->st_dev == dev.st_dev;
}

static int read_device_back(const struct rootfs *rootfs, const struct plan_device *device, struct error *err)
{
  struct stat st;
  auto_close int fd = open_to_look(rootfs, device->path, O_NOFOLLOW);
  if (fd < 0 || fstat(fd, &st) < 0) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot read the device '%s' back", device->path);
    return error_at(err, device->origin);
  }
  if (is_node(&st, device)
      && (!owner_counts(rootfs, device, &st)
          || ((st.st_mode & 07777) == (device->mode & 07777) && st.st_uid == device->uid
              && st.st_gid == device->gid)))
    return 0;
  (void)error_set(
      err, ERROR_KERNEL, 0,
      "'%s' was to be device %c %u:%u, mode %o, owner %u:%u, but the kernel shows device %u:%u, mode %o, "
      "owner %u:%u",
      device->path, device->type, device->major, device->minor, device->mode & 07777, device->uid,
      device->gid, major(st.st_rdev), minor(st.st_rdev), st.st_mode & 07777, st.st_uid, st.st_gid);
  return error_at(err, device->origin);
}

int rootfs_read_back(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  const struct plan_device *device;
  if (read_mounts_back(plan, rootfs, err) < 0 || read_masks_back(plan, rootfs, err) < 0
      || read_protection_back(plan, rootfs, err) < 0)
    return -1;
  vec_each (&plan->devices, device)
    if (read_device_back(rootfs, device, err) < 0)
      return -1;
  return 0;
}
