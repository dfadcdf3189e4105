/* SPDX-License-Identifier: Apache-2.0
 * `hull pause`: freezes all processes of a container. */
#include "cmd/command.h"
#include "libcontainer/base/log.h"

static const struct option_row options[] = { { 0 } };

static int run(const struct call *call, struct hull_error *error)
{
  log_set_container(call->args[0]);
  struct hull *hull = call_open(call, error);
  return hull ? hull_pause(hull, call->args[0], error) : -1;
}

const struct command pause_command = {
  .name = "pause",
  .arguments = "ID",
  .summary = "freeze all processes of a container",
  .brief = "freeze all processes",
  .group = GROUP_CHANGE,
  .options = options,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
