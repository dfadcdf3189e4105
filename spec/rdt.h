/* SPDX-License-Identifier: Apache-2.0
 * Names in resctrl. */
#pragma once
#include <stdbool.h>

/* True for what resctrl itself has in its root (filesystems/resctrl.rst). */
bool rdt_is_reserved(const char *name);
