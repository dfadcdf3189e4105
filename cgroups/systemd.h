/* SPDX-License-Identifier: Apache-2.0
 * The systemd driver: the leaf is a transient scope, or a slice. Private to cgroups/. */
#pragma once
#include "cgroups/cgroup.h"

int systemd_check(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err);
/* record->unit, user_manager and properties say what is wanted. */
int systemd_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                   struct cgroup *cgroup, struct error *err);
/* Tells systemd the properties that follow from the settings, before they are written. Nothing is changed if
 * it refuses one; the error names it, and what systemd said. Told the old settings, it takes them back. */
int systemd_update(const struct cgroup_record *record, const struct settings *settings, struct error *err);
/* Has systemd move a process into the recorded cgroup. */
int systemd_attach(const struct cgroup_record *record, pid_t pid, struct error *err);
int systemd_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record,
                    struct error *err);
/* Ends what keeps a new scope populated; nothing for other cgroups. */
void systemd_keeper_end(struct cgroup *cgroup);
