/* SPDX-License-Identifier: Apache-2.0
 * `hull mounts`: adds mounts to a running container, or takes them away. */
#include "cmd/command.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include <fcntl.h>
#include <string.h>

#define MOUNTS_MAX_BYTES (16 << 20) /* as a config.json */

static const struct option_row options[] = { { 0 } };
static unsigned no_fds; /* it enters the container: none of the caller's descriptors may be open then */

static int run(const struct call *call, struct hull_error *error)
{
  struct error *err = error_inside(error);
  const char *verb = call->args[0], *id = call->args[1], *file = call->args[2];
  const bool addition = strcmp(verb, "add") == 0;
  size_t length;
  if (!addition && strcmp(verb, "remove") != 0)
    return error_set(err, ERROR_USAGE, 0, "mounts: 'add' or 'remove' is expected, not '%s'", verb);
  log_set_container(id);
  const char *bytes = file_read(call->arena, AT_FDCWD, file, MOUNTS_MAX_BYTES, &length, err);
  if (!bytes)
    return error_wrap(err, "cannot read the mounts");
  struct hull *hull = call_open(call, error);
  if (!hull)
    return -1;
  return addition ? hull_mounts_add(hull, id, bytes, length, file, error)
                  : hull_mounts_remove(hull, id, bytes, length, file, error);
}

const struct command mounts_command = {
  .name = "mounts",
  .arguments = "add|remove ID FILE",
  .summary = "add or remove mounts of a running container (FILE: a list as 'mounts' of config.json)",
  .brief = "add or remove mounts",
  .group = GROUP_CHANGE,
  .options = options,
  .preserve_fds = &no_fds,
  .min_args = 3,
  .max_args = 3,
  .run = run,
};
