/* SPDX-License-Identifier: Apache-2.0
 * `hull kill`: sends a signal to a container. */
#include "cmd/command.h"
#include "libcontainer/base/log.h"

static struct {
  bool all;
} given;
typedef __typeof__(given) kill_values;

static const struct option_row options[] = {
  { .name = "all",
    .letter = 'a',
    .kind = OPTION_FLAG,
    OPTION_AT(kill_values, all),
    .help = "every process; a stopped container is no error" },
  { 0 },
};

static int run(const struct call *call, struct hull_error *error)
{
  log_set_container(call->args[0]);
  int signal = HULL_STOP_SIGNAL;
  if (call->arg_count > 1 && (signal = hull_signal_number(call->args[1])) < 0)
    return error_set(error_inside(error), ERROR_USAGE, 0, "unknown signal '%s'", call->args[1]);
  struct hull *hull = call_open(call, error);
  return hull ? hull_kill(hull, call->args[0], signal, given.all, error) : -1;
}

const struct command kill_command = {
  .name = "kill",
  .arguments = "ID [SIGNAL]",
  .summary = "send a signal (default: the image's stop signal, TERM) to a container",
  .brief = "send a signal",
  .group = GROUP_CONTAINERS,
  .options = options,
  .values = &given,
  .min_args = 1,
  .max_args = 2,
  .options_end = OPTIONS_BEFORE,
  .run = run,
};
