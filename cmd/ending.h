/* SPDX-License-Identifier: Apache-2.0
 * Why the process of a foreground command ended, if that was not its own decision. */
#pragma once
#include "cmd/foreground.h"

/* Logs that the OOM killer, a signal or a limit ended 'process', or may have, with the numbers. 'status' is
 * what foreground_wait() returned. Call before the container is deleted. */
void ending_log(struct hull *hull, const char *id, const struct hull_process *process,
                const struct foreground *foreground, int status);
