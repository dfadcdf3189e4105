/* SPDX-License-Identifier: Apache-2.0
 * The table of commands, in the order of the help. */
#include "cmd/command.h"
#include <string.h>

const struct command *const commands[] = {
  &create_command,   &start_command,
  &run_command,      &sandbox_command,
  &exec_command,     &state_command,
  &kill_command,     &pause_command,
  &resume_command,   &update_command,
  &mounts_command,   &delete_command,
  &list_command,     &ps_command,
  &stats_command,    &trace_command,
  &events_command,   &spec_command,
  &plan_command,     &validate_command,
  &seccomp_command,  &steps_command,
  &features_command, &check_command,
  &gc_command,       NULL,
};

const struct command *command_find(const char *name)
{
  for (const struct command *const *command = commands; *command; command++)
    if (strcmp((*command)->name, name) == 0)
      return *command;
  return NULL;
}
