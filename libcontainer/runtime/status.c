/* SPDX-License-Identifier: Apache-2.0
 * Liveness by pid and start time, and the state document. */
#include "libcontainer/runtime/status.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/outcome.h"
#include "spec/state.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const names[] = {
  [STATUS_CREATING] = "creating", [STATUS_CREATED] = "created", [STATUS_RUNNING] = "running",
  [STATUS_PAUSED] = "paused",     [STATUS_STOPPED] = "stopped",
};

const char *status_name(enum container_status status)
{
  return names[status];
}

int init_open(const struct container_state *state, int *pidfd, struct error *err)
{
  char letter;
  uint64_t started;
  *pidfd = -1;
  if (state->pid <= 0)
    return 0;
  auto_close int fd = sys_pidfd_open(state->pid, 0);
  if (fd < 0 && (errno == ESRCH || errno == EINVAL)) /* EINVAL: a thread's id by now */
    return 0;
  if (fd < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open process %d of container '%s'", (int)state->pid,
                     state->id);
  /* Read after the pidfd was opened: if this is our process, then so is the pidfd's. */
  if (proc_stat(state->pid, &letter, &started) < 0) {
    if (errno == ENOENT || errno == ESRCH)
      return 0;
    return error_set(err, ERROR_HOST, errno, "cannot examine process %d of container '%s'", (int)state->pid,
                     state->id);
  }
  if (started != state->start_time)
    return 0;
  *pidfd = take_fd(&fd);
  return letter != 'Z' && letter != 'X' && letter != 'x';
}

int own_filters(void)
{
  return prctl(PR_GET_SECCOMP) == 0 ? 0 : proc_seccomp_filters(getpid());
}

int check_filtered(pid_t pid, uint64_t start_time, int before, struct error *err)
{
  char letter;
  uint64_t started;
  const int shown = proc_seccomp_filters(pid);
  if (before >= 0 && shown > before)
    return 0;
  if (shown < 0 && (errno == ENOENT || errno == ESRCH))
    return 0;
  if (start_time != 0 && (proc_stat(pid, &letter, &started) < 0 || started != start_time))
    return 0;
  if (shown < 0)
    error_set(err, ERROR_HOST, errno, "cannot read back whether process %d is under its seccomp filter",
              (int)pid);
  else
    error_set(
        err, ERROR_KERNEL, 0,
        "process %d was to run under a seccomp filter of its own, but the kernel shows none: it has been "
        "killed",
        (int)pid);
  return error_at(err, "/linux/seccomp");
}

/* Init holds the reading end until it executes the container's process, so this is right even if `start` was
 * killed before it could remove the fifo. */
static bool waits_for_start(const struct state_dir *dir)
{
  auto_close int fifo = open_beneath(dir->fd, STATE_START_FIFO, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0);
  return fifo >= 0 || (errno != ENOENT && errno != ENXIO);
}

/* The counter of a cgroup that was there before is not of this container alone. 'oom_killed' may be NULL. */
static bool is_frozen(const struct container_state *state, bool *oom_killed)
{
  struct cgroup cgroup;
  if (state->cgroup.manager == CGROUP_DISABLED || cgroup_find_and_open(&state->cgroup, &cgroup, NULL) < 0)
    return false;
  const bool frozen = cgroup_is_frozen(&cgroup);
  if (oom_killed != NULL)
    *oom_killed = state->cgroup.made && oom_kills(&cgroup) > 0;
  cgroup_close(&cgroup);
  return frozen;
}

static enum container_status find_status(const struct state_dir *dir, const struct container_state *state,
                                         bool *oom_killed)
{
  if (!state->committed)
    return state_try_lock(dir) ? STATUS_STOPPED : STATUS_CREATING;
  if (!proc_is(state->pid, state->start_time)) {
    if (oom_killed != NULL)
      (void)is_frozen(state, oom_killed);
    return STATUS_STOPPED;
  }
  if (waits_for_start(dir))
    return STATUS_CREATED;
  return is_frozen(state, oom_killed) ? STATUS_PAUSED : STATUS_RUNNING;
}

enum container_status container_status(const struct state_dir *dir, const struct container_state *state)
{
  return find_status(dir, state, NULL);
}

enum container_status container_status_and_oom(const struct state_dir *dir,
                                               const struct container_state *state, bool *oom_killed)
{
  *oom_killed = false;
  return find_status(dir, state, oom_killed);
}

void state_document(const struct container_state *state, const char *status, pid_t pid, struct oci_state *out)
{
  *out = (struct oci_state){
    .oci_version = state->oci_version,
    .id = state->id,
    .status = status,
    .bundle = state->bundle,
    .rootfs = state->rootfs,
    .created = state->created,
    .pid = pid,
    .annotations = &state->annotations,
  };
}

bool ends_with_init(const struct container_state *state)
{
  char name[32], text[4096];
  if ((state->namespaces & CLONE_NEWPID) == 0)
    return false;
  const int root = proc_root(NULL);
  (void)snprintf(name, sizeof name, "%d/status", (int)state->pid);
  if (root < 0 || file_read_small(root, name, text, sizeof text) <= 0)
    return true; /* gone: there is no one left to ask for */
  const char *line = strstr(text, "\nNSpid:");
  const char *end = line ? strchr(line + 1, '\n') : NULL;
  return end && end[-1] == '1' && end[-2] == '\t';
}
