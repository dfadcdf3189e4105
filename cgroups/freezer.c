/* SPDX-License-Identifier: Apache-2.0
 * Pause and resume by cgroup.freeze (cgroup-v2.rst, "cgroup.freeze"). Freezing is asynchronous: a process
 * inside a system call that can't be interrupted keeps the cgroup from being frozen, so the wait has an
 * end. */
#include "cgroups/cgroup.h"
#include "cgroups/fs.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define FREEZE_TIMEOUT_MS 2000
#define THAW_TIMEOUT_MS 1000

static int write_freeze(const struct cgroup *cgroup, const char *value, struct error *err)
{
  if (cgroup_present(cgroup, err) < 0)
    return -1;
  if (file_write_value(cgroup->fd, "cgroup.freeze", value) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot write '%s' to '%s/cgroup.freeze'", value,
                     cgroup->path);
  return 0;
}

int cgroup_thaw(const struct cgroup *cgroup, struct error *err)
{
  if (write_freeze(cgroup, "0", err) < 0)
    return -1;
  int got = cgroup_wait_event(cgroup->fd, "frozen", 0, THAW_TIMEOUT_MS);
  if (got > 0)
    return 0;
  return error_set(err, ERROR_STATE, got < 0 ? errno : 0,
                   "cgroup '%s' stays frozen: a cgroup above it is frozen too", cgroup->path);
}

int cgroup_freeze(const struct cgroup *cgroup, struct error *err)
{
  if (write_freeze(cgroup, "1", err) < 0)
    return -1;
  int got = cgroup_wait_event(cgroup->fd, "frozen", 1, FREEZE_TIMEOUT_MS);
  if (got > 0)
    return 0;
  int errnum = got < 0 ? errno : ETIMEDOUT;
  (void)write_freeze(cgroup, "0", NULL); /* half frozen is worse than running */
  return error_set(err, ERROR_KERNEL, errnum, "cannot freeze cgroup '%s' within %d ms", cgroup->path,
                   FREEZE_TIMEOUT_MS);
}

bool cgroup_is_frozen(const struct cgroup *cgroup)
{
  char value[8] = "";
  struct cgroup_events events = { .frozen = false };
  (void)file_read_small(cgroup->fd, "cgroup.freeze", value, sizeof value);
  if (value[0] == '1')
    return true;
  (void)cgroup_read_events(cgroup, &events, NULL);
  return events.frozen;
}
