/* SPDX-License-Identifier: Apache-2.0
 * Waiting for a process in the foreground: its terminal is relayed byte for byte, signals are forwarded,
 * its exit status becomes ours. */
#pragma once
#include "libcontainer/base/error.h"
#include "libcontainer/container.h"

enum foreground_kind {
  FOREGROUND_PLAIN,
  FOREGROUND_SUBREAPER /* orphans of the container become our children */
};

struct foreground {
  int receiver;                 /* for the library: the terminal's master is sent here */
  int sender;                   /* our end of that socket */
  unsigned short rows, columns; /* of our own terminal, 0 if there is none */
  uint64_t timeout_ns;          /* set it before foreground_wait: then the process is killed; 0: none */
  bool timed_out;               /* after foreground_wait */
  int signal;                   /* after foreground_wait: the one that ended the process, or 0 */
};

/* Call before the process is made: from here on signals are held back until foreground_wait() forwards
 * them. */
int foreground_begin(struct foreground *foreground, enum foreground_kind kind, struct error *err);
/* Relays until the process ends and all of its output is out; closes what it opened, and process->pidfd.
 * Returns the exit status, 128 + the number of the signal that ended it, or -1. */
int foreground_wait(struct foreground *foreground, struct hull_process *process, struct error *err);
