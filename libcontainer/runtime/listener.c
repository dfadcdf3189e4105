/* SPDX-License-Identifier: Apache-2.0
 * The seccomp agent of SCMP_ACT_NOTIFY (config-linux.md, "Seccomp", listenerPath): connected to before the
 * clone, because its path is the host's; init sends the listener once the filter is in force. */
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/text.h"
#include "libcontainer/init/step.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/hooks.h"
#include "libcontainer/runtime/status.h"
#include "spec/json_write.h"
#include "spec/state.h"
#include <string.h>

/* "The container process state": of a process whose pid is not known yet. */
static char *process_state(struct launch *l)
{
  static const char held[] = "\"pid\":1111111111";
  struct text json;
  struct oci_state document;
  text_init(&json, l->arena);
  struct json_writer *w = json_writer_create(&json, 0);
  json_begin_object(w);
  json_key(w, "ociVersion");
  json_string(w, l->state.oci_version);
  json_key(w, "fds");
  json_begin_array(w);
  json_string(w, "seccompFd");
  json_end_array(w);
  json_key(w, "pid");
  json_uint(w, 1111111111);
  if (l->plan.seccomp->listener_metadata) {
    json_key(w, "metadata");
    json_string(w, l->plan.seccomp->listener_metadata);
  }
  json_end_object(w);
  json_finish(w);
  char *slot = strstr(json.data, held);
  memcpy(slot + sizeof held - sizeof HOOK_PID_SLOT, HOOK_PID_SLOT, sizeof HOOK_PID_SLOT - 1);
  json.data[strlen(json.data) - 1] = '\0';
  if (!l->exec)
    return arena_printf(l->arena, "%s,\"state\":%s}", json.data,
                        hook_state_text(l->arena, &l->state, "creating"));
  struct text state;
  text_init(&state, l->arena);
  state_document(&l->state, status_name(STATUS_RUNNING), l->state.pid, &document);
  state_for_hooks(&document, &state);
  return arena_printf(l->arena, "%s,\"state\":%s}", json.data, text_string(&state));
}

int connect_seccomp_agent(void *context, struct error *err)
{
  struct launch *l = context;
  if ((l->init.seccomp_agent = unix_connect(l->plan.seccomp->listener_path, err)) < 0) {
    error_wrap(err, "cannot connect to the seccomp agent");
    return error_at(err, "/linux/seccomp/listenerPath");
  }
  l->init.seccomp_agent_message = process_state(l);
  return 0;
}
