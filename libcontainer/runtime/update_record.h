/* SPDX-License-Identifier: Apache-2.0
 * What an update would have to put back, in the state directory for as long as it lasts: the next update
 * finds there what one that was killed has left, and undoes it. */
#pragma once
#include "libcontainer/runtime/state.h"

struct settings;

#define UPDATE_CONFIG "." STATE_CONFIG ".tmp" /* the config that is to be; state_remove() knows it too */

/* Writes what undoes an update, as cgroup_update gives it. */
int update_record_write(const struct state_dir *dir, const struct settings *before, struct error *err);
/* Ends an update: it is done, or undone. Order matters: without UPDATE_CONFIG a record says nothing. */
void update_record_end(const struct state_dir *dir);
/* Puts back what an update has changed that did not come to its end; nothing if there is none. What can't be
 * put back is a warning. Call it with the container's lock. */
void update_recover(struct arena *arena, const struct state_dir *dir, const struct container_state *state);
