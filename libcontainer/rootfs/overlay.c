/* SPDX-License-Identifier: Apache-2.0
 * tmpupper: an overlay of the directory that it covers, whose changes go to a tmpfs that nothing else refers
 * to, so that they are gone with it. overlayfs takes its layers by path and only from mounts that are
 * attached: for the moment that it looks them up, they stand side by side in that tmpfs, on the directory. */
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVERFLOW_ID 65534 /* of who is not mapped here: nobody can be made the owner */

static const char lower_name[] = "lower", upper_name[] = "upper", work_name[] = "work";

static int new_layers(struct error *err)
{
  auto_close int fs = new_fs_open("tmpfs", err);
  if (fs < 0 || new_fs_set(fs, "mode", "755", err) < 0)
    return -1;
  return new_fs_create(fs, "tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
}

/* What the merged directory shows of itself is of the upper layer. */
static int make_directories(int layers, int covered, struct error *err)
{
  struct stat st;
  if (fstat(covered, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine the directory below");
  if (mkdirat(layers, lower_name, 0755) < 0 || mkdirat(layers, upper_name, 0755) < 0
      || mkdirat(layers, work_name, 0755) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make the layers");
  const uid_t uid = st.st_uid == OVERFLOW_ID ? (uid_t)-1 : st.st_uid;
  const gid_t gid = st.st_gid == OVERFLOW_ID ? (gid_t)-1 : st.st_gid;
  if (fchownat(layers, upper_name, uid, gid, 0) < 0
      || fchmodat(layers, upper_name, st.st_mode & 07777, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot give the upper layer the mode and owner of the lower");
  return 0;
}

static int attach_lower(int layers, int covered, struct error *err)
{
  auto_close int lower = sys_open_tree(covered, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  if (lower < 0 && errno == EINVAL) /* user_namespaces(7): what it hides must stay hidden */
    return error_set(err, ERROR_HOST, EINVAL,
                     "something is mounted below it that this user namespace may not hide: only root may "
                     "have such an overlay");
  if (lower < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot clone the directory below");
  auto_close int place = openat(layers, lower_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (place < 0 || mount_attach(lower, place) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the lower layer");
  return 0;
}

/* The layers are in the current directory. */
static int new_overlay(const struct plan_mount *mount, struct error *err)
{
  auto_close int fs = new_fs_open("overlay", err);
  if (fs < 0 || new_fs_configure(fs, mount, err) < 0 || new_fs_set(fs, "lowerdir", lower_name, err) < 0
      || new_fs_set(fs, "upperdir", upper_name, err) < 0 || new_fs_set(fs, "workdir", work_name, err) < 0)
    return -1;
  return new_fs_create(fs, "overlay", mount->attr_set | mount->attr_set_rec, err);
}

static int overlay_from(int layers, int covered, const struct plan_mount *mount, struct error *err)
{
  if (make_directories(layers, covered, err) < 0 || attach_lower(layers, covered, err) < 0)
    return -1;
  return new_overlay(mount, err);
}

int mount_tmp_upper(struct rootfs *rootfs, const struct plan_mount *mount, struct error *err)
{
  auto_close int covered = open_covered(rootfs, mount);
  if (covered < 0)
    return error_set(err, ERROR_CONFIG, errno, "tmpupper needs a directory there to lie over");
  auto_close int layers = new_layers(err);
  auto_close int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (layers < 0)
    return -1;
  if (before < 0 || mount_attach(layers, covered) < 0 || fchdir(layers) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the layers");
  auto_close int made = overlay_from(layers, covered, mount, err);
  const bool detached = umount2(".", MNT_DETACH) == 0 && fchdir(before) == 0;
  if (made < 0)
    return -1;
  if (!detached)
    return error_set(err, ERROR_KERNEL, errno, "cannot detach the layers");
  if (mount_change(made, 0, 0, 0, propagation_type(mount->propagation)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation");
  if (mount_attach(made, covered) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the overlay");
  return take_fd(&made);
}
