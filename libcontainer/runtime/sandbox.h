/* SPDX-License-Identifier: Apache-2.0
 * See hull_sandbox_start() and hull_sandbox_end(). */
#pragma once
#include "libcontainer/container.h"
#include "libcontainer/runtime/runtime.h"

struct hull_sandbox *sandbox_start(struct hull *hull, const struct hull_sandbox_options *options,
                                   struct hull_process *process, struct error *err);
/* Whether the hull that gave this name to a sandbox still runs. */
bool sandbox_lives(const char *id);
int sandbox_end(struct hull_sandbox *sandbox, struct hull_sandbox_usage *usage, struct error *err);
