/* SPDX-License-Identifier: Apache-2.0
 * Hooks of the runtime's namespaces: prestart, createRuntime, poststart, poststop. */
#pragma once
#include "libcontainer/runtime/state.h"

/* Runs them with the state on stdin; 'status' and 'pid' as given. */
int runtime_hooks(const hook_list *hooks, const char *kind, const struct container_state *state,
                  const char *status, pid_t pid, struct error *err);
/* Opens the files of the annotations run.oci.hooks.stdout and .stderr, to append to; -1: not asked for. */
int hook_outputs_open(const string_map *annotations, int outputs[static 2], struct error *err);
void hook_outputs_close(int outputs[static 2]);
/* Reads the hooks out of the container's config.json copy. */
int hooks_load(const struct state_dir *dir, struct arena *arena, struct hooks *hooks, struct error *err);
/* Runs poststop hooks; a failure is a warning (runtime-spec, "Lifecycle"), the others run all the same. */
void hooks_poststop(const hook_list *hooks, const struct container_state *state);
/* The state for hooks that init runs: HOOK_PID_SLOT where the pid goes. Writable arena memory. */
char *hook_state_text(struct arena *arena, const struct container_state *state, const char *status);
