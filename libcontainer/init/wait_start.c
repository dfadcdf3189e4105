/* SPDX-License-Identifier: Apache-2.0
 * The end of create and the beginning of start. */
#include "libcontainer/base/fd.h"
#include "libcontainer/init/hook_run.h"
#include "libcontainer/init/steps.h"
#include "libcontainer/sync/sync.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int report_ready(struct init_context *init, struct error *err)
{
  struct message reply;
  struct proceed proceed;
  if (sync_call(init->sync, MSG_READY, NULL, 0, &reply, err) < 0)
    return -1;
  memcpy(&proceed, reply.payload, sizeof proceed);
  init->start_now = proceed.start_now;
  init->host_pid = proceed.pid;
  if (!init->start_now) {
    init->runtime_gone = true;
    fd_close(&init->sync);
  }
  return 0;
}

/* We hold the fifo open for writing too, so that a `start` that dies between open and write leaves us waiting
 * for the next one instead of at end of file. */
int wait_for_start(struct init_context *init, struct error *err)
{
  char byte;
  ssize_t n;
  if (init->start_now)
    return 0;
  do
    n = read(init->start_fifo, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1)
    return error_set(err, ERROR_KERNEL, n < 0 ? errno : 0, "cannot wait for start");
  return 0;
}
