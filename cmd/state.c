/* SPDX-License-Identifier: Apache-2.0
 * `hull state`: the OCI state of a container as JSON. */
#include "cmd/command.h"
#include "cmd/print.h"
#include "libcontainer/base/log.h"

static const struct option_row options[] = { { 0 } };

/* No newline at the end, as runc does. */
static int run(const struct call *call, struct hull_error *error)
{
  char *json;
  log_set_container(call->args[0]);
  struct hull *hull = call_open(call, error);
  if (!hull || hull_state(hull, call->args[0], &json, error) < 0)
    return -1;
  int status = print(json, error_inside(error));
  hull_free(json);
  return status;
}

const struct command state_command = {
  .name = "state",
  .arguments = "ID",
  .summary = "print the state of a container as JSON",
  .brief = "one, as OCI state",
  .group = GROUP_LOOK,
  .options = options,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
