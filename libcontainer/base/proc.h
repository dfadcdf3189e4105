/* SPDX-License-Identifier: Apache-2.0
 * What the host's /proc says of processes, through a verified descriptor (fstatfs PROC_SUPER_MAGIC).
 * Paths below are relative to it, never "/proc/…" strings. */
#pragma once
#include "error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* O_PATH descriptor of the host's /proc; opened once per process, owned here. -1 if it is no procfs. */
int proc_root(struct error *err);
/* State letter and start time (clock ticks since boot) of 'pid', from /proc/PID/stat. -1 with errno
 * (ESRCH/ENOENT). */
int proc_stat(pid_t pid, char *state, uint64_t *start_time);
/* The parent of 'pid'; 0 if it is gone, or has none that we see. */
pid_t proc_parent(pid_t pid);
/* 1 if 'pid' has executed a program since it was forked, 0 if not, -1 if it is gone. execve(2) says so before
 * it closes descriptors, while a process that ends closes them without: so it tells what an end of stream
 * means. Also of a zombie. */
int proc_executed(pid_t pid);
/* How many seccomp filters 'pid' has, its parents' among them; -1 with errno if it is gone. Also of a zombie.
 */
int proc_seccomp_filters(pid_t pid);
/* True if 'pid' lives, is no zombie, and started at 'start_time'. */
bool proc_is(pid_t pid, uint64_t start_time);
/* True if the mount namespace that we are in is not owned by our user namespace (`unshare -U` without -m):
 * then mounts may not be cloned here, only in a copy of it. */
bool proc_has_foreign_mounts(void);
/* Whether this process is in a user namespace other than the initial one: by its map, which is the identity
 * over all ids there. */
int proc_in_user_namespace(bool *inside, struct error *err);
/* O_PATH descriptor of /proc/PID. */
int proc_pid_dir(pid_t pid, struct error *err);
