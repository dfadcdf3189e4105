/* SPDX-License-Identifier: Apache-2.0
 * Which driver does it: the calls where cgroupfs and systemd differ, and "disabled", which does nothing. What
 * is the same for all (files of an open cgroup) is in apply.c, stats.c and freezer.c. */
#include "cgroups/fs.h"
#include "cgroups/systemd.h"
#include "libcontainer/base/file.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct name cgroup_manager_names[] = {
  { "cgroupfs", CGROUP_FS },
  { "disabled", CGROUP_DISABLED },
  { "systemd", CGROUP_SYSTEMD },
  { NULL, 0 },
};

/* A path without a cgroup is one that was wanted. */
const char *cgroup_absence(const struct cgroup_record *record)
{
  return record->path != NULL ? "none is delegated to the user who made it"
                              : "it was made with --cgroup-manager disabled";
}

int cgroup_present(const struct cgroup *cgroup, struct error *err)
{
  if (cgroup->fd >= 0)
    return 0;
  return error_set(err, ERROR_STATE, 0,
                   "this container has no cgroup (it was made with --cgroup-manager disabled)");
}

int cgroup_gone(const struct cgroup *cgroup, struct error *err)
{
  return error_set(err, ERROR_STATE, ENOENT, "cgroup '%s' has disappeared: somebody removed it",
                   cgroup->path);
}

int cgroup_check(const struct cgroup_layout *layout, enum cgroup_manager manager, const char *path,
                 struct cgroup_record *record, struct error *err)
{
  *record = (struct cgroup_record){ .manager = manager, .path = path };
  switch (manager) {
  case CGROUP_FS:
    return fs_check(layout, record, err);
  case CGROUP_SYSTEMD:
    return systemd_check(layout, record, err);
  case CGROUP_DISABLED:
    return 0;
  }
  return error_set(err, ERROR_INTERNAL, 0, "there is no cgroup manager %d", (int)manager);
}

int cgroup_create(const struct cgroup_layout *layout, struct cgroup_record *record, const char *id,
                  struct cgroup *cgroup, struct error *err)
{
  *cgroup = (struct cgroup)CGROUP_INIT;
  switch (record->manager) {
  case CGROUP_FS:
    return fs_create(layout, record, id, cgroup, err);
  case CGROUP_SYSTEMD:
    return systemd_create(layout, record, id, cgroup, err);
  case CGROUP_DISABLED:
    return 0;
  }
  return error_set(err, ERROR_INTERNAL, 0, "there is no cgroup manager %d", (int)record->manager);
}

/* --- between the making of a scope and its first process ---------------------------------------------- */

static void split_pids(struct arena *arena, const struct settings *all, struct settings *pids,
                       struct settings *others)
{
  *pids = *others = (struct settings){ .count = 0 };
  pids->controllers = others->controllers = all->controllers;
  const struct setting *s;
  vec_each (all, s)
    *(struct setting *)vec_push(arena, strcmp(s->file, "pids.max") == 0 ? pids : others) = *s;
}

int cgroup_apply_before(struct arena *arena, const struct cgroup *cgroup, const struct settings *settings,
                        struct error *err)
{
  struct settings pids, others;
  if (cgroup->keeper_pid <= 0)
    return cgroup_apply(cgroup, settings, err);
  split_pids(arena, settings, &pids, &others);
  return cgroup_apply(cgroup, &others, err);
}

int cgroup_settle(struct cgroup *cgroup, const struct settings *settings, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct settings pids, others;
  char digits[24];
  if (cgroup->keeper_pid <= 0)
    return 0;
  systemd_keeper_end(cgroup);
  split_pids(&arena, settings, &pids, &others);
  (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)cgroup->keeper_pids_max);
  if (pids.count == 0 && cgroup->keeper_pids_max > 0)
    (void)settings_add(&arena, &pids, "pids.max", digits, "/annotations");
  int result = cgroup_apply(cgroup, &pids, err);
  arena_release(&arena);
  return result;
}

int cgroup_enable_below(const struct cgroup *cgroup, struct error *err)
{
  char names[512], line[sizeof names + 1];
  if (file_read_small(cgroup->fd, "cgroup.controllers", names, sizeof names) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the controllers of cgroup '%s'", cgroup->path);
  for (char *rest = names, *name; (name = strsep(&rest, " \n"));) {
    (void)snprintf(line, sizeof line, "+%s", name);
    if (*name && file_write_value(cgroup->fd, "cgroup.subtree_control", line) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot enable controller '%s' below cgroup '%s'", name,
                       cgroup->path);
  }
  return 0;
}

bool cgroup_may_attach(const struct cgroup_record *record, int errnum)
{
  return record->manager == CGROUP_SYSTEMD && record->unit && errnum == EACCES;
}

int cgroup_attach(const struct cgroup_record *record, pid_t pid, struct error *err)
{
  if (systemd_attach(record, pid, err) == 0)
    return 0;
  return error_wrap(err,
                    "no process may be moved from the cgroup that hull runs in to cgroup '%s', and systemd "
                    "does not do it: run hull below the same delegated unit (systemd-run --user --scope)",
                    record->path);
}

int cgroup_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record, struct error *err)
{
  switch (record->manager) {
  case CGROUP_FS:
    return fs_destroy(layout, record, err);
  case CGROUP_SYSTEMD:
    return systemd_destroy(layout, record, err);
  case CGROUP_DISABLED:
    return 0;
  }
  return error_set(err, ERROR_INTERNAL, 0, "there is no cgroup manager %d", (int)record->manager);
}
