/* SPDX-License-Identifier: Apache-2.0
 * The option --interval of events and stats. */
#pragma once
#include "libcontainer/base/error.h"
#include <stdint.h>

/* A duration above 0 as Go programs write it ("5s", "500ms", "1m30s"). */
int interval_parse(const char *s, uint64_t *ns, struct error *err);
