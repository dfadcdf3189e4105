/* SPDX-License-Identifier: Apache-2.0
 * Tells the caller which process it is: pid file, pidfd socket. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/file.h"
#include "libcontainer/runtime/create.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Decimal, no newline: conmon and containerd read the whole file as a number. */
int write_pid_file(void *context, struct error *err)
{
  struct launch *l = context;
  char text[16];
  const int n = snprintf(text, sizeof text, "%d", (int)l->pid);
  if (file_replace(AT_FDCWD, l->wishes.pid_file, text, (size_t)n, 0644, err) < 0)
    return error_wrap(err, "cannot write the pid file");
  l->pid_file_written = true;
  return 0;
}

void remove_pid_file(void *context)
{
  struct launch *l = context;
  if (l->pid_file_written)
    (void)unlink(l->wishes.pid_file); /* best effort: its pid is dead, and the caller sees our exit status */
}

int send_pidfd(void *context, struct error *err)
{
  struct launch *l = context;
  auto_close int socket = unix_connect(l->wishes.pidfd_socket, err);
  if (socket < 0 || fds_send(socket, "pidfd", 5, &l->pidfd, 1, err) < 0)
    return error_wrap(err, "cannot send the pidfd to '%s'", l->wishes.pidfd_socket);
  return 0;
}
