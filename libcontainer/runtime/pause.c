/* SPDX-License-Identifier: Apache-2.0
 * Pause and resume by the freezer of the container's cgroup. */
#include "libcontainer/base/words.h"
#include "libcontainer/runtime/status.h"

struct change {
  const char *verb;
  enum container_status from;
  const char *refusal;
  int (*apply)(const struct cgroup *cgroup, struct error *err);
};
static const struct change pause_change = { "pause", STATUS_RUNNING, WORDS_NOT_RUNNING, cgroup_freeze };
static const struct change resume_change = { "resume", STATUS_PAUSED, "container not paused", cgroup_thaw };

static int apply_change(const struct container_state *state, const struct change *change, struct error *err)
{
  struct cgroup cgroup;
  int result = cgroup_find_and_open(&state->cgroup, &cgroup, err);
  if (result == 0) {
    result = change->apply(&cgroup, err);
    cgroup_close(&cgroup);
  }
  return result < 0 ? error_wrap(err, "cannot %s container '%s'", change->verb, state->id) : 0;
}

static int check_and_apply(const struct state_dir *dir, const struct container_state *state,
                           const struct change *change, struct error *err)
{
  const enum container_status status = container_status(dir, state);
  if (status != STATUS_STOPPED && state->cgroup.manager == CGROUP_DISABLED)
    return error_set(err, ERROR_STATE, 0, "cannot %s container '%s': it has no cgroup: %s", change->verb,
                     state->id, cgroup_absence(&state->cgroup));
  if (status != change->from)
    return error_set(err, ERROR_STATE, 0, "cannot %s container '%s': %s (it is %s)", change->verb, state->id,
                     change->refusal, status_name(status));
  return apply_change(state, change, err);
}

static int change_container(struct hull *hull, const char *id, const struct change *change, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  int result = state_load(hull, id, &arena, &dir, &state, err);
  if (result == 0)
    result = check_and_apply(&dir, &state, change, err);
  state_dir_close(&dir);
  arena_release(&arena);
  return result;
}

int container_pause(struct hull *hull, const char *id, struct error *err)
{
  return change_container(hull, id, &pause_change, err);
}

int container_resume(struct hull *hull, const char *id, struct error *err)
{
  return change_container(hull, id, &resume_change, err);
}
