/* SPDX-License-Identifier: Apache-2.0
 * What became of a process: was it the OOM killer? */
#pragma once
#include "cgroups/cgroup.h"
#include "libcontainer/runtime/state.h"

/* How many processes of the cgroup the OOM killer has killed. */
uint64_t oom_kills(const struct cgroup *cgroup);
/* True, and 'err' set, if a process of this container was killed so: for who finds init dead. A cgroup that
 * was there before the container says nothing of it. */
bool set_if_oom_killed(const struct container_state *state, struct error *err);
