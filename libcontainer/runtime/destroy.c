/* SPDX-License-Identifier: Apache-2.0
 * Takes a container away, from its record alone: init, what else is in its cgroup, the cgroup, the state
 * directory. Security: a process is only killed through a pidfd whose start time was compared; a cgroup only
 * if it is marked as ours (cgroup_destroy). */
#include "libcontainer/runtime/destroy.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/rdt.h"
#include "libcontainer/runtime/status.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define STOP_TIMEOUT_MS 10000

static int64_t now_ms(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 1: it has ended; 0: time is up. */
static int wait_for_end(int pidfd, int timeout_ms)
{
  const int64_t deadline = now_ms() + timeout_ms;
  for (;;) {
    struct pollfd end = { .fd = pidfd, .events = POLLIN };
    const int64_t left = deadline - now_ms();
    const int n = poll(&end, 1, left > 0 ? (int)left : 0);
    if (n > 0)
      return 1;
    if (n == 0 || errno != EINTR)
      return 0;
  }
}

static int kill_and_wait(const struct container_state *state, int pidfd, struct error *err)
{
  if (sys_pidfd_send_signal(pidfd, SIGKILL) < 0 && errno != ESRCH)
    return error_set(err, ERROR_KERNEL, errno, "cannot kill process %d of container '%s'", (int)state->pid,
                     state->id);
  if (!wait_for_end(pidfd, STOP_TIMEOUT_MS))
    return error_set(err, ERROR_KERNEL, 0, "process %d of container '%s' is still there %d s after SIGKILL",
                     (int)state->pid, state->id, STOP_TIMEOUT_MS / 1000);
  return 0;
}

int container_stop(const struct container_state *state, struct error *err)
{
  auto_close int pidfd = -1;
  const int alive = init_open(state, &pidfd, err);
  if (alive < 0 || (alive > 0 && kill_and_wait(state, pidfd, err) < 0))
    return -1;
  siginfo_t info;
  if (pidfd >= 0) /* after run in the foreground it is our child; ECHILD: it is someone else's */
    (void)waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | __WALL);
  return 0;
}

static int destroy_cgroup(const struct container_state *state, struct error *err)
{
  struct cgroup_layout layout;
  if (state->cgroup.manager == CGROUP_DISABLED || state->cgroup.path == NULL)
    return 0;
  if (cgroup_find(&layout, err) < 0)
    return -1;
  const int result = cgroup_destroy(&layout, &state->cgroup, err);
  cgroup_layout_close(&layout);
  return result;
}

/* Who unmounts resctrl removes its groups. */
static int remove_rdt_groups(const struct container_state *state, struct error *err)
{
  struct rdt_tree tree = RDT_TREE_INIT;
  struct error trouble = { 0 };
  if (state->rdt.group == NULL || (!state->rdt.made && !state->rdt.monitoring))
    return 0;
  if (rdt_open(&tree, &trouble) < 0) {
    if (trouble.errnum == ENOENT)
      return 0;
    *err = trouble;
    return -1;
  }
  const int result = rdt_remove(&tree, &state->rdt, state->id, err);
  rdt_close(&tree);
  return result;
}

int container_destroy(struct hull *hull, const struct container_state *state, struct error *err)
{
  const int stopped = container_stop(state, err);
  /* Even so: a stuck init may be the reason that the others should go. */
  if (destroy_cgroup(state, stopped < 0 ? NULL : err) < 0 || stopped < 0)
    return -1;
  if (remove_rdt_groups(state, err) < 0)
    return -1;
  return state_remove(hull, state->id, err);
}
