/* SPDX-License-Identifier: Apache-2.0
 * Stands in for the systemd driver where it is not built. */
#include "cgroups/systemd.h"

const bool cgroup_systemd_built = false;

static int refuse(struct error *err)
{
  return error_set(err, ERROR_USAGE, 0,
                   "this hull was built without the systemd cgroup driver: use --cgroup-manager cgroupfs");
}

int systemd_check(const struct cgroup_layout *layout, struct cgroup_record *record, struct error *err)
{
  (void)layout;
  (void)record;
  return refuse(err);
}

int systemd_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                   struct cgroup *cgroup, struct error *err)
{
  (void)layout;
  (void)record;
  (void)id;
  (void)cgroup;
  return refuse(err);
}

int systemd_update(const struct cgroup_record *record, const struct settings *settings, struct error *err)
{
  (void)record;
  (void)settings;
  return refuse(err);
}

int systemd_attach(const struct cgroup_record *record, pid_t pid, struct error *err)
{
  (void)record;
  (void)pid;
  return refuse(err);
}

int systemd_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record, struct error *err)
{
  (void)layout;
  (void)record;
  return refuse(err);
}

void systemd_keeper_end(struct cgroup *cgroup)
{
  (void)cgroup;
}
