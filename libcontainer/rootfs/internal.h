/* SPDX-License-Identifier: Apache-2.0
 * What the files of this folder share. Everything works on descriptors: a target is resolved once, to an
 * O_PATH descriptor, and that descriptor is what is mounted on. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/plan/plan.h"
#include "libcontainer/rootfs/rootfs.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* --- mount.c --- */
/* mount_setattr(2) on the mount that 'fd' is the root of; nothing to set is no call. 'flags': 0 or
 * AT_RECURSIVE. -1 and errno. */
int mount_change(int fd, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation);
/* Moves the detached mount 'from' onto 'target' (both by descriptor). -1 and errno. */
int mount_attach(int from, int target);
/* Attributes that the whole tree gets, then those of the top mount. */
int mount_set_attributes(int fd, const struct plan_mount *mount, struct error *err);
/* True for a new tmpfs that is to be read-only: set at the very end, since later mounts and nodes are made in
 * it. */
bool mount_is_readonly_late(const struct plan_mount *mount);

/* --- target.c --- */
/* O_PATH descriptor of the mount's destination, made if missing as a directory or a file; with dest_nofollow
 * that of a symbolic link itself, if it is one. 'err' must not be NULL. */
int open_mount_target(const struct rootfs *rootfs, const struct plan_mount *mount, int want_dir,
                      struct error *err);
/* Makes the destination a symbolic link with the text of 'link', the descriptor of another one. It may be
 * there already; anything else there is an error. */
int copy_link(const struct rootfs *rootfs, const struct plan_mount *mount, int link, struct error *err);

/* --- new_fs.c: a file system context (fsopen(2)) --- */
int new_fs_open(const char *type, struct error *err);
/* 'value' NULL: a flag. */
int new_fs_set(int fs, const char *key, const char *value, struct error *err);
int new_fs_configure(int fs, const struct plan_mount *mount, struct error *err);     /* source and options */
int new_fs_create(int fs, const char *type, uint64_t attributes, struct error *err); /* the mount, detached */
int new_fs_reconfigure(int target, const struct plan_mount *mount, struct error *err);

/* --- proc_sys.c --- */
/* Opens a directory of the image without following any symbolic link; makes it if missing. */
int open_real_directory(int root, const char *path, struct error *err);
int mount_proc_or_sys(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err);

/* --- tmpfs.c --- */
int mount_tmpfs(struct rootfs *rootfs, const struct plan_mount *mount,
                struct error *err); /* the mount's fd */
/* The directory that a mount is to cover, if it is there. -1 and errno. */
int open_covered(const struct rootfs *rootfs, const struct plan_mount *mount);
/* --- overlay.c --- */
int mount_tmp_upper(struct rootfs *rootfs, const struct plan_mount *mount,
                    struct error *err); /* the mount's fd */
/* --- copy_up.c --- */
/* Copies what is in directory 'from' into 'to', descriptor by descriptor; mounts below 'from' are left out.
 * 'top_too': also owner, mode, attributes and times of the directory itself. */
int copy_up(int from, int to, bool top_too, struct error *err);

/* --- bind.c --- */
/* Clones 'mount->source' from the caller's mount namespace with all attributes set. */
int bind_open(const struct plan *plan, const struct plan_mount *mount, struct error *err);
int bind_attach(struct rootfs *rootfs, size_t index, const struct plan_mount *mount, struct error *err);

/* --- cgroup_mount.c --- */
bool cgroup_mount_may_bind(const struct plan *plan, const struct plan_mount *mount);
int mount_cgroup(const struct plan *plan, struct rootfs *rootfs, size_t index, struct error *err);

/* --- acquire.c --- */
/* A detached clone of the host's node for a device, verified to be that device. */
int device_open(const struct plan_device *device, struct error *err);

/* --- propagation.c --- */
/* The MOUNT_* propagation flags of the plan as what mount_setattr(2) takes. */
uint64_t propagation_type(uint64_t flags);
