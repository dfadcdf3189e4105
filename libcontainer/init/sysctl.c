/* SPDX-License-Identifier: Apache-2.0
 * Writes sysctls through a procfs that the image can't have touched (CVE-2025-52881): no path, no link, no
 * mount on the way. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int write_sysctl(int proc_sys, const struct plan_sysctl *sysctl, struct error *err)
{
  const size_t length = strlen(sysctl->value);
  auto_close int fd = open_beneath_no_xdev(proc_sys, sysctl->path, O_WRONLY, 0);
  if (fd < 0)
    error_set(err, errno == ENOENT ? ERROR_CONFIG : ERROR_KERNEL, errno, "cannot open the sysctl '%s'",
              sysctl->path);
  else if (write(fd, sysctl->value, length) != (ssize_t)length)
    error_set(err, ERROR_CONFIG, errno, "cannot write '%s' to the sysctl '%s'", sysctl->value, sysctl->path);
  else
    return 0;
  return error_at(err, sysctl->origin);
}

int set_sysctls(struct init_context *init, struct error *err)
{
  const struct plan_sysctl *sysctl;
  const int proc = rootfs_trusted_proc(init->rootfs, err);
  if (proc < 0)
    return -1;
  auto_close int proc_sys = open_beneath_no_xdev(proc, "sys", O_PATH | O_DIRECTORY, 0);
  if (proc_sys < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open 'sys' in our own procfs");
  vec_each (&init->plan->sysctls, sysctl) {
    if (write_sysctl(proc_sys, sysctl, err) < 0)
      return -1;
  }
  return 0;
}
