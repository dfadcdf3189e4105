/* SPDX-License-Identifier: Apache-2.0
 * The container's file systems, applied from the plan by descriptors. Runs in init, before pivot_root. No
 * heap. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/plan/plan.h"

struct rootfs {
  /* Opened by the runtime on the host, before init exists. */
  int tree;       /* detached clone (open_tree) of the bundle's root, private, recursive */
  int cgroup_dir; /* set by the caller before rootfs_acquire: the container's cgroup2 directory, -1 if none
                     (yet); borrowed, not closed here */
  const char *cgroup_path; /* the same as a host path, for who can't clone by the descriptor (another mount
                              namespace) or has no cgroup of its own; NULL: none */
  int *sources; /* by index of plan->mounts: detached clone for binds, with attributes and propagation already
                   set; the container's cgroup for cgroup mounts; -1 for others. Init also keeps here the
                   tmpfs that become read-only at the end */
  int *devices; /* by index of plan->devices: detached clone of the host's node where it is to be bound, else
                   -1 */
  int null_device; /* detached clone of the host's /dev/null, verified: 1:3; for masked files and stdio */
  bool pinned;     /* init started from the almost empty mount namespace (set by who enters it; rootfs_acquire
                      says     false): plan->pinned_mount_ns only allows that */
  bool exact;      /* destinations have no symbolic links on the way: into a container that runs */
  /* Made while mounting. */
  int root;         /* O_PATH of the attached root of the tree; "/" after pivot_root */
  bool covers_root; /* it is an overlay, over what was the root before */
  int dev;          /* O_PATH of the mounted /dev if we fill it, else -1 */
  int proc;         /* O_PATH of the root of a procfs that we mounted ourselves (trusted); -1 if none yet */
  int empty;        /* an empty read-only tmpfs for masked directories; -1 until needed */
  bool null_attached, empty_attached; /* before Linux 6.15 only attached mounts can be cloned */
};

/* The runtime's side (on the host): opens everything above from the plan; undone by rootfs_release (also
 * after a failure). The caller sets cgroup_dir and the arrays, one int for each mount and device. Raises the
 * soft limit of open files where the plan has very many binds: the caller puts it back. May also be called by
 * init, in a copy of the host's mounts, when the runtime lacks CAP_SYS_ADMIN. */
int rootfs_acquire(const struct plan *plan, struct rootfs *rootfs, struct error *err);
/* Only the part that needs cgroup_dir, when the cgroup is made after rootfs_acquire; nothing to do for most
 * plans. */
int rootfs_acquire_cgroup(const struct plan *plan, struct rootfs *rootfs, struct error *err);
/* Only the sources of the mounts, for those that are added later. */
int rootfs_acquire_mounts(const struct plan *plan, struct rootfs *rootfs, struct error *err);
void rootfs_release(const struct plan *plan, struct rootfs *rootfs);

/* Init's side, in the order of the step table. */
int rootfs_set_propagation(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_attach_root(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_mount_all(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_mount_one(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err);
/* What is mounted at exactly that path, nothing else; symbolic links are not followed. */
int rootfs_unmount(const struct rootfs *rootfs, const char *destination, struct error *err);
int rootfs_make_devices(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_pivot(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_mask_paths(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_protect_paths(const struct plan *plan, struct rootfs *rootfs, struct error *err);
/* Root (if the plan says so) and the tmpfs that were kept writable for what is mounted and made inside them.
 * After the console has its node; needed if rootfs_has_readonly says so. */
bool rootfs_has_readonly(const struct plan *plan);
int rootfs_make_readonly(const struct plan *plan, struct rootfs *rootfs, struct error *err);
int rootfs_set_final_propagation(const struct plan *plan, struct rootfs *rootfs, struct error *err);
/* Once all is made: what the kernel shows of mounts, masks, read-only paths and devices, against the plan. */
int rootfs_read_back(const struct plan *plan, struct rootfs *rootfs, struct error *err);
/* A procfs of the container's pid namespace that nothing of the image can have touched: the /proc we mounted,
 * else a new detached one. O_PATH or mount fd, owned by 'rootfs'. -1 on error. */
int rootfs_trusted_proc(struct rootfs *rootfs, struct error *err);
