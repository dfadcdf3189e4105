/* SPDX-License-Identifier: Apache-2.0
 * What a container is doing, from its state and from what lives (runtime-spec, runtime.md "State"). */
#pragma once
#include "libcontainer/runtime/state.h"

enum container_status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };
/* creating: not committed and its creator holds the lock; stopped: init is gone, a zombie, or its pid belongs
 * to a younger process; created: start.fifo is there; paused: cgroup.freeze. */
enum container_status container_status(const struct state_dir *dir, const struct container_state *state);
/* The same; and whether a process of the container was killed for want of memory, which is known as long as
 * its cgroup is there. */
enum container_status container_status_and_oom(const struct state_dir *dir,
                                               const struct container_state *state, bool *oom_killed);
const char *status_name(enum container_status status);
/* The document for hooks and `state` ('pid' and 'status' as given). */
struct oci_state;
void state_document(const struct container_state *state, const char *status, pid_t pid,
                    struct oci_state *out);
/* True if the others end with init, because it is the first process of their pid namespace: not so if that is
 * shared or was joined. NSpid has its pid in each namespace, ours first (proc(5)). */
bool ends_with_init(const struct container_state *state);
/* How many seccomp filters we have, which every process that we make inherits; -1: can't tell. */
int own_filters(void);
/* Asked when 'pid' has executed a program under a seccomp filter, as far as it says: fails unless the kernel
 * shows more than the 'before' that it had without its own. One that is gone, or that did not start at
 * 'start_time' (0: it is our child), passes. */
int check_filtered(pid_t pid, uint64_t start_time, int before, struct error *err);
/* 1: init lives, *pidfd is its; 0: it is gone, or its pid belongs to a younger process, and *pidfd is -1 (a
 * zombie that nobody reaped yet: *pidfd is its, for waitid); -1: can't tell. */
int init_open(const struct container_state *state, int *pidfd, struct error *err);
