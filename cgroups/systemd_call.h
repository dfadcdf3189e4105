/* SPDX-License-Identifier: Apache-2.0
 * Runs hull-systemd, the program beside hull that speaks D-Bus, for one request. Private to cgroups/. */
#pragma once
#include "cgroups/systemd_wire.h"
#include <sys/types.h>

/* A hull-systemd that keeps a new scope populated. */
struct unit_keeper {
  pid_t pid; /* 0: none */
  int socket;
};

/* Error if the program is not there. */
int unit_program_check(struct error *err);
/* Sends the request and waits for the reply, which may tell of a failure. 'keeper' (may be NULL) gets the
 * program of a successful UNIT_START. -1: it could not be run, or did not answer. */
int unit_call(struct arena *arena, const struct unit_request *request, struct unit_reply *reply,
              struct unit_keeper *keeper, struct error *err);
/* Lets the scope's first process go, and waits until it has gone. */
void unit_keeper_end(struct unit_keeper *keeper);
