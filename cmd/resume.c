/* SPDX-License-Identifier: Apache-2.0
 * `hull resume`: thaws a paused container. */
#include "cmd/command.h"
#include "libcontainer/base/log.h"

static const struct option_row options[] = { { 0 } };

static int run(const struct call *call, struct hull_error *error)
{
  log_set_container(call->args[0]);
  struct hull *hull = call_open(call, error);
  return hull ? hull_resume(hull, call->args[0], error) : -1;
}

const struct command resume_command = {
  .name = "resume",
  .arguments = "ID",
  .summary = "let a paused container go on",
  .brief = "let them go on",
  .group = GROUP_CHANGE,
  .options = options,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
