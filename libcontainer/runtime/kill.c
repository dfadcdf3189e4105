/* SPDX-License-Identifier: Apache-2.0
 * The kill operation. Signals go through pidfds that were compared with the record, never to a bare pid. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/base/words.h"
#include "libcontainer/container.h"
#include "libcontainer/runtime/status.h"
#include "spec/names.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIDFDS_AT_ONCE 128

static int set_not_running(const struct container_state *state, struct error *err)
{
  return error_set(err, ERROR_STATE, 0, "container '%s': " WORDS_NOT_RUNNING, state->id);
}

static int signal_init(const struct container_state *state, int signal, struct error *err)
{
  auto_close int pidfd = -1;
  const int alive = init_open(state, &pidfd, err);
  if (alive < 0)
    return -1;
  if (alive == 0)
    return set_not_running(state, err);
  if (sys_pidfd_send_signal(pidfd, signal) == 0)
    return 0;
  if (errno == ESRCH)
    return set_not_running(state, err);
  return error_set(err, errno == EINVAL ? ERROR_USAGE : ERROR_KERNEL, errno,
                   "cannot send signal %d to process %d of container '%s'", signal, (int)state->pid,
                   state->id);
}

static int compare_pids(const void *a, const void *b)
{
  const pid_t one = *(const pid_t *)a, other = *(const pid_t *)b;
  return (one > other) - (one < other);
}

/* Opens first, lists again, then signals: a pid that is in the list while we hold a pidfd of it is that
 * process, or the pidfd is of one that has died, to which nothing is sent. */
static int signal_some(struct arena *arena, const struct cgroup *cgroup, const pid_t *pids, size_t count,
                       int signal, struct error *err)
{
  int pidfds[PIDFDS_AT_ONCE];
  cgroup_pid_list now = { .count = 0 };
  for (size_t i = 0; i < count; i++)
    pidfds[i] = sys_pidfd_open(pids[i], 0);
  int result = cgroup_pids(arena, cgroup, true, &now, err);
  for (size_t i = 0; i < count; i++) {
    if (pidfds[i] >= 0 && result == 0 && now.count > 0
        && bsearch(&pids[i], now.items, now.count, sizeof *now.items, compare_pids) != NULL
        && sys_pidfd_send_signal(pidfds[i], signal) < 0 && errno != ESRCH)
      result = error_set(err, errno == EINVAL ? ERROR_USAGE : ERROR_KERNEL, errno,
                         "cannot send signal %d to process %d", signal, (int)pids[i]);
    fd_close(&pidfds[i]);
  }
  return result;
}

static int signal_cgroup(const struct cgroup *cgroup, int signal, struct error *err)
{
  struct arena arena = ARENA_INIT;
  cgroup_pid_list pids = { .count = 0 };
  if (signal == SIGKILL)
    return cgroup_kill(cgroup, err);
  int result = cgroup_pids(&arena, cgroup, true, &pids, err);
  for (size_t at = 0; result == 0 && at < pids.count; at += PIDFDS_AT_ONCE) {
    const size_t left = pids.count - at;
    result = signal_some(&arena, cgroup, pids.items + at, left < PIDFDS_AT_ONCE ? left : PIDFDS_AT_ONCE,
                         signal, err);
  }
  arena_release(&arena);
  return result;
}

/* 1: done; 0: there is no cgroup that is ours; -1: error. */
static int signal_everyone(const struct container_state *state, int signal, struct error *err)
{
  struct cgroup cgroup;
  struct error trouble = { 0 };
  if (state->cgroup.manager == CGROUP_DISABLED || !state->cgroup.made)
    return 0;
  int result = 0;
  if (cgroup_find_and_open(&state->cgroup, &cgroup, &trouble) == 0) {
    result = signal_cgroup(&cgroup, signal, err) < 0 ? -1 : 1;
    cgroup_close(&cgroup);
  } else if (trouble.errnum != ENOENT) {
    *err = trouble;
    result = -1;
  }
  return result;
}

/* As with runc: SIGKILL for init is meant for the container. */
static bool means_everyone(const struct container_state *state, int signal, bool all)
{
  return all || (signal == SIGKILL && !ends_with_init(state));
}

/* config.md, "Annotations": what the image says ends its process. The config of an image is not to fail a
 * kill. */
static int stop_signal(const struct container_state *state)
{
  for (size_t i = 0; i < state->annotations.count; i++) {
    const struct string_pair *pair = &state->annotations.items[i];
    const int signal =
        strcmp(pair->key, "org.opencontainers.image.stopSignal") == 0 ? signal_by_name(pair->value) : -1;
    if (signal > 0)
      return signal;
  }
  return SIGTERM;
}

static int kill_loaded(const struct container_state *state, int signal, bool all, struct error *err)
{
  if (!state->committed)
    return all ? 0 : set_not_running(state, err);
  if (!means_everyone(state, signal, all))
    return signal_init(state, signal, err);
  auto_close int pidfd = -1;
  const int alive = init_open(state, &pidfd, err);
  if (alive < 0)
    return -1;
  if (alive == 0 && !all)
    return set_not_running(state, err);
  const int done = signal_everyone(state, signal, err);
  if (done != 0)
    return done < 0 ? -1 : 0;
  if (alive && state->cgroup.manager == CGROUP_DISABLED && (signal != SIGKILL || !ends_with_init(state)))
    log_warning("only the first process of container '%s' gets the signal: it has no cgroup: %s", state->id,
                cgroup_absence(&state->cgroup));
  return alive ? signal_init(state, signal, err) : 0;
}

int container_kill(struct hull *hull, const char *id, int signal, bool all, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  int result = state_load(hull, id, &arena, &dir, &state, err);
  if (result == 0)
    result = kill_loaded(&state, signal == HULL_STOP_SIGNAL ? stop_signal(&state) : signal, all, err);
  state_dir_close(&dir);
  arena_release(&arena);
  return result;
}
