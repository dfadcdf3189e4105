/* SPDX-License-Identifier: Apache-2.0
 * What security labels need of the host: that the LSM is on, and a procfs that is the host's. */
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/vfs.h>

/* apparmor_parser(8) and runc look there, too. */
static bool apparmor_on(void)
{
  char text[8];
  return file_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text, sizeof text) > 0
         && text[0] == 'Y';
}

/* selinux(8): mounted when SELinux is on. */
static bool selinux_on(void)
{
  struct statfs fs;
  return statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;
}

static int off(const char *lsm, const char *pointer, struct error *err)
{
  error_set(err, ERROR_HOST, 0, "%s is not enabled on this host: leave the label out, or enable it", lsm);
  return error_at(err, pointer);
}

bool has_labels(const void *context)
{
  const struct launch *l = context;
  const struct plan_process *process = &l->plan.process;
  return process->apparmor_profile || process->selinux_label || (!l->exec && l->plan.mount_label);
}

int prepare_labels(void *context, struct error *err)
{
  struct launch *l = context;
  const struct plan_process *process = &l->plan.process;
  if (process->apparmor_profile && !apparmor_on())
    return off("AppArmor", "/process/apparmorProfile", err);
  if ((process->selinux_label || l->plan.mount_label) && !selinux_on())
    return off("SELinux", process->selinux_label ? "/process/selinuxLabel" : "/linux/mountLabel", err);
  l->init.host_proc = proc_root(err);
  return l->init.host_proc < 0 ? -1 : 0;
}
