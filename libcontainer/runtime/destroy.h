/* SPDX-License-Identifier: Apache-2.0
 * Takes away what a container is made of; used by delete and by the undo of create. */
#pragma once
#include "libcontainer/runtime/state.h"

/* Kills init and everything in the cgroup if it is ours, waits until they are gone, destroys the cgroup and
 * removes the state directory. Works from an intent as well. Each part is attempted even if another failed;
 * the first error is reported. The state directory stays if something else could not be taken away, so that
 * it can be tried again. */
int container_destroy(struct hull *hull, const struct container_state *state, struct error *err);
/* The same, and then the poststop hooks that the state directory 'dir' knows of: steps 12 and 13 of the
 * lifecycle (runtime.md). A hook that fails is a warning. 'arena' holds the hooks. */
int container_destroy_with_hooks(struct hull *hull, const struct state_dir *dir,
                                 const struct container_state *state, struct arena *arena, struct error *err);
/* SIGKILL for init, and waits until it is gone (10 s at most); reaps it if it is our child. Gone already:
 * success. Never touches a process that started at another time than the record says. */
int container_stop(const struct container_state *state, struct error *err);
