/* SPDX-License-Identifier: Apache-2.0
 * sd_notify(3) of a container, passed on: its processes find a socket of their own in /run/notify, and of all
 * that they say there the service manager is told only that they are ready and which process to watch. */
#pragma once
#include "libcontainer/runtime/state.h"

/* What 'run' and 'start' listen on and talk to; -1: nothing. */
struct notify {
  int socket, host;
};
/* clang-format off */
#define NOTIFY_INIT { .socket = -1, .host = -1 }
/* clang-format on */

/* The directory that is bound into the container. Also checks the service manager's address. */
int notify_make_directory(const struct state_dir *dir, const char *address, struct error *err);
bool notify_has_directory(const struct state_dir *dir);
void notify_remove_directory(int state_dir);
/* Binds the container's socket, and connects to the service manager's. To be done before the process can
 * speak. */
int notify_open(struct notify *notify, const struct state_dir *dir, const char *address, struct error *err);
void notify_close(struct notify *notify);
/* Until the container has said that it is ready (which is passed on), or has ended. Without the lock: others
 * may work on the container meanwhile. Closes 'notify'; trouble is logged, the container is none the worse.
 */
void notify_wait(struct notify *notify, const struct container_state *state, int pidfd);
/* The same in a process of its own, which ends with ours at the latest. An earlier notifier is left to
 * itself. */
void notify_wait_beside(struct notify *notify, const struct container_state *state, int pidfd,
                        struct notifier *notifier);
/* If the container has ended, waits up to 5 s until what it said last has been passed on. Closes 'notifier'.
 */
void notifier_finish(struct notifier *notifier);
void notifier_close(struct notifier *notifier);
