/* SPDX-License-Identifier: Apache-2.0
 * Hooks as init sees them: it asks the runtime for those of the runtime's namespaces and runs the others
 * itself. */
#include "libcontainer/init/hook_run.h"
#include "libcontainer/init/steps.h"
#include "libcontainer/sync/sync.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int ask_runtime_hooks(struct init_context *init, struct error *err)
{
  struct message reply;
  struct proceed answer;
  if (sync_call(init->sync, MSG_RUN_HOOKS, NULL, 0, &reply, err) < 0)
    return -1;
  memcpy(&answer, reply.payload, sizeof answer);
  init->host_pid = answer.pid;
  return 0;
}

#define PID_MEMBER "\"pid\":"
/* The runtime writes the state before our pid is known and leaves HOOK_PID_SLOT for it. Only as a member of
 * that name: a string, in which quotes are escaped, may hold the same blanks. */
void fill_pid(pid_t pid, char *text)
{
  char digits[sizeof HOOK_PID_SLOT + 4];
  const int n = snprintf(digits, sizeof digits, "%*d", (int)sizeof HOOK_PID_SLOT - 1, (int)pid);
  if (text == NULL)
    return;
  for (char *slot = text; (slot = strstr(slot, PID_MEMBER HOOK_PID_SLOT)) != NULL;) {
    slot += sizeof PID_MEMBER - 1;
    memcpy(slot, digits, (size_t)n < sizeof HOOK_PID_SLOT ? (size_t)n : sizeof HOOK_PID_SLOT - 1);
  }
}

/* runtime.md, "State": what runs in the container's namespaces gets the pid as it is seen there. */
int run_create_container_hooks(struct init_context *init, struct error *err)
{
  fill_pid(getpid(), init->hook_state);
  const struct hook_run run = { .kind = "createContainer",
                                .state = init->hook_state,
                                .outputs = init->hook_outputs,
                                .environment = environ };
  return hooks_run(&init->plan->hooks->create_container, &run, err);
}

/* Security: the hook is a file of the image. It runs with what the process will have and nothing more: also
 * without the capability that we keep for loading the filter. */
static int drop_kept_capability(void *data, struct error *err)
{
  struct init_context *init = data;
  return capability_for_filter(init) != 0 ? drop_last_capability(init, err) : 0;
}

int run_start_container_hooks(struct init_context *init, struct error *err)
{
  fill_pid(getpid(), init->hook_state_start);
  const struct hook_run run = { .kind = "startContainer",
                                .state = init->hook_state_start,
                                .outputs = init->hook_outputs,
                                .data = init,
                                .prepare = drop_kept_capability,
                                .environment = init->plan->process.envp };
  return hooks_run(&init->plan->hooks->start_container, &run, err);
}
