/* SPDX-License-Identifier: Apache-2.0
 * The types of config.json, each a table of rows. */
#pragma once
#include "spec/field.h"

extern const struct type config_type;    /* struct spec */
extern const struct type process_type;   /* struct process */
extern const struct type resources_type; /* struct resources */
extern const struct type mount_type;
extern const struct type hooks_type;
extern const struct type linux_type;
extern const struct type seccomp_type;
