/* SPDX-License-Identifier: Apache-2.0
 * The protocol table: who says what, when, how often, and what answers it. */
#include "libcontainer/sync/messages.h"

const struct message_row messages[MSG_COUNT] = {
  [MSG_MAP_IDS] = { "MAP_IDS", FROM_INIT, MSG_IDS_MAPPED, PHASE_NAMESPACES, true, 0, 0,
                    "the new user namespace needs its id maps: only a process outside may write them" },
  [MSG_IDS_MAPPED] = { "IDS_MAPPED", FROM_RUNTIME, MSG_NONE, PHASE_NAMESPACES, true, 0, 0,
                       "maps are written" },
  [MSG_FORKED] = { "FORKED", FROM_INIT, MSG_ADOPTED, PHASE_NAMESPACES, true, 0, 0,
                   "init forked into its pid namespace: the kernel's credentials name the new process" },
  [MSG_ADOPTED] = { "ADOPTED", FROM_RUNTIME, MSG_NONE, PHASE_NAMESPACES, true, sizeof(struct proceed),
                    sizeof(struct proceed), "the new process is watched; the old one may go" },
  [MSG_MOVE_NET_DEVICES] = { "MOVE_NET_DEVICES", FROM_INIT, MSG_NET_DEVICES_MOVED, PHASE_SETUP, true, 0, 0,
                             "init is in its network namespace: devices of the host can come" },
  [MSG_NET_DEVICES_MOVED] = { "NET_DEVICES_MOVED", FROM_RUNTIME, MSG_NONE, PHASE_SETUP, true, 0, 0,
                              "they are there, with their addresses" },
  [MSG_RUN_HOOKS] = { "RUN_HOOKS", FROM_INIT, MSG_HOOKS_RAN, PHASE_SETUP, true, 0, 0,
                      "mounts are made, the root is not switched yet: time for prestart and createRuntime" },
  [MSG_HOOKS_RAN] = { "HOOKS_RAN", FROM_RUNTIME, MSG_NONE, PHASE_SETUP, true, sizeof(struct proceed),
                      sizeof(struct proceed),
                      "they succeeded; the pid is for the state of createContainer hooks" },
  [MSG_READY] = { "READY", FROM_INIT, MSG_PROCEED, PHASE_READY, true, 0, 0,
                  "all is set up but the process itself: the state can be saved" },
  [MSG_PROCEED] = { "PROCEED", FROM_RUNTIME, MSG_NONE, PHASE_READY, true, sizeof(struct proceed),
                    sizeof(struct proceed), "the container exists now; wait for start, or go on" },
  [MSG_FAILED] = { "FAILED", FROM_INIT, MSG_NONE, PHASE_ANY, true, sizeof(struct error), sizeof(struct error),
                   "a step failed; init exits, the runtime undoes" },
  [MSG_LOG] = { "LOG", FROM_INIT, MSG_NONE, PHASE_ANY, false, 1, MESSAGE_MAX, "a line for the log" },
  [MSG_SPAN] = { "SPAN", FROM_INIT, MSG_NONE, PHASE_ANY, false, sizeof(struct span), sizeof(struct span),
                 "how long a step took, for --trace" },
};
