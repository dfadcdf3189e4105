/* SPDX-License-Identifier: Apache-2.0
 * The context of create, run and exec: begins empty, gives back every descriptor. */
#include "libcontainer/runtime/create.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/runtime/hooks.h"

void launch_init(struct launch *launch, struct hull *hull, const char *id)
{
  *launch = (struct launch){
    .hull = hull,
    .arena = &hull->arena,
    .id = id,
    .wishes.console_fd = -1,
    .dir = STATE_DIR_INIT,
    .layout = CGROUP_LAYOUT_INIT,
    .cgroup = CGROUP_INIT,
    .place = CGROUP_INIT,
    .rootfs = { .tree = -1,
                .cgroup_dir = -1,
                .null_device = -1,
                .root = -1,
                .dev = -1,
                .proc = -1,
                .empty = -1 },
    .own_pid_ns = -1,
    .joined_pid_ns = -1,
    .own_time_ns = -1,
    .sync_runtime = -1,
    .pidfd = -1,
    .notify = NOTIFY_INIT,
    .rdt = RDT_TREE_INIT,
  };
  struct init_context *init = &launch->init;
  init->sync = init->target_pidfd = init->pinned_mount_ns = -1;
  init->start_fifo = init->reply_fifo = init->console_receiver = init->seccomp_agent = init->host_proc =
      init->time_proc = -1;
  init->hook_outputs[0] = init->hook_outputs[1] = -1;
  for (int i = 0; i < NS_COUNT; i++)
    init->namespace_fds[i] = -1;
}

void release_acquired(void *context)
{
  struct launch *launch = context;
  struct init_context *init = &launch->init;
  int *const fds[] = {
    &init->sync,       &init->target_pidfd, &init->pinned_mount_ns, &init->start_fifo,
    &init->reply_fifo, &launch->own_pid_ns, &launch->own_time_ns,   &launch->joined_pid_ns
  };
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
    fd_close(fds[i]);
  for (int i = 0; i < NS_COUNT; i++)
    fd_close(&init->namespace_fds[i]);
  if (init->console_receiver != launch->wishes.console_fd) /* that one is the caller's */
    fd_close(&init->console_receiver);
  fd_close(&init->seccomp_agent);
  hook_outputs_close(init->hook_outputs);
  if (launch->rootfs.sources != NULL)
    rootfs_release(&launch->plan, &launch->rootfs);
}

void launch_release(struct launch *launch)
{
  release_acquired(launch);
  release_net_devices(launch);
  rdt_close(&launch->rdt);
  fd_close(&launch->sync_runtime);
  fd_close(&launch->pidfd);
  notify_close(&launch->notify);
  cgroup_close(&launch->cgroup);
  cgroup_close(&launch->place);
  cgroup_layout_close(&launch->layout);
  state_dir_close(&launch->dir);
}

bool has_seccomp(const void *context)
{
  const struct launch *l = context;
  return l->plan.seccomp != NULL && l->plan.seccomp_when != SECCOMP_NONE;
}

bool has_terminal(const void *context)
{
  const struct launch *l = context;
  return l->plan.process.terminal;
}

bool wants_pid_file(const void *context)
{
  const struct launch *l = context;
  return l->wishes.pid_file != NULL;
}

bool wants_pidfd(const void *context)
{
  const struct launch *l = context;
  return l->wishes.pidfd_socket != NULL;
}
