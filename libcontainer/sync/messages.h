/* SPDX-License-Identifier: Apache-2.0
 * The protocol between the runtime and init: one SOCK_SEQPACKET pair, one header, closed set of messages. The
 * table in messages.c is the protocol; this is its vocabulary. The runtime treats init as untrusted from the
 * moment it has read a file of the image: every message has a direction and a phase, and most come once. */
#pragma once
#include "libcontainer/base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum message_type {
  MSG_NONE,
  /* init -> runtime, answered by the one below it */
  MSG_MAP_IDS, /* in a new user namespace: write setgroups, uid_map, gid_map */
  MSG_IDS_MAPPED,
  MSG_FORKED,  /* the second process after fork-into-pid-namespace; its pid comes by SCM_CREDENTIALS */
  MSG_ADOPTED, /* payload: struct proceed, for its pid */
  MSG_MOVE_NET_DEVICES, /* into the network namespace that init is in */
  MSG_NET_DEVICES_MOVED,
  MSG_RUN_HOOKS, /* prestart and createRuntime hooks, in the runtime's namespaces */
  MSG_HOOKS_RAN, /* payload: struct proceed, for its pid */
  MSG_READY,     /* everything but the process itself is set up */
  MSG_PROCEED,   /* state is saved: go on (payload: struct proceed) */
  /* init -> runtime, not answered */
  MSG_FAILED, /* struct error */
  MSG_LOG,    /* level byte and text */
  MSG_SPAN,   /* struct span: a step's duration, for --trace */
  MSG_COUNT,
};
enum message_direction { FROM_INIT, FROM_RUNTIME };
enum message_phase { PHASE_NAMESPACES, PHASE_SETUP, PHASE_READY, PHASE_ANY };
struct message_row {
  const char *name;
  enum message_direction from;
  enum message_type reply; /* MSG_NONE: not answered */
  enum message_phase phase;
  bool once;
  size_t min_payload, max_payload;
  const char *purpose; /* one line for `hull steps` */
};
extern const struct message_row messages[MSG_COUNT]; /* [MSG_NONE] is empty */

#define MESSAGE_MAX 1536
struct message {
  uint16_t type, length; /* payload bytes */
  uint32_t index;        /* plan index, where one is named */
  unsigned char payload[MESSAGE_MAX];
};
#define MESSAGE_HEADER offsetof(struct message, payload)

struct proceed {
  pid_t pid;      /* init's, as the host sees it: for the state that hooks read */
  bool start_now; /* run: do not wait for `start` */
};
struct span {
  char category[16], name[48];
  uint64_t start_ns, duration_ns; /* start is 0 where the clock of the runtime can't be read */
};
