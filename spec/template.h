/* SPDX-License-Identifier: Apache-2.0
 * What `hull spec` prints. */
#pragma once
#include "libcontainer/base/text.h"
#include <stdbool.h>
#include <stdint.h>

/* The default config.json; with 'rootless' a user namespace that maps 'uid' and 'gid' to root and no
 * limits. */
void template_config(struct text *out, bool rootless, uint32_t uid, uint32_t gid);
