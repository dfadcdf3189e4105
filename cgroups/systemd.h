/* SPDX-License-Identifier: Apache-2.0
 * The systemd driver: the leaf is a transient scope. Private to cgroups/. */
#pragma once
#include "cgroups/cgroup.h"

int systemd_check(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err);
int systemd_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                   struct cgroup *cgroup, struct error *err);
int systemd_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record,
                    struct error *err);
