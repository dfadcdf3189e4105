/* SPDX-License-Identifier: Apache-2.0
 * Runs a table of runtime steps: trace, fault, apply; undo backwards on failure. */
#include "libcontainer/runtime/steps.h"
#include "libcontainer/base/fault.h"
#include "libcontainer/base/trace.h"
#include <stddef.h>

static bool step_needed(const struct runtime_step *step, const void *context)
{
  return step->needed == NULL || step->needed(context);
}

static void undo_from(const struct runtime_step *first, const struct runtime_step *last, void *context)
{
  for (const struct runtime_step *step = last; step >= first; step--)
    if (step->undo != NULL && step_needed(step, context))
      step->undo(context);
}

int runtime_run(const struct runtime_step *steps, void *context, struct error *err)
{
  for (const struct runtime_step *step = steps; step->name != NULL; step++) {
    if (!step_needed(step, context))
      continue;
    const uint64_t start = trace_now();
    const int result = fault_check(step->name, err) < 0 ? -1 : step->apply(context, err);
    if (trace_on())
      trace_span("runtime", "step", step->name, start);
    if (result < 0) {
      error_in_step(err, step->name);
      undo_from(steps, step, context);
      return -1;
    }
  }
  return 0;
}
