/* SPDX-License-Identifier: Apache-2.0
 * Starts init or an exec'd process: one clone3 with all new namespaces, inside its cgroup. */
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/trace.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare_ints(const void *a, const void *b)
{
  const int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

/* Everything that init needs to find open, sorted: it closes the rest first of all. */
static void list_kept_fds(struct launch *l)
{
  struct init_context *init = &l->init;
  const int single[] = { init->sync,           init->target_pidfd,    init->pinned_mount_ns,
                         init->start_fifo,     init->reply_fifo,      init->console_receiver,
                         init->seccomp_agent,  init->host_proc,       init->time_proc,
                         l->rootfs.tree,       l->rootfs.null_device, init->hook_outputs[0],
                         init->hook_outputs[1] };
  const size_t handed = l->plan.process.keep_fds;
  const size_t most =
      sizeof single / sizeof *single + NS_COUNT + handed + l->plan.mounts.count + l->plan.devices.count;
  int *keep = arena_array(l->arena, most, sizeof *keep);
  size_t n = 0, unique = 0;
  for (size_t i = 0; i < sizeof single / sizeof *single; i++)
    keep[n++] = single[i];
  for (int i = 0; i < NS_COUNT; i++)
    keep[n++] = init->namespace_fds[i];
  for (size_t i = 0; i < handed; i++)
    keep[n++] = 3 + (int)i;
  for (size_t i = 0; l->rootfs.sources != NULL && i < l->plan.mounts.count; i++)
    keep[n++] = l->rootfs.sources[i];
  for (size_t i = 0; l->rootfs.devices != NULL && i < l->plan.devices.count; i++)
    keep[n++] = l->rootfs.devices[i];
  qsort(keep, n, sizeof *keep, compare_ints);
  for (size_t i = 0; i < n; i++)
    if (keep[i] >= 3 && (unique == 0 || keep[unique - 1] != keep[i]))
      keep[unique++] = keep[i];
  init->keep_fds = keep;
  init->keep_count = unique;
}

/* setns and unshare of these two change only where children start. We come back after the clone: hooks and
 * whatever the caller starts later are no part of the container. Root of a user namespace has no right to our
 * pid namespace, which belongs to the host: then we do not leave it (spawn_between.c). */
static int enter_for_children(struct launch *l, struct error *err)
{
  const int proc = proc_root(err);
  if (proc < 0)
    return -1;
  if (l->init.namespace_fds[NS_PID] < 0 || l->plan.acquire_by_init)
    return 0;
  l->joined_pid_ns = l->init.namespace_fds[NS_PID];
  l->init.namespace_fds[NS_PID] = -1; /* init must not join again */
  l->own_pid_ns = openat(proc, "self/ns/pid", O_RDONLY | O_CLOEXEC);
  if (l->own_pid_ns >= 0 && setns(l->own_pid_ns, CLONE_NEWPID) < 0 && errno == EPERM) {
    fd_close(&l->own_pid_ns);
    return 0;
  }
  if (l->own_pid_ns < 0 || setns(l->joined_pid_ns, CLONE_NEWPID) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot join the pid namespace");
    return error_at(err, l->plan.namespaces[NS_PID].origin);
  }
  return 0;
}

/* Offsets can be written only before the first process is in the namespace (time_namespaces(7)), so it is
 * made here, where children start in it. Who may not make one leaves it to init, which may in its user
 * namespace. */
static int make_time_namespace(struct launch *l, struct error *err)
{
  if (l->plan.namespaces[NS_TIME].how != NS_NEW)
    return 0;
  const int proc = proc_root(err);
  if (proc < 0)
    return -1;
  if (l->plan.acquire_by_init
      || l->facts.in_user_namespace) { /* root of one could make it, but not go back */
    l->init.time_proc = proc;
    return 0;
  }
  if ((l->own_time_ns = openat(proc, "self/ns/time", O_RDONLY | O_CLOEXEC)) < 0
      || unshare(CLONE_NEWTIME) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot make a time namespace");
    return error_at(err, l->plan.namespaces[NS_TIME].origin);
  }
  return write_time_offsets(&l->plan, proc, err);
}

static int come_back(struct launch *l, struct error *err)
{
  if (l->own_pid_ns >= 0 && setns(l->own_pid_ns, CLONE_NEWPID) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot return to our pid namespace");
  if (l->own_time_ns >= 0 && setns(l->own_time_ns, CLONE_NEWTIME) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot return to our time namespace");
  fd_close(&l->own_pid_ns);
  fd_close(&l->joined_pid_ns);
  fd_close(&l->own_time_ns);
  return 0;
}

static uint64_t clone_flags(const struct launch *l)
{
  uint64_t flags = l->exec ? 0 : l->plan.clone_flags;
  if (l->init.pinned_mount_ns >= 0)
    flags &= ~(uint64_t)CLONE_NEWNS; /* init copies the pinned one instead of ours */
  return flags;
}

static bool may_not_leave_pid_ns(const struct launch *l)
{
  return l->joined_pid_ns >= 0 && l->own_pid_ns < 0;
}

static int clone_process(struct launch *l, struct error *err)
{
  struct clone_args args = { .flags = clone_flags(l) | CLONE_PIDFD,
                             .exit_signal = SIGCHLD,
                             .pidfd = (uintptr_t)&l->pidfd };
  const struct cgroup *place = l->place.fd >= 0 ? &l->place : &l->cgroup;
  if (place->fd >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)place->fd;
  }
  if (may_not_leave_pid_ns(l)) {
    if (spawn_between(l, &args, false, err) == 0)
      return 0;
    return cgroup_may_attach(&l->state.cgroup, err->errnum) ? spawn_between(l, &args, true, err) : -1;
  }
  const pid_t pid = fault_check("clone-into-cgroup", NULL) < 0 ? -1 : sys_clone3(&args, sizeof args);
  if (pid == 0) {
    init_run(&l->init, l->exec ? exec_init_steps : create_init_steps);
    _exit(1);
  }
  if (pid < 0 && place->fd >= 0 && cgroup_may_attach(&l->state.cgroup, errno))
    return spawn_between(l, &args, true, err);
  if (pid < 0 && place->fd >= 0 && (errno == EBUSY || errno == EOPNOTSUPP || errno == ENODEV))
    return error_set(err, ERROR_KERNEL, errno, "cannot start a process in cgroup '%s'", place->path);
  if (pid < 0 && place->fd >= 0 && errno == EACCES)
    return error_set(
        err, ERROR_KERNEL, errno,
        "cannot start a process in cgroup '%s': whoever is not root must be below the same delegated "
        "cgroup himself (cgroup.procs of the common ancestor must be his)",
        place->path);
  if (pid < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot start the container's first process");
  l->pid = pid;
  return 0;
}

/* --- oom_score_adj -------------------------------------------------------------------------------- */

static int refuse_oom_score(int value, int errnum, struct error *err)
{
  error_set(err, errnum == EACCES ? ERROR_HOST : ERROR_KERNEL, errnum, "cannot set oom_score_adj to %d%s",
            value, errnum == EACCES ? ": lowering it needs CAP_SYS_RESOURCE" : "");
  return error_at(err, "/process/oomScoreAdj");
}

/* Procfs belongs to root for who is undumpable, also our own part of it. */
static int write_own_oom_score(int value)
{
  char text[16];
  const int proc = proc_root(NULL);
  (void)snprintf(text, sizeof text, "%d", value);
  if (proc < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
    return -1;
  const int result = file_write_value(proc, "self/oom_score_adj", text);
  const int errnum = errno;
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  errno = errnum;
  return result;
}

/* Only root may write that of init, which is undumpable. Whoever else has it inherited: ours is what init is
 * to have while init is made. It may be raised, and lowered again to what it was, by everybody. */
static bool lends_oom_score(const struct launch *l)
{
  return l->plan.process.set_oom_score_adj && l->facts.euid != 0;
}

static int lend_oom_score(const struct launch *l, int *own, struct error *err)
{
  char text[16];
  const int proc = proc_root(err);
  if (!lends_oom_score(l) || proc < 0)
    return lends_oom_score(l) ? -1 : 0;
  if (file_read_small(proc, "self/oom_score_adj", text, sizeof text) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read our oom_score_adj");
  text[strcspn(text, "\n")] = '\0';
  int64_t value;
  if (parse_i64(text, -1000, 1000, &value) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot understand our oom_score_adj");
  *own = (int)value;
  if (write_own_oom_score(l->plan.process.oom_score_adj) < 0)
    return refuse_oom_score(l->plan.process.oom_score_adj, errno, err);
  return 0;
}

static void take_oom_score_back(const struct launch *l, int own)
{
  if (lends_oom_score(l) && write_own_oom_score(own) < 0)
    log_debug("our oom_score_adj stays at %d", l->plan.process.oom_score_adj);
}

/* From outside: init's own view may be in a user namespace that has no right to it. */
int set_oom_score(void *context, struct error *err)
{
  struct launch *l = context;
  char value[16];
  if (lends_oom_score(l)) /* it was born with it */
    return 0;
  auto_close int dir = proc_pid_dir(l->pid, err);
  if (dir < 0)
    return -1;
  (void)snprintf(value, sizeof value, "%d", l->plan.process.oom_score_adj);
  if (file_write_value(dir, "oom_score_adj", value) < 0)
    return refuse_oom_score(l->plan.process.oom_score_adj, errno, err);
  return 0;
}

/* --- spawn ---------------------------------------------------------------------------------------- */

int spawn(void *context, struct error *err)
{
  struct launch *l = context;
  int pair[2];
  if (sync_pair(pair, err) < 0)
    return -1;
  l->sync_runtime = pair[0];
  l->init.sync = pair[1];
  l->server = (struct sync_server){ .socket = pair[0] };
  l->init.plan = &l->plan;
  l->init.trace = trace_on();
  int own_oom_score = 0;
  if (enter_for_children(l, err) < 0 || make_time_namespace(l, err) < 0
      || lend_oom_score(l, &own_oom_score, err) < 0)
    return -1;
  list_kept_fds(l);
  struct error failed = { 0 };
  const int result = clone_process(l, &failed);
  take_oom_score_back(l, own_oom_score);
  if (come_back(l, err) < 0)
    return -1;
  if (result < 0) {
    *err = failed;
    return -1;
  }
  /* Ours would keep the socket and the fifos open after init's death. */
  fd_close(&l->init.sync);
  return 0;
}

void kill_spawned(void *context)
{
  struct launch *l = context;
  struct error err = { 0 };
  (void)come_back(l, &err); /* if spawn failed between leaving and coming back */
  if (l->pid <= 0)
    return;
  note_oom(l);
  (void)sys_pidfd_send_signal(l->pidfd, SIGKILL); /* ESRCH: it is dead already */
  while (waitpid(l->pid, NULL, __WALL) < 0 && errno == EINTR)
    ;
  l->pid = 0;
}
