/* SPDX-License-Identifier: Apache-2.0
 * What to do about the failures that users meet. */
#pragma once
#include "libcontainer/base/error.h"

/* Advice for an error, or NULL if none is known. Static string. */
const char *hint_for(const struct error *err);
