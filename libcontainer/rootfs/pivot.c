/* SPDX-License-Identifier: Apache-2.0
 * Makes the container's root the root of init: pivot_root(2), or for an initramfs move and chroot(2).
 * Afterwards no mount of the host is reachable. */
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* An unmount in a shared tree would happen on the host as well. Not before pivot_root: our own root was below
 * it. */
static int leave_peers(int old_root, struct error *err)
{
  if (mount_change(old_root, AT_RECURSIVE, 0, 0, MS_SLAVE) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot cut the host's mounts off before unmounting them");
  return 0;
}

/* Security: an overlay of the root has covered it where it was attached; if that was on the host's root (a
 * sandbox; the almost empty namespace), it lies on that still, and came off instead of it. Unlike "/", ".."
 * leads to what is on top. */
static int look_for_cover(bool *covered, struct error *err)
{
  struct statx root, top;
  if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root) < 0 || statx(AT_FDCWD, "/..", 0, STATX_MNT_ID, &top) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot see whether the host's root is unmounted");
  *covered = root.stx_mnt_id != top.stx_mnt_id;
  return 0;
}

static int pivot(const struct plan *plan, const struct rootfs *rootfs, struct error *err)
{
  bool shared = !rootfs->pinned && (plan->root_propagation & MS_SHARED);
  auto_close int old_root = shared ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (shared && old_root < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the host's root");
  if (fchdir(rootfs->root) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the root");
  /* pivot_root(2): with '.' twice the old root ends up on top of the new one, no directory is needed for
   * it. */
  if (sys_pivot_root(".", ".") < 0)
    return error_set(err, ERROR_KERNEL, errno,
                     errno == EINVAL
                         ? "cannot change the root (the host's root may be an initramfs: see --no-pivot)"
                         : "cannot change the root");
  if (shared && leave_peers(old_root, err) < 0)
    return -1;
  bool covered = true;
  while (covered) {
    if (umount2(".", MNT_DETACH) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot unmount the host's root");
    covered = false;
    if (rootfs->covers_root && look_for_cover(&covered, err) < 0)
      return -1;
  }
  return 0;
}

/* Weaker: the host's root stays mounted underneath. Its proc and sysfs go away, since a full view of them
 * would let a user namespace inside mount new ones. */
static int move_and_chroot(const struct plan *plan, const struct rootfs *rootfs, struct error *err)
{
  if (!rootfs->pinned && !(plan->root_propagation & MS_SHARED)) {
    (void)umount2("/proc", MNT_DETACH); /* not mounted, or locked: then it is not ours to hide */
    (void)umount2("/sys", MNT_DETACH);
  }
  if (fchdir(rootfs->root) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the root");
  if (!rootfs->pinned && sys_move_mount(rootfs->root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot move the root to '/'");
  if (chroot(".") < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot change the root by chroot");
  return 0;
}

int rootfs_pivot(const struct plan *plan, struct rootfs *rootfs, struct error *err)
{
  int result = plan->no_pivot ? move_and_chroot(plan, rootfs, err) : pivot(plan, rootfs, err);
  if (result < 0)
    return -1;
  if (chdir("/") < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot enter the new root");
  return 0;
}
