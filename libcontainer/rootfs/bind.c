/* SPDX-License-Identifier: Apache-2.0
 * Bind mounts: cloned from the host's tree by the runtime, with everything set, and moved to their place by
 * init. */
#include "libcontainer/base/refusal.h"
#include "libcontainer/rootfs/internal.h"
#include <sys/mount.h>
#include <sys/stat.h>

static int open_failed(const struct plan_mount *mount, struct error *err)
{
  int cause = errno;
  if (cause == EINVAL && !mount->recursive)
    return error_set(err, ERROR_HOST, cause,
                     "cannot bind '%s' alone: it holds mounts that this namespace may not hide; use 'rbind'",
                     mount->source);
  if (cause == EPERM)
    return error_set(err, ERROR_HOST, cause, "cannot clone bind source '%s': needs CAP_SYS_ADMIN",
                     mount->source);
  char why[REFUSAL_BYTES];
  return error_set(err, cause == ENOENT || cause == ENOTDIR ? ERROR_CONFIG : ERROR_KERNEL, cause,
                   "cannot find bind source '%s'%s", mount->source,
                   refusal_suffix(AT_FDCWD, mount->source, F_OK, cause, why));
}

/* The host's table as the container would have got it (root_propagation), then what the mount asks for:
 * 'rshared' on a slave copy stays a slave as well, so nothing gets out to the host unless rootfsPropagation
 * is shared too. */
static int set_propagation(int fd, const struct plan *plan, const struct plan_mount *mount, struct error *err)
{
  uint64_t first = propagation_type(plan->root_propagation), then = propagation_type(mount->propagation);
  if (!first)
    first = MS_SLAVE;
  if (first != MS_SHARED && mount_change(fd, mount->recursive ? AT_RECURSIVE : 0, 0, 0, first) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation of bind source '%s'", mount->source);
  if (then && (then != first || first == MS_SHARED)
      && mount_change(fd, mount->propagation_rec ? AT_RECURSIVE : 0, 0, 0, then) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set propagation of bind source '%s'", mount->source);
  return 0;
}

int bind_open(const struct plan *plan, const struct plan_mount *mount, struct error *err)
{
  const bool itself = mount->src_nofollow || mount->copy_symlink; /* a symbolic link at the end */
  auto_close int fd = sys_open_tree(AT_FDCWD, mount->source,
                                    OPEN_TREE_CLONE | (mount->recursive ? AT_RECURSIVE : 0)
                                        | (itself ? AT_SYMLINK_NOFOLLOW : 0));
  if (fd < 0)
    return open_failed(mount, err);
  if (set_propagation(fd, plan, mount, err) < 0)
    return -1;
  if (mount_set_attributes(fd, mount, err) < 0)
    return error_wrap(err, "cannot bind '%s'", mount->source);
  return take_fd(&fd);
}

int bind_attach(struct rootfs *rootfs, size_t index, const struct plan_mount *mount, struct error *err)
{
  int source = rootfs->sources[index];
  struct stat st;
  if (source < 0)
    return error_set(err, ERROR_INTERNAL, 0, "the source was not opened");
  if (fstat(source, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot examine the bind source");
  if (mount->copy_symlink && S_ISLNK(st.st_mode))
    return copy_link(rootfs, mount, source, err);
  auto_close int target = open_mount_target(rootfs, mount, S_ISDIR(st.st_mode), err);
  if (target < 0)
    return -1;
  if (mount_attach(source, target) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot attach '%s'",
                     mount->source ? mount->source : "cgroup");
  return 0;
}
