/* SPDX-License-Identifier: Apache-2.0
 * Both ends of the runtime/init socket. No heap; usable after clone. */
#pragma once
#include "libcontainer/sync/messages.h"
#include <sys/types.h>

/* [0] for the runtime (SO_PASSCRED set), [1] for init; both close-on-exec. */
int sync_pair(int fds[2], struct error *err);

/* Init's side. */
/* Sends and, if the row has a reply, waits for it into 'reply' (may be NULL if its payload is not wanted). A
 * dead runtime (end of stream) is an error: init must then exit. */
int sync_call(int socket, enum message_type type, const void *payload, size_t length, struct message *reply,
              struct error *err);
/* Last words; never fails loudly. Uses write(2) only, so that a seccomp filter in force has one call to
 * allow. */
void sync_send_failure(int socket, const struct error *failure);
void sync_send_span(int socket, const char *category, const char *name, uint64_t start_ns,
                    uint64_t duration_ns);
void sync_send_log(int socket, int level, const char *text);

/* The runtime's side: checks size, type, direction, phase and repetition against the table. */
struct sync_server {
  int socket;
  enum message_phase phase;
  uint32_t seen; /* bit per message type that came */
};
/* Receives one message; 1: got one, 0: end of stream, -1: error (protocol violations are ERROR_INTERNAL).
 * MSG_FAILED is unpacked into 'err' and returned as -1. 'sender' gets the pid from SCM_CREDENTIALS. */
int sync_receive(struct sync_server *server, struct message *message, pid_t *sender, struct error *err);
int sync_reply(struct sync_server *server, enum message_type type, const void *payload, size_t length,
               struct error *err);
