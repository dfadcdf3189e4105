/* SPDX-License-Identifier: Apache-2.0
 * Id-mapped mounts (mount_setattr(2), MOUNT_ATTR_IDMAP): the kernel takes the maps as a user namespace, so
 * one is made for each set of maps. Done while the mounts are detached and by the runtime, because it takes
 * CAP_SYS_ADMIN in the user namespace of the file system. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* A user namespace with these maps. The process that it is made with ends at once: until it is reaped, its
 * directory in /proc is good enough, and nothing of it can be left behind. */
static int open_mapped_namespace(const struct plan_id_maps *maps, struct error *err)
{
  struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
  const pid_t pid = sys_clone3(&args, sizeof args);
  if (pid == 0)
    _exit(0);
  if (pid < 0)
    return error_set(err, ERROR_HOST, errno, "cannot make a user namespace for id-mapped mounts");
  auto_close int fd = -1;
  auto_close int dir = -1;
  if (id_maps_write(maps, pid, err) == 0 && (dir = proc_pid_dir(pid, err)) >= 0
      && (fd = openat(dir, "ns/user", O_RDONLY | O_CLOEXEC)) < 0)
    error_set(err, ERROR_KERNEL, errno, "cannot open the user namespace for id-mapped mounts");
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
  return take_fd(&fd);
}

static bool same_maps(const struct plan_id_map *a, size_t a_count, const struct plan_id_map *b,
                      size_t b_count)
{
  return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof *a) == 0);
}

static bool same(const struct plan_id_maps *a, const struct plan_id_maps *b)
{
  return a == b
         || (same_maps(a->uids.items, a->uids.count, b->uids.items, b->uids.count)
             && same_maps(a->gids.items, a->gids.count, b->gids.items, b->gids.count));
}

/* What users meet; see fs_context_for_mount and FS_ALLOW_IDMAP in the kernel for the rest. */
static const char *file_system(int fd)
{
  static const struct {
    long magic;
    const char *name;
  } names[] = {
    { NFS_SUPER_MAGIC, "nfs" },
    { OVERLAYFS_SUPER_MAGIC, "overlay" },
    { PROC_SUPER_MAGIC, "proc" },
    { SYSFS_MAGIC, "sysfs" },
    { FUSE_SUPER_MAGIC, "fuse" },
    { CGROUP2_SUPER_MAGIC, "cgroup2" },
    { V9FS_MAGIC, "9p" },
    { SMB2_SUPER_MAGIC, "cifs" },
    { DEVPTS_SUPER_MAGIC, "devpts" },
    { HOSTFS_SUPER_MAGIC, "hostfs" },
  };
  struct statfs fs;
  if (fstatfs(fd, &fs) == 0)
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
      if (names[i].magic == (long)fs.f_type)
        return names[i].name;
  return "this kind of";
}

static int refuse(const struct plan_mount *mount, int fd, int errnum, struct error *err)
{
  const char *kind = file_system(fd);
  if (errnum == EINVAL)
    error_set(err, ERROR_HOST, errnum,
              "cannot map the ids of '%s': %s file systems do not support it on this kernel%s", mount->source,
              kind, mount->idmap_rec ? ", or one that is mounted below" : "");
  else if (errnum == EPERM)
    error_set(err, ERROR_HOST, errnum,
              "cannot map the ids of '%s': it is mapped already, or we lack CAP_SYS_ADMIN in the user"
              " namespace that mounted it",
              mount->source);
  else
    error_set(err, ERROR_KERNEL, errnum, "cannot map the ids of '%s'", mount->source);
  return error_at(err, mount->origin);
}

/* The namespace of 'mount': that of the one before if the maps are the same; *fd stays open for the next. */
static int namespace_for(const struct launch *l, const struct plan_mount *mount,
                         const struct plan_id_maps **maps, int *fd, struct error *err)
{
  if (!mount->id_maps)
    return l->init.namespace_fds[NS_USER];
  if (*maps == NULL || !same(*maps, mount->id_maps)) {
    fd_close(fd);
    *fd = open_mapped_namespace(mount->id_maps, err);
    *maps = mount->id_maps;
  }
  return *fd;
}

int idmap_mounts(void *context, struct error *err)
{
  struct launch *l = context;
  const struct plan_id_maps *maps = NULL;
  auto_close int own = -1;
  for (size_t i = 0; i < l->plan.mounts.count; i++) {
    const struct plan_mount *mount = &l->plan.mounts.items[i];
    if (!mount->idmap)
      continue;
    const int ns = namespace_for(l, mount, &maps, &own, err);
    if (ns < 0)
      return error_at(err, mount->origin);
    const struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)ns };
    const int source = l->rootfs.sources[i];
    if (sys_mount_setattr(source, "", AT_EMPTY_PATH | (mount->idmap_rec ? AT_RECURSIVE : 0), &attr) < 0)
      return refuse(mount, source, errno, err);
  }
  return 0;
}
