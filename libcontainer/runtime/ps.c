/* SPDX-License-Identifier: Apache-2.0
 * The processes of a container: those in its cgroup and below. */
#include "libcontainer/runtime/list.h"
#include "libcontainer/runtime/status.h"
#include <errno.h>

static int list_pids(const struct container_state *state, struct arena *arena, cgroup_pid_list *pids,
                     struct error *err)
{
  struct cgroup_layout layout;
  struct cgroup cgroup;
  if (cgroup_find(&layout, err) < 0)
    return -1;
  int result = cgroup_open(&layout, &state->cgroup, &cgroup, err);
  if (result == 0) {
    result = cgroup_pids(arena, &cgroup, true, pids, err);
    cgroup_close(&cgroup);
  }
  cgroup_layout_close(&layout);
  return result;
}

/* A cgroup that was there before may hold others' processes, which are nobody's to show. */
static int pids_of(const struct state_dir *dir, const struct container_state *state, struct arena *arena,
                   cgroup_pid_list *pids, struct error *err)
{
  const bool stopped = container_status(dir, state) == STATUS_STOPPED;
  if (!state->committed || (stopped && !state->cgroup.made))
    return 0;
  if (state->cgroup.manager == CGROUP_DISABLED)
    return stopped ? 0
                   : error_set(err, ERROR_STATE, 0,
                               "it has no cgroup to find them by (--cgroup-manager disabled)");
  if (list_pids(state, arena, pids, err) == 0)
    return 0;
  if (!stopped || err->errnum != ENOENT)
    return -1;
  error_clear(err); /* the cgroup went with the processes */
  return 0;
}

ssize_t container_processes(struct hull *hull, const char *id, struct arena *arena, pid_t **pids,
                            struct error *err)
{
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  cgroup_pid_list found = { .count = 0 };
  int result = state_load(hull, id, arena, &dir, &state, err);
  if (result == 0 && pids_of(&dir, &state, arena, &found, err) < 0)
    result = error_wrap(err, "cannot list the processes of container '%s'", id);
  state_dir_close(&dir);
  *pids = found.items;
  return result < 0 ? -1 : (ssize_t)found.count;
}
