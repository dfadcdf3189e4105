/* SPDX-License-Identifier: Apache-2.0
 * Starts a process from another between us and it, for two reasons. A cgroup that we have no right to put it
 * into: cgroups(7), "Delegation containment", wants cgroup.procs of the ancestor that both have in common,
 * which a user has not from a login session to his systemd's units; systemd moves a process of ours there,
 * and from there it is allowed. And a pid namespace to join when we could not come back from it: root of a
 * user namespace (podman without privileges, for a pod) has no right to his own, which is the host's. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct birth {
  pid_t pid;
  int pidfd;
  struct error error;
};

/* In the process between. The new one is our parent's child, as if that had cloned it. */
static void give_birth(struct launch *l, struct clone_args *args, bool attach, struct birth *birth)
{
  if (attach && cgroup_attach(&l->state.cgroup, getpid(), &birth->error) < 0)
    return;
  if (l->joined_pid_ns >= 0 && setns(l->joined_pid_ns, CLONE_NEWPID) < 0) {
    (void)error_set(&birth->error, ERROR_KERNEL, errno, "cannot join the pid namespace");
    (void)error_at(&birth->error, l->plan.namespaces[NS_PID].origin);
    return;
  }
  args->flags |= CLONE_PARENT;
  args->exit_signal = 0; /* clone(2): with CLONE_PARENT it is that of our own birth */
  args->pidfd = (uintptr_t)&birth->pidfd;
  birth->pid = sys_clone3(args, sizeof *args);
  if (birth->pid == 0) {
    init_run(&l->init, l->exec ? exec_init_steps : create_init_steps);
    _exit(1);
  }
  if (birth->pid < 0)
    (void)error_set(&birth->error, ERROR_KERNEL, errno, "cannot start a process in cgroup '%s'",
                    l->cgroup.path);
}

static int take_birth(struct launch *l, const struct birth *birth, ssize_t n, struct error *err)
{
  if (n != (ssize_t)sizeof *birth)
    return error_set(err, ERROR_KERNEL, 0, "the process that was to start one in cgroup '%s' has died",
                     l->cgroup.path);
  if (birth->pid <= 0) {
    *err = birth->error;
    return -1;
  }
  l->pid = birth->pid;
  l->pidfd = birth->pidfd;
  return 0;
}

int spawn_between(struct launch *l, const struct clone_args *wanted, bool attach, struct error *err)
{
  /* It shares our descriptors: the pidfd that it gets is ours. */
  struct clone_args between = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
  struct clone_args args = *wanted;
  struct birth birth = { .pid = -1, .pidfd = -1 };
  int pair[2];
  const pid_t self = getpid();
  /* It talks to systemd, which knows no pids but the host's. */
  if (l->own_pid_ns >= 0 && setns(l->own_pid_ns, CLONE_NEWPID) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot return to our pid namespace");
  if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a pipe");
  const pid_t pid = sys_clone3(&between, sizeof between);
  if (pid == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == self)
      give_birth(l, &args, attach, &birth);
    _exit(write(pair[1], &birth, sizeof birth) != sizeof birth);
  }
  int result = -1;
  if (pid < 0) {
    (void)error_set(err, ERROR_KERNEL, errno, "cannot start a process");
  } else {
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
      ;
    const ssize_t n = read(pair[0], &birth, sizeof birth);
    result = take_birth(l, &birth, n, err);
  }
  fd_close(&pair[0]);
  fd_close(&pair[1]);
  return result;
}
