/* SPDX-License-Identifier: Apache-2.0
 * tmpfs over a directory of the image: with its mode and owner unless others are asked for, and with its
 * content where tmpcopyup is asked for. Filled while it is still detached. */
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>

#define NUMBER_BYTES 16
#define OVERFLOW_ID 65534 /* what fstat(2) says of an id that is not mapped here; not a valid option then */

/* No stdio in init. Returns the start of the text inside 'buffer'. */
static const char *number_text(char buffer[static NUMBER_BYTES], unsigned value, unsigned base)
{
  char *p = buffer + NUMBER_BYTES - 1;
  *p = '\0';
  do
    *--p = (char)('0' + value % base);
  while (value /= base);
  return p;
}

static bool has_option(const struct plan_mount *mount, const char *key)
{
  const struct plan_mount_option *option;
  vec_each (&mount->options, option)
    if (strcmp(option->key, key) == 0)
      return true;
  return false;
}

static int set_owner(int fs, const struct plan_mount *mount, const char *key, unsigned id, struct error *err)
{
  char text[NUMBER_BYTES];
  if (id == 0 || id == OVERFLOW_ID || has_option(mount, key))
    return 0;
  return new_fs_set(fs, key, number_text(text, id, 10), err);
}

static int set_mode(int fs, const struct plan_mount *mount, int target, struct error *err)
{
  struct stat st;
  char text[NUMBER_BYTES];
  if (fstat(target, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine the directory below");
  if (new_fs_set(fs, "mode", number_text(text, st.st_mode & 07777, 8), err) < 0)
    return -1;
  if (set_owner(fs, mount, "uid", st.st_uid, err) < 0)
    return -1;
  return set_owner(fs, mount, "gid", st.st_gid, err);
}

int open_covered(const struct rootfs *rootfs, const struct plan_mount *mount)
{
  const int flags = O_PATH | O_DIRECTORY | (mount->dest_nofollow ? O_NOFOLLOW : 0);
  if (rootfs->exact)
    return open_beneath(rootfs->root, mount->destination + 1, flags, 0);
  return open_in_root(rootfs->root, mount->destination, flags, 0);
}

int mount_tmpfs(struct rootfs *rootfs, const struct plan_mount *mount, struct error *err)
{
  bool look = mount->mode_from_target || mount->copy_up;
  auto_close int target = look ? open_covered(rootfs, mount) : -1;
  bool was_there = target >= 0;
  if (!was_there)
    target = open_mount_target(rootfs, mount, true, err);
  if (target < 0)
    return -1;

  auto_close int fs = new_fs_open("tmpfs", err);
  if (fs < 0 || new_fs_configure(fs, mount, err) < 0)
    return -1;
  if (was_there && mount->mode_from_target && set_mode(fs, mount, target, err) < 0)
    return -1;
  uint64_t attributes = (mount->attr_set | mount->attr_set_rec) & ~(uint64_t)MOUNT_ATTR_RDONLY;
  auto_close int made = new_fs_create(fs, "tmpfs", attributes, err);
  if (made < 0)
    return -1;
  if (was_there && mount->copy_up && copy_up(target, made, mount->mode_from_target, err) < 0)
    return error_wrap(err, "cannot copy what the image has there");
  if (mount_change(made, 0, 0, 0, propagation_type(mount->propagation)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation");
  if (mount_attach(made, target) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the new file system");
  return take_fd(&made);
}
