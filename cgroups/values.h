/* SPDX-License-Identifier: Apache-2.0
 * What must be known of the formats of cgroup files to put an old value back, and to say why the kernel
 * refused a new one. Pure. */
#pragma once
#include "libcontainer/base/arena.h"
#include <stdbool.h>

/* What undoes writing 'value' to 'file', which read 'before': its whole text, or the line of the device that
 * the value is about. NULL: there is nothing to put back. */
const char *value_before(struct arena *arena, const char *file, const char *value, const char *before);
/* True if a file that shows 'shown' is as after writing 'value': the kernel rounds bytes down to pages,
 * writes lists of CPUs its own way, and shows a line for each device. */
bool value_agrees(const char *file, const char *value, const char *shown);
/* True if the file has a line for each device, so that one write does not replace what another did. */
bool value_is_line(const char *file);
/* What this errno means of this file, as " (…)"; "" if no more is known than what errno says. */
const char *value_explain(const char *file, int errnum);
