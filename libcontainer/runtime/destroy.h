/* SPDX-License-Identifier: Apache-2.0
 * Takes away what a container is made of; used by delete and by the undo of create. */
#pragma once
#include "libcontainer/runtime/state.h"

/* Kills init and everything in the cgroup if it is ours, waits until they are gone, destroys the cgroup and removes the
 * state directory. Works from an intent as well. Each part is attempted even if another failed; the first error is
 * reported. */
int container_destroy (struct hull *hull, const struct container_state *state, struct error *err);
