/* SPDX-License-Identifier: Apache-2.0
 * Runs a step table: traces, injects faults, applies, and says which step failed. */
#include "libcontainer/init/step.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/trace.h"
#include "libcontainer/sync/sync.h"
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int run_step(struct init_context *init, const struct init_step *step, struct error *err)
{
  const uint64_t start = init->trace ? now_ns() : 0;
  if (fault_check(step->name, err) < 0 || step->apply(init, err) < 0)
    return error_in_step(err, step->name);
  if (init->trace && init->sync >= 0) {
    const uint64_t end = now_ns();
    /* In a new time namespace this clock is not the runtime's: only the duration holds. */
    const bool same_clock = init->plan->namespaces[NS_TIME].how == NS_KEEP;
    sync_send_span(init->sync, "step", step->name, same_clock ? start : 0, end - start);
  }
  return 0;
}

/* `create` waits on the socket; once it is gone, `start` waits on the fifo. */
static void report_failure(struct init_context *init, const struct error *failure)
{
  if (!init->runtime_gone && init->sync >= 0)
    sync_send_failure(init->sync, failure);
  else if (init->reply_fifo >= 0)
    (void)fd_write_all(init->reply_fifo, failure, sizeof *failure); /* `start` also sees the fifo close */
}

void init_run(struct init_context *init, const struct init_step *steps)
{
  struct error err = { 0 };
  for (const struct init_step *step = steps; step->name != NULL; step++) {
    if (step->needed != NULL && !step->needed(init))
      continue;
    if (run_step(init, step, &err) < 0)
      break;
  }
  report_failure(init, &err);
}
