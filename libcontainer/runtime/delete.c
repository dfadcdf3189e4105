/* SPDX-License-Identifier: Apache-2.0
 * The delete operation (runtime.md, "Delete"); also undoes a create that was killed half-way. */
#include "libcontainer/base/log.h"
#include "libcontainer/base/words.h"
#include "libcontainer/runtime/destroy.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/status.h"

static int check_may_delete(const struct state_dir *dir, const struct container_state *state,
                            struct error *err)
{
  const enum container_status status = container_status(dir, state);
  switch (status) {
  case STATUS_CREATING: /* not with the lock in our hands */
  case STATUS_CREATED:
  case STATUS_STOPPED:
    return 0;
  case STATUS_RUNNING:
  case STATUS_PAUSED:
    break;
  }
  return error_set(err, ERROR_STATE, 0,
                   "cannot delete container '%s' " WORDS_NOT_STOPPED ": %s (stop it first, or use --force)",
                   state->id, status_name(status));
}

/* Read before the state directory goes. */
static void load_poststop(const struct state_dir *dir, const struct container_state *state,
                          struct arena *arena, struct hooks *hooks)
{
  struct error err = { 0 };
  char text[2 * ERROR_TEXT_BYTES];
  *hooks = (struct hooks){ .poststop = { .count = 0 } };
  if (!state->has_poststop || hooks_load(dir, arena, hooks, &err) == 0)
    return;
  (void)error_format(&err, text, sizeof text);
  log_warning("container '%s': no poststop hooks are run: %s", state->id, text);
}

int container_destroy_with_hooks(struct hull *hull, const struct state_dir *dir,
                                 const struct container_state *state, struct arena *arena, struct error *err)
{
  struct hooks hooks;
  load_poststop(dir, state, arena, &hooks);
  if (container_destroy(hull, state, err) < 0)
    return error_wrap(err, "cannot delete container '%s'", state->id);
  hooks_poststop(&hooks.poststop, state);
  return 0;
}

static int delete_locked(struct hull *hull, const struct state_dir *dir, const struct container_state *state,
                         struct arena *arena, bool force, struct error *err)
{
  if (!force && check_may_delete(dir, state, err) < 0)
    return -1;
  return container_destroy_with_hooks(hull, dir, state, arena, err);
}

int container_delete(struct hull *hull, const char *id, bool force, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  struct error trouble = { 0 };
  int result = state_load_locked(hull, id, &arena, &dir, &state, &trouble);
  if (result == 0 || (force && dir.fd >= 0))
    result = delete_locked(hull, &dir, &state, &arena, force, err);
  else if (force && trouble.kind == ERROR_STATE && !state_exists(hull, id))
    result = 0;
  else
    *err = trouble;
  state_dir_close(&dir);
  arena_release(&arena);
  return result;
}
