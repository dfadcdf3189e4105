/* SPDX-License-Identifier: Apache-2.0
 * `hull start`: lets the process of a created container go on. */
#include "cmd/command.h"
#include "libcontainer/base/log.h"

static const struct option_row options[] = { { 0 } };

static int run(const struct call *call, struct hull_error *error)
{
  log_set_container(call->args[0]);
  struct hull *hull = call_open(call, error);
  return hull ? hull_start(hull, call->args[0], error) : -1;
}

const struct command start_command = {
  .name = "start",
  .arguments = "ID",
  .summary = "start the process of a created container",
  .brief = "run what create made",
  .group = GROUP_CONTAINERS,
  .options = options,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
