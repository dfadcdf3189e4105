/* SPDX-License-Identifier: Apache-2.0
 * The option --seccomp-report of run and exec: opened before the container is made, written when it is gone.
 */
#include "cmd/seccomp_report.h"
#include "libcontainer/base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static bool to_standard_error(const struct seccomp_report_file *file)
{
  return strcmp(file->path, "-") == 0;
}

int seccomp_report_begin(struct seccomp_report_file *file, const char *path, struct error *err)
{
  *file = (struct seccomp_report_file){ .path = path, .fd = -1 };
  if (to_standard_error(file))
    return 0;
  file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0644);
  if (file->fd < 0)
    return error_set(err, ERROR_USAGE, errno, "cannot write the seccomp report '%s'; nothing was started",
                     path);
  return 0;
}

int seccomp_report_status(const struct hull_seccomp_report *report, pid_t pid, struct foreground *foreground,
                          int status)
{
  if (foreground->signal != SIGKILL || !hull_seccomp_report_killed(report, pid))
    return status;
  foreground->signal = SIGSYS;
  return 128 + SIGSYS;
}

int seccomp_report_end(struct seccomp_report_file *file, int status, struct error *err)
{
  char *text = hull_seccomp_report_read(file->report, !to_standard_error(file));
  const int fd = to_standard_error(file) ? STDERR_FILENO : file->fd;
  const bool written = fd_write_all(fd, text, strlen(text)) == 0;
  const int errnum = errno;
  hull_free(text);
  hull_seccomp_report_close(file->report);
  fd_close(&file->fd);
  if (!written && status >= 0) /* else there is another error to tell */
    return error_set(err, ERROR_HOST, errnum, "cannot write the seccomp report '%s'", file->path);
  return status;
}

int seccomp_report_refuse_detach(struct error *err)
{
  return error_set(err, ERROR_USAGE, 0,
                   "--seccomp-report is written when the process has ended: leave out --detach");
}
