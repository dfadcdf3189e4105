/* SPDX-License-Identifier: Apache-2.0
 * The cgroupfs driver: what cgroup.h promises, done with directories and files. Private to cgroups/. */
#pragma once
#include "cgroups/cgroup.h"

int fs_check(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err);
int fs_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
              struct cgroup *cgroup, struct error *err);
/* True if the open cgroup is the one that the record's create made: by its inode, or by its mark if a create
 * that was killed never knew it. */
bool fs_is_ours(const struct cgroup *leaf, const struct cgroup_record *record);
int fs_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record, struct error *err);

/* Error if there is none (CGROUP_DISABLED). */
int cgroup_present(const struct cgroup *cgroup, struct error *err);
/* The error that it was removed under its container. Returns -1. */
int cgroup_gone(const struct cgroup *cgroup, struct error *err);
/* Waits until 'key' in cgroup.events of the directory is 'wanted'. 1: it is; 0: time is up; -1: errno. */
int cgroup_wait_event(int dir, const char *key, uint64_t wanted, int timeout_ms);
/* Opens the first 'length' bytes of a path (0: the mount). -1 and errno. */
int cgroup_open_prefix(const struct cgroup_layout *layout, const char *path, size_t length);
/* Length of the parent of path[0..length); 0: the mount. */
size_t cgroup_parent_length(const char *path, size_t length);
