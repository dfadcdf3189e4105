/* SPDX-License-Identifier: Apache-2.0
 * Opens what the plan names: a missing source or namespace fails here, before a process exists. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/path.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/mount_pin.h"
#include "libcontainer/runtime/seccomp_report.h"
#include "spec/annotations.h"
#include "spec/names.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int *empty_slots(struct arena *arena, size_t count)
{
  int *slots = arena_array(arena, count + 1, sizeof *slots);
  for (size_t i = 0; i < count; i++)
    slots[i] = -1;
  return slots;
}

/* What is shown where the cgroup is to be bound: the container's own, else that which it will share with us.
 * Init, in another mount namespace, can use the path only. */
int locate_cgroup(struct launch *l, struct error *err)
{
  const bool own = l->cgroup.fd >= 0;
  const char *path = own ? l->cgroup.path : cgroup_path_of(l->arena, 0, err);
  if (path == NULL)
    return -1;
  if (l->place.fd >= 0)
    path = path_join(l->arena, path, l->plan.cgroup.subgroup);
  if (!own || l->plan.acquire_by_init)
    l->rootfs.cgroup_path = path_join(l->arena, l->facts.cgroup_mount, path[1] != '\0' ? path + 1 : ".");
  l->rootfs.cgroup_dir = l->place.fd >= 0 ? l->place.fd : l->cgroup.fd;
  return l->plan.acquire_by_init ? 0 : rootfs_acquire_cgroup(&l->plan, &l->rootfs, err);
}

int acquire_rootfs(void *context, struct error *err)
{
  struct launch *l = context;
  l->rootfs.sources = empty_slots(l->arena, l->plan.mounts.count);
  l->rootfs.devices = empty_slots(l->arena, l->plan.devices.count);
  l->init.rootfs = &l->rootfs;
  if (l->plan.acquire_by_init)
    return 0;
  struct rlimit before, after;
  if (getrlimit(RLIMIT_NOFILE, &before) < 0 || rootfs_acquire(&l->plan, &l->rootfs, err) < 0)
    return -1;
  /* It raises the soft limit for very many binds; the workload gets the caller's back. */
  if (getrlimit(RLIMIT_NOFILE, &after) == 0 && after.rlim_cur != before.rlim_cur)
    l->init.nofile_soft = before.rlim_cur;
  return 0;
}

static int open_namespace(const struct plan_namespace *ns, int type, struct error *err)
{
  const char *name = names_of(namespace_names, type);
  auto_close int fd = open(ns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return error_set(err, ERROR_CONFIG, errno, "cannot open the %s namespace '%s'", name, ns->path);
  /* config-linux.md: an error if the file is of another type. */
  const int found = ioctl(fd, NS_GET_NSTYPE);
  if (found != (int)namespace_clone_flags[type])
    return error_set(err, ERROR_CONFIG, 0, "'%s' is not a %s namespace", ns->path, name);
  return take_fd(&fd);
}

/* A path may lead back to the caller's own namespace; its settings are not the container's to change. */
static int check_net_sysctls(const struct launch *l, int fd, struct error *err)
{
  struct stat theirs, ours;
  const struct plan_sysctl *sysctl;
  const int proc = proc_root(err);
  if (proc < 0)
    return -1;
  if (fstat(fd, &theirs) < 0 || fstatat(proc, "thread-self/ns/net", &ours, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot compare network namespaces");
  if (theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev)
    return 0;
  vec_each (&l->plan.sysctls, sysctl) {
    if (!text_starts_with(sysctl->path, "net/"))
      continue;
    (void)error_set(err, ERROR_CONFIG, 0, "the sysctl '%s' is not allowed in the host's network namespace",
                    sysctl->path);
    return error_at(err, sysctl->origin);
  }
  return 0;
}

int acquire_namespaces(void *context, struct error *err)
{
  struct launch *l = context;
  for (int type = 0; type < NS_COUNT; type++) {
    const struct plan_namespace *ns = &l->plan.namespaces[type];
    if (ns->how != NS_JOIN)
      continue;
    l->init.namespace_fds[type] = open_namespace(ns, type, err);
    if (l->init.namespace_fds[type] < 0)
      return error_at(err, ns->origin);
    if (type == NS_NETWORK && check_net_sysctls(l, l->init.namespace_fds[type], err) < 0)
      return -1;
  }
  return 0;
}

int acquire_pinned_namespace(void *context, struct error *err)
{
  struct launch *l = context;
  (void)err;
  l->init.pinned_mount_ns = mount_pin_open(l->hull);
  return 0;
}

int acquire_console(void *context, struct error *err)
{
  struct launch *l = context;
  l->init.raw_newlines = l->wishes.console_fd >= 0;
  if (l->wishes.rows != 0 || l->wishes.columns != 0) {
    l->plan.process.rows = l->wishes.rows;
    l->plan.process.columns = l->wishes.columns;
  }
  if (l->wishes.console_fd >= 0)
    l->init.console_receiver = l->wishes.console_fd;
  else if ((l->init.console_receiver = unix_connect(l->wishes.console_socket, err)) < 0)
    return error_wrap(err, "cannot connect to the console socket");
  return 0;
}

static int open_fifo(const struct state_dir *dir, const char *name, int flags, struct error *err)
{
  int fd = -1;
  if (mkfifoat(dir->fd, name, 0600) < 0 || (fd = open_beneath(dir->fd, name, flags, 0)) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make '%s' in the state directory", name);
  return fd;
}

/* Both are opened for reading and writing: neither open blocks, and init never sees end of file. The reply
 * fifo closes at execve(2), which is how `start` learns of it. */
int acquire_fifos(void *context, struct error *err)
{
  struct launch *l = context;
  l->init.start_fifo = open_fifo(&l->dir, STATE_START_FIFO, O_RDWR, err);
  if (l->init.start_fifo < 0)
    return -1;
  l->init.reply_fifo = open_fifo(&l->dir, STATE_REPLY_FIFO, O_RDWR, err);
  return l->init.reply_fifo < 0 ? -1 : 0;
}

/* As crun: any value but 0. */
static bool wants_all_names(const struct launch *l)
{
  const char *value = annotation_value(l->plan.annotations, ANNOTATION_STRICT_SECCOMP);
  return value && !text_equal(value, "0");
}

int obtain_filter(void *context, struct error *err)
{
  struct launch *l = context;
  if (wants_all_names(l) && seccomp_names_known(l->plan.seccomp, err) < 0)
    return error_wrap(err, "annotation '%s' wants no system call skipped", ANNOTATION_STRICT_SECCOMP);
  struct error ignored = { 0 }; /* only a sandbox can do without a state root, and then has no cache */
  const int root = state_root(l->hull, true, l->transient ? &ignored : err);
  if (root < 0 && !l->transient)
    return -1;
  auto_close int cache = root >= 0 ? seccomp_cache_open(root) : -1;
  if (seccomp_obtain(l->arena, cache, l->plan.seccomp, &l->filter, NULL, err) < 0)
    return -1;
  l->init.filter = &l->filter;
  return l->seccomp_report != NULL ? seccomp_report_start(l, err) : 0;
}
