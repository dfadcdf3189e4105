/* SPDX-License-Identifier: Apache-2.0
 * `hull delete`: removes a container and everything that belongs to it. */
#include "cmd/command.h"
#include "libcontainer/base/log.h"

static struct {
  bool force;
} given;
typedef __typeof__(given) delete_values;

static const struct option_row options[] = {
  { .name = "force",
    .letter = 'f',
    .kind = OPTION_FLAG,
    OPTION_AT(delete_values, force),
    .help = "kill it first; an unknown container is no error" },
  { 0 },
};

static int run(const struct call *call, struct hull_error *error)
{
  log_set_container(call->args[0]);
  struct hull *hull = call_open(call, error);
  return hull ? hull_delete(hull, call->args[0], given.force, error) : -1;
}

const struct command delete_command = {
  .name = "delete",
  .arguments = "ID",
  .summary = "remove a container that does not run",
  .brief = "remove what has stopped",
  .group = GROUP_CONTAINERS,
  .options = options,
  .values = &given,
  .min_args = 1,
  .max_args = 1,
  .run = run,
};
