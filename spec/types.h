/* SPDX-License-Identifier: Apache-2.0
 * The types of config.json, each a table of rows. */
#pragma once
#include "spec/field.h"

/* What an 'unsupported' row says; the pointer of the value stands before it. */
#define NOT_YET "not supported yet"
#define NEEDS_CGROUP_V1 "needs cgroup v1, which hull does not support"

extern const struct type config_type;    /* struct spec */
extern const struct type process_type;   /* struct process */
extern const struct type resources_type; /* struct resources */
extern const struct type id_mapping_type;
extern const struct type mount_type;
extern const struct type hooks_type;
extern const struct type linux_type;
extern const struct type intel_rdt_type;
extern const struct type seccomp_type;
