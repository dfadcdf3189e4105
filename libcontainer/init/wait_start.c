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
static int await_start(const struct init_context *init, struct error *err)
{
  char byte;
  ssize_t n;
  do
    n = read(init->start_fifo, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1)
    return error_set(err, ERROR_KERNEL, n < 0 ? errno : 0, "cannot wait for start");
  return 0;
}

/* runtime.md, "Create" and "Start": without a process there may be a container, but `start` is an error, and
 * an error has no effect. So we tell each `start` and go on waiting. */
static int refuse_start(const struct init_context *init, struct error *err)
{
  struct error none = { 0 };
  error_set(&none, ERROR_CONFIG, 0, "config.json has no process: there is nothing to start");
  error_at(&none, "/process");
  if (init->start_now) {
    *err = none;
    return -1;
  }
  for (;;)
    if (await_start(init, err) < 0 || fd_write_all(init->reply_fifo, &none, sizeof none) < 0)
      return -1;
}

int wait_for_start(struct init_context *init, struct error *err)
{
  if (init->plan->process.argv == NULL)
    return refuse_start(init, err);
  return init->start_now ? 0 : await_start(init, err);
}
