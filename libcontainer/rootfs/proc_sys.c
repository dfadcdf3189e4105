/* SPDX-License-Identifier: Apache-2.0
 * proc and sysfs. Security: they are only mounted on real directories of the image, never through a symbolic
 * link (CVE-2019-19921, CVE-2023-27561), and what the runtime itself writes to procfs goes through a
 * descriptor of a procfs that it mounted (CVE-2019-16884, CVE-2025-52881). */
#include "libcontainer/base/refusal.h"
#include "libcontainer/rootfs/internal.h"
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define COMMON_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define PROC_ROOT_INODE 1 /* PROC_ROOT_INO of the kernel */

/* No RESOLVE_NO_XDEV: what is mounted in the tree came with the bundle or with an earlier row of the plan. */
static int open_without_links(int root, const char *path)
{
  while (*path == '/')
    path++;
  return open_beneath(root, *path ? path : ".", O_PATH | O_DIRECTORY, 0);
}

int open_real_directory(int root, const char *path, struct error *err)
{
  int fd = open_without_links(root, path);
  if (fd < 0 && errno == ENOENT) {
    fd = make_dir_in_root(root, path, 0755, err);
    if (fd < 0)
      return -1;
    fd_close(&fd);
    fd = open_without_links(root, path);
  }
  if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
    return error_set(err, ERROR_CONFIG, errno,
                     "'%s' in the root must be a directory, not a symbolic link or file", path);
  if (fd < 0) {
    char why[REFUSAL_BYTES];
    return error_set(err, ERROR_KERNEL, errno, "cannot open '%s' in the root%s", path,
                     refusal_suffix(root, path, F_OK, errno, why));
  }
  return fd;
}

/* A user namespace may mount sysfs only if it owns the network namespace; then the host's is shown,
 * read-only. Init is still in a copy of the host's mounts: user namespaces never start from the pinned
 * one. */
static int open_host_sys(const struct rootfs *rootfs, const struct plan_mount *mount)
{
  if (rootfs->pinned)
    return -1;
  auto_close int sys = sys_open_tree(AT_FDCWD, "/sys", OPEN_TREE_CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
  struct statfs fs;
  if (sys < 0 || fstatfs(sys, &fs) < 0 || fs.f_type != SYSFS_MAGIC)
    return -1;
  uint64_t set = mount->attr_set | mount->attr_set_rec | MOUNT_ATTR_RDONLY;
  if (mount_change(sys, AT_RECURSIVE, set & ~(uint64_t)MOUNT_ATTR__ATIME, 0, MS_SLAVE) < 0)
    return -1;
  return take_fd(&sys);
}

static int make_fs(const struct plan_mount *mount, struct error *err)
{
  auto_close int fs = new_fs_open(mount->type, err);
  if (fs < 0 || new_fs_configure(fs, mount, err) < 0)
    return -1;
  return new_fs_create(fs, mount->type, mount->attr_set | mount->attr_set_rec, err);
}

static int explain(const struct plan *plan, const struct plan_mount *mount, struct error *err)
{
  if (!err || err->errnum != EPERM)
    return -1;
  if (strcmp(mount->type, "proc") == 0)
    return error_wrap(err,
                      plan->namespaces[NS_PID].how == NS_KEEP
                          ? "a new proc needs a pid namespace that belongs to the user namespace"
                          : "the kernel refuses a new proc here: the outer /proc has hidden (masked) parts");
  return error_wrap(err,
                    plan->namespaces[NS_NETWORK].how == NS_KEEP
                        ? "a new sysfs needs a network namespace that belongs to the user namespace"
                        : "the kernel refuses a new sysfs here: the outer /sys has hidden (masked) parts");
}

int mount_proc_or_sys(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err)
{
  const struct plan_mount *mount = &plan->mounts.items[index];
  auto_close int target = open_real_directory(rootfs->root, mount->destination, err);
  if (target < 0)
    return -1;
  auto_close int made = make_fs(mount, err);
  if (made < 0 && strcmp(mount->type, "sysfs") == 0 && err && err->errnum == EPERM)
    made = open_host_sys(rootfs, mount);
  if (made < 0)
    return explain(plan, mount, err);
  error_clear(err); /* of a refused sysfs */
  if (mount_change(made, 0, 0, 0, propagation_type(mount->propagation)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation");
  if (mount_attach(made, target) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach the new file system");
  if (mount->is_proc) {
    fd_close(&rootfs->proc);
    rootfs->proc = take_fd(&made);
  }
  return 0;
}

/* The container has a procfs that is not ours, say the host's by bind. Its root is genuine; what is mounted
 * below it need not be, which is why users of the descriptor look things up with RESOLVE_NO_XDEV. */
static int open_foreign_proc(int root)
{
  auto_close int proc = open_without_links(root, "proc");
  struct statfs fs;
  struct stat st;
  if (proc < 0 || fstatfs(proc, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC || fstat(proc, &st) < 0
      || st.st_ino != PROC_ROOT_INODE)
    return -1;
  return take_fd(&proc);
}

int rootfs_trusted_proc(struct rootfs *rootfs, struct error *err)
{
  if (rootfs->proc >= 0)
    return rootfs->proc;
  const struct plan_mount proc = { .type = "proc", .attr_set = COMMON_ATTRIBUTES };
  rootfs->proc = make_fs(&proc, err);
  if (rootfs->proc < 0)
    rootfs->proc = open_foreign_proc(rootfs->root);
  if (rootfs->proc < 0)
    return error_wrap(err, "cannot get a procfs that the image has not touched");
  error_clear(err);
  return rootfs->proc;
}
