/* SPDX-License-Identifier: Apache-2.0
 * The working directory: made if missing, entered, and checked to be inside (CVE-2024-21626). */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/refusal.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int make_working_directory(struct init_context *init, struct error *err)
{
  auto_close int dir = make_dir_in_root(init->rootfs->root, init->plan->process.cwd, 0755, err);
  if (dir >= 0)
    return 0;
  error_wrap(err, "cannot make the working directory '%s'", init->plan->process.cwd);
  return error_at(err, "/process/cwd");
}

static int check_inside(struct error *err)
{
  char path[4096];
  const int n = sys_getcwd(path, sizeof path);
  if (n < 0 && errno == ERANGE) /* deeper than PATH_MAX, but inside: the kernel says so otherwise */
    return 0;
  if (n < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the working directory back");
  if (path[0] != '/')
    return error_set(err, ERROR_CONFIG, 0, "the working directory is outside of the container");
  return 0;
}

/* Asked twice only where the first answer is not taken: see enter_working_directory(). */
static void refuse(const char *cwd, int errnum, struct error *err)
{
  char why[REFUSAL_BYTES], inside[PATH_MAX];
  (void)snprintf(inside, sizeof inside, "%s/.", cwd);
  error_set(err, ERROR_CONFIG, errnum, "cannot enter the working directory '%s'%s", cwd,
            refusal_suffix(AT_FDCWD, inside, F_OK, errnum, why));
}

static int enter(struct init_context *init, struct error *err)
{
  const char *cwd = init->plan->process.cwd;
  if (chdir(cwd) < 0)
    refuse(cwd, errno, err);
  else if (check_inside(err) == 0)
    return 0;
  return error_at(err, "/process/cwd");
}

/* Root first, as users of runc expect: a directory that only root may enter is fine as cwd. ENOENT: below
 * /proc/self there is nothing as long as exec is not in the pid namespace. */
int enter_working_directory(struct init_context *init, struct error *err)
{
  if (enter(init, err) == 0)
    return 0;
  if (err->errnum != EACCES && err->errnum != ENOENT)
    return -1;
  error_clear(err);
  init->directory_pending = true;
  return 0;
}

/* Root may be nobody on NFS or FUSE while the user is somebody. */
int enter_working_directory_as_user(struct init_context *init, struct error *err)
{
  return enter(init, err);
}
